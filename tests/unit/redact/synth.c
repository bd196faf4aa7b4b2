/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is painted over a region is made of its surroundings and randomness alone. */
#include "redact/synth.h"

#include <stdlib.h>
#include <string.h>

#include "redact/harmonic.h"
#include "unit.h"

#define COLUMNS 97u
#define ROWS 71u
#define TOP (255 * 16)

static bool fill_from_seed(void *context, void *out, size_t len)
{
    uint8_t *bytes = out;
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(*(unsigned *)context * 77 + i * 13);
    }
    return true;
}

static bool fill_never(void *context, void *out, size_t len)
{
    (void)context;
    memset(out, 0, len);
    return false;
}

static OskNoise *make_noise(unsigned seed, OskBudget *budget)
{
    OskRandom random = { .context = &seed, .fill = fill_from_seed };
    OskNoise *noise = NULL;
    assert_int_equal(osk_noise_make(&noise, &random, budget), OSK_OK);
    assert_non_null(noise);
    return noise;
}

static const OskRegion regions_of_each_kind[] = {
    { .shape = OSK_SHAPE_RECT, .style = OSK_REGION_BLUR, .x = 5, .y = 6, .w = 30, .h = 20 },
    { .shape = OSK_SHAPE_ELLIPSE, .style = OSK_REGION_MOSAIC, .x = 50, .y = 10, .w = 40, .h = 33 },
    /* touches the blur: one group of three styles */
    { .shape = OSK_SHAPE_RECT, .style = OSK_REGION_MOSAIC, .x = 20, .y = 20, .w = 20, .h = 30 },
    { .shape = OSK_SHAPE_RECT, .style = OSK_REGION_FILL, .x = 10, .y = 24, .w = 12, .h = 6 },
    /* in a corner of the picture */
    { .shape = OSK_SHAPE_RECT, .style = OSK_REGION_BLUR, .x = 80, .y = 60, .w = 40, .h = 40 },
    { .shape = OSK_SHAPE_RECT, .style = OSK_REGION_MOSAIC, .x = 0, .y = 66, .w = 1, .h = 1 },
};

static OskRegions *make_regions(const OskRegion *list, size_t count)
{
    OskRegions *regions = osk_regions_new(NULL);
    assert_non_null(regions);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(osk_regions_add(regions, &list[i]), OSK_OK);
    }
    return regions;
}

static void make_map(OskCoverMap *map, const OskRegions *regions, uint32_t columns, uint32_t rows,
                     OskBudget *budget)
{
    OskGeometry geometry = { .width = columns, .height = rows, .orientation = 1 };
    assert_int_equal(osk_cover_make(map, regions, &geometry, 1, 1, 0, budget), OSK_OK);
    assert_int_equal(osk_cover_group(map, budget), OSK_OK);
}

/* A picture whose covered cells hold `poison`, times the cell's number if that is odd. */
static OskPlane make_plane(const OskCoverMap *map, int32_t poison)
{
    OskPlane plane = { .columns = map->columns, .rows = map->rows, .high = TOP };
    size_t cells = (size_t)map->columns * map->rows;
    plane.values = calloc(cells, sizeof *plane.values);
    assert_non_null(plane.values);
    for (size_t i = 0; i < cells; i++) {
        int32_t scene = (int32_t)((i * 37 + i / map->columns * 101) % (TOP + 1));
        int32_t covered = poison % 2 != 0 ? (int32_t)(i % 1000) * poison : poison;
        plane.values[i] = map->cells[i] == OSK_COVER_NONE ? scene : covered;
    }
    return plane;
}

static bool is_fill(const OskRegions *regions, uint16_t cell)
{
    return cell != OSK_COVER_NONE && osk_regions_at(regions, cell - 1u)->style == OSK_REGION_FILL;
}

static void synth__reads_no_covered_cell(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    uint64_t memory = budget.memory;
    OskRegions *regions = make_regions(regions_of_each_kind, 6);
    OskNoise *noise = make_noise(3, &budget);
    OskCoverMap map;
    make_map(&map, regions, COLUMNS, ROWS, &budget);
    OskPlane first = make_plane(&map, 0);
    OskPlane second = make_plane(&map, -1999993);
    OskPlane scene = make_plane(&map, 0);
    assert_int_equal(osk_synth_plane(&first, &map, regions, noise, &budget), OSK_OK);
    assert_int_equal(osk_synth_plane(&second, &map, regions, noise, &budget), OSK_OK);
    for (size_t i = 0; i < COLUMNS * ROWS; i++) {
        if (is_fill(regions, map.cells[i])) {
            continue;
        }
        assert_int_equal(first.values[i], second.values[i]);
        assert_in_range(first.values[i], 0, TOP);
        if (map.cells[i] == OSK_COVER_NONE) {
            assert_int_equal(first.values[i], scene.values[i]);
        }
    }
    free(first.values);
    free(second.values);
    free(scene.values);
    osk_cover_free(&map, &budget);
    osk_noise_free(&noise, &budget);
    osk_regions_free(&regions);
    assert_true(budget.memory == memory);
}

/* Every small picture, and regions of all kinds anywhere on it, which touch or don't. */
static void synth__reads_no_covered_cell_of_small_pictures(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskNoise *noise = make_noise(8, &budget);
    uint32_t dice = 1;
    for (uint32_t size = 0; size < 14 * 14 * 4; size++) {
        uint32_t columns = 1 + size % 14;
        uint32_t rows = 1 + size / 14 % 14;
        OskRegion list[3] = { 0 };
        for (unsigned i = 0; i < 3; i++) {
            dice = dice * 1664525u + 1013904223u;
            list[i] = (OskRegion){ .shape = dice >> 30 & 1 ? OSK_SHAPE_ELLIPSE : OSK_SHAPE_RECT,
                                   .style = (OskRegionStyle)((dice >> 8) % 3),
                                   .x = dice >> 11 & 15,
                                   .y = dice >> 15 & 15,
                                   .w = 1 + (dice >> 20 & 15) / 2.0,
                                   .h = 1 + (dice >> 24 & 15) / 2.0 };
        }
        OskRegions *regions = make_regions(list, 3);
        OskCoverMap map;
        make_map(&map, regions, columns, rows, &budget);
        OskPlane first = make_plane(&map, 0);
        OskPlane second = make_plane(&map, 77777);
        assert_int_equal(osk_synth_plane(&first, &map, regions, noise, &budget), OSK_OK);
        assert_int_equal(osk_synth_plane(&second, &map, regions, noise, &budget), OSK_OK);
        for (size_t i = 0; i < (size_t)columns * rows; i++) {
            if (!is_fill(regions, map.cells[i])) {
                assert_int_equal(first.values[i], second.values[i]);
                assert_in_range(first.values[i], 0, TOP);
            }
        }
        free(first.values);
        free(second.values);
        osk_cover_free(&map, &budget);
        osk_regions_free(&regions);
    }
    osk_noise_free(&noise, &budget);
}

static void synth__same_randomness_same_answer_other_randomness_another(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskRegions *regions = make_regions(regions_of_each_kind, 6);
    OskCoverMap map;
    make_map(&map, regions, COLUMNS, ROWS, &budget);
    OskPlane planes[3];
    for (unsigned i = 0; i < 3; i++) {
        OskNoise *noise = make_noise(i / 2, &budget);
        planes[i] = make_plane(&map, 0);
        assert_int_equal(osk_synth_plane(&planes[i], &map, regions, noise, &budget), OSK_OK);
        osk_noise_free(&noise, &budget);
    }
    size_t bytes = COLUMNS * ROWS * sizeof(int32_t);
    assert_memory_equal(planes[0].values, planes[1].values, bytes);
    assert_memory_not_equal(planes[0].values, planes[2].values, bytes);
    for (unsigned i = 0; i < 3; i++) {
        free(planes[i].values);
    }
    osk_cover_free(&map, &budget);
    osk_regions_free(&regions);
}

/* The bytes themselves: another compiler or machine has to give them too. */
static void synth__gives_the_same_bytes_everywhere(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskRegions *regions = make_regions(regions_of_each_kind, 6);
    OskNoise *noise = make_noise(9, &budget);
    OskCoverMap map;
    make_map(&map, regions, COLUMNS, ROWS, &budget);
    OskPlane plane = make_plane(&map, 0);
    assert_int_equal(osk_synth_plane(&plane, &map, regions, noise, &budget), OSK_OK);
    uint64_t sum = 0;
    for (size_t i = 0; i < COLUMNS * ROWS; i++) {
        sum = sum * UINT64_C(1099511628211) + (uint64_t)plane.values[i];
    }
    if (sum != UINT64_C(17353824424984804832)) {
        print_message("# the sum is %llu\n", (unsigned long long)sum);
    }
    assert_true(sum == UINT64_C(17353824424984804832));
    free(plane.values);
    osk_noise_free(&noise, &budget);
    osk_cover_free(&map, &budget);
    osk_regions_free(&regions);
}

static void synth__no_surroundings_become_neutral_grey(void **state)
{
    (void)state;
    static const OskRegion all = { .style = OSK_REGION_BLUR, .x = -1, .y = -1, .w = 500, .h = 500 };
    OskBudget budget = osk_budget_default();
    OskRegions *regions = make_regions(&all, 1);
    OskNoise *noise = make_noise(1, &budget);
    OskCoverMap map;
    make_map(&map, regions, 30, 20, &budget);
    OskPlane plane = make_plane(&map, 777);
    plane.low = -8 * 128 * 16;
    plane.high = 8 * 128 * 16 - 1;
    assert_int_equal(osk_synth_plane(&plane, &map, regions, noise, &budget), OSK_OK);
    for (size_t i = 0; i < 600; i++) {
        assert_int_equal(plane.values[i], 0);
    }
    free(plane.values);
    osk_noise_free(&noise, &budget);
    osk_cover_free(&map, &budget);
    osk_regions_free(&regions);
}

/* A slope goes on across the gap, in the middle of the picture and at its border. */
static void harmonic__carries_a_slope_across(void **state)
{
    (void)state;
    static const OskRegion holes[] = {
        { .style = OSK_REGION_BLUR, .x = 40, .y = 30, .w = 90, .h = 120 },
        { .shape = OSK_SHAPE_ELLIPSE,
          .style = OSK_REGION_BLUR,
          .x = 180,
          .y = 20,
          .w = 99,
          .h = 99 },
    };
    OskBudget budget = osk_budget_default();
    OskRegions *regions = make_regions(holes, 2);
    OskCoverMap map;
    make_map(&map, regions, 300, 200, &budget);
    OskGroups groups;
    assert_int_equal(osk_groups_make(&groups, &map, regions, &budget), OSK_OK);
    assert_int_equal(groups.count, 2);
    for (uint32_t number = 1; number <= 2; number++) {
        OskHarmonic window;
        OskStatus status = osk_harmonic_make(&window, &map, &groups.items[number], &budget);
        assert_int_equal(status, OSK_OK);
        assert_true(osk_harmonic_prepare(&window));
        OskLevel *level = &window.levels[0];
        for (uint32_t i = 0; i < level->columns * level->rows; i++) {
            int32_t x = (int32_t)(i % level->columns);
            int32_t y = (int32_t)(i / level->columns);
            level->values[i] = level->kinds[i] == OSK_CELL_INSIDE ? -99999 : 4096 * (x + 2 * y);
        }
        osk_harmonic_solve(&window, &(OskBumps){ 0 });
        for (uint32_t i = 0; i < level->columns * level->rows; i++) {
            int32_t x = (int32_t)(i % level->columns);
            int32_t y = (int32_t)(i / level->columns);
            int32_t off = level->values[i] - 4096 * (x + 2 * y);
            /* The ring is smoothed, so that the slope shifts there by some cells' worth. */
            assert_in_range(off + 4096 * 12, 0, 4096 * 24);
        }
        osk_harmonic_free(&window);
    }
    osk_groups_free(&groups);
    osk_cover_free(&map, &budget);
    osk_regions_free(&regions);
}

/* Tiles are flat, and there are as many as the effect is known for. */
static void mosaic__is_made_of_flat_tiles(void **state)
{
    (void)state;
    static const OskRegion face = {
        .style = OSK_REGION_MOSAIC, .x = 10, .y = 10, .w = 100, .h = 150
    };
    OskBudget budget = osk_budget_default();
    OskRegions *regions = make_regions(&face, 1);
    OskNoise *noise = make_noise(5, &budget);
    OskCoverMap map;
    make_map(&map, regions, 120, 170, &budget);
    OskPlane plane = make_plane(&map, 0);
    assert_int_equal(osk_synth_plane(&plane, &map, regions, noise, &budget), OSK_OK);
    unsigned across = 1;
    unsigned down = 1;
    for (size_t i = 11; i < 110; i++) {
        across += plane.values[20 * 120 + i] != plane.values[20 * 120 + i - 1];
    }
    for (size_t i = 11; i < 160; i++) {
        down += plane.values[i * 120 + 20] != plane.values[(i - 1) * 120 + 20];
    }
    assert_in_range(across, 8, 14);
    assert_in_range(down, across, 21);
    free(plane.values);
    osk_noise_free(&noise, &budget);
    osk_cover_free(&map, &budget);
    osk_regions_free(&regions);
}

static void synth__thousands_of_groups_are_no_more_work_than_their_cells(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskRegions *regions = osk_regions_new(NULL);
    for (unsigned i = 0; i < 60 * 60; i++) {
        OskRegion region = { .style = i % 2 == 0 ? OSK_REGION_BLUR : OSK_REGION_MOSAIC,
                             .x = i % 60 * 5 + 1,
                             .y = i / 60 * 5 + 1,
                             .w = 3,
                             .h = 3 };
        assert_int_equal(osk_regions_add(regions, &region), OSK_OK);
    }
    OskCoverMap map;
    make_map(&map, regions, 301, 301, &budget);
    assert_int_equal(map.group_count, 3600);
    OskNoise *noise = make_noise(1, &budget);
    OskPlane plane = make_plane(&map, -30011);
    budget.parts = 3600 * 6;
    assert_int_equal(osk_synth_plane(&plane, &map, regions, noise, &budget), OSK_OK);
    for (size_t i = 0; i < 301 * 301; i++) {
        assert_in_range(plane.values[i], 0, TOP);
    }
    /* And the work is spent: with less there is none. */
    budget.parts = 100;
    assert_int_equal(osk_synth_plane(&plane, &map, regions, noise, &budget), OSK_LIMIT);
    free(plane.values);
    osk_noise_free(&noise, &budget);
    osk_cover_free(&map, &budget);
    osk_regions_free(&regions);
}

static void noise__is_needed_by_blur_and_mosaic_only(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    uint64_t memory = budget.memory;
    OskNoise *noise = NULL;
    OskRandom random = { .fill = fill_never };
    assert_int_equal(osk_noise_make(&noise, &random, &budget), OSK_IO);
    assert_null(noise);
    random.fill = NULL;
    assert_int_equal(osk_noise_make(&noise, &random, &budget), OSK_OK);
    assert_null(noise);
    for (unsigned i = 0; i < 2; i++) {
        OskRegion region = regions_of_each_kind[i == 0 ? 3 : 0];
        OskRegions *regions = make_regions(&region, 1);
        OskCoverMap map;
        make_map(&map, regions, COLUMNS, ROWS, &budget);
        OskPlane plane = make_plane(&map, 0);
        assert_int_equal(osk_synth_plane(&plane, &map, regions, NULL, &budget),
                         i == 0 ? OSK_OK : OSK_MISUSE);
        free(plane.values);
        osk_cover_free(&map, &budget);
        osk_regions_free(&regions);
    }
    assert_true(budget.memory == memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(synth__reads_no_covered_cell),
        cmocka_unit_test(synth__reads_no_covered_cell_of_small_pictures),
        cmocka_unit_test(synth__same_randomness_same_answer_other_randomness_another),
        cmocka_unit_test(synth__gives_the_same_bytes_everywhere),
        cmocka_unit_test(synth__no_surroundings_become_neutral_grey),
        cmocka_unit_test(harmonic__carries_a_slope_across),
        cmocka_unit_test(mosaic__is_made_of_flat_tiles),
        cmocka_unit_test(synth__thousands_of_groups_are_no_more_work_than_their_cells),
        cmocka_unit_test(noise__is_needed_by_blur_and_mosaic_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
