/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which cells of a grid a shape touches, or holds wholly. Integers only, so that every machine
 * gives the same cells. */
#ifndef OSK_REDACT_COVER_SHAPES_H
#define OSK_REDACT_COVER_SHAPES_H

#include "base/budget.h"
#include "redact/geometry.h"

/* Coordinates are counted in 2^-20 of a pixel. Boxes are rounded outward and radii up to that;
 * points to the nearest. Everything after that is exact. */
#define OSK_FIXED_BITS 20u

typedef struct OskFixedPoint {
    int64_t x;
    int64_t y;
} OskFixedPoint;

/* A region at one frame, in the picture as stored. */
typedef struct OskFixedShape {
    OskShape shape;
    int64_t left; /* of all of it */
    int64_t top;
    int64_t right;
    int64_t bottom;
    OskFixedPoint *points; /* polygon, stroke */
    size_t point_count;
    int64_t radius; /* stroke */
} OskFixedShape;

/* The stored picture, cut into cells; the last column and row end where the picture ends. */
typedef struct OskGrid {
    uint32_t width;
    uint32_t height;
    uint32_t cell_width;
    uint32_t cell_height;
    uint32_t columns;
    uint32_t first_row; /* only rows from here */
    uint32_t end_row;   /* to before this are looked at */
} OskGrid;

/* One bit for each cell of a part of a grid. */
typedef struct OskBits {
    uint32_t column; /* of the grid, of the first bit of each row */
    uint32_t row;
    uint32_t columns;
    uint32_t rows;
    size_t words; /* of a row */
    uint64_t *bits;
    uint64_t memory; /* spent */
} OskBits;

/* Errors: LIMIT, NO_MEMORY. Ownership: osk_shape_free(). */
OskStatus osk_shape_make(OskFixedShape *shape, const OskRegion *region, const OskGeometry *geometry,
                         uint32_t frame, OskBudget *budget);
void osk_shape_free(OskFixedShape *shape, OskBudget *budget);

/* Zeroed bits of the cells that the shape's box touches; without rows where there are none.
 * Errors: LIMIT, NO_MEMORY. Ownership: osk_bits_free(). */
OskStatus osk_bits_make(OskBits *bits, const OskFixedShape *shape, const OskGrid *grid,
                        OskBudget *budget);
void osk_bits_free(OskBits *bits, OskBudget *budget);

/* Sets the bits of cells that the shape touches; others may be touched only by its border.
 * Errors: LIMIT, NO_MEMORY. */
OskStatus osk_shape_touched(const OskFixedShape *shape, const OskGrid *grid, OskBits *bits,
                            OskBudget *budget);
/* Sets the bits of cells that lie wholly within the shape; a cell that only several segments of a
 * stroke hold together may be missing.
 * Errors: LIMIT, NO_MEMORY. */
OskStatus osk_shape_inside(const OskFixedShape *shape, const OskGrid *grid, OskBits *bits,
                           OskBudget *budget);

#endif
