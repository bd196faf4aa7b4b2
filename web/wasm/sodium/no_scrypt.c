/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seal.wasm seals to keys only: a passphrase would need the code that makes guessing slow, and 256
 * MiB. */
#include <stddef.h>
#include <stdint.h>

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
