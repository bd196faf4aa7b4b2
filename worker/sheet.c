/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sheet.h"

#include <string.h>

#include "host/strip_client.h"
#include "pixels/codec.h"
#include "pixels/resize.h"
#include "shown.h"

#define GAP 4u

/* More than the largest preview takes at the best quality. */
#define CODED_MAX ((size_t)8 << 20)

typedef struct Try {
    unsigned quality;
    unsigned parts; /* that the longest side is divided by */
} Try;

/* From visibly the same to what still shows what it is. Noise of the last size has 150 KiB. */
static const Try tries[] = { { 85, 1 }, { 70, 1 }, { 50, 1 }, { 30, 1 }, { 30, 2 } };

OskSheet osk_sheet_make(uint32_t frames, OskBudget *budget)
{
    return (OskSheet){ .frames = frames,
                       .places = frames < OSK_SHEET_FRAMES_MAX ? frames : OSK_SHEET_FRAMES_MAX,
                       .side = OSK_LOOK_PREVIEW_SIDE,
                       .bytes_max = OSK_LOOK_PREVIEW_BYTES,
                       .budget = budget };
}

OskSheet osk_sheet_make_poster(OskBudget *budget)
{
    OskSheet sheet = osk_sheet_make(1, budget);
    sheet.side = OSK_LOOK_POSTER_SIDE;
    sheet.bytes_max = OSK_LOOK_POSTER_BYTES;
    return sheet;
}

bool osk_sheet_wants(const OskSheet *sheet, uint32_t number)
{
    if (sheet->filled >= sheet->places) {
        return false;
    }
    uint64_t steps = sheet->places > 1 ? sheet->places - 1 : 1;
    return number == (uint64_t)sheet->filled * (sheet->frames - 1) / steps;
}

static uint32_t columns_of(const OskSheet *sheet)
{
    return sheet->places == 1 ? 1 : sheet->places <= 4 ? 2 : 3;
}

/* ---- the places ---- */

/* The first frame says how large a place is; a later one that is larger is made to fit. */
static OskStatus begin(OskSheet *sheet, const OskImage *first)
{
    uint32_t columns = columns_of(sheet);
    uint32_t rows = (sheet->places + columns - 1) / columns;
    uint32_t width = columns * first->width + (columns - 1) * GAP;
    uint32_t height = rows * first->height + (rows - 1) * GAP;
    OskStatus status =
        osk_image_make(&sheet->image, width, height, OSK_PIXELS_RGB, 8, sheet->budget);
    if (status == OSK_OK) {
        sheet->cell_width = first->width;
        sheet->cell_height = first->height;
        memset(sheet->image.pixels, OSK_SHOWN_GREY, sheet->image.stride * height);
    }
    return status;
}

static void place(OskSheet *sheet, const OskImage *image)
{
    uint32_t columns = columns_of(sheet);
    size_t left = (size_t)(sheet->filled % columns) * (sheet->cell_width + GAP) +
                  (sheet->cell_width - image->width) / 2;
    size_t top = (size_t)(sheet->filled / columns) * (sheet->cell_height + GAP) +
                 (sheet->cell_height - image->height) / 2;
    for (uint32_t y = 0; y < image->height; y++) {
        memcpy(sheet->image.pixels + sheet->image.stride * (top + y) + 3 * left,
               image->pixels + image->stride * y, (size_t)image->width * 3);
    }
    sheet->filled++;
}

/* A frame that is larger than its place, made to fit. */
static OskStatus place_smaller(OskSheet *sheet, const OskImage *shown, uint32_t width,
                               uint32_t height)
{
    OskImage copy;
    OskStatus status =
        osk_image_make(&copy, shown->width, shown->height, OSK_PIXELS_RGB, 8, sheet->budget);
    if (status != OSK_OK) {
        return status;
    }
    for (uint32_t y = 0; y < shown->height; y++) {
        memcpy(copy.pixels + copy.stride * y, shown->pixels + shown->stride * y,
               (size_t)shown->width * 3);
    }
    status = osk_image_resize(&copy, width, height, sheet->budget);
    if (status == OSK_OK && sheet->image.pixels == NULL) {
        status = begin(sheet, &copy);
    }
    if (status == OSK_OK) {
        place(sheet, &copy);
    }
    osk_image_free(&copy, sheet->budget);
    return status;
}

uint32_t osk_sheet_side(const OskSheet *sheet)
{
    uint32_t columns = columns_of(sheet);
    return (sheet->side - (columns - 1) * GAP) / columns;
}

OskStatus osk_sheet_add(OskSheet *sheet, const OskImage *shown)
{
    uint32_t width = shown->width;
    uint32_t height = shown->height;
    bool first = sheet->image.pixels == NULL;
    osk_shown_fit(&width, &height, first ? osk_sheet_side(sheet) : sheet->cell_width,
                  first ? osk_sheet_side(sheet) : sheet->cell_height);
    if (width < shown->width || height < shown->height) {
        return place_smaller(sheet, shown, width, height);
    }
    OskStatus status = first ? begin(sheet, shown) : OSK_OK;
    if (status == OSK_OK) {
        place(sheet, shown);
    }
    return status;
}

/* ---- writing ---- */

static OskStatus encode(const OskSheet *sheet, unsigned quality, OskWriter *out, OskFault *fault)
{
    const OskCodec *codec = osk_codec_find("jpeg");
    const OskCodecInfo info = { .width = sheet->image.width,
                                .height = sheet->image.height,
                                .orientation = 1,
                                .frames = 1,
                                .lossy = true };
    /* No profile: a browser's reader of profiles is no place for a stranger's bytes. */
    const OskEncodeOptions options = { .orientation = 1, .quality = quality };
    const OskFrame frame = { .image = sheet->image, .duration_den = 1 };
    OskEncoder *encoder = NULL;
    OskStatus status = codec->begin(&options, &info, sheet->budget, &encoder, fault);
    if (status == OSK_OK) {
        status = codec->add(encoder, &frame, fault);
    }
    if (status == OSK_OK) {
        status = codec->end(encoder, out, fault);
    }
    if (encoder != NULL) {
        codec->drop(&encoder);
    }
    return status;
}

static OskStatus try_once(OskSheet *sheet, const Try *how, OskWriter *out, OskFault *fault)
{
    OskImage *image = &sheet->image;
    uint32_t width = image->width;
    uint32_t height = image->height;
    OskStatus status = OSK_OK;
    osk_resize_fit(sheet->side / how->parts, &width, &height);
    if (width < image->width || height < image->height) {
        status = osk_image_resize(image, width, height, sheet->budget);
    }
    osk_writer_free(out);
    osk_writer_init(out, CODED_MAX);
    return status == OSK_OK ? encode(sheet, how->quality, out, fault) : status;
}

OskStatus osk_sheet_write(OskSheet *sheet, OskWriter *out, OskFault *fault)
{
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < sizeof(tries) / sizeof(tries[0]); i++) {
        status = try_once(sheet, &tries[i], out, fault);
        if (status == OSK_OK && out->len <= sheet->bytes_max) {
            return OSK_OK;
        }
    }
    return status == OSK_OK ? OSK_BUG : status;
}
