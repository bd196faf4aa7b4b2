/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guard of folding: no distance of hashes and no number of agreeing features says that two
 * pictures show the same, a foreign patch is found only by looking at every place. One is laid over
 * the other, and blocks that differ are put together where they touch. */
#include "fingerprint/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fingerprint/overlay.h"
#include "fingerprint/paper.h"

#define SIDE OSK_OVERLAY_SIDE
#define GRID_MAX 32u
/* Pixels a side without which a block's ups and downs are chance: narrow pictures have fewer. */
#define BLOCK_LEAST 3u
/* Pixels that one sample is a mean over: codecs disagree about single ones, and where they lie
 * between two of the other's. What is written on paper is finer. */
#define REACH 2.0F
#define REACH_PAPER 1.5F
/* How often a map is moved by a little, and unexplained blocks of 16 x 16 with which it is not
 * worth it. */
#define NUDGES 4u
#define NUDGED_MOST 96u
/* Where half of the query is a sheet, all of it is looked at as finely. */
#define SHEET_TILES (OSK_PAPER_TILES * OSK_PAPER_TILES / 2)
/* How much darker a black border may make the second line beside it. */
#define DIMMED 0.35
/* Pixels of a piece of an edge that say little, and how many times further it may be off then. */
#define PIECE_FEW 6u
#define FEWER 2.0

/* ---- blocks ---- */

typedef struct Grid {
    const OskLikenessRules *rules;
    float residual; /* steps that a block may be off */
    OskSums sums[GRID_MAX][GRID_MAX];
    double all[GRID_MAX][GRID_MAX]; /* pixels, covered or not */
    bool is_open[GRID_MAX][GRID_MAX];
    unsigned rows;
    unsigned columns;
} Grid;

static bool is_explained(const OskSums *sums, double all, const Grid *grid)
{
    const OskLikenessRules *rules = grid->rules;
    if (sums->n * 2 < all) {
        return false;
    }
    double miss = (sums->qq - 2 * sums->qo + sums->oo) / sums->n;
    double mean = (sums->q - sums->o) / sums->n;
    double shift = mean < 0 ? -mean : mean;
    double q_spread = sums->n * sums->qq - sums->q * sums->q;
    double o_spread = sums->n * sums->oo - sums->o * sums->o;
    double plain = sums->n * sums->n * rules->plain * rules->plain;
    bool is_off_by_little = miss <= grid->residual * grid->residual;
    /* Where the query shows nothing there is nothing to explain: a sky, or what is all white. */
    if (q_spread <= plain &&
        (is_off_by_little || (o_spread <= plain && shift <= rules->plain_shift))) {
        return true;
    }
    double both = sums->n * sums->qo - sums->q * sums->o;
    float wanted = is_off_by_little ? rules->correlation_near : rules->correlation;
    return (is_off_by_little || shift <= rules->shift) && both > 0 &&
           both * both >= wanted * wanted * q_spread * o_spread;
}

/* Blocks along a side, each of at least so many pixels. */
static unsigned blocks_of(uint32_t len, unsigned most, unsigned least)
{
    unsigned blocks = len / least;
    return blocks > most ? most : blocks > 0 ? blocks : 1;
}

static void fill_grid(Grid *grid, const OskOverlay *over, unsigned most, unsigned least)
{
    memset(grid->sums, 0, sizeof grid->sums);
    memset(grid->all, 0, sizeof grid->all);
    memset(grid->is_open, 0, sizeof grid->is_open);
    grid->rows = blocks_of(over->area.height, most, least);
    grid->columns = blocks_of(over->area.width, most, least);
    for (uint32_t v = 0; v < over->area.height; v++) {
        for (uint32_t u = 0; u < over->area.width; u++) {
            size_t at = (size_t)v * SIDE + u;
            unsigned row = v * grid->rows / over->area.height;
            unsigned column = u * grid->columns / over->area.width;
            grid->all[row][column]++;
            if (over->is_covered[at]) {
                osk_sums_add(&grid->sums[row][column], over->query[at], over->other[at]);
            }
        }
    }
    for (unsigned row = 0; row < grid->rows; row++) {
        for (unsigned column = 0; column < grid->columns; column++) {
            double all = grid->all[row][column];
            grid->is_open[row][column] =
                all > 0 && !is_explained(&grid->sums[row][column], all, grid);
        }
    }
}

/* Closes the blocks that touch this one, also at corners, and widens `box`: left, top, right,
 * bottom. */
static unsigned close_from(Grid *grid, unsigned row, unsigned column, unsigned box[4])
{
    uint16_t waiting[GRID_MAX * GRID_MAX];
    unsigned count = 0;
    unsigned size = 0;
    waiting[count++] = (uint16_t)(row * GRID_MAX + column);
    grid->is_open[row][column] = false;
    while (count > 0) {
        unsigned y = waiting[--count] / GRID_MAX;
        unsigned x = waiting[count] % GRID_MAX;
        size++;
        box[0] = x < box[0] ? x : box[0];
        box[1] = y < box[1] ? y : box[1];
        box[2] = x + 1 > box[2] ? x + 1 : box[2];
        box[3] = y + 1 > box[3] ? y + 1 : box[3];
        for (unsigned v = y > 0 ? y - 1 : 0; v <= y + 1 && v < grid->rows; v++) {
            for (unsigned u = x > 0 ? x - 1 : 0; u <= x + 1 && u < grid->columns; u++) {
                if (grid->is_open[v][u]) {
                    grid->is_open[v][u] = false;
                    waiting[count++] = (uint16_t)(v * GRID_MAX + u);
                }
            }
        }
    }
    return size;
}

/* Blocks of the largest unexplained area; `box` is where it lies, in blocks.
 * @param out_all blocks of all such areas. */
static unsigned largest(Grid *grid, unsigned box[4], unsigned *out_all)
{
    unsigned most = 0;
    *out_all = 0;
    memset(box, 0, 4 * sizeof *box);
    for (unsigned row = 0; row < grid->rows; row++) {
        for (unsigned column = 0; column < grid->columns; column++) {
            if (grid->is_open[row][column]) {
                unsigned here[4] = { column, row, column + 1, row + 1 };
                unsigned size = close_from(grid, row, column, here);
                *out_all += size;
                if (size > most) {
                    most = size;
                    memcpy(box, here, sizeof here);
                }
            }
        }
    }
    return most;
}

/* As many blocks of `most` x `most` as cover as much, where there are fewer and larger ones. */
static unsigned as_blocks_of(const Grid *grid, unsigned blocks, unsigned most)
{
    unsigned all = grid->rows * grid->columns;
    return (blocks * most * most + all / 2) / all;
}

/* Blocks of a sheet of paper that are written otherwise. */
static unsigned written_of(const Grid *grid, const OskPaper *paper)
{
    unsigned written = 0;
    for (unsigned row = 0; row < grid->rows; row++) {
        for (unsigned column = 0; column < grid->columns; column++) {
            float ink = paper->ink[row * OSK_PAPER_TILES / grid->rows]
                                  [column * OSK_PAPER_TILES / grid->columns];
            written += osk_paper_differs(&grid->sums[row][column], ink, grid->rules);
        }
    }
    return as_blocks_of(grid, written, GRID_MAX);
}

static bool is_same_piece(const OskEdge *edge, unsigned piece, const OskLikenessRules *rules)
{
    const OskSums *sums = &edge->pieces[piece];
    if (sums->n * 2 < edge->all[piece]) {
        return false;
    }
    double query = sums->n > 0 ? sums->q / sums->n : 0;
    double other = sums->n > 0 ? sums->o / sums->n : 0;
    double least = edge->is_dimmed ? other * (1 - DIMMED) : other;
    /* A few pixels say less. */
    double most = edge->all[piece] < PIECE_FEW ? rules->shift * FEWER : rules->shift;
    return query >= least - most && query <= other + most;
}

/* The most pieces beside each other of one edge that are others: each is as long as a block of 16 x
 * 16, and counts as one. */
static unsigned edge_of(const OskOverlay *over, const OskLikenessRules *rules)
{
    unsigned most = 0;
    for (unsigned side = 0; side < 4; side++) {
        unsigned here = 0;
        for (unsigned piece = 0; piece < OSK_OVERLAY_PIECES; piece++) {
            here = is_same_piece(&over->edges[side], piece, rules) ? 0 : here + 1;
            most = here > most ? here : most;
        }
    }
    return most;
}

/* Blocks of the area without borders, as thousandths of the whole frame. */
static void place_box(unsigned out[4], const unsigned box[4], const OskPackFrame *query,
                      const OskTrim *area, const Grid *grid)
{
    unsigned width = query->luma_width;
    unsigned height = query->luma_height;
    unsigned edges[4];
    for (unsigned i = 0; i < 4; i++) {
        bool across = i % 2 == 0;
        unsigned first = across ? area->left : area->top;
        unsigned len = across ? area->width : area->height;
        unsigned blocks = across ? grid->columns : grid->rows;
        edges[i] = (first * blocks + box[i] * len) * 1000 / (blocks * (across ? width : height));
    }
    out[0] = edges[0];
    out[1] = edges[1];
    out[2] = edges[2] - edges[0];
    out[3] = edges[3] - edges[1];
}

/* What is compared with nothing is not covered. */
static unsigned covered_of(const OskOverlay *over)
{
    unsigned all = over->area.width * over->area.height + over->left_out;
    unsigned covered = 0;
    for (uint32_t v = 0; v < over->area.height; v++) {
        for (uint32_t u = 0; u < over->area.width; u++) {
            covered += over->is_covered[(size_t)v * SIDE + u];
        }
    }
    for (unsigned at = 0; at < 4 * OSK_OVERLAY_PIECES; at++) {
        const OskEdge *edge = &over->edges[at / OSK_OVERLAY_PIECES];
        all += edge->all[at % OSK_OVERLAY_PIECES];
        covered += (unsigned)edge->pieces[at % OSK_OVERLAY_PIECES].n;
    }
    return covered * 1000 / all;
}

static float scale_of(const OskMap *map)
{
    float area = map->xx * map->yy - map->xy * map->yx;
    return (float)sqrt((double)(area < 0 ? -area : area));
}

/* @param frames the query's and the other's. */
static void look(OskExplained *out, OskOverlay *over, const OskPackFrame *const frames[2],
                 const OskMap *map, Grid *grid)
{
    unsigned box[4];
    unsigned spread;
    OskPaper paper;
    osk_overlay_lay(over, frames[0], frames[1], map, REACH);
    osk_paper_find(&paper, over);
    bool is_sheet = paper.tiles >= SHEET_TILES;
    if (is_sheet) {
        osk_overlay_lay(over, frames[0], frames[1], map, REACH_PAPER);
    }
    out->covered_permille = covered_of(over);
    out->scale = scale_of(map);
    out->map = *map;
    grid->residual = over->contrast * grid->rules->contrast;
    grid->residual =
        grid->residual < grid->rules->residual ? grid->residual : grid->rules->residual;
    fill_grid(grid, over, GRID_MAX / 2, 1);
    out->component_16 = as_blocks_of(grid, largest(grid, box, &spread), GRID_MAX / 2);
    out->spread_16 = as_blocks_of(grid, spread, GRID_MAX / 2);
    unsigned edge = edge_of(over, grid->rules);
    out->component_16 = edge > out->component_16 ? edge : out->component_16;
    fill_grid(grid, over, GRID_MAX, is_sheet ? 1 : BLOCK_LEAST);
    out->component_32 = as_blocks_of(grid, largest(grid, box, &spread), GRID_MAX);
    out->spread_32 = as_blocks_of(grid, spread, GRID_MAX);
    place_box(out->box, box, frames[0], &over->area, grid);
    out->written_32 = 0;
    if (paper.tiles > 0) {
        if (!is_sheet) {
            osk_overlay_lay(over, frames[0], frames[1], map, REACH_PAPER);
        }
        fill_grid(grid, over, GRID_MAX, 1);
        out->written_32 = written_of(grid, &paper);
    }
}

bool osk_explained_better(const OskExplained *one, const OskExplained *than)
{
    unsigned left = one->component_16 * 4 + one->component_32 + one->spread_32 + one->written_32;
    unsigned right =
        than->component_16 * 4 + than->component_32 + than->spread_32 + than->written_32;
    return left != right ? left < right : one->covered_permille > than->covered_permille;
}

OskStatus osk_explain(OskExplained *out, const OskPackFrame *query, const OskPackFrame *other,
                      const OskMap *map, const OskLikenessRules *rules)
{
    OskOverlay *over = calloc(1, sizeof *over);
    Grid *grid = calloc(1, sizeof *grid);
    if (over == NULL || grid == NULL) {
        free(over);
        free(grid);
        return OSK_NO_MEMORY;
    }
    const OskPackFrame *const frames[2] = { query, other };
    OskMap nudged = *map;
    grid->rules = rules;
    look(out, over, frames, map, grid);
    /* What is nearly explained may only lie a little aside. */
    for (unsigned i = 0; i < NUDGES && out->component_16 < NUDGED_MOST; i++) {
        OskExplained here;
        if (out->component_32 <= rules->component_32 && out->spread_32 <= rules->spread_32 &&
            out->written_32 <= rules->written_32) {
            break;
        }
        if (!osk_overlay_nudge(over, query, &nudged)) {
            break;
        }
        look(&here, over, frames, &nudged, grid);
        *out = osk_explained_better(&here, out) ? here : *out;
    }
    free(over);
    free(grid);
    return OSK_OK;
}
