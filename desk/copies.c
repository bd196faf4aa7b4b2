/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/copies.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "host/sealed_memory.h"

/* One that waits (`writer`), or one that comes. */
typedef struct Place {
    bool is_taken;
    OskCopy copy;
    OskBlobWriter *writer; /* NULL: it comes */
    int64_t until_ms;
} Place;

struct OskCopies {
    pthread_mutex_t lock;
    Place places[OSK_COPIES_MAX];
};

OskCopies *osk_copies_open(void)
{
    OskCopies *copies = calloc(1, sizeof(*copies));
    if (copies != NULL) {
        pthread_mutex_init(&copies->lock, NULL);
    }
    return copies;
}

static bool is_of(const Place *place, const OskId *reviewer)
{
    return place->is_taken && memcmp(&place->copy.reviewer, reviewer, sizeof(*reviewer)) == 0;
}

static void empty(Place *place)
{
    osk_blob_abort(&place->writer);
    *place = (Place){ .is_taken = false };
}

/* The oldest that waits; of one reviewer where that is not NULL. */
static Place *find_oldest(OskCopies *copies, const OskId *reviewer)
{
    Place *oldest = NULL;
    for (size_t i = 0; i < OSK_COPIES_MAX; i++) {
        Place *place = &copies->places[i];
        if (place->is_taken && place->writer != NULL &&
            (reviewer == NULL || is_of(place, reviewer)) &&
            (oldest == NULL || place->until_ms < oldest->until_ms)) {
            oldest = place;
        }
    }
    return oldest;
}

static Place *find_free(OskCopies *copies)
{
    for (size_t i = 0; i < OSK_COPIES_MAX; i++) {
        if (!copies->places[i].is_taken) {
            return &copies->places[i];
        }
    }
    return NULL;
}

bool osk_copies_enter(OskCopies *copies, const OskId *reviewer)
{
    size_t count = 0;
    pthread_mutex_lock(&copies->lock);
    for (size_t i = 0; i < OSK_COPIES_MAX; i++) {
        count += is_of(&copies->places[i], reviewer) ? 1 : 0;
    }
    Place *place = count < OSK_COPIES_EACH ? find_free(copies) : NULL;
    if (place == NULL) {
        place = find_oldest(copies, count < OSK_COPIES_EACH ? NULL : reviewer);
    }
    if (place != NULL) {
        empty(place);
        *place = (Place){ .is_taken = true, .copy = { .reviewer = *reviewer } };
    }
    pthread_mutex_unlock(&copies->lock);
    return place != NULL;
}

/* With the lock. One of those that come: which of them is no matter. */
static Place *find_coming(OskCopies *copies, const OskId *reviewer)
{
    for (size_t i = 0; i < OSK_COPIES_MAX; i++) {
        if (is_of(&copies->places[i], reviewer) && copies->places[i].writer == NULL) {
            return &copies->places[i];
        }
    }
    return NULL;
}

void osk_copies_leave(OskCopies *copies, const OskId *reviewer)
{
    pthread_mutex_lock(&copies->lock);
    Place *place = find_coming(copies, reviewer);
    if (place != NULL) {
        empty(place);
    }
    pthread_mutex_unlock(&copies->lock);
}

void osk_copies_add(OskCopies *copies, const OskCopy *copy, OskBlobWriter **writer, int64_t now_ms)
{
    pthread_mutex_lock(&copies->lock);
    Place *place = find_coming(copies, &copy->reviewer);
    if (place != NULL) {
        *place = (Place){
            .is_taken = true, .copy = *copy, .writer = *writer, .until_ms = now_ms + OSK_COPY_MS
        };
        *writer = NULL;
    }
    pthread_mutex_unlock(&copies->lock);
    osk_blob_abort(writer);
}

/* With the lock. */
static Place *find(OskCopies *copies, const OskCopy *copy, int64_t now_ms)
{
    for (size_t i = 0; i < OSK_COPIES_MAX; i++) {
        Place *place = &copies->places[i];
        if (is_of(place, &copy->reviewer) && place->writer != NULL && now_ms < place->until_ms &&
            memcmp(&place->copy.id, &copy->id, sizeof(copy->id)) == 0) {
            return place;
        }
    }
    return NULL;
}

bool osk_copies_find(OskCopies *copies, OskCopy *copy, int64_t now_ms, int *out_fd)
{
    *out_fd = -1;
    pthread_mutex_lock(&copies->lock);
    const Place *place = find(copies, copy, now_ms);
    if (place != NULL) {
        *copy = place->copy;
        *out_fd = osk_open_to_read(osk_blob_fd(place->writer));
    }
    pthread_mutex_unlock(&copies->lock);
    return *out_fd >= 0;
}

bool osk_copies_take(OskCopies *copies, OskCopy *copy, int64_t now_ms, OskBlobWriter **out_writer)
{
    *out_writer = NULL;
    pthread_mutex_lock(&copies->lock);
    Place *place = find(copies, copy, now_ms);
    if (place != NULL) {
        *copy = place->copy;
        *out_writer = place->writer;
        *place = (Place){ .is_taken = false };
    }
    pthread_mutex_unlock(&copies->lock);
    return *out_writer != NULL;
}

void osk_copies_drop(OskCopies *copies, const OskId *reviewer)
{
    pthread_mutex_lock(&copies->lock);
    for (size_t i = 0; i < OSK_COPIES_MAX; i++) {
        if (is_of(&copies->places[i], reviewer) && copies->places[i].writer != NULL) {
            empty(&copies->places[i]);
        }
    }
    pthread_mutex_unlock(&copies->lock);
}

void osk_copies_end(OskCopies *copies, OskSessions *sessions, int64_t now_ms)
{
    pthread_mutex_lock(&copies->lock);
    for (size_t i = 0; i < OSK_COPIES_MAX; i++) {
        Place *place = &copies->places[i];
        if (place->is_taken && place->writer != NULL &&
            !osk_sessions_has(sessions, place->copy.session, now_ms)) {
            empty(place);
        }
    }
    pthread_mutex_unlock(&copies->lock);
}

void osk_copies_sweep(OskCopies *copies, int64_t now_ms)
{
    pthread_mutex_lock(&copies->lock);
    for (size_t i = 0; i < OSK_COPIES_MAX; i++) {
        Place *place = &copies->places[i];
        if (place->is_taken && place->writer != NULL && now_ms >= place->until_ms) {
            empty(place);
        }
    }
    pthread_mutex_unlock(&copies->lock);
}

void osk_copies_close(OskCopies **copies)
{
    OskCopies *closing = *copies;
    if (closing != NULL) {
        for (size_t i = 0; i < OSK_COPIES_MAX; i++) {
            empty(&closing->places[i]);
        }
        pthread_mutex_destroy(&closing->lock);
        free(closing);
        *copies = NULL;
    }
}
