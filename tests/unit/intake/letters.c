/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/letters.h"
#include "host/random.h"
#include "shelf.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const OskRandom kernel = { NULL, osk_random_fill };

static OskReceipt receipt_of(uint8_t number)
{
    OskReceipt receipt;
    uint8_t seed[32];
    memset(&receipt, 0, sizeof(receipt));
    memset(seed, number, sizeof(seed));
    memset(receipt.lookup.bytes, number, sizeof(receipt.lookup.bytes));
    memset(receipt.draft_key, number, sizeof(receipt.draft_key));
    assert_int_equal(osk_identity_from_seed(&receipt.identity, seed), OSK_OK);
    return receipt;
}

static OskId add_submission(const OskReceipt *receipt, uint8_t number)
{
    uint8_t manifest[] = "sealed";
    OskSubmissionRow row = {
        .day = 20000,
        .receipt = receipt->lookup,
        .manifest = { manifest, sizeof(manifest) },
    };
    memset(row.id.bytes, number, sizeof(row.id.bytes));
    memcpy(row.reply_key, receipt->identity.recipient.key, 32);
    OskFileRow file = { .submission = row.id };
    memset(file.id.bytes, number + 100, sizeof(file.id.bytes));
    row.file_count = 1;
    OskChange changes[] = {
        { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &row },
        { .kind = OSK_ROW_FILE_ADD, .row.file = &file },
    };
    assert_int_equal(osk_store_commit(shelf.store, changes, 2, NULL, NULL), OSK_COMMIT_OK);
    return row.id;
}

static void add_message(const OskId *submission, const OskRecipient *to, const char *json,
                        bool from_desk)
{
    OskMessageRow row = { .submission = *submission, .from_desk = from_desk, .day = 20001 };
    const OskSealTo seal = { .recipients = to,
                             .count = 1,
                             .random = &kernel,
                             .padded_len = osk_seal_padded_len(strlen(json) + 100) };
    OskMemory sealed = { 0 };
    assert_int_equal(osk_seal_bytes(json, strlen(json), &seal, &sealed, NULL), OSK_OK);
    row.sealed = (OskBytes){ .bytes = sealed.bytes, .len = sealed.len };
    OskChange change = { .kind = OSK_ROW_MESSAGE_ADD, .row.message = &row };
    assert_int_equal(osk_store_commit(shelf.store, &change, 1, NULL, NULL), OSK_COMMIT_OK);
    free(row.sealed.bytes);
}

typedef struct Seen {
    size_t count;
    bool from_desk[8];
    char texts[8][OSK_LETTER_BYTES + 1]; /* "-" for none */
} Seen;

static bool see(void *context, const OskLetter *letter)
{
    Seen *seen = context;
    assert_int_equal(letter->number, seen->count);
    seen->from_desk[seen->count] = letter->from_desk;
    snprintf(seen->texts[seen->count++], OSK_LETTER_BYTES + 1, "%s",
             letter->text != NULL ? letter->text : "-");
    return seen->count < 8;
}

static OskReturn read_all(const OskReceipt *receipt, Seen *seen)
{
    OskReturn found;
    memset(seen, 0, sizeof(*seen));
    assert_int_equal(osk_letters_read(shelf.store, receipt, &found, see, seen, NULL), OSK_OK);
    return found;
}

static void letters__nothing_is_known_of_wrong_words(void **state)
{
    (void)state;
    static Seen seen;
    OskReceipt wrong = receipt_of(9);
    OskReceipt right = receipt_of(1);
    OskId id = add_submission(&right, 1);
    add_message(&id, &right.identity.recipient, "{\"text\":\"x\"}", true);
    OskReturn found = read_all(&wrong, &seen);
    assert_int_equal(found.state, OSK_RETURN_NONE);
    assert_int_equal(seen.count, 0);
}

static void letters__open_for_their_receipt_alone(void **state)
{
    (void)state;
    static Seen seen;
    OskReceipt receipt = receipt_of(1);
    OskReceipt other = receipt_of(2);
    OskId id = add_submission(&receipt, 1);
    add_message(&id, &receipt.identity.recipient,
                "{\"schema\":\"oilskin/message/1\",\"text\":\"Which corner?\"}", true);
    add_message(&id, &other.identity.recipient, "{\"text\":\"mine\"}", false);
    add_message(&id, &other.identity.recipient, "{\"text\":\"not yours\"}", true);
    add_message(&id, &receipt.identity.recipient, "no JSON", true);
    OskReturn found = read_all(&receipt, &seen);
    assert_int_equal(found.state, OSK_RETURN_RECEIVED);
    assert_int_equal(found.file_count, 1);
    assert_int_equal(seen.count, 4);
    assert_string_equal(seen.texts[0], "Which corner?");
    assert_true(seen.from_desk[0]);
    assert_string_equal(seen.texts[1], "-");
    assert_false(seen.from_desk[1]);
    assert_string_equal(seen.texts[2], "-");
    assert_string_equal(seen.texts[3], "-");
}

static void letters__long_ones_are_cut_between_letters(void **state)
{
    (void)state;
    static Seen seen;
    OskReceipt receipt = receipt_of(1);
    OskId id = add_submission(&receipt, 1);
    size_t len = OSK_LETTER_BYTES * 2;
    char *json = malloc(len + 32);
    size_t at = (size_t)snprintf(json, 32, "{\"text\":\"a");
    while (at < len) {
        memcpy(json + at, "\xe2\x82\xac", 3);
        at += 3;
    }
    memcpy(json + at, "\"}", 3);
    add_message(&id, &receipt.identity.recipient, json, true);
    free(json);
    read_all(&receipt, &seen);
    size_t shown = strlen(seen.texts[0]);
    assert_in_range(shown, OSK_LETTER_BYTES - 3, OSK_LETTER_BYTES);
    assert_int_equal((shown - 1) % 3, 0);
}

static void letters__withdrawing_leaves_nothing_but_that(void **state)
{
    (void)state;
    static Seen seen;
    OskReceipt receipt = receipt_of(1);
    OskId id = add_submission(&receipt, 1);
    add_message(&id, &receipt.identity.recipient, "{\"text\":\"x\"}", true);
    char token[OSK_TOKEN_TEXT_BYTES];
    OskUploadWish wish = {
        .len = 10,
        .draft = &receipt.lookup,
        .draft_key = receipt.draft_key,
    };
    assert_int_equal(osk_spool_create(shelf.spool, &wish, token, NULL), OSK_OK);
    assert_int_equal(osk_letters_withdraw(shelf.store, NULL, &receipt, &kernel, NULL), OSK_OK);
    OskReturn found = read_all(&receipt, &seen);
    assert_int_equal(found.state, OSK_RETURN_WITHDRAWN);
    assert_int_equal(found.file_count, 0);
    assert_int_equal(found.upload_count, 0);
    assert_int_equal(seen.count, 0);
    OskSubmissionRow row;
    OskFault fault = { 0 };
    assert_false(osk_store_submission(shelf.store, &id, &row, &fault));
    assert_int_equal(fault.status, OSK_OK);
    OskUploadState upload;
    assert_int_equal(osk_spool_look(shelf.spool, token, &upload, NULL), OSK_AUTH);
    /* Again, and of what never was: nothing happens. */
    assert_int_equal(osk_letters_withdraw(shelf.store, NULL, &receipt, &kernel, NULL), OSK_OK);
    OskReceipt other = receipt_of(2);
    assert_int_equal(osk_letters_withdraw(shelf.store, NULL, &other, &kernel, NULL), OSK_OK);
    assert_int_equal(read_all(&other, &seen).state, OSK_RETURN_NONE);
}

static void letters__withdrawing_what_is_held_deletes_nothing_and_says_so(void **state)
{
    (void)state;
    static Seen seen;
    OskReceipt receipt = receipt_of(1);
    OskId id = add_submission(&receipt, 1);
    OskFault fault = { 0 };
    OskRecordRow hold = { .key = { .space = OSK_SPACE_HOLD, .id = id } };
    const OskChange set = { .kind = OSK_ROW_RECORD_SET, .row.record = &hold };
    const OskChange end = { .kind = OSK_ROW_RECORD_DROP, .row.record_key = &hold.key };
    add_message(&id, &receipt.identity.recipient, "{\"text\":\"x\"}", true);
    assert_int_equal(osk_store_commit(shelf.store, &set, 1, NULL, &fault), OSK_COMMIT_OK);
    assert_int_equal(osk_letters_withdraw(shelf.store, NULL, &receipt, &kernel, NULL),
                     OSK_UNSUPPORTED);
    OskReturn found = read_all(&receipt, &seen);
    assert_int_equal(found.state, OSK_RETURN_RECEIVED);
    assert_int_equal(found.file_count, 1);
    assert_int_equal(seen.count, 1);
    assert_int_equal(osk_store_commit(shelf.store, &end, 1, NULL, &fault), OSK_COMMIT_OK);
    assert_int_equal(osk_letters_withdraw(shelf.store, NULL, &receipt, &kernel, NULL), OSK_OK);
    assert_int_equal(read_all(&receipt, &seen).state, OSK_RETURN_WITHDRAWN);
}

static void letters__what_was_begun_is_told(void **state)
{
    (void)state;
    static Seen seen;
    OskReceipt receipt = receipt_of(1);
    char token[OSK_TOKEN_TEXT_BYTES];
    OskUploadWish wish = {
        .len = 10,
        .draft = &receipt.lookup,
        .draft_key = receipt.draft_key,
    };
    assert_int_equal(osk_spool_create(shelf.spool, &wish, token, NULL), OSK_OK);
    OskReturn found = read_all(&receipt, &seen);
    assert_int_equal(found.state, OSK_RETURN_BEGUN);
    assert_int_equal(found.upload_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(letters__nothing_is_known_of_wrong_words, shelf_set_up,
                                        shelf_tear_down),
        cmocka_unit_test_setup_teardown(letters__open_for_their_receipt_alone, shelf_set_up,
                                        shelf_tear_down),
        cmocka_unit_test_setup_teardown(letters__long_ones_are_cut_between_letters, shelf_set_up,
                                        shelf_tear_down),
        cmocka_unit_test_setup_teardown(
            letters__withdrawing_what_is_held_deletes_nothing_and_says_so, shelf_set_up,
            shelf_tear_down),
        cmocka_unit_test_setup_teardown(letters__withdrawing_leaves_nothing_but_that, shelf_set_up,
                                        shelf_tear_down),
        cmocka_unit_test_setup_teardown(letters__what_was_begun_is_told, shelf_set_up,
                                        shelf_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
