/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/cover.h"

#include <stdlib.h>

#include "base/checked.h"
#include "redact/cover_shapes.h"
#include "redact/regions.h"

static uint32_t count_cells(uint32_t extent, uint32_t cell)
{
    return extent / cell + (extent % cell != 0);
}

static OskGrid make_grid(const OskGeometry *geometry, uint32_t cell_width, uint32_t cell_height)
{
    return (OskGrid){ .width = geometry->width,
                      .height = geometry->height,
                      .cell_width = cell_width,
                      .cell_height = cell_height,
                      .columns = count_cells(geometry->width, cell_width),
                      .end_row = count_cells(geometry->height, cell_height) };
}

static uint64_t map_bytes(const OskCoverMap *map)
{
    return (uint64_t)map->columns * map->rows * sizeof *map->cells;
}

static uint64_t group_bytes(const OskCoverMap *map)
{
    return (uint64_t)map->columns * map->rows * sizeof *map->group;
}

/* ---- regions ---- */

/* Copies a row of bits into cells. */
static void put_row(uint16_t *cells, const uint64_t *row, uint32_t columns, uint16_t value)
{
    for (uint32_t at = 0; at < columns; at += 64) {
        uint64_t word = row[at / 64];
        if (word == UINT64_MAX) {
            for (uint32_t i = 0; i < 64; i++) {
                cells[at + i] = value;
            }
            continue;
        }
        for (; word != 0; word &= word - 1) {
            cells[at + (uint32_t)__builtin_ctzll(word)] = value;
        }
    }
}

/* What is covered, where, and when. */
typedef struct Job {
    const OskRegions *regions;
    const OskGeometry *geometry;
    OskGrid grid;
    uint32_t frame;
    bool inside; /* cells that lie wholly within; else those that are touched */
    OskBudget *budget;
} Job;

/* The cells of one region; no rows where it is not there at this frame. */
static OskStatus draw_region(const Job *job, const OskRegion *region, OskBits *bits)
{
    *bits = (OskBits){ .column = 0 };
    if (region->has_frames &&
        (job->frame < region->first_frame || job->frame > region->last_frame)) {
        return OSK_OK;
    }
    OskFixedShape shape;
    OskStatus status = osk_shape_make(&shape, region, job->geometry, job->frame, job->budget);
    if (status == OSK_OK) {
        status = osk_bits_make(bits, &shape, &job->grid, job->budget);
    }
    if (status == OSK_OK && job->inside) {
        status = osk_shape_inside(&shape, &job->grid, bits, job->budget);
    } else if (status == OSK_OK) {
        status = osk_shape_touched(&shape, &job->grid, bits, job->budget);
    }
    osk_shape_free(&shape, job->budget);
    return status;
}

static OskStatus cover_regions(OskCoverMap *map, const Job *job)
{
    size_t count = osk_regions_count(job->regions);
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < count; i++) {
        OskBits bits;
        status = draw_region(job, osk_regions_at(job->regions, i), &bits);
        for (uint32_t y = 0; status == OSK_OK && y < bits.rows; y++) {
            uint16_t *cells = map->cells + (size_t)(bits.row + y) * map->columns + bits.column;
            put_row(cells, bits.bits + y * bits.words, bits.columns, (uint16_t)(i + 1));
        }
        osk_bits_free(&bits, job->budget);
    }
    return status;
}

/* ---- the rest ---- */

/* Adds bits to those of a plane that begins at column 0. */
static void add_bits(OskBits *all, const OskBits *bits)
{
    size_t word = bits->column / 64;
    unsigned shift = bits->column % 64;
    for (uint32_t y = 0; y < bits->rows; y++) {
        uint64_t *out = all->bits + (size_t)(bits->row - all->row + y) * all->words + word;
        const uint64_t *in = bits->bits + y * bits->words;
        for (size_t i = 0; i < bits->words; i++) {
            out[i] |= in[i] << shift;
            uint64_t rest = shift == 0 ? 0 : in[i] >> (64 - shift);
            if (rest != 0) {
                out[i + 1] |= rest;
            }
        }
    }
}

static bool is_full(const uint64_t *row, uint32_t first, uint32_t end)
{
    for (uint32_t at = first; at < end;) {
        uint32_t bit = at % 64;
        uint32_t len = end - at < 64 - bit ? end - at : 64 - bit;
        uint64_t mask = (len == 64 ? UINT64_MAX : (UINT64_C(1) << len) - 1) << bit;
        if ((row[at / 64] & mask) != mask) {
            return false;
        }
        at += len;
    }
    return true;
}

/* Every cell of these rows is covered that has a pixel which no region holds. */
static void cover_rest(OskCoverMap *map, const Job *pixels, OskBits *kept)
{
    const OskGrid *grid = &pixels->grid;
    for (uint32_t first = grid->first_row; first < grid->end_row; first += map->cell_height) {
        uint32_t left = grid->end_row - first;
        uint32_t high = left < map->cell_height ? left : map->cell_height;
        uint64_t *all = kept->bits + (size_t)(first - kept->row) * kept->words;
        for (uint32_t y = 1; y < high; y++) {
            for (size_t i = 0; i < kept->words; i++) {
                all[i] &= all[y * kept->words + i];
            }
        }
        uint16_t *cells = map->cells + (size_t)(first / map->cell_height) * map->columns;
        for (uint32_t column = 0; column < map->columns; column++) {
            uint32_t begin = column * map->cell_width;
            uint32_t wide = grid->width - begin;
            wide = wide < map->cell_width ? wide : map->cell_width;
            cells[column] = is_full(all, begin, begin + wide) ? OSK_COVER_NONE : OSK_COVER_REST;
        }
        if (left <= map->cell_height) {
            break; /* before the sum could pass 2^32 */
        }
    }
}

/* Some rows of cells. The pixels that regions hold are gathered first, so that two that meet within
 * a cell hold it together. */
static OskStatus cover_stripe(OskCoverMap *map, const Job *pixels)
{
    OskFixedShape picture = { .shape = OSK_SHAPE_RECT,
                              .right = (int64_t)pixels->grid.width << OSK_FIXED_BITS,
                              .bottom = (int64_t)pixels->grid.height << OSK_FIXED_BITS };
    OskBits kept;
    OskStatus status = osk_bits_make(&kept, &picture, &pixels->grid, pixels->budget);
    size_t count = osk_regions_count(pixels->regions);
    for (size_t i = 0; status == OSK_OK && i < count; i++) {
        OskBits bits;
        status = draw_region(pixels, osk_regions_at(pixels->regions, i), &bits);
        if (status == OSK_OK) {
            add_bits(&kept, &bits);
        }
        osk_bits_free(&bits, pixels->budget);
    }
    if (status == OSK_OK) {
        cover_rest(map, pixels, &kept);
    }
    osk_bits_free(&kept, pixels->budget);
    return status;
}

/* A bit a pixel of all of a large picture, several times, is more than a JPEG needs that is done
 * row by row: stripes of this many pixels. */
#define STRIPE_PIXELS (UINT64_C(1) << 24)

static OskStatus cover_inverted(OskCoverMap *map, const Job *job)
{
    Job pixels = *job;
    pixels.grid = make_grid(job->geometry, 1, 1);
    pixels.inside = true;
    uint64_t cells = STRIPE_PIXELS / ((uint64_t)pixels.grid.width * map->cell_height) + 1;
    uint64_t height = cells * map->cell_height;
    OskStatus status = OSK_OK;
    for (uint64_t first = 0; status == OSK_OK && first < job->grid.height; first += height) {
        uint64_t end = first + height;
        pixels.grid.first_row = (uint32_t)first;
        pixels.grid.end_row = end < job->grid.height ? (uint32_t)end : job->grid.height;
        status = cover_stripe(map, &pixels);
    }
    return status;
}

OskStatus osk_cover_make(OskCoverMap *map, const OskRegions *regions, const OskGeometry *geometry,
                         uint32_t cell_width, uint32_t cell_height, uint32_t frame,
                         OskBudget *budget)
{
    *map = (OskCoverMap){ .columns = 0 };
    if (geometry->width == 0 || geometry->height == 0 || cell_width == 0 || cell_height == 0) {
        return OSK_MISUSE;
    }
    Job job = { .regions = regions,
                .geometry = geometry,
                .grid = make_grid(geometry, cell_width, cell_height),
                .frame = frame,
                .budget = budget };
    map->columns = job.grid.columns;
    map->rows = job.grid.end_row;
    map->cell_width = cell_width;
    map->cell_height = cell_height;
    uint64_t bytes;
    if (!osk_mul_u64((uint64_t)map->columns * map->rows, sizeof *map->cells, &bytes) ||
        bytes > SIZE_MAX || !osk_budget_memory(budget, bytes)) {
        return OSK_LIMIT;
    }
    map->cells = calloc((size_t)bytes / sizeof *map->cells, sizeof *map->cells);
    if (map->cells == NULL) {
        osk_budget_return(budget, bytes);
        return OSK_NO_MEMORY;
    }
    OskStatus status =
        osk_regions_inverted(regions) ? cover_inverted(map, &job) : cover_regions(map, &job);
    if (status != OSK_OK) {
        osk_cover_free(map, budget);
        return status;
    }
    for (size_t i = 0; i < (size_t)bytes / sizeof *map->cells; i++) {
        map->covered += map->cells[i] != OSK_COVER_NONE;
    }
    return OSK_OK;
}

/* ---- groups ---- */

/* Which numbers mean the same group: each points to a lower one, or to itself. */
typedef struct Links {
    uint32_t *to;
    uint32_t count; /* number 0 is none */
    uint32_t room;
} Links;

static OskStatus add_link(Links *links, OskBudget *budget)
{
    if (links->count == links->room) {
        uint32_t room = links->room == 0 ? 1024 : links->room * 2;
        if (room <= links->room || !osk_budget_memory(budget, (uint64_t)room * sizeof *links->to)) {
            return OSK_LIMIT;
        }
        uint32_t *to = realloc(links->to, room * sizeof *to);
        if (to == NULL) {
            osk_budget_return(budget, (uint64_t)room * sizeof *to);
            return OSK_NO_MEMORY;
        }
        osk_budget_return(budget, (uint64_t)links->room * sizeof *to);
        links->to = to;
        links->room = room;
    }
    links->to[links->count] = links->count;
    links->count++;
    return OSK_OK;
}

static uint32_t first_link(Links *links, uint32_t number)
{
    while (links->to[number] != number) {
        links->to[number] = links->to[links->to[number]];
        number = links->to[number];
    }
    return number;
}

static uint32_t join_links(Links *links, uint32_t a, uint32_t b)
{
    a = first_link(links, a);
    b = first_link(links, b);
    links->to[a < b ? b : a] = a < b ? a : b;
    return a < b ? a : b;
}

/* The number of a run of cells [first, end): of what it touches in the row above, or a new one. */
static OskStatus number_run(const OskCoverMap *map, uint32_t row, const uint32_t run[2],
                            Links *links, OskBudget *budget)
{
    uint32_t number = 0;
    uint32_t *group = map->group + (size_t)row * map->columns;
    if (row > 0) {
        const uint32_t *above = group - map->columns;
        uint32_t end = run[1] < map->columns ? run[1] + 1 : run[1];
        uint32_t last = 0;
        for (uint32_t i = run[0] > 0 ? run[0] - 1 : 0; i < end; i++) {
            if (above[i] != 0 && above[i] != last) {
                last = above[i];
                number = number == 0 ? first_link(links, last) : join_links(links, number, last);
            }
        }
    }
    if (number == 0) {
        OskStatus status = add_link(links, budget);
        if (status != OSK_OK) {
            return status;
        }
        number = links->count - 1;
    }
    for (uint32_t i = run[0]; i < run[1]; i++) {
        group[i] = number;
    }
    return OSK_OK;
}

static OskStatus number_runs(const OskCoverMap *map, Links *links, OskBudget *budget)
{
    OskStatus status = add_link(links, budget); /* number 0 */
    for (uint32_t row = 0; status == OSK_OK && row < map->rows; row++) {
        const uint16_t *cells = map->cells + (size_t)row * map->columns;
        for (uint32_t i = 0; status == OSK_OK && i < map->columns;) {
            uint32_t end = i;
            while (end < map->columns && cells[end] != OSK_COVER_NONE) {
                end++;
            }
            if (end > i) {
                status = number_run(map, row, (const uint32_t[2]){ i, end }, links, budget);
            }
            i = end > i ? end : i + 1;
        }
    }
    return status;
}

OskStatus osk_cover_group(OskCoverMap *map, OskBudget *budget)
{
    uint64_t bytes = group_bytes(map);
    uint64_t count = bytes / sizeof *map->group;
    if (map->group != NULL || map->cells == NULL) {
        return OSK_MISUSE;
    }
    if (bytes > SIZE_MAX || !osk_budget_parts(budget, count / 64 + map->rows) ||
        !osk_budget_memory(budget, bytes)) {
        return OSK_LIMIT;
    }
    map->group = calloc((size_t)count, sizeof *map->group);
    if (map->group == NULL) {
        osk_budget_return(budget, bytes);
        return OSK_NO_MEMORY;
    }
    Links links = { .to = NULL };
    OskStatus status = number_runs(map, &links, budget);
    if (status == OSK_OK) {
        /* Links lead to lower numbers, so those are final already. */
        uint32_t groups = 0;
        for (uint32_t i = 1; i < links.count; i++) {
            links.to[i] = links.to[i] == i ? ++groups : links.to[links.to[i]];
        }
        for (size_t i = 0; i < (size_t)count; i++) {
            if (map->cells[i] != OSK_COVER_NONE) { /* pages of the rest stay untouched */
                map->group[i] = links.to[map->group[i]];
            }
        }
        map->group_count = groups;
    } else {
        free(map->group);
        map->group = NULL;
        osk_budget_return(budget, bytes);
    }
    osk_budget_return(budget, (uint64_t)links.room * sizeof *links.to);
    free(links.to);
    return status;
}

void osk_cover_free(OskCoverMap *map, OskBudget *budget)
{
    if (map->cells != NULL) {
        osk_budget_return(budget, map_bytes(map));
    }
    if (map->group != NULL) {
        osk_budget_return(budget, group_bytes(map));
    }
    free(map->cells);
    free(map->group);
    *map = (OskCoverMap){ .columns = 0 };
}
