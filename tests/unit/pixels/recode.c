/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/recode.h"

#include <stdlib.h>

#include "unit.h"

static unsigned tried;

/* The second way is the shortest; a lossy one has ten bytes a step. */
static OskStatus attempt(const OskEncoder *encoder, unsigned quality, OskAttempt *out,
                         OskFault *fault)
{
    static const size_t lossless[] = { 30, 10, 20 };
    (void)fault;
    tried++;
    out->len = encoder->lossless ? lossless[quality] : 10 * ((size_t)quality + 1);
    out->bytes = calloc(1, out->len);
    out->error = (OskError){ .sum = 0, .samples = 1000 };
    return out->bytes != NULL ? OSK_OK : OSK_NO_MEMORY;
}

static const OskRecoding recoding = {
    .part = "test", .attempt = attempt, .highest = 100, .first = 50, .tries = 9
};

static OskEncoder *make(const OskEncoder *how, OskBudget *budget)
{
    OskEncoder *encoder = NULL;
    OskEncoder start = *how;
    OskFrame frame = { .duration_den = 1 };
    start.codec = &recoding;
    start.budget = budget;
    start.frames.clock = 1000;
    assert_int_equal(osk_recode_begin(&start, &encoder, NULL), OSK_OK);
    assert_int_equal(osk_image_make(&frame.image, 10, 10, OSK_PIXELS_GREY, 8, budget), OSK_OK);
    assert_int_equal(osk_recode_keep(encoder, &frame, NULL), OSK_OK);
    osk_image_free(&frame.image, budget);
    return encoder;
}

static void recode__takes_the_shortest_where_nothing_is_lost(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskEncodeReport report;
    OskWriter out;
    OskEncoder *encoder = make(&(OskEncoder){ .lossless = true }, &budget);
    osk_writer_init(&out, 100);
    assert_int_equal(osk_recode_give(encoder, &out, NULL), OSK_MISUSE);
    tried = 0;
    assert_int_equal(osk_recode_search(encoder, 5, 3, NULL), OSK_OK);
    assert_int_equal(tried, 3);
    assert_int_equal(osk_recode_give(encoder, &out, NULL), OSK_OK);
    assert_int_equal(out.len, 10);
    osk_recode_report(encoder, &report);
    assert_int_equal(report.len, 10);
    osk_writer_free(&out);
    osk_recode_drop(&encoder);
    osk_recode_drop(&encoder);
    assert_int_equal(budget.memory, osk_budget_default().memory);
}

/* A quarter of the picture is given a quarter of its length. */
static void recode__aims_at_the_length_of_what_is_left(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskEncoder *encoder = make(&(OskEncoder){ .source = { 800, 400 } }, &budget);
    assert_int_equal(osk_recode_search(encoder, 5, 1, NULL), OSK_OK);
    assert_in_range(encoder->best.len, 150, 250);
    osk_recode_drop(&encoder);
    encoder = make(&(OskEncoder){ .source = { 800, 100 } }, &budget);
    assert_int_equal(osk_recode_search(encoder, 5, 1, NULL), OSK_OK);
    assert_in_range(encoder->best.len, 600, 1000);
    osk_recode_drop(&encoder);
    encoder = make(&(OskEncoder){ .fresh = 3 }, &budget);
    assert_int_equal(osk_recode_search(encoder, 5, 1, NULL), OSK_OK);
    assert_int_equal(encoder->best.len, 40);
    osk_recode_drop(&encoder);
}

static void recode__spends_before_it_codes(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskFault fault = { 0 };
    OskEncoder *encoder = make(&(OskEncoder){ .lossless = true }, &budget);
    tried = 0;
    assert_int_equal(osk_recode_search(encoder, UINT64_MAX, 1, &fault), OSK_LIMIT);
    assert_string_equal(fault.part, "test");
    assert_int_equal(tried, 0);
    osk_recode_drop(&encoder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recode__takes_the_shortest_where_nothing_is_lost),
        cmocka_unit_test(recode__aims_at_the_length_of_what_is_left),
        cmocka_unit_test(recode__spends_before_it_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
