/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "seal/header.h"

#include "seal/base64.h"

#include "base/fault.h"

#include <string.h>

#define LINE_LETTERS 64u
#define LINE_BYTES 48u
#define MAC_LETTERS OSK_BASE64_LEN(32u)

static void make_mac(const uint8_t *bytes, size_t len, const uint8_t *file_key, uint8_t out[32])
{
    uint8_t key[32];
    const OskHkdf of = { .key = file_key, .key_len = OSK_SEAL_FILE_KEY_BYTES, .info = "header" };
    osk_seal_hkdf(&of, key, sizeof(key));
    osk_seal_hmac(key, sizeof(key), bytes, len, out);
    osk_seal_wipe(key, sizeof(key));
}

void osk_header_write_body(OskWriter *header, const uint8_t *body, size_t len)
{
    char text[LINE_LETTERS];
    osk_base64_write(body, len, text);
    osk_writer_bytes(header, text, OSK_BASE64_LEN(len));
    osk_writer_u8(header, '\n');
}

void osk_header_write_end(OskWriter *header, const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES])
{
    uint8_t mac[32];
    char text[MAC_LETTERS];
    osk_writer_bytes(header, "---", 3);
    if (!osk_writer_ok(header)) {
        return;
    }
    make_mac(header->bytes, header->len, file_key, mac);
    osk_base64_write(mac, sizeof(mac), text);
    osk_writer_u8(header, ' ');
    osk_writer_bytes(header, text, sizeof(text));
    osk_writer_u8(header, '\n');
}

uint64_t osk_header_frame_len(void)
{
    return sizeof(OSK_HEADER_VERSION) - 1 + 4 + MAC_LETTERS + 1;
}

static OskStatus malformed(OskFault *fault, const char *part, const char *what, uint64_t offset)
{
    return osk_fault_set(fault, OSK_MALFORMED, part, what, offset);
}

/* The next line, without its LF. */
static OskStatus take_line(OskHeader *header, OskCursor *out, OskFault *fault)
{
    OskCursor *rest = &header->rest;
    size_t left = osk_cursor_left(rest);
    const uint8_t *end = left == 0 ? NULL : memchr(osk_cursor_rest(rest), '\n', left);
    if (end == NULL) {
        uint64_t at = osk_cursor_offset(rest) + left;
        return header->whole ? osk_fault_set(fault, OSK_TRUNCATED, "header", "ends early", at)
                             : osk_fault_set(fault, OSK_LIMIT, "header", "is too long", at);
    }
    *out = osk_cursor_take(rest, (uint64_t)(end - osk_cursor_rest(rest)));
    osk_cursor_skip(rest, 1);
    return OSK_OK;
}

OskStatus osk_header_begin(OskHeader *header, const uint8_t *bytes, size_t len, bool whole,
                           OskFault *fault)
{
    static const char version[] = OSK_HEADER_VERSION;
    size_t version_len = sizeof(version) - 1;
    *header = (OskHeader){ .rest = osk_cursor_make(bytes, len, 0), .bytes = bytes, .whole = whole };
    size_t common = len < version_len ? len : version_len;
    if (!osk_cursor_starts(&header->rest, version, common)) {
        malformed(fault, "header", "is not that of a sealed file", 0);
        osk_fault_next(fault, "give a file that age or oilskin seal has made");
        return OSK_MALFORMED;
    }
    if (common < version_len) {
        return osk_fault_set(fault, OSK_TRUNCATED, "header", "ends early", len);
    }
    osk_cursor_skip(&header->rest, version_len);
    return OSK_OK;
}

/* Splits a line behind "-> " into visible words with one space between. */
static bool read_arguments(OskCursor line, OskStanza *stanza)
{
    size_t words = 0;
    OskCursor word = line;
    size_t len = 0;
    while (true) {
        const uint8_t *at = osk_cursor_rest(&line);
        bool end = !osk_cursor_more(&line);
        if (!end && *at > 32 && *at < 127) {
            len++;
            osk_cursor_skip(&line, 1);
            continue;
        }
        if (len == 0 || (!end && *at != ' ')) {
            return false;
        }
        OskCursor taken = osk_cursor_take(&word, len);
        if (words == 0) {
            stanza->kind = taken;
        } else if (words <= 2) {
            stanza->arguments[words - 1] = taken;
        }
        words++;
        if (end) {
            stanza->argument_count = words - 1;
            return true;
        }
        osk_cursor_skip(&line, 1);
        word = line;
        len = 0;
    }
}

/* Lines of 64 letters and one shorter; what fits is kept. */
static OskStatus read_body(OskHeader *header, OskStanza *stanza, OskFault *fault)
{
    while (true) {
        OskCursor line;
        OskStatus status = take_line(header, &line, fault);
        if (status != OSK_OK) {
            return status;
        }
        uint8_t bytes[LINE_BYTES];
        size_t letters = osk_cursor_left(&line);
        size_t len = 0;
        if (!osk_base64_read(osk_cursor_rest(&line), letters, bytes, sizeof(bytes), &len)) {
            return malformed(fault, "stanza", "has a body that is not canonical base64",
                             osk_cursor_offset(&line));
        }
        if (stanza->body_len < sizeof(stanza->body)) {
            size_t room = sizeof(stanza->body) - stanza->body_len;
            memcpy(stanza->body + stanza->body_len, bytes, len < room ? len : room);
        }
        stanza->body_len += len;
        if (letters < LINE_LETTERS) {
            return OSK_OK;
        }
    }
}

/* The line of the MAC, behind "---". */
static OskStatus read_end(OskHeader *header, OskCursor line, OskFault *fault)
{
    size_t len = 0;
    header->maced_len = (size_t)osk_cursor_offset(&line) + 3;
    osk_cursor_skip(&line, 3);
    uint64_t at = osk_cursor_offset(&line);
    if (osk_cursor_left(&line) != 1 + MAC_LETTERS || osk_cursor_u8(&line) != ' ' ||
        !osk_base64_read(osk_cursor_rest(&line), MAC_LETTERS, header->mac, sizeof(header->mac),
                         &len)) {
        return malformed(fault, "header", "has a MAC that is not 32 bytes in canonical base64", at);
    }
    return header->stanza_count > 0
               ? OSK_OK
               : malformed(fault, "header", "names nobody who can open it", at);
}

OskStatus osk_header_next(OskHeader *header, OskStanza *out, bool *out_end, OskFault *fault)
{
    OskCursor line;
    OskStatus status = take_line(header, &line, fault);
    if (status != OSK_OK) {
        return status;
    }
    *out_end = osk_cursor_starts(&line, "---", 3);
    if (*out_end) {
        return read_end(header, line, fault);
    }
    *out = (OskStanza){ .offset = osk_cursor_offset(&line) };
    if (!osk_cursor_starts(&line, "-> ", 3)) {
        return malformed(fault, "stanza", "does not begin with an arrow", out->offset);
    }
    osk_cursor_skip(&line, 3);
    if (!read_arguments(line, out)) {
        return malformed(fault, "stanza", "has arguments that are empty or not visible ASCII",
                         out->offset);
    }
    header->stanza_count++;
    return read_body(header, out, fault);
}

bool osk_header_is_authentic(const OskHeader *header,
                             const uint8_t file_key[OSK_SEAL_FILE_KEY_BYTES])
{
    uint8_t mac[32];
    make_mac(header->bytes, header->maced_len, file_key, mac);
    return osk_seal_equal(mac, header->mac, sizeof(mac));
}

uint64_t osk_header_len(const OskHeader *header)
{
    return osk_cursor_offset(&header->rest);
}

bool osk_stanza_is(const OskStanza *stanza, const char *kind)
{
    size_t len = strlen(kind);
    return osk_cursor_left(&stanza->kind) == len && osk_cursor_starts(&stanza->kind, kind, len);
}
