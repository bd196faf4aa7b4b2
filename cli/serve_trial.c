/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/serve_trial.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "host/strip_trial.h"

struct OskTrials {
    OskIntake *intake;
    const char *worker;
    OskStatus last;
    atomic_bool ends;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool hurries; /* under `lock` */
};

static time_t pause_after(OskStatus status)
{
    return status == OSK_OK ? OSK_TRIAL_GOOD_S : OSK_TRIAL_BAD_S;
}

/* False when it ends. */
static bool wait_for_next(OskTrials *trials, time_t seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&trials->lock);
    int got = 0;
    while (got == 0 && !trials->hurries && !atomic_load(&trials->ends)) {
        got = pthread_cond_timedwait(&trials->wake, &trials->lock, &until);
    }
    trials->hurries = false;
    pthread_mutex_unlock(&trials->lock);
    return !atomic_load(&trials->ends);
}

static void tell_bad(const OskFault *fault)
{
    fprintf(stderr,
            "oilskin serve: no file can be scrubbed on this machine any more: %s\n%s%s"
            "oilskin serve: words, originals and what browsers have sealed are taken\n",
            fault->what != NULL ? fault->what : osk_status_name(fault->status),
            fault->next != NULL ? fault->next : "", fault->next != NULL ? "\n" : "");
}

/* What nobody knows changes nothing: each file must prove it for itself, or is sent again later. */
static OskStatus try_once(OskTrials *trials)
{
    OskFault fault = { .status = OSK_OK };
    OskStatus status = osk_strip_trial(trials->worker, &trials->ends, &fault);
    bool could = osk_intake_can_scrub(trials->intake);
    if (status == OSK_OK && !could) {
        fputs("oilskin serve: files can be scrubbed again\n", stderr);
    } else if (status == OSK_UNSUPPORTED && could) {
        tell_bad(&fault);
    }
    if (status == OSK_OK || status == OSK_UNSUPPORTED) {
        osk_intake_set_can_scrub(trials->intake, status == OSK_OK);
    }
    return status;
}

static void *run(void *context)
{
    OskTrials *trials = context;
    time_t pause = trials->last == OSK_IO ? 0 : pause_after(trials->last);
    while (wait_for_next(trials, pause)) {
        pause = pause_after(try_once(trials));
    }
    return NULL;
}

OskTrials *osk_trials_start(OskIntake *intake, const char *worker, OskStatus last)
{
    pthread_condattr_t clock;
    OskTrials *trials = calloc(1, sizeof(*trials));
    if (trials == NULL) {
        return NULL;
    }
    trials->intake = intake;
    trials->worker = worker;
    trials->last = last;
    atomic_init(&trials->ends, false);
    pthread_mutex_init(&trials->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&trials->wake, &clock);
    pthread_condattr_destroy(&clock);
    if (pthread_create(&trials->thread, NULL, run, trials) != 0) {
        pthread_cond_destroy(&trials->wake);
        pthread_mutex_destroy(&trials->lock);
        free(trials);
        return NULL;
    }
    return trials;
}

void osk_trials_hurry(OskTrials *trials)
{
    pthread_mutex_lock(&trials->lock);
    trials->hurries = true;
    pthread_cond_signal(&trials->wake);
    pthread_mutex_unlock(&trials->lock);
}

void osk_trials_stop(OskTrials **trials)
{
    OskTrials *ended = *trials;
    *trials = NULL;
    if (ended == NULL) {
        return;
    }
    atomic_store(&ended->ends, true);
    osk_trials_hurry(ended);
    pthread_join(ended->thread, NULL);
    pthread_cond_destroy(&ended->wake);
    pthread_mutex_destroy(&ended->lock);
    free(ended);
}
