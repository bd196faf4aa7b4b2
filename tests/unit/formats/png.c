/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PNG and APNG files put together chunk by chunk: which chunks stay, where streams end, unused bits
 * and colours, hidden frames. */
#include "formats/scrubbed.h"

#include <stdlib.h>

#include "inflate/inflate.h"

#define SECRET "xk-secret-29"

static void chunk(OskWriter *w, const char *type, const void *data, size_t len)
{
    uint32_t crc = osk_crc32(osk_crc32(0, (const uint8_t *)type, 4), data, len);
    osk_writer_be(w, len, 4);
    osk_writer_bytes(w, type, 4);
    osk_writer_bytes(w, data, len);
    osk_writer_be(w, crc, 4);
}

static void begin(OskWriter *w, uint32_t side, uint8_t depth, uint8_t colour)
{
    osk_writer_init(w, 1 << 20);
    osk_writer_bytes(w, "\x89PNG\r\n\x1a\n", 8);
    uint8_t header[13] = { 0, 0, 0, (uint8_t)side, 0, 0, 0, (uint8_t)side, depth, colour };
    chunk(w, "IHDR", header, sizeof(header));
}

/* A deflated picture with `slack` behind the stream, in a chunk of `type` with `lead` in front of
 * it. */
static void pixels(OskWriter *w, const char *type, const uint8_t *rows, size_t len,
                   const char *slack)
{
    static uint32_t number = 0;
    uint8_t *packed = NULL;
    size_t packed_len = 0;
    assert_int_equal(osk_deflate_zlib(rows, len, &packed, &packed_len), OSK_OK);
    OskWriter data;
    osk_writer_init(&data, 1 << 16);
    if (strcmp(type, "fdAT") == 0) {
        number = rows[1];
        osk_writer_be(&data, number, 4);
    }
    osk_writer_bytes(&data, packed, packed_len);
    osk_writer_bytes(&data, slack, strlen(slack));
    chunk(w, type, data.bytes, data.len);
    osk_writer_free(&data);
    free(packed);
}

/* 2 x 2 grey pixels. */
static const uint8_t grey[6] = { 0, 10, 20, 0, 30, 40 };

static void end(OskWriter *w)
{
    chunk(w, "IEND", NULL, 0);
}

static void png__drops_texts_times_and_private_chunks(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w, 2, 8, 0);
    chunk(&w, "tEXt", "Author\0" SECRET, 7 + strlen(SECRET));
    chunk(&w, "tIME", "\x07\xE8\x01\x02\x03\x04\x05", 7);
    chunk(&w, "prVt", SECRET, strlen(SECRET));
    pixels(&w, "IDAT", grey, sizeof(grey), "");
    chunk(&w, "iTXt", "Comment\0\0\0\0\0" SECRET, 12 + strlen(SECRET));
    end(&w);
    osk_writer_bytes(&w, SECRET, strlen(SECRET));
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_int_equal(out.findings, 5);
    assert_false(holds_text(&out, SECRET));
    assert_false(holds_text(&out, "tIME"));
    osk_bytes_free(&out.bytes);
}

static void png__keeps_what_changes_the_look(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w, 2, 8, 0);
    chunk(&w, "gAMA", "\0\0\xB1\x8F", 4);
    chunk(&w, "pHYs", "\0\0\0\x01\0\0\0\x02\0", 9);
    chunk(&w, "tRNS", "\0\x14", 2);
    chunk(&w, "sBIT", "\x05", 1);
    pixels(&w, "IDAT", grey, sizeof(grey), "");
    end(&w);
    size_t len = w.len;
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_int_equal(out.findings, 0);
    assert_int_equal(out.len, len);
    osk_bytes_free(&out.bytes);
}

static void png__drops_broken_and_repeated_ancillary_chunks(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w, 2, 8, 0);
    chunk(&w, "gAMA", "\0\0\xB1\x8F" SECRET, 4 + strlen(SECRET));
    chunk(&w, "gAMA", "\0\0\xB1\x8F", 4);
    chunk(&w, "gAMA", "abcd", 4);
    chunk(&w, "tRNS", "\xAB\x14", 2);
    pixels(&w, "IDAT", grey, sizeof(grey), "");
    end(&w);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_false(holds_text(&out, SECRET));
    assert_false(holds_text(&out, "abcd"));
    assert_true(holds(&out, "gAMA\0\0\xB1\x8F", 8));
    assert_true(holds(&out, "tRNS\0\x14", 6));
    osk_bytes_free(&out.bytes);
}

static void png__cuts_bytes_behind_the_stream(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w, 2, 8, 0);
    pixels(&w, "IDAT", grey, sizeof(grey), SECRET);
    chunk(&w, "IDAT", SECRET, strlen(SECRET));
    end(&w);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_false(holds_text(&out, SECRET));
    osk_bytes_free(&out.bytes);
}

/* What the only picture of an output inflates to. */
static OskInflated inflated(const Scrubbed *s)
{
    OskBudget budget = osk_budget_default();
    OskInflated out = { .bytes = NULL };
    for (size_t i = 8; i + 12 <= s->len;) {
        size_t len = (size_t)s->bytes[i + 2] << 8 | s->bytes[i + 3];
        if (memcmp(s->bytes + i + 4, "IDAT", 4) == 0) {
            OskInflateSize size = { .max = 1 << 16 };
            assert_int_equal(osk_inflate_zlib(s->bytes + i + 8, len, size, &budget, &out), OSK_OK);
            break;
        }
        i += len + 12;
    }
    assert_non_null(out.bytes);
    return out;
}

static void expect_pixels(const Scrubbed *s, const uint8_t *rows, size_t len)
{
    OskBudget budget = osk_budget_default();
    OskInflated got = inflated(s);
    assert_int_equal(got.len, len);
    assert_memory_equal(got.bytes, rows, len);
    osk_inflated_free(&got, &budget);
}

static void png__trims_rows_behind_the_last(void **state)
{
    (void)state;
    uint8_t rows[64] = { 0, 10, 20, 0, 30, 40, 0, 0x55 };
    OskWriter w;
    begin(&w, 2, 8, 0);
    pixels(&w, "IDAT", rows, sizeof(rows), "");
    end(&w);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    expect_pixels(&out, grey, sizeof(grey));
    osk_bytes_free(&out.bytes);
}

static void png__clears_bits_beyond_the_edge(void **state)
{
    (void)state;
    /* 3 x 3 pixels of 1 bit: five bits of each row are not shown. The second row differs by filter
     * Up. */
    const uint8_t rows[6] = { 0, 0xBF, 2, 0x00, 0, 0x41 };
    const uint8_t shown[6] = { 0, 0xA0, 0, 0xA0, 0, 0x40 };
    OskWriter w;
    begin(&w, 3, 1, 0);
    pixels(&w, "IDAT", rows, sizeof(rows), "");
    end(&w);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_int_equal(out.findings, 1);
    expect_pixels(&out, shown, sizeof(shown));
    osk_bytes_free(&out.bytes);
}

static void png__zeroes_colours_that_no_pixel_uses(void **state)
{
    (void)state;
    const uint8_t rows[6] = { 0, 1, 1, 0, 1, 3 };
    OskWriter w;
    begin(&w, 2, 8, 3);
    chunk(&w, "PLTE", "secABCretDEFxyz", 15);
    chunk(&w, "tRNS", "\x11\x22\x33\x44", 4);
    chunk(&w, "hIST", "0123456789", 10);
    pixels(&w, "IDAT", rows, sizeof(rows), "");
    end(&w);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_true(holds(&out, "PLTE\0\0\0ABC\0\0\0DEF\0\0\0", 19));
    assert_true(holds(&out, "tRNS\0\x22\0\x44", 8));
    assert_false(holds_text(&out, "hIST"));
    osk_bytes_free(&out.bytes);
}

static void png__keeps_the_orientation_alone(void **state)
{
    (void)state;
    static const uint8_t exif[] = { 'I', 'I', 42, 0, 8,   0,   0,   0, 2, 0,    0x12, 1, 3,
                                    0,   1,   0,  0, 0,   6,   0,   0, 0, 0x0F, 1,    2, 0,
                                    4,   0,   0,  0, 'A', 'c', 'm', 0, 0, 0,    0,    0 };
    OskWriter w;
    begin(&w, 2, 8, 0);
    chunk(&w, "eXIf", exif, sizeof(exif));
    pixels(&w, "IDAT", grey, sizeof(grey), "");
    end(&w);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_true(holds_text(&out, "eXIf"));
    assert_true(holds(&out, "\x01\x12\0\x03\0\0\0\x01\0\x06", 10));
    assert_false(holds_text(&out, "Acm"));
    osk_bytes_free(&out.bytes);
}

static void frame(OskWriter *w, uint8_t number, uint8_t side)
{
    uint8_t control[26] = { 0, 0, 0, number, 0, 0, 0, side, 0, 0, 0, side };
    chunk(w, "fcTL", control, sizeof(control));
}

static void animate(OskWriter *w, uint8_t frames)
{
    uint8_t control[8] = { 0, 0, 0, frames };
    chunk(w, "acTL", control, sizeof(control));
}

static void png__first_frame_replaces_a_hidden_default(void **state)
{
    (void)state;
    const uint8_t first[6] = { 0, 1, 77, 0, 78, 79 };
    OskWriter w;
    begin(&w, 2, 8, 0);
    animate(&w, 1);
    pixels(&w, "IDAT", grey, sizeof(grey), "");
    frame(&w, 0, 2);
    pixels(&w, "fdAT", first, sizeof(first), "");
    end(&w);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    expect_pixels(&out, first, sizeof(first));
    assert_false(holds_text(&out, "fdAT"));
    osk_bytes_free(&out.bytes);
}

static void png__hidden_default_is_blanked_under_a_smaller_frame(void **state)
{
    (void)state;
    const uint8_t first[2] = { 0, 1 };
    const uint8_t blank[6] = { 0 };
    OskWriter w;
    begin(&w, 2, 8, 0);
    animate(&w, 1);
    pixels(&w, "IDAT", grey, sizeof(grey), "");
    frame(&w, 0, 1);
    pixels(&w, "fdAT", first, sizeof(first), "");
    end(&w);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    expect_pixels(&out, blank, sizeof(blank));
    assert_true(holds_text(&out, "fdAT"));
    osk_bytes_free(&out.bytes);
}

static void png__drops_frames_beyond_the_count(void **state)
{
    (void)state;
    const uint8_t second[6] = { 0, 2, 77, 0, 78, 79 };
    OskWriter w;
    begin(&w, 2, 8, 0);
    animate(&w, 1);
    frame(&w, 0, 2);
    pixels(&w, "IDAT", grey, sizeof(grey), "");
    frame(&w, 1, 2);
    pixels(&w, "fdAT", second, sizeof(second), "");
    end(&w);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_false(holds_text(&out, "fdAT"));
    expect_pixels(&out, grey, sizeof(grey));
    osk_bytes_free(&out.bytes);
}

static void png__refuses_what_readers_refuse(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w, 2, 8, 0);
    chunk(&w, "CRIT", SECRET, strlen(SECRET));
    pixels(&w, "IDAT", grey, sizeof(grey), "");
    end(&w);
    assert_int_equal(refusal(&w), OSK_UNSUPPORTED);
    begin(&w, 2, 8, 0);
    pixels(&w, "IDAT", grey, sizeof(grey), "");
    osk_writer_patch_be(&w, w.len - 4, 0, 4);
    end(&w);
    assert_int_equal(refusal(&w), OSK_MALFORMED);
    begin(&w, 2, 8, 0);
    pixels(&w, "IDAT", grey, 3, "");
    end(&w);
    assert_int_equal(refusal(&w), OSK_TRUNCATED);
    begin(&w, 2, 8, 0);
    pixels(&w, "IDAT", grey, sizeof(grey), "");
    assert_int_equal(refusal(&w), OSK_TRUNCATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png__drops_texts_times_and_private_chunks),
        cmocka_unit_test(png__keeps_what_changes_the_look),
        cmocka_unit_test(png__drops_broken_and_repeated_ancillary_chunks),
        cmocka_unit_test(png__cuts_bytes_behind_the_stream),
        cmocka_unit_test(png__trims_rows_behind_the_last),
        cmocka_unit_test(png__clears_bits_beyond_the_edge),
        cmocka_unit_test(png__zeroes_colours_that_no_pixel_uses),
        cmocka_unit_test(png__keeps_the_orientation_alone),
        cmocka_unit_test(png__first_frame_replaces_a_hidden_default),
        cmocka_unit_test(png__hidden_default_is_blanked_under_a_smaller_frame),
        cmocka_unit_test(png__drops_frames_beyond_the_count),
        cmocka_unit_test(png__refuses_what_readers_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
