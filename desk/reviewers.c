/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/reviewers.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "desk/hex.h"

/* RFC 9106's second choice. */
#define ARGON_PASSES 3u
#define ARGON_KIB (64u * 1024)

/* A row whose version goes up with each change of a reviewer: other processes see that there was
 * one, and two can't decide from the same state. */
static const OskRecordKey state_key = { .space = OSK_SPACE_DESK_STATE, .id = { { 1 } } };

typedef struct Everybody {
    uint64_t state; /* version of that row */
    OskReviewer items[OSK_REVIEWERS_MAX];
    size_t count;
} Everybody;

struct OskReviewers {
    OskAudit *audit;
    OskStore *store;
    pthread_mutex_t lock; /* of what follows; held while a row is stored */
    Everybody all;
};

static const char *const role_names[] = { NULL, "reviewer", "publisher", "admin" };

const char *osk_role_name(OskRole role)
{
    return role_names[role];
}

OskRole osk_role_of(const char *name)
{
    for (int role = OSK_ROLE_REVIEWER; name != NULL && role <= OSK_ROLE_ADMIN; role++) {
        if (strcmp(role_names[role], name) == 0) {
            return (OskRole)role;
        }
    }
    return OSK_ROLE_NONE;
}

bool osk_reviewer_is_name(const char *name)
{
    size_t len = name == NULL ? 0 : strnlen(name, OSK_REVIEWER_NAME_BYTES);
    if (len == 0 || len == OSK_REVIEWER_NAME_BYTES || name[0] == ' ' || name[len - 1] == ' ') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7F) {
            return false;
        }
    }
    return true;
}

/* ---- passphrases ---- */

static bool derive(const char *passphrase, const uint8_t salt[16], uint8_t out[32])
{
    const OskArgon2 of = { .secret = passphrase,
                           .secret_len = strlen(passphrase),
                           .salt = salt,
                           .passes = ARGON_PASSES,
                           .memory_kib = ARGON_KIB };
    return osk_seal_argon2id(&of, out, 32) == OSK_OK;
}

OskStatus osk_reviewer_set_passphrase(OskReviewer *reviewer, const char *passphrase,
                                      const OskRandom *random)
{
    size_t len = strnlen(passphrase, OSK_REVIEWER_PASSPHRASE_MAX + 1);
    if (len < OSK_REVIEWER_PASSPHRASE_MIN || len > OSK_REVIEWER_PASSPHRASE_MAX) {
        return OSK_MISUSE;
    }
    if (!random->fill(random->context, reviewer->salt, sizeof(reviewer->salt))) {
        return OSK_IO;
    }
    return derive(passphrase, reviewer->salt, reviewer->verifier) ? OSK_OK : OSK_NO_MEMORY;
}

bool osk_reviewer_knows(const OskReviewer *reviewer, const char *passphrase)
{
    uint8_t verifier[32];
    size_t len = strnlen(passphrase, OSK_REVIEWER_PASSPHRASE_MAX + 1);
    bool knows = len <= OSK_REVIEWER_PASSPHRASE_MAX &&
                 derive(passphrase, reviewer->salt, verifier) &&
                 osk_seal_equal(verifier, reviewer->verifier, sizeof(verifier)) &&
                 reviewer->role != OSK_ROLE_NONE;
    osk_seal_wipe(verifier, sizeof(verifier));
    return knows;
}

/* ---- rows ---- */

static void set_hex(OskJson *json, const char *key, const uint8_t *bytes, size_t len)
{
    char text[OSK_HEX_BYTES(32)];
    osk_hex_write(bytes, len, text);
    osk_json_set_text(json, key, text);
    osk_seal_wipe(text, sizeof(text));
}

static char *write_row(const OskReviewer *reviewer, size_t *out_len)
{
    char recipient[OSK_RECIPIENT_TEXT_BYTES];
    OskJson *json = osk_json_object("oilskin/reviewer/1");
    osk_recipient_text(&reviewer->recipient, recipient);
    osk_json_set_text(json, "name", reviewer->name);
    osk_json_set_text(json, "role", osk_role_name(reviewer->role));
    osk_json_set_text(json, "recipient", recipient);
    set_hex(json, "salt", reviewer->salt, sizeof(reviewer->salt));
    set_hex(json, "verifier", reviewer->verifier, sizeof(reviewer->verifier));
    if (reviewer->has_totp) {
        set_hex(json, "totp", reviewer->totp, sizeof(reviewer->totp));
        osk_json_set_whole(json, "totp_used", reviewer->totp_used);
    }
    char *text = osk_json_write(json, out_len);
    osk_json_free(&json);
    return text;
}

static bool get_hex(const OskJson *json, const char *key, uint8_t *out, size_t len)
{
    return osk_hex_read(osk_json_text(osk_json_get(json, key)), out, len);
}

static bool read_members(const OskJson *json, OskReviewer *out)
{
    OskFault fault = { 0 };
    const char *name = osk_json_text(osk_json_get(json, "name"));
    const char *recipient = osk_json_text(osk_json_get(json, "recipient"));
    if (!osk_reviewer_is_name(name) || recipient == NULL ||
        osk_recipient_parse(&out->recipient, recipient, strlen(recipient), &fault) != OSK_OK ||
        !get_hex(json, "salt", out->salt, sizeof(out->salt)) ||
        !get_hex(json, "verifier", out->verifier, sizeof(out->verifier))) {
        return false;
    }
    memcpy(out->name, name, strlen(name) + 1);
    out->role = osk_role_of(osk_json_text(osk_json_get(json, "role")));
    out->has_totp = osk_json_get(json, "totp") != NULL;
    return out->role != OSK_ROLE_NONE &&
           (!out->has_totp || (get_hex(json, "totp", out->totp, sizeof(out->totp)) &&
                               osk_json_whole(osk_json_get(json, "totp_used"), &out->totp_used)));
}

typedef struct Loading {
    Everybody *all;
    bool failed;
} Loading;

static bool load(void *context, const OskRecordRow *row)
{
    Loading *loading = context;
    Everybody *all = loading->all;
    OskJson *json = NULL;
    OskFault fault = { 0 };
    bool fits =
        all->count < OSK_REVIEWERS_MAX &&
        osk_json_read(&json, (const char *)row->bytes.bytes, row->bytes.len, &fault) == OSK_OK;
    if (fits) {
        OskReviewer *out = &all->items[all->count++];
        out->id = row->key.id;
        out->version = row->version;
        fits = read_members(json, out);
    }
    osk_json_free(&json);
    loading->failed = !fits;
    return fits;
}

/* False with the fault set. */
static bool read_state(OskStore *store, uint64_t *out, OskFault *fault)
{
    OskRecordRow row;
    *out = 0;
    if (osk_store_record(store, &state_key, &row, fault)) {
        *out = row.version;
        osk_record_row_free(&row);
    }
    return fault->status == OSK_OK;
}

/* The state first: what changes behind it is read again. */
static OskStatus load_all(OskStore *store, Everybody *all, OskFault *fault)
{
    Loading loading = { .all = all };
    const OskRecordQuery query = { .space = OSK_SPACE_REVIEWER };
    *fault = (OskFault){ .status = OSK_OK };
    if (!read_state(store, &all->state, fault)) {
        return fault->status;
    }
    OskStatus status = osk_store_records(store, &query, load, &loading, fault);
    return status == OSK_OK && loading.failed
               ? osk_fault_set(fault, OSK_MALFORMED, "reviewers",
                               "the row of a reviewer can't be read", OSK_NO_OFFSET)
               : status;
}

OskStatus osk_reviewers_open(OskReviewers **out, OskStore *store, OskAudit *audit, OskFault *fault)
{
    *out = NULL;
    OskReviewers *reviewers = calloc(1, sizeof(*reviewers));
    if (reviewers == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    pthread_mutex_init(&reviewers->lock, NULL);
    reviewers->audit = audit;
    reviewers->store = store;
    OskStatus status = load_all(store, &reviewers->all, fault);
    if (status != OSK_OK) {
        osk_reviewers_close(&reviewers);
        return status;
    }
    *out = reviewers;
    return OSK_OK;
}

static bool is_as_before(const OskReviewer *before, const Everybody *fresh)
{
    for (size_t i = 0; i < fresh->count; i++) {
        const OskReviewer *now = &fresh->items[i];
        if (memcmp(&now->id, &before->id, sizeof(now->id)) == 0) {
            return now->role == before->role && now->has_totp == before->has_totp &&
                   osk_seal_equal(now->totp, before->totp, sizeof(now->totp)) &&
                   osk_seal_equal(now->verifier, before->verifier, sizeof(now->verifier));
        }
    }
    return false;
}

OskStatus osk_reviewers_refresh(OskReviewers *reviewers,
                                void (*changed)(void *context, const OskId *id), void *context,
                                OskFault *fault)
{
    uint64_t state = 0;
    *fault = (OskFault){ .status = OSK_OK };
    if (!read_state(reviewers->store, &state, fault)) {
        return fault->status;
    }
    pthread_mutex_lock(&reviewers->lock);
    OskStatus status = OSK_OK;
    if (state != reviewers->all.state) {
        Everybody *fresh = calloc(1, sizeof(*fresh));
        status = fresh == NULL ? OSK_NO_MEMORY : load_all(reviewers->store, fresh, fault);
        for (size_t i = 0; status == OSK_OK && i < reviewers->all.count; i++) {
            if (!is_as_before(&reviewers->all.items[i], fresh)) {
                changed(context, &reviewers->all.items[i].id);
            }
        }
        if (status == OSK_OK) {
            reviewers->all = *fresh;
        }
        if (fresh != NULL) {
            osk_seal_wipe(fresh, sizeof(*fresh));
            free(fresh);
        }
    }
    pthread_mutex_unlock(&reviewers->lock);
    return status;
}

/* ---- looking up ---- */

static OskReviewer *by_name(OskReviewers *reviewers, const char *name)
{
    for (size_t i = 0; i < reviewers->all.count; i++) {
        if (strcmp(reviewers->all.items[i].name, name) == 0) {
            return &reviewers->all.items[i];
        }
    }
    return NULL;
}

static OskReviewer *by_id(OskReviewers *reviewers, const OskId *id)
{
    for (size_t i = 0; i < reviewers->all.count; i++) {
        if (memcmp(&reviewers->all.items[i].id, id, sizeof(*id)) == 0) {
            return &reviewers->all.items[i];
        }
    }
    return NULL;
}

bool osk_reviewers_find(OskReviewers *reviewers, const char *name, OskReviewer *out)
{
    pthread_mutex_lock(&reviewers->lock);
    const OskReviewer *found = by_name(reviewers, name);
    if (found != NULL) {
        *out = *found;
    }
    pthread_mutex_unlock(&reviewers->lock);
    return found != NULL;
}

bool osk_reviewers_get(OskReviewers *reviewers, const OskId *id, OskReviewer *out)
{
    pthread_mutex_lock(&reviewers->lock);
    const OskReviewer *found = by_id(reviewers, id);
    if (found != NULL) {
        *out = *found;
    }
    pthread_mutex_unlock(&reviewers->lock);
    return found != NULL;
}

size_t osk_reviewers_count(OskReviewers *reviewers, OskRole role)
{
    size_t count = 0;
    pthread_mutex_lock(&reviewers->lock);
    for (size_t i = 0; i < reviewers->all.count; i++) {
        count += reviewers->all.items[i].role == role ? 1 : 0;
    }
    pthread_mutex_unlock(&reviewers->lock);
    return count;
}

void osk_reviewers_each(OskReviewers *reviewers,
                        void (*each)(void *context, const OskReviewer *reviewer), void *context)
{
    pthread_mutex_lock(&reviewers->lock);
    for (size_t i = 0; i < reviewers->all.count; i++) {
        each(context, &reviewers->all.items[i]);
    }
    pthread_mutex_unlock(&reviewers->lock);
}

/* ---- changing; with the lock ---- */

/* The row, and that there was a change. */
static OskStatus commit(OskReviewers *reviewers, const OskChange *row, const OskDeed *deed,
                        OskFault *fault)
{
    const OskRecordRow state = { .key = state_key, .day = osk_desk_today() };
    const OskChange changes[2] = {
        *row, { .kind = OSK_ROW_RECORD_SET, .row.record = &state, .expected = reviewers->all.state }
    };
    OskStatus status = osk_audit_commit(reviewers->audit, deed, changes, 2, fault);
    reviewers->all.state += status == OSK_OK ? 1 : 0;
    return status;
}

static OskStatus store_row(OskReviewers *reviewers, const OskReviewer *reviewer,
                           const OskDeed *deed, OskFault *fault)
{
    size_t len = 0;
    char *text = write_row(reviewer, &len);
    OskJson *about = deed->about;
    if (text == NULL) {
        osk_json_free(&about);
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    const OskRecordRow row = { .key = { .space = OSK_SPACE_REVIEWER, .id = reviewer->id },
                               .day = osk_desk_today(),
                               .bytes = { .bytes = (uint8_t *)text, .len = len } };
    const OskChange change = { .kind = OSK_ROW_RECORD_SET,
                               .row.record = &row,
                               .expected = reviewer->version };
    OskStatus status = commit(reviewers, &change, deed, fault);
    osk_json_text_free(text);
    return status;
}

static bool is_last_admin(const OskReviewers *reviewers, const OskReviewer *held)
{
    size_t admins = 0;
    for (size_t i = 0; i < reviewers->all.count; i++) {
        admins += reviewers->all.items[i].role == OSK_ROLE_ADMIN ? 1 : 0;
    }
    return held != NULL && held->role == OSK_ROLE_ADMIN && admins == 1;
}

/* Why it can't be done, or OK. */
static OskStatus check_change(OskReviewers *reviewers, const OskReviewer *reviewer, OskFault *fault)
{
    const OskReviewer *same = by_name(reviewers, reviewer->name);
    const OskReviewer *held = by_id(reviewers, &reviewer->id);
    if (same != NULL && same != held) {
        return osk_fault_set(fault, OSK_FOUND, "reviewers", "another reviewer has this name",
                             OSK_NO_OFFSET);
    }
    if (held == NULL && reviewers->all.count == OSK_REVIEWERS_MAX) {
        return osk_fault_set(fault, OSK_LIMIT, "reviewers", "there are too many reviewers",
                             OSK_NO_OFFSET);
    }
    return is_last_admin(reviewers, held) && reviewer->role != OSK_ROLE_ADMIN
               ? osk_fault_set(fault, OSK_UNSUPPORTED, "reviewers", "the desk needs an admin",
                               OSK_NO_OFFSET)
               : OSK_OK;
}

/* Where its id stands among those that are there. */
static OskReviewer *make_place(Everybody *all, const OskId *id)
{
    size_t at = all->count++;
    for (; at > 0 && memcmp(&all->items[at - 1].id, id, sizeof(*id)) > 0; at--) {
        all->items[at] = all->items[at - 1];
    }
    return &all->items[at];
}

/* ---- changing ---- */

OskStatus osk_reviewers_set(OskReviewers *reviewers, OskReviewer *reviewer, const OskDeed *deed,
                            OskFault *fault)
{
    OskJson *about = deed->about;
    pthread_mutex_lock(&reviewers->lock);
    OskReviewer *held = by_id(reviewers, &reviewer->id);
    OskStatus status = check_change(reviewers, reviewer, fault);
    if (status == OSK_OK) {
        status = store_row(reviewers, reviewer, deed, fault);
        about = NULL;
    }
    if (status == OSK_OK) {
        reviewer->version++;
        held = held != NULL ? held : make_place(&reviewers->all, &reviewer->id);
        *held = *reviewer;
    }
    pthread_mutex_unlock(&reviewers->lock);
    osk_json_free(&about);
    return status;
}

OskStatus osk_reviewers_remove(OskReviewers *reviewers, const OskId *id, const OskDeed *deed,
                               OskFault *fault)
{
    OskJson *about = deed->about;
    pthread_mutex_lock(&reviewers->lock);
    OskReviewer *held = by_id(reviewers, id);
    OskStatus status = OSK_OK;
    if (held == NULL) {
        status = osk_fault_set(fault, OSK_FOUND, "reviewers", "there is no such reviewer",
                               OSK_NO_OFFSET);
    } else if (is_last_admin(reviewers, held)) {
        status = osk_fault_set(fault, OSK_UNSUPPORTED, "reviewers", "the desk needs an admin",
                               OSK_NO_OFFSET);
    } else {
        const OskRecordKey key = { .space = OSK_SPACE_REVIEWER, .id = *id };
        const OskChange change = { .kind = OSK_ROW_RECORD_DROP,
                                   .row.record_key = &key,
                                   .expected = held->version };
        status = commit(reviewers, &change, deed, fault);
        about = NULL;
    }
    if (status == OSK_OK) {
        OskReviewer *end = &reviewers->all.items[--reviewers->all.count];
        memmove(held, held + 1, (size_t)(end - held) * sizeof(*held));
        osk_seal_wipe(end, sizeof(*end));
    }
    pthread_mutex_unlock(&reviewers->lock);
    osk_json_free(&about);
    return status;
}

void osk_reviewers_close(OskReviewers **reviewers)
{
    OskReviewers *closing = *reviewers;
    if (closing != NULL) {
        pthread_mutex_destroy(&closing->lock);
        osk_seal_wipe(closing, sizeof(*closing));
        free(closing);
        *reviewers = NULL;
    }
}
