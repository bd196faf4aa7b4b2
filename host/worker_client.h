/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jobs that need a pixel decoder are done by oilskin-worker, a process of its own in a sandbox. */
#ifndef OSK_HOST_WORKER_CLIENT_H
#define OSK_HOST_WORKER_CLIENT_H

#include "host/worker_protocol.h"

/* Wall clock. A worker that says nothing at first is broken; a job takes as long as its picture is
 * big, and 200 megapixels of AVIF take minutes. */
#define OSK_WORKER_HELLO_MS 10000u
#define OSK_WORKER_DEADLINE_MS 600000u
/* A worker that has answered must be gone by then. */
#define OSK_WORKER_END_MS 2000u

/* What the end of a worker says, beside its status. */
typedef enum OskWorkerFate {
    OSK_WORKER_TOLD, /* it gave an answer, or said itself why there is none */
    OSK_WORKER_DIED, /* or answered wrongly: its job did that to it, or any job would */
    OSK_WORKER_LAME, /* it never came so far as to be given a job, and won't the next time */
    OSK_WORKER_BUSY  /* this machine had no time or no room for it; or nobody wanted it any more */
} OskWorkerFate;

/* Called for every frame that is done, and several times a second meanwhile. False cancels the job.
 */
typedef bool (*OskWorkerProgress)(void *context, uint32_t done, uint32_t total);

typedef struct OskWorkerJob {
    OskWorkerOp op;
    const char *format;        /* of the input, as in the format registry; at most 15 letters */
    const char *output_format; /* RENDER: "png", "jpeg", or NULL for what holds it best */
    const void *bytes;         /* the input, lent; NULL for `input_fd` */
    int input_fd;              /* open for reading alone, nobody may write to it meanwhile */
    uint64_t len;
    const OskRegions *regions; /* NULL for none */
    bool crop;
    uint32_t crop_x;
    uint32_t crop_y;
    uint32_t crop_width;
    uint32_t crop_height;
    unsigned turn;   /* clockwise: 0, 90, 180, 270 */
    bool mirror;     /* left and right change places, after turning */
    uint32_t resize; /* the longest side, 0 for no */
    unsigned quality;
    OskLimits limits;     /* zero means the default; of memory, half of the machine at most */
    unsigned deadline_ms; /* 0 for OSK_WORKER_DEADLINE_MS */
    const char *worker;   /* NULL: the one that belongs to this program. Only tests name another */
    OskWorkerProgress progress; /* NULL for none */
    void *progress_context;
} OskWorkerJob;

typedef struct OskWorkerResult {
    OskPictureInfo info; /* of the input */
    uint32_t changes;    /* OSK_CHANGE_* */
    OskAreas areas;      /* what was covered */
    uint32_t centibel;   /* as in OskWorkerDone */
    const char *note;
    uint32_t layers;      /* OSK_LAYER_* that were in force; also after a fault, as far as known */
    const uint8_t *bytes; /* the output; NULL for INFO */
    size_t len;
} OskWorkerResult;

/* Starts a worker, hands it one job, checks every answer, ends it. Safe to call from several
 * threads.
 * Ownership: osk_worker_result_free() whatever the status is.
 * Errors: what the codec said; IO when there is no worker; LIMIT when time or memory end;
 * UNSUPPORTED when the decoder crashes or seccomp is missing; MALFORMED when it answers wrongly or
 * its sandbox has stopped it. `fault` is set with static strings. */
OskStatus osk_worker_run(const OskWorkerJob *job, OskWorkerResult *out_result, OskFault *fault);
void osk_worker_result_free(OskWorkerResult *result);

#define OSK_WORKER_SENTENCE_BYTES 400u
/* What is missing of the sandbox, in one sentence for a person, or false when nothing is. */
bool osk_worker_missing(uint32_t layers, char out[OSK_WORKER_SENTENCE_BYTES]);

/* The JSON of regions version 1 that osk_regions_parse() reads as the same list.
 * Ownership: free(). NULL when memory ends. */
char *osk_worker_regions_json(const OskRegions *regions, size_t *out_len);

#endif
