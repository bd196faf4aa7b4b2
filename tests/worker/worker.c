/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A worker that tries to get out of its sandbox is stopped; one that answers wrongly is not
 * believed; and the caller survives all of it.
 *
 * usage: worker ESCAPE FAKE WORKER [NAMES]    the two programs beside this file, and the real one;
 * NAMES such as "escape*" for these tests alone
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/worker_client.h"
#include "pixels/codec.h"
#include "unit/unit.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static const char *escape_path;
static const char *fake_path;
static const char *worker_path;
static char folder[] = "/tmp/oilskin-worker-XXXXXX";
static const uint8_t input[] = "a picture";

static size_t count_descriptors(void)
{
    size_t count = 0;
    for (int fd = 0; fd < 1024; fd++) {
        count += fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
    }
    return count;
}

/* What ends by itself has ended by then, on a busy machine, too. */
#define LONG_MS 60000u

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Runs a job, and checks what holds whatever the worker does: nothing is left behind, it ends in
 * time, and the fault says something. */
static OskStatus run(const OskWorkerJob *job, OskWorkerResult *result, OskFault *fault)
{
    size_t before = count_descriptors();
    uint64_t started = now_ms();
    *fault = (OskFault){ .status = OSK_OK };
    OskStatus status = osk_worker_run(job, result, fault);
    assert_true(now_ms() - started < 2 * LONG_MS);
    assert_int_equal(count_descriptors(), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(fault->status, status);
    if (status != OSK_OK) {
        assert_non_null(fault->what);
        assert_null(result->bytes);
    }
    return status;
}

/* ---- escapes ---- */

static OskStatus try_escape(const char *name, OskFault *fault, uint32_t *layers)
{
    OskWorkerResult result;
    const OskWorkerJob job = { .op = OSK_WORKER_INFO,
                               .format = name,
                               .bytes = input,
                               .len = sizeof(input),
                               .limits = { .memory = UINT64_C(64) << 20 },
                               .deadline_ms = LONG_MS,
                               .worker = escape_path };
    OskStatus status = run(&job, &result, fault);
    *layers = result.layers;
    osk_worker_result_free(&result);
    return status;
}

static void escape__each_way_out_is_stopped(void **state)
{
    (void)state;
    static const char *const ways[] = {
        "openfile", "openplain",   "makefile", "socket",      "udp",        "socketpair", "fork",
        "vfork",    "clone3",      "exec",     "ptrace",      "readparent", "killparent", "killall",
        "mapcode",  "protectcode", "writefd",  "writesocket", "readfd",     "pread",      "pwrite",
        "iouring",  "namespace",   "prctl",    "memfd",       "bpf",        "compat",     "thread",
    };
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        OskFault fault;
        uint32_t layers = 0;
        OskStatus status = try_escape(ways[i], &fault, &layers);
        if (status != OSK_MALFORMED) {
            fail_msg("%s: %s, %s", ways[i], osk_status_name(status),
                     fault.what != NULL ? fault.what : "");
        }
        assert_string_equal(fault.what,
                            "the decoder tried what its sandbox forbids, and was stopped");
        assert_true((layers & OSK_LAYER_SECCOMP) != 0);
    }
    assert_int_equal(access("/tmp/oilskin-escaped", F_OK), -1);
}

/* Sanitizers map more than any limit of memory allows: only builds without them can ask. */
#if !SANITIZED
static void escape__memory_beyond_the_budget_is_not_given(void **state)
{
    (void)state;
    OskFault fault;
    uint32_t layers = 0;
    assert_int_equal(try_escape("memory", &fault, &layers), OSK_LIMIT);
    assert_string_equal(fault.what, "not enough memory");
    assert_true((layers & OSK_LAYER_RLIMITS) != 0);
}
#endif

static void escape__a_crash_is_a_clear_fault(void **state)
{
    (void)state;
    OskFault fault;
    uint32_t layers = 0;
    assert_int_equal(try_escape("abort", &fault, &layers), OSK_UNSUPPORTED);
    if (SANITIZED) {
        return;
    }
    assert_int_equal(try_escape("crash", &fault, &layers), OSK_UNSUPPORTED);
}

static void escape__endless_work_ends_at_the_deadline(void **state)
{
    (void)state;
    OskFault fault;
    OskWorkerResult result;
    const OskWorkerJob job = { .op = OSK_WORKER_INFO,
                               .format = "spin",
                               .bytes = input,
                               .len = sizeof(input),
                               .deadline_ms = 700,
                               .worker = escape_path };
    assert_int_equal(run(&job, &result, &fault), OSK_LIMIT);
    osk_worker_result_free(&result);
}

/* Runs the program without a client; returns the wait status. */
static int escape_alone(const char *mode, const char *layers, const char *name)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (layers != NULL) {
            execl(escape_path, escape_path, mode, layers, name, (char *)NULL);
        } else {
            execl(escape_path, escape_path, mode, name, (char *)NULL);
        }
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

/* What one layer stops while the named ones are left out. */
static void hold_alone(uint32_t without, const char *const *ways, size_t count)
{
    char layers[16];
    snprintf(layers, sizeof(layers), "%u", without);
    for (size_t i = 0; i < count; i++) {
        int status = escape_alone("--without", layers, ways[i]);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
            skip();
        }
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 1) {
            fail_msg("%s: wait status %d", ways[i], status);
        }
    }
    /* Without any of them it does get out, else this would prove nothing. */
    snprintf(layers, sizeof(layers), "%u", OSK_LAYERS_ALL & ~OSK_LAYER_NO_DUMP);
    for (size_t i = 0; i < count; i++) {
        int status = escape_alone("--without", layers, ways[i]);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            fail_msg("%s is stopped by nothing that is tested: %d", ways[i], status);
        }
    }
}

static void escape__landlock_holds_alone(void **state)
{
    (void)state;
    static const char *const ways[] = { "openfile", "openplain", "connecttcp" };
    hold_alone(OSK_LAYER_SECCOMP | OSK_LAYER_NAMESPACES | OSK_LAYER_RLIMITS, ways, 3);
}

static void escape__namespaces_hold_alone(void **state)
{
    (void)state;
    static const char *const ways[] = { "sendudp", "connecttcp" };
    hold_alone(OSK_LAYER_SECCOMP | OSK_LAYER_LANDLOCK_FILES | OSK_LAYER_LANDLOCK_TCP |
                   OSK_LAYER_RLIMITS,
               ways, 2);
}

static void escape__threads_open_no_other_way(void **state)
{
    (void)state;
    static const char *const killed[] = { "socket",  "fork",       "vfork",       "exec",
                                          "ptrace",  "mapcode",    "protectcode", "killparent",
                                          "iouring", "readparent", "writefd",     "memfd" };
    static const char *const refused[] = { "openfile", "openplain", "makefile", "clone3", "prctl" };
    assert_int_equal(escape_alone("--threads", NULL, "thread"), 0);
    for (size_t i = 0; i < sizeof(killed) / sizeof(killed[0]); i++) {
        int status = escape_alone("--threads", NULL, killed[i]);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS) {
            fail_msg("%s: wait status %d", killed[i], status);
        }
    }
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        int status = escape_alone("--threads", NULL, refused[i]);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 1) {
            fail_msg("%s: wait status %d", refused[i], status);
        }
    }
}

/* A worker that scrubs may read and write its two files at an offset, and has no other way more. */
static void escape__two_files_open_no_other_way(void **state)
{
    (void)state;
    static const char *const killed[] = { "openfile",    "openplain",   "makefile",   "socket",
                                          "fork",        "exec",        "ptrace",     "mapcode",
                                          "killparent",  "iouring",     "readparent", "writefd",
                                          "readfd",      "writesocket", "memfd",      "thread",
                                          "pwriteinput", "preadother" };
    assert_int_equal(escape_alone("--strip", NULL, "pread"), 0);
    assert_int_equal(escape_alone("--strip", NULL, "pwrite"), 0);
    for (size_t i = 0; i < sizeof(killed) / sizeof(killed[0]); i++) {
        int status = escape_alone("--strip", NULL, killed[i]);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS) {
            fail_msg("%s: wait status %d", killed[i], status);
        }
    }
}

/* ---- wrong answers ---- */

static void copy_program(const char *from, const char *to)
{
    static uint8_t piece[1 << 16];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0700);
    assert_true(in >= 0 && out >= 0);
    for (ssize_t got = 1; got > 0;) {
        got = read(in, piece, sizeof(piece));
        assert_true(got >= 0 && write(out, piece, (size_t)got) == got);
    }
    close(in);
    close(out);
}

static bool is_quiet(const char *name)
{
    return strncmp(name, "silent", 6) == 0 || strcmp(name, "drip") == 0 ||
           strcmp(name, "done-linger") == 0;
}

static OskStatus run_fake(const char *name, OskWorkerResult *result, OskFault *fault)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    copy_program(fake_path, path);
    const OskWorkerJob job = { .op = OSK_WORKER_REDACT,
                               .format = "png",
                               .bytes = input,
                               .len = sizeof(input),
                               .limits = { .memory = UINT64_C(1) << 20 },
                               /* Only who says nothing is waited for to the end; 100,000 messages
                                * of a flood take their time on a busy machine. */
                               .deadline_ms = is_quiet(name) ? 1500 : LONG_MS,
                               .worker = path };
    OskStatus status = run(&job, result, fault);
    unlink(path);
    return status;
}

static void fake__each_wrong_answer_is_a_clean_fault(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        OskStatus status;
    } wrong[] = {
        { "hello-magic", OSK_MALFORMED },
        { "hello-version", OSK_MALFORMED },
        { "hello-id", OSK_MALFORMED },
        { "hello-kind", OSK_MALFORMED },
        { "hello-length", OSK_MALFORMED },
        { "hello-long", OSK_MALFORMED },
        { "hello-short", OSK_MALFORMED },
        { "hello-files", OSK_MALFORMED },
        { "hello-build", OSK_IO },
        { "hello-twice", OSK_MALFORMED },
        { "hello-layers", OSK_MALFORMED },
        { "done-first", OSK_MALFORMED },
        { "silent-first", OSK_LIMIT },
        { "die-first", OSK_IO },
        { "crash-first", OSK_IO },
        { "done-too-long", OSK_MALFORMED },
        { "done-huge", OSK_MALFORMED },
        { "done-empty", OSK_MALFORMED },
        { "done-flat", OSK_MALFORMED },
        { "done-short", OSK_MALFORMED },
        { "done-extra", OSK_MALFORMED },
        { "done-twice", OSK_MALFORMED },
        { "done-linger", OSK_LIMIT },
        { "done-hide", OSK_MALFORMED },
        { "done-crash", OSK_UNSUPPORTED },
        { "done-code", OSK_MALFORMED },
        { "done-files", OSK_MALFORMED },
        { "fault-status", OSK_MALFORMED },
        { "fault-ok", OSK_MALFORMED },
        { "fault-words", OSK_MALFORMED },
        { "progress-back", OSK_MALFORMED },
        { "flood", OSK_MALFORMED },
        { "silent", OSK_LIMIT },
        { "drip", OSK_LIMIT },
        { "die", OSK_MALFORMED },
        { "crash", OSK_UNSUPPORTED },
        { "killed", OSK_NO_MEMORY },
        { "keep-output", OSK_MALFORMED },
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        OskFault fault;
        OskWorkerResult result;
        OskStatus status = run_fake(wrong[i].name, &result, &fault);
        if (status != wrong[i].status) {
            fail_msg("%s: %s, %s", wrong[i].name, osk_status_name(status),
                     fault.what != NULL ? fault.what : "");
        }
        osk_worker_result_free(&result);
    }
}

static void fake__without_seccomp_no_picture_is_handed_over(void **state)
{
    (void)state;
    OskFault fault;
    OskWorkerResult result;
    assert_int_equal(run_fake("unconfined", &result, &fault), OSK_UNSUPPORTED);
    assert_non_null(strstr(fault.what, "seccomp"));
    char sentence[OSK_WORKER_SENTENCE_BYTES];
    assert_true(osk_worker_missing(result.layers, sentence));
    assert_non_null(strstr(sentence, "could do what you can do"));
    assert_true(osk_worker_missing(OSK_LAYERS_ALL & ~OSK_LAYER_NAMESPACES, sentence));
    assert_non_null(strstr(sentence, "the other layers hold"));
    assert_false(osk_worker_missing(OSK_LAYERS_ALL, sentence));
    osk_worker_result_free(&result);
}

static void fake__a_right_answer_is_taken(void **state)
{
    (void)state;
    OskFault fault;
    OskWorkerResult result;
    assert_int_equal(run_fake("right", &result, &fault), OSK_OK);
    assert_int_equal(result.len, 6);
    assert_memory_equal(result.bytes, "output", 6);
    osk_worker_result_free(&result);
    assert_null(result.bytes);
}

static bool cancel(void *context, uint32_t done, uint32_t total)
{
    unsigned *calls = context;
    (void)done;
    (void)total;
    return ++*calls < 3;
}

static void fake__a_job_can_be_cancelled(void **state)
{
    (void)state;
    char path[128];
    unsigned calls = 0;
    OskFault fault;
    OskWorkerResult result;
    snprintf(path, sizeof(path), "%s/%s", folder, "silent");
    copy_program(fake_path, path);
    const OskWorkerJob job = { .op = OSK_WORKER_REDACT,
                               .format = "png",
                               .bytes = input,
                               .len = sizeof(input),
                               .worker = path,
                               .progress = cancel,
                               .progress_context = &calls };
    assert_int_equal(run(&job, &result, &fault), OSK_LIMIT);
    assert_string_equal(fault.what, "the job was cancelled");
    assert_int_equal(calls, 3);
    unlink(path);
}

static void client__a_missing_worker_is_said(void **state)
{
    (void)state;
    OskFault fault;
    OskWorkerResult result;
    OskWorkerJob job = { .op = OSK_WORKER_INFO,
                         .format = "png",
                         .bytes = input,
                         .len = sizeof(input),
                         .worker = "/nonexistent/oilskin-worker" };
    assert_int_equal(run(&job, &result, &fault), OSK_IO);
    assert_non_null(fault.next);
    /* Executable, but no program. */
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, "text");
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0700);
    assert_true(fd >= 0 && write(fd, "x", 1) == 1);
    close(fd);
    job.worker = path;
    assert_int_equal(run(&job, &result, &fault), OSK_IO);
    unlink(path);
}

static void client__an_input_that_others_may_write_is_refused(void **state)
{
    (void)state;
    OskFault fault;
    OskWorkerResult result;
    OskWorkerJob job = { .op = OSK_WORKER_INFO,
                         .format = "png",
                         .input_fd = open("/dev/null", O_RDWR | O_CLOEXEC),
                         .len = 1,
                         .worker = escape_path };
    assert_int_equal(run(&job, &result, &fault), OSK_MISUSE);
    close(job.input_fd);
}

/* ---- the real one ---- */

#define SIDE 64u

/* A PNG whose pixels count upwards. */
static uint8_t *make_picture(size_t *out_len)
{
    const OskCodec *png = osk_codec_find("png");
    const OskEncodeOptions options = { .orientation = 1 };
    const OskCodecInfo info = { .width = SIDE, .height = SIDE, .orientation = 1, .frames = 1 };
    OskBudget budget = osk_budget_default();
    OskFrame frame = { .duration_den = 1 };
    OskEncoder *encoder = NULL;
    OskWriter out;
    assert_int_equal(osk_image_make(&frame.image, SIDE, SIDE, OSK_PIXELS_GREY, 8, &budget), OSK_OK);
    for (size_t i = 0; i < (size_t)SIDE * SIDE; i++) {
        frame.image.pixels[i] = (uint8_t)i;
    }
    osk_writer_init(&out, (size_t)1 << 20);
    assert_int_equal(png->begin(&options, &info, &budget, &encoder, NULL), OSK_OK);
    assert_int_equal(png->add(encoder, &frame, NULL), OSK_OK);
    assert_int_equal(png->end(encoder, &out, NULL), OSK_OK);
    png->drop(&encoder);
    osk_image_free(&frame.image, &budget);
    return osk_writer_give(&out, out_len);
}

static void worker__does_every_kind_of_job(void **state)
{
    (void)state;
    size_t len = 0;
    uint8_t *picture = make_picture(&len);
    OskRegions *regions = osk_regions_new(NULL);
    const OskRegion box = {
        .shape = OSK_SHAPE_RECT, .style = OSK_REGION_BLUR, .x = 10, .y = 10, .w = 20, .h = 20.5
    };
    assert_true(picture != NULL && regions != NULL);
    assert_int_equal(osk_regions_add(regions, &box), OSK_OK);
    for (OskWorkerOp op = OSK_WORKER_INFO; op <= OSK_WORKER_RENDER; op++) {
        OskFault fault;
        OskWorkerResult result;
        const OskWorkerJob job = { .op = op,
                                   .format = "png",
                                   .bytes = picture,
                                   .len = len,
                                   .regions = op == OSK_WORKER_INFO ? NULL : regions,
                                   .worker = worker_path };
        OskStatus status = run(&job, &result, &fault);
        if (status != OSK_OK) {
            fail_msg("operation %d: %s", (int)op, fault.what);
        }
        assert_int_equal(result.info.width, SIDE);
        assert_true((result.layers & OSK_LAYER_SECCOMP) != 0);
        assert_int_equal(result.areas.count, op == OSK_WORKER_INFO ? 0 : 1);
        assert_int_equal(result.bytes != NULL, op != OSK_WORKER_INFO);
        if (result.bytes != NULL) {
            assert_int_equal(result.areas.boxes[0].height, 21);
            assert_memory_equal(result.bytes, "\x89PNG", 4);
        }
        osk_worker_result_free(&result);
    }
    osk_regions_free(&regions);
    free(picture);
}

/* The picture may also come as a file, and the answer to a broken one names what is wrong. */
static void worker__reads_a_file_in_place(void **state)
{
    (void)state;
    char path[128];
    size_t len = 0;
    OskFault fault;
    OskWorkerResult result;
    uint8_t *picture = make_picture(&len);
    snprintf(path, sizeof(path), "%s/%s", folder, "picture");
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && write(fd, picture, len) == (ssize_t)len);
    close(fd);
    OskWorkerJob job = { .op = OSK_WORKER_INFO,
                         .format = "png",
                         .input_fd = open(path, O_RDONLY | O_CLOEXEC),
                         .len = len,
                         .worker = worker_path };
    assert_true(job.input_fd >= 0);
    assert_int_equal(run(&job, &result, &fault), OSK_OK);
    job.len = len - 20;
    assert_int_equal(run(&job, &result, &fault), OSK_TRUNCATED);
    assert_true(fault.part[0] != 0 && fault.what[0] != 0);
    /* Shorter than it is said to be: whatever the worker makes of it, the caller is fine. */
    job.len = (size_t)1 << 20;
    (void)run(&job, &result, &fault);
    close(job.input_fd);
    unlink(path);
    free(picture);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escape__each_way_out_is_stopped),
#if !SANITIZED
        cmocka_unit_test(escape__memory_beyond_the_budget_is_not_given),
#endif
        cmocka_unit_test(escape__a_crash_is_a_clear_fault),
        cmocka_unit_test(escape__endless_work_ends_at_the_deadline),
        cmocka_unit_test(escape__landlock_holds_alone),
        cmocka_unit_test(escape__namespaces_hold_alone),
        cmocka_unit_test(escape__threads_open_no_other_way),
        cmocka_unit_test(escape__two_files_open_no_other_way),
        cmocka_unit_test(fake__each_wrong_answer_is_a_clean_fault),
        cmocka_unit_test(fake__without_seccomp_no_picture_is_handed_over),
        cmocka_unit_test(fake__a_right_answer_is_taken),
        cmocka_unit_test(fake__a_job_can_be_cancelled),
        cmocka_unit_test(worker__does_every_kind_of_job),
        cmocka_unit_test(worker__reads_a_file_in_place),
        cmocka_unit_test(client__a_missing_worker_is_said),
        cmocka_unit_test(client__an_input_that_others_may_write_is_refused),
    };
    if (argc < 4 || argc > 5 || mkdtemp(folder) == NULL) {
        return 2;
    }
    cmocka_set_test_filter(argc == 5 ? argv[4] : NULL);
    escape_path = argv[1];
    fake_path = argv[2];
    worker_path = argv[3];
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(folder);
    return failed;
}
