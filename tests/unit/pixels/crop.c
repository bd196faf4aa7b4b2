/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/crop.h"

#include "unit.h"

static void crop__keeps_the_box_and_nothing_else(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskImage image;
    assert_int_equal(osk_image_make(&image, 4, 3, OSK_PIXELS_GREY, 8, &budget), OSK_OK);
    for (uint8_t i = 0; i < 12; i++) {
        image.pixels[i] = i;
    }
    assert_int_equal(osk_image_crop(&image, (OskPatch){ 1, 1, 2, 2 }, &budget), OSK_OK);
    static const uint8_t left[4] = { 5, 6, 9, 10 };
    assert_int_equal(image.width, 2);
    assert_int_equal(image.height, 2);
    assert_memory_equal(image.pixels, left, 4);
    osk_image_free(&image, &budget);
    assert_int_equal(budget.memory, osk_budget_default().memory);
}

static void crop__refuses_what_lies_outside(void **state)
{
    (void)state;
    static const OskPatch wrong[] = {
        { 0, 0, 0, 1 }, { 0, 0, 5, 1 }, { 4, 0, 1, 1 }, { 0, 2, 1, 2 }, { UINT32_MAX, 0, 2, 1 }
    };
    OskBudget budget = osk_budget_default();
    OskImage image;
    assert_int_equal(osk_image_make(&image, 4, 3, OSK_PIXELS_GREY, 8, &budget), OSK_OK);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(osk_image_crop(&image, wrong[i], &budget), OSK_MISUSE);
    }
    osk_image_free(&image, &budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crop__keeps_the_box_and_nothing_else),
        cmocka_unit_test(crop__refuses_what_lies_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
