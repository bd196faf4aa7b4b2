/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/codec_bmp.h"

#include "coded.h"

static const OskCodec *const bmp = &osk_codec_bmp;

/* A header of 40 bytes, top down. */
static size_t make_header(uint8_t *out, uint32_t width, uint32_t height, unsigned bits,
                          unsigned compression)
{
    OskWriter w;
    size_t masks = compression == 3 ? 12 : 0;
    osk_writer_init(&w, 80);
    osk_writer_bytes(&w, "BM", 2);
    osk_writer_zeros(&w, 8);
    osk_writer_le(&w, 54 + masks, 4);
    osk_writer_le(&w, 40, 4);
    osk_writer_le(&w, width, 4);
    osk_writer_le(&w, 0u - height, 4);
    osk_writer_le(&w, 1, 2);
    osk_writer_le(&w, bits, 2);
    osk_writer_le(&w, compression, 4);
    osk_writer_zeros(&w, 20);
    if (masks > 0) {
        osk_writer_le(&w, 0xF800, 4);
        osk_writer_le(&w, 0x07E0, 4);
        osk_writer_le(&w, 0x001F, 4);
    }
    assert_true(osk_writer_ok(&w));
    memcpy(out, w.bytes, w.len);
    size_t len = w.len;
    osk_writer_free(&w);
    return len;
}

/* Decodes, marks what `covered` says, and writes again. */
static Coded write_again(const uint8_t *bytes, size_t len, const uint8_t *covered, OskImage *seen)
{
    OskBudget budget = osk_budget_default();
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    OskFrame frame;
    Coded coded;
    assert_int_equal(bmp->open(bytes, len, &budget, &decoder, &info, NULL), OSK_OK);
    assert_int_equal(bmp->next(decoder, &frame, NULL), OSK_OK);
    frame.covered = covered;
    for (size_t i = 0; covered != NULL && i < (size_t)info.width * info.height; i++) {
        unsigned samples = osk_pixel_samples(frame.image.model);
        memset(frame.image.pixels + i * samples, covered[i] ? 255 : frame.image.pixels[i * samples],
               covered[i] ? samples : 0);
    }
    assert_int_equal(code(bmp, decoder, &frame, 1, &coded), OSK_OK);
    *seen = frame.image;
    seen->pixels = NULL;
    osk_image_free(&frame.image, &budget);
    bmp->close(&decoder);
    return coded;
}

static void bmp__scaling_is_exact_in_both_directions(void **state)
{
    (void)state;
    for (unsigned bits = 1; bits <= 8; bits++) {
        for (uint32_t v = 0; v < 1u << bits; v++) {
            assert_int_equal(osk_bmp_scale(osk_bmp_scale(v, bits, 8), 8, bits), v);
        }
    }
    for (uint32_t v = 0; v < 1024; v++) {
        assert_int_equal(osk_bmp_scale(osk_bmp_scale(v, 10, 16), 16, 10), v);
    }
}

static void bmp__keeps_pixels_of_five_and_six_bits(void **state)
{
    (void)state;
    uint8_t file[66 + 8];
    OskImage seen;
    size_t at = make_header(file, 2, 2, 16, 3);
    memcpy(file + at, "\x34\x12\x78\x56\xbc\x9a\xf0\xde", 8);
    Coded coded = write_again(file, at + 8, NULL, &seen);
    assert_int_equal(seen.model, OSK_PIXELS_RGB);
    assert_int_equal(coded.len, at + 8);
    assert_memory_equal(coded.bytes + 10, file + 10, at - 10 - 20);
    assert_memory_equal(coded.bytes + at, file + at, 8);
    free(coded.bytes);
}

static void bmp__a_blank_fourth_byte_stays_blank(void **state)
{
    (void)state;
    static const uint8_t covered[2] = { 1, 0 };
    uint8_t file[54 + 8];
    OskImage seen;
    size_t at = make_header(file, 2, 1, 32, 0);
    memcpy(file + at, "\1\2\3\0\4\5\6\0", 8);
    Coded plain = write_again(file, at + 8, covered, &seen);
    assert_int_equal(seen.model, OSK_PIXELS_RGB);
    /* The same where only what is covered has one. */
    file[at + 3] = 9;
    Coded other = write_again(file, at + 8, covered, &seen);
    assert_int_equal(seen.model, OSK_PIXELS_RGBA);
    assert_int_equal(plain.len, other.len);
    assert_memory_equal(plain.bytes, other.bytes, plain.len);
    assert_memory_equal(plain.bytes + at, "\xff\xff\xff\0\4\5\6\0", 8);
    free(plain.bytes);
    free(other.bytes);
}

static void bmp__refuses_a_bomb_and_every_short_file(void **state)
{
    (void)state;
    uint8_t file[54 + 8];
    size_t at = make_header(file, 1u << 20, 1u << 20, 24, 0);
    memset(file + at, 0, 8);
    assert_int_equal(open_status(bmp, file, sizeof file), OSK_LIMIT);
    at = make_header(file, 2, 1, 32, 0);
    for (size_t len = 0; len < at + 8; len++) {
        assert_int_not_equal(open_status(bmp, file, len), OSK_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bmp__scaling_is_exact_in_both_directions),
        cmocka_unit_test(bmp__keeps_pixels_of_five_and_six_bits),
        cmocka_unit_test(bmp__a_blank_fourth_byte_stays_blank),
        cmocka_unit_test(bmp__refuses_a_bomb_and_every_short_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
