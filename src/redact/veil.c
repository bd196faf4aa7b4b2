/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/veil.h"

/* What a noise is for; streams of different uses are independent. */
enum { USE_BUMPS = 0, USE_TILES = 8 };
/* The channel of the noise that all channels share. */
#define SHARED 0xFFu
/* The smallest tile of a mosaic of pixels: smaller ones look like a broken picture. */
#define LEAST_TILE 3u

OskStatus osk_veil_make(OskVeil *veil, const OskCoverMap *map, const OskGroups *groups,
                        const OskGroup *group, OskBudget *budget)
{
    *veil = (OskVeil){ .group = group };
    OskStatus status = osk_harmonic_make(&veil->window, map, group, budget);
    if (status != OSK_OK || !group->mosaic) {
        return status;
    }
    veil->tiles = osk_mosaic_tiles(group, map->cell_width > 1 ? 1 : LEAST_TILE);
    const OskLevel *level = &veil->window.levels[0];
    veil->mosaic = osk_arena_array(&veil->window.arena, level->columns, level->rows);
    if (veil->mosaic == NULL) {
        return OSK_LIMIT;
    }
    for (uint32_t y = 0; y < level->rows; y++) {
        const uint16_t *cells =
            map->cells + (size_t)(veil->window.top + y) * map->columns + veil->window.left;
        for (uint32_t x = 0; x < level->columns; x++) {
            veil->mosaic[(size_t)y * level->columns + x] =
                groups->styles[cells[x]] == OSK_REGION_MOSAIC;
        }
    }
    return OSK_OK;
}

void osk_veil_free(OskVeil *veil)
{
    osk_harmonic_free(&veil->window);
    *veil = (OskVeil){ 0 };
}

void osk_veil_prepare(OskVeil *veil)
{
    veil->ringed = osk_harmonic_prepare(&veil->window);
}

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static void choose_streams(OskBumps *bumps, const OskVeil *veil, const OskTone *tone, unsigned use)
{
    uint64_t region = (uint64_t)veil->group->region << 16;
    bumps->stream[0] = region | SHARED << 8 | use;
    bumps->stream[1] = region | (tone->channel & 0x7F) << 8 | use;
}

/* Heights follow the surroundings: a plain wall gets a breath, a crowd gets patches of its own
 * contrast. Tints are weak, as they are in nature. */
static void choose_heights(OskBumps *bumps, const OskTone *tone, int32_t base, int32_t contrast)
{
    int32_t range = (tone->high - tone->low) * (1 << OSK_HARMONIC_BITS);
    int32_t height = least(base + contrast, range / 4);
    bumps->height[0] = tone->difference ? 0 : height;
    bumps->height[1] = height / (tone->difference ? 10 : 6);
}

static void clamp(OskVeil *veil, const OskTone *tone)
{
    OskLevel *level = &veil->window.levels[0];
    int32_t low = tone->low * (1 << OSK_HARMONIC_BITS);
    int32_t high = tone->high * (1 << OSK_HARMONIC_BITS);
    size_t cells = (size_t)level->columns * level->rows;
    for (size_t i = 0; i < cells; i++) {
        int32_t value = level->values[i];
        level->values[i] = value < low ? low : value > high ? high : value;
    }
}

/* No surroundings: the middle of the range, with nothing on it that could be taken for a trace. */
static void render_grey(OskVeil *veil, const OskTone *tone)
{
    OskLevel *level = &veil->window.levels[0];
    int32_t middle = (tone->low + tone->high + 1) * (1 << OSK_HARMONIC_BITS) / 2;
    size_t cells = (size_t)level->columns * level->rows;
    for (size_t i = 0; i < cells; i++) {
        level->values[i] = middle;
    }
}

void osk_veil_render(OskVeil *veil, const OskTone *tone, const OskNoise *noise)
{
    if (!veil->ringed) {
        render_grey(veil, tone);
        return;
    }
    int32_t range = (tone->high - tone->low) * (1 << OSK_HARMONIC_BITS);
    int32_t contrast = osk_harmonic_contrast(&veil->window);
    OskBumps bumps = { .noise = noise };
    /* The coarsest bumps are about a third of the group wide. */
    uint32_t third = osk_group_thickness(veil->group) / 3;
    while (bumps.level + 1 < veil->window.level_count && third >> (bumps.level + 1) > 0) {
        bumps.level++;
    }
    choose_streams(&bumps, veil, tone, USE_BUMPS);
    choose_heights(&bumps, tone, range / 6, contrast / 2);
    osk_harmonic_solve(&veil->window, &bumps);
    if (veil->mosaic != NULL) {
        choose_streams(&bumps, veil, tone, USE_TILES);
        choose_heights(&bumps, tone, range / 14, contrast / 3);
        osk_mosaic_render(&veil->window, veil->group, veil->tiles, veil->mosaic, &bumps);
    }
    clamp(veil, tone);
}
