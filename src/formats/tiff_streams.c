/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where compressed strips end. LZW and PackBits are decoded as far as lengths go; xz, Zstandard and
 * WebP are walked by their own framing, which tells every length. */
#include <string.h>

#include "base/cursor.h"
#include "formats/tiff.h"

/* TIFF 6.0 section 9: runs of at most 128 bytes. */
OskStatus osk_tiff_walk_packbits(TiffStream *s)
{
    uint64_t made = 0;
    size_t at = 0;
    while (made < s->need && at < s->len) {
        uint8_t head = s->bytes[at++];
        if (head == 128) {
            s->idle++;
            continue;
        }
        size_t literal = head < 128 ? head + 1u : 1u;
        if (literal > s->len - at) {
            return OSK_TRUNCATED;
        }
        at += literal;
        made += head < 128 ? head + 1u : 257u - head;
    }
    if (made > s->need) {
        return OSK_UNSUPPORTED;
    }
    s->used = at;
    return OSK_OK;
}

void osk_tiff_copy_packbits(const TiffStream *s, uint8_t *out)
{
    for (size_t at = 0; at < s->used;) {
        uint8_t head = s->bytes[at];
        size_t len = head == 128 ? 0 : head < 128 ? head + 2u : 2u;
        memcpy(out, s->bytes + at, len);
        out += len;
        at += len > 0 ? len : 1;
    }
}

#define LZW_CLEAR 256u
#define LZW_END 257u
#define LZW_FIRST 258u
/* Writers that miss a clear code go on a little beyond 4095 entries. */
#define LZW_ENTRIES 5119u

typedef struct Lzw {
    const uint8_t *bytes;
    size_t len;
    uint64_t bit;
    bool old; /* before TIFF 6.0: least significant bit first, codes widen one later */
    unsigned width;
    unsigned next;
    int before; /* the code before, or -1 after a clear code */
    uint32_t lengths[LZW_ENTRIES + 1];
} Lzw;

static bool read_code(Lzw *z, unsigned *out)
{
    if (z->bit + z->width > (uint64_t)z->len * 8) {
        return false;
    }
    /* A code of 12 bits lies in at most three bytes. */
    size_t at = (size_t)(z->bit / 8);
    unsigned shift = (unsigned)(z->bit % 8);
    uint32_t word = 0;
    for (unsigned i = 0; i < 3; i++) {
        uint32_t byte = at + i < z->len ? z->bytes[at + i] : 0;
        word |= z->old ? byte << (8 * i) : byte << (16 - 8 * i);
    }
    unsigned mask = (1u << z->width) - 1;
    unsigned code = z->old ? word >> shift & mask : word >> (24 - shift - z->width) & mask;
    z->bit += z->width;
    *out = code;
    return true;
}

static void clear_codes(Lzw *z)
{
    z->width = 9;
    z->next = LZW_FIRST;
    z->before = -1;
}

/* Enters the string that `code` completes and returns how many bytes `code` stands for; 0 for a bad
 * one. */
static uint32_t take_code(Lzw *z, unsigned code)
{
    if (z->before < 0) {
        z->before = (int)code;
        return code < 256 ? 1 : 0;
    }
    uint32_t entered = z->lengths[z->before] + 1;
    uint32_t length = code < z->next ? z->lengths[code] : code == z->next ? entered : 0;
    if (z->next >= LZW_ENTRIES) {
        return 0;
    }
    z->lengths[z->next++] = entered;
    unsigned limit = (1u << z->width) - (z->old ? 1u : 2u);
    if (z->next > limit && z->width < 12) {
        z->width++;
    }
    z->before = (int)code;
    return length;
}

/* The end code may follow at once or behind a last clear code. */
static void take_end(Lzw *z)
{
    uint64_t last = z->bit;
    unsigned code = 0;
    if (read_code(z, &code) && code == LZW_CLEAR) {
        z->width = 9;
        if (!read_code(z, &code)) {
            code = 0;
        }
    }
    if (code != LZW_END) {
        z->bit = last;
    }
}

/* TIFF 6.0 section 13. Only the lengths of strings are kept: that is all it takes to find the end.
 */
OskStatus osk_tiff_walk_lzw(TiffStream *s)
{
    Lzw z = { .bytes = s->bytes, .len = s->len };
    z.old = s->len >= 2 && s->bytes[0] == 0 && (s->bytes[1] & 1) == 1;
    for (unsigned i = 0; i < 256; i++) {
        z.lengths[i] = 1;
    }
    clear_codes(&z);
    uint64_t made = 0;
    unsigned code = 0;
    while (made < s->need && read_code(&z, &code)) {
        if (code == LZW_END) {
            break;
        }
        if (code == LZW_CLEAR) {
            clear_codes(&z);
            continue;
        }
        uint32_t length = take_code(&z, code);
        if (length == 0) {
            return OSK_MALFORMED;
        }
        made += length;
    }
    if (made >= s->need && code != LZW_END) {
        take_end(&z);
    }
    s->used = (size_t)((z.bit + 7) / 8);
    unsigned spare = (unsigned)((8 - z.bit % 8) % 8);
    s->spare = (uint8_t)(z.old ? 0xFF00u >> spare : (1u << spare) - 1);
    /* A stream that ends early is kept whole but for what can't hold another code. */
    return OSK_OK;
}

/* The .xz format 1.1.0, sections 2 to 4: a header, blocks, an index that repeats their sizes, a
 * footer. */
static bool read_vli(OskCursor *c, uint64_t *out)
{
    *out = 0;
    for (unsigned i = 0; i < 9; i++) {
        uint8_t byte = osk_cursor_u8(c);
        *out |= (uint64_t)(byte & 0x7F) << (7 * i);
        if ((byte & 0x80) == 0) {
            return osk_cursor_ok(c);
        }
    }
    return false;
}

/* LZMA2: chunks that tell their sizes, ended by a zero. */
static bool skip_lzma2(OskCursor *c)
{
    for (;;) {
        uint8_t control = osk_cursor_u8(c);
        if (control == 0 || !osk_cursor_ok(c)) {
            return osk_cursor_ok(c);
        }
        uint32_t size = osk_cursor_u16be(c) + 1u;
        if (control >= 0x80) {
            size = osk_cursor_u16be(c) + 1u;
            osk_cursor_skip(c, control >= 0xC0 ? 1 : 0);
        } else if (control > 2) {
            return false;
        }
        osk_cursor_skip(c, size);
    }
}

/* A block header of exactly one filter chain, without optional size fields that could lie. */
static bool skip_block_header(OskCursor *c)
{
    uint64_t start = osk_cursor_offset(c);
    uint64_t len = ((uint64_t)osk_cursor_u8(c) + 1) * 4;
    uint8_t flags = osk_cursor_u8(c);
    uint64_t ignored = 0;
    bool ok = (flags & 0x3C) == 0;
    ok = ok && ((flags & 0x40) == 0 || read_vli(c, &ignored));
    ok = ok && ((flags & 0x80) == 0 || read_vli(c, &ignored));
    for (unsigned i = 0; ok && i <= (flags & 3u); i++) {
        uint64_t props = 0;
        ok = read_vli(c, &ignored) && read_vli(c, &props) && props <= 4;
        osk_cursor_skip(c, props);
    }
    while (ok && osk_cursor_ok(c) && osk_cursor_offset(c) + 4 < start + len) {
        ok = osk_cursor_u8(c) == 0;
    }
    osk_cursor_skip(c, 4);
    return ok && osk_cursor_offset(c) == start + len;
}

static bool skip_zeros(OskCursor *c, uint64_t start)
{
    bool zero = true;
    while ((osk_cursor_offset(c) - start) % 4 != 0 && osk_cursor_ok(c)) {
        zero &= osk_cursor_u8(c) == 0;
    }
    return zero && osk_cursor_ok(c);
}

static bool skip_blocks(OskCursor *c, uint64_t check_len, uint64_t *out_count)
{
    uint8_t first = 0;
    while (osk_cursor_peek(c, &first, 1) == 1 && first != 0) {
        if (!skip_block_header(c) || !skip_lzma2(c) || !skip_zeros(c, 0)) {
            return false;
        }
        osk_cursor_skip(c, check_len);
        (*out_count)++;
    }
    return osk_cursor_ok(c);
}

OskStatus osk_tiff_walk_xz(TiffStream *s)
{
    static const uint8_t magic[] = { 0xFD, '7', 'z', 'X', 'Z', 0, 0 };
    OskCursor c = osk_cursor_make(s->bytes, s->len, 0);
    if (!osk_cursor_starts(&c, magic, sizeof(magic))) {
        return OSK_MALFORMED;
    }
    osk_cursor_skip(&c, sizeof(magic));
    uint8_t check = osk_cursor_u8(&c);
    static const uint8_t check_lens[] = { 0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64 };
    osk_cursor_skip(&c, 4);
    uint64_t blocks = 0;
    if (check > 15 || !skip_blocks(&c, check_lens[check], &blocks)) {
        return OSK_MALFORMED;
    }
    uint64_t start = osk_cursor_offset(&c);
    uint64_t count = 0;
    uint64_t ignored = 0;
    osk_cursor_skip(&c, 1);
    bool ok = read_vli(&c, &count) && count == blocks;
    for (uint64_t i = 0; ok && i < count; i++) {
        ok = read_vli(&c, &ignored) && read_vli(&c, &ignored);
    }
    ok = ok && skip_zeros(&c, start);
    osk_cursor_skip(&c, 4 + 12);
    s->used = s->len - osk_cursor_left(&c);
    return ok && osk_cursor_ok(&c) ? OSK_OK : OSK_MALFORMED;
}

/* RFC 8878 section 3.1.1: one frame; its blocks tell their sizes. */
OskStatus osk_tiff_walk_zstd(TiffStream *s)
{
    OskCursor c = osk_cursor_make(s->bytes, s->len, 0);
    if (osk_cursor_u32le(&c) != 0xFD2FB528) {
        return OSK_UNSUPPORTED;
    }
    uint8_t head = osk_cursor_u8(&c);
    bool single = (head & 0x20) != 0;
    static const uint8_t id_lens[] = { 0, 1, 2, 4 };
    unsigned size_code = head >> 6;
    unsigned size_len = size_code == 0 ? (single ? 1u : 0u) : 1u << size_code;
    osk_cursor_skip(&c, (single ? 0u : 1u) + id_lens[head & 3] + size_len);
    bool last = false;
    while (!last && osk_cursor_ok(&c)) {
        uint32_t block = osk_cursor_u24le(&c);
        unsigned type = block >> 1 & 3;
        last = (block & 1) != 0;
        if (type == 3) {
            return OSK_MALFORMED;
        }
        osk_cursor_skip(&c, type == 1 ? 1 : block >> 3);
    }
    osk_cursor_skip(&c, (head & 4) != 0 ? 4 : 0);
    s->used = s->len - osk_cursor_left(&c);
    return osk_cursor_ok(&c) ? OSK_OK : OSK_TRUNCATED;
}

/* Steps over one chunk; false when it isn't this one. */
static bool skip_webp_chunk(OskCursor *c, const char *fourcc)
{
    if (!osk_cursor_starts(c, fourcc, 4)) {
        return false;
    }
    osk_cursor_skip(c, 4);
    uint32_t len = osk_cursor_u32le(c);
    osk_cursor_skip(c, (uint64_t)len + len % 2);
    return osk_cursor_ok(c);
}

/* The WebP container: only a picture, with its transparency, and nothing else, is taken. */
OskStatus osk_tiff_walk_webp(TiffStream *s)
{
    OskCursor c = osk_cursor_make(s->bytes, s->len, 0);
    bool riff = osk_cursor_starts(&c, "RIFF", 4);
    osk_cursor_skip(&c, 4);
    uint32_t riff_len = osk_cursor_u32le(&c);
    bool webp = osk_cursor_starts(&c, "WEBP", 4);
    osk_cursor_skip(&c, 4);
    static const uint8_t extended[] = { 'V', 'P', '8', 'X', 10, 0, 0, 0, 0x10, 0, 0, 0 };
    if (osk_cursor_starts(&c, extended, sizeof(extended))) {
        osk_cursor_skip(&c, 18);
        (void)skip_webp_chunk(&c, "ALPH");
    }
    bool picture = skip_webp_chunk(&c, "VP8 ") || skip_webp_chunk(&c, "VP8L");
    s->used = s->len - osk_cursor_left(&c);
    bool exact = osk_cursor_ok(&c) && riff_len == s->used - 8;
    return riff && webp && picture && exact ? OSK_OK : OSK_UNSUPPORTED;
}
