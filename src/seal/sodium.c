/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one adapter of libsodium. */
#include "seal/sodium.h"

#include "seal/gcrypt.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static_assert(OSK_SEAL_TAG_BYTES == crypto_aead_chacha20poly1305_ietf_ABYTES, "one tag");
static_assert(OSK_BOX_EXTRA_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES +
                                         crypto_aead_xchacha20poly1305_ietf_ABYTES,
              "a box is nonce, bytes, tag");

bool osk_seal_ready(void)
{
    osk_gcrypt_prepare();
    return sodium_init() >= 0;
}

void osk_x25519_public(uint8_t out[32], const uint8_t secret[32])
{
    /* It fails for no scalar: the base point has a large order. */
    if (crypto_scalarmult_curve25519_base(out, secret) != 0) {
        memset(out, 0, 32);
    }
}

bool osk_x25519_shared(uint8_t out[32], const uint8_t secret[32], const uint8_t public_key[32])
{
    if (crypto_scalarmult_curve25519(out, secret, public_key) != 0) {
        sodium_memzero(out, 32);
        return false;
    }
    /* The library refuses these points; a test of ours says so, and this says so if it stops. */
    return !sodium_is_zero(out, 32);
}

void osk_aead_lock(const uint8_t key[32], const uint8_t nonce[12], const void *bytes, size_t len,
                   uint8_t *out)
{
    if (osk_gcrypt_lock(key, nonce, bytes, len, out) != OSK_OK) {
        (void)crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, bytes, len, NULL, 0, NULL, nonce,
                                                        key);
    }
}

bool osk_aead_unlock(const uint8_t key[32], const uint8_t nonce[12], const void *bytes, size_t len,
                     uint8_t *out)
{
    OskStatus status = osk_gcrypt_unlock(key, nonce, bytes, len, out);
    if (status == OSK_UNSUPPORTED) {
        return crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, bytes, len, NULL, 0,
                                                         nonce, key) == 0;
    }
    return status == OSK_OK;
}

bool osk_scrypt(const OskSealTo *passphrase, const uint8_t *salt, size_t salt_len, unsigned work,
                uint8_t out[32])
{
    return crypto_pwhash_scryptsalsa208sha256_ll((const uint8_t *)passphrase->passphrase,
                                                 passphrase->passphrase_len, salt, salt_len,
                                                 UINT64_C(1) << work, 8, 1, out, 32) == 0;
}

void osk_seal_wipe(void *bytes, size_t len)
{
    if (len > 0) {
        sodium_memzero(bytes, len);
    }
}

bool osk_seal_equal(const void *a, const void *b, size_t len)
{
    return len == 0 || sodium_memcmp(a, b, len) == 0;
}

void osk_seal_hmac(const void *key, size_t key_len, const void *bytes, size_t len, uint8_t out[32])
{
    crypto_auth_hmacsha256_state state;
    /* The library's functions take no NULL, even of no bytes. */
    key = key == NULL ? "" : key;
    bytes = bytes == NULL ? "" : bytes;
    crypto_auth_hmacsha256_init(&state, key, key_len);
    crypto_auth_hmacsha256_update(&state, bytes, len);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof(state));
}

/* One block of RFC 5869, section 2.3: what came before it, the info, its number. */
static void expand_block(const uint8_t pseudo_key[32], const uint8_t *before, const char *info,
                         uint8_t number, uint8_t out[32])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, pseudo_key, 32);
    if (number > 1) {
        crypto_auth_hmacsha256_update(&state, before, 32);
    }
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)info, strlen(info));
    crypto_auth_hmacsha256_update(&state, &number, 1);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof(state));
}

void osk_seal_hkdf(const OskHkdf *of, uint8_t *out, size_t out_len)
{
    uint8_t pseudo_key[32];
    uint8_t block[32] = { 0 };
    osk_seal_hmac(of->salt, of->salt_len, of->key, of->key_len, pseudo_key);
    uint8_t number = 1;
    for (size_t at = 0; at < out_len && number > 0; at += 32, number++) {
        expand_block(pseudo_key, block, of->info, number, block);
        memcpy(out + at, block, out_len - at < 32 ? out_len - at : 32);
    }
    sodium_memzero(pseudo_key, sizeof(pseudo_key));
    sodium_memzero(block, sizeof(block));
}

OskStatus osk_box_lock(const uint8_t key[32], const void *bytes, size_t len, uint8_t *out,
                       const OskRandom *random)
{
    enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };
    uint8_t nonce[NONCE];
    if (!random->fill(random->context, nonce, sizeof(nonce))) {
        return OSK_IO;
    }
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE, NULL, bytes, len, NULL, 0, NULL,
                                                     nonce, key);
    memcpy(out, nonce, sizeof(nonce));
    return OSK_OK;
}

OskStatus osk_box_unlock(const uint8_t key[32], const void *box, size_t len, uint8_t *out)
{
    enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };
    const uint8_t *bytes = box;
    if (len < OSK_BOX_EXTRA_BYTES ||
        crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, bytes + NONCE, len - NONCE,
                                                   NULL, 0, bytes, key) != 0) {
        return OSK_AUTH;
    }
    return OSK_OK;
}

OskStatus osk_seal_argon2id(const OskArgon2 *of, uint8_t *out, size_t out_len)
{
    static_assert(crypto_pwhash_argon2id_SALTBYTES == 16, "the library's salt");
    if (crypto_pwhash(out, out_len, of->secret, of->secret_len, of->salt, of->passes,
                      (size_t)of->memory_kib * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return OSK_NO_MEMORY;
    }
    return OSK_OK;
}
