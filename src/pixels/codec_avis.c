/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AVIF sequences: boxes by avis.c, pictures by dav1d; the encoder stands in codec_avis_write.c.
 *
 * Pictures come as they are stored. The still picture beside a sequence is not decoded: in the copy
 * it is the first of the sequence, covered like that. */
#include "pixels/codec_avis.h"

#include <stdlib.h>

#include "base/checked.h"
#include "base/fault.h"

/* Transforms of 32 samples and loop filters; larger ones are used where there is nothing to see. */
#define LOSSY_REACH 32u

static OskStatus too_large(OskFault *fault, const char *what)
{
    return osk_fault_set(fault, OSK_LIMIT, "moov", what, OSK_NO_OFFSET);
}

/* What a copy needs beside its frames' own memory: each is kept, with its mask. */
static uint64_t writing_of(const OskDecoder *decoder)
{
    const OskCodecInfo *info = &decoder->info;
    unsigned sample = decoder->avis.colour.depth > 8 ? 2 : 1;
    uint64_t each =
        (uint64_t)info->width * info->height * (osk_pixel_samples(decoder->model) * sample + 1);
    uint64_t all = 0;
    const OskAvisAsk ask = { .width = info->width,
                             .height = info->height,
                             .depth = decoder->avis.colour.depth,
                             .frames = info->frames };
    bool fits = osk_mul_u64(each, info->frames, &all) &&
                osk_add_u64(all, osk_avis_coding(&ask), &all) &&
                osk_add_u64(all, decoder->info.memory, &all);
    return fits ? all : UINT64_MAX;
}

static OskStatus describe(OskDecoder *decoder, OskFault *fault)
{
    const OskAvis *avis = &decoder->avis;
    const OskAvisTrack *track = &avis->colour;
    uint64_t memory = osk_avis_reading(track) * (avis->has_alpha ? 2 : 1);
    decoder->model = track->grey ? (avis->has_alpha ? OSK_PIXELS_GREY_ALPHA : OSK_PIXELS_GREY)
                                 : (avis->has_alpha ? OSK_PIXELS_RGBA : OSK_PIXELS_RGB);
    decoder->info = (OskCodecInfo){ .width = track->width,
                                    .height = track->height,
                                    .orientation = track->orientation,
                                    .frames = track->count,
                                    .lossy = true,
                                    .alpha = avis->has_alpha,
                                    .reach = LOSSY_REACH,
                                    .memory = memory };
    decoder->info.writing = writing_of(decoder);
    /* The pixels are only asked for here; they are spent where an image is made. */
    if ((uint64_t)track->width * track->height > decoder->budget->pixels ||
        !osk_budget_memory(decoder->budget, memory)) {
        return too_large(fault, "the picture is too large to decode");
    }
    decoder->spent = memory;
    return OSK_OK;
}

/* ISO/IEC 14496-12, 12.1.5: what stands beside the pictures counts, and not what is in them. */
static void read_colours(OskDecoder *decoder)
{
    OskCursor nclx = osk_avis_colour(&decoder->avis, "nclx");
    osk_cursor_skip(&nclx, 4);
    decoder->matrix = osk_cursor_u16be(&nclx);
    decoder->full_range = (osk_cursor_u8(&nclx) & 0x80) != 0;
    decoder->has_matrix = osk_cursor_ok(&nclx);
}

static void close_avis(OskDecoder **decoder)
{
    OskDecoder *gone = *decoder;
    *decoder = NULL;
    if (gone == NULL) {
        return;
    }
    osk_avis_reader_free(&gone->colour);
    osk_avis_reader_free(&gone->alpha);
    osk_avis_free(&gone->avis, gone->budget);
    osk_budget_return(gone->budget, gone->spent);
    free(gone);
}

static OskStatus open_avis(const uint8_t *bytes, size_t len, OskBudget *budget,
                           OskDecoder **out_decoder, OskCodecInfo *out_info, OskFault *fault)
{
    OskDecoder *decoder = calloc(1, sizeof *decoder);
    *out_decoder = NULL;
    if (decoder == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "moov", "memory ended", OSK_NO_OFFSET);
    }
    decoder->budget = budget;
    OskStatus status = osk_avis_read(bytes, len, budget, &decoder->avis, fault);
    if (status == OSK_OK) {
        status = describe(decoder, fault);
    }
    if (status == OSK_OK) {
        read_colours(decoder);
        status = osk_avis_reader_make(&decoder->avis.colour, &decoder->colour, fault);
    }
    if (status == OSK_OK && decoder->avis.has_alpha) {
        status = osk_avis_reader_make(&decoder->avis.alpha, &decoder->alpha, fault);
    }
    if (status != OSK_OK) {
        close_avis(&decoder);
        return status;
    }
    *out_decoder = decoder;
    *out_info = decoder->info;
    return OSK_OK;
}

static OskStatus read_sample(const OskDecoder *decoder, const OskAvisTrack *track,
                             OskAvisReader *reader, OskPlanes *out_planes, OskFault *fault)
{
    const OskAvisSample *sample = &track->samples[decoder->given];
    return osk_avis_reader_next(reader, decoder->avis.bytes + sample->offset, sample->len,
                                out_planes, fault);
}

/* Matrices that are no mix of red, green and blue alone can't be turned here. */
static bool is_known(unsigned matrix)
{
    return matrix <= 7 || matrix == 9 || matrix == 10;
}

static OskStatus read_planes(OskDecoder *decoder, OskPlanes *planes, OskFault *fault)
{
    OskPlanes alpha = { 0 };
    OskStatus status = read_sample(decoder, &decoder->avis.colour, decoder->colour, planes, fault);
    if (status == OSK_OK && decoder->alpha != NULL) {
        status = read_sample(decoder, &decoder->avis.alpha, decoder->alpha, &alpha, fault);
        planes->at[OSK_PLANE_ALPHA] = alpha.at[OSK_PLANE_Y];
        planes->stride[OSK_PLANE_ALPHA] = alpha.stride[OSK_PLANE_Y];
    }
    if (status != OSK_OK) {
        return status;
    }
    decoder->look = osk_avis_reader_look(decoder->colour);
    if (decoder->alpha != NULL) {
        decoder->alpha_look = osk_avis_reader_look(decoder->alpha);
    }
    if (!decoder->has_matrix) {
        decoder->matrix = decoder->look.matrix;
        decoder->full_range = decoder->look.full_range;
    }
    planes->matrix = decoder->matrix;
    planes->full_range = decoder->full_range;
    bool identity = decoder->matrix == 0 && planes->shift_x != 0;
    if (!decoder->avis.colour.grey && (!is_known(decoder->matrix) || identity)) {
        return osk_fault_set(fault, OSK_UNSUPPORTED, "colr",
                             "colours that can't be turned into red,"
                             " green and blue",
                             OSK_NO_OFFSET);
    }
    return OSK_OK;
}

static OskStatus next_avis(OskDecoder *decoder, OskFrame *out_frame, OskFault *fault)
{
    const OskAvisTrack *track = &decoder->avis.colour;
    OskPlanes planes;
    if (decoder->given == track->count) {
        return OSK_MISUSE;
    }
    OskStatus status = read_planes(decoder, &planes, fault);
    if (status != OSK_OK) {
        return status;
    }
    OskFrame frame = { .duration_num = track->samples[decoder->given].duration,
                       .duration_den = track->timescale };
    status = osk_image_make(&frame.image, track->width, track->height, decoder->model, track->depth,
                            decoder->budget);
    if (status != OSK_OK) {
        return too_large(fault, "the picture is too large to decode");
    }
    osk_planes_to_image(&planes, &frame.image);
    decoder->given++;
    *out_frame = frame;
    return OSK_OK;
}

static const uint8_t *icc_avis(const OskDecoder *decoder, size_t *out_len)
{
    OskCursor profile = osk_avis_colour(&decoder->avis, "prof");
    *out_len = osk_cursor_left(&profile);
    return osk_cursor_ok(&profile) ? osk_cursor_rest(&profile) : NULL;
}

const OskCodec osk_codec_avis = {
    .format = "avif",
    .open = open_avis,
    .next = next_avis,
    .icc = icc_avis,
    .close = close_avis,
    .begin = osk_avis_begin,
    .add = osk_avis_add,
    .end = osk_avis_end,
    .drop = osk_avis_drop,
    .report = osk_avis_report,
};
