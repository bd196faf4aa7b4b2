/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One group and what is painted over it, channel by channel. */
#ifndef OSK_REDACT_VEIL_H
#define OSK_REDACT_VEIL_H

#include "redact/mosaic.h"

/* One channel, as in OskPlane. */
typedef struct OskTone {
    int32_t low;
    int32_t high;
    unsigned channel;
    bool difference;
} OskTone;

typedef struct OskVeil {
    OskHarmonic window;
    const OskGroup *group;
    uint8_t *mosaic; /* cells of the window that are mosaic */
    OskTiles tiles;
    bool ringed; /* after osk_veil_prepare(): has surroundings */
} OskVeil;

/* Errors: LIMIT, NO_MEMORY. Ownership: osk_veil_free(), whatever the status is. */
OskStatus osk_veil_make(OskVeil *veil, const OskCoverMap *map, const OskGroups *groups,
                        const OskGroup *group, OskBudget *budget);
/* Whether the surroundings at a cell of the window are to be set before a channel is rendered. */
static inline bool osk_veil_wants(const OskVeil *veil, size_t at)
{
    uint8_t kind = veil->window.levels[0].kinds[at];
    return kind == OSK_CELL_NEAR || kind == OSK_CELL_RING;
}
static inline bool osk_veil_inside(const OskVeil *veil, size_t at)
{
    return veil->window.levels[0].kinds[at] == OSK_CELL_INSIDE;
}
/* A value of a plane goes in. */
static inline void osk_veil_set(OskVeil *veil, size_t at, int32_t value)
{
    veil->window.levels[0].values[at] = value * (1 << OSK_HARMONIC_BITS);
}
/* And comes out, rounded. */
static inline int32_t osk_veil_get(const OskVeil *veil, size_t at)
{
    int32_t half = 1 << (OSK_HARMONIC_BITS - 1);
    return (veil->window.levels[0].values[at] + half) >> OSK_HARMONIC_BITS;
}
/* To be called once, when the weights (veil->window.weights) are set. */
void osk_veil_prepare(OskVeil *veil);
/* Makes the values of all cells inside, from `tone->low` to `tone->high`, from those that
 * osk_veil_wants(). */
void osk_veil_render(OskVeil *veil, const OskTone *tone, const OskNoise *noise);
void osk_veil_free(OskVeil *veil);

#endif
