/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests that are answered by code: what intake, desk and publish see of HTTP. libmicrohttpd
 * stays behind wire.h. */
#ifndef OSK_HTTP_ROUTE_H
#define OSK_HTTP_ROUTE_H

#include "oilskin/status.h"

typedef struct OskRequest OskRequest; /* lent for the time of a request */

/* What happens at the three moments of a request; none is without begin() and end(). `state` is
 * what begin() set. All calls for one request come one after the other, each on some thread of the
 * pool; they must not block for long: what does (disk, Argon2id, a worker) is handed to another
 * thread between osk_request_pause() and osk_request_resume(). */
typedef struct OskRoute {
    const char *path;    /* "/submit", or a prefix that ends in "/"; "/" is itself only */
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
/* Of the query, with escapes and + undone; "" for what is no text. NULL for none. */
const char *osk_request_query(OskRequest *request, const char *name);
/* The whole query as it came, without "?"; returns the length that it has, which may be more than
 * fits. */
size_t osk_request_whole_query(const OskRequest *request, char *out, size_t size);
const char *osk_request_header(const OskRequest *request, const char *name); /* NULL for none */
/* Content-Length; 0 without a body, UINT64_MAX when it is chunked. */
uint64_t osk_request_length(const OskRequest *request);
void osk_request_set_state(OskRequest *request, void *state);
void *osk_request_state(const OskRequest *request);

/* ---- pausing: the connection is left alone, and costs no thread ---- */
/* In begin(), body() or end(), on their thread. The request stays as it is until it is resumed,
 * even when the client has gone: only after that comes done(). */
void osk_request_pause(OskRequest *request);
/* From any thread, at most once for each pause; after it body() or end() is called again, unless
 * there is an answer. One that comes before its pause is kept for it: so end() can be called again
 * at once, and must look whether what it waits for is done. Nothing may be done with the request by
 * another thread after it. */
void osk_request_resume(OskRequest *request);

/* ---- deadlines: the server ends a connection that makes too little progress. A body must come at
 * OSK_HTTP_BODY_RATE (bytes a second, averaged over OSK_HTTP_BODY_WINDOW_MS); time that a request
 * is paused does not count. ---- */

/* ---- answering: exactly once; from another thread only while the request is paused, and before
 * it is resumed. Security headers and the page's policy are added by the server, and no-store
 * unless the route has added a Cache-Control. An answer in the middle of a body ends the
 * connection. ---- */
typedef struct OskAnswer {
    unsigned status;
    const char *media_type; /* NULL without a body */
    const void *bytes;      /* copied */
    size_t len;             /* of a 304 that of what is unchanged, of which nothing is sent */
    bool close;             /* end the connection behind it */
} OskAnswer;
/* One with a line break in it, or without a value, is not added. */
void osk_request_add_header(OskRequest *request, const char *name, const char *value);
void osk_request_answer(OskRequest *request, const OskAnswer *answer);
/* Bytes of a file, sent by the kernel: all of them, or the part that is asked for (range.h). */
typedef struct OskFileAnswer {
    int fd;          /* taken, also where this fails */
    uint64_t offset; /* where it begins in the file */
    uint64_t len;    /* at most INT64_MAX behind `offset` */
    const char *media_type;
    const char *etag;    /* strong, with its quotes */
    const char *save_as; /* a neutral name in ASCII: it is saved, and not shown; NULL for none */
} OskFileAnswer;
/* Range and If-None-Match are obeyed but in a POST, which has done something already. */
void osk_request_answer_file(OskRequest *request, const OskFileAnswer *answer);
/* A place among the answers from files, of which there are fewer than connections (limits.h); kept
 * until the request is over. Without one osk_request_answer_file() says 503: ask before it where
 * that would cost something (a view that is spent), or to say it in better words. */
bool osk_request_takes_file(OskRequest *request);
/* An interim answer: 104 with the headers added so far, which go with it and not with the final
 * answer. Only on the threads of begin() and body(). False where it could not be sent, to HTTP/1.0
 * too. Proxies may take it for the final answer: only for who asked for it. */
bool osk_request_interim(OskRequest *request, unsigned status);

#endif
