/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sheet.h"

#include <string.h>

#include "host/strip_client.h"
#include "pixels/codec.h"
#include "pixels/convert.h"
#include "pixels/orient.h"
#include "pixels/resize.h"

#define GREY 128u
#define GAP 4u

/* More than the largest preview takes at the best quality. */
#define CODED_MAX ((size_t)8 << 20)

typedef struct Try {
    unsigned quality;
    uint32_t side;
} Try;

/* From visibly the same to what still shows what it is. Noise of the last size has 150 KiB. */
static const Try tries[] = { { 85, OSK_LOOK_PREVIEW_SIDE },
                             { 70, OSK_LOOK_PREVIEW_SIDE },
                             { 50, OSK_LOOK_PREVIEW_SIDE },
                             { 30, OSK_LOOK_PREVIEW_SIDE },
                             { 30, OSK_LOOK_PREVIEW_SIDE / 2 } };

OskSheet osk_sheet_make(uint32_t frames, unsigned orientation, OskBudget *budget)
{
    return (OskSheet){ .frames = frames,
                       .places = frames < OSK_SHEET_FRAMES_MAX ? frames : OSK_SHEET_FRAMES_MAX,
                       .orientation = orientation,
                       .budget = budget };
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

/* ---- one frame ---- */

/* As large as fits into a box, and no larger than it is. */
static void fit(uint32_t *width, uint32_t *height, uint32_t box_width, uint32_t box_height)
{
    if (*width <= box_width && *height <= box_height) {
        return;
    }
    bool flat = (uint64_t)*width * box_height >= (uint64_t)*height * box_width;
    uint64_t w = flat ? box_width : (uint64_t)*width * box_height / *height;
    uint64_t h = flat ? (uint64_t)*height * box_width / *width : box_height;
    *width = w > 0 ? (uint32_t)w : 1;
    *height = h > 0 ? (uint32_t)h : 1;
}

static void lay_on_grey(OskImage *image)
{
    for (uint32_t y = 0; y < image->height; y++) {
        uint8_t *row = image->pixels + image->stride * y;
        for (uint32_t x = 0; x < image->width; x++, row += 4) {
            unsigned alpha = row[3];
            for (unsigned i = 0; i < 3; i++) {
                row[i] = (uint8_t)((row[i] * alpha + GREY * (255 - alpha) + 127) / 255);
            }
            row[3] = 255;
        }
    }
}

/* RGB of 8 bits within a box, as it is displayed. The mean of a palette's entries is none of them,
 * and that of few shades is none of those. */
static OskStatus prepare(const OskSheet *sheet, OskImage *image, uint32_t box_width,
                         uint32_t box_height)
{
    OskConversion lost;
    OskStatus status = OSK_OK;
    bool swapped = sheet->orientation >= 5;
    uint32_t width = image->width;
    uint32_t height = image->height;
    fit(&width, &height, swapped ? box_height : box_width, swapped ? box_width : box_height);
    if (image->model == OSK_PIXELS_INDEXED || image->depth < 8) {
        status = osk_image_convert(image, OSK_PIXELS_RGBA, 8, &lost, sheet->budget);
    }
    if (status == OSK_OK && (width < image->width || height < image->height)) {
        status = osk_image_resize(image, width, height, sheet->budget);
    }
    if (status == OSK_OK) {
        status = osk_image_convert(image, OSK_PIXELS_RGBA, 8, &lost, sheet->budget);
    }
    if (status == OSK_OK) {
        lay_on_grey(image);
        status = osk_image_convert(image, OSK_PIXELS_RGB, 8, &lost, sheet->budget);
    }
    return status == OSK_OK ? osk_image_orient(image, sheet->orientation, sheet->budget) : status;
}

/* ---- all of them ---- */

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
        memset(sheet->image.pixels, GREY, sheet->image.stride * height);
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

OskStatus osk_sheet_add(OskSheet *sheet, OskImage *image)
{
    uint32_t columns = columns_of(sheet);
    uint32_t side = (OSK_LOOK_PREVIEW_SIDE - (columns - 1) * GAP) / columns;
    bool first = sheet->image.pixels == NULL;
    OskStatus status =
        prepare(sheet, image, first ? side : sheet->cell_width, first ? side : sheet->cell_height);
    if (status == OSK_OK && first) {
        status = begin(sheet, image);
    }
    if (status == OSK_OK) {
        place(sheet, image);
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
    osk_resize_fit(how->side, &width, &height);
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
        if (status == OSK_OK && out->len <= OSK_LOOK_PREVIEW_BYTES) {
            return OSK_OK;
        }
    }
    return status == OSK_OK ? OSK_BUG : status;
}
