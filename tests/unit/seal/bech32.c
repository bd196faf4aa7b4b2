/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bech32 of 32 bytes, by the letters. */
#include "seal/bech32.h"

#include <stdlib.h>
#include <string.h>

#include "seal/fixed.h"
#include "unit.h"

static void bech32__every_bit_has_its_place(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < 256; bit++) {
        uint8_t bytes[32] = { 0 };
        uint8_t out[32];
        char text[100];
        size_t wrong = 0;
        bytes[bit / 8] = (uint8_t)(0x80 >> bit % 8);
        osk_bech32_write("age", bytes, text);
        assert_int_equal(strlen(text), 3 + OSK_BECH32_TAIL);
        assert_null(osk_bech32_read("age", text, strlen(text), out, &wrong));
        assert_memory_equal(out, bytes, 32);
    }
}

/* The same data under another prefix has another checksum. */
static void bech32__the_prefix_is_part_of_the_checksum(void **state)
{
    (void)state;
    uint8_t bytes[32] = { 1, 2, 3 };
    uint8_t out[32];
    char text[100];
    size_t wrong = 0;
    osk_bech32_write("agf", bytes, text);
    text[2] = 'e';
    assert_non_null(osk_bech32_read("age", text, strlen(text), out, &wrong));
}

/* Padding bits that are set would be a second spelling; their checksum is made to fit here. */
static void bech32__padding_that_is_set_is_refused(void **state)
{
    (void)state;
    static const char letters[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    uint8_t bytes[32] = { 0 };
    uint8_t out[32];
    char text[100];
    size_t wrong = 0;
    osk_bech32_write("age", bytes, text);
    size_t last = 3 + 1 + 51;
    size_t accepted = 0;
    for (unsigned value = 1; value < 16; value++) {
        text[last] = letters[value];
        /* One of all checksums fits; two letters of it are enough to show that none is taken. */
        for (unsigned pair = 0; pair < 1024; pair++) {
            text[last + 5] = letters[pair / 32];
            text[last + 6] = letters[pair % 32];
            accepted += osk_bech32_read("age", text, strlen(text), out, &wrong) == NULL;
        }
    }
    assert_int_equal(accepted, 0);
}

static void bech32__says_which_letter_is_wrong(void **state)
{
    (void)state;
    uint8_t bytes[32] = { 0 };
    uint8_t out[32];
    char text[100];
    size_t wrong = 0;
    osk_bech32_write("AGE-SECRET-KEY-", bytes, text);
    text[30] = 'B';
    assert_non_null(osk_bech32_read("AGE-SECRET-KEY-", text, strlen(text), out, &wrong));
    assert_int_equal(wrong, 30);
    text[30] = 'q';
    assert_non_null(osk_bech32_read("AGE-SECRET-KEY-", text, strlen(text), out, &wrong));
    assert_int_equal(wrong, 30);
    text[30] = 'Q';
    assert_null(osk_bech32_read("AGE-SECRET-KEY-", text, strlen(text), out, &wrong));
    text[4] = 'X';
    assert_non_null(osk_bech32_read("AGE-SECRET-KEY-", text, strlen(text), out, &wrong));
    assert_int_equal(wrong, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bech32__every_bit_has_its_place),
        cmocka_unit_test(bech32__the_prefix_is_part_of_the_checksum),
        cmocka_unit_test(bech32__padding_that_is_set_is_refused),
        cmocka_unit_test(bech32__says_which_letter_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
