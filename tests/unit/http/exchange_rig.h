/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server on loopback whose route remembers what it saw, and a client that speaks word by word. */
#ifndef OSK_TESTS_EXCHANGE_RIG_H
#define OSK_TESTS_EXCHANGE_RIG_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "http/http.h"

/* What the route under test saw. */
typedef struct RigSeen {
    pthread_mutex_t lock;
    pthread_cond_t change;
    char body[4096];
    size_t len;
    unsigned begins, ends, dones, wholes, pauses;
    OskRequest *request; /* while it is paused */
    bool pauses_in_begin, pauses_in_body, pauses_in_end;
    size_t takes;    /* of each piece; 0 for all */
    size_t stops_at; /* answers 413 once so much came; 0 for never */
    bool resumes_early;
    bool interim;
    char query[64];
    int file; /* that an answer is sent from */
} RigSeen;
extern RigSeen rig_seen;

/* "/echo/", whose paths do what their names say, and "/bodiless". */
#define RIG_ROUTES 2u
extern const OskRoute rig_routes[RIG_ROUTES];
void rig_on_begin(void *context, OskRequest *request);
void rig_on_end(void *context, OskRequest *request);
void rig_on_done(void *context, OskRequest *request, bool whole);

/* Forgets what was seen. */
void rig_reset(void);
/* The same, and serves the routes at an address. Ownership: osk_http_stop(). */
OskHttp *rig_start(const char *address);
void rig_rest(long ms);
/* Waits until the route has paused `count` times; the request is then the caller's to resume. */
OskRequest *rig_wait_for_pause(unsigned count);
/* Waits until so many requests are over. */
void rig_wait_for_done(unsigned count);
void rig_say(OskRequest *request, unsigned status, const char *text);

/* The client: a connection, what it sends, and what comes back until `mark` is in it or the other
 * side ends; lent until the next call. */
int rig_dial(const OskHttp *http);
void rig_put(int fd, const char *text);
const char *rig_get(int fd, const char *mark);
bool rig_has(const char *answer, const char *text);
#define RIG_HEAD(method, path, more) method " " path " HTTP/1.1\r\nHost: localhost\r\n" more "\r\n"

#endif
