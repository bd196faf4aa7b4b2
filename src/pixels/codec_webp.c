/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebP: libwebp and its demuxer; the encoder stands in codec_webp_write.c.
 *
 * Animations come as composited canvases. A file is lossless when each of its frames is VP8L; then
 * it is written again as exactly that, colours under transparency included. */
#include "pixels/codec_webp.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/fault.h"
#include "pixels/orient.h"
#include "pixels/recode.h"

/* What libwebp holds beside what it gives, in bytes a pixel: rows of VP8, VP8L's coded picture and
 * its transforms, two canvases of an animation. */
#define OWN_BYTES_LOSSY 1u
#define OWN_BYTES_LOSSLESS 8u
#define OWN_BYTES_MOVING 16u
/* A macroblock's transform, and what its loop filter and halved chroma carry further. */
#define LOSSY_REACH 16u

static OskStatus status_of(VP8StatusCode code, OskFault *fault)
{
    switch (code) {
    case VP8_STATUS_OK: return OSK_OK;
    case VP8_STATUS_OUT_OF_MEMORY:
        return osk_fault_set(fault, OSK_NO_MEMORY, "RIFF", "memory ended", OSK_NO_OFFSET);
    case VP8_STATUS_NOT_ENOUGH_DATA:
        return osk_fault_set(fault, OSK_TRUNCATED, "VP8", "the picture ends early", OSK_NO_OFFSET);
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return osk_fault_set(fault, OSK_UNSUPPORTED, "VP8", "a feature that the decoder lacks",
                             OSK_NO_OFFSET);
    case VP8_STATUS_INVALID_PARAM:
    case VP8_STATUS_BITSTREAM_ERROR:
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_USER_ABORT: break;
    }
    return osk_fault_set(fault, OSK_MALFORMED, "VP8", "the picture can't be decoded",
                         OSK_NO_OFFSET);
}

/* Whether every frame is VP8L. */
static bool is_lossless(WebPDemuxer *demuxer)
{
    WebPIterator at;
    bool lossless = true;
    if (!WebPDemuxGetFrame(demuxer, 1, &at)) {
        return false;
    }
    do {
        WebPBitstreamFeatures frame;
        lossless = lossless &&
                   WebPGetFeatures(at.fragment.bytes, at.fragment.size, &frame) == VP8_STATUS_OK &&
                   frame.format == 2;
    } while (lossless && WebPDemuxNextFrame(&at));
    WebPDemuxReleaseIterator(&at);
    return lossless;
}

static OskStatus open_animation(OskDecoder *decoder, OskFault *fault)
{
    WebPAnimDecoderOptions options;
    WebPData data = { decoder->bytes, decoder->len };
    if (!WebPAnimDecoderOptionsInit(&options)) {
        return osk_fault_set(fault, OSK_UNSUPPORTED, "ANIM", "another libwebp than was built with",
                             OSK_NO_OFFSET);
    }
    options.color_mode = MODE_RGBA;
    options.use_threads = 0;
    decoder->animation = WebPAnimDecoderNew(&data, &options);
    if (decoder->animation == NULL) {
        return osk_fault_set(fault, OSK_MALFORMED, "ANIM", "the animation can't be decoded",
                             OSK_NO_OFFSET);
    }
    return OSK_OK;
}

static void read_profile(OskDecoder *decoder)
{
    WebPChunkIterator chunk;
    if (WebPDemuxGetChunk(decoder->demuxer, "ICCP", 1, &chunk)) {
        decoder->icc = chunk.chunk.bytes;
        decoder->icc_len = chunk.chunk.size;
        WebPDemuxReleaseChunkIterator(&chunk);
    }
}

/* A scrubbed file has nothing else in its Exif block. */
static unsigned find_orientation(WebPDemuxer *demuxer)
{
    WebPChunkIterator chunk;
    unsigned orientation = 1;
    if (WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk)) {
        orientation = osk_orientation_read(chunk.chunk.bytes, chunk.chunk.size);
        WebPDemuxReleaseChunkIterator(&chunk);
    }
    return orientation;
}

static OskStatus read_header(OskDecoder *decoder, OskFault *fault)
{
    WebPData data = { decoder->bytes, decoder->len };
    WebPBitstreamFeatures features;
    OskStatus status = status_of(WebPGetFeatures(decoder->bytes, decoder->len, &features), fault);
    if (status != OSK_OK) {
        return status;
    }
    decoder->demuxer = WebPDemux(&data);
    if (decoder->demuxer == NULL) {
        return osk_fault_set(fault, OSK_MALFORMED, "RIFF", "its chunks don't make a picture",
                             OSK_NO_OFFSET);
    }
    bool lossless = is_lossless(decoder->demuxer);
    decoder->moves = features.has_animation != 0;
    decoder->info = (OskCodecInfo){
        .width = WebPDemuxGetI(decoder->demuxer, WEBP_FF_CANVAS_WIDTH),
        .height = WebPDemuxGetI(decoder->demuxer, WEBP_FF_CANVAS_HEIGHT),
        .orientation = find_orientation(decoder->demuxer),
        .frames = WebPDemuxGetI(decoder->demuxer, WEBP_FF_FRAME_COUNT),
        .lossy = !lossless,
        .alpha = features.has_alpha != 0 || decoder->moves,
        .reach = lossless ? 0 : LOSSY_REACH,
    };
    if (decoder->info.width == 0 || decoder->info.height == 0 || decoder->info.frames == 0) {
        return osk_fault_set(fault, OSK_MALFORMED, "RIFF", "no picture", OSK_NO_OFFSET);
    }
    uint64_t own = lossless ? OWN_BYTES_LOSSLESS : OWN_BYTES_LOSSY;
    own = decoder->moves ? OWN_BYTES_MOVING : own;
    decoder->info.memory = (uint64_t)decoder->info.width * decoder->info.height * own;
    read_profile(decoder);
    return OSK_OK;
}

static void close_webp(OskDecoder **decoder)
{
    OskDecoder *gone = *decoder;
    *decoder = NULL;
    if (gone == NULL) {
        return;
    }
    WebPAnimDecoderDelete(gone->animation);
    WebPDemuxDelete(gone->demuxer);
    osk_budget_return(gone->budget, gone->spent);
    free(gone);
}

static OskStatus open_webp(const uint8_t *bytes, size_t len, OskBudget *budget,
                           OskDecoder **out_decoder, OskCodecInfo *out_info, OskFault *fault)
{
    *out_decoder = NULL;
    OskDecoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "RIFF", "memory ended", OSK_NO_OFFSET);
    }
    *decoder = (OskDecoder){ .bytes = bytes, .len = len, .budget = budget };
    OskStatus status = read_header(decoder, fault);
    if (status == OSK_OK && (!osk_budget_parts(budget, decoder->info.frames) ||
                             !osk_budget_memory(budget, decoder->info.memory))) {
        status = osk_fault_set(fault, OSK_LIMIT, "RIFF", "the picture is too large to decode",
                               OSK_NO_OFFSET);
    } else if (status == OSK_OK) {
        decoder->spent = decoder->info.memory;
        status = decoder->moves ? open_animation(decoder, fault) : OSK_OK;
    }
    if (status != OSK_OK) {
        close_webp(&decoder);
        return status;
    }
    *out_decoder = decoder;
    *out_info = decoder->info;
    return OSK_OK;
}

OskStatus osk_webp_decode(const uint8_t *bytes, size_t len, OskImage *image, OskFault *fault)
{
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config)) {
        return osk_fault_set(fault, OSK_UNSUPPORTED, "VP8", "another libwebp than was built with",
                             OSK_NO_OFFSET);
    }
    config.output.colorspace = image->model == OSK_PIXELS_RGBA ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = image->pixels;
    config.output.u.RGBA.stride = (int)image->stride;
    config.output.u.RGBA.size = image->stride * image->height;
    VP8StatusCode code = WebPDecode(bytes, len, &config);
    WebPFreeDecBuffer(&config.output);
    return status_of(code, fault);
}

/* The next canvas, and how long it stands. */
static OskStatus next_canvas(OskDecoder *decoder, OskFrame *frame, OskFault *fault)
{
    uint8_t *canvas = NULL;
    int end_ms = 0;
    if (!WebPAnimDecoderGetNext(decoder->animation, &canvas, &end_ms) || end_ms < decoder->at_ms) {
        return osk_fault_set(fault, OSK_MALFORMED, "ANMF", "the frame can't be decoded",
                             OSK_NO_OFFSET);
    }
    memcpy(frame->image.pixels, canvas, frame->image.stride * frame->image.height);
    frame->duration_num = (uint32_t)(end_ms - decoder->at_ms);
    frame->duration_den = 1000;
    decoder->at_ms = end_ms;
    return OSK_OK;
}

static OskStatus next_webp(OskDecoder *decoder, OskFrame *out_frame, OskFault *fault)
{
    const OskCodecInfo *info = &decoder->info;
    OskFrame frame = { .duration_den = 1 };
    if (decoder->given >= info->frames) {
        return OSK_MISUSE;
    }
    OskStatus status =
        osk_image_make(&frame.image, info->width, info->height,
                       info->alpha ? OSK_PIXELS_RGBA : OSK_PIXELS_RGB, 8, decoder->budget);
    if (status != OSK_OK) {
        return osk_fault_set(fault, status, "RIFF", "the picture is too large to decode",
                             OSK_NO_OFFSET);
    }
    status = decoder->moves ? next_canvas(decoder, &frame, fault)
                            : osk_webp_decode(decoder->bytes, decoder->len, &frame.image, fault);
    if (status != OSK_OK) {
        osk_image_free(&frame.image, decoder->budget);
        return status;
    }
    decoder->given++;
    *out_frame = frame;
    return OSK_OK;
}

static const uint8_t *icc_webp(const OskDecoder *decoder, size_t *out_len)
{
    *out_len = decoder->icc_len;
    return decoder->icc;
}

const OskCodec osk_codec_webp = {
    .format = "webp",
    .open = open_webp,
    .next = next_webp,
    .icc = icc_webp,
    .close = close_webp,
    .begin = osk_webp_begin,
    .add = osk_webp_add,
    .end = osk_webp_end,
    .drop = osk_recode_drop,
    .report = osk_recode_report,
};
