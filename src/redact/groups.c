/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/groups.h"

/* Cells name regions by 16 bits. */
#define STYLES 0x10000u

static OskStatus list_styles(OskGroups *groups, const OskRegions *regions)
{
    groups->styles = osk_arena_array(&groups->arena, STYLES, 1);
    if (groups->styles == NULL) {
        return OSK_NO_MEMORY;
    }
    size_t count = osk_regions_count(regions);
    for (size_t i = 0; i < count && i + 1 < OSK_COVER_REST; i++) {
        groups->styles[i + 1] = (uint8_t)osk_regions_at(regions, i)->style;
    }
    groups->styles[OSK_COVER_REST] = (uint8_t)osk_regions_defaults(regions).style;
    return OSK_OK;
}

static bool same_group(const OskCoverMap *map, uint32_t x, uint32_t y, uint32_t number)
{
    return x < map->columns && y < map->rows && map->group[(size_t)y * map->columns + x] == number;
}

static void add_cell(OskGroups *groups, const OskCoverMap *map, uint32_t x, uint32_t y)
{
    size_t at = (size_t)y * map->columns + x;
    uint32_t number = map->group[at];
    OskGroup *group = &groups->items[number];
    if (group->cells == 0) {
        *group = (OskGroup){ .number = number, .left = x, .top = y, .region = map->cells[at] };
    }
    group->left = x < group->left ? x : group->left;
    group->right = x + 1 > group->right ? x + 1 : group->right;
    group->bottom = y + 1;
    group->region = map->cells[at] < group->region ? map->cells[at] : group->region;
    group->cells++;
    /* Outside of the picture counts as something else: UINT32_MAX is beyond its last column. */
    int sides = !same_group(map, x - 1, y, number) + !same_group(map, x + 1, y, number) +
                !same_group(map, x, y - 1, number) + !same_group(map, x, y + 1, number);
    group->sides += (uint64_t)sides;
    uint8_t style = groups->styles[map->cells[at]];
    group->synthetic = group->synthetic || style != OSK_REGION_FILL;
    group->mosaic = group->mosaic || style == OSK_REGION_MOSAIC;
}

OskStatus osk_groups_make(OskGroups *groups, const OskCoverMap *map, const OskRegions *regions,
                          OskBudget *budget)
{
    *groups = (OskGroups){ .count = map->group_count };
    osk_arena_init(&groups->arena, budget);
    OskStatus status = list_styles(groups, regions);
    if (status != OSK_OK) {
        return status;
    }
    groups->items = osk_arena_array(&groups->arena, (size_t)map->group_count + 1, sizeof(OskGroup));
    if (groups->items == NULL) {
        return OSK_NO_MEMORY;
    }
    for (uint32_t y = 0; y < map->rows; y++) {
        const uint32_t *row = map->group + (size_t)y * map->columns;
        for (uint32_t x = 0; x < map->columns; x++) {
            if (row[x] > map->group_count) {
                return OSK_MISUSE;
            }
            if (row[x] != 0) {
                add_cell(groups, map, x, y);
            }
        }
    }
    return OSK_OK;
}

void osk_groups_free(OskGroups *groups)
{
    osk_arena_free(&groups->arena);
    *groups = (OskGroups){ 0 };
}

uint32_t osk_group_thickness(const OskGroup *group)
{
    uint32_t width = group->right - group->left;
    uint32_t height = group->bottom - group->top;
    uint64_t least = width < height ? width : height;
    /* Four times the area by the outline: what gives a square its side. */
    uint64_t mean = group->sides > 0 ? group->cells * 4 / group->sides : least;
    least = mean < least ? mean : least;
    return least > 0 ? (uint32_t)least : 1;
}
