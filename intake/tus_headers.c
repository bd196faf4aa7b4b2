/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/tus_headers.h"

#include <string.h>
#include <strings.h>

#define UPLOADS "/uploads/"
#define TOKEN_LEN (OSK_TOKEN_TEXT_BYTES - 1)

bool osk_tus_whole(const char *header, uint64_t *out)
{
    if (header == NULL) {
        return false;
    }
    /* 18 digits stay below 2^63, so that sums of two do not wrap. */
    size_t digits = strspn(header, "0123456789");
    if (digits == 0 || digits > 18 || header[digits] != 0) {
        return false;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < digits; i++) {
        value = value * 10 + (uint64_t)(header[i] - '0');
    }
    *out = value;
    return true;
}

static bool is_token_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

bool osk_tus_token(const char *address, size_t len, char out[OSK_TOKEN_TEXT_BYTES])
{
    const size_t before = sizeof(UPLOADS) - 1;
    if (len < before + TOKEN_LEN) {
        return false;
    }
    const char *token = address + len - TOKEN_LEN;
    /* Two addresses that somebody joined by a comma are not the second one. */
    if (memchr(address, ',', len) != NULL || memcmp(token - before, UPLOADS, before) != 0) {
        return false;
    }
    for (size_t i = 0; i < TOKEN_LEN; i++) {
        if (!is_token_char(token[i])) {
            return false;
        }
    }
    memcpy(out, token, TOKEN_LEN);
    out[TOKEN_LEN] = 0;
    return true;
}

/* ---- base64, RFC 4648 section 4: padded, no bits left over ---- */

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decodes all of `len` letters into at most `max` bytes. */
static bool decode_base64(const char *text, size_t len, uint8_t *out, size_t max, size_t *out_len)
{
    if (len % 4 != 0) {
        return false;
    }
    size_t padding = len > 0 && text[len - 1] == '=' ? 1 + (text[len - 2] == '=') : 0;
    size_t bytes = len / 4 * 3 - padding;
    if (bytes > max) {
        return false;
    }
    size_t done = 0;
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < len - padding; i++) {
        int value = base64_value(text[i]);
        if (value < 0) {
            return false;
        }
        bits = (bits << 6 | (uint32_t)value) & 0xffffu;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[done++] = (uint8_t)(bits >> held);
        }
    }
    *out_len = done;
    return (bits & ((1u << held) - 1)) == 0;
}

/* ---- Upload-Metadata ---- */

/* A decoded value that must be printable ASCII; NUL behind it. */
static bool decode_text(const char *value, size_t len, char *out, size_t size)
{
    size_t got = 0;
    if (!decode_base64(value, len, (uint8_t *)out, size - 1, &got)) {
        return false;
    }
    for (size_t i = 0; i < got; i++) {
        if (out[i] < 0x20 || out[i] > 0x7e) {
            return false;
        }
    }
    out[got] = 0;
    return true;
}

static bool read_receipt(OskTusMetadata *out, const char *value, size_t len)
{
    size_t got = 0;
    /* In any script: what is no receipt is said by who reads the words. */
    if (!decode_base64(value, len, (uint8_t *)out->receipt, OSK_TUS_RECEIPT_MAX, &got)) {
        return false;
    }
    out->receipt[got] = 0;
    return got > 0 && strlen(out->receipt) == got;
}

static bool read_category(OskTusMetadata *out, const char *value, size_t len)
{
    return decode_text(value, len, out->category, sizeof(out->category));
}

static bool read_kind(OskTusMetadata *out, const char *value, size_t len)
{
    char kind[16];
    if (!decode_text(value, len, kind, sizeof(kind))) {
        return false;
    }
    out->is_original = strcmp(kind, "original") == 0;
    return out->is_original || strcmp(kind, "scrub") == 0;
}

static bool read_attach(OskTusMetadata *out, const char *value, size_t len)
{
    char attach[8];
    out->is_attached = true;
    return decode_text(value, len, attach, sizeof(attach)) && strcmp(attach, "yes") == 0;
}

static bool read_sealed(OskTusMetadata *out, const char *value, size_t len)
{
    char sealed[8];
    out->is_sealed = true;
    return decode_text(value, len, sealed, sizeof(sealed)) && strcmp(sealed, "device") == 0;
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_fingerprint(OskTusMetadata *out, const char *value, size_t len)
{
    char hex[2 * sizeof(out->fingerprint) + 1];
    if (!decode_text(value, len, hex, sizeof(hex)) || strlen(hex) != sizeof(hex) - 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof(out->fingerprint); i++) {
        int high = hex_value(hex[2 * i]);
        int low = hex_value(hex[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out->fingerprint[i] = (uint8_t)(high * 16 + low);
    }
    out->has_fingerprint = true;
    return true;
}

typedef struct Key {
    const char *name;
    bool (*read)(OskTusMetadata *out, const char *value, size_t len);
    const char *why;
} Key;

static const Key keys[] = {
    { "receipt", read_receipt, "The receipt in Upload-Metadata is empty or too long" },
    { "category", read_category, "The category in Upload-Metadata is none of this drop's" },
    { "kind", read_kind, "The kind in Upload-Metadata must be scrub or original" },
    { "attach", read_attach, "The attach in Upload-Metadata must be yes, or left out" },
    { "sealed", read_sealed, "The sealed in Upload-Metadata must be device, or left out" },
    { "fingerprint", read_fingerprint,
      "The fingerprint in Upload-Metadata must be a SHA-256 in small hexadecimal letters" },
};
#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

static const char broken[] =
    "Upload-Metadata must be pairs of a key, a space and a base64 value, with commas between them";

/* One pair, "key" or "key value". `seen` has a bit for each key of ours. */
static bool read_pair(OskTusMetadata *out, const char *pair, size_t len, unsigned *seen,
                      const char **out_why)
{
    const char *space = memchr(pair, ' ', len);
    size_t key_len = space == NULL ? len : (size_t)(space - pair);
    const char *value = space == NULL ? pair + len : space + 1;
    size_t value_len = len - (size_t)(value - pair);
    *out_why = broken;
    if (key_len == 0 || memchr(value, ' ', value_len) != NULL) {
        return false;
    }
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (strlen(keys[i].name) == key_len && memcmp(keys[i].name, pair, key_len) == 0) {
            bool is_new = (*seen & 1u << i) == 0;
            *seen |= 1u << i;
            *out_why = keys[i].why;
            return is_new && keys[i].read(out, value, value_len);
        }
    }
    return true;
}

bool osk_tus_metadata(const char *header, OskTusMetadata *out, const char **out_why)
{
    unsigned seen = 0;
    memset(out, 0, sizeof(*out));
    const char *at = header == NULL ? "" : header;
    while (*at != 0) {
        at += strspn(at, " \t");
        size_t len = strcspn(at, ",");
        const char *next = at + len + (at[len] == ',');
        while (len > 0 && (at[len - 1] == ' ' || at[len - 1] == '\t')) {
            len--;
        }
        /* A list may have empty places (RFC 9110, section 5.6.1). */
        if (len > 0 && !read_pair(out, at, len, &seen, out_why)) {
            explicit_bzero(out, sizeof(*out));
            return false;
        }
        at = next;
    }
    return true;
}

/* ---- the others ---- */

bool osk_tus_checksum(const char *header, OskTusChecksum *out)
{
    static const struct {
        const char *name;
        size_t len;
        OskTusAlgorithm algorithm;
    } known[] = { { "sha1 ", 20, OSK_TUS_SHA1 }, { "sha256 ", 32, OSK_TUS_SHA256 } };
    for (size_t i = 0; header != NULL && i < sizeof(known) / sizeof(known[0]); i++) {
        size_t name_len = strlen(known[i].name);
        if (strncmp(header, known[i].name, name_len) == 0) {
            const char *value = header + name_len;
            out->algorithm = known[i].algorithm;
            return decode_base64(value, strlen(value), out->digest, sizeof(out->digest),
                                 &out->len) &&
                   out->len == known[i].len;
        }
    }
    return false;
}

static bool is_named_twice(const OskTusConcat *concat)
{
    const char *last = concat->tokens[concat->count - 1];
    for (size_t i = 0; i + 1 < concat->count; i++) {
        if (strcmp(concat->tokens[i], last) == 0) {
            return true;
        }
    }
    return false;
}

bool osk_tus_concat(const char *header, OskTusConcat *out)
{
    static const char final[] = "final;";
    memset(out, 0, sizeof(*out));
    if (header == NULL) {
        return false;
    }
    if (strcmp(header, "partial") == 0) {
        return true;
    }
    if (strncmp(header, final, sizeof(final) - 1) != 0) {
        return false;
    }
    out->is_final = true;
    const char *at = header + sizeof(final) - 1;
    for (at += strspn(at, " "); *at != 0; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        if (out->count == OSK_TUS_CONCAT_MAX || !osk_tus_token(at, len, out->tokens[out->count])) {
            return false;
        }
        out->count++;
        if (is_named_twice(out)) {
            return false;
        }
        at += len;
    }
    return out->count > 0;
}

bool osk_tus_is_media_type(const char *header, const char *type)
{
    size_t len = strlen(type);
    if (header == NULL || strncasecmp(header, type, len) != 0) {
        return false;
    }
    const char *behind = header + len + strspn(header + len, " \t");
    return *behind == 0 || *behind == ';';
}
