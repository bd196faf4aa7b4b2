/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials in the pace that is asked for, without the time: the wait itself is wrapped. */
#include "cli/serve_trial.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "host/strip_trial.h"
#include "unit.h"

#define STEPS 5u

/* What each trial says, how long the wait before it is, and what the intake believes behind it. */
static const struct {
    OskStatus says;
    time_t waits;
    bool can_scrub;
} steps[STEPS] = {
    { OSK_IO, 0, true },
    { OSK_OK, OSK_TRIAL_BAD_S, true },
    { OSK_UNSUPPORTED, OSK_TRIAL_GOOD_S, false },
    { OSK_IO, OSK_TRIAL_BAD_S, false },
    { OSK_OK, OSK_TRIAL_BAD_S, true },
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t moved = PTHREAD_COND_INITIALIZER;
static unsigned tried;
static unsigned waited;
static time_t waits[STEPS + 1];
static bool beliefs[STEPS + 1];
static bool can_scrub = true;

int __real_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                                  const struct timespec *until);
int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                                  const struct timespec *until);

int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                                  const struct timespec *until)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    pthread_mutex_lock(&lock);
    bool is_last = waited == STEPS;
    if (waited <= STEPS) {
        waits[waited] = until->tv_sec - now.tv_sec;
        beliefs[waited] = can_scrub;
        waited++;
    }
    pthread_cond_signal(&moved);
    pthread_mutex_unlock(&lock);
    return is_last ? __real_pthread_cond_timedwait(cond, mutex, until) : ETIMEDOUT;
}

OskStatus osk_strip_trial(const char *worker, const atomic_bool *ends, OskFault *fault)
{
    assert_string_equal(worker, "the worker");
    assert_false(atomic_load(ends));
    pthread_mutex_lock(&lock);
    OskStatus says = tried < STEPS ? steps[tried].says : OSK_BUG;
    tried++;
    pthread_mutex_unlock(&lock);
    *fault = (OskFault){ .status = says, .what = "planted", .next = "mend it" };
    return says;
}

void osk_intake_set_can_scrub(OskIntake *intake, bool can)
{
    (void)intake;
    pthread_mutex_lock(&lock);
    can_scrub = can;
    pthread_mutex_unlock(&lock);
}

bool osk_intake_can_scrub(const OskIntake *intake)
{
    (void)intake;
    pthread_mutex_lock(&lock);
    bool can = can_scrub;
    pthread_mutex_unlock(&lock);
    return can;
}

static void trials__go_on_hourly_and_sooner_where_something_is_wrong(void **state)
{
    (void)state;
    OskTrials *trials = osk_trials_start(NULL, "the worker", OSK_IO);
    assert_non_null(trials);
    pthread_mutex_lock(&lock);
    while (waited <= STEPS) {
        pthread_cond_wait(&moved, &lock);
    }
    pthread_mutex_unlock(&lock);
    /* It lies in its last wait, and ends at once. */
    osk_trials_stop(&trials);
    assert_null(trials);
    assert_int_equal(tried, STEPS);
    for (unsigned i = 0; i < STEPS; i++) {
        assert_in_range(waits[i] + 1, steps[i].waits, steps[i].waits + 1);
        assert_int_equal(beliefs[i + 1], steps[i].can_scrub);
    }
    assert_in_range(waits[STEPS] + 1, OSK_TRIAL_GOOD_S, OSK_TRIAL_GOOD_S + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trials__go_on_hourly_and_sooner_where_something_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
