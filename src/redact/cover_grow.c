/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/cover.h"

/* Fills `run` bare cells, `step` apart, from the covered cells before and after them. */
static void fill_run(uint16_t *cells, uint32_t run, size_t step, uint32_t reach,
                     const uint16_t ends[2])
{
    for (uint32_t i = 0; i < run; i++) {
        if (ends[0] != OSK_COVER_NONE && i < reach) {
            cells[i * step] = ends[0];
        } else if (ends[1] != OSK_COVER_NONE && run - 1 - i < reach) {
            cells[i * step] = ends[1];
        }
    }
}

static void grow_line(uint16_t *line, uint32_t count, size_t step, uint32_t reach)
{
    uint32_t at = 0;
    while (at < count) {
        uint32_t end = at;
        while (end < count && line[end * step] == OSK_COVER_NONE) {
            end++;
        }
        uint16_t ends[2] = { at > 0 ? line[(at - 1) * step] : (uint16_t)OSK_COVER_NONE,
                             end < count ? line[end * step] : (uint16_t)OSK_COVER_NONE };
        fill_run(line + at * step, end - at, step, reach, ends);
        while (end < count && line[end * step] != OSK_COVER_NONE) {
            end++;
        }
        at = end;
    }
}

void osk_cover_grow(OskCoverMap *map, uint32_t reach)
{
    size_t count = (size_t)map->columns * map->rows;
    if (reach == 0 || map->covered == 0) {
        return;
    }
    for (uint32_t y = 0; y < map->rows; y++) {
        grow_line(map->cells + (size_t)y * map->columns, map->columns, 1, reach);
    }
    for (uint32_t x = 0; x < map->columns; x++) {
        grow_line(map->cells + x, map->rows, map->columns, reach);
    }
    map->covered = 0;
    for (size_t i = 0; i < count; i++) {
        map->covered += map->cells[i] != OSK_COVER_NONE;
    }
}
