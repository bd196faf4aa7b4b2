/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebP files put together chunk by chunk: metadata goes and its flags with it, animations keep what
 * they show. */
#include "formats/scrubbed.h"

#define SECRET "xk-secret-29"

/* One lossless pixel. */
static const uint8_t pixel[13] = { 0x2F, 0,    0,    0,    0x10, 0x07, 0x10,
                                   0x11, 0x11, 0x88, 0x88, 0xFE, 0x07 };

static void chunk(OskWriter *w, const char *tag, const void *data, size_t len)
{
    osk_writer_bytes(w, tag, 4);
    osk_writer_le(w, len, 4);
    osk_writer_bytes(w, data, len);
    osk_writer_zeros(w, len & 1);
}

static void begin(OskWriter *w)
{
    osk_writer_init(w, 1 << 16);
    osk_writer_bytes(w, "RIFF\0\0\0\0WEBP", 12);
}

static void begin_extended(OskWriter *w, uint8_t flags)
{
    uint8_t header[10] = { flags };
    begin(w);
    chunk(w, "VP8X", header, sizeof(header));
}

static Scrubbed finish(OskWriter *w)
{
    osk_writer_patch_le(w, 4, w->len - 8, 4);
    return scrub(w);
}

/* The header and every size are what the bytes are. */
static void expect_size(const Scrubbed *s)
{
    size_t size = (size_t)s->bytes[4] | (size_t)s->bytes[5] << 8;
    assert_int_equal(size + 8, s->len);
}

static void webp__simple_file_stays_simple(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w);
    chunk(&w, "VP8L", pixel, sizeof(pixel));
    chunk(&w, "EXIF", SECRET, strlen(SECRET));
    Scrubbed out = finish(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_int_equal(out.len, 12 + 8 + 14);
    expect_size(&out);
    osk_bytes_free(&out.bytes);
}

static void webp__drops_metadata_and_clears_its_flags(void **state)
{
    (void)state;
    OskWriter w;
    begin_extended(&w, 0x1C);
    chunk(&w, "VP8L", pixel, sizeof(pixel));
    chunk(&w, "XMP ", SECRET, strlen(SECRET));
    chunk(&w, "EXIF", SECRET, strlen(SECRET));
    chunk(&w, "prvt", SECRET, strlen(SECRET));
    Scrubbed out = finish(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_false(holds_text(&out, SECRET));
    assert_int_equal(out.bytes[20], 0x10);
    expect_size(&out);
    osk_bytes_free(&out.bytes);
}

static void webp__keeps_the_orientation_alone(void **state)
{
    (void)state;
    static const uint8_t exif[] = { 'I', 'I', 42, 0, 8,   0,   0,   0, 2, 0,    0x12, 1, 3,
                                    0,   1,   0,  0, 0,   6,   0,   0, 0, 0x0F, 1,    2, 0,
                                    4,   0,   0,  0, 'A', 'c', 'm', 0, 0, 0,    0,    0 };
    OskWriter w;
    begin_extended(&w, 0x08);
    chunk(&w, "VP8L", pixel, sizeof(pixel));
    chunk(&w, "EXIF", exif, sizeof(exif));
    Scrubbed out = finish(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_int_equal(out.bytes[20], 0x08);
    assert_true(holds(&out, "\x01\x12\0\x03\0\0\0\x01\0\x06", 10));
    assert_false(holds_text(&out, "Acm"));
    osk_bytes_free(&out.bytes);
}

static void webp__clears_padding_and_trailer(void **state)
{
    (void)state;
    OskWriter w;
    begin(&w);
    chunk(&w, "VP8L", pixel, sizeof(pixel));
    osk_writer_patch_le(&w, w.len - 1, 'x', 1);
    osk_writer_patch_le(&w, 4, w.len - 8, 4);
    osk_writer_bytes(&w, SECRET, strlen(SECRET));
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_int_equal(out.findings, 2);
    assert_int_equal(out.bytes[out.len - 1], 0);
    assert_false(holds_text(&out, SECRET));
    osk_bytes_free(&out.bytes);
}

static void webp__drops_what_an_animation_never_shows(void **state)
{
    (void)state;
    OskWriter w;
    OskWriter inside;
    begin_extended(&w, 0x02);
    chunk(&w, "ANIM",
          "\0\0\0\0\x05\0"
          "xk",
          8);
    osk_writer_init(&inside, 1 << 10);
    osk_writer_bytes(&inside, "\0\0\0\0\0\0\0\0\0\0\0\0\x64\0\0\xFF", 16);
    chunk(&inside, "VP8L", pixel, sizeof(pixel));
    chunk(&inside, "prvt", SECRET, strlen(SECRET));
    chunk(&w, "ANMF", inside.bytes, inside.len);
    osk_writer_free(&inside);
    chunk(&w, "VP8L", pixel, sizeof(pixel));
    Scrubbed out = finish(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_false(holds_text(&out, SECRET));
    assert_false(holds_text(&out, "xk"));
    assert_int_equal(out.len, 12 + 18 + 14 + 24 + 22);
    expect_size(&out);
    osk_bytes_free(&out.bytes);
}

static void webp__refuses_broken_pictures(void **state)
{
    (void)state;
    OskWriter w;
    begin_extended(&w, 0);
    assert_int_equal(refusal(&w), OSK_TRUNCATED);
    begin(&w);
    chunk(&w, "VP8 ", pixel, sizeof(pixel));
    osk_writer_patch_le(&w, 4, w.len - 8, 4);
    assert_int_equal(refusal(&w), OSK_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(webp__simple_file_stays_simple),
        cmocka_unit_test(webp__drops_metadata_and_clears_its_flags),
        cmocka_unit_test(webp__keeps_the_orientation_alone),
        cmocka_unit_test(webp__clears_padding_and_trailer),
        cmocka_unit_test(webp__drops_what_an_animation_never_shows),
        cmocka_unit_test(webp__refuses_broken_pictures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
