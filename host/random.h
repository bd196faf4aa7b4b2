/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that say nothing. */
#ifndef OSK_HOST_RANDOM_H
#define OSK_HOST_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

/* Fills `out` with `size` - 1 random small letters and digits (about 5 bits each, none that look
 * alike) and a NUL. False with errno set when the kernel has no randomness. */
bool osk_random_letters(char *out, size_t size);

#endif
