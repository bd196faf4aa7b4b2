/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shown.h"

#include "pixels/convert.h"
#include "pixels/orient.h"
#include "pixels/resize.h"

void osk_shown_fit(uint32_t *width, uint32_t *height, uint32_t box_width, uint32_t box_height)
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
                row[i] = (uint8_t)((row[i] * alpha + OSK_SHOWN_GREY * (255 - alpha) + 127) / 255);
            }
            row[3] = 255;
        }
    }
}

/* The mean of a palette's entries is none of them, and that of few shades is none of those. */
OskStatus osk_shown_make(OskImage *image, unsigned orientation, uint32_t side, OskBudget *budget)
{
    OskConversion lost;
    OskStatus status = OSK_OK;
    bool is_opaque = image->model == OSK_PIXELS_GREY || image->model == OSK_PIXELS_RGB ||
                     image->model == OSK_PIXELS_CMYK;
    uint32_t width = image->width;
    uint32_t height = image->height;
    osk_shown_fit(&width, &height, side, side);
    if (image->model == OSK_PIXELS_INDEXED || image->depth < 8) {
        status = osk_image_convert(image, OSK_PIXELS_RGBA, 8, &lost, budget);
    }
    if (status == OSK_OK && (width < image->width || height < image->height)) {
        status = osk_image_resize(image, width, height, budget);
    }
    if (status == OSK_OK && !is_opaque) {
        status = osk_image_convert(image, OSK_PIXELS_RGBA, 8, &lost, budget);
    }
    if (status == OSK_OK && !is_opaque) {
        lay_on_grey(image);
    }
    if (status == OSK_OK && (image->model != OSK_PIXELS_RGB || image->depth != 8)) {
        status = osk_image_convert(image, OSK_PIXELS_RGB, 8, &lost, budget);
    }
    return status == OSK_OK ? osk_image_orient(image, orientation, budget) : status;
}
