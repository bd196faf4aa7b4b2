/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A test that asks for the day more than once must not have two. */
#ifndef TESTS_UNIT_DAY_H
#define TESTS_UNIT_DAY_H

#include <time.h>

/* As long as any such test may take, on a busy machine, too. */
#define UNIT_BEFORE_MIDNIGHT_S 60

/* Returns at once, but for the last minute of a day (UTC): then when the next one has begun. */
static inline void unit_wait_for_midnight(void)
{
    for (;;) {
        const struct timespec left = { .tv_sec = 86400 - time(NULL) % 86400 };
        if (left.tv_sec >= UNIT_BEFORE_MIDNIGHT_S) {
            return;
        }
        nanosleep(&left, NULL);
    }
}

#endif
