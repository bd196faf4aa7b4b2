/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publish/sealed_quota.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/fault.h"
#include "host/clock.h"
#include "store/published.h"

/* Who is told that it is full is told by a listing that is no older. */
#define LIST_FULL_MS (5 * 1000)
/* Without one, what was ended would count for ever. */
#define LIST_MS (10 * 60 * 1000)

struct OskSealedQuota {
    OskStore *store;
    pthread_mutex_t listing; /* one lists at a time; taken before `lock` */
    pthread_mutex_t lock;    /* of what follows */
    uint64_t kept;
    uint64_t kept_meanwhile; /* since the listing that runs began */
    uint64_t claimed;
    unsigned claims;
    int64_t listed_ms;
    bool is_listed;
};

static uint64_t charge_of(uint64_t len)
{
    return len > OSK_SEALED_CHARGE_MIN ? len : OSK_SEALED_CHARGE_MIN;
}

OskStatus osk_sealed_quota_open(OskSealedQuota **out, OskStore *store)
{
    OskSealedQuota *quota = calloc(1, sizeof(*quota));
    if (quota == NULL) {
        return OSK_NO_MEMORY;
    }
    quota->store = store;
    pthread_mutex_init(&quota->listing, NULL);
    pthread_mutex_init(&quota->lock, NULL);
    *out = quota;
    return OSK_OK;
}

void osk_sealed_quota_close(OskSealedQuota **quota)
{
    if (*quota != NULL) {
        pthread_mutex_destroy(&(*quota)->lock);
        pthread_mutex_destroy(&(*quota)->listing);
        free(*quota);
    }
    *quota = NULL;
}

static bool add_row(void *context, const OskRecordRow *row)
{
    uint64_t *sum = context;
    bool has_bytes = row->sealed_len > 0;
    *sum += (row->flags & OSK_SHARE_SEALED) != 0 && has_bytes ? charge_of(row->sealed_len) : 0;
    return true;
}

/* Counts too much rather than too little of what is kept meanwhile. */
static OskStatus list(OskSealedQuota *quota, OskFault *fault)
{
    const OskRecordQuery query = { .space = OSK_SPACE_SHARE, .without_bytes = true };
    uint64_t sum = 0;
    pthread_mutex_lock(&quota->lock);
    quota->kept_meanwhile = 0;
    pthread_mutex_unlock(&quota->lock);
    OskStatus status = osk_store_records(quota->store, &query, add_row, &sum, fault);
    if (status == OSK_OK) {
        pthread_mutex_lock(&quota->lock);
        quota->kept = sum + quota->kept_meanwhile;
        quota->listed_ms = osk_now_ms();
        quota->is_listed = true;
        pthread_mutex_unlock(&quota->lock);
    }
    return status;
}

/* Whether a listing no older than `ms` is there. */
static bool is_fresh(OskSealedQuota *quota, int64_t ms)
{
    pthread_mutex_lock(&quota->lock);
    bool fresh = quota->is_listed && osk_now_ms() - quota->listed_ms < ms;
    pthread_mutex_unlock(&quota->lock);
    return fresh;
}

static OskStatus list_unless_fresh(OskSealedQuota *quota, int64_t ms, OskFault *fault)
{
    OskStatus status = OSK_OK;
    if (!is_fresh(quota, ms)) {
        pthread_mutex_lock(&quota->listing);
        status = is_fresh(quota, ms) ? OSK_OK : list(quota, fault);
        pthread_mutex_unlock(&quota->listing);
    }
    return status;
}

static OskStatus take(OskSealedQuota *quota, uint64_t charge, uint64_t total, OskFault *fault)
{
    OskStatus status = OSK_OK;
    pthread_mutex_lock(&quota->lock);
    uint64_t taken = quota->kept + quota->claimed;
    if (quota->claims >= OSK_SEALED_AT_ONCE) {
        status = osk_fault_set(fault, OSK_LIMIT, "turn", "too many come at once", OSK_NO_OFFSET);
    } else if (taken > total || charge > total - taken) {
        status =
            osk_fault_set(fault, OSK_LIMIT, "quota", "all of its room is taken", OSK_NO_OFFSET);
    } else {
        quota->claimed += charge;
        quota->claims++;
    }
    pthread_mutex_unlock(&quota->lock);
    return status;
}

OskStatus osk_sealed_quota_claim(OskSealedQuota *quota, uint64_t len, uint64_t total,
                                 OskFault *fault)
{
    OskStatus status = list_unless_fresh(quota, LIST_MS, fault);
    if (status != OSK_OK) {
        return status;
    }
    status = take(quota, charge_of(len), total, fault);
    if (status != OSK_LIMIT || is_fresh(quota, LIST_FULL_MS)) {
        return status;
    }
    *fault = (OskFault){ .status = OSK_OK };
    status = list_unless_fresh(quota, LIST_FULL_MS, fault);
    return status == OSK_OK ? take(quota, charge_of(len), total, fault) : status;
}

void osk_sealed_quota_settle(OskSealedQuota *quota, uint64_t len, bool is_kept)
{
    uint64_t charge = charge_of(len);
    pthread_mutex_lock(&quota->lock);
    quota->claimed -= charge;
    quota->claims--;
    quota->kept += is_kept ? charge : 0;
    quota->kept_meanwhile += is_kept ? charge : 0;
    pthread_mutex_unlock(&quota->lock);
}
