/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maker notes: private notes of the camera's maker. Private to exif*.c. */
#ifndef OSK_PARTS_EXIF_MAKER_H
#define OSK_PARTS_EXIF_MAKER_H

#include "parts/exif.h"

/* Adds a finding for the notes themselves, and one for each serial number, name or shared
 * identifier in the notes of the makers that are known. `tiff` is the block that the entry stands
 * in. */
void osk_exif_maker_inspect(OskCursor tiff, const OskExifEntry *entry, const char *part,
                            OskReport *report, OskBudget *budget);

#endif
