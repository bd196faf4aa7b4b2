/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Randomness of the kernel: what is painted over people, and names that say nothing. */
#ifndef OSK_HOST_RANDOM_H
#define OSK_HOST_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

/* Fills `len` bytes; `context` is not looked at, so that it fits OskRandom. False with errno set when
 * the kernel has no randomness. */
bool osk_random_fill(void *context, void *out, size_t len);

/* Fills `out` with `size` - 1 random small letters and digits (about 5 bits each, none that look
 * alike) and a NUL. False with errno set when the kernel has no randomness. */
bool osk_random_letters(char *out, size_t size);

#endif
