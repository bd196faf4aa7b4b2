/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usage: submission WORKER SAMPLE FAKE    the real worker, the program that draws a photo, and a
 *                                         worker that does what its name says */
#include "intake/submission.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/random.h"
#include "host/strip_client.h"
#include "intake/admission.h"
#include "intake/letters.h"
#include "intake/shelf.h"
#include "intake/spool_state.h"
#include "oilskin/scrub.h"
#include "unit.h"

static const char *worker_path;
static const char *sample_path;
static const char *fake_path;
static uint8_t photo[1u << 20];
static size_t photo_len;
static OskSubmitter *submitter;
static OskAdmission *admission; /* NULL but where a test is about it */
static const char letter[] = "This is a letter, which no program of pictures knows. 44.977 -93.265";

/* ---- waiting for an answer ---- */

typedef struct Wait {
    pthread_mutex_t lock;
    pthread_cond_t come;
    unsigned answers;
    OskSubmitted result;
} Wait;

static Wait waiting = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, { 0 } };

static void answer(void *context, const OskSubmitted *result)
{
    Wait *wait = context;
    pthread_mutex_lock(&wait->lock);
    wait->result = *result;
    wait->answers++;
    pthread_cond_signal(&wait->come);
    pthread_mutex_unlock(&wait->lock);
}

static OskSubmitted submit(const OskSubmissionDraft *draft)
{
    unsigned before = waiting.answers;
    assert_int_equal(osk_submit(submitter, draft, answer, &waiting), OSK_OK);
    pthread_mutex_lock(&waiting.lock);
    while (waiting.answers == before) {
        pthread_cond_wait(&waiting.come, &waiting.lock);
    }
    OskSubmitted result = waiting.result;
    pthread_mutex_unlock(&waiting.lock);
    return result;
}

static void open_submitter(void)
{
    OskFault fault = { .status = OSK_OK };
    assert_int_equal(osk_submitter_open(&submitter, shelf.store, shelf.spool, shelf.ring, admission,
                                        worker_path, 2, &fault),
                     OSK_OK);
}

/* ---- what the desk sees ---- */

static OskReceipt make_receipt(uint8_t number)
{
    OskReceipt receipt = { .lookup = { { 7, number } }, .draft_key = { 9, number } };
    const uint8_t seed[32] = { number };
    assert_int_equal(osk_identity_from_seed(&receipt.identity, seed), OSK_OK);
    return receipt;
}

typedef struct Files {
    OskFileRow rows[8];
    size_t count;
} Files;

static bool note_file(void *context, const OskFileRow *row)
{
    Files *files = context;
    assert_true(files->count < 8);
    files->rows[files->count++] = *row;
    return true;
}

static Files files_of(const OskReceipt *receipt, OskSubmissionRow *row)
{
    Files files = { .count = 0 };
    OskFault fault = { .status = OSK_OK };
    assert_true(osk_store_receipt(shelf.store, &receipt->lookup, row, &fault));
    assert_int_equal(osk_store_files(shelf.store, &row->id, note_file, &files, NULL), OSK_OK);
    assert_int_equal(files.count, row->file_count);
    return files;
}

static char *unseal(const OskBytes *sealed)
{
    const OskUnsealWith with = { .identities = &shelf.desk, .count = 1 };
    OskMemory plain = { .max = 1u << 20 };
    assert_int_equal(osk_unseal_bytes(sealed->bytes, sealed->len, &with, &plain, NULL), OSK_OK);
    assert_int_equal(plain.bytes[plain.len - 1], 0);
    /* A copy: the compiler takes what strstr() finds in `plain` for a pointer to the variable. */
    char *text = strdup((const char *)plain.bytes);
    osk_bytes_free(&plain.bytes);
    return text;
}

static bool note_segment(void *context, const OskSegmentRow *row)
{
    OskSegmentRow *segments = context;
    assert_true(row->number < 8);
    segments[row->number] = *row;
    return true;
}

/* All of a file in the clear, with its padding. A copy of an earlier one becomes a reference to it
 * some time after its answer. */
static uint8_t *open_file(const OskFileRow *file, size_t *out_len)
{
    static const OskId none;
    OskSegmentRow segments[8] = { 0 };
    bool is_own = memcmp(&file->same_as, &none, sizeof(none)) == 0;
    const OskId *owner = is_own ? &file->id : &file->same_as;
    assert_int_equal(osk_store_segments(shelf.store, owner, note_segment, segments, NULL), OSK_OK);
    assert_int_equal(file->segment_count, is_own ? 1 : 0);
    assert_true(segments[0].sealed_len > 0);
    assert_true(!is_own || file->sealed_len == segments[0].sealed_len);
    return shelf_read_blob(&segments[0].blob, out_len);
}

static size_t count_findings(const uint8_t *bytes, size_t len)
{
    const OskSource source = osk_source_from_memory(bytes, len);
    OskScrub *job = NULL;
    assert_int_equal(osk_scrub_open(&source, NULL, &job), OSK_OK);
    size_t count = osk_report_count(osk_scrub_report(job));
    osk_scrub_free(&job);
    return count;
}

/* The number behind a key of the manifest. */
static size_t number_of(const char *json, const char *key)
{
    char quoted[32];
    snprintf(quoted, sizeof(quoted), "\"%s\":", key);
    const char *at = strstr(json, quoted);
    assert_non_null(at);
    return (size_t)strtoull(at + strlen(quoted), NULL, 10);
}

/* ---- tests ---- */

static void submission__a_planted_place_never_reaches_the_desk(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(1);
    assert_true(count_findings(photo, photo_len) > 0);
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, 20000);
    shelf_send(token, photo + 20000, photo_len - 20000);
    const OskSubmissionDraft draft = { .message = "It was at the bridge.",
                                       .place = "the bridge",
                                       .category = "protest",
                                       .tokens = tokens,
                                       .token_count = 1,
                                       .receipt = &receipt };
    OskSubmitted result = submit(&draft);
    assert_int_equal(result.status, OSK_OK);
    assert_int_equal(result.count, 1);
    assert_int_equal(result.outcomes[0], OSK_OUTCOME_SCRUBBED);
    OskSubmissionRow row;
    Files files = files_of(&receipt, &row);
    assert_string_equal(row.category, "protest");
    assert_memory_equal(row.reply_key, receipt.identity.recipient.key, 32);
    char *manifest = unseal(&row.manifest);
    assert_non_null(strstr(manifest, "\"schema\":\"oilskin/submission/1\""));
    assert_non_null(strstr(manifest, "\"message\":\"It was at the bridge.\""));
    assert_non_null(strstr(manifest, "\"kind\":\"scrubbed\""));
    assert_non_null(strstr(manifest, "\"media_type\":\"image/jpeg\""));
    size_t len = 0;
    uint8_t *copy = open_file(&files.rows[0], &len);
    size_t true_len = number_of(manifest, "len");
    assert_int_equal(len, osk_seal_padded_len(true_len));
    assert_int_equal(count_findings(copy, true_len), 0);
    /* The original is gone from rows, disk and memory of keys. */
    OskUploadState at;
    assert_int_equal(osk_spool_look(shelf.spool, token, &at, NULL), OSK_AUTH);
    assert_int_equal(osk_keyring_count(shelf.ring), 0);
    assert_false(shelf_is_on_disk("the bridge", 10));
    free(copy);
    free(manifest);
    osk_submission_row_free(&row);
}

static void submission__what_cannot_be_scrubbed_is_kept(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(2);
    shelf_create(sizeof(letter), 0, token);
    shelf_send(token, letter, sizeof(letter));
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    OskSubmitted result = submit(&draft);
    assert_int_equal(result.status, OSK_OK);
    assert_int_equal(result.outcomes[0], OSK_OUTCOME_ORIGINAL_KEPT);
    OskSubmissionRow row;
    Files files = files_of(&receipt, &row);
    assert_int_equal(files.rows[0].flags, OSK_FILE_ORIGINAL | OSK_FILE_UNSCRUBBED);
    char *manifest = unseal(&row.manifest);
    assert_non_null(strstr(manifest, "\"kind\":\"unscrubbed\""));
    assert_non_null(strstr(manifest, "\"reason\":\"this is no picture or video format"));
    assert_int_equal(number_of(manifest, "len"), sizeof(letter));
    size_t len = 0;
    uint8_t *original = open_file(&files.rows[0], &len);
    assert_memory_equal(original, letter, sizeof(letter));
    assert_false(shelf_is_on_disk(letter, 20));
    free(original);
    free(manifest);
    osk_submission_row_free(&row);
}

static void check_times(const OskId *key)
{
    OskBlobReader *blob = NULL;
    struct stat info;
    assert_int_equal(osk_blob_open(shelf.store, key, &blob, NULL), OSK_OK);
    assert_int_equal(fstat(osk_blob_reader_fd(blob), &info), 0);
    osk_blob_close(&blob);
    assert_int_equal(info.st_atime % 86400, 0);
    assert_int_equal(info.st_mtime % 86400, 0);
}

/* A worker has read it before it was kept. */
static void submission__no_time_of_a_kept_original_says_when_it_came(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(71);
    shelf_create(sizeof(letter), 0, token);
    shelf_send(token, letter, sizeof(letter));
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    assert_int_equal(submit(&draft).outcomes[0], OSK_OUTCOME_ORIGINAL_KEPT);
    OskSubmissionRow row;
    OskSegmentRow segments[8] = { 0 };
    Files files = files_of(&receipt, &row);
    assert_int_equal(
        osk_store_segments(shelf.store, &files.rows[0].id, note_segment, segments, NULL), OSK_OK);
    check_times(&segments[0].blob);
    osk_submission_row_free(&row);
}

/* What was sent is hashed before anything happens to it: keys and bytes are nowhere else. */
static void submission__originals_are_opened_in_locked_memory(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(70);
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, 20000);
    shelf_send(token, photo + 20000, photo_len - 20000);
    unsigned before = shelf_opened;
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    assert_int_equal(submit(&draft).status, OSK_OK);
    assert_int_equal(shelf_opened, before + 2);
    assert_int_equal(shelf_opened_loose, 0);
}

static void submission__an_original_is_sent_by_choice_alone(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(3);
    shelf_create(photo_len, OSK_UPLOAD_ORIGINAL, token);
    shelf_send(token, photo, photo_len);
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    OskSubmitted result = submit(&draft);
    assert_int_equal(result.outcomes[0], OSK_OUTCOME_ORIGINAL_CHOSEN);
    OskSubmissionRow row;
    Files files = files_of(&receipt, &row);
    assert_int_equal(files.rows[0].flags, OSK_FILE_ORIGINAL);
    size_t len = 0;
    uint8_t *original = open_file(&files.rows[0], &len);
    assert_memory_equal(original, photo, photo_len);
    free(original);
    osk_submission_row_free(&row);
}

/* A line that breaks off three hundred times makes more pieces than a manifest lists. */
static void submission__an_original_in_many_pieces_becomes_one(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(4);
    size_t at = 0;
    shelf_create(UINT64_MAX, OSK_UPLOAD_ORIGINAL, token);
    for (size_t i = 0; i < 350; i++) {
        shelf_send(token, shelf.content + at, 100 + i);
        at += 100 + i;
    }
    OskUpload *upload = shelf_open_upload(token);
    assert_int_equal(osk_upload_set_len(upload, at, NULL), OSK_OK);
    assert_int_equal(osk_upload_commit(upload, NULL, NULL), OSK_OK);
    osk_upload_close(&upload);
    size_t before = shelf_count_blobs();
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    OskSubmitted result = submit(&draft);
    assert_int_equal(result.status, OSK_OK);
    assert_int_equal(shelf_count_blobs(), before - 350 + 1);
    OskSubmissionRow row;
    Files files = files_of(&receipt, &row);
    size_t len = 0;
    uint8_t *original = open_file(&files.rows[0], &len);
    assert_memory_equal(original, shelf.content, at);
    char *manifest = unseal(&row.manifest);
    assert_int_equal(number_of(manifest, "len"), at);
    assert_null(strstr(manifest, "\"pieces\""));
    free(manifest);
    free(original);
    osk_submission_row_free(&row);
}

static bool count_message(void *context, const OskMessageRow *row)
{
    OskBytes *last = context;
    osk_bytes_clear(last);
    last->bytes = malloc(row->sealed.len);
    memcpy(last->bytes, row->sealed.bytes, row->sealed.len);
    last->len = row->sealed.len;
    assert_false(row->from_desk);
    return true;
}

static size_t messages;
static bool count_only(void *context, const OskMessageRow *row)
{
    (void)context;
    (void)row;
    messages++;
    return true;
}

static void submission__the_same_request_twice_has_one_effect(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(5);
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, photo_len);
    const OskSubmissionDraft draft = {
        .message = "Once.", .tokens = tokens, .token_count = 1, .receipt = &receipt
    };
    assert_int_equal(submit(&draft).status, OSK_OK);
    size_t blobs = shelf_count_blobs();
    OskSubmitted again = submit(&draft);
    assert_int_equal(again.status, OSK_OK);
    assert_int_equal(again.outcomes[0], OSK_OUTCOME_SCRUBBED);
    /* Fewer where another test has sent the same photo. */
    assert_true(shelf_count_blobs() <= blobs);
    OskSubmissionRow row;
    files_of(&receipt, &row);
    assert_int_equal(row.file_count, 1);
    messages = 0;
    assert_int_equal(osk_store_messages(shelf.store, &row.id, count_only, NULL, NULL), OSK_OK);
    assert_int_equal(messages, 0);
    osk_submission_row_free(&row);
}

static void assert_photo_is_there(const OskReceipt *receipt)
{
    OskSubmissionRow row;
    Files files = files_of(receipt, &row);
    assert_int_equal(files.count, 1);
    char *manifest = unseal(&row.manifest);
    size_t len = 0;
    uint8_t *copy = open_file(&files.rows[0], &len);
    assert_int_equal(count_findings(copy, number_of(manifest, "len")), 0);
    free(copy);
    free(manifest);
    osk_submission_row_free(&row);
}

/* Commits that happened, and failed as far as anybody knew: once, so that it is tried again, and to
 * the end, so that the sender comes back. */
static void submission__what_nobody_knows_of_is_not_deleted(void **state)
{
    (void)state;
    const struct {
        unsigned unsure;
        unsigned broken;
        const char *message;
        OskStatus status;
    } cases[] = { { 1, 0, "Once.", OSK_OK },
                  { SHELF_UNSURE, 0, "Once.", OSK_IO },
                  { SHELF_UNSURE, 0, NULL, OSK_OK },
                  { 1, SHELF_UNSURE, "Once.", OSK_IO } };
    for (uint8_t i = 0; i < 4; i++) {
        char token[OSK_TOKEN_TEXT_BYTES];
        const char *tokens[] = { token };
        OskReceipt receipt = make_receipt((uint8_t)(30 + i));
        shelf_create(photo_len, 0, token);
        shelf_send(token, photo, photo_len);
        const OskSubmissionDraft draft = {
            .message = cases[i].message, .tokens = tokens, .token_count = 1, .receipt = &receipt
        };
        shelf_unsure = cases[i].unsure;
        shelf_broken = cases[i].broken;
        OskSubmitted result = submit(&draft);
        shelf_unsure = 0;
        shelf_broken = 0;
        assert_int_equal(result.status, cases[i].status);
        assert_photo_is_there(&receipt);
        assert_int_equal(submit(&draft).status, OSK_OK);
        assert_photo_is_there(&receipt);
    }
}

static size_t count_messages(const OskReceipt *receipt, uint32_t *out_files)
{
    OskSubmissionRow row;
    files_of(receipt, &row);
    *out_files = row.file_count;
    messages = 0;
    assert_int_equal(osk_store_messages(shelf.store, &row.id, count_only, NULL, NULL), OSK_OK);
    osk_submission_row_free(&row);
    return messages;
}

static void submission__yes_no_yes_are_three_answers(void **state)
{
    (void)state;
    static const char *const words[] = { "Hello.", "Yes", "No", "Yes" };
    static const char *const onces[] = { "page 1", "page 2", "page 3", "page 4" };
    OskReceipt receipts[] = { make_receipt(40), make_receipt(41) };
    uint32_t files = 0;
    for (size_t i = 0; i < 4; i++) {
        OskSubmissionDraft draft = { .message = words[i], .receipt = &receipts[0] };
        assert_int_equal(submit(&draft).status, OSK_OK);
        draft.receipt = &receipts[1];
        draft.once = onces[i];
        /* The answer was lost, and the sender tries again. */
        assert_int_equal(submit(&draft).status, OSK_OK);
        assert_int_equal(submit(&draft).status, OSK_OK);
    }
    assert_int_equal(count_messages(&receipts[0], &files), 3);
    assert_int_equal(count_messages(&receipts[1], &files), 3);
}

/* Its files come again with it, as new uploads. */
static void submission__a_form_sent_twice_has_one_effect(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(42);
    OskSubmissionDraft draft = { .message = "Look.",
                                 .tokens = tokens,
                                 .token_count = 1,
                                 .receipt = &receipt,
                                 .once = "slot",
                                 .sends_files_again = true };
    size_t blobs = 0;
    uint32_t files = 0;
    for (int i = 0; i < 3; i++) {
        shelf_create(photo_len, 0, token);
        shelf_send(token, photo, photo_len);
        OskSubmitted result = submit(&draft);
        assert_int_equal(result.status, OSK_OK);
        assert_int_equal(result.outcomes[0], OSK_OUTCOME_SCRUBBED);
        OskUploadState at;
        assert_int_equal(osk_spool_look(shelf.spool, token, &at, NULL), OSK_AUTH);
        assert_int_equal(count_messages(&receipt, &files), 0);
        assert_int_equal(files, 1);
        blobs = i == 0 ? shelf_count_blobs() : blobs;
        assert_true(shelf_count_blobs() <= blobs);
    }
    /* Back, another file chosen, and sent: that is no repeat. */
    shelf_create(sizeof(letter), 0, token);
    shelf_send(token, letter, sizeof(letter));
    assert_int_equal(submit(&draft).status, OSK_OK);
    assert_int_equal(count_messages(&receipt, &files), 1);
    assert_int_equal(files, 2);
}

static void submission__files_and_words_are_added_to_a_receipt(void **state)
{
    (void)state;
    char first[OSK_TOKEN_TEXT_BYTES];
    char second[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { first };
    const char *more[] = { second };
    OskReceipt receipt = make_receipt(6);
    shelf_create(photo_len, 0, first);
    shelf_send(first, photo, photo_len);
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    assert_int_equal(submit(&draft).status, OSK_OK);
    shelf_create(sizeof(letter), 0, second);
    shelf_send(second, letter, sizeof(letter));
    const OskSubmissionDraft later = {
        .message = "One more.", .tokens = more, .token_count = 1, .receipt = &receipt
    };
    assert_int_equal(submit(&later).status, OSK_OK);
    OskSubmissionRow row;
    Files files = files_of(&receipt, &row);
    assert_int_equal(files.count, 2);
    assert_int_equal(files.rows[0].number + files.rows[1].number, 1);
    OskBytes last = { 0 };
    assert_int_equal(osk_store_messages(shelf.store, &row.id, count_message, &last, NULL), OSK_OK);
    char *message = unseal(&last);
    assert_non_null(strstr(message, "\"schema\":\"oilskin/message/1\""));
    assert_non_null(strstr(message, "\"text\":\"One more.\""));
    assert_int_equal(number_of(message, "number"), 1);
    free(message);
    osk_bytes_clear(&last);
    osk_submission_row_free(&row);
}

static void submission__exact_copies_are_stored_once(void **state)
{
    (void)state;
    char token[2][OSK_TOKEN_TEXT_BYTES];
    OskSubmissionRow row[2];
    Files files[2];
    uint8_t other[sizeof(photo)];
    memcpy(other, photo, photo_len);
    for (uint8_t i = 0; i < 2; i++) {
        const char *tokens[] = { token[i] };
        OskReceipt receipt = make_receipt((uint8_t)(20 + i));
        /* Of its own: other tests have sent the plain one. */
        other[photo_len] = 0x5A;
        shelf_create(photo_len + 1, OSK_UPLOAD_ORIGINAL, token[i]);
        shelf_send(token[i], other, photo_len + 1);
        const OskSubmissionDraft draft = { .tokens = tokens,
                                           .token_count = 1,
                                           .receipt = &receipt };
        assert_int_equal(submit(&draft).status, OSK_OK);
    }
    /* It happens behind the answer. */
    static const OskId none;
    for (int tries = 0; tries < 200; tries++) {
        for (uint8_t i = 0; i < 2; i++) {
            OskReceipt receipt = make_receipt((uint8_t)(20 + i));
            files[i] = files_of(&receipt, &row[i]);
            osk_submission_row_free(&row[i]);
        }
        if (memcmp(&files[1].rows[0].same_as, &none, sizeof(none)) != 0) {
            break;
        }
        const struct timespec pause = { .tv_nsec = 10000000 };
        nanosleep(&pause, NULL);
    }
    assert_memory_equal(files[0].rows[0].digest, files[1].rows[0].digest, 32);
    assert_memory_equal(&files[1].rows[0].same_as, &files[0].rows[0].id, sizeof(OskId));
    assert_memory_equal(&files[0].rows[0].same_as, &none, sizeof(none));
}

static OskFileRow send_original(uint8_t number)
{
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(number);
    OskSubmissionRow row;
    shelf_create(photo_len, OSK_UPLOAD_ORIGINAL, token);
    shelf_send(token, photo, photo_len);
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    assert_int_equal(submit(&draft).status, OSK_OK);
    Files files = files_of(&receipt, &row);
    osk_submission_row_free(&row);
    return files.rows[0];
}

/* Nobody can try whether a file was sent, not even with the disk and the memory of today. */
static void submission__digests_of_another_run_say_nothing(void **state)
{
    (void)state;
    OskFileRow before = send_original(40);
    OskFileRow same = send_original(41);
    assert_memory_equal(before.digest, same.digest, sizeof(before.digest));
    osk_submitter_close(&submitter);
    open_submitter();
    OskFileRow after = send_original(42);
    assert_memory_not_equal(before.digest, after.digest, sizeof(before.digest));
    OskBytes value = { 0 };
    OskFault fault = { .status = OSK_OK };
    assert_false(osk_store_setting(shelf.store, "digest key", &value, &fault));
}

/* A sender without a receipt comes back after a restart of the server. */
static void submission__a_restart_repeats_nothing(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskId id;
    shelf_create(photo_len, OSK_UPLOAD_ORIGINAL, token);
    shelf_send(token, photo, photo_len);
    const OskSubmissionDraft draft = { .message = "Once.", .tokens = tokens, .token_count = 1 };
    assert_int_equal(submit(&draft).status, OSK_OK);
    osk_submitter_close(&submitter);
    open_submitter();
    assert_int_equal(submit(&draft).status, OSK_OK);
    const OskHkdf of = { .key = token, .key_len = strlen(token), .info = "oilskin submission id" };
    osk_seal_hkdf(&of, id.bytes, sizeof(id.bytes));
    messages = 0;
    assert_int_equal(osk_store_messages(shelf.store, &id, count_only, NULL, NULL), OSK_OK);
    assert_int_equal(messages, 0);
}

static void submission__a_machine_that_fails_keeps_what_came(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(8);
    OskSubmissionRow row;
    OskFault fault = { .status = OSK_OK };
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, photo_len);
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    osk_submitter_close(&submitter);
    const char *right = worker_path;
    worker_path = "/nowhere/oilskin-worker";
    open_submitter();
    OskSubmitted result = submit(&draft);
    assert_int_equal(result.status, OSK_IO);
    assert_non_null(result.fault.next);
    assert_false(osk_store_receipt(shelf.store, &receipt.lookup, &row, &fault));
    osk_submitter_close(&submitter);
    worker_path = right;
    open_submitter();
    result = submit(&draft);
    assert_int_equal(result.status, OSK_OK);
    assert_int_equal(result.outcomes[0], OSK_OUTCOME_SCRUBBED);
}

/* A worker that is a script: it writes a line for each start, then becomes what `then` says. */
static void open_with_script(const char *then)
{
    static char path[128];
    snprintf(path, sizeof(path), "%s/worker.sh", shelf.folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\necho start >> %s/starts\n%s\n", shelf.folder, then);
    fclose(file);
    assert_int_equal(chmod(path, 0700), 0);
    osk_submitter_close(&submitter);
    const char *right = worker_path;
    worker_path = path;
    open_submitter();
    worker_path = right;
}

static unsigned count_starts(void)
{
    char path[128];
    char line[16];
    unsigned count = 0;
    snprintf(path, sizeof(path), "%s/starts", shelf.folder);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        count++;
    }
    if (file != NULL) {
        fclose(file);
    }
    unlink(path);
    return count;
}

/* A fake worker in the shelf's folder. */
static void place_fake(const char *name)
{
    char command[512];
    snprintf(command, sizeof(command), "cp '%s' '%s/%s'", fake_path, shelf.folder, name);
    assert_int_equal(system(command), 0);
}

static void open_right(void)
{
    osk_submitter_close(&submitter);
    open_submitter();
}

/* Before it is given the job, and with each one: an upgrade of a library under a running server
 * does both. One file is one start, and behind a death a trial: a machine's fault is not tried
 * twice. */
static void submission__a_broken_worker_hands_nothing_on_as_it_came(void **state)
{
    (void)state;
    static const struct {
        const char *then;
        unsigned starts;
    } broken[] = { { "exec /bin/false", 1 },
                   { "exec ${0%/*}/die-first \"$@\"", 1 },
                   { "exec ${0%/*}/crash-first \"$@\"", 1 },
                   { "exec ${0%/*}/die \"$@\"", 2 },
                   { "exec ${0%/*}/crash \"$@\"", 2 },
                   { "exec ${0%/*}/strip-right \"$@\"", 2 } };
    static const char *const fakes[] = { "die-first", "crash-first", "die", "crash",
                                         "strip-right" };
    for (size_t i = 0; i < sizeof(fakes) / sizeof(fakes[0]); i++) {
        place_fake(fakes[i]);
    }
    for (uint8_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        char token[OSK_TOKEN_TEXT_BYTES];
        const char *tokens[] = { token };
        OskReceipt receipt = make_receipt((uint8_t)(100 + i));
        OskSubmissionRow row;
        const OskSubmissionDraft draft = { .tokens = tokens,
                                           .token_count = 1,
                                           .receipt = &receipt };
        open_with_script(broken[i].then);
        shelf_create(photo_len, 0, token);
        shelf_send(token, photo, photo_len);
        OskSubmitted result = submit(&draft);
        if (result.status != OSK_IO) {
            fail_msg("%s: %s", broken[i].then, osk_status_name(result.status));
        }
        assert_non_null(strstr(result.fault.next, "later"));
        assert_false(osk_store_receipt(shelf.store, &receipt.lookup, &row, &(OskFault){ 0 }));
        assert_int_equal(count_starts(), broken[i].starts);
        open_right();
        result = submit(&draft);
        assert_int_equal(result.status, OSK_OK);
        assert_int_equal(result.outcomes[0], OSK_OUTCOME_SCRUBBED);
    }
}

static void submission__a_file_that_kills_its_worker_is_kept_where_others_are_scrubbed(void **state)
{
    (void)state;
    char then[512];
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(110);
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    place_fake("crash");
    snprintf(then, sizeof(then),
             "[ $(wc -l < %s/starts) = 1 ] && exec ${0%%/*}/crash \"$@\"\nexec %s \"$@\"",
             shelf.folder, worker_path);
    open_with_script(then);
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, photo_len);
    OskSubmitted result = submit(&draft);
    assert_int_equal(result.status, OSK_OK);
    assert_int_equal(result.outcomes[0], OSK_OUTCOME_ORIGINAL_KEPT);
    assert_int_equal(count_starts(), 2);
    open_right();
}

/* Once: where it is looked for again it is where its row says by then. */
static void submission__a_blob_that_was_moved_is_looked_for_again(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(111);
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, photo_len);
    shelf_moved = true;
    OskSubmitted result = submit(&draft);
    assert_false(shelf_moved);
    assert_int_equal(result.status, OSK_OK);
    assert_int_equal(result.outcomes[0], OSK_OUTCOME_SCRUBBED);
}

static void submission__a_disk_that_is_full_at_once_is_said_to_be_full(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(112);
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, photo_len);
    shelf_full = true;
    OskSubmitted result = submit(&draft);
    shelf_full = false;
    assert_int_equal(result.status, OSK_LIMIT);
    assert_string_equal(result.fault.part, OSK_FAULT_DISK);
    result = submit(&draft);
    assert_int_equal(result.status, OSK_OK);
    assert_int_equal(result.outcomes[0], OSK_OUTCOME_SCRUBBED);
}

/* Later tries would never end; and it is never handed on as it came. */
static void submission__where_nothing_can_be_scrubbed_no_later_try_is_promised(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(61);
    OskSubmissionRow row;
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    osk_submitter_close(&submitter);
    open_submitter();
    assert_true(osk_submitter_can_scrub(submitter));
    osk_submitter_set_can_scrub(submitter, false);
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, photo_len);
    OskSubmitted result = submit(&draft);
    assert_int_equal(result.status, OSK_UNSUPPORTED);
    assert_null(strstr(result.fault.next, "later"));
    assert_false(osk_store_receipt(shelf.store, &receipt.lookup, &row, &(OskFault){ 0 }));
    shelf_create(photo_len, OSK_UPLOAD_ORIGINAL, token);
    shelf_send(token, photo, photo_len);
    result = submit(&draft);
    assert_int_equal(result.status, OSK_OK);
    assert_int_equal(result.outcomes[0], OSK_OUTCOME_ORIGINAL_CHOSEN);
    osk_submitter_close(&submitter);
    open_submitter();
}

static uint64_t disk_free;

static bool small_disk(void *context, uint64_t *out_free, uint64_t *out_total)
{
    (void)context;
    *out_free = disk_free;
    *out_total = UINT64_C(1000) << 20;
    return true;
}

/* Several segments are joined, and a copy is written beside them: both are asked for before. */
static void submission__a_full_disk_keeps_what_came(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(60);
    OskSubmissionRow row;
    OskFault fault = { .status = OSK_OK };
    const OskAdmissionLimits limits = { .disk = small_disk };
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, 20000);
    shelf_send(token, photo + 20000, photo_len - 20000);
    size_t blobs = shelf_count_blobs();
    osk_submitter_close(&submitter);
    assert_int_equal(osk_admission_open(&admission, &limits), OSK_OK);
    open_submitter();
    /* Behind what is kept for words, room for a copy and not for the joined segments. */
    uint64_t copy = osk_strip_output_max(photo_len);
    disk_free = (UINT64_C(16) << 20) + copy + copy / 8 + 8192;
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    OskSubmitted result = submit(&draft);
    assert_int_equal(result.status, OSK_LIMIT);
    assert_string_equal(result.fault.part, OSK_FAULT_DISK);
    assert_false(osk_store_receipt(shelf.store, &receipt.lookup, &row, &fault));
    assert_int_equal(shelf_count_blobs(), blobs);
    disk_free = UINT64_C(500) << 20;
    result = submit(&draft);
    assert_int_equal(result.status, OSK_OK);
    assert_int_equal(result.outcomes[0], OSK_OUTCOME_SCRUBBED);
    OskAdmissionCounts counts;
    osk_admission_counts(admission, &counts);
    assert_int_equal(counts.leased_bytes, 0);
    osk_submitter_close(&submitter);
    osk_admission_close(&admission);
    open_submitter();
}

static void submission__an_incomplete_file_is_said(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(9);
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, 100);
    const OskSubmissionDraft draft = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    OskSubmitted result = submit(&draft);
    assert_int_equal(result.status, OSK_MISUSE);
    assert_string_equal(result.fault.what, "a file has not arrived completely");
    const OskSubmissionDraft nothing = { .receipt = &receipt, .message = "" };
    assert_int_equal(osk_submit(submitter, &nothing, answer, &waiting), OSK_MISUSE);
    const OskSubmissionDraft words = { .receipt = &receipt, .message = "\xFF" };
    assert_int_equal(submit(&words).status, OSK_MALFORMED);
}

static void submission__words_need_no_receipt_and_no_file(void **state)
{
    (void)state;
    const OskSubmissionDraft draft = { .message = "A planted sentence." };
    assert_int_equal(submit(&draft).status, OSK_OK);
    assert_false(shelf_is_on_disk("A planted sentence.", 19));
    OskStoreCounts counts;
    assert_int_equal(osk_store_counts(shelf.store, &counts, NULL), OSK_OK);
    assert_true(counts.submissions > 0);
}

static bool is_known_to_be_silent(const OskReceipt *receipt)
{
    OskFault fault = { .status = OSK_OK };
    OskSubmissionRow row;
    OskRecordRow seen;
    assert_true(osk_store_receipt(shelf.store, &receipt->lookup, &row, &fault));
    const OskRecordKey key = { .space = OSK_SPACE_SEEN, .owner = row.id, .id = row.id };
    bool is_silent = osk_store_record(shelf.store, &key, &seen, &fault);
    if (is_silent) {
        assert_int_equal(seen.flags, 0);
        osk_record_row_free(&seen);
    }
    osk_submission_row_free(&row);
    return is_silent;
}

/* Else the desk would keep each copy of a flood for words that nobody wrote, or lose some. */
static void submission__what_has_no_words_is_said_to_have_none(void **state)
{
    (void)state;
    static const struct {
        const char *message;
        const char *place;
        const char *time;
    } cases[] = {
        { NULL, NULL, NULL }, { "words", NULL, NULL }, { NULL, "here", NULL }, { NULL, NULL, "now" }
    };
    for (uint8_t i = 0; i < 4; i++) {
        char token[OSK_TOKEN_TEXT_BYTES];
        const char *tokens[] = { token };
        OskReceipt receipt = make_receipt((uint8_t)(200 + i));
        shelf_create(photo_len, OSK_UPLOAD_ORIGINAL, token);
        shelf_send(token, photo, photo_len);
        const OskSubmissionDraft draft = { .tokens = tokens,
                                           .token_count = 1,
                                           .receipt = &receipt,
                                           .message = cases[i].message,
                                           .place = cases[i].place,
                                           .time = cases[i].time };
        assert_int_equal(submit(&draft).status, OSK_OK);
        assert_int_equal(is_known_to_be_silent(&receipt), i == 0);
    }
}

static void submission__a_withdrawn_one_takes_nothing_more(void **state)
{
    (void)state;
    OskReceipt receipt = make_receipt(10);
    const OskSubmissionDraft draft = { .message = "First.", .receipt = &receipt };
    assert_int_equal(submit(&draft).status, OSK_OK);
    OskSubmissionRow row;
    files_of(&receipt, &row);
    row.state = OSK_SUBMISSION_WITHDRAWN;
    const OskChange change = { .kind = OSK_ROW_SUBMISSION_SET, .row.submission = &row };
    assert_int_equal(osk_store_commit(shelf.store, &change, 1, NULL, NULL), OSK_COMMIT_OK);
    osk_submission_row_free(&row);
    const OskSubmissionDraft more = { .message = "Second.", .receipt = &receipt };
    OskSubmitted result = submit(&more);
    assert_int_equal(result.status, OSK_MISUSE);
    assert_string_equal(result.fault.part, OSK_FAULT_WITHDRAWN);
    assert_string_equal(result.fault.what, "this submission was withdrawn");
}

static OskReceipt regretted;

static void regret(void)
{
    const OskRandom random = { .fill = osk_random_fill };
    assert_int_equal(osk_letters_withdraw(shelf.store, submitter, &regretted, &random, NULL),
                     OSK_OK);
}

/* Its sender withdraws while the first scrub is under way: nothing of it comes afterwards. */
static void submission__withdrawing_overtakes_a_first_scrub(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    regretted = make_receipt(50);
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, photo_len);
    size_t before = shelf_count_blobs();
    const OskSubmissionDraft draft = {
        .message = "No.", .tokens = tokens, .token_count = 1, .receipt = &regretted
    };
    shelf_overtake = regret;
    OskSubmitted result = submit(&draft);
    assert_int_equal(result.status, OSK_MISUSE);
    assert_string_equal(result.fault.what, "this submission was withdrawn");
    OskReturn found;
    assert_int_equal(osk_letters_read(shelf.store, &regretted, &found, NULL, NULL, NULL), OSK_OK);
    assert_int_equal(found.state, OSK_RETURN_WITHDRAWN);
    assert_int_equal(found.file_count, 0);
    assert_true(shelf_count_blobs() <= before);
    /* Nothing waits any more: one that never was leaves no row. */
    assert_false(osk_submitter_has(submitter, &regretted.lookup));
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
    open_submitter();
    return 0;
}

static int tear_down(void **state)
{
    osk_submitter_close(&submitter);
    return shelf_tear_down(state);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(submission__a_planted_place_never_reaches_the_desk),
        cmocka_unit_test(submission__what_cannot_be_scrubbed_is_kept),
        cmocka_unit_test(submission__no_time_of_a_kept_original_says_when_it_came),
        cmocka_unit_test(submission__originals_are_opened_in_locked_memory),
        cmocka_unit_test(submission__an_original_is_sent_by_choice_alone),
        cmocka_unit_test(submission__an_original_in_many_pieces_becomes_one),
        cmocka_unit_test(submission__the_same_request_twice_has_one_effect),
        cmocka_unit_test(submission__what_nobody_knows_of_is_not_deleted),
        cmocka_unit_test(submission__yes_no_yes_are_three_answers),
        cmocka_unit_test(submission__a_form_sent_twice_has_one_effect),
        cmocka_unit_test(submission__files_and_words_are_added_to_a_receipt),
        cmocka_unit_test(submission__exact_copies_are_stored_once),
        cmocka_unit_test(submission__digests_of_another_run_say_nothing),
        cmocka_unit_test(submission__a_restart_repeats_nothing),
        cmocka_unit_test(submission__a_machine_that_fails_keeps_what_came),
        cmocka_unit_test(submission__a_broken_worker_hands_nothing_on_as_it_came),
        cmocka_unit_test(
            submission__a_file_that_kills_its_worker_is_kept_where_others_are_scrubbed),
        cmocka_unit_test(submission__a_blob_that_was_moved_is_looked_for_again),
        cmocka_unit_test(submission__a_disk_that_is_full_at_once_is_said_to_be_full),
        cmocka_unit_test(submission__where_nothing_can_be_scrubbed_no_later_try_is_promised),
        cmocka_unit_test(submission__a_full_disk_keeps_what_came),
        cmocka_unit_test(submission__an_incomplete_file_is_said),
        cmocka_unit_test(submission__words_need_no_receipt_and_no_file),
        cmocka_unit_test(submission__what_has_no_words_is_said_to_have_none),
        cmocka_unit_test(submission__a_withdrawn_one_takes_nothing_more),
        cmocka_unit_test(submission__withdrawing_overtakes_a_first_scrub),
    };
    if (argc != 4) {
        return 2;
    }
    worker_path = argv[1];
    sample_path = argv[2];
    fake_path = argv[3];
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
