/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/areas.h"

/* Cells of one area, from the first to the last of each row and column. */
typedef struct Span {
    uint32_t left;
    uint32_t top;
    uint32_t right;
    uint32_t bottom;
} Span;

/* Turning back is turning the other way: quarter turns swap, everything else undoes itself. */
static unsigned undo_orientation(unsigned orientation)
{
    return orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;
}

static uint32_t least(uint64_t a, uint32_t b)
{
    return a < b ? (uint32_t)a : b;
}

static OskArea displayed_box(const Span *span, const OskCoverMap *map, const OskGeometry *geometry)
{
    uint32_t left = span->left * map->cell_width;
    uint32_t top = span->top * map->cell_height;
    uint32_t right = least(((uint64_t)span->right + 1) * map->cell_width, geometry->width);
    uint32_t bottom = least(((uint64_t)span->bottom + 1) * map->cell_height, geometry->height);
    OskGeometry back = { .width = osk_geometry_displayed_width(geometry),
                         .height = osk_geometry_displayed_height(geometry),
                         .orientation = undo_orientation(geometry->orientation) };
    double x = left;
    double y = top;
    double w = right - left;
    double h = bottom - top;
    osk_geometry_box_to_stored(&back, &x, &y, &w, &h);
    return (
        OskArea){ .x = (uint32_t)x, .y = (uint32_t)y, .width = (uint32_t)w, .height = (uint32_t)h };
}

static void widen(Span *span, uint32_t column, uint32_t row)
{
    span->left = column < span->left ? column : span->left;
    span->right = column > span->right ? column : span->right;
    span->top = row < span->top ? row : span->top;
    span->bottom = row > span->bottom ? row : span->bottom;
}

static bool comes_before(const OskArea *a, const OskArea *b)
{
    return a->y != b->y ? a->y < b->y : a->x < b->x;
}

static void sort_boxes(OskAreas *areas)
{
    for (uint32_t i = 1; i < areas->listed; i++) {
        OskArea box = areas->boxes[i];
        uint32_t at = i;
        for (; at > 0 && comes_before(&box, &areas->boxes[at - 1]); at--) {
            areas->boxes[at] = areas->boxes[at - 1];
        }
        areas->boxes[at] = box;
    }
}

static void find_boxes(OskAreas *areas, const OskCoverMap *map, const OskGeometry *geometry)
{
    Span spans[OSK_AREAS_MAX];
    areas->count = map->group_count;
    areas->listed = least(map->group_count, OSK_AREAS_MAX);
    for (uint32_t i = 0; i < areas->listed; i++) {
        spans[i] = (Span){ .left = UINT32_MAX, .top = UINT32_MAX };
    }
    for (uint32_t row = 0; row < map->rows; row++) {
        const uint32_t *groups = map->group + (size_t)row * map->columns;
        for (uint32_t column = 0; column < map->columns; column++) {
            if (groups[column] != 0 && groups[column] <= areas->listed) {
                widen(&spans[groups[column] - 1], column, row);
            }
        }
    }
    for (uint32_t i = 0; i < areas->listed; i++) {
        areas->boxes[i] = displayed_box(&spans[i], map, geometry);
    }
    sort_boxes(areas);
}

OskStatus osk_areas_find(OskAreas *out_areas, const OskCoverMap *map, const OskGeometry *geometry,
                         OskBudget *budget)
{
    *out_areas = (OskAreas){ .cells = map->covered };
    OskCoverMap grouped = *map;
    OskStatus status = map->group == NULL ? osk_cover_group(&grouped, budget) : OSK_OK;
    if (status == OSK_OK) {
        find_boxes(out_areas, &grouped, geometry);
    }
    if (map->group == NULL) {
        grouped.cells = NULL; /* the caller's */
        osk_cover_free(&grouped, budget);
    }
    return status;
}
