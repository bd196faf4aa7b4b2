/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an answer carries besides its page: the one table of addresses and what their pages may do,
 * from which the server answers and from which the files for other servers are written
 * (http/export.c). */
#ifndef OSK_HTTP_POLICY_H
#define OSK_HTTP_POLICY_H

#include <stddef.h>

typedef struct OskHttpHeader {
    const char *name;
    const char *value;
} OskHttpHeader;

/* What every answer carries, whatever its address is; ends with a name of NULL. */
extern const OskHttpHeader osk_http_headers[];

/* Content-Security-Policy: that of an address; never NULL. What is in no row may do nothing at
 * all. */
const char *osk_http_policy(const char *path);

/* Cache-Control: of names that carry a hash of their content, of all other pages, of what is no
 * page. */
#define OSK_HTTP_CACHE_EVER "public, max-age=31536000, immutable"
#define OSK_HTTP_CACHE_ASK "no-cache"
#define OSK_HTTP_CACHE_NONE "no-store"

/* An address that something else was to answer before it came here. What is sent to it is refused
 * (405), unread, with a page that says so in words; who only asks for it is led to `home`. */
typedef struct OskHttpRefusal {
    const char *path;
    const char *page;
    const char *home;
} OskHttpRefusal;

/* Ends with a path of NULL. */
extern const OskHttpRefusal osk_http_refusals[];

/* The row of an address, or NULL. */
const OskHttpRefusal *osk_http_refusal(const char *path);

#endif
