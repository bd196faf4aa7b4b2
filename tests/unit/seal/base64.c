/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one canonical spelling, and no other. */
#include "seal/base64.h"

#include <stdlib.h>
#include <string.h>

#include "seal/fixed.h"
#include "unit.h"

static bool reads(const char *text, const char *bytes, size_t len)
{
    uint8_t out[16];
    size_t got = 99;
    uint8_t *exact = fixed_exact(text, strlen(text));
    bool ok = osk_base64_read(exact, strlen(text), out, sizeof(out), &got);
    free(exact);
    return ok && got == len && memcmp(out, bytes, len) == 0;
}

/* RFC 4648, section 10, without its padding. */
static void base64__is_that_of_the_rfc(void **state)
{
    (void)state;
    static const char *const vectors[][2] = {
        { "", "" },           { "f", "Zg" },          { "fo", "Zm8" },          { "foo", "Zm9v" },
        { "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" },
    };
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        size_t len = strlen(vectors[i][0]);
        char *text = malloc(OSK_BASE64_LEN(len) + 1);
        assert_non_null(text);
        osk_base64_write((const uint8_t *)vectors[i][0], len, text);
        text[OSK_BASE64_LEN(len)] = 0;
        assert_string_equal(text, vectors[i][1]);
        free(text);
        assert_true(reads(vectors[i][1], vectors[i][0], len));
    }
}

static void base64__every_byte_comes_back(void **state)
{
    (void)state;
    uint8_t bytes[256];
    char text[OSK_BASE64_LEN(256)];
    uint8_t out[256];
    for (size_t i = 0; i < 256; i++) {
        bytes[i] = (uint8_t)(255 - i);
    }
    for (size_t len = 0; len <= 256; len++) {
        size_t got = 0;
        osk_base64_write(bytes, len, text);
        assert_true(osk_base64_read((const uint8_t *)text, OSK_BASE64_LEN(len), out, len, &got));
        assert_int_equal(got, len);
        assert_memory_equal(out, bytes, len);
        assert_true(len == 0 || !osk_base64_read((const uint8_t *)text, OSK_BASE64_LEN(len), out,
                                                 len - 1, &got));
    }
}

static void base64__other_spellings_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = { "Z",         "Zh",      "Zm9",    "Zg==",   "Zm8=",
                                         "Zm9v=",     "Zm-_",    "Zm 9v",  "Zm9v\n", " Zg",
                                         "Zm9vYmFyA", "Zm\x80v", "Z\x7fg", "[`{@" };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        uint8_t out[16];
        size_t got = 0;
        assert_false(
            osk_base64_read((const uint8_t *)wrong[i], strlen(wrong[i]), out, sizeof(out), &got));
    }
    /* "Zm8" ends in two unused bits that are zero; these spell the same bytes with others. */
    assert_true(reads("Zm8", "fo", 2));
    assert_false(reads("Zm9", "fo", 2));
    assert_false(reads("Zm+", "fo", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64__is_that_of_the_rfc),
        cmocka_unit_test(base64__every_byte_comes_back),
        cmocka_unit_test(base64__other_spellings_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
