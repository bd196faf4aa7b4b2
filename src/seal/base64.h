/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one canonical base64 of age: the standard alphabet, no padding, unused bits zero.
 * Source: RFC 4648, sections 3.2, 3.5 and 4. */
#ifndef OSK_SEAL_BASE64_H
#define OSK_SEAL_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Letters for `len` bytes. */
#define OSK_BASE64_LEN(len) (((len)*4 + 2) / 3)

/* Writes OSK_BASE64_LEN(len) letters, no NUL. */
void osk_base64_write(const uint8_t *bytes, size_t len, char *out);

/* Reads exactly `len` letters into at most `size` bytes. False for anything but the canonical
 * letters of *out_len bytes, and when they do not fit. */
bool osk_base64_read(const uint8_t *text, size_t len, uint8_t *out, size_t size, size_t *out_len);

#endif
