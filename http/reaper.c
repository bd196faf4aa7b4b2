/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/reaper.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "host/clock.h"
#include "http/limits.h"
#include "http/sent.h"

struct OskDeadline {
    OskDeadline *next;
    OskDeadline *previous;
    int64_t end_ms;
    int64_t held_ms; /* what is left while it is held; -1 when it is not */
    OskPace pace;    /* of an answer; 0 while there is none */
    OskSent sent;    /* of it when it was looked at */
    int64_t looked_ms;
    int64_t moved_ms; /* something was taken */
    int fd;
};

struct OskReaper {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    OskDeadline head; /* of a ring */
    uint64_t ended;
    bool stops;
    bool ends_all;
};

/* What so many bytes buy. */
static int64_t worth_ms(uint64_t bytes, int64_t most)
{
    return bytes > UINT32_MAX ? most : (int64_t)bytes * 1000 / OSK_HTTP_BODY_RATE;
}

/* Looks at what was taken of an answer since the last time. */
static void look(OskDeadline *at, int64_t now)
{
    OskSent sent;
    at->looked_ms = now;
    if (!osk_http_sent(at->fd, &sent)) {
        return;
    }
    bool moved = sent.is_counted ? sent.taken != at->sent.taken : sent.left != at->sent.left;
    /* Where nothing is left to be taken, it is us for whom he waits. */
    if (moved || sent.left == 0) {
        at->moved_ms = now;
    }
    if (moved) {
        /* Behind a path there is a proxy of ours: it is enough that it reads. */
        uint64_t bytes = sent.is_counted ? sent.taken - at->sent.taken : UINT64_MAX;
        int64_t end = at->end_ms + worth_ms(bytes, at->pace.ms);
        at->end_ms = end < now + at->pace.ms ? end : now + at->pace.ms;
    }
    if (now - at->moved_ms >= at->pace.silent_ms) {
        at->end_ms = now;
    }
    at->sent = sent;
}

static void end_late_ones(OskReaper *reaper)
{
    int64_t now = osk_now_ms();
    for (OskDeadline *at = reaper->head.next; at != &reaper->head; at = at->next) {
        if (at->pace.ms > 0 && at->end_ms != INT64_MAX && now - at->looked_ms >= at->pace.look_ms) {
            look(at, now);
        }
        if ((at->end_ms <= now && at->held_ms < 0) ||
            (reaper->ends_all && at->end_ms != INT64_MAX)) {
            shutdown(at->fd, SHUT_RDWR);
            reaper->ended += !reaper->ends_all;
            at->end_ms = INT64_MAX;
        }
    }
}

static void *reap(void *context)
{
    OskReaper *reaper = context;
    pthread_mutex_lock(&reaper->lock);
    while (!reaper->stops) {
        struct timespec until = { 0 };
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += OSK_HTTP_REAP_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&reaper->wake, &reaper->lock, &until);
        end_late_ones(reaper);
    }
    pthread_mutex_unlock(&reaper->lock);
    return NULL;
}

OskReaper *osk_reaper_start(void)
{
    OskReaper *reaper = calloc(1, sizeof(*reaper));
    if (reaper == NULL) {
        return NULL;
    }
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_mutex_init(&reaper->lock, NULL);
    pthread_cond_init(&reaper->wake, &clock);
    pthread_condattr_destroy(&clock);
    reaper->head.next = &reaper->head;
    reaper->head.previous = &reaper->head;
    if (pthread_create(&reaper->thread, NULL, reap, reaper) != 0) {
        pthread_cond_destroy(&reaper->wake);
        pthread_mutex_destroy(&reaper->lock);
        free(reaper);
        return NULL;
    }
    return reaper;
}

OskDeadline *osk_reaper_watch(OskReaper *reaper, int fd, int64_t ms)
{
    OskDeadline *deadline = calloc(1, sizeof(*deadline));
    if (deadline == NULL) {
        return NULL;
    }
    deadline->fd = fd;
    deadline->held_ms = -1;
    deadline->end_ms = osk_now_ms() + ms;
    pthread_mutex_lock(&reaper->lock);
    deadline->next = reaper->head.next;
    deadline->previous = &reaper->head;
    deadline->next->previous = deadline;
    reaper->head.next = deadline;
    pthread_mutex_unlock(&reaper->lock);
    return deadline;
}

/* Under the lock. What was shut down stays so. */
static void set_end(OskDeadline *deadline, int64_t end)
{
    if (deadline->end_ms != INT64_MAX) {
        deadline->end_ms = end;
    }
}

void osk_reaper_extend(OskReaper *reaper, OskDeadline *deadline, int64_t ms)
{
    if (deadline == NULL) {
        return;
    }
    int64_t end = osk_now_ms() + ms;
    pthread_mutex_lock(&reaper->lock);
    deadline->pace.ms = 0;
    set_end(deadline, end);
    if (deadline->held_ms >= 0) {
        deadline->held_ms = ms;
    }
    pthread_mutex_unlock(&reaper->lock);
}

void osk_reaper_send(OskReaper *reaper, OskDeadline *deadline, const OskPace *pace)
{
    osk_reaper_extend(reaper, deadline, pace->ms);
    if (deadline == NULL) {
        return;
    }
    int64_t now = osk_now_ms();
    pthread_mutex_lock(&reaper->lock);
    deadline->pace = *pace;
    deadline->moved_ms = now;
    deadline->looked_ms = now;
    (void)osk_http_sent(deadline->fd, &deadline->sent);
    pthread_mutex_unlock(&reaper->lock);
}

void osk_reaper_progress(OskReaper *reaper, OskDeadline *deadline, size_t bytes)
{
    if (deadline == NULL || bytes == 0) {
        return;
    }
    const int64_t most = OSK_HTTP_BODY_WINDOW_MS;
    int64_t worth = worth_ms(bytes, most);
    int64_t now = osk_now_ms();
    pthread_mutex_lock(&reaper->lock);
    if (deadline->held_ms >= 0) {
        int64_t left = deadline->held_ms + worth;
        deadline->held_ms = left < most ? left : most;
    } else if (deadline->end_ms != INT64_MAX) {
        int64_t end = deadline->end_ms + worth;
        set_end(deadline, end < now + most ? end : now + most);
    }
    pthread_mutex_unlock(&reaper->lock);
}

void osk_reaper_hold(OskReaper *reaper, OskDeadline *deadline)
{
    if (deadline == NULL) {
        return;
    }
    int64_t now = osk_now_ms();
    pthread_mutex_lock(&reaper->lock);
    if (deadline->held_ms < 0) {
        deadline->held_ms = deadline->end_ms > now ? deadline->end_ms - now : 0;
    }
    pthread_mutex_unlock(&reaper->lock);
}

void osk_reaper_release(OskReaper *reaper, OskDeadline *deadline)
{
    if (deadline == NULL) {
        return;
    }
    int64_t now = osk_now_ms();
    pthread_mutex_lock(&reaper->lock);
    if (deadline->held_ms >= 0) {
        set_end(deadline, now + deadline->held_ms);
        deadline->held_ms = -1;
    }
    pthread_mutex_unlock(&reaper->lock);
}

uint64_t osk_reaper_count(OskReaper *reaper)
{
    pthread_mutex_lock(&reaper->lock);
    uint64_t ended = reaper->ended;
    pthread_mutex_unlock(&reaper->lock);
    return ended;
}

void osk_reaper_end_all(OskReaper *reaper)
{
    pthread_mutex_lock(&reaper->lock);
    reaper->ends_all = true;
    end_late_ones(reaper);
    pthread_mutex_unlock(&reaper->lock);
}

static void unlink_and_free(OskDeadline *deadline)
{
    deadline->next->previous = deadline->previous;
    deadline->previous->next = deadline->next;
    free(deadline);
}

void osk_reaper_forget(OskReaper *reaper, OskDeadline *deadline)
{
    if (deadline == NULL) {
        return;
    }
    pthread_mutex_lock(&reaper->lock);
    unlink_and_free(deadline);
    pthread_mutex_unlock(&reaper->lock);
}

void osk_reaper_stop(OskReaper **reaper)
{
    if (*reaper == NULL) {
        return;
    }
    pthread_mutex_lock(&(*reaper)->lock);
    (*reaper)->stops = true;
    pthread_cond_signal(&(*reaper)->wake);
    pthread_mutex_unlock(&(*reaper)->lock);
    pthread_join((*reaper)->thread, NULL);
    while ((*reaper)->head.next != &(*reaper)->head) {
        unlink_and_free((*reaper)->head.next);
    }
    pthread_cond_destroy(&(*reaper)->wake);
    pthread_mutex_destroy(&(*reaper)->lock);
    free(*reaper);
    *reaper = NULL;
}
