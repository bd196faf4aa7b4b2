/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/strip_client.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/fault.h"
#include "host/worker_talk.h"

/* Room for a header with all recipients, and for what a rewritten index takes more. */
#define OUTPUT_SLACK (1u << 20)

typedef struct Run {
    const OskStripJob *job;
    OskStripAsk ask;
} Run;

uint64_t osk_strip_output_max(uint64_t plain_len)
{
    return plain_len > UINT64_MAX / 2 ? UINT64_MAX : plain_len + plain_len / 7 + OUTPUT_SLACK;
}

static OskStatus fail(OskFault *fault, const char *what)
{
    return osk_fault_set(fault, OSK_MISUSE, "worker", what, OSK_NO_OFFSET);
}

static OskStatus make_ask(Run *run, OskFault *fault)
{
    const OskStripJob *job = run->job;
    OskStripAsk *ask = &run->ask;
    if (job->segment_count == 0 || job->segment_count > OSK_STRIP_SEGMENTS_MAX ||
        (job->recipient_count == 0) != ask->checks ||
        job->recipient_count > OSK_SEAL_RECIPIENTS_MAX ||
        (job->poster && (!job->films || job->triage != NULL))) {
        return fail(fault, "a job without a file, or for nobody");
    }
    if ((fcntl(job->input_fd, F_GETFL) & O_ACCMODE) != O_RDONLY ||
        (fcntl(job->output_fd, F_GETFL) & (O_ACCMODE | O_APPEND)) != O_RDWR) {
        return fail(fault, "an input that can be written to, or an output that can't");
    }
    *ask = (OskStripAsk){ .looks = ask->looks,
                          .checks = ask->checks,
                          .packs = ask->looks && job->triage != NULL,
                          .poster = ask->looks && job->poster,
                          .limits = job->limits,
                          .output_max = job->output_max,
                          .segment_count = (uint32_t)job->segment_count,
                          .recipient_count = (uint32_t)job->recipient_count };
    if (ask->limits.memory == 0) {
        ask->limits.memory = osk_worker_default_memory();
    }
    for (size_t i = 0; i < job->segment_count; i++) {
        ask->input_len += job->segments[i].sealed_len;
        ask->plain_len += job->segments[i].plain_len;
    }
    if (ask->packs) {
        ask->triage = *job->triage;
    }
    if (job->recipient_count > 0) {
        memcpy(ask->recipients, job->recipients, job->recipient_count * sizeof(*job->recipients));
    }
    return OSK_OK;
}

static void send_job(void *context, const OskWorkerCall *call)
{
    const Run *run = context;
    uint8_t bytes[OSK_STRIP_SEGMENTS_BYTES];
    const int fds[OSK_STRIP_DESCRIPTORS] = { run->job->input_fd, run->job->output_fd };
    size_t len = osk_strip_put_ask(bytes, call->talk.id, &run->ask);
    osk_worker_send(call, bytes, len, fds, OSK_STRIP_DESCRIPTORS);
    for (uint32_t at = 0; at < run->ask.segment_count;) {
        uint32_t count = run->ask.segment_count - at;
        count = count < OSK_STRIP_SEGMENTS_TOLD ? count : OSK_STRIP_SEGMENTS_TOLD;
        len = osk_strip_put_segments(bytes, call->talk.id, at, run->job->segments, count);
        osk_worker_send(call, bytes, len, NULL, 0);
        at += count;
    }
    explicit_bzero(bytes, sizeof(bytes));
}

static unsigned deadline(const Run *run)
{
    uint64_t ms = OSK_STRIP_DEADLINE_MS + run->ask.plain_len / OSK_STRIP_BYTES_A_MS;
    if (run->job->deadline_ms > 0) {
        return run->job->deadline_ms;
    }
    return ms < INT_MAX ? (unsigned)ms : INT_MAX;
}

/* Nobody may keep an original because a machine was busy, its sandbox was switched off, or its
 * worker was broken. */
static OskStatus judge(OskStatus status, OskWorkerFate fate, OskFault *fault)
{
    bool is_of_machine = fate == OSK_WORKER_LAME || fate == OSK_WORKER_BUSY;
    if (status == OSK_OK || status == OSK_NO_MEMORY || !is_of_machine) {
        return status;
    }
    if (fault != NULL) {
        fault->status = OSK_IO;
    }
    return OSK_IO;
}

/* What HEIF and AVIF libraries are made of starts threads, be it one; where nobody knows the
 * format, it may be one of these. */
static bool needs_threads(const OskStripJob *job)
{
    return job->format == NULL || job->format[0] == 0 || strcmp(job->format, "heif") == 0 ||
           strcmp(job->format, "avif") == 0;
}

static OskWorkerOp op_of(const OskStripAsk *ask)
{
    return ask->looks ? OSK_WORKER_LOOK : ask->checks ? OSK_WORKER_CHECK : OSK_WORKER_STRIP;
}

static OskStatus run_job(Run *run, OskWorkerCall *call, OskFault *fault)
{
    const OskStripJob *job = run->job;
    *call = (OskWorkerCall){ .fate = OSK_WORKER_TOLD };
    OskStatus status = make_ask(run, fault);
    if (status != OSK_OK) {
        return status;
    }
    OskWorkerProgram looker = job->films ? OSK_PROGRAM_FRAMES : OSK_PROGRAM_WORKER;
    OskWorkerStart start = { .path = job->worker,
                             .program = run->ask.looks ? looker : OSK_PROGRAM_STRIP,
                             .memory = run->ask.limits.memory,
                             .file_bytes = job->output_max,
                             .threads = run->ask.looks && !job->films && needs_threads(job),
                             .waits = run->ask.looks,
                             /* A file that is made to take for ever ends here, long before the
                              * clock does, which runs on a busy machine, too. */
                             .cpu_seconds = deadline(run) / 2000 + 1 };
    *call = (OskWorkerCall){ .talk = { .op = op_of(&run->ask), .output_capacity = job->output_max },
                             .progress = job->progress,
                             .progress_context = job->progress_context,
                             .send = send_job,
                             .context = run,
                             .fault = fault };
    status = osk_worker_call(call, &start, deadline(run));
    return judge(status, call->fate, fault);
}

OskStatus osk_worker_strip(const OskStripJob *job, OskStripDone *out_done, OskWorkerFate *out_fate,
                           OskFault *fault)
{
    Run run = { .job = job };
    OskWorkerCall call;
    OskStatus status = run_job(&run, &call, fault);
    *out_done = status == OSK_OK ? call.talk.stripped : (OskStripDone){ 0 };
    *out_fate = call.fate;
    return status;
}

OskStatus osk_worker_look(const OskStripJob *job, OskLookDone *out_done, OskFault *fault)
{
    Run run = { .job = job, .ask = { .looks = true } };
    OskWorkerCall call;
    OskStatus status = run_job(&run, &call, fault);
    *out_done = status == OSK_OK ? call.talk.looked : (OskLookDone){ 0 };
    return status;
}

OskStatus osk_worker_check(const OskStripJob *job, OskCheckDone *out_done, OskWorkerFate *out_fate,
                           OskFault *fault)
{
    Run run = { .job = job, .ask = { .checks = true } };
    OskWorkerCall call;
    OskStatus status = run_job(&run, &call, fault);
    *out_done = status == OSK_OK ? call.talk.checked : (OskCheckDone){ 0 };
    *out_fate = call.fate;
    return status;
}
