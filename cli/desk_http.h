/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP for who asks (libcurl, in desk_http.c alone). It is loaded when a desk is asked and not
 * before: to link it would cost every run of every command 5 ms. */
#ifndef OSK_CLI_DESK_HTTP_H
#define OSK_CLI_DESK_HTTP_H

#include "oilskin/status.h"

#define OSK_DESK_TOKEN_BYTES 33u
#define OSK_DESK_COOKIE_BYTES 128u

typedef struct OskDeskHttp OskDeskHttp;

typedef struct OskDeskRequest {
    const char *path;  /* "/api/me", with its query */
    const char *body;  /* JSON of a POST; NULL for a GET */
    const char *token; /* of the session; NULL before there is one */
    size_t max;        /* bytes of the answer; a longer one is LIMIT */
} OskDeskRequest;

typedef struct OskDeskAnswer {
    unsigned status;
    uint8_t *bytes; /* a NUL stands behind them */
    size_t len;
} OskDeskAnswer;

/* @param origin "https://host", "http://" of an onion service or this machine. Lent, as `proxy`,
 * which is "socks5h://address:port" or NULL. Nothing of the environment is looked at.
 * Errors: UNSUPPORTED when libcurl is not installed; NO_MEMORY. */
OskStatus osk_desk_http_open(OskDeskHttp **out, const char *origin, const char *proxy,
                             OskFault *fault);
/* No redirect is followed; an answer is one of the desk's own.
 * Ownership: osk_desk_answer_free(), also after an error. Errors: IO; LIMIT. */
OskStatus osk_desk_http_ask(OskDeskHttp *http, const OskDeskRequest *request, OskDeskAnswer *out,
                            OskFault *fault);
void osk_desk_answer_free(OskDeskAnswer *answer); /* wipes */

/* The cookie by which the desk knows the session, "" before there is one. */
const char *osk_desk_http_cookie(const OskDeskHttp *http);
/* False when it is none that a desk gives. */
bool osk_desk_http_set_cookie(OskDeskHttp *http, const char *cookie);
void osk_desk_http_close(OskDeskHttp **http); /* wipes; accepts NULL and nulls */

#endif
