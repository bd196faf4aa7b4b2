/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/codec_tiff.h"

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

typedef struct Page {
    uint32_t orientation;
    uint32_t photometric;
    uint32_t samples; /* of eight bits, one strip, uncoded */
    uint32_t width;
    uint32_t height;
    const char *pixels;
} Page;

/* 300 pixels to the unit across, 100 down. */
static size_t make_pages(uint8_t *out, const Page *pages, uint32_t count)
{
    OskWriter w;
    osk_writer_init(&w, 600);
    osk_writer_bytes(&w, "II*\0\x08\0\0\0", 8);
    for (uint32_t i = 0; i < count; i++) {
        const Page *page = &pages[i];
        uint32_t at = 8 + i * 250;
        uint32_t len = page->samples * page->width * page->height;
        osk_writer_zeros(&w, at - w.len);
        osk_writer_le(&w, 12, 2);
        put_entry(&w, 256, 4, 1, page->width);
        put_entry(&w, 257, 4, 1, page->height);
        put_entry(&w, 258, 3, page->samples, page->samples == 1 ? 8 : at + 170);
        put_entry(&w, 259, 3, 1, 1);
        put_entry(&w, 262, 3, 1, page->photometric);
        put_entry(&w, 273, 4, 1, at + 200);
        put_entry(&w, 274, 3, 1, page->orientation);
        put_entry(&w, 277, 3, 1, page->samples);
        put_entry(&w, 278, 4, 1, page->height);
        put_entry(&w, 279, 4, 1, len);
        put_entry(&w, 282, 5, 1, at + 180);
        put_entry(&w, 283, 5, 1, at + 188);
        osk_writer_le(&w, i + 1 < count ? at + 250 : 0, 4);
        osk_writer_zeros(&w, at + 170 - w.len);
        osk_writer_bytes(&w, "\x08\0\x08\0\x08\0\0\0\0\0", 10);
        osk_writer_bytes(&w, "\x2c\1\0\0\1\0\0\0\x64\0\0\0\1\0\0\0", 16);
        osk_writer_zeros(&w, at + 200 - w.len);
        osk_writer_bytes(&w, page->pixels, len);
    }
    assert_true(osk_writer_ok(&w));
    memcpy(out, w.bytes, w.len);
    size_t len = w.len;
    osk_writer_free(&w);
    return len;
}

static void check_page(TIFF *file, bool first, float across, float down)
{
    float x = 0;
    float y = 0;
    uint16_t orientation = 0;
    assert_true(osk_tiff_page_find(file, first));
    assert_int_equal(TIFFGetField(file, TIFFTAG_XRESOLUTION, &x), 1);
    assert_int_equal(TIFFGetField(file, TIFFTAG_YRESOLUTION, &y), 1);
    assert_int_equal(TIFFGetField(file, TIFFTAG_ORIENTATION, &orientation), 1);
    assert_int_equal(orientation, 1);
    assert_true(x >= across && x <= across && y >= down && y <= down);
}

/* Each is given, and written, as it is displayed; its resolutions go along. */
static void tiff__turns_pages_that_are_turned_differently(void **state)
{
    (void)state;
    static const Page pages[2] = { { 1, 1, 1, 4, 2, "12345678" }, { 6, 1, 1, 4, 2, "abcdefgh" } };
    static const uint8_t covered[8] = { 1 };
    uint8_t file[600];
    size_t len = make_pages(file, pages, 2);
    OskBudget budget = osk_budget_default();
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    OskFrame frames[2];
    Coded coded;
    assert_int_equal(tiff->open(file, len, &budget, &decoder, &info, NULL), OSK_OK);
    assert_int_equal(info.orientation, 1);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(tiff->next(decoder, &frames[i], NULL), OSK_OK);
        frames[i].covered = covered;
    }
    assert_int_equal(frames[1].image.width, 2);
    assert_memory_equal(frames[1].image.pixels, "eafbgchd", 8);
    assert_int_equal(code(tiff, decoder, frames, 2, &coded), OSK_OK);
    OskTiffMemory memory = { .input = coded.bytes, .len = coded.len };
    TIFF *again = osk_tiff_open(&memory, "rm", &budget);
    check_page(again, true, 300, 100);
    check_page(again, false, 100, 300);
    TIFFClose(again);
    assert_true(holds(&coded, "12345678", 8));
    assert_true(holds(&coded, "eafbgchd", 8));
    osk_image_free(&frames[0].image, &budget);
    osk_image_free(&frames[1].image, &budget);
    tiff->close(&decoder);
    free(coded.bytes);
}

static void tiff__swaps_resolutions_when_a_picture_is_turned(void **state)
{
    (void)state;
    static const Page page = { 1, 1, 1, 4, 2, "12345678" };
    uint8_t file[600];
    size_t len = make_pages(file, &page, 1);
    OskBudget budget = osk_budget_default();
    OskDecoder *decoder = NULL;
    OskEncoder *encoder = NULL;
    OskCodecInfo info;
    OskWriter out;
    osk_writer_init(&out, 4096);
    OskFrame frame = { .image = plain(2, 4, OSK_PIXELS_GREY, 8, 9), .duration_den = 1 };
    assert_int_equal(tiff->open(file, len, &budget, &decoder, &info, NULL), OSK_OK);
    const OskEncodeOptions options = { .like = decoder, .orientation = 1, .swapped = true };
    assert_int_equal(tiff->begin(&options, &info, &budget, &encoder, NULL), OSK_OK);
    assert_int_equal(tiff->add(encoder, &frame, NULL), OSK_OK);
    assert_int_equal(tiff->end(encoder, &out, NULL), OSK_OK);
    OskTiffMemory memory = { .input = out.bytes, .len = out.len };
    TIFF *again = osk_tiff_open(&memory, "rm", &budget);
    check_page(again, true, 100, 300);
    TIFFClose(again);
    tiff->drop(&encoder);
    tiff->close(&decoder);
    osk_writer_free(&out);
    osk_image_free(&frame.image, &budget);
}

/* CIE Lab: shown by libtiff, and written as what it shows. */
static void tiff__writes_odd_pixels_as_they_are_shown(void **state)
{
    (void)state;
    static const Page page = { 1, 8, 3, 2, 1, "\xff\0\0\x80\x20\x20" };
    uint8_t file[600];
    size_t len = make_pages(file, &page, 1);
    OskBudget budget = osk_budget_default();
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    OskFrame frame;
    OskFrame shown;
    Coded coded;
    assert_int_equal(tiff->open(file, len, &budget, &decoder, &info, NULL), OSK_OK);
    assert_true(info.lossy);
    assert_int_equal(info.reach, 0);
    assert_int_equal(tiff->next(decoder, &frame, NULL), OSK_OK);
    assert_int_equal(frame.image.model, OSK_PIXELS_RGBA);
    assert_true(frame.image.pixels[0] > 250 && frame.image.pixels[3] == 255);
    assert_int_equal(code(tiff, decoder, &frame, 1, &coded), OSK_OK);
    tiff->close(&decoder);
    assert_int_equal(tiff->open(coded.bytes, coded.len, &budget, &decoder, &info, NULL), OSK_OK);
    assert_false(info.lossy);
    assert_int_equal(tiff->next(decoder, &shown, NULL), OSK_OK);
    assert_int_equal(shown.image.model, OSK_PIXELS_RGBA);
    assert_memory_equal(shown.image.pixels, frame.image.pixels, 8);
    osk_image_free(&frame.image, &budget);
    osk_image_free(&shown.image, &budget);
    tiff->close(&decoder);
    free(coded.bytes);
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

/* Two pixels of two entries, of which the first is covered. */
static void write_entries(OskTiffMemory *out, OskBudget *budget)
{
    uint16_t map[3][256] = { { 0x1221, 0x3443 }, { 0x1221, 0x3443 }, { 0x1221, 0x3443 } };
    uint8_t pixels[2] = { 0, 1 };
    *out = (OskTiffMemory){ .ceiling = UINT32_MAX, .budget = budget };
    TIFF *file = osk_tiff_open(out, "wl", budget);
    TIFFSetField(file, TIFFTAG_IMAGEWIDTH, 2);
    TIFFSetField(file, TIFFTAG_IMAGELENGTH, 1);
    TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, 8);
    TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(file, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_PALETTE);
    TIFFSetField(file, TIFFTAG_ROWSPERSTRIP, 1);
    TIFFSetField(file, TIFFTAG_COLORMAP, map[0], map[1], map[2]);
    assert_true(TIFFWriteEncodedStrip(file, 0, pixels, 2) == 2);
    assert_int_equal(TIFFWriteDirectory(file), 1);
    TIFFClose(file);
}

/* The 16 bits of an entry say which colour stood there, even if the one that is painted has the
 * same upper eight. */
static void tiff__takes_no_colour_from_what_is_covered(void **state)
{
    (void)state;
    static const uint8_t covered[2] = { 1, 0 };
    OskBudget budget = osk_budget_default();
    OskTiffMemory file;
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    OskFrame frame;
    Coded coded;
    write_entries(&file, &budget);
    assert_int_equal(tiff->open(file.output, file.len, &budget, &decoder, &info, NULL), OSK_OK);
    assert_int_equal(tiff->next(decoder, &frame, NULL), OSK_OK);
    frame.covered = covered;
    assert_int_equal(code(tiff, decoder, &frame, 1, &coded), OSK_OK);
    assert_true(holds(&coded, "\x12\x12\x43\x34\0\0", 6));
    assert_false(holds(&coded, "\x21\x12", 2));
    osk_image_free(&frame.image, &budget);
    tiff->close(&decoder);
    free(coded.bytes);
    free(file.output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiff__copies_strips_and_leaves_smaller_copies_out),
        cmocka_unit_test(tiff__turns_pages_that_are_turned_differently),
        cmocka_unit_test(tiff__swaps_resolutions_when_a_picture_is_turned),
        cmocka_unit_test(tiff__writes_odd_pixels_as_they_are_shown),
        cmocka_unit_test(tiff__takes_no_colour_from_what_is_covered),
        cmocka_unit_test(tiff__refuses_a_bomb_and_short_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
