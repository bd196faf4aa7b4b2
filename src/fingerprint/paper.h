/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sheets that are printed alike and filled in differently. */
#ifndef OSK_FINGERPRINT_PAPER_H
#define OSK_FINGERPRINT_PAPER_H

#include "fingerprint/overlay.h"

/* Whether the query looks like a sheet with something written on it: bright, and its light is even
 * or changes slowly. A wall and a sky look like one, too. */
bool osk_paper_is(const OskOverlay *over);

/* Whether what is in the block is written otherwise in the other. */
bool osk_paper_differs(const OskSums *block, const OskLikenessRules *rules);

#endif
