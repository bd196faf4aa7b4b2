/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The coded data of TIFF: each strip is read to its end, and must end where its byte count says.
 * Fax codings and what is rarer are not read; docs/threat-model.md names their slack. */
#include "verify/tiff.h"

#include "inflate/inflate.h"

#define PART "strip"
#define LZW_CODES 4096u
#define LZW_CLEAR 256u
#define LZW_END 257u

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return b == 0 ? 0 : a / b + (a % b != 0);
}

uint64_t osk_check_strip_size(const OskCheckPage *page, uint64_t index)
{
    bool separate = page->planar == 2;
    uint64_t width = page->tile_width != 0 ? page->tile_width : page->width;
    uint64_t rows = page->tile_height;
    if (page->tile_width == 0) {
        uint64_t strips = divide_up(page->height, page->rows);
        uint64_t top = strips == 0 ? 0 : index % strips * page->rows;
        uint64_t left = page->height - top;
        rows = page->rows < left ? page->rows : left;
    }
    if (width > INT32_MAX || rows > INT32_MAX || page->bits > 4096) {
        return 0;
    }
    bool subsampled = page->photometric == 6 && !separate && page->samples == 3 &&
                      page->sample_bits == 8 && page->sub_h * page->sub_v > 1;
    if (subsampled) {
        return divide_up(width, page->sub_h) * divide_up(rows, page->sub_v) *
               (page->sub_h * page->sub_v + 2);
    }
    uint64_t bits = separate ? page->sample_bits : page->bits;
    return divide_up(width * bits, 8) * rows;
}

/* Runs of PackBits (TIFF 6.0 section 9) that make exactly `size` bytes. */
static bool check_packbits(OskCursor in, uint64_t size)
{
    uint64_t made = 0;
    while (osk_cursor_more(&in) && made < size) {
        uint8_t head = osk_cursor_u8(&in);
        if (head < 128) {
            osk_cursor_skip(&in, head + 1u);
            made += head + 1u;
        } else if (head > 128) {
            osk_cursor_skip(&in, 1);
            made += 257u - head;
        } else {
            return false; /* Says nothing, but may be anywhere and any number of times. */
        }
    }
    return osk_cursor_ok(&in) && !osk_cursor_more(&in);
}

typedef struct LzwBits {
    OskCursor in;
    uint32_t buffer;
    unsigned count;
    bool reversed; /* old files: low bits first, widths change one code later */
} LzwBits;

static bool take_code(LzwBits *bits, unsigned width, uint32_t *out)
{
    while (bits->count < width) {
        if (!osk_cursor_more(&bits->in)) {
            return false;
        }
        uint32_t byte = osk_cursor_u8(&bits->in);
        bits->buffer = bits->reversed ? bits->buffer | byte << bits->count
                                      : (bits->buffer << 8 | byte) & 0xFFFFFF;
        bits->count += 8;
    }
    uint32_t mask = (UINT32_C(1) << width) - 1;
    if (bits->reversed) {
        *out = bits->buffer & mask;
        bits->buffer >>= width;
    } else {
        *out = bits->buffer >> (bits->count - width) & mask;
    }
    bits->count -= width;
    return true;
}

/* TIFF 6.0 section 13: strings up to `size` bytes and the end code; then less than a byte of zeros.
 * Writers that leave the end code out are tolerated, bytes are not. */
static bool check_lzw(OskCursor data, uint64_t size)
{
    uint16_t lens[LZW_CODES];
    const uint8_t *head = osk_cursor_rest(&data);
    LzwBits bits = { .in = data };
    bits.reversed = osk_cursor_left(&data) >= 2 && head[0] == 0 && (head[1] & 1) != 0;
    unsigned next = 258;
    unsigned width = 9;
    unsigned before = 0;
    uint64_t made = 0;
    uint32_t code = 0;
    while (take_code(&bits, width, &code) && code != LZW_END) {
        if (code == LZW_CLEAR) {
            next = 258;
            width = 9;
            before = 0;
            continue;
        }
        unsigned len = code < 256 ? 1 : code < next ? lens[code] : before + 1;
        if (made >= size || (code > LZW_END && code > next) || (code >= next && before == 0)) {
            return false;
        }
        made += len;
        if (before != 0 && next < LZW_CODES) {
            lens[next++] = (uint16_t)(before + 1 < UINT16_MAX ? before + 1 : UINT16_MAX);
        }
        before = len;
        unsigned early = bits.reversed ? 0 : 1;
        while (width < 12 && next + early >= UINT32_C(1) << width) {
            width++;
        }
    }
    uint32_t mask = (UINT32_C(1) << (bits.count & 7)) - 1;
    /* Fewer pixels than the page has are no hiding place. */
    return !osk_cursor_more(&bits.in) && bits.count < 8 && (bits.buffer & mask) == 0;
}

static void check_deflate(OskCheck *check, OskCursor data, uint64_t size)
{
    OskInflated inflated;
    OskInflateSize sizes = { .expect = (size_t)size, .max = (size_t)size };
    uint64_t offset = osk_cursor_offset(&data);
    OskStatus status = osk_inflate_zlib(osk_cursor_rest(&data), osk_cursor_left(&data), sizes,
                                        check->budget, &inflated);
    if (status != OSK_OK) {
        osk_check_found(check, PART, "packed data that is broken or longer than its picture",
                        offset);
        return;
    }
    if (inflated.used != osk_cursor_left(&data)) {
        osk_check_found(check, PART, "bytes behind the end of packed data", offset + inflated.used);
    }
    osk_inflated_free(&inflated, check->budget);
}

/* FillOrder 2: the first pixel in the lowest bit. Empty, with the fault set, when memory ends. */
static OskCursor turn_around(OskCheck *check, OskCursor data)
{
    uint64_t offset = osk_cursor_offset(&data);
    size_t len = osk_cursor_left(&data);
    uint8_t *turned = osk_arena_alloc(check->arena, len);
    if (turned == NULL) {
        osk_check_found(check, PART, "packed data that there is no memory to read", offset);
        return osk_cursor_make(NULL, 0, offset);
    }
    for (size_t i = 0; i < len; i++) {
        unsigned byte = osk_cursor_u8(&data);
        for (unsigned k = 0; k < 8; k++) {
            turned[i] = (uint8_t)((unsigned)turned[i] << 1 | (byte >> k & 1));
        }
    }
    return osk_cursor_make(turned, len, offset);
}

void osk_check_strip(OskCheck *check, const OskCheckPage *page, OskCursor data, uint64_t size)
{
    uint64_t offset = osk_cursor_offset(&data);
    uint64_t len = osk_cursor_left(&data);
    if (len == 0 || osk_check_is_attested(check, offset, len)) {
        return;
    }
    if (page->reversed && page->compression != 6 && page->compression != 7) {
        data = turn_around(check, data);
        if (osk_cursor_left(&data) != len) {
            return;
        }
    }
    bool fine = true;
    switch (page->compression) {
    case 1: fine = size == 0 || len <= size; break;
    case 5: fine = size == 0 || check_lzw(data, size); break;
    case 32773: fine = size == 0 || check_packbits(data, size); break;
    case 6:
    case 7: osk_check_jpeg_stream(check, data, false); break;
    case 8:
    case 32946:
        if (size > 0 && size <= SIZE_MAX) {
            check_deflate(check, data, size);
        }
        break;
    default: break;
    }
    if (!fine) {
        osk_check_found(check, PART, "bytes that no pixel needs", offset);
    }
}

/* Tables fill their segment exactly (T.81 B.2.4). */
static bool check_tables(uint8_t marker, OskCursor in)
{
    while (osk_cursor_more(&in)) {
        uint8_t head = osk_cursor_u8(&in);
        uint64_t len = marker == 0xDB ? 64u * (1u + (head >> 4)) : 0;
        for (unsigned i = 0; marker == 0xC4 && i < 16; i++) {
            len += osk_cursor_u8(&in);
        }
        if ((head >> 4) > 1 || (head & 15) > 3 || len > 256) {
            return false;
        }
        osk_cursor_skip(&in, len);
    }
    return osk_cursor_ok(&in);
}

static bool check_segment(uint8_t marker, OskCursor body)
{
    size_t len = osk_cursor_left(&body);
    switch (marker) {
    case 0xC4:
    case 0xDB: return check_tables(marker, body);
    case 0xC0:
    case 0xC1:
    case 0xC2:
        osk_cursor_skip(&body, 5);
        return len == 6u + 3u * osk_cursor_u8(&body) && osk_cursor_ok(&body);
    case 0xDA: return len == 4u + 2u * osk_cursor_u8(&body);
    case 0xDC:
    case 0xDD: return len == 2;
    case 0xE0:
        return len == 14 && osk_cursor_starts(&body, "JFIF\0", 5) &&
               memcmp(osk_cursor_rest(&body) + 12, "\0\0", 2) == 0;
    case 0xEE: return len == 12 && osk_cursor_starts(&body, "Adobe\0\144\0\0\0\0", 11);
    default: return false;
    }
}

/* Steps over coded data up to the marker that ends the scan. */
static void skip_scan(OskCursor *in)
{
    const uint8_t *bytes = osk_cursor_rest(in);
    size_t left = osk_cursor_left(in);
    size_t at = 0;
    while (at + 1 < left && (bytes[at] != 0xFF || bytes[at + 1] == 0 ||
                             (bytes[at + 1] >= 0xD0 && bytes[at + 1] <= 0xD7))) {
        at += bytes[at] == 0xFF ? 2 : 1;
    }
    osk_cursor_skip(in, at < left ? at : left);
}

void osk_check_jpeg_stream(OskCheck *check, OskCursor data, bool tables_only)
{
    OskCursor in = data;
    uint64_t offset = osk_cursor_offset(&in);
    bool fine = osk_cursor_u16be(&in) == 0xFFD8;
    while (fine) {
        offset = osk_cursor_offset(&in);
        uint16_t marker = osk_cursor_u16be(&in);
        if (marker == 0xFFD9) {
            break;
        }
        uint16_t len = osk_cursor_u16be(&in);
        fine = marker >> 8 == 0xFF && len >= 2;
        OskCursor body = osk_cursor_take(&in, fine ? len - 2u : 0);
        bool table = marker == 0xFFC4 || marker == 0xFFDB || marker == 0xFFDD;
        fine = fine && osk_cursor_ok(&in) && (table || !tables_only) &&
               check_segment((uint8_t)marker, body);
        if (fine && marker == 0xFFDA) {
            skip_scan(&in);
        }
    }
    if (!fine || osk_cursor_more(&in)) {
        osk_check_found(check, "JPEG", "a segment or bytes that no picture needs",
                        fine ? osk_cursor_offset(&in) : offset);
    }
}
