/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/visit.h"

#include <string.h>

#include "oilskin/seal.h"

void osk_visit_key(const char *token, uint8_t out[OSK_TICKET_KEY_BYTES])
{
    uint8_t digest[32];
    OskSha256 hash;
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, token, strlen(token));
    osk_sha256_end(&hash, digest);
    memcpy(out, digest, OSK_TICKET_KEY_BYTES);
}

void osk_visit_begin(OskVisit *visit, OskErrands *errands, OskRequest *request,
                     void (*close)(OskErrand *errand))
{
    pthread_mutex_init(&visit->lock, NULL);
    visit->errands = errands;
    visit->request = request;
    visit->close = close;
}

void osk_visit_free(OskVisit *visit)
{
    pthread_mutex_destroy(&visit->lock);
}

void osk_visit_pass_on(OskVisit *visit, void (*run)(OskErrand *errand))
{
    visit->errand.run = run;
    osk_errands_add(visit->errands, &visit->errand);
}

void osk_visit_hand_over(OskVisit *visit, void (*run)(OskErrand *errand))
{
    pthread_mutex_lock(&visit->lock);
    visit->is_away = true;
    pthread_mutex_unlock(&visit->lock);
    osk_request_pause(visit->request);
    osk_visit_pass_on(visit, run);
}

bool osk_visit_is_away(OskVisit *visit)
{
    pthread_mutex_lock(&visit->lock);
    bool is_away = visit->is_away;
    pthread_mutex_unlock(&visit->lock);
    return is_away;
}

void osk_visit_come_back(OskVisit *visit)
{
    pthread_mutex_lock(&visit->lock);
    visit->is_away = false;
    bool is_done = visit->is_done;
    if (!is_done) {
        osk_request_resume(visit->request);
    }
    pthread_mutex_unlock(&visit->lock);
    if (is_done) {
        /* On an errand's thread, since it may write to the disk. */
        osk_visit_pass_on(visit, visit->close);
    }
}

/* Called by the door, from its thread. */
static void wake(void *context)
{
    OskVisit *visit = context;
    pthread_mutex_lock(&visit->lock);
    /* One that comes before the pause is kept for it. */
    visit->is_woken = !visit->is_paused;
    if (visit->is_paused) {
        visit->is_paused = false;
        osk_request_resume(visit->request);
    }
    pthread_mutex_unlock(&visit->lock);
}

/* False when the wake came before the pause could begin: then ask again. */
static bool pause_until_woken(OskVisit *visit)
{
    pthread_mutex_lock(&visit->lock);
    bool waits = !visit->is_woken;
    visit->is_woken = false;
    if (waits) {
        visit->is_paused = true;
        osk_request_pause(visit->request);
    }
    pthread_mutex_unlock(&visit->lock);
    return waits;
}

OskDoor osk_visit_enter(OskVisit *visit, unsigned *out_retry_s)
{
    OskDoor door = OSK_DOOR_WAIT;
    do {
        door = osk_turn_enter(visit->turn, wake, visit, out_retry_s);
    } while (door == OSK_DOOR_WAIT && !pause_until_woken(visit));
    return door;
}

size_t osk_visit_take(OskVisit *visit, size_t len)
{
    size_t taken = 0;
    do {
        taken = osk_turn_take(visit->turn, len, wake, visit);
    } while (taken == 0 && !pause_until_woken(visit));
    return taken;
}

void osk_visit_done(OskVisit *visit, const uint8_t key[OSK_TICKET_KEY_BYTES])
{
    if (visit->turn != NULL && key != NULL) {
        osk_turn_leave(&visit->turn, key);
    }
    osk_turn_end(&visit->turn);
    /* Whoever has it closes it from here on. */
    pthread_mutex_lock(&visit->lock);
    visit->is_done = true;
    bool is_away = visit->is_away;
    pthread_mutex_unlock(&visit->lock);
    if (!is_away) {
        osk_visit_pass_on(visit, visit->close);
    }
}
