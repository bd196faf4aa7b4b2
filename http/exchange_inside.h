/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files behind exchange.h and route.h share: one request, from within. */
#ifndef OSK_HTTP_EXCHANGE_INSIDE_H
#define OSK_HTTP_EXCHANGE_INSIDE_H

#include <pthread.h>

#include "http/exchange.h"
#include "http/range.h"

/* A text that belongs to a request: a header of the answer, or a value of the query. */
typedef struct OskText {
    struct OskText *next;
    const char *name; /* within `bytes` */
    const char *value;
    size_t len;
    char bytes[];
} OskText;

struct OskRequest {
    OskExchanges *all;
    const OskRoute *route;
    OskAsked asked;
    void *state;
    OskDeadline *deadline;
    OskText *headers;
    OskText *arguments;
    uint8_t *bytes; /* of the answer */
    size_t len;
    int file; /* -1, or what the answer is sent from */
    OskRange part;
    uint64_t unchanged_len; /* of what a 304 is about */
    uint64_t received;
    uint64_t answered_at; /* so much of the body, where it was interrupted */
    unsigned status;      /* 0 until there is an answer */
    OskReply *reply;      /* once it is sent */
    pthread_mutex_t lock;
    bool is_paused;     /* under the lock, these two */
    bool is_woken;      /* resumed before it was paused */
    bool was_put_off;   /* these two by the asking thread: the last call paused, */
    bool was_put_again; /* or wanted to and was resumed already */
    bool is_beginning;  /* begin() paused: the library asks for its outcome again */
    bool closes;
    bool is_whole;
    bool is_deaf; /* what still comes is read past */
    bool is_sent;
    bool is_fast;   /* one of those who keep the memory of their pieces */
    bool has_place; /* among the answers from files */
};

/* ---- asked.c ---- */

/* Adds a copy behind the others. Lent until the list is freed; NULL without memory. */
OskText *osk_text_keep(OskText **list, const char *name, const char *value);
/* Wipes and frees all, and empties the list. */
void osk_texts_free(OskText **list);

/* ---- answering.c ---- */

/* Gives the place among the answers from files back, if there is one. */
void osk_exchange_leave_files(OskRequest *request);
/* The value of a header that the route has added; NULL for none. Lent until the request is over. */
const char *osk_exchange_added(const OskRequest *request, const char *name);
/* Sends the answer by the library, which must allow it now. False ends the connection. */
bool osk_exchange_send(OskRequest *request);

/* ---- interrupt.c ---- */

/* Sends the answer and our end, and listens no more to what comes: it is read for a while, since a
 * connection that is closed over unread bytes takes the answer with it. False where the answer did
 * not go out whole. */
bool osk_exchange_interrupt(OskRequest *request);

#endif
