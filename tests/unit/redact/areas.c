/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person is told that was covered. */
#include "redact/areas.h"

#include "unit.h"

static OskAreas find(const OskRegion *regions, size_t count, const OskGeometry *geometry,
                     uint32_t cell)
{
    OskBudget budget = osk_budget_default();
    OskRegions *list = osk_regions_new(NULL);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(osk_regions_add(list, &regions[i]), OSK_OK);
    }
    OskCoverMap map = { .cells = NULL };
    assert_int_equal(osk_cover_make(&map, list, geometry, cell, cell, 0, &budget), OSK_OK);
    OskAreas areas;
    assert_int_equal(osk_areas_find(&areas, &map, geometry, &budget), OSK_OK);
    osk_cover_free(&map, &budget);
    osk_regions_free(&list);
    return areas;
}

static void assert_box(const OskArea *box, uint32_t x, uint32_t y, uint32_t width, uint32_t height)
{
    assert_int_equal(box->x, x);
    assert_int_equal(box->y, y);
    assert_int_equal(box->width, width);
    assert_int_equal(box->height, height);
}

static void areas__are_boxes_rounded_outward_and_end_at_the_edge(void **state)
{
    (void)state;
    OskGeometry geometry = { .width = 100, .height = 90, .orientation = 1 };
    OskRegion regions[] = { { .x = 70, .y = 80, .w = 1e6, .h = 1e6 },
                            { .x = 17, .y = 1, .w = 2, .h = 16 } };
    OskAreas areas = find(regions, 2, &geometry, 16);
    assert_int_equal(areas.count, 2);
    assert_int_equal(areas.listed, 2);
    assert_int_equal(areas.cells, 2 + 3);
    assert_box(&areas.boxes[0], 16, 0, 16, 32);
    assert_box(&areas.boxes[1], 64, 80, 36, 10);
}

static void areas__that_touch_are_one(void **state)
{
    (void)state;
    OskGeometry geometry = { .width = 64, .height = 64, .orientation = 1 };
    OskRegion regions[] = { { .x = 0, .y = 0, .w = 8, .h = 8 },
                            { .x = 8, .y = 8, .w = 8, .h = 8 },
                            { .x = 40, .y = 0, .w = 1, .h = 1 } };
    OskAreas areas = find(regions, 3, &geometry, 8);
    assert_int_equal(areas.count, 2);
    assert_box(&areas.boxes[0], 0, 0, 16, 16);
    assert_box(&areas.boxes[1], 40, 0, 8, 8);
}

/* A box that ends on cells in every orientation comes back as it was asked for. */
static void areas__are_told_as_displayed(void **state)
{
    (void)state;
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        OskGeometry geometry = { .width = 96, .height = 64, .orientation = orientation };
        OskRegion region = { .x = 8, .y = 16, .w = 24, .h = 40 };
        OskAreas areas = find(&region, 1, &geometry, 8);
        assert_int_equal(areas.count, 1);
        assert_box(&areas.boxes[0], 8, 16, 24, 40);
    }
}

static void areas__beyond_the_list_are_counted(void **state)
{
    (void)state;
    OskGeometry geometry = { .width = 2 * (OSK_AREAS_MAX + 6), .height = 1, .orientation = 1 };
    OskRegion regions[OSK_AREAS_MAX + 5];
    for (size_t i = 0; i < OSK_AREAS_MAX + 5; i++) {
        regions[i] = (OskRegion){ .x = (double)(2 * i), .y = 0, .w = 1, .h = 1 };
    }
    OskAreas areas = find(regions, OSK_AREAS_MAX + 5, &geometry, 1);
    assert_int_equal(areas.count, OSK_AREAS_MAX + 5);
    assert_int_equal(areas.listed, OSK_AREAS_MAX);
    assert_box(&areas.boxes[OSK_AREAS_MAX - 1], 2 * (OSK_AREAS_MAX - 1), 0, 1, 1);
}

static void areas__of_nothing_are_none(void **state)
{
    (void)state;
    OskGeometry geometry = { .width = 10, .height = 10, .orientation = 1 };
    OskRegion region = { .x = 10, .y = 0, .w = 5, .h = 5 };
    OskAreas areas = find(&region, 1, &geometry, 1);
    assert_int_equal(areas.count, 0);
    assert_int_equal(areas.cells, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(areas__are_boxes_rounded_outward_and_end_at_the_edge),
        cmocka_unit_test(areas__that_touch_are_one),
        cmocka_unit_test(areas__are_told_as_displayed),
        cmocka_unit_test(areas__beyond_the_list_are_counted),
        cmocka_unit_test(areas__of_nothing_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
