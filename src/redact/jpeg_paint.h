/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which MCUs of a JPEG are covered, and the blocks that are painted there. */
#ifndef OSK_REDACT_JPEG_PAINT_H
#define OSK_REDACT_JPEG_PAINT_H

#include "redact/jpeg_file.h"
#include "redact/synth.h"

/* Corners of a box of cells, the far ones not included. */
typedef struct OskBlocksBox {
    uint32_t left;
    uint32_t top;
    uint32_t right;
    uint32_t bottom;
} OskBlocksBox;

/* The transforms of the splines between cells, for each block of an MCU in one direction; in 18
 * bits of fraction. */
typedef struct OskBlocksWaves {
    int32_t at[4][8][3];
} OskBlocksWaves;

typedef struct OskBlocksPaint {
    const OskBlocksFile *file;
    const OskRegions *regions;
    OskBudget *budget;
    OskBlocksBox window;  /* MCUs that stay in the picture: all, or the crop's */
    OskCoverMap map;      /* of the window */
    OskBlocksBox touched; /* the box around all covered MCUs of the window; empty: none */

    /* For blur and mosaic: the touched box with a margin, and the means of its MCUs. */
    bool synthetic;
    OskBlocksBox box;
    OskCoverMap box_map;
    OskPlane planes[OSK_BLOCKS_PARTS];
    OskNoise *noise;
    OskBlocksWaves waves[2][OSK_BLOCKS_PARTS]; /* across, down */
} OskBlocksPaint;

/* Finds what is covered. Errors: LIMIT, NO_MEMORY, MISUSE for a crop outside of the picture. */
OskStatus osk_blocks_paint_open(OskBlocksPaint *paint, OskBlocksFile *file,
                                const OskRegions *regions, const OskRedactOptions *options);
void osk_blocks_paint_close(OskBlocksPaint *paint);

/* The cell of an MCU of the whole picture that lies in the window. */
static inline uint16_t osk_blocks_cover(const OskBlocksPaint *paint, uint32_t x, uint32_t y)
{
    return paint->map
        .cells[(size_t)(y - paint->window.top) * paint->map.columns + (x - paint->window.left)];
}

/* Adds the DC coefficient of a block, as coded, to the mean of its MCU, unless that is covered. */
void osk_blocks_paint_collect(OskBlocksPaint *paint, unsigned component, uint32_t x, uint32_t y,
                              int32_t dc);
/* Makes what is painted, once everything is collected. */
OskStatus osk_blocks_paint_make(OskBlocksPaint *paint, const OskRedactOptions *options);

typedef struct OskBlocksSpot {
    unsigned component;
    uint32_t x; /* MCU of the whole picture */
    uint32_t y;
    unsigned block_x; /* of the component, in the MCU */
    unsigned block_y;
} OskBlocksSpot;

/* The block that is painted in a covered MCU, in zigzag order; returns the index of its last
 * coefficient that isn't zero, 0 at least. */
unsigned osk_blocks_paint_block(const OskBlocksPaint *paint, const OskBlocksSpot *spot,
                                int16_t out[64]);

#endif
