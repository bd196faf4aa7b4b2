/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256 from the library that the page has; src/seal/digest.c takes a faster one. */
#include <assert.h>
#include <sodium/crypto_hash_sha256.h>
#include <string.h>

#include "oilskin/seal.h"

static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(OskSha256), "the library's state fits");

void osk_sha256_begin(OskSha256 *hash)
{
    crypto_hash_sha256_init((crypto_hash_sha256_state *)hash->state);
}

void osk_sha256_add(OskSha256 *hash, const void *bytes, size_t len)
{
    crypto_hash_sha256_update((crypto_hash_sha256_state *)hash->state, bytes, len);
}

void osk_sha256_end(OskSha256 *hash, uint8_t out[32])
{
    crypto_hash_sha256_final((crypto_hash_sha256_state *)hash->state, out);
}
