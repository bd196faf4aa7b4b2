/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/digest.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>

bool osk_digest(const uint8_t *bytes, size_t len, uint8_t out[OSK_DIGEST_BYTES])
{
    return gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, len, out) == GNUTLS_E_SUCCESS;
}

struct OskDigester {
    gnutls_hash_hd_t hash;
};

OskDigester *osk_digester_open(OskDigestKind kind)
{
    gnutls_digest_algorithm_t algorithm =
        kind == OSK_DIGEST_SHA1 ? GNUTLS_DIG_SHA1 : GNUTLS_DIG_SHA256;
    OskDigester *digester = malloc(sizeof(*digester));
    if (digester != NULL && gnutls_hash_init(&digester->hash, algorithm) != 0) {
        free(digester);
        digester = NULL;
    }
    return digester;
}

void osk_digester_add(OskDigester *digester, const uint8_t *bytes, size_t len)
{
    gnutls_hash(digester->hash, bytes, len);
}

void osk_digester_end(OskDigester **digester, uint8_t out[OSK_DIGEST_BYTES])
{
    if (*digester != NULL) {
        gnutls_hash_deinit((*digester)->hash, out);
        free(*digester);
        *digester = NULL;
    }
}
