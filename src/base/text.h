/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values for people: short text without printf (which would drag files and locales into the core),
 * and the one place where bytes of a file become something that may be printed. */
#ifndef OSK_BASE_TEXT_H
#define OSK_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "oilskin/report.h"

/* A value under construction: always terminated, cut (with an ellipsis) when it gets too long. */
typedef struct OskText {
    char bytes[OSK_FINDING_VALUE_MAX + 1];
    size_t len;
    int cut;
} OskText;

typedef enum OskEncoding {
    OSK_UTF8, /* what is not valid UTF-8 is read as Latin-1, byte by byte */
    OSK_LATIN1,
    OSK_UTF16BE,
    OSK_UTF16LE
} OskEncoding;

void osk_text_init(OskText *text);
/* Appends a static or already clean string. */
void osk_text_str(OskText *text, const char *str);
void osk_text_u64(OskText *text, uint64_t value);
void osk_text_i64(OskText *text, int64_t value);
/* At least `digits` digits, zero padded: dates and clock times. */
void osk_text_padded(OskText *text, uint64_t value, unsigned digits);
/* value / 10^decimals, exactly: (-1234567, 5) gives "-12.34567". */
void osk_text_decimal(OskText *text, int64_t value, unsigned decimals);
void osk_text_hex(OskText *text, const uint8_t *bytes, size_t len);
/* Appends text from a file: stops at a NUL, trims, and writes control, bidirectional, zero-width
 * and terminal characters as \u{..}. Never gives invalid UTF-8. */
void osk_text_untrusted(OskText *text, const uint8_t *bytes, size_t len, OskEncoding encoding);

/* Decodes one UTF-8 sequence of at most `left` (>= 1) bytes (RFC 3629); returns its length, or 0
 * when it is not valid. */
size_t osk_utf8_decode(const uint8_t *bytes, size_t left, uint32_t *out);
/* True for characters that could steer a terminal, reorder a line or hide in it. */
int osk_char_is_dangerous(uint32_t c);

#endif
