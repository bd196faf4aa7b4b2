/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/jobs.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#define TICK_NS 100000000L

typedef struct Pool {
    const OskJobs *jobs;
    pthread_mutex_t lock;
    pthread_cond_t finished; /* some job ended */
    size_t next;
    bool *done;
} Pool;

unsigned osk_jobs_processors(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
    return count < 1 ? 1 : (unsigned)count > OSK_JOBS_MAX ? OSK_JOBS_MAX : (unsigned)count;
}

static void *work(void *context)
{
    Pool *pool = context;
    pthread_mutex_lock(&pool->lock);
    while (pool->next < pool->jobs->count) {
        size_t index = pool->next++;
        pthread_mutex_unlock(&pool->lock);
        pool->jobs->run(pool->jobs->context, index);
        pthread_mutex_lock(&pool->lock);
        pool->done[index] = true;
        pthread_cond_signal(&pool->finished);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static void wait_a_tick(Pool *pool)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += TICK_NS;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&pool->finished, &pool->lock, &until);
}

/* Tells results in order until the last one. */
static void tell_all(Pool *pool)
{
    const OskJobs *jobs = pool->jobs;
    pthread_mutex_lock(&pool->lock);
    for (size_t told = 0; told < jobs->count;) {
        bool ready = pool->done[told];
        if (!ready) {
            wait_a_tick(pool);
            ready = pool->done[told];
        }
        pthread_mutex_unlock(&pool->lock);
        if (ready) {
            jobs->tell(jobs->context, told++);
        }
        if (jobs->tick != NULL) {
            jobs->tick(jobs->context);
        }
        pthread_mutex_lock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
}

bool osk_jobs_run(const OskJobs *jobs)
{
    Pool pool = { .jobs = jobs, .done = calloc(jobs->count + 1, sizeof(bool)) };
    pthread_t threads[OSK_JOBS_MAX];
    size_t started = 0;
    size_t wanted = jobs->threads < jobs->count ? jobs->threads : jobs->count;
    if (pool.done == NULL) {
        return false;
    }
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.finished, NULL);
    while (started < wanted && started < OSK_JOBS_MAX &&
           pthread_create(&threads[started], NULL, work, &pool) == 0) {
        started++;
    }
    bool fine = started > 0 || jobs->count == 0;
    if (fine) {
        tell_all(&pool);
    }
    for (size_t i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    pthread_cond_destroy(&pool.finished);
    pthread_mutex_destroy(&pool.lock);
    free(pool.done);
    return fine;
}
