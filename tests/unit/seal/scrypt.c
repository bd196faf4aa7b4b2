/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stanza for a passphrase. */
#include "oilskin/seal.h"

#include <stdlib.h>
#include <string.h>

#include "seal/fixed.h"
#include "unit.h"

static OskStatus open_with(const uint8_t *bytes, size_t len, const char *passphrase,
                           OskFault *fault)
{
    OskUnsealWith with = { .passphrase = passphrase, .passphrase_len = strlen(passphrase) };
    OskMemory plain = { 0 };
    OskStatus status = osk_unseal_bytes(bytes, len, &with, &plain, fault);
    assert_true(status != OSK_OK || (plain.len == 6 && memcmp(plain.bytes, "hello\n", 6) == 0));
    free(plain.bytes);
    return status;
}

static void scrypt__opens_what_the_stock_program_sealed(void **state)
{
    (void)state;
    uint8_t *sealed = NULL;
    size_t len = 0;
    assert_int_equal(osk_armor_decode(fixed_armored_passphrase, strlen(fixed_armored_passphrase),
                                      &sealed, &len, NULL),
                     OSK_OK);
    assert_int_equal(open_with(sealed, len, "correct horse", NULL), OSK_OK);
    free(sealed);
}

static uint8_t *seal_passphrase(unsigned work, size_t *out_len)
{
    FixedRandom drawn;
    OskRandom random = fixed_random(&drawn);
    OskSealTo to = {
        .passphrase = "correct horse", .passphrase_len = 13, .work = work, .random = &random
    };
    OskMemory sealed = { 0 };
    assert_int_equal(osk_seal_bytes("hello\n", 6, &to, &sealed, NULL), OSK_OK);
    assert_int_equal(sealed.len, osk_seal_file_len(&to, 6));
    *out_len = sealed.len;
    return sealed.bytes;
}

static void scrypt__work_of_one_and_of_two_digits_reads_back(void **state)
{
    (void)state;
    for (unsigned work = 9; work <= 11; work++) {
        size_t len = 0;
        uint8_t *sealed = seal_passphrase(work, &len);
        assert_int_equal(open_with(sealed, len, "correct horse", NULL), OSK_OK);
        assert_int_equal(open_with(sealed, len, "correct horsf", NULL), OSK_AUTH);
        assert_int_equal(open_with(sealed, len, "", NULL), OSK_AUTH);
        free(sealed);
    }
}

/* It is refused before memory or time is spent. */
static void scrypt__more_work_than_allowed_is_limit(void **state)
{
    (void)state;
    size_t len = 0;
    uint8_t *sealed = seal_passphrase(12, &len);
    OskUnsealWith with = { .passphrase = "correct horse", .passphrase_len = 13, .work_max = 11 };
    OskMemory plain = { .max = 100 };
    OskFault fault = { .status = OSK_OK };
    assert_int_equal(osk_unseal_bytes(sealed, len, &with, &plain, &fault), OSK_LIMIT);
    assert_int_equal(fault.status, OSK_LIMIT);
    with.work_max = 12;
    assert_int_equal(osk_unseal_bytes(sealed, len, &with, &plain, NULL), OSK_OK);
    free(plain.bytes);
    free(sealed);
}

static void scrypt__an_identity_does_not_open_it(void **state)
{
    (void)state;
    size_t len = 0;
    uint8_t *sealed = seal_passphrase(9, &len);
    OskIdentity identity = fixed_identity();
    OskUnsealWith with = { .identities = &identity, .count = 1 };
    OskMemory plain = { .max = 100 };
    assert_int_equal(osk_unseal_bytes(sealed, len, &with, &plain, NULL), OSK_AUTH);
    free(sealed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scrypt__opens_what_the_stock_program_sealed),
        cmocka_unit_test(scrypt__work_of_one_and_of_two_digits_reads_back),
        cmocka_unit_test(scrypt__more_work_than_allowed_is_limit),
        cmocka_unit_test(scrypt__an_identity_does_not_open_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
