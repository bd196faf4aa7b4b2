/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/pages.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/folder.h"
#include "host/input.h"
#include "http/digest.h"
#include "http/gzip.h"
#include "http/limits.h"

#define INDEX "index.html"

const OskHttpType osk_http_types[] = {
    { ".html", "text/html; charset=utf-8", false },
    { ".js", "text/javascript; charset=utf-8", false },
    { ".css", "text/css; charset=utf-8", false },
    { ".json", "application/json", false },
    { ".webmanifest", "application/manifest+json", false },
    { ".wasm", "application/wasm", false },
    { ".svg", "image/svg+xml", false },
    { ".txt", "text/plain; charset=utf-8", false },
    { ".png", "image/png", true },
    { ".jpg", "image/jpeg", true },
    { NULL, "application/octet-stream", false },
};

static const OskHttpType *type_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    if (*path != 0 && path[strlen(path) - 1] == '/') {
        dot = strchr(INDEX, '.');
    }
    const OskHttpType *type = osk_http_types;
    while (type->ending != NULL && (dot == NULL || strcmp(dot, type->ending) != 0)) {
        type++;
    }
    return type;
}

const char *osk_http_media_type(const char *path)
{
    return type_of(path)->media_type;
}

bool osk_http_is_hashed(const char *path)
{
    const char *dot = strrchr(path, '.');
    const char *dash = strrchr(path, '-');
    return strstr(path, "/assets/") != NULL && dot != NULL && dash != NULL && dash < dot &&
           dot - dash == 9 && strspn(dash + 1, "0123456789abcdef") == 8;
}

/* Of all bytes, so that a page that changed is never taken for the one that a browser keeps. */
static bool make_etag(OskHttpPage *page, const uint8_t *bytes)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[OSK_DIGEST_BYTES];
    _Static_assert(sizeof(page->etag) == 2 * sizeof(digest) + sizeof("\"\""), "the tag fits");
    if (!osk_digest(bytes, page->len, digest)) {
        return false;
    }
    char *at = page->etag;
    *at++ = '"';
    for (size_t i = 0; i < sizeof(digest); i++) {
        *at++ = digits[digest[i] >> 4];
        *at++ = digits[digest[i] & 15];
    }
    *at++ = '"';
    *at = 0;
    return true;
}

static bool grow(OskHttpPages *pages)
{
    if (pages->count < pages->capacity) {
        return true;
    }
    size_t capacity = pages->capacity > 0 ? pages->capacity * 2 : 32;
    OskHttpPage *items = realloc(pages->items, capacity * sizeof(*items));
    if (items == NULL) {
        return false;
    }
    pages->items = items;
    pages->capacity = capacity;
    return true;
}

static const OskHttpPage *find_same(const OskHttpPages *like, const OskHttpPage *page)
{
    for (size_t i = 0; like != NULL && i < like->count; i++) {
        if (like->items[i].len == page->len && strcmp(like->items[i].etag, page->etag) == 0) {
            return &like->items[i];
        }
    }
    return NULL;
}

/* @param same already in memory; NULL for none. */
static bool take_bytes(OskHttpPage *page, const uint8_t *bytes, const OskHttpPage *same,
                       bool is_packed)
{
    if (same != NULL) {
        page->is_lent = true;
        page->bytes = same->bytes;
        page->gzip = same->gzip;
        page->gzip_len = same->gzip_len;
        return true;
    }
    page->bytes = malloc(page->len > 0 ? page->len : 1);
    if (page->bytes == NULL) {
        return false;
    }
    if (page->len > 0) {
        memcpy(page->bytes, bytes, page->len);
    }
    if (!is_packed) {
        page->gzip = osk_gzip(page->bytes, page->len, &page->gzip_len);
    }
    return true;
}

OskStatus osk_http_pages_add(OskHttpPages *pages, const char *path, const uint8_t *bytes,
                             size_t len, OskFault *fault)
{
    if (pages->count >= OSK_HTTP_PAGES_COUNT || pages->bytes + len > OSK_HTTP_PAGES_BYTES) {
        return osk_fault_set(fault, OSK_LIMIT, "", "the folder holds more than pages of ours do",
                             OSK_NO_OFFSET);
    }
    const OskHttpType *type = type_of(path);
    OskHttpPage page = { .path = strdup(path), .len = len, .media_type = type->media_type };
    page.is_immutable = osk_http_is_hashed(path);
    if (!make_etag(&page, bytes)) {
        free(page.path);
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "a page's digest can't be made",
                             OSK_NO_OFFSET);
    }
    const OskHttpPage *same = find_same(pages->like, &page);
    if (page.path == NULL || !grow(pages) || !take_bytes(&page, bytes, same, type->is_packed)) {
        free(page.path);
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    pages->items[pages->count++] = page;
    pages->bytes += len;
    return OSK_OK;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const OskHttpPage *)a)->path, ((const OskHttpPage *)b)->path);
}

void osk_http_pages_sort(OskHttpPages *pages)
{
    if (pages->count > 0) {
        qsort(pages->items, pages->count, sizeof(*pages->items), by_path);
    }
}

const OskHttpPage *osk_http_pages_find(const OskHttpPages *pages, const char *path)
{
    size_t low = 0;
    size_t high = pages->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(path, pages->items[middle].path);
        if (order == 0) {
            return &pages->items[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

void osk_http_pages_free(OskHttpPages *pages)
{
    for (size_t i = 0; i < pages->count; i++) {
        free(pages->items[i].path);
        if (!pages->items[i].is_lent) {
            free(pages->items[i].bytes);
            free(pages->items[i].gzip);
        }
    }
    free(pages->items);
    *pages = (OskHttpPages){ 0 };
}

/* ---- from a folder ---- */

typedef struct Loading {
    OskHttpPages *pages;
    const char *prefix;
    size_t folder_len;
    OskStatus status;
    OskFault *fault;
} Loading;

static OskStatus read_whole(const char *path, uint8_t *bytes, size_t len, OskFault *fault)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool is_whole = fd >= 0 && osk_read_at(fd, 0, bytes, len);
    if (fd >= 0) {
        close(fd);
    }
    return is_whole ? OSK_OK
                    : osk_fault_set(fault, OSK_IO, "", "a page could not be read", OSK_NO_OFFSET);
}

static OskStatus add_with_index(Loading *loading, char *name, const uint8_t *bytes, size_t len)
{
    OskStatus status = osk_http_pages_add(loading->pages, name, bytes, len, loading->fault);
    size_t name_len = strlen(name);
    size_t index_len = strlen(INDEX);
    if (status == OSK_OK && name_len > index_len &&
        strcmp(name + name_len - index_len - 1, "/" INDEX) == 0) {
        name[name_len - index_len] = 0;
        status = osk_http_pages_add(loading->pages, name, bytes, len, loading->fault);
    }
    return status;
}

static bool load_file(void *context, const char *path, const struct stat *info)
{
    Loading *loading = context;
    if (loading->status != OSK_OK) {
        return true;
    }
    if ((uint64_t)info->st_size > OSK_HTTP_PAGES_BYTES) {
        loading->status =
            osk_fault_set(loading->fault, OSK_LIMIT, "", "a page is too large", OSK_NO_OFFSET);
        return true;
    }
    const char *below = path + loading->folder_len;
    below += strspn(below, "/");
    size_t size = strlen(loading->prefix) + strlen(below) + 1;
    size_t len = (size_t)info->st_size;
    char *name = malloc(size);
    uint8_t *bytes = malloc(len > 0 ? len : 1);
    if (name == NULL || bytes == NULL) {
        free(name);
        free(bytes);
        return false;
    }
    snprintf(name, size, "%s%s", loading->prefix, below);
    loading->status = read_whole(path, bytes, len, loading->fault);
    if (loading->status == OSK_OK) {
        loading->status = add_with_index(loading, name, bytes, len);
    }
    free(name);
    free(bytes);
    return true;
}

OskStatus osk_http_pages_load(OskHttpPages *pages, const char *folder, const char *prefix,
                              OskFault *fault)
{
    Loading loading = { .pages = pages,
                        .prefix = prefix,
                        .folder_len = strlen(folder),
                        .status = OSK_OK,
                        .fault = fault };
    OskStatus status = osk_folder_walk(folder, NULL, load_file, &loading, fault);
    if (status == OSK_OK) {
        status = loading.status;
    }
    osk_http_pages_sort(pages);
    if (status == OSK_OK && osk_http_pages_find(pages, prefix) == NULL) {
        status = osk_fault_set(fault, OSK_UNSUPPORTED, "", "the folder holds no index.html",
                               OSK_NO_OFFSET);
    }
    return status;
}
