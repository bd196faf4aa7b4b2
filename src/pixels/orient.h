/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turning pixels for display. Orientations are those of Exif 4.6.4: 1 as stored, 2 left and right
 * change places, 3 turned by 180, 4 top and bottom change places, 5 rows are columns, 6 turned
 * clockwise by 90, 7 rows are columns from the other corner, 8 turned clockwise by 270. */
#ifndef OSK_PIXELS_ORIENT_H
#define OSK_PIXELS_ORIENT_H

#include "pixels/image.h"

/* The image becomes what is displayed. Errors: LIMIT, NO_MEMORY: the image is as it was. */
OskStatus osk_image_orient(OskImage *image, unsigned orientation, OskBudget *budget);

/* The orientation that displays what `orientation` does, then turned clockwise by `degrees` (a
 * multiple of 90), then mirrored left to right where `mirror`. */
unsigned osk_orientation_turn(unsigned orientation, unsigned degrees, bool mirror);

/* The orientation that a block of Exif (its TIFF header first) tells: tag 0x0112 of the first IFD
 * (Exif 4.6.4); 1 where that isn't there or makes no sense. */
unsigned osk_orientation_read(const uint8_t *exif, size_t len);
#define OSK_ORIENTATION_BYTES 26u
/* A block of Exif that tells the orientation and nothing else. */
void osk_orientation_write(uint8_t out[OSK_ORIENTATION_BYTES], unsigned orientation);

#endif
