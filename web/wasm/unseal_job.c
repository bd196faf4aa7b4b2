/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unseal.wasm: what a reviewer's browser does with a secret key. The key comes behind the record of
 * each job and goes with the instance: a hostile file meets an instance that lives for that file
 * alone. */
#include "frame.h"

#include <stdlib.h>
#include <string.h>

/* A list of keys is short; what is longer is another file, chosen by mistake. */
#define KEY_FILE_BYTES ((size_t)64 << 10)
#define IDENTITIES_MAX 64u
/* 1 GiB: what a browser's tab can give. */
#define WORK_MAX 20u

static struct {
    OskIdentity identities[IDENTITIES_MAX];
    size_t identity_count;
    OskUnsealed *file;
} keys;

bool osk_frame_knows(const OskWasmRequest *ask)
{
    return ask->op == OSK_WASM_UNSEAL || ask->op == OSK_WASM_READ_KEYS ||
           ask->op == OSK_WASM_MAKE_KEY || ask->op == OSK_WASM_REWRAP;
}

/* The public keys of what was read or made. */
void osk_frame_tell(const OskFrame *frame, OskAnswer *answer)
{
    if (frame->ask.op != OSK_WASM_READ_KEYS && frame->ask.op != OSK_WASM_MAKE_KEY) {
        return;
    }
    osk_answer_open(answer, "recipients", '[');
    for (size_t i = 0; i < keys.identity_count; i++) {
        char text[OSK_RECIPIENT_TEXT_BYTES];
        osk_recipient_text(&keys.identities[i].recipient, text);
        osk_answer_text(answer, NULL, text);
    }
    osk_answer_close(answer, ']');
}

static OskStatus no_key_file(OskFrame *frame, const char *what)
{
    return osk_frame_fail(frame, OSK_MALFORMED, "file", what);
}

/* ---- keys as text ---- */

/* A line for each key; empty ones and those that begin with # say nothing. */
static OskStatus take_identities(OskFrame *frame, const char *text, size_t len)
{
    OskFrameLine line;
    for (size_t at = 0; osk_frame_line(text, len, &at, &line);) {
        if (line.len > 0 && line.text[line.len - 1] == '\r') {
            line.len--;
        }
        if (line.len == 0 || line.text[0] == '#') {
            continue;
        }
        if (keys.identity_count == IDENTITIES_MAX) {
            return no_key_file(frame, "holds more keys than are tried, which is 64");
        }
        OskStatus status = osk_identity_parse(&keys.identities[keys.identity_count], line.text,
                                              line.len, &frame->fault);
        if (status != OSK_OK) {
            return status;
        }
        keys.identity_count++;
    }
    return keys.identity_count > 0 ? OSK_OK : no_key_file(frame, "holds no key");
}

/* "AGE-SECRET-KEY-1…" and LF. */
static size_t write_identity(const OskIdentity *identity, char out[OSK_IDENTITY_TEXT_BYTES])
{
    osk_identity_text(identity, out);
    out[OSK_IDENTITY_TEXT_BYTES - 1] = '\n';
    return OSK_IDENTITY_TEXT_BYTES;
}

static OskStatus write_identities(OskFrame *frame)
{
    for (size_t i = 0; i < keys.identity_count; i++) {
        char text[OSK_IDENTITY_TEXT_BYTES];
        size_t len = write_identity(&keys.identities[i], text);
        bool wrote = osk_frame_output.write(NULL, text, len);
        osk_seal_wipe(text, sizeof(text));
        if (!wrote) {
            return osk_frame_fail(frame, OSK_IO, "", "the key can't be kept");
        }
    }
    return OSK_OK;
}

/* ---- a key file ---- */

static bool is_sealed(const uint8_t *bytes, size_t len)
{
    static const char version[] = "age-encryption.org/v1\n";
    return len >= sizeof(version) - 1 && memcmp(bytes, version, sizeof(version) - 1) == 0;
}

/* Takes the keys of a file that is sealed with the passphrase behind the record. */
static OskStatus take_sealed(OskFrame *frame, const uint8_t *bytes, size_t len)
{
    const OskUnsealWith with = { .passphrase = frame->text,
                                 .passphrase_len = frame->ask.regions_len,
                                 .work_max = WORK_MAX };
    OskMemory plain = { .max = KEY_FILE_BYTES };
    if (frame->ask.regions_len == 0) {
        return osk_frame_fail(frame, OSK_MISUSE, "passphrase", "the key file asks for one");
    }
    OskStatus status = osk_unseal_bytes(bytes, len, &with, &plain, &frame->fault);
    if (status == OSK_OK) {
        status = take_identities(frame, (const char *)plain.bytes, plain.len);
        osk_seal_wipe(plain.bytes, plain.len);
        osk_bytes_free(&plain.bytes);
    }
    return status;
}

static OskStatus take_armored(OskFrame *frame, size_t len)
{
    uint8_t *binary = NULL;
    size_t binary_len = 0;
    OskStatus status = osk_armor_decode(frame->piece, len, &binary, &binary_len, &frame->fault);
    if (status == OSK_OK) {
        status = take_sealed(frame, binary, binary_len);
    }
    osk_bytes_free(&binary);
    return status;
}

static OskStatus read_keys(OskFrame *frame)
{
    size_t len = (size_t)frame->ask.input_len;
    OskStatus status = OSK_OK;
    if (frame->ask.input_len > KEY_FILE_BYTES) {
        return no_key_file(frame, "is too long for a key file");
    }
    if (!osk_frame_read(0, frame->piece, len)) {
        return osk_frame_fail(frame, OSK_IO, "file", "the file can't be read");
    }
    if (osk_armor_probe(frame->piece, len)) {
        status = take_armored(frame, len);
    } else if (is_sealed(frame->piece, len)) {
        status = take_sealed(frame, frame->piece, len);
    } else {
        status = take_identities(frame, (const char *)frame->piece, len);
    }
    return status == OSK_OK ? write_identities(frame) : status;
}

/* ---- a new key ---- */

/* The key file as oilskin keygen writes it, sealed with the passphrase behind the record. */
static OskStatus seal_key_file(OskFrame *frame, const OskIdentity *identity)
{
    static const char label[] = "# public key: ";
    const OskSealTo to = { .passphrase = frame->text,
                           .passphrase_len = frame->ask.regions_len,
                           .random = &osk_frame_random };
    char text[sizeof(label) + OSK_RECIPIENT_TEXT_BYTES + OSK_IDENTITY_TEXT_BYTES];
    size_t len = sizeof(label) - 1;
    memcpy(text, label, len);
    osk_recipient_text(&identity->recipient, text + len);
    len += OSK_RECIPIENT_TEXT_BYTES;
    text[len - 1] = '\n';
    len += write_identity(identity, text + len);
    OskMemory sealed = { .max = KEY_FILE_BYTES };
    OskStatus status = osk_seal_bytes(text, len, &to, &sealed, &frame->fault);
    osk_seal_wipe(text, sizeof(text));
    if (status == OSK_OK && !osk_frame_output.write(NULL, sealed.bytes, sealed.len)) {
        status = osk_frame_fail(frame, OSK_IO, "", "the key can't be kept");
    }
    osk_bytes_free(&sealed.bytes);
    return status;
}

static OskStatus make_key(OskFrame *frame)
{
    if (frame->ask.regions_len == 0) {
        return osk_frame_fail(frame, OSK_MISUSE, "passphrase", "a key file needs one");
    }
    OskStatus status = osk_identity_make(&keys.identities[0], &osk_frame_random, &frame->fault);
    if (status == OSK_OK) {
        keys.identity_count = 1;
        status = seal_key_file(frame, &keys.identities[0]);
    }
    return status;
}

/* ---- a sealed file ---- */

static bool read_input(void *context, uint64_t offset, void *out, size_t len)
{
    (void)context;
    return osk_frame_read(offset, out, len);
}

static OskStatus open_file(OskFrame *frame)
{
    const OskSource source = { .read = read_input, .size = frame->ask.input_len };
    OskStatus status = take_identities(frame, frame->text, frame->ask.regions_len);
    if (status == OSK_OK) {
        const OskUnsealWith with = { .identities = keys.identities, .count = keys.identity_count };
        status = osk_unseal_open(&keys.file, &source, &with, &frame->fault);
    }
    return status;
}

static OskStatus unseal_piece(OskFrame *frame)
{
    OskStatus status = keys.file == NULL ? open_file(frame) : OSK_OK;
    if (status != OSK_OK) {
        return status;
    }
    uint64_t left = osk_unsealed_len(keys.file) - frame->at;
    size_t len = left < sizeof(frame->piece) ? (size_t)left : sizeof(frame->piece);
    status = osk_unsealed_read(keys.file, frame->at, frame->piece, len, &frame->fault);
    if (status == OSK_OK && len > 0 && !osk_frame_output.write(NULL, frame->piece, len)) {
        status = osk_frame_fail(frame, OSK_IO, "", "what was opened can't be kept");
    }
    frame->at += len;
    if (status == OSK_OK && frame->at < osk_unsealed_len(keys.file)) {
        return OSK_MORE;
    }
    osk_unsealed_free(&keys.file);
    return status;
}

/* ---- other recipients ---- */

/* Recipients stand behind the keys. Returns where: the length of what is before the first of them.
 */
static size_t keys_len(const OskFrame *frame)
{
    OskFrameLine line;
    size_t before = 0;
    for (size_t at = 0; osk_frame_line(frame->text, frame->ask.regions_len, &at, &line);
         before = at) {
        if (line.len > 0 && line.text[0] == 'a') {
            break;
        }
    }
    return before;
}

static OskStatus write_header(OskFrame *frame, size_t len)
{
    const OskUnsealWith with = { .identities = keys.identities, .count = keys.identity_count };
    const OskSealTo to = { .recipients = frame->recipients,
                           .count = frame->recipient_count,
                           .random = &osk_frame_random,
                           .names_list = true };
    const OskSealRewrap of = { .bytes = frame->piece, .len = len, .with = &with, .to = &to };
    OskMemory header = { .max = OSK_SEAL_HEADER_MAX };
    size_t old_len = 0;
    OskStatus status = osk_seal_rewrap(&of, &header, &old_len, &frame->fault);
    if (status == OSK_OK && !osk_frame_output.write(NULL, header.bytes, header.len)) {
        status = osk_frame_fail(frame, OSK_IO, "", "the header can't be kept");
    }
    osk_bytes_free(&header.bytes);
    return status;
}

static OskStatus rewrap(OskFrame *frame)
{
    size_t before = keys_len(frame);
    uint64_t size = frame->ask.input_len;
    size_t len = size < OSK_SEAL_HEADER_MAX ? (size_t)size : OSK_SEAL_HEADER_MAX;
    OskStatus status = take_identities(frame, frame->text, before);
    OskFrameLine line;
    for (size_t at = before;
         status == OSK_OK && osk_frame_line(frame->text, frame->ask.regions_len, &at, &line);) {
        status = osk_frame_take_recipient(frame, line);
    }
    if (status == OSK_OK && !osk_frame_read(0, frame->piece, len)) {
        status = osk_frame_fail(frame, OSK_IO, "", "the file can't be read");
    }
    return status == OSK_OK ? write_header(frame, len) : status;
}

OskStatus osk_frame_step(OskFrame *frame)
{
    switch (frame->ask.op) {
    case OSK_WASM_READ_KEYS: return read_keys(frame);
    case OSK_WASM_MAKE_KEY: return make_key(frame);
    case OSK_WASM_REWRAP: return rewrap(frame);
    default: return unseal_piece(frame);
    }
}
