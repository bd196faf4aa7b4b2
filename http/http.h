/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server of static pages: what the command line needs to know of this room. */
#ifndef OSK_HTTP_HTTP_H
#define OSK_HTTP_HTTP_H

#include "http/pages.h"
#include "oilskin/status.h"

typedef struct OskHttp OskHttp;

/* Starts to serve `pages` (lent, must outlive the server) at `address`: "127.0.0.1:0",
 * "[::1]:8080", "localhost:8080", "0.0.0.0:8000"; port 0 is a free one. On a loopback address only
 * requests that name this machine as their host are answered. Threads of its own; returns at once.
 * Ownership: end with osk_http_stop().
 * Errors: MISUSE for an address that is none; IO with the fault set. */
OskStatus osk_http_start(OskHttp **out_http, const char *address, const OskHttpPages *pages,
                         OskFault *fault);

/* Where it listens, port included: "127.0.0.1:40211"; lent. */
const char *osk_http_address(const OskHttp *http);
uint16_t osk_http_port(const OskHttp *http);
bool osk_http_is_loopback(const OskHttp *http);

/* Ends every connection. Accepts NULL and nulls. */
void osk_http_stop(OskHttp **http);

#endif
