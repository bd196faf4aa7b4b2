/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frames of a picture: of a still, an animation, or a file of pages. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "look.h"
#include "oilskin/format.h"
#include "pixels/codec.h"
#include "pixels/resize.h"
#include "shown.h"

#define PROBE_BYTES (64u * 1024)
/* How long a frame is seen that says nothing, or less than a screen can show: as in browsers. */
#define FRAME_MS 100u
#define FRAME_LEAST_MS 10u

typedef struct Picture {
    OskLook *look;
    uint8_t *bytes; /* the file in the clear */
    size_t len;
    const OskCodec *codec;
    OskDecoder *decoder;
    OskCodecInfo info;
    uint64_t time_ms; /* of the next frame, as it is seen */
} Picture;

/* ---- the file ---- */

static OskStatus read_piece(Picture *picture, size_t from, size_t len)
{
    OskSealedInput *input = &picture->look->input;
    return len == 0 || osk_sealed_read(input, from, picture->bytes + from, len) ? OSK_OK
                                                                                : input->status;
}

/* All of it: what its first bytes say is asked before the rest is read. */
static OskStatus read_file(Picture *picture)
{
    OskLook *look = picture->look;
    if (look->len > OSK_LIMIT_STILL_BYTES || !osk_budget_memory(&look->budget, look->len)) {
        return osk_look_check(look, OSK_LIMIT);
    }
    picture->len = (size_t)look->len;
    picture->bytes = malloc(picture->len > 0 ? picture->len : 1);
    if (picture->bytes == NULL) {
        return osk_look_check(look, OSK_NO_MEMORY);
    }
    size_t head = picture->len < PROBE_BYTES ? picture->len : PROBE_BYTES;
    OskStatus status = read_piece(picture, 0, head);
    if (status != OSK_OK) {
        return status;
    }
    const OskFormatInfo *format = osk_probe(picture->bytes, head);
    picture->codec = format != NULL ? osk_codec_find(format->name) : NULL;
    return picture->codec != NULL ? read_piece(picture, head, picture->len - head)
                                  : osk_look_pass(look);
}

/* ---- the frames ---- */

static void tell(const Picture *picture)
{
    const OskCodecInfo *info = &picture->info;
    OskLook *look = picture->look;
    bool swapped = info->orientation >= 5;
    look->done->width = swapped ? info->height : info->width;
    look->done->height = swapped ? info->width : info->height;
    look->done->frames = info->frames;
    look->done->kind = info->frames == 1 ? OSK_LOOK_STILL : OSK_LOOK_ANIMATION;
    look->sheet = osk_sheet_make(info->frames, &look->budget);
    look->packing.facts = (OskFramesFacts){ .kind = OSK_PACK_ANIMATION,
                                            .width = look->done->width,
                                            .height = look->done->height };
    if (look->packs) {
        osk_packing_begin(&look->packing, info->frames == 1, &look->budget);
    }
}

static OskStatus open_picture(Picture *picture)
{
    OskLook *look = picture->look;
    OskCodecInfo *info = &picture->info;
    OskStatus status = picture->codec->open(picture->bytes, picture->len, &look->budget,
                                            &picture->decoder, info, look->fault);
    if (status != OSK_OK) {
        return osk_look_check(look, status);
    }
    uint64_t area = (uint64_t)info->width * info->height;
    if (area == 0 || info->frames == 0 || info->orientation < 1 || info->orientation > 8) {
        return osk_look_fail(look, OSK_BUG, "the decoder says what can't be");
    }
    /* Before anything of that size is decoded: a pixel takes a byte at least. */
    if (area > look->budget.pixels || area > look->budget.memory ||
        info->frames > OSK_WORKER_FRAMES_MAX) {
        return osk_look_check(look, OSK_LIMIT);
    }
    tell(picture);
    return OSK_OK;
}

/* Where the next frame stands in time, as it is said and as it is seen. */
static void count_time(Picture *picture, const OskFrame *frame)
{
    if (picture->info.frames == 1) {
        return;
    }
    uint64_t ms =
        frame->duration_den > 0 ? (uint64_t)frame->duration_num * 1000 / frame->duration_den : 0;
    picture->look->done->duration_ms += ms;
    picture->time_ms += ms > FRAME_LEAST_MS ? ms : FRAME_MS;
    picture->look->packing.facts.duration_ms =
        picture->time_ms < UINT32_MAX ? (uint32_t)picture->time_ms : UINT32_MAX;
}

static OskStatus use_frame(Picture *picture, OskImage *image, uint32_t number)
{
    OskLook *look = picture->look;
    bool wanted = osk_sheet_wants(&look->sheet, number);
    if (!wanted && look->packing.values == NULL) {
        return OSK_OK;
    }
    uint32_t side = osk_sheet_side(&look->sheet);
    side = side > OSK_PACKING_SIDE ? side : OSK_PACKING_SIDE;
    OskStatus status = osk_shown_make(image, picture->info.orientation, side, &look->budget);
    if (status == OSK_OK && wanted) {
        status = osk_sheet_add(&look->sheet, image);
    }
    uint32_t width = image->width;
    uint32_t height = image->height;
    osk_resize_fit(OSK_PACKING_SIDE, &width, &height);
    if (status == OSK_OK && (width < image->width || height < image->height)) {
        status = osk_image_resize(image, width, height, &look->budget);
    }
    if (status == OSK_OK) {
        osk_packing_add(&look->packing, image, picture->time_ms);
    }
    return status;
}

static OskStatus show_frame(Picture *picture, uint32_t number)
{
    OskLook *look = picture->look;
    OskFrame frame;
    /* Frames come and go: each may be as large as the limit. */
    uint64_t pixels = look->budget.pixels;
    memset(&frame, 0, sizeof(frame));
    OskStatus status =
        osk_look_check(look, picture->codec->next(picture->decoder, &frame, look->fault));
    if (status == OSK_OK) {
        status = osk_look_check(look, use_frame(picture, &frame.image, number));
        count_time(picture, &frame);
    }
    osk_image_free(&frame.image, &look->budget);
    look->budget.pixels = pixels;
    return status;
}

OskStatus osk_look_picture(OskLook *look)
{
    Picture picture = { .look = look };
    OskStatus status = read_file(&picture);
    if (status == OSK_OK) {
        status = open_picture(&picture);
    }
    for (uint32_t i = 0; status == OSK_OK && i < picture.info.frames; i++) {
        status = show_frame(&picture, i);
    }
    if (picture.decoder != NULL) {
        picture.codec->close(&picture.decoder);
    }
    if (picture.bytes != NULL) {
        osk_seal_wipe(picture.bytes, picture.len);
    }
    free(picture.bytes);
    return status;
}
