/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Luma and chroma for a codec, out of the picture that people see. */
#ifndef OSK_PIXELS_PLANES_H
#define OSK_PIXELS_PLANES_H

#include "pixels/image.h"

enum { OSK_PLANE_Y, OSK_PLANE_CB, OSK_PLANE_CR, OSK_PLANE_ALPHA, OSK_PLANE_COUNT };

/* Planes are lent. Samples are bytes, or 16-bit in the machine's order above a depth of 8. */
typedef struct OskPlanes {
    uint8_t *at[OSK_PLANE_COUNT]; /* NULL: not there; without chroma the picture is grey */
    size_t stride[OSK_PLANE_COUNT];
    uint32_t width; /* of luma and alpha */
    uint32_t height;
    unsigned shift_x; /* chroma has width >> shift_x samples, rounded up */
    unsigned shift_y;
    unsigned depth;
    unsigned matrix; /* ISO/IEC 23091-2 MatrixCoefficients; those that aren't known count as 6 */
    bool full_range;
} OskPlanes;

uint32_t osk_plane_width(const OskPlanes *planes, unsigned plane);
uint32_t osk_plane_height(const OskPlanes *planes, unsigned plane);

/* Fills the planes from an image of their size and depth, with colours and alpha as they have them.
 * A chroma sample is the mean of the pixels that share it. */
void osk_planes_from_image(OskPlanes *planes, const OskImage *image);
/* Fills the plane of alpha alone. */
void osk_planes_take_alpha(const OskPlanes *planes, const OskImage *image);
/* The way back: fills an image of their size and depth, which has colours and alpha where they do.
 * Halved chroma is repeated, not smoothed, so that halving it again gives back what was there. */
void osk_planes_to_image(const OskPlanes *planes, OskImage *image);

#endif
