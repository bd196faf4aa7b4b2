/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which cells of a stored frame are covered, and by which region. A cell is a pixel, or an MCU. */
#ifndef OSK_REDACT_COVER_H
#define OSK_REDACT_COVER_H

#include "base/budget.h"
#include "redact/geometry.h"

#define OSK_COVER_NONE 0u
/* The rest of an inverted picture, in the style of the defaults. */
#define OSK_COVER_REST 0xFFFFu

typedef struct OskCoverMap {
    uint32_t columns;
    uint32_t rows;
    uint32_t cell_width; /* stored pixels; the last column and row may reach past the picture */
    uint32_t cell_height;
    uint16_t *cells; /* OSK_COVER_NONE, 1 + the index of the last region that touches it, or REST */
    uint32_t *group; /* merged regions: cells that touch (edge or corner) share a number from 1; 0
                      * none. Filled by osk_cover_group(). */
    uint32_t group_count;
    uint64_t covered; /* cells */
} OskCoverMap;

/* @param frame displayed frame, from 0.
 * Errors: LIMIT, NO_MEMORY. Ownership: osk_cover_free(). */
OskStatus osk_cover_make(OskCoverMap *map, const OskRegions *regions, const OskGeometry *geometry,
                         uint32_t cell_width, uint32_t cell_height, uint32_t frame,
                         OskBudget *budget);
/* Covers every cell within `reach` cells of a covered one as well (a square), as that one is: what a
 * lossy source may have carried over the edge goes too. Before osk_cover_group().
 * Cost: twice through the cells, whatever the reach. */
void osk_cover_grow(OskCoverMap *map, uint32_t reach);
OskStatus osk_cover_group(OskCoverMap *map, OskBudget *budget);
void osk_cover_free(OskCoverMap *map, OskBudget *budget);

#endif
