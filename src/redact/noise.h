/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Randomness as a function of the place: drawn once, asked for as often as wanted. */
#ifndef OSK_REDACT_NOISE_H
#define OSK_REDACT_NOISE_H

#include "redact/synth.h"

/* Half the width of what osk_noise_at() gives. */
#define OSK_NOISE_ONE 65536

/* A number from -OSK_NOISE_ONE to OSK_NOISE_ONE, the middle ones more often (a triangle), for one
 * place of one stream. Streams and places are independent of each other. */
int32_t osk_noise_at(const OskNoise *noise, uint64_t stream, uint32_t x, uint32_t y);

#endif
