/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/policy.h"

#include <stddef.h>
#include <string.h>

/* A row holds for every address that begins with it; the longest one counts. web/policy.ts says the
 * same of the studio for hosts without these headers. */
static const struct {
    const char *prefix;
    const char *policy;
} rows[] = {
    { "/studio/",
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
      "connect-src 'self'; img-src 'self' blob:; media-src blob:; style-src 'self'; "
      "manifest-src 'self'; base-uri 'none'; form-action 'none'; "
      "require-trusted-types-for 'script'; trusted-types oilskin; frame-ancestors 'none'" },
};

const char *osk_http_policy(const char *path)
{
    const char *best = "default-src 'none'; base-uri 'none'; form-action 'none'; "
                       "frame-ancestors 'none'";
    size_t best_len = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t len = strlen(rows[i].prefix);
        if (len > best_len && strncmp(path, rows[i].prefix, len) == 0) {
            best = rows[i].policy;
            best_len = len;
        }
    }
    return best;
}
