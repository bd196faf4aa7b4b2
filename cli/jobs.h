/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work on many files at once, told in order. */
#ifndef OSK_CLI_JOBS_H
#define OSK_CLI_JOBS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct OskJobs {
    void *context;
    size_t count;
    unsigned threads;
    /* Does job `index`; called once for each, from several threads at once. */
    void (*run)(void *context, size_t index);
    /* Tells how it ended; called from the calling thread, in order, as soon as all before it are
     * done. */
    void (*tell)(void *context, size_t index);
    /* Called from the calling thread about ten times a second while there is work; may be NULL. */
    void (*tick)(void *context);
} OskJobs;

#define OSK_JOBS_MAX 128u

/* Runs all jobs. False when not even one thread could be made: nothing was run then. */
bool osk_jobs_run(const OskJobs *jobs);

/* The processors that this process may use, at least 1. */
unsigned osk_jobs_processors(void);

#endif
