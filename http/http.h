/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server of static pages and of requests that code answers: what a composition root needs to know
 * of this room. */
#ifndef OSK_HTTP_HTTP_H
#define OSK_HTTP_HTTP_H

#include "http/pages.h"
#include "http/route.h"
#include "oilskin/status.h"

typedef struct OskHttp OskHttp;

/* Everything is lent, and must outlive the server. */
typedef struct OskHttpOptions {
    /* "127.0.0.1:0", "[::1]:8080", "localhost:8080", "0.0.0.0:8000", where port 0 is a free one; or
     * "unix:/run/oilskin/drop.sock", which the owner and the group may connect to. */
    const char *address;
    /* A socket that listens already, which another process handed over; then `address` is not used.
     * 0 for none. The server closes it. */
    int listening;
    const OskHttpPages *pages; /* NULL for none */
    /* An exact path goes before a page, a page before a prefix, a longer prefix before a shorter.
     */
    const OskRoute *routes;
    size_t route_count;
    /* False: on a loopback address only requests that name this machine as their host are answered,
     * so that no page elsewhere reaches it under a name of its own. True behind a proxy, which
     * brings the name of the site. */
    bool any_host;
    unsigned connections; /* at once, at most; 0 for OSK_HTTP_CONNECTIONS */
} OskHttpOptions;

/* Starts to serve. Threads of its own; returns at once.
 * Ownership: end with osk_http_stop().
 * Errors: MISUSE for an address that is none; IO with the fault set. */
OskStatus osk_http_start(OskHttp **out_http, const OskHttpOptions *options, OskFault *fault);

/* Where it listens, port included: "127.0.0.1:40211", "unix:/run/oilskin/drop.sock"; lent. */
const char *osk_http_address(const OskHttp *http);
uint16_t osk_http_port(const OskHttp *http); /* 0 for a path */
bool osk_http_is_loopback(const OskHttp *http);

/* For metrics: nothing in it is about one connection. */
typedef struct OskHttpCounts {
    unsigned waiting;     /* connections whose first headers are not whole */
    unsigned connections; /* others */
    unsigned requests;    /* that run now */
    unsigned paused;      /* of these, by their route */
    uint64_t answered;    /* requests that ended, since the start */
    uint64_t too_slow;    /* connections that were ended for it */
} OskHttpCounts;
OskHttpCounts osk_http_count(OskHttp *http);

/* Takes no new connections, which wait in the kernel's queue, ends those that were answered, and
 * waits at most `ms` for requests that run. Stop or release it next. */
void osk_http_drain(OskHttp *http, int ms);

/* Ends every connection. Requests that a route paused must be resumed by it meanwhile: they are
 * waited for, but not for ever. Accepts NULL and nulls. */
void osk_http_stop(OskHttp **http);

/* The same, but the socket goes on listening: it is the caller's, to be handed over
 * (http/handover.h). */
int osk_http_release(OskHttp **http);

#endif
