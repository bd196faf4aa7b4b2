/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/worker_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/limits.h"
#include "host/output.h"
#include "host/worker_spawn.h"

/* How often a caller may cancel. */
#define TICK_MS 100
/* The kernel hands over no more descriptors in one message. */
#define FOREIGN_FDS_MAX 253

static const char slow_next[] =
    "run it again when this computer has less to do, or use a smaller version of the picture";

/* One run. */
typedef struct Run {
    const OskWorkerJob *job;
    OskWorkerAsk ask;
    OskWorkerTalk talk;
    OskWorkerProcess process;
    int input; /* -1: the caller's own */
    int output;
    int regions;
    uint64_t deadline_ms; /* of the clock below */
    OskFault *fault;
} Run;

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

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

/* A picture that was made to be expensive must not take a small machine down. */
static uint64_t default_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long size = sysconf(_SC_PAGESIZE);
    uint64_t half = pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size / 2 : OSK_LIMIT_MEMORY;
    return half < OSK_LIMIT_MEMORY ? half : OSK_LIMIT_MEMORY;
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
        ask->limits.memory = default_memory();
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

/* ---- messages ---- */

static OskStatus send_job(Run *run)
{
    uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int) * OSK_WORKER_DESCRIPTORS)];
    } control;
    int fds[OSK_WORKER_DESCRIPTORS];
    size_t count = 0;
    fds[count++] = run->input >= 0 ? run->input : run->job->input_fd;
    if (run->output >= 0) {
        fds[count++] = run->output;
    }
    if (run->regions >= 0) {
        fds[count++] = run->regions;
    }
    struct iovec part = { .iov_base = bytes,
                          .iov_len = osk_worker_put_job(bytes, run->talk.id, &run->ask) };
    memset(&control, 0, sizeof(control));
    struct msghdr message = { .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = CMSG_SPACE(sizeof(int) * count) };
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int) * count);
    memcpy(CMSG_DATA(head), fds, sizeof(int) * count);
    ssize_t sent = 0;
    do {
        sent = sendmsg(run->process.socket, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    /* A worker that has died meanwhile is found when its answer is missing. */
    return OSK_OK;
}

/* Closes what a worker sent that may send nothing; returns how many. */
static size_t close_foreign(struct msghdr *message)
{
    size_t count = 0;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head != NULL;
         head = CMSG_NXTHDR(message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) {
            count++;
            continue;
        }
        size_t len = head->cmsg_len - CMSG_LEN(0);
        for (size_t at = 0; at + sizeof(int) <= len; at += sizeof(int)) {
            int fd = -1;
            memcpy(&fd, CMSG_DATA(head) + at, sizeof(fd));
            close(fd);
            count++;
        }
    }
    return count;
}

/* Hears what is there, if anything. */
static OskStatus hear_next(Run *run, bool *out_ended)
{
    uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int) * FOREIGN_FDS_MAX)];
    } control;
    struct iovec part = { .iov_base = bytes, .iov_len = sizeof(bytes) };
    struct msghdr message = { .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof(control) };
    ssize_t got = recvmsg(run->process.socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got < 0) {
        *out_ended = errno != EINTR && errno != EAGAIN;
        return OSK_OK;
    }
    size_t foreign = close_foreign(&message);
    if (got == 0 && foreign == 0) {
        *out_ended = true;
        return OSK_OK;
    }
    bool cut = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
    return osk_worker_hear(&run->talk, bytes, (size_t)got, foreign, cut, run->fault);
}

/* ---- the conversation ---- */

static bool is_cancelled(const Run *run)
{
    return run->job->progress != NULL &&
           !run->job->progress(run->job->progress_context, run->talk.progress_done,
                               run->talk.progress_total);
}

/* Waits until something can be read, in ticks. */
static OskStatus wait_ready(Run *run, uint64_t until_ms)
{
    for (;;) {
        uint64_t now = now_ms();
        if (now >= until_ms) {
            return fail(run->fault, OSK_LIMIT, "the decoder took longer than it may", slow_next);
        }
        struct pollfd ready = { .fd = run->process.socket, .events = POLLIN };
        uint64_t left = until_ms - now;
        int got = poll(&ready, 1, left < TICK_MS ? (int)left : TICK_MS);
        if (is_cancelled(run)) {
            return fail(run->fault, OSK_LIMIT, "the job was cancelled", NULL);
        }
        if (got > 0) {
            return OSK_OK;
        }
    }
}

/* Hears messages while the phase is `phase`. OK when it is over or the worker has ended. */
static OskStatus hear_while(Run *run, OskWorkerPhase phase, uint64_t until_ms, bool *out_ended)
{
    *out_ended = false;
    while (run->talk.phase == phase && !*out_ended) {
        OskStatus status = wait_ready(run, until_ms);
        if (status != OSK_OK) {
            return status;
        }
        status = hear_next(run, out_ended);
        if (status != OSK_OK) {
            return status;
        }
    }
    return OSK_OK;
}

/* How a worker ended that gave no answer. */
static OskStatus explain_end(int wait_status, OskFault *fault)
{
    static const char convert[] = "open it in a picture editor, save it under a new name, and use "
                                  "that";
    int end_signal = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
    if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == OSK_WORKER_NO_EXEC) {
        return fail(fault, OSK_IO, "oilskin-worker can't be executed", "install Oilskin again");
    }
    switch (end_signal) {
    case 0: return fail(fault, OSK_MALFORMED, "the decoder ended without an answer", convert);
    case SIGSYS:
        return fail(fault, OSK_MALFORMED,
                    "the decoder tried what its sandbox forbids, and was stopped",
                    "this file may attack programs that open it: keep it away from them");
    case SIGXCPU:
        return fail(fault, OSK_LIMIT, "the decoder used up its processor time", slow_next);
    case SIGKILL:
        return fail(fault, OSK_NO_MEMORY, "the system ended the decoder, most likely for memory",
                    "close other programs, then run it again");
    default: return fail(fault, OSK_UNSUPPORTED, "the decoder crashed on this picture", convert);
    }
}

/* HELLO, the job, its answer, the end of the worker. */
static OskStatus converse(Run *run)
{
    bool ended = false;
    uint64_t hello_until = now_ms() + OSK_WORKER_HELLO_MS;
    if (hello_until > run->deadline_ms) {
        hello_until = run->deadline_ms;
    }
    OskStatus status = hear_while(run, OSK_WORKER_EXPECTS_HELLO, hello_until, &ended);
    if (status == OSK_OK && !ended && (run->talk.hello.layers & OSK_LAYER_SECCOMP) == 0) {
        return fail(run->fault, OSK_UNSUPPORTED,
                    "this machine has no filter of system calls (seccomp), and a decoder without "
                    "one is not trusted with a picture",
                    "run it on a system that has seccomp: some containers switch it off; JPEGs "
                    "that are neither turned nor resized need no decoder");
    }
    if (status == OSK_OK && !ended) {
        status = send_job(run);
    }
    if (status == OSK_OK && !ended) {
        status = hear_while(run, OSK_WORKER_EXPECTS_ANSWER, run->deadline_ms, &ended);
    }
    if (status == OSK_OK && !ended) {
        /* After the answer there is nothing more to hear but the end. */
        status = hear_while(run, OSK_WORKER_ENDED, now_ms() + OSK_WORKER_END_MS, &ended);
    }
    if (status != OSK_OK) {
        return status;
    }
    bool killed = false;
    int wait_status = osk_worker_reap(&run->process, OSK_WORKER_END_MS, &killed);
    if (killed) {
        return fail(run->fault, OSK_MALFORMED, "the decoder went silent but did not end", NULL);
    }
    if (run->talk.phase != OSK_WORKER_ENDED || !WIFEXITED(wait_status) ||
        WEXITSTATUS(wait_status) != 0) {
        return explain_end(wait_status, run->fault);
    }
    return OSK_OK;
}

/* The worker is gone: the output is sealed, which fails when anything could still write to it, and
 * mapped. */
static OskStatus take_output(Run *run, OskWorkerResult *result)
{
    size_t len = (size_t)run->talk.done.output_len;
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
    unsigned wait_ms = run->job->deadline_ms > 0 ? run->job->deadline_ms : OSK_WORKER_DEADLINE_MS;
    run->deadline_ms = now_ms() + wait_ms;
    if (getrandom(&run->talk.id, sizeof(run->talk.id), 0) != (ssize_t)sizeof(run->talk.id)) {
        return fail(run->fault, OSK_IO, "the system has no randomness", NULL);
    }
    OskWorkerStart start = {
        .path = run->job->worker,
        .id = run->talk.id,
        .memory = run->ask.limits.memory + run->ask.input_len + run->ask.output_capacity +
                  run->ask.regions_len,
        .cpu_seconds = wait_ms / 1000 + 1,
        .threads = needs_threads(run),
    };
    status = osk_worker_spawn(&run->process, &start, run->fault);
    if (status != OSK_OK) {
        return status;
    }
    run->talk.op = run->ask.op;
    run->talk.output_capacity = run->ask.output_capacity;
    status = converse(run);
    result->layers = run->talk.hello.layers;
    if (status == OSK_OK && run->talk.faulted) {
        if (run->fault != NULL && run->fault->status == OSK_OK) {
            *run->fault = run->talk.fault;
        }
        return run->talk.fault.status;
    }
    if (status == OSK_OK) {
        result->info = run->talk.done.info;
        result->changes = run->talk.done.changes;
        result->areas = run->talk.done.areas;
        result->centibel = run->talk.done.centibel;
        result->note = run->talk.done.note;
    }
    return status == OSK_OK && run->output >= 0 ? take_output(run, result) : status;
}

OskStatus osk_worker_run(const OskWorkerJob *job, OskWorkerResult *out_result, OskFault *fault)
{
    Run run = { .job = job,
                .process = { .socket = -1 },
                .input = -1,
                .output = -1,
                .regions = -1,
                .fault = fault };
    *out_result = (OskWorkerResult){ 0 };
    OskStatus status = run_job(&run, out_result);
    bool killed = false;
    (void)osk_worker_reap(&run.process, 0, &killed);
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
