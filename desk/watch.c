/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/watch.h"

#include <time.h>

#include "desk/call.h"
#include "desk/readers.h"
#include "desk/sweep.h"
#include "host/clock.h"

#define WATCH_S 1
#define SWEEP_MS 3600000

static void end_sessions(void *context, const OskId *reviewer)
{
    OskDesk *desk = context;
    osk_sessions_end_all(desk->sessions, reviewer);
    osk_copies_drop(desk->copies, reviewer);
}

/* What fails now is tried again later. */
static void look(OskDesk *desk)
{
    OskFault fault = { 0 };
    if (osk_reviewers_refresh(desk->reviewers, end_sessions, desk, &fault) == OSK_OK) {
        osk_desk_tell_readers(desk);
    }
    /* A night without a visit is no wait for who comes in the morning. */
    osk_model_keep_up(desk->model, &fault);
    osk_copies_end(desk->copies, desk->sessions, osk_now_ms());
    osk_copies_sweep(desk->copies, osk_now_ms());
}

static void *watch(void *context)
{
    OskDesk *desk = context;
    int64_t next_sweep = osk_now_ms();
    pthread_mutex_lock(&desk->watch_lock);
    while (!desk->is_ending) {
        struct timespec until = { 0 };
        pthread_mutex_unlock(&desk->watch_lock);
        look(desk);
        if (osk_now_ms() >= next_sweep) {
            OskFault fault = { 0 };
            uint64_t dropped = 0;
            (void)osk_desk_sweep(desk->store, desk->model, osk_desk_today(), &dropped, &fault);
            next_sweep = osk_now_ms() + SWEEP_MS;
        }
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
