/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Boxes of a file that is about to be decoded. ISO/IEC 14496-12:2022, 4.2. */
#ifndef OSK_PIXELS_BOXES_H
#define OSK_PIXELS_BOXES_H

#include "base/cursor.h"

/* The content of the next box, and its type. */
OskCursor osk_boxes_next(OskCursor *from, char out_type[4]);
/* The content of the first box of a type; where it is not there, the cursor has failed. */
OskCursor osk_boxes_find(OskCursor from, const char *type);
/* The same of one that begins with a version and flags. */
OskCursor osk_boxes_find_full(OskCursor from, const char *type, unsigned *out_version);

#endif
