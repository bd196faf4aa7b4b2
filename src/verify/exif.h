/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second opinion on an Exif block. */
#ifndef OSK_VERIFY_EXIF_H
#define OSK_VERIFY_EXIF_H

#include "verify/checker.h"

/* True when the TIFF structure holds one directory with nothing but an orientation (0 to 8) in it,
 * and every byte of it is accounted for. Else says so with osk_check_found(). Without the
 * "Exif\0\0" prefix of JPEG.
 * @param part  static: where the block stands ("APP1 Exif"). */
bool osk_check_exif_orientation(OskCheck *check, OskCursor tiff, const char *part);

#endif
