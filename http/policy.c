/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/policy.h"

#include <stdbool.h>
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

/* The drop and the pages of receipts: a form that sends to us, and a script that scrubs on the
 * device first, with the same core as the studio. Without a script they work as well. */
#define DROP                                                                                       \
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "                \
    "connect-src 'self'; img-src 'self' blob:; media-src blob:; style-src 'self'; "                \
    "base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; "                    \
    "trusted-types oilskin; frame-ancestors 'none'"

/* The desk shows what strangers sent: nothing is fetched from elsewhere, no form is sent, pictures
 * and sound are blobs that its worker has opened, or copies for the public, which the server has
 * verified. */
#define DESK                                                                                       \
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "                \
    "connect-src 'self'; img-src 'self' blob:; media-src 'self' blob:; style-src 'self'; "         \
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "                    \
    "trusted-types oilskin; frame-ancestors 'none'"

/* Albums: pages without a script, and nothing from elsewhere. The same of what they show, opened
 * alone. */
#define ALBUMS                                                                                     \
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; base-uri 'none'; "    \
    "form-action 'self'; frame-ancestors 'none'"
#define ALBUM_FILES                                                                                \
    "default-src 'none'; img-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; "  \
    "frame-ancestors 'none'"

/* A link before it is opened: a form, and nothing that could be shown. What it leads to is for who
 * pressed the button: a page of an origin that nothing of ours trusts with a script, and its files
 * alike. Its own pictures, its form and its files to save are what it may do. */
#define LINKS                                                                                      \
    "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'self'; "  \
    "frame-ancestors 'none'"
#define LINKS_OPENED                                                                               \
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; base-uri 'none'; "    \
    "form-action 'self'; frame-ancestors 'none'; sandbox allow-downloads allow-forms "             \
    "allow-same-origin"

/* A row holds for exactly its address, or for all that begins with it where it ends in a slash and
 * is more than one; the longest one counts. web/policy.ts says the same of the studio for hosts
 * without these headers. */
static const struct {
    const char *address;
    const char *policy;
} rows[] = {
    { "/studio/",
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
      "connect-src 'self'; img-src 'self' blob:; media-src blob:; style-src 'self'; "
      "manifest-src 'self'; base-uri 'none'; form-action 'none'; "
      "require-trusted-types-for 'script'; trusted-types oilskin; frame-ancestors 'none'" },
    { "/", DROP },
    { "/submit", DROP },
    { "/r", DROP },
    /* What the drop's pages are made of: its workers take the policy from here. */
    { "/drop/", DROP },
    { "/desk/", DESK },
    /* The page of a sealed link: its script opens what is sealed, and shows blobs that its core has
     * found clean. Its button, and the form of a report, send to us. */
    { "/s/x/", DROP },
    { "/sealed/", DROP },
    { "/a/", ALBUMS },
    { "/a/f/", ALBUM_FILES },
    { "/s/", LINKS },
    { "/s/g/", LINKS_OPENED },
};

static bool is_for(const char *address, size_t len, const char *path)
{
    return strcmp(address, path) == 0 ||
           (len > 1 && address[len - 1] == '/' && strncmp(path, address, len) == 0);
}

const char *osk_http_policy(const char *path)
{
    /* Uploads and the API are no pages: what is shown of them may do nothing. */
    const char *best = "default-src 'none'; base-uri 'none'; form-action 'none'; "
                       "frame-ancestors 'none'";
    size_t best_len = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t len = strlen(rows[i].address);
        if (len > best_len && is_for(rows[i].address, len, path)) {
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
