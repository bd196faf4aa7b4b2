/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One printed form is like the next in all but a few signs of the pen, each smaller than what a
 * codec harms in a photograph. On paper there is less to harm: nothing but ink goes up and down
 * there. */
#include "fingerprint/paper.h"

/* Tiles in a row, and what share of a tile's pixels is darker than its paper. */
#define TILES 8u
#define INK 0.9
/* Paper is as bright as this at least, and in so many of a hundred neighbouring tiles as bright as
 * beside it, but for so many steps. */
#define BRIGHT 100u
#define EVEN_PERCENT 65u
#define EVEN_STEPS 10u
/* Pixels that say something about a block. */
#define PIXELS_LEAST 4

static unsigned light_of(const OskOverlay *over, unsigned row, unsigned column)
{
    unsigned counts[256] = { 0 };
    unsigned all = 0;
    uint32_t bottom = (row + 1) * over->area.height / TILES;
    uint32_t right = (column + 1) * over->area.width / TILES;
    for (uint32_t v = row * over->area.height / TILES; v < bottom; v++) {
        for (uint32_t u = column * over->area.width / TILES; u < right; u++) {
            float value = over->query[(size_t)v * OSK_OVERLAY_SIDE + u];
            counts[value <= 0 ? 0 : value >= 255 ? 255 : (unsigned)value]++;
            all++;
        }
    }
    unsigned light = 0;
    for (unsigned below = counts[0]; light < 255 && below < all * INK; below += counts[light]) {
        light++;
    }
    return light;
}

static bool is_even(unsigned one, unsigned two)
{
    return one <= two + EVEN_STEPS && two <= one + EVEN_STEPS;
}

bool osk_paper_is(const OskOverlay *over)
{
    unsigned lights[TILES][TILES];
    unsigned bright = 0;
    unsigned even = 0;
    if (over->area.width < TILES || over->area.height < TILES) {
        return false;
    }
    for (unsigned row = 0; row < TILES; row++) {
        for (unsigned column = 0; column < TILES; column++) {
            unsigned light = light_of(over, row, column);
            lights[row][column] = light;
            bright += light >= BRIGHT;
            even += row > 0 && is_even(light, lights[row - 1][column]);
            even += column > 0 && is_even(light, lights[row][column - 1]);
        }
    }
    return bright * 2 >= TILES * TILES && even * 100 >= 2 * TILES * (TILES - 1) * EVEN_PERCENT;
}

bool osk_paper_differs(const OskSums *block, const OskLikenessRules *rules)
{
    double q_spread = block->n * block->qq - block->q * block->q;
    double o_spread = block->n * block->oo - block->o * block->o;
    double both = block->n * block->qo - block->q * block->o;
    double most = block->n * block->n * rules->written * rules->written;
    double wanted = rules->written_correlation * rules->written_correlation;
    bool is_alike = both > 0 && both * both >= wanted * q_spread * o_spread;
    return block->n >= PIXELS_LEAST && q_spread - 2 * both + o_spread > most && !is_alike;
}
