/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/json.h"
#include "oilskin/seal.h"

#define LIST "bundle.json"

static OskStatus fail(OskFault *fault, OskStatus status, const char *what, const char *next)
{
    *fault = (OskFault){
        .status = status, .part = "file", .what = what, .next = next, .offset = OSK_NO_OFFSET
    };
    return status;
}

/* Files of the folder, but for its list; one is also there by the name of its folder. */
static bool counts(const OskHttpPage *page, const char *prefix)
{
    const size_t len = strlen(prefix);
    const char *name = page->path + len;
    return strncmp(page->path, prefix, len) == 0 && *name != 0 && name[strlen(name) - 1] != '/' &&
           strcmp(name, LIST) != 0;
}

static int by_path(const void *one, const void *other)
{
    const OskHttpPage *const *left = one;
    const OskHttpPage *const *right = other;
    return strcmp((*left)->path, (*right)->path);
}

static bool compute(const OskHttpPages *pages, const char *prefix,
                    char out[OSK_BUNDLE_DIGEST_BYTES])
{
    const OskHttpPage **sorted = calloc(pages->count + 1, sizeof(const OskHttpPage *));
    size_t count = 0;
    OskSha256 hash;
    uint8_t digest[32];
    if (sorted == NULL) {
        return false;
    }
    for (size_t i = 0; i < pages->count; i++) {
        if (counts(&pages->items[i], prefix)) {
            sorted[count++] = &pages->items[i];
        }
    }
    qsort(sorted, count, sizeof(const OskHttpPage *), by_path);
    osk_sha256_begin(&hash);
    for (size_t i = 0; i < count; i++) {
        /* Its tag is the SHA-256 of its bytes, between quotes. */
        osk_sha256_add(&hash, sorted[i]->etag + 1, OSK_BUNDLE_DIGEST_BYTES - 1);
        osk_sha256_add(&hash, "  ", 2);
        osk_sha256_add(&hash, sorted[i]->path + strlen(prefix),
                       strlen(sorted[i]->path + strlen(prefix)));
        osk_sha256_add(&hash, "\n", 1);
    }
    osk_sha256_end(&hash, digest);
    for (size_t i = 0; i < sizeof(digest); i++) {
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
    }
    free(sorted);
    return true;
}

OskStatus osk_bundle_check(const OskHttpPages *pages, const char *prefix, const char *wanted,
                           char out_digest[OSK_BUNDLE_DIGEST_BYTES], OskFault *fault)
{
    char path[256];
    OskJson *list = NULL;
    OskFault own = { .status = OSK_OK };
    out_digest[0] = 0;
    if (!compute(pages, prefix, out_digest)) {
        return fail(fault, OSK_NO_MEMORY, "no memory is left", NULL);
    }
    snprintf(path, sizeof(path), "%s%s", prefix, LIST);
    const OskHttpPage *page = osk_http_pages_find(pages, path);
    if (page == NULL ||
        osk_json_read(&list, (const char *)page->bytes, page->len, &own) != OSK_OK) {
        osk_json_free(&list);
        return fail(fault, OSK_MALFORMED, "these pages have no list of what they are made of",
                    "take the folder desk of a build, whole");
    }
    const char *named = osk_json_text(osk_json_get(list, "digest"));
    bool is_whole = named != NULL && strcmp(named, out_digest) == 0;
    osk_json_free(&list);
    if (!is_whole) {
        return fail(fault, OSK_AUTH, "these pages are not what their list says: something changed",
                    "load nothing of them; take them again from where you trust");
    }
    if (wanted != NULL && strcmp(wanted, out_digest) != 0) {
        return fail(fault, OSK_AUTH, "these pages are another bundle than the one that you named",
                    "load nothing of them before you know why");
    }
    return OSK_OK;
}
