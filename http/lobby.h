/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where connections wait until their first request's headers are whole. They stay in the kernel
 * until then: who drips headers costs a few dozen bytes here, and the library, which spends memory
 * on every connection, never hears of him. */
#ifndef OSK_HTTP_LOBBY_H
#define OSK_HTTP_LOBBY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct OskLobby OskLobby;

typedef struct OskLobbyOptions {
    int listening;  /* lent */
    unsigned limit; /* connections at once, those that were let in included */
    void *context;
    /* Takes a connection whose headers are there, and sees to its end, of which it tells
     * osk_lobby_left(); on the lobby's thread. */
    void (*admit)(void *context, int fd);
} OskLobbyOptions;

/* Starts its thread, which may admit before this returns: `out` is set by then. False where that
 * fails. Ownership: osk_lobby_free(). */
bool osk_lobby_start(OskLobby **out, const OskLobbyOptions *options);

/* One that was let in has gone. From any thread. */
void osk_lobby_left(OskLobby *lobby);

/* Connections that were let in and have not left. */
unsigned osk_lobby_count(const OskLobby *lobby);

/* Accepts none any more: they wait in the kernel's queue. Who waits already is let in. */
void osk_lobby_shut(OskLobby *lobby);

/* How many wait, and how many were ended because they waited too long. */
unsigned osk_lobby_waiting(const OskLobby *lobby);
unsigned osk_lobby_ended(const OskLobby *lobby);

/* Ends the thread, and who still waits. Who was let in may leave after it. Accepts NULL. */
void osk_lobby_close(OskLobby *lobby);

/* Nobody may be about to leave. Accepts NULL and nulls. */
void osk_lobby_free(OskLobby **lobby);

/* What the first bytes of a connection are. */
typedef enum OskHead {
    OSK_HEAD_PART,  /* more has to come */
    OSK_HEAD_WHOLE, /* an empty line is there */
    OSK_HEAD_LONG   /* more than OSK_HTTP_HEADER_BYTES without one */
} OskHead;
OskHead osk_head_look(const char *bytes, size_t len);

#endif
