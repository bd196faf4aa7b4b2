/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ids and secrets as text: two small hexadecimal digits a byte (nettle, in hex.c alone). */
#ifndef OSK_DESK_HEX_H
#define OSK_DESK_HEX_H

#include <stdbool.h>
#include <stddef.h>

#define OSK_HEX_BYTES(len) (2u * (len) + 1u) /* of the text, with its NUL */

void osk_hex_write(const void *bytes, size_t len, char *out);
/* False unless `text` is exactly `len` bytes; NULL is false. */
bool osk_hex_read(const char *text, void *out, size_t len);

#endif
