/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/retention.h"

#include <limits.h>
#include <string.h>

/* So many go in one commit: others wait for it no longer than for a few uploads. */
#define BATCH 64u
#define DAY_NAME "last day"
#define JUMP_DAYS 7

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

OskStatus osk_retention_look(OskStore *store, OskDay today, OskClock *out, OskFault *fault)
{
    OskBytes found = { 0 };
    OskFault own = { .status = OSK_OK };
    OskDay last = today;
    if (!osk_store_setting(store, DAY_NAME, &found, &own) && own.status != OSK_OK) {
        if (fault != NULL) {
            *fault = own;
        }
        return own.status;
    }
    if (found.len == sizeof(last)) {
        memcpy(&last, found.bytes, sizeof(last));
    }
    osk_bytes_clear(&found);
    *out = today < last                        ? OSK_CLOCK_BEHIND
           : (int64_t)today - last > JUMP_DAYS ? OSK_CLOCK_AHEAD
                                               : OSK_CLOCK_GOOD;
    return OSK_OK;
}

OskStatus osk_retention_believe(OskStore *store, OskDay today, OskFault *fault)
{
    uint8_t bytes[sizeof(today)];
    OskFault own = { .status = OSK_OK };
    fault = fault != NULL ? fault : &own;
    memcpy(bytes, &today, sizeof(today));
    const OskChange change = { .kind = OSK_ROW_SETTING_SET,
                               .name = DAY_NAME,
                               .bytes = { bytes, sizeof(bytes) },
                               .overwrite = true };
    return osk_store_commit(store, &change, 1, NULL, fault) == OSK_COMMIT_OK ? OSK_OK
           : fault->status != OSK_OK                                         ? fault->status
                                                                             : OSK_IO;
}

const char *osk_clock_sentence(OskClock clock)
{
    switch (clock) {
    case OSK_CLOCK_GOOD: break;
    case OSK_CLOCK_AHEAD:
        return "the clock is more than a week ahead of the last day that was believed: nothing is "
               "deleted by age";
    case OSK_CLOCK_BEHIND:
        return "the clock says a day before the last one that was believed: nothing is deleted by "
               "age";
    }
    return "the clock goes on as it did";
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
