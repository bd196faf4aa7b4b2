/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of demonstrations are known by what they are, however their text was passed on. */
#include "oilskin/seal.h"

#include <string.h>

#include "seal/fixed.h"
#include "unit.h"

static void demo__its_keys_are_known_from_their_text_alone(void **state)
{
    (void)state;
    for (unsigned i = 0; i < OSK_DEMO_KEYS; i++) {
        OskIdentity identity;
        OskRecipient read;
        char text[OSK_RECIPIENT_TEXT_BYTES];
        assert_int_equal(osk_identity_demo(&identity, i), OSK_OK);
        osk_recipient_text(&identity.recipient, text);
        assert_int_equal(osk_recipient_parse(&read, text, strlen(text), NULL), OSK_OK);
        assert_true(osk_recipient_is_demo(&read));
        read.key[0] ^= 1;
        assert_false(osk_recipient_is_demo(&read));
    }
}

static void demo__there_are_no_others(void **state)
{
    (void)state;
    OskIdentity identity = fixed_identity();
    assert_false(osk_recipient_is_demo(&identity.recipient));
    assert_int_equal(osk_identity_demo(&identity, OSK_DEMO_KEYS), OSK_MISUSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demo__its_keys_are_known_from_their_text_alone),
        cmocka_unit_test(demo__there_are_no_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
