/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BMP, read: "Bitmap Storage" and "Bitmap Compression" (Microsoft, headers up to BITMAPV5HEADER),
 * OS/2 2.0 for its header.
 *
 * Colours of up to eight bits are given with eight, longer ones with sixteen; scaling is exact in
 * both directions. Pixels that runs skip have the first colour. The fourth byte of 32-bit pixels
 * is transparency to some readers: it is given as alpha unless it is zero everywhere. */
#include "pixels/codec_bmp.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/cursor.h"
#include "base/fault.h"

#define MBED 0x4D424544u

static OskStatus fail(OskFault *fault, OskStatus status, const char *part, const char *what)
{
    return osk_fault_set(fault, status, part, what, OSK_NO_OFFSET);
}

size_t osk_bmp_row_len(uint32_t width, unsigned bits)
{
    size_t total = 0;
    if (!osk_mul_size(width, bits, &total) || total > SIZE_MAX / 2) {
        return 0;
    }
    return (total + 31) / 32 * 4;
}

uint32_t osk_bmp_scale(uint32_t value, unsigned bits, unsigned depth)
{
    uint64_t from = (UINT64_C(1) << bits) - 1;
    uint64_t to = (UINT64_C(1) << depth) - 1;
    return (uint32_t)((value * to + from / 2) / from);
}

/* ---- the header ---- */

static bool set_channel(OskBmpChannel *channel, uint32_t mask)
{
    *channel = (OskBmpChannel){ 0 };
    while (mask != 0 && (mask & 1) == 0) {
        mask >>= 1;
        channel->shift++;
    }
    while ((mask & 1) != 0) {
        mask >>= 1;
        channel->bits++;
    }
    return mask == 0 && channel->bits <= 16;
}

static OskStatus read_masks(OskDecoder *d, OskFault *fault)
{
    uint32_t mask[4] = { 0xFF0000, 0xFF00, 0xFF, 0 };
    bool given = d->compression == OSK_BMP_BITFIELDS || d->compression == OSK_BMP_ALPHABITFIELDS;
    if (d->bits == 16 && !given) {
        mask[0] = 0x7C00;
        mask[1] = 0x03E0;
        mask[2] = 0x001F;
    }
    if (given) {
        size_t at = OSK_BMP_FILE_HEADER + 40;
        unsigned count = 3;
        d->masks = d->header == 40 ? 12 : 0;
        if (d->header >= 56 || (d->header == 40 && d->compression == OSK_BMP_ALPHABITFIELDS)) {
            d->masks = d->header == 40 ? 16 : 0;
            count = 4;
        }
        OskCursor c = osk_cursor_make(d->bytes, d->len, 0);
        osk_cursor_skip(&c, at);
        for (unsigned i = 0; i < count; i++) {
            mask[i] = osk_cursor_u32le(&c);
        }
        if (!osk_cursor_ok(&c)) {
            return fail(fault, OSK_TRUNCATED, "masks", "the file ends in its header");
        }
    }
    d->fourth = d->bits == 32 && !given;
    if (d->fourth) {
        mask[3] = 0xFF000000u;
    }
    unsigned most = 0;
    for (unsigned i = 0; i < 4; i++) {
        if (!set_channel(&d->channels[i], mask[i]) || (i < 3 && d->channels[i].bits == 0)) {
            return fail(fault, OSK_UNSUPPORTED, "masks", "a colour has no bits of its own");
        }
        most = d->channels[i].bits > most ? d->channels[i].bits : most;
    }
    d->model = d->channels[3].bits > 0 ? OSK_PIXELS_RGBA : OSK_PIXELS_RGB;
    d->depth = most > 8 ? 16 : 8;
    return OSK_OK;
}

static bool is_possible(const OskDecoder *d)
{
    switch (d->compression) {
    case OSK_BMP_RGB:
        return d->bits == 1 || d->bits == 2 || d->bits == 4 || d->bits == 8 || d->bits == 16 ||
               d->bits == 24 || d->bits == 32;
    case OSK_BMP_RLE8: return d->bits == 8 && !d->top_down;
    case OSK_BMP_RLE4: return d->bits == 4 && !d->top_down;
    case OSK_BMP_BITFIELDS:
    case OSK_BMP_ALPHABITFIELDS: return (d->bits == 16 || d->bits == 32) && d->header != 64;
    default: return false;
    }
}

static void read_long_header(OskDecoder *d, OskCursor *c, uint32_t *used)
{
    d->width = osk_cursor_u32le(c);
    d->height = osk_cursor_u32le(c);
    osk_cursor_skip(c, 2);
    d->bits = osk_cursor_u16le(c);
    d->compression = osk_cursor_u32le(c);
    osk_cursor_skip(c, 12);
    *used = osk_cursor_u32le(c);
    osk_cursor_skip(c, 4);
    d->top_down = d->height > INT32_MAX;
    d->height = d->top_down ? 0u - d->height : d->height;
    if (d->header == 124) {
        osk_cursor_skip(c, 16); /* masks */
        bool embedded = osk_cursor_u32le(c) == MBED;
        osk_cursor_skip(c, 52);
        uint32_t at = osk_cursor_u32le(c);
        uint32_t len = osk_cursor_u32le(c);
        if (embedded && osk_range_within((uint64_t)at + OSK_BMP_FILE_HEADER, len, d->len)) {
            d->profile = (size_t)at + OSK_BMP_FILE_HEADER;
            d->profile_len = len;
        }
    }
}

static OskStatus read_header(OskDecoder *d, OskFault *fault)
{
    OskCursor c = osk_cursor_make(d->bytes, d->len, 0);
    uint32_t used = 0;
    osk_cursor_skip(&c, 10);
    d->pixels = osk_cursor_u32le(&c);
    d->header = osk_cursor_u32le(&c);
    d->entry = 4;
    if (d->header == 12) {
        d->width = osk_cursor_u16le(&c);
        d->height = osk_cursor_u16le(&c);
        osk_cursor_skip(&c, 2);
        d->bits = osk_cursor_u16le(&c);
        d->entry = 3;
    } else if (d->header == 40 || d->header == 52 || d->header == 56 || d->header == 64 ||
               d->header == 108 || d->header == 124) {
        read_long_header(d, &c, &used);
    } else {
        return fail(fault, OSK_UNSUPPORTED, "info header", "a header of another length");
    }
    if (!osk_cursor_ok(&c)) {
        return fail(fault, OSK_TRUNCATED, "info header", "the file ends in its header");
    }
    if (!is_possible(d)) {
        return fail(fault, OSK_UNSUPPORTED, "info header", "a kind of pixels that can't be read");
    }
    if (d->width == 0 || d->width > INT32_MAX || d->height == 0 || d->height > INT32_MAX ||
        osk_bmp_row_len(d->width, d->bits) == 0) {
        return fail(fault, OSK_MALFORMED, "info header", "the picture has no size");
    }
    d->model = d->bits <= 8 ? OSK_PIXELS_INDEXED : OSK_PIXELS_RGB;
    d->depth = d->bits <= 8 ? d->bits : 8;
    if (d->bits <= 8) {
        d->entries = used == 0 || used > 1u << d->bits ? 1u << d->bits : used;
    }
    return d->bits == 16 || d->bits == 32 ? read_masks(d, fault) : OSK_OK;
}

/* ---- pixels ---- */

static void give_palette(const OskDecoder *d, OskImage *image)
{
    size_t at = OSK_BMP_FILE_HEADER + (size_t)d->header + d->masks;
    OskCursor c = osk_cursor_make(d->bytes, d->pixels < d->len ? d->pixels : d->len, 0);
    osk_cursor_skip(&c, at);
    for (unsigned i = 0; i < 1u << d->bits; i++) {
        const uint8_t *entry = i < d->entries ? osk_cursor_bytes(&c, d->entry) : NULL;
        for (unsigned k = 0; k < 3; k++) {
            image->palette[i][k] = entry != NULL ? entry[2 - k] : 0;
        }
        image->palette[i][3] = 255;
    }
    image->palette_count = d->entries;
}

/* Indices behind the end of the palette are black. */
static void admit_indices(OskImage *image)
{
    for (size_t i = 0; i < image->stride * image->height; i++) {
        if (image->pixels[i] >= image->palette_count) {
            image->palette_count = image->pixels[i] + 1u;
        }
    }
}

static uint8_t *row_for(const OskDecoder *d, const OskImage *image, uint32_t line)
{
    uint32_t y = d->top_down ? line : d->height - 1 - line;
    return image->pixels + (size_t)y * image->stride;
}

/* Pixels of 16 and 32 bits. */
static void read_fields(const OskDecoder *d, const uint8_t *in, uint8_t *out)
{
    unsigned samples = osk_pixel_samples(d->model);
    unsigned step = d->bits / 8;
    for (size_t x = 0; x < d->width; x++, in += step) {
        uint32_t pixel = 0;
        for (unsigned i = step; i > 0; i--) {
            pixel = pixel << 8 | in[i - 1];
        }
        for (unsigned s = 0; s < samples; s++) {
            OskBmpChannel channel = d->channels[s];
            uint32_t raw = pixel >> channel.shift & ((1u << channel.bits) - 1);
            uint16_t value = (uint16_t)osk_bmp_scale(raw, channel.bits, d->depth);
            if (d->depth == 16) {
                memcpy(out + 2 * (x * samples + s), &value, 2);
            } else {
                out[x * samples + s] = (uint8_t)value;
            }
        }
    }
}

static void read_row(const OskDecoder *d, const uint8_t *in, uint8_t *out)
{
    if (d->bits == 24) {
        for (size_t x = 0; x < d->width; x++) {
            out[3 * x] = in[3 * x + 2];
            out[3 * x + 1] = in[3 * x + 1];
            out[3 * x + 2] = in[3 * x];
        }
    } else if (d->bits > 8) {
        read_fields(d, in, out);
    } else {
        for (size_t x = 0; x < d->width; x++) {
            size_t bit = x * d->bits;
            out[x] = (uint8_t)(in[bit / 8] >> (8 - d->bits - bit % 8) & ((1u << d->bits) - 1));
        }
    }
}

static OskStatus read_rows(const OskDecoder *d, OskCursor *c, OskImage *image, OskFault *fault)
{
    size_t len = osk_bmp_row_len(d->width, d->bits);
    for (uint32_t line = 0; line < d->height; line++) {
        const uint8_t *row = osk_cursor_bytes(c, len);
        if (row == NULL) {
            return fail(fault, OSK_TRUNCATED, "pixels", "the file ends in the picture");
        }
        read_row(d, row, row_for(d, image, line));
    }
    return OSK_OK;
}

/* Where runs go on. */
typedef struct Pen {
    uint32_t x;
    uint32_t line;
} Pen;

static void draw(const OskDecoder *d, OskImage *image, Pen *pen, uint8_t index)
{
    if (pen->x < d->width && pen->line < d->height) {
        row_for(d, image, pen->line)[pen->x] = index;
        pen->x++;
    }
}

/* `count` pixels out of packed bytes; a run repeats its one byte. */
static void draw_pixels(const OskDecoder *d, OskImage *image, Pen *pen, const uint8_t *in,
                        unsigned count, bool repeat)
{
    for (unsigned i = 0; i < count; i++) {
        if (d->bits == 8) {
            draw(d, image, pen, in[repeat ? 0 : i]);
        } else {
            uint8_t pair = in[repeat ? 0 : i / 2];
            draw(d, image, pen, i % 2 == 0 ? pair >> 4 : pair & 15);
        }
    }
}

static void read_runs(const OskDecoder *d, OskCursor *c, OskImage *image)
{
    Pen pen = { 0 };
    while (osk_cursor_more(c) && pen.line < d->height) {
        uint8_t count = osk_cursor_u8(c);
        uint8_t value = osk_cursor_u8(c);
        if (count > 0) {
            draw_pixels(d, image, &pen, &value, count, true);
        } else if (value == 0) {
            pen = (Pen){ .line = pen.line + 1 };
        } else if (value == 1) {
            return;
        } else if (value == 2) {
            uint32_t right = osk_cursor_u8(c);
            pen.line += osk_cursor_u8(c);
            pen.x = pen.x + right < d->width ? pen.x + right : d->width;
        } else {
            size_t len = d->bits == 8 ? value : (value + 1u) / 2;
            const uint8_t *in = osk_cursor_bytes(c, len + (len & 1));
            if (in != NULL) {
                draw_pixels(d, image, &pen, in, value, false);
            }
        }
    }
}

/* ---- the codec ---- */

static bool is_fourth_zero(const OskDecoder *d)
{
    size_t len = osk_bmp_row_len(d->width, d->bits);
    for (size_t i = 0; i < (size_t)d->width * d->height; i++) {
        size_t at = d->pixels + i / d->width * len + i % d->width * 4 + 3;
        if (at < d->len && d->bytes[at] != 0) {
            return false;
        }
    }
    return true;
}

static void bmp_close(OskDecoder **decoder)
{
    free(*decoder);
    *decoder = NULL;
}

static OskStatus check_sizes(OskDecoder *d, OskFault *fault)
{
    uint64_t area = (uint64_t)d->width * d->height;
    bool runs = d->compression == OSK_BMP_RLE8 || d->compression == OSK_BMP_RLE4;
    uint64_t need = runs ? 2 : (uint64_t)osk_bmp_row_len(d->width, d->bits) * d->height;
    if (area > d->budget->pixels) {
        return fail(fault, OSK_LIMIT, "info header", "the picture is larger than the limit");
    }
    if (!osk_range_within(d->pixels, need, d->len)) {
        return fail(fault, OSK_TRUNCATED, "pixels", "the file ends before its pixels do");
    }
    return OSK_OK;
}

static OskStatus bmp_open(const uint8_t *bytes, size_t len, OskBudget *budget,
                          OskDecoder **out_decoder, OskCodecInfo *out_info, OskFault *fault)
{
    *out_decoder = NULL;
    OskDecoder *d = calloc(1, sizeof *d);
    if (d == NULL) {
        return OSK_NO_MEMORY;
    }
    d->bytes = bytes;
    d->len = len;
    d->budget = budget;
    OskStatus status = len >= 2 && memcmp(bytes, "BM", 2) == 0
                           ? read_header(d, fault)
                           : fail(fault, OSK_MALFORMED, "file header", "this is no BMP");
    if (status == OSK_OK) {
        status = check_sizes(d, fault);
    }
    if (status != OSK_OK) {
        bmp_close(&d);
        return status;
    }
    if (d->fourth && is_fourth_zero(d)) {
        d->model = OSK_PIXELS_RGB;
    }
    *out_info = (OskCodecInfo){ .width = d->width,
                                .height = d->height,
                                .orientation = 1,
                                .frames = 1,
                                .alpha = d->model == OSK_PIXELS_RGBA,
                                .memory = (uint64_t)d->width * d->height * 8 + 2 * (uint64_t)len };
    *out_decoder = d;
    return OSK_OK;
}

static OskStatus bmp_next(OskDecoder *decoder, OskFrame *out_frame, OskFault *fault)
{
    OskDecoder *d = decoder;
    OskImage *image = &out_frame->image;
    *out_frame = (OskFrame){ .duration_den = 1 };
    if (d->done) {
        return OSK_MISUSE;
    }
    d->done = true;
    OskStatus status = osk_image_make(image, d->width, d->height, d->model, d->depth, d->budget);
    if (status != OSK_OK) {
        return status == OSK_LIMIT
                   ? fail(fault, status, "info header", "the picture is larger than the limit")
                   : status;
    }
    OskCursor c = osk_cursor_make(d->bytes, d->len, 0);
    osk_cursor_skip(&c, d->pixels);
    if (d->model == OSK_PIXELS_INDEXED) {
        give_palette(d, image);
    }
    if (d->compression == OSK_BMP_RLE8 || d->compression == OSK_BMP_RLE4) {
        read_runs(d, &c, image);
    } else {
        status = read_rows(d, &c, image, fault);
    }
    if (status == OSK_OK && d->model == OSK_PIXELS_INDEXED) {
        admit_indices(image);
    }
    if (status != OSK_OK) {
        osk_image_free(image, d->budget);
    }
    return status;
}

static const uint8_t *bmp_icc(const OskDecoder *decoder, size_t *out_len)
{
    *out_len = decoder->profile_len;
    return decoder->profile_len > 0 ? decoder->bytes + decoder->profile : NULL;
}

const OskCodec osk_codec_bmp = {
    .format = "bmp",
    .open = bmp_open,
    .next = bmp_next,
    .icc = bmp_icc,
    .close = bmp_close,
    .begin = osk_bmp_begin,
    .add = osk_bmp_add,
    .end = osk_bmp_end,
    .drop = osk_bmp_drop,
};
