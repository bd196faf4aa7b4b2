/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/policy.h"

#include <string.h>

const OskHttpHeader osk_http_headers[] = {
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "no-referrer" },
    { "Cross-Origin-Opener-Policy", "same-origin" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
    /* No page of ours uses any of it, and nothing that is injected into one may. Sharing files is
     * for our own origin unless it is named. */
    { "Permissions-Policy",
      "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), "
      "fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), "
      "microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), "
      "screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()" },
    { NULL, NULL },
};

/* The service worker of the installed app answers what other apps share, and nothing leaves the
 * device. Where it is missing, the browser sends the files here. */
const OskHttpRefusal osk_http_refusals[] = {
    { "/studio/share", "/studio/share.html", "/studio/" },
    { NULL, NULL, NULL },
};

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

const OskHttpRefusal *osk_http_refusal(const char *path)
{
    for (const OskHttpRefusal *row = osk_http_refusals; row->path != NULL; row++) {
        if (strcmp(path, row->path) == 0) {
            return row;
        }
    }
    return NULL;
}
