/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JPEG XL: libjxl, single-threaded; the encoder stands in codec_jxl_write.c.
 *
 * Layers come composited. Whether a file is lossless stands in no header that libjxl gives: it is
 * when its samples are of its own colour space (not XYB) and its first frame is coded in modular
 * mode, which is the fourth bit of the frame's header (ISO/IEC 18181-1, table of FrameHeader). A
 * JPEG that was packed into JPEG XL is of its own colour space too, but coded in VarDCT mode. */
#include "pixels/codec_jxl.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/fault.h"
#include "pixels/recode.h"

/* libjxl's own need beside what it gives, in bytes a sample: the frame in floats, one that it is
 * blended with, coefficients. */
#define OWN_BYTES 16u
/* A varblock of 32 pixels: larger ones are used where there is nothing to see. */
#define LOSSY_REACH 32u

static OskStatus malformed(OskFault *fault)
{
    return osk_fault_set(fault, OSK_MALFORMED, "jxlc", "the picture can't be decoded",
                         OSK_NO_OFFSET);
}

static OskStatus no_memory(OskFault *fault)
{
    return osk_fault_set(fault, OSK_NO_MEMORY, "jxlc", "memory ended", OSK_NO_OFFSET);
}

static OskStatus unsupported(OskFault *fault, const char *what)
{
    return osk_fault_set(fault, OSK_UNSUPPORTED, "jxlc", what, OSK_NO_OFFSET);
}

/* A decoder at the start of the file. */
static JxlDecoder *start(const OskDecoder *decoder, int events)
{
    JxlDecoder *jxl = JxlDecoderCreate(NULL);
    if (jxl != NULL && (JxlDecoderSubscribeEvents(jxl, events) != JXL_DEC_SUCCESS ||
                        JxlDecoderSetKeepOrientation(jxl, JXL_TRUE) != JXL_DEC_SUCCESS ||
                        JxlDecoderSetInput(jxl, decoder->bytes, decoder->len) != JXL_DEC_SUCCESS)) {
        JxlDecoderDestroy(jxl);
        return NULL;
    }
    return jxl;
}

/* What went wrong when `state` is not what was waited for. */
static OskStatus stopped(JxlDecoderStatus state, OskFault *fault)
{
    if (state == JXL_DEC_NEED_MORE_INPUT) {
        return osk_fault_set(fault, OSK_TRUNCATED, "jxlc", "the picture ends early", OSK_NO_OFFSET);
    }
    return malformed(fault);
}

/* The extra channels that would be seen: alpha is known, spot colours are painted by libjxl, and
 * stay as painted in what is written. */
static OskStatus check_channels(const OskDecoder *decoder, JxlDecoder *jxl, OskFault *fault)
{
    for (uint32_t i = 0; i < decoder->basic.num_extra_channels; i++) {
        JxlExtraChannelInfo channel;
        if (JxlDecoderGetExtraChannelInfo(jxl, i, &channel) != JXL_DEC_SUCCESS) {
            return malformed(fault);
        }
        if (channel.type == JXL_CHANNEL_BLACK) {
            unsupported(fault, "inks instead of red, green and blue");
            osk_fault_next(fault, "open it, take a screenshot and scrub that");
            return OSK_UNSUPPORTED;
        }
    }
    return OSK_OK;
}

static OskStatus take_basic(OskDecoder *decoder, JxlDecoder *jxl, OskFault *fault)
{
    JxlBasicInfo *basic = &decoder->basic;
    if (JxlDecoderGetBasicInfo(jxl, basic) != JXL_DEC_SUCCESS || basic->xsize == 0 ||
        basic->ysize == 0) {
        return malformed(fault);
    }
    if (basic->exponent_bits_per_sample != 0 || basic->bits_per_sample > 16) {
        return unsupported(fault, "samples that are no integers of 16 bits or less");
    }
    bool alpha = basic->alpha_bits != 0;
    bool grey = basic->num_color_channels == 1;
    decoder->model = grey ? (alpha ? OSK_PIXELS_GREY_ALPHA : OSK_PIXELS_GREY)
                          : (alpha ? OSK_PIXELS_RGBA : OSK_PIXELS_RGB);
    decoder->depth = basic->bits_per_sample > 8 || basic->alpha_bits > 8 ? 16 : 8;
    decoder->pixels =
        (JxlPixelFormat){ .num_channels = osk_pixel_samples(decoder->model),
                          .data_type = decoder->depth > 8 ? JXL_TYPE_UINT16 : JXL_TYPE_UINT8,
                          .endianness = JXL_NATIVE_ENDIAN };
    uint64_t samples = (uint64_t)basic->xsize * basic->ysize;
    decoder->info = (OskCodecInfo){ .width = basic->xsize,
                                    .height = basic->ysize,
                                    .orientation = (unsigned)basic->orientation,
                                    .alpha = alpha };
    if (!osk_mul_u64(samples, (uint64_t)OWN_BYTES * decoder->pixels.num_channels,
                     &decoder->info.memory) ||
        !osk_budget_memory(decoder->budget, decoder->info.memory)) {
        return osk_fault_set(fault, OSK_LIMIT, "jxlc", "the picture is too large to decode",
                             OSK_NO_OFFSET);
    }
    decoder->spent = decoder->info.memory;
    return check_channels(decoder, jxl, fault);
}

/* What the decoded samples mean. libjxl turns XYB to named colour spaces alone: a file of XYB that
 * carries a profile is decoded as sRGB. */
static OskStatus take_colour(OskDecoder *decoder, JxlDecoder *jxl, OskFault *fault)
{
    const JxlColorProfileTarget data = JXL_COLOR_PROFILE_TARGET_DATA;
    if (!decoder->basic.uses_original_profile &&
        JxlDecoderGetColorAsEncodedProfile(jxl, NULL, JXL_COLOR_PROFILE_TARGET_ORIGINAL, NULL) !=
            JXL_DEC_SUCCESS) {
        JxlColorEncoding srgb = { .color_space = decoder->basic.num_color_channels == 1
                                                     ? JXL_COLOR_SPACE_GRAY
                                                     : JXL_COLOR_SPACE_RGB,
                                  .white_point = JXL_WHITE_POINT_D65,
                                  .primaries = JXL_PRIMARIES_SRGB,
                                  .transfer_function = JXL_TRANSFER_FUNCTION_SRGB,
                                  .rendering_intent = JXL_RENDERING_INTENT_RELATIVE };
        (void)JxlDecoderSetPreferredColorProfile(jxl, &srgb);
    }
    decoder->has_colour =
        JxlDecoderGetColorAsEncodedProfile(jxl, NULL, data, &decoder->colour) == JXL_DEC_SUCCESS;
    decoder->icc_is_srgb = decoder->has_colour &&
                           decoder->colour.white_point == JXL_WHITE_POINT_D65 &&
                           decoder->colour.transfer_function == JXL_TRANSFER_FUNCTION_SRGB &&
                           (decoder->colour.color_space == JXL_COLOR_SPACE_GRAY ||
                            decoder->colour.primaries == JXL_PRIMARIES_SRGB);
    size_t len = 0;
    if (JxlDecoderGetICCProfileSize(jxl, NULL, data, &len) != JXL_DEC_SUCCESS) {
        return decoder->has_colour ? OSK_OK : malformed(fault);
    }
    if (len > decoder->len * 64 + (1u << 20)) {
        return osk_fault_set(fault, OSK_LIMIT, "jxlc", "the colour profile is too large",
                             OSK_NO_OFFSET);
    }
    decoder->icc = malloc(len == 0 ? 1 : len);
    if (decoder->icc == NULL) {
        return no_memory(fault);
    }
    decoder->icc_len = len;
    return JxlDecoderGetColorAsICCProfile(jxl, NULL, data, decoder->icc, len) == JXL_DEC_SUCCESS
               ? OSK_OK
               : malformed(fault);
}

/* Reads the first bits of the first frame's header, which the library has not eaten yet. */
static OskStatus look_at_frame(OskDecoder *decoder, JxlDecoder *jxl, OskFault *fault)
{
    size_t left = JxlDecoderReleaseInput(jxl);
    const uint8_t *at = decoder->bytes + (decoder->len - left);
    if (left == 0 || left > decoder->len) {
        return stopped(JXL_DEC_NEED_MORE_INPUT, fault);
    }
    bool all_default = (at[0] & 1) != 0;
    decoder->modular = !all_default && (at[0] >> 3 & 1) != 0;
    decoder->lossless = decoder->basic.uses_original_profile && decoder->modular;
    if (JxlDecoderSetInput(jxl, at, left) != JXL_DEC_SUCCESS) {
        return malformed(fault);
    }
    return OSK_OK;
}

/* Reads headers alone, to the end: what the picture is, and how many frames it shows. */
static OskStatus survey(OskDecoder *decoder, OskFault *fault)
{
    JxlDecoder *jxl = start(decoder, JXL_DEC_BASIC_INFO | JXL_DEC_COLOR_ENCODING | JXL_DEC_FRAME);
    OskStatus status = jxl != NULL ? OSK_OK : no_memory(fault);
    bool done = false;
    while (status == OSK_OK && !done) {
        JxlDecoderStatus state = JxlDecoderProcessInput(jxl);
        switch (state) {
        case JXL_DEC_BASIC_INFO: status = take_basic(decoder, jxl, fault); break;
        case JXL_DEC_COLOR_ENCODING:
            status = take_colour(decoder, jxl, fault);
            if (status == OSK_OK) {
                status = look_at_frame(decoder, jxl, fault);
            }
            break;
        case JXL_DEC_FRAME:
            decoder->info.frames++;
            if (!osk_budget_parts(decoder->budget, 1)) {
                status = osk_fault_set(fault, OSK_LIMIT, "jxlc", "too many frames", OSK_NO_OFFSET);
            }
            break;
        case JXL_DEC_SUCCESS: done = true; break;
        default: status = stopped(state, fault); break;
        }
    }
    JxlDecoderDestroy(jxl);
    if (status == OSK_OK && (decoder->info.frames == 0 || decoder->info.width == 0)) {
        status = osk_fault_set(fault, OSK_MALFORMED, "jxlc", "no picture", OSK_NO_OFFSET);
    }
    decoder->info.lossy = !decoder->lossless;
    decoder->info.reach = decoder->lossless ? 0 : LOSSY_REACH;
    return status;
}

static void close_jxl(OskDecoder **decoder)
{
    OskDecoder *gone = *decoder;
    *decoder = NULL;
    if (gone == NULL) {
        return;
    }
    JxlDecoderDestroy(gone->jxl);
    free(gone->icc);
    osk_budget_return(gone->budget, gone->spent);
    free(gone);
}

static OskStatus open_jxl(const uint8_t *bytes, size_t len, OskBudget *budget,
                          OskDecoder **out_decoder, OskCodecInfo *out_info, OskFault *fault)
{
    *out_decoder = NULL;
    OskDecoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) {
        return no_memory(fault);
    }
    *decoder = (OskDecoder){ .bytes = bytes, .len = len, .budget = budget };
    OskStatus status = survey(decoder, fault);
    if (status == OSK_OK) {
        decoder->jxl = start(decoder, JXL_DEC_COLOR_ENCODING | JXL_DEC_FRAME | JXL_DEC_FULL_IMAGE);
        status = decoder->jxl != NULL ? OSK_OK : no_memory(fault);
    }
    if (status != OSK_OK) {
        close_jxl(&decoder);
        return status;
    }
    *out_decoder = decoder;
    *out_info = decoder->info;
    return OSK_OK;
}

/* Ticks to seconds, as a fraction. */
static bool take_duration(const OskDecoder *decoder, OskFrame *frame)
{
    JxlFrameHeader header;
    if (JxlDecoderGetFrameHeader(decoder->jxl, &header) != JXL_DEC_SUCCESS) {
        return false;
    }
    const JxlAnimationHeader *animation = &decoder->basic.animation;
    if (!decoder->basic.have_animation || animation->tps_numerator == 0) {
        return true;
    }
    uint64_t num = (uint64_t)header.duration * animation->tps_denominator;
    if (num > UINT32_MAX) {
        return false;
    }
    frame->duration_num = (uint32_t)num;
    frame->duration_den = animation->tps_numerator;
    return true;
}

static OskStatus fill_frame(OskDecoder *decoder, OskFrame *frame, OskFault *fault)
{
    for (;;) {
        JxlDecoderStatus state = JxlDecoderProcessInput(decoder->jxl);
        size_t need = 0;
        size_t have = frame->image.stride * frame->image.height;
        switch (state) {
        case JXL_DEC_COLOR_ENCODING:
            if (decoder->has_colour && !decoder->basic.uses_original_profile) {
                (void)JxlDecoderSetPreferredColorProfile(decoder->jxl, &decoder->colour);
            }
            break;
        case JXL_DEC_FRAME:
            if (!take_duration(decoder, frame)) {
                return malformed(fault);
            }
            break;
        case JXL_DEC_NEED_IMAGE_OUT_BUFFER:
            if (JxlDecoderImageOutBufferSize(decoder->jxl, &decoder->pixels, &need) !=
                    JXL_DEC_SUCCESS ||
                need != have ||
                JxlDecoderSetImageOutBuffer(decoder->jxl, &decoder->pixels, frame->image.pixels,
                                            have) != JXL_DEC_SUCCESS) {
                return malformed(fault);
            }
            break;
        case JXL_DEC_FULL_IMAGE: return OSK_OK;
        default: return stopped(state, fault);
        }
    }
}

static OskStatus next_jxl(OskDecoder *decoder, OskFrame *out_frame, OskFault *fault)
{
    OskFrame frame = { .duration_den = 1 };
    if (decoder->given >= decoder->info.frames) {
        return OSK_MISUSE;
    }
    OskStatus status = osk_image_make(&frame.image, decoder->info.width, decoder->info.height,
                                      decoder->model, decoder->depth, decoder->budget);
    if (status != OSK_OK) {
        return osk_fault_set(fault, status, "jxlc", "the picture is too large to decode",
                             OSK_NO_OFFSET);
    }
    status = fill_frame(decoder, &frame, fault);
    if (status != OSK_OK) {
        osk_image_free(&frame.image, decoder->budget);
        return status;
    }
    decoder->given++;
    *out_frame = frame;
    return OSK_OK;
}

static const uint8_t *icc_jxl(const OskDecoder *decoder, size_t *out_len)
{
    *out_len = decoder->icc_is_srgb ? 0 : decoder->icc_len;
    return decoder->icc_is_srgb ? NULL : decoder->icc;
}

const OskCodec osk_codec_jxl = {
    .format = "jxl",
    .open = open_jxl,
    .next = next_jxl,
    .icc = icc_jxl,
    .close = close_jxl,
    .begin = osk_jxl_begin,
    .add = osk_jxl_add,
    .end = osk_jxl_end,
    .drop = osk_recode_drop,
    .report = osk_recode_report,
};
