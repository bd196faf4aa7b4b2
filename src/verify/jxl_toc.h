/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bits, numbers and the table of contents of JPEG XL, for the second opinion. */
#ifndef OSK_VERIFY_JXL_TOC_H
#define OSK_VERIFY_JXL_TOC_H

#include "base/arena.h"
#include "base/cursor.h"

/* Bits from the low end of each byte. Failure is sticky; numbers are 0 then. */
typedef struct OskCheckJxlBits {
    const uint8_t *bytes;
    uint64_t count; /* bits in all */
    uint64_t at;
    uint64_t offset; /* of bytes[0] in the file */
    bool failed;
    bool padded; /* padding bits were not zero */
} OskCheckJxlBits;

/* One of four numbers: an offset and so many bits more. */
typedef struct OskCheckJxlU32 {
    uint32_t offset[4];
    uint8_t bits[4];
} OskCheckJxlU32;

void osk_check_jxl_begin(OskCheckJxlBits *bits, OskCursor stream);
void osk_check_jxl_fail(OskCheckJxlBits *bits);
uint64_t osk_check_jxl_offset(const OskCheckJxlBits *bits);
/* Whole bytes that are left. */
uint64_t osk_check_jxl_left(const OskCheckJxlBits *bits);
/* `n` bits, at most 32. */
uint32_t osk_check_jxl_u(OskCheckJxlBits *bits, unsigned n);
uint32_t osk_check_jxl_u32(OskCheckJxlBits *bits, OskCheckJxlU32 d);
uint64_t osk_check_jxl_u64(OskCheckJxlBits *bits);
/* The bits that numbers below `value` take. */
unsigned osk_check_jxl_log2_up(uint32_t value);
void osk_check_jxl_skip(OskCheckJxlBits *bits, uint64_t count);
/* To the next whole byte; what is stepped over must be zero. */
void osk_check_jxl_align(OskCheckJxlBits *bits);

/* Reads a table of contents of `sections` entries and returns how many bytes they take together.
 * Source: ISO/IEC 18181-1 F.3. A permuted table is decoded to its end (annex C). */
uint64_t osk_check_jxl_toc(OskCheckJxlBits *bits, OskArena *arena, uint32_t sections);

#endif
