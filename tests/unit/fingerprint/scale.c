/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scaling of luma. */
#include "fingerprint/drawn.h"
#include "unit.h"

static OskLuma scaled(const OskLuma *luma, uint32_t side)
{
    OskLuma out;
    assert_int_equal(osk_luma_scale(&out, luma, side, NULL), OSK_OK);
    return out;
}

static void scale__keeps_the_shape_and_a_thin_side(void **state)
{
    (void)state;
    static const uint32_t sizes[][5] = { { 512, 256, 128, 128, 64 },
                                         { 100, 300, 480, 160, 480 },
                                         { 500, 1, 128, 128, 1 },
                                         { 1, 1, 480, 480, 480 } };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        OskLuma luma = drawn_luma(sizes[i][0], sizes[i][1], 1);
        OskLuma out = scaled(&luma, sizes[i][2]);
        assert_int_equal(out.width, sizes[i][3]);
        assert_int_equal(out.height, sizes[i][4]);
        osk_luma_free(&out);
        drawn_free(&luma);
    }
}

static float mean_of(const OskLuma *luma)
{
    double sum = 0;
    for (size_t i = 0; i < (size_t)luma->width * luma->height; i++) {
        sum += (double)luma->values[i];
    }
    return (float)(sum / ((double)luma->width * luma->height));
}

static void scale__keeps_brightness_and_range(void **state)
{
    (void)state;
    OskLuma luma = drawn_luma(400, 300, 2);
    float mean = mean_of(&luma);
    for (uint32_t side = 50; side <= 500; side += 90) {
        OskLuma out = scaled(&luma, side);
        float off = mean_of(&out) - mean;
        assert_true(off < 1.5F && off > -1.5F);
        for (size_t i = 0; i < (size_t)out.width * out.height; i++) {
            assert_true(out.values[i] >= 0 && out.values[i] <= 255.01F);
        }
        osk_luma_free(&out);
    }
    drawn_free(&luma);
}

static void scale__of_a_fine_grid_is_grey(void **state)
{
    (void)state;
    float grid[200 * 200];
    for (size_t i = 0; i < sizeof grid / sizeof *grid; i++) {
        grid[i] = (i / 200 + i % 200) % 2 == 0 ? 255.0F : 0.0F;
    }
    OskLuma out = scaled(&(OskLuma){ grid, 200, 200 }, 47);
    for (size_t i = 0; i < (size_t)47 * 47; i++) {
        assert_in_range((int)out.values[i], 110, 145);
    }
    osk_luma_free(&out);
}

static void scale__refuses_what_is_no_luma(void **state)
{
    (void)state;
    float value = 0;
    OskLuma out;
    assert_int_equal(osk_luma_scale(&out, &(OskLuma){ &value, 0, 1 }, 10, NULL), OSK_MISUSE);
    assert_int_equal(osk_luma_scale(&out, &(OskLuma){ &value, 1, 1 }, 0, NULL), OSK_MISUSE);
    assert_int_equal(osk_luma_scale(&out, &(OskLuma){ &value, 1, 1 }, 513, NULL), OSK_MISUSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scale__keeps_the_shape_and_a_thin_side),
        cmocka_unit_test(scale__keeps_brightness_and_range),
        cmocka_unit_test(scale__of_a_fine_grid_is_grey),
        cmocka_unit_test(scale__refuses_what_is_no_luma),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
