/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guard of folding: no distance of hashes and no number of agreeing features says that two
 * pictures show the same, a foreign patch is found only by looking at every place. Both are sampled
 * on the query's pixels as coarsely as the coarser of them is, one gain and offset is taken off,
 * and blocks that differ still are put together where they touch. */
#include "fingerprint/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIDE OSK_PACK_LUMA_SIDE_MAX
#define GRID_MAX 32u
/* Pixels that one sample is a mean over, at least: codecs disagree about single ones. */
#define REACH 1.5F
#define SAMPLES_MAX 5
/* Beyond it two pictures are not one with other light. */
#define GAIN_MIN 0.25
#define GAIN_MAX 4.0

/* What of a luma is looked at: without borders, and without the line beside a border that is half
 * of it. */
typedef struct Inside {
    const OskPackFrame *frame;
    OskTrim area;
} Inside;

/* The query's pixels, and what the other shows there. */
typedef struct Overlay {
    float query[SIDE * SIDE];
    float other[SIDE * SIDE];
    bool is_covered[SIDE * SIDE];
    OskTrim area; /* of the query's luma: what is looked at */
} Overlay;

/* Sums over pixels of both. */
typedef struct Sums {
    double n, q, o, qq, oo, qo;
} Sums;

/* ---- sampling ---- */

static void give_way(uint32_t *first, uint32_t *len, uint32_t all)
{
    uint32_t before = *first > 0;
    uint32_t behind = *first + *len < all;
    if (*len > 2 * (before + behind)) {
        *first += before;
        *len -= before + behind;
    }
}

static Inside inside_of(const OskPackFrame *frame)
{
    Inside inside = { frame, frame->trim };
    give_way(&inside.area.left, &inside.area.width, frame->luma_width);
    give_way(&inside.area.top, &inside.area.height, frame->luma_height);
    return inside;
}

static float within(float value, uint32_t first, uint32_t len)
{
    float least = (float)first;
    float most = (float)(first + len - 1);
    return value < least ? least : value > most ? most : value;
}

static float between(const Inside *inside, float x, float y)
{
    const OskPackFrame *frame = inside->frame;
    const OskTrim *area = &inside->area;
    float left = within(x - 0.5F, area->left, area->width);
    float top = within(y - 0.5F, area->top, area->height);
    uint32_t column = (uint32_t)left;
    uint32_t row = (uint32_t)top;
    uint32_t right = column + 1 < area->left + area->width ? column + 1 : column;
    uint32_t bottom = row + 1 < area->top + area->height ? row + 1 : row;
    float across = left - (float)column;
    float down = top - (float)row;
    const uint8_t *above = frame->luma + (size_t)row * frame->luma_width;
    const uint8_t *below = frame->luma + (size_t)bottom * frame->luma_width;
    float high = (float)above[column] * (1 - across) + (float)above[right] * across;
    float low = (float)below[column] * (1 - across) + (float)below[right] * across;
    return high * (1 - down) + low * down;
}

/* The mean about a place, `reach` pixels wide. */
static float mean_about(const Inside *inside, float x, float y, float reach)
{
    int count = (int)(reach + 0.999F);
    count = count > SAMPLES_MAX ? SAMPLES_MAX : count;
    float step = reach / (float)count;
    float sum = 0;
    for (int v = 0; v < count; v++) {
        for (int u = 0; u < count; u++) {
            float right = ((float)u + 0.5F) * step - reach / 2;
            float down = ((float)v + 0.5F) * step - reach / 2;
            sum += between(inside, x + right, y + down);
        }
    }
    return sum / (float)(count * count);
}

/* Pixels of the feature frame in one of the luma. */
static float frame_scale(const OskPackFrame *frame)
{
    unsigned longest =
        frame->luma_width > frame->luma_height ? frame->luma_width : frame->luma_height;
    return (float)OSK_FEATURE_FRAME / (float)longest;
}

static void lay_over(Overlay *over, const OskPackFrame *query, const OskPackFrame *other,
                     const OskMap *map)
{
    float from = frame_scale(query);
    float to = frame_scale(other);
    /* Pixels of the other's luma in one of the query's. */
    float area = (map->xx * map->yy - map->xy * map->yx) * (from / to) * (from / to);
    float scale = (float)sqrt((double)(area < 0 ? -area : area));
    float query_reach = scale > 0 && scale < 1 ? REACH / scale : REACH;
    float other_reach = scale > 1 ? REACH * scale : REACH;
    Inside from_inside = inside_of(query);
    Inside to_inside = inside_of(other);
    const OskTrim *part = &to_inside.area;
    over->area = from_inside.area;
    for (uint32_t v = 0; v < over->area.height; v++) {
        for (uint32_t u = 0; u < over->area.width; u++) {
            float x = (float)(over->area.left + u) + 0.5F;
            float y = (float)(over->area.top + v) + 0.5F;
            float right = (map->xx * x * from + map->xy * y * from + map->x0) / to;
            float down = (map->yx * x * from + map->yy * y * from + map->y0) / to;
            size_t at = (size_t)v * SIDE + u;
            /* A pixel beyond the edge is what rounding and borders take. */
            over->is_covered[at] = right >= (float)part->left - 1 && down >= (float)part->top - 1 &&
                                   right <= (float)(part->left + part->width) + 1 &&
                                   down <= (float)(part->top + part->height) + 1;
            over->query[at] = mean_about(&from_inside, x, y, query_reach);
            over->other[at] =
                over->is_covered[at] ? mean_about(&to_inside, right, down, other_reach) : 0;
        }
    }
}

/* ---- light ---- */

static void add(Sums *sums, double q, double o)
{
    sums->n++;
    sums->q += q;
    sums->o += o;
    sums->qq += q * q;
    sums->oo += o * o;
    sums->qo += q * o;
}

/* Gain and offset that make the other's light the query's, of the pixels that miss by less than
 * `most` with those that are given. */
static void fit_light(const Overlay *over, float light[2], float most)
{
    Sums sums = { 0 };
    for (uint32_t v = 0; v < over->area.height; v++) {
        for (uint32_t u = 0; u < over->area.width; u++) {
            size_t at = (size_t)v * SIDE + u;
            float miss = over->query[at] - light[0] * over->other[at] - light[1];
            if (over->is_covered[at] && miss < most && miss > -most) {
                add(&sums, over->query[at], over->other[at]);
            }
        }
    }
    double spread = sums.n * sums.oo - sums.o * sums.o;
    if (sums.n >= 16 && spread > sums.n * sums.n) {
        double gain = (sums.n * sums.qo - sums.q * sums.o) / spread;
        if (gain >= GAIN_MIN && gain <= GAIN_MAX) {
            light[0] = (float)gain;
            light[1] = (float)((sums.q - gain * sums.o) / sums.n);
        }
    }
}

static void even_light(Overlay *over)
{
    float light[2] = { 1, 0 };
    fit_light(over, light, 256);
    fit_light(over, light, 40);
    fit_light(over, light, 20);
    for (uint32_t v = 0; v < over->area.height; v++) {
        for (uint32_t u = 0; u < over->area.width; u++) {
            size_t at = (size_t)v * SIDE + u;
            over->other[at] = light[0] * over->other[at] + light[1];
        }
    }
}

/* ---- blocks ---- */

typedef struct Grid {
    Sums sums[GRID_MAX][GRID_MAX];
    double all[GRID_MAX][GRID_MAX]; /* pixels, covered or not */
    bool is_open[GRID_MAX][GRID_MAX];
    unsigned side;
} Grid;

static bool is_explained(const Sums *sums, double all, const OskLikenessRules *rules)
{
    if (sums->n * 2 < all) {
        return false;
    }
    double miss = (sums->qq - 2 * sums->qo + sums->oo) / sums->n;
    if (miss <= rules->residual * rules->residual) {
        return true;
    }
    double mean = (sums->q - sums->o) / sums->n;
    double q_spread = sums->n * sums->qq - sums->q * sums->q;
    double o_spread = sums->n * sums->oo - sums->o * sums->o;
    double both = sums->n * sums->qo - sums->q * sums->o;
    return mean <= rules->shift && mean >= -rules->shift && both > 0 &&
           both * both >= rules->correlation * rules->correlation * q_spread * o_spread;
}

static void fill_grid(Grid *grid, const Overlay *over, const OskLikenessRules *rules)
{
    memset(grid->sums, 0, sizeof grid->sums);
    memset(grid->all, 0, sizeof grid->all);
    memset(grid->is_open, 0, sizeof grid->is_open);
    for (uint32_t v = 0; v < over->area.height; v++) {
        for (uint32_t u = 0; u < over->area.width; u++) {
            size_t at = (size_t)v * SIDE + u;
            unsigned row = v * grid->side / over->area.height;
            unsigned column = u * grid->side / over->area.width;
            grid->all[row][column]++;
            if (over->is_covered[at]) {
                add(&grid->sums[row][column], over->query[at], over->other[at]);
            }
        }
    }
    for (unsigned row = 0; row < grid->side; row++) {
        for (unsigned column = 0; column < grid->side; column++) {
            double all = grid->all[row][column];
            grid->is_open[row][column] =
                all > 0 && !is_explained(&grid->sums[row][column], all, rules);
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
        for (unsigned v = y > 0 ? y - 1 : 0; v <= y + 1 && v < grid->side; v++) {
            for (unsigned u = x > 0 ? x - 1 : 0; u <= x + 1 && u < grid->side; u++) {
                if (grid->is_open[v][u]) {
                    grid->is_open[v][u] = false;
                    waiting[count++] = (uint16_t)(v * GRID_MAX + u);
                }
            }
        }
    }
    return size;
}

/* Blocks of the largest unexplained area; `box` is where it lies, in blocks. */
static unsigned largest(Grid *grid, unsigned box[4])
{
    unsigned most = 0;
    memset(box, 0, 4 * sizeof *box);
    for (unsigned row = 0; row < grid->side; row++) {
        for (unsigned column = 0; column < grid->side; column++) {
            if (grid->is_open[row][column]) {
                unsigned here[4] = { column, row, column + 1, row + 1 };
                unsigned size = close_from(grid, row, column, here);
                if (size > most) {
                    most = size;
                    memcpy(box, here, sizeof here);
                }
            }
        }
    }
    return most;
}

/* Blocks of the area without borders, as thousandths of the whole frame. */
static void place_box(unsigned out[4], const unsigned box[4], const OskPackFrame *query,
                      const OskTrim *area)
{
    unsigned width = query->luma_width;
    unsigned height = query->luma_height;
    unsigned edges[4];
    for (unsigned i = 0; i < 4; i++) {
        bool across = i % 2 == 0;
        unsigned first = across ? area->left : area->top;
        unsigned len = across ? area->width : area->height;
        edges[i] =
            (first * GRID_MAX + box[i] * len) * 1000 / (GRID_MAX * (across ? width : height));
    }
    out[0] = edges[0];
    out[1] = edges[1];
    out[2] = edges[2] - edges[0];
    out[3] = edges[3] - edges[1];
}

static unsigned covered_of(const Overlay *over)
{
    unsigned covered = 0;
    for (uint32_t v = 0; v < over->area.height; v++) {
        for (uint32_t u = 0; u < over->area.width; u++) {
            covered += over->is_covered[(size_t)v * SIDE + u];
        }
    }
    return covered * 1000 / (over->area.width * over->area.height);
}

OskStatus osk_explain(OskExplained *out, const OskPackFrame *query, const OskPackFrame *other,
                      const OskMap *map, const OskLikenessRules *rules)
{
    Overlay *over = calloc(1, sizeof *over);
    Grid *grid = calloc(1, sizeof *grid);
    if (over == NULL || grid == NULL) {
        free(over);
        free(grid);
        return OSK_NO_MEMORY;
    }
    lay_over(over, query, other, map);
    even_light(over);
    unsigned box[4];
    out->covered_permille = covered_of(over);
    grid->side = GRID_MAX / 2;
    fill_grid(grid, over, rules);
    out->component_16 = largest(grid, box);
    grid->side = GRID_MAX;
    fill_grid(grid, over, rules);
    out->component_32 = largest(grid, box);
    place_box(out->box, box, query, &over->area);
    free(over);
    free(grid);
    return OSK_OK;
}
