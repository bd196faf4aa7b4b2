/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of the crypto libraries the page does without: one of them seals and opens its chunks. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "oilskin/status.h"

_Noreturn void sodium_misuse(void);
_Noreturn void sodium_misuse(void)
{
    abort();
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
