/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory to memory: padding, ceilings, and what a failure leaves. */
#include "oilskin/seal.h"

#include <stdlib.h>
#include <string.h>

#include "seal/fixed.h"
#include "unit.h"

static void bytes__padding_is_zeros_behind_the_text(void **state)
{
    (void)state;
    FixedRandom drawn;
    OskRandom random = fixed_random(&drawn);
    OskIdentity identity = fixed_identity();
    OskSealTo to = { .recipients = &identity.recipient, .count = 1 };
    OskUnsealWith with = { .identities = &identity, .count = 1 };
    uint8_t *sealed = NULL;
    uint8_t *plain = NULL;
    size_t sealed_len = 0;
    size_t plain_len = 0;
    assert_int_equal(osk_seal_bytes("text", 4, 10000, &to, &random, &sealed, &sealed_len, NULL),
                     OSK_OK);
    assert_int_equal(sealed_len, osk_seal_file_len(&to, 10000));
    assert_int_equal(osk_unseal_bytes(sealed, sealed_len, &with, 10000, &plain, &plain_len, NULL),
                     OSK_OK);
    assert_int_equal(plain_len, 10000);
    assert_memory_equal(plain, "text", 4);
    for (size_t i = 4; i < plain_len; i++) {
        assert_int_equal(plain[i], 0);
    }
    free(plain);
    free(sealed);
}

static void bytes__a_padded_length_below_the_length_is_misuse(void **state)
{
    (void)state;
    FixedRandom drawn;
    OskRandom random = fixed_random(&drawn);
    OskIdentity identity = fixed_identity();
    OskSealTo to = { .recipients = &identity.recipient, .count = 1 };
    OskSealTo nobody = { .count = 0 };
    uint8_t *sealed = NULL;
    size_t sealed_len = 7;
    assert_int_equal(osk_seal_bytes("text", 4, 3, &to, &random, &sealed, &sealed_len, NULL),
                     OSK_MISUSE);
    assert_null(sealed);
    assert_int_equal(sealed_len, 0);
    assert_int_equal(osk_seal_bytes("text", 4, 0, &nobody, &random, &sealed, &sealed_len, NULL),
                     OSK_MISUSE);
    drawn.left = 40;
    assert_int_equal(osk_seal_bytes("text", 4, 0, &to, &random, &sealed, &sealed_len, NULL),
                     OSK_IO);
    assert_null(sealed);
}

static void bytes__nothing_at_all_is_a_file(void **state)
{
    (void)state;
    FixedRandom drawn;
    OskRandom random = fixed_random(&drawn);
    OskIdentity identity = fixed_identity();
    OskSealTo to = { .recipients = &identity.recipient, .count = 1 };
    OskUnsealWith with = { .identities = &identity, .count = 1 };
    uint8_t *sealed = NULL;
    uint8_t *plain = NULL;
    size_t sealed_len = 0;
    size_t plain_len = 9;
    assert_int_equal(osk_seal_bytes(NULL, 0, 0, &to, &random, &sealed, &sealed_len, NULL), OSK_OK);
    assert_int_equal(osk_unseal_bytes(sealed, sealed_len, &with, 0, &plain, &plain_len, NULL),
                     OSK_OK);
    assert_int_equal(plain_len, 0);
    assert_non_null(plain);
    free(plain);
    free(sealed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes__padding_is_zeros_behind_the_text),
        cmocka_unit_test(bytes__a_padded_length_below_the_length_is_misuse),
        cmocka_unit_test(bytes__nothing_at_all_is_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
