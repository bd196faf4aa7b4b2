/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Its limits, its clock, its thread. */
#include "intake/admission_inside.h"

#include <stdlib.h>
#include <sys/sysinfo.h>
#include <time.h>

#include "host/clock.h"

/* How often time is looked at while anybody waits. */
#define TICK_MS 5

/* ---- the clock ---- */

static int64_t machine_ms(void *context)
{
    (void)context;
    return osk_now_ms();
}

int64_t osk_admission_now(const OskAdmission *admission)
{
    return admission->limits.now_ms(admission->limits.clock_context);
}

void osk_admission_tick(OskAdmission *admission)
{
    pthread_mutex_lock(&admission->lock);
    osk_turns_tick(admission);
    pthread_mutex_unlock(&admission->lock);
}

static void *keep_time(void *context)
{
    OskAdmission *admission = context;
    pthread_mutex_lock(&admission->lock);
    while (!admission->stops) {
        osk_turns_tick(admission);
        struct timespec until = { 0 };
        clock_gettime(CLOCK_MONOTONIC, &until);
        /* Leases and experience are not in a hurry. */
        until.tv_nsec += (osk_turns_waiting(admission) > 0 ? TICK_MS : 250) * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        if (!admission->stops) {
            pthread_cond_timedwait(&admission->tick, &admission->lock, &until);
        }
    }
    pthread_mutex_unlock(&admission->lock);
    return NULL;
}

/* ---- open and close ---- */

static void set_limits(OskAdmission *admission, const OskAdmissionLimits *limits)
{
    OskAdmissionLimits *own = &admission->limits;
    *own = *limits;
    int processors = get_nprocs();
    if (own->active == 0) {
        own->active = processors > 2 ? (unsigned)processors : 2;
    }
    own->disk_reserve_pct = own->disk_reserve_pct != 0 ? own->disk_reserve_pct : 10;
    own->small_bytes = own->small_bytes != 0 ? own->small_bytes : 32ull * 1024 * 1024;
    own->lease_bytes = own->lease_bytes != 0 ? own->lease_bytes : 64ull * 1024 * 1024;
    own->lease_idle_ms = own->lease_idle_ms != 0 ? own->lease_idle_ms : 60000;
    own->now_ms = own->now_ms != NULL ? own->now_ms : machine_ms;
}

OskStatus osk_admission_open(OskAdmission **out, const OskAdmissionLimits *limits)
{
    *out = NULL;
    OskAdmission *admission = calloc(1, sizeof(*admission));
    if (admission == NULL) {
        return OSK_NO_MEMORY;
    }
    set_limits(admission, limits);
    for (unsigned hope = 0; hope < OSK_HOPES; hope++) {
        /* Before there is experience everybody comes; only that what waits to be submitted is, must
         * be seen. */
        admission->chance[hope] = hope == OSK_HOPE_SUBMIT ? 0 : OSK_PLACE;
    }
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_mutex_init(&admission->lock, NULL);
    pthread_cond_init(&admission->tick, &clock);
    pthread_cond_init(&admission->called, NULL);
    pthread_condattr_destroy(&clock);
    admission->has_thread = limits->now_ms == NULL;
    if (admission->has_thread &&
        pthread_create(&admission->thread, NULL, keep_time, admission) != 0) {
        admission->has_thread = false;
        osk_admission_close(&admission);
        return OSK_NO_MEMORY;
    }
    *out = admission;
    return OSK_OK;
}

void osk_admission_set(OskAdmission *admission, const OskAdmissionLimits *limits)
{
    pthread_mutex_lock(&admission->lock);
    set_limits(admission, limits);
    osk_go_on(admission);
    pthread_mutex_unlock(&admission->lock);
}

void osk_admission_close(OskAdmission **admission)
{
    if (*admission == NULL) {
        return;
    }
    if ((*admission)->has_thread) {
        pthread_mutex_lock(&(*admission)->lock);
        (*admission)->stops = true;
        pthread_cond_signal(&(*admission)->tick);
        pthread_mutex_unlock(&(*admission)->lock);
        pthread_join((*admission)->thread, NULL);
    }
    pthread_cond_destroy(&(*admission)->tick);
    pthread_cond_destroy(&(*admission)->called);
    pthread_mutex_destroy(&(*admission)->lock);
    osk_slots_free(*admission);
    free(*admission);
    *admission = NULL;
}

void osk_admission_counts(OskAdmission *admission, OskAdmissionCounts *out)
{
    pthread_mutex_lock(&admission->lock);
    *out = admission->counts;
    out->turns = admission->turns;
    out->waiting = osk_turns_waiting(admission);
    out->running = admission->running.count + admission->works[OSK_WORK_SCRUB] +
                   admission->works[OSK_WORK_RECEIPT];
    out->leased_bytes = admission->promised;
    pthread_mutex_unlock(&admission->lock);
}
