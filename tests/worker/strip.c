/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sealed file goes into the worker, and a sealed copy comes out that reveals nothing.
 *
 * usage: strip WORKER FAKE SAMPLE    the real worker, one that lies, and the program that draws a
 * photo
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/strip_trial.h"
#include "oilskin/scrub.h"
#include "rig.h"
#include "unit/unit.h"

#define FILE_MAX (1u << 20)

static const char *worker_path;
static const char *fake_path;
static const char *sample_path;
static uint8_t photo[FILE_MAX];
static size_t photo_len;
static OskWorkerFate fate; /* of the last one */

static OskStatus strip(const Sealed *sealed, const char *worker, OskStripDone *done,
                       OskFault *fault)
{
    const OskStripJob job = { .input_fd = sealed->input,
                              .segments = sealed->segments,
                              .segment_count = sealed->count,
                              .output_fd = sealed->output,
                              .output_max = osk_strip_output_max(FILE_MAX),
                              .recipients = &rig_desk.recipient,
                              .recipient_count = 1,
                              .limits = { .memory = UINT64_C(256) << 20 },
                              .deadline_ms = 120000,
                              .worker = worker };
    *fault = (OskFault){ .status = OSK_OK };
    OskStatus status = osk_worker_strip(&job, done, &fate, fault);
    assert_int_equal(fault->status, status);
    assert_true(status == OSK_OK || fault->what != NULL);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    return status;
}

static size_t findings(const uint8_t *bytes, size_t len, bool *out_place)
{
    const OskSource source = osk_source_from_memory(bytes, len);
    OskScrub *job = NULL;
    assert_int_equal(osk_scrub_open(&source, NULL, &job), OSK_OK);
    const OskReport *report = osk_scrub_report(job);
    size_t count = osk_report_count(report);
    *out_place = false;
    for (size_t i = 0; i < count; i++) {
        *out_place = osk_report_at(report, i)->kind == OSK_KIND_PLACE || *out_place;
    }
    osk_scrub_free(&job);
    return count;
}

static void strip__a_planted_place_is_not_in_the_copy(void **state)
{
    (void)state;
    static const size_t pieces[] = { 1, 2, 7 };
    bool place = false;
    assert_true(findings(photo, photo_len, &place) > 0 && place);
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        Sealed sealed;
        OskStripDone done;
        OskFault fault;
        OskSha256 hash;
        uint8_t digest[32];
        rig_seal(&sealed, photo, photo_len, pieces[i]);
        assert_int_equal(strip(&sealed, worker_path, &done, &fault), OSK_OK);
        uint8_t *copy = rig_open(&sealed, done.output_len, done.plain_len);
        assert_string_equal(done.format, "jpeg");
        assert_true((done.kinds & 1u << OSK_KIND_PLACE) != 0 && done.findings > 0);
        assert_int_equal(findings(copy, (size_t)done.plain_len, &place), 0);
        assert_null(memmem(copy, (size_t)done.plain_len, "Exif", 4));
        osk_sha256_begin(&hash);
        osk_sha256_add(&hash, photo, photo_len);
        osk_sha256_end(&hash, digest);
        assert_memory_equal(done.before, digest, 32);
        osk_sha256_begin(&hash);
        osk_sha256_add(&hash, copy, (size_t)done.plain_len);
        osk_sha256_end(&hash, digest);
        assert_memory_equal(done.after, digest, 32);
        osk_bytes_free(&copy);
        rig_let_go(&sealed);
    }
}

/* Nothing of the file in the clear is on the disk, beside what the seal holds. */
static void strip__what_is_written_is_sealed(void **state)
{
    (void)state;
    static uint8_t bytes[2 * FILE_MAX];
    Sealed sealed;
    OskStripDone done;
    OskFault fault;
    rig_seal(&sealed, photo, photo_len, 1);
    assert_int_equal(strip(&sealed, worker_path, &done, &fault), OSK_OK);
    uint8_t *copy = rig_open(&sealed, done.output_len, done.plain_len);
    ssize_t got = pread(sealed.output, bytes, sizeof(bytes), 0);
    assert_true(got > 0);
    assert_null(memmem(bytes, (size_t)got, copy + done.plain_len / 2, 16));
    osk_bytes_free(&copy);
    rig_let_go(&sealed);
}

static void strip__what_is_no_picture_is_refused_in_words(void **state)
{
    (void)state;
    static const char text[] = "This is a letter, and no picture.";
    Sealed sealed;
    OskStripDone done;
    OskFault fault;
    rig_seal(&sealed, (const uint8_t *)text, sizeof(text), 1);
    assert_int_equal(strip(&sealed, worker_path, &done, &fault), OSK_UNSUPPORTED);
    rig_let_go(&sealed);
    rig_seal(&sealed, (const uint8_t *)text, 0, 1);
    assert_int_not_equal(strip(&sealed, worker_path, &done, &fault), OSK_OK);
    rig_let_go(&sealed);
    rig_seal(&sealed, photo, photo_len / 2, 2);
    assert_int_not_equal(strip(&sealed, worker_path, &done, &fault), OSK_OK);
    rig_let_go(&sealed);
}

static void strip__a_wrong_key_or_a_changed_byte_is_noticed(void **state)
{
    (void)state;
    Sealed sealed;
    OskStripDone done;
    OskFault fault;
    rig_seal(&sealed, photo, photo_len, 3);
    sealed.segments[1].key[3] ^= 1;
    assert_int_equal(strip(&sealed, worker_path, &done, &fault), OSK_AUTH);
    rig_let_go(&sealed);
    rig_seal(&sealed, photo, photo_len, 3);
    uint8_t keep[OSK_SEAL_FILE_KEY_BYTES];
    memcpy(keep, sealed.segments[0].key, sizeof(keep));
    memcpy(sealed.segments[0].key, sealed.segments[2].key, sizeof(keep));
    memcpy(sealed.segments[2].key, keep, sizeof(keep));
    assert_int_equal(strip(&sealed, worker_path, &done, &fault), OSK_AUTH);
    rig_let_go(&sealed);
}

/* The kernel's limit of the file is the output's, whatever the worker believes. */
static void strip__a_copy_has_no_more_room_than_it_was_given(void **state)
{
    (void)state;
    Sealed sealed;
    OskStripDone done;
    OskFault fault = { .status = OSK_OK };
    struct stat info;
    rig_seal(&sealed, photo, photo_len, 1);
    const OskStripJob job = { .input_fd = sealed.input,
                              .segments = sealed.segments,
                              .segment_count = 1,
                              .output_fd = sealed.output,
                              .output_max = photo_len / 2,
                              .recipients = &rig_desk.recipient,
                              .recipient_count = 1,
                              .worker = worker_path };
    assert_int_equal(osk_worker_strip(&job, &done, &fate, &fault), OSK_LIMIT);
    assert_int_equal(fstat(sealed.output, &info), 0);
    assert_true((uint64_t)info.st_size <= photo_len / 2);
    rig_let_go(&sealed);
}

static void strip__an_input_that_can_be_written_to_is_misuse(void **state)
{
    (void)state;
    Sealed sealed;
    OskStripDone done;
    OskFault fault;
    rig_seal(&sealed, photo, photo_len, 1);
    int input = sealed.input;
    sealed.input = sealed.output;
    assert_int_equal(strip(&sealed, worker_path, &done, &fault), OSK_MISUSE);
    sealed.input = input;
    rig_let_go(&sealed);
}

static void strip__each_wrong_answer_is_a_clean_fault(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        OskStatus status;
    } wrong[] = {
        { "strip-too-long", OSK_MALFORMED },   { "strip-flat", OSK_MALFORMED },
        { "strip-no-name", OSK_MALFORMED },    { "strip-bad-name", OSK_MALFORMED },
        { "strip-bad-kinds", OSK_MALFORMED },  { "strip-short", OSK_MALFORMED },
        { "strip-as-picture", OSK_MALFORMED }, { "strip-as-look", OSK_MALFORMED },
        { "fault-words", OSK_MALFORMED },      { "die", OSK_MALFORMED },
        { "crash", OSK_UNSUPPORTED },          { "strip-right", OSK_OK },
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char path[256];
        Sealed sealed;
        OskStripDone done;
        OskFault fault;
        rig_liar(fake_path, wrong[i].name, path);
        rig_seal(&sealed, photo, photo_len, 2);
        OskStatus status = strip(&sealed, path, &done, &fault);
        if (status != wrong[i].status) {
            fail_msg("%s: %s, %s", wrong[i].name, osk_status_name(status),
                     fault.what != NULL ? fault.what : "");
        }
        rig_let_go(&sealed);
        unlink(path);
    }
}

static OskStatus strip_by(const char *name, OskFault *fault)
{
    char path[256];
    Sealed sealed;
    OskStripDone done;
    rig_liar(fake_path, name, path);
    rig_seal(&sealed, photo, photo_len, 1);
    OskStatus status = strip(&sealed, path, &done, fault);
    rig_let_go(&sealed);
    unlink(path);
    return status;
}

/* Who keeps originals for what their file did to a worker must know that it was the file. */
static void strip__an_end_before_the_job_is_the_machines_fault(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        OskStatus status;
        OskWorkerFate fate;
    } ends[] = {
        { "die-first", OSK_IO, OSK_WORKER_LAME },
        { "crash-first", OSK_IO, OSK_WORKER_LAME },
        { "hello-version", OSK_IO, OSK_WORKER_LAME },
        { "hello-build", OSK_IO, OSK_WORKER_LAME },
        { "unconfined", OSK_IO, OSK_WORKER_LAME },
        { "killed", OSK_NO_MEMORY, OSK_WORKER_BUSY },
        { "die", OSK_MALFORMED, OSK_WORKER_DIED },
        { "crash", OSK_UNSUPPORTED, OSK_WORKER_DIED },
        { "strip-flat", OSK_MALFORMED, OSK_WORKER_DIED },
        { "strip-right", OSK_OK, OSK_WORKER_TOLD },
    };
    Sealed sealed;
    OskStripDone done;
    OskFault fault;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        OskStatus status = strip_by(ends[i].name, &fault);
        if (status != ends[i].status || fate != ends[i].fate) {
            fail_msg("%s: %s, %d", ends[i].name, osk_status_name(status), (int)fate);
        }
    }
    rig_seal(&sealed, photo, photo_len, 1);
    assert_int_equal(strip(&sealed, "/bin/false", &done, &fault), OSK_IO);
    assert_int_equal(fate, OSK_WORKER_LAME);
    assert_int_equal(strip(&sealed, "/nowhere/oilskin-worker", &done, &fault), OSK_IO);
    assert_int_equal(fate, OSK_WORKER_LAME);
    rig_let_go(&sealed);
    rig_seal(&sealed, photo, photo_len / 2, 1);
    assert_int_not_equal(strip(&sealed, worker_path, &done, &fault), OSK_OK);
    assert_int_equal(fate, OSK_WORKER_TOLD);
    rig_let_go(&sealed);
}

static OskStatus try_with(const char *name, OskFault *fault)
{
    char path[256];
    rig_liar(fake_path, name, path);
    *fault = (OskFault){ .status = OSK_OK };
    OskStatus status = osk_strip_trial(path, NULL, fault);
    unlink(path);
    assert_int_equal(fault->status, status);
    assert_non_null(fault->what);
    return status;
}

/* A drop closes for what is broken, and not for what passes. */
static void trial__a_crowded_machine_is_no_answer(void **state)
{
    (void)state;
    static const char *const broken[] = { "die-first", "crash-first", "hello-build", "unconfined",
                                          "die",       "crash",       "strip-right" };
    OskFault fault = { .status = OSK_OK };
    atomic_bool ends = true;
    assert_int_equal(osk_strip_trial(worker_path, NULL, &fault), OSK_OK);
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        if (try_with(broken[i], &fault) != OSK_UNSUPPORTED) {
            fail_msg("%s: %s", broken[i], fault.what);
        }
    }
    assert_int_equal(try_with("killed", &fault), OSK_IO);
    /* Says nothing for ten seconds. */
    assert_int_equal(try_with("silent-first", &fault), OSK_IO);
    fault = (OskFault){ .status = OSK_OK };
    assert_int_equal(osk_strip_trial("/bin/false", NULL, &fault), OSK_UNSUPPORTED);
    fault = (OskFault){ .status = OSK_OK };
    assert_int_equal(osk_strip_trial("/nowhere/oilskin-worker", NULL, &fault), OSK_UNSUPPORTED);
    /* Who stops is not held up, and has learnt nothing. */
    assert_int_equal(osk_strip_trial(worker_path, &ends, NULL), OSK_IO);
}

static int begin(void **state)
{
    int status = rig_begin(state);
    photo_len = status == 0 ? rig_photo(sample_path, photo, sizeof(photo)) : 0;
    return status;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strip__a_planted_place_is_not_in_the_copy),
        cmocka_unit_test(strip__what_is_written_is_sealed),
        cmocka_unit_test(strip__what_is_no_picture_is_refused_in_words),
        cmocka_unit_test(strip__a_wrong_key_or_a_changed_byte_is_noticed),
        cmocka_unit_test(strip__a_copy_has_no_more_room_than_it_was_given),
        cmocka_unit_test(strip__an_input_that_can_be_written_to_is_misuse),
        cmocka_unit_test(strip__each_wrong_answer_is_a_clean_fault),
        cmocka_unit_test(strip__an_end_before_the_job_is_the_machines_fault),
        cmocka_unit_test(trial__a_crowded_machine_is_no_answer),
    };
    if (argc != 4) {
        return 2;
    }
    worker_path = argv[1];
    fake_path = argv[2];
    sample_path = argv[3];
    return cmocka_run_group_tests(tests, begin, rig_end);
}
