/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OSK_PIXELS_CROP_H
#define OSK_PIXELS_CROP_H

#include "pixels/composite.h"

/* The image becomes the part of it in `box`; the rest is wiped and freed.
 * Errors: MISUSE for a box that does not lie within; LIMIT, NO_MEMORY: the image is as it was. */
OskStatus osk_image_crop(OskImage *image, OskPatch box, OskBudget *budget);

#endif
