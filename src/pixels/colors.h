/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A set of up to 256 colours, in the order in which they came. */
#ifndef OSK_PIXELS_COLORS_H
#define OSK_PIXELS_COLORS_H

#include <stdbool.h>
#include <stdint.h>

#define OSK_COLORS_MAX 256u
#define OSK_COLORS_SLOTS 1024u

/* Zeroed is empty. Colours are four bytes, red first, read as one number of the machine. */
typedef struct OskColors {
    uint32_t color[OSK_COLORS_MAX];
    unsigned count;
    uint16_t slot[OSK_COLORS_SLOTS]; /* 1 + the index */
} OskColors;

/* The index of a colour, or -1. */
int osk_colors_find(const OskColors *set, uint32_t color);
/* The same; a new one is added while there are fewer than `most`, else -1. */
int osk_colors_add(OskColors *set, uint32_t color, unsigned most);
/* The index of the colour with the least distance, or -1 in an empty set. Of equal ones, the
 * least as bytes, so that the order in the set doesn't matter. */
int osk_colors_nearest(const OskColors *set, uint32_t color);
/* In the order of their bytes. */
void osk_colors_sort(OskColors *set);

#endif
