/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same cipher as in sodium.h, for whole chunks, from a library that uses the processor's widest
 * registers: more than twice as fast (docs/sealing.md has the measurements). The page has no such
 * library, and a machine may forbid it the cipher; sodium.c does the work then. */
#ifndef OSK_SEAL_GCRYPT_H
#define OSK_SEAL_GCRYPT_H

#include "oilskin/seal.h"

/* Once in a process, before threads and sandboxes: it looks at the processor. */
void osk_gcrypt_prepare(void);
/* As osk_aead_lock(). Errors: UNSUPPORTED: nothing was done. */
OskStatus osk_gcrypt_lock(const uint8_t key[32], const uint8_t nonce[12], const void *bytes,
                          size_t len, uint8_t *out);
/* As osk_aead_unlock(). Errors: AUTH; UNSUPPORTED: nothing was done. */
OskStatus osk_gcrypt_unlock(const uint8_t key[32], const uint8_t nonce[12], const void *bytes,
                            size_t len, uint8_t *out);

#endif
