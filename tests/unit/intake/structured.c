/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include "intake/structured.h"

static void structured__reads_booleans(void **state)
{
    (void)state;
    bool value = false;
    assert_true(osk_structured_boolean("?1", &value));
    assert_true(value);
    assert_true(osk_structured_boolean("?0", &value));
    assert_false(value);
    assert_true(osk_structured_boolean("  ?1  ", &value));
    assert_true(value);
}

static void structured__takes_other_values_as_absent(void **state)
{
    (void)state;
    static const char *const booleans[] = { "",    "1",     "?2",  "?",    "?1?0",  "true",
                                            "?1,", "?1 ?1", "?1;", "?1;A", "?1;a=", "?1;a=\"x" };
    static const char *const numbers[] = { "",     "-1",  "1.0",    "1e3",
                                           "0x10", "1,2", "1 2",    "\"1\"",
                                           "+1",   "1;;", "1;a=?2", "1000000000000000" };
    bool flag = true;
    uint64_t value = 7;
    for (size_t i = 0; i < sizeof(booleans) / sizeof(booleans[0]); i++) {
        assert_false(osk_structured_boolean(booleans[i], &flag));
    }
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        assert_false(osk_structured_whole(numbers[i], &value));
    }
    assert_false(osk_structured_boolean(NULL, &flag));
    assert_false(osk_structured_whole(NULL, &value));
    assert_true(flag);
    assert_int_equal(value, 7);
}

static void structured__reads_whole_numbers(void **state)
{
    (void)state;
    uint64_t value = 0;
    assert_true(osk_structured_whole("0", &value));
    assert_int_equal(value, 0);
    assert_true(osk_structured_whole("007", &value));
    assert_int_equal(value, 7);
    assert_true(osk_structured_whole("999999999999999", &value));
    assert_true(value == 999999999999999u);
}

static void structured__reads_past_parameters(void **state)
{
    (void)state;
    static const char *const headers[] = { "5;a",          "5;a;b",          "5; a=1",
                                           "5;a=-1.5",     "5;a=\"x;\\\"\"", "5;a=tok/en:*",
                                           "5;a=:aGk=:;b", "5;*a-b.c=?0 " };
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        uint64_t value = 0;
        assert_true(osk_structured_whole(headers[i], &value));
        assert_int_equal(value, 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(structured__reads_booleans),
        cmocka_unit_test(structured__takes_other_values_as_absent),
        cmocka_unit_test(structured__reads_whole_numbers),
        cmocka_unit_test(structured__reads_past_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
