/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The primitives that age is made of, from the crypto library. Everything else that the library
 * gives away stands in oilskin/seal.h. */
#ifndef OSK_SEAL_SODIUM_H
#define OSK_SEAL_SODIUM_H

#include "oilskin/seal.h"

/* The public key of `secret`. */
void osk_x25519_public(uint8_t out[32], const uint8_t secret[32]);
/* The shared secret of `secret` and somebody's public key. False, and zeros in `out`, for the
 * points with which every secret gives zero: such a "shared" secret is known to everybody. Source:
 * RFC 7748, section 6.1. */
bool osk_x25519_shared(uint8_t out[32], const uint8_t secret[32], const uint8_t public_key[32]);

/* ChaCha20-Poly1305, RFC 8439. `out` takes len + 16 bytes and may be `bytes`. */
void osk_aead_lock(const uint8_t key[32], const uint8_t nonce[12], const void *bytes, size_t len,
                   uint8_t *out);
/* `out` takes len - 16 bytes and may be `bytes`. False when `len` is below 16 or the tag is wrong;
 * `out` may hold zeros then, and nothing of the plaintext. */
bool osk_aead_unlock(const uint8_t key[32], const uint8_t nonce[12], const void *bytes, size_t len,
                     uint8_t *out);

/* scrypt with N = 2^work, r = 8, p = 1, RFC 7914: takes 2^work KiB of memory. False when there is
 * not so much. @param work 1 to 30. */
bool osk_scrypt(const OskSealTo *passphrase, const uint8_t *salt, size_t salt_len, unsigned work,
                uint8_t out[32]);

#endif
