/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/synth.h"

#include "redact/veil.h"

/* Values that leave room for the sums of harmonic.c in 32 bits. */
#define VALUE_LIMIT (1 << 21)

static void load_surroundings(OskVeil *veil, const OskPlane *plane)
{
    const OskLevel *level = &veil->window.levels[0];
    for (uint32_t y = 0; y < level->rows; y++) {
        const int32_t *values =
            plane->values + (size_t)(veil->window.top + y) * plane->columns + veil->window.left;
        for (uint32_t x = 0; x < level->columns; x++) {
            size_t at = (size_t)y * level->columns + x;
            if (osk_veil_wants(veil, at)) {
                int32_t value = values[x] < plane->low ? plane->low : values[x];
                osk_veil_set(veil, at, value > plane->high ? plane->high : value);
            }
        }
    }
}

static void store_cells(const OskVeil *veil, OskPlane *plane, const OskCoverMap *map,
                        const uint8_t *styles)
{
    const OskLevel *level = &veil->window.levels[0];
    for (uint32_t y = 0; y < level->rows; y++) {
        size_t row = (size_t)(veil->window.top + y) * plane->columns + veil->window.left;
        for (uint32_t x = 0; x < level->columns; x++) {
            size_t at = (size_t)y * level->columns + x;
            if (osk_veil_inside(veil, at) && styles[map->cells[row + x]] != OSK_REGION_FILL) {
                plane->values[row + x] = osk_veil_get(veil, at);
            }
        }
    }
}

OskStatus osk_synth_plane(OskPlane *plane, const OskCoverMap *map, const OskRegions *regions,
                          const OskNoise *noise, OskBudget *budget)
{
    if (plane->columns != map->columns || plane->rows != map->rows || plane->low > plane->high ||
        plane->low < -VALUE_LIMIT || plane->high >= VALUE_LIMIT) {
        return OSK_MISUSE;
    }
    OskTone tone = { .low = plane->low,
                     .high = plane->high,
                     .channel = plane->channel,
                     .difference = plane->difference };
    OskGroups groups;
    OskStatus status = osk_groups_make(&groups, map, regions, budget);
    for (uint32_t i = 1; status == OSK_OK && i <= groups.count; i++) {
        if (!groups.items[i].synthetic) {
            continue;
        }
        if (noise == NULL) {
            status = OSK_MISUSE;
            break;
        }
        OskVeil veil;
        status = osk_veil_make(&veil, map, &groups, &groups.items[i], budget);
        if (status == OSK_OK) {
            osk_veil_prepare(&veil);
            load_surroundings(&veil, plane);
            osk_veil_render(&veil, &tone, noise);
            store_cells(&veil, plane, map, groups.styles);
        }
        osk_veil_free(&veil);
    }
    osk_groups_free(&groups);
    return status;
}
