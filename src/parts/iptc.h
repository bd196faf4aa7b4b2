/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IPTC-IIM captions, and the Photoshop image resources that usually carry them. */
#ifndef OSK_PARTS_IPTC_H
#define OSK_PARTS_IPTC_H

#include "base/budget.h"
#include "base/cursor.h"
#include "base/report.h"

/* Adds findings for the datasets of an IIM stream (0x1C records); at least one when it isn't empty.
 * Source: IPTC-NAA IIM 4.2. */
void osk_iptc_inspect(OskCursor iim, const char *part, OskReport *report);

/* Adds findings for "8BIM" resources: IPTC, thumbnails, captions, XMP, Exif, and a count of the
 * others; at least one when it isn't empty. A leading "Photoshop 3.0\0" is stepped over. Source:
 * Adobe Photoshop file formats specification, "Image Resources". */
void osk_photoshop_inspect(OskCursor irb, const char *part, OskReport *report, OskBudget *budget);

#endif
