/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publish/kept.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/gzip.h"
#include "http/range.h"
#include "http/request.h"
#include "oilskin/seal.h"

/* A page that is asked for again is packed: who asks for each page there is makes nobody pack. */
#define PACKED_FROM 2u

typedef struct Page {
    atomic_uint held;
    OskKeptPlace place;
    uint64_t used; /* these four under the lock; what `packed` is does not change any more */
    unsigned asked;
    uint8_t *packed; /* NULL: not yet, or not smaller */
    size_t packed_len;
    char etag[24]; /* without its quotes */
    size_t len;
    uint8_t bytes[];
} Page;

struct OskKept {
    pthread_mutex_t lock; /* of what follows */
    Page *pages[OSK_KEPT_PAGES];
    size_t count;
    size_t bytes;
    uint64_t turn;
};

static void let_go(Page *page)
{
    if (page != NULL && atomic_fetch_sub(&page->held, 1) == 1) {
        free(page->packed);
        free(page);
    }
}

OskKept *osk_kept_open(void)
{
    OskKept *kept = calloc(1, sizeof(*kept));
    if (kept != NULL) {
        pthread_mutex_init(&kept->lock, NULL);
    }
    return kept;
}

static void drop(OskKept *kept, size_t at)
{
    kept->bytes -= kept->pages[at]->len;
    let_go(kept->pages[at]);
    kept->pages[at] = kept->pages[--kept->count];
}

void osk_kept_close(OskKept **kept)
{
    OskKept *closing = *kept;
    if (closing == NULL) {
        return;
    }
    while (closing->count > 0) {
        drop(closing, 0);
    }
    pthread_mutex_destroy(&closing->lock);
    free(closing);
    *kept = NULL;
}

/* ---- finding ---- */

static bool is_of(const Page *page, const OskKeptPlace *place)
{
    return page->place.version == place->version && strcmp(page->place.key, place->key) == 0;
}

/* Held; let go of it. @param packs whether the browser takes a packed one; is the page to be packed
 * now, by who got it? */
static Page *find(OskKept *kept, const OskKeptPlace *place, bool *packs)
{
    Page *found = NULL;
    bool takes = *packs;
    *packs = false;
    pthread_mutex_lock(&kept->lock);
    for (size_t i = 0; i < kept->count && found == NULL; i++) {
        found = is_of(kept->pages[i], place) ? kept->pages[i] : NULL;
    }
    if (found != NULL) {
        atomic_fetch_add(&found->held, 1);
        found->used = ++kept->turn;
        found->asked += found->asked < PACKED_FROM ? 1 : 0;
        /* Once: whoever comes meanwhile gets it as it is. */
        *packs = takes && found->asked == PACKED_FROM && found->packed_len == 0;
        found->packed_len = *packs ? SIZE_MAX : found->packed_len;
    }
    pthread_mutex_unlock(&kept->lock);
    return found;
}

static void pack(OskKept *kept, Page *page)
{
    size_t len = 0;
    uint8_t *packed = osk_gzip_quick(page->bytes, page->len, &len);
    pthread_mutex_lock(&kept->lock);
    page->packed = packed;
    page->packed_len = packed != NULL ? len : SIZE_MAX;
    pthread_mutex_unlock(&kept->lock);
}

static const uint8_t *packed_of(OskKept *kept, const Page *page, size_t *out_len)
{
    pthread_mutex_lock(&kept->lock);
    const uint8_t *packed = page->packed;
    *out_len = page->packed_len;
    pthread_mutex_unlock(&kept->lock);
    return packed;
}

/* ---- answering ---- */

bool osk_kept_answer(OskKept *kept, OskRequest *request, const OskKeptPlace *place,
                     const char *media_type)
{
    bool takes = osk_http_takes_gzip(osk_request_header(request, "Accept-Encoding"));
    bool packs = takes;
    Page *page = place->key[0] != 0 ? find(kept, place, &packs) : NULL;
    if (page == NULL) {
        return false;
    }
    const uint8_t *packed = NULL;
    size_t len = page->len;
    if (takes) {
        if (packs) {
            pack(kept, page);
        }
        packed = packed_of(kept, page, &len);
        len = packed != NULL ? len : page->len;
    }
    char etag[32];
    snprintf(etag, sizeof(etag), "\"%s%s\"", page->etag, packed != NULL ? "-gz" : "");
    const OskRangeAsked asked = { .if_none_match = osk_request_header(request, "If-None-Match") };
    bool is_there = osk_range_choose(&asked, len, etag).status == 304;
    osk_request_add_header(request, "ETag", etag);
    if (packed != NULL && !is_there) {
        osk_request_add_header(request, "Content-Encoding", "gzip");
    }
    osk_request_answer(request, &(OskAnswer){ .status = is_there ? 304 : 200,
                                              .media_type = is_there ? NULL : media_type,
                                              .bytes = packed != NULL ? packed : page->bytes,
                                              .len = len });
    let_go(page);
    return true;
}

/* ---- keeping ---- */

/* The one that nobody has asked for longest. */
static size_t oldest_of(const OskKept *kept)
{
    size_t oldest = 0;
    for (size_t i = 1; i < kept->count; i++) {
        oldest = kept->pages[i]->used < kept->pages[oldest]->used ? i : oldest;
    }
    return oldest;
}

static void put(OskKept *kept, Page *page)
{
    for (size_t i = kept->count; i > 0; i--) {
        if (is_of(kept->pages[i - 1], &page->place)) {
            drop(kept, i - 1);
        }
    }
    while (kept->count == OSK_KEPT_PAGES ||
           (kept->count > 0 && kept->bytes + page->len > OSK_KEPT_BYTES)) {
        drop(kept, oldest_of(kept));
    }
    page->used = ++kept->turn;
    kept->pages[kept->count++] = page;
    kept->bytes += page->len;
}

void osk_kept_add(OskKept *kept, const OskKeptPlace *place, const char *bytes, size_t len)
{
    Page *page =
        place->key[0] != 0 && len <= OSK_KEPT_BYTES / 4 ? calloc(1, sizeof(*page) + len) : NULL;
    if (page == NULL) {
        return;
    }
    uint8_t digest[32];
    OskSha256 hash;
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, bytes, len);
    osk_sha256_end(&hash, digest);
    for (size_t i = 0; i < 10; i++) {
        snprintf(page->etag + 2 * i, 3, "%02x", digest[i]);
    }
    atomic_init(&page->held, 1);
    page->place = *place;
    page->len = len;
    memcpy(page->bytes, bytes, len);
    pthread_mutex_lock(&kept->lock);
    put(kept, page);
    pthread_mutex_unlock(&kept->lock);
}
