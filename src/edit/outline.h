/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OSK_EDIT_OUTLINE_H
#define OSK_EDIT_OUTLINE_H

#include "pixels/image.h"
#include "redact/geometry.h"

/* Draws a frame around each listed area: white outside, black inside it, so that it is seen on
 * everything. The image is RGB or RGBA of depth 8, as stored. */
void osk_outline_draw(OskImage *image, const OskAreas *areas, const OskGeometry *geometry);

#endif
