/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one adapter of libgcrypt. */
#include "seal/gcrypt.h"

#include <gcrypt.h>
#include <stdlib.h>

/* Below this the work is less than what the library asks for to begin. */
#define WORTH_BYTES 1024u

void osk_gcrypt_prepare(void)
{
    if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P) == 0 && gcry_check_version(NULL) != NULL) {
        /* Its memory for secrets is a pool of 16 KiB behind a lock; what a chunk needs lives for
         * microseconds and is wiped by the library, as the stack of the other one is. */
        gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
        gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    }
}

/* NULL when the library is not prepared, has no memory, or may not use this cipher. */
static gcry_cipher_hd_t open_cipher(const uint8_t key[32], const uint8_t nonce[12])
{
    gcry_cipher_hd_t cipher = NULL;
    if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P) == 0 ||
        gcry_cipher_open(&cipher, GCRY_CIPHER_CHACHA20, GCRY_CIPHER_MODE_POLY1305, 0) != 0) {
        return NULL;
    }
    if (gcry_cipher_setkey(cipher, key, 32) != 0 || gcry_cipher_setiv(cipher, nonce, 12) != 0) {
        gcry_cipher_close(cipher);
        return NULL;
    }
    return cipher;
}

OskStatus osk_gcrypt_lock(const uint8_t key[32], const uint8_t nonce[12], const void *bytes,
                          size_t len, uint8_t *out)
{
    gcry_cipher_hd_t cipher = len >= WORTH_BYTES ? open_cipher(key, nonce) : NULL;
    if (cipher == NULL) {
        return OSK_UNSUPPORTED;
    }
    /* It takes no input where it works in place. */
    gcry_error_t failed = out == bytes ? gcry_cipher_encrypt(cipher, out, len, NULL, 0)
                                       : gcry_cipher_encrypt(cipher, out, len, bytes, len);
    if (failed == 0 && gcry_cipher_gettag(cipher, out + len, OSK_SEAL_TAG_BYTES) != 0) {
        /* A cipher that has sealed knows its tag; in place there is no way back. */
        abort();
    }
    gcry_cipher_close(cipher);
    return failed == 0 ? OSK_OK : OSK_UNSUPPORTED;
}

OskStatus osk_gcrypt_unlock(const uint8_t key[32], const uint8_t nonce[12], const void *bytes,
                            size_t len, uint8_t *out)
{
    gcry_cipher_hd_t cipher = len >= WORTH_BYTES ? open_cipher(key, nonce) : NULL;
    if (cipher == NULL) {
        return OSK_UNSUPPORTED;
    }
    size_t plain_len = len - OSK_SEAL_TAG_BYTES;
    const uint8_t *tag = (const uint8_t *)bytes + plain_len;
    gcry_error_t failed = out == bytes
                              ? gcry_cipher_decrypt(cipher, out, plain_len, NULL, 0)
                              : gcry_cipher_decrypt(cipher, out, plain_len, bytes, plain_len);
    OskStatus status = OSK_UNSUPPORTED;
    if (failed == 0) {
        status = gcry_cipher_checktag(cipher, tag, OSK_SEAL_TAG_BYTES) == 0 ? OSK_OK : OSK_AUTH;
    }
    gcry_cipher_close(cipher);
    if (status == OSK_AUTH) {
        /* It opens before it knows whose bytes these are. */
        osk_seal_wipe(out, plain_len);
    }
    return status;
}
