/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One region as a word of a command line. */
#include <string.h>

#include "redact/regions.h"
#include "unit.h"

static const OskRegionDefaults defaults = { .style = OSK_REGION_MOSAIC, .color = { 9, 8, 7 } };

static OskRegions *add_good(const char *text)
{
    OskRegions *regions = osk_regions_new(&defaults);
    OskFault fault;
    assert_int_equal(osk_regions_add_text(regions, text, &fault), OSK_OK);
    assert_int_equal(fault.status, OSK_OK);
    assert_int_equal(osk_regions_count(regions), 1);
    return regions;
}

static void regions_text__all_shapes(void **state)
{
    (void)state;
    OskRegions *regions = add_good("rect:1,-2.5,3,4");
    const OskRegion *region = osk_regions_at(regions, 0);
    assert_int_equal(region->shape, OSK_SHAPE_RECT);
    assert_int_equal(region->style, OSK_REGION_MOSAIC);
    assert_int_equal(region->color[2], 7);
    assert_true(region->x == 1 && region->y == -2.5 && region->w == 3 && region->h == 4);
    osk_regions_free(&regions);

    regions = add_good("ellipse:10%,20%,30%,40.5%:fill#Ff8000");
    region = osk_regions_at(regions, 0);
    assert_int_equal(region->shape, OSK_SHAPE_ELLIPSE);
    assert_int_equal(region->unit, OSK_UNIT_PCT);
    assert_int_equal(region->style, OSK_REGION_FILL);
    assert_true(region->h == 40.5 && region->color[0] == 255 && region->color[1] == 128);
    osk_regions_free(&regions);

    regions = add_good("polygon:1,2,3,4,5,0:blur");
    region = osk_regions_at(regions, 0);
    assert_int_equal(region->style, OSK_REGION_BLUR);
    assert_int_equal(region->point_count, 3);
    assert_true(region->points[2].x == 5 && region->points[2].y == 0);
    osk_regions_free(&regions);

    regions = add_good("stroke:12,1,2,3,4:fill");
    region = osk_regions_at(regions, 0);
    assert_true(region->radius == 12 && region->point_count == 2 && region->points[1].y == 4);
    osk_regions_free(&regions);
}

typedef struct Mistake {
    const char *text;
    const char *part;
    const char *what;
    uint64_t offset;
} Mistake;

static void regions_text__each_mistake_is_named(void **state)
{
    (void)state;
    static const Mistake mistakes[] = {
        { "", "region/shape", "not rect, ellipse", 0 },
        { "rects:1,2,3,4", "region/shape", "not rect, ellipse", 0 },
        { "rect", "region/numbers", "not a number", 4 },
        { "rect:", "region/numbers", "not a number", 5 },
        { "rect:1,2,3", "region/numbers", "not four numbers", 5 },
        { "rect:1,2,3,4,5", "region/numbers", "not four numbers", 5 },
        { "rect:1,2,3,", "region/numbers", "not a number", 11 },
        { "rect:1,2,x,4", "region/numbers", "not a number", 9 },
        { "rect:1,2,3 ,4", "region/numbers", "neither a comma", 10 },
        { "rect:1,2,3,1e99", "region/numbers", "no coordinate of any", 11 },
        { "rect:1,2,0,4", "region/numbers", "covers no area", 5 },
        { "rect:1%,2,3,4", "region/numbers", "some numbers have %", 5 },
        { "rect:1,2,3,4:", "region/style", "not fill, mosaic", 13 },
        { "rect:1,2,3,4:black", "region/style", "not fill, mosaic", 13 },
        { "rect:1,2,3,4:fill#12", "region/color", "not a colour", 17 },
        { "rect:1,2,3,4:fill#123456 ", "region/color", "not a colour", 17 },
        { "rect:1,2,3,4:fill:1", "region/style", "not fill, mosaic", 13 },
        { "polygon:1,2,3,4,5", "region/numbers", "not pairs", 8 },
        { "polygon:1,2,3,4", "region/numbers", "too few points", 8 },
        { "stroke:5", "region/numbers", "not a radius and pairs", 7 },
        { "stroke:5,1", "region/numbers", "not a radius and pairs", 7 },
        { "stroke:0,1,2", "region/numbers", "not a radius", 7 },
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const Mistake *m = &mistakes[i];
        OskRegions *regions = osk_regions_new(NULL);
        OskFault fault;
        assert_int_equal(osk_regions_add_text(regions, m->text, &fault), OSK_MALFORMED);
        if (strcmp(fault.part, m->part) != 0 ||
            strncmp(fault.what, m->what, strlen(m->what)) != 0 || fault.offset != m->offset) {
            fail_msg("%s\n is: %s: %s, character %u", m->text, fault.part, fault.what,
                     (unsigned)fault.offset);
        }
        assert_int_equal(osk_regions_count(regions), 0);
        osk_regions_free(&regions);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_text__all_shapes),
        cmocka_unit_test(regions_text__each_mistake_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
