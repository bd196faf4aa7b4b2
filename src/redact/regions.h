/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of regions: its limits, its rules, and what only this room may ask of it. */
#ifndef OSK_REDACT_REGIONS_H
#define OSK_REDACT_REGIONS_H

#include "oilskin/redact.h"

/* A cover map numbers regions in 16 bits and keeps two numbers for itself. */
#define OSK_REGIONS_MAX 65000u
/* Points, and keys, of all regions together: a brush that is dragged for an hour gives less. */
#define OSK_REGION_POINTS_MAX (UINT32_C(1) << 20)
#define OSK_REGION_KEYS_MAX (UINT32_C(1) << 20)
/* Coordinates either way, in pixels and in hundredths: far beyond every picture, and small enough
 * that sums and products of them, in 2^-20 of a pixel, fit 128 bits. */
#define OSK_REGION_PX_MAX 1e9
#define OSK_REGION_PCT_MAX 1e4

/* What a rule is about; readers name the part and the place by it. */
typedef enum OskRegionField {
    OSK_FIELD_NONE,
    OSK_FIELD_SHAPE,
    OSK_FIELD_UNIT,
    OSK_FIELD_STYLE,
    OSK_FIELD_X,
    OSK_FIELD_Y,
    OSK_FIELD_W,
    OSK_FIELD_H,
    OSK_FIELD_POINTS,
    OSK_FIELD_RADIUS,
    OSK_FIELD_FRAMES,
    OSK_FIELD_KEYFRAMES,
    OSK_FIELD_COLOR,
    OSK_FIELD_COUNT
} OskRegionField;

/* What keeps this from being a region: a static clause and the field; NULL when nothing does. */
const char *osk_region_problem(const OskRegion *region, OskRegionField *out_field);
/* The style of a number from a cover map: of a region, or of the rest of an inverted picture. */
OskRegionStyle osk_regions_style_of(const OskRegions *regions, uint16_t cell);
/* Its colour: three bytes, lent as long as the list lives. */
const uint8_t *osk_regions_color_of(const OskRegions *regions, uint16_t cell);

#endif
