/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stanzas of a header: each holds the file's key once more, for one kind of key.
 * Source: https://age-encryption.org/v1, "Header" and "Recipient stanza". */
#ifndef OSK_SEAL_STANZA_H
#define OSK_SEAL_STANZA_H

#include "base/cursor.h"
#include "base/writer.h"
#include "oilskin/seal.h"

#define OSK_STANZA_BODY_BYTES 32u /* of the two kinds that we open: a locked file key */
#define OSK_STANZA_SHARE_BYTES 32u
#define OSK_STANZA_SALT_BYTES 16u
#define OSK_SCRYPT_WORK 18u     /* about a second, 256 MiB */
#define OSK_SCRYPT_WORK_MAX 22u /* about 20 s, 4 GiB: what stock age takes at most */

typedef struct OskStanza {
    OskCursor kind;
    OskCursor arguments[2]; /* behind the kind; more are counted, not kept */
    size_t argument_count;
    size_t body_len; /* may be longer than what `body` keeps */
    uint8_t body[OSK_STANZA_BODY_BYTES];
    uint64_t offset;
} OskStanza;

/* What the attempt with one stanza came to. */
typedef enum OskStanzaTry {
    OSK_STANZA_OPENED, /* the file key is found */
    OSK_STANZA_NOT_OURS,
    OSK_STANZA_BROKEN, /* the fault says how */
} OskStanzaTry;

/* True when the stanza's kind is `kind`. */
bool osk_stanza_is(const OskStanza *stanza, const char *kind);

/* Write the stanza that gives `file_key` to one recipient, or to a passphrase. */
OskStatus osk_x25519_wrap(OskWriter *header, const OskRecipient *recipient, const OskRandom *random,
                          const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES], OskFault *fault);
OskStatus osk_scrypt_wrap(OskWriter *header, const OskSealTo *to,
                          const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES], OskFault *fault);

/* Try to open one stanza of that kind. Its shape is checked also where no key is there to try. */
OskStanzaTry osk_x25519_unwrap(const OskStanza *stanza, const OskUnsealWith *with,
                               uint8_t out_file_key[OSK_SEAL_FILE_KEY_BYTES], OskFault *fault);
OskStanzaTry osk_scrypt_unwrap(const OskStanza *stanza, const OskUnsealWith *with,
                               uint8_t out_file_key[OSK_SEAL_FILE_KEY_BYTES], OskFault *fault);

/* Lengths of the stanzas that the two write. */
uint64_t osk_x25519_stanza_len(void);
uint64_t osk_scrypt_stanza_len(const OskSealTo *to);

#endif
