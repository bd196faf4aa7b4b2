/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GIF files put together block by block: what goes, that timing and loops stay, where streams end,
 * and frames that leave the screen. */
#include "formats/scrubbed.h"

#define SECRET "xk-secret-29"

/* A 2 x 1 screen with four colours. */
static void begin(OskWriter *w)
{
    osk_writer_init(w, 1 << 16);
    osk_writer_bytes(w, "GIF89a\x02\0\x01\0\x81\0\0", 13);
    osk_writer_bytes(w, "abcdefghijkl", 12);
}

/* Its picture: clear, colour 0, colour 1, end. */
static const char picture[] = ",\0\0\0\0\x02\0\x01\0\0\x02\x02\x44\x0A\0";

static void put_picture(OskWriter *w)
{
    osk_writer_bytes(w, picture, sizeof(picture) - 1);
}

static void extension(OskWriter *w, uint8_t label, const char *first, size_t first_len,
                      const char *second)
{
    osk_writer_u8(w, 0x21);
    osk_writer_u8(w, label);
    osk_writer_u8(w, (uint8_t)first_len);
    osk_writer_bytes(w, first, first_len);
    if (second != NULL) {
        osk_writer_u8(w, (uint8_t)strlen(second));
        osk_writer_bytes(w, second, strlen(second));
    }
    osk_writer_u8(w, 0);
}

static void gif__drops_comments_applications_and_trailer(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w);
    extension(&w, 0xFE, SECRET, strlen(SECRET), NULL);
    extension(&w, 0xFF, "PROGRAM 1.0", 11, SECRET);
    extension(&w, 0x77, SECRET, strlen(SECRET), NULL);
    osk_writer_u8(&w, 0x99);
    put_picture(&w);
    osk_writer_bytes(&w, ";" SECRET, 1 + strlen(SECRET));
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_false(holds_text(&out, SECRET));
    assert_false(holds_text(&out, "PROGRAM"));
    assert_true(holds(&out, picture, sizeof(picture) - 1));
    osk_bytes_free(&out.bytes);
}

static void gif__keeps_timing_and_loops_alone(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w);
    osk_writer_bytes(&w, "\x21\xFF\x0BNETSCAPE2.0\x03\x01\x07\0\x05xk-se\0", 26);
    osk_writer_bytes(&w, "\x21\xF9\x04\xE5\x0A\0\x02\0", 8);
    put_picture(&w);
    osk_writer_u8(&w, ';');
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_true(holds(&out, "\x21\xFF\x0BNETSCAPE2.0\x03\x01\x07\0\0", 19));
    assert_true(holds(&out, "\x21\xF9\x04\x05\x0A\0\x02\0", 8));
    assert_false(holds_text(&out, "xk-se"));
    osk_bytes_free(&out.bytes);
}

static void gif__control_of_a_plain_text_goes_with_it(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w);
    osk_writer_bytes(&w, "\x21\xF9\x04\x05\x0A\0\x02\0", 8);
    extension(&w, 0x01, "............", 12, SECRET);
    put_picture(&w);
    osk_writer_u8(&w, ';');
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_false(holds(&out, "\x21\xF9", 2));
    assert_false(holds_text(&out, SECRET));
    osk_bytes_free(&out.bytes);
}

static void gif__cuts_bytes_behind_the_end_code(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w);
    osk_writer_bytes(&w, ",\0\0\0\0\x02\0\x01\0\0\x02\x08\x44\xFAsecret\x06secret\0;", 30);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_false(holds_text(&out, "secret"));
    /* The bits behind the end code are zero as well. */
    assert_true(holds(&out, picture, sizeof(picture) - 1));
    osk_bytes_free(&out.bytes);
}

static void gif__ends_the_stream_behind_the_last_pixel(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w);
    /* Clear, 0, 1, 2, 3, 2, 3: three bits each up to the third, then four. */
    osk_writer_bytes(&w, ",\0\0\0\0\x02\0\x01\0\0\x02\x03\x44\x34\x23\0;", 17);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_int_equal(out.findings > 0, 1);
    assert_true(holds(&out, picture, sizeof(picture) - 1));
    osk_bytes_free(&out.bytes);
}

static void gif__zeroes_colours_that_no_pixel_uses(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w);
    put_picture(&w);
    osk_writer_u8(&w, ';');
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_true(holds(&out, "abcdef\0\0\0\0\0\0,", 13));
    osk_bytes_free(&out.bytes);
}

static void gif__adds_a_missing_end(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w);
    put_picture(&w);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_int_equal(out.bytes[out.len - 1], ';');
    osk_bytes_free(&out.bytes);
}

static void gif__screen_grows_with_its_first_frame(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w);
    osk_writer_bytes(&w, ",\x01\0\x02\0\x02\0\x01\0\0\x02\x02\x44\x0A\0;", 16);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_true(holds(&out, "GIF89a\x03\0\x03\0\x81", 11));
    /* The frame itself is as it was. */
    assert_true(holds(&out, ",\x01\0\x02\0\x02\0\x01\0\0\x02\x02\x44\x0A\0;", 16));
    osk_bytes_free(&out.bytes);
}

static void gif__cuts_later_frames_off_at_the_edge(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w);
    put_picture(&w);
    /* Colours 2 and 3 in local colours of its own; the screen ends between them. */
    osk_writer_bytes(&w, ",\x01\0\0\0\x02\0\x01\0\x81", 10);
    osk_writer_bytes(&w, "000111222xk3", 12);
    osk_writer_bytes(&w, "\x02\x02\xD4\x0A\0;", 6);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_int_equal(out.findings > 0, 1);
    /* One pixel of colour 2: clear, 2, end. The colour of the other has gone with it. */
    assert_true(holds(&out,
                      ",\x01\0\0\0\x01\0\x01\0\x81\0\0\0\0\0\0"
                      "222\0\0\0",
                      22));
    assert_true(holds(&out, "\x02\x02\x54\x01\0;", 6));
    assert_false(holds_text(&out, "xk3"));
    osk_bytes_free(&out.bytes);
}

static void gif__frame_beyond_the_screen_keeps_its_time(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w);
    put_picture(&w);
    osk_writer_bytes(&w, "\x21\xF9\x04\x0A\x17\0\x02\0", 8);
    osk_writer_bytes(&w, ",\x02\0\0\0\x02\0\x01\0\0\x02\x02\xD4\x0A\0", 15);
    osk_writer_bytes(&w, ",\0\0\x01\0\x02\0\x01\0\0\x02\x02\xD4\x0A\0;", 16);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    /* A transparent pixel each, that leaves everything as it is; the delay and the wait for a key
     * are what they were. */
    static const char first[] =
        "\x21\xF9\x04\x07\x17\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";
    static const char second[] =
        "\x21\xF9\x04\x05\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;";
    assert_true(holds(&out, first, sizeof(first) - 1));
    assert_true(holds(&out, second, sizeof(second) - 1));
    osk_bytes_free(&out.bytes);
}

static void gif__refuses_what_it_cannot_prove(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w);
    /* A first frame that ends at column 65536. */
    osk_writer_bytes(&w, ",\xFE\xFF\0\0\x02\0\x01\0\0\x02\x02\x44\x0A\0;", 16);
    assert_int_equal(refusal(&w), OSK_UNSUPPORTED);
    begin(&w);
    /* A second frame that is cut off, with a code size about which readers disagree. */
    put_picture(&w);
    osk_writer_bytes(&w, ",\x01\0\0\0\x02\0\x01\0\0\x01\x01\x06\0;", 15);
    assert_int_equal(refusal(&w), OSK_UNSUPPORTED);
    begin(&w);
    /* Code 7 before anything could have made it. */
    osk_writer_bytes(&w, ",\0\0\0\0\x02\0\x01\0\0\x02\x02\x7C\x0A\0;", 16);
    assert_int_equal(refusal(&w), OSK_MALFORMED);
    begin(&w);
    osk_writer_bytes(&w, picture, 13);
    assert_int_equal(refusal(&w), OSK_TRUNCATED);
    begin(&w);
    osk_writer_u8(&w, ';');
    assert_int_equal(refusal(&w), OSK_TRUNCATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gif__drops_comments_applications_and_trailer),
        cmocka_unit_test(gif__keeps_timing_and_loops_alone),
        cmocka_unit_test(gif__control_of_a_plain_text_goes_with_it),
        cmocka_unit_test(gif__cuts_bytes_behind_the_end_code),
        cmocka_unit_test(gif__ends_the_stream_behind_the_last_pixel),
        cmocka_unit_test(gif__zeroes_colours_that_no_pixel_uses),
        cmocka_unit_test(gif__adds_a_missing_end),
        cmocka_unit_test(gif__screen_grows_with_its_first_frame),
        cmocka_unit_test(gif__cuts_later_frames_off_at_the_edge),
        cmocka_unit_test(gif__frame_beyond_the_screen_keeps_its_time),
        cmocka_unit_test(gif__refuses_what_it_cannot_prove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
