/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The harmonic interpolation of what surrounds a group of cells: the surface that a soap film would
 * take, spanned over a frame bent like the surroundings.
 *
 * Found from coarse to fine on a pyramid: the ring is averaged downward, then each level takes its
 * first guess from the one above it and is relaxed a few times. Cost: linear in the group's box.
 */
#ifndef OSK_REDACT_HARMONIC_H
#define OSK_REDACT_HARMONIC_H

#include "redact/groups.h"
#include "redact/synth.h"

/* Values in the window have this many bits of fraction more than those of a plane. */
#define OSK_HARMONIC_BITS 4
/* Boxes halve down to a single cell: 2^32 cells a side. */
#define OSK_HARMONIC_LEVELS 34

/* What a cell of the window is. */
enum {
    OSK_CELL_AWAY,  /* belongs to another group, or is nothing at all */
    OSK_CELL_NEAR,  /* uncovered; the ring is smoothed over such cells */
    OSK_CELL_RING,  /* uncovered and touches the group */
    OSK_CELL_INSIDE /* of the group: its value is made, never read */
};

typedef struct OskLevel {
    uint32_t columns;
    uint32_t rows;
    int32_t *values;
    uint8_t *kinds;
    bool porous; /* cells inside touch cells that are away: the edges have to be looked for */
} OskLevel;

/* A group's box with a margin, as far as the picture goes. Level 0 is the window. */
typedef struct OskHarmonic {
    uint32_t left; /* in the plane */
    uint32_t top;
    OskLevel levels[OSK_HARMONIC_LEVELS];
    unsigned level_count;
    uint32_t reach;  /* cells over which the ring is smoothed */
    size_t *ring;    /* indexes of its cells */
    int32_t *smooth; /* their values while they are being smoothed */
    size_t ring_count;
    uint8_t *weights; /* by which surroundings count: 255, less for transparent ones */
    int32_t *scratch; /* two rows */
    OskArena arena;
} OskHarmonic;

/* Bumps that are laid on the surface while it is made: low in frequency, none at the ring. */
typedef struct OskBumps {
    const OskNoise *noise; /* NULL: none */
    uint64_t stream[2];    /* two noises are added */
    int32_t height[2];     /* of each, in values of the window */
    unsigned level;        /* the coarsest that gets bumps; the next finer one gets lower ones */
} OskBumps;

/* Cuts the window out and knows what each cell is. All weights are 255.
 * Errors: LIMIT, NO_MEMORY. Ownership: osk_harmonic_free(), whatever the status is. */
OskStatus osk_harmonic_make(OskHarmonic *window, const OskCoverMap *map, const OskGroup *group,
                            OskBudget *budget);
/* To be called once, when the weights of NEAR and RING cells are set. False when the group has no
 * surroundings: there is nothing to interpolate then. */
bool osk_harmonic_prepare(OskHarmonic *window);
/* Makes the values of all INSIDE cells of level 0 from those of its NEAR and RING cells (which the
 * caller has set; others are not looked at). RING cells are changed: they become smooth. */
void osk_harmonic_solve(OskHarmonic *window, const OskBumps *bumps);
/* How much the surroundings vary: the mean distance of the ring's values from their mean. To be
 * called before osk_harmonic_solve(). */
int32_t osk_harmonic_contrast(const OskHarmonic *window);
void osk_harmonic_free(OskHarmonic *window);

#endif
