/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two libraries, one cipher. */
#include "seal/gcrypt.h"

#include <stdlib.h>
#include <string.h>

#include "seal/fixed.h"
#include "seal/sodium.h"
#include "unit.h"

#define MOST OSK_SEAL_CHUNK_BYTES

/* Around the length from which it is used, a chunk, and what fills no block. */
static const size_t lengths[] = { 1, 1023, 1024, 1025, 4097, MOST - 1, MOST };
#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

static const uint8_t key[32] = { 1, 2, 3 };
static const uint8_t nonce[12] = { 4, 5, 6 };

static void draw(uint8_t *bytes, size_t len)
{
    FixedRandom drawn;
    OskRandom random = fixed_random(&drawn);
    assert_true(random.fill(random.context, bytes, len));
}

/* The order of the tests is a part of this one: nothing is prepared yet. */
static void gcrypt__seals_as_the_other_library_does(void **state)
{
    (void)state;
    static uint8_t plain[MOST];
    static uint8_t theirs[LENGTHS][MOST + 16];
    static uint8_t ours[MOST + 16];
    draw(plain, sizeof(plain));
    assert_int_equal(osk_gcrypt_lock(key, nonce, plain, MOST, ours), OSK_UNSUPPORTED);
    assert_int_equal(osk_gcrypt_unlock(key, nonce, plain, MOST, ours), OSK_UNSUPPORTED);
    for (size_t i = 0; i < LENGTHS; i++) {
        osk_aead_lock(key, nonce, plain, lengths[i], theirs[i]);
    }
    assert_true(osk_seal_ready());
    assert_true(osk_seal_ready());
    for (size_t i = 0; i < LENGTHS; i++) {
        size_t len = lengths[i];
        OskStatus expected = len < 1024 ? OSK_UNSUPPORTED : OSK_OK;
        assert_int_equal(osk_gcrypt_lock(key, nonce, plain, len, ours), expected);
        osk_aead_lock(key, nonce, plain, len, ours);
        assert_memory_equal(ours, theirs[i], len + 16);
        memcpy(ours, plain, len);
        osk_aead_lock(key, nonce, ours, len, ours);
        assert_memory_equal(ours, theirs[i], len + 16);
        assert_true(osk_aead_unlock(key, nonce, ours, len + 16, ours));
        assert_memory_equal(ours, plain, len);
    }
}

static void gcrypt__gives_nothing_of_what_was_changed(void **state)
{
    (void)state;
    static uint8_t plain[4000];
    static uint8_t locked[4016];
    static uint8_t out[4000];
    static const uint8_t zeros[4000];
    draw(plain, sizeof(plain));
    assert_true(osk_seal_ready());
    osk_aead_lock(key, nonce, plain, sizeof(plain), locked);
    for (size_t i = 0; i < sizeof(locked); i += 37) {
        locked[i] ^= 0x10;
        assert_int_equal(osk_gcrypt_unlock(key, nonce, locked, sizeof(locked), out), OSK_AUTH);
        assert_memory_equal(out, zeros, sizeof(out));
        assert_false(osk_aead_unlock(key, nonce, locked, sizeof(locked), out));
        locked[i] ^= 0x10;
    }
    assert_int_equal(osk_gcrypt_unlock(key, nonce, locked, sizeof(locked) - 1, out), OSK_AUTH);
    locked[0] ^= 1;
    assert_false(osk_aead_unlock(key, nonce, locked, sizeof(locked), locked));
    assert_memory_equal(locked, zeros, sizeof(zeros));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gcrypt__seals_as_the_other_library_does),
        cmocka_unit_test(gcrypt__gives_nothing_of_what_was_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
