/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The other side of the protocol: whatever a parent sends, the real worker does one whole job or
 * none, says a fault or nothing, and ends.
 *
 * usage: wrong_jobs WORKER
 */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/worker_protocol.h"
#include "host/worker_spawn.h"
#include "unit/unit.h"

#define ID UINT64_C(0x0123456789ABCDEF)
#define SENT_MAX 8

static const char *worker_path;
/* The smallest GIF: one pixel. */
static const uint8_t picture[] = { 'G', 'I', 'F', '8', '9', 'a', 1,   0,    1, 0, 0x80, 0,
                                   0,   0,   0,   0,   255, 255, 255, 0x2C, 0, 0, 0,    0,
                                   1,   0,   1,   0,   0,   2,   2,   0x44, 1, 0, 0x3B };

typedef struct Sent {
    uint8_t bytes[OSK_WORKER_MESSAGE_MAX + 1];
    size_t len;
    int fds[SENT_MAX];
    size_t fd_count;
} Sent;

static Sent sent;

static int make_file(size_t size, bool with_picture)
{
    int fd = memfd_create("file", MFD_CLOEXEC);
    assert_true(fd >= 0 && ftruncate(fd, (off_t)size) == 0);
    if (with_picture) {
        assert_int_equal(pwrite(fd, picture, sizeof(picture), 0), sizeof(picture));
    }
    return fd;
}

static OskWorkerAsk an_ask(void)
{
    return (OskWorkerAsk){ .op = OSK_WORKER_RENDER,
                           .format = "gif",
                           .limits = { .memory = UINT64_C(64) << 20 },
                           .input_len = sizeof(picture),
                           .output_capacity = 1 << 16 };
}

/* A right job, to be made wrong. */
static void make_right(void)
{
    OskWorkerAsk ask = an_ask();
    sent.len = osk_worker_put_job(sent.bytes, ID, &ask);
    sent.fds[0] = make_file(sizeof(picture), true);
    sent.fds[1] = make_file(1 << 16, false);
    sent.fd_count = 2;
}

static void make_ask(const OskWorkerAsk *ask)
{
    make_right();
    sent.len = osk_worker_put_job(sent.bytes, ID, ask);
}

static bool send_all(int to)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int) * SENT_MAX)];
    } control;
    struct iovec part = { sent.bytes, sent.len };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    memset(&control, 0, sizeof(control));
    if (sent.fd_count > 0) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * sent.fd_count);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int) * sent.fd_count);
        memcpy(CMSG_DATA(head), sent.fds, sizeof(int) * sent.fd_count);
    }
    return sendmsg(to, &message, MSG_NOSIGNAL) == (ssize_t)sent.len;
}

/* The next message, or NULL at the end. */
static const uint8_t *hear(int from, size_t *out_len)
{
    static uint8_t bytes[OSK_WORKER_MESSAGE_MAX];
    struct pollfd ready = { .fd = from, .events = POLLIN };
    assert_int_equal(poll(&ready, 1, 10000), 1);
    ssize_t got = recv(from, bytes, sizeof(bytes), 0);
    *out_len = got > 0 ? (size_t)got : 0;
    return got > 0 ? bytes : NULL;
}

typedef enum Answer { ANSWER_NONE, ANSWER_FAULT, ANSWER_DONE } Answer;

/* What the worker makes of what was sent; whatever that is, it ends by itself. */
static Answer ask_worker(OskFault *fault)
{
    OskWorkerProcess process;
    const OskWorkerStart start = {
        .path = worker_path, .id = ID, .memory = UINT64_C(128) << 20, .cpu_seconds = 10
    };
    OskWorkerTalk talk = { .id = ID, .op = OSK_WORKER_RENDER, .output_capacity = 1 << 16 };
    *fault = (OskFault){ .status = OSK_OK };
    assert_int_equal(osk_worker_spawn(&process, &start, fault), OSK_OK);
    size_t len = 0;
    const uint8_t *bytes = hear(process.socket, &len);
    assert_non_null(bytes);
    assert_int_equal(osk_worker_hear(&talk, bytes, len, 0, false, NULL), OSK_OK);
    (void)send_all(process.socket);
    for (size_t i = 0; i < sent.fd_count; i++) {
        close(sent.fds[i]);
    }
    if (sent.len == 0 && sent.fd_count == 0) {
        shutdown(process.socket, SHUT_WR);
    }
    while ((bytes = hear(process.socket, &len)) != NULL) {
        assert_int_equal(osk_worker_hear(&talk, bytes, len, 0, false, NULL), OSK_OK);
    }
    bool killed = false;
    int status = osk_worker_reap(&process, 5000, &killed);
    assert_false(killed);
    *fault = talk.fault;
    sent = (Sent){ .len = 0 };
    if (talk.phase != OSK_WORKER_ENDED) {
        return ANSWER_NONE;
    }
    assert_true(WIFEXITED(status));
    return talk.faulted ? ANSWER_FAULT : ANSWER_DONE;
}

static void refuse(const char *name)
{
    OskFault fault;
    Answer answer = ask_worker(&fault);
    if (answer != ANSWER_FAULT || fault.what == NULL || fault.what[0] == 0) {
        fail_msg("%s: answer %d", name, (int)answer);
    }
}

static void job__a_right_one_is_done(void **state)
{
    (void)state;
    OskFault fault;
    make_right();
    Answer answer = ask_worker(&fault);
    if (answer != ANSWER_DONE) {
        fail_msg("%d: %s", (int)answer, fault.what != NULL ? fault.what : "");
    }
}

static void job__each_wrong_header_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t at;
    } wrong[] = { { "magic", 0 }, { "version", 4 }, { "kind", 6 }, { "id", 8 }, { "length", 16 } };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        make_right();
        sent.bytes[wrong[i].at] ^= 0x81;
        refuse(wrong[i].name);
    }
}

static void job__each_wrong_value_is_refused(void **state)
{
    (void)state;
    OskWorkerAsk ask = an_ask();
    ask.op = (OskWorkerOp)9;
    make_ask(&ask);
    refuse("operation");
    ask = an_ask();
    ask.turn = 45;
    make_ask(&ask);
    refuse("turn");
    ask = an_ask();
    memcpy(ask.format, "../../etc/passwd", OSK_WORKER_FORMAT_BYTES);
    make_ask(&ask);
    refuse("format without an end");
    ask = an_ask();
    memcpy(ask.format, "tga", 4);
    make_ask(&ask);
    refuse("unknown format");
    ask = an_ask();
    memcpy(ask.output_format, "tga", 4);
    make_ask(&ask);
    refuse("unknown format of the output");
    ask = an_ask();
    ask.input_len = UINT64_MAX;
    make_ask(&ask);
    refuse("length of the input");
    ask = an_ask();
    ask.input_len = 0;
    make_ask(&ask);
    refuse("no input");
    ask = an_ask();
    ask.output_capacity = UINT64_C(1) << 62;
    make_ask(&ask);
    refuse("length of the output");
    ask = an_ask();
    ask.limits.memory = 1;
    make_ask(&ask);
    refuse("no memory");
    ask = an_ask();
    ask.output_capacity = 1;
    make_ask(&ask);
    refuse("an output of one byte");
}

static void job__lengths_of_messages_are_exact(void **state)
{
    (void)state;
    make_right();
    sent.len -= 1;
    refuse("short");
    make_right();
    sent.len += 1;
    refuse("long");
    make_right();
    sent.len = OSK_WORKER_MESSAGE_MAX;
    refuse("64 KiB");
    make_right();
    sent.len = 7;
    refuse("half a header");
}

static void job__descriptors_are_those_of_the_job(void **state)
{
    (void)state;
    make_right();
    close(sent.fds[1]);
    sent.fd_count = 1;
    refuse("no output");
    make_right();
    close(sent.fds[0]);
    close(sent.fds[1]);
    sent.fd_count = 0;
    refuse("none");
    make_right();
    sent.fds[2] = make_file(1, false);
    sent.fd_count = 3;
    refuse("one too many");
    make_right();
    for (size_t i = 2; i < SENT_MAX; i++) {
        sent.fds[i] = make_file(1, false);
    }
    sent.fd_count = SENT_MAX;
    refuse("far too many");
    make_right();
    close(sent.fds[0]);
    sent.fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    refuse("a device");
    make_right();
    close(sent.fds[0]);
    sent.fds[0] = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    refuse("a folder");
    make_right();
    int pair[2];
    assert_int_equal(pipe(pair), 0);
    close(sent.fds[0]);
    close(pair[1]);
    sent.fds[0] = pair[0];
    refuse("a pipe");
}

/* Regions go the same way, and are read as carefully. */
static void job__regions_that_are_wrong_are_refused(void **state)
{
    (void)state;
    static const char json[] = "{\"version\": 1, \"regions\": [{\"shape\": \"sqare\"}]}";
    OskWorkerAsk ask = an_ask();
    ask.has_regions = true;
    ask.regions_len = sizeof(json) - 1;
    make_ask(&ask);
    sent.fds[2] = make_file(sizeof(json) - 1, false);
    assert_int_equal(pwrite(sent.fds[2], json, sizeof(json) - 1, 0), sizeof(json) - 1);
    sent.fd_count = 3;
    refuse("regions");
}

static void job__none_at_all_ends_the_worker(void **state)
{
    (void)state;
    OskFault fault;
    sent = (Sent){ .len = 0 };
    assert_int_not_equal(ask_worker(&fault), ANSWER_DONE);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(job__a_right_one_is_done),
        cmocka_unit_test(job__each_wrong_header_is_refused),
        cmocka_unit_test(job__each_wrong_value_is_refused),
        cmocka_unit_test(job__lengths_of_messages_are_exact),
        cmocka_unit_test(job__descriptors_are_those_of_the_job),
        cmocka_unit_test(job__regions_that_are_wrong_are_refused),
        cmocka_unit_test(job__none_at_all_ends_the_worker),
    };
    if (argc != 2) {
        return 2;
    }
    worker_path = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
