/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fault.h"
#include "host/random.h"
#include "intake/letters.h"
#include "intake/shelf.h"
#include "intake/spool_state.h"
#include "submitting.h"
#include "unit.h"

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
    /* Like none that came before: a twin's blob goes, some time after the answer. */
    uint8_t own[sizeof(letter)];
    memcpy(own, letter, sizeof(letter));
    own[0] ^= 1;
    shelf_create(sizeof(own), 0, token);
    shelf_send(token, own, sizeof(own));
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

static void submission__holds_so_many_files_and_letters_and_says_so(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(11);
    const OskSubmissionDraft draft = { .message = "First.", .receipt = &receipt };
    assert_int_equal(submit(&draft).status, OSK_OK);
    OskSubmissionRow row;
    files_of(&receipt, &row);
    row.file_count = OSK_SUBMISSION_FILES_MAX;
    const OskChange change = { .kind = OSK_ROW_SUBMISSION_SET, .row.submission = &row };
    assert_int_equal(osk_store_commit(shelf.store, &change, 1, NULL, NULL), OSK_COMMIT_OK);
    shelf_create(photo_len, 0, token);
    shelf_send(token, photo, photo_len);
    const OskSubmissionDraft more = { .tokens = tokens, .token_count = 1, .receipt = &receipt };
    OskSubmitted result = submit(&more);
    assert_int_equal(result.status, OSK_LIMIT);
    assert_string_equal(result.fault.part, OSK_FAULT_FULL);
    const OskSubmissionDraft words = { .message = "Second.", .receipt = &receipt };
    assert_int_equal(submit(&words).status, OSK_OK);
    for (unsigned i = 1; i < OSK_SUBMISSION_LETTERS_MAX; i++) {
        const OskMessageRow message = { .submission = row.id,
                                        .day = row.day,
                                        .sealed = row.manifest };
        const OskChange add = { .kind = OSK_ROW_MESSAGE_ADD, .row.message = &message };
        assert_int_equal(osk_store_commit(shelf.store, &add, 1, NULL, NULL), OSK_COMMIT_OK);
    }
    const OskSubmissionDraft last = { .message = "Last.", .receipt = &receipt };
    result = submit(&last);
    assert_int_equal(result.status, OSK_LIMIT);
    assert_string_equal(result.fault.part, OSK_FAULT_FULL);
    osk_submission_row_free(&row);
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

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(submission__a_planted_place_never_reaches_the_desk),
        cmocka_unit_test(submission__what_cannot_be_scrubbed_is_kept),
        cmocka_unit_test(submission__no_time_of_a_kept_original_says_when_it_came),
        cmocka_unit_test(submission__originals_are_opened_in_locked_memory),
        cmocka_unit_test(submission__an_original_is_sent_by_choice_alone),
        cmocka_unit_test(submission__an_original_in_many_pieces_becomes_one),
        cmocka_unit_test(submission__words_need_no_receipt_and_no_file),
        cmocka_unit_test(submission__what_has_no_words_is_said_to_have_none),
        cmocka_unit_test(submission__a_withdrawn_one_takes_nothing_more),
        cmocka_unit_test(submission__holds_so_many_files_and_letters_and_says_so),
        cmocka_unit_test(submission__withdrawing_overtakes_a_first_scrub),
    };
    return RUN_SUBMISSIONS(argc, argv, tests);
}
