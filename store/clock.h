/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether today's date may be believed: the one doubt that holds for everything that goes by days.
 * A clock that is set wrong must not cost what was sent, however long it stays so, nor open what is
 * over. What is doubted is for people to say (`oilskin store clock`). */
#ifndef OSK_STORE_CLOCK_H
#define OSK_STORE_CLOCK_H

#include "store/store.h"

typedef enum OskClock {
    OSK_CLOCK_GOOD,
    OSK_CLOCK_AHEAD, /* more than a week after the last day that was believed */
    OSK_CLOCK_BEHIND /* before it: the clock is wrong now, or was then */
} OskClock;

/* The last day that was believed; zeros where none was. */
typedef struct OskBelieved {
    bool is_known;
    OskDay day;
} OskBelieved;

/* What becomes of something that has a last day. */
typedef enum OskTerm {
    OSK_TERM_RUNS,
    OSK_TERM_IS_OVER,
    OSK_TERM_IS_DOUBTED /* it runs or is over, by whether the date is right: treat it as neither */
} OskTerm;

/* Errors: as the store's. */
OskStatus osk_clock_believed(OskStore *store, OskBelieved *out, OskFault *fault);
/* GOOD for every day where none was believed yet. */
OskClock osk_clock_of(const OskBelieved *believed, OskDay today);
/* The two together; changes nothing. Errors: as the store's. */
OskStatus osk_clock_look(OskStore *store, OskDay today, OskClock *out, OskFault *fault);
/* Remembers the day: because it is GOOD, or because somebody says so. Errors: as the store's. */
OskStatus osk_clock_believe(OskStore *store, OskDay today, OskFault *fault);
/* Of what runs up to `last`, that day with it. A clock ahead can't say that something is over, one
 * behind not that it runs. */
OskTerm osk_clock_term(OskClock clock, OskDay last, OskDay today);
/* Static, one clause. */
const char *osk_clock_sentence(OskClock clock);

#endif
