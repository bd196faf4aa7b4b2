/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time that only goes on: whoever sets the clock does not move it. */
#ifndef OSK_HOST_CLOCK_H
#define OSK_HOST_CLOCK_H

#include <stdint.h>

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t osk_now_ms(void);

#endif
