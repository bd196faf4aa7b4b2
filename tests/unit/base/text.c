/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of a file made printable: nothing in them steers a terminal or reorders a line. */
#include "base/text.h"

#include <string.h>

#include "unit.h"

static void expect_untrusted(const char *bytes, size_t len, OskEncoding encoding,
                             const char *expected)
{
    OskText text;
    osk_text_init(&text);
    osk_text_untrusted(&text, (const uint8_t *)bytes, len, encoding);
    assert_string_equal(text.bytes, expected);
}

static void text__escapes_what_steers_a_terminal(void **state)
{
    (void)state;
    expect_untrusted("a\x1b[31mb", 7, OSK_UTF8, "a\\u{1b}[31mb");
    expect_untrusted("a\xc2\x9b"
                     "b",
                     4, OSK_UTF8, "a\\u{9b}b");
    expect_untrusted("\x7f", 1, OSK_UTF8, "\\u{7f}");
}

static void text__escapes_what_reorders_a_line(void **state)
{
    (void)state;
    expect_untrusted("a\xe2\x80\xae"
                     "b",
                     5, OSK_UTF8, "a\\u{202e}b");
    expect_untrusted("\xf3\xa0\x81\x81", 4, OSK_UTF8, "\\u{e0041}");
}

static void text__reads_broken_utf8_as_latin1(void **state)
{
    (void)state;
    expect_untrusted("caf\xe9", 4, OSK_UTF8, "caf\xc3\xa9");
    expect_untrusted("\xc0\xaf", 2, OSK_UTF8, "\xc3\x80\xc2\xaf");            /* overlong */
    expect_untrusted("\xed\xa0\x80", 3, OSK_UTF8, "\xc3\xad\xc2\xa0\\u{80}"); /* surrogate */
}

static void text__reads_utf16(void **state)
{
    (void)state;
    expect_untrusted("\0A\xd8\x3d\xde\x00", 6, OSK_UTF16BE, "A\xf0\x9f\x98\x80");
    expect_untrusted("A\0\x3d\xd8", 4, OSK_UTF16LE, "A\xef\xbf\xbd");
    expect_untrusted("A\0B", 3, OSK_UTF16LE, "A\xef\xbf\xbd");
}

static void text__trims_and_stops_at_nul(void **state)
{
    (void)state;
    expect_untrusted("  a \n\t b  \0secret", 17, OSK_UTF8, "a b");
}

static void text__cuts_between_characters(void **state)
{
    (void)state;
    char bytes[3000];
    for (size_t i = 0; i + 2 < sizeof(bytes); i += 3) {
        memcpy(bytes + i, "\xe2\x82\xac", 3);
    }
    OskText text;
    osk_text_init(&text);
    osk_text_untrusted(&text, (const uint8_t *)bytes, sizeof(bytes), OSK_UTF8);
    assert_true(text.cut);
    assert_true(text.len <= OSK_FINDING_VALUE_MAX);
    assert_int_equal(text.len % 3, 0); /* whole euro signs and an ellipsis, three bytes each */
}

static void text__writes_decimals_exactly(void **state)
{
    (void)state;
    OskText text;
    osk_text_init(&text);
    osk_text_decimal(&text, -9326500, 5);
    osk_text_str(&text, ", ");
    osk_text_decimal(&text, 5, 2);
    osk_text_str(&text, " ");
    osk_text_i64(&text, INT64_MIN);
    osk_text_str(&text, " ");
    osk_text_padded(&text, 7, 2);
    assert_string_equal(text.bytes, "-93.26500, 0.05 -9223372036854775808 07");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text__escapes_what_steers_a_terminal),
        cmocka_unit_test(text__escapes_what_reorders_a_line),
        cmocka_unit_test(text__reads_broken_utf8_as_latin1),
        cmocka_unit_test(text__reads_utf16),
        cmocka_unit_test(text__trims_and_stops_at_nul),
        cmocka_unit_test(text__cuts_between_characters),
        cmocka_unit_test(text__writes_decimals_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
