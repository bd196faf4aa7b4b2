/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/drawing.h"

#include "pixels/planes.h"

/* Fills an image from planes as libheif shows them: chroma repeated, ended at black and white. */
static void show(const OskPlanes *planes, OskImage *image)
{
    for (uint32_t y = 0; y < planes->height; y++) {
        for (uint32_t x = 0; x < planes->width; x++) {
            double luma = planes->at[0][y * planes->stride[0] + x];
            double cb = planes->at[1][y / 2 * planes->stride[1] + x / 2] - 128.0;
            double cr = planes->at[2][y / 2 * planes->stride[2] + x / 2] - 128.0;
            double rgb[3] = { luma + 1.402 * cr, luma - 0.344136 * cb - 0.714136 * cr,
                              luma + 1.772 * cb };
            for (unsigned c = 0; c < 3; c++) {
                double value = rgb[c] < 0 ? 0 : rgb[c] > 255 ? 255 : rgb[c];
                put_sample(image, x, y, c, (unsigned)(value + 0.5));
            }
        }
    }
}

/* Planes that were shown are found again, also where a channel ended at black or white. */
static void planes__are_found_again(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    uint8_t luma[16 * 15];
    uint8_t chroma[2][8 * 8];
    uint8_t found[3][16 * 15];
    for (unsigned i = 0; i < sizeof luma; i++) {
        luma[i] = (uint8_t)(30 + i * 7 % 200);
    }
    for (unsigned i = 0; i < 64; i++) {
        chroma[0][i] = (uint8_t)(108 + i % 40);
        chroma[1][i] = (uint8_t)(160 - i / 2);
    }
    OskPlanes given = { .at = { luma, chroma[0], chroma[1] },
                        .stride = { 16, 8, 8 },
                        .width = 16,
                        .height = 15,
                        .shift_x = 1,
                        .shift_y = 1,
                        .depth = 8,
                        .matrix = 6,
                        .full_range = true };
    OskPlanes again = given;
    for (unsigned i = 0; i < 3; i++) {
        again.at[i] = found[i];
    }
    OskImage image = draw(16, 15, OSK_PIXELS_RGB, 8, 0, &budget);
    show(&given, &image);
    osk_planes_from_image(&again, &image);
    for (unsigned i = 0; i < sizeof luma; i++) {
        assert_in_range(found[0][i], luma[i] - 1, luma[i] + 1);
    }
    for (unsigned i = 0; i < 64; i++) {
        assert_in_range(found[1][i], chroma[0][i] - 1, chroma[0][i] + 1);
        assert_in_range(found[2][i], chroma[1][i] - 1, chroma[1][i] + 1);
    }
    osk_image_free(&image, &budget);
}

/* Matrix 0 of 4:4:4: green, blue and red stand in the planes as they are. */
static void planes__identity_keeps_samples(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    uint8_t found[3][8 * 8];
    OskPlanes planes = { .at = { found[0], found[1], found[2] },
                         .stride = { 8, 8, 8 },
                         .width = 8,
                         .height = 8,
                         .depth = 8,
                         .full_range = true };
    OskImage image = draw(8, 8, OSK_PIXELS_RGB, 8, 4, &budget);
    osk_planes_from_image(&planes, &image);
    for (unsigned i = 0; i < 64; i++) {
        assert_int_equal(found[0][i], image.pixels[i * 3 + 1]);
        assert_int_equal(found[1][i], image.pixels[i * 3 + 2]);
        assert_int_equal(found[2][i], image.pixels[i * 3]);
    }
    osk_image_free(&image, &budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planes__are_found_again),
        cmocka_unit_test(planes__identity_keeps_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
