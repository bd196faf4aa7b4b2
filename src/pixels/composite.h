/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Putting pieces of an animation onto its canvas. Piece and canvas have one model and depth. */
#ifndef OSK_PIXELS_COMPOSITE_H
#define OSK_PIXELS_COMPOSITE_H

#include "pixels/image.h"

typedef struct OskPatch {
    uint32_t x;
    uint32_t y;
    uint32_t width;
    uint32_t height;
} OskPatch;

/* The piece takes the place of what is at `x`, `y`; it lies within the canvas. */
void osk_composite_replace(OskImage *canvas, const OskImage *piece, uint32_t x, uint32_t y);
/* The piece is seen over what is there: PNG (Third Edition) 13.16, rounded to the nearest value.
 * INDEXED: entries without any alpha leave what is there, all others replace it. */
void osk_composite_over(OskImage *canvas, const OskImage *piece, uint32_t x, uint32_t y);
/* Zeros, or for INDEXED the entry `index`. */
void osk_composite_clear(OskImage *canvas, OskPatch box, uint8_t index);
/* A copy of `box` with the same palette. Errors: as osk_image_make(). */
OskStatus osk_image_cut(OskImage *out, const OskImage *from, OskPatch box, OskBudget *budget);
/* The smallest box that holds every difference of two images of one size and model; no area where
 * there is none. */
OskPatch osk_image_difference(const OskImage *a, const OskImage *b);
/* Bytes of a pixel. */
size_t osk_pixel_bytes(const OskImage *image);

#endif
