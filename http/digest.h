/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256, which libmicrohttpd's own library brings. */
#ifndef OSK_HTTP_DIGEST_H
#define OSK_HTTP_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OSK_DIGEST_BYTES 32

/* False where the library can't do it: without memory, or forbidden by the machine's policy. */
bool osk_digest(const uint8_t *bytes, size_t len, uint8_t out[OSK_DIGEST_BYTES]);

#endif
