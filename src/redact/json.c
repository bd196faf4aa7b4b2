/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/json.h"

#include "base/fault.h"
#include "redact/decimal.h"

OskJsonReader osk_json_reader_make(const void *bytes, size_t len, OskFault *fault)
{
    return (OskJsonReader){ .in = osk_cursor_make(bytes, len, 0), .part = "", .fault = fault };
}

bool osk_json_reader_fail(OskJsonReader *json, OskStatus status, const char *what, uint64_t offset)
{
    if (json->status == OSK_OK) {
        json->status = osk_fault_set(json->fault, status, json->part, what, offset);
    }
    osk_cursor_fail(&json->in);
    return false;
}

static bool fail_here(OskJsonReader *json, const char *what)
{
    bool ended = !osk_cursor_more(&json->in);
    return osk_json_reader_fail(json, OSK_MALFORMED, ended ? "the text ends early" : what,
                                osk_cursor_offset(&json->in));
}

/* The next byte, without moving; 0 at the end, where no byte of JSON is 0. */
static uint8_t next_byte(const OskJsonReader *json)
{
    uint8_t byte = 0;
    (void)osk_cursor_peek(&json->in, &byte, 1);
    return byte;
}

static void skip_space(OskJsonReader *json)
{
    for (uint8_t byte = next_byte(json);
         byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r'; byte = next_byte(json)) {
        osk_cursor_skip(&json->in, 1);
    }
}

uint64_t osk_json_reader_offset(OskJsonReader *json)
{
    skip_space(json);
    return osk_cursor_offset(&json->in);
}

/* White space, then this byte. */
static bool take_byte(OskJsonReader *json, char byte, const char *what)
{
    skip_space(json);
    if (next_byte(json) != (uint8_t)byte) {
        return fail_here(json, what);
    }
    osk_cursor_skip(&json->in, 1);
    return true;
}

bool osk_json_reader_enter(OskJsonReader *json, char open)
{
    return take_byte(json, open, open == '{' ? "not an object { }" : "not a list [ ]");
}

bool osk_json_reader_more(OskJsonReader *json, char close, bool *first)
{
    skip_space(json);
    if (next_byte(json) == (uint8_t)close) {
        osk_cursor_skip(&json->in, 1);
        return false;
    }
    if (*first) {
        *first = false;
        return json->status == OSK_OK &&
               (osk_cursor_more(&json->in) || fail_here(json, "the text ends early"));
    }
    return take_byte(json, ',', "no comma before the next value");
}

/* ---- strings ---- */

static void add_char(OskJsonWord *word, size_t *len, uint8_t byte)
{
    if (*len + 1 < sizeof word->text && byte != 0) {
        word->text[(*len)++] = (char)byte;
        word->text[*len] = 0;
    } else {
        word->whole = false;
    }
}

/* Four hexadecimal digits; false for anything else. */
static bool read_unit(OskJsonReader *json, uint32_t *out)
{
    *out = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint8_t byte = next_byte(json);
        uint8_t lower = byte | 0x20;
        uint32_t digit = 16;
        if (byte >= '0' && byte <= '9') {
            digit = byte - (uint32_t)'0';
        } else if (lower >= 'a' && lower <= 'f') {
            digit = lower - (uint32_t)'a' + 10;
        }
        if (digit > 15) {
            return fail_here(json, "not an escape of JSON");
        }
        *out = *out << 4 | digit;
        osk_cursor_skip(&json->in, 1);
    }
    return true;
}

static bool read_escape(OskJsonReader *json, OskJsonWord *word, size_t *len)
{
    static const char names[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    uint8_t byte = next_byte(json);
    if (byte == 'u') {
        osk_cursor_skip(&json->in, 1);
        uint32_t unit = 0;
        if (!read_unit(json, &unit)) {
            return false;
        }
        if ((unit & 0xF800) == 0xD800) {
            /* RFC 8259 allows half a pair and no known word has a pair. */
            return fail_here(json, "an escape that no key or value has");
        }
        add_char(word, len, unit < 0x80 ? (uint8_t)unit : 0);
        return true;
    }
    for (size_t i = 0; i + 1 < sizeof names; i++) {
        if (byte == (uint8_t)names[i]) {
            osk_cursor_skip(&json->in, 1);
            add_char(word, len, (uint8_t)meant[i]);
            return true;
        }
    }
    return fail_here(json, "not an escape of JSON");
}

/* One character of more than one byte, as RFC 3629 section 4 writes them. */
static bool read_utf8(OskJsonReader *json)
{
    uint8_t lead = next_byte(json);
    size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (lead < 0xC2 || lead > 0xF4) {
        return fail_here(json, "not UTF-8");
    }
    osk_cursor_skip(&json->in, 1);
    for (size_t i = 0; i < more; i++) {
        uint8_t byte = next_byte(json);
        if (byte < low || byte > high) {
            return fail_here(json, "not UTF-8");
        }
        osk_cursor_skip(&json->in, 1);
        low = 0x80;
        high = 0xBF;
    }
    return true;
}

bool osk_json_reader_word(OskJsonReader *json, OskJsonWord *word)
{
    *word = (OskJsonWord){ .whole = true, .offset = osk_json_reader_offset(json) };
    if (!take_byte(json, '"', "not a string in double quotes")) {
        return false;
    }
    size_t len = 0;
    for (uint8_t byte = next_byte(json); byte != '"'; byte = next_byte(json)) {
        if (byte < 0x20) {
            return fail_here(json, "a control character in a string");
        }
        if (byte >= 0x80) {
            add_char(word, &len, 0);
            if (!read_utf8(json)) {
                return false;
            }
            continue;
        }
        osk_cursor_skip(&json->in, 1);
        if (byte != '\\') {
            add_char(word, &len, byte);
        } else if (!read_escape(json, word, &len)) {
            return false;
        }
    }
    osk_cursor_skip(&json->in, 1);
    return true;
}

bool osk_json_reader_name(OskJsonReader *json, OskJsonWord *name)
{
    return osk_json_reader_word(json, name) && take_byte(json, ':', "no colon behind a key");
}

bool osk_json_reader_is(const OskJsonWord *word, const char *text)
{
    return word->whole && strcmp(word->text, text) == 0;
}

/* ---- numbers and literals ---- */

bool osk_json_reader_number(OskJsonReader *json, double *number)
{
    uint64_t offset = osk_json_reader_offset(json);
    if (json->status != OSK_OK || !osk_cursor_more(&json->in)) {
        return fail_here(json, "not a number");
    }
    switch (osk_decimal_read(&json->in, number)) {
    case OSK_DECIMAL_OK: return true;
    case OSK_DECIMAL_HUGE:
        return osk_json_reader_fail(json, OSK_MALFORMED, "no coordinate of any picture", offset);
    default: return osk_json_reader_fail(json, OSK_MALFORMED, "not a number", offset);
    }
}

bool osk_json_reader_whole(OskJsonReader *json, uint32_t *number)
{
    uint64_t offset = osk_json_reader_offset(json);
    double value = 0;
    if (!osk_json_reader_number(json, &value)) {
        return false;
    }
    if (value < 0 || value > (double)UINT32_MAX || (double)(uint32_t)value != value) {
        return osk_json_reader_fail(json, OSK_MALFORMED, "not a whole number from 0", offset);
    }
    *number = (uint32_t)value;
    return true;
}

bool osk_json_reader_bool(OskJsonReader *json, bool *value)
{
    skip_space(json);
    *value = osk_cursor_starts(&json->in, "true", 4);
    if (!*value && !osk_cursor_starts(&json->in, "false", 5)) {
        return fail_here(json, "neither true nor false");
    }
    osk_cursor_skip(&json->in, *value ? 4 : 5);
    return true;
}

bool osk_json_reader_end(OskJsonReader *json)
{
    skip_space(json);
    if (json->status == OSK_OK && osk_cursor_more(&json->in)) {
        return fail_here(json, "text behind the end");
    }
    return json->status == OSK_OK;
}
