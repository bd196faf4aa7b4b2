/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The prefix codes of JPEG XL, those of RFC 7932 section 3, for the second opinion. */
#ifndef OSK_VERIFY_JXL_PREFIX_H
#define OSK_VERIFY_JXL_PREFIX_H

#include "verify/jxl_toc.h"

#define OSK_CHECK_JXL_PREFIX_MOST 15u /* bits of a code */
#define OSK_CHECK_JXL_PREFIX_SYMBOLS ((size_t)1 << OSK_CHECK_JXL_PREFIX_MOST)

/* How many codes of each length, and the symbols in their order. */
typedef struct OskCheckJxlPrefix {
    uint32_t length_counts[OSK_CHECK_JXL_PREFIX_MOST + 1];
    uint16_t *ordered; /* in the arena */
    uint32_t alphabet;
} OskCheckJxlPrefix;

/* Reads the code of `out->alphabet` symbols, 1 to OSK_CHECK_JXL_PREFIX_SYMBOLS; fails the bits when
 * it is damaged, or memory ends. Source: ISO/IEC 18181-1 C.2.4. */
void osk_check_jxl_prefix_begin(OskCheckJxlBits *b, OskArena *arena, OskCheckJxlPrefix *out);
/* The next symbol. */
uint32_t osk_check_jxl_prefix_read(OskCheckJxlBits *b, const OskCheckJxlPrefix *prefix);

#endif
