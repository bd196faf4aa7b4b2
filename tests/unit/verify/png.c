/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second opinion on PNG and APNG: what it accepts, and what it must find. */
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "inflate/inflate.h"
#include "oilskin/oilskin.h"
#include "oilskin/verify.h"
#include "unit.h"

static void chunk(OskWriter *w, const char *type, const void *bytes, size_t len)
{
    osk_writer_be(w, len, 4);
    size_t at = w->len;
    osk_writer_bytes(w, type, 4);
    osk_writer_bytes(w, bytes, len);
    osk_writer_be(w, osk_crc32(0, w->bytes + at, len + 4), 4);
}

static void head(OskWriter *w, const char ihdr[13])
{
    osk_writer_init(w, (size_t)1 << 16);
    osk_writer_bytes(w, "\x89PNG\r\n\x1A\n", 8);
    chunk(w, "IHDR", ihdr, 13);
}

static void packed(OskWriter *w, const char *type, const char *prefix, size_t prefix_len,
                   const void *rows, size_t len, const char *tail)
{
    uint8_t *bytes = NULL;
    size_t packed_len = 0;
    assert_int_equal(osk_deflate_zlib(rows, len, &bytes, &packed_len), OSK_OK);
    OskWriter data;
    osk_writer_init(&data, (size_t)1 << 16);
    osk_writer_bytes(&data, prefix, prefix_len);
    osk_writer_bytes(&data, bytes, packed_len);
    osk_writer_bytes(&data, tail, strlen(tail));
    chunk(w, type, data.bytes, data.len);
    osk_writer_free(&data);
    free(bytes);
}

/* 4 by 2, grey, 8 bits: two rows of a filter byte and four pixels. */
#define GREY "\0\0\0\4\0\0\0\2\10\0\0\0\0"
#define ROWS "\0abcd\0efgh"

/* Ends the file and returns what the second opinion says of it. */
static OskStatus verdict(OskWriter *w)
{
    chunk(w, "IEND", "", 0);
    uint8_t *copy = malloc(w->len);
    memcpy(copy, w->bytes, w->len);
    OskSource source = osk_source_from_memory(copy, w->len);
    OskFault fault = { .status = OSK_OK };
    OskStatus status = osk_verify(&source, NULL, NULL, &fault);
    free(copy);
    osk_writer_free(w);
    return status;
}

static void png__accepts_a_plain_picture(void **state)
{
    (void)state;
    OskWriter w;
    head(&w, GREY);
    chunk(&w, "gAMA", "\0\0\xB1\x8F", 4);
    packed(&w, "IDAT", "", 0, ROWS, 10, "");
    assert_int_equal(verdict(&w), OSK_OK);
}

static void png__finds_text_and_unknown_chunks(void **state)
{
    (void)state;
    static const char *const types[] = { "tEXt", "zTXt", "iTXt", "tIME",
                                         "caBX", "prVt", "sPLT", "hIST" };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        OskWriter w;
        head(&w, GREY);
        chunk(&w, types[i], "Author\0Somebody", 15);
        packed(&w, "IDAT", "", 0, ROWS, 10, "");
        assert_int_equal(verdict(&w), OSK_FOUND);
    }
}

static void png__finds_what_the_picture_does_not_need(void **state)
{
    (void)state;
    OskWriter w;
    head(&w, GREY);
    packed(&w, "IDAT", "", 0, ROWS "hidden row", 20, "");
    assert_int_equal(verdict(&w), OSK_FOUND);
    head(&w, GREY);
    packed(&w, "IDAT", "", 0, ROWS, 10, "behind the stream");
    assert_int_equal(verdict(&w), OSK_FOUND);
    head(&w, GREY);
    packed(&w, "IDAT", "", 0, ROWS, 10, "");
    chunk(&w, "gAMA", "\0\0\xB1\x8F", 4);
    packed(&w, "IDAT", "", 0, ROWS, 10, "");
    assert_int_equal(verdict(&w), OSK_FOUND);
    head(&w, "\0\0\0\1\0\0\0\2\1\0\0\0\0"); /* one bit a row, seven are free */
    packed(&w, "IDAT", "", 0, "\0\x80\0\x55", 4, "");
    assert_int_equal(verdict(&w), OSK_FOUND);
    head(&w, "\0\0\0\1\0\0\0\2\1\0\0\0\0");
    packed(&w, "IDAT", "", 0, "\0\x80\0\0", 4, "");
    assert_int_equal(verdict(&w), OSK_OK);
}

static void png__finds_frames_that_are_not_shown(void **state)
{
    (void)state;
    static const char frame[] = "\0\0\0\0\0\0\0\4\0\0\0\2\0\0\0\0\0\0\0\0\0\1\0\12\0";
    OskWriter w;
    head(&w, GREY);
    chunk(&w, "acTL", "\0\0\0\1\0\0\0\0", 8);
    chunk(&w, "fcTL", frame, 26);
    packed(&w, "IDAT", "", 0, ROWS, 10, "");
    assert_int_equal(verdict(&w), OSK_OK);
    head(&w, GREY); /* the picture stands outside of the animation */
    chunk(&w, "acTL", "\0\0\0\1\0\0\0\0", 8);
    packed(&w, "IDAT", "", 0, ROWS, 10, "");
    chunk(&w, "fcTL", frame, 26);
    packed(&w, "fdAT", "\0\0\0\1", 4, ROWS, 10, "");
    assert_int_equal(verdict(&w), OSK_FOUND);
    head(&w, GREY); /* more frames than it says */
    chunk(&w, "acTL", "\0\0\0\1\0\0\0\0", 8);
    chunk(&w, "fcTL", frame, 26);
    packed(&w, "IDAT", "", 0, ROWS, 10, "");
    packed(&w, "fdAT", "\0\0\0\1", 4, ROWS, 10, "");
    assert_int_equal(verdict(&w), OSK_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png__accepts_a_plain_picture),
        cmocka_unit_test(png__finds_text_and_unknown_chunks),
        cmocka_unit_test(png__finds_what_the_picture_does_not_need),
        cmocka_unit_test(png__finds_frames_that_are_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
