/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/composite.h"

#include <string.h>

#include "unit.h"

static OskImage make(uint32_t width, uint32_t height, OskPixelModel model, unsigned depth,
                     OskBudget *budget)
{
    OskImage image;
    assert_int_equal(osk_image_make(&image, width, height, model, depth, budget), OSK_OK);
    return image;
}

static void composite__over_mixes_by_alpha(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskImage canvas = make(1, 1, OSK_PIXELS_RGBA, 8, &budget);
    OskImage piece = make(1, 1, OSK_PIXELS_RGBA, 8, &budget);
    memcpy(canvas.pixels, "\x00\x00\xff\xff", 4);
    memcpy(piece.pixels, "\xff\x00\x00\x80", 4);
    osk_composite_over(&canvas, &piece, 0, 0);
    assert_memory_equal(canvas.pixels, "\x80\x00\x7f\xff", 4);
    memcpy(piece.pixels, "\x12\x34\x56\x00", 4);
    osk_composite_over(&canvas, &piece, 0, 0);
    assert_memory_equal(canvas.pixels, "\x80\x00\x7f\xff", 4);
    osk_image_free(&canvas, &budget);
    osk_image_free(&piece, &budget);
}

static void composite__entries_without_alpha_leave_what_is_there(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskImage canvas = make(2, 1, OSK_PIXELS_INDEXED, 8, &budget);
    OskImage piece = make(2, 1, OSK_PIXELS_INDEXED, 8, &budget);
    piece.palette[1][3] = 255;
    piece.pixels[0] = 1;
    piece.pixels[1] = 2;
    canvas.pixels[1] = 7;
    osk_composite_over(&canvas, &piece, 0, 0);
    assert_int_equal(canvas.pixels[0], 1);
    assert_int_equal(canvas.pixels[1], 7);
    osk_image_free(&canvas, &budget);
    osk_image_free(&piece, &budget);
}

static void composite__difference_is_the_smallest_box(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskImage a = make(9, 8, OSK_PIXELS_RGB, 16, &budget);
    OskImage b = make(9, 8, OSK_PIXELS_RGB, 16, &budget);
    assert_int_equal(osk_image_difference(&a, &b).width, 0);
    b.pixels[2 * b.stride + 6 * 3] = 1;
    b.pixels[5 * b.stride + 6 * 7 + 5] = 1;
    OskPatch box = osk_image_difference(&a, &b);
    assert_int_equal(box.x, 3);
    assert_int_equal(box.y, 2);
    assert_int_equal(box.width, 5);
    assert_int_equal(box.height, 4);
    osk_image_free(&a, &budget);
    osk_image_free(&b, &budget);
    assert_int_equal(budget.memory, osk_budget_default().memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(composite__over_mixes_by_alpha),
        cmocka_unit_test(composite__entries_without_alpha_leave_what_is_there),
        cmocka_unit_test(composite__difference_is_the_smallest_box),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
