/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/orient.h"

#include <stdlib.h>
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

static void orient__reads_what_it_writes(void **state)
{
    (void)state;
    for (unsigned how = 1; how <= 8; how++) {
        uint8_t exif[OSK_ORIENTATION_BYTES];
        osk_orientation_write(exif, how);
        assert_int_equal(osk_orientation_read(exif, sizeof(exif)), how);
        /* Cut anywhere before the end of the value, it says nothing. */
        for (size_t len = 0; len < sizeof(exif); len++) {
            unsigned read = osk_orientation_read(exif, len);
            assert_true(read == 1 || (read == how && len >= 20));
        }
    }
}

/* The tag may stand behind others, in either order of bytes; a copy in exact memory. */
static void orient__reads_exif_of_both_orders(void **state)
{
    (void)state;
    static const uint8_t little[] = { 'I',  'I', 42, 0, 10, 0, 0, 0, 9,  9, 2, 0,
                                      0x0F, 1,   2,  0, 1,  0, 0, 0, 65, 0, 0, 0,
                                      0x12, 1,   3,  0, 1,  0, 0, 0, 6,  0, 0, 0 };
    uint8_t *exact = malloc(sizeof(little));
    assert_non_null(exact);
    memcpy(exact, little, sizeof(little));
    assert_int_equal(osk_orientation_read(exact, sizeof(little)), 6);
    static const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {
        { 0, 'M' },   /* neither order */
        { 2, 43 },    /* no TIFF */
        { 4, 36 },    /* the directory behind the end */
        { 7, 0xFF },  /* far behind it */
        { 10, 1 },    /* the entry is not counted */
        { 24, 0x13 }, /* another tag */
        { 26, 4 },    /* a number of four bytes */
        { 32, 0 },    /* no orientation */
        { 32, 9 },
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        memcpy(exact, little, sizeof(little));
        exact[wrong[i].at] = wrong[i].value;
        assert_int_equal(osk_orientation_read(exact, sizeof(little)), 1);
    }
    free(exact);
    assert_int_equal(osk_orientation_read(NULL, 0), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orient__shows_all_eight_as_exif_says),
        cmocka_unit_test(orient__agrees_with_the_geometry_of_regions),
        cmocka_unit_test(orient__turns_and_mirrors_what_is_displayed),
        cmocka_unit_test(orient__moves_whole_pixels_and_the_palette),
        cmocka_unit_test(orient__reads_what_it_writes),
        cmocka_unit_test(orient__reads_exif_of_both_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
