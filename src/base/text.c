/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include <string.h>

static const char ellipsis[] = "\xe2\x80\xa6";

void osk_text_init(OskText *text)
{
    text->bytes[0] = 0;
    text->len = 0;
    text->cut = 0;
}

/* Appends a whole unit (one character or one escape) or marks the text as cut, so that a cut never
 * splits a character. */
static void put(OskText *text, const char *unit, size_t len)
{
    if (text->cut) {
        return;
    }
    if (text->len + len > OSK_FINDING_VALUE_MAX - (sizeof(ellipsis) - 1)) {
        memcpy(text->bytes + text->len, ellipsis, sizeof(ellipsis));
        text->len += sizeof(ellipsis) - 1;
        text->cut = 1;
        return;
    }
    memcpy(text->bytes + text->len, unit, len);
    text->len += len;
    text->bytes[text->len] = 0;
}

void osk_text_str(OskText *text, const char *str)
{
    while (*str != 0 && !text->cut) {
        size_t n = 1;
        while (((unsigned char)str[n] & 0xC0) == 0x80) {
            n++;
        }
        put(text, str, n);
        str += n;
    }
}

void osk_text_padded(OskText *text, uint64_t value, unsigned digits)
{
    char out[20];
    size_t at = sizeof(out);
    do {
        out[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    while (sizeof(out) - at < digits && at > 0) {
        out[--at] = '0';
    }
    put(text, out + at, sizeof(out) - at);
}

void osk_text_u64(OskText *text, uint64_t value)
{
    osk_text_padded(text, value, 1);
}

static uint64_t magnitude(OskText *text, int64_t value)
{
    if (value < 0) {
        put(text, "-", 1);
        return (uint64_t)0 - (uint64_t)value;
    }
    return (uint64_t)value;
}

void osk_text_i64(OskText *text, int64_t value)
{
    osk_text_u64(text, magnitude(text, value));
}

void osk_text_decimal(OskText *text, int64_t value, unsigned decimals)
{
    uint64_t size = magnitude(text, value);
    uint64_t scale = 1;
    for (unsigned i = 0; i < decimals && i < 18; i++) {
        scale *= 10;
    }
    osk_text_u64(text, size / scale);
    if (decimals > 0) {
        put(text, ".", 1);
        osk_text_padded(text, size % scale, decimals);
    }
}

void osk_text_hex(OskText *text, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len && !text->cut; i++) {
        char pair[2] = { digits[bytes[i] >> 4], digits[bytes[i] & 15] };
        put(text, pair, 2);
    }
}

size_t osk_utf8_decode(const uint8_t *p, size_t left, uint32_t *out)
{
    static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t len = p[0] < 0x80   ? 1
                 : p[0] < 0xC0 ? 0
                 : p[0] < 0xE0 ? 2
                 : p[0] < 0xF0 ? 3
                 : p[0] < 0xF8 ? 4
                               : 0;
    if (len == 0 || len > left) {
        return 0;
    }
    uint32_t c = len == 1 ? p[0] : p[0] & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
        c = c << 6 | (p[i] & 0x3Fu);
    }
    if (c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) {
        return 0;
    }
    *out = c;
    return len;
}

static size_t decode(const uint8_t *p, size_t left, OskEncoding encoding, uint32_t *out)
{
    if (encoding == OSK_UTF8) {
        size_t len = osk_utf8_decode(p, left, out);
        if (len > 0) {
            return len;
        }
    }
    if (encoding == OSK_UTF8 || encoding == OSK_LATIN1) {
        *out = p[0];
        return 1;
    }
    if (left < 2) {
        *out = 0xFFFD;
        return left;
    }
    unsigned hi = encoding == OSK_UTF16BE ? 0 : 1;
    uint32_t a = (uint32_t)p[hi] << 8 | p[1 - hi];
    if (a >= 0xD800 && a < 0xDC00 && left >= 4) {
        uint32_t b = (uint32_t)p[2 + hi] << 8 | p[3 - hi];
        if (b >= 0xDC00 && b < 0xE000) {
            *out = 0x10000 + ((a - 0xD800) << 10) + (b - 0xDC00);
            return 4;
        }
    }
    *out = a >= 0xD800 && a < 0xE000 ? 0xFFFD : a;
    return 2;
}

static size_t encode_utf8(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    out[0] = (char)(((0xF00u >> len) & 0xFF) | c);
    return len;
}

int osk_char_is_dangerous(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C || c == 0x180E ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF ||
           (c >= 0xFFF0 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

static void put_escape(OskText *text, uint32_t c)
{
    static const char digits[] = "0123456789abcdef";
    char out[12] = { '\\', 'u', '{' };
    size_t len = 3;
    int shift = 20;
    while (shift > 4 && (c >> shift) == 0) {
        shift -= 4;
    }
    for (; shift >= 0; shift -= 4) {
        out[len++] = digits[(c >> shift) & 15];
    }
    out[len++] = '}';
    put(text, out, len);
}

void osk_text_untrusted(OskText *text, const uint8_t *bytes, size_t len, OskEncoding encoding)
{
    size_t spaces = 0;
    int begun = 0;
    while (len > 0 && !text->cut) {
        uint32_t c = 0;
        size_t n = decode(bytes, len, encoding, &c);
        bytes += n;
        len -= n;
        if (c == 0) {
            return;
        }
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            spaces++;
            continue;
        }
        if (spaces > 0 && begun) {
            put(text, " ", 1);
        }
        spaces = 0;
        begun = 1;
        if (osk_char_is_dangerous(c)) {
            put_escape(text, c);
        } else {
            char unit[4];
            put(text, unit, encode_utf8(c, unit));
        }
    }
}
