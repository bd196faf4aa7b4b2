/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests that are answered by code: what intake, desk and publish see of HTTP. libmicrohttpd
 * stays behind listener.c. */
#ifndef OSK_HTTP_ROUTE_H
#define OSK_HTTP_ROUTE_H

#include "oilskin/status.h"

typedef struct OskRequest OskRequest; /* lent for the time of a request */

/* What happens at the three moments of a request. `state` is what begin() set. All calls for one
 * request come one after the other, each on some thread of the pool; they must not block for long:
 * what does (disk, Argon2id, a worker) is handed to another thread between osk_request_pause() and
 * osk_request_resume(). */
typedef struct OskRoute {
    const char *path;    /* "/submit", or a prefix that ends in "/" */
    const char *methods; /* "GET HEAD POST"; others get 405 with Allow */
    void *context;
    /* Headers are there, no byte of the body is. Answering here refuses the body unread (and ends
     * the connection when one was announced). */
    void (*begin)(void *context, OskRequest *request);
    /* A piece of the body, lent. Returns how many bytes it took: fewer means "not now", and the
     * rest comes again after osk_request_resume(). NULL for a route that takes no body. */
    size_t (*body)(void *context, OskRequest *request, const uint8_t *bytes, size_t len);
    /* The body is whole. Must answer, or pause and answer later. */
    void (*end)(void *context, OskRequest *request);
    /* The request is over, whatever became of it: answered, cut off, too slow. Frees the state.
     * Called exactly once for each begin(). `whole` is false when the client went or was ended
     * before end(). NULL for nothing to free. */
    void (*done)(void *context, OskRequest *request, bool whole);
} OskRoute;

/* ---- what was asked ---- */
const char *osk_request_method(const OskRequest *request);
const char *
osk_request_path(const OskRequest *request); /* without the query; escapes undone never */
const char *osk_request_query(const OskRequest *request, const char *name);  /* NULL for none */
const char *osk_request_header(const OskRequest *request, const char *name); /* NULL for none */
/* Content-Length, or UINT64_MAX when the body is chunked. */
uint64_t osk_request_length(const OskRequest *request);
void osk_request_set_state(OskRequest *request, void *state);
void *osk_request_state(const OskRequest *request);

/* ---- pausing: the connection is left alone, and costs no thread ---- */
void osk_request_pause(OskRequest *request);
/* From any thread; after it body() or end() is called again. Not after done(). */
void osk_request_resume(OskRequest *request);

/* ---- deadlines: the server ends a connection that makes too little progress. A body must come at
 * OSK_HTTP_BODY_RATE (bytes a second, averaged over OSK_HTTP_BODY_WINDOW_MS); time that a request
 * is paused does not count. ---- */

/* ---- answering: exactly once. Security headers and the page's policy are added by the server.
 * ---- */
typedef struct OskAnswer {
    unsigned status;
    const char *media_type; /* NULL without a body */
    const void *bytes;      /* copied */
    size_t len;
    bool close; /* end the connection behind it */
} OskAnswer;
void osk_request_add_header(OskRequest *request, const char *name, const char *value);
void osk_request_answer(OskRequest *request, const OskAnswer *answer);
/* An interim answer: 104 with the headers added so far. False where the library can't. */
bool osk_request_interim(OskRequest *request, unsigned status);

#endif
