/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cursor: it never passes its end, and once it has failed it reads nothing. */
#include "base/cursor.h"

#include <stdlib.h>

#include "unit.h"

static void cursor__take_never_passes_the_end(void **state)
{
    (void)state;
    uint8_t *bytes = malloc(4);
    assert_non_null(bytes);
    memcpy(bytes, "\x01\x02\x03\x04", 4);
    OskCursor c = osk_cursor_make(bytes, 4, 100);
    OskCursor child = osk_cursor_take(&c, 3);
    assert_true(osk_cursor_ok(&child));
    assert_int_equal(osk_cursor_left(&child), 3);
    assert_int_equal(osk_cursor_u16be(&child), 0x0102);
    assert_int_equal(osk_cursor_u16be(&child), 0); /* one byte is left: too few */
    assert_false(osk_cursor_ok(&child));
    assert_true(osk_cursor_ok(&c));
    assert_int_equal(osk_cursor_offset(&c), 103);
    free(bytes);
}

static void cursor__failure_is_sticky_and_empty(void **state)
{
    (void)state;
    const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    OskCursor c = osk_cursor_make(bytes, sizeof(bytes), 0);
    OskCursor child = osk_cursor_take(&c, UINT64_MAX);
    assert_false(osk_cursor_ok(&child));
    assert_false(osk_cursor_ok(&c));
    assert_false(osk_cursor_more(&c));
    assert_int_equal(osk_cursor_u8(&c), 0);
    assert_null(osk_cursor_bytes(&c, 1));
}

static void cursor__reads_both_ends_first(void **state)
{
    (void)state;
    const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    OskCursor c = osk_cursor_make(bytes, sizeof(bytes), 0);
    OskCursor d = c;
    OskCursor e = c;
    assert_true(osk_cursor_u64be(&c) == UINT64_C(0x0102030405060708));
    assert_true(osk_cursor_u64le(&d) == UINT64_C(0x0807060504030201));
    assert_int_equal(osk_cursor_u24be(&e), 0x010203);
    assert_int_equal(osk_cursor_u24le(&e), 0x060504);
    assert_true(osk_cursor_starts(&e, "\x07\x08", 2));
    assert_false(osk_cursor_starts(&e, "\x07\x08\x09", 3));
}

static void cursor__an_empty_range_may_be_null(void **state)
{
    (void)state;
    OskCursor c = osk_cursor_make(NULL, 0, 7);
    OskCursor child = osk_cursor_take(&c, 0);
    assert_true(osk_cursor_ok(&child));
    assert_int_equal(osk_cursor_offset(&child), 7);
}

static void cursor__nothing_of_a_failed_one_is_failed_too(void **state)
{
    (void)state;
    OskCursor c = osk_cursor_make((const uint8_t *)"ab", 2, 0);
    osk_cursor_skip(&c, 3);
    OskCursor child = osk_cursor_take(&c, 0);
    assert_false(osk_cursor_ok(&child));
    assert_null(osk_cursor_bytes(&c, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cursor__nothing_of_a_failed_one_is_failed_too),
        cmocka_unit_test(cursor__take_never_passes_the_end),
        cmocka_unit_test(cursor__failure_is_sticky_and_empty),
        cmocka_unit_test(cursor__reads_both_ends_first),
        cmocka_unit_test(cursor__an_empty_range_may_be_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
