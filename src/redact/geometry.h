/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the picture as it is displayed to the picture as it is stored. */
#ifndef OSK_REDACT_GEOMETRY_H
#define OSK_REDACT_GEOMETRY_H

#include "oilskin/redact.h"

typedef struct OskGeometry {
    uint32_t width; /* as stored */
    uint32_t height;
    unsigned orientation; /* 1 to 8, Exif 4.6.4: how a stored picture is turned for display */
} OskGeometry;

uint32_t osk_geometry_displayed_width(const OskGeometry *geometry);
uint32_t osk_geometry_displayed_height(const OskGeometry *geometry);
/* A point as displayed, in pixels, to a point as stored. Only swaps and subtractions: exact for
 * pixel edges. */
OskPoint osk_geometry_to_stored(const OskGeometry *geometry, OskPoint displayed);
/* A box, corner to corner. */
void osk_geometry_box_to_stored(const OskGeometry *geometry, double *x, double *y, double *w,
                                double *h);
/* The same for a point in units of 2^-bits of a pixel, always exact.
 * @param bits at most 24; the point at most 2^60 units from the origin. */
void osk_geometry_turn(const OskGeometry *geometry, unsigned bits, int64_t *x, int64_t *y);

#endif
