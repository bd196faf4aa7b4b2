/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pages: a folder read into memory once, and looked up by exact address. The disk is never
 * touched at request time, so that no address can leave the folder. */
#ifndef OSK_HTTP_PAGES_H
#define OSK_HTTP_PAGES_H

#include "oilskin/status.h"

/* A whole SHA-256 in hexadecimal digits, quotes, and what ends it. */
#define OSK_HTTP_ETAG_SIZE (2 * 32 + 2 + 1)

typedef struct OskHttpPage {
    char *path;             /* "/studio/assets/index-89ba1fe7.js" */
    const char *media_type; /* static */
    uint8_t *bytes;
    size_t len;
    uint8_t *gzip; /* NULL where it would not be smaller */
    size_t gzip_len;
    char etag[OSK_HTTP_ETAG_SIZE]; /* of `bytes`, with its quotes */
    bool is_immutable;
    bool is_lent; /* `bytes` and `gzip` are another folder's */
} OskHttpPage;

/* Sorted by path. */
typedef struct OskHttpPages {
    OskHttpPage *items;
    size_t count;
    size_t capacity;
    uint64_t bytes;
    /* What is the same there is held, and packed, once; set before the first is added. Lent, and
     * outlives these. NULL for none. */
    const struct OskHttpPages *like;
} OskHttpPages;

/* Adds every file below `folder`; `prefix` ("/studio/") stands before their names. index.html is
 * also found by the name of its folder. `pages` begins as { 0 }, but for `like`; several folders
 * can be added. Ownership: end with osk_http_pages_free(), whatever the status is. Errors: IO,
 * NO_MEMORY; LIMIT for more than a build of ours has; UNSUPPORTED without an index.html. */
OskStatus osk_http_pages_load(OskHttpPages *pages, const char *folder, const char *prefix,
                              OskFault *fault);

/* Takes a copy of a page's bytes. Errors: NO_MEMORY, LIMIT. Call osk_http_pages_sort() after the
 * last. */
OskStatus osk_http_pages_add(OskHttpPages *pages, const char *path, const uint8_t *bytes,
                             size_t len, OskFault *fault);
void osk_http_pages_sort(OskHttpPages *pages);

/* The page of exactly this address, or NULL. */
const OskHttpPage *osk_http_pages_find(const OskHttpPages *pages, const char *path);

void osk_http_pages_free(OskHttpPages *pages);

typedef struct OskHttpType {
    const char *ending; /* ".js" */
    const char *media_type;
    bool is_packed; /* gzip would find nothing */
} OskHttpType;

/* What a build of ours is made of; ends with an ending of NULL. */
extern const OskHttpType osk_http_types[];

/* The media type by a name's ending; never NULL. */
const char *osk_http_media_type(const char *path);

/* True for a name that carries a hash of its content: "assets/NAME-0123abcd.js". */
bool osk_http_is_hashed(const char *path);

/* The same as a regular expression (POSIX, PCRE, RE2), to stand behind a folder's name without its
 * last slash. */
#define OSK_HTTP_HASHED "/assets/.*-[0-9a-f]{8}[.][^./-]*$"

#endif
