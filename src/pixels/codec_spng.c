/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PNG and APNG, read with libspng.
 *
 * Each frame is wrapped as a PNG of its own (header, palette, one IDAT) before libspng sees it, so
 * that it never meets any other chunk. Canvases are composited here. A colour that means
 * transparent (tRNS of grey and RGB) becomes alpha, so that what is painted can be told from it. */
#include <stdlib.h>
#include <string.h>

#include <spng.h>
#include <zlib.h>

#include "base/checked.h"
#include "base/fault.h"
#include "pixels/codec_spng.h"
#include "pixels/composite.h"

#define IHDR OSK_PNG_TYPE('I', 'H', 'D', 'R')
#define PLTE OSK_PNG_TYPE('P', 'L', 'T', 'E')
#define IDAT OSK_PNG_TYPE('I', 'D', 'A', 'T')
#define IEND OSK_PNG_TYPE('I', 'E', 'N', 'D')
#define ICCP OSK_PNG_TYPE('i', 'C', 'C', 'P')
#define FDAT OSK_PNG_TYPE('f', 'd', 'A', 'T')

/* Colour profiles of cameras have at most some MiB. */
#define PROFILE_MAX (UINT64_C(16) << 20)

static OskStatus limit(OskFault *fault, const char *part)
{
    return osk_fault_set(fault, OSK_LIMIT, part, "the picture is larger than the limit",
                         OSK_NO_OFFSET);
}

static unsigned file_samples(uint8_t color)
{
    return color == OSK_PNG_RGB          ? 3
           : color == OSK_PNG_RGBA       ? 4
           : color == OSK_PNG_GREY_ALPHA ? 2
                                         : 1;
}

/* ---- one frame ---- */

/* The frame as a PNG file of its own. */
static OskStatus wrap_frame(const OskPngFile *file, const OskPngFrame *frame, OskWriter *out,
                            OskFault *fault)
{
    uint8_t header[13] = {
        [8] = file->header.depth, [9] = file->header.color, [12] = file->header.interlace
    };
    for (unsigned i = 0; i < 4; i++) {
        header[i] = (uint8_t)(frame->width >> (24 - 8 * i));
        header[4 + i] = (uint8_t)(frame->height >> (24 - 8 * i));
    }
    osk_writer_bytes(out, osk_png_signature, sizeof osk_png_signature);
    osk_png_chunk_write(out, IHDR, header, sizeof header);
    if (file->header.color == OSK_PNG_PALETTE) {
        osk_png_chunk_write(out, PLTE, file->palette->data, file->palette->len);
    }
    for (size_t i = 0; i < frame->chunks; i++) {
        const OskPngSpan *chunk = &file->chunks[frame->first + i];
        uint32_t skip = chunk->type == FDAT ? 4 : 0;
        osk_png_chunk_write(out, IDAT, chunk->data + skip, chunk->len - skip);
    }
    osk_png_chunk_write(out, IEND, NULL, 0);
    return osk_writer_ok(out) ? OSK_OK : limit(fault, "IDAT");
}

static OskStatus read_rows(const OskWriter *png, uint8_t *packed, size_t len, OskFault *fault)
{
    spng_ctx *ctx = spng_ctx_new(0);
    if (ctx == NULL) {
        return OSK_NO_MEMORY;
    }
    int error = spng_set_png_buffer(ctx, png->bytes, png->len);
    if (error == 0) {
        error = spng_decode_image(ctx, packed, len, SPNG_FMT_PNG, 0);
    }
    spng_ctx_free(ctx);
    if (error == SPNG_EMEM) {
        return OSK_NO_MEMORY;
    }
    return error == 0 ? OSK_OK
                      : osk_fault_set(fault, OSK_MALFORMED, "IDAT", "the picture can't be decoded",
                                      OSK_NO_OFFSET);
}

/* Rows as libspng gives them (packed below eight bits) to rows of an image, with alpha where the
 * image has one and the file has none. */
static void unpack_rows(const OskDecoder *d, const uint8_t *packed, size_t stride, OskImage *image)
{
    unsigned depth = d->file.header.depth;
    unsigned from = file_samples(d->file.header.color);
    unsigned to = osk_pixel_samples(image->model);
    uint32_t max = (1u << depth) - 1;
    for (uint32_t y = 0; y < image->height; y++) {
        const uint8_t *in = packed + y * stride;
        uint8_t *out = image->pixels + y * image->stride;
        for (size_t x = 0; x < image->width; x++) {
            bool is_key = d->keyed;
            for (unsigned s = 0; s < to; s++) {
                uint16_t value = (uint16_t)(is_key ? 0 : max);
                if (s < from && depth == 16) {
                    memcpy(&value, in + 2 * (x * from + s), 2);
                } else if (s < from) {
                    size_t bit = (x * from + s) * depth;
                    value = (uint16_t)(in[bit / 8] >> (8 - depth - bit % 8) & max);
                }
                is_key = is_key && (s >= from || value == d->key[s]);
                if (depth == 16) {
                    memcpy(out + 2 * (x * to + s), &value, 2);
                } else {
                    out[x * to + s] = (uint8_t)value;
                }
            }
        }
    }
}

/* Indices behind the end of the palette are shown as black: the palette grows to hold them. */
static void admit_indices(OskImage *image)
{
    unsigned top = 0;
    for (uint32_t y = 0; y < image->height; y++) {
        for (uint32_t x = 0; x < image->width; x++) {
            unsigned index = image->pixels[y * image->stride + x];
            top = index > top ? index : top;
        }
    }
    while (image->palette_count <= top) {
        uint8_t *entry = image->palette[image->palette_count++];
        memset(entry, 0, 3);
        entry[3] = 0xFF;
    }
}

static void give_palette(const OskPngFile *file, OskImage *image)
{
    unsigned count = file->palette->len / 3;
    unsigned room = 1u << file->header.depth;
    image->palette_count = count < room ? count : room;
    for (unsigned i = 0; i < image->palette_count; i++) {
        memcpy(image->palette[i], file->palette->data + (size_t)i * 3, 3);
        image->palette[i][3] =
            file->trns != NULL && i < file->trns->len ? file->trns->data[i] : 255;
    }
}

static OskPixelModel canvas_model(const OskDecoder *d)
{
    return d->canvas.model;
}

/* The palette gives its colours to a canvas of RGBA. */
static void colour_rows(const OskImage *indexed, OskImage *image)
{
    for (uint32_t y = 0; y < image->height; y++) {
        const uint8_t *in = indexed->pixels + y * indexed->stride;
        uint8_t *out = image->pixels + y * image->stride;
        for (uint32_t x = 0; x < image->width; x++) {
            memcpy(out + (size_t)x * 4, indexed->palette[in[x]], 4);
        }
    }
}

static OskStatus unpack_frame(OskDecoder *d, const uint8_t *packed, size_t stride, OskImage *image,
                              OskFault *fault)
{
    const OskPngFile *file = &d->file;
    if (file->header.color != OSK_PNG_PALETTE) {
        unpack_rows(d, packed, stride, image);
        return OSK_OK;
    }
    if (d->indexed) {
        unpack_rows(d, packed, stride, image);
        give_palette(file, image);
        admit_indices(image);
        return OSK_OK;
    }
    OskImage indexed;
    OskStatus status = osk_image_make(&indexed, image->width, image->height, OSK_PIXELS_INDEXED,
                                      file->header.depth, d->budget);
    if (status != OSK_OK) {
        return status == OSK_LIMIT ? limit(fault, "PLTE") : status;
    }
    unpack_rows(d, packed, stride, &indexed);
    give_palette(file, &indexed);
    admit_indices(&indexed);
    colour_rows(&indexed, image);
    osk_image_free(&indexed, d->budget);
    return OSK_OK;
}

static bool row_bytes(const OskPngFile *file, const OskPngFrame *frame, size_t *out_stride,
                      size_t *out_len)
{
    size_t bits = 0;
    if (!osk_mul_size(frame->width, (size_t)file_samples(file->header.color) * file->header.depth,
                      &bits)) {
        return false;
    }
    *out_stride = bits / 8 + (bits % 8 != 0);
    return osk_mul_size(*out_stride, frame->height, out_len);
}

/* Decodes one frame into an image of its size; the caller frees it. */
static OskStatus decode_frame(OskDecoder *d, const OskPngFrame *frame, OskImage *image,
                              OskFault *fault)
{
    const OskPngFile *file = &d->file;
    size_t stride = 0;
    size_t len = 0;
    uint64_t coded = 1024; /* headers and a palette */
    for (size_t i = 0; i < frame->chunks; i++) {
        coded += UINT64_C(12) + file->chunks[frame->first + i].len;
    }
    OskStatus status = osk_image_make(image, frame->width, frame->height, canvas_model(d),
                                      d->canvas.depth, d->budget);
    if (status != OSK_OK) {
        return status == OSK_LIMIT ? limit(fault, "IHDR") : status;
    }
    if (!row_bytes(file, frame, &stride, &len) || !osk_budget_memory(d->budget, coded)) {
        osk_image_free(image, d->budget);
        return limit(fault, "IDAT");
    }
    bool direct = file->header.depth >= 8 && stride == image->stride && !d->indexed && !d->keyed;
    uint8_t *packed = image->pixels;
    uint64_t spent = direct ? 0 : len;
    OskWriter png;
    osk_writer_init(&png, (size_t)coded);
    if (!osk_budget_memory(d->budget, spent)) {
        spent = 0;
        status = limit(fault, "IDAT");
    } else if (!direct && (packed = calloc(1, len)) == NULL) {
        status = OSK_NO_MEMORY;
    }
    if (status == OSK_OK) {
        status = wrap_frame(file, frame, &png, fault);
    }
    if (status == OSK_OK) {
        status = read_rows(&png, packed, len, fault);
    }
    if (status == OSK_OK && !direct) {
        status = unpack_frame(d, packed, stride, image, fault);
    }
    osk_writer_free(&png);
    if (!direct) {
        free(packed);
    }
    osk_budget_return(d->budget, coded + spent);
    if (status != OSK_OK) {
        osk_image_free(image, d->budget);
    }
    return status;
}

/* ---- the kind of canvas ---- */

/* Whether pixels of an animation can become transparent that no frame made so. */
static bool may_clear(const OskPngFile *file)
{
    const OskPngFrame *first = &file->frames[0];
    if (file->animated &&
        (first->width != file->header.width || first->height != file->header.height)) {
        return true;
    }
    for (uint32_t i = 0; file->animated && i + 1 < file->frame_count; i++) {
        if (file->frames[i].dispose != OSK_PNG_DISPOSE_NONE) {
            return true;
        }
    }
    return false;
}

/* The canvas has its model and depth from here on, and pixels when an animation begins. */
static void choose_canvas(OskDecoder *d)
{
    const OskPngFile *file = &d->file;
    const OskPngSpan *trns = file->trns;
    bool alpha = may_clear(file);
    d->canvas.depth = file->header.depth;
    switch (file->header.color) {
    case OSK_PNG_GREY:
    case OSK_PNG_RGB:
        d->keyed = trns != NULL && trns->len == 2u * file_samples(file->header.color);
        for (unsigned i = 0; d->keyed && i < trns->len / 2; i++) {
            d->key[i] = (uint16_t)((trns->data[2 * i] << 8 | trns->data[2 * i + 1]) &
                                   ((1 << file->header.depth) - 1));
        }
        if (file->header.color == OSK_PNG_GREY) {
            d->canvas.model = alpha || d->keyed ? OSK_PIXELS_GREY_ALPHA : OSK_PIXELS_GREY;
        } else {
            d->canvas.model = alpha || d->keyed ? OSK_PIXELS_RGBA : OSK_PIXELS_RGB;
        }
        break;
    case OSK_PNG_GREY_ALPHA: d->canvas.model = OSK_PIXELS_GREY_ALPHA; break;
    case OSK_PNG_RGBA: d->canvas.model = OSK_PIXELS_RGBA; break;
    default:
        /* Canvases of an animation are of true colours whatever the palette has: entries that only
         * covered pixels use must decide nothing. The encoder may find that a palette suffices. */
        d->indexed = !file->animated;
        d->canvas.model = d->indexed ? OSK_PIXELS_INDEXED : OSK_PIXELS_RGBA;
        d->canvas.depth = d->indexed ? file->header.depth : 8;
        break;
    }
}

/* ---- the codec ---- */

/* Inflates the colour profile. A broken one is as good as none: pixels don't need it. */
static OskStatus read_profile(OskDecoder *d)
{
    const OskPngSpan *chunk = NULL;
    for (size_t i = 0; i < d->file.picture && chunk == NULL; i++) {
        chunk = d->file.chunks[i].type == ICCP ? &d->file.chunks[i] : NULL;
    }
    const uint8_t *end = chunk != NULL ? memchr(chunk->data, 0, chunk->len) : NULL;
    size_t at = end != NULL ? (size_t)(end - chunk->data) + 2 : 0; /* name, 0, method */
    if (end == NULL || at >= chunk->len || !osk_budget_memory(d->budget, PROFILE_MAX)) {
        return OSK_OK;
    }
    uLongf len = (uLongf)PROFILE_MAX;
    d->icc = malloc(PROFILE_MAX);
    if (d->icc == NULL) {
        osk_budget_return(d->budget, PROFILE_MAX);
        return OSK_NO_MEMORY;
    }
    if (uncompress(d->icc, &len, chunk->data + at, chunk->len - at) != Z_OK || len == 0) {
        free(d->icc);
        d->icc = NULL;
        osk_budget_return(d->budget, PROFILE_MAX);
        return OSK_OK;
    }
    uint8_t *fits = realloc(d->icc, len);
    d->icc = fits != NULL ? fits : d->icc;
    d->icc_len = len;
    osk_budget_return(d->budget, PROFILE_MAX - len);
    return OSK_OK;
}

static void png_close(OskDecoder **decoder)
{
    OskDecoder *d = *decoder;
    if (d == NULL) {
        return;
    }
    osk_image_free(&d->canvas, d->budget);
    osk_image_free(&d->before, d->budget);
    osk_png_file_free(&d->file, d->budget);
    osk_budget_return(d->budget, d->icc_len);
    free(d->icc);
    free(d);
    *decoder = NULL;
}

static void tell(const OskDecoder *d, size_t len, OskCodecInfo *info)
{
    const OskPngFile *file = &d->file;
    OskPixelModel model = d->canvas.model;
    uint64_t area = (uint64_t)file->header.width * file->header.height;
    *info = (OskCodecInfo){ .width = file->header.width,
                            .height = file->header.height,
                            .orientation = file->orientation,
                            .frames = file->frame_count,
                            .alpha = model == OSK_PIXELS_RGBA || model == OSK_PIXELS_GREY_ALPHA ||
                                     (model == OSK_PIXELS_INDEXED && file->trns != NULL) };
    /* The canvas, the copy of it that is given away, and what libspng makes them from. */
    uint64_t copies = file->animated ? 4 : 2;
    info->memory = area * osk_pixel_bytes(&d->canvas) * copies + len;
}

static OskStatus png_open(const uint8_t *bytes, size_t len, OskBudget *budget,
                          OskDecoder **out_decoder, OskCodecInfo *out_info, OskFault *fault)
{
    *out_decoder = NULL;
    OskDecoder *d = calloc(1, sizeof *d);
    if (d == NULL) {
        return OSK_NO_MEMORY;
    }
    d->budget = budget;
    OskStatus status = osk_png_file_read(&d->file, bytes, len, budget, fault);
    if (status == OSK_OK &&
        (uint64_t)d->file.header.width * d->file.header.height > budget->pixels) {
        status = limit(fault, "IHDR");
    }
    if (status == OSK_OK) {
        choose_canvas(d);
        status = read_profile(d);
    }
    if (status != OSK_OK) {
        png_close(&d);
        return status;
    }
    tell(d, len, out_info);
    *out_decoder = d;
    return OSK_OK;
}

static OskPatch whole(const OskImage *image)
{
    return (OskPatch){ .width = image->width, .height = image->height };
}

/* What the frame before leaves behind. PNG 11.3.6.2. */
static void dispose(OskDecoder *d, const OskPngFrame *last)
{
    OskPatch box = { last->x, last->y, last->width, last->height };
    /* The first frame has nothing under it, so PREVIOUS is BACKGROUND there. */
    bool first = last == d->file.frames;
    if (last->dispose == OSK_PNG_DISPOSE_BACKGROUND ||
        (last->dispose == OSK_PNG_DISPOSE_PREVIOUS && first)) {
        osk_composite_clear(&d->canvas, box, 0);
    } else if (last->dispose == OSK_PNG_DISPOSE_PREVIOUS && d->before.pixels != NULL) {
        osk_composite_replace(&d->canvas, &d->before, last->x, last->y);
    }
    osk_image_free(&d->before, d->budget);
}

static OskStatus start_canvas(OskDecoder *d)
{
    return osk_image_make(&d->canvas, d->file.header.width, d->file.header.height, d->canvas.model,
                          d->canvas.depth, d->budget);
}

/* Puts the next frame onto the canvas. */
static OskStatus advance(OskDecoder *d, const OskPngFrame *frame, OskFault *fault)
{
    OskStatus status = OSK_OK;
    if (d->next == 0) {
        status = start_canvas(d);
    } else {
        dispose(d, frame - 1);
    }
    if (status == OSK_OK && frame->dispose == OSK_PNG_DISPOSE_PREVIOUS && d->next > 0) {
        OskPatch box = { frame->x, frame->y, frame->width, frame->height };
        status = osk_image_cut(&d->before, &d->canvas, box, d->budget);
    }
    if (status != OSK_OK) {
        return status == OSK_LIMIT ? limit(fault, "fcTL") : status;
    }
    OskImage piece;
    status = decode_frame(d, frame, &piece, fault);
    if (status != OSK_OK) {
        return status;
    }
    if (frame->over) {
        osk_composite_over(&d->canvas, &piece, frame->x, frame->y);
    } else {
        osk_composite_replace(&d->canvas, &piece, frame->x, frame->y);
    }
    osk_image_free(&piece, d->budget);
    return OSK_OK;
}

static OskStatus png_next(OskDecoder *decoder, OskFrame *out_frame, OskFault *fault)
{
    OskDecoder *d = decoder;
    if (d->next >= d->file.frame_count) {
        return OSK_MISUSE;
    }
    const OskPngFrame *frame = &d->file.frames[d->next];
    *out_frame = (OskFrame){ .duration_den = 1 };
    OskStatus status = OSK_OK;
    if (!d->file.animated) {
        status = decode_frame(d, frame, &out_frame->image, fault);
    } else {
        status = advance(d, frame, fault);
        if (status == OSK_OK) {
            status = osk_image_cut(&out_frame->image, &d->canvas, whole(&d->canvas), d->budget);
            status = status == OSK_LIMIT ? limit(fault, "fcTL") : status;
        }
        out_frame->duration_num = frame->delay_num;
        out_frame->duration_den = frame->delay_den != 0 ? frame->delay_den : 100;
    }
    d->next++;
    return status;
}

static const uint8_t *png_icc(const OskDecoder *decoder, size_t *out_len)
{
    *out_len = decoder->icc_len;
    return decoder->icc;
}

const OskCodec osk_codec_png = {
    .format = "png",
    .open = png_open,
    .next = png_next,
    .icc = png_icc,
    .close = png_close,
    .begin = osk_png_begin,
    .add = osk_png_add,
    .end = osk_png_end,
    .drop = osk_png_drop,
};
