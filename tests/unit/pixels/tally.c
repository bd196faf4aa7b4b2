/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/tally.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static uint32_t color(unsigned r, unsigned g, unsigned b)
{
    uint8_t v[4] = { (uint8_t)r, (uint8_t)g, (uint8_t)b, 255 };
    uint32_t c = 0;
    memcpy(&c, v, 4);
    return c;
}

static void tally__few_colours_stay_as_they_are(void **state)
{
    (void)state;
    OskTally *tally = calloc(1, sizeof *tally);
    OskColors set = { 0 };
    assert_non_null(tally);
    for (unsigned i = 0; i < 90; i++) {
        osk_tally_add(tally, color(10 + i % 3 * 100, 7, 250));
    }
    osk_tally_cut(tally, 256, &set);
    assert_int_equal(set.count, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(osk_colors_find(&set, color(10 + i * 100, 7, 250)) >= 0);
    }
    free(tally);
}

static void tally__no_more_colours_than_asked_and_each_is_near(void **state)
{
    (void)state;
    OskTally *tally = calloc(1, sizeof *tally);
    OskColors set = { 0 };
    assert_non_null(tally);
    /* A slope of 256 x 256 colours, and one that stands in the set before. */
    for (unsigned i = 0; i < 65536; i++) {
        osk_tally_add(tally, color(i % 256, i / 256, 128));
    }
    assert_int_equal(osk_colors_add(&set, color(1, 2, 3), 65), 0);
    osk_tally_cut(tally, 65, &set);
    assert_int_equal(set.count, 65);
    assert_int_equal(osk_colors_find(&set, color(1, 2, 3)), 0);
    for (unsigned i = 0; i < 65536; i += 97) {
        uint8_t v[4];
        int nearest = osk_colors_nearest(&set, color(i % 256, i / 256, 128));
        memcpy(v, &set.color[nearest], 4);
        /* 64 squares of 32 x 32. */
        assert_true(abs((int)(i % 256) - v[0]) <= 24 && abs((int)(i / 256) - v[1]) <= 24);
    }
    free(tally);
}

static void tally__nothing_counted_adds_nothing(void **state)
{
    (void)state;
    OskTally *tally = calloc(1, sizeof *tally);
    OskColors set = { 0 };
    assert_non_null(tally);
    osk_tally_cut(tally, 256, &set);
    assert_int_equal(set.count, 0);
    osk_tally_add(tally, color(1, 2, 3));
    osk_tally_cut(tally, 0, &set);
    assert_int_equal(set.count, 0);
    free(tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tally__few_colours_stay_as_they_are),
        cmocka_unit_test(tally__no_more_colours_than_asked_and_each_is_near),
        cmocka_unit_test(tally__nothing_counted_adds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
