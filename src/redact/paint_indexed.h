/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Covered pixels of an image with a palette. */
#ifndef OSK_REDACT_PAINT_INDEXED_H
#define OSK_REDACT_PAINT_INDEXED_H

#include "pixels/image.h"
#include "redact/cover.h"

/* The image in RGBA; covered pixels are transparent black, whatever they were.
 * Errors: LIMIT, NO_MEMORY. Ownership: osk_image_free(). */
OskStatus osk_indexed_expand(const OskImage *image, const OskCoverMap *map, OskImage *out_rgba,
                             OskBudget *budget);
/* Covers the pixels of `image` with what was painted on `rgba`, and makes the palette anew: the
 * colours of the pixels outside, sorted, each once, and what the covered ones need where there is
 * room; else blur and mosaic are mixed of what is there, and fill is the nearest. Its order, its
 * gaps and the colours that were only under a region would tell of them. */
OskStatus osk_indexed_cover(OskImage *image, const OskCoverMap *map, const OskRegions *regions,
                            const OskImage *rgba, OskBudget *budget);

#endif
