/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/resize.h"

#include <string.h>

#include "unit.h"

static OskImage make(uint32_t width, uint32_t height, OskPixelModel model, unsigned depth,
                     OskBudget *budget)
{
    OskImage image;
    assert_int_equal(osk_image_make(&image, width, height, model, depth, budget), OSK_OK);
    return image;
}

static void resize__fits_the_longest_side(void **state)
{
    (void)state;
    uint32_t width = 4000;
    uint32_t height = 3000;
    osk_resize_fit(2048, &width, &height);
    assert_int_equal(width, 2048);
    assert_int_equal(height, 1536);
    osk_resize_fit(4096, &width, &height);
    assert_int_equal(width, 2048);
    width = 10000;
    height = 1;
    osk_resize_fit(10, &width, &height);
    assert_int_equal(width, 10);
    assert_int_equal(height, 1);
    osk_resize_fit(0, &width, &height);
    assert_int_equal(width, 10);
}

static void resize__takes_the_mean_of_the_area(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskImage image = make(3, 2, OSK_PIXELS_GREY, 8, &budget);
    static const uint8_t rows[6] = { 0, 90, 180, 30, 60, 90 };
    memcpy(image.pixels, rows, 6);
    /* Two of three columns: 0 + half of 90, half of 90 + 180; then both rows. */
    assert_int_equal(osk_image_resize(&image, 2, 1, &budget), OSK_OK);
    assert_int_equal(image.pixels[0], (0 * 2 + 90 + 30 * 2 + 60) / 6);
    assert_int_equal(image.pixels[1], (90 + 180 * 2 + 60 + 90 * 2) / 6);
    osk_image_free(&image, &budget);
}

static void resize__keeps_flat_pictures_of_every_model_flat(void **state)
{
    (void)state;
    static const OskPixelModel models[] = { OSK_PIXELS_GREY, OSK_PIXELS_GREY_ALPHA, OSK_PIXELS_RGB,
                                            OSK_PIXELS_RGBA, OSK_PIXELS_CMYK };
    static const unsigned depths[] = { 1, 8, 12, 16 };
    for (size_t m = 0; m < 5; m++) {
        for (size_t d = 0; d < 4; d++) {
            OskBudget budget = osk_budget_default();
            OskImage image = make(37, 23, models[m], depths[d], &budget);
            uint32_t most = (1u << depths[d]) - 1;
            size_t samples = (size_t)37 * 23 * osk_pixel_samples(models[m]);
            for (size_t i = 0; i < samples; i++) {
                uint16_t wide = (uint16_t)most;
                if (depths[d] > 8) {
                    memcpy(image.pixels + 2 * i, &wide, 2);
                } else {
                    image.pixels[i] = (uint8_t)most;
                }
            }
            assert_int_equal(osk_image_resize(&image, 10, 7, &budget), OSK_OK);
            for (size_t i = 0; i < (size_t)10 * 7 * osk_pixel_samples(models[m]); i++) {
                uint16_t wide = image.pixels[i];
                if (depths[d] > 8) {
                    memcpy(&wide, image.pixels + 2 * i, 2);
                }
                assert_int_equal(wide, most);
            }
            osk_image_free(&image, &budget);
            assert_int_equal(budget.memory, osk_budget_default().memory);
        }
    }
}

static void resize__does_not_mix_colours_that_are_transparent(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskImage image = make(2, 1, OSK_PIXELS_RGBA, 8, &budget);
    static const uint8_t pixels[8] = { 200, 100, 50, 255, 0, 255, 0, 0 };
    memcpy(image.pixels, pixels, 8);
    assert_int_equal(osk_image_resize(&image, 1, 1, &budget), OSK_OK);
    assert_int_equal(image.pixels[0], 200);
    assert_int_equal(image.pixels[1], 100);
    assert_int_equal(image.pixels[2], 50);
    assert_int_equal(image.pixels[3], 128);
    osk_image_free(&image, &budget);
}

static void resize__stays_within_a_palette(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskImage image = make(4, 1, OSK_PIXELS_INDEXED, 2, &budget);
    static const uint8_t palette[3][4] = { { 0, 0, 0, 255 },
                                           { 100, 100, 100, 255 },
                                           { 200, 200, 200, 255 } };
    memcpy(image.palette, palette, sizeof(palette));
    image.palette_count = 3;
    static const uint8_t pixels[4] = { 0, 2, 2, 2 };
    memcpy(image.pixels, pixels, 4);
    assert_int_equal(osk_image_resize(&image, 2, 1, &budget), OSK_OK);
    assert_int_equal(image.pixels[0], 1);
    assert_int_equal(image.pixels[1], 2);
    assert_int_equal(image.palette_count, 3);
    osk_image_free(&image, &budget);
}

static void resize__refuses_to_enlarge_and_to_overspend(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskImage image = make(4, 4, OSK_PIXELS_GREY, 8, &budget);
    assert_int_equal(osk_image_resize(&image, 5, 4, &budget), OSK_MISUSE);
    assert_int_equal(osk_image_resize(&image, 0, 4, &budget), OSK_MISUSE);
    uint64_t memory = budget.memory;
    budget.memory = 8;
    assert_int_equal(osk_image_resize(&image, 2, 2, &budget), OSK_LIMIT);
    assert_int_equal(image.width, 4);
    budget.memory = memory;
    osk_image_free(&image, &budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resize__fits_the_longest_side),
        cmocka_unit_test(resize__takes_the_mean_of_the_area),
        cmocka_unit_test(resize__keeps_flat_pictures_of_every_model_flat),
        cmocka_unit_test(resize__does_not_mix_colours_that_are_transparent),
        cmocka_unit_test(resize__stays_within_a_palette),
        cmocka_unit_test(resize__refuses_to_enlarge_and_to_overspend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
