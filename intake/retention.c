/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/retention.h"

#include <limits.h>
#include <string.h>

/* So many go in one commit: others wait for it no longer than for a few uploads. */
#define BATCH 64u

void osk_retention_set(OskRetention *retention, const OskIntakeOptions *options)
{
    *retention = (OskRetention){ .days = options->notice.retain_days };
    for (size_t i = 0; i < options->category_count; i++) {
        if (options->categories[i].retain_days != 0) {
            size_t at = retention->category_count++;
            memcpy(retention->categories[at].id, options->categories[i].id, OSK_CATEGORY_BYTES);
            retention->categories[at].days = options->categories[i].retain_days;
        }
    }
}

static unsigned days_of(const OskRetention *retention, const char *category)
{
    for (size_t i = 0; i < retention->category_count; i++) {
        if (strcmp(retention->categories[i].id, category) == 0) {
            return retention->categories[i].days;
        }
    }
    return retention->days;
}

static unsigned fewest_days(const OskRetention *retention)
{
    unsigned days = retention->days;
    for (size_t i = 0; i < retention->category_count; i++) {
        days = retention->categories[i].days < days ? retention->categories[i].days : days;
    }
    return days;
}

/* The next ones that are over, at most a commit's; nothing is changed while rows are read. */
typedef struct Over {
    const OskRetention *retention;
    OskStore *store;
    OskDay today;
    OskChange drops[BATCH];
    size_t count;
    OskId last; /* the next page begins behind it */
    OskDay last_day;
} Over;

static bool look_at(void *context, const OskSubmissionRow *row)
{
    Over *over = context;
    over->last = row->id;
    over->last_day = row->day;
    if ((int64_t)row->day + days_of(over->retention, row->category) < over->today &&
        !osk_store_is_held(over->store, &row->id, NULL)) {
        over->drops[over->count++] =
            (OskChange){ .kind = OSK_ROW_SUBMISSION_DROP, .row.id = row->id };
    }
    return over->count < BATCH;
}

OskStatus osk_retention_sweep(const OskRetention *retention, OskStore *store, OskDay today,
                              uint64_t *out_dropped, OskFault *fault)
{
    *out_dropped = 0;
    int64_t last = (int64_t)today - fewest_days(retention) - 1;
    OskSubmissionQuery query = {
        .first = INT32_MIN, .last = (OskDay)last, .state = -1, .limit = SIZE_MAX
    };
    for (;;) {
        Over over = { .retention = retention, .store = store, .today = today };
        OskStatus status = osk_store_submissions(store, &query, look_at, &over, fault);
        if (status != OSK_OK) {
            return status;
        }
        if (over.count != 0 &&
            osk_store_commit(store, over.drops, over.count, NULL, fault) != OSK_COMMIT_OK) {
            return fault->status != OSK_OK ? fault->status : OSK_IO;
        }
        *out_dropped += over.count;
        if (over.count < BATCH) {
            return OSK_OK;
        }
        query.after = over.last;
        query.after_day = over.last_day;
    }
}
