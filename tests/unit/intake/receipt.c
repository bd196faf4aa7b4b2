/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/receipt.h"
#include "intake/receipt_words.h"
#include "unit.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool fill_with(void *context, void *out, size_t len)
{
    memcpy(out, context, len);
    return true;
}

static bool fill_never(void *context, void *out, size_t len)
{
    (void)context, (void)out, (void)len;
    return false;
}

static void receipt__words_are_told_apart_by_four_letters(void **state)
{
    (void)state;
    for (size_t i = 0; i < OSK_RECEIPT_WORD_COUNT; i++) {
        const char *word = osk_receipt_words[i];
        size_t len = strlen(word);
        assert_in_range(len, 4, OSK_RECEIPT_WORD_LETTERS);
        for (size_t k = 0; k < len; k++) {
            assert_true(islower((unsigned char)word[k]));
        }
        if (i > 0) {
            assert_true(memcmp(osk_receipt_words[i - 1], word, 4) < 0);
        }
    }
}

static void receipt__draws_eight_words_of_88_bits(void **state)
{
    (void)state;
    uint16_t drawn[8] = { 0, 1, 2047, 2048, 65535, 1024, 3, 7 };
    char text[OSK_RECEIPT_TEXT_BYTES];
    OskRandom random = { drawn, fill_with };
    assert_int_equal(osk_receipt_draw(text, &random), OSK_OK);
    char wanted[OSK_RECEIPT_TEXT_BYTES * 2];
    snprintf(wanted, sizeof(wanted), "%s %s %s %s %s %s %s %s", osk_receipt_words[0],
             osk_receipt_words[1], osk_receipt_words[2047], osk_receipt_words[0],
             osk_receipt_words[2047], osk_receipt_words[1024], osk_receipt_words[3],
             osk_receipt_words[7]);
    assert_string_equal(text, wanted);
    char again[OSK_RECEIPT_TEXT_BYTES];
    unsigned wrong = 9;
    assert_true(osk_receipt_read(again, text, &wrong));
    assert_string_equal(again, text);
}

static void receipt__draws_nothing_without_randomness(void **state)
{
    (void)state;
    char text[OSK_RECEIPT_TEXT_BYTES];
    OskRandom random = { NULL, fill_never };
    assert_int_equal(osk_receipt_draw(text, &random), OSK_IO);
    assert_string_equal(text, "");
}

static void receipt__the_longest_fits(void **state)
{
    (void)state;
    assert_true(OSK_RECEIPT_WORDS * (OSK_RECEIPT_WORD_LETTERS + 1) <= OSK_RECEIPT_TEXT_BYTES);
}

static const char *const plain = "abbot acid bamboo cello dream eagle zone fabric";

static void receipt__reads_what_a_person_types(void **state)
{
    (void)state;
    static const char *const typed[] = {
        "abbot acid bamboo cello dream eagle zone fabric",
        "  Abbot ACID\tbamboo\r\ncello, dream; eagle - zone . fabric \n",
        "abbo acid bamb cell drea eagl zone fabr",
        "1. abbot 2. acid 3. bamboo 4. cello 5. dream 6. eagle 7. zone 8. fabric",
        "1abbot 2acid 3bamboo 4cello 5dream 6eagle 7zone 8fabric",
        "abbot\xc2\xa0"
        "acid\xe3\x80\x80"
        "bamboo\xe3\x80\x81"
        "cello\xd8\x8c dream eagle zone fabric",
        "\xef\xbc\xa1\xef\xbd\x82\xef\xbd\x82\xef\xbd\x8f\xef\xbd\x94 acid bamboo cello dream "
        "eagle "
        "zone fabric",
        "abbots acids bambooo cellos dreams eagles zones fabrics",
    };
    for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
        char text[OSK_RECEIPT_TEXT_BYTES];
        unsigned wrong = 9;
        assert_true(osk_receipt_read(text, typed[i], &wrong));
        assert_string_equal(text, plain);
    }
}

static void reads_wrong(const char *typed, unsigned number)
{
    char text[OSK_RECEIPT_TEXT_BYTES];
    static const char zeros[OSK_RECEIPT_TEXT_BYTES];
    unsigned wrong = 9;
    memset(text, 'x', sizeof(text));
    assert_false(osk_receipt_read(text, typed, &wrong));
    assert_int_equal(wrong, number);
    assert_memory_equal(text, zeros, sizeof(zeros));
}

static void receipt__names_the_first_wrong_word(void **state)
{
    (void)state;
    reads_wrong("abbot acid bamboo xxxx dream eagle zone fabric", 4);
    reads_wrong("qqqq acid bamboo xxxx dream eagle zone fabric", 1);
    reads_wrong("abbot acid bamboo cello dream eagle zone fab", 8);
    reads_wrong("abbot acid bamboo cello dream eagle zone", 0);
    reads_wrong("abbot acid bamboo cello dream eagle zone fabric acid", 0);
    reads_wrong("", 0);
    reads_wrong("\xef", 0);
    reads_wrong("\xef\xbc", 0);
}

static void receipt__reads_no_flood_of_text(void **state)
{
    (void)state;
    char *flood = malloc(100001);
    memset(flood, 'a', 100000);
    flood[100000] = 0;
    reads_wrong(flood, 0);
    for (size_t i = 0; i < 100000; i += 2) {
        flood[i] = ' ';
    }
    reads_wrong(flood, 0);
    free(flood);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receipt__words_are_told_apart_by_four_letters),
        cmocka_unit_test(receipt__draws_eight_words_of_88_bits),
        cmocka_unit_test(receipt__draws_nothing_without_randomness),
        cmocka_unit_test(receipt__the_longest_fits),
        cmocka_unit_test(receipt__reads_what_a_person_types),
        cmocka_unit_test(receipt__names_the_first_wrong_word),
        cmocka_unit_test(receipt__reads_no_flood_of_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
