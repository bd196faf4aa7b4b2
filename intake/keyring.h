/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of uploads in flight: in locked memory that no core dump holds, wiped when their scrub job
 * ends, at the latest OSK_KEYRING_MS after the upload was complete. */
#ifndef OSK_INTAKE_KEYRING_H
#define OSK_INTAKE_KEYRING_H

#include "host/locked.h"
#include "oilskin/seal.h"
#include "store/store.h"

#define OSK_KEYRING_MS (10 * 60 * 1000)

typedef struct OskKeyring OskKeyring;
OskKeyring *osk_keyring_open(void);
/* The same with another time than OSK_KEYRING_MS: only tests are in a hurry. */
OskKeyring *osk_keyring_open_for(unsigned expire_ms);
/* The key of one segment; in place of the one that was there. The upload is in use again: its time
 * stops. Errors: NO_MEMORY. */
OskStatus osk_keyring_put(OskKeyring *ring, const OskId *owner, uint32_t number,
                          const uint8_t key[OSK_SEAL_FILE_KEY_BYTES]);
bool osk_keyring_get(OskKeyring *ring, const OskId *owner, uint32_t number,
                     uint8_t out_key[OSK_SEAL_FILE_KEY_BYTES]);
/* The upload is complete, or its sender is gone: its time runs, if it doesn't yet. */
void osk_keyring_expire_from_now(OskKeyring *ring, const OskId *owner);
void osk_keyring_forget(OskKeyring *ring, const OskId *owner);
/* How many keys are held. */
size_t osk_keyring_count(OskKeyring *ring);
void osk_keyring_close(OskKeyring **ring);

#endif
