/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a process that decodes pictures may not inherit. */
#ifndef OSK_HOST_DESCRIPTORS_H
#define OSK_HOST_DESCRIPTORS_H

#include <stdbool.h>

/* Closes every descriptor from `first` on; false when that can't be known. Makes system calls
 * alone, so that it may stand between fork and exec. Kernels before 5.9, and containers that know
 * no newer one, have no close_range: there /proc says what is open. */
bool osk_descriptors_close_from(int first);

#endif
