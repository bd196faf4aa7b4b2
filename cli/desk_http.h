/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP for who asks (libcurl, in desk_http.c alone). It is loaded when a desk is asked and not
 * before: to link it would cost every run of every command 5 ms. */
#ifndef OSK_CLI_DESK_HTTP_H
#define OSK_CLI_DESK_HTTP_H

#include "oilskin/io.h"

#define OSK_DESK_TOKEN_BYTES 33u
#define OSK_DESK_COOKIE_BYTES 128u

typedef struct OskDeskHttp OskDeskHttp;

/* A body that is no JSON, and may be long. */
typedef struct OskDeskUpload {
    const char *path;
    const OskSource *source;                    /* with `read` */
    void (*sent)(void *context, uint64_t sent); /* so many bytes so far */
    void *context;
} OskDeskUpload;

typedef struct OskDeskRequest {
    const char *path;            /* "/api/me", with its query */
    const char *body;            /* JSON of a POST; NULL for a GET */
    const OskDeskUpload *upload; /* of a POST, instead; NULL for none */
    const char *token;           /* of the session; NULL before there is one */
    size_t max;                  /* bytes of the answer; a longer one is LIMIT */
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

/* ---- for a page of ours that asks on its own behalf: its cookies, its token ---- */
#define OSK_DESK_PASSED_COOKIES 4u
#define OSK_DESK_PASSED_BYTES 512u

typedef struct OskDeskPassed {
    const char *path;   /* with its query */
    const char *cookie; /* NULL for none, as the next two */
    const char *token;
    const char *media_type; /* of the body */
    const OskSource *body;  /* of a POST; NULL for a GET */
    /* Hears the answer, piece by piece; false ends it. */
    bool (*take)(void *context, const void *bytes, size_t len);
    void *context;
    /* What the server said; "" for what it did not. */
    unsigned status;
    char answer_type[OSK_DESK_PASSED_BYTES];
    char retry_after[OSK_DESK_PASSED_BYTES];
    char set_cookies[OSK_DESK_PASSED_COOKIES][OSK_DESK_PASSED_BYTES];
    size_t set_cookie_count;
} OskDeskPassed;

/* Asks, and keeps nothing. Errors: MISUSE for a path that is too long; IO. */
OskStatus osk_desk_http_pass(OskDeskHttp *http, OskDeskPassed *passed, OskFault *fault);

/* The cookie by which the desk knows the session, "" before there is one. */
const char *osk_desk_http_cookie(const OskDeskHttp *http);
/* False when it is none that a desk gives. */
bool osk_desk_http_set_cookie(OskDeskHttp *http, const char *cookie);
void osk_desk_http_close(OskDeskHttp **http); /* wipes; accepts NULL and nulls */

#endif
