/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HEIF (x265) and AVIF (aom), written: the codec of the file that was decoded, its chroma format,
 * depth and colours; one coded picture, where there was a grid too.
 *
 * Where nothing was painted the decoded file's own luma and chroma are coded. Coding a large
 * picture takes long, so that the search goes over tiles of it, spread evenly, and is then carried
 * on from there with the whole picture. */
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/fault.h"
#include "pixels/codec_heif.h"
#include "pixels/planes.h"
#include "pixels/quality.h"

#define QUALITY_MOST 100u
#define QUALITY_FIRST 75u
#define TRIES 7u
/* With the whole picture, once the tiles have been searched. */
#define TRIES_LARGE 3u
/* Pictures above this many pixels are searched in tiles, about this many pixels together. */
#define SEARCH_AREA (UINT64_C(3) << 19)
#define TILE 128u
#define MATRIX_601 6u

/* A picture to code, and what it is measured against. */
typedef struct Subject {
    struct heif_image *image;
    OskPlanes planes;
    OskImage seen; /* as people see it */
    bool owned;    /* `seen` */
    uint8_t *mask; /* not measured */
} Subject;

struct OskEncoder {
    OskEncodeOptions options;
    OskBudget *budget;
    Subject whole;
    Subject tiles;          /* image NULL: the whole is small enough */
    const Subject *subject; /* of the search that is going on */
    OskAttempt best;
    OskEncodeReport report;
};

static OskStatus no_memory(OskFault *fault)
{
    return osk_fault_set(fault, OSK_NO_MEMORY, "mdat", "memory ended", OSK_NO_OFFSET);
}

static OskStatus too_large(OskFault *fault)
{
    return osk_fault_set(fault, OSK_LIMIT, "mdat", "the picture is too large to encode",
                         OSK_NO_OFFSET);
}

static const enum heif_channel channels[OSK_PLANE_COUNT] = { heif_channel_Y, heif_channel_Cb,
                                                             heif_channel_Cr, heif_channel_Alpha };

/* ---- pictures ---- */

/* The planes of an image, lent. */
static OskStatus planes_of(const OskDecoder *like, struct heif_image *image, OskPlanes *out_planes,
                           OskFault *fault)
{
    const struct heif_color_profile_nclx *nclx = like->nclx;
    OskPlanes planes = { .width = (uint32_t)heif_image_get_width(image, heif_channel_Y),
                         .height = (uint32_t)heif_image_get_height(image, heif_channel_Y),
                         .shift_x =
                             like->chroma == heif_chroma_420 || like->chroma == heif_chroma_422,
                         .shift_y = like->chroma == heif_chroma_420,
                         .depth = like->depth,
                         .matrix = nclx != NULL ? (unsigned)nclx->matrix_coefficients : MATRIX_601,
                         .full_range = nclx == NULL || nclx->full_range_flag != 0 };
    for (unsigned i = 0; i < OSK_PLANE_COUNT; i++) {
        int stride = 0;
        if (heif_image_has_channel(image, channels[i])) {
            planes.at[i] = heif_image_get_plane(image, channels[i], &stride);
            planes.stride[i] = (size_t)stride;
        }
    }
    *out_planes = planes;
    return planes.at[OSK_PLANE_Y] != NULL ? OSK_OK : no_memory(fault);
}

/* Luma, chroma and alpha, as far as the decoded picture has them. */
static OskStatus add_planes(const OskDecoder *like, uint32_t width, uint32_t height,
                            struct heif_image *image, OskFault *fault)
{
    bool grey = like->chroma == heif_chroma_monochrome;
    bool alpha = like->model == OSK_PIXELS_RGBA || like->model == OSK_PIXELS_GREY_ALPHA;
    OskPlanes planes = { .width = width,
                         .height = height,
                         .shift_x =
                             like->chroma == heif_chroma_420 || like->chroma == heif_chroma_422,
                         .shift_y = like->chroma == heif_chroma_420 };
    OskStatus status = OSK_OK;
    for (unsigned i = 0; status == OSK_OK && i < OSK_PLANE_COUNT; i++) {
        bool has = i == OSK_PLANE_Y || (i == OSK_PLANE_ALPHA ? alpha : !grey);
        if (has) {
            status = osk_heif_fault(
                heif_image_add_plane(image, channels[i], (int)osk_plane_width(&planes, i),
                                     (int)osk_plane_height(&planes, i), (int)like->depth),
                fault);
        }
    }
    return status;
}

/* An image of `width` by `height` with the planes, depth and colours of the decoded one. */
static OskStatus make_image(const OskDecoder *like, uint32_t width, uint32_t height, Subject *out,
                            OskFault *fault)
{
    bool grey = like->chroma == heif_chroma_monochrome;
    OskStatus status =
        osk_heif_fault(heif_image_create((int)width, (int)height,
                                         grey ? heif_colorspace_monochrome : heif_colorspace_YCbCr,
                                         like->chroma, &out->image),
                       fault);
    if (status == OSK_OK) {
        status = add_planes(like, width, height, out->image, fault);
    }
    if (status == OSK_OK && like->nclx != NULL) {
        status = osk_heif_fault(heif_image_set_nclx_color_profile(out->image, like->nclx), fault);
    }
    if (status == OSK_OK && like->icc != NULL) {
        status = osk_heif_fault(
            heif_image_set_raw_color_profile(out->image, "prof", like->icc, like->icc_len), fault);
    }
    if (status == OSK_OK) {
        heif_image_set_premultiplied_alpha(out->image, like->premultiplied);
        status = planes_of(like, out->image, &out->planes, fault);
    }
    return status;
}

static void drop_subject(Subject *subject, OskBudget *budget)
{
    heif_image_release(subject->image);
    if (subject->owned) {
        osk_image_free(&subject->seen, budget);
    }
    free(subject->mask);
    *subject = (Subject){ 0 };
}

static OskStatus make_whole(OskEncoder *encoder, const OskFrame *frame, OskFault *fault)
{
    const OskImage *image = &frame->image;
    Subject *whole = &encoder->whole;
    whole->seen = *image;
    OskStatus status = make_image(encoder->options.like, image->width, image->height, whole, fault);
    if (status != OSK_OK) {
        return status;
    }
    osk_planes_from_image(&whole->planes, &whole->seen);
    if (frame->covered == NULL) {
        return OSK_OK;
    }
    return osk_covered_spread(frame->covered, image->width, image->height, OSK_QUALITY_EDGE,
                              &whole->mask) == OSK_OK
               ? OSK_OK
               : no_memory(fault);
}

/* ---- tiles ---- */

/* A plane's tiles, each `step` tiles from the next, put side by side. */
typedef struct TileRun {
    const uint8_t *from;
    uint8_t *to;
    size_t from_stride;
    size_t to_stride;
    size_t tile_bytes; /* of a row */
    uint32_t tile_rows;
    uint32_t step;
    uint32_t across;
    uint32_t down;
} TileRun;

static void copy_tiles(const TileRun *run)
{
    for (uint32_t row = 0; row < run->down * run->tile_rows; row++) {
        uint32_t tile = row / run->tile_rows;
        size_t source = (size_t)tile * run->step * run->tile_rows + row % run->tile_rows;
        for (uint32_t x = 0; x < run->across; x++) {
            memcpy(run->to + (size_t)row * run->to_stride + x * run->tile_bytes,
                   run->from + source * run->from_stride + (size_t)x * run->step * run->tile_bytes,
                   run->tile_bytes);
        }
    }
}

/* Fills the tiles' image, picture and mask from the whole. */
static OskStatus fill_tiles(OskEncoder *encoder, TileRun run, OskFault *fault)
{
    const Subject *whole = &encoder->whole;
    Subject *tiles = &encoder->tiles;
    size_t sample = whole->planes.depth > 8 ? 2 : 1;
    for (unsigned i = 0; i < OSK_PLANE_COUNT; i++) {
        if (whole->planes.at[i] == NULL) {
            continue;
        }
        bool halved = i == OSK_PLANE_CB || i == OSK_PLANE_CR;
        run.from = whole->planes.at[i];
        run.to = tiles->planes.at[i];
        run.from_stride = whole->planes.stride[i];
        run.to_stride = tiles->planes.stride[i];
        run.tile_bytes = (TILE >> (halved ? whole->planes.shift_x : 0)) * sample;
        run.tile_rows = TILE >> (halved ? whole->planes.shift_y : 0);
        copy_tiles(&run);
    }
    const OskImage *seen = &whole->seen;
    OskStatus status = osk_image_make(&tiles->seen, run.across * TILE, run.down * TILE, seen->model,
                                      seen->depth, encoder->budget);
    if (status != OSK_OK) {
        return too_large(fault);
    }
    tiles->owned = true;
    run.from = seen->pixels;
    run.to = tiles->seen.pixels;
    run.from_stride = seen->stride;
    run.to_stride = tiles->seen.stride;
    run.tile_bytes = TILE * sample * osk_pixel_samples(seen->model);
    run.tile_rows = TILE;
    copy_tiles(&run);
    if (whole->mask == NULL) {
        return OSK_OK;
    }
    tiles->mask = malloc((size_t)run.across * TILE * run.down * TILE);
    run.from = whole->mask;
    run.to = tiles->mask;
    run.from_stride = seen->width;
    run.to_stride = (size_t)run.across * TILE;
    run.tile_bytes = TILE;
    if (tiles->mask == NULL) {
        return no_memory(fault);
    }
    copy_tiles(&run);
    return OSK_OK;
}

static OskStatus make_tiles(OskEncoder *encoder, OskFault *fault)
{
    const OskImage *seen = &encoder->whole.seen;
    uint64_t area = (uint64_t)seen->width * seen->height;
    uint32_t step = 2;
    if (area <= SEARCH_AREA * 2 || seen->width < 4 * TILE || seen->height < 4 * TILE) {
        return OSK_OK;
    }
    while (area / ((uint64_t)step * step) > SEARCH_AREA) {
        step++;
    }
    TileRun run = { .step = step,
                    .across = (seen->width / TILE + step - 1) / step,
                    .down = (seen->height / TILE + step - 1) / step };
    OskStatus status = make_image(encoder->options.like, run.across * TILE, run.down * TILE,
                                  &encoder->tiles, fault);
    return status == OSK_OK ? fill_tiles(encoder, run, fault) : status;
}

/* ---- coding ---- */

static struct heif_error take_bytes(struct heif_context *context, const void *bytes, size_t len,
                                    void *user)
{
    OskAttempt *out = user;
    (void)context;
    uint8_t *grown = realloc(out->bytes, out->len + len);
    if (grown == NULL) {
        return (struct heif_error){ heif_error_Memory_allocation_error, heif_suberror_Unspecified,
                                    "" };
    }
    memcpy(grown + out->len, bytes, len);
    out->bytes = grown;
    out->len += len;
    return (struct heif_error){ heif_error_Ok, heif_suberror_Unspecified, "" };
}

/* libheif 1.15 gives aom the wrong profile for 10 bits, and that ends the process. */
static bool needs_own(const OskDecoder *like)
{
    return like->compression == heif_compression_AV1 && like->depth == 10;
}

static OskStatus find_encoder(const OskDecoder *like, struct heif_context *context,
                              struct heif_encoder **out_codec, OskFault *fault)
{
    const struct heif_encoder_descriptor *own = NULL;
    if (!needs_own(like)) {
        return osk_heif_fault(
            heif_context_get_encoder_for_format(context, like->compression, out_codec), fault);
    }
    if (heif_context_get_encoder_descriptors(context, heif_compression_AV1, OSK_HEIF_AOM, &own,
                                             1) != 1) {
        return osk_fault_set(fault, OSK_UNSUPPORTED, "mdat", "there is no encoder of 10 bits",
                             OSK_NO_OFFSET);
    }
    return osk_heif_fault(heif_context_get_encoder(context, own, out_codec), fault);
}

static bool set_text(struct heif_encoder *codec, const char *name, const char *value)
{
    return heif_encoder_set_parameter_string(codec, name, value).code == heif_error_Ok;
}

/* 42 dB are counted in plain squares, so that nothing is spent on what only looks better. */
static bool set_up(const OskEncoder *encoder, struct heif_encoder *codec, unsigned quality)
{
    const OskPlanes *planes = &encoder->whole.planes;
    const char *chroma = planes->shift_y != 0 ? "420" : planes->shift_x != 0 ? "422" : "444";
    bool ok = heif_encoder_set_lossy_quality(codec, (int)quality).code == heif_error_Ok;
    if (needs_own(encoder->options.like)) {
        return ok;
    }
    ok = ok && set_text(codec, "tune", "psnr");
    if (planes->at[OSK_PLANE_CB] != NULL) {
        ok = ok && set_text(codec, "chroma", chroma);
    }
    if (encoder->options.like->compression == heif_compression_HEVC) {
        return ok && set_text(codec, "preset", "medium") && set_text(codec, "x265:pools", "none") &&
               set_text(codec, "x265:frame-threads", "1") && set_text(codec, "x265:wpp", "0");
    }
    return ok && heif_encoder_set_parameter_integer(codec, "threads", 1).code == heif_error_Ok &&
           heif_encoder_set_parameter_boolean(codec, "lossless-alpha", 1).code == heif_error_Ok;
}

static OskStatus code_image(const OskEncoder *encoder, struct heif_context *context,
                            unsigned quality, OskFault *fault)
{
    const OskDecoder *like = encoder->options.like;
    struct heif_encoder *codec = NULL;
    OskStatus status = find_encoder(like, context, &codec, fault);
    if (status != OSK_OK) {
        return status;
    }
    struct heif_encoding_options *options = heif_encoding_options_alloc();
    if (options == NULL || !set_up(encoder, codec, quality)) {
        status = osk_fault_set(fault, OSK_UNSUPPORTED, "mdat",
                               "another encoder than was built with", OSK_NO_OFFSET);
    } else {
        options->save_two_colr_boxes_when_ICC_and_nclx_available =
            like->icc != NULL && like->nclx != NULL;
        options->macOS_compatibility_workaround = 1;
        options->macOS_compatibility_workaround_no_nclx_profile = 0;
        options->output_nclx_profile = like->nclx;
        status = osk_heif_fault(
            heif_context_encode_image(context, encoder->subject->image, codec, options, NULL),
            fault);
    }
    heif_encoding_options_free(options);
    heif_encoder_release(codec);
    return status;
}

static OskStatus measure(const OskEncoder *encoder, OskAttempt *out, OskFault *fault)
{
    const OskCodec *codec = encoder->options.like->compression == heif_compression_AV1
                                ? &osk_codec_avif_still
                                : &osk_codec_heif;
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    OskFrame frame = { .duration_den = 1 };
    OskStatus status = codec->open(out->bytes, out->len, encoder->budget, &decoder, &info, fault);
    if (status == OSK_OK) {
        status = codec->next(decoder, &frame, fault);
    }
    if (status == OSK_OK) {
        status = osk_error_add(&out->error, &encoder->subject->seen, &frame.image,
                               encoder->subject->mask);
        if (status != OSK_OK) {
            status = osk_fault_set(fault, OSK_UNSUPPORTED, "mdat",
                                   "the encoder can't keep the picture's kind of samples",
                                   OSK_NO_OFFSET);
        }
        osk_image_free(&frame.image, encoder->budget);
    }
    codec->close(&decoder);
    return status;
}

static OskStatus attempt(void *context, unsigned quality, OskAttempt *out, OskFault *fault)
{
    const OskEncoder *encoder = context;
    struct heif_writer writer = { .writer_api_version = 1, .write = take_bytes };
    struct heif_context *file = heif_context_alloc();
    if (file == NULL) {
        return no_memory(fault);
    }
    OskStatus status = code_image(encoder, file, quality, fault);
    if (status == OSK_OK) {
        status = osk_heif_fault(heif_context_write(file, &writer, out), fault);
    }
    heif_context_free(file);
    return status == OSK_OK ? measure(encoder, out, fault) : status;
}

/* The quality that serves the tiles. */
static OskStatus search_tiles(OskEncoder *encoder, OskQualitySearch *quest, OskFault *fault)
{
    OskAttempt found = { 0 };
    OskEncodeReport report;
    const OskImage *tiles = &encoder->tiles.seen;
    const OskImage *whole = &encoder->whole.seen;
    OskQualitySearch part = *quest;
    part.source_len =
        (uint64_t)((double)quest->source_len * ((double)tiles->width * tiles->height) /
                   ((double)whole->width * whole->height));
    encoder->subject = &encoder->tiles;
    OskStatus status = osk_quality_search(&part, &found, &report, fault);
    free(found.bytes);
    quest->first = report.quality;
    quest->tries = TRIES_LARGE;
    quest->stride = 2;
    return status;
}

static OskStatus search(OskEncoder *encoder, double kept, OskFault *fault)
{
    OskQualitySearch quest = { .context = encoder,
                               .attempt = attempt,
                               .highest = QUALITY_MOST,
                               .first = QUALITY_FIRST,
                               .tries = TRIES,
                               .source_len = encoder->options.like->len,
                               .kept = kept };
    OskStatus status = OSK_OK;
    if (encoder->tiles.image != NULL) {
        status = search_tiles(encoder, &quest, fault);
    }
    encoder->subject = &encoder->whole;
    return status == OSK_OK ? osk_quality_search(&quest, &encoder->best, &encoder->report, fault)
                            : status;
}

/* ---- OskCodec ---- */

OskStatus osk_heif_begin(const OskEncodeOptions *options, const OskCodecInfo *info,
                         OskBudget *budget, OskEncoder **out_encoder, OskFault *fault)
{
    *out_encoder = NULL;
    (void)info;
    if (options->like == NULL) {
        return osk_fault_set(fault, OSK_UNSUPPORTED, "meta", "HEIF is only written like a HEIF",
                             OSK_NO_OFFSET);
    }
    OskEncoder *encoder = calloc(1, sizeof *encoder);
    if (encoder == NULL) {
        return no_memory(fault);
    }
    encoder->options = *options;
    encoder->budget = budget;
    *out_encoder = encoder;
    return OSK_OK;
}

OskStatus osk_heif_add(OskEncoder *encoder, const OskFrame *frame, OskFault *fault)
{
    const OskDecoder *like = encoder->options.like;
    const OskImage *image = &frame->image;
    if (encoder->best.bytes != NULL || !like->given || image->model != like->model ||
        image->depth != like->depth) {
        return OSK_MISUSE;
    }
    uint64_t own =
        (uint64_t)image->width * image->height * OSK_HEIF_WRITING * (image->depth > 8 ? 2 : 1);
    if (!osk_budget_memory(encoder->budget, own)) {
        return too_large(fault);
    }
    OskStatus status = make_whole(encoder, frame, fault);
    if (status == OSK_OK) {
        status = make_tiles(encoder, fault);
    }
    if (status == OSK_OK) {
        status =
            search(encoder, osk_covered_kept(frame->covered, image->width, image->height), fault);
    }
    drop_subject(&encoder->tiles, encoder->budget);
    drop_subject(&encoder->whole, encoder->budget);
    osk_budget_return(encoder->budget, own);
    return status;
}

OskStatus osk_heif_end(OskEncoder *encoder, OskWriter *out, OskFault *fault)
{
    if (encoder->best.bytes == NULL) {
        return OSK_MISUSE;
    }
    osk_writer_bytes(out, encoder->best.bytes, encoder->best.len);
    return osk_writer_ok(out) ? OSK_OK : too_large(fault);
}

void osk_heif_drop(OskEncoder **encoder)
{
    OskEncoder *gone = *encoder;
    *encoder = NULL;
    if (gone == NULL) {
        return;
    }
    free(gone->best.bytes);
    free(gone);
}

void osk_heif_report(const OskEncoder *encoder, OskEncodeReport *out_report)
{
    *out_report = encoder->report;
}
