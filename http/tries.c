/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/tries.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/clock.h"
#include "oilskin/seal.h"

/* Names fall into lanes by a key of this process: nobody outside knows which share one. */
#define LANES 1024u
/* Before its lane has rested a brief try should be here: people are slower than clocks. */
#define EARLY_MS (OSK_TRIES_BRIEF_MS * 8 / 10)
#define RETRY_S 2u

typedef struct Lane {
    unsigned wrong;   /* in a row */
    bool is_running;  /* one at a time: else many guesses would be under way before one counts */
    int64_t rests_ms; /* until */
    int64_t failed_ms;
} Lane;

struct OskTries {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const OskRandom *random;
    uint8_t key[32];
    Lane lanes[LANES];
    OskTry *first;       /* in no order that counts */
    unsigned waiting[2]; /* whom nobody knows, and known browsers */
    bool known_next;     /* whose turn it is where both wait */
    bool is_closing;
    unsigned thread_count;
    pthread_t threads[OSK_TRIES_THREADS];
};

int64_t osk_tries_rest_ms(unsigned wrong)
{
    if (wrong <= OSK_TRIES_FREE) {
        return 0;
    }
    unsigned doubled = wrong - OSK_TRIES_FREE - 1;
    return doubled >= 5 ? OSK_TRIES_REST_MS : (int64_t)1000 << doubled;
}

/* Below `count`; without randomness the first is as good as any. */
static unsigned draw(const OskTries *tries, unsigned count)
{
    uint32_t drawn = 0;
    return tries->random->fill(tries->random->context, &drawn, sizeof(drawn)) ? drawn % count : 0;
}

/* Takes the try that `at` points to out of the list. */
static OskTry *take(OskTries *tries, OskTry **at)
{
    OskTry *one = *at;
    *at = one->next;
    one->next = NULL;
    tries->waiting[one->is_known]--;
    return one;
}

static bool may_go(const OskTries *tries, const OskTry *one, int64_t now)
{
    const Lane *lane = &tries->lanes[one->lane];
    return !lane->is_running && lane->rests_ms <= now;
}

/* Draws a lane among those that may go on, and then one of those who wait in it: a thousand who
 * guess at one name are one turn in two to who has another. */
static OskTry *draw_of(OskTries *tries, bool is_known, int64_t now)
{
    bool seen[LANES] = { false };
    unsigned lanes = 0;
    unsigned lane = 0;
    for (OskTry *one = tries->first; one != NULL; one = one->next) {
        if (one->is_known == is_known && !seen[one->lane] && may_go(tries, one, now)) {
            seen[one->lane] = true;
            lane = draw(tries, ++lanes) == 0 ? one->lane : lane;
        }
    }
    if (lanes == 0) {
        return NULL;
    }
    OskTry **drawn = NULL;
    unsigned count = 0;
    for (OskTry **at = &tries->first; *at != NULL; at = &(*at)->next) {
        if ((*at)->is_known == is_known && (*at)->lane == lane && draw(tries, ++count) == 0) {
            drawn = at;
        }
    }
    return take(tries, drawn);
}

/* When `one` should come again. */
static unsigned retry_s(const OskTries *tries, const OskTry *one, int64_t now)
{
    int64_t left_ms = tries->lanes[one->lane].rests_ms - now - EARLY_MS;
    return left_ms <= (int64_t)RETRY_S * 1000 ? RETRY_S : (unsigned)((left_ms + 999) / 1000);
}

/* A brief one that would wait for too long, or did; NULL for none. */
static OskTry *take_late(OskTries *tries, int64_t now)
{
    for (OskTry **at = &tries->first; *at != NULL; at = &(*at)->next) {
        const OskTry *one = *at;
        bool is_far = tries->lanes[one->lane].rests_ms - now > OSK_TRIES_BRIEF_MS;
        if (one->until_ms != INT64_MAX && (is_far || now >= one->until_ms)) {
            (*at)->retry_s = retry_s(tries, one, now);
            return take(tries, at);
        }
    }
    return NULL;
}

static OskTry *draw_try(OskTries *tries, int64_t now)
{
    bool is_known = tries->known_next;
    OskTry *one = draw_of(tries, is_known, now);
    if (one == NULL) {
        is_known = !is_known;
        one = draw_of(tries, is_known, now);
    }
    tries->known_next = one != NULL ? !is_known : tries->known_next;
    return one;
}

/* When the next lane has rested, or a brief one has waited, or never. */
static int64_t next_ms(const OskTries *tries)
{
    int64_t next = INT64_MAX;
    for (const OskTry *one = tries->first; one != NULL; one = one->next) {
        const Lane *lane = &tries->lanes[one->lane];
        if (!lane->is_running && lane->rests_ms < next) {
            next = lane->rests_ms;
        }
        next = one->until_ms < next ? one->until_ms : next;
    }
    return next;
}

static void wait_until(OskTries *tries, int64_t until_ms)
{
    if (until_ms == INT64_MAX) {
        pthread_cond_wait(&tries->changed, &tries->lock);
        return;
    }
    const struct timespec until = { .tv_sec = until_ms / 1000,
                                    .tv_nsec = (long)(until_ms % 1000) * 1000000 };
    pthread_cond_timedwait(&tries->changed, &tries->lock, &until);
}

static OskTry *next_try(OskTries *tries)
{
    OskTry *one = NULL;
    while (!tries->is_closing) {
        OskTry *late = take_late(tries, osk_now_ms());
        if (late != NULL) {
            pthread_mutex_unlock(&tries->lock);
            late->refuse(late);
            pthread_mutex_lock(&tries->lock);
            continue;
        }
        one = draw_try(tries, osk_now_ms());
        if (one != NULL) {
            break;
        }
        wait_until(tries, next_ms(tries));
    }
    return one;
}

static void note(Lane *lane, bool was_right, int64_t now)
{
    lane->is_running = false;
    if (was_right) {
        *lane = (Lane){ 0 };
        return;
    }
    if (now - lane->failed_ms >= OSK_TRIES_QUIET_MS) {
        lane->wrong = 0;
    }
    lane->wrong++;
    lane->failed_ms = now;
    lane->rests_ms = now + osk_tries_rest_ms(lane->wrong);
}

static void *serve(void *context)
{
    OskTries *tries = context;
    pthread_mutex_lock(&tries->lock);
    for (OskTry *one = next_try(tries); one != NULL; one = next_try(tries)) {
        Lane *lane = &tries->lanes[one->lane];
        lane->is_running = true;
        pthread_mutex_unlock(&tries->lock);
        bool was_right = one->run(one);
        pthread_mutex_lock(&tries->lock);
        note(lane, was_right, osk_now_ms());
        pthread_cond_broadcast(&tries->changed);
    }
    pthread_mutex_unlock(&tries->lock);
    return NULL;
}

OskStatus osk_tries_open(OskTries **out, const OskRandom *random)
{
    *out = NULL;
    OskTries *tries = calloc(1, sizeof(*tries));
    pthread_condattr_t by_monotonic;
    if (tries == NULL || pthread_condattr_init(&by_monotonic) != 0) {
        free(tries);
        return OSK_NO_MEMORY;
    }
    pthread_condattr_setclock(&by_monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&tries->lock, NULL);
    pthread_cond_init(&tries->changed, &by_monotonic);
    pthread_condattr_destroy(&by_monotonic);
    tries->random = random;
    bool has_key = random->fill(random->context, tries->key, sizeof(tries->key));
    while (has_key && tries->thread_count < OSK_TRIES_THREADS &&
           pthread_create(&tries->threads[tries->thread_count], NULL, serve, tries) == 0) {
        tries->thread_count++;
    }
    if (tries->thread_count == 0) {
        osk_tries_close(&tries);
        return has_key ? OSK_NO_MEMORY : OSK_IO;
    }
    *out = tries;
    return OSK_OK;
}

/* One of those of its kind makes room for `one`. */
static OskTry *evict(OskTries *tries, const OskTry *one)
{
    OskTry **at = &tries->first;
    unsigned skip = draw(tries, tries->waiting[one->is_known]);
    while ((*at)->is_known != one->is_known || skip-- > 0) {
        at = &(*at)->next;
    }
    return take(tries, at);
}

static void add(OskTries *tries, OskTry *one, const void *name, size_t len, int64_t until_ms)
{
    one->until_ms = until_ms;
    one->retry_s = RETRY_S;
    uint8_t hash[32];
    osk_seal_hmac(tries->key, sizeof(tries->key), name, len, hash);
    one->lane = (unsigned)(hash[0] << 8 | hash[1]) % LANES;
    pthread_mutex_lock(&tries->lock);
    OskTry *refused = tries->is_closing ? one : NULL;
    if (refused == NULL && tries->waiting[one->is_known] >= OSK_TRIES_WAITING_MAX) {
        refused = evict(tries, one);
    }
    if (refused != one) {
        one->next = tries->first;
        tries->first = one;
        tries->waiting[one->is_known]++;
        pthread_cond_broadcast(&tries->changed);
    }
    pthread_mutex_unlock(&tries->lock);
    if (refused != NULL) {
        refused->refuse(refused);
    }
}

void osk_tries_add(OskTries *tries, OskTry *one, const void *name, size_t len)
{
    one->is_known = false;
    add(tries, one, name, len, INT64_MAX);
}

void osk_tries_add_brief(OskTries *tries, OskTry *one, const void *name, size_t len)
{
    one->is_known = false;
    add(tries, one, name, len, osk_now_ms() + OSK_TRIES_BRIEF_MS);
}

void osk_tries_add_known(OskTries *tries, OskTry *one, const void *of, size_t len)
{
    one->is_known = true;
    add(tries, one, of, len, INT64_MAX);
}

void osk_tries_park(OskTries *tries)
{
    OskTry *one = NULL;
    do {
        pthread_mutex_lock(&tries->lock);
        tries->is_closing = true;
        one = tries->first != NULL ? take(tries, &tries->first) : NULL;
        pthread_cond_broadcast(&tries->changed);
        pthread_mutex_unlock(&tries->lock);
        if (one != NULL) {
            one->refuse(one);
        }
    } while (one != NULL);
}

void osk_tries_close(OskTries **tries)
{
    OskTries *closing = *tries;
    if (closing == NULL) {
        return;
    }
    osk_tries_park(closing);
    for (unsigned i = 0; i < closing->thread_count; i++) {
        pthread_join(closing->threads[i], NULL);
    }
    pthread_cond_destroy(&closing->changed);
    pthread_mutex_destroy(&closing->lock);
    osk_seal_wipe(closing, sizeof(*closing));
    free(closing);
    *tries = NULL;
}
