/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of regions, and its rules. */
#include "redact/regions.h"

#include <math.h>
#include <string.h>

#include "redact/cover.h"
#include "unit.h"

static const OskRegion good = { .shape = OSK_SHAPE_RECT, .x = 1, .y = 2, .w = 3, .h = 4 };

static OskStatus add(OskRegion region)
{
    OskRegions *regions = osk_regions_new(NULL);
    assert_non_null(regions);
    OskStatus status = osk_regions_add(regions, &region);
    assert_int_equal(osk_regions_count(regions), status == OSK_OK);
    osk_regions_free(&regions);
    assert_null(regions);
    return status;
}

static void regions__keeps_copies(void **state)
{
    (void)state;
    OskPoint points[] = { { 1, 2 }, { 3, 4 }, { 5, 1 } };
    OskRegionKey keys[] = { { .frame = 4, .x = 9 } };
    OskRegion region = {
        .shape = OSK_SHAPE_POLYGON, .points = points, .point_count = 3, .keys = keys, .key_count = 1
    };
    OskRegions *regions = osk_regions_new(NULL);
    assert_int_equal(osk_regions_add(regions, &region), OSK_OK);
    memset(points, 0xEE, sizeof points);
    memset(keys, 0xEE, sizeof keys);
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(osk_regions_add(regions, &good), OSK_OK);
    }
    const OskRegion *copy = osk_regions_at(regions, 0);
    assert_true(copy->points[2].x == 5 && copy->points[2].y == 1);
    assert_true(copy->keys[0].frame == 4 && copy->keys[0].x == 9);
    assert_int_equal(osk_regions_count(regions), 101);
    assert_null(osk_regions_at(regions, 101));
    osk_regions_free(&regions);
    osk_regions_free(&regions);
    osk_regions_free(NULL);
}

static void regions__refuses_what_covers_nothing(void **state)
{
    (void)state;
    OskRegion region = good;
    assert_int_equal(add(region), OSK_OK);
    const double bad[] = { 0, -1, NAN, INFINITY, 2e9 };
    for (unsigned i = 0; i < 5; i++) {
        region = good;
        region.w = bad[i];
        assert_int_equal(add(region), OSK_MISUSE);
        region = good;
        region.h = bad[i];
        assert_int_equal(add(region), OSK_MISUSE);
        region = good;
        region.x = bad[i];
        assert_int_equal(add(region), i < 2 ? OSK_OK : OSK_MISUSE);
    }
    region = good;
    region.unit = OSK_UNIT_PCT;
    region.y = 10001;
    assert_int_equal(add(region), OSK_MISUSE);
    region = good;
    region.shape = (OskShape)4;
    assert_int_equal(add(region), OSK_MISUSE);
    assert_int_equal(osk_regions_add(NULL, &good), OSK_MISUSE);
}

static void regions__refuses_points_that_make_no_shape(void **state)
{
    (void)state;
    const OskPoint points[] = { { 1, 1 }, { 1, 5 }, { 1, 9 }, { NAN, 0 } };
    OskRegion region = { .shape = OSK_SHAPE_POLYGON, .points = points, .point_count = 3 };
    assert_int_equal(add(region), OSK_MISUSE); /* a line */
    region.point_count = 2;
    assert_int_equal(add(region), OSK_MISUSE);
    region.shape = OSK_SHAPE_STROKE;
    assert_int_equal(add(region), OSK_MISUSE); /* no radius */
    region.radius = 1;
    assert_int_equal(add(region), OSK_OK);
    region.point_count = 1;
    assert_int_equal(add(region), OSK_OK);
    region.point_count = 4;
    assert_int_equal(add(region), OSK_MISUSE);
    region.point_count = 0;
    assert_int_equal(add(region), OSK_MISUSE);
    region.point_count = 1;
    region.points = NULL;
    assert_int_equal(add(region), OSK_MISUSE);
}

static void regions__frames_and_keys_are_in_order(void **state)
{
    (void)state;
    OskRegionKey keys[] = { { 3, 0, 0, 1, 1 }, { 5, 0, 0, 1, 1 } };
    OskRegion region = { .shape = OSK_SHAPE_RECT, .keys = keys, .key_count = 2 };
    assert_int_equal(add(region), OSK_OK);
    keys[1].frame = 3;
    assert_int_equal(add(region), OSK_MISUSE);
    keys[1].frame = 4;
    keys[1].h = 0;
    assert_int_equal(add(region), OSK_MISUSE);
    region = good;
    region.has_frames = true;
    region.first_frame = 2;
    assert_int_equal(add(region), OSK_MISUSE);
    region.last_frame = 2;
    assert_int_equal(add(region), OSK_OK);
}

static void regions__limits_are_kept(void **state)
{
    (void)state;
    OskRegions *regions = osk_regions_new(NULL);
    for (unsigned i = 0; i < OSK_REGIONS_MAX; i++) {
        assert_int_equal(osk_regions_add(regions, &good), OSK_OK);
    }
    assert_int_equal(osk_regions_add(regions, &good), OSK_LIMIT);
    osk_regions_free(&regions);
    regions = osk_regions_new(NULL);
    OskPoint point = { 0, 0 };
    OskRegion region = { .shape = OSK_SHAPE_STROKE, .radius = 1, .points = &point };
    region.point_count = (size_t)OSK_REGION_POINTS_MAX + 1;
    /* Looking at the points comes first: give it as many. */
    static OskPoint many[OSK_REGION_POINTS_MAX + 1];
    region.points = many;
    assert_int_equal(osk_regions_add(regions, &region), OSK_LIMIT);
    region.point_count--;
    assert_int_equal(osk_regions_add(regions, &region), OSK_OK);
    region.point_count = 1;
    assert_int_equal(osk_regions_add(regions, &region), OSK_LIMIT);
    osk_regions_free(&regions);
}

static void regions__styles_of_cells(void **state)
{
    (void)state;
    OskRegionDefaults defaults = { .style = OSK_REGION_BLUR, .color = { 1, 2, 3 } };
    OskRegions *regions = osk_regions_new(&defaults);
    OskRegion region = good;
    region.style = OSK_REGION_MOSAIC;
    region.color[1] = 77;
    assert_int_equal(osk_regions_add(regions, &region), OSK_OK);
    assert_int_equal(osk_regions_style_of(regions, 1), OSK_REGION_MOSAIC);
    assert_int_equal(osk_regions_color_of(regions, 1)[1], 77);
    assert_int_equal(osk_regions_style_of(regions, OSK_COVER_REST), OSK_REGION_BLUR);
    assert_int_equal(osk_regions_color_of(regions, OSK_COVER_REST)[2], 3);
    assert_int_equal(osk_regions_defaults(regions).color[0], 1);
    osk_regions_free(&regions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions__keeps_copies),
        cmocka_unit_test(regions__refuses_what_covers_nothing),
        cmocka_unit_test(regions__refuses_points_that_make_no_shape),
        cmocka_unit_test(regions__frames_and_keys_are_in_order),
        cmocka_unit_test(regions__limits_are_kept),
        cmocka_unit_test(regions__styles_of_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
