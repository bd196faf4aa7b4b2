/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same again, more behind it, and what a restart leaves: each thing has one effect. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "intake/shelf.h"
#include "intake/spool_state.h"
#include "submitting.h"
#include "unit.h"

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

/* ---- what one receipt takes ---- */

/* So many letters as if sent before, `count` of them of `len` bytes. */
static void add_letters(const OskReceipt *receipt, size_t count, size_t len)
{
    OskSubmissionRow row;
    OskChange *changes = calloc(count, sizeof(*changes));
    uint8_t *sealed = calloc(1, len);
    assert_non_null(changes);
    assert_non_null(sealed);
    files_of(receipt, &row);
    OskMessageRow letter_row = { .submission = row.id, .sealed = { .bytes = sealed, .len = len } };
    for (size_t i = 0; i < count; i++) {
        changes[i] = (OskChange){ .kind = OSK_ROW_MESSAGE_ADD, .row.message = &letter_row };
    }
    assert_int_equal(osk_store_commit(shelf.store, changes, count, NULL, NULL), OSK_COMMIT_OK);
    free(changes);
    free(sealed);
    osk_submission_row_free(&row);
}

static void assert_full(const OskSubmitted *result)
{
    assert_int_equal(result->status, OSK_LIMIT);
    assert_string_equal(result->fault.part, OSK_FAULT_FULL);
    assert_string_equal(result->fault.what, "this submission holds no more");
    assert_string_equal(result->fault.next, "begin a new one, with a new receipt");
}

/* The last that is taken is told to be there when it is sent again, as any other. */
static void submission__a_receipt_takes_so_many_letters(void **state)
{
    (void)state;
    uint32_t files = 0;
    OskReceipt receipt = make_receipt(50);
    OskSubmissionDraft draft = { .message = "Hello.", .receipt = &receipt, .once = "first" };
    assert_int_equal(submit(&draft).status, OSK_OK);
    add_letters(&receipt, OSK_SUBMISSION_LETTERS_MAX - 1, 16);
    draft.once = "last";
    assert_int_equal(submit(&draft).status, OSK_OK);
    assert_int_equal(submit(&draft).status, OSK_OK);
    draft.once = "one more";
    OskSubmitted result = submit(&draft);
    assert_full(&result);
    assert_int_equal(count_messages(&receipt, &files), OSK_SUBMISSION_LETTERS_MAX);
}

static void submission__a_receipt_takes_so_many_files(void **state)
{
    (void)state;
    char token[OSK_TOKEN_TEXT_BYTES];
    const char *tokens[] = { token };
    OskReceipt receipt = make_receipt(52);
    OskSubmissionDraft draft = { .message = "Hello.", .receipt = &receipt };
    OskSubmissionRow row;
    assert_int_equal(submit(&draft).status, OSK_OK);
    files_of(&receipt, &row);
    const OskChange change = { .kind = OSK_ROW_SUBMISSION_SET, .row.submission = &row };
    row.file_count = OSK_SUBMISSION_FILES_MAX - 1;
    assert_int_equal(osk_store_commit(shelf.store, &change, 1, NULL, NULL), OSK_COMMIT_OK);
    osk_submission_row_free(&row);
    draft.tokens = tokens;
    draft.token_count = 1;
    for (int i = 0; i < 2; i++) {
        shelf_create(photo_len, OSK_UPLOAD_ORIGINAL, token);
        shelf_send(token, photo, photo_len);
        OskSubmitted result = submit(&draft);
        if (i == 0) {
            assert_int_equal(result.status, OSK_OK);
            assert_int_equal(submit(&draft).status, OSK_OK);
        } else {
            assert_full(&result);
        }
    }
    /* What has arrived is not lost: it goes with another receipt. */
    OskReceipt other = make_receipt(53);
    draft.receipt = &other;
    assert_int_equal(submit(&draft).status, OSK_OK);
    /* Words alone are taken still. */
    const OskSubmissionDraft words = { .message = "More words.", .receipt = &receipt };
    assert_int_equal(submit(&words).status, OSK_OK);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(submission__the_same_request_twice_has_one_effect),
        cmocka_unit_test(submission__what_nobody_knows_of_is_not_deleted),
        cmocka_unit_test(submission__yes_no_yes_are_three_answers),
        cmocka_unit_test(submission__a_form_sent_twice_has_one_effect),
        cmocka_unit_test(submission__files_and_words_are_added_to_a_receipt),
        cmocka_unit_test(submission__exact_copies_are_stored_once),
        cmocka_unit_test(submission__digests_of_another_run_say_nothing),
        cmocka_unit_test(submission__a_restart_repeats_nothing),
        cmocka_unit_test(submission__a_receipt_takes_so_many_letters),
        cmocka_unit_test(submission__a_receipt_takes_so_many_files),
    };
    return RUN_SUBMISSIONS(argc, argv, tests);
}
