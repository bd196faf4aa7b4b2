/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256 of whole files, the one adapter of nettle: it uses the processor's own instructions where
 * there are any, which the crypto library beside it does not (docs/sealing.md has the
 * measurements). */
#include <assert.h>
#include <nettle/sha2.h>

#include "oilskin/seal.h"

static_assert(sizeof(OskSha256) >= sizeof(struct sha256_ctx), "the library's state fits");
static_assert(SHA256_DIGEST_SIZE == 32, "a digest is 32 bytes");

void osk_sha256_begin(OskSha256 *hash)
{
    sha256_init((struct sha256_ctx *)(void *)hash->state);
}

void osk_sha256_add(OskSha256 *hash, const void *bytes, size_t len)
{
    if (len > 0) {
        sha256_update((struct sha256_ctx *)(void *)hash->state, len, bytes);
    }
}

void osk_sha256_end(OskSha256 *hash, uint8_t out[32])
{
    sha256_digest((struct sha256_ctx *)(void *)hash->state, 32, out);
    osk_seal_wipe(hash, sizeof(*hash));
}
