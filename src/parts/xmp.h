/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XMP packets: RDF in XML, read by a small scanner that tolerates anything and trusts nothing. */
#ifndef OSK_PARTS_XMP_H
#define OSK_PARTS_XMP_H

#include "base/cursor.h"
#include "base/report.h"

/* Adds findings for the properties that it knows (places, times, serials, names, faces, document
 * ids, motion photos, gain maps) and one that counts the others. Any packet gives at least one; one
 * in UTF-16 only that.
 * @param part  static. `report` may be NULL.
 * Cost: linear, no allocation but the findings.
 * Source: ISO 16684-1. */
void osk_xmp_inspect(OskCursor xml, const char *part, OskReport *report);

/* tiff:Orientation, 1 to 8; 1 when it is absent or not valid. */
unsigned osk_xmp_orientation(OskCursor xml);

#endif
