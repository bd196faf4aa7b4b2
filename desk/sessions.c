/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/sessions.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "desk/hex.h"
#include "oilskin/seal.h"

typedef struct Seat {
    bool is_taken;
    uint8_t digest[32]; /* of the cookie */
    int64_t began_ms;
    int64_t used_ms;
    OskSession session;
    bool has_totp;
    uint8_t totp[OSK_TOTP_SECRET_BYTES];
} Seat;

struct OskSessions {
    pthread_mutex_t lock;
    uint64_t last_number;
    Seat seats[OSK_SESSIONS_MAX];
};

OskSessions *osk_sessions_open(void)
{
    OskSessions *sessions = calloc(1, sizeof(*sessions));
    if (sessions != NULL) {
        pthread_mutex_init(&sessions->lock, NULL);
    }
    return sessions;
}

static void digest_of(const char *cookie, uint8_t out[32])
{
    OskSha256 hash;
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, cookie, strlen(cookie));
    osk_sha256_end(&hash, out);
}

static void leave(Seat *seat)
{
    osk_seal_wipe(seat, sizeof(*seat));
}

static bool is_over(const Seat *seat, int64_t now_ms)
{
    return now_ms - seat->began_ms >= OSK_SESSION_MS ||
           now_ms - seat->used_ms >= OSK_SESSION_IDLE_MS;
}

static Seat *find(OskSessions *sessions, const char *cookie)
{
    uint8_t digest[32];
    if (cookie == NULL || strlen(cookie) != OSK_SESSION_TEXT_BYTES - 1) {
        return NULL;
    }
    digest_of(cookie, digest);
    for (size_t i = 0; i < OSK_SESSIONS_MAX; i++) {
        Seat *seat = &sessions->seats[i];
        if (seat->is_taken && osk_seal_equal(seat->digest, digest, sizeof(digest))) {
            return seat;
        }
    }
    return NULL;
}

/* An empty one; else the one that was idle longest, of this reviewer where he has many. */
static Seat *make_room(OskSessions *sessions, const OskId *reviewer, int64_t now_ms)
{
    Seat *empty = NULL;
    Seat *oldest = NULL;
    Seat *own = NULL;
    size_t own_count = 0;
    for (size_t i = 0; i < OSK_SESSIONS_MAX; i++) {
        Seat *seat = &sessions->seats[i];
        if (seat->is_taken && is_over(seat, now_ms)) {
            leave(seat);
        }
        if (!seat->is_taken) {
            empty = seat;
            continue;
        }
        oldest = oldest == NULL || seat->used_ms < oldest->used_ms ? seat : oldest;
        if (memcmp(&seat->session.reviewer, reviewer, sizeof(*reviewer)) == 0) {
            own_count++;
            own = own == NULL || seat->used_ms < own->used_ms ? seat : own;
        }
    }
    return own_count >= OSK_SESSIONS_EACH ? own : empty != NULL ? empty : oldest;
}

bool osk_sessions_begin(OskSessions *sessions, const OskId *reviewer, const OskRandom *random,
                        int64_t now_ms, char out_cookie[OSK_SESSION_TEXT_BYTES])
{
    uint8_t drawn[32];
    if (!random->fill(random->context, drawn, sizeof(drawn))) {
        return false;
    }
    osk_hex_write(drawn, 16, out_cookie);
    pthread_mutex_lock(&sessions->lock);
    Seat *seat = make_room(sessions, reviewer, now_ms);
    leave(seat);
    seat->is_taken = true;
    seat->began_ms = now_ms;
    seat->used_ms = now_ms;
    seat->session.reviewer = *reviewer;
    seat->session.number = ++sessions->last_number;
    osk_hex_write(drawn + 16, 16, seat->session.token);
    digest_of(out_cookie, seat->digest);
    pthread_mutex_unlock(&sessions->lock);
    osk_seal_wipe(drawn, sizeof(drawn));
    return true;
}

bool osk_sessions_find(OskSessions *sessions, const char *cookie, int64_t now_ms, OskSession *out)
{
    pthread_mutex_lock(&sessions->lock);
    Seat *seat = find(sessions, cookie);
    if (seat != NULL && is_over(seat, now_ms)) {
        leave(seat);
        seat = NULL;
    }
    if (seat != NULL) {
        seat->used_ms = now_ms;
        *out = seat->session;
    }
    pthread_mutex_unlock(&sessions->lock);
    return seat != NULL;
}

bool osk_sessions_has(OskSessions *sessions, uint64_t number, int64_t now_ms)
{
    bool has = false;
    pthread_mutex_lock(&sessions->lock);
    for (size_t i = 0; i < OSK_SESSIONS_MAX; i++) {
        const Seat *seat = &sessions->seats[i];
        has = has || (seat->is_taken && seat->session.number == number && !is_over(seat, now_ms));
    }
    pthread_mutex_unlock(&sessions->lock);
    return has;
}

void osk_sessions_end(OskSessions *sessions, const char *cookie)
{
    pthread_mutex_lock(&sessions->lock);
    Seat *seat = find(sessions, cookie);
    if (seat != NULL) {
        leave(seat);
    }
    pthread_mutex_unlock(&sessions->lock);
}

void osk_sessions_end_all(OskSessions *sessions, const OskId *reviewer)
{
    pthread_mutex_lock(&sessions->lock);
    for (size_t i = 0; i < OSK_SESSIONS_MAX; i++) {
        if (memcmp(&sessions->seats[i].session.reviewer, reviewer, sizeof(*reviewer)) == 0) {
            leave(&sessions->seats[i]);
        }
    }
    pthread_mutex_unlock(&sessions->lock);
}

bool osk_sessions_keep_totp(OskSessions *sessions, const char *cookie,
                            const uint8_t secret[OSK_TOTP_SECRET_BYTES])
{
    pthread_mutex_lock(&sessions->lock);
    Seat *seat = find(sessions, cookie);
    if (seat != NULL) {
        seat->has_totp = true;
        memcpy(seat->totp, secret, OSK_TOTP_SECRET_BYTES);
    }
    pthread_mutex_unlock(&sessions->lock);
    return seat != NULL;
}

bool osk_sessions_take_totp(OskSessions *sessions, const char *cookie,
                            uint8_t out[OSK_TOTP_SECRET_BYTES])
{
    pthread_mutex_lock(&sessions->lock);
    Seat *seat = find(sessions, cookie);
    bool has = seat != NULL && seat->has_totp;
    if (has) {
        memcpy(out, seat->totp, OSK_TOTP_SECRET_BYTES);
    }
    pthread_mutex_unlock(&sessions->lock);
    return has;
}

void osk_sessions_close(OskSessions **sessions)
{
    OskSessions *closing = *sessions;
    if (closing != NULL) {
        pthread_mutex_destroy(&closing->lock);
        osk_seal_wipe(closing, sizeof(*closing));
        free(closing);
        *sessions = NULL;
    }
}
