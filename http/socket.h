/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The socket that a server listens at. */
#ifndef OSK_HTTP_SOCKET_H
#define OSK_HTTP_SOCKET_H

#include "oilskin/status.h"

typedef struct OskListening {
    int fd;         /* -1 for none */
    char text[128]; /* "127.0.0.1:40211", "unix:/run/oilskin/drop.sock" */
    uint16_t port;  /* 0 for a path */
    bool is_loopback;
} OskListening;

/* Listens at HOST:PORT, where no name but localhost is looked up, or at unix:PATH, where the owner
 * and the group may connect. A socket that another process left at that path, and nobody listens at
 * any more, is replaced.
 * Ownership: the descriptor is the caller's on OK.
 * Errors: MISUSE for an address that is none; IO with the fault set. */
OskStatus osk_http_listen(OskListening *listening, const char *address, OskFault *fault);

/* Takes a socket that listens already, from another process. It is the caller's on OK. */
OskStatus osk_http_adopt(OskListening *listening, int fd, OskFault *fault);

/* Closes it. The path of one stays: another process may listen there by now. */
void osk_http_unlisten(OskListening *listening);

#endif
