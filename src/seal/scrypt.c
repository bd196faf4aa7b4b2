/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stanza for a passphrase: `-> scrypt SALT WORK`, alone in its header.
 * Source: https://age-encryption.org/v1, "The scrypt recipient type". */
#include "seal/base64.h"
#include "seal/header.h"
#include "seal/sodium.h"
#include "seal/stanza.h"

#include "base/fault.h"

#include <string.h>

static const char label[] = "age-encryption.org/v1/scrypt";
static const uint8_t no_nonce[12] = { 0 };

static unsigned work_of(const OskSealTo *to)
{
    return to->work == 0 ? OSK_SCRYPT_WORK : to->work;
}

/* The key that locks the file key. False when the memory isn't there. */
static bool derive(uint8_t out[32], const OskSealTo *to, const uint8_t salt[OSK_STANZA_SALT_BYTES])
{
    uint8_t labelled[sizeof(label) - 1 + OSK_STANZA_SALT_BYTES];
    memcpy(labelled, label, sizeof(label) - 1);
    memcpy(labelled + sizeof(label) - 1, salt, OSK_STANZA_SALT_BYTES);
    return osk_scrypt(to, labelled, sizeof(labelled), work_of(to), out);
}

/* 1 to 30 in decimal; returns how many digits. */
static size_t write_work(unsigned work, char out[2])
{
    size_t at = 0;
    if (work >= 10) {
        out[at++] = (char)('0' + work / 10);
    }
    out[at++] = (char)('0' + work % 10);
    return at;
}

OskStatus osk_scrypt_wrap(OskWriter *header, const OskSealTo *to,
                          const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES], OskFault *fault)
{
    uint8_t salt[OSK_STANZA_SALT_BYTES];
    uint8_t key[32];
    uint8_t body[OSK_STANZA_BODY_BYTES];
    if (!to->random->fill(to->random->context, salt, sizeof(salt))) {
        return osk_fault_set(fault, OSK_IO, "header", "there is no randomness", OSK_NO_OFFSET);
    }
    if (!derive(key, to, salt)) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "passphrase",
                             "there isn't enough memory to lock with this passphrase",
                             OSK_NO_OFFSET);
    }
    osk_aead_lock(key, no_nonce, file_key, OSK_SEAL_FILE_KEY_BYTES, body);
    osk_seal_wipe(key, sizeof(key));
    char text[OSK_BASE64_LEN(OSK_STANZA_SALT_BYTES)];
    char digits[2];
    osk_writer_bytes(header, "-> scrypt ", 10);
    osk_base64_write(salt, sizeof(salt), text);
    osk_writer_bytes(header, text, sizeof(text));
    osk_writer_u8(header, ' ');
    osk_writer_bytes(header, digits, write_work(work_of(to), digits));
    osk_writer_u8(header, '\n');
    osk_header_write_body(header, body, sizeof(body));
    return OSK_OK;
}

/* Decimal digits without a leading zero; 0 for anything else, also for what is above 99. */
static unsigned read_work(const OskCursor *text)
{
    const uint8_t *digits = osk_cursor_rest(text);
    unsigned value = 0;
    if (osk_cursor_left(text) == 0 || digits[0] == '0') {
        return 0;
    }
    for (size_t i = 0; i < osk_cursor_left(text); i++) {
        if (digits[i] < '0' || digits[i] > '9') {
            return 0;
        }
        value = value > 99 ? value : value * 10 + (unsigned)(digits[i] - '0');
    }
    return value;
}

/* The work, and the salt in `salt`, when the stanza has the one shape that this kind has; else 0.
 */
static unsigned read_shape(const OskStanza *stanza, uint8_t salt[OSK_STANZA_SALT_BYTES],
                           OskFault *fault)
{
    const OskCursor *text = &stanza->arguments[0];
    size_t len = 0;
    unsigned work = 0;
    const char *what = NULL;
    if (stanza->argument_count != 2) {
        what = "a scrypt stanza has two arguments";
    } else if (!osk_base64_read(osk_cursor_rest(text), osk_cursor_left(text), salt,
                                OSK_STANZA_SALT_BYTES, &len) ||
               len != OSK_STANZA_SALT_BYTES) {
        what = "the salt of a scrypt stanza is 16 bytes in canonical base64";
    } else if ((work = read_work(&stanza->arguments[1])) == 0) {
        what = "the work of a scrypt stanza is a decimal number without leading zeros";
    } else if (stanza->body_len != OSK_STANZA_BODY_BYTES) {
        what = "the body of a scrypt stanza is 32 bytes";
    }
    if (what != NULL) {
        osk_fault_set(fault, OSK_MALFORMED, "stanza", what, stanza->offset);
        return 0;
    }
    return work;
}

OskStanzaTry osk_scrypt_unwrap(const OskStanza *stanza, const OskUnsealWith *with,
                               uint8_t out_file_key[OSK_SEAL_FILE_KEY_BYTES], OskFault *fault)
{
    uint8_t salt[OSK_STANZA_SALT_BYTES];
    uint8_t key[32];
    unsigned work = read_shape(stanza, salt, fault);
    if (work == 0) {
        return OSK_STANZA_BROKEN;
    }
    if (with->passphrase == NULL) {
        return OSK_STANZA_NOT_OURS;
    }
    /* The header isn't authenticated yet: without a ceiling a file could ask for any memory. */
    if (work > (with->work_max == 0 ? OSK_SCRYPT_WORK_MAX : with->work_max) || work > 30) {
        osk_fault_set(fault, OSK_LIMIT, "stanza", "asks for more scrypt work than is allowed",
                      stanza->offset);
        return OSK_STANZA_BROKEN;
    }
    OskSealTo to = { .passphrase = with->passphrase,
                     .passphrase_len = with->passphrase_len,
                     .work = work };
    if (!derive(key, &to, salt)) {
        osk_fault_set(fault, OSK_NO_MEMORY, "passphrase",
                      "there isn't enough memory to open with this passphrase", OSK_NO_OFFSET);
        return OSK_STANZA_BROKEN;
    }
    bool opened = osk_aead_unlock(key, no_nonce, stanza->body, sizeof(stanza->body), out_file_key);
    osk_seal_wipe(key, sizeof(key));
    return opened ? OSK_STANZA_OPENED : OSK_STANZA_NOT_OURS;
}

uint64_t osk_scrypt_stanza_len(const OskSealTo *to)
{
    return 10 + OSK_BASE64_LEN(OSK_STANZA_SALT_BYTES) + 1 + (work_of(to) >= 10 ? 2u : 1u) + 1 +
           OSK_BASE64_LEN(OSK_STANZA_BODY_BYTES) + 1;
}
