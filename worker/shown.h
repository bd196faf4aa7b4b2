/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A frame as a person would see it. */
#ifndef OSK_WORKER_SHOWN_H
#define OSK_WORKER_SHOWN_H

#include "oilskin/status.h"
#include "pixels/image.h"

/* Transparency lies on mid grey, where black words are seen, and white ones. */
#define OSK_SHOWN_GREY 128u

/* As large as fits into a box, and no larger than it is. */
void osk_shown_fit(uint32_t *width, uint32_t *height, uint32_t box_width, uint32_t box_height);
/* Makes a stored frame RGB of 8 bits, turned as `orientation` says, of at most `side` a side.
 * Errors: LIMIT, NO_MEMORY. */
OskStatus osk_shown_make(OskImage *image, unsigned orientation, uint32_t side, OskBudget *budget);

#endif
