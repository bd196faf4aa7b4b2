/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/webp_vp8.h"

#include "base/cursor.h"

/* The boolean decoder of RFC 6386 section 7, for bits of even odds: that is how headers are coded.
 */
typedef struct BoolReader {
    OskCursor bytes;
    uint32_t value;
    uint32_t range;
    unsigned shifted;
} BoolReader;

static BoolReader begin(OskCursor bytes)
{
    BoolReader reader = { .bytes = bytes, .range = 255 };
    reader.value = osk_cursor_u16be(&reader.bytes);
    return reader;
}

static unsigned read_bit(BoolReader *r)
{
    uint32_t split = 1 + (((r->range - 1) * 128) >> 8);
    unsigned bit = r->value >= split << 8 ? 1 : 0;
    if (bit != 0) {
        r->range -= split;
        r->value -= split << 8;
    } else {
        r->range = split;
    }
    while (r->range < 128) {
        r->value <<= 1;
        r->range <<= 1;
        if (++r->shifted == 8) {
            r->shifted = 0;
            /* Past its end a partition reads as zeros. */
            r->value |= osk_cursor_more(&r->bytes) ? osk_cursor_u8(&r->bytes) : 0;
        }
    }
    return bit;
}

static unsigned read_bits(BoolReader *r, unsigned count)
{
    unsigned value = 0;
    while (count-- > 0) {
        value = value << 1 | read_bit(r);
    }
    return value;
}

/* `count` values that may be absent: a flag, `bits` bits, and a sign where `sign` is set. */
static void skip_optional(BoolReader *r, unsigned count, unsigned bits, bool sign)
{
    while (count-- > 0) {
        if (read_bit(r) != 0) {
            (void)read_bits(r, bits + (sign ? 1 : 0));
        }
    }
}

/* Reads the header of the first partition as far as the number of the others. Sections 9.2 to 9.5.
 */
static unsigned partition_count(OskCursor first)
{
    BoolReader r = begin(first);
    (void)read_bits(&r, 2); /* colour space, clamping */
    if (read_bit(&r) != 0) {
        unsigned update_map = read_bit(&r);
        if (read_bit(&r) != 0) {
            (void)read_bit(&r);
            skip_optional(&r, 4, 7, true);
            skip_optional(&r, 4, 6, true);
        }
        if (update_map != 0) {
            skip_optional(&r, 3, 8, false);
        }
    }
    (void)read_bits(&r, 10); /* filter type, level, sharpness */
    if (read_bit(&r) != 0 && read_bit(&r) != 0) {
        skip_optional(&r, 8, 6, true);
    }
    return 1u << read_bits(&r, 2);
}

bool osk_vp8_check(const uint8_t *frame, size_t len, OskVp8Size *out)
{
    OskCursor c = osk_cursor_make(frame, len, 0);
    uint32_t tag = osk_cursor_u24le(&c);
    bool key = (tag & 1) == 0;
    bool shown = (tag >> 4 & 1) != 0;
    uint32_t start = osk_cursor_u24be(&c);
    out->width = osk_cursor_u16le(&c) & 0x3FFFu;
    out->height = osk_cursor_u16le(&c) & 0x3FFFu;
    OskCursor first = osk_cursor_take(&c, tag >> 5);
    if (!osk_cursor_ok(&c) || !key || !shown || start != 0x9D012A || out->width == 0 ||
        out->height == 0) {
        return false;
    }
    unsigned count = partition_count(first);
    OskCursor sizes = osk_cursor_take(&c, (uint64_t)3 * (count - 1));
    for (unsigned i = 1; i < count; i++) {
        osk_cursor_skip(&c, osk_cursor_u24le(&sizes));
    }
    return osk_cursor_ok(&c) && osk_cursor_more(&c);
}

bool osk_vp8l_check(const uint8_t *stream, size_t len, OskVp8Size *out)
{
    OskCursor c = osk_cursor_make(stream, len, 0);
    unsigned signature = osk_cursor_u8(&c);
    uint32_t bits = osk_cursor_u32le(&c);
    out->width = (bits & 0x3FFF) + 1;
    out->height = (bits >> 14 & 0x3FFF) + 1;
    return osk_cursor_ok(&c) && osk_cursor_more(&c) && signature == 0x2F && bits >> 29 == 0;
}
