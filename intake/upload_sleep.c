/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/random.h"
#include "intake/upload_state.h"

/* Room for a whole sealer and the box around it. */
#define PLACE_BYTES (sizeof(OskUploadLocked) + OSK_BOX_EXTRA_BYTES)
/* How many are looked at for one that isn't in use at this moment. */
#define TRIES 8
#define KEY_BYTES 32u

/* ---- the list of those that are awake, under the spool's lock ---- */

static void unlink_awake(OskUpload *upload)
{
    OskSpool *spool = upload->spool;
    *(upload->newer != NULL ? &upload->newer->older : &spool->newest) = upload->older;
    *(upload->older != NULL ? &upload->older->newer : &spool->oldest) = upload->newer;
    upload->newer = NULL;
    upload->older = NULL;
}

static void link_awake(OskUpload *upload)
{
    OskSpool *spool = upload->spool;
    upload->older = spool->newest;
    *(spool->newest != NULL ? &spool->newest->newer : &spool->oldest) = upload;
    spool->newest = upload;
}

/* ---- places in the scratch file ---- */

static bool has_scratch(OskSpool *spool)
{
    if (spool->scratch_key == NULL) {
        spool->scratch_key = osk_locked_alloc(KEY_BYTES);
        if (spool->scratch_key != NULL && !osk_random_fill(NULL, spool->scratch_key, KEY_BYTES)) {
            osk_locked_free(spool->scratch_key);
            spool->scratch_key = NULL;
        }
    }
    if (spool->scratch_key != NULL && spool->scratch == NULL &&
        osk_blob_begin(spool->store, 0, &spool->scratch, NULL) != OSK_OK) {
        spool->scratch = NULL;
    }
    return spool->scratch_key != NULL && spool->scratch != NULL && osk_blob_fd(spool->scratch) >= 0;
}

/* Room for every place to be free at once is made when the place is. */
static bool take_place(OskSpool *spool, uint32_t *out)
{
    pthread_mutex_lock(&spool->lock);
    bool taken = has_scratch(spool);
    if (taken && spool->free_count > 0) {
        *out = spool->free_places[--spool->free_count];
    } else if (taken) {
        if (spool->places == spool->free_room) {
            uint32_t room = spool->free_room == 0 ? 64 : spool->free_room * 2;
            uint32_t *places = realloc(spool->free_places, room * sizeof(*places));
            taken = places != NULL;
            spool->free_places = taken ? places : spool->free_places;
            spool->free_room = taken ? room : spool->free_room;
        }
        if (taken) {
            *out = spool->places++;
        }
    }
    pthread_mutex_unlock(&spool->lock);
    return taken;
}

static void give_place(OskUpload *upload)
{
    OskSpool *spool = upload->spool;
    if (upload->slept_len > 0) {
        pthread_mutex_lock(&spool->lock);
        spool->free_places[spool->free_count++] = upload->place;
        pthread_mutex_unlock(&spool->lock);
        upload->slept_len = 0;
    }
}

void osk_spool_forget_scratch(OskSpool *spool)
{
    osk_blob_abort(&spool->scratch);
    osk_locked_free(spool->scratch_key);
    free(spool->free_places);
    spool->scratch_key = NULL;
    spool->free_places = NULL;
}

/* ---- falling asleep ---- */

/* What of the locked memory means anything now. */
static size_t used_bytes(const OskUpload *upload)
{
    return upload->writer == NULL
               ? sizeof(OskUploadSecret)
               : offsetof(OskUploadLocked, sealer.chunk) + upload->locked->sealer.held;
}

static bool write_place(const OskUpload *upload, size_t len)
{
    const OskRandom random = { .fill = osk_random_fill };
    size_t boxed = len + OSK_BOX_EXTRA_BYTES;
    uint8_t *box = malloc(boxed);
    bool wrote = box != NULL && osk_box_lock(upload->spool->scratch_key, upload->locked, len, box,
                                             &random) == OSK_OK;
    off_t at = (off_t)upload->place * (off_t)PLACE_BYTES;
    int fd = osk_blob_fd(upload->spool->scratch);
    wrote = wrote && pwrite(fd, box, boxed, at) == (ssize_t)boxed;
    free(box);
    return wrote;
}

/* Stays awake where it can't: memory is then what the senders make of it. */
static bool fall_asleep(OskUpload *upload)
{
    OskSpool *spool = upload->spool;
    size_t len = used_bytes(upload);
    if (!take_place(spool, &upload->place)) {
        return false;
    }
    upload->slept_len = len;
    if (!write_place(upload, len)) {
        give_place(upload);
        return false;
    }
    osk_locked_free(upload->locked);
    upload->locked = NULL;
    pthread_mutex_lock(&spool->lock);
    unlink_awake(upload);
    spool->awake--;
    pthread_mutex_unlock(&spool->lock);
    return true;
}

/* The `skip`-th oldest, with a reference; NULL when there is room, or nobody else. */
static OskUpload *find_tired(OskSpool *spool, const OskUpload *except, unsigned skip)
{
    pthread_mutex_lock(&spool->lock);
    OskUpload *found = spool->awake >= spool->awake_max ? spool->oldest : NULL;
    while (found != NULL && (found == except || skip > 0)) {
        skip -= found == except ? 0 : 1;
        found = found->newer;
    }
    if (found != NULL) {
        found->refs++;
    }
    pthread_mutex_unlock(&spool->lock);
    return found;
}

static void make_room(OskSpool *spool, const OskUpload *upload)
{
    unsigned busy = 0;
    for (unsigned i = 0; i < TRIES; i++) {
        OskUpload *tired = find_tired(spool, upload, busy);
        if (tired == NULL) {
            return;
        }
        /* Never waits for another upload while it holds this one. */
        bool asleep = false;
        if (pthread_mutex_trylock(&tired->lock) == 0) {
            asleep = tired->locked != NULL && fall_asleep(tired);
            pthread_mutex_unlock(&tired->lock);
        }
        osk_upload_release(tired);
        busy += asleep ? 0 : 1;
    }
}

/* ---- waking ---- */

static bool read_place(OskUpload *upload)
{
    size_t boxed = upload->slept_len + OSK_BOX_EXTRA_BYTES;
    uint8_t *box = malloc(boxed);
    off_t at = (off_t)upload->place * (off_t)PLACE_BYTES;
    int fd = osk_blob_fd(upload->spool->scratch);
    bool opened =
        box != NULL && pread(fd, box, boxed, at) == (ssize_t)boxed &&
        osk_box_unlock(upload->spool->scratch_key, box, boxed, (uint8_t *)upload->locked) == OSK_OK;
    free(box);
    return opened;
}

OskStatus osk_upload_wake(OskUpload *upload)
{
    OskSpool *spool = upload->spool;
    bool was_awake = upload->locked != NULL;
    if (upload->ruined) {
        return OSK_IO;
    }
    if (!was_awake) {
        make_room(spool, upload);
        upload->locked = osk_locked_alloc(sizeof(*upload->locked));
        if (upload->locked == NULL) {
            return OSK_NO_MEMORY;
        }
    }
    pthread_mutex_lock(&spool->lock);
    if (was_awake) {
        unlink_awake(upload);
    }
    link_awake(upload);
    spool->awake += was_awake ? 0 : 1;
    pthread_mutex_unlock(&spool->lock);
    if (!was_awake && upload->slept_len > 0) {
        upload->ruined = !read_place(upload);
        give_place(upload);
    }
    if (upload->ruined) {
        /* Nothing may ever be locked under a key of zeros. */
        osk_upload_forget(upload);
    }
    return upload->ruined ? OSK_IO : OSK_OK;
}

void osk_upload_forget(OskUpload *upload)
{
    OskSpool *spool = upload->spool;
    give_place(upload);
    if (upload->locked != NULL) {
        osk_locked_free(upload->locked);
        upload->locked = NULL;
        pthread_mutex_lock(&spool->lock);
        unlink_awake(upload);
        spool->awake--;
        pthread_mutex_unlock(&spool->lock);
    }
}
