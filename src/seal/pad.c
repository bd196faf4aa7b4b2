/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oilskin/seal.h"

/* The place of the highest bit of `value`, which is above 0. */
static unsigned log2_floor(uint64_t value)
{
    unsigned bits = 0;
    while (value > 1) {
        value >>= 1;
        bits++;
    }
    return bits;
}

uint64_t osk_seal_padded_len(uint64_t len)
{
    /* Below 2 there is nothing to round, and the logarithm of the logarithm is not defined. */
    if (len < 2) {
        return len;
    }
    unsigned exponent = log2_floor(len);
    unsigned mantissa = log2_floor(exponent == 0 ? 1 : exponent) + 1;
    if (exponent <= mantissa) {
        return len;
    }
    uint64_t mask = (UINT64_C(1) << (exponent - mantissa)) - 1;
    return len > UINT64_MAX - mask ? len : (len + mask) & ~mask;
}
