/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AVIF sequences, written: colours and transparency each by aom, in boxes like those of the file
 * that was decoded. Transparency loses nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "pixels/codec_avis.h"
#include "pixels/recode.h"

#define QUALITY_FIRST 40u
#define TRIES 7u
/* Pixels of the first frames that are searched alone: some seconds a try. */
#define EXCERPT_AREA (UINT64_C(3) << 20)

static OskAvisAsk ask_of(const OskEncoder *encoder, bool alpha, unsigned quality)
{
    const OskDecoder *like = encoder->options.like;
    const OskAvisTrack *track = alpha ? &like->avis.alpha : &like->avis.colour;
    const OskImage *image = &encoder->frames.at[0].image;
    return (OskAvisAsk){ .width = image->width,
                         .height = image->height,
                         .depth = track->depth,
                         .shift_x = track->shift_x,
                         .shift_y = track->shift_y,
                         .grey = track->grey,
                         .look = alpha ? like->alpha_look : like->look,
                         .frames = (uint32_t)osk_recode_count(encoder),
                         .quality = alpha ? OSK_AVIS_QUALITY_MOST : quality };
}

/* What of an image goes into the planes of a coder. */
static void fill_planes(const OskDecoder *like, const OskImage *image, bool alpha, OskPlanes planes)
{
    if (alpha) {
        planes.at[OSK_PLANE_ALPHA] = planes.at[OSK_PLANE_Y];
        planes.stride[OSK_PLANE_ALPHA] = planes.stride[OSK_PLANE_Y];
        osk_planes_take_alpha(&planes, image);
        return;
    }
    planes.matrix = like->matrix;
    planes.full_range = like->full_range;
    osk_planes_from_image(&planes, image);
}

static OskStatus code_track(const OskEncoder *encoder, bool alpha, unsigned quality,
                            OskAvisCoded *out, OskFault *fault)
{
    OskAvisAsk ask = ask_of(encoder, alpha, quality);
    OskAvisCoder *coder = NULL;
    OskStatus status = osk_avis_coder_make(&ask, &coder, fault);
    for (uint32_t i = 0; status == OSK_OK && i < ask.frames; i++) {
        fill_planes(encoder->options.like, &encoder->frames.at[i].image, alpha,
                    osk_avis_coder_planes(coder));
        status = osk_avis_coder_add(coder, fault);
    }
    if (status == OSK_OK) {
        status = osk_avis_coder_end(coder, out, fault);
    }
    osk_avis_coder_free(&coder);
    return status == OSK_OK ? osk_avis_config(out, fault) : status;
}

static OskStatus write_file(const OskEncoder *encoder, const OskAvisCoded *colour,
                            const OskAvisCoded *alpha, OskAttempt *out, OskFault *fault)
{
    const OskImage *image = &encoder->frames.at[0].image;
    const OskAvisCopy copy = { .colour = colour,
                               .alpha = alpha,
                               .width = image->width,
                               .height = image->height,
                               .orientation = encoder->options.orientation,
                               .swapped = encoder->options.swapped };
    OskWriter writer;
    osk_writer_init(&writer, SIZE_MAX / 4);
    osk_avis_write(&encoder->options.like->avis, &copy, &writer);
    out->bytes = osk_writer_give(&writer, &out->len);
    return out->bytes != NULL ? OSK_OK : osk_recode_no_memory(encoder, fault);
}

/* Decodes what was written, without boxes: an excerpt has none that fit. Transparency is not in it:
 * nothing of that is lost, and where the kept picture is clear, colours don't count. */
static OskStatus measure(const OskEncoder *encoder, const OskAvisCoded *colour, OskAttempt *out,
                         OskFault *fault)
{
    const OskDecoder *like = encoder->options.like;
    const OskImage *image = &encoder->frames.at[0].image;
    OskAvisTrack track = like->avis.colour;
    OskAvisReader *reader = NULL;
    OskImage again = { 0 };
    size_t at = 0;
    track.width = image->width;
    track.height = image->height;
    uint64_t pixels = encoder->budget->pixels;
    OskStatus status = osk_avis_reader_make(&track, &reader, fault);
    if (status == OSK_OK && osk_image_make(&again, image->width, image->height, image->model,
                                           image->depth, encoder->budget) != OSK_OK) {
        status = osk_recode_too_large(encoder, fault);
    }
    for (uint32_t i = 0; status == OSK_OK && i < colour->count; i++) {
        const OskKeptFrame *kept = &encoder->frames.at[i];
        OskPlanes planes;
        status = osk_avis_reader_next(reader, colour->bytes + at, colour->lens[i], &planes, fault);
        if (status == OSK_OK) {
            planes.matrix = like->matrix;
            planes.full_range = like->full_range;
            osk_planes_to_image(&planes, &again);
            status = osk_error_add(&out->error, &kept->image, &again, kept->mask);
            at += colour->lens[i];
        }
    }
    osk_image_free(&again, encoder->budget);
    encoder->budget->pixels = pixels;
    osk_avis_reader_free(&reader);
    return status;
}

/* Transparency is the same at every quality: it is coded once for all frames. */
static OskStatus code_alpha(const OskEncoder *encoder, const OskAvisCoded **out_alpha,
                            OskFault *fault)
{
    OskAvisCoded *alpha = encoder->own;
    *out_alpha = NULL;
    if (alpha == NULL || encoder->excerpt != 0) {
        return OSK_OK;
    }
    *out_alpha = alpha;
    return alpha->count > 0 ? OSK_OK : code_track(encoder, true, 0, alpha, fault);
}

static OskStatus attempt(const OskEncoder *encoder, unsigned quality, OskAttempt *out,
                         OskFault *fault)
{
    OskAvisCoded colour = { 0 };
    const OskAvisCoded *alpha = NULL;
    OskStatus status = code_track(encoder, false, quality, &colour, fault);
    if (status == OSK_OK) {
        status = code_alpha(encoder, &alpha, fault);
    }
    if (status == OSK_OK) {
        status = measure(encoder, &colour, out, fault);
    }
    if (status == OSK_OK) {
        status = write_file(encoder, &colour, alpha, out, fault);
    }
    osk_avis_coded_free(&colour);
    return status;
}

static const OskRecoding recoding = { .part = "mdat",
                                      .attempt = attempt,
                                      .highest = OSK_AVIS_QUALITY_MOST,
                                      .first = QUALITY_FIRST,
                                      .tries = TRIES,
                                      .excerpt_area = EXCERPT_AREA };

/* ---- OskCodec ---- */

OskStatus osk_avis_begin(const OskEncodeOptions *options, const OskCodecInfo *info,
                         OskBudget *budget, OskEncoder **out_encoder, OskFault *fault)
{
    const OskDecoder *like = options->like;
    *out_encoder = NULL;
    if (like == NULL || info->width > UINT16_MAX || info->height > UINT16_MAX) {
        return osk_fault_set(fault, OSK_UNSUPPORTED, "moov",
                             "a sequence is only written like a sequence", OSK_NO_OFFSET);
    }
    const OskEncoder start = { .codec = &recoding,
                               .options = *options,
                               .info = *info,
                               .budget = budget,
                               .source = { .len = like->avis.len,
                                           .area = (uint64_t)like->info.width * like->info.height },
                               .moves = true,
                               .frames = { .clock = 1000 } };
    OskStatus status = osk_recode_begin(&start, out_encoder, fault);
    if (status == OSK_OK && like->avis.has_alpha) {
        (*out_encoder)->own = calloc(1, sizeof(OskAvisCoded));
        if ((*out_encoder)->own == NULL) {
            osk_recode_drop(out_encoder);
            status = osk_recode_no_memory(&start, fault);
        }
    }
    return status;
}

OskStatus osk_avis_add(OskEncoder *encoder, const OskFrame *frame, OskFault *fault)
{
    const OskDecoder *like = encoder->options.like;
    const OskImage *image = &frame->image;
    const OskKeptFrames *frames = &encoder->frames;
    bool same = frames->count == 0 || (frames->at[0].image.width == image->width &&
                                       frames->at[0].image.height == image->height);
    if (!same || image->model != like->model || image->depth != like->avis.colour.depth) {
        return OSK_MISUSE;
    }
    return osk_recode_keep(encoder, frame, fault);
}

OskStatus osk_avis_end(OskEncoder *encoder, OskWriter *out, OskFault *fault)
{
    if (encoder->frames.count != encoder->options.like->avis.colour.count) {
        return OSK_MISUSE;
    }
    OskAvisAsk ask = ask_of(encoder, false, 0);
    uint64_t own = osk_avis_coding(&ask) + osk_avis_reading(&encoder->options.like->avis.colour);
    OskStatus status = osk_recode_search(encoder, own, 1, fault);
    return status == OSK_OK ? osk_recode_give(encoder, out, fault) : status;
}

void osk_avis_drop(OskEncoder **encoder)
{
    if (*encoder != NULL && (*encoder)->own != NULL) {
        osk_avis_coded_free((*encoder)->own);
        free((*encoder)->own);
    }
    osk_recode_drop(encoder);
}

void osk_avis_report(const OskEncoder *encoder, OskEncodeReport *out_report)
{
    osk_recode_report(encoder, out_report);
    if (out_report->note == NULL && encoder->options.like->avis.still_is_other) {
        out_report->note = "the still picture beside the moving one is now its first frame";
    }
}
