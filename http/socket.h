/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The socket that a server listens at. */
#ifndef OSK_HTTP_SOCKET_H
#define OSK_HTTP_SOCKET_H

#include "oilskin/status.h"

typedef struct OskListening {
    int fd;        /* -1 for none */
    char text[64]; /* "127.0.0.1:40211" */
    uint16_t port;
    bool is_loopback;
} OskListening;

/* Listens at HOST:PORT; no name but localhost is looked up.
 * Ownership: the descriptor is the caller's on OK.
 * Errors: MISUSE for an address that is none; IO with the fault set. */
OskStatus osk_http_listen(OskListening *listening, const char *address, OskFault *fault);

#endif
