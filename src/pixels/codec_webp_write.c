/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebP, written: libwebp's encoder and muxer.
 *
 * Lossy stills are coded from the decoded file's own luma and chroma wherever nothing was painted:
 * halving chroma a second time would cost more than coding it again does. */
#include <stdlib.h>
#include <string.h>

#include <webp/encode.h>
#include <webp/mux.h>

#include "base/fault.h"
#include "pixels/codec_webp.h"
#include "pixels/orient.h"
#include "pixels/recode.h"

/* The search goes over halves of libwebp's quality, 0 to 100. */
#define QUALITY_STEPS 2u
#define QUALITY_FIRST (80u * QUALITY_STEPS)
#define TRIES 7u
/* libwebp's own need in bytes a pixel: planes twice and tokens; colours, transforms, hash chains.
 */
#define OWN_BYTES_LOSSY 6u
#define OWN_BYTES_LOSSLESS 24u

/* The most pixels at which lossless coding is given more time. */
#define EFFORT_AREA (UINT64_C(1) << 20)

static OskStatus failed(const OskEncoder *encoder, const WebPPicture *picture, OskFault *fault)
{
    if (picture->error_code == VP8_ENC_ERROR_OUT_OF_MEMORY ||
        picture->error_code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY) {
        return osk_recode_no_memory(encoder, fault);
    }
    return osk_fault_set(fault, OSK_UNSUPPORTED, "VP8", "libwebp can't encode the picture",
                         OSK_NO_OFFSET);
}

/* 42 dB are counted in plain squares, so that nothing is spent on what only looks better. */
static bool make_config(const OskEncoder *encoder, unsigned quality, WebPConfig *config)
{
    if (!WebPConfigInit(config)) {
        return false;
    }
    config->thread_level = 0;
    config->alpha_quality = 100;
    config->exact = 1;
    if (encoder->lossless) {
        uint64_t area = (uint64_t)encoder->info.width * encoder->info.height * encoder->info.frames;
        config->lossless = 1;
        config->method = area <= EFFORT_AREA ? 5 : 4;
        config->quality = area <= EFFORT_AREA ? 90 : 75;
    } else {
        config->quality = (float)quality / (float)QUALITY_STEPS;
        config->method = 6;
        config->sns_strength = 0;
        config->segments = 1;
        config->filter_strength = 0;
    }
    return WebPValidateConfig(config) != 0;
}

static bool import(WebPPicture *picture, const OskImage *image)
{
    picture->width = (int)image->width;
    picture->height = (int)image->height;
    return image->model == OSK_PIXELS_RGBA
               ? WebPPictureImportRGBA(picture, image->pixels, (int)image->stride) != 0
               : WebPPictureImportRGB(picture, image->pixels, (int)image->stride) != 0;
}

/* The colour profile that goes along, or NULL. */
static const uint8_t *profile_of(const OskEncoder *encoder, size_t *out_len)
{
    const OskEncodeOptions *options = &encoder->options;
    *out_len = options->like != NULL ? options->like->icc_len : options->icc_len;
    return options->like != NULL ? options->like->icc : options->icc;
}

/* Takes coded chunks, adds the profile and the orientation, gives the file. */
static OskStatus assemble(const OskEncoder *encoder, const WebPData *coded, OskAttempt *out,
                          OskFault *fault)
{
    WebPData icc = { NULL, 0 };
    WebPData file = { NULL, 0 };
    uint8_t block[OSK_ORIENTATION_BYTES];
    unsigned orientation = encoder->options.orientation;
    const WebPData exif = { block, sizeof block };
    osk_orientation_write(block, orientation);
    icc.bytes = profile_of(encoder, &icc.size);
    WebPMux *mux = WebPMuxCreate(coded, 0);
    bool ok = mux != NULL &&
              (icc.bytes == NULL || WebPMuxSetChunk(mux, "ICCP", &icc, 0) == WEBP_MUX_OK) &&
              (orientation < 2 || orientation > 8 ||
               WebPMuxSetChunk(mux, "EXIF", &exif, 0) == WEBP_MUX_OK) &&
              WebPMuxAssemble(mux, &file) == WEBP_MUX_OK;
    WebPMuxDelete(mux);
    out->bytes = ok ? malloc(file.size) : NULL;
    if (out->bytes != NULL) {
        memcpy(out->bytes, file.bytes, file.size);
        out->len = file.size;
    }
    WebPDataClear(&file);
    return out->bytes != NULL ? OSK_OK : osk_recode_no_memory(encoder, fault);
}

/* ---- stills ---- */

static bool is_covered(const OskKeptFrame *frame, uint32_t x, uint32_t y)
{
    return frame->covered[(size_t)y * frame->image.width + x] != 0;
}

/* Whether one of the pixels that share a chroma sample is covered. */
static bool is_chroma_covered(const OskKeptFrame *frame, uint32_t x, uint32_t y)
{
    uint32_t right = 2 * x + 1 < frame->image.width ? 2 * x + 1 : 2 * x;
    uint32_t below = 2 * y + 1 < frame->image.height ? 2 * y + 1 : 2 * y;
    return is_covered(frame, 2 * x, 2 * y) || is_covered(frame, right, 2 * y) ||
           is_covered(frame, 2 * x, below) || is_covered(frame, right, below);
}

static void take_planes(WebPPicture *picture, const WebPYUVABuffer *from, const OskKeptFrame *frame)
{
    for (uint32_t y = 0; y < frame->image.height; y++) {
        uint8_t *luma = picture->y + (ptrdiff_t)y * picture->y_stride;
        const uint8_t *source = from->y + (ptrdiff_t)y * from->y_stride;
        for (uint32_t x = 0; x < frame->image.width; x++) {
            luma[x] = is_covered(frame, x, y) ? luma[x] : source[x];
        }
    }
    for (uint32_t y = 0; y < (frame->image.height + 1) / 2; y++) {
        ptrdiff_t row = (ptrdiff_t)y;
        uint8_t *u = picture->u + row * picture->uv_stride;
        uint8_t *v = picture->v + row * picture->uv_stride;
        const uint8_t *from_u = from->u + row * from->u_stride;
        const uint8_t *from_v = from->v + row * from->v_stride;
        for (uint32_t x = 0; x < (frame->image.width + 1) / 2; x++) {
            if (!is_chroma_covered(frame, x, y)) {
                u[x] = from_u[x];
                v[x] = from_v[x];
            }
        }
    }
}

/* Where nothing was painted, the source's own samples stand again. */
static OskStatus restore_planes(const OskEncoder *encoder, WebPPicture *picture, OskFault *fault)
{
    const OskDecoder *like = encoder->options.like;
    const OskKeptFrame *frame = &encoder->frames.at[0];
    WebPDecoderConfig config;
    if (like == NULL || frame->covered == NULL || frame->image.width != like->info.width ||
        frame->image.height != like->info.height) {
        return OSK_OK;
    }
    if (!WebPInitDecoderConfig(&config)) {
        return osk_recode_no_memory(encoder, fault);
    }
    config.output.colorspace = MODE_YUV;
    bool ok = WebPDecode(like->bytes, like->len, &config) == VP8_STATUS_OK;
    if (ok) {
        take_planes(picture, &config.output.u.YUVA, frame);
    }
    WebPFreeDecBuffer(&config.output);
    return ok ? OSK_OK : osk_recode_no_memory(encoder, fault);
}

static OskStatus measure_still(const OskEncoder *encoder, OskAttempt *out, OskFault *fault)
{
    const OskImage *given = &encoder->frames.at[0].image;
    OskImage again;
    OskStatus status =
        osk_image_make(&again, given->width, given->height, given->model, 8, encoder->budget);
    if (status != OSK_OK) {
        return osk_recode_too_large(encoder, fault);
    }
    status = osk_webp_decode(out->bytes, out->len, &again, fault);
    if (status == OSK_OK) {
        status = osk_error_add(&out->error, given, &again, encoder->frames.at[0].mask);
    }
    osk_image_free(&again, encoder->budget);
    return status;
}

static OskStatus attempt_still(const OskEncoder *encoder, unsigned quality, OskAttempt *out,
                               OskFault *fault)
{
    WebPConfig config;
    WebPPicture picture;
    WebPMemoryWriter writer;
    if (!make_config(encoder, quality, &config) || !WebPPictureInit(&picture)) {
        return osk_recode_no_memory(encoder, fault);
    }
    WebPMemoryWriterInit(&writer);
    picture.use_argb = encoder->lossless;
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = &writer;
    OskStatus status = import(&picture, &encoder->frames.at[0].image)
                           ? OSK_OK
                           : osk_recode_no_memory(encoder, fault);
    if (status == OSK_OK && !encoder->lossless) {
        status = restore_planes(encoder, &picture, fault);
    }
    if (status == OSK_OK && !WebPEncode(&config, &picture)) {
        status = failed(encoder, &picture, fault);
    }
    WebPPictureFree(&picture);
    if (status == OSK_OK) {
        WebPData coded = { writer.mem, writer.size };
        status = assemble(encoder, &coded, out, fault);
    }
    WebPMemoryWriterClear(&writer);
    return status == OSK_OK && !encoder->lossless ? measure_still(encoder, out, fault) : status;
}

/* ---- animations ---- */

static OskStatus add_frames(const OskEncoder *encoder, WebPAnimEncoder *animation,
                            const WebPConfig *config, OskFault *fault)
{
    for (size_t i = 0; i < encoder->frames.count; i++) {
        const OskKeptFrame *frame = &encoder->frames.at[i];
        WebPPicture picture;
        if (!WebPPictureInit(&picture)) {
            return osk_recode_no_memory(encoder, fault);
        }
        picture.use_argb = 1;
        bool ok = import(&picture, &frame->image) &&
                  WebPAnimEncoderAdd(animation, &picture, (int)frame->start_num, config);
        OskStatus status = ok ? OSK_OK : failed(encoder, &picture, fault);
        WebPPictureFree(&picture);
        if (status != OSK_OK) {
            return status;
        }
    }
    return WebPAnimEncoderAdd(animation, NULL, (int)encoder->frames.end_num, NULL)
               ? OSK_OK
               : osk_recode_no_memory(encoder, fault);
}

/* libwebp joins frames that look alike, so that frames are found again by their time. */
static OskStatus measure_frames(const OskEncoder *encoder, OskAttempt *out, OskFault *fault)
{
    WebPAnimDecoderOptions options;
    WebPData data = { out->bytes, out->len };
    if (!WebPAnimDecoderOptionsInit(&options)) {
        return osk_recode_no_memory(encoder, fault);
    }
    options.color_mode = MODE_RGBA;
    WebPAnimDecoder *decoder = WebPAnimDecoderNew(&data, &options);
    OskImage canvas = encoder->frames.at[0].image;
    int end_ms = -1;
    OskStatus status = decoder != NULL ? OSK_OK : osk_recode_no_memory(encoder, fault);
    for (size_t i = 0; status == OSK_OK && i < encoder->frames.count; i++) {
        while (status == OSK_OK && (int)encoder->frames.at[i].start_num >= end_ms &&
               WebPAnimDecoderHasMoreFrames(decoder)) {
            if (!WebPAnimDecoderGetNext(decoder, &canvas.pixels, &end_ms)) {
                status = osk_fault_set(fault, OSK_BUG, "ANMF", "what was written can't be read",
                                       OSK_NO_OFFSET);
            }
        }
        if (status == OSK_OK) {
            status = osk_error_add(&out->error, &encoder->frames.at[i].image, &canvas,
                                   encoder->frames.at[i].mask);
        }
    }
    WebPAnimDecoderDelete(decoder);
    return status;
}

static OskStatus attempt_animation(const OskEncoder *encoder, unsigned quality, OskAttempt *out,
                                   OskFault *fault)
{
    const OskDecoder *like = encoder->options.like;
    WebPConfig config;
    WebPAnimEncoderOptions options;
    if (!make_config(encoder, quality, &config) || !WebPAnimEncoderOptionsInit(&options)) {
        return osk_recode_no_memory(encoder, fault);
    }
    if (like != NULL) {
        options.anim_params.bgcolor = WebPDemuxGetI(like->demuxer, WEBP_FF_BACKGROUND_COLOR);
        options.anim_params.loop_count = (int)WebPDemuxGetI(like->demuxer, WEBP_FF_LOOP_COUNT);
    }
    const OskImage *first = &encoder->frames.at[0].image;
    WebPAnimEncoder *animation =
        WebPAnimEncoderNew((int)first->width, (int)first->height, &options);
    OskStatus status = animation != NULL ? add_frames(encoder, animation, &config, fault)
                                         : osk_recode_no_memory(encoder, fault);
    WebPData coded = { NULL, 0 };
    if (status == OSK_OK && !WebPAnimEncoderAssemble(animation, &coded)) {
        status = osk_recode_no_memory(encoder, fault);
    }
    WebPAnimEncoderDelete(animation);
    if (status == OSK_OK) {
        status = assemble(encoder, &coded, out, fault);
    }
    WebPDataClear(&coded);
    return status == OSK_OK && !encoder->lossless ? measure_frames(encoder, out, fault) : status;
}

static OskStatus attempt(const OskEncoder *encoder, unsigned quality, OskAttempt *out,
                         OskFault *fault)
{
    return encoder->moves ? attempt_animation(encoder, quality, out, fault)
                          : attempt_still(encoder, quality, out, fault);
}

static const OskRecoding recoding = { .part = "VP8",
                                      .attempt = attempt,
                                      .highest = 100 * QUALITY_STEPS,
                                      .first = QUALITY_FIRST,
                                      .tries = TRIES };

/* ---- OskCodec ---- */

OskStatus osk_webp_begin(const OskEncodeOptions *options, const OskCodecInfo *info,
                         OskBudget *budget, OskEncoder **out_encoder, OskFault *fault)
{
    const OskDecoder *like = options->like;
    *out_encoder = NULL;
    if (info->width > WEBP_MAX_DIMENSION || info->height > WEBP_MAX_DIMENSION) {
        return osk_fault_set(fault, OSK_UNSUPPORTED, "RIFF", "WebP holds 16383 pixels a side",
                             OSK_NO_OFFSET);
    }
    OskEncoder start = { .codec = &recoding,
                         .options = *options,
                         .info = *info,
                         .budget = budget,
                         .fresh = options->quality * QUALITY_STEPS,
                         .lossless = like != NULL ? !like->info.lossy : options->quality == 0,
                         .moves = like != NULL ? like->moves : info->frames > 1,
                         .frames = { .clock = 1000 } };
    if (like != NULL) {
        start.source.len = like->len;
        start.source.area = (uint64_t)like->info.width * like->info.height;
    }
    return osk_recode_begin(&start, out_encoder, fault);
}

static OskStatus search(OskEncoder *encoder, OskFault *fault)
{
    const OskImage *image = &encoder->frames.at[0].image;
    bool wide = encoder->lossless || encoder->moves;
    uint64_t own =
        (uint64_t)image->width * image->height * (wide ? OWN_BYTES_LOSSLESS : OWN_BYTES_LOSSY);
    return osk_recode_search(encoder, own, 1, fault);
}

OskStatus osk_webp_add(OskEncoder *encoder, const OskFrame *frame, OskFault *fault)
{
    const OskImage *image = &frame->image;
    if ((image->model != OSK_PIXELS_RGB && image->model != OSK_PIXELS_RGBA) || image->depth != 8 ||
        image->width > WEBP_MAX_DIMENSION || image->height > WEBP_MAX_DIMENSION) {
        return osk_fault_set(fault, OSK_UNSUPPORTED, "RIFF", "WebP holds 8-bit RGB only",
                             OSK_NO_OFFSET);
    }
    if (!encoder->moves && encoder->best.bytes != NULL) {
        return OSK_MISUSE;
    }
    OskStatus status = osk_recode_keep(encoder, frame, fault);
    /* A still is written at once, while it is known which of its pixels are covered. */
    return status != OSK_OK || encoder->moves ? status : search(encoder, fault);
}

OskStatus osk_webp_end(OskEncoder *encoder, OskWriter *out, OskFault *fault)
{
    OskStatus status = OSK_OK;
    if (encoder->moves && encoder->frames.count > 0) {
        status = search(encoder, fault);
    }
    return status == OSK_OK ? osk_recode_give(encoder, out, fault) : status;
}
