/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan: every byte has one verdict, in order, none milder than its row; positions are
 * translated. */
#include "base/plan.h"

#include <string.h>

#include "base/limits.h"
#include "unit.h"

static const OskPart parts[] = {
    { .name = "picture", .verdict = OSK_KEEP },
    { .name = "comment", .verdict = OSK_DROP },
    { .name = "header", .verdict = OSK_REWRITE },
};
static const OskPart stranger = { .name = "stranger", .verdict = OSK_KEEP };

typedef struct Fixture {
    OskBudget budget;
    OskPlan plan;
} Fixture;

static int set_up(void **state)
{
    static Fixture fixture;
    fixture.budget = osk_budget_default();
    osk_plan_init(&fixture.plan, parts, 3, &fixture.budget);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;
    osk_plan_clear(&f->plan);
    return f->budget.memory == OSK_LIMIT_MEMORY ? 0 : -1; /* everything spent came back */
}

static void plan__covers_every_byte_once(void **state)
{
    Fixture *f = *state;
    osk_plan_keep(&f->plan, &parts[0], 0, 10, false);
    osk_plan_drop(&f->plan, &parts[1], 10, 5);
    assert_false(osk_plan_is_complete(&f->plan, 20));
    osk_plan_keep(&f->plan, &parts[0], 15, 5, false);
    assert_true(osk_plan_is_complete(&f->plan, 20));
    assert_int_equal(f->plan.out_end, 15);
}

static void plan__a_gap_is_a_bug(void **state)
{
    Fixture *f = *state;
    osk_plan_keep(&f->plan, &parts[0], 0, 10, false);
    osk_plan_keep(&f->plan, &parts[0], 11, 1, false);
    assert_int_equal(f->plan.status, OSK_BUG);
}

static void plan__an_overlap_is_a_bug(void **state)
{
    Fixture *f = *state;
    osk_plan_keep(&f->plan, &parts[0], 0, 10, false);
    osk_plan_drop(&f->plan, &parts[1], 9, 1);
    assert_int_equal(f->plan.status, OSK_BUG);
}

static void plan__a_drop_row_is_never_kept(void **state)
{
    Fixture *f = *state;
    osk_plan_keep(&f->plan, &parts[1], 0, 10, false);
    assert_int_equal(f->plan.status, OSK_BUG);
}

static void plan__a_part_of_no_table_is_a_bug(void **state)
{
    Fixture *f = *state;
    osk_plan_keep(&f->plan, &stranger, 0, 10, false);
    assert_int_equal(f->plan.status, OSK_BUG);
}

static void plan__neighbours_of_one_kind_merge(void **state)
{
    Fixture *f = *state;
    for (uint64_t i = 0; i < 10000; i++) {
        osk_plan_keep(&f->plan, &parts[0], i * 3, 3, true);
    }
    assert_int_equal(f->plan.count, 1);
    assert_int_equal(osk_plan_step(&f->plan, 0).out_len, 30000);
}

static void plan__maps_positions_across_drops_and_inserts(void **state)
{
    Fixture *f = *state;
    osk_plan_rewrite(&f->plan, &parts[2], 0, 4, "abcdefgh", 8); /* out 0..8 */
    osk_plan_drop(&f->plan, &parts[1], 4, 6);
    osk_plan_rewrite(&f->plan, &parts[2], 10, 0, "xy", 2); /* an insert: out 8..10 */
    osk_plan_keep(&f->plan, &parts[0], 10, 20, false);     /* out 10..30 */
    osk_plan_drop(&f->plan, &parts[1], 30, 1);
    assert_int_equal(osk_plan_map(&f->plan, 0, true), 0);
    assert_int_equal(osk_plan_map(&f->plan, 10, false), 8);
    assert_int_equal(osk_plan_map(&f->plan, 10, true), 10);
    assert_int_equal(osk_plan_map(&f->plan, 15, true), 15);
    assert_int_equal(osk_plan_map(&f->plan, 30, false), 30);
    assert_int_equal(osk_plan_map(&f->plan, 31, false), 30);
}

static void plan__many_steps_span_blocks(void **state)
{
    Fixture *f = *state;
    for (uint64_t i = 0; i < 9000; i++) {
        if (i % 2 == 0) {
            osk_plan_keep(&f->plan, &parts[0], i * 10, 10, false);
        } else {
            osk_plan_drop(&f->plan, &parts[1], i * 10, 10);
        }
    }
    assert_int_equal(f->plan.count, 9000);
    for (uint64_t i = 0; i < 9000; i += 2) {
        assert_int_equal(osk_plan_map(&f->plan, i * 10 + 3, true), i * 5 + 3);
        assert_int_equal(osk_plan_step(&f->plan, (size_t)i).in_len, 10);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plan__covers_every_byte_once),
        TEST(plan__a_gap_is_a_bug),
        TEST(plan__an_overlap_is_a_bug),
        TEST(plan__a_drop_row_is_never_kept),
        TEST(plan__a_part_of_no_table_is_a_bug),
        TEST(plan__neighbours_of_one_kind_merge),
        TEST(plan__maps_positions_across_drops_and_inserts),
        TEST(plan__many_steps_span_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
