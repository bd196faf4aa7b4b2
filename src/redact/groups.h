/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The groups of touching covered cells: where each lies, how thick it is, in which styles. */
#ifndef OSK_REDACT_GROUPS_H
#define OSK_REDACT_GROUPS_H

#include "base/arena.h"
#include "redact/cover.h"

typedef struct OskGroup {
    uint32_t number;
    uint32_t left; /* cells; right and bottom are excluded */
    uint32_t top;
    uint32_t right;
    uint32_t bottom;
    uint64_t cells;
    uint64_t sides;  /* of cells, which border on something else */
    uint32_t region; /* the least of its regions: names its noise, the same in every frame */
    bool synthetic;  /* has cells that are blur or mosaic */
    bool mosaic;
} OskGroup;

typedef struct OskGroups {
    OskGroup *items; /* item 0 is no group: numbers start at 1 */
    uint32_t count;
    uint8_t *styles; /* OskRegionStyle by the number in OskCoverMap.cells */
    OskArena arena;
} OskGroups;

/* Errors: LIMIT, NO_MEMORY; MISUSE for a map whose numbers name no region or group. Ownership:
 * osk_groups_free(), whatever the status is. */
OskStatus osk_groups_make(OskGroups *groups, const OskCoverMap *map, const OskRegions *regions,
                          OskBudget *budget);
void osk_groups_free(OskGroups *groups);

/* How thick a group is, in cells: the side of a square, about the diameter of a disc, about twice
 * the width of a long stroke. At least 1. */
uint32_t osk_group_thickness(const OskGroup *group);

#endif
