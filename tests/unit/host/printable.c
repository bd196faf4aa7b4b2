/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of files made printable: nothing in them steers a terminal, and a line stays a line. */
#include "host/printable.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static void expect(void (*print)(FILE *, const char *), const char *name, const char *expected)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    print(out, name);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, expected);
    free(text);
}

static void printable__leaves_ordinary_names_alone(void **state)
{
    (void)state;
    expect(osk_printable_text, " caf\xc3\xa9  2.jpg", " caf\xc3\xa9  2.jpg");
    expect(osk_printable_json, "caf\xc3\xa9.jpg", "\"caf\xc3\xa9.jpg\"");
    assert_true(osk_printable_is_plain("caf\xc3\xa9 2.jpg"));
}

static void printable__disarms_what_steers_a_terminal(void **state)
{
    (void)state;
    expect(osk_printable_text, "a\x1b[2Jb\n", "a\\u{1b}[2Jb\\u{a}");
    expect(osk_printable_text,
           "\xe2\x80\xae"
           "gpj",
           "\\u{202e}gpj");
    expect(osk_printable_json, "a\x1b\"\\\n", "\"a\\u001b\\\"\\\\\\u000a\"");
    /* Beyond the first 65,536 characters JSON wants two escapes. */
    expect(osk_printable_json, "\xf3\xa0\x81\x81", "\"\\udb40\\udc41\"");
    assert_false(osk_printable_is_plain("a\x1b"));
}

static void printable__shows_bytes_that_are_no_text(void **state)
{
    (void)state;
    expect(osk_printable_text, "a\xff\xc3", "a\\x{ff}\\x{c3}");
    expect(osk_printable_json, "a\xff", "\"a\\\\x{ff}\"");
    assert_false(osk_printable_is_plain("a\xff"));
}

static void printable__keeps_a_line_of_a_list_one_line(void **state)
{
    (void)state;
    expect(osk_printable_field, "a\tb\nc\\d\re", "a\\tb\\nc\\\\d\\re");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printable__leaves_ordinary_names_alone),
        cmocka_unit_test(printable__disarms_what_steers_a_terminal),
        cmocka_unit_test(printable__shows_bytes_that_are_no_text),
        cmocka_unit_test(printable__keeps_a_line_of_a_list_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
