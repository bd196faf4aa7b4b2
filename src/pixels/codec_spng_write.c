/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PNG and APNG, written with libspng.
 *
 * Frames are coded as they come; what stands before them is written at the end, when it is known
 * which colours of the palette are used. Behind the first frame only the box that changed is
 * written, and replaces what is there. Nothing here looks at the pixels of the file it is like:
 * entries that no written pixel uses are zero, and never matched. */
#include <stdlib.h>
#include <string.h>

#include <spng.h>
#include <zlib.h>

#include "base/checked.h"
#include "base/cursor.h"
#include "base/fault.h"
#include "pixels/codec_spng.h"
#include "pixels/composite.h"
#include "pixels/orient.h"

#define TYPE OSK_PNG_TYPE

static OskStatus limit(OskFault *fault, const char *what)
{
    return osk_fault_set(fault, OSK_LIMIT, "IDAT", what, OSK_NO_OFFSET);
}

OskStatus osk_png_begin(const OskEncodeOptions *options, const OskCodecInfo *info,
                        OskBudget *budget, OskEncoder **out_encoder, OskFault *fault)
{
    (void)fault;
    *out_encoder = calloc(1, sizeof **out_encoder);
    if (*out_encoder == NULL) {
        return OSK_NO_MEMORY;
    }
    OskEncoder *e = *out_encoder;
    e->options = *options;
    e->budget = budget;
    e->animated = info->frames > 1 || (options->like != NULL && options->like->file.animated);
    osk_writer_init(&e->body, SIZE_MAX);
    bool had_palette = options->like != NULL && options->like->file.header.color == OSK_PNG_PALETTE;
    if (e->animated && had_palette) {
        e->indexed = calloc(1, sizeof *e->indexed);
        if (e->indexed == NULL) {
            osk_png_drop(out_encoder);
            return OSK_NO_MEMORY;
        }
        e->indexed->options = *options;
        e->indexed->budget = budget;
        e->indexed->animated = true;
        osk_writer_init(&e->indexed->body, SIZE_MAX);
    }
    return OSK_OK;
}

void osk_png_drop(OskEncoder **encoder)
{
    OskEncoder *e = *encoder;
    if (e == NULL) {
        return;
    }
    osk_png_drop(&e->indexed);
    osk_image_free(&e->before, e->budget);
    osk_writer_free(&e->body);
    osk_budget_return(e->budget, e->held);
    free(e);
    *encoder = NULL;
}

/* ---- the kind of file ---- */

/* Whether every pixel is either opaque or wholly transparent. */
static bool is_binary_alpha(const OskImage *image)
{
    unsigned samples = osk_pixel_samples(image->model);
    uint32_t max = (1u << image->depth) - 1;
    for (uint32_t y = 0; y < image->height; y++) {
        const uint8_t *row = image->pixels + y * image->stride;
        for (size_t x = 0; x < image->width; x++) {
            uint16_t alpha = row[(x + 1) * samples - 1];
            if (image->depth > 8) {
                memcpy(&alpha, row + 2 * ((x + 1) * samples - 1), 2);
            }
            if (alpha != 0 && alpha != max) {
                return false;
            }
        }
    }
    return true;
}

static uint8_t legal_depth(unsigned depth, bool small)
{
    if (depth > 8) {
        return 16;
    }
    return (uint8_t)(!small || depth > 4 ? 8 : depth > 2 ? 4 : depth);
}

static OskStatus choose_header(OskEncoder *e, const OskImage *image, OskFault *fault)
{
    const OskDecoder *like = e->options.like;
    e->header.width = image->width;
    e->header.height = image->height;
    e->header.interlace = like != NULL ? like->file.header.interlace : 0;
    e->model = image->model;
    e->depth = image->depth;
    bool has_alpha = image->model == OSK_PIXELS_RGBA || image->model == OSK_PIXELS_GREY_ALPHA;
    e->keyed = like != NULL && like->keyed && has_alpha &&
               like->file.header.depth == image->depth && like->canvas.model == image->model &&
               is_binary_alpha(image);
    bool small = false;
    switch (image->model) {
    case OSK_PIXELS_GREY:
        e->header.color = OSK_PNG_GREY;
        small = true;
        break;
    case OSK_PIXELS_GREY_ALPHA:
        e->header.color = e->keyed ? OSK_PNG_GREY : OSK_PNG_GREY_ALPHA;
        small = e->keyed;
        break;
    case OSK_PIXELS_RGB: e->header.color = OSK_PNG_RGB; break;
    case OSK_PIXELS_RGBA: e->header.color = e->keyed ? OSK_PNG_RGB : OSK_PNG_RGBA; break;
    case OSK_PIXELS_INDEXED:
        e->header.color = OSK_PNG_PALETTE;
        small = true;
        break;
    case OSK_PIXELS_CMYK:
        return osk_fault_set(fault, OSK_UNSUPPORTED, "IHDR", "PNG has no colours of inks",
                             OSK_NO_OFFSET);
    }
    e->header.depth = legal_depth(image->depth, small);
    if (image->model == OSK_PIXELS_INDEXED) {
        osk_png_palette_start(e, image);
    }
    return OSK_OK;
}

/* ---- coding ---- */

/* One pixel's samples as the file has them. */
static void take_samples(const OskEncoder *e, const OskImage *image, const uint8_t *at,
                         uint16_t *out)
{
    unsigned samples = osk_pixel_samples(image->model);
    uint32_t max = (1u << image->depth) - 1;
    uint32_t target = (1u << e->header.depth) - 1;
    for (unsigned s = 0; s < samples; s++) {
        uint16_t value = at[s];
        if (image->depth > 8) {
            memcpy(&value, at + 2 * (size_t)s, 2);
        }
        out[s] = image->model == OSK_PIXELS_INDEXED || max == target
                     ? value
                     : (uint16_t)((value * target + max / 2) / max);
    }
    if (!e->keyed) {
        return;
    }
    const uint16_t *key = e->options.like->key;
    bool clear = out[samples - 1] == 0;
    bool equal = true;
    for (unsigned s = 0; s + 1 < samples; s++) {
        out[s] = clear ? key[s] : out[s];
        equal = equal && out[s] == key[s];
    }
    /* An opaque pixel that is painted in the colour that means transparent gets the next one. */
    out[0] = equal && !clear ? out[0] ^ 1 : out[0];
}

static unsigned written_samples(const OskEncoder *e)
{
    return osk_pixel_samples(e->model) - (e->keyed ? 1u : 0u);
}

/* Rows of `box` in the form that libspng takes. */
static void pack_rows(const OskEncoder *e, const OskImage *image, OskPatch box, uint8_t *packed,
                      size_t stride)
{
    unsigned depth = e->header.depth;
    unsigned samples = written_samples(e);
    size_t step = osk_pixel_bytes(image);
    bool same = depth >= 8 && depth == image->depth && !e->keyed;
    for (uint32_t y = 0; y < box.height; y++) {
        const uint8_t *in = image->pixels + (box.y + y) * image->stride + box.x * step;
        uint8_t *out = packed + y * stride;
        if (same) {
            memcpy(out, in, stride);
            continue;
        }
        for (size_t x = 0; x < box.width; x++, in += step) {
            uint16_t value[4] = { 0 };
            take_samples(e, image, in, value);
            for (unsigned s = 0; s < samples; s++) {
                size_t bit = (x * samples + s) * depth;
                if (depth == 16) {
                    memcpy(out + bit / 8, &value[s], 2);
                } else {
                    out[bit / 8] |= (uint8_t)(value[s] << (8 - depth - bit % 8));
                }
            }
        }
    }
}

static int code_rows(const OskEncoder *e, OskPatch box, const uint8_t *packed, size_t len,
                     uint8_t **out, size_t *out_len)
{
    struct spng_ihdr ihdr = { .width = box.width,
                              .height = box.height,
                              .bit_depth = e->header.depth,
                              .color_type = e->header.color,
                              .interlace_method = e->header.interlace };
    struct spng_plte plte = { .n_entries = 1u << (e->header.depth < 8 ? e->header.depth : 8) };
    spng_ctx *ctx = spng_ctx_new(SPNG_CTX_ENCODER);
    if (ctx == NULL) {
        return SPNG_EMEM;
    }
    int error = spng_set_option(ctx, SPNG_ENCODE_TO_BUFFER, 1);
    if (error == 0) {
        error = spng_set_ihdr(ctx, &ihdr);
    }
    if (error == 0 && e->header.color == OSK_PNG_PALETTE) {
        error = spng_set_plte(ctx, &plte);
    }
    if (error == 0) {
        error = spng_encode_image(ctx, packed, len, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
    }
    if (error == 0) {
        *out = spng_get_png_buffer(ctx, out_len, &error);
    }
    spng_ctx_free(ctx);
    return error;
}

/* Takes the coded rows out of a PNG, as IDAT or as fdAT. */
static void append_data(OskEncoder *e, const uint8_t *png, size_t len, bool first)
{
    OskCursor c = osk_cursor_make(png, len, 0);
    osk_cursor_skip(&c, sizeof osk_png_signature);
    while (osk_cursor_more(&c)) {
        uint32_t size = osk_cursor_u32be(&c);
        uint32_t type = osk_cursor_u32be(&c);
        const uint8_t *data = osk_cursor_bytes(&c, size);
        osk_cursor_skip(&c, 4);
        if (!osk_cursor_ok(&c) || type != TYPE('I', 'D', 'A', 'T')) {
            continue;
        }
        if (first) {
            osk_png_chunk_write(&e->body, type, data, size);
            continue;
        }
        OskWriter numbered;
        osk_writer_init(&numbered, (size_t)size + 4);
        osk_writer_be(&numbered, e->sequence++, 4);
        osk_writer_bytes(&numbered, data, size);
        if (!osk_writer_ok(&numbered)) {
            e->body.failed = true;
        } else {
            osk_png_chunk_write(&e->body, TYPE('f', 'd', 'A', 'T'), numbered.bytes, numbered.len);
        }
        osk_writer_free(&numbered);
    }
}

static OskStatus code_box(OskEncoder *e, const OskImage *image, OskPatch box, OskFault *fault)
{
    size_t bits = 0;
    size_t len = 0;
    if (!osk_mul_size(box.width, (size_t)written_samples(e) * e->header.depth, &bits)) {
        return limit(fault, "the picture is too large");
    }
    size_t stride = bits / 8 + (bits % 8 != 0);
    /* Rows, and what libspng makes of them, which is hardly more. */
    if (!osk_mul_size(stride, box.height, &len) || len > SIZE_MAX / 4 ||
        !osk_budget_memory(e->budget, (uint64_t)len * 2)) {
        return limit(fault, "the picture is too large");
    }
    uint8_t *packed = calloc(1, len);
    uint8_t *png = NULL;
    size_t png_len = 0;
    int error = SPNG_EMEM;
    if (packed != NULL) {
        pack_rows(e, image, box, packed, stride);
        error = code_rows(e, box, packed, len, &png, &png_len);
    }
    free(packed);
    osk_budget_return(e->budget, (uint64_t)len * 2);
    if (error != 0) {
        free(png);
        return error == SPNG_EMEM ? OSK_NO_MEMORY
                                  : osk_fault_set(fault, OSK_BUG, "IDAT",
                                                  "the encoder refuses the picture", OSK_NO_OFFSET);
    }
    if (osk_budget_memory(e->budget, png_len)) {
        e->held += png_len;
        append_data(e, png, png_len, e->frames == 0);
    } else {
        e->body.failed = true;
    }
    free(png);
    return osk_writer_ok(&e->body) ? OSK_OK : limit(fault, "the result is too large");
}

static void write_control(OskEncoder *e, const OskFrame *frame, OskPatch box)
{
    uint64_t num = frame->duration_num;
    uint64_t den = frame->duration_den != 0 ? frame->duration_den : 1;
    if (num > UINT16_MAX || den > UINT16_MAX) {
        num = num * 1000 / den;
        num = num > UINT16_MAX ? UINT16_MAX : num;
        den = 1000;
    }
    OskWriter w;
    osk_writer_init(&w, 26);
    osk_writer_be(&w, e->sequence++, 4);
    osk_writer_be(&w, box.width, 4);
    osk_writer_be(&w, box.height, 4);
    osk_writer_be(&w, box.x, 4);
    osk_writer_be(&w, box.y, 4);
    osk_writer_be(&w, num, 2);
    osk_writer_be(&w, den, 2);
    osk_writer_be(&w, 0, 2); /* stays, and replaces what was there */
    if (osk_writer_ok(&w)) {
        osk_png_chunk_write(&e->body, TYPE('f', 'c', 'T', 'L'), w.bytes, w.len);
    }
    osk_writer_free(&w);
}

/* The changed box, and what to compare the next frame with. */
static OskStatus code_moving(OskEncoder *e, const OskFrame *frame, OskImage *image, OskFault *fault)
{
    OskPatch box = { .width = image->width, .height = image->height };
    if (e->frames > 0) {
        box = osk_image_difference(image, &e->before);
        box.width = box.width > 0 ? box.width : 1;
        box.height = box.height > 0 ? box.height : 1;
    }
    write_control(e, frame, box);
    OskStatus status = code_box(e, image, box, fault);
    osk_image_free(&e->before, e->budget);
    e->before = *image;
    *image = (OskImage){ 0 };
    return status;
}

/* The frame with a palette, too; no longer once one does not hold all colours. */
static OskStatus add_indexed(OskEncoder *e, const OskFrame *frame, OskFault *fault)
{
    bool fits = false;
    OskFrame indexed = *frame;
    OskStatus status = OSK_OK;
    if (frame->image.model == OSK_PIXELS_RGBA && frame->image.depth == 8) {
        unsigned depth = e->options.like->file.header.depth;
        status = osk_png_palette_index(e->indexed, &frame->image, depth, &indexed.image, &fits);
    }
    if (fits) {
        status = osk_png_add(e->indexed, &indexed, fault);
        osk_image_free(&indexed.image, e->budget);
    } else {
        osk_png_drop(&e->indexed);
    }
    return status == OSK_LIMIT ? limit(fault, "the picture is too large") : status;
}

OskStatus osk_png_add(OskEncoder *encoder, const OskFrame *frame, OskFault *fault)
{
    OskEncoder *e = encoder;
    const OskImage *given = &frame->image;
    OskPatch whole = { .width = given->width, .height = given->height };
    OskStatus status = e->indexed != NULL ? add_indexed(e, frame, fault) : OSK_OK;
    if (status == OSK_OK && e->frames == 0) {
        status = choose_header(e, given, fault);
    }
    if (status == OSK_OK &&
        (given->width != e->header.width || given->height != e->header.height ||
         given->model != e->model || given->depth != e->depth || (e->frames > 0 && !e->animated) ||
         (e->keyed && e->frames > 0 && !is_binary_alpha(given)))) {
        status = osk_fault_set(fault, OSK_MISUSE, "fcTL", "frames differ in kind", OSK_NO_OFFSET);
    }
    if (status == OSK_OK && !e->animated && given->model != OSK_PIXELS_INDEXED) {
        status = code_box(e, given, whole, fault);
    } else if (status == OSK_OK) {
        OskImage image = { 0 };
        status = osk_image_cut(&image, given, whole, e->budget);
        status = status == OSK_LIMIT ? limit(fault, "the picture is too large") : status;
        if (status == OSK_OK && given->model == OSK_PIXELS_INDEXED) {
            status = osk_png_palette_map(e, frame, &image, fault);
        }
        if (status == OSK_OK) {
            status = e->animated ? code_moving(e, frame, &image, fault)
                                 : code_box(e, &image, whole, fault);
        }
        osk_image_free(&image, e->budget);
    }
    e->frames++;
    return status;
}

/* ---- what stands before the frames ---- */

static void write_palette(const OskEncoder *e, OskWriter *out)
{
    uint8_t colours[OSK_PALETTE_MAX * 3] = { 0 };
    uint8_t alpha[OSK_PALETTE_MAX];
    unsigned count = osk_png_palette_count(e);
    unsigned clear = 0;
    for (unsigned i = 0; i < count; i++) {
        alpha[i] = 0xFF;
        if (e->used[i]) {
            memcpy(colours + 3 * (size_t)i, e->palette[i], 3);
            alpha[i] = e->palette[i][3];
        }
        clear = alpha[i] != 0xFF ? i + 1 : clear;
    }
    osk_png_chunk_write(out, TYPE('P', 'L', 'T', 'E'), colours, 3 * (size_t)count);
    if (clear > 0) {
        osk_png_chunk_write(out, TYPE('t', 'R', 'N', 'S'), alpha, clear);
    }
}

/* The background is an entry of the palette, which has its colour elsewhere now, or nowhere. */
static void write_background(const OskEncoder *e, const OskPngSpan *chunk, OskWriter *out,
                             bool before_palette)
{
    const OskPngSpan *old = e->options.like->file.palette;
    if (before_palette || old == NULL || chunk->len != 1 || chunk->data[0] >= old->len / 3) {
        return;
    }
    for (unsigned i = 0; i < osk_png_palette_count(e); i++) {
        uint8_t index = (uint8_t)i;
        if (e->used[i] && memcmp(e->palette[i], old->data + 3 * (size_t)chunk->data[0], 3) == 0) {
            osk_png_chunk_write(out, chunk->type, &index, 1);
            return;
        }
    }
}

/* Chunks that say how colours and sizes are meant: copied as they are. What was counted over all
 * pixels (cLLI: the brightest; sBIT: which bits any of them uses) is not: it says something of
 * those that are covered or cut off. */
static void copy_chunks(const OskEncoder *e, OskWriter *out, bool before_palette)
{
    static const struct {
        uint32_t type;
        bool before_palette;
        bool same_kind; /* written in samples of the picture, so only where these are the same */
    } kept[] = {
        { TYPE('c', 'H', 'R', 'M'), true, false }, { TYPE('g', 'A', 'M', 'A'), true, false },
        { TYPE('i', 'C', 'C', 'P'), true, false }, { TYPE('s', 'R', 'G', 'B'), true, false },
        { TYPE('c', 'I', 'C', 'P'), true, false }, { TYPE('m', 'D', 'C', 'V'), true, false },
        { TYPE('b', 'K', 'G', 'D'), false, true }, { TYPE('p', 'H', 'Y', 's'), false, false },
    };
    const OskPngFile *like = &e->options.like->file;
    bool same = like->header.color == e->header.color && like->header.depth == e->header.depth;
    for (size_t i = 1; i < like->picture; i++) {
        const OskPngSpan *chunk = &like->chunks[i];
        if (chunk->type == TYPE('b', 'K', 'G', 'D') && e->header.color == OSK_PNG_PALETTE) {
            write_background(e, chunk, out, before_palette);
            continue;
        }
        for (size_t k = 0; k < sizeof kept / sizeof kept[0]; k++) {
            if (kept[k].type == chunk->type && kept[k].before_palette == before_palette &&
                (same || !kept[k].same_kind)) {
                osk_png_chunk_write(out, chunk->type, chunk->data, chunk->len);
            }
        }
    }
}

static OskStatus write_profile(const OskEncoder *e, OskWriter *out, OskFault *fault)
{
    static const uint8_t name[] = { 'i', 'c', 'c', 0, 0 };
    size_t len = e->options.icc_len;
    uLongf packed_len = compressBound((uLong)len);
    if (!osk_budget_memory(e->budget, packed_len)) {
        return limit(fault, "the colour profile is too large");
    }
    uint8_t *packed = malloc(packed_len + sizeof name);
    OskStatus status = OSK_NO_MEMORY;
    if (packed != NULL &&
        compress(packed + sizeof name, &packed_len, e->options.icc, (uLong)len) == Z_OK) {
        memcpy(packed, name, sizeof name);
        osk_png_chunk_write(out, TYPE('i', 'C', 'C', 'P'), packed, packed_len + sizeof name);
        status = OSK_OK;
    }
    free(packed);
    osk_budget_return(e->budget, compressBound((uLong)len));
    return status;
}

/* Exif with one entry. */
static void write_orientation(const OskEncoder *e, OskWriter *out)
{
    uint8_t exif[OSK_ORIENTATION_BYTES];
    osk_orientation_write(exif, e->options.orientation);
    if (e->options.orientation > 1 && e->options.orientation <= 8) {
        osk_png_chunk_write(out, TYPE('e', 'X', 'I', 'f'), exif, sizeof exif);
    }
}

static void write_animation(const OskEncoder *e, OskWriter *out)
{
    uint32_t plays = e->options.like != NULL ? e->options.like->file.plays : 0;
    uint8_t control[8];
    for (unsigned i = 0; i < 4; i++) {
        control[i] = (uint8_t)(e->frames >> (24 - 8 * i));
        control[4 + i] = (uint8_t)(plays >> (24 - 8 * i));
    }
    osk_png_chunk_write(out, TYPE('a', 'c', 'T', 'L'), control, sizeof control);
}

static void write_header(const OskEncoder *e, OskWriter *out)
{
    uint8_t header[13] = {
        [8] = e->header.depth, [9] = e->header.color, [12] = e->header.interlace
    };
    for (unsigned i = 0; i < 4; i++) {
        header[i] = (uint8_t)(e->header.width >> (24 - 8 * i));
        header[4 + i] = (uint8_t)(e->header.height >> (24 - 8 * i));
    }
    osk_writer_bytes(out, osk_png_signature, sizeof osk_png_signature);
    osk_png_chunk_write(out, TYPE('I', 'H', 'D', 'R'), header, sizeof header);
}

OskStatus osk_png_end(OskEncoder *encoder, OskWriter *out, OskFault *fault)
{
    OskEncoder *e = encoder;
    const OskDecoder *like = e->options.like;
    OskStatus status = OSK_OK;
    if (e->frames == 0) {
        return osk_fault_set(fault, OSK_MISUSE, "IDAT", "no frame was given", OSK_NO_OFFSET);
    }
    if (e->indexed != NULL) {
        return osk_png_end(e->indexed, out, fault);
    }
    write_header(e, out);
    if (like != NULL) {
        copy_chunks(e, out, true);
    } else if (e->options.icc != NULL && e->options.icc_len > 0) {
        status = write_profile(e, out, fault);
    }
    if (e->header.color == OSK_PNG_PALETTE) {
        write_palette(e, out);
    } else if (e->keyed) {
        const OskPngSpan *trns = like->file.trns;
        osk_png_chunk_write(out, trns->type, trns->data, trns->len);
    }
    if (like != NULL) {
        copy_chunks(e, out, false);
    }
    write_orientation(e, out);
    if (e->animated) {
        write_animation(e, out);
    }
    osk_writer_bytes(out, e->body.bytes, e->body.len);
    osk_png_chunk_write(out, TYPE('I', 'E', 'N', 'D'), NULL, 0);
    if (status == OSK_OK && !osk_writer_ok(out)) {
        status = limit(fault, "the result is too large");
    }
    return status;
}
