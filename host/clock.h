/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time in milliseconds. */
#ifndef OSK_HOST_CLOCK_H
#define OSK_HOST_CLOCK_H

#include <stdint.h>

/* Only goes on: whoever sets the clock does not move it. It begins anew with the machine. */
int64_t osk_now_ms(void);
/* Since 1970-01-01, UTC: goes on over a restart, and jumps with the clock. */
int64_t osk_wall_ms(void);

#endif
