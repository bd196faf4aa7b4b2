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
    OskSealTo to = { .recipients = &identity.recipient, .count = 1, .random = &random };
    OskUnsealWith with = { .identities = &identity, .count = 1 };
    OskMemory sealed = { 0 };
    OskMemory plain = { .max = 10000 };
    to.padded_len = 10000;
    assert_int_equal(osk_seal_bytes("text", 4, &to, &sealed, NULL), OSK_OK);
    assert_int_equal(sealed.len, osk_seal_file_len(&to, 10000));
    assert_int_equal(osk_unseal_bytes(sealed.bytes, sealed.len, &with, &plain, NULL), OSK_OK);
    assert_int_equal(plain.len, 10000);
    assert_memory_equal(plain.bytes, "text", 4);
    for (size_t i = 4; i < plain.len; i++) {
        assert_int_equal(plain.bytes[i], 0);
    }
    free(plain.bytes);
    free(sealed.bytes);
}

static void bytes__a_padded_length_below_the_length_is_misuse(void **state)
{
    (void)state;
    FixedRandom drawn;
    OskRandom random = fixed_random(&drawn);
    OskIdentity identity = fixed_identity();
    OskSealTo to = { .recipients = &identity.recipient, .count = 1, .random = &random };
    OskSealTo nobody = { .count = 0, .random = &random };
    OskMemory sealed = { .len = 7 };
    to.padded_len = 3;
    assert_int_equal(osk_seal_bytes("text", 4, &to, &sealed, NULL), OSK_MISUSE);
    assert_null(sealed.bytes);
    assert_int_equal(sealed.len, 0);
    to.padded_len = 0;
    assert_int_equal(osk_seal_bytes("text", 4, &nobody, &sealed, NULL), OSK_MISUSE);
    drawn.left = 40;
    assert_int_equal(osk_seal_bytes("text", 4, &to, &sealed, NULL), OSK_IO);
    assert_null(sealed.bytes);
}

static void bytes__a_sealed_file_beyond_the_ceiling_is_limit(void **state)
{
    (void)state;
    FixedRandom drawn;
    OskRandom random = fixed_random(&drawn);
    OskIdentity identity = fixed_identity();
    OskSealTo to = { .recipients = &identity.recipient, .count = 1, .random = &random };
    OskMemory sealed = { .max = (size_t)osk_seal_file_len(&to, 4) - 1 };
    assert_int_equal(osk_seal_bytes("text", 4, &to, &sealed, NULL), OSK_LIMIT);
    assert_null(sealed.bytes);
    sealed.max++;
    assert_int_equal(osk_seal_bytes("text", 4, &to, &sealed, NULL), OSK_OK);
    free(sealed.bytes);
}

static void bytes__without_randomness_is_misuse(void **state)
{
    (void)state;
    OskIdentity identity = fixed_identity();
    OskSealTo to = { .recipients = &identity.recipient, .count = 1 };
    OskMemory sealed = { 0 };
    assert_int_equal(osk_seal_bytes("text", 4, &to, &sealed, NULL), OSK_MISUSE);
    assert_null(sealed.bytes);
}

static void bytes__nothing_at_all_is_a_file(void **state)
{
    (void)state;
    FixedRandom drawn;
    OskRandom random = fixed_random(&drawn);
    OskIdentity identity = fixed_identity();
    OskSealTo to = { .recipients = &identity.recipient, .count = 1, .random = &random };
    OskUnsealWith with = { .identities = &identity, .count = 1 };
    OskMemory sealed = { 0 };
    OskMemory plain = { .len = 9 };
    assert_int_equal(osk_seal_bytes(NULL, 0, &to, &sealed, NULL), OSK_OK);
    assert_int_equal(osk_unseal_bytes(sealed.bytes, sealed.len, &with, &plain, NULL), OSK_OK);
    assert_int_equal(plain.len, 0);
    assert_non_null(plain.bytes);
    free(plain.bytes);
    free(sealed.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes__padding_is_zeros_behind_the_text),
        cmocka_unit_test(bytes__a_padded_length_below_the_length_is_misuse),
        cmocka_unit_test(bytes__a_sealed_file_beyond_the_ceiling_is_limit),
        cmocka_unit_test(bytes__without_randomness_is_misuse),
        cmocka_unit_test(bytes__nothing_at_all_is_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
