/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BMP files: gaps, row padding, unused colours and bits outside the masks go; runs are walked to
 * their end; other files in place of pixels are refused. */
#include "formats/scrubbed.h"

#define SECRET "xk-secret-29"

typedef struct Kind {
    uint32_t header;
    uint32_t side;
    uint32_t bits;
    uint32_t compression;
    uint32_t colours;
} Kind;

/* Both headers; the pixels begin `gap` bytes behind the palette. */
static void begin(OskWriter *w, Kind kind, uint32_t gap)
{
    osk_writer_init(w, 1 << 16);
    osk_writer_bytes(w, "BM", 2);
    osk_writer_zeros(w, 8);
    osk_writer_le(w, 14 + kind.header + kind.colours * 4 + gap, 4);
    osk_writer_le(w, kind.header, 4);
    osk_writer_le(w, kind.side, 4);
    osk_writer_le(w, kind.side, 4);
    osk_writer_le(w, 1, 2);
    osk_writer_le(w, kind.bits, 2);
    osk_writer_le(w, kind.compression, 4);
    osk_writer_zeros(w, 12);
    osk_writer_le(w, kind.colours, 4);
    osk_writer_zeros(w, kind.header - 36);
}

static const Kind true_colour = { 40, 1, 24, 0, 0 };

static void bmp__drops_gaps_and_trailer(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w, true_colour, (uint32_t)strlen(SECRET));
    osk_writer_bytes(&w, SECRET, strlen(SECRET));
    osk_writer_bytes(&w, "BGR\0", 4);
    osk_writer_bytes(&w, SECRET, strlen(SECRET));
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_int_equal(out.findings, 2);
    assert_int_equal(out.len, 58);
    assert_int_equal(out.bytes[2], 58);
    assert_int_equal(out.bytes[10], 54);
    assert_false(holds_text(&out, SECRET));
    osk_bytes_free(&out.bytes);
}

static void bmp__zeroes_row_padding_and_reserved_bytes(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w, true_colour, 0);
    osk_writer_bytes(&w, "BGRx", 4);
    osk_writer_patch_le(&w, 6, 0x78787878, 4);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_int_equal(out.findings, 2);
    assert_true(holds(&out, "BGR", 4));
    assert_false(holds_text(&out, "x"));
    osk_bytes_free(&out.bytes);
}

static void bmp__zeroes_colours_that_no_pixel_uses(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w, (Kind){ 40, 2, 4, 0, 4 }, 0);
    osk_writer_bytes(&w, "sec.red!ret.gre!", 16);
    osk_writer_bytes(&w, "\x11\0\0\0\x13\0\0\0", 8);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_true(holds(&out, "\0\0\0\0red\0\0\0\0\0gre\0\x11", 17));
    osk_bytes_free(&out.bytes);
}

static void bmp__zeroes_bits_outside_the_masks(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w, (Kind){ 40, 1, 32, 3, 0 }, 12);
    osk_writer_le(&w, 0xFF0000, 4);
    osk_writer_le(&w, 0x00FF00, 4);
    osk_writer_le(&w, 0x0000FF, 4);
    osk_writer_bytes(&w, "BGRx", 4);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_true(holds(&out, "BGR", 4));
    osk_bytes_free(&out.bytes);
}

static void bmp__walks_runs_to_the_end_of_the_picture(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w, (Kind){ 40, 4, 8, 1, 2 }, 0);
    osk_writer_bytes(&w, "abc\0def\0", 8);
    /* Four of colour 1, a line of three single pixels with one byte of padding, a jump, the end. */
    osk_writer_bytes(&w, "\x04\x01\0\0\0\x03\x01\0\x01x\0\x02\0\x01\x01\0\0\x01" SECRET,
                     18 + strlen(SECRET));
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_false(holds_text(&out, SECRET));
    assert_true(holds(&out, "\x04\x01\0\0\0\x03\x01\0\x01\0\0\x02\0\x01\x01\0\0\x01", 18));
    osk_bytes_free(&out.bytes);
}

static void bmp__drops_the_name_of_a_linked_profile(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w, (Kind){ 124, 1, 24, 0, 0 }, 0);
    osk_writer_patch_le(&w, 14 + 56, 0x4C494E4B, 4);
    osk_writer_patch_le(&w, 14 + 112, 128, 4);
    osk_writer_patch_le(&w, 14 + 116, strlen(SECRET), 4);
    osk_writer_bytes(&w, "BGR\0" SECRET, 4 + strlen(SECRET));
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_int_equal(out.len, 14 + 124 + 4);
    assert_false(holds_text(&out, SECRET));
    osk_bytes_free(&out.bytes);
}

static void bmp__refuses_other_files_as_pixels(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w, (Kind){ 40, 1, 0, 5, 0 }, 0);
    osk_writer_bytes(&w, "\x89PNG", 4);
    assert_int_equal(refusal(&w), OSK_UNSUPPORTED);
    begin(&w, true_colour, 0);
    osk_writer_bytes(&w, "BGR", 3);
    assert_int_equal(refusal(&w), OSK_TRUNCATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bmp__drops_gaps_and_trailer),
        cmocka_unit_test(bmp__zeroes_row_padding_and_reserved_bytes),
        cmocka_unit_test(bmp__zeroes_colours_that_no_pixel_uses),
        cmocka_unit_test(bmp__zeroes_bits_outside_the_masks),
        cmocka_unit_test(bmp__walks_runs_to_the_end_of_the_picture),
        cmocka_unit_test(bmp__drops_the_name_of_a_linked_profile),
        cmocka_unit_test(bmp__refuses_other_files_as_pixels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
