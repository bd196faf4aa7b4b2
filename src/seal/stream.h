/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The payload: chunks of 64 KiB, each sealed under a nonce that holds its number and whether it is
 * the last one, so that chunks can't be moved, repeated or cut off unseen. Source:
 * https://age-encryption.org/v1, "Payload". */
#ifndef OSK_SEAL_STREAM_H
#define OSK_SEAL_STREAM_H

#include "oilskin/seal.h"

#define OSK_STREAM_NONCE_BYTES 16u /* random, in front of the chunks */
#define OSK_STREAM_SEALED_CHUNK ((uint64_t)OSK_SEAL_CHUNK_BYTES + OSK_SEAL_TAG_BYTES)

/* The payload's key of the file's key and the random bytes in front of the chunks. */
void osk_stream_key(uint8_t out[32], const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES],
                    const uint8_t nonce[OSK_STREAM_NONCE_BYTES]);
/* The nonce of chunk `number`. */
void osk_stream_nonce(uint8_t out[12], uint64_t number, bool last);

#endif
