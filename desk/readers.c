/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/readers.h"

#include <string.h>
#include <time.h>

#include "desk/call.h"

#define WATCH_S 1

typedef struct Gathering {
    OskRecipient *keys;
    size_t count;
} Gathering;

static bool has_key(const Gathering *gathering, const OskRecipient *key)
{
    for (size_t i = 0; i < gathering->count; i++) {
        if (memcmp(&gathering->keys[i], key, sizeof(*key)) == 0) {
            return true;
        }
    }
    return false;
}

static void add_key(Gathering *gathering, const OskRecipient *key)
{
    if (gathering->count < OSK_DESK_KEYS_MAX && !has_key(gathering, key)) {
        gathering->keys[gathering->count++] = *key;
    }
}

static void add_reviewer(void *context, const OskReviewer *reviewer)
{
    add_key(context, &reviewer->recipient);
}

size_t osk_desk_recipients(OskDesk *desk, OskRecipient out[OSK_SEAL_RECIPIENTS_MAX])
{
    Gathering gathering = { .keys = out };
    for (size_t i = 0; i < desk->recipient_count; i++) {
        add_key(&gathering, &desk->recipients[i]);
    }
    osk_reviewers_each(desk->reviewers, add_reviewer, &gathering);
    return gathering.count;
}

bool osk_desk_is_reader(OskDesk *desk, const OskRecipient *recipient)
{
    OskRecipient keys[OSK_SEAL_RECIPIENTS_MAX];
    const Gathering gathering = { .keys = keys, .count = osk_desk_recipients(desk, keys) };
    return has_key(&gathering, recipient);
}

bool osk_desk_has_room_for(OskDesk *desk, const OskRecipient *recipient)
{
    OskRecipient keys[OSK_SEAL_RECIPIENTS_MAX];
    const Gathering gathering = { .keys = keys, .count = osk_desk_recipients(desk, keys) };
    return gathering.count < OSK_DESK_KEYS_MAX || has_key(&gathering, recipient);
}

void osk_desk_tell_readers(OskDesk *desk)
{
    OskRecipient keys[OSK_SEAL_RECIPIENTS_MAX];
    uint8_t list[OSK_SEAL_LIST_BYTES];
    /* With the lock all the way: who tells later knows of later changes. */
    pthread_mutex_lock(&desk->lock);
    size_t count = osk_desk_recipients(desk, keys);
    osk_seal_list(keys, count, list);
    if (memcmp(list, desk->told, sizeof(list)) != 0) {
        memcpy(desk->told, list, sizeof(list));
        if (desk->readers_changed != NULL) {
            desk->readers_changed(desk->readers_context, keys, count);
        }
    }
    pthread_mutex_unlock(&desk->lock);
}

/* ---- what others change ---- */

static void end_sessions(void *context, const OskId *reviewer)
{
    OskDesk *desk = context;
    osk_sessions_end_all(desk->sessions, reviewer);
}

static void *watch(void *context)
{
    OskDesk *desk = context;
    pthread_mutex_lock(&desk->watch_lock);
    while (!desk->is_ending) {
        OskFault fault = { 0 };
        struct timespec until = { 0 };
        pthread_mutex_unlock(&desk->watch_lock);
        /* What can't be read now is read in a second. */
        if (osk_reviewers_refresh(desk->reviewers, end_sessions, desk, &fault) == OSK_OK) {
            osk_desk_tell_readers(desk);
        }
        /* A night without a visit is no wait for who comes in the morning. */
        osk_model_keep_up(desk->model, &fault);
        pthread_mutex_lock(&desk->watch_lock);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += WATCH_S;
        if (!desk->is_ending) {
            pthread_cond_timedwait(&desk->watch_ends, &desk->watch_lock, &until);
        }
    }
    pthread_mutex_unlock(&desk->watch_lock);
    return NULL;
}

bool osk_desk_watch_begin(OskDesk *desk)
{
    desk->is_watching = pthread_create(&desk->watcher, NULL, watch, desk) == 0;
    return desk->is_watching;
}

void osk_desk_watch_end(OskDesk *desk)
{
    pthread_mutex_lock(&desk->watch_lock);
    desk->is_ending = true;
    pthread_cond_signal(&desk->watch_ends);
    pthread_mutex_unlock(&desk->watch_lock);
    if (desk->is_watching) {
        pthread_join(desk->watcher, NULL);
        desk->is_watching = false;
    }
}
