/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sheets that are printed alike and filled in differently. */
#ifndef OSK_FINGERPRINT_PAPER_H
#define OSK_FINGERPRINT_PAPER_H

#include "fingerprint/overlay.h"

/* Tiles in a row. */
#define OSK_PAPER_TILES 8u

/* Where the query looks like a sheet with something written on it, dark on light or light on dark:
 * its ground is even there, or its light changes slowly. A wall and a sky look like that, too. */
typedef struct OskPaper {
    /* Steps of what is written on it, as a share of those of print on white; 0 where is no sheet.
     */
    float ink[OSK_PAPER_TILES][OSK_PAPER_TILES];
    unsigned tiles; /* that are one */
} OskPaper;

void osk_paper_find(OskPaper *out, const OskOverlay *over);

/* Whether what is in the block is written otherwise in the other.
 * @param ink of the tile that it lies in. */
bool osk_paper_differs(const OskSums *block, float ink, const OskLikenessRules *rules);

#endif
