/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys and their text, as age-keygen writes them. */
#include "oilskin/seal.h"

#include <stdlib.h>
#include <string.h>

#include "seal/fixed.h"
#include "unit.h"

static void keys__a_pair_of_the_stock_program_fits(void **state)
{
    (void)state;
    OskIdentity identity = fixed_identity();
    char text[OSK_RECIPIENT_TEXT_BYTES];
    char secret[OSK_IDENTITY_TEXT_BYTES];
    osk_recipient_text(&identity.recipient, text);
    assert_string_equal(text, fixed_recipient_text);
    osk_identity_text(&identity, secret);
    assert_string_equal(secret, fixed_identity_text);
    OskRecipient recipient;
    assert_int_equal(osk_recipient_parse(&recipient, text, strlen(text), NULL), OSK_OK);
    assert_memory_equal(recipient.key, identity.recipient.key, 32);
}

static void keys__made_ones_differ_and_read_back(void **state)
{
    (void)state;
    FixedRandom drawn;
    OskRandom random = fixed_random(&drawn);
    OskIdentity one;
    OskIdentity two;
    assert_int_equal(osk_identity_make(&one, &random, NULL), OSK_OK);
    assert_int_equal(osk_identity_make(&two, &random, NULL), OSK_OK);
    assert_memory_not_equal(&one, &two, sizeof(one));
    char text[OSK_IDENTITY_TEXT_BYTES];
    osk_identity_text(&one, text);
    assert_int_equal(osk_identity_parse(&two, text, sizeof(text) - 1, NULL), OSK_OK);
    assert_memory_equal(&one, &two, sizeof(one));
    osk_identity_wipe(&two);
    uint8_t zeros[sizeof(two)] = { 0 };
    assert_memory_equal(&two, zeros, sizeof(two));
    drawn.left = 31;
    OskFault fault = { .status = OSK_OK };
    assert_int_equal(osk_identity_make(&one, &random, &fault), OSK_IO);
}

/* A mistyped letter, a missing one, a doubled one: all are found, and the place is told. */
static void keys__every_changed_letter_is_found(void **state)
{
    (void)state;
    size_t len = strlen(fixed_recipient_text);
    for (size_t i = 0; i < len; i++) {
        for (char letter = '!'; letter < 127; letter++) {
            char text[OSK_RECIPIENT_TEXT_BYTES];
            memcpy(text, fixed_recipient_text, sizeof(text));
            if (text[i] == letter) {
                continue;
            }
            text[i] = letter;
            OskRecipient out;
            OskFault fault = { .status = OSK_OK };
            assert_int_equal(osk_recipient_parse(&out, text, len, &fault), OSK_MALFORMED);
            assert_true(fault.offset <= i || fault.offset == 4);
        }
    }
}

static void keys__every_other_length_is_refused(void **state)
{
    (void)state;
    for (size_t len = 0; len < strlen(fixed_identity_text); len++) {
        char *text = fixed_exact(fixed_identity_text, len);
        OskIdentity out;
        OskFault fault = { .status = OSK_OK };
        assert_int_equal(osk_identity_parse(&out, text, len, &fault), OSK_MALFORMED);
        assert_int_equal(fault.offset, len);
        free(text);
    }
    char longer[OSK_IDENTITY_TEXT_BYTES + 1];
    memcpy(longer, fixed_identity_text, OSK_IDENTITY_TEXT_BYTES);
    longer[OSK_IDENTITY_TEXT_BYTES - 1] = '\n';
    OskIdentity out;
    assert_int_equal(osk_identity_parse(&out, longer, OSK_IDENTITY_TEXT_BYTES, NULL),
                     OSK_MALFORMED);
}

static void keys__the_other_case_is_refused(void **state)
{
    (void)state;
    char text[OSK_IDENTITY_TEXT_BYTES];
    OskRecipient recipient;
    OskIdentity identity;
    for (size_t i = 0; i < sizeof(text); i++) {
        char letter = fixed_identity_text[i];
        text[i] = letter >= 'A' && letter <= 'Z' ? (char)(letter + 32) : letter;
    }
    assert_int_equal(osk_identity_parse(&identity, text, sizeof(text) - 1, NULL), OSK_MALFORMED);
    for (size_t i = 0; i < OSK_RECIPIENT_TEXT_BYTES; i++) {
        char letter = fixed_recipient_text[i];
        text[i] = letter >= 'a' && letter <= 'z' ? (char)(letter - 32) : letter;
    }
    assert_int_equal(osk_recipient_parse(&recipient, text, OSK_RECIPIENT_TEXT_BYTES - 1, NULL),
                     OSK_MALFORMED);
}

/* A secret key where a recipient belongs, and the other way round. */
static void keys__kinds_are_not_mixed_up(void **state)
{
    (void)state;
    OskRecipient recipient;
    OskIdentity identity;
    assert_int_equal(
        osk_recipient_parse(&recipient, fixed_identity_text, strlen(fixed_identity_text), NULL),
        OSK_MALFORMED);
    assert_int_equal(
        osk_identity_parse(&identity, fixed_recipient_text, strlen(fixed_recipient_text), NULL),
        OSK_MALFORMED);
}

static void keys__a_recipient_that_hides_nothing_is_refused(void **state)
{
    (void)state;
    const OskRecipient low_order = { { 1 } };
    char text[OSK_RECIPIENT_TEXT_BYTES];
    OskRecipient out;
    osk_recipient_text(&low_order, text);
    assert_int_equal(osk_recipient_parse(&out, text, sizeof(text) - 1, NULL), OSK_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys__a_pair_of_the_stock_program_fits),
        cmocka_unit_test(keys__made_ones_differ_and_read_back),
        cmocka_unit_test(keys__every_changed_letter_is_found),
        cmocka_unit_test(keys__every_other_length_is_refused),
        cmocka_unit_test(keys__the_other_case_is_refused),
        cmocka_unit_test(keys__kinds_are_not_mixed_up),
        cmocka_unit_test(keys__a_recipient_that_hides_nothing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
