/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ordered dithering: what makes grey of black and white. */
#ifndef OSK_REDACT_THRESHOLD_H
#define OSK_REDACT_THRESHOLD_H

#include <stdint.h>

/* 0 to 63, each once in every 8 by 8 pixels, in an order that looks even. */
static inline uint32_t osk_threshold(uint32_t x, uint32_t y)
{
    uint32_t out = 0;
    for (unsigned bit = 0; bit < 3; bit++) {
        uint32_t a = x >> bit & 1;
        uint32_t b = y >> bit & 1;
        out = out << 2 | (a ^ b) << 1 | b;
    }
    return out;
}

#endif
