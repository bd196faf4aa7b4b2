/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers are read as the C library reads them in the C locale, and as RFC 8259 writes them. */
#include "redact/decimal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

static OskDecimalResult read_text(const char *text, double *out, size_t *left)
{
    OskCursor in = osk_cursor_make((const uint8_t *)text, strlen(text), 0);
    OskDecimalResult result = osk_decimal_read(&in, out);
    *left = osk_cursor_left(&in);
    return result;
}

static void decimal__equals_the_c_library(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0",
        "-0",
        "1",
        "0.1",
        "-12.5e3",
        "1e17",
        "99999999999999999",
        "9007199254740993", /* between two doubles: to even */
        "9007199254740995",
        "0.3",
        "123456789.123456789",
        "1.7976931348623157",
        "100000.00000000000001",
        "2.2250738585072011e-20",
        "1234567890123456789e-19",
        "0.0000000000000000000000000000000000001",
        "4503599627370496.5",
        "4503599627370497.5",
        "0.5000000000000000277",
        "12345678901234567890e-2",
        "1e-38",
        "5e-1",
        "1E+2",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double value = -1;
        size_t left = 1;
        assert_int_equal(read_text(texts[i], &value, &left), OSK_DECIMAL_OK);
        assert_int_equal(left, 0);
        double expected = strtod(texts[i], NULL);
        if (value != expected) {
            fail_msg("%s: %.20g, not %.20g", texts[i], value, expected);
        }
    }
}

static void decimal__reads_back_what_is_printed(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (unsigned i = 0; i < 200000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint64_t digits = (seed >> 11) >> (i % 50);
        double value = (double)digits;
        for (unsigned k = 0; k < i % 60; k++) {
            value /= 2;
        }
        char text[64];
        (void)snprintf(text, sizeof text, i % 2 == 0 ? "%.17g" : "%.25f", value);
        double back = -1;
        size_t left = 1;
        assert_int_equal(read_text(text, &back, &left), OSK_DECIMAL_OK);
        if (i % 2 == 0 && value >= 1e-21) {
            assert_true(back == value);
        } else {
            double off = back - value;
            assert_true(off <= value * 3e-16 + 1e-25 && off >= -value * 3e-16 - 1e-25);
        }
    }
}

static void decimal__stops_behind_the_number(void **state)
{
    (void)state;
    double value = 0;
    size_t left = 0;
    assert_int_equal(read_text("12,13", &value, &left), OSK_DECIMAL_OK);
    assert_true(value == 12 && left == 3);
    assert_int_equal(read_text("-0.25%", &value, &left), OSK_DECIMAL_OK);
    assert_true(value == -0.25 && left == 1);
}

static void decimal__refuses_what_is_no_number(void **state)
{
    (void)state;
    static const char *const texts[] = { "",    "-",   "+1",  ".5",       "5.",  "1.e3",
                                         "e3",  "1e",  "1e+", "01",       "00",  "-01",
                                         "NaN", "nan", "--1", "Infinity", "- 1", "0x10" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double value = 0;
        size_t left = 0;
        OskDecimalResult result = read_text(texts[i], &value, &left);
        if (strcmp(texts[i], "0x10") == 0) {
            assert_int_equal(left, 3); /* "0", and then something else */
            continue;
        }
        assert_int_equal(result, OSK_DECIMAL_NONE);
    }
}

static void decimal__refuses_what_is_huge(void **state)
{
    (void)state;
    static const char *const texts[] = { "1e18",
                                         "-1e18",
                                         "1e999999999999999999999",
                                         "1e400",
                                         "1000000000000000000",
                                         "9999999999999999999",
                                         "99999999999999999999999999999999999999" };
    double value = 0;
    size_t left = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(read_text(texts[i], &value, &left), OSK_DECIMAL_HUGE);
    }
    assert_int_equal(read_text("1e-999999999999999999999", &value, &left), OSK_DECIMAL_OK);
    assert_true(value == 0);
    assert_int_equal(read_text("0e999", &value, &left), OSK_DECIMAL_OK);
    assert_true(value == 0);
}

/* However many zeros stand in between. */
static void decimal__exponents_and_zeros_cancel(void **state)
{
    (void)state;
    enum { ZEROS = 300000 };
    char *text = malloc(ZEROS + 32);
    assert_non_null(text);
    memset(text, '0', ZEROS + 32);
    text[1] = '.';
    (void)snprintf(text + ZEROS, 32, "25e%d", ZEROS - 1);
    double value = 0;
    size_t left = 1;
    assert_int_equal(read_text(text, &value, &left), OSK_DECIMAL_OK);
    assert_true(value == 2.5);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimal__equals_the_c_library),
        cmocka_unit_test(decimal__reads_back_what_is_printed),
        cmocka_unit_test(decimal__stops_behind_the_number),
        cmocka_unit_test(decimal__refuses_what_is_no_number),
        cmocka_unit_test(decimal__refuses_what_is_huge),
        cmocka_unit_test(decimal__exponents_and_zeros_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
