/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OSK_PIXELS_RESIZE_H
#define OSK_PIXELS_RESIZE_H

#include "pixels/image.h"

/* The size that a picture gets whose longest side may be `longest`: never larger than it is, never
 * less than a pixel. `longest` 0: as it is. */
void osk_resize_fit(uint32_t longest, uint32_t *width, uint32_t *height);

/* Makes the image smaller: every new pixel is the mean of the area that it covers, weighted by
 * alpha where there is one. Model and depth stay; the pixels of a palette become its nearest
 * entries. Integers only, so that every machine gives the same pixels. Errors: MISUSE for a larger
 * size or none; LIMIT, NO_MEMORY: the image is as it was. */
OskStatus osk_image_resize(OskImage *image, uint32_t width, uint32_t height, OskBudget *budget);

#endif
