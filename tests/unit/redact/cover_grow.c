/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "redact/cover.h"

#define WIDE 16u
#define HIGH 12u

static OskCoverMap map_of(uint16_t *cells)
{
    OskCoverMap map = { .columns = WIDE, .rows = HIGH, .cell_width = 1, .cell_height = 1 };
    map.cells = cells;
    for (size_t i = 0; i < WIDE * HIGH; i++) {
        map.covered += cells[i] != 0;
    }
    return map;
}

static void grow__covers_a_square_around_each_cell(void **state)
{
    (void)state;
    uint16_t cells[WIDE * HIGH] = { 0 };
    cells[5 * WIDE + 6] = 3;
    OskCoverMap map = map_of(cells);
    osk_cover_grow(&map, 2);
    assert_int_equal(map.covered, 25);
    for (uint32_t y = 0; y < HIGH; y++) {
        for (uint32_t x = 0; x < WIDE; x++) {
            bool near = x >= 4 && x <= 8 && y >= 3 && y <= 7;
            assert_int_equal(cells[y * WIDE + x], near ? 3 : 0);
        }
    }
}

static void grow__stops_at_the_borders(void **state)
{
    (void)state;
    uint16_t cells[WIDE * HIGH] = { 0 };
    cells[0] = 1;
    cells[WIDE * HIGH - 1] = 2;
    OskCoverMap map = map_of(cells);
    osk_cover_grow(&map, 1);
    assert_int_equal(map.covered, 8);
    osk_cover_grow(&map, 100);
    assert_int_equal(map.covered, WIDE * HIGH);
}

static void grow__keeps_what_was_covered(void **state)
{
    (void)state;
    uint16_t cells[WIDE * HIGH] = { 0 };
    cells[WIDE + 1] = 1;
    cells[WIDE + 4] = 2;
    OskCoverMap map = map_of(cells);
    osk_cover_grow(&map, 0);
    assert_int_equal(map.covered, 2);
    osk_cover_grow(&map, 5);
    assert_int_equal(cells[WIDE + 1], 1);
    assert_int_equal(cells[WIDE + 4], 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grow__covers_a_square_around_each_cell),
        cmocka_unit_test(grow__stops_at_the_borders),
        cmocka_unit_test(grow__keeps_what_was_covered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
