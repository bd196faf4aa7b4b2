/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/worker_talk.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/limits.h"
#include "host/clock.h"

/* How often a caller may cancel. */
#define TICK_MS 100
/* The kernel hands over no more descriptors in one message. */
#define FOREIGN_FDS_MAX 253

static const char slow_next[] =
    "run it again when this computer has less to do, or use a smaller version of the picture";

static OskStatus fail(OskFault *fault, OskStatus status, const char *what, const char *next)
{
    osk_fault_set(fault, status, "worker", what, OSK_NO_OFFSET);
    osk_fault_next(fault, next);
    return status;
}

uint64_t osk_worker_default_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long size = sysconf(_SC_PAGESIZE);
    uint64_t half = pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size / 2 : OSK_LIMIT_MEMORY;
    return half < OSK_LIMIT_MEMORY ? half : OSK_LIMIT_MEMORY;
}

/* ---- messages ---- */

void osk_worker_send(const OskWorkerCall *call, const void *bytes, size_t len, const int *fds,
                     size_t count)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int) * OSK_WORKER_DESCRIPTORS)];
    } control;
    struct iovec part = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = len };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    memset(&control, 0, sizeof(control));
    if (count > 0 && count <= OSK_WORKER_DESCRIPTORS) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(head), fds, sizeof(int) * count);
    }
    ssize_t sent = 0;
    do {
        sent = sendmsg(call->process.socket, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
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
static OskStatus hear_next(OskWorkerCall *call, bool *out_ended)
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
    ssize_t got = recvmsg(call->process.socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
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
    return osk_worker_hear(&call->talk, bytes, (size_t)got, foreign, cut, call->fault);
}

/* ---- the conversation ---- */

static bool is_cancelled(const OskWorkerCall *call)
{
    return call->progress != NULL &&
           !call->progress(call->progress_context, call->talk.progress_done,
                           call->talk.progress_total);
}

/* Waits until something can be read, in ticks. */
static OskStatus wait_ready(OskWorkerCall *call, int64_t until_ms)
{
    for (;;) {
        int64_t now = osk_now_ms();
        if (now >= until_ms) {
            call->fate = OSK_WORKER_BUSY;
            return fail(call->fault, OSK_LIMIT, "the decoder took longer than it may", slow_next);
        }
        struct pollfd ready = { .fd = call->process.socket, .events = POLLIN };
        int64_t left = until_ms - now;
        int got = poll(&ready, 1, left < TICK_MS ? (int)left : TICK_MS);
        if (is_cancelled(call)) {
            call->fate = OSK_WORKER_BUSY;
            return fail(call->fault, OSK_LIMIT, "the job was cancelled", NULL);
        }
        if (got > 0) {
            return OSK_OK;
        }
    }
}

/* Hears messages while the phase is `phase`. OK when it is over or the worker has ended. */
static OskStatus hear_while(OskWorkerCall *call, OskWorkerPhase phase, int64_t until_ms,
                            bool *out_ended)
{
    *out_ended = false;
    while (call->talk.phase == phase && !*out_ended) {
        OskStatus status = wait_ready(call, until_ms);
        if (status != OSK_OK) {
            return status;
        }
        status = hear_next(call, out_ended);
        if (status != OSK_OK) {
            return status;
        }
    }
    return OSK_OK;
}

static OskStatus explain_killing(OskWorkerCall *call)
{
    call->fate = OSK_WORKER_BUSY;
    return fail(call->fault, OSK_NO_MEMORY, "the system ended the decoder, most likely for memory",
                "close other programs, then run it again");
}

/* How a worker ended that was given no job yet: whatever the file is, it was not that. */
static OskStatus explain_start(OskWorkerCall *call, int wait_status)
{
    int code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 0;
    if (WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGKILL) {
        return explain_killing(call);
    }
    if (code == OSK_WORKER_NO_ROOM) {
        call->fate = OSK_WORKER_BUSY;
        return fail(call->fault, OSK_NO_MEMORY, "oilskin-worker can't be executed at the moment",
                    "close other programs, then run it again");
    }
    return fail(call->fault, OSK_IO,
                code == OSK_WORKER_NO_EXEC ? "oilskin-worker can't be executed"
                                           : "oilskin-worker ended before it was given anything",
                "install Oilskin again, all of it");
}

/* How a worker ended that gave no answer. */
static OskStatus explain_end(OskWorkerCall *call, int wait_status)
{
    static const char convert[] = "open it in a picture editor, save it under a new name, and use "
                                  "that";
    OskFault *fault = call->fault;
    switch (WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0) {
    case 0: return fail(fault, OSK_MALFORMED, "the decoder ended without an answer", convert);
    case SIGSYS:
        return fail(fault, OSK_MALFORMED,
                    "the decoder tried what its sandbox forbids, and was stopped",
                    "this file may attack programs that open it: keep it away from them");
    case SIGXCPU:
        return fail(fault, OSK_LIMIT, "the decoder used up its processor time", slow_next);
    case SIGKILL: return explain_killing(call);
    default: return fail(fault, OSK_UNSUPPORTED, "the decoder crashed on this picture", convert);
    }
}

/* Until the job can be given. */
static OskStatus await_hello(OskWorkerCall *call, bool *out_ended)
{
    int64_t hello_until = osk_now_ms() + OSK_WORKER_HELLO_MS;
    if (hello_until > call->deadline_ms) {
        hello_until = call->deadline_ms;
    }
    call->fate = OSK_WORKER_LAME;
    OskStatus status = hear_while(call, OSK_WORKER_EXPECTS_HELLO, hello_until, out_ended);
    if (status == OSK_OK && !*out_ended && (call->talk.hello.layers & OSK_LAYER_SECCOMP) == 0) {
        return fail(call->fault, OSK_UNSUPPORTED,
                    "this machine has no filter of system calls (seccomp), and a decoder without "
                    "one is not trusted with a picture",
                    "run it on a system that has seccomp: some containers switch it off; JPEGs "
                    "that are neither turned nor resized need no decoder");
    }
    return status;
}

/* HELLO, the job, its answer, the end of the worker. */
static OskStatus converse(OskWorkerCall *call)
{
    bool ended = false;
    OskStatus status = await_hello(call, &ended);
    bool has_begun = status == OSK_OK && !ended;
    if (has_begun) {
        call->fate = OSK_WORKER_DIED;
        call->send(call->context, call);
        status = hear_while(call, OSK_WORKER_EXPECTS_ANSWER, call->deadline_ms, &ended);
    }
    if (status == OSK_OK && !ended) {
        /* After the answer there is nothing more to hear but the end. */
        status = hear_while(call, OSK_WORKER_ENDED, osk_now_ms() + OSK_WORKER_END_MS, &ended);
    }
    if (status != OSK_OK) {
        return status;
    }
    bool killed = false;
    int wait_status = osk_worker_reap(&call->process, OSK_WORKER_END_MS, &killed);
    if (!has_begun && !killed) {
        return explain_start(call, wait_status);
    }
    if (killed) {
        call->fate = OSK_WORKER_BUSY;
        return fail(call->fault, OSK_MALFORMED, "the decoder went silent but did not end", NULL);
    }
    if (call->talk.phase != OSK_WORKER_ENDED || !WIFEXITED(wait_status) ||
        WEXITSTATUS(wait_status) != 0) {
        return explain_end(call, wait_status);
    }
    call->fate = OSK_WORKER_TOLD;
    return OSK_OK;
}

OskStatus osk_worker_call(OskWorkerCall *call, OskWorkerStart *start, unsigned wait_ms)
{
    bool killed = false;
    call->process = (OskWorkerProcess){ .socket = -1 };
    call->deadline_ms = osk_now_ms() + wait_ms;
    call->fate = OSK_WORKER_BUSY;
    if (getrandom(&call->talk.id, sizeof(call->talk.id), 0) != (ssize_t)sizeof(call->talk.id)) {
        return fail(call->fault, OSK_IO, "the system has no randomness", NULL);
    }
    start->id = call->talk.id;
    if (start->cpu_seconds == 0) {
        start->cpu_seconds = wait_ms / 1000 + 1;
    }
    OskStatus status = osk_worker_spawn(&call->process, start, call->fault);
    if (status == OSK_IO) {
        call->fate = OSK_WORKER_LAME;
    }
    if (status == OSK_OK) {
        status = converse(call);
    }
    (void)osk_worker_reap(&call->process, 0, &killed);
    if (status == OSK_OK && call->talk.faulted) {
        if (call->fault != NULL && call->fault->status == OSK_OK) {
            *call->fault = call->talk.fault;
        }
        return call->talk.fault.status;
    }
    return status;
}
