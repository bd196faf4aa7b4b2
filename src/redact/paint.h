/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Covering pixels of a decoded frame. */
#ifndef OSK_REDACT_PAINT_H
#define OSK_REDACT_PAINT_H

#include "pixels/image.h"
#include "redact/synth.h"

/* Covers what the map says; a cell of it is a stored pixel, and it is grouped. Covered pixels
 * become opaque. An INDEXED image gets colours of its palette where they are near enough, else new
 * entries where there is room; else the nearest ones.
 * @param noise drawn for the first frame and kept over an animation; NULL is enough for fill.
 * Errors: MISUSE for another map, or noise that is missing; LIMIT, NO_MEMORY. */
OskStatus osk_paint_frame(OskImage *image, const OskCoverMap *map, const OskRegions *regions,
                          const OskNoise *noise, OskBudget *budget);

#endif
