/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BMP, written with the header, the masks, the palette and the kind of rows of the file that it is
 * like. Palette entries that no written pixel uses are zero. */
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/fault.h"
#include "pixels/codec_bmp.h"

struct OskEncoder {
    const OskDecoder *like;
    OskBudget *budget;
    OskWriter body; /* rows or runs */
    uint8_t palette[OSK_PALETTE_MAX][4];
    bool used[OSK_PALETTE_MAX];
    uint32_t width;
    uint32_t height;
    bool plain; /* 24 bits with a header of 40 bytes: pixels are no longer of the kind they were */
    bool blank_fourth;
    bool done;
    uint64_t held;
};

static OskStatus fail(OskFault *fault, OskStatus status, const char *what)
{
    return osk_fault_set(fault, status, "pixels", what, OSK_NO_OFFSET);
}

OskStatus osk_bmp_begin(const OskEncodeOptions *options, const OskCodecInfo *info,
                        OskBudget *budget, OskEncoder **out_encoder, OskFault *fault)
{
    (void)info;
    (void)fault;
    OskEncoder *e = calloc(1, sizeof *e);
    *out_encoder = e;
    if (e == NULL) {
        return OSK_NO_MEMORY;
    }
    e->like = options->like;
    e->budget = budget;
    osk_writer_init(&e->body, SIZE_MAX);
    return OSK_OK;
}

void osk_bmp_drop(OskEncoder **encoder)
{
    OskEncoder *e = *encoder;
    if (e == NULL) {
        return;
    }
    osk_writer_free(&e->body);
    osk_budget_return(e->budget, e->held);
    free(e);
    *encoder = NULL;
}

/* ---- rows ---- */

static void write_fields(const OskEncoder *e, const OskImage *image, const uint8_t *in,
                         uint8_t *out)
{
    const OskDecoder *like = e->like;
    unsigned samples = osk_pixel_samples(image->model);
    unsigned step = like->bits / 8;
    for (size_t x = 0; x < image->width; x++, out += step) {
        uint32_t pixel = 0;
        for (unsigned s = 0; s < samples; s++) {
            OskBmpChannel channel = like->channels[s];
            uint16_t value = in[x * samples + s];
            if (image->depth > 8) {
                memcpy(&value, in + 2 * (x * samples + s), 2);
            }
            if (s < 3 || !e->blank_fourth) {
                pixel |= osk_bmp_scale(value, image->depth, channel.bits) << channel.shift;
            }
        }
        for (unsigned i = 0; i < step; i++) {
            out[i] = (uint8_t)(pixel >> 8 * i);
        }
    }
}

/* Any pixels as 24 bits. */
static void write_plain(const OskImage *image, const uint8_t *in, uint8_t *out)
{
    unsigned samples = osk_pixel_samples(image->model);
    size_t size = image->depth > 8 ? 2 : 1;
    for (size_t x = 0; x < image->width; x++) {
        uint8_t v[3] = { 0 };
        for (unsigned s = 0; s < 3; s++) {
            const uint8_t *at = in + size * (x * samples + (samples < 3 ? 0 : s));
            uint16_t value = *at;
            if (size == 2) {
                memcpy(&value, at, 2);
            }
            v[s] = (uint8_t)osk_bmp_scale(value, image->depth, 8);
        }
        if (image->model == OSK_PIXELS_INDEXED) {
            memcpy(v, image->palette[in[x]], 3);
        }
        out[3 * x] = v[2];
        out[3 * x + 1] = v[1];
        out[3 * x + 2] = v[0];
    }
}

static void write_row(const OskEncoder *e, const OskImage *image, const uint8_t *in, uint8_t *out)
{
    unsigned bits = e->plain ? 24 : e->like->bits;
    if (e->plain || bits == 24) {
        write_plain(image, in, out);
    } else if (bits > 8) {
        write_fields(e, image, in, out);
    } else {
        for (size_t x = 0; x < image->width; x++) {
            size_t bit = x * bits;
            out[bit / 8] |= (uint8_t)(in[x] << (8 - bits - bit % 8));
        }
    }
}

/* ---- runs ---- */

static size_t run_at(const uint8_t *row, size_t left)
{
    size_t count = 1;
    while (count < left && count < 255 && row[count] == row[0]) {
        count++;
    }
    return count;
}

static void put_literal(OskWriter *out, const uint8_t *row, size_t count, unsigned bits)
{
    size_t len = bits == 8 ? count : (count + 1) / 2;
    osk_writer_u8(out, 0);
    osk_writer_u8(out, (uint8_t)count);
    for (size_t i = 0; i < len; i++) {
        uint8_t second = bits == 4 && 2 * i + 1 < count ? row[2 * i + 1] : 0;
        osk_writer_u8(out, bits == 8 ? row[i] : (uint8_t)(row[2 * i] << 4 | second));
    }
    osk_writer_zeros(out, len & 1);
}

/* One row as runs of one colour, and what lies between long runs as it is. */
static void write_runs(OskWriter *out, const uint8_t *row, size_t width, unsigned bits)
{
    size_t x = 0;
    while (x < width) {
        size_t literal = 0;
        while (x + literal < width && literal < 255 &&
               run_at(row + x + literal, width - x - literal) < 4) {
            literal++;
        }
        if (literal >= 3) {
            put_literal(out, row + x, literal, bits);
            x += literal;
            continue;
        }
        size_t count = run_at(row + x, width - x);
        osk_writer_u8(out, (uint8_t)count);
        osk_writer_u8(out, bits == 8 ? row[x] : (uint8_t)(row[x] << 4 | row[x]));
        x += count;
    }
    osk_writer_be(out, 0, 2);
}

/* ---- the picture ---- */

static bool has_runs(const OskEncoder *e)
{
    return !e->plain &&
           (e->like->compression == OSK_BMP_RLE8 || e->like->compression == OSK_BMP_RLE4);
}

static const uint8_t *row_of(const OskEncoder *e, const OskImage *image, uint32_t line)
{
    bool top_down = !e->plain && e->like->top_down;
    uint32_t y = top_down ? line : image->height - 1 - line;
    return image->pixels + (size_t)y * image->stride;
}

/* Whether the fourth byte says nothing outside what was painted: then it says nothing there. */
static bool is_fourth_blank(const OskFrame *frame)
{
    const OskImage *image = &frame->image;
    for (size_t i = 0; i < (size_t)image->width * image->height; i++) {
        bool painted = frame->covered != NULL && frame->covered[i] != 0;
        if (!painted &&
            image->pixels[i / image->width * image->stride + i % image->width * 4 + 3] != 0) {
            return false;
        }
    }
    return true;
}

static void find_used(OskEncoder *e, const OskImage *image)
{
    memcpy(e->palette, image->palette, sizeof e->palette);
    for (size_t i = 0; i < image->stride * image->height; i++) {
        e->used[image->pixels[i]] = true;
    }
}

OskStatus osk_bmp_add(OskEncoder *encoder, const OskFrame *frame, OskFault *fault)
{
    OskEncoder *e = encoder;
    const OskDecoder *like = e->like;
    const OskImage *image = &frame->image;
    if (e->done || image->model == OSK_PIXELS_CMYK) {
        return fail(fault, OSK_UNSUPPORTED, "BMP holds one picture, of no inks");
    }
    bool with_fourth = like != NULL && like->fourth &&
                       (image->model == OSK_PIXELS_RGB || image->model == OSK_PIXELS_RGBA);
    e->done = true;
    e->width = image->width;
    e->height = image->height;
    e->plain = like == NULL || ((image->model != like->model || image->depth != like->depth) &&
                                !(with_fourth && image->depth == 8));
    e->blank_fourth = !e->plain && like->fourth && image->model == OSK_PIXELS_RGBA &&
                      frame->covered != NULL && is_fourth_blank(frame);
    size_t row_len = osk_bmp_row_len(image->width, e->plain ? 24 : like->bits);
    size_t len = 0;
    /* Runs of single pixels take two bytes for each, and rows an end. */
    if (row_len == 0 || !osk_mul_size(row_len * (has_runs(e) ? 4 : 1) + 8, image->height, &len) ||
        !osk_budget_memory(e->budget, len)) {
        return fail(fault, OSK_LIMIT, "the picture is larger than the limit");
    }
    e->held += len;
    if (image->model == OSK_PIXELS_INDEXED) {
        find_used(e, image);
    }
    uint8_t *row = malloc(row_len);
    for (uint32_t line = 0; row != NULL && line < image->height; line++) {
        if (has_runs(e)) {
            write_runs(&e->body, row_of(e, image, line), image->width, like->bits);
            continue;
        }
        memset(row, 0, row_len);
        write_row(e, image, row_of(e, image, line), row);
        osk_writer_bytes(&e->body, row, row_len);
    }
    if (has_runs(e)) {
        osk_writer_be(&e->body, 1, 2);
    }
    bool ok = row != NULL && osk_writer_ok(&e->body);
    free(row);
    return ok ? OSK_OK : OSK_NO_MEMORY;
}

/* ---- what stands before and behind ---- */

/* Up to the last one that is used; a short header can't say that there are fewer. */
static uint32_t palette_entries(const OskEncoder *e)
{
    uint32_t count = 1;
    if (e->plain || e->like->bits > 8) {
        return 0;
    }
    if (e->like->header == 12) {
        return 1u << e->like->bits;
    }
    for (uint32_t i = 0; i < 1u << e->like->bits; i++) {
        count = e->used[i] ? i + 1 : count;
    }
    return count;
}

static void write_palette(const OskEncoder *e, OskWriter *out)
{
    for (uint32_t i = 0; i < palette_entries(e); i++) {
        uint8_t entry[4] = { 0 };
        for (unsigned k = 0; k < 3 && e->used[i]; k++) {
            entry[k] = e->palette[i][2 - k];
        }
        osk_writer_bytes(out, entry, e->like->entry);
    }
}

static void write_plain_header(const OskEncoder *e, OskWriter *out)
{
    osk_writer_bytes(out, "BM", 2);
    osk_writer_zeros(out, 12);
    osk_writer_le(out, 40, 4);
    osk_writer_le(out, e->width, 4);
    osk_writer_le(out, e->height, 4);
    osk_writer_le(out, 1, 2);
    osk_writer_le(out, 24, 2);
    osk_writer_zeros(out, 24);
}

/* The header of the file with sizes of its own. */
static void write_header(const OskEncoder *e, OskWriter *out)
{
    const OskDecoder *like = e->like;
    size_t info = OSK_BMP_FILE_HEADER;
    osk_writer_bytes(out, like->bytes, info + like->header + like->masks);
    if (like->header == 12) {
        osk_writer_patch_le(out, info + 4, e->width, 2);
        osk_writer_patch_le(out, info + 6, e->height, 2);
        return;
    }
    osk_writer_patch_le(out, info + 4, e->width, 4);
    osk_writer_patch_le(out, info + 8, like->top_down ? 0u - e->height : e->height, 4);
    if (has_runs(e)) {
        osk_writer_patch_le(out, info + 20, e->body.len, 4);
    } else {
        osk_writer_patch_le(out, info + 20, 0, 4);
    }
    osk_writer_patch_le(out, info + 32, palette_entries(e), 4);
}

OskStatus osk_bmp_end(OskEncoder *encoder, OskWriter *out, OskFault *fault)
{
    OskEncoder *e = encoder;
    const OskDecoder *like = e->like;
    if (!e->done) {
        return fail(fault, OSK_MISUSE, "no picture was given");
    }
    if (e->plain) {
        write_plain_header(e, out);
    } else {
        write_header(e, out);
        write_palette(e, out);
    }
    size_t pixels = out->len;
    osk_writer_bytes(out, e->body.bytes, e->body.len);
    if (!e->plain && like->profile_len > 0) {
        osk_writer_patch_le(out, OSK_BMP_FILE_HEADER + 112, out->len - OSK_BMP_FILE_HEADER, 4);
        osk_writer_bytes(out, like->bytes + like->profile, like->profile_len);
    }
    osk_writer_patch_le(out, 2, out->len, 4);
    osk_writer_patch_le(out, 10, pixels, 4);
    if (!osk_writer_ok(out) || out->len > UINT32_MAX) {
        return fail(fault, OSK_LIMIT, "the result is larger than the limit");
    }
    return OSK_OK;
}
