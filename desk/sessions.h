/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is at the desk now. In memory alone: a restart ends every session, and nothing on the disk
 * opens one. */
#ifndef OSK_DESK_SESSIONS_H
#define OSK_DESK_SESSIONS_H

#include "oilskin/random.h"
#include "store/store.h"

#define OSK_SESSION_TEXT_BYTES 33u                    /* 128 random bits, and a NUL */
#define OSK_SESSION_MS ((int64_t)12 * 60 * 60 * 1000) /* a working day */
#define OSK_SESSION_IDLE_MS ((int64_t)30 * 60 * 1000) /* left alone */
#define OSK_SESSIONS_MAX 256u
#define OSK_SESSIONS_EACH 8u /* of one reviewer: the one that was idle longest goes first */
#define OSK_TOTP_SECRET_BYTES 20u

typedef struct OskSessions OskSessions;

typedef struct OskSession {
    OskId reviewer;
    uint64_t number;                    /* of this process's sessions; 0 for none */
    char token[OSK_SESSION_TEXT_BYTES]; /* what every change must bring beside the cookie */
} OskSession;

OskSessions *osk_sessions_open(void); /* NULL without memory */
/* A new one, whatever the browser held before. The cookie is told here and never again: a digest of
 * it stays. False when there is no randomness. */
bool osk_sessions_begin(OskSessions *sessions, const OskId *reviewer, const OskRandom *random,
                        int64_t now_ms, char out_cookie[OSK_SESSION_TEXT_BYTES]);
/* The session of a cookie, which counts as used now. */
bool osk_sessions_find(OskSessions *sessions, const char *cookie, int64_t now_ms, OskSession *out);
/* Whether the session of a number is not over; it does not count as used. */
bool osk_sessions_has(OskSessions *sessions, uint64_t number, int64_t now_ms);
void osk_sessions_end(OskSessions *sessions, const char *cookie);
/* All of a reviewer: who was removed, or has new secrets. */
void osk_sessions_end_all(OskSessions *sessions, const OskId *reviewer);
/* A secret that waits for its first code. False when the session is over, or there is none. */
bool osk_sessions_keep_totp(OskSessions *sessions, const char *cookie,
                            const uint8_t secret[OSK_TOTP_SECRET_BYTES]);
bool osk_sessions_take_totp(OskSessions *sessions, const char *cookie,
                            uint8_t out[OSK_TOTP_SECRET_BYTES]);
void osk_sessions_close(OskSessions **sessions); /* wipes; accepts NULL and nulls */

#endif
