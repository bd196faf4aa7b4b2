/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a worker does: decode, cover, crop, turn, resize, encode. Hermetic: bytes in, bytes out. */
#ifndef OSK_WORKER_JOB_H
#define OSK_WORKER_JOB_H

#include "base/writer.h"
#include "host/worker_protocol.h"

typedef struct OskJob {
    const OskWorkerAsk *ask;
    const uint8_t *bytes;   /* ask->input_len of them */
    const uint8_t *regions; /* ask->regions_len of JSON, or NULL */
    OskRandom random;
    void (*progress)(void *context, uint32_t done, uint32_t total); /* NULL for none */
    void *context;
} OskJob;

/* Errors: what the codec says; UNSUPPORTED for a format without a codec. Nothing in `out` may be
 * used then. */
OskStatus osk_job_run(const OskJob *job, OskWriter *out, OskWorkerDone *out_done, OskFault *fault);

#endif
