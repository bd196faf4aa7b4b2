/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request of a route, from its headers to its end: what stands between the library, which asks
 * for an answer at moments of its own, and route.h. */
#ifndef OSK_HTTP_EXCHANGE_H
#define OSK_HTTP_EXCHANGE_H

#include <stdatomic.h>

#include "http/route.h"
#include "http/wire.h"

/* What all requests of one server share. */
typedef struct OskExchanges {
    OskReaper *reaper;
    atomic_uint paused; /* requests that wait for their route */
    atomic_uint fast;   /* requests that keep the memory of their pieces */
    atomic_uint files;  /* requests that may be answered from a file */
    unsigned files_max;
    atomic_bool closing; /* answers end their connection */
} OskExchanges;

/* What was asked; lent until the request is over. */
typedef struct OskAsked {
    OskWire *wire;
    const char *method;
    const char *path;
    bool is_last;       /* its connection ends behind the answer */
    bool takes_interim; /* HTTP/1.1: before it there was one answer to a request */
} OskAsked;

/* An answer begins: its deadline is what is taken of it. */
void osk_exchange_paces(OskExchanges *all, OskDeadline *deadline);

/* Headers are there: calls the route. NULL without memory. */
OskRequest *osk_exchange_begin(OskExchanges *all, const OskRoute *route, const OskAsked *asked);

/* The library's next question: a piece of the body, or with `bytes` NULL its end. `len` is set to
 * what was not taken. False ends the connection. */
bool osk_exchange_step(OskRequest *request, const uint8_t *bytes, size_t *len);

/* Whether the memory of a piece of `len` bytes, which was taken, is kept for the next one, and not
 * given back: for a few who send fast. */
bool osk_exchange_keeps(OskRequest *request, size_t len);

/* What the library is to hear after osk_exchange_begin(). False ends the connection. */
bool osk_exchange_begun(OskRequest *request);

/* The request is over. Tells the route, wipes and frees. */
void osk_exchange_end(OskRequest **request);

#endif
