/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pairs of places whose brightness a descriptor compares. */
#ifndef OSK_FINGERPRINT_PATTERN_H
#define OSK_FINGERPRINT_PATTERN_H

#include <stdint.h>

/* Half of a descriptor's bits: the other half compares their mirror images. */
#define OSK_PATTERN_PAIRS 128u
#define OSK_PATTERN_REACH 13

/* Two places, in pixels, the first axis along the corner's direction. */
typedef struct OskPair {
    int8_t ax, ay, bx, by;
} OskPair;

extern const OskPair osk_pattern[OSK_PATTERN_PAIRS];

#endif
