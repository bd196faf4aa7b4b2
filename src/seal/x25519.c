/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stanza for a public key: `-> X25519 SHARE`, and the file key locked under what SHARE and the
 * recipient's secret agree on.
 * Source: https://age-encryption.org/v1, "The X25519 recipient type". */
#include "seal/base64.h"
#include "seal/header.h"
#include "seal/sodium.h"
#include "seal/stanza.h"

#include "base/fault.h"

#include <string.h>

static const char label[] = "age-encryption.org/v1/X25519";
/* Each key locks one file key once, so the nonce need not differ. */
static const uint8_t no_nonce[12] = { 0 };

/* The key that locks the file key. */
static void derive(uint8_t out[32], const uint8_t shared[32], const uint8_t share[32],
                   const OskRecipient *recipient)
{
    uint8_t salt[64];
    memcpy(salt, share, 32);
    memcpy(salt + 32, recipient->key, 32);
    const OskHkdf of = {
        .key = shared, .key_len = 32, .salt = salt, .salt_len = sizeof(salt), .info = label
    };
    osk_seal_hkdf(&of, out, 32);
}

OskStatus osk_x25519_wrap(OskWriter *header, const OskRecipient *recipient, const OskRandom *random,
                          const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES], OskFault *fault)
{
    uint8_t secret[32];
    uint8_t share[32];
    uint8_t shared[32];
    uint8_t key[32];
    uint8_t body[OSK_STANZA_BODY_BYTES];
    OskStatus status = OSK_OK;
    if (!random->fill(random->context, secret, sizeof(secret))) {
        return osk_fault_set(fault, OSK_IO, "header", "there is no randomness", OSK_NO_OFFSET);
    }
    osk_x25519_public(share, secret);
    if (osk_x25519_shared(shared, secret, recipient->key)) {
        derive(key, shared, share, recipient);
        osk_aead_lock(key, no_nonce, file_key, OSK_SEAL_FILE_KEY_BYTES, body);
        char text[OSK_BASE64_LEN(32)];
        osk_writer_bytes(header, "-> X25519 ", 10);
        osk_base64_write(share, sizeof(share), text);
        osk_writer_bytes(header, text, sizeof(text));
        osk_writer_u8(header, '\n');
        osk_header_write_body(header, body, sizeof(body));
    } else {
        status = osk_fault_set(fault, OSK_MISUSE, "recipient", "is a key that hides nothing",
                               OSK_NO_OFFSET);
    }
    osk_seal_wipe(secret, sizeof(secret));
    osk_seal_wipe(shared, sizeof(shared));
    osk_seal_wipe(key, sizeof(key));
    return status;
}

/* The share, when the stanza has the one shape that this kind has. */
static bool read_share(const OskStanza *stanza, uint8_t share[32], OskFault *fault)
{
    const OskCursor *text = &stanza->arguments[0];
    size_t len = 0;
    const char *what = NULL;
    if (stanza->argument_count != 1) {
        what = "an X25519 stanza has one argument";
    } else if (!osk_base64_read(osk_cursor_rest(text), osk_cursor_left(text), share, 32, &len) ||
               len != 32) {
        what = "the share of an X25519 stanza is 32 bytes in canonical base64";
    } else if (stanza->body_len != OSK_STANZA_BODY_BYTES) {
        what = "the body of an X25519 stanza is 32 bytes";
    }
    if (what != NULL) {
        osk_fault_set(fault, OSK_MALFORMED, "stanza", what, stanza->offset);
    }
    return what == NULL;
}

OskStanzaTry osk_x25519_unwrap(const OskStanza *stanza, const OskUnsealWith *with,
                               uint8_t out_file_key[OSK_SEAL_FILE_KEY_BYTES], OskFault *fault)
{
    uint8_t share[32];
    uint8_t shared[32];
    uint8_t key[32];
    OskStanzaTry result = OSK_STANZA_NOT_OURS;
    if (!read_share(stanza, share, fault)) {
        return OSK_STANZA_BROKEN;
    }
    for (size_t i = 0; i < with->count && result == OSK_STANZA_NOT_OURS; i++) {
        const OskIdentity *identity = &with->identities[i];
        if (!osk_x25519_shared(shared, identity->secret, share)) {
            osk_fault_set(fault, OSK_MALFORMED, "stanza",
                          "the share of an X25519 stanza hides nothing", stanza->offset);
            result = OSK_STANZA_BROKEN;
            break;
        }
        derive(key, shared, share, &identity->recipient);
        if (osk_aead_unlock(key, no_nonce, stanza->body, sizeof(stanza->body), out_file_key)) {
            result = OSK_STANZA_OPENED;
        }
    }
    osk_seal_wipe(shared, sizeof(shared));
    osk_seal_wipe(key, sizeof(key));
    return result;
}

uint64_t osk_x25519_stanza_len(void)
{
    return 10 + OSK_BASE64_LEN(32u) + 1 + OSK_BASE64_LEN(OSK_STANZA_BODY_BYTES) + 1;
}
