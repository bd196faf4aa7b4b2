/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decoded pixels, as stored (before orientation). */
#ifndef OSK_PIXELS_IMAGE_H
#define OSK_PIXELS_IMAGE_H

#include "base/budget.h"
#include "oilskin/status.h"

typedef enum OskPixelModel {
    OSK_PIXELS_GREY,
    OSK_PIXELS_GREY_ALPHA,
    OSK_PIXELS_RGB,
    OSK_PIXELS_RGBA, /* alpha is not premultiplied */
    OSK_PIXELS_CMYK, /* 0 is no ink */
    OSK_PIXELS_INDEXED
} OskPixelModel;

#define OSK_PALETTE_MAX 256u

/* Rows of interleaved samples, 8-bit (depth 1 to 8) or 16-bit in the machine's order (9 to 16).
 * Samples of a smaller depth keep their own range: 0 to 2^depth - 1. */
typedef struct OskImage {
    uint32_t width;
    uint32_t height;
    OskPixelModel model;
    unsigned depth;
    size_t stride; /* bytes */
    uint8_t *pixels;
    uint8_t palette[OSK_PALETTE_MAX][4]; /* INDEXED: RGBA */
    unsigned palette_count;
} OskImage;

/* Samples of a pixel. */
unsigned osk_pixel_samples(OskPixelModel model);
/* Allocates zeroed pixels after spending pixels and memory.
 * Errors: LIMIT, NO_MEMORY, MISUSE for no area. Ownership: osk_image_free(). */
OskStatus osk_image_make(OskImage *image, uint32_t width, uint32_t height, OskPixelModel model,
                         unsigned depth, OskBudget *budget);
void osk_image_free(OskImage *image, OskBudget *budget);

#endif
