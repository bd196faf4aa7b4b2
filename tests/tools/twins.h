/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures that differ only where a map says that they are covered. */
#ifndef TESTS_TOOLS_TWINS_H
#define TESTS_TOOLS_TWINS_H

#include "pixels/codec.h"
#include "redact/cover.h"

/* A number that follows from two others, with no pattern that a style could meet by chance. */
uint32_t twins_mix(uint32_t a, uint32_t b);
/* Changes every covered pixel, differently for each seed: odd seeds give random samples, even ones
 * colours that stand anywhere in the picture, so that a palette holds them. */
void twins_differ(OskImage *image, const OskCoverMap *map, uint32_t seed);
/* Gives covered pixels up to 100 colours that the palette of an INDEXED image lacks, so that an
 * encoder makes a longer palette of it; of other images up to 100 of their own. False where the
 * palette has no room, and nothing was changed. */
bool twins_recolour(OskImage *image, const OskCoverMap *map);
/* A painter that lets through what it covers: adds a 256th of the sample before to each covered
 * sample, times `strength`. Pixels of a palette get another entry for odd ones. */
void twins_leak(OskImage *image, const OskCoverMap *map, const uint8_t *before, uint32_t strength);
/* The sum of the squares by which a pixel's colours differ, in 8 bits, alpha included. Colours that
 * nobody sees, being fully transparent, don't count. */
double twins_distance(const OskImage *a, const OskImage *b, uint32_t x, uint32_t y);

#endif
