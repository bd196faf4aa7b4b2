/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a region's numbers to a shape in fixed point, at one frame, in the picture as stored. */
#include <math.h>
#include <stdlib.h>

#include "redact/cover_shapes.h"

#define FIXED_ONE 1048576.0 /* 2^OSK_FIXED_BITS */

/* Where and how a region is read. */
typedef struct Frame {
    const OskGeometry *geometry;
    OskUnit unit;
    uint32_t width; /* displayed */
    uint32_t height;
} Frame;

typedef enum Rounding { ROUND_DOWN, ROUND_NEAR, ROUND_UP } Rounding;

/* The limits of regions.h keep every value within 2^60. */
static int64_t make_fixed(const Frame *frame, double value, uint32_t extent, Rounding rounding)
{
    double pixels = frame->unit == OSK_UNIT_PCT ? value * (double)extent / 100.0 : value;
    double units = pixels * FIXED_ONE;
    switch (rounding) {
    case ROUND_DOWN: return (int64_t)floor(units);
    case ROUND_UP: return (int64_t)ceil(units);
    default: return (int64_t)floor(units + 0.5);
    }
}

/* The region's box, or how far its points have moved, at a frame: held before the first key and
 * after the last, in a straight line between two. */
static OskRegionKey place_at(const OskRegion *region, uint32_t frame)
{
    bool boxed = region->shape == OSK_SHAPE_RECT || region->shape == OSK_SHAPE_ELLIPSE;
    if (region->key_count == 0) {
        OskRegionKey still = { .frame = frame };
        if (boxed) {
            still.x = region->x;
            still.y = region->y;
            still.w = region->w;
            still.h = region->h;
        }
        return still;
    }
    size_t after = 0; /* the first key that is later than the frame */
    size_t end = region->key_count;
    while (after < end) {
        size_t middle = after + (end - after) / 2;
        if (region->keys[middle].frame <= frame) {
            after = middle + 1;
        } else {
            end = middle;
        }
    }
    if (after == 0 || after == region->key_count) {
        return region->keys[after == 0 ? 0 : after - 1];
    }
    const OskRegionKey *a = &region->keys[after - 1];
    const OskRegionKey *b = &region->keys[after];
    double at = (double)(frame - a->frame);
    double span = (double)(b->frame - a->frame);
    return (OskRegionKey){ .frame = frame,
                           .x = a->x + (b->x - a->x) * at / span,
                           .y = a->y + (b->y - a->y) * at / span,
                           .w = a->w + (b->w - a->w) * at / span,
                           .h = a->h + (b->h - a->h) * at / span };
}

static void widen(OskFixedShape *shape, OskFixedPoint point, bool first)
{
    shape->left = first || point.x < shape->left ? point.x : shape->left;
    shape->top = first || point.y < shape->top ? point.y : shape->top;
    shape->right = first || point.x > shape->right ? point.x : shape->right;
    shape->bottom = first || point.y > shape->bottom ? point.y : shape->bottom;
}

static void make_box(OskFixedShape *shape, const Frame *frame, const OskRegionKey *place)
{
    OskFixedPoint low = { make_fixed(frame, place->x, frame->width, ROUND_DOWN),
                          make_fixed(frame, place->y, frame->height, ROUND_DOWN) };
    OskFixedPoint high = { make_fixed(frame, place->x + place->w, frame->width, ROUND_UP),
                           make_fixed(frame, place->y + place->h, frame->height, ROUND_UP) };
    /* However small, it has an area: its numbers may have met when they were added. */
    high.x = high.x > low.x ? high.x : low.x + 1;
    high.y = high.y > low.y ? high.y : low.y + 1;
    osk_geometry_turn(frame->geometry, OSK_FIXED_BITS, &low.x, &low.y);
    osk_geometry_turn(frame->geometry, OSK_FIXED_BITS, &high.x, &high.y);
    widen(shape, low, true);
    widen(shape, high, false);
}

static void make_points(OskFixedShape *shape, const Frame *frame, const OskRegion *region,
                        const OskRegionKey *place)
{
    for (size_t i = 0; i < region->point_count; i++) {
        OskPoint point = region->points[i];
        OskFixedPoint fixed = { make_fixed(frame, point.x + place->x, frame->width, ROUND_NEAR),
                                make_fixed(frame, point.y + place->y, frame->height, ROUND_NEAR) };
        osk_geometry_turn(frame->geometry, OSK_FIXED_BITS, &fixed.x, &fixed.y);
        shape->points[i] = fixed;
        widen(shape, fixed, i == 0);
    }
    shape->point_count = region->point_count;
    if (region->shape == OSK_SHAPE_STROKE) {
        shape->radius = make_fixed(frame, region->radius, frame->width, ROUND_UP);
        shape->left -= shape->radius;
        shape->top -= shape->radius;
        shape->right += shape->radius;
        shape->bottom += shape->radius;
    }
}

OskStatus osk_shape_make(OskFixedShape *shape, const OskRegion *region, const OskGeometry *geometry,
                         uint32_t frame, OskBudget *budget)
{
    *shape = (OskFixedShape){ .shape = region->shape };
    Frame where = { .geometry = geometry,
                    .unit = region->unit,
                    .width = osk_geometry_displayed_width(geometry),
                    .height = osk_geometry_displayed_height(geometry) };
    OskRegionKey place = place_at(region, frame);
    if (region->shape == OSK_SHAPE_RECT || region->shape == OSK_SHAPE_ELLIPSE) {
        make_box(shape, &where, &place);
        return OSK_OK;
    }
    uint64_t memory = region->point_count * (uint64_t)sizeof *shape->points;
    if (!osk_budget_parts(budget, region->point_count) || !osk_budget_memory(budget, memory)) {
        return OSK_LIMIT;
    }
    shape->points = malloc((size_t)memory);
    if (shape->points == NULL) {
        osk_budget_return(budget, memory);
        return OSK_NO_MEMORY;
    }
    make_points(shape, &where, region, &place);
    return OSK_OK;
}

void osk_shape_free(OskFixedShape *shape, OskBudget *budget)
{
    if (shape->points != NULL) {
        osk_budget_return(budget, shape->point_count * (uint64_t)sizeof *shape->points);
    }
    free(shape->points);
    *shape = (OskFixedShape){ .shape = shape->shape };
}
