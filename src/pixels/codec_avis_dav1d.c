/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AV1, decoded by dav1d: one sample in, one picture out, in this thread. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <dav1d/dav1d.h>

#include "base/fault.h"
#include "pixels/codec_avis.h"

/* Eight pictures to refer to, the one in work and the one that is shown; samples of the coding and
 * of its filters beside them. */
#define PICTURES 12u
/* Around each picture, in pixels. */
#define BORDER 160u

struct OskAvisReader {
    const OskAvisTrack *track;
    Dav1dContext *context;
    Dav1dPicture picture;
    OskAvisLook look;
};

uint64_t osk_avis_reading(const OskAvisTrack *track)
{
    uint64_t area = ((uint64_t)track->width + BORDER) * (track->height + BORDER);
    return area * 3 * (track->depth > 8 ? 2 : 1) * PICTURES;
}

static OskStatus fail(OskFault *fault, int error)
{
    if (error == DAV1D_ERR(ENOMEM)) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "mdat", "memory ended", OSK_NO_OFFSET);
    }
    return osk_fault_set(fault, OSK_MALFORMED, "mdat", "the picture can't be decoded",
                         OSK_NO_OFFSET);
}

OskStatus osk_avis_reader_make(const OskAvisTrack *track, OskAvisReader **out_reader,
                               OskFault *fault)
{
    Dav1dSettings settings;
    OskAvisReader *reader = calloc(1, sizeof *reader);
    *out_reader = reader;
    if (reader == NULL) {
        return fail(fault, DAV1D_ERR(ENOMEM));
    }
    reader->track = track;
    dav1d_default_settings(&settings);
    settings.n_threads = 1;
    settings.max_frame_delay = 1;
    settings.all_layers = 0;
    settings.frame_size_limit = track->width * track->height;
    settings.logger.callback = NULL;
    int error = dav1d_open(&reader->context, &settings);
    if (error != 0) {
        osk_avis_reader_free(out_reader);
        return fail(fault, error);
    }
    return OSK_OK;
}

void osk_avis_reader_free(OskAvisReader **reader)
{
    OskAvisReader *gone = *reader;
    *reader = NULL;
    if (gone == NULL) {
        return;
    }
    dav1d_picture_unref(&gone->picture);
    if (gone->context != NULL) {
        dav1d_close(&gone->context);
    }
    free(gone);
}

/* The file says of all pictures what each one is. */
static bool is_as_said(const OskAvisTrack *track, const Dav1dPicture *picture)
{
    static const unsigned shifts[4][2] = { [DAV1D_PIXEL_LAYOUT_I400] = { 1, 1 },
                                           [DAV1D_PIXEL_LAYOUT_I420] = { 1, 1 },
                                           [DAV1D_PIXEL_LAYOUT_I422] = { 1, 0 },
                                           [DAV1D_PIXEL_LAYOUT_I444] = { 0, 0 } };
    bool grey = picture->p.layout == DAV1D_PIXEL_LAYOUT_I400;
    return picture->p.w == (int)track->width && picture->p.h == (int)track->height &&
           picture->p.bpc == (int)track->depth && grey == track->grey &&
           (grey || (shifts[picture->p.layout][0] == track->shift_x &&
                     shifts[picture->p.layout][1] == track->shift_y));
}

static void take_look(OskAvisReader *reader)
{
    const Dav1dSequenceHeader *header = reader->picture.seq_hdr;
    reader->look = (OskAvisLook){ .primaries = (unsigned)header->pri,
                                  .transfer = (unsigned)header->trc,
                                  .matrix = (unsigned)header->mtrx,
                                  .position = (unsigned)header->chr,
                                  .full_range = header->color_range != 0 };
}

static OskPlanes planes_of(const OskAvisReader *reader)
{
    const Dav1dPicture *picture = &reader->picture;
    const OskAvisTrack *track = reader->track;
    OskPlanes planes = { .width = track->width,
                         .height = track->height,
                         .shift_x = track->shift_x,
                         .shift_y = track->shift_y,
                         .depth = track->depth,
                         .matrix = reader->look.matrix,
                         .full_range = reader->look.full_range };
    unsigned count = track->grey ? 1 : 3;
    for (unsigned i = 0; i < count; i++) {
        planes.at[OSK_PLANE_Y + i] = picture->data[i];
        planes.stride[OSK_PLANE_Y + i] = (size_t)picture->stride[i == 0 ? 0 : 1];
    }
    return planes;
}

/* Sends all of a sample; pictures that come meanwhile are what it shows, and there may be one. */
static int decode(OskAvisReader *reader, Dav1dData *data, unsigned *out_count)
{
    int error = 0;
    bool ended = false;
    while (error == 0 && !ended) {
        if (data->sz > 0) {
            error = dav1d_send_data(reader->context, data);
            error = error == DAV1D_ERR(EAGAIN) ? 0 : error;
        }
        Dav1dPicture picture;
        memset(&picture, 0, sizeof picture);
        int got = error == 0 ? dav1d_get_picture(reader->context, &picture) : DAV1D_ERR(EAGAIN);
        if (got == 0) {
            (*out_count)++;
            dav1d_picture_unref(&reader->picture);
            reader->picture = picture; /* its references move along */
        } else if (got != DAV1D_ERR(EAGAIN)) {
            error = got;
        } else {
            ended = data->sz == 0;
        }
    }
    return error;
}

OskStatus osk_avis_reader_next(OskAvisReader *reader, const uint8_t *bytes, size_t len,
                               OskPlanes *out_planes, OskFault *fault)
{
    Dav1dData data;
    unsigned count = 0;
    memset(&data, 0, sizeof data);
    uint8_t *copy = dav1d_data_create(&data, len);
    if (copy == NULL) {
        return fail(fault, DAV1D_ERR(ENOMEM));
    }
    memcpy(copy, bytes, len);
    int error = decode(reader, &data, &count);
    dav1d_data_unref(&data);
    if (error != 0) {
        return fail(fault, error);
    }
    if (count != 1) {
        return osk_fault_set(fault, OSK_UNSUPPORTED, "mdat",
                             "a sample that shows no picture, or several", OSK_NO_OFFSET);
    }
    if (!is_as_said(reader->track, &reader->picture)) {
        return osk_fault_set(fault, OSK_MALFORMED, "mdat",
                             "a picture of another size or kind than the file says", OSK_NO_OFFSET);
    }
    take_look(reader);
    *out_planes = planes_of(reader);
    return OSK_OK;
}

OskAvisLook osk_avis_reader_look(const OskAvisReader *reader)
{
    return reader->look;
}

OskStatus osk_avis_config(OskAvisCoded *coded, OskFault *fault)
{
    Dav1dSequenceHeader header;
    if (coded->count == 0 ||
        dav1d_parse_sequence_header(&header, coded->bytes, coded->lens[0]) != 0) {
        return osk_fault_set(fault, OSK_BUG, "av1C", "what was written can't be read",
                             OSK_NO_OFFSET);
    }
    unsigned level = ((unsigned)header.operating_points[0].major_level - 2) << 2 |
                     (unsigned)header.operating_points[0].minor_level;
    bool grey = header.layout == DAV1D_PIXEL_LAYOUT_I400;
    bool halved_x = grey || header.layout != DAV1D_PIXEL_LAYOUT_I444;
    bool halved_y = grey || header.layout == DAV1D_PIXEL_LAYOUT_I420;
    coded->config[0] = 0x81;
    coded->config[1] = (uint8_t)((unsigned)header.profile << 5 | (level & 31));
    coded->config[2] =
        (uint8_t)((header.operating_points[0].tier != 0 ? 0x80u : 0) |
                  (header.hbd > 0 ? 0x40u : 0) | (header.hbd > 1 ? 0x20u : 0) | (grey ? 0x10u : 0) |
                  (halved_x ? 0x08u : 0) | (halved_y ? 0x04u : 0) | ((unsigned)header.chr & 3u));
    coded->config[3] = 0;
    return OSK_OK;
}
