/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify/jxl_toc.h"

#include "verify/jxl_entropy.h"

void osk_check_jxl_begin(OskCheckJxlBits *bits, OskCursor stream)
{
    *bits = (OskCheckJxlBits){ .bytes = osk_cursor_rest(&stream),
                               .count = (uint64_t)osk_cursor_left(&stream) * 8,
                               .offset = osk_cursor_offset(&stream) };
}

void osk_check_jxl_fail(OskCheckJxlBits *bits)
{
    bits->failed = true;
    bits->at = bits->count;
}

uint64_t osk_check_jxl_offset(const OskCheckJxlBits *bits)
{
    return bits->offset + bits->at / 8;
}

uint64_t osk_check_jxl_left(const OskCheckJxlBits *bits)
{
    return (bits->count - bits->at) / 8;
}

uint32_t osk_check_jxl_u(OskCheckJxlBits *bits, unsigned n)
{
    if (n > bits->count - bits->at) {
        osk_check_jxl_fail(bits);
        return 0;
    }
    uint64_t value = 0;
    for (unsigned i = 0; i < n; i++, bits->at++) {
        value |= (uint64_t)(bits->bytes[bits->at / 8] >> (bits->at % 8) & 1) << i;
    }
    return (uint32_t)value;
}

uint32_t osk_check_jxl_u32(OskCheckJxlBits *bits, OskCheckJxlU32 d)
{
    uint32_t which = osk_check_jxl_u(bits, 2);
    return d.offset[which] + osk_check_jxl_u(bits, d.bits[which]);
}

uint64_t osk_check_jxl_u64(OskCheckJxlBits *bits)
{
    switch (osk_check_jxl_u(bits, 2)) {
    case 0: return 0;
    case 1: return 1 + (uint64_t)osk_check_jxl_u(bits, 4);
    case 2: return 17 + (uint64_t)osk_check_jxl_u(bits, 8);
    default: break;
    }
    uint64_t value = osk_check_jxl_u(bits, 12);
    for (unsigned shift = 12; osk_check_jxl_u(bits, 1) != 0; shift += 8) {
        if (shift == 60) {
            value |= (uint64_t)osk_check_jxl_u(bits, 4) << shift;
            break;
        }
        value |= (uint64_t)osk_check_jxl_u(bits, 8) << shift;
    }
    return value;
}

unsigned osk_check_jxl_log2_up(uint32_t value)
{
    unsigned bits = 0;
    while (bits < 32 && (UINT64_C(1) << bits) < value) {
        bits++;
    }
    return bits;
}

void osk_check_jxl_skip(OskCheckJxlBits *bits, uint64_t count)
{
    if (count > bits->count - bits->at) {
        osk_check_jxl_fail(bits);
    } else {
        bits->at += count;
    }
}

void osk_check_jxl_align(OskCheckJxlBits *bits)
{
    unsigned n = (unsigned)((8 - bits->at % 8) % 8);
    if (osk_check_jxl_u(bits, n) != 0) {
        bits->padded = true;
    }
}

uint64_t osk_check_jxl_toc(OskCheckJxlBits *bits, OskArena *arena, uint32_t sections)
{
    static const OskCheckJxlU32 entry = { { 0, 1024, 17408, 4211712 }, { 10, 14, 22, 30 } };
    if (osk_check_jxl_u(bits, 1) != 0) {
        osk_check_jxl_permutation(bits, arena, sections);
    }
    osk_check_jxl_align(bits);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < sections && !bits->failed; i++) {
        sum += osk_check_jxl_u32(bits, entry);
    }
    osk_check_jxl_align(bits);
    return bits->failed ? 0 : sum;
}
