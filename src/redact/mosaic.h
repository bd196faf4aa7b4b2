/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coarse cells: what a patch looks like in the style mosaic. */
#ifndef OSK_REDACT_MOSAIC_H
#define OSK_REDACT_MOSAIC_H

#include "redact/harmonic.h"

/* How the group's box is divided. */
typedef struct OskTiles {
    uint32_t across;
    uint32_t down;
} OskTiles;

/* About nine tiles over the group's thickness, nearly square, each of whole cells, aligned to the
 * box.
 * @param least the smallest side of a tile, in cells */
OskTiles osk_mosaic_tiles(const OskGroup *group, uint32_t least);

/* Makes each tile of a solved window one value: the mean of its INSIDE cells, and noise.
 * @param chosen   for each cell of the window: not 0 where the mosaic is wanted; the others keep
 *                 their values, but are part of the means
 * @param bumps    streams and heights; the level does not matter */
void osk_mosaic_render(OskHarmonic *window, const OskGroup *group, OskTiles tiles,
                       const uint8_t *chosen, const OskBumps *bumps);

#endif
