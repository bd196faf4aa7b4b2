/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One printed form is like the next in all but a few signs of the pen, each smaller than what a
 * codec harms in a photograph. On paper there is less to harm: nothing but ink goes up and down
 * there. */
#include "fingerprint/paper.h"

#include <string.h>

#define TILES OSK_PAPER_TILES
/* Share of a tile's pixels that is darker than its paper. */
#define INK 0.9
/* Shares of the lightest tiles' light (all but a twentieth are darker): two neighbours lie so far
 * apart at most on one sheet, or by so much where it gets as much darker with each tile, to one
 * side; and so many steps, which is all on what is light on dark: screens are even. */
#define EVEN 0.02F
#define SLOPE 0.15F
#define EVEN_STEPS 2.0F
/* Nothing that is darker is a sheet, and no fewer tiles. */
#define LIGHT_LEAST 24.0F
#define TILES_LEAST 16u
/* What is crumpled fills the picture: half of it is so bright at least, and in so many of a hundred
 * neighbouring tiles as bright as beside it. */
#define BRIGHT 0.4F
#define CRUMPLED 0.042F
#define CRUMPLED_PERCENT 65u
/* Light of white paper, and what noise leaves of a block's. */
#define WHITE 240.0F
#define INK_LEAST 0.4F
/* Pixels that say something about a block. */
#define PIXELS_LEAST 4

/* Tiles' lights, of the picture or of its negative. */
typedef struct Lights {
    float at[TILES][TILES];
    bool is_taken[TILES][TILES];
    float most; /* of all but the lightest */
    float even; /* steps */
} Lights;

static float light_of(const OskOverlay *over, unsigned row, unsigned column, bool is_negative)
{
    unsigned counts[256] = { 0 };
    unsigned all = 0;
    uint32_t bottom = (row + 1) * over->area.height / TILES;
    uint32_t right = (column + 1) * over->area.width / TILES;
    for (uint32_t v = row * over->area.height / TILES; v < bottom; v++) {
        for (uint32_t u = column * over->area.width / TILES; u < right; u++) {
            float value = over->query[(size_t)v * OSK_OVERLAY_SIDE + u];
            value = is_negative ? 255 - value : value;
            counts[value <= 0 ? 0 : value >= 255 ? 255 : (unsigned)value]++;
            all++;
        }
    }
    unsigned light = 0;
    for (unsigned below = counts[0]; light < 255 && below < all * INK; below += counts[light]) {
        light++;
    }
    return (float)light;
}

static void find_lights(Lights *lights, const OskOverlay *over, bool is_negative)
{
    memset(lights, 0, sizeof *lights);
    unsigned counts[256] = { 0 };
    for (unsigned row = 0; row < TILES; row++) {
        for (unsigned column = 0; column < TILES; column++) {
            float light = light_of(over, row, column, is_negative);
            lights->at[row][column] = light;
            counts[(unsigned)light]++;
        }
    }
    unsigned most = 255;
    for (unsigned above = counts[255]; most > 0 && above <= TILES * TILES / 20;
         above += counts[most]) {
        most--;
    }
    lights->most = (float)most;
    lights->even =
        is_negative || lights->most * EVEN < EVEN_STEPS ? EVEN_STEPS : lights->most * EVEN;
}

static bool is_near(float one, float two, float most)
{
    return one - two <= most && two - one <= most;
}

/* Whether from one tile to the next the light changes by `step`; true beyond the edge. */
static bool changes_by(const Lights *lights, const int from[2], const int to[2], float step)
{
    for (unsigned i = 0; i < 2; i++) {
        if (from[i] < 0 || to[i] < 0 || from[i] >= (int)TILES || to[i] >= (int)TILES) {
            return true;
        }
    }
    return is_near(lights->at[to[0]][to[1]] - lights->at[from[0]][from[1]], step, lights->even);
}

/* Whether the light goes on from a tile to the next one, `down` and `right` of it: as it is, or as
 * it went up to there and goes on behind. */
static bool goes_on(const Lights *lights, const int at[2], int down, int right)
{
    const int to[2] = { at[0] + down, at[1] + right };
    const int before[2] = { at[0] - down, at[1] - right };
    const int behind[2] = { to[0] + down, to[1] + right };
    float here = lights->at[at[0]][at[1]];
    float there = lights->at[to[0]][to[1]];
    return is_near(here, there, lights->even) || (is_near(here, there, lights->most * SLOPE) &&
                                                  changes_by(lights, before, at, there - here) &&
                                                  changes_by(lights, to, behind, there - here));
}

/* Tiles that the light goes on to from this one, and from those. @return how many. */
static unsigned take_from(Lights *lights, unsigned row, unsigned column,
                          uint8_t taken[TILES * TILES])
{
    static const int ways[4][2] = { { 0, 1 }, { 1, 0 }, { 0, -1 }, { -1, 0 } };
    unsigned count = 0;
    taken[count++] = (uint8_t)(row * TILES + column);
    lights->is_taken[row][column] = true;
    for (unsigned i = 0; i < count; i++) {
        const int at[2] = { taken[i] / (int)TILES, taken[i] % (int)TILES };
        for (unsigned way = 0; way < 4; way++) {
            int y = at[0] + ways[way][0];
            int x = at[1] + ways[way][1];
            if (y >= 0 && x >= 0 && y < (int)TILES && x < (int)TILES && !lights->is_taken[y][x] &&
                lights->at[y][x] >= LIGHT_LEAST &&
                goes_on(lights, at, ways[way][0], ways[way][1])) {
                lights->is_taken[y][x] = true;
                taken[count++] = (uint8_t)(y * (int)TILES + x);
            }
        }
    }
    return count;
}

static void add_tile(OskPaper *paper, const Lights *lights, unsigned row, unsigned column)
{
    float *ink = &paper->ink[row][column];
    float light = lights->at[row][column] / WHITE;
    light = light < INK_LEAST ? INK_LEAST : light > 1 ? 1 : light;
    paper->tiles += *ink == 0;
    *ink = *ink == 0 || light < *ink ? light : *ink;
}

static void add_sheets(OskPaper *paper, Lights *lights)
{
    for (unsigned at = 0; at < TILES * TILES; at++) {
        uint8_t taken[TILES * TILES];
        if (lights->is_taken[at / TILES][at % TILES] ||
            lights->at[at / TILES][at % TILES] < LIGHT_LEAST) {
            continue;
        }
        unsigned count = take_from(lights, at / TILES, at % TILES, taken);
        for (unsigned i = 0; count >= TILES_LEAST && i < count; i++) {
            add_tile(paper, lights, taken[i] / TILES, taken[i] % TILES);
        }
    }
}

static void add_crumpled(OskPaper *paper, const Lights *lights)
{
    unsigned bright = 0;
    unsigned even = 0;
    float most = lights->most * CRUMPLED;
    for (unsigned row = 0; row < TILES; row++) {
        for (unsigned column = 0; column < TILES; column++) {
            float light = lights->at[row][column];
            bright += light >= lights->most * BRIGHT && light >= LIGHT_LEAST;
            even += row > 0 && is_near(light, lights->at[row - 1][column], most);
            even += column > 0 && is_near(light, lights->at[row][column - 1], most);
        }
    }
    bool is_one =
        bright * 2 >= TILES * TILES && even * 100 >= 2 * TILES * (TILES - 1) * CRUMPLED_PERCENT;
    for (unsigned at = 0; is_one && at < TILES * TILES; at++) {
        add_tile(paper, lights, at / TILES, at % TILES);
    }
}

/* Tiles beside a sheet are some of it: rules and what is printed darken them. */
static void widen(OskPaper *paper)
{
    OskPaper found = *paper;
    for (int at = 0; at < (int)(TILES * TILES); at++) {
        float *ink = &paper->ink[at / (int)TILES][at % (int)TILES];
        for (int to = 0; to < (int)(TILES * TILES) && *ink == 0; to++) {
            int down = to / (int)TILES - at / (int)TILES;
            int right = to % (int)TILES - at % (int)TILES;
            bool is_beside = down >= -1 && down <= 1 && right >= -1 && right <= 1;
            *ink = is_beside ? found.ink[to / (int)TILES][to % (int)TILES] : 0;
        }
        paper->tiles += *ink > 0 && found.ink[at / (int)TILES][at % (int)TILES] == 0;
    }
}

void osk_paper_find(OskPaper *out, const OskOverlay *over)
{
    memset(out, 0, sizeof *out);
    if (over->area.width < TILES || over->area.height < TILES) {
        return;
    }
    for (unsigned negative = 0; negative < 2; negative++) {
        Lights lights;
        find_lights(&lights, over, negative > 0);
        add_sheets(out, &lights);
        if (negative == 0) {
            add_crumpled(out, &lights);
        }
    }
    widen(out);
}

bool osk_paper_differs(const OskSums *block, float ink, const OskLikenessRules *rules)
{
    double q_spread = block->n * block->qq - block->q * block->q;
    double o_spread = block->n * block->oo - block->o * block->o;
    double both = block->n * block->qo - block->q * block->o;
    double least = block->n * rules->written * ink;
    double wanted = rules->written_correlation * rules->written_correlation;
    bool is_alike = both > 0 && both * both >= wanted * q_spread * o_spread;
    return ink > 0 && block->n >= PIXELS_LEAST && q_spread - 2 * both + o_spread > least * least &&
           !is_alike;
}
