/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A worker that answers wrongly, in the way that its own name says. Without any sandbox. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker/channel.h"

static OskChannel channel;
static OskRequest request;
static uint8_t message[4 * OSK_WORKER_MESSAGE_MAX];

static const OskWorkerHello hello = { OSK_LAYERS_ALL, 1 };

static void send_raw(size_t len)
{
    (void)!send(OSK_WORKER_SOCKET, message, len, MSG_NOSIGNAL);
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
    return osk_worker_put_done(message, channel.id, &done);
}

static void send_with_files(size_t len, int count)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int) * 200)];
    } control;
    struct iovec part = { message, len };
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
    size_t len = osk_worker_put_hello(message, channel.id, &hello);
    message[at] ^= with;
    send_raw(len);
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
    osk_worker_put_hello(message, channel.id, &hello);
    send_raw(sizeof(message) / 2);
}

static void hello_short(void)
{
    osk_worker_put_hello(message, channel.id, &hello);
    send_raw(7);
}

static void hello_files(void)
{
    send_with_files(osk_worker_put_hello(message, channel.id, &hello), 200);
}

static void hello_twice(void)
{
    size_t len = osk_worker_put_hello(message, channel.id, &hello);
    send_raw(len);
    send_raw(len);
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
    send_raw(put_done(1));
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
    send_raw(osk_worker_put_hello(message, channel.id, &none));
    if (osk_channel_receive(&channel, &request, &fault) == OSK_OK) {
        send_raw(put_done(1));
    }
    _exit(0);
}

/* ---- after the job ---- */

static void done_too_long(void)
{
    send_raw(put_done(request.ask.output_capacity + 1));
}

static void done_huge(void)
{
    send_raw(put_done(UINT64_MAX));
}

static void done_empty(void)
{
    send_raw(put_done(0));
}

static void done_flat(void)
{
    size_t len = put_done(1);
    message[28] = 0;
    send_raw(len);
}

static void done_short(void)
{
    send_raw(put_done(1) - 1);
}

static void done_extra(void)
{
    send_raw(put_done(1) + 1);
}

static void done_twice(void)
{
    size_t len = put_done(1);
    send_raw(len);
    send_raw(len);
}

static void done_linger(void)
{
    send_raw(put_done(1));
    pause();
}

/* The socket closes, the process stays. */
static void done_hide(void)
{
    send_raw(put_done(1));
    close(OSK_WORKER_SOCKET);
    pause();
}

static void done_crash(void)
{
    send_raw(put_done(1));
    abort();
}

static void done_code(void)
{
    send_raw(put_done(1));
    _exit(3);
}

static void done_files(void)
{
    send_with_files(put_done(1), 1);
}

static void fault_changed(size_t at, uint8_t with)
{
    const OskFault fault = { OSK_MALFORMED, "picture", "", NULL, 0 };
    size_t len = osk_worker_put_fault(message, channel.id, &fault);
    message[at] ^= with;
    send_raw(len);
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
    send_raw(osk_worker_put_progress(message, channel.id, 2, 3));
    send_raw(osk_worker_put_progress(message, channel.id, 1, 3));
}

static void flood(void)
{
    size_t len = osk_worker_put_progress(message, channel.id, 0, 1);
    for (;;) {
        send_raw(len);
    }
}

static void silent(void)
{
    pause();
}

/* Says a little now and then, so that no wait for one message alone is long. */
static void drip(void)
{
    for (;;) {
        send_raw(osk_worker_put_progress(message, channel.id, 0, 1));
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
    send_raw(put_done(1));
    _exit(0);
}

/* The one right answer. */
static void right(void)
{
    memcpy(request.output, "output", 6);
    send_raw(osk_worker_put_progress(message, channel.id, 1, 1));
    send_raw(put_done(6));
}

/* ---- of a sealed file ---- */

static void send_stripped(uint64_t output_len, const char *format, uint32_t findings)
{
    OskStripDone done = { .output_len = output_len, .plain_len = 5, .findings = findings };
    memcpy(done.format, format, strlen(format));
    done.kinds = findings > 0 ? 1 : 0;
    send_raw(osk_strip_put_done(message, channel.id, &done));
}

static void right_picture(void)
{
    send_raw(put_done(6));
}

static void strip_right(void)
{
    send_stripped(300, "jpeg", 1);
}

static void strip_too_long(void)
{
    send_stripped(request.strip.output_max + 1, "jpeg", 1);
}

static void strip_flat(void)
{
    send_stripped(5, "jpeg", 1);
}

static void strip_no_name(void)
{
    send_stripped(300, "", 1);
}

static void strip_bad_name(void)
{
    send_stripped(300, "../jpeg", 1);
}

static void strip_bad_kinds(void)
{
    OskStripDone done = { .output_len = 300, .format = "jpeg", .findings = 1, .kinds = 1u << 31 };
    send_raw(osk_strip_put_done(message, channel.id, &done));
}

static void strip_short(void)
{
    OskStripDone done = { .output_len = 300, .format = "jpeg" };
    send_raw(osk_strip_put_done(message, channel.id, &done) - 1);
}

/* Right, but for what `done` says otherwise. */
static void send_looked(OskLookDone done)
{
    done.plain_len = done.plain_len != 0 ? done.plain_len : 100;
    done.output_len = done.output_len != 0 ? done.output_len : 300;
    done.width = 4;
    done.height = done.height != 0 ? done.height : 3;
    send_raw(osk_look_put_done(message, channel.id, &done));
}

static void look_right(void)
{
    send_looked((OskLookDone){ .kind = OSK_LOOK_STILL, .frames = 1 });
}

static void look_too_long(void)
{
    send_looked((OskLookDone){
        .kind = OSK_LOOK_STILL, .frames = 1, .output_len = request.strip.output_max + 1 });
}

static void look_flat(void)
{
    send_looked((OskLookDone){ .kind = OSK_LOOK_STILL, .frames = 1, .plain_len = 300 });
}

/* With the preview longer than there is room. */
static void look_pack_too_long(void)
{
    send_looked((OskLookDone){ .kind = OSK_LOOK_STILL,
                               .frames = 1,
                               .pack_len = request.strip.output_max - 299,
                               .pack_plain_len = 10 });
}

static void look_pack_flat(void)
{
    send_looked((OskLookDone){
        .kind = OSK_LOOK_STILL, .frames = 1, .pack_len = 200, .pack_plain_len = 200 });
}

static void look_pack_empty(void)
{
    send_looked((OskLookDone){ .kind = OSK_LOOK_STILL, .frames = 1, .pack_plain_len = 200 });
}

static void look_no_kind(void)
{
    send_looked((OskLookDone){ .kind = OSK_LOOK_KINDS, .frames = 2 });
}

static void look_still_frames(void)
{
    send_looked((OskLookDone){ .kind = OSK_LOOK_STILL, .frames = 2 });
}

static void look_no_frames(void)
{
    send_looked((OskLookDone){ .kind = OSK_LOOK_ANIMATION, .frames = 0 });
}

static void look_still_time(void)
{
    send_looked((OskLookDone){ .kind = OSK_LOOK_STILL, .frames = 1, .duration_ms = 1 });
}

static void look_ages(void)
{
    send_looked(
        (OskLookDone){ .kind = OSK_LOOK_ANIMATION, .frames = 2, .duration_ms = UINT64_MAX });
}

static void look_huge(void)
{
    send_looked((OskLookDone){ .kind = OSK_LOOK_STILL, .frames = 1, .height = UINT32_MAX });
}

static void look_short(void)
{
    OskLookDone done = { .kind = OSK_LOOK_STILL, .frames = 1 };
    send_raw(osk_look_put_done(message, channel.id, &done) - 1);
}

/* ---- of a file that is to be public ---- */

static void write_output(const char *bytes, size_t len)
{
    (void)!pwrite(OSK_STRIP_OUTPUT_FD, bytes, len, 0);
}

static void send_checked(uint64_t len, const char *format)
{
    OskCheckDone done = { .output_len = len };
    memcpy(done.format, format, strlen(format));
    send_raw(osk_check_put_done(message, channel.id, &done));
}

/* As long as the file is, and something else. */
static void check_other(void)
{
    for (uint64_t at = 0; at < request.strip.plain_len; at++) {
        (void)!pwrite(OSK_STRIP_OUTPUT_FD, "<", 1, (off_t)at);
    }
    send_checked(request.strip.plain_len, "jpeg");
}

static void check_nothing(void)
{
    send_checked(request.strip.plain_len, "jpeg");
}

static void check_less(void)
{
    write_output("<html>", 6);
    send_checked(6, "jpeg");
}

static void check_more(void)
{
    send_checked(request.strip.output_max + 1, "jpeg");
}

static void check_no_name(void)
{
    send_checked(request.strip.plain_len, "");
}

/* What the test seals for it. */
static void check_page(void)
{
    static const char page[] = "<html><script>alert(1)</script></html>";
    write_output(page, sizeof(page) - 1);
    send_checked(sizeof(page) - 1, "html");
}

static void check_short(void)
{
    OskCheckDone done = { .output_len = 5, .format = "jpeg" };
    send_raw(osk_check_put_done(message, channel.id, &done) - 1);
}

static void send_render(uint32_t width)
{
    static const char page[] = "<html><script>alert(1)</script></html>";
    size_t len = sizeof(page) - 1;
    memcpy(request.output, page, len);
    OskWorkerDone done = { .output_len = len,
                           .info = { .width = width,
                                     .height = 300,
                                     .frames = 1,
                                     .memory = 1,
                                     .cell_width = 1,
                                     .cell_height = 1,
                                     .exact = true } };
    send_raw(osk_worker_put_done(message, channel.id, &done));
}

static void render_page(void)
{
    send_render(1000);
}

static void render_large_page(void)
{
    send_render(2000);
}

static const struct {
    const char *name;
    void (*act)(void);
    bool before;
} acts[] = {
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
    { "strip-right", strip_right, false },
    { "strip-too-long", strip_too_long, false },
    { "strip-flat", strip_flat, false },
    { "strip-no-name", strip_no_name, false },
    { "strip-bad-name", strip_bad_name, false },
    { "strip-bad-kinds", strip_bad_kinds, false },
    { "strip-short", strip_short, false },
    { "strip-as-picture", right_picture, false },
    { "strip-as-look", look_right, false },
    { "look-right", look_right, false },
    { "look-too-long", look_too_long, false },
    { "look-flat", look_flat, false },
    { "look-pack-too-long", look_pack_too_long, false },
    { "look-pack-flat", look_pack_flat, false },
    { "look-pack-empty", look_pack_empty, false },
    { "look-no-kind", look_no_kind, false },
    { "look-still-frames", look_still_frames, false },
    { "look-no-frames", look_no_frames, false },
    { "look-still-time", look_still_time, false },
    { "look-ages", look_ages, false },
    { "look-huge", look_huge, false },
    { "look-short", look_short, false },
    { "look-as-strip", strip_right, false },
    { "look-as-picture", right_picture, false },
    { "check-other", check_other, false },
    { "check-nothing", check_nothing, false },
    { "check-less", check_less, false },
    { "check-more", check_more, false },
    { "check-no-name", check_no_name, false },
    { "check-page", check_page, false },
    { "check-short", check_short, false },
    { "check-as-strip", strip_right, false },
    { "check-as-picture", right_picture, false },
    { "render-page", render_page, false },
    { "render-large-page", render_large_page, false },
};

static void act(const char *name, bool before)
{
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        if (strcmp(acts[i].name, name) == 0 && acts[i].before == before) {
            acts[i].act();
        }
    }
}

static bool is_before(const char *name)
{
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        if (strcmp(acts[i].name, name) == 0) {
            return acts[i].before;
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    OskSandbox sandbox;
    OskFault fault = { .status = OSK_OK };
    char path[256] = "";
    if (readlink("/proc/self/exe", path, sizeof(path) - 1) <= 0 ||
        !osk_channel_arguments(argc, argv, &channel, &sandbox)) {
        return 2;
    }
    /* It was copied under the name of what it does. */
    const char *name = strrchr(path, '/') + 1;
    if (is_before(name)) {
        act(name, true);
        return 0;
    }
    if (!osk_channel_hello(&channel, &hello) ||
        osk_channel_receive(&channel, &request, &fault) != OSK_OK) {
        return 1;
    }
    act(name, false);
    _exit(0);
}
