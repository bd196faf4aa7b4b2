/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JPEG XL, written: libjxl's encoder, single-threaded. A lossless file stays lossless; another is
 * coded in XYB with the distance that the search finds. */
#include <stdlib.h>
#include <string.h>

#include <jxl/encode.h>

#include "base/fault.h"
#include "pixels/codec_jxl.h"
#include "pixels/recode.h"

/* The search goes over distances, each this much smaller than the one before. */
#define DISTANCE_FURTHEST 15.0
#define DISTANCE_STEP 0.93
#define QUALITY_MOST 80u /* 0.045, where there is nothing to see */
#define QUALITY_FIRST 47u
#define TRIES 7u
/* libjxl's own need in bytes a sample: floats several times over. */
#define OWN_BYTES 24u
/* libjxl's own default: below it lossy pictures that are written again lose much more. */
#define EFFORT 7
#define OUT_STEP (UINT64_C(1) << 18)

/* Where nothing is lost, small pictures are coded in several ways, and the shortest stays. The most
 * pixels of them, all frames together: a few seconds. */
#define WAYS 2u
#define WAYS_AREA (UINT64_C(1) << 18)

static OskStatus failed(const JxlEncoder *jxl, OskFault *fault)
{
    if (JxlEncoderGetError((JxlEncoder *)(uintptr_t)jxl) == JXL_ENC_ERR_OOM) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "jxlc", "memory ended", OSK_NO_OFFSET);
    }
    return osk_fault_set(fault, OSK_UNSUPPORTED, "jxlc", "libjxl can't encode the picture",
                         OSK_NO_OFFSET);
}

static bool has_alpha(const OskImage *image)
{
    return image->model == OSK_PIXELS_RGBA || image->model == OSK_PIXELS_GREY_ALPHA;
}

static void describe(const OskEncoder *encoder, JxlBasicInfo *basic)
{
    const OskDecoder *like = encoder->options.like;
    const OskImage *image = &encoder->frames.at[0].image;
    JxlEncoderInitBasicInfo(basic);
    basic->xsize = image->width;
    basic->ysize = image->height;
    basic->bits_per_sample = image->depth;
    basic->num_color_channels =
        image->model == OSK_PIXELS_GREY || image->model == OSK_PIXELS_GREY_ALPHA ? 1 : 3;
    basic->num_extra_channels = has_alpha(image) ? 1 : 0;
    basic->alpha_bits = has_alpha(image) ? image->depth : 0;
    /* libjxl decodes XYB to named colour spaces alone: samples of another one stay in it. */
    basic->uses_original_profile =
        encoder->lossless ||
        (like != NULL && like->basic.uses_original_profile && !like->has_colour);
    basic->orientation =
        (JxlOrientation)(encoder->options.orientation == 0 ? 1u : encoder->options.orientation);
    if (like == NULL) {
        return;
    }
    basic->bits_per_sample = like->basic.bits_per_sample;
    basic->alpha_bits = has_alpha(image) ? like->basic.alpha_bits : 0;
    basic->alpha_premultiplied = like->basic.alpha_premultiplied;
    basic->intensity_target = like->basic.intensity_target;
    basic->min_nits = like->basic.min_nits;
    basic->relative_to_max_display = like->basic.relative_to_max_display;
    basic->linear_below = like->basic.linear_below;
    basic->have_animation = like->basic.have_animation;
    basic->animation = like->basic.animation;
    basic->animation.have_timecodes = JXL_FALSE;
}

static bool set_colour(const OskEncoder *encoder, JxlEncoder *jxl, const JxlBasicInfo *basic)
{
    const OskDecoder *like = encoder->options.like;
    const uint8_t *icc = like != NULL ? like->icc : encoder->options.icc;
    size_t icc_len = like != NULL ? like->icc_len : encoder->options.icc_len;
    if (like != NULL && like->has_colour) {
        return JxlEncoderSetColorEncoding(jxl, &like->colour) == JXL_ENC_SUCCESS;
    }
    if (icc != NULL) {
        return JxlEncoderSetICCProfile(jxl, icc, icc_len) == JXL_ENC_SUCCESS;
    }
    JxlColorEncoding colour;
    JxlColorEncodingSetToSRGB(&colour, basic->num_color_channels == 1);
    return JxlEncoderSetColorEncoding(jxl, &colour) == JXL_ENC_SUCCESS;
}

static double distance_of(unsigned quality)
{
    double distance = DISTANCE_FURTHEST;
    for (unsigned i = 0; i < quality; i++) {
        distance *= DISTANCE_STEP;
    }
    return distance;
}

static bool set_option(JxlEncoderFrameSettings *settings, JxlEncoderFrameSettingId option,
                       int64_t value)
{
    return JxlEncoderFrameSettingsSetOption(settings, option, value) == JXL_ENC_SUCCESS;
}

/* The ways: libjxl's default; and as drawings and screenshots are coded best, by what was there
 * before and no guess of the next sample. More effort gains more, but from 8 on libjxl 0.7 stops
 * the process at some pictures (an assertion in enc_ans.cc, found by the fuzzer). */
static bool set_lossless(JxlEncoderFrameSettings *settings, unsigned way)
{
    bool ok = JxlEncoderSetFrameLossless(settings, JXL_TRUE) == JXL_ENC_SUCCESS;
    if (way == 0) {
        return ok;
    }
    return ok && set_option(settings, JXL_ENC_FRAME_SETTING_MODULAR_PREDICTOR, 0) &&
           set_option(settings, JXL_ENC_FRAME_SETTING_MODULAR_GROUP_SIZE, 3);
}

/* Coded as the source was, in blocks or in modular mode: that loses least. Without squeezing (the
 * option is called responsive) alpha stays exact beside lossy colours. */
static bool set_frame(const OskEncoder *encoder, JxlEncoderFrameSettings *settings,
                      unsigned quality)
{
    const OskDecoder *like = encoder->options.like;
    bool modular = like != NULL && like->modular;
    if (!set_option(settings, JXL_ENC_FRAME_SETTING_EFFORT, EFFORT) ||
        !set_option(settings, JXL_ENC_FRAME_SETTING_KEEP_INVISIBLE, 1)) {
        return false;
    }
    if (encoder->lossless) {
        return set_lossless(settings, quality);
    }
    if (modular ? !set_option(settings, JXL_ENC_FRAME_SETTING_MODULAR, 1)
                : !set_option(settings, JXL_ENC_FRAME_SETTING_RESPONSIVE, 0)) {
        return false;
    }
    return JxlEncoderSetFrameDistance(settings, (float)distance_of(quality)) == JXL_ENC_SUCCESS;
}

static bool set_up(const OskEncoder *encoder, JxlEncoder *jxl, unsigned quality,
                   JxlEncoderFrameSettings **out_settings)
{
    JxlBasicInfo basic;
    describe(encoder, &basic);
    if (JxlEncoderSetBasicInfo(jxl, &basic) != JXL_ENC_SUCCESS ||
        !set_colour(encoder, jxl, &basic)) {
        return false;
    }
    if (JxlEncoderGetRequiredCodestreamLevel(jxl) == 10 &&
        JxlEncoderSetCodestreamLevel(jxl, 10) != JXL_ENC_SUCCESS) {
        return false;
    }
    *out_settings = JxlEncoderFrameSettingsCreate(jxl, NULL);
    return *out_settings != NULL && set_frame(encoder, *out_settings, quality);
}

static bool add_frame(const OskEncoder *encoder, JxlEncoderFrameSettings *settings, size_t index)
{
    const OskKeptFrame *frame = &encoder->frames.at[index];
    const OskImage *image = &frame->image;
    JxlPixelFormat pixels = { .num_channels = osk_pixel_samples(image->model),
                              .data_type = image->depth > 8 ? JXL_TYPE_UINT16 : JXL_TYPE_UINT8,
                              .endianness = JXL_NATIVE_ENDIAN };
    if (encoder->moves) {
        JxlFrameHeader header;
        JxlEncoderInitFrameHeader(&header);
        header.duration = (uint32_t)frame->duration_num;
        if (JxlEncoderSetFrameHeader(settings, &header) != JXL_ENC_SUCCESS) {
            return false;
        }
    }
    return JxlEncoderAddImageFrame(settings, &pixels, image->pixels,
                                   image->stride * image->height) == JXL_ENC_SUCCESS;
}

/* Runs the encoder until it has said all. */
static OskStatus drain(const OskEncoder *encoder, JxlEncoder *jxl, OskAttempt *out, OskFault *fault)
{
    JxlEncoderStatus state = JXL_ENC_NEED_MORE_OUTPUT;
    size_t room = 0;
    while (state == JXL_ENC_NEED_MORE_OUTPUT) {
        size_t more = room == 0 ? OUT_STEP : room;
        uint8_t *bytes = realloc(out->bytes, room + more);
        if (bytes == NULL) {
            return osk_recode_no_memory(encoder, fault);
        }
        out->bytes = bytes;
        room += more;
        uint8_t *next = bytes + out->len;
        size_t left = room - out->len;
        state = JxlEncoderProcessOutput(jxl, &next, &left);
        out->len = room - left;
    }
    return state == JXL_ENC_SUCCESS ? OSK_OK : failed(jxl, fault);
}

static OskStatus measure(const OskEncoder *encoder, OskAttempt *out, OskFault *fault)
{
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    OskStatus status =
        osk_codec_jxl.open(out->bytes, out->len, encoder->budget, &decoder, &info, fault);
    if (status == OSK_OK && info.frames != encoder->frames.count) {
        status = osk_fault_set(fault, OSK_UNSUPPORTED, "jxlc",
                               "the frames can't be written one by one", OSK_NO_OFFSET);
    }
    for (size_t i = 0; status == OSK_OK && i < encoder->frames.count; i++) {
        const OskKeptFrame *kept = &encoder->frames.at[i];
        OskFrame frame = { .duration_den = 1 };
        status = osk_codec_jxl.next(decoder, &frame, fault);
        if (status == OSK_OK) {
            status = osk_error_add(&out->error, &kept->image, &frame.image, kept->mask);
            osk_image_free(&frame.image, encoder->budget);
        }
    }
    osk_codec_jxl.close(&decoder);
    return status;
}

static OskStatus attempt(const OskEncoder *encoder, unsigned quality, OskAttempt *out,
                         OskFault *fault)
{
    JxlEncoder *jxl = JxlEncoderCreate(NULL);
    if (jxl == NULL) {
        return osk_recode_no_memory(encoder, fault);
    }
    JxlEncoderFrameSettings *settings = NULL;
    OskStatus status = set_up(encoder, jxl, quality, &settings) ? OSK_OK : failed(jxl, fault);
    for (size_t i = 0; status == OSK_OK && i < encoder->frames.count; i++) {
        status = add_frame(encoder, settings, i) ? OSK_OK : failed(jxl, fault);
        if (i + 1 == encoder->frames.count) {
            JxlEncoderCloseInput(jxl);
        }
    }
    if (status == OSK_OK) {
        status = drain(encoder, jxl, out, fault);
    }
    JxlEncoderDestroy(jxl);
    return status == OSK_OK && !encoder->lossless ? measure(encoder, out, fault) : status;
}

static const OskRecoding recoding = { .part = "jxlc",
                                      .attempt = attempt,
                                      .highest = QUALITY_MOST,
                                      .first = QUALITY_FIRST,
                                      .tries = TRIES };

/* ---- OskCodec ---- */

OskStatus osk_jxl_begin(const OskEncodeOptions *options, const OskCodecInfo *info,
                        OskBudget *budget, OskEncoder **out_encoder, OskFault *fault)
{
    const OskDecoder *like = options->like;
    OskEncoder start = { .codec = &recoding,
                         .options = *options,
                         .info = *info,
                         .budget = budget,
                         .fresh = QUALITY_FIRST,
                         .lossless = like != NULL ? like->lossless : options->quality == 0,
                         .moves = like != NULL && like->basic.have_animation,
                         .frames = { .clock = 1000 } };
    if (like != NULL) {
        start.source.len = like->len;
        start.source.area = (uint64_t)like->info.width * like->info.height;
    }
    if (start.moves && like->basic.animation.tps_denominator != 0) {
        start.frames.clock =
            like->basic.animation.tps_numerator / like->basic.animation.tps_denominator;
    }
    return osk_recode_begin(&start, out_encoder, fault);
}

OskStatus osk_jxl_add(OskEncoder *encoder, const OskFrame *frame, OskFault *fault)
{
    const OskImage *image = &frame->image;
    if (image->model == OSK_PIXELS_CMYK || image->model == OSK_PIXELS_INDEXED ||
        (image->depth != 8 && image->depth != 16)) {
        return osk_fault_set(fault, OSK_UNSUPPORTED, "jxlc",
                             "these samples are not written as JPEG XL", OSK_NO_OFFSET);
    }
    if (encoder->frames.count > 0 && !encoder->moves) {
        return OSK_MISUSE;
    }
    return osk_recode_keep(encoder, frame, fault);
}

OskStatus osk_jxl_end(OskEncoder *encoder, OskWriter *out, OskFault *fault)
{
    if (encoder->frames.count == 0) {
        return OSK_MISUSE;
    }
    const OskImage *image = &encoder->frames.at[0].image;
    uint64_t area = (uint64_t)image->width * image->height;
    uint64_t own = area * osk_pixel_samples(image->model) * OWN_BYTES * (encoder->moves ? 2 : 1);
    bool small = area * encoder->frames.count <= WAYS_AREA;
    OskStatus status = osk_recode_search(encoder, own, small ? WAYS : 1, fault);
    return status == OSK_OK ? osk_recode_give(encoder, out, fault) : status;
}
