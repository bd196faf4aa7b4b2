/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usage: look WORKER SAMPLE FRAMES    the real worker, the program that draws a photo, and the one
 * that decodes videos */
#include "intake/look.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/clock.h"
#include "intake/shelf.h"
#include "intake/submission.h"
#include "oilskin/fingerprint.h"
#include "unit.h"

#define PATIENCE_MS 30000

static const char *worker_path;
static const char *sample_path;
static const char *frames_path;
static uint8_t photo[1u << 20];
static size_t photo_len;
static OskSubmitter *submitter;
static OskLooker *looker;

/* ---- submitting ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t come = PTHREAD_COND_INITIALIZER;
static unsigned answers;

static void answer(void *context, const OskSubmitted *result)
{
    (void)context;
    pthread_mutex_lock(&lock);
    assert_int_equal(result->status, OSK_OK);
    answers++;
    pthread_cond_signal(&come);
    pthread_mutex_unlock(&lock);
}

static void start(const OskLookOptions *wish)
{
    OskLookOptions options = *wish;
    options.store = shelf.store;
    options.recipients = &shelf.desk.recipient;
    options.recipient_count = 1;
    options.worker = options.worker != NULL ? options.worker : worker_path;
    options.frames = options.frames != NULL ? options.frames : frames_path;
    options.worker_memory = UINT64_C(256) << 20;
    const OskSubmitterParts parts = { .store = shelf.store,
                                      .spool = shelf.spool,
                                      .ring = shelf.ring,
                                      .worker = worker_path,
                                      .workers = 1 };
    assert_int_equal(osk_submitter_open(&submitter, &parts, NULL), OSK_OK);
    assert_int_equal(osk_looker_open(&looker, &options, NULL), OSK_OK);
    osk_submitter_looks(submitter, looker);
}

static void stop(void)
{
    osk_submitter_close(&submitter);
    osk_looker_close(&looker);
}

static bool note_file(void *context, const OskFileRow *row)
{
    *(OskId *)context = row->id;
    return true;
}

typedef struct Sent {
    OskId submission;
    OskId file;
} Sent;

/* One file in two requests, and the answer to its sender. */
static Sent send_file(uint8_t number, uint32_t flags, const uint8_t *bytes, size_t len)
{
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = { .lookup = { { 5, number } }, .draft_key = { 9, number } };
    const uint8_t seed[32] = { number };
    Sent sent;
    assert_int_equal(osk_identity_from_seed(&receipt.identity, seed), OSK_OK);
    shelf_create(len, flags, token);
    shelf_send(token, bytes, len / 2);
    shelf_send(token, bytes + len / 2, len - len / 2);
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    unsigned before = answers;
    assert_int_equal(osk_submit(submitter, &draft, answer, NULL), OSK_OK);
    pthread_mutex_lock(&lock);
    while (answers == before) {
        pthread_cond_wait(&come, &lock);
    }
    pthread_mutex_unlock(&lock);
    OskSubmissionRow row;
    assert_true(osk_store_receipt(shelf.store, &receipt.lookup, &row, NULL));
    sent.submission = row.id;
    assert_int_equal(osk_store_files(shelf.store, &row.id, note_file, &sent.file, NULL), OSK_OK);
    osk_submission_row_free(&row);
    return sent;
}

/* ---- what became of it ---- */

static bool find_look(const OskId *file, OskRecordRow *out)
{
    const OskRecordKey key = { .space = OSK_SPACE_LOOK, .owner = *file, .id = *file };
    OskFault fault = { .status = OSK_OK };
    bool found = osk_store_record(shelf.store, &key, out, &fault);
    assert_int_equal(fault.status, OSK_OK);
    return found;
}

static void pause_shortly(void)
{
    const struct timespec pause = { .tv_nsec = 10000000 };
    nanosleep(&pause, NULL);
}

static bool wait_for_look(const OskId *file, OskRecordRow *out)
{
    for (int64_t until = osk_now_ms() + PATIENCE_MS; osk_now_ms() < until;) {
        if (find_look(file, out)) {
            return true;
        }
        pause_shortly();
    }
    return false;
}

/* All but those of the database, whose library opens them when it likes. */
static size_t count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    const struct dirent *entry;
    size_t count = 0;
    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        char target[256] = "";
        ssize_t len = readlinkat(dirfd(folder), entry->d_name, target, sizeof(target) - 1);
        const char *name = len > 0 ? strrchr(target, '/') : NULL;
        count += name == NULL || strncmp(name, "/rows.db", 8) != 0;
    }
    closedir(folder);
    return count;
}

/* Until the files that were to be looked at are closed again. */
static void wait_for_descriptors(size_t before)
{
    for (int64_t until = osk_now_ms() + PATIENCE_MS; osk_now_ms() < until;) {
        if (count_descriptors() <= before) {
            return;
        }
        pause_shortly();
    }
    fail_msg("%zu descriptors, where %zu were", count_descriptors(), before);
}

/* ---- promises ---- */

static void look__the_desk_gets_a_preview_of_each_photo(void **state)
{
    (void)state;
    static const uint32_t flags[] = { 0, OSK_UPLOAD_ORIGINAL };
    start(&(OskLookOptions){ .workers = 1 });
    for (uint8_t i = 0; i < 2; i++) {
        Sent sent = send_file((uint8_t)(1 + i), flags[i], photo, photo_len);
        OskRecordRow row;
        assert_true(wait_for_look(&sent.file, &row));
        assert_int_equal(row.flags, OSK_LOOK_STILL);
        assert_int_equal(row.bytes.len, 0);
        size_t len = 0;
        uint8_t *preview = shelf_read_blob(&row.blob, &len);
        assert_int_equal(len, osk_seal_padded_len(len));
        assert_true(len > 4 && len <= osk_seal_padded_len(OSK_LOOK_PREVIEW_BYTES));
        assert_memory_equal(preview, "\xFF\xD8\xFF", 3);
        assert_null(memmem(preview, len, "Exif", 4));
        free(preview);
        osk_record_row_free(&row);
    }
    stop();
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* What files are compared by lies beside the preview, and only the fold opens it. */
static void look__the_fold_gets_a_pack_that_the_desk_cannot_open(void **state)
{
    (void)state;
    const uint8_t seed[32] = { 77 };
    OskIdentity triage;
    OskRecordRow row;
    OskMemory plain = { .max = OSK_PACK_BYTES_MAX };
    OskPack *pack = NULL;
    assert_int_equal(osk_identity_from_seed(&triage, seed), OSK_OK);
    start(&(OskLookOptions){ .workers = 1, .triage = &triage.recipient });
    Sent sent = send_file(5, 0, photo, photo_len);
    assert_true(wait_for_look(&sent.file, &row));
    stop();
    const OskUnsealWith desk = { .identities = &shelf.desk, .count = 1 };
    const OskUnsealWith fold = { .identities = &triage, .count = 1 };
    assert_int_equal(osk_unseal_bytes(row.bytes.bytes, row.bytes.len, &desk, &plain, NULL),
                     OSK_AUTH);
    assert_int_equal(osk_unseal_bytes(row.bytes.bytes, row.bytes.len, &fold, &plain, NULL), OSK_OK);
    assert_int_equal(osk_pack_read(&pack, plain.bytes, plain.len, NULL), OSK_OK);
    assert_int_equal(pack->kind, OSK_PACK_STILL);
    assert_int_equal(pack->capture, OSK_CAPTURE_ALL - OSK_CAPTURE_SOUND);
    osk_pack_free(&pack);
    osk_bytes_free(&plain.bytes);
    size_t len = 0;
    uint8_t *preview = shelf_read_blob(&row.blob, &len);
    assert_memory_equal(preview, "\xFF\xD8\xFF", 3);
    free(preview);
    osk_record_row_free(&row);
}

static uint8_t film[1u << 20];

static size_t make_film(void)
{
    char path[128];
    char command[512];
    snprintf(path, sizeof(path), "%s/film.mp4", shelf.folder);
    snprintf(command, sizeof(command),
             "ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=160x90:rate=10:duration=1 "
             "-threads 1 -c:v libx264 -preset ultrafast -pix_fmt yuv420p '%s'",
             path);
    assert_int_equal(system(command), 0);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(film, 1, sizeof(film), file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(unlink(path), 0);
    return len;
}

/* As one that is scrubbed, so that its format is known, and as one that nobody has looked into. */
static void look__a_video_is_looked_at_by_its_own_program(void **state)
{
    (void)state;
    static const uint32_t flags[] = { 0, OSK_UPLOAD_ORIGINAL };
    size_t len = make_film();
    start(&(OskLookOptions){ .workers = 1 });
    for (uint8_t i = 0; i < 2; i++) {
        Sent sent = send_file((uint8_t)(70 + i), flags[i], film, len);
        OskRecordRow row;
        assert_true(wait_for_look(&sent.file, &row));
        assert_int_equal(row.flags, OSK_LOOK_VIDEO);
        osk_record_row_free(&row);
    }
    stop();
}

/* A program of videos that says nothing for ten seconds; behind it comes a photo. */
static void look__a_slow_video_holds_up_no_picture(void **state)
{
    (void)state;
    char frames[128];
    OskRecordRow row;
    size_t len = make_film();
    snprintf(frames, sizeof(frames), "%s/slow", shelf.folder);
    FILE *script = fopen(frames, "w");
    assert_non_null(script);
    fprintf(script, "#!/bin/sh\nexec /bin/sleep 60\n");
    assert_int_equal(fclose(script), 0);
    assert_int_equal(chmod(frames, 0700), 0);
    start(&(OskLookOptions){ .workers = 1, .frames = frames });
    size_t before = count_descriptors();
    (void)send_file(80, 0, film, len);
    (void)send_file(81, OSK_UPLOAD_ORIGINAL, film, len);
    Sent photo_sent = send_file(82, 0, photo, photo_len);
    assert_true(wait_for_look(&photo_sent.file, &row));
    osk_record_row_free(&row);
    /* It is still being looked at. */
    assert_true(count_descriptors() > before);
    stop();
    assert_int_equal(unlink(frames), 0);
}

static void look__what_nothing_decodes_has_no_preview(void **state)
{
    (void)state;
    static const char letter[] = "This is a letter, which no program of pictures knows.";
    start(&(OskLookOptions){ .workers = 1 });
    size_t before = count_descriptors();
    Sent sent = send_file(10, 0, (const uint8_t *)letter, sizeof(letter));
    OskRecordRow row;
    size_t blobs = shelf_count_blobs();
    wait_for_descriptors(before);
    stop();
    assert_false(find_look(&sent.file, &row));
    assert_int_equal(shelf_count_blobs(), blobs);
}

static void look__what_was_sealed_on_the_device_is_not_opened(void **state)
{
    (void)state;
    start(&(OskLookOptions){ .workers = 1 });
    size_t before = count_descriptors();
    Sent sent = send_file(20, OSK_UPLOAD_DEVICE, photo, photo_len);
    OskRecordRow row;
    assert_int_equal(count_descriptors(), before);
    stop();
    assert_false(find_look(&sent.file, &row));
}

static Sent withdrawn;

static void withdraw(void)
{
    const OskChange drop = { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = withdrawn.submission };
    assert_int_equal(osk_store_commit(shelf.store, &drop, 1, NULL, NULL), OSK_COMMIT_OK);
}

/* Between the look and its record. */
static void look__a_file_that_was_withdrawn_leaves_no_preview(void **state)
{
    (void)state;
    size_t blobs = shelf_count_blobs();
    OskRecordRow row;
    start(&(OskLookOptions){ .workers = 1 });
    size_t before = count_descriptors();
    withdrawn = send_file(30, 0, photo, photo_len);
    /* Most likely before the preview is there; where not, the drop takes it along. */
    shelf_overtake = withdraw;
    wait_for_descriptors(before);
    stop();
    if (shelf_overtake != NULL) {
        shelf_overtake = NULL;
        withdraw();
    }
    uint64_t swept = 0;
    assert_int_equal(osk_store_sweep(shelf.store, &swept, NULL), OSK_OK);
    assert_false(find_look(&withdrawn.file, &row));
    assert_int_equal(shelf_count_blobs(), blobs);
}

/* A commit that happened, as far as nobody knew: the preview is still the record's. */
static void look__what_nobody_knows_of_is_not_deleted(void **state)
{
    (void)state;
    OskRecordRow row;
    start(&(OskLookOptions){ .workers = 1 });
    size_t before = count_descriptors();
    Sent sent = send_file(40, 0, photo, photo_len);
    shelf_unsure = SHELF_UNSURE;
    wait_for_descriptors(before);
    stop();
    shelf_unsure = 0;
    assert_true(find_look(&sent.file, &row));
    size_t len = 0;
    free(shelf_read_blob(&row.blob, &len));
    assert_true(len > 0);
    osk_record_row_free(&row);
}

/* ---- the same bytes once more ---- */

typedef struct Counted {
    char program[128];
    char log[128];
    char once[128]; /* while it is there the next look fails */
} Counted;

/* The real worker, behind a script that writes down each look.
 * @param how what the script does before it. */
static void count_looks(Counted *counted, const char *how)
{
    snprintf(counted->program, sizeof(counted->program), "%s/counted", shelf.folder);
    snprintf(counted->log, sizeof(counted->log), "%s/looks", shelf.folder);
    snprintf(counted->once, sizeof(counted->once), "%s/once", shelf.folder);
    FILE *script = fopen(counted->program, "w");
    assert_non_null(script);
    fprintf(script, "#!/bin/sh\nonce=%s\necho look >>%s\n%s\nexec %s \"$@\"\n", counted->once,
            counted->log, how, worker_path);
    assert_int_equal(fclose(script), 0);
    assert_int_equal(chmod(counted->program, 0700), 0);
}

static size_t looks_of(const Counted *counted)
{
    struct stat info = { .st_size = 0 };
    return stat(counted->log, &info) == 0 ? (size_t)info.st_size / 5 : 0;
}

static void forget_looks(const Counted *counted)
{
    assert_int_equal(unlink(counted->program), 0);
    (void)unlink(counted->log);
    (void)unlink(counted->once);
}

static OskIdentity make_triage(void)
{
    const uint8_t seed[32] = { 77 };
    OskIdentity triage;
    assert_int_equal(osk_identity_from_seed(&triage, seed), OSK_OK);
    return triage;
}

/* The bytes of one of the others, and one of their own more. */
static uint8_t other[1u << 20];

static void look__the_same_bytes_are_looked_at_once(void **state)
{
    (void)state;
    const OskIdentity triage = make_triage();
    Counted counted;
    OskRecordRow first;
    OskRecordRow row;
    count_looks(&counted, "");
    start(
        &(OskLookOptions){ .workers = 2, .worker = counted.program, .triage = &triage.recipient });
    Sent sent = send_file(100, 0, photo, photo_len);
    assert_true(wait_for_look(&sent.file, &first));
    size_t len = 0;
    uint8_t *preview = shelf_read_blob(&first.blob, &len);
    for (uint8_t i = 0; i < 3; i++) {
        size_t again_len = 0;
        sent = send_file((uint8_t)(101 + i), 0, photo, photo_len);
        assert_true(wait_for_look(&sent.file, &row));
        assert_int_equal(row.flags, first.flags);
        assert_int_equal(row.bytes.len, first.bytes.len);
        assert_memory_equal(row.bytes.bytes, first.bytes.bytes, first.bytes.len);
        /* A file of its own: what becomes of one submission is nothing to another. */
        assert_memory_not_equal(&row.blob, &first.blob, sizeof(row.blob));
        uint8_t *again = shelf_read_blob(&row.blob, &again_len);
        assert_int_equal(again_len, len);
        assert_memory_equal(again, preview, len);
        free(again);
        osk_record_row_free(&row);
    }
    assert_int_equal(looks_of(&counted), 1);
    memcpy(other, photo, photo_len);
    other[photo_len] = 0;
    sent = send_file(104, 0, other, photo_len + 1);
    assert_true(wait_for_look(&sent.file, &row));
    osk_record_row_free(&row);
    assert_int_equal(looks_of(&counted), 2);
    stop();
    free(preview);
    osk_record_row_free(&first);
    forget_looks(&counted);
}

/* Both wait, and two threads could. */
static void look__what_is_looked_at_just_now_is_waited_for(void **state)
{
    (void)state;
    const OskIdentity triage = make_triage();
    Counted counted;
    OskRecordRow row;
    count_looks(&counted, "sleep 2");
    start(
        &(OskLookOptions){ .workers = 2, .worker = counted.program, .triage = &triage.recipient });
    Sent sent[3];
    for (uint8_t i = 0; i < 3; i++) {
        sent[i] = send_file((uint8_t)(110 + i), 0, photo, photo_len);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_true(wait_for_look(&sent[i].file, &row));
        osk_record_row_free(&row);
    }
    assert_int_equal(looks_of(&counted), 1);
    stop();
    forget_looks(&counted);
}

static void look__a_look_that_failed_stands_for_no_other(void **state)
{
    (void)state;
    const OskIdentity triage = make_triage();
    Counted counted;
    OskRecordRow row;
    count_looks(&counted, "if [ -e $once ]; then rm $once; exit 1; fi");
    FILE *once = fopen(counted.once, "w");
    assert_non_null(once);
    assert_int_equal(fclose(once), 0);
    start(
        &(OskLookOptions){ .workers = 1, .worker = counted.program, .triage = &triage.recipient });
    size_t before = count_descriptors();
    Sent failed = send_file(120, 0, photo, photo_len);
    wait_for_descriptors(before);
    assert_int_equal(looks_of(&counted), 1);
    Sent sent = send_file(121, 0, photo, photo_len);
    assert_true(wait_for_look(&sent.file, &row));
    osk_record_row_free(&row);
    assert_int_equal(looks_of(&counted), 2);
    assert_false(find_look(&failed.file, &row));
    stop();
    forget_looks(&counted);
}

/* As of a video that was cut off for its time. */
static void look__a_look_without_a_pack_is_done_again(void **state)
{
    (void)state;
    Counted counted;
    OskRecordRow row;
    count_looks(&counted, "");
    start(&(OskLookOptions){ .workers = 1, .worker = counted.program });
    for (uint8_t i = 0; i < 2; i++) {
        Sent sent = send_file((uint8_t)(130 + i), 0, photo, photo_len);
        assert_true(wait_for_look(&sent.file, &row));
        osk_record_row_free(&row);
        assert_int_equal(looks_of(&counted), i + 1);
    }
    stop();
    forget_looks(&counted);
}

/* What was sealed to somebody who is a reviewer no more is no answer for those who are. The digest
 * is of the readers, too; here it is that of the file alone. */
static void look__nobody_reads_a_copy_of_what_was_sealed_to_others(void **state)
{
    (void)state;
    const OskIdentity triage = make_triage();
    const uint8_t seed[32] = { 78 };
    OskIdentity next;
    Counted counted;
    OskRecordRow row;
    assert_int_equal(osk_identity_from_seed(&next, seed), OSK_OK);
    count_looks(&counted, "");
    start(
        &(OskLookOptions){ .workers = 1, .worker = counted.program, .triage = &triage.recipient });
    Sent sent = send_file(140, 0, photo, photo_len);
    assert_true(wait_for_look(&sent.file, &row));
    osk_record_row_free(&row);
    osk_looker_set_readers(looker, &next.recipient, 1);
    sent = send_file(141, 0, photo, photo_len);
    assert_true(wait_for_look(&sent.file, &row));
    assert_int_equal(looks_of(&counted), 2);
    const OskIdentity desk = shelf.desk;
    shelf.desk = next;
    size_t len = 0;
    uint8_t *preview = shelf_read_blob(&row.blob, &len);
    assert_memory_equal(preview, "\xFF\xD8\xFF", 3);
    free(preview);
    shelf.desk = desk;
    osk_record_row_free(&row);
    stop();
    forget_looks(&counted);
}

static void look__nothing_is_known_for_long(void **state)
{
    (void)state;
    const OskIdentity triage = make_triage();
    Counted counted;
    OskRecordRow row;
    count_looks(&counted, "");
    start(&(OskLookOptions){
        .workers = 1, .worker = counted.program, .triage = &triage.recipient, .known_ms = 50 });
    for (uint8_t i = 0; i < 2; i++) {
        Sent sent = send_file((uint8_t)(150 + i), 0, photo, photo_len);
        assert_true(wait_for_look(&sent.file, &row));
        osk_record_row_free(&row);
        usleep(60000);
    }
    assert_int_equal(looks_of(&counted), 2);
    stop();
    forget_looks(&counted);
}

static OskLookInput make_input(void)
{
    OskLookInput input = { .fd = open("/dev/null", O_RDONLY | O_CLOEXEC), .segment_count = 1 };
    input.segments = osk_locked_alloc(sizeof(*input.segments));
    assert_true(input.fd >= 0 && input.segments != NULL);
    memset(input.segments, 7, sizeof(*input.segments));
    return input;
}

/* Descriptors and locked memory are bounded, however many come. */
static void look__only_so_many_wait(void **state)
{
    (void)state;
    static const OskFileRow file = { .id = { { 1 } } };
    size_t before = count_descriptors();
    const OskLookOptions options = { .store = shelf.store,
                                     .recipients = &shelf.desk.recipient,
                                     .recipient_count = 1,
                                     .worker = "/nonexistent",
                                     .workers = 1,
                                     .waiting_max = 3 };
    assert_int_equal(osk_looker_open(&looker, &options, NULL), OSK_OK);
    for (size_t i = 0; i < 50; i++) {
        OskLookInput input = make_input();
        osk_look_later(looker, &file, &input);
        assert_null(input.segments);
        assert_true(count_descriptors() <= before + 3 + 8);
    }
    wait_for_descriptors(before);
    osk_looker_close(&looker);
    assert_int_equal(count_descriptors(), before);
}

/* A worker that takes two seconds for nothing: what waits behind it is too old then. */
static void look__keys_that_are_old_are_wiped_unused(void **state)
{
    (void)state;
    static const OskFileRow file = { .id = { { 1 } } };
    char worker[128];
    char log[128];
    size_t before = count_descriptors();
    snprintf(worker, sizeof(worker), "%s/slow", shelf.folder);
    snprintf(log, sizeof(log), "%s/runs", shelf.folder);
    FILE *script = fopen(worker, "w");
    assert_non_null(script);
    fprintf(script, "#!/bin/sh\necho run >>%s\nexec /bin/sleep 2\n", log);
    assert_int_equal(fclose(script), 0);
    assert_int_equal(chmod(worker, 0700), 0);
    const OskLookOptions options = { .store = shelf.store,
                                     .recipients = &shelf.desk.recipient,
                                     .recipient_count = 1,
                                     .worker = worker,
                                     .workers = 1,
                                     .wait_ms = 1000 };
    assert_int_equal(osk_looker_open(&looker, &options, NULL), OSK_OK);
    for (size_t i = 0; i < 3; i++) {
        OskLookInput input = make_input();
        osk_look_later(looker, &file, &input);
    }
    wait_for_descriptors(before);
    osk_looker_close(&looker);
    struct stat info;
    assert_int_equal(stat(log, &info), 0);
    assert_int_equal(info.st_size, 4);
    assert_int_equal(unlink(worker), 0);
    assert_int_equal(unlink(log), 0);
}

static void look__a_stop_lets_go_of_all_keys(void **state)
{
    (void)state;
    size_t before = count_descriptors();
    start(&(OskLookOptions){ .workers = 1 });
    for (uint8_t i = 0; i < 4; i++) {
        (void)send_file((uint8_t)(60 + i), 0, photo, photo_len);
    }
    int64_t began = osk_now_ms();
    stop();
    assert_true(osk_now_ms() - began < 10000);
    assert_int_equal(count_descriptors(), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static int set_up(void **state)
{
    char path[128];
    int status = 1;
    if (shelf_set_up(state) != 0) {
        return 1;
    }
    snprintf(path, sizeof(path), "%s/photo.jpg", shelf.folder);
    pid_t pid = fork();
    if (pid == 0) {
        execl(sample_path, sample_path, path, (char *)NULL);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    FILE *file = fopen(path, "rb");
    assert_true(status == 0 && file != NULL);
    photo_len = fread(photo, 1, sizeof(photo), file);
    fclose(file);
    unlink(path);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look__the_desk_gets_a_preview_of_each_photo),
        cmocka_unit_test(look__the_fold_gets_a_pack_that_the_desk_cannot_open),
        cmocka_unit_test(look__a_video_is_looked_at_by_its_own_program),
        cmocka_unit_test(look__a_slow_video_holds_up_no_picture),
        cmocka_unit_test(look__what_nothing_decodes_has_no_preview),
        cmocka_unit_test(look__what_was_sealed_on_the_device_is_not_opened),
        cmocka_unit_test(look__a_file_that_was_withdrawn_leaves_no_preview),
        cmocka_unit_test(look__what_nobody_knows_of_is_not_deleted),
        cmocka_unit_test(look__the_same_bytes_are_looked_at_once),
        cmocka_unit_test(look__what_is_looked_at_just_now_is_waited_for),
        cmocka_unit_test(look__a_look_that_failed_stands_for_no_other),
        cmocka_unit_test(look__a_look_without_a_pack_is_done_again),
        cmocka_unit_test(look__nobody_reads_a_copy_of_what_was_sealed_to_others),
        cmocka_unit_test(look__nothing_is_known_for_long),
        cmocka_unit_test(look__only_so_many_wait),
        cmocka_unit_test(look__keys_that_are_old_are_wiped_unused),
        cmocka_unit_test(look__a_stop_lets_go_of_all_keys),
    };
    if (argc != 4) {
        return 2;
    }
    worker_path = argv[1];
    sample_path = argv[2];
    frames_path = argv[3];
    return cmocka_run_group_tests(tests, set_up, shelf_tear_down);
}
