/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "coded.h"

static const OskCodec *const tiff = &osk_codec_tiff;

static void put_entry(OskWriter *w, uint16_t tag, uint16_t type, uint32_t count, uint32_t value)
{
    osk_writer_le(w, tag, 2);
    osk_writer_le(w, type, 2);
    osk_writer_le(w, count, 4);
    osk_writer_le(w, value, 4);
}

/* One page of grey bytes in strips of one row, PackBits, whose codes stand at `data`. */
static void put_page(OskWriter *w, uint32_t width, uint32_t height, bool reduced, uint32_t strips)
{
    osk_writer_le(w, 10, 2);
    put_entry(w, 254, 4, 1, reduced);
    put_entry(w, 256, 4, 1, width);
    put_entry(w, 257, 4, 1, height);
    put_entry(w, 258, 3, 1, 8);
    put_entry(w, 259, 3, 1, 32773);
    put_entry(w, 262, 3, 1, 1);
    put_entry(w, 273, 4, height, strips);
    put_entry(w, 277, 3, 1, 1);
    put_entry(w, 278, 4, 1, 1);
    put_entry(w, 279, 4, height, strips + 4 * height);
}

/* A page of 4 x 2, and a copy of it with half the size. The first strip is coded in an odd way. */
static size_t make_file(uint8_t *out, uint32_t width)
{
    OskWriter w;
    osk_writer_init(&w, 600);
    osk_writer_bytes(&w, "II*\0\x08\0\0\0", 8);
    put_page(&w, width, 2, false, 300);
    osk_writer_le(&w, 134, 4);
    put_page(&w, 2, 2, true, 330);
    osk_writer_le(&w, 0, 4);
    osk_writer_zeros(&w, 300 - w.len);
    osk_writer_le(&w, 400, 4);
    osk_writer_le(&w, 410, 4);
    osk_writer_le(&w, 8, 4);
    osk_writer_le(&w, 5, 4);
    osk_writer_zeros(&w, 330 - w.len);
    osk_writer_le(&w, 420, 4);
    osk_writer_le(&w, 420, 4);
    osk_writer_le(&w, 3, 4);
    osk_writer_le(&w, 3, 4);
    osk_writer_zeros(&w, 400 - w.len);
    osk_writer_bytes(&w, "\0\x31\0\x32\0\x33\0\x34", 8);
    osk_writer_zeros(&w, 2);
    osk_writer_bytes(&w, "\3\x41\x42\x43\x44", 5);
    osk_writer_zeros(&w, 5);
    osk_writer_bytes(&w, "\1\x51\x52", 3);
    assert_true(osk_writer_ok(&w));
    memcpy(out, w.bytes, w.len);
    size_t len = w.len;
    osk_writer_free(&w);
    return len;
}

static void tiff__copies_strips_and_leaves_smaller_copies_out(void **state)
{
    (void)state;
    static const uint8_t covered[8] = { 0, 0, 0, 0, 1, 1, 0, 0 };
    uint8_t file[600];
    size_t len = make_file(file, 4);
    OskBudget budget = osk_budget_default();
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    OskFrame frame;
    Coded coded;
    assert_int_equal(tiff->open(file, len, &budget, &decoder, &info, NULL), OSK_OK);
    assert_int_equal(info.frames, 1);
    assert_int_equal(tiff->next(decoder, &frame, NULL), OSK_OK);
    assert_memory_equal(frame.image.pixels, "1234ABCD", 8);
    memset(frame.image.pixels + 4, 0, 2);
    frame.covered = covered;
    assert_int_equal(code(tiff, decoder, &frame, 1, &coded), OSK_OK);
    assert_true(holds(&coded, "\0\x31\0\x32\0\x33\0\x34", 8));
    assert_false(holds(&coded, "\x41\x42", 2));
    assert_true(holds(&coded, "\x43\x44", 2));
    assert_false(holds(&coded, "\x51", 1));
    osk_image_free(&frame.image, &budget);
    tiff->close(&decoder);
    free(coded.bytes);
    assert_int_equal(budget.memory, osk_budget_default().memory);
}

static void tiff__refuses_a_bomb_and_short_files(void **state)
{
    (void)state;
    uint8_t file[600];
    size_t len = make_file(file, 4);
    for (size_t cut = 0; cut < 262; cut++) {
        assert_int_not_equal(open_status(tiff, file, cut), OSK_OK);
    }
    len = make_file(file, 0x7FFFFFFF);
    assert_int_equal(open_status(tiff, file, len), OSK_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiff__copies_strips_and_leaves_smaller_copies_out),
        cmocka_unit_test(tiff__refuses_a_bomb_and_short_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
