/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of the crypto libraries the page does without. It seals to keys only: a passphrase would
 * need the code that makes guessing slow, and 256 MiB. And one library seals its chunks. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "oilskin/status.h"

_Noreturn void sodium_misuse(void);
_Noreturn void sodium_misuse(void)
{
    abort();
}

int crypto_pwhash_scryptsalsa208sha256_ll(const uint8_t *passphrase, size_t passphrase_len,
                                          const uint8_t *salt, size_t salt_len, uint64_t work,
                                          uint32_t block, uint32_t parallel, uint8_t *out,
                                          size_t out_len);
int crypto_pwhash_scryptsalsa208sha256_ll(const uint8_t *passphrase, size_t passphrase_len,
                                          const uint8_t *salt, size_t salt_len, uint64_t work,
                                          uint32_t block, uint32_t parallel, uint8_t *out,
                                          size_t out_len)
{
    (void)passphrase;
    (void)passphrase_len;
    (void)salt;
    (void)salt_len;
    (void)work;
    (void)block;
    (void)parallel;
    (void)out;
    (void)out_len;
    return -1;
}

void osk_gcrypt_prepare(void);
void osk_gcrypt_prepare(void)
{
}

OskStatus osk_gcrypt_lock(const uint8_t *key, const uint8_t *nonce, const void *bytes, size_t len,
                          uint8_t *out);
OskStatus osk_gcrypt_lock(const uint8_t *key, const uint8_t *nonce, const void *bytes, size_t len,
                          uint8_t *out)
{
    (void)key;
    (void)nonce;
    (void)bytes;
    (void)len;
    (void)out;
    return OSK_UNSUPPORTED;
}

OskStatus osk_gcrypt_unlock(const uint8_t *key, const uint8_t *nonce, const void *bytes, size_t len,
                            uint8_t *out);
OskStatus osk_gcrypt_unlock(const uint8_t *key, const uint8_t *nonce, const void *bytes, size_t len,
                            uint8_t *out)
{
    (void)key;
    (void)nonce;
    (void)bytes;
    (void)len;
    (void)out;
    return OSK_UNSUPPORTED;
}
