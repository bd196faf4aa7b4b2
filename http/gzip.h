/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that knows the library that compresses pages. */
#ifndef OSK_HTTP_GZIP_H
#define OSK_HTTP_GZIP_H

#include <stddef.h>
#include <stdint.h>

/* Compresses; a small page as hard as it goes, since it happens once.
 * Ownership: the result goes to free(). NULL where it would not be smaller, or without memory; the
 * page is then sent as it is. */
uint8_t *osk_gzip(const uint8_t *bytes, size_t len, size_t *out_len);
/* The same, quickly: for what is packed while somebody waits for it. */
uint8_t *osk_gzip_quick(const uint8_t *bytes, size_t len, size_t *out_len);

#endif
