/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/regions.h"

#include <stdlib.h>
#include <string.h>

#include "redact/cover.h"

struct OskRegions {
    OskRegionDefaults defaults;
    bool invert;
    OskRegion *items;
    size_t count;
    size_t room;
    size_t points; /* of all regions */
    size_t keys;
};

/* ---- rules ---- */

/* Written so that a NaN fails. */
static bool fits_limit(double value, OskUnit unit)
{
    double limit = unit == OSK_UNIT_PCT ? OSK_REGION_PCT_MAX : OSK_REGION_PX_MAX;
    return value >= -limit && value <= limit;
}

static const char *check_box(const OskRegion *region, const double box[4],
                             OskRegionField *out_field)
{
    for (unsigned i = 0; i < 4; i++) {
        *out_field = (OskRegionField)(OSK_FIELD_X + i);
        if (!fits_limit(box[i], region->unit)) {
            return "no coordinate of any picture";
        }
        if (i >= 2 && box[i] <= 0) {
            return "covers no area";
        }
    }
    return NULL;
}

static const char *check_points(const OskRegion *region, OskRegionField *out_field)
{
    *out_field = OSK_FIELD_POINTS;
    size_t least = region->shape == OSK_SHAPE_POLYGON ? 3 : 1;
    if (region->points == NULL || region->point_count < least) {
        return "too few points for this shape";
    }
    OskPoint low = region->points[0];
    OskPoint high = low;
    for (size_t i = 0; i < region->point_count; i++) {
        OskPoint point = region->points[i];
        if (!fits_limit(point.x, region->unit) || !fits_limit(point.y, region->unit)) {
            return "no coordinate of any picture";
        }
        low.x = point.x < low.x ? point.x : low.x;
        low.y = point.y < low.y ? point.y : low.y;
        high.x = point.x > high.x ? point.x : high.x;
        high.y = point.y > high.y ? point.y : high.y;
    }
    if (region->shape == OSK_SHAPE_POLYGON && (low.x == high.x || low.y == high.y)) {
        return "covers no area";
    }
    if (region->shape == OSK_SHAPE_STROKE) {
        *out_field = OSK_FIELD_RADIUS;
        if (!fits_limit(region->radius, region->unit) || region->radius <= 0) {
            return "not a radius";
        }
    }
    return NULL;
}

static bool is_boxed(const OskRegion *region)
{
    return region->shape == OSK_SHAPE_RECT || region->shape == OSK_SHAPE_ELLIPSE;
}

static const char *check_keys(const OskRegion *region, OskRegionField *out_field)
{
    for (size_t i = 0; i < region->key_count; i++) {
        const OskRegionKey *key = &region->keys[i];
        double box[4] = { key->x, key->y, 1, 1 };
        if (is_boxed(region)) {
            box[2] = key->w;
            box[3] = key->h;
        }
        const char *what = check_box(region, box, out_field);
        *out_field = OSK_FIELD_KEYFRAMES;
        if (what != NULL) {
            return what;
        }
        if (i > 0 && key->frame <= region->keys[i - 1].frame) {
            return "keyframes must be in order, each once";
        }
    }
    return NULL;
}

const char *osk_region_problem(const OskRegion *region, OskRegionField *out_field)
{
    const char *what = NULL;
    *out_field = OSK_FIELD_SHAPE;
    if (region->shape > OSK_SHAPE_STROKE) {
        return "not a shape";
    }
    *out_field = OSK_FIELD_UNIT;
    if (region->unit > OSK_UNIT_PCT) {
        return "not a unit";
    }
    *out_field = OSK_FIELD_STYLE;
    if (region->style > OSK_REGION_BLUR) {
        return "not a style";
    }
    *out_field = OSK_FIELD_KEYFRAMES;
    if (region->key_count > 0 && region->keys == NULL) {
        return "keyframes are missing";
    }
    if (!is_boxed(region)) {
        what = check_points(region, out_field);
    } else if (region->key_count == 0) {
        const double box[4] = { region->x, region->y, region->w, region->h };
        what = check_box(region, box, out_field);
    }
    if (what == NULL && region->has_frames && region->first_frame > region->last_frame) {
        *out_field = OSK_FIELD_FRAMES;
        return "the last frame comes before the first";
    }
    return what != NULL ? what : check_keys(region, out_field);
}

/* ---- the list ---- */

OskRegions *osk_regions_new(const OskRegionDefaults *defaults)
{
    OskRegions *regions = calloc(1, sizeof *regions);
    if (regions != NULL && defaults != NULL) {
        regions->defaults = *defaults;
    }
    return regions;
}

static OskStatus make_room(OskRegions *regions)
{
    if (regions->count < regions->room) {
        return OSK_OK;
    }
    size_t room = regions->room == 0 ? 8 : regions->room * 2;
    OskRegion *items = realloc(regions->items, room * sizeof *items);
    if (items == NULL) {
        return OSK_NO_MEMORY;
    }
    regions->items = items;
    regions->room = room;
    return OSK_OK;
}

OskStatus osk_regions_add(OskRegions *regions, const OskRegion *region)
{
    OskRegionField field;
    if (regions == NULL || region == NULL || osk_region_problem(region, &field) != NULL) {
        return OSK_MISUSE;
    }
    size_t points = is_boxed(region) ? 0 : region->point_count;
    if (regions->count >= OSK_REGIONS_MAX || points > OSK_REGION_POINTS_MAX - regions->points ||
        region->key_count > OSK_REGION_KEYS_MAX - regions->keys) {
        return OSK_LIMIT;
    }
    if (make_room(regions) != OSK_OK) {
        return OSK_NO_MEMORY;
    }
    OskPoint *point_copy = points > 0 ? malloc(points * sizeof *point_copy) : NULL;
    OskRegionKey *key_copy =
        region->key_count > 0 ? malloc(region->key_count * sizeof *key_copy) : NULL;
    if ((points > 0 && point_copy == NULL) || (region->key_count > 0 && key_copy == NULL)) {
        free(point_copy);
        free(key_copy);
        return OSK_NO_MEMORY;
    }
    if (point_copy != NULL) {
        memcpy(point_copy, region->points, points * sizeof *point_copy);
    }
    if (key_copy != NULL) {
        memcpy(key_copy, region->keys, region->key_count * sizeof *key_copy);
    }
    OskRegion *item = &regions->items[regions->count++];
    *item = *region;
    item->points = point_copy;
    item->point_count = points;
    item->keys = key_copy;
    regions->points += points;
    regions->keys += region->key_count;
    return OSK_OK;
}

void osk_regions_invert(OskRegions *regions, bool invert)
{
    regions->invert = invert;
}

bool osk_regions_inverted(const OskRegions *regions)
{
    return regions->invert;
}

size_t osk_regions_count(const OskRegions *regions)
{
    return regions->count;
}

const OskRegion *osk_regions_at(const OskRegions *regions, size_t index)
{
    return index < regions->count ? &regions->items[index] : NULL;
}

void osk_regions_free(OskRegions **regions)
{
    if (regions == NULL || *regions == NULL) {
        return;
    }
    for (size_t i = 0; i < (*regions)->count; i++) {
        /* The list made these copies itself; const is for its readers. */
        free((void *)(uintptr_t)(*regions)->items[i].points);
        free((void *)(uintptr_t)(*regions)->items[i].keys);
    }
    free((*regions)->items);
    free(*regions);
    *regions = NULL;
}

/* ---- for this room ---- */

OskRegionDefaults osk_regions_defaults(const OskRegions *regions)
{
    return regions->defaults;
}

OskRegionStyle osk_regions_style_of(const OskRegions *regions, uint16_t cell)
{
    const OskRegion *region = cell == OSK_COVER_NONE ? NULL : osk_regions_at(regions, cell - 1u);
    return region != NULL ? region->style : regions->defaults.style;
}

const uint8_t *osk_regions_color_of(const OskRegions *regions, uint16_t cell)
{
    const OskRegion *region = cell == OSK_COVER_NONE ? NULL : osk_regions_at(regions, cell - 1u);
    return region != NULL ? region->color : regions->defaults.color;
}
