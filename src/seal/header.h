/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header of an age file: a version, stanzas, and a MAC under the key that they hold.
 * Source: https://age-encryption.org/v1, "Header". */
#ifndef OSK_SEAL_HEADER_H
#define OSK_SEAL_HEADER_H

#include "seal/stanza.h"

#define OSK_HEADER_VERSION "age-encryption.org/v1\n"

/* Writes a stanza's body: base64 in lines of 64 letters, the last one shorter. @param len below 48.
 */
void osk_header_write_body(OskWriter *header, const uint8_t *body, size_t len);
/* Writes "---" and the MAC over all that `header` holds up to there. */
void osk_header_write_end(OskWriter *header, const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES]);
/* Bytes of the version line and the line of the MAC. */
uint64_t osk_header_frame_len(void);

/* A header that is being read. `bytes` is lent until the end. */
typedef struct OskHeader {
    OskCursor rest;
    const uint8_t *bytes;
    bool whole; /* `bytes` is all that the file has */
    size_t maced_len;
    size_t stanza_count;
    uint8_t mac[32];
} OskHeader;

/* @param whole false when the file goes on behind `len` bytes: a header that does not end in them
 * is LIMIT then, else TRUNCATED. */
OskStatus osk_header_begin(OskHeader *header, const uint8_t *bytes, size_t len, bool whole,
                           OskFault *fault);
/* The next stanza. OK and *out_end at the line of the MAC, behind at least one stanza. */
OskStatus osk_header_next(OskHeader *header, OskStanza *out, bool *out_end, OskFault *fault);
/* After the end: whether the MAC is right. */
bool osk_header_is_authentic(const OskHeader *header,
                             const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES]);
/* After the end: the header's length. */
uint64_t osk_header_len(const OskHeader *header);

#endif
