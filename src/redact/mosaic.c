/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/mosaic.h"

#include "redact/noise.h"

/* Fewer look like a flag, more like a screen door. */
#define TILES_ACROSS 9u

static uint32_t count_tiles(uint32_t len, uint32_t side)
{
    uint32_t count = (uint32_t)(((uint64_t)len + side / 2) / side);
    return count > 0 ? count : 1;
}

OskTiles osk_mosaic_tiles(const OskGroup *group, uint32_t least)
{
    uint32_t side = (osk_group_thickness(group) + TILES_ACROSS / 2) / TILES_ACROSS;
    side = side < least ? least : side;
    return (OskTiles){ .across = count_tiles(group->right - group->left, side),
                       .down = count_tiles(group->bottom - group->top, side) };
}

/* A tile in the window's coordinates. */
typedef struct Tile {
    uint32_t left;
    uint32_t top;
    uint32_t right;
    uint32_t bottom;
} Tile;

static uint32_t edge(uint32_t len, uint32_t index, uint32_t count)
{
    return (uint32_t)((uint64_t)len * index / count);
}

static bool mean_of(const OskLevel *level, const Tile *tile, int32_t *out_mean)
{
    int64_t sum = 0;
    int64_t count = 0;
    for (uint32_t y = tile->top; y < tile->bottom; y++) {
        for (uint32_t x = tile->left; x < tile->right; x++) {
            size_t at = (size_t)y * level->columns + x;
            if (level->kinds[at] == OSK_CELL_INSIDE) {
                sum += level->values[at];
                count++;
            }
        }
    }
    if (count == 0) {
        return false;
    }
    *out_mean = (int32_t)(sum / count);
    return true;
}

static void paint_tile(OskLevel *level, const Tile *tile, const uint8_t *chosen, int32_t value)
{
    for (uint32_t y = tile->top; y < tile->bottom; y++) {
        for (uint32_t x = tile->left; x < tile->right; x++) {
            size_t at = (size_t)y * level->columns + x;
            if (level->kinds[at] == OSK_CELL_INSIDE && chosen[at] != 0) {
                level->values[at] = value;
            }
        }
    }
}

void osk_mosaic_render(OskHarmonic *window, const OskGroup *group, OskTiles tiles,
                       const uint8_t *chosen, const OskBumps *bumps)
{
    OskLevel *level = &window->levels[0];
    uint32_t left = group->left - window->left;
    uint32_t top = group->top - window->top;
    for (uint32_t v = 0; v < tiles.down; v++) {
        for (uint32_t u = 0; u < tiles.across; u++) {
            Tile tile = { .left = left + edge(group->right - group->left, u, tiles.across),
                          .top = top + edge(group->bottom - group->top, v, tiles.down),
                          .right = left + edge(group->right - group->left, u + 1, tiles.across),
                          .bottom = top + edge(group->bottom - group->top, v + 1, tiles.down) };
            int32_t value = 0;
            if (!mean_of(level, &tile, &value)) {
                continue;
            }
            for (unsigned i = 0; i < 2; i++) {
                int64_t noise = osk_noise_at(bumps->noise, bumps->stream[i], u, v);
                value += (int32_t)(noise * bumps->height[i] / OSK_NOISE_ONE);
            }
            paint_tile(level, &tile, chosen, value);
        }
    }
}
