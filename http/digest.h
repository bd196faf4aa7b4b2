/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256 and SHA-1, which libmicrohttpd's own library brings. */
#ifndef OSK_HTTP_DIGEST_H
#define OSK_HTTP_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OSK_DIGEST_BYTES 32

/* False where the library can't do it: without memory, or forbidden by the machine's policy. */
bool osk_digest(const uint8_t *bytes, size_t len, uint8_t out[OSK_DIGEST_BYTES]);

/* Piece by piece. SHA-1 is for checksums of protocols that ask for it: it finds accidents, not
 * attacks. */
typedef struct OskDigester OskDigester;
typedef enum OskDigestKind { OSK_DIGEST_SHA1, OSK_DIGEST_SHA256 } OskDigestKind;
/* NULL where the library can't do it. */
OskDigester *osk_digester_open(OskDigestKind kind);
void osk_digester_add(OskDigester *digester, const uint8_t *bytes, size_t len);
/* Writes 20 or 32 bytes and frees. Accepts NULL and nulls. @param out NULL to free alone. */
void osk_digester_end(OskDigester **digester, uint8_t out[OSK_DIGEST_BYTES]);

#endif
