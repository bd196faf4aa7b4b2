/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Budgets, arenas, checked sums and the report: what a lying file can spend. */
#include "base/budget.h"

#include <string.h>

#include "base/arena.h"
#include "base/checked.h"
#include "base/limits.h"
#include "base/report.h"
#include "unit.h"

static void budget__is_never_overdrawn(void **state)
{
    (void)state;
    OskBudget budget = { .memory = 10, .parts = 1, .pixels = 0, .depth = 1 };
    assert_false(osk_budget_memory(&budget, 11));
    assert_true(osk_budget_memory(&budget, 10));
    assert_false(osk_budget_memory(&budget, 1));
    assert_true(osk_budget_parts(&budget, 1));
    assert_false(osk_budget_parts(&budget, UINT64_MAX));
    assert_false(osk_budget_pixels(&budget, 1));
    assert_true(osk_budget_enter(&budget));
    assert_false(osk_budget_enter(&budget));
    osk_budget_leave(&budget);
    assert_true(osk_budget_enter(&budget));
}

static void budget__a_limit_of_zero_is_the_default(void **state)
{
    (void)state;
    const OskLimits limits = { .parts = 3, .depth = 2 };
    OskBudget budget = osk_budget_from(&limits);
    assert_true(budget.parts == 3 && budget.depth == 2);
    assert_true(budget.memory == OSK_LIMIT_MEMORY && budget.pixels == OSK_LIMIT_PIXELS);
    budget = osk_budget_from(NULL);
    assert_true(budget.parts == OSK_LIMIT_PARTS && budget.depth == OSK_LIMIT_DEPTH);
}

static void arena__spends_and_returns(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskArena arena;
    osk_arena_init(&arena, &budget);
    for (size_t i = 0; i < 5000; i++) {
        uint8_t *bytes = osk_arena_alloc(&arena, i);
        assert_non_null(bytes);
        assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
        memset(bytes, 0xEE, i);
    }
    assert_true(budget.memory < OSK_LIMIT_MEMORY);
    osk_arena_free(&arena);
    assert_true(budget.memory == OSK_LIMIT_MEMORY);
}

static void arena__a_lying_count_allocates_nothing(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskArena arena;
    osk_arena_init(&arena, &budget);
    assert_null(osk_arena_array(&arena, SIZE_MAX / 2, 16));
    assert_null(osk_arena_alloc(&arena, SIZE_MAX));
    assert_null(osk_arena_alloc(&arena, (size_t)OSK_LIMIT_MEMORY + 1));
    assert_true(budget.memory == OSK_LIMIT_MEMORY);
    osk_arena_free(&arena);
}

static void checked__ranges_do_not_wrap(void **state)
{
    (void)state;
    uint64_t out = 7;
    assert_false(osk_add_u64(UINT64_MAX, 1, &out));
    assert_false(osk_range_within(UINT64_MAX, 2, 10));
    assert_false(osk_range_within(5, UINT64_MAX, 10));
    assert_true(osk_range_within(10, 0, 10));
    assert_false(osk_range_within(11, 0, 10));
}

static void report__cuts_a_flood_of_findings(void **state)
{
    (void)state;
    OskReport report;
    osk_report_init(&report);
    OskFact fact = { .kind = OSK_KIND_NAME, .part = "p", .field = "f", .label = "l" };
    for (unsigned i = 0; i < OSK_LIMIT_FINDINGS + 5; i++) {
        osk_report_add_untrusted(&report, fact, (const uint8_t *)"x", 1, OSK_UTF8);
    }
    assert_int_equal(osk_report_count(&report), OSK_LIMIT_FINDINGS);
    assert_true(osk_report_is_cut(&report));
    assert_string_equal(osk_report_at(&report, OSK_LIMIT_FINDINGS - 1)->value, "x");
    assert_null(osk_report_at(&report, OSK_LIMIT_FINDINGS));
    osk_report_clear(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(budget__is_never_overdrawn),
        cmocka_unit_test(budget__a_limit_of_zero_is_the_default),
        cmocka_unit_test(arena__spends_and_returns),
        cmocka_unit_test(arena__a_lying_count_allocates_nothing),
        cmocka_unit_test(checked__ranges_do_not_wrap),
        cmocka_unit_test(report__cuts_a_flood_of_findings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
