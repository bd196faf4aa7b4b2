/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In front of oilskin-frames (the linker's --wrap): a clock that goes on by half a second
 * whenever it is asked for, so that a look has just as much time on every machine, busy or not.
 * HASTY_CLOCK: which of the clocks; the others are the machine's. */
#include <time.h>

#define STEP_MS 500

int __real_clock_gettime(clockid_t clock, struct timespec *out);
int __wrap_clock_gettime(clockid_t clock, struct timespec *out);

int __wrap_clock_gettime(clockid_t clock, struct timespec *out)
{
    static time_t asked;
    if (clock != HASTY_CLOCK) {
        return __real_clock_gettime(clock, out);
    }
    asked++;
    *out = (struct timespec){ .tv_sec = asked * STEP_MS / 1000,
                              .tv_nsec = asked * STEP_MS % 1000 * 1000000 };
    return 0;
}
