/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parent's end of the socket: a worker is started, given its job, heard, and ended. What the
 * job is, its caller knows. */
#ifndef OSK_HOST_WORKER_TALK_H
#define OSK_HOST_WORKER_TALK_H

#include "host/worker_client.h"
#include "host/worker_spawn.h"

typedef struct OskWorkerCall {
    OskWorkerTalk talk; /* `op` and `output_capacity` are set by the caller */
    OskWorkerProcess process;
    int64_t deadline_ms; /* of the monotonic clock */
    OskWorkerProgress progress;
    void *progress_context;
    /* Says the job, once the sandbox stands. A worker that has died meanwhile is found when its
     * answer is missing. */
    void (*send)(void *context, const struct OskWorkerCall *call);
    void *context;
    OskFault *fault;
    OskWorkerFate fate; /* set */
} OskWorkerCall;

/* One message, with descriptors. */
void osk_worker_send(const OskWorkerCall *call, const void *bytes, size_t len, const int *fds,
                     size_t count);
/* The whole conversation; the process is gone when it returns. `start->id` is drawn here. Where it
 * is OK and `talk.faulted`, the worker's own fault was copied to `fault`, and is returned. Errors:
 * as osk_worker_run(). */
OskStatus osk_worker_call(OskWorkerCall *call, OskWorkerStart *start, unsigned wait_ms);

/* What a job may take where nobody says: a file that was made to be expensive must not take a small
 * machine down. */
uint64_t osk_worker_default_memory(void);

#endif
