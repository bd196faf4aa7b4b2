/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a wrong date may not do. */
#include "store/clock.h"

#include "rig.h"

#define TODAY ((OskDay)20000)

static OskClock clock_on(OskStore *store, OskDay today)
{
    OskClock clock = OSK_CLOCK_GOOD;
    assert_int_equal(osk_clock_look(store, today, &clock, NULL), OSK_OK);
    if (clock == OSK_CLOCK_GOOD) {
        assert_int_equal(osk_clock_believe(store, today, NULL), OSK_OK);
    }
    return clock;
}

/* A clock that jumps, or goes back, is not believed until somebody says that it is right. */
static void clock__a_jump_is_doubted_until_somebody_says_that_it_is_right(void **state)
{
    Rig *rig = *state;
    OskStore *store = rig->store;
    assert_int_equal(clock_on(store, TODAY), OSK_CLOCK_GOOD);
    assert_int_equal(clock_on(store, TODAY + 1), OSK_CLOCK_GOOD);
    assert_int_equal(clock_on(store, TODAY + 8), OSK_CLOCK_GOOD);
    assert_int_equal(clock_on(store, TODAY + 400), OSK_CLOCK_AHEAD);
    assert_int_equal(clock_on(store, 0), OSK_CLOCK_BEHIND);
    assert_int_equal(clock_on(store, TODAY + 8), OSK_CLOCK_GOOD);
    /* The machine was off for a year, and is right. */
    assert_int_equal(osk_clock_believe(store, TODAY + 400, NULL), OSK_OK);
    assert_int_equal(clock_on(store, TODAY + 400), OSK_CLOCK_GOOD);
    /* It was wrong after all. */
    assert_int_equal(clock_on(store, TODAY + 9), OSK_CLOCK_BEHIND);
    assert_int_equal(osk_clock_believe(store, TODAY + 9, NULL), OSK_OK);
    assert_int_equal(clock_on(store, TODAY + 9), OSK_CLOCK_GOOD);
}

static void clock__only_a_believed_date_ends_a_term_or_lets_it_run(void **state)
{
    (void)state;
    assert_int_equal(osk_clock_term(OSK_CLOCK_GOOD, TODAY, TODAY), OSK_TERM_RUNS);
    assert_int_equal(osk_clock_term(OSK_CLOCK_GOOD, TODAY - 1, TODAY), OSK_TERM_IS_OVER);
    /* Ahead: what still runs by it runs by the right date, too. */
    assert_int_equal(osk_clock_term(OSK_CLOCK_AHEAD, TODAY, TODAY), OSK_TERM_RUNS);
    assert_int_equal(osk_clock_term(OSK_CLOCK_AHEAD, TODAY - 1, TODAY), OSK_TERM_IS_DOUBTED);
    /* Behind: what is over by it is over. */
    assert_int_equal(osk_clock_term(OSK_CLOCK_BEHIND, TODAY, TODAY), OSK_TERM_IS_DOUBTED);
    assert_int_equal(osk_clock_term(OSK_CLOCK_BEHIND, TODAY - 1, TODAY), OSK_TERM_IS_OVER);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        STORE_TEST(clock__a_jump_is_doubted_until_somebody_says_that_it_is_right),
        STORE_TEST(clock__only_a_believed_date_ends_a_term_or_lets_it_run),
    };
    return rig_run(tests, sizeof(tests) / sizeof(tests[0]));
}
