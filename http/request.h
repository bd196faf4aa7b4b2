/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a request says, read without believing it. Nothing here touches a socket. */
#ifndef OSK_HTTP_REQUEST_H
#define OSK_HTTP_REQUEST_H

#include <stdbool.h>

/* True when an Accept-Encoding header takes gzip: "gzip", "x-gzip" or "*" with a weight that is not
 * 0. NULL is no header, which takes none here.
 * Source: RFC 9110, 12.5.3. */
bool osk_http_takes_gzip(const char *accept_encoding);

/* True when an If-None-Match header names `etag` (with its quotes), or is "*". A weak comparison.
 * Source: RFC 9110, 13.1.2. */
bool osk_http_names_etag(const char *if_none_match, const char *etag);

/* True when a Host header names this machine itself: localhost, 127.0.0.1 or [::1], with any port,
 * since a tunnel brings one of its own. A page elsewhere whose name was bent to 127.0.0.1 sends
 * its own name, and gets nothing. NULL is false. */
bool osk_http_host_is_loopback(const char *host);

#endif
