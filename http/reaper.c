/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/reaper.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "http/limits.h"

struct OskDeadline {
    OskDeadline *next;
    OskDeadline *previous;
    int64_t end_ms;
    int fd;
};

struct OskReaper {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    OskDeadline head; /* of a ring */
    bool stops;
};

static int64_t now_ms(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void end_late_ones(OskReaper *reaper)
{
    int64_t now = now_ms();
    for (OskDeadline *at = reaper->head.next; at != &reaper->head; at = at->next) {
        if (at->end_ms <= now) {
            shutdown(at->fd, SHUT_RDWR);
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
    deadline->end_ms = now_ms() + ms;
    pthread_mutex_lock(&reaper->lock);
    deadline->next = reaper->head.next;
    deadline->previous = &reaper->head;
    deadline->next->previous = deadline;
    reaper->head.next = deadline;
    pthread_mutex_unlock(&reaper->lock);
    return deadline;
}

void osk_reaper_extend(OskReaper *reaper, OskDeadline *deadline, int64_t ms)
{
    int64_t end = now_ms() + ms;
    pthread_mutex_lock(&reaper->lock);
    deadline->end_ms = end;
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
