/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The eight ways in which a stored picture is turned for display. */
#include "redact/geometry.h"

#include "unit.h"

/* A stored picture of 3 x 2 pixels, a b c / d e f, as each orientation displays it: drawn by hand
 * from Exif 2.32, 4.6.4 A. */
static const char *const displayed[9] = { "",         "abc/def",  "cba/fed",  "fed/cba", "def/abc",
                                          "ad/be/cf", "da/eb/fc", "fc/eb/da", "cf/be/ad" };

static void geometry__shows_the_stored_pixels_as_exif_says(void **state)
{
    (void)state;
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        OskGeometry geometry = { .width = 3, .height = 2, .orientation = orientation };
        uint32_t width = osk_geometry_displayed_width(&geometry);
        uint32_t height = osk_geometry_displayed_height(&geometry);
        assert_int_equal(width, orientation < 5 ? 3 : 2);
        assert_int_equal(height, orientation < 5 ? 2 : 3);
        for (uint32_t y = 0; y < height; y++) {
            for (uint32_t x = 0; x < width; x++) {
                OskPoint stored = osk_geometry_to_stored(&geometry, (OskPoint){ x + 0.5, y + 0.5 });
                char pixel = "abcdef"[(int)stored.y * 3 + (int)stored.x];
                assert_int_equal(pixel, displayed[orientation][y * (width + 1) + x]);
            }
        }
    }
}

static void geometry__turning_back_gives_the_same_point(void **state)
{
    (void)state;
    static const unsigned back[9] = { 0, 1, 2, 3, 4, 5, 8, 7, 6 };
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        OskGeometry there = { .width = 4000, .height = 3000, .orientation = orientation };
        OskGeometry again = { .width = osk_geometry_displayed_width(&there),
                              .height = osk_geometry_displayed_height(&there),
                              .orientation = back[orientation] };
        OskPoint point = { 17.25, 2011.5 };
        OskPoint same = osk_geometry_to_stored(&again, osk_geometry_to_stored(&there, point));
        assert_true(same.x == point.x && same.y == point.y);
        int64_t x = 1234567;
        int64_t y = -7654321;
        osk_geometry_turn(&there, 20, &x, &y);
        osk_geometry_turn(&again, 20, &x, &y);
        assert_true(x == 1234567 && y == -7654321);
    }
}

static void geometry__turns_a_box_as_its_corners(void **state)
{
    (void)state;
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        OskGeometry geometry = { .width = 40, .height = 30, .orientation = orientation };
        double x = 3;
        double y = 5;
        double w = 7;
        double h = 11;
        OskPoint one = osk_geometry_to_stored(&geometry, (OskPoint){ x, y });
        OskPoint two = osk_geometry_to_stored(&geometry, (OskPoint){ x + w, y + h });
        osk_geometry_box_to_stored(&geometry, &x, &y, &w, &h);
        assert_true(w > 0 && h > 0);
        assert_true((x == one.x && x + w == two.x) || (x == two.x && x + w == one.x));
        assert_true((y == one.y && y + h == two.y) || (y == two.y && y + h == one.y));
        int64_t fixed_x = 3 << 20;
        int64_t fixed_y = 5 << 20;
        osk_geometry_turn(&geometry, 20, &fixed_x, &fixed_y);
        assert_true((double)fixed_x / 1048576 == one.x && (double)fixed_y / 1048576 == one.y);
    }
}

static void geometry__an_unknown_orientation_is_upright(void **state)
{
    (void)state;
    OskGeometry geometry = { .width = 3, .height = 2, .orientation = 0 };
    OskPoint stored = osk_geometry_to_stored(&geometry, (OskPoint){ 1, 2 });
    assert_true(stored.x == 1 && stored.y == 2);
    assert_int_equal(osk_geometry_displayed_width(&geometry), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(geometry__shows_the_stored_pixels_as_exif_says),
        cmocka_unit_test(geometry__turning_back_gives_the_same_point),
        cmocka_unit_test(geometry__turns_a_box_as_its_corners),
        cmocka_unit_test(geometry__an_unknown_orientation_is_upright),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
