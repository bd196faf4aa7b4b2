/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/drawing.h"

#include "pixels/quality.h"

static const uint32_t box[4] = { 48, 32, 64, 48 };

static File make(OskPixelModel model, unsigned quality, OskBudget *budget)
{
    OskImage image = draw(200, 150, model, 8, 3, budget);
    File file = encode_fresh(&osk_codec_jpeg, &image, 1, quality, budget);
    osk_image_free(&image, budget);
    return file;
}

static void check_kept(OskPixelModel model)
{
    OskBudget budget = osk_budget_default();
    uint64_t memory = budget.memory;
    OskImage image = draw(200, 150, model, 8, 3, &budget);
    File file = make(model, 0, &budget);
    OskFrame frame = decode_frame(&osk_codec_jpeg, file, 0, &budget);
    OskError error = { 0 };
    assert_int_equal(osk_error_add(&error, &image, &frame.image, NULL), OSK_OK);
    assert_true(osk_error_centibel(&error) > 3800);
    osk_image_free(&image, &budget);
    osk_image_free(&frame.image, &budget);
    assert_int_equal(budget.memory, memory);
    free(file.bytes);
}

static void jpeg__writes_grey_colour_and_ink(void **state)
{
    (void)state;
    check_kept(OSK_PIXELS_GREY);
    check_kept(OSK_PIXELS_RGB);
    check_kept(OSK_PIXELS_CMYK);
}

/* 16-bit samples lose their lower half, transparent pixels show the white of paper. */
static void jpeg__flattens_depth_and_alpha(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskImage image = draw(64, 64, OSK_PIXELS_RGBA, 16, 3, &budget);
    File file = encode_fresh(&osk_codec_jpeg, &image, 1, 100, &budget);
    OskFrame frame = decode_frame(&osk_codec_jpeg, file, 0, &budget);
    assert_int_equal(frame.image.model, OSK_PIXELS_RGB);
    for (unsigned c = 0; c < 3; c++) {
        assert_true(frame.image.pixels[c] > 250);
    }
    osk_image_free(&image, &budget);
    osk_image_free(&frame.image, &budget);
    free(file.bytes);
}

static void jpeg__keeps_profile_and_turn(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskImage image = draw(40, 20, OSK_PIXELS_RGB, 8, 1, &budget);
    uint8_t profile[70000];
    memset(profile, 0x42, sizeof profile);
    OskEncodeOptions options = { .orientation = 8, .icc = profile, .icc_len = sizeof profile };
    OskCodecInfo info = { .width = 40, .height = 20, .frames = 1 };
    OskEncoder *encoder = NULL;
    OskFault fault = { 0 };
    OskFrame frame = { .image = image, .duration_den = 1 };
    assert_int_equal(osk_codec_jpeg.begin(&options, &info, &budget, &encoder, &fault), OSK_OK);
    assert_int_equal(osk_codec_jpeg.add(encoder, &frame, &fault), OSK_OK);
    File file = finish(&osk_codec_jpeg, encoder);
    osk_codec_jpeg.drop(&encoder);
    osk_image_free(&image, &budget);
    OskDecoder *decoder = open_file(&osk_codec_jpeg, file, &info, &budget);
    size_t len = 0;
    const uint8_t *icc = osk_codec_jpeg.icc(decoder, &len);
    assert_int_equal(info.orientation, 8);
    assert_int_equal(len, sizeof profile);
    assert_memory_equal(icc, profile, len);
    osk_codec_jpeg.close(&decoder);
    free(file.bytes);
}

/* The same tables: a second generation differs little. */
static void jpeg__is_written_like_it_was(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    File file = make(OSK_PIXELS_RGB, 70, &budget);
    File again = cover_file(&osk_codec_jpeg, file, box, NULL, &budget);
    OskFrame before = decode_frame(&osk_codec_jpeg, file, 0, &budget);
    OskFrame after = decode_frame(&osk_codec_jpeg, again, 0, &budget);
    uint8_t *mask = paint_box(&before.image, box, 30);
    OskError error = { 0 };
    assert_int_equal(osk_error_add(&error, &before.image, &after.image, mask), OSK_OK);
    assert_true(osk_error_centibel(&error) > 4500);
    free(mask);
    osk_image_free(&before.image, &budget);
    osk_image_free(&after.image, &budget);
    free(file.bytes);
    free(again.bytes);
}

/* A file may say that steps of its table are 0: the one who writes it again divides by them. */
static void jpeg__is_written_again_with_steps_of_nothing(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    File file = make(OSK_PIXELS_RGB, 70, &budget);
    size_t at = 2;
    while (file.bytes[at + 1] != 0xDB) {
        at += 2 + ((size_t)file.bytes[at + 2] << 8 | file.bytes[at + 3]);
    }
    memset(file.bytes + at + 5 + 20, 0, 44);
    File again = cover_file(&osk_codec_jpeg, file, box, NULL, &budget);
    OskFrame after = decode_frame(&osk_codec_jpeg, again, 0, &budget);
    assert_int_equal(after.image.width, 200);
    osk_image_free(&after.image, &budget);
    free(file.bytes);
    free(again.bytes);
}

static void jpeg__bad_files_end_in_a_status(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    File file = make(OSK_PIXELS_RGB, 90, &budget);
    check_limits(&osk_codec_jpeg, file);
    check_cuts(&osk_codec_jpeg, file);
    free(file.bytes);
}

/* What was decoded before the end is what it is in the whole file; the rest is one grey. */
static void jpeg__says_that_a_file_ends_early(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    File file = make(OSK_PIXELS_RGB, 90, &budget);
    File part = { .bytes = file.bytes, .len = file.len * 2 / 3 };
    OskFrame whole = decode_frame(&osk_codec_jpeg, file, 0, &budget);
    OskFrame cut = decode_frame(&osk_codec_jpeg, part, 0, &budget);
    assert_false(whole.cut);
    assert_true(cut.cut);
    size_t stride = whole.image.stride;
    assert_memory_equal(cut.image.pixels, whole.image.pixels, 4 * stride);
    const uint8_t *last = cut.image.pixels + (cut.image.height - 1) * stride;
    for (size_t i = 3; i < 3 * (size_t)cut.image.width; i++) {
        assert_int_equal(last[i], last[i - 3]);
    }
    osk_image_free(&whole.image, &budget);
    osk_image_free(&cut.image, &budget);
    free(file.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jpeg__writes_grey_colour_and_ink),
        cmocka_unit_test(jpeg__flattens_depth_and_alpha),
        cmocka_unit_test(jpeg__keeps_profile_and_turn),
        cmocka_unit_test(jpeg__is_written_like_it_was),
        cmocka_unit_test(jpeg__is_written_again_with_steps_of_nothing),
        cmocka_unit_test(jpeg__bad_files_end_in_a_status),
        cmocka_unit_test(jpeg__says_that_a_file_ends_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
