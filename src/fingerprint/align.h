/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How one picture lies in another. */
#ifndef OSK_FINGERPRINT_ALIGN_H
#define OSK_FINGERPRINT_ALIGN_H

#include "oilskin/fingerprint.h"

/* From a place (x, y) to (xx x + xy y + x0, yx x + yy y + y0). */
typedef struct OskMap {
    float xx, xy, x0;
    float yx, yy, y0;
} OskMap;

/* The map by which most features agree, in pixels of the feature frames.
 * @param fewest agreeing features that count as a match.
 * @return how many agree, 0 when too few do. Always the same for the same features. */
size_t osk_align(OskMap *out, const OskPackFrame *query, const OskPackFrame *other, size_t fewest);

/* Of a query whose form `form` is like `other` as it is: frame to frame, of the sides (in pixels of
 * the feature frames) that are given. */
OskMap osk_align_form(unsigned form, const float query[4], const float other[4]);

#endif
