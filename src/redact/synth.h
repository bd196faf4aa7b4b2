/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is painted over a region, made from its surroundings and randomness alone.
 *
 * Works on a plane of cells: pixels, or the mean values of blocks. The values of covered cells are
 * never read: a test gives two planes that differ only there and compares the bytes of the answer.
 */
#ifndef OSK_REDACT_SYNTH_H
#define OSK_REDACT_SYNTH_H

#include "redact/cover.h"

/* One channel. Values are samples times 16 (four bits of fraction), signed. */
typedef struct OskPlane {
    uint32_t columns; /* as in the cover map */
    uint32_t rows;
    int32_t *values;
    int32_t low; /* the least and greatest value that the channel may have; -2^21 to 2^21 - 1 */
    int32_t high;
    unsigned channel; /* 0, 1, 2...: the channels of a picture share one noise of brightness, and
                       * each has a weak one of its own, which tints */
    bool difference;  /* Cb or Cr: tint alone */
} OskPlane;

/* Randomness drawn once for all planes, and for all frames of an animation. */
typedef struct OskNoise OskNoise;
/* Draws it. Where `random` gives none (fill is NULL), `*out_noise` is NULL: enough as long as every
 * style is fill. Errors: IO when drawing fails; LIMIT, NO_MEMORY. */
OskStatus osk_noise_make(OskNoise **out_noise, const OskRandom *random, OskBudget *budget);
void osk_noise_free(OskNoise **noise, OskBudget *budget);

/* Overwrites the covered cells of groups whose cells are mosaic or blur: the harmonic interpolation
 * of the ring around the group, with low-frequency noise; in coarse cells for mosaic. A group
 * without a ring becomes the middle of the range. Fill cells stay as they are: the caller colours
 * them. Integer arithmetic only, so that every machine gives the same bytes.
 * Errors: MISUSE for blur or mosaic without noise; LIMIT, NO_MEMORY. */
OskStatus osk_synth_plane(OskPlane *plane, const OskCoverMap *map, const OskRegions *regions,
                          const OskNoise *noise, OskBudget *budget);

#endif
