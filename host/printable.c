/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/printable.h"

#include <string.h>

#include "base/text.h"

/* Reads one character; a byte that is not UTF-8 is given as itself with `out_valid` false. */
static size_t next_char(const char *text, size_t left, uint32_t *out, bool *out_valid)
{
    size_t len = osk_utf8_decode((const uint8_t *)text, left, out);
    *out_valid = len > 0;
    if (len == 0) {
        *out = (uint8_t)text[0];
        return 1;
    }
    return len;
}

void osk_printable_text(FILE *out, const char *name)
{
    size_t left = strlen(name);
    while (left > 0) {
        uint32_t c = 0;
        bool valid = false;
        size_t len = next_char(name, left, &c, &valid);
        if (!valid) {
            fprintf(out, "\\x{%02x}", (unsigned)c);
        } else if (osk_char_is_dangerous(c)) {
            fprintf(out, "\\u{%x}", (unsigned)c);
        } else {
            fwrite(name, 1, len, out);
        }
        name += len;
        left -= len;
    }
}

static void print_json_escape(FILE *out, uint32_t c)
{
    if (c >= 0x10000) {
        c -= 0x10000;
        fprintf(out, "\\u%04x\\u%04x", (unsigned)(0xD800 + (c >> 10)),
                (unsigned)(0xDC00 + (c & 0x3FF)));
    } else {
        fprintf(out, "\\u%04x", (unsigned)c);
    }
}

void osk_printable_json(FILE *out, const char *text)
{
    size_t left = strlen(text);
    fputc('"', out);
    while (left > 0) {
        uint32_t c = 0;
        bool valid = false;
        size_t len = next_char(text, left, &c, &valid);
        if (!valid) {
            fprintf(out, "\\\\x{%02x}", (unsigned)c);
        } else if (c == '"' || c == '\\') {
            fprintf(out, "\\%c", (int)c);
        } else if (osk_char_is_dangerous(c)) {
            print_json_escape(out, c);
        } else {
            fwrite(text, 1, len, out);
        }
        text += len;
        left -= len;
    }
    fputc('"', out);
}

void osk_printable_json_value(FILE *out, const char *json)
{
    size_t left = strlen(json);
    while (left > 0) {
        uint32_t c = 0;
        bool valid = false;
        size_t len = next_char(json, left, &c, &valid);
        /* White space is of the value; in texts it is an escape already. */
        if (valid && c >= 0x7f && osk_char_is_dangerous(c)) {
            print_json_escape(out, c);
        } else {
            fwrite(json, 1, len, out);
        }
        json += len;
        left -= len;
    }
}

void osk_printable_field(FILE *out, const char *text)
{
    for (; *text != 0; text++) {
        switch (*text) {
        case '\t': fputs("\\t", out); break;
        case '\n': fputs("\\n", out); break;
        case '\r': fputs("\\r", out); break;
        case '\\': fputs("\\\\", out); break;
        default: fputc(*text, out);
        }
    }
}

bool osk_printable_is_plain(const char *name)
{
    size_t left = strlen(name);
    while (left > 0) {
        uint32_t c = 0;
        bool valid = false;
        size_t len = next_char(name, left, &c, &valid);
        if (!valid || osk_char_is_dangerous(c)) {
            return false;
        }
        name += len;
        left -= len;
    }
    return true;
}
