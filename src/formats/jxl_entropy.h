/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entropy-coded numbers of JPEG XL (ISO/IEC 18181-1 annex C): prefix or ANS codes, clustered
 * contexts, LZ77. */
#ifndef OSK_FORMATS_JXL_ENTROPY_H
#define OSK_FORMATS_JXL_ENTROPY_H

#include "base/arena.h"
#include "formats/jxl_bits.h"

/* How a symbol becomes a number: some of the number's bits stand in the symbol, the others behind
 * it. */
typedef struct OskJxlSplit {
    uint8_t exponent;
    uint8_t high;
    uint8_t low;
} OskJxlSplit;

typedef struct OskJxlHistogram OskJxlHistogram;

typedef struct OskJxlCode {
    OskJxlHistogram *histograms;
    size_t count;
    uint8_t *map; /* histogram of each context */
    size_t contexts;
    bool prefix;
    uint32_t state; /* ANS */
    bool begun;
    bool repeats; /* LZ77 */
    uint32_t repeat_symbol;
    uint32_t repeat_length;
    OskJxlSplit repeat_split;
    uint32_t *window;
    size_t window_size;
    size_t made; /* numbers so far */
    size_t copy_at;
    uint32_t copy_left;
} OskJxlCode;

/* Reads the description of a code for `contexts` (at most 255) contexts, which will give at most
 * `most` numbers. False when it is broken or memory ends. */
bool osk_jxl_code_read(OskJxlBits *b, size_t contexts, size_t most, OskArena *arena,
                       OskJxlCode *out);
/* The next number; 0 after a failure of `b`. */
uint32_t osk_jxl_code_next(OskJxlCode *code, OskJxlBits *b, size_t context);
/* True when the code ended as it must. */
bool osk_jxl_code_ends(const OskJxlCode *code);

#endif
