/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What regions version 1 may say, and how each mistake is named. */
#include <stdlib.h>
#include <string.h>

#include "redact/regions.h"
#include "unit.h"

/* Parsed from an exact-size block, so that a byte too many is seen. */
static OskStatus parse(const char *text, OskRegions **out, OskFault *fault)
{
    static const OskRegionDefaults defaults = { .style = OSK_REGION_BLUR, .color = { 9, 8, 7 } };
    size_t len = strlen(text);
    char *exact = malloc(len + (len == 0));
    assert_non_null(exact);
    memcpy(exact, text, len);
    OskStatus status = osk_regions_parse(exact, len, &defaults, out, fault);
    free(exact);
    assert_true((status == OSK_OK) == (*out != NULL));
    assert_int_equal(fault->status, status);
    return status;
}

static OskRegions *parse_good(const char *text)
{
    OskRegions *regions = NULL;
    OskFault fault;
    if (parse(text, &regions, &fault) != OSK_OK) {
        fail_msg("%s: %s, byte %u", fault.part, fault.what, (unsigned)fault.offset);
    }
    return regions;
}

static void regions_json__all_shapes(void **state)
{
    (void)state;
    OskRegions *regions = parse_good("{\"version\": 1, \"regions\": ["
                                     "{\"shape\":\"rect\",\"x\":1,\"y\":-2.5,\"w\":3e1,\"h\":4},"
                                     "{\"h\":4,\"w\":3,\"y\":2,\"x\":1,\"unit\":\"pct\",\"style\":"
                                     "\"mosaic\",\"shape\":\"ellipse\"},\n"
                                     "{\"shape\":\"polygon\",\"points\":[[1,2],[3,4],[5,0.5]],"
                                     "\"style\":\"fill\",\"color\":\"#A0b1c2\"},"
                                     "{\"shape\":\"stroke\",\"points\":[[7,8]],\"radius\":2,"
                                     "\"unit\":\"px\",\"frames\":[3, 9]}]}\r\n");
    assert_int_equal(osk_regions_count(regions), 4);
    assert_false(osk_regions_inverted(regions));
    const OskRegion *region = osk_regions_at(regions, 0);
    assert_int_equal(region->shape, OSK_SHAPE_RECT);
    assert_int_equal(region->unit, OSK_UNIT_PX);
    assert_int_equal(region->style, OSK_REGION_BLUR); /* the defaults */
    assert_int_equal(region->color[0], 9);
    assert_true(region->x == 1 && region->y == -2.5 && region->w == 30 && region->h == 4);
    assert_false(region->has_frames);
    region = osk_regions_at(regions, 1);
    assert_int_equal(region->shape, OSK_SHAPE_ELLIPSE);
    assert_int_equal(region->unit, OSK_UNIT_PCT);
    assert_int_equal(region->style, OSK_REGION_MOSAIC);
    region = osk_regions_at(regions, 2);
    assert_int_equal(region->point_count, 3);
    assert_true(region->points[2].x == 5 && region->points[2].y == 0.5);
    assert_int_equal(region->style, OSK_REGION_FILL);
    assert_true(region->color[0] == 0xA0 && region->color[1] == 0xB1 && region->color[2] == 0xC2);
    region = osk_regions_at(regions, 3);
    assert_int_equal(region->shape, OSK_SHAPE_STROKE);
    assert_true(region->radius == 2 && region->point_count == 1);
    assert_true(region->has_frames && region->first_frame == 3 && region->last_frame == 9);
    osk_regions_free(&regions);
}

static void regions_json__keyframes(void **state)
{
    (void)state;
    OskRegions *regions = parse_good(
        "{\"regions\":[{\"keyframes\":[{\"frame\":0,\"x\":1,\"y\":2},{\"frame\":9,\"x\":5,\"y\":6,"
        "\"w\":7}],"
        "\"shape\":\"rect\",\"w\":3,\"h\":4},"
        "{\"shape\":\"ellipse\",\"keyframes\":[{\"frame\":2,\"x\":1,\"y\":2,\"w\":3,\"h\":4}]},"
        "{\"shape\":\"polygon\",\"points\":[[0,0],[1,0],[0,1]],\"keyframes\":[{\"frame\":7,\"x\":-"
        "5}]}],"
        "\"invert\":true,\"version\":1.0}");
    assert_true(osk_regions_inverted(regions));
    const OskRegion *region = osk_regions_at(regions, 0);
    assert_int_equal(region->key_count, 2);
    assert_true(region->keys[0].x == 1 && region->keys[0].w == 3 && region->keys[0].h == 4);
    assert_true(region->keys[1].frame == 9 && region->keys[1].w == 7 && region->keys[1].h == 4);
    region = osk_regions_at(regions, 2);
    assert_true(region->keys[0].frame == 7 && region->keys[0].x == -5 && region->keys[0].y == 0);
    osk_regions_free(&regions);
    regions = parse_good("{\"version\":1,\"regions\":[]}");
    assert_int_equal(osk_regions_count(regions), 0);
    osk_regions_free(&regions);
    regions = parse_good("{\"\\u0076ersion\":1,\"regions\":[],\"inv\\u0065rt\":false}");
    osk_regions_free(&regions);
}

#define HEAD "{\"version\":1,\"regions\":[" /* 24 bytes */
#define RECT "\"shape\":\"rect\",\"x\":1,\"y\":2,\"w\":3"

typedef struct Mistake {
    const char *text;
    const char *part;
    const char *what; /* how it begins */
} Mistake;

/* @ stands where the mistake is said to be, and is taken out. */
static const Mistake mistakes[] = {
    { "@", "", "the text ends early" },
    { "@[]", "", "not an object" },
    { "@\xEF\xBB\xBF{}", "", "not an object" },
    { "@{}", "", "\"version\" is missing" },
    { "@{\"version\":1}", "", "\"regions\" is missing" },
    { "@{\"regions\":[]}", "", "\"version\" is missing" },
    { "{\"version\":1,@\"version\":1,\"regions\":[]}", "version", "this key stands here twice" },
    { "{\"version\":@\"1\",\"regions\":[]}", "version", "not a number" },
    { "{\"version\":@1.5,\"regions\":[]}", "version", "not a whole number" },
    { "{\"version\":1,\"regions\":[],@\"color\":1}", "", "a key that regions do not have" },
    { "{\"version\":1,\"regions\":[],\"invert\":@1}", "invert", "neither true nor false" },
    { "{\"version\":1,\"regions\":[],\"invert\":@truE}", "invert", "neither true nor false" },
    { "{\"version\":1,\"regions\":@{}}", "regions", "not a list" },
    { "{\"version\":1,\"regions\":[]} @x", "", "text behind the end" },
    { "{\"version\":1,\"regions\":[],@}", "", "not a string in double quotes" },
    { "{\"version\":1 @\"regions\":[]}", "", "no comma" },
    { "{\"version\" @1,\"regions\":[]}", "", "no colon" },
    { "{@'version':1}", "", "not a string in double quotes" },
    { "{\"version\":1,@/* */\"regions\":[]}", "", "not a string" },
    { HEAD "@{" RECT "}]}", "regions/h", "this key is missing" },
    { HEAD "{" RECT ",@\"h\":0}]}", "regions/h", "covers no area" },
    { HEAD "{" RECT ",@\"h\":-1}]}", "regions/h", "covers no area" },
    { HEAD "{" RECT ",\"h\":@NaN}]}", "regions/h", "not a number" },
    { HEAD "{" RECT ",\"h\":@Infinity}]}", "regions/h", "not a number" },
    { HEAD "{" RECT ",\"h\":@1e400}]}", "regions/h", "no coordinate of any picture" },
    { HEAD "{" RECT ",@\"h\":1e10}]}", "regions/h", "no coordinate of any picture" },
    { HEAD "{" RECT ",\"h\":@\"4\"}]}", "regions/h", "not a number" },
    { HEAD "{" RECT ",\"h\":@null}]}", "regions/h", "not a number" },
    { HEAD "{" RECT ",\"h\":@04}]}", "regions/h", "not a number" },
    { HEAD "{" RECT ",\"h\":4@", "regions", "the text ends early" },
    { HEAD "{" RECT ",\"h\":4,@\"h\":4}]}", "regions/h", "this key stands here twice" },
    { HEAD "{" RECT ",\"h\":4,@\"name\":\"R.\"}]}", "regions", "a key that regions do not have" },
    { HEAD "{" RECT ",\"h\":4,@\"H\":4}]}", "regions", "a key that regions do not have" },
    { HEAD "{" RECT ",\"h\":4,@\"radius\":4}]}", "regions/radius", "this shape has no such key" },
    { HEAD "{" RECT ",\"h\":4,\"style\":@\"black\"}]}", "regions/style", "not fill, mosaic" },
    { HEAD "{" RECT ",\"h\":4,\"style\":@\"fi\\u006Cl\\u0000\"}]}", "regions/style", "not fill" },
    { HEAD "{" RECT ",\"h\":4,\"unit\":@\"%\"}]}", "regions/unit", "not px or pct" },
    { HEAD "{" RECT ",\"h\":4,\"color\":@\"red\"}]}", "regions/color", "not a colour" },
    { HEAD "{" RECT ",\"h\":4,\"color\":@\"#12345g\"}]}", "regions/color", "not a colour" },
    { HEAD "{" RECT ",\"h\":4,\"color\":@\"#1234567\"}]}", "regions/color", "not a colour" },
    { HEAD "{" RECT ",\"h\":4,\"frames\":@[1]}]}", "regions/frames", "not the first and the last" },
    { HEAD "{" RECT ",\"h\":4,\"frames\":@[1,2,3]}]}", "regions/frames", "not the first" },
    { HEAD "{" RECT ",\"h\":4,@\"frames\":[2,1]}]}", "regions/frames",
      "the last frame comes before" },
    { HEAD "{" RECT ",\"h\":4,\"frames\":[@-1,1]}]}", "regions/frames", "not a whole number" },
    { HEAD "{" RECT ",\"h\":4,\"frames\":[0,@4294967296]}]}", "regions/frames", "not a whole" },
    { HEAD "{" RECT ",\"h\":4,\"keyframes\":@[]}]}", "regions/keyframes", "a list without" },
    { HEAD "{" RECT ",\"h\":4,\"keyframes\":[@{\"x\":1}]}]}", "regions/keyframes",
      "\"frame\" is missing" },
    { HEAD "{" RECT ",\"keyframes\":[@{\"frame\":1}]}]}", "regions/keyframes/h",
      "this key is missing" },
    { HEAD "{" RECT ",\"h\":4,@\"keyframes\":[{\"frame\":1},{\"frame\":1}]}]}", "regions/keyframes",
      "keyframes must be in order" },
    { HEAD "{" RECT ",\"h\":4,\"keyframes\":[{\"frame\":1,@\"z\":1}]}]}", "regions/keyframes",
      "a key that regions do not have" },
    { HEAD "@{\"x\":1}]}", "regions/shape", "\"shape\" is missing" },
    { HEAD "{\"shape\":@\"circle\"}]}", "regions/shape", "not rect, ellipse" },
    { HEAD "@{\"shape\":\"polygon\"}]}", "regions/points", "this key is missing" },
    { HEAD "{\"shape\":\"polygon\",@\"points\":[[1,2],[2,3]]}]}", "regions/points",
      "too few points" },
    { HEAD "{\"shape\":\"polygon\",\"points\":[[1,2],@[2]]}]}", "regions/points",
      "a point is two" },
    { HEAD "{\"shape\":\"polygon\",\"points\":[[1,2],@[2,3,4]]}]}", "regions/points",
      "a point is" },
    { HEAD "{\"shape\":\"polygon\",\"points\":[@1,2,3,4]}]}", "regions/points", "not a list" },
    { HEAD "{\"shape\":\"polygon\",\"points\":[[@[[[", "regions/points", "not a number" },
    { HEAD "@{\"shape\":\"stroke\",\"points\":[[1,2]]}]}", "regions/radius",
      "this key is missing" },
    { HEAD "{\"shape\":\"stroke\",\"points\":[[1,2]],@\"radius\":0}]}", "regions/radius",
      "not a radius" },
    { HEAD "{\"shape\":\"stroke\",@\"points\":[],\"radius\":1}]}", "regions/points", "too few" },
    { HEAD "{\"shape\":\"stroke\",\"points\":[[1,2]],\"radius\":1,\"keyframes\":[@{\"frame\":0,"
           "\"w\":1}]}]}",
      "regions/keyframes/w", "this shape has no such key" },
    { HEAD "{\"sh@\xFFpe\":1}]}", "regions", "not UTF-8" },
    { HEAD "{\"sh@\xC0\x80pe\":1}]}", "regions", "not UTF-8" },
    { HEAD "{\"sh\xED@\xA0\x80pe\":1}]}", "regions", "not UTF-8" },
    { HEAD "{@\"sh\xC3\xA4pe\":1}]}", "regions", "a key that regions do not have" },
    { HEAD "{\"sh\\ud800@pe\":1}]}", "regions", "an escape that no key" },
    { HEAD "{\"sh\\@qpe\":1}]}", "regions", "not an escape" },
    { HEAD "{\"sh@\npe\":1}]}", "regions", "a control character" },
};

static void regions_json__each_mistake_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const Mistake *m = &mistakes[i];
        OskRegions *regions = NULL;
        OskFault fault;
        char text[200];
        size_t at = strcspn(m->text, "@");
        assert_true(strlen(m->text) < sizeof text && m->text[at] == '@');
        memcpy(text, m->text, at);
        memcpy(text + at, m->text + at + 1, strlen(m->text) - at);
        assert_int_equal(parse(text, &regions, &fault), OSK_MALFORMED);
        if (strcmp(fault.part, m->part) != 0 ||
            strncmp(fault.what, m->what, strlen(m->what)) != 0 || fault.offset != at) {
            fail_msg("%s\n is: %s: %s, byte %u", m->text, fault.part, fault.what,
                     (unsigned)fault.offset);
        }
    }
}

static void regions_json__another_version_is_not_guessed_at(void **state)
{
    (void)state;
    OskRegions *regions = NULL;
    OskFault fault;
    assert_int_equal(parse("{\"version\":2,\"regions\":[]}", &regions, &fault), OSK_UNSUPPORTED);
    assert_string_equal(fault.part, "version");
    assert_int_equal(fault.offset, 11);
}

static void regions_json__cut_anywhere_is_an_error(void **state)
{
    (void)state;
    static const char text[] = HEAD
        "{" RECT ",\"h\":4,\"color\":\"#\\u0030aAf00\",\"frames\":[0,12]},{\"shape\":\"stroke\","
        "\"points\":[[1.5e1,2],[3,4]],\"radius\":0.5,\"keyframes\":[{\"frame\":0,\"x\":1}]}],"
        "\"invert\":false}";
    char cut[sizeof text];
    OskRegions *regions = parse_good(text);
    osk_regions_free(&regions);
    for (size_t len = 0; len + 1 < sizeof text; len++) {
        OskFault fault;
        memcpy(cut, text, len);
        cut[len] = 0;
        assert_int_equal(parse(cut, &regions, &fault), OSK_MALFORMED);
        assert_true(fault.offset <= len);
    }
}

static void regions_json__too_many_is_a_limit(void **state)
{
    (void)state;
    static const char one[] = "{\"shape\":\"rect\",\"x\":1,\"y\":2,\"w\":3,\"h\":4},";
    size_t len = sizeof one - 1;
    char *text = malloc(100 + (OSK_REGIONS_MAX + 2) * len);
    assert_non_null(text);
    memcpy(text, HEAD, sizeof HEAD);
    size_t at = sizeof HEAD - 1;
    for (unsigned i = 0; i <= OSK_REGIONS_MAX; i++, at += len) {
        memcpy(text + at, one, len);
    }
    memcpy(text + at - 1, "]}", 3);
    OskRegions *regions = NULL;
    OskFault fault;
    assert_int_equal(parse(text, &regions, &fault), OSK_LIMIT);
    assert_string_equal(fault.part, "regions");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_json__all_shapes),
        cmocka_unit_test(regions_json__keyframes),
        cmocka_unit_test(regions_json__each_mistake_is_named),
        cmocka_unit_test(regions_json__another_version_is_not_guessed_at),
        cmocka_unit_test(regions_json__cut_anywhere_is_an_error),
        cmocka_unit_test(regions_json__too_many_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
