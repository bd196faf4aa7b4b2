/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/colors.h"

#include <stdlib.h>
#include <string.h>

static unsigned slot_of(const OskColors *set, uint32_t color)
{
    unsigned at = (color * UINT32_C(2654435761)) >> 22;
    while (set->slot[at] != 0 && set->color[set->slot[at] - 1] != color) {
        at = (at + 1) % OSK_COLORS_SLOTS;
    }
    return at;
}

int osk_colors_find(const OskColors *set, uint32_t color)
{
    return (int)set->slot[slot_of(set, color)] - 1;
}

int osk_colors_add(OskColors *set, uint32_t color, unsigned most)
{
    unsigned at = slot_of(set, color);
    if (set->slot[at] == 0) {
        if (set->count >= most || set->count >= OSK_COLORS_MAX) {
            return -1;
        }
        set->color[set->count++] = color;
        set->slot[at] = (uint16_t)set->count;
    }
    return (int)set->slot[at] - 1;
}

static uint32_t distance(uint32_t a, uint32_t b)
{
    uint8_t p[4];
    uint8_t q[4];
    uint32_t sum = 0;
    memcpy(p, &a, 4);
    memcpy(q, &b, 4);
    for (unsigned i = 0; i < 4; i++) {
        int32_t d = (int32_t)p[i] - q[i];
        sum += (uint32_t)(d * d);
    }
    return sum;
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, 4);
}

int osk_colors_nearest(const OskColors *set, uint32_t color)
{
    int best = -1;
    uint32_t least = UINT32_MAX;
    for (unsigned i = 0; i < set->count; i++) {
        uint32_t far = distance(set->color[i], color);
        if (far < least ||
            (best >= 0 && far == least && compare(&set->color[i], &set->color[best]) < 0)) {
            least = far;
            best = (int)i;
        }
    }
    return best;
}

void osk_colors_sort(OskColors *set)
{
    qsort(set->color, set->count, sizeof set->color[0], compare);
    memset(set->slot, 0, sizeof set->slot);
    for (unsigned i = 0; i < set->count; i++) {
        set->slot[slot_of(set, set->color[i])] = (uint16_t)(i + 1);
    }
}
