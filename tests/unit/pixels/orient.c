/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/orient.h"

#include <string.h>

#include "redact/geometry.h"
#include "unit.h"

/* A picture of 3 by 2 whose pixels are all different. */
static OskImage numbered(OskBudget *budget)
{
    OskImage image;
    assert_int_equal(osk_image_make(&image, 3, 2, OSK_PIXELS_GREY, 8, budget), OSK_OK);
    for (uint8_t i = 0; i < 6; i++) {
        image.pixels[i] = i;
    }
    return image;
}

/* Exif 4.6.4, written out by hand. */
static void orient__shows_all_eight_as_exif_says(void **state)
{
    (void)state;
    static const uint8_t shown[9][6] = {
        [1] = { 0, 1, 2, 3, 4, 5 }, [2] = { 2, 1, 0, 5, 4, 3 }, [3] = { 5, 4, 3, 2, 1, 0 },
        [4] = { 3, 4, 5, 0, 1, 2 }, [5] = { 0, 3, 1, 4, 2, 5 }, [6] = { 3, 0, 4, 1, 5, 2 },
        [7] = { 5, 2, 4, 1, 3, 0 }, [8] = { 2, 5, 1, 4, 0, 3 },
    };
    for (unsigned how = 1; how <= 8; how++) {
        OskBudget budget = osk_budget_default();
        OskImage image = numbered(&budget);
        assert_int_equal(osk_image_orient(&image, how, &budget), OSK_OK);
        assert_int_equal(image.width, how < 5 ? 3 : 2);
        assert_memory_equal(image.pixels, shown[how], 6);
        osk_image_free(&image, &budget);
        assert_int_equal(budget.memory, osk_budget_default().memory);
    }
}

/* Regions are turned to the stored picture by other code: both must mean the same. */
static void orient__agrees_with_the_geometry_of_regions(void **state)
{
    (void)state;
    for (unsigned how = 1; how <= 8; how++) {
        OskBudget budget = osk_budget_default();
        OskImage image = numbered(&budget);
        const OskGeometry geometry = { 3, 2, how };
        OskImage shown = numbered(&budget);
        assert_int_equal(osk_image_orient(&shown, how, &budget), OSK_OK);
        for (uint32_t y = 0; y < shown.height; y++) {
            for (uint32_t x = 0; x < shown.width; x++) {
                OskPoint middle = { x + 0.5, y + 0.5 };
                OskPoint stored = osk_geometry_to_stored(&geometry, middle);
                size_t at = (size_t)stored.y * 3 + (size_t)stored.x;
                assert_int_equal(shown.pixels[y * shown.width + x], image.pixels[at]);
            }
        }
        osk_image_free(&image, &budget);
        osk_image_free(&shown, &budget);
    }
}

/* Turning in two steps is turning in one. */
static void orient__turns_and_mirrors_what_is_displayed(void **state)
{
    (void)state;
    static const unsigned turned[4] = { 1, 6, 3, 8 };
    for (unsigned how = 1; how <= 8; how++) {
        for (unsigned step = 0; step < 8; step++) {
            OskBudget budget = osk_budget_default();
            OskImage once = numbered(&budget);
            OskImage twice = numbered(&budget);
            unsigned combined = osk_orientation_turn(how, step / 2 * 90, step % 2 == 1);
            assert_int_equal(osk_image_orient(&once, combined, &budget), OSK_OK);
            assert_int_equal(osk_image_orient(&twice, how, &budget), OSK_OK);
            assert_int_equal(osk_image_orient(&twice, turned[step / 2], &budget), OSK_OK);
            assert_int_equal(osk_image_orient(&twice, step % 2 == 1 ? 2 : 1, &budget), OSK_OK);
            assert_int_equal(once.width, twice.width);
            assert_memory_equal(once.pixels, twice.pixels, 6);
            osk_image_free(&once, &budget);
            osk_image_free(&twice, &budget);
        }
    }
}

static void orient__moves_whole_pixels_and_the_palette(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskImage image;
    assert_int_equal(osk_image_make(&image, 2, 1, OSK_PIXELS_RGB, 16, &budget), OSK_OK);
    memcpy(image.pixels, "abcdefghijkl", 12);
    image.palette_count = 7;
    assert_int_equal(osk_image_orient(&image, 6, &budget), OSK_OK);
    assert_memory_equal(image.pixels, "abcdefghijkl", 12);
    assert_int_equal(osk_image_orient(&image, 3, &budget), OSK_OK);
    assert_memory_equal(image.pixels, "ghijklabcdef", 12);
    assert_int_equal(image.palette_count, 7);
    assert_int_equal(osk_image_orient(&image, 9, &budget), OSK_MISUSE);
    osk_image_free(&image, &budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orient__shows_all_eight_as_exif_says),
        cmocka_unit_test(orient__agrees_with_the_geometry_of_regions),
        cmocka_unit_test(orient__turns_and_mirrors_what_is_displayed),
        cmocka_unit_test(orient__moves_whole_pixels_and_the_palette),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
