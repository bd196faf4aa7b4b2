/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/drawing.h"

static const uint32_t box[4] = { 50, 40, 60, 48 };

static File make(OskPixelModel model, uint32_t count, unsigned quality, unsigned seed,
                 OskBudget *budget)
{
    OskImage frames[3];
    for (uint32_t i = 0; i < count; i++) {
        frames[i] = draw(200, 150, model, 8, seed + i * 5, budget);
    }
    File file = encode_fresh(&osk_codec_webp, frames, count, quality, budget);
    for (uint32_t i = 0; i < count; i++) {
        osk_image_free(&frames[i], budget);
    }
    return file;
}

/* Two pictures that differ only under the box, coded exactly: the results are the same file. */
static void webp__lossless_says_nothing_of_what_was_covered(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    uint64_t memory = budget.memory;
    OskImage image = draw(200, 150, OSK_PIXELS_RGB, 8, 1, &budget);
    File one = encode_fresh(&osk_codec_webp, &image, 1, 0, &budget);
    free(paint_box(&image, box, 200));
    File two = encode_fresh(&osk_codec_webp, &image, 1, 0, &budget);
    osk_image_free(&image, &budget);
    assert_true(one.len != two.len);
    expect_same_copy(&osk_codec_webp, one, two, box);
    assert_int_equal(budget.memory, memory);
}

/* Covered wholly, nothing of a lossy source is left: neither its luma nor its length. */
static void webp__lossy_takes_nothing_from_covered_samples(void **state)
{
    (void)state;
    static const uint32_t all[4] = { 0, 0, 200, 150 };
    OskBudget budget = osk_budget_default();
    File one = make(OSK_PIXELS_RGB, 1, 80, 1, &budget);
    File two = make(OSK_PIXELS_RGB, 1, 60, 9, &budget);
    expect_same_copy(&osk_codec_webp, one, two, all);
}

static void webp__lossless_stays_exact_under_transparency(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    File file = make(OSK_PIXELS_RGBA, 1, 0, 3, &budget);
    File again = cover_file(&osk_codec_webp, file, box, NULL, &budget);
    OskFrame before = decode_frame(&osk_codec_webp, file, 0, &budget);
    OskFrame after = decode_frame(&osk_codec_webp, again, 0, &budget);
    assert_true(is_same_outside(&before.image, &after.image, box));
    osk_image_free(&before.image, &budget);
    osk_image_free(&after.image, &budget);
    free(file.bytes);
    free(again.bytes);
}

static void webp__lossy_keeps_42_db(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    uint64_t memory = budget.memory;
    File file = make(OSK_PIXELS_RGB, 1, 85, 3, &budget);
    OskEncodeReport report = { 0 };
    File again = cover_file(&osk_codec_webp, file, box, &report, &budget);
    assert_true(report.measured);
    assert_true(report.centibel >= 4200);
    assert_int_equal(report.source_len, file.len);
    assert_int_equal(report.len, again.len);
    assert_int_equal(budget.memory, memory);
    free(file.bytes);
    free(again.bytes);
}

static void webp__animation_keeps_its_frames_and_times(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    File file = make(OSK_PIXELS_RGBA, 3, 0, 3, &budget);
    OskEncodeReport report;
    File again = cover_file(&osk_codec_webp, file, box, &report, &budget);
    for (uint32_t i = 0; i < 3; i++) {
        OskFrame before = decode_frame(&osk_codec_webp, file, i, &budget);
        OskFrame after = decode_frame(&osk_codec_webp, again, i, &budget);
        assert_int_equal(after.duration_num, 40);
        assert_int_equal(after.duration_den, 1000);
        assert_int_equal(before.duration_num, after.duration_num);
        osk_image_free(&before.image, &budget);
        osk_image_free(&after.image, &budget);
    }
    free(file.bytes);
    free(again.bytes);
}

static void webp__bad_files_end_in_a_status(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    File still = make(OSK_PIXELS_RGB, 1, 80, 3, &budget);
    File moving = make(OSK_PIXELS_RGBA, 3, 0, 3, &budget);
    check_limits(&osk_codec_webp, still);
    check_limits(&osk_codec_webp, moving);
    check_cuts(&osk_codec_webp, still);
    check_cuts(&osk_codec_webp, moving);
    free(still.bytes);
    free(moving.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(webp__lossless_says_nothing_of_what_was_covered),
        cmocka_unit_test(webp__lossy_takes_nothing_from_covered_samples),
        cmocka_unit_test(webp__lossless_stays_exact_under_transparency),
        cmocka_unit_test(webp__lossy_keeps_42_db),
        cmocka_unit_test(webp__animation_keeps_its_frames_and_times),
        cmocka_unit_test(webp__bad_files_end_in_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
