/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "channel.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/fault.h"

#define ARGUMENTS 7

static bool read_number(const char *text, uint64_t most, uint64_t *out)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != 0 || text[0] == '-' || value > most) {
        return false;
    }
    *out = value;
    return true;
}

bool osk_channel_arguments(int argc, char **argv, OskChannel *channel, OskSandbox *sandbox)
{
    uint64_t values[ARGUMENTS] = { 0 };
    static const uint64_t most[ARGUMENTS] = {
        0, OSK_WORKER_VERSION, UINT64_MAX, UINT64_C(1) << 46, 1000000, 1, INT64_MAX
    };
    if (argc != ARGUMENTS) {
        return false;
    }
    for (int i = 1; i < ARGUMENTS; i++) {
        if (!read_number(argv[i], most[i], &values[i])) {
            return false;
        }
    }
    channel->id = values[2];
    channel->cpu_seconds = (unsigned)values[4];
    *sandbox = (OskSandbox){ .memory = values[3],
                             .cpu_seconds = (unsigned)values[4],
                             .threads = values[5] == 1,
                             .file_bytes = values[6] };
    return values[1] == OSK_WORKER_VERSION;
}

void osk_channel_prepare(void)
{
    /* One arena: others read files about the machine when they shrink. */
    mallopt(M_ARENA_MAX, 1);
    /* Libraries of colour ask what time it is; where that is counted from would be read from a file
     * then, and is nobody's business. */
    setenv("TZ", "UTC0", 1);
    tzset();
}

static bool send_bytes(const uint8_t *bytes, size_t len)
{
    struct iovec part = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = len };
    const struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    ssize_t sent = 0;
    do {
        sent = sendmsg(OSK_WORKER_SOCKET, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)len;
}

bool osk_channel_hello(const OskChannel *channel, const OskWorkerHello *hello)
{
    uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
    return send_bytes(bytes, osk_worker_put_hello(bytes, channel->id, hello));
}

void osk_channel_progress(const OskChannel *channel, uint32_t done, uint32_t total)
{
    uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
    (void)send_bytes(bytes, osk_worker_put_progress(bytes, channel->id, done, total));
}

bool osk_channel_done(const OskChannel *channel, const OskWorkerDone *done)
{
    uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
    return send_bytes(bytes, osk_worker_put_done(bytes, channel->id, done));
}

bool osk_channel_stripped(const OskChannel *channel, const OskStripDone *done)
{
    uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
    return send_bytes(bytes, osk_strip_put_done(bytes, channel->id, done));
}

bool osk_channel_looked(const OskChannel *channel, const OskLookDone *done)
{
    uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
    return send_bytes(bytes, osk_look_put_done(bytes, channel->id, done));
}

bool osk_channel_checked(const OskChannel *channel, const OskCheckDone *done)
{
    uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
    return send_bytes(bytes, osk_check_put_done(bytes, channel->id, done));
}

bool osk_channel_fault(const OskChannel *channel, const OskFault *fault)
{
    uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
    return send_bytes(bytes, osk_worker_put_fault(bytes, channel->id, fault));
}

typedef struct Descriptors {
    int fds[OSK_WORKER_DESCRIPTORS];
    size_t count;
} Descriptors;

/* The length of the message, or -1. */
static ssize_t receive_bytes(uint8_t *bytes, size_t room, Descriptors *descriptors)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int) * OSK_WORKER_DESCRIPTORS)];
    } control;
    struct iovec part = { .iov_base = bytes, .iov_len = room };
    struct msghdr message = { .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof(control) };
    ssize_t got = 0;
    memset(&control, 0, sizeof(control));
    descriptors->count = 0;
    do {
        got = recvmsg(OSK_WORKER_SOCKET, &message, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    const struct cmsghdr *head = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        return -1;
    }
    if (head != NULL && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS) {
        descriptors->count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(descriptors->fds, CMSG_DATA(head), sizeof(int) * descriptors->count);
    }
    return got;
}

/* Maps a whole file and lets go of its descriptor. */
static void *map_file(int fd, uint64_t len, int protection, int flags)
{
    void *bytes = mmap(NULL, (size_t)len, protection, flags, fd, 0);
    close(fd);
    return bytes == MAP_FAILED ? NULL : bytes;
}

/* The segments of a sealed file follow in messages of their own. */
static OskStatus receive_segments(const OskChannel *channel, OskRequest *request, OskFault *fault)
{
    static uint8_t bytes[OSK_STRIP_SEGMENTS_BYTES];
    Descriptors none;
    OskStatus status = OSK_OK;
    uint32_t told = 0;
    request->segments = calloc(request->strip.segment_count, sizeof(*request->segments));
    if (request->segments == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "request", "not enough memory", OSK_NO_OFFSET);
    }
    while (status == OSK_OK && told < request->strip.segment_count) {
        ssize_t got = receive_bytes(bytes, sizeof(bytes), &none);
        if (got <= 0 || none.count > 0) {
            status = osk_fault_set(fault, OSK_MALFORMED, "request", "no job came", OSK_NO_OFFSET);
        } else {
            status = osk_strip_read_segments(bytes, (size_t)got, &request->strip, channel->id,
                                             request->segments, &told, fault);
        }
    }
    explicit_bzero(bytes, sizeof(bytes));
    return status;
}

static bool are_in_place(const Descriptors *descriptors)
{
    return descriptors->fds[0] == OSK_STRIP_INPUT_FD && descriptors->fds[1] == OSK_STRIP_OUTPUT_FD;
}

OskStatus osk_channel_receive(const OskChannel *channel, OskRequest *request, OskFault *fault)
{
    uint8_t bytes[OSK_STRIP_ASK_BYTES];
    Descriptors descriptors;
    uint64_t id = 0;
    *request = (OskRequest){ 0 };
    ssize_t got = receive_bytes(bytes, sizeof(bytes), &descriptors);
    if (got <= 0) {
        return osk_fault_set(fault, OSK_MALFORMED, "request", "no job came", OSK_NO_OFFSET);
    }
    if (osk_strip_is_ask(bytes, (size_t)got)) {
        OskStatus read =
            osk_strip_read_ask(bytes, (size_t)got, descriptors.count, &id, &request->strip, fault);
        if (read == OSK_OK && (id != channel->id || !are_in_place(&descriptors))) {
            read = osk_fault_set(fault, OSK_MALFORMED, "request", "a job for another worker", 8);
        }
        request->strips = read == OSK_OK;
        return read == OSK_OK ? receive_segments(channel, request, fault) : read;
    }
    OskStatus status =
        osk_worker_read_job(bytes, (size_t)got, descriptors.count, &id, &request->ask, fault);
    if (status != OSK_OK) {
        return status;
    }
    if (id != channel->id) {
        return osk_fault_set(fault, OSK_MALFORMED, "request", "a job for another worker", 8);
    }
    size_t at = 0;
    const OskWorkerAsk *ask = &request->ask;
    request->input = map_file(descriptors.fds[at++], ask->input_len, PROT_READ, MAP_PRIVATE);
    bool mapped = request->input != NULL;
    if (ask->output_capacity > 0) {
        request->output = map_file(descriptors.fds[at++], ask->output_capacity,
                                   PROT_READ | PROT_WRITE, MAP_SHARED);
        mapped = request->output != NULL && mapped;
    }
    if (ask->has_regions) {
        request->regions =
            map_file(descriptors.fds[at++], ask->regions_len, PROT_READ, MAP_PRIVATE);
        mapped = request->regions != NULL && mapped;
    }
    return mapped
               ? OSK_OK
               : osk_fault_set(fault, OSK_NO_MEMORY, "request", "not enough memory", OSK_NO_OFFSET);
}
