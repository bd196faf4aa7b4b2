/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/strip_trial.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/random.h"
#include "host/sealed_memory.h"

#define WAIT_MS 20000u
#define COMMENT "planted"
/* Sealed; the picture has 94 bytes. */
#define COPY_MAX (64u * 1024)

/* One grey pixel, and a comment in a tEXt chunk. */
static const uint8_t picture[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b,
    0x55, 0x00, 0x00, 0x00, 0x0f, 0x74, 0x45, 0x58, 0x74, 0x43, 0x6f, 0x6d, 0x6d, 0x65, 0x6e, 0x74,
    0x00, 0x70, 0x6c, 0x61, 0x6e, 0x74, 0x65, 0x64, 0xe2, 0xde, 0x62, 0x20, 0x00, 0x00, 0x00, 0x0a,
    0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x68, 0x00, 0x00, 0x00, 0x82, 0x00, 0x81, 0xda, 0x45,
    0x08, 0x3b, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82
};

typedef struct Trial {
    OskSealedMemory sealed;
    int output;
    OskIdentity reader;
    const atomic_bool *ends; /* or NULL */
} Trial;

static OskStatus fail(OskFault *fault, OskStatus status, const char *what, const char *next)
{
    osk_fault_set(fault, status, "worker", what, OSK_NO_OFFSET);
    osk_fault_next(fault, next);
    return status;
}

static bool seal_picture(Trial *trial)
{
    const OskRandom random = { .fill = osk_random_fill };
    trial->output = memfd_create("copy", MFD_CLOEXEC);
    return trial->output >= 0 && osk_identity_make(&trial->reader, &random, NULL) == OSK_OK &&
           osk_sealed_memory_make(&trial->sealed, &trial->reader.recipient, picture,
                                  sizeof(picture));
}

/* What the worker says is not believed: the copy is opened. */
static bool is_scrubbed(const Trial *trial)
{
    const OskUnsealWith with = { .identities = &trial->reader, .count = 1 };
    uint8_t *copy = malloc(COPY_MAX);
    OskMemory plain = { .max = COPY_MAX };
    ssize_t got = copy != NULL ? pread(trial->output, copy, COPY_MAX, 0) : -1;
    bool is_clean = got > 0 && osk_unseal_bytes(copy, (size_t)got, &with, &plain, NULL) == OSK_OK &&
                    plain.len > 8 && memcmp(plain.bytes, picture, 8) == 0 &&
                    memmem(plain.bytes, plain.len, COMMENT, sizeof(COMMENT) - 1) == NULL;
    osk_bytes_free(&plain.bytes);
    free(copy);
    return is_clean;
}

static bool goes_on(void *context, uint32_t done, uint32_t total)
{
    const Trial *trial = context;
    (void)done;
    (void)total;
    return trial->ends == NULL || !atomic_load(trial->ends);
}

/* A crowded machine passes. What else keeps a worker from a picture of one pixel does so again. */
static OskStatus judge(OskStatus status, OskWorkerFate fate, OskFault *fault)
{
    bool is_short = status == OSK_IO || status == OSK_NO_MEMORY || status == OSK_LIMIT;
    bool passes = fate == OSK_WORKER_BUSY || (fate != OSK_WORKER_LAME && is_short);
    OskStatus judged = passes ? OSK_IO : OSK_UNSUPPORTED;
    if (fault != NULL) {
        fault->status = judged;
    }
    return judged;
}

static OskStatus scrub_picture(Trial *trial, const char *worker, OskFault *fault)
{
    OskStripDone done;
    OskWorkerFate fate = OSK_WORKER_TOLD;
    const OskStripJob job = { .input_fd = trial->sealed.fd,
                              .segments = &trial->sealed.segment,
                              .segment_count = 1,
                              .output_fd = trial->output,
                              .output_max = osk_strip_output_max(sizeof(picture)),
                              .recipients = &trial->reader.recipient,
                              .recipient_count = 1,
                              .deadline_ms = WAIT_MS,
                              .worker = worker,
                              .progress = goes_on,
                              .progress_context = trial };
    OskStatus status = osk_worker_strip(&job, &done, &fate, fault);
    return status == OSK_OK ? OSK_OK : judge(status, fate, fault);
}

OskStatus osk_strip_trial(const char *worker, const atomic_bool *ends, OskFault *fault)
{
    Trial trial = { .sealed = { .fd = -1 }, .output = -1, .ends = ends };
    OskStatus status = OSK_OK;
    if (!seal_picture(&trial)) {
        status = fail(fault, OSK_IO, "no picture could be sealed to try it",
                      "free memory, then start it again");
    }
    if (status == OSK_OK) {
        status = scrub_picture(&trial, worker, fault);
    }
    if (status == OSK_OK && !is_scrubbed(&trial)) {
        status = fail(fault, OSK_UNSUPPORTED, "the copy of a test picture was not clean",
                      "install oilskin and its worker again, from one package");
    }
    osk_sealed_memory_free(&trial.sealed);
    if (trial.output >= 0) {
        close(trial.output);
    }
    osk_identity_wipe(&trial.reader);
    return status;
}
