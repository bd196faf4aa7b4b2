/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Armor: what mail does to it is taken, nothing else. */
#include "oilskin/seal.h"

#include <stdlib.h>
#include <string.h>

#include "seal/fixed.h"
#include "unit.h"

#define BEGIN "-----BEGIN AGE ENCRYPTED FILE-----\n"
#define END "-----END AGE ENCRYPTED FILE-----\n"
#define FULL "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"

static OskStatus decode(const char *text, size_t *out_len)
{
    size_t len = strlen(text);
    char *exact = fixed_exact(text, len);
    uint8_t *bytes = NULL;
    OskFault fault = { .status = OSK_OK };
    OskStatus status = osk_armor_decode(exact, len, &bytes, out_len, &fault);
    assert_true(status == OSK_OK ? bytes != NULL : bytes == NULL && fault.next != NULL);
    free(bytes);
    free(exact);
    return status;
}

static void armor__takes_what_mail_does(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
    } fine[] = {
        { BEGIN FULL END, 48 },
        { BEGIN FULL FULL "AAAA\n" END, 99 },
        { BEGIN "AA==\n" END, 1 },
        { BEGIN "AAA=\n" END, 2 },
        { BEGIN END, 0 },
        { BEGIN "AAAA\n-----END AGE ENCRYPTED FILE-----", 3 },
        { "\n \t\r\n" BEGIN "AAAA\n" END "\n\n  ", 3 },
        { "-----BEGIN AGE ENCRYPTED FILE-----\r\nAAAA\r\n-----END AGE ENCRYPTED FILE-----\r\n", 3 },
    };
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        size_t len = 99;
        assert_int_equal(decode(fine[i].text, &len), OSK_OK);
        assert_int_equal(len, fine[i].len);
        assert_true(osk_armor_probe(fine[i].text, strlen(fine[i].text)));
    }
}

static void armor__refuses_everything_else(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        BEGIN,
        BEGIN "AAAA\n",
        BEGIN "AAAA",
        BEGIN "AAAA\n"
              "-----END AGE ENCRYPTED FILE----\n",
        BEGIN "AAAA\n"
              "-----END AGE ENCRYPTED FILE----- \n",
        BEGIN "AAAA\n"
              "-----end age encrypted file-----\n",
        "-----BEGIN AGE ENCRYPTED FILE----- \nAAAA\n" END,
        "-----BEGIN PGP MESSAGE-----\nAAAA\n" END,
        "x" BEGIN "AAAA\n" END,
        BEGIN "AAAA\n" END "x",
        BEGIN "Comment: no\n\nAAAA\n" END,
        BEGIN "\nAAAA\n" END,
        BEGIN "AAAA\n\n" END,
        BEGIN "AAAA\nAAAA\n" END,
        BEGIN "AA==\nAAAA\n" END,
        BEGIN "AAA\n" END,
        BEGIN "AA\n" END,
        BEGIN "A===\n" END,
        BEGIN "====\n" END,
        BEGIN "AB==\n" END,
        BEGIN "AAB=\n" END,
        BEGIN "AA=A\n" END,
        BEGIN "AA=\n=\n" END,
        BEGIN " AAAA\n" END,
        BEGIN "AAAA \n" END,
        BEGIN "AA-_\n" END,
        BEGIN "AAAA\r\r\n" END,
        BEGIN "AAAA\rAAAA\n" END,
        BEGIN "AAAA" FULL END,
        BEGIN FULL "=AAA\n" END,
        BEGIN "AAAA\n" END BEGIN "AAAA\n" END,
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        size_t len = 99;
        assert_int_equal(decode(wrong[i], &len), OSK_MALFORMED);
        assert_int_equal(len, 0);
    }
}

/* White space is no place to hide much in. */
static void armor__too_much_white_space_is_refused(void **state)
{
    (void)state;
    char text[2000];
    size_t len = 0;
    memset(text, ' ', sizeof(text));
    memcpy(text + 1024, BEGIN "AAAA\n" END, sizeof(BEGIN "AAAA\n" END));
    assert_int_equal(decode(text, &len), OSK_OK);
    assert_int_equal(decode(text + 1, &len), OSK_OK);
    memset(text, ' ', sizeof(text));
    memcpy(text + 1025, BEGIN "AAAA\n" END, sizeof(BEGIN "AAAA\n" END));
    assert_int_equal(decode(text, &len), OSK_MALFORMED);
    assert_false(osk_armor_probe(text, strlen(text)));
}

static void armor__every_cut_is_refused(void **state)
{
    (void)state;
    for (size_t cut = 0; cut + 1 < strlen(fixed_armored); cut++) {
        char *text = fixed_exact(fixed_armored, cut);
        uint8_t *bytes = NULL;
        size_t len = 0;
        assert_int_equal(osk_armor_decode(text, cut, &bytes, &len, NULL), OSK_MALFORMED);
        (void)osk_armor_probe(text, cut);
        free(text);
    }
}

static void armor__what_is_written_reads_back_in_every_cut(void **state)
{
    (void)state;
    uint8_t *plain = fixed_plain(300);
    for (size_t len = 0; len <= 300; len++) {
        FixedSink written;
        OskSink sink = fixed_sink(&written, 1000);
        OskArmorer armorer;
        OskSink armored = osk_armorer_sink(&armorer, &sink);
        size_t step = len % 7 + 1;
        for (size_t at = 0; at < len; at += step) {
            assert_true(
                armored.write(armored.context, plain + at, len - at < step ? len - at : step));
        }
        assert_true(osk_armorer_finish(&armorer));
        uint8_t *bytes = NULL;
        size_t got = 0;
        assert_int_equal(osk_armor_decode(written.bytes, written.len, &bytes, &got, NULL), OSK_OK);
        assert_int_equal(got, len);
        assert_memory_equal(bytes, plain, len);
        free(bytes);
        free(written.bytes);
    }
    free(plain);
}

/* The stock program's own text comes out of its own bytes. */
static void armor__is_written_as_the_stock_program_does(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    size_t len = 0;
    FixedSink written;
    OskSink sink = fixed_sink(&written, 4000);
    OskArmorer armorer;
    assert_int_equal(osk_armor_decode(fixed_armored, strlen(fixed_armored), &bytes, &len, NULL),
                     OSK_OK);
    OskSink armored = osk_armorer_sink(&armorer, &sink);
    assert_true(armored.write(armored.context, bytes, len));
    assert_true(osk_armorer_finish(&armorer));
    assert_int_equal(written.len, strlen(fixed_armored));
    assert_memory_equal(written.bytes, fixed_armored, written.len);
    free(bytes);
    free(written.bytes);
}

static void armor__a_sink_that_fails_is_told(void **state)
{
    (void)state;
    uint8_t *plain = fixed_plain(3000);
    for (size_t size = 0; size < 4000; size += 97) {
        FixedSink written;
        OskSink sink = fixed_sink(&written, size);
        OskArmorer armorer;
        OskSink armored = osk_armorer_sink(&armorer, &sink);
        assert_false(armored.write(armored.context, plain, 3000) && osk_armorer_finish(&armorer));
        free(written.bytes);
    }
    free(plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(armor__takes_what_mail_does),
        cmocka_unit_test(armor__refuses_everything_else),
        cmocka_unit_test(armor__too_much_white_space_is_refused),
        cmocka_unit_test(armor__every_cut_is_refused),
        cmocka_unit_test(armor__what_is_written_reads_back_in_every_cut),
        cmocka_unit_test(armor__is_written_as_the_stock_program_does),
        cmocka_unit_test(armor__a_sink_that_fails_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
