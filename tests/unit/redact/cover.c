/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pixel that is touched at all is covered: against a second implementation that samples densely.
 */
#include "redact/cover.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "redact/regions.h"
#include "unit.h"

/* ---- the reference ---- */

#define SAMPLES 12 /* a side of a pixel */

static double segment_distance(OskPoint p, OskPoint a, OskPoint b)
{
    double dx = b.x - a.x;
    double dy = b.y - a.y;
    double len = dx * dx + dy * dy;
    double t = len == 0 ? 0 : ((p.x - a.x) * dx + (p.y - a.y) * dy) / len;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    double x = p.x - a.x - t * dx;
    double y = p.y - a.y - t * dy;
    return sqrt(x * x + y * y);
}

static bool polygon_holds(const OskRegion *region, OskPoint p)
{
    bool in = false;
    for (size_t i = 0; i < region->point_count; i++) {
        OskPoint a = region->points[i];
        OskPoint b = region->points[(i + 1) % region->point_count];
        if ((a.y <= p.y) != (b.y <= p.y) && p.x < a.x + (p.y - a.y) * (b.x - a.x) / (b.y - a.y)) {
            in = !in;
        }
    }
    return in;
}

static double outline_distance(const OskRegion *region, OskPoint p, bool closed)
{
    double least = segment_distance(p, region->points[0], region->points[0]);
    for (size_t i = 1; i < region->point_count + closed; i++) {
        double d =
            segment_distance(p, region->points[i - 1], region->points[i % region->point_count]);
        least = d < least ? d : least;
    }
    return least;
}

/* Whether a point is in the shape when that is made larger by `margin` (smaller where negative), to
 * within the sampling. */
static bool holds(const OskRegion *region, OskPoint p, double margin)
{
    switch (region->shape) {
    case OSK_SHAPE_RECT:
        return p.x > region->x - margin && p.x < region->x + region->w + margin &&
               p.y > region->y - margin && p.y < region->y + region->h + margin;
    case OSK_SHAPE_ELLIPSE: {
        double a = region->w / 2 + margin;
        double b = region->h / 2 + margin;
        double x = (p.x - region->x - region->w / 2) / a;
        double y = (p.y - region->y - region->h / 2) / b;
        return a > 0 && b > 0 && x * x + y * y < 1;
    }
    case OSK_SHAPE_POLYGON:
        if (margin > 0) {
            return polygon_holds(region, p) || outline_distance(region, p, true) < margin;
        }
        return polygon_holds(region, p) && outline_distance(region, p, true) >= -margin;
    case OSK_SHAPE_STROKE: return outline_distance(region, p, false) < region->radius + margin;
    }
    return false;
}

/* How many samples of a box are in the shape. */
static unsigned count_samples(const OskRegion *region, const double box[4], double margin)
{
    unsigned count = 0;
    for (unsigned i = 0; i < SAMPLES * SAMPLES; i++) {
        OskPoint p = { box[0] + (box[2] - box[0]) * (0.5 + i % SAMPLES) / SAMPLES,
                       box[1] + (box[3] - box[1]) * (0.5 + i / SAMPLES) / SAMPLES };
        count += holds(region, p, margin);
    }
    return count;
}

/* Of all points of a box, how far the nearest to the middle of an ellipse lies, or the farthest: 1
 * is on its border. */
static double ellipse_reach(const OskRegion *region, const double box[4], bool farthest)
{
    double sum = 0;
    for (unsigned axis = 0; axis < 2; axis++) {
        double half = (axis == 0 ? region->w : region->h) / 2;
        double middle = (axis == 0 ? region->x : region->y) + half;
        double low = box[axis] - middle;
        double high = box[axis + 2] - middle;
        double near = low > 0 ? low : high < 0 ? high : 0;
        double far = fmax(fabs(low), fabs(high));
        double at = (farthest ? far : near) / half;
        sum += at * at;
    }
    return sum;
}

/* ---- drawing lots ---- */

static uint32_t seed = 1;

static double roll(double low, double high)
{
    seed = seed * 1664525u + 1013904223u;
    return low + (high - low) * (seed >> 8) / 16777216.0;
}

/* Whole and half pixels as often as others: borders that lie on pixel edges are where rounding goes
 * wrong. */
static double roll_edge(double low, double high)
{
    double value = roll(low, high);
    double kind = roll(0, 3);
    return kind < 1 ? floor(value) : kind < 2 ? floor(value * 2) / 2 : value;
}

static OskRegion roll_region(OskShape shape, OskPoint *points)
{
    OskRegion region = { .shape = shape };
    if (shape == OSK_SHAPE_RECT || shape == OSK_SHAPE_ELLIPSE) {
        region.x = roll_edge(-8, 30);
        region.y = roll_edge(-8, 24);
        region.w = roll_edge(0, 18) + 0.01;
        region.h = roll_edge(0, 18) + 0.01;
        return region;
    }
    region.points = points;
    region.point_count =
        shape == OSK_SHAPE_STROKE ? 1 + (size_t)roll(0, 4) : 3 + (size_t)roll(0, 5);
    for (size_t i = 0; i < region.point_count; i++) {
        points[i] = (OskPoint){ roll_edge(-6, 36), roll_edge(-6, 28) };
    }
    points[0].x += points[0].x == points[1].x ? 3 : 0;
    points[0].y += points[0].y == points[1].y ? 2 : 0;
    region.radius = 0.2 + roll_edge(0, 5);
    return region;
}

static OskRegions *list_of(const OskRegion *region)
{
    OskRegions *regions = osk_regions_new(NULL);
    assert_non_null(regions);
    assert_int_equal(osk_regions_add(regions, region), OSK_OK);
    return regions;
}

static OskCoverMap cover_of(const OskRegions *regions, OskGeometry geometry, uint32_t cell_width,
                            uint32_t cell_height)
{
    OskBudget budget = osk_budget_default();
    OskCoverMap map;
    assert_int_equal(osk_cover_make(&map, regions, &geometry, cell_width, cell_height, 0, &budget),
                     OSK_OK);
    return map;
}

static void drop(OskCoverMap *map, OskRegions *regions)
{
    OskBudget budget = { .memory = 0 };
    osk_cover_free(map, &budget);
    osk_regions_free(&regions);
}

/* ---- tests ---- */

static void compare_cells(const OskRegion *region, uint32_t cell_width, uint32_t cell_height)
{
    const OskGeometry geometry = { .width = 31, .height = 23, .orientation = 1 };
    OskRegions *regions = list_of(region);
    OskCoverMap map = cover_of(regions, geometry, cell_width, cell_height);
    osk_regions_invert(regions, true);
    OskCoverMap rest = cover_of(regions, geometry, cell_width, cell_height);
    double pitch = (double)(cell_width > cell_height ? cell_width : cell_height) / SAMPLES;
    uint64_t covered = 0;
    for (uint32_t i = 0; i < map.columns * map.rows; i++) {
        double box[4] = { i % map.columns * cell_width, i / map.columns * cell_height, 0, 0 };
        box[2] = fmin(box[0] + cell_width, geometry.width);
        box[3] = fmin(box[1] + cell_height, geometry.height);
        covered += map.cells[i] != OSK_COVER_NONE;
        if (count_samples(region, box, -1e-5) > 0) {
            assert_int_equal(map.cells[i], 1); /* nothing that is touched stays */
        } else if (map.cells[i] != OSK_COVER_NONE && region->shape == OSK_SHAPE_ELLIPSE) {
            assert_true(ellipse_reach(region, box, false) < 1 + 1e-5);
        } else if (map.cells[i] != OSK_COVER_NONE) {
            assert_true(count_samples(region, box, pitch) > 0); /* and nothing far away goes */
        }
        if (count_samples(region, box, 1e-5) < SAMPLES * SAMPLES) {
            assert_int_equal(rest.cells[i], OSK_COVER_REST);
        } else if (rest.cells[i] != OSK_COVER_NONE && region->shape == OSK_SHAPE_ELLIPSE) {
            assert_true(ellipse_reach(region, box, true) > 1 - 1e-5);
        } else if (rest.cells[i] != OSK_COVER_NONE && region->shape != OSK_SHAPE_STROKE) {
            assert_true(count_samples(region, box, -pitch) < SAMPLES * SAMPLES);
        }
    }
    assert_true(covered == map.covered);
    OskBudget budget = { .memory = 0 };
    osk_cover_free(&rest, &budget);
    drop(&map, regions);
}

static void compare_shape(OskShape shape, unsigned times)
{
    OskPoint points[8];
    for (unsigned i = 0; i < times; i++) {
        OskRegion region = roll_region(shape, points);
        compare_cells(&region, 1, 1);
        compare_cells(&region, i % 2 == 0 ? 8 : 16, i % 3 == 0 ? 8 : 16);
    }
}

static void cover__rect_touched_pixels(void **state)
{
    (void)state;
    compare_shape(OSK_SHAPE_RECT, 60);
}

static void cover__ellipse_touched_pixels(void **state)
{
    (void)state;
    compare_shape(OSK_SHAPE_ELLIPSE, 60);
}

static void cover__polygon_touched_pixels(void **state)
{
    (void)state;
    compare_shape(OSK_SHAPE_POLYGON, 60);
}

static void cover__stroke_touched_pixels(void **state)
{
    (void)state;
    compare_shape(OSK_SHAPE_STROKE, 60);
}

/* Edges on pixel edges cover no pixel more, however the shape is written. */
static void cover__whole_pixels_are_exact(void **state)
{
    (void)state;
    const OskPoint corners[] = { { 3, 2 }, { 9, 2 }, { 9, 7 }, { 3, 7 } };
    const OskPoint line[] = { { 4, 4 }, { 8, 4 } };
    const OskRegion shapes[] = {
        { .shape = OSK_SHAPE_RECT, .x = 3, .y = 2, .w = 6, .h = 5 },
        { .shape = OSK_SHAPE_POLYGON, .points = corners, .point_count = 4 },
        { .shape = OSK_SHAPE_ELLIPSE, .x = 3, .y = 2, .w = 6, .h = 5 },
        { .shape = OSK_SHAPE_STROKE, .points = line, .point_count = 2, .radius = 1 },
    };
    for (unsigned s = 0; s < 4; s++) {
        OskRegions *regions = list_of(&shapes[s]);
        OskCoverMap map = cover_of(regions, (OskGeometry){ 12, 10, 1 }, 1, 1);
        for (uint32_t i = 0; i < 120; i++) {
            uint32_t x = i % 12;
            uint32_t y = i / 12;
            bool in = x >= 3 && x < 9 && y >= 2 && y < 7;
            if (s == 3) {
                in = x >= 3 && x < 9 && (y == 3 || y == 4);
            }
            assert_int_equal(map.cells[i] != OSK_COVER_NONE, in);
        }
        drop(&map, regions);
    }
}

/* sqrt(930249^2 - 416020^2) is 832040 and six ten-millionths (neighbours of Fibonacci's: 832040^2 +
 * 1 = 514229 * 1346269); half of that is less than the unit that coordinates are counted in. The
 * pixel that is touched by so much is covered. */
static void cover__a_hair_over_the_edge_is_covered(void **state)
{
    (void)state;
    OskRegion region = { .shape = OSK_SHAPE_ELLIPSE,
                         .x = 0.5,
                         .y = -(416020 + 930249) / 2.0,
                         .w = 930249,
                         .h = 930249 };
    OskRegions *regions = list_of(&region);
    OskCoverMap map = cover_of(regions, (OskGeometry){ 930250, 1, 1 }, 1, 1);
    assert_int_equal(map.covered, 2 * 416021);
    drop(&map, regions);
    region.y = -416020 - 930249; /* twice as high */
    region.h = 2 * 930249;
    regions = list_of(&region);
    map = cover_of(regions, (OskGeometry){ 930250, 1, 1 }, 1, 1);
    assert_int_equal(map.covered, 2 * 416021);
    drop(&map, regions);
    /* Its right edge is its left edge when they are added as doubles. */
    region = (OskRegion){ .shape = OSK_SHAPE_RECT, .x = 5, .y = 5, .w = 1e-30, .h = 1e-30 };
    regions = list_of(&region);
    map = cover_of(regions, (OskGeometry){ 10, 10, 1 }, 1, 1);
    assert_int_equal(map.covered, 1);
    assert_int_equal(map.cells[55], 1);
    drop(&map, regions);
}

static void cover__turns_with_the_picture(void **state)
{
    (void)state;
    OskPoint points[8];
    for (unsigned i = 0; i < 200; i++) {
        OskRegion region = roll_region((OskShape)(i % 4), points);
        region.unit = i % 5 == 0 ? OSK_UNIT_PCT : OSK_UNIT_PX;
        unsigned orientation = 1 + i / 4 % 8;
        OskGeometry stored = { .width = 29, .height = 22, .orientation = orientation };
        OskGeometry upright = { .width = osk_geometry_displayed_width(&stored),
                                .height = osk_geometry_displayed_height(&stored),
                                .orientation = 1 };
        OskRegions *regions = list_of(&region);
        OskCoverMap turned = cover_of(regions, stored, 1, 1);
        OskCoverMap plain = cover_of(regions, upright, 1, 1);
        for (uint32_t at = 0; at < plain.columns * plain.rows; at++) {
            OskPoint middle = { at % plain.columns + 0.5, at / plain.columns + 0.5 };
            OskPoint to = osk_geometry_to_stored(&stored, middle);
            uint32_t there = (uint32_t)to.y * turned.columns + (uint32_t)to.x;
            assert_int_equal(plain.cells[at], turned.cells[there]);
        }
        OskBudget budget = { .memory = 0 };
        osk_cover_free(&plain, &budget);
        drop(&turned, regions);
    }
}

static void cover__hundredths_are_of_the_displayed_picture(void **state)
{
    (void)state;
    OskRegion region = {
        .shape = OSK_SHAPE_RECT, .unit = OSK_UNIT_PCT, .x = 50, .y = 0, .w = 50, .h = 25
    };
    OskRegions *regions = list_of(&region);
    OskCoverMap map = cover_of(regions, (OskGeometry){ 8, 20, 6 }, 1, 1); /* displayed 20 x 8 */
    assert_int_equal(map.covered, 10 * 2);
    assert_int_equal(map.cells[0], 1); /* displayed right is stored top */
    assert_int_equal(map.cells[19 * 8], 0);
    drop(&map, regions);
}

static void cover__last_region_wins_and_last_cells_end_with_the_picture(void **state)
{
    (void)state;
    OskRegion region = { .shape = OSK_SHAPE_RECT, .x = 0, .y = 0, .w = 10, .h = 10 };
    OskRegions *regions = list_of(&region);
    region.x = 9;
    assert_int_equal(osk_regions_add(regions, &region), OSK_OK);
    /* Beyond the picture, but where its last block reaches. */
    region.x = 20;
    assert_int_equal(osk_regions_add(regions, &region), OSK_OK);
    OskCoverMap map = cover_of(regions, (OskGeometry){ 20, 20, 1 }, 8, 8);
    assert_int_equal(map.columns, 3);
    assert_int_equal(map.cells[0], 1);
    assert_int_equal(map.cells[1], 2);
    assert_int_equal(map.cells[2], 2);
    assert_int_equal(map.cells[6], OSK_COVER_NONE);
    drop(&map, regions);
}

static void cover__frames_and_keyframes(void **state)
{
    (void)state;
    const OskRegionKey keys[] = { { .frame = 2, .x = 0, .y = 0, .w = 4, .h = 4 },
                                  { .frame = 6, .x = 8, .y = 0, .w = 8, .h = 4 },
                                  { .frame = 7, .x = 0, .y = 8, .w = 1, .h = 1 } };
    OskRegion region = { .shape = OSK_SHAPE_RECT,
                         .has_frames = true,
                         .first_frame = 1,
                         .last_frame = 8,
                         .keys = keys,
                         .key_count = 3 };
    OskRegions *regions = list_of(&region);
    static const uint32_t left[] = { 99, 0, 0, 2, 4, 6, 8, 0, 0, 99 };
    static const uint32_t area[] = { 0, 16, 16, 20, 24, 28, 32, 1, 1, 0 };
    for (uint32_t frame = 0; frame < 10; frame++) {
        OskBudget budget = osk_budget_default();
        OskGeometry geometry = { 20, 20, 1 };
        OskCoverMap map;
        assert_int_equal(osk_cover_make(&map, regions, &geometry, 1, 1, frame, &budget), OSK_OK);
        assert_int_equal(map.covered, area[frame]);
        for (uint32_t x = 0; frame < 7 && x < 20 && area[frame] > 0; x++) {
            assert_int_equal(map.cells[x] != 0,
                             x >= left[frame] && x < left[frame] + area[frame] / 4);
        }
        osk_cover_free(&map, &budget);
        assert_true(budget.memory == osk_budget_default().memory);
    }
    osk_regions_free(&regions);
}

static void cover__inverted_regions_hold_cells_together(void **state)
{
    (void)state;
    OskRegion region = { .shape = OSK_SHAPE_RECT, .x = 0, .y = 0, .w = 10, .h = 16 };
    OskRegions *regions = list_of(&region);
    region.x = 10;
    region.w = 6;
    assert_int_equal(osk_regions_add(regions, &region), OSK_OK);
    osk_regions_invert(regions, true);
    OskCoverMap map = cover_of(regions, (OskGeometry){ 40, 16, 1 }, 16, 16);
    assert_int_equal(map.cells[0], OSK_COVER_NONE);
    assert_int_equal(map.cells[1], OSK_COVER_REST);
    assert_int_equal(map.cells[2], OSK_COVER_REST);
    drop(&map, regions);
}

/* Large pictures are looked at in stripes. */
static void cover__inverted_is_the_complement_across_stripes(void **state)
{
    (void)state;
    const OskPoint corners[] = { { 800, 160 }, { 16000, 160 }, { 16000, 1920 }, { 800, 1920 } };
    OskRegion region = { .shape = OSK_SHAPE_POLYGON, .points = corners, .point_count = 4 };
    for (unsigned orientation = 1; orientation <= 6; orientation += 5) {
        OskGeometry geometry = { 20000, 2000, orientation };
        OskRegions *regions = list_of(&region);
        OskCoverMap map = cover_of(regions, geometry, 8, 8);
        osk_regions_invert(regions, true);
        OskCoverMap rest = cover_of(regions, geometry, 8, 8);
        for (uint32_t i = 0; i < map.columns * map.rows; i++) {
            assert_int_equal(map.cells[i] == OSK_COVER_NONE, rest.cells[i] == OSK_COVER_REST);
        }
        assert_true(map.covered > 0 && map.covered + rest.covered == 2500u * 250u);
        OskBudget budget = { .memory = 0 };
        osk_cover_free(&rest, &budget);
        drop(&map, regions);
    }
}

/* Flood fill, cell by cell. */
static void flood(const OskCoverMap *map, uint32_t *number, uint32_t at, uint32_t value)
{
    if (map->cells[at] == OSK_COVER_NONE || number[at] != 0) {
        return;
    }
    number[at] = value;
    for (int dy = -1; dy <= 1; dy++) {
        for (int dx = -1; dx <= 1; dx++) {
            int64_t x = (int64_t)(at % map->columns) + dx;
            int64_t y = (int64_t)(at / map->columns) + dy;
            if (x >= 0 && y >= 0 && x < map->columns && y < map->rows) {
                flood(map, number, (uint32_t)y * map->columns + (uint32_t)x, value);
            }
        }
    }
}

static void cover__groups_touch_by_edge_or_corner(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 60; round++) {
        enum { WIDE = 23, HIGH = 17 };
        OskRegions *regions = osk_regions_new(NULL);
        for (unsigned i = 0; i < 20 + round * 3; i++) {
            OskRegion region = { .shape = OSK_SHAPE_RECT,
                                 .x = floor(roll(0, WIDE)),
                                 .y = floor(roll(0, HIGH)),
                                 .w = i % 7 == 0 ? 5 : 1,
                                 .h = i % 5 == 0 ? 4 : 1 };
            assert_int_equal(osk_regions_add(regions, &region), OSK_OK);
        }
        OskCoverMap map = cover_of(regions, (OskGeometry){ WIDE, HIGH, 1 }, 1, 1);
        OskBudget budget = osk_budget_default();
        assert_int_equal(osk_cover_group(&map, &budget), OSK_OK);
        uint32_t number[WIDE * HIGH] = { 0 };
        uint32_t count = 0;
        for (uint32_t i = 0; i < WIDE * HIGH; i++) {
            if (map.cells[i] != OSK_COVER_NONE && number[i] == 0) {
                flood(&map, number, i, ++count);
            }
            assert_int_equal(map.group[i], number[i]);
        }
        assert_int_equal(map.group_count, count);
        drop(&map, regions);
    }
}

/* Some of the work is spent before all of it is done. */
static void cover__work_beyond_the_budget_is_refused(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    OskPoint *points = malloc(COUNT * sizeof *points);
    assert_non_null(points);
    for (size_t i = 0; i < COUNT; i++) {
        points[i] = (OskPoint){ (double)i / 10, i % 2 == 0 ? 0 : 10000 };
    }
    OskRegion region = { .shape = OSK_SHAPE_POLYGON, .points = points, .point_count = COUNT };
    OskRegions *regions = list_of(&region);
    OskBudget budget = osk_budget_default();
    OskGeometry geometry = { 10000, 10000, 1 };
    OskCoverMap map;
    assert_int_equal(osk_cover_make(&map, regions, &geometry, 1, 1, 0, &budget), OSK_LIMIT);
    assert_null(map.cells);
    assert_true(budget.memory == osk_budget_default().memory);
    budget = (OskBudget){ .memory = 1000, .parts = 1000 };
    assert_int_equal(osk_cover_make(&map, regions, &geometry, 1, 1, 0, &budget), OSK_LIMIT);
    osk_regions_free(&regions);
    free(points);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cover__rect_touched_pixels),
        cmocka_unit_test(cover__ellipse_touched_pixels),
        cmocka_unit_test(cover__polygon_touched_pixels),
        cmocka_unit_test(cover__stroke_touched_pixels),
        cmocka_unit_test(cover__whole_pixels_are_exact),
        cmocka_unit_test(cover__a_hair_over_the_edge_is_covered),
        cmocka_unit_test(cover__turns_with_the_picture),
        cmocka_unit_test(cover__hundredths_are_of_the_displayed_picture),
        cmocka_unit_test(cover__last_region_wins_and_last_cells_end_with_the_picture),
        cmocka_unit_test(cover__frames_and_keyframes),
        cmocka_unit_test(cover__inverted_regions_hold_cells_together),
        cmocka_unit_test(cover__inverted_is_the_complement_across_stripes),
        cmocka_unit_test(cover__groups_touch_by_edge_or_corner),
        cmocka_unit_test(cover__work_beyond_the_budget_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
