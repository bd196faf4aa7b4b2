/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/convert.h"

#include <string.h>

#include "unit.h"

static OskImage make(OskPixelModel model, unsigned depth, const uint8_t *bytes, size_t len,
                     OskBudget *budget)
{
    OskImage image;
    assert_int_equal(osk_image_make(&image, 1, 1, model, depth, budget), OSK_OK);
    assert_int_equal(image.stride, len);
    memcpy(image.pixels, bytes, len);
    return image;
}

static void convert__lays_transparency_over_white(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskConversion lost;
    static const uint8_t pixel[4] = { 0, 100, 255, 0 };
    OskImage image = make(OSK_PIXELS_RGBA, 8, pixel, 4, &budget);
    assert_int_equal(osk_image_convert(&image, OSK_PIXELS_RGB, 8, &lost, &budget), OSK_OK);
    assert_memory_equal(image.pixels, "\xff\xff\xff", 3);
    assert_true(lost.alpha);
    osk_image_free(&image, &budget);
    static const uint8_t half[4] = { 0, 0, 0, 51 };
    image = make(OSK_PIXELS_RGBA, 8, half, 4, &budget);
    assert_int_equal(osk_image_convert(&image, OSK_PIXELS_RGB, 8, &lost, &budget), OSK_OK);
    assert_memory_equal(image.pixels, "\xcc\xcc\xcc", 3);
    osk_image_free(&image, &budget);
}

static void convert__scales_every_depth_to_its_full_range(void **state)
{
    (void)state;
    for (unsigned depth = 1; depth <= 16; depth++) {
        OskBudget budget = osk_budget_default();
        OskConversion lost;
        uint16_t most = (uint16_t)((1u << depth) - 1);
        uint8_t narrow = (uint8_t)most;
        const void *bytes = depth > 8 ? (const void *)&most : (const void *)&narrow;
        OskImage image = make(OSK_PIXELS_GREY, depth, bytes, depth > 8 ? 2 : 1, &budget);
        assert_int_equal(osk_image_convert(&image, OSK_PIXELS_RGB, 8, &lost, &budget), OSK_OK);
        assert_memory_equal(image.pixels, "\xff\xff\xff", 3);
        assert_int_equal(lost.depth, depth > 8);
        assert_true(lost.colors);
        osk_image_free(&image, &budget);
    }
}

static void convert__reads_palettes_and_inks(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskConversion lost;
    OskImage image = make(OSK_PIXELS_INDEXED, 1, (const uint8_t *)"\1", 1, &budget);
    memcpy(image.palette[1], "\x10\x20\x30\x40", 4);
    image.palette_count = 2;
    assert_true(osk_image_is_clear(&image));
    assert_int_equal(osk_image_convert(&image, OSK_PIXELS_RGBA, 8, &lost, &budget), OSK_OK);
    assert_memory_equal(image.pixels, "\x10\x20\x30\x40", 4);
    osk_image_free(&image, &budget);
    image = make(OSK_PIXELS_CMYK, 8, (const uint8_t *)"\xff\0\0\0", 4, &budget);
    assert_int_equal(osk_image_convert(&image, OSK_PIXELS_RGB, 8, &lost, &budget), OSK_OK);
    assert_memory_equal(image.pixels, "\0\xff\xff", 3);
    assert_true(lost.inks);
    osk_image_free(&image, &budget);
}

static void convert__never_makes_colours_grey(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskConversion lost;
    OskImage image = make(OSK_PIXELS_RGB, 8, (const uint8_t *)"abc", 3, &budget);
    assert_int_equal(osk_image_convert(&image, OSK_PIXELS_GREY, 8, &lost, &budget), OSK_MISUSE);
    assert_int_equal(osk_image_convert(&image, OSK_PIXELS_CMYK, 8, &lost, &budget), OSK_MISUSE);
    osk_image_free(&image, &budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convert__lays_transparency_over_white),
        cmocka_unit_test(convert__scales_every_depth_to_its_full_range),
        cmocka_unit_test(convert__reads_palettes_and_inks),
        cmocka_unit_test(convert__never_makes_colours_grey),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
