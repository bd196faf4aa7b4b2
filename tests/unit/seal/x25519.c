/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stanza for a public key. */
#include "seal/stanza.h"
#include "seal/header.h"

#include <stdlib.h>
#include <string.h>

#include "seal/fixed.h"
#include "unit.h"

static void x25519__each_recipient_opens_the_file(void **state)
{
    (void)state;
    FixedRandom drawn;
    OskRandom random = fixed_random(&drawn);
    OskIdentity identities[3];
    OskRecipient recipients[3];
    OskMemory sealed = { 0 };
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(osk_identity_make(&identities[i], &random, NULL), OSK_OK);
        recipients[i] = identities[i].recipient;
    }
    OskSealTo to = { .recipients = recipients, .count = 3, .random = &random };
    assert_int_equal(osk_seal_bytes("both", 4, &to, &sealed, NULL), OSK_OK);
    for (size_t i = 0; i < 3; i++) {
        OskUnsealWith with = { .identities = &identities[i], .count = 1 };
        OskMemory plain = { .max = 4 };
        assert_int_equal(osk_unseal_bytes(sealed.bytes, sealed.len, &with, &plain, NULL), OSK_OK);
        assert_memory_equal(plain.bytes, "both", 4);
        free(plain.bytes);
    }
    free(sealed.bytes);
}

/* Nothing in a header says to whom it is: the same recipient twice looks like two strangers. */
static void x25519__stanzas_do_not_name_the_recipient(void **state)
{
    (void)state;
    FixedRandom drawn;
    OskRandom random = fixed_random(&drawn);
    OskIdentity identity = fixed_identity();
    uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES] = { 9 };
    OskWriter header;
    osk_writer_init(&header, 1000);
    assert_int_equal(osk_x25519_wrap(&header, &identity.recipient, &random, file_key, NULL),
                     OSK_OK);
    assert_int_equal(osk_x25519_wrap(&header, &identity.recipient, &random, file_key, NULL),
                     OSK_OK);
    assert_int_equal(header.len, 2 * osk_x25519_stanza_len());
    assert_memory_not_equal(header.bytes + 10, header.bytes + header.len / 2 + 10, 43);
    assert_memory_not_equal(header.bytes + 54, header.bytes + header.len / 2 + 54, 43);
    osk_writer_free(&header);
}

static void x25519__every_failing_draw_is_io(void **state)
{
    (void)state;
    OskIdentity identity = fixed_identity();
    uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES] = { 9 };
    for (size_t left = 0; left < 32; left++) {
        FixedRandom drawn;
        OskRandom random = fixed_random(&drawn);
        drawn.left = left;
        OskWriter header;
        osk_writer_init(&header, 1000);
        assert_int_equal(osk_x25519_wrap(&header, &identity.recipient, &random, file_key, NULL),
                         OSK_IO);
        assert_int_equal(header.len, 0);
        osk_writer_free(&header);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(x25519__each_recipient_opens_the_file),
        cmocka_unit_test(x25519__stanzas_do_not_name_the_recipient),
        cmocka_unit_test(x25519__every_failing_draw_is_io),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
