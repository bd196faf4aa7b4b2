/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which mistyped words get a suggestion, and which are too far from any. */
#include "cli/suggest.h"

#include "unit.h"

static void suggest__counts_changes_gaps_and_swaps(void **state)
{
    (void)state;
    assert_int_equal(osk_suggest_distance("scrub", "scrub"), 0);
    assert_int_equal(osk_suggest_distance("scrib", "scrub"), 1);
    assert_int_equal(osk_suggest_distance("scrb", "scrub"), 1);
    assert_int_equal(osk_suggest_distance("scruub", "scrub"), 1);
    assert_int_equal(osk_suggest_distance("srcub", "scrub"), 1);
    assert_int_equal(osk_suggest_distance("", "help"), 4);
}

static void suggest__gives_up_on_long_words(void **state)
{
    (void)state;
    const char *endless = "an-option-that-is-longer-than-any-that-there-is";
    assert_int_equal(osk_suggest_distance(endless, "scrub"), OSK_SUGGEST_FAR);
    assert_false(osk_suggest_is_near(OSK_SUGGEST_FAR, endless));
}

static void suggest__takes_typing_errors_only(void **state)
{
    (void)state;
    assert_true(osk_suggest_is_near(1, "scrb"));
    assert_true(osk_suggest_is_near(3, "insspetc"));
    assert_false(osk_suggest_is_near(3, "scrb"));
    assert_false(osk_suggest_is_near(2, "ab"));
    assert_true(osk_suggest_is_near(1, "pgn"));
    assert_false(osk_suggest_is_near(2, "pgn"));
    assert_true(osk_suggest_is_near(2, "recurse"));
    assert_false(osk_suggest_is_near(osk_suggest_distance("bogus", "jobs"), "bogus"));
    assert_false(osk_suggest_is_near(4, "something"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suggest__counts_changes_gaps_and_swaps),
        cmocka_unit_test(suggest__gives_up_on_long_words),
        cmocka_unit_test(suggest__takes_typing_errors_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
