/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/harmonic.h"

#include <string.h>

#include "redact/noise.h"

/* Relaxations of the finest level; each coarser one gets twice as many as the one below it, which
 * costs half as much again, up to the last number. Below bumps it is the second: more would iron
 * them out, fewer would leave the grid on which they stand to be seen. */
#define SWEEPS_FINE 4u
#define SWEEPS_BUMPS 6u
#define SWEEPS_COARSE 32u
/* Cells a side that the mean around one cell of the ring is taken of. */
#define MEAN_SAMPLES 12u
/* Levels that get bumps. */
#define BUMP_LEVELS 2u

/* The ring's reach: far enough that nothing small beside the group draws a streak into it, near
 * enough that the patch fits its edge. */
static uint32_t reach_of(const OskCoverMap *map, const OskGroup *group)
{
    uint32_t reach = osk_group_thickness(group) / 20;
    uint32_t most = map->cell_width > 1 ? 1 : 24;
    uint32_t least = map->cell_width > 1 ? 0 : 1;
    return reach < least ? least : reach > most ? most : reach;
}

/* ---- the window ---- */

static bool in_group(const OskCoverMap *map, uint32_t x, uint32_t y, uint32_t number)
{
    return x < map->columns && y < map->rows && map->group[(size_t)y * map->columns + x] == number;
}

static bool beside_group(const OskCoverMap *map, uint32_t x, uint32_t y, uint32_t number)
{
    return in_group(map, x - 1, y, number) || in_group(map, x + 1, y, number) ||
           in_group(map, x, y - 1, number) || in_group(map, x, y + 1, number);
}

static void sort_cells(OskHarmonic *window, const OskCoverMap *map, uint32_t number)
{
    OskLevel *level = &window->levels[0];
    for (uint32_t y = 0; y < level->rows; y++) {
        for (uint32_t x = 0; x < level->columns; x++) {
            size_t at = (size_t)(window->top + y) * map->columns + window->left + x;
            uint8_t kind = OSK_CELL_AWAY;
            if (map->group[at] == number) {
                kind = OSK_CELL_INSIDE;
            } else if (map->group[at] == 0 && map->cells[at] == OSK_COVER_NONE) {
                bool ring = beside_group(map, window->left + x, window->top + y, number);
                kind = ring ? OSK_CELL_RING : OSK_CELL_NEAR;
                window->ring_count += ring;
            }
            level->kinds[(size_t)y * level->columns + x] = kind;
        }
    }
}

static bool make_levels(OskHarmonic *window)
{
    for (unsigned i = 0; i < OSK_HARMONIC_LEVELS; i++) {
        OskLevel *level = &window->levels[i];
        if (i > 0) {
            level->columns = (level[-1].columns + 1) / 2;
            level->rows = (level[-1].rows + 1) / 2;
        }
        size_t cells = (size_t)level->columns * level->rows;
        level->values = osk_arena_array(&window->arena, cells, sizeof *level->values);
        level->kinds = osk_arena_array(&window->arena, cells, 1);
        if (level->values == NULL || level->kinds == NULL) {
            return false;
        }
        window->level_count = i + 1;
        if (cells == 1) {
            break;
        }
    }
    return true;
}

OskStatus osk_harmonic_make(OskHarmonic *window, const OskCoverMap *map, const OskGroup *group,
                            OskBudget *budget)
{
    *window = (OskHarmonic){ .reach = reach_of(map, group) };
    osk_arena_init(&window->arena, budget);
    uint32_t margin = 1 + window->reach;
    window->left = group->left > margin ? group->left - margin : 0;
    window->top = group->top > margin ? group->top - margin : 0;
    uint32_t right = map->columns - group->right > margin ? group->right + margin : map->columns;
    uint32_t bottom = map->rows - group->bottom > margin ? group->bottom + margin : map->rows;
    OskLevel *level = &window->levels[0];
    level->columns = right - window->left;
    level->rows = bottom - window->top;
    size_t cells = (size_t)level->columns * level->rows;
    /* Boxes may overlap where groups don't, so their area is spent: 16 cells a step keep a picture
     * of 200 megapixels within the limit. */
    if (!osk_budget_parts(budget, cells / 16 + 1)) {
        return OSK_LIMIT;
    }
    if (!make_levels(window)) {
        return OSK_LIMIT;
    }
    sort_cells(window, map, group->number);
    window->ring = osk_arena_array(&window->arena, window->ring_count, sizeof *window->ring);
    window->smooth = osk_arena_array(&window->arena, window->ring_count, sizeof *window->smooth);
    window->weights = osk_arena_array(&window->arena, cells, 1);
    window->scratch = osk_arena_array(&window->arena, level->columns, 2 * sizeof(int32_t));
    if (window->ring == NULL || window->smooth == NULL || window->weights == NULL ||
        window->scratch == NULL) {
        return OSK_LIMIT;
    }
    memset(window->weights, 255, cells);
    return OSK_OK;
}

void osk_harmonic_free(OskHarmonic *window)
{
    osk_arena_free(&window->arena);
    *window = (OskHarmonic){ 0 };
}

/* ---- the ring ---- */

static bool is_known(uint8_t kind)
{
    return kind == OSK_CELL_NEAR || kind == OSK_CELL_RING;
}

/* The weighted mean of the surroundings near one ring cell. */
typedef struct Mean {
    int64_t sum;
    int64_t weight;
} Mean;

static Mean mean_near(const OskHarmonic *window, size_t at)
{
    const OskLevel *level = &window->levels[0];
    uint32_t x = (uint32_t)(at % level->columns);
    uint32_t y = (uint32_t)(at / level->columns);
    uint32_t left = x > window->reach ? x - window->reach : 0;
    uint32_t top = y > window->reach ? y - window->reach : 0;
    /* A far reach is sampled: about MEAN_SAMPLES a side, however far it is. */
    uint32_t step = 1 + 2 * window->reach / MEAN_SAMPLES;
    Mean mean = { .sum = (int64_t)level->values[at] * window->weights[at],
                  .weight = window->weights[at] };
    for (uint32_t v = top; v < level->rows && v <= y + window->reach; v += step) {
        for (uint32_t u = left; u < level->columns && u <= x + window->reach; u += step) {
            size_t i = (size_t)v * level->columns + u;
            if (is_known(level->kinds[i])) {
                mean.sum += (int64_t)level->values[i] * window->weights[i];
                mean.weight += window->weights[i];
            }
        }
    }
    return mean;
}

/* Lists the ring; cells of it that have nothing to say (transparent, and so are their neighbours)
 * are no surroundings. */
static void list_ring(OskHarmonic *window)
{
    OskLevel *level = &window->levels[0];
    size_t cells = (size_t)level->columns * level->rows;
    size_t count = 0;
    for (size_t i = 0; i < cells; i++) {
        if (level->kinds[i] == OSK_CELL_RING && mean_near(window, i).weight > 0) {
            window->ring[count++] = i;
        }
    }
    size_t next = 0;
    for (size_t i = 0; i < cells; i++) {
        if (level->kinds[i] == OSK_CELL_RING) {
            if (next < count && window->ring[next] == i) {
                next++;
            } else {
                /* It stays a known cell of weight 0, so that its neighbours' means don't change. */
                level->kinds[i] = OSK_CELL_NEAR;
            }
        }
    }
    window->ring_count = count;
}

int32_t osk_harmonic_contrast(const OskHarmonic *window)
{
    const OskLevel *level = &window->levels[0];
    int64_t sum = 0;
    int64_t weight = 0;
    for (size_t i = 0; i < window->ring_count; i++) {
        size_t at = window->ring[i];
        sum += (int64_t)level->values[at] * window->weights[at];
        weight += window->weights[at];
    }
    if (weight == 0) {
        return 0;
    }
    int64_t mean = sum / weight;
    sum = 0;
    for (size_t i = 0; i < window->ring_count; i++) {
        size_t at = window->ring[i];
        int64_t distance = level->values[at] - mean;
        sum += (distance < 0 ? -distance : distance) * window->weights[at];
    }
    return (int32_t)(sum / weight);
}

static void smooth_ring(OskHarmonic *window)
{
    OskLevel *level = &window->levels[0];
    for (size_t i = 0; i < window->ring_count; i++) {
        Mean mean = mean_near(window, window->ring[i]);
        window->smooth[i] = (int32_t)(mean.sum / mean.weight);
    }
    for (size_t i = 0; i < window->ring_count; i++) {
        level->values[window->ring[i]] = window->smooth[i];
    }
}

/* ---- the pyramid ---- */

static uint8_t kind_above(const OskLevel *fine, uint32_t x, uint32_t y)
{
    uint8_t kind = OSK_CELL_AWAY;
    for (uint32_t v = 2 * y; v < fine->rows && v < 2 * y + 2; v++) {
        for (uint32_t u = 2 * x; u < fine->columns && u < 2 * x + 2; u++) {
            uint8_t child = fine->kinds[(size_t)v * fine->columns + u];
            if (child == OSK_CELL_RING) {
                return child;
            }
            kind = child == OSK_CELL_INSIDE ? child : kind;
        }
    }
    return kind;
}

static bool solid(uint8_t kind)
{
    return kind == OSK_CELL_RING || kind == OSK_CELL_INSIDE;
}

static bool is_porous(const OskLevel *level)
{
    for (uint32_t y = 0; y < level->rows; y++) {
        const uint8_t *row = level->kinds + (size_t)y * level->columns;
        for (uint32_t x = 0; x < level->columns; x++) {
            if (row[x] == OSK_CELL_INSIDE &&
                ((x > 0 && !solid(row[x - 1])) || (x + 1 < level->columns && !solid(row[x + 1])) ||
                 (y > 0 && !solid((row - level->columns)[x])) ||
                 (y + 1 < level->rows && !solid((row + level->columns)[x])))) {
                return true;
            }
        }
    }
    return false;
}

bool osk_harmonic_prepare(OskHarmonic *window)
{
    list_ring(window);
    if (window->ring_count == 0) {
        return false;
    }
    for (unsigned i = 0; i < window->level_count; i++) {
        OskLevel *level = &window->levels[i];
        for (uint32_t y = 0; i > 0 && y < level->rows; y++) {
            for (uint32_t x = 0; x < level->columns; x++) {
                level->kinds[(size_t)y * level->columns + x] = kind_above(level - 1, x, y);
            }
        }
        level->porous = is_porous(level);
    }
    return true;
}

/* A coarse ring cell is the mean of its ring cells. */
static void pull(OskLevel *coarse, const OskLevel *fine)
{
    for (uint32_t y = 0; y < coarse->rows; y++) {
        for (uint32_t x = 0; x < coarse->columns; x++) {
            size_t at = (size_t)y * coarse->columns + x;
            if (coarse->kinds[at] != OSK_CELL_RING) {
                continue;
            }
            int64_t sum = 0;
            int64_t count = 0;
            for (uint32_t v = 2 * y; v < fine->rows && v < 2 * y + 2; v++) {
                for (uint32_t u = 2 * x; u < fine->columns && u < 2 * x + 2; u++) {
                    size_t i = (size_t)v * fine->columns + u;
                    if (fine->kinds[i] == OSK_CELL_RING) {
                        sum += fine->values[i];
                        count++;
                    }
                }
            }
            coarse->values[at] = (int32_t)(sum / count);
        }
    }
}

/* The value of a coarse neighbour, or of the parent where there is none. */
static int32_t beside(const OskLevel *level, uint32_t x, uint32_t y, int32_t parent)
{
    if (x >= level->columns || y >= level->rows) {
        return parent;
    }
    size_t at = (size_t)y * level->columns + x;
    return solid(level->kinds[at]) ? level->values[at] : parent;
}

/* First guesses: each cell lies a quarter of a coarse cell off its parent's middle. */
static void push(OskLevel *fine, const OskLevel *coarse)
{
    for (uint32_t y = 0; y < fine->rows; y++) {
        uint32_t across = y % 2 == 0 ? y / 2 - 1 : y / 2 + 1;
        for (uint32_t x = 0; x < fine->columns; x++) {
            size_t at = (size_t)y * fine->columns + x;
            if (fine->kinds[at] != OSK_CELL_INSIDE) {
                continue;
            }
            uint32_t along = x % 2 == 0 ? x / 2 - 1 : x / 2 + 1;
            int32_t parent = coarse->values[(size_t)(y / 2) * coarse->columns + x / 2];
            int32_t a = beside(coarse, along, y / 2, parent);
            int32_t b = beside(coarse, x / 2, across, parent);
            int32_t c = beside(coarse, along, across, parent);
            fine->values[at] = (9 * parent + 3 * a + 3 * b + c + 8) >> 4;
        }
    }
}

/* ---- relaxation ---- */

/* Three quarters of the way to the mean of the four neighbours: all the way would leave a chequered
 * pattern standing. */
static int32_t relaxed(int32_t value, int32_t neighbours)
{
    return (4 * value + 3 * neighbours + 8) >> 4;
}

typedef struct Rows {
    const int32_t *above;
    const int32_t *here;
    const int32_t *below;
} Rows;

/* Where no cell inside touches one that is away: one line that the compiler makes wide. */
static void relax_row(int32_t *restrict out, Rows rows, const uint8_t *kinds, uint32_t columns)
{
    uint32_t last = columns - 1;
    for (uint32_t x = 1; x < last; x++) {
        int32_t sum = rows.above[x] + rows.below[x] + rows.here[x - 1] + rows.here[x + 1];
        int32_t value = relaxed(rows.here[x], sum);
        out[x] = kinds[x] == OSK_CELL_INSIDE ? value : rows.here[x];
    }
    /* Beyond the picture's border a cell stands for its neighbour. */
    int32_t left = rows.here[0];
    int32_t right = rows.here[last];
    int32_t first_sum = rows.above[0] + rows.below[0] + left + rows.here[last > 0 ? 1 : 0];
    int32_t last_sum =
        rows.above[last] + rows.below[last] + right + rows.here[last > 0 ? last - 1 : 0];
    out[0] = kinds[0] == OSK_CELL_INSIDE ? relaxed(left, first_sum) : left;
    if (last > 0) {
        out[last] = kinds[last] == OSK_CELL_INSIDE ? relaxed(right, last_sum) : right;
    }
}

static void relax_porous_row(int32_t *out, Rows rows, const OskLevel *level, uint32_t y)
{
    const uint8_t *kinds = level->kinds + (size_t)y * level->columns;
    for (uint32_t x = 0; x < level->columns; x++) {
        int32_t value = rows.here[x];
        int32_t sum = 0;
        sum += x > 0 && solid(kinds[x - 1]) ? rows.here[x - 1] : value;
        sum += x + 1 < level->columns && solid(kinds[x + 1]) ? rows.here[x + 1] : value;
        sum += y > 0 && solid((kinds - level->columns)[x]) ? rows.above[x] : value;
        sum += y + 1 < level->rows && solid((kinds + level->columns)[x]) ? rows.below[x] : value;
        out[x] = kinds[x] == OSK_CELL_INSIDE ? relaxed(value, sum) : value;
    }
}

/* One relaxation of a level in place, all cells from the values before it: the answer must not
 * depend on the order in which a machine does them. */
static void sweep(const OskHarmonic *window, OskLevel *level)
{
    size_t columns = level->columns;
    int32_t *before = window->scratch; /* the row above, as it was */
    int32_t *after = window->scratch + columns;
    for (uint32_t y = 0; y < level->rows; y++) {
        int32_t *here = level->values + y * columns;
        Rows rows = { .above = y > 0 ? before : here,
                      .here = here,
                      .below = y + 1 < level->rows ? here + columns : here };
        if (level->porous) {
            relax_porous_row(after, rows, level, y);
        } else {
            relax_row(after, rows, level->kinds + y * columns, level->columns);
        }
        memcpy(before, here, columns * sizeof *here);
        memcpy(here, after, columns * sizeof *here);
    }
}

static void raise_bumps(OskLevel *level, const OskBumps *bumps, unsigned octave)
{
    for (uint32_t y = 0; y < level->rows; y++) {
        for (uint32_t x = 0; x < level->columns; x++) {
            size_t at = (size_t)y * level->columns + x;
            if (level->kinds[at] != OSK_CELL_INSIDE) {
                continue;
            }
            for (unsigned i = 0; i < 2; i++) {
                uint64_t stream = bumps->stream[i] + octave;
                int64_t noise = osk_noise_at(bumps->noise, stream, x, y);
                level->values[at] +=
                    (int32_t)(noise * (bumps->height[i] >> octave) / OSK_NOISE_ONE);
            }
        }
    }
}

/* The cells themselves get bumps only in a group of few cells, of blocks that is. */
static bool has_bumps(const OskBumps *bumps, unsigned level)
{
    return bumps->noise != NULL && level <= bumps->level && bumps->level - level < BUMP_LEVELS &&
           (level > 0 || bumps->level == 0);
}

void osk_harmonic_solve(OskHarmonic *window, const OskBumps *bumps)
{
    smooth_ring(window);
    for (unsigned i = 1; i < window->level_count; i++) {
        pull(&window->levels[i], &window->levels[i - 1]);
    }
    /* The coarsest level is one cell, and that is of the ring. */
    for (unsigned i = window->level_count - 1; i-- > 0;) {
        OskLevel *level = &window->levels[i];
        push(level, level + 1);
        unsigned sweeps = i < 3 ? SWEEPS_FINE << i : SWEEPS_COARSE;
        if (bumps->noise != NULL && i < bumps->level) {
            sweeps = i == 0 ? SWEEPS_FINE : SWEEPS_BUMPS;
        }
        for (unsigned n = 0; n < sweeps; n++) {
            sweep(window, level);
        }
        if (has_bumps(bumps, i)) {
            raise_bumps(level, bumps, bumps->level - i);
        }
        if (i == 0 && has_bumps(bumps, i)) {
            sweep(window, level);
        }
    }
}
