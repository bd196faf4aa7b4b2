/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/digest.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

bool osk_digest(const uint8_t *bytes, size_t len, uint8_t out[OSK_DIGEST_BYTES])
{
    return gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, len, out) == GNUTLS_E_SUCCESS;
}
