/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/drawing.h"

#include "pixels/quality.h"

/* An encoder of ten bytes a step, which loses less with each. */
typedef struct Fake {
    unsigned tried;
    double step; /* relative error at quality 0, divided by 4 a step */
} Fake;

static OskStatus attempt(void *context, unsigned quality, OskAttempt *out, OskFault *fault)
{
    Fake *fake = context;
    (void)fault;
    fake->tried++;
    out->bytes = calloc(1, 10 * (size_t)quality + 10);
    out->len = 10 * (size_t)quality + 10;
    double error = fake->step;
    for (unsigned i = 0; i < quality; i++) {
        error /= 1.25;
    }
    out->error = (OskError){ .sum = error * 1000, .samples = 1000 };
    return out->bytes != NULL ? OSK_OK : OSK_NO_MEMORY;
}

static OskEncodeReport search(Fake *fake, uint64_t source_len, double kept)
{
    OskQualitySearch quest = { .context = fake,
                               .attempt = attempt,
                               .highest = 100,
                               .first = 50,
                               .tries = 12,
                               .source_len = source_len,
                               .kept = kept };
    OskAttempt best;
    OskEncodeReport report;
    assert_int_equal(osk_quality_search(&quest, &best, &report, NULL), OSK_OK);
    assert_int_equal(best.len, report.len);
    free(best.bytes);
    return report;
}

static void quality__finds_the_length_of_the_source(void **state)
{
    (void)state;
    Fake fake = { .step = 0.01 };
    OskEncodeReport report = search(&fake, 800, 1);
    assert_in_range(report.len, 600, 1000);
    assert_true(report.centibel >= 4200);
    assert_null(report.note);
    report = search(&fake, 800, 0.5);
    assert_in_range(report.len, 300, 500);
}

static void quality__prefers_42_db_and_says_so(void **state)
{
    (void)state;
    Fake fake = { .step = 100 };
    OskEncodeReport report = search(&fake, 200, 1);
    assert_true(report.centibel >= 4200 && report.centibel < 4300);
    assert_non_null(report.note);
    fake.step = 1e30;
    report = search(&fake, 200, 1);
    assert_int_equal(report.quality, 100);
    assert_non_null(report.note);
}

/* With most of the picture covered, 42 dB of the rest take more than its share of the original:
 * that is no larger file. */
static void quality__calls_larger_only_what_is(void **state)
{
    (void)state;
    Fake fake = { .step = 100 };
    OskEncodeReport report = search(&fake, 100000, 0.001);
    assert_true(report.centibel >= 4200);
    assert_true(report.len > 125 && report.len < 100000);
    assert_null(report.note);
    report = search(&fake, report.len * 10 / 13, 1);
    assert_non_null(report.note);
    assert_true(strncmp(report.note, "larger", 6) == 0);
    report = search(&fake, report.len * 2, 0.9);
    assert_true(report.note == NULL || strncmp(report.note, "larger", 6) != 0);
}

/* Lengths within one coarse step of each other lead to the same quality: what was covered has its
 * say in the length alone. */
static void quality__hears_lengths_coarsely(void **state)
{
    (void)state;
    Fake fake = { .step = 0.01 };
    unsigned changes = 0;
    unsigned last = 0;
    for (uint64_t len = 500; len < 900; len++) {
        OskEncodeReport report = search(&fake, len, 1);
        changes += report.quality != last;
        last = report.quality;
    }
    assert_true(changes <= 8);
}

static void quality__measures_outside_the_mask_alone(void **state)
{
    (void)state;
    static const uint32_t box[4] = { 20, 20, 10, 10 };
    OskBudget budget = osk_budget_default();
    OskImage a = draw(64, 64, OSK_PIXELS_RGB, 8, 1, &budget);
    OskImage b = draw(64, 64, OSK_PIXELS_RGB, 8, 1, &budget);
    uint8_t *covered = paint_box(&a, box, 0);
    uint8_t *mask = NULL;
    OskError error = { 0 };
    assert_int_equal(osk_error_add(&error, &a, &b, NULL), OSK_OK);
    assert_true(osk_error_centibel(&error) < 4200);
    error = (OskError){ 0 };
    assert_int_equal(osk_error_add(&error, &a, &b, covered), OSK_OK);
    assert_int_equal(osk_error_centibel(&error), 9999);
    assert_int_equal(error.samples, (64 * 64 - 100) * 3);
    assert_int_equal(osk_covered_spread(covered, 64, 64, 2, &mask), OSK_OK);
    error = (OskError){ 0 };
    assert_int_equal(osk_error_add(&error, &a, &b, mask), OSK_OK);
    assert_int_equal(error.samples, (64 * 64 - 14 * 14) * 3);
    free(mask);
    free(covered);
    osk_image_free(&a, &budget);
    osk_image_free(&b, &budget);
}

/* One level of 255 in every sample: 48.13 dB. */
static void quality__counts_in_decibels(void **state)
{
    (void)state;
    OskError error = { .sum = 1000.0 / (255.0 * 255.0), .samples = 1000 };
    assert_in_range(osk_error_centibel(&error), 4812, 4814);
    error = (OskError){ .sum = 1000.0 / OSK_QUALITY_RATIO, .samples = 1000 };
    assert_in_range(osk_error_centibel(&error), 4199, 4200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quality__finds_the_length_of_the_source),
        cmocka_unit_test(quality__prefers_42_db_and_says_so),
        cmocka_unit_test(quality__calls_larger_only_what_is),
        cmocka_unit_test(quality__hears_lengths_coarsely),
        cmocka_unit_test(quality__measures_outside_the_mask_alone),
        cmocka_unit_test(quality__counts_in_decibels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
