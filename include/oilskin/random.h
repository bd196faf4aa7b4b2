/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Randomness: the library has none of its own. */
#ifndef OILSKIN_RANDOM_H
#define OILSKIN_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where randomness comes from: fills `len` bytes, or returns false (the job ends in OSK_IO). Only a
 * test gives anything but the operating system's source here. */
typedef struct OskRandom {
    void *context;
    bool (*fill)(void *context, void *out, size_t len);
} OskRandom;

#ifdef __cplusplus
}
#endif
#endif
