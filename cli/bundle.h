/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The digest of a folder of pages, as web/bundle/digest.ts computes it and an auditor does with
 * sha256sum. */
#ifndef OSK_CLI_BUNDLE_H
#define OSK_CLI_BUNDLE_H

#include "http/pages.h"

#define OSK_BUNDLE_DIGEST_BYTES 65u /* hexadecimal digits, and a NUL */

/* Whether pages that were loaded, and not what lies on the disk by now, are the bundle `wanted`: of
 * its own list (bundle.json) where that is NULL.
 * @param prefix that they were loaded with.
 * Errors: AUTH for another bundle, MALFORMED without a list, NO_MEMORY. `out_digest` is always of
 * what was loaded. */
OskStatus osk_bundle_check(const OskHttpPages *pages, const char *prefix, const char *wanted,
                           char out_digest[OSK_BUNDLE_DIGEST_BYTES], OskFault *fault);

#endif
