/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often colours occur, and the few that stand for them. */
#ifndef OSK_PIXELS_TALLY_H
#define OSK_PIXELS_TALLY_H

#include "pixels/colors.h"

/* Colours are counted in cells: five bits of each primary. */
#define OSK_TALLY_CELLS 32768u

/* Zeroed is empty. Large: on the heap. */
typedef struct OskTally {
    uint64_t count[OSK_TALLY_CELLS];
    uint64_t sum[OSK_TALLY_CELLS][3];
} OskTally;

/* Counts a colour; alpha is not looked at. */
void osk_tally_add(OskTally *tally, uint32_t color);
/* Adds opaque colours until the set has `most`, or all that are worth it: the boxes that hold what
 * was counted are cut in two where that takes away most of the error. The same counts always give
 * the same colours.
 * Source: the cut at the mean across the widest variance is that of Wan, Wong and Prusinkiewicz,
 * "An algorithm for multidimensional data clustering", ACM TOMS 14 (1988). */
void osk_tally_cut(const OskTally *tally, unsigned most, OskColors *set);

#endif
