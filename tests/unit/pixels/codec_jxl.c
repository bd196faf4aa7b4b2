/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jxl/encode.h>

#include "pixels/drawing.h"

static const uint32_t box[4] = { 50, 40, 60, 48 };

static File make(OskPixelModel model, unsigned depth, unsigned quality, OskBudget *budget)
{
    OskImage image = draw(200, 150, model, depth, 3, budget);
    File file = encode_fresh(&osk_codec_jxl, &image, 1, quality, budget);
    osk_image_free(&image, budget);
    return file;
}

static void check_exact(OskPixelModel model, unsigned depth)
{
    OskBudget budget = osk_budget_default();
    uint64_t memory = budget.memory;
    File file = make(model, depth, 0, &budget);
    File again = cover_file(&osk_codec_jxl, file, box, NULL, &budget);
    OskCodecInfo info;
    OskDecoder *decoder = open_file(&osk_codec_jxl, again, &info, &budget);
    assert_false(info.lossy);
    assert_int_equal(info.reach, 0);
    osk_codec_jxl.close(&decoder);
    OskFrame before = decode_frame(&osk_codec_jxl, file, 0, &budget);
    OskFrame after = decode_frame(&osk_codec_jxl, again, 0, &budget);
    assert_true(is_same_outside(&before.image, &after.image, box));
    osk_image_free(&before.image, &budget);
    osk_image_free(&after.image, &budget);
    assert_int_equal(budget.memory, memory);
    free(file.bytes);
    free(again.bytes);
}

static void jxl__lossless_stays_exact(void **state)
{
    (void)state;
    check_exact(OSK_PIXELS_RGB, 8);
    check_exact(OSK_PIXELS_RGBA, 8);
    check_exact(OSK_PIXELS_GREY, 8);
    check_exact(OSK_PIXELS_GREY_ALPHA, 16);
    check_exact(OSK_PIXELS_RGB, 16);
}

static void jxl__lossless_says_nothing_of_what_was_covered(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskImage image = draw(200, 150, OSK_PIXELS_RGB, 8, 1, &budget);
    File one = encode_fresh(&osk_codec_jxl, &image, 1, 0, &budget);
    free(paint_box(&image, box, 200));
    File two = encode_fresh(&osk_codec_jxl, &image, 1, 0, &budget);
    osk_image_free(&image, &budget);
    assert_true(one.len != two.len);
    expect_same_copy(&osk_codec_jxl, one, two, box);
}

static void jxl__lossy_keeps_42_db_and_alpha(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    File file = make(OSK_PIXELS_RGBA, 8, 80, &budget);
    OskEncodeReport report = { 0 };
    File again = cover_file(&osk_codec_jxl, file, box, &report, &budget);
    assert_true(report.measured);
    assert_true(report.centibel >= 4200);
    OskFrame before = decode_frame(&osk_codec_jxl, file, 0, &budget);
    OskFrame after = decode_frame(&osk_codec_jxl, again, 0, &budget);
    for (size_t i = 3; i < before.image.stride * 40; i += 4) {
        assert_int_equal(before.image.pixels[i], after.image.pixels[i]);
    }
    osk_image_free(&before.image, &budget);
    osk_image_free(&after.image, &budget);
    free(file.bytes);
    free(again.bytes);
}

static void jxl__keeps_how_it_is_turned(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskImage image = draw(40, 20, OSK_PIXELS_RGB, 8, 1, &budget);
    OskEncodeOptions options = { .orientation = 6 };
    OskCodecInfo info = { .width = 40, .height = 20, .frames = 1 };
    OskEncoder *encoder = NULL;
    OskFault fault = { 0 };
    OskFrame frame = { .image = image, .duration_den = 1 };
    assert_int_equal(osk_codec_jxl.begin(&options, &info, &budget, &encoder, &fault), OSK_OK);
    assert_int_equal(osk_codec_jxl.add(encoder, &frame, &fault), OSK_OK);
    File file = finish(&osk_codec_jxl, encoder);
    osk_codec_jxl.drop(&encoder);
    osk_image_free(&image, &budget);
    OskDecoder *decoder = open_file(&osk_codec_jxl, file, &info, &budget);
    assert_int_equal(info.orientation, 6);
    assert_int_equal(info.width, 40);
    osk_codec_jxl.close(&decoder);
    free(file.bytes);
}

/* A grey picture of 8 x 8 pixels, half of it under a channel of the given kind; red where that is a
 * spot. */
static File make_ink(JxlExtraChannelType type)
{
    static uint8_t ink[64];
    JxlPixelFormat format = { 1, JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0 };
    JxlBasicInfo basic;
    JxlExtraChannelInfo channel;
    JxlColorEncoding colour;
    File file = { .bytes = malloc(4096) };
    memset(ink, 255, 32);
    JxlEncoder *jxl = JxlEncoderCreate(NULL);
    JxlEncoderInitBasicInfo(&basic);
    basic.xsize = basic.ysize = 8;
    basic.num_color_channels = 3;
    basic.num_extra_channels = 1;
    basic.uses_original_profile = JXL_TRUE;
    format.num_channels = 3;
    uint8_t rgb[192];
    memset(rgb, 128, sizeof(rgb));
    assert_int_equal(JxlEncoderSetBasicInfo(jxl, &basic), JXL_ENC_SUCCESS);
    assert_int_equal(JxlEncoderSetCodestreamLevel(jxl, 10), JXL_ENC_SUCCESS);
    JxlColorEncodingSetToSRGB(&colour, JXL_FALSE);
    assert_int_equal(JxlEncoderSetColorEncoding(jxl, &colour), JXL_ENC_SUCCESS);
    JxlEncoderInitExtraChannelInfo(type, &channel);
    channel.spot_color[0] = channel.spot_color[3] = 1;
    channel.spot_color[1] = channel.spot_color[2] = 0;
    assert_int_equal(JxlEncoderSetExtraChannelInfo(jxl, 0, &channel), JXL_ENC_SUCCESS);
    JxlEncoderFrameSettings *frame = JxlEncoderFrameSettingsCreate(jxl, NULL);
    assert_int_equal(JxlEncoderSetFrameLossless(frame, JXL_TRUE), JXL_ENC_SUCCESS);
    assert_int_equal(JxlEncoderAddImageFrame(frame, &format, rgb, sizeof(rgb)), JXL_ENC_SUCCESS);
    format.num_channels = 1;
    assert_int_equal(JxlEncoderSetExtraChannelBuffer(frame, &format, ink, sizeof(ink), 0),
                     JXL_ENC_SUCCESS);
    JxlEncoderCloseInput(jxl);
    uint8_t *next = file.bytes;
    size_t left = 4096;
    assert_int_equal(JxlEncoderProcessOutput(jxl, &next, &left), JXL_ENC_SUCCESS);
    file.len = 4096 - left;
    JxlEncoderDestroy(jxl);
    return file;
}

static void jxl__paints_spot_colours_and_refuses_inks(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    File spot = make_ink(JXL_CHANNEL_SPOT_COLOR);
    OskFrame frame = decode_frame(&osk_codec_jxl, spot, 0, &budget);
    assert_memory_equal(frame.image.pixels, "\xff\0\0", 3);
    assert_memory_equal(frame.image.pixels + 32 * 3, "\x80\x80\x80", 3);
    osk_image_free(&frame.image, &budget);
    free(spot.bytes);
    File inks = make_ink(JXL_CHANNEL_BLACK);
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    OskFault fault = { 0 };
    assert_int_equal(osk_codec_jxl.open(inks.bytes, inks.len, &budget, &decoder, &info, &fault),
                     OSK_UNSUPPORTED);
    assert_non_null(fault.next);
    free(inks.bytes);
}

static void jxl__bad_files_end_in_a_status(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    File file = make(OSK_PIXELS_RGB, 8, 80, &budget);
    check_limits(&osk_codec_jxl, file);
    check_cuts(&osk_codec_jxl, file);
    free(file.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jxl__lossless_stays_exact),
        cmocka_unit_test(jxl__lossless_says_nothing_of_what_was_covered),
        cmocka_unit_test(jxl__lossy_keeps_42_db_and_alpha),
        cmocka_unit_test(jxl__keeps_how_it_is_turned),
        cmocka_unit_test(jxl__paints_spot_colours_and_refuses_inks),
        cmocka_unit_test(jxl__bad_files_end_in_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
