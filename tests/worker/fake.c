/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A worker that answers wrongly, in the way that its own name says. Without any sandbox. */
#include "fake.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

OskChannel osk_fake_channel;
OskRequest osk_fake_request;
uint8_t osk_fake_message[4 * OSK_WORKER_MESSAGE_MAX];

static const OskWorkerHello hello = { OSK_LAYERS_ALL, 1 };

void osk_fake_send(size_t len)
{
    (void)!send(OSK_WORKER_SOCKET, osk_fake_message, len, MSG_NOSIGNAL);
}

static size_t put_done(uint64_t output_len)
{
    OskWorkerDone done = { .output_len = output_len,
                           .info = { .width = 1,
                                     .height = 1,
                                     .frames = 1,
                                     .memory = 1,
                                     .cell_width = 1,
                                     .cell_height = 1,
                                     .exact = true } };
    return osk_worker_put_done(osk_fake_message, osk_fake_channel.id, &done);
}

static void send_with_files(size_t len, int count)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int) * 200)];
    } control;
    struct iovec part = { osk_fake_message, len };
    struct msghdr text = { .msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = &control,
                           .msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count) };
    memset(&control, 0, sizeof(control));
    struct cmsghdr *head = CMSG_FIRSTHDR(&text);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
    for (int i = 0; i < count; i++) {
        int fd = open("/dev/zero", O_RDONLY);
        memcpy(CMSG_DATA(head) + sizeof(int) * (size_t)i, &fd, sizeof(fd));
    }
    (void)!sendmsg(OSK_WORKER_SOCKET, &text, MSG_NOSIGNAL);
}

/* ---- before the job ---- */

static void hello_changed(size_t at, uint8_t with)
{
    size_t len = osk_worker_put_hello(osk_fake_message, osk_fake_channel.id, &hello);
    osk_fake_message[at] ^= with;
    osk_fake_send(len);
}

static void hello_magic(void)
{
    hello_changed(0, 1);
}

static void hello_version(void)
{
    hello_changed(4, 3);
}

static void hello_id(void)
{
    hello_changed(8, 1);
}

static void hello_kind(void)
{
    hello_changed(6, 0x40);
}

static void hello_length(void)
{
    hello_changed(16, 1);
}

static void hello_long(void)
{
    osk_worker_put_hello(osk_fake_message, osk_fake_channel.id, &hello);
    osk_fake_send(sizeof(osk_fake_message) / 2);
}

static void hello_short(void)
{
    osk_worker_put_hello(osk_fake_message, osk_fake_channel.id, &hello);
    osk_fake_send(7);
}

static void hello_files(void)
{
    send_with_files(osk_worker_put_hello(osk_fake_message, osk_fake_channel.id, &hello), 200);
}

static void hello_twice(void)
{
    size_t len = osk_worker_put_hello(osk_fake_message, osk_fake_channel.id, &hello);
    osk_fake_send(len);
    osk_fake_send(len);
}

static void hello_layers(void)
{
    hello_changed(22, 0xFF);
}

static void hello_build(void)
{
    hello_changed(28, 1);
}

static void done_first(void)
{
    osk_fake_send(put_done(1));
}

static void silent_first(void)
{
    pause();
}

static void die_first(void)
{
    _exit(0);
}

static void crash_first(void)
{
    abort();
}

/* Without seccomp: the job must never arrive. */
static void unconfined(void)
{
    const OskWorkerHello none = { 0, 0 };
    OskFault fault = { .status = OSK_OK };
    osk_fake_send(osk_worker_put_hello(osk_fake_message, osk_fake_channel.id, &none));
    if (osk_channel_receive(&osk_fake_channel, &osk_fake_request, &fault) == OSK_OK) {
        osk_fake_send(put_done(1));
    }
    _exit(0);
}

/* ---- after the job ---- */

static void done_too_long(void)
{
    osk_fake_send(put_done(osk_fake_request.ask.output_capacity + 1));
}

static void done_huge(void)
{
    osk_fake_send(put_done(UINT64_MAX));
}

static void done_empty(void)
{
    osk_fake_send(put_done(0));
}

static void done_flat(void)
{
    size_t len = put_done(1);
    osk_fake_message[28] = 0;
    osk_fake_send(len);
}

static void done_short(void)
{
    osk_fake_send(put_done(1) - 1);
}

static void done_extra(void)
{
    osk_fake_send(put_done(1) + 1);
}

static void done_twice(void)
{
    size_t len = put_done(1);
    osk_fake_send(len);
    osk_fake_send(len);
}

static void done_linger(void)
{
    osk_fake_send(put_done(1));
    pause();
}

/* The socket closes, the process stays. */
static void done_hide(void)
{
    osk_fake_send(put_done(1));
    close(OSK_WORKER_SOCKET);
    pause();
}

static void done_crash(void)
{
    osk_fake_send(put_done(1));
    abort();
}

static void done_code(void)
{
    osk_fake_send(put_done(1));
    _exit(3);
}

static void done_files(void)
{
    send_with_files(put_done(1), 1);
}

static void fault_changed(size_t at, uint8_t with)
{
    const OskFault fault = { OSK_MALFORMED, "picture", "", NULL, 0 };
    size_t len = osk_worker_put_fault(osk_fake_message, osk_fake_channel.id, &fault);
    osk_fake_message[at] ^= with;
    osk_fake_send(len);
}

static void fault_status(void)
{
    fault_changed(20, 0x70);
}

static void fault_ok(void)
{
    fault_changed(20, OSK_MALFORMED);
}

static void fault_words(void)
{
    fault_changed(31, 0x7F);
}

static void progress_back(void)
{
    osk_fake_send(osk_worker_put_progress(osk_fake_message, osk_fake_channel.id, 2, 3));
    osk_fake_send(osk_worker_put_progress(osk_fake_message, osk_fake_channel.id, 1, 3));
}

static void flood(void)
{
    size_t len = osk_worker_put_progress(osk_fake_message, osk_fake_channel.id, 0, 1);
    for (;;) {
        osk_fake_send(len);
    }
}

static void silent(void)
{
    pause();
}

/* Says a little now and then, so that no wait for one osk_fake_message alone is long. */
static void drip(void)
{
    for (;;) {
        osk_fake_send(osk_worker_put_progress(osk_fake_message, osk_fake_channel.id, 0, 1));
        usleep(50000);
    }
}

static void die(void)
{
    _exit(0);
}

static void crash(void)
{
    abort();
}

static void killed(void)
{
    raise(SIGKILL);
}

/* What a worker without seccomp could do: leave a child behind that keeps the output mapped. */
static void keep_output(void)
{
    if (fork() == 0) {
        close(OSK_WORKER_SOCKET);
        sleep(2);
        _exit(0);
    }
    osk_fake_send(put_done(1));
    _exit(0);
}

/* The one right answer. */
static void right(void)
{
    memcpy(osk_fake_request.output, "output", 6);
    osk_fake_send(osk_worker_put_progress(osk_fake_message, osk_fake_channel.id, 1, 1));
    osk_fake_send(put_done(6));
}

void osk_fake_right_picture(void)
{
    osk_fake_send(put_done(6));
}

static const OskFakeAct acts[] = {
    { "hello-magic", hello_magic, true },
    { "hello-version", hello_version, true },
    { "hello-id", hello_id, true },
    { "hello-kind", hello_kind, true },
    { "hello-length", hello_length, true },
    { "hello-long", hello_long, true },
    { "hello-short", hello_short, true },
    { "hello-files", hello_files, true },
    { "hello-build", hello_build, true },
    { "hello-twice", hello_twice, true },
    { "hello-layers", hello_layers, true },
    { "done-first", done_first, true },
    { "silent-first", silent_first, true },
    { "die-first", die_first, true },
    { "crash-first", crash_first, true },
    { "unconfined", unconfined, true },
    { "done-too-long", done_too_long, false },
    { "done-huge", done_huge, false },
    { "done-empty", done_empty, false },
    { "done-flat", done_flat, false },
    { "done-short", done_short, false },
    { "done-extra", done_extra, false },
    { "done-twice", done_twice, false },
    { "done-linger", done_linger, false },
    { "done-hide", done_hide, false },
    { "done-crash", done_crash, false },
    { "done-code", done_code, false },
    { "done-files", done_files, false },
    { "fault-status", fault_status, false },
    { "fault-ok", fault_ok, false },
    { "fault-words", fault_words, false },
    { "progress-back", progress_back, false },
    { "flood", flood, false },
    { "silent", silent, false },
    { "drip", drip, false },
    { "die", die, false },
    { "crash", crash, false },
    { "killed", killed, false },
    { "keep-output", keep_output, false },
    { "right", right, false },
    { NULL, NULL, false },
};

static const OskFakeAct *const tables[] = { acts, osk_fake_sealed, osk_fake_public };

/* NULL: nothing has this name. */
static const OskFakeAct *find_act(const char *name)
{
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        for (const OskFakeAct *one = tables[i]; one->name != NULL; one++) {
            if (strcmp(one->name, name) == 0) {
                return one;
            }
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    OskSandbox sandbox;
    OskFault fault = { .status = OSK_OK };
    char path[256] = "";
    if (readlink("/proc/self/exe", path, sizeof(path) - 1) <= 0 ||
        !osk_channel_arguments(argc, argv, &osk_fake_channel, &sandbox)) {
        return 2;
    }
    /* It was copied under the name of what it does. */
    const OskFakeAct *found = find_act(strrchr(path, '/') + 1);
    if (found != NULL && found->before) {
        found->act();
        return 0;
    }
    if (!osk_channel_hello(&osk_fake_channel, &hello) ||
        osk_channel_receive(&osk_fake_channel, &osk_fake_request, &fault) != OSK_OK) {
        return 1;
    }
    if (found != NULL) {
        found->act();
    }
    _exit(0);
}
