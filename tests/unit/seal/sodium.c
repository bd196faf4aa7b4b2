/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The adapter against the vectors of the standards. */
#include "seal/sodium.h"

#include <stdlib.h>
#include <string.h>

#include "seal/fixed.h"
#include "unit.h"

/* RFC 4231, test case 2. */
static void sodium__hmac_is_that_of_the_rfc(void **state)
{
    (void)state;
    uint8_t out[32];
    osk_seal_hmac("Jefe", 4, "what do ya want for nothing?", 28, out);
    fixed_assert_hex(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* RFC 4231, test case 6: a key longer than a block is hashed. */
static void sodium__hmac_takes_a_long_key(void **state)
{
    (void)state;
    uint8_t key[131];
    uint8_t out[32];
    memset(key, 0xaa, sizeof(key));
    osk_seal_hmac(key, sizeof(key), "Test Using Larger Than Block-Size Key - Hash Key First", 54,
                  out);
    fixed_assert_hex(out, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* RFC 5869, test case 3: no salt, no info. The other cases have an info that is no text. */
static void sodium__hkdf_is_that_of_the_rfc(void **state)
{
    (void)state;
    uint8_t key[22];
    uint8_t out[42];
    memset(key, 0x0b, sizeof(key));
    const OskHkdf of = { .key = key, .key_len = sizeof(key), .info = "" };
    osk_seal_hkdf(&of, out, sizeof(out));
    fixed_assert_hex(
        out, 42,
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

static void sodium__hkdf_gives_its_longest_output_and_no_more(void **state)
{
    (void)state;
    const OskHkdf of = { .key = "k", .key_len = 1, .salt = "s", .salt_len = 1, .info = "info" };
    uint8_t *out = malloc(255 * 32 + 1);
    assert_non_null(out);
    memset(out, 0, 255 * 32 + 1);
    osk_seal_hkdf(&of, out, 255 * 32);
    assert_int_equal(out[255 * 32], 0);
    assert_memory_not_equal(out + 254 * 32, out, 32);
    uint8_t again[40];
    osk_seal_hkdf(&of, again, sizeof(again));
    assert_memory_equal(out, again, sizeof(again));
    free(out);
}

/* RFC 7748, section 6.1: Bob's secret, Alice's public key. */
static void sodium__x25519_is_that_of_the_rfc(void **state)
{
    (void)state;
    uint8_t bob[32];
    uint8_t alice_public[32];
    uint8_t out[32];
    fixed_from_hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb", bob);
    fixed_from_hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
                   alice_public);
    osk_x25519_public(out, bob);
    fixed_assert_hex(out, 32, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    assert_true(osk_x25519_shared(out, bob, alice_public));
    fixed_assert_hex(out, 32, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

/* The points of a small order, with which every secret agrees on zero. */
static void sodium__x25519_refuses_points_that_hide_nothing(void **state)
{
    (void)state;
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };
    OskIdentity identity = fixed_identity();
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        uint8_t point[32];
        uint8_t out[32];
        uint8_t zeros[32] = { 0 };
        fixed_from_hex(points[i], point);
        memset(out, 0xff, sizeof(out));
        assert_false(osk_x25519_shared(out, identity.secret, point));
        assert_memory_equal(out, zeros, 32);
    }
}

/* RFC 7914, section 12, third vector: its first 32 bytes. */
static void sodium__scrypt_is_that_of_the_rfc(void **state)
{
    (void)state;
    uint8_t out[32];
    OskSealTo to = { .passphrase = "pleaseletmein", .passphrase_len = 13 };
    assert_true(osk_scrypt(&to, (const uint8_t *)"SodiumChloride", 14, 14, out));
    /* Its p is 1, as ours. */
    fixed_assert_hex(out, 32, "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
}

/* Recipe: printf password | argon2 somesaltsomesalt -id -t 2 -k 8192 -p 1 -l 32 -r */
static void sodium__argon2id_is_that_of_the_reference_program(void **state)
{
    (void)state;
    uint8_t out[32];
    const OskArgon2 of = { .secret = "password",
                           .secret_len = 8,
                           .salt = (const uint8_t *)"somesaltsomesalt",
                           .passes = 2,
                           .memory_kib = 8192 };
    assert_int_equal(osk_seal_argon2id(&of, out, sizeof(out)), OSK_OK);
    fixed_assert_hex(out, 32, "fd7e44552d83db6b9c2bc9dbd6d88fe0facd11df4654ac21fe8013fd7a05ebc3");
}

static void sodium__an_aead_that_was_changed_gives_nothing(void **state)
{
    (void)state;
    uint8_t key[32] = { 1 };
    uint8_t nonce[12] = { 2 };
    uint8_t locked[5 + 16];
    osk_aead_lock(key, nonce, "bytes", 5, locked);
    for (size_t i = 0; i < sizeof(locked) * 8; i++) {
        uint8_t out[5];
        locked[i / 8] = (uint8_t)(locked[i / 8] ^ 1u << i % 8);
        assert_false(osk_aead_unlock(key, nonce, locked, sizeof(locked), out));
        assert_memory_not_equal(out, "bytes", 5);
        locked[i / 8] = (uint8_t)(locked[i / 8] ^ 1u << i % 8);
    }
    uint8_t out[5];
    assert_false(osk_aead_unlock(key, nonce, locked, 15, out));
    assert_true(osk_aead_unlock(key, nonce, locked, sizeof(locked), out));
    assert_memory_equal(out, "bytes", 5);
}

static void sodium__a_box_opens_with_its_key_and_no_change(void **state)
{
    (void)state;
    FixedRandom drawn;
    OskRandom random = fixed_random(&drawn);
    uint8_t key[32] = { 7 };
    uint8_t other[32] = { 8 };
    uint8_t box[9 + OSK_BOX_EXTRA_BYTES];
    uint8_t again[9 + OSK_BOX_EXTRA_BYTES];
    uint8_t out[9];
    assert_int_equal(osk_box_lock(key, "plaintext", 9, box, &random), OSK_OK);
    assert_int_equal(osk_box_lock(key, "plaintext", 9, again, &random), OSK_OK);
    assert_memory_not_equal(box, again, sizeof(box));
    assert_int_equal(osk_box_unlock(key, box, sizeof(box), out), OSK_OK);
    assert_memory_equal(out, "plaintext", 9);
    assert_int_equal(osk_box_unlock(other, box, sizeof(box), out), OSK_AUTH);
    for (size_t len = 0; len < sizeof(box); len++) {
        uint8_t *cut = fixed_exact(box, len);
        assert_int_equal(osk_box_unlock(key, cut, len, out), OSK_AUTH);
        free(cut);
    }
    for (size_t i = 0; i < sizeof(box); i++) {
        box[i] ^= 0x40;
        assert_int_equal(osk_box_unlock(key, box, sizeof(box), out), OSK_AUTH);
        box[i] ^= 0x40;
    }
}

static void sodium__a_box_without_randomness_is_not_locked(void **state)
{
    (void)state;
    FixedRandom drawn;
    OskRandom random = fixed_random(&drawn);
    uint8_t key[32] = { 7 };
    uint8_t box[1 + OSK_BOX_EXTRA_BYTES];
    drawn.left = 23;
    assert_int_equal(osk_box_lock(key, "x", 1, box, &random), OSK_IO);
}

static void sodium__wiping_and_comparing_take_nothing(void **state)
{
    (void)state;
    osk_seal_wipe(NULL, 0);
    assert_true(osk_seal_equal(NULL, NULL, 0));
    assert_true(osk_seal_equal("same", "same", 4));
    assert_false(osk_seal_equal("same", "sane", 4));
    char text[4] = "abc";
    osk_seal_wipe(text, sizeof(text));
    assert_memory_equal(text, "\0\0\0\0", 4);
    assert_true(osk_seal_ready());
    assert_true(osk_seal_ready());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sodium__hmac_is_that_of_the_rfc),
        cmocka_unit_test(sodium__hmac_takes_a_long_key),
        cmocka_unit_test(sodium__hkdf_is_that_of_the_rfc),
        cmocka_unit_test(sodium__hkdf_gives_its_longest_output_and_no_more),
        cmocka_unit_test(sodium__x25519_is_that_of_the_rfc),
        cmocka_unit_test(sodium__x25519_refuses_points_that_hide_nothing),
        cmocka_unit_test(sodium__scrypt_is_that_of_the_rfc),
        cmocka_unit_test(sodium__argon2id_is_that_of_the_reference_program),
        cmocka_unit_test(sodium__an_aead_that_was_changed_gives_nothing),
        cmocka_unit_test(sodium__a_box_opens_with_its_key_and_no_change),
        cmocka_unit_test(sodium__a_box_without_randomness_is_not_locked),
        cmocka_unit_test(sodium__wiping_and_comparing_take_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
