/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/worker_client.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/limits.h"
#include "host/output.h"
#include "host/worker_talk.h"

/* One run. */
typedef struct Run {
    const OskWorkerJob *job;
    OskWorkerAsk ask;
    OskWorkerCall call;
    int input; /* -1: the caller's own */
    int output;
    int regions;
    OskFault *fault;
} Run;

static OskStatus fail(OskFault *fault, OskStatus status, const char *what, const char *next)
{
    osk_fault_set(fault, status, "worker", what, OSK_NO_OFFSET);
    osk_fault_next(fault, next);
    return status;
}

static OskStatus fail_memory(OskFault *fault)
{
    return fail(fault, OSK_NO_MEMORY, "not enough memory",
                "close other programs, then run it again");
}

/* ---- what the worker is handed ---- */

static int make_memfd(const char *name)
{
    /* A file that can be executed is of no use here. */
    int fd = -1;
#ifdef MFD_NOEXEC_SEAL
    fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
#endif
    return fd >= 0 ? fd : memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

/* Bytes that nobody can change any more, or -1. */
static int seal_bytes(const char *name, const void *bytes, size_t len)
{
    int fd = make_memfd(name);
    if (fd >= 0 &&
        (!osk_write_all(fd, bytes, len) ||
         fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* Room that takes no memory before it is written to, and that never changes its size. */
static int make_room(uint64_t size)
{
    int fd = make_memfd("output");
    if (fd >= 0 && (ftruncate(fd, (off_t)size) != 0 ||
                    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static bool name_format(char out[OSK_WORKER_FORMAT_BYTES], const char *name)
{
    size_t len = name != NULL ? strlen(name) : 0;
    if (len >= OSK_WORKER_FORMAT_BYTES) {
        return false;
    }
    memset(out, 0, OSK_WORKER_FORMAT_BYTES);
    if (len > 0) {
        memcpy(out, name, len);
    }
    return true;
}

static OskStatus make_ask(Run *run)
{
    const OskWorkerJob *job = run->job;
    OskWorkerAsk *ask = &run->ask;
    *ask = (OskWorkerAsk){
        .op = job->op,
        .crop = job->crop,
        .crop_x = job->crop_x,
        .crop_y = job->crop_y,
        .crop_width = job->crop_width,
        .crop_height = job->crop_height,
        .turn = job->turn,
        .mirror = job->mirror,
        .resize = job->resize,
        .quality = job->quality,
        .limits = job->limits,
        .input_len = job->len,
    };
    if (ask->limits.memory == 0) {
        ask->limits.memory = osk_worker_default_memory();
    }
    if (job->op != OSK_WORKER_INFO) {
        ask->output_capacity =
            ask->limits.memory < OSK_LIMIT_STILL_BYTES ? ask->limits.memory : OSK_LIMIT_STILL_BYTES;
    }
    if (!name_format(ask->format, job->format) || job->format == NULL || job->len == 0 ||
        !name_format(ask->output_format,
                     job->op == OSK_WORKER_RENDER ? job->output_format : NULL)) {
        return fail(run->fault, OSK_MISUSE, "a job without a picture", NULL);
    }
    if (job->bytes == NULL && (fcntl(job->input_fd, F_GETFL) & O_ACCMODE) != O_RDONLY) {
        return fail(run->fault, OSK_MISUSE, "an input that can be written to", NULL);
    }
    return OSK_OK;
}

static OskStatus make_descriptors(Run *run)
{
    const OskWorkerJob *job = run->job;
    if (job->bytes != NULL) {
        run->input = seal_bytes("input", job->bytes, (size_t)job->len);
        if (run->input < 0) {
            return fail_memory(run->fault);
        }
    }
    if (run->ask.output_capacity > 0) {
        run->output = make_room(run->ask.output_capacity);
        if (run->output < 0) {
            return fail_memory(run->fault);
        }
    }
    if (job->regions != NULL) {
        size_t len = 0;
        char *json = osk_worker_regions_json(job->regions, &len);
        run->regions = json != NULL ? seal_bytes("regions", json, len) : -1;
        free(json);
        if (run->regions < 0) {
            return fail_memory(run->fault);
        }
        run->ask.has_regions = true;
        run->ask.defaults = osk_regions_defaults(job->regions);
        run->ask.regions_len = len;
    }
    return OSK_OK;
}

/* ---- the conversation ---- */

static void send_job(void *context, const OskWorkerCall *call)
{
    const Run *run = context;
    uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
    int fds[OSK_WORKER_DESCRIPTORS];
    size_t count = 0;
    fds[count++] = run->input >= 0 ? run->input : run->job->input_fd;
    if (run->output >= 0) {
        fds[count++] = run->output;
    }
    if (run->regions >= 0) {
        fds[count++] = run->regions;
    }
    osk_worker_send(call, bytes, osk_worker_put_job(bytes, call->talk.id, &run->ask), fds, count);
}

/* The worker is gone: the output is sealed, which fails when anything could still write to it, and
 * mapped. */
static OskStatus take_output(Run *run, OskWorkerResult *result)
{
    size_t len = (size_t)run->call.talk.done.output_len;
    if (fcntl(run->output, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL) != 0) {
        return fail(run->fault, OSK_MALFORMED, "the decoder's output can still be written to",
                    NULL);
    }
    void *bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE, run->output, 0);
    if (bytes == MAP_FAILED) {
        return fail_memory(run->fault);
    }
    result->bytes = bytes;
    result->len = len;
    return OSK_OK;
}

/* What HEIF and AVIF libraries are made of starts threads, be it one. */
static bool needs_threads(const Run *run)
{
    return strcmp(run->ask.format, "heif") == 0 || strcmp(run->ask.format, "avif") == 0;
}

static OskStatus run_job(Run *run, OskWorkerResult *result)
{
    OskStatus status = make_ask(run);
    if (status == OSK_OK) {
        status = make_descriptors(run);
    }
    if (status != OSK_OK) {
        return status;
    }
    OskWorkerStart start = {
        .path = run->job->worker,
        .memory = run->ask.limits.memory + run->ask.input_len + run->ask.output_capacity +
                  run->ask.regions_len,
        .threads = needs_threads(run),
    };
    run->call =
        (OskWorkerCall){ .talk = { .op = run->ask.op, .output_capacity = run->ask.output_capacity },
                         .progress = run->job->progress,
                         .progress_context = run->job->progress_context,
                         .send = send_job,
                         .context = run,
                         .fault = run->fault };
    status =
        osk_worker_call(&run->call, &start,
                        run->job->deadline_ms > 0 ? run->job->deadline_ms : OSK_WORKER_DEADLINE_MS);
    result->layers = run->call.talk.hello.layers;
    if (status == OSK_OK) {
        const OskWorkerDone *done = &run->call.talk.done;
        result->info = done->info;
        result->changes = done->changes;
        result->areas = done->areas;
        result->centibel = done->centibel;
        result->note = done->note;
    }
    return status == OSK_OK && run->output >= 0 ? take_output(run, result) : status;
}

OskStatus osk_worker_run(const OskWorkerJob *job, OskWorkerResult *out_result, OskFault *fault)
{
    Run run = { .job = job, .input = -1, .output = -1, .regions = -1, .fault = fault };
    *out_result = (OskWorkerResult){ 0 };
    OskStatus status = run_job(&run, out_result);
    const int fds[] = { run.input, run.output, run.regions };
    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
    return status;
}

void osk_worker_result_free(OskWorkerResult *result)
{
    if (result->bytes != NULL) {
        munmap((void *)(uintptr_t)result->bytes, result->len);
    }
    *result = (OskWorkerResult){ 0 };
}

bool osk_worker_missing(uint32_t layers, char out[OSK_WORKER_SENTENCE_BYTES])
{
    static const struct {
        uint32_t layer;
        const char *words;
    } all[] = {
        { OSK_LAYER_SECCOMP, "filter of system calls (seccomp)" },
        { OSK_LAYER_LANDLOCK_FILES, "Landlock for files" },
        { OSK_LAYER_LANDLOCK_TCP, "Landlock for connections" },
        { OSK_LAYER_NAMESPACES, "namespaces of its own" },
        { OSK_LAYER_RLIMITS, "limits of memory and time" },
        { OSK_LAYER_NO_DUMP, "protection against memory dumps" },
    };
    size_t len = 0;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if ((layers & all[i].layer) == 0 && len < OSK_WORKER_SENTENCE_BYTES) {
            int wrote =
                snprintf(out + len, OSK_WORKER_SENTENCE_BYTES - len, "%s%s",
                         len == 0 ? "the sandbox of the decoder lacks on this machine: " : ", ",
                         all[i].words);
            len += wrote > 0 ? (size_t)wrote : 0;
        }
    }
    if (len > 0 && len < OSK_WORKER_SENTENCE_BYTES) {
        snprintf(out + len, OSK_WORKER_SENTENCE_BYTES - len, "%s",
                 (layers & OSK_LAYER_SECCOMP) != 0
                     ? "; the other layers hold"
                     : "; a picture that attacks the decoder could do what you can do");
    }
    return len > 0;
}
