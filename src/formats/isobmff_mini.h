/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OSK_FORMATS_ISOBMFF_MINI_H
#define OSK_FORMATS_ISOBMFF_MINI_H

#include "formats/isobmff_box.h"

/* Adds the step that replaces a `mini` box (ISO/IEC 23008-12 Amd 2, annex O: one picture,
 * bit-packed, with its data inside) by a `meta` box with the same picture, which every reader
 * knows, and the findings of what does not come along: Exif, XMP, gain map.
 * @param brand the minor version of `ftyp`: the brand that tells which codec is used.
 * Errors: UNSUPPORTED for other versions and codecs, MALFORMED, TRUNCATED, NO_MEMORY. */
OskStatus osk_mini_emit(OskWalk *walk, const OskBox *box, uint32_t brand);

#endif
