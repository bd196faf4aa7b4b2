/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/colors.h"

#include <string.h>

#include "unit.h"

static uint32_t color(uint8_t r, uint8_t g, uint8_t b)
{
    uint8_t v[4] = { r, g, b, 255 };
    uint32_t c = 0;
    memcpy(&c, v, 4);
    return c;
}

static void colors__holds_each_once_and_no_more_than_asked(void **state)
{
    (void)state;
    OskColors set = { 0 };
    for (unsigned i = 0; i < 256; i++) {
        assert_int_equal(osk_colors_add(&set, color((uint8_t)i, 1, 2), 256), i);
        assert_int_equal(osk_colors_add(&set, color((uint8_t)i, 1, 2), 256), i);
    }
    assert_int_equal(osk_colors_add(&set, color(9, 9, 9), 256), -1);
    assert_int_equal(osk_colors_find(&set, color(9, 9, 9)), -1);
    assert_int_equal(osk_colors_find(&set, color(200, 1, 2)), 200);
}

static void colors__nearest_does_not_depend_on_the_order(void **state)
{
    (void)state;
    const uint32_t a = color(10, 0, 0);
    const uint32_t b = color(30, 0, 0);
    OskColors one = { 0 };
    OskColors two = { 0 };
    assert_int_equal(osk_colors_nearest(&one, a), -1);
    (void)osk_colors_add(&one, a, 256);
    (void)osk_colors_add(&one, b, 256);
    (void)osk_colors_add(&two, b, 256);
    (void)osk_colors_add(&two, a, 256);
    int first = osk_colors_nearest(&one, color(20, 0, 0));
    int second = osk_colors_nearest(&two, color(20, 0, 0));
    assert_int_equal(one.color[first], two.color[second]);
    osk_colors_sort(&two);
    assert_memory_equal(one.color, two.color, 8);
    assert_int_equal(osk_colors_find(&two, b), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colors__holds_each_once_and_no_more_than_asked),
        cmocka_unit_test(colors__nearest_does_not_depend_on_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
