/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bits of a JPEG XL codestream (ISO/IEC 18181-1, section 6.2 and annex B): low bit first. */
#ifndef OSK_FORMATS_JXL_BITS_H
#define OSK_FORMATS_JXL_BITS_H

#include "base/writer.h"

/* Reads bits and, while `out` is set, writes the same ones there: a header is copied field by
 * field, with some of them replaced. Reading beyond the end fails stickily and gives zeros. */
typedef struct OskJxlBits {
    const uint8_t *bytes;
    size_t len;
    uint64_t at; /* next bit */
    bool failed;
    OskWriter *out; /* NULL: nothing is copied */
    unsigned out_bits;
    uint8_t out_byte;
} OskJxlBits;

/* One of the four ways to code a number: an offset and some bits. */
typedef struct OskJxlWay {
    uint32_t offset;
    uint8_t bits;
} OskJxlWay;

uint32_t osk_jxl_peek(const OskJxlBits *b, unsigned count); /* up to 32; zeros beyond the end */
uint32_t osk_jxl_bits(OskJxlBits *b, unsigned count);       /* up to 32 */
bool osk_jxl_bool(OskJxlBits *b);
uint32_t osk_jxl_u32(OskJxlBits *b, const OskJxlWay ways[4]);
uint64_t osk_jxl_u64(OskJxlBits *b);
/* 0, 1, 2 to 17, 18 to 81. */
uint32_t osk_jxl_enum(OskJxlBits *b);
/* Writes bits that were not read. */
void osk_jxl_put(OskJxlBits *b, uint32_t value, unsigned count);
/* To the next whole byte, on both sides; the padding is written as zeros. */
void osk_jxl_align(OskJxlBits *b);

#endif
