/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/clock.h"

#include <string.h>

#define DAY_NAME "last day"
#define JUMP_DAYS 7

OskStatus osk_clock_believed(OskStore *store, OskBelieved *out, OskFault *fault)
{
    OskBytes found = { 0 };
    OskFault own = { .status = OSK_OK };
    *out = (OskBelieved){ .is_known = false };
    if (!osk_store_setting(store, DAY_NAME, &found, &own) && own.status != OSK_OK) {
        if (fault != NULL) {
            *fault = own;
        }
        return own.status;
    }
    if (found.len == sizeof(out->day)) {
        memcpy(&out->day, found.bytes, sizeof(out->day));
        out->is_known = true;
    }
    osk_bytes_clear(&found);
    return OSK_OK;
}

OskClock osk_clock_of(const OskBelieved *believed, OskDay today)
{
    return !believed->is_known || today == believed->day ? OSK_CLOCK_GOOD
           : today < believed->day                       ? OSK_CLOCK_BEHIND
           : (int64_t)today - believed->day > JUMP_DAYS  ? OSK_CLOCK_AHEAD
                                                         : OSK_CLOCK_GOOD;
}

OskStatus osk_clock_look(OskStore *store, OskDay today, OskClock *out, OskFault *fault)
{
    OskBelieved believed;
    OskStatus status = osk_clock_believed(store, &believed, fault);
    if (status == OSK_OK) {
        *out = osk_clock_of(&believed, today);
    }
    return status;
}

OskStatus osk_clock_believe(OskStore *store, OskDay today, OskFault *fault)
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

OskTerm osk_clock_term(OskClock clock, OskDay last, OskDay today)
{
    if (last < today) {
        return clock == OSK_CLOCK_AHEAD ? OSK_TERM_IS_DOUBTED : OSK_TERM_IS_OVER;
    }
    return clock == OSK_CLOCK_BEHIND ? OSK_TERM_IS_DOUBTED : OSK_TERM_RUNS;
}

const char *osk_clock_sentence(OskClock clock)
{
    switch (clock) {
    case OSK_CLOCK_GOOD: break;
    case OSK_CLOCK_AHEAD:
        return "the clock is more than a week ahead of the last day that was believed: nothing is "
               "deleted by age, no link is called over by its day, and none is made with one";
    case OSK_CLOCK_BEHIND:
        return "the clock says a day before the last one that was believed: nothing is deleted by "
               "age, and no link with a last day opens or is made";
    }
    return "the clock goes on as it did";
}
