/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cutting GIF pictures: what the LZW writer writes, a reader reads, and the corner that is shown is
 * the one that stays. */
#include "formats/gif_clip.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define SIDE 300u

typedef struct Sheet {
    uint8_t pixels[SIDE * SIDE];
    size_t count;
} Sheet;

static void take(void *context, const uint8_t *colours, size_t count)
{
    Sheet *sheet = context;
    for (size_t i = 0; i < count && sheet->count < sizeof(sheet->pixels); i++) {
        sheet->pixels[sheet->count++] = colours[i];
    }
}

/* Noise with runs in it, so that strings grow long and the table fills. */
static void draw(uint8_t *pixels, size_t count, unsigned min_code, uint32_t seed)
{
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        bool repeats = i > 0 && (seed >> 24) % 3 != 0;
        pixels[i] = repeats ? pixels[i - 1] : (uint8_t)((seed >> 16) & ((1u << min_code) - 1));
    }
}

static void read_back(const OskWriter *coded, unsigned min_code, size_t count, Sheet *sheet)
{
    OskGifStream stream = { .bytes = coded->bytes, .left = coded->len };
    OskGifPicture picture = { .pixels = count, .min_code = min_code };
    sheet->count = 0;
    assert_true(osk_gif_decode_lzw(stream, &picture, take, sheet));
    /* The end code stands in the last byte, with zeros behind it. */
    OskGifTail tail = osk_gif_tail_make(coded->bytes, &picture);
    assert_true(osk_gif_tail_is_there(coded->bytes, &tail));
    assert_int_equal(picture.patch_width, 0);
}

static void gif_clip__what_is_written_is_read(void **state)
{
    (void)state;
    static uint8_t pixels[SIDE * SIDE];
    static Sheet sheet;
    for (unsigned min_code = 2; min_code <= 8; min_code++) {
        for (size_t count = 1; count <= sizeof(pixels); count += 1 + count / 2) {
            OskWriter out;
            osk_writer_init(&out, 1 << 20);
            draw(pixels, count, min_code, (uint32_t)count);
            osk_gif_write_lzw(pixels, count, min_code, &out);
            assert_true(osk_writer_ok(&out));
            read_back(&out, min_code, count, &sheet);
            assert_int_equal(sheet.count, count);
            assert_memory_equal(sheet.pixels, pixels, count);
            osk_writer_free(&out);
        }
    }
}

/* Every length near the places where codes grow by a bit. */
static void gif_clip__end_codes_are_as_wide_as_readers_want(void **state)
{
    (void)state;
    static uint8_t pixels[2048];
    static Sheet sheet;
    for (unsigned min_code = 2; min_code <= 8; min_code++) {
        for (size_t count = 1; count < sizeof(pixels); count++) {
            OskWriter out;
            osk_writer_init(&out, 1 << 16);
            draw(pixels, count, min_code, 7);
            osk_gif_write_lzw(pixels, count, min_code, &out);
            read_back(&out, min_code, count, &sheet);
            assert_int_equal(sheet.count, count);
            osk_writer_free(&out);
        }
    }
}

static OskStatus clip(const OskWriter *in, OskGifClip *what, OskWriter *out)
{
    OskBudget budget = osk_budget_default();
    OskArena arena;
    osk_arena_init(&arena, &budget);
    osk_writer_init(out, 1 << 20);
    OskGifStream stream = { .bytes = in->bytes, .left = in->len };
    OskStatus status = osk_gif_clip(stream, what, &arena, out);
    osk_arena_free(&arena);
    return status;
}

static void gif_clip__keeps_the_upper_left_corner(void **state)
{
    (void)state;
    static uint8_t pixels[SIDE * SIDE];
    static Sheet sheet;
    static const unsigned starts[4] = { 0, 4, 2, 1 };
    static const unsigned steps[4] = { 8, 8, 4, 2 };
    const uint32_t width = 37;
    const uint32_t height = 29;
    draw(pixels, (size_t)width * height, 5, 3);
    uint8_t woven[37 * 29];
    size_t line = 0;
    for (unsigned pass = 0; pass < 4; pass++) {
        for (unsigned row = starts[pass]; row < height; row += steps[pass], line++) {
            memcpy(woven + line * width, pixels + (size_t)row * width, width);
        }
    }
    for (unsigned interlaced = 0; interlaced < 2; interlaced++) {
        OskWriter in;
        OskWriter out;
        OskGifClip what = { .width = width,
                            .height = height,
                            .kept_width = 20,
                            .kept_height = 11,
                            .min_code = 5,
                            .interlaced = interlaced != 0 };
        osk_writer_init(&in, 1 << 20);
        osk_gif_write_lzw(interlaced != 0 ? woven : pixels, (size_t)width * height, 5, &in);
        assert_int_equal(clip(&in, &what, &out), OSK_OK);
        read_back(&out, what.min_code, 220, &sheet);
        assert_int_equal(sheet.count, 220);
        for (size_t row = 0; row < 11; row++) {
            assert_memory_equal(sheet.pixels + row * 20, pixels + row * width, 20);
        }
        osk_writer_free(&in);
        osk_writer_free(&out);
    }
}

static void gif_clip__a_short_stream_stays_short(void **state)
{
    (void)state;
    static const uint8_t pixels[7] = { 1, 2, 3, 0, 1, 2, 3 };
    static Sheet sheet;
    OskWriter in;
    OskWriter out;
    OskGifClip what = { .width = 5, .height = 4, .kept_width = 3, .kept_height = 4, .min_code = 2 };
    osk_writer_init(&in, 1 << 10);
    osk_gif_write_lzw(pixels, sizeof(pixels), 2, &in);
    assert_int_equal(clip(&in, &what, &out), OSK_OK);
    read_back(&out, 2, 12, &sheet);
    assert_int_equal(sheet.count, 5);
    assert_memory_equal(sheet.pixels, "\1\2\3\2\3", 5);
    osk_writer_free(&out);
    what.interlaced = true;
    assert_int_equal(clip(&in, &what, &out), OSK_UNSUPPORTED);
    osk_writer_free(&out);
    osk_writer_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gif_clip__what_is_written_is_read),
        cmocka_unit_test(gif_clip__end_codes_are_as_wide_as_readers_want),
        cmocka_unit_test(gif_clip__keeps_the_upper_left_corner),
        cmocka_unit_test(gif_clip__a_short_stream_stays_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
