/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/drawing.h"

#include <libheif/heif.h>

static const uint32_t box[4] = { 48, 32, 64, 48 };

/* x265 forgets some copies of its parameters. The checker finds this by its name. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libx265.so\n";
}

static struct heif_error take(struct heif_context *context, const void *bytes, size_t len,
                              void *user)
{
    File *file = user;
    (void)context;
    file->bytes = malloc(len);
    file->len = len;
    assert_non_null(file->bytes);
    memcpy(file->bytes, bytes, len);
    return (struct heif_error){ heif_error_Ok, heif_suberror_Unspecified, "" };
}

static void fill_plane(struct heif_image *image, enum heif_channel channel, unsigned by)
{
    int stride = 0;
    int width = heif_image_get_width(image, channel);
    int height = heif_image_get_height(image, channel);
    uint8_t *plane = heif_image_get_plane(image, channel, &stride);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            unsigned at = (unsigned)x * by + (unsigned)y;
            plane[y * stride + x] = (uint8_t)(60 + at % 256 / 2 + (at * 7 + (unsigned)y) % 9);
        }
    }
}

/* A drawn picture of 4:2:0, as an encoder of phones writes it. */
static File make_sized(enum heif_compression_format compression, int quality, int width, int height)
{
    struct heif_context *context = heif_context_alloc();
    struct heif_encoder *encoder = NULL;
    struct heif_image *image = NULL;
    struct heif_writer writer = { .writer_api_version = 1, .write = take };
    File file = { 0 };
    assert_int_equal(
        heif_image_create(width, height, heif_colorspace_YCbCr, heif_chroma_420, &image).code,
        heif_error_Ok);
    heif_image_add_plane(image, heif_channel_Y, width, height, 8);
    heif_image_add_plane(image, heif_channel_Cb, (width + 1) / 2, (height + 1) / 2, 8);
    heif_image_add_plane(image, heif_channel_Cr, (width + 1) / 2, (height + 1) / 2, 8);
    fill_plane(image, heif_channel_Y, 2);
    fill_plane(image, heif_channel_Cb, 1);
    fill_plane(image, heif_channel_Cr, 1);
    struct heif_color_profile_nclx *nclx = heif_nclx_color_profile_alloc();
    assert_non_null(nclx);
    nclx->color_primaries = heif_color_primaries_ITU_R_BT_709_5;
    nclx->transfer_characteristics = heif_transfer_characteristic_IEC_61966_2_1;
    nclx->matrix_coefficients = heif_matrix_coefficients_ITU_R_BT_601_6;
    nclx->full_range_flag = 1;
    assert_int_equal(heif_image_set_nclx_color_profile(image, nclx).code, heif_error_Ok);
    heif_nclx_color_profile_free(nclx);
    assert_int_equal(heif_context_get_encoder_for_format(context, compression, &encoder).code,
                     heif_error_Ok);
    heif_encoder_set_lossy_quality(encoder, quality);
    struct heif_encoding_options *options = heif_encoding_options_alloc();
    assert_non_null(options);
    options->macOS_compatibility_workaround_no_nclx_profile = 0;
    assert_int_equal(heif_context_encode_image(context, image, encoder, options, NULL).code,
                     heif_error_Ok);
    heif_encoding_options_free(options);
    assert_int_equal(heif_context_write(context, &writer, &file).code, heif_error_Ok);
    heif_encoder_release(encoder);
    heif_image_release(image);
    heif_context_free(context);
    return file;
}

static File make(enum heif_compression_format compression, int quality)
{
    return make_sized(compression, quality, 200, 152);
}

static void check_kept(const OskCodec *codec, enum heif_compression_format compression)
{
    OskBudget budget = osk_budget_default();
    uint64_t memory = budget.memory;
    File file = make(compression, 80);
    OskEncodeReport report = { 0 };
    File again = cover_file(codec, file, box, &report, &budget);
    assert_true(report.measured);
    assert_true(report.centibel >= 4200);
    OskFrame frame = decode_frame(codec, again, 0, &budget);
    assert_int_equal(frame.image.width, 200);
    assert_int_equal(frame.image.height, 152);
    assert_int_equal(frame.image.depth, 8);
    osk_image_free(&frame.image, &budget);
    assert_int_equal(budget.memory, memory);
    free(file.bytes);
    free(again.bytes);
}

static void heif__keeps_42_db(void **state)
{
    (void)state;
    check_kept(&osk_codec_heif, heif_compression_HEVC);
}

static void avif__keeps_42_db(void **state)
{
    (void)state;
    check_kept(&osk_codec_avif, heif_compression_AV1);
}

/* The encoder is given what was painted, and nothing else of the source. */
/* Where a word of four letters begins; the length where nowhere. */
static size_t find(File file, const char *word)
{
    for (size_t i = 0; i + 4 <= file.len; i++) {
        if (memcmp(file.bytes + i, word, 4) == 0) {
            return i;
        }
    }
    return file.len;
}

static bool holds(File file, const char *word)
{
    return find(file, word) < file.len;
}

/* What is coded beyond the picture must not look like something that was cropped away. */
static void heif__odd_sizes_have_no_crop(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    File file = make_sized(heif_compression_HEVC, 80, 201, 151);
    File again = cover_file(&osk_codec_heif, file, box, NULL, &budget);
    assert_false(holds(again, "clap"));
    assert_true(holds(again, "grid"));
    OskFrame frame = decode_frame(&osk_codec_heif, again, 0, &budget);
    assert_int_equal(frame.image.width, 201);
    assert_int_equal(frame.image.height, 151);
    osk_image_free(&frame.image, &budget);
    free(file.bytes);
    free(again.bytes);
}

/* libheif makes a profile and fails: the sanitizer looks whether it is freed. */
static void heif__reserved_colours_are_freed(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    File file = make(heif_compression_HEVC, 80);
    size_t at = find(file, "nclx");
    assert_true(at + 6 < file.len);
    memset(file.bytes + at + 4, 0x7F, 2);
    OskFrame frame = decode_frame(&osk_codec_heif, file, 0, &budget);
    osk_image_free(&frame.image, &budget);
    free(file.bytes);
}

/* So that a picture that can't be written again isn't decoded for nothing. */
static void heif__says_what_writing_takes(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    File file = make(heif_compression_HEVC, 80);
    OskCodecInfo info;
    OskDecoder *decoder = open_file(&osk_codec_heif, file, &info, &budget);
    assert_int_equal(info.writing, 200 * 152 * 30);
    osk_codec_heif.close(&decoder);
    free(file.bytes);
}

static void heif__same_picture_same_file(void **state)
{
    (void)state;
    static const uint32_t all[4] = { 0, 0, 200, 152 };
    File one = make(heif_compression_HEVC, 80);
    File two = make(heif_compression_HEVC, 50);
    assert_true(one.len != two.len);
    expect_same_copy(&osk_codec_heif, one, two, all);
}

static void heif__bad_files_end_in_a_status(void **state)
{
    (void)state;
    File hevc = make(heif_compression_HEVC, 80);
    File av1 = make(heif_compression_AV1, 80);
    check_limits(&osk_codec_heif, hevc);
    check_limits(&osk_codec_avif, av1);
    check_cuts(&osk_codec_heif, hevc);
    check_cuts(&osk_codec_avif, av1);
    free(hevc.bytes);
    free(av1.bytes);
}

static void heif__sequences_are_refused(void **state)
{
    (void)state;
    static const uint8_t bytes[] = { 0,   0,   0, 12, 'f', 't', 'y', 'p', 'h', 'e',
                                     'v', 'c', 0, 0,  0,   8,   'm', 'o', 'o', 'v' };
    OskBudget budget = osk_budget_default();
    OskCodecInfo info;
    OskDecoder *decoder = NULL;
    OskFault fault = { 0 };
    assert_int_equal(osk_codec_heif.open(bytes, sizeof bytes, &budget, &decoder, &info, &fault),
                     OSK_UNSUPPORTED);
    assert_string_equal(fault.part, "moov");
    assert_null(decoder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heif__keeps_42_db),
        cmocka_unit_test(avif__keeps_42_db),
        cmocka_unit_test(heif__odd_sizes_have_no_crop),
        cmocka_unit_test(heif__reserved_colours_are_freed),
        cmocka_unit_test(heif__says_what_writing_takes),
        cmocka_unit_test(heif__same_picture_same_file),
        cmocka_unit_test(heif__bad_files_end_in_a_status),
        cmocka_unit_test(heif__sequences_are_refused),
    };
    osk_codec_heif_prepare();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
