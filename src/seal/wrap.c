/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "seal/wrap.h"

#include "seal/base64.h"

#include "base/fault.h"

#include <string.h>

/* age leaves kinds of stanzas that it doesn't know alone: stock programs open what names a list. */
static const char list_kind[] = "oilskin-list";
#define LIST_LETTERS OSK_BASE64_LEN(OSK_SEAL_LIST_BYTES)

/* ---- the list's name ---- */

static void sort_keys(OskRecipient *keys, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        OskRecipient key = keys[i];
        size_t at = i;
        for (; at > 0 && memcmp(&keys[at - 1], &key, sizeof(key)) > 0; at--) {
            keys[at] = keys[at - 1];
        }
        keys[at] = key;
    }
}

void osk_seal_list(const OskRecipient *recipients, size_t count, uint8_t out[OSK_SEAL_LIST_BYTES])
{
    OskRecipient keys[OSK_SEAL_RECIPIENTS_MAX];
    OskSha256 hash;
    uint8_t digest[32];
    count = count < OSK_SEAL_RECIPIENTS_MAX ? count : OSK_SEAL_RECIPIENTS_MAX;
    if (count > 0) {
        memcpy(keys, recipients, count * sizeof(*keys));
    }
    sort_keys(keys, count);
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, list_kind, sizeof(list_kind));
    osk_sha256_add(&hash, keys, count * sizeof(*keys));
    osk_sha256_end(&hash, digest);
    memcpy(out, digest, OSK_SEAL_LIST_BYTES);
}

static void write_list(OskWriter *header, const OskSealTo *to)
{
    uint8_t list[OSK_SEAL_LIST_BYTES];
    char text[LIST_LETTERS];
    osk_seal_list(to->recipients, to->count, list);
    osk_base64_write(list, sizeof(list), text);
    osk_writer_bytes(header, "-> ", 3);
    osk_writer_bytes(header, list_kind, sizeof(list_kind) - 1);
    osk_writer_u8(header, ' ');
    osk_writer_bytes(header, text, sizeof(text));
    osk_writer_bytes(header, "\n\n", 2);
}

static bool read_list(const OskStanza *stanza, uint8_t out[OSK_SEAL_LIST_BYTES])
{
    const OskCursor *text = &stanza->arguments[0];
    size_t len = 0;
    return osk_stanza_is(stanza, list_kind) && stanza->argument_count == 1 &&
           stanza->body_len == 0 &&
           osk_base64_read(osk_cursor_rest(text), osk_cursor_left(text), out, OSK_SEAL_LIST_BYTES,
                           &len) &&
           len == OSK_SEAL_LIST_BYTES;
}

/* ---- writing ---- */

OskStatus osk_wrap_check(const OskSealTo *to, OskFault *fault)
{
    const char *what = NULL;
    if (to->passphrase == NULL && (to->count == 0 || to->recipients == NULL)) {
        what = "there is nobody to seal to";
    } else if (to->count > OSK_SEAL_RECIPIENTS_MAX) {
        what = "there are more recipients than a file takes";
    } else if (to->passphrase != NULL && (to->count > 0 || to->work > 30 || to->names_list)) {
        what = "a passphrase stands alone, with work of at most 30";
    } else if (to->random == NULL) {
        what = "there is no source of randomness";
    }
    return what == NULL ? OSK_OK
                        : osk_fault_set(fault, OSK_MISUSE, "recipient", what, OSK_NO_OFFSET);
}

OskStatus osk_wrap_write(OskWriter *header, const OskSealTo *to,
                         const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES], OskFault *fault)
{
    OskStatus status = OSK_OK;
    osk_writer_bytes(header, OSK_HEADER_VERSION, sizeof(OSK_HEADER_VERSION) - 1);
    if (to->passphrase != NULL) {
        status = osk_scrypt_wrap(header, to, file_key, fault);
    }
    for (size_t i = 0; i < to->count && status == OSK_OK; i++) {
        status = osk_x25519_wrap(header, &to->recipients[i], to->random, file_key, fault);
    }
    if (to->names_list) {
        write_list(header, to);
    }
    osk_header_write_end(header, file_key);
    if (status == OSK_OK && !osk_writer_ok(header)) {
        status = osk_fault_set(fault, OSK_NO_MEMORY, "header", "there isn't enough memory",
                               OSK_NO_OFFSET);
    }
    return status;
}

uint64_t osk_wrap_len(const OskSealTo *to)
{
    uint64_t stanzas =
        to->passphrase != NULL ? osk_scrypt_stanza_len(to) : to->count * osk_x25519_stanza_len();
    uint64_t list = to->names_list ? 3 + sizeof(list_kind) + LIST_LETTERS + 2 : 0;
    return osk_header_frame_len() + stanzas + list;
}

/* ---- reading ---- */

OskStatus osk_wrap_refuse(OskFault *fault)
{
    osk_fault_set(fault, OSK_AUTH, "", "no key that was given opens this file", OSK_NO_OFFSET);
    osk_fault_next(fault, "try another key, or ask for the file again: it may have been changed");
    return OSK_AUTH;
}

/* Else somebody who knows the passphrase could add a recipient that its owner never sees. */
static OskStatus check_alone(const OskHeader *header, const OskStanza *stanza, bool has_scrypt,
                             OskFault *fault)
{
    return has_scrypt && header->stanza_count > 1
               ? osk_fault_set(fault, OSK_MALFORMED, "stanza", "of a passphrase must stand alone",
                               stanza->offset)
               : OSK_OK;
}

static OskStanzaTry try_stanza(const OskStanza *stanza, const OskUnsealWith *with,
                               uint8_t key[OSK_SEAL_FILE_KEY_BYTES], OskFault *fault)
{
    if (osk_stanza_is(stanza, "scrypt")) {
        return osk_scrypt_unwrap(stanza, with, key, fault);
    }
    return osk_stanza_is(stanza, "X25519") ? osk_x25519_unwrap(stanza, with, key, fault)
                                           : OSK_STANZA_NOT_OURS;
}

OskStatus osk_wrap_find(OskHeader *header, const OskUnsealWith *with,
                        uint8_t out_file_key[OSK_SEAL_FILE_KEY_BYTES], bool *out_found,
                        OskFault *fault)
{
    bool has_scrypt = false;
    *out_found = false;
    while (true) {
        OskStanza stanza;
        bool end = false;
        OskStatus status = osk_header_next(header, &stanza, &end, fault);
        if (status != OSK_OK || end) {
            return status;
        }
        has_scrypt = has_scrypt || osk_stanza_is(&stanza, "scrypt");
        status = check_alone(header, &stanza, has_scrypt, fault);
        if (status != OSK_OK) {
            return status;
        }
        uint8_t key[OSK_SEAL_FILE_KEY_BYTES];
        OskStanzaTry result = try_stanza(&stanza, with, key, fault);
        if (result == OSK_STANZA_BROKEN) {
            return fault != NULL && fault->status != OSK_OK ? fault->status : OSK_MALFORMED;
        }
        if (result == OSK_STANZA_OPENED && !*out_found) {
            memcpy(out_file_key, key, sizeof(key));
            *out_found = true;
        }
        osk_seal_wipe(key, sizeof(key));
    }
}

static OskStatus begin(OskHeader *header, const void *bytes, size_t len, OskFault *fault)
{
    bool whole = len <= OSK_SEAL_HEADER_MAX;
    return osk_header_begin(header, bytes, whole ? len : OSK_SEAL_HEADER_MAX, whole, fault);
}

OskStatus osk_seal_header_read(const void *bytes, size_t len, OskSealHeader *out, OskFault *fault)
{
    static const OskUnsealWith nobody = { 0 };
    OskHeader header;
    size_t lists = 0;
    bool has_scrypt = false;
    *out = (OskSealHeader){ .len = 0 };
    OskStatus status = begin(&header, bytes, len, fault);
    while (status == OSK_OK) {
        OskStanza stanza;
        uint8_t no_key[OSK_SEAL_FILE_KEY_BYTES];
        bool end = false;
        status = osk_header_next(&header, &stanza, &end, fault);
        if (status != OSK_OK || end) {
            break;
        }
        has_scrypt = has_scrypt || osk_stanza_is(&stanza, "scrypt");
        status = check_alone(&header, &stanza, has_scrypt, fault);
        if (status == OSK_OK && try_stanza(&stanza, &nobody, no_key, fault) == OSK_STANZA_BROKEN) {
            status = OSK_MALFORMED;
        }
        out->recipient_count += osk_stanza_is(&stanza, "X25519") ? 1 : 0;
        lists += read_list(&stanza, out->list) ? 1 : 0;
    }
    if (status != OSK_OK) {
        *out = (OskSealHeader){ .len = 0 };
        return status;
    }
    out->len = (size_t)osk_header_len(&header);
    out->stanza_count = header.stanza_count;
    /* Two that differ name none. */
    out->names_list = lists == 1;
    if (lists != 1) {
        memset(out->list, 0, sizeof(out->list));
    }
    return OSK_OK;
}

OskStatus osk_seal_rewrap(const OskSealRewrap *of, OskMemory *out, size_t *out_old_len,
                          OskFault *fault)
{
    OskFault unseen = { .status = OSK_OK };
    OskHeader header;
    OskWriter writer;
    uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES];
    bool found = false;
    fault = fault == NULL ? &unseen : fault;
    OskStatus status = osk_wrap_check(of->to, fault);
    if (status == OSK_OK) {
        status = begin(&header, of->bytes, of->len, fault);
    }
    if (status == OSK_OK) {
        status = osk_wrap_find(&header, of->with, file_key, &found, fault);
    }
    if (status == OSK_OK && (!found || !osk_header_is_authentic(&header, file_key))) {
        status = osk_wrap_refuse(fault);
    }
    osk_writer_init(&writer, OSK_SEAL_HEADER_MAX);
    if (status == OSK_OK) {
        status = osk_wrap_write(&writer, of->to, file_key, fault);
    }
    if (status == OSK_OK && out->max != 0 && writer.len > out->max) {
        status = osk_fault_set(fault, OSK_LIMIT, "header", "is longer than there is room for",
                               OSK_NO_OFFSET);
    }
    if (status == OSK_OK) {
        out->bytes = osk_writer_give(&writer, &out->len);
        out->capacity = out->len;
        *out_old_len = (size_t)osk_header_len(&header);
    }
    osk_writer_free(&writer);
    osk_seal_wipe(file_key, sizeof(file_key));
    return status;
}
