/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/jxl_bits.h"

uint32_t osk_jxl_peek(const OskJxlBits *b, unsigned count)
{
    uint64_t first = b->at >> 3;
    uint64_t window = 0;
    for (unsigned i = 0; i < 5 && first + i < b->len; i++) {
        window |= (uint64_t)b->bytes[first + i] << (8 * i);
    }
    return (uint32_t)((window >> (b->at & 7)) & ((UINT64_C(1) << count) - 1));
}

void osk_jxl_put(OskJxlBits *b, uint32_t value, unsigned count)
{
    for (unsigned i = 0; b->out != NULL && i < count; i++) {
        b->out_byte |= (uint8_t)((value >> i & 1u) << b->out_bits);
        if (++b->out_bits == 8) {
            osk_writer_u8(b->out, b->out_byte);
            b->out_bits = 0;
            b->out_byte = 0;
        }
    }
}

uint32_t osk_jxl_bits(OskJxlBits *b, unsigned count)
{
    if (b->failed || b->at + count > (uint64_t)b->len * 8) {
        b->failed = true;
        return 0;
    }
    uint32_t value = osk_jxl_peek(b, count);
    b->at += count;
    osk_jxl_put(b, value, count);
    return value;
}

bool osk_jxl_bool(OskJxlBits *b)
{
    return osk_jxl_bits(b, 1) != 0;
}

uint32_t osk_jxl_u32(OskJxlBits *b, const OskJxlWay ways[4])
{
    const OskJxlWay *way = &ways[osk_jxl_bits(b, 2)];
    return way->offset + osk_jxl_bits(b, way->bits);
}

uint64_t osk_jxl_u64(OskJxlBits *b)
{
    switch (osk_jxl_bits(b, 2)) {
    case 0: return 0;
    case 1: return 1 + osk_jxl_bits(b, 4);
    case 2: return 17 + osk_jxl_bits(b, 8);
    default: break;
    }
    uint64_t value = osk_jxl_bits(b, 12);
    for (unsigned shift = 12; osk_jxl_bool(b); shift += 8) {
        if (shift == 60) {
            return value | (uint64_t)osk_jxl_bits(b, 4) << 60;
        }
        value |= (uint64_t)osk_jxl_bits(b, 8) << shift;
    }
    return value;
}

uint32_t osk_jxl_enum(OskJxlBits *b)
{
    static const OskJxlWay ways[4] = { { 0, 0 }, { 1, 0 }, { 2, 4 }, { 18, 6 } };
    return osk_jxl_u32(b, ways);
}

void osk_jxl_align(OskJxlBits *b)
{
    b->at = (b->at + 7) & ~UINT64_C(7);
    if (b->out_bits > 0) {
        osk_jxl_put(b, 0, 8 - b->out_bits);
    }
}
