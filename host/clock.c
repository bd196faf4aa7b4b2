/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/clock.h"

#include <time.h>

static int64_t read_ms(clockid_t clock)
{
    struct timespec now = { 0 };
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t osk_now_ms(void)
{
    return read_ms(CLOCK_MONOTONIC);
}

int64_t osk_wall_ms(void)
{
    return read_ms(CLOCK_REALTIME);
}
