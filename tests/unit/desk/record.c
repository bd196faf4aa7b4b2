/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reviewers write: notes, tags, drafts, who has it, and replies. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/audit.h"
#include "desk/base64.h"
#include "desk/hex.h"
#include "host/random.h"

static const OskRandom kernel = { .fill = osk_random_fill };

#define RECORD_TEST(test) cmocka_unit_test_setup_teardown(test, rig_set_up_anna, rig_tear_down)

/* Base64 of `len` letters, sealed. Ownership: free(). */
static char *seal(const OskRecipient *recipients, size_t count, size_t len)
{
    OskFault fault = { 0 };
    OskMemory out = { .max = 256 * 1024 };
    char *plain = malloc(len + 1);
    assert_non_null(plain);
    memset(plain, 'a', len);
    const OskSealTo to = {
        .recipients = recipients, .count = count, .random = &kernel, .names_list = true
    };
    assert_int_equal(osk_seal_bytes(plain, len, &to, &out, &fault), OSK_OK);
    char *text = osk_base64_text(&(OskBytes){ .bytes = out.bytes, .len = out.len });
    osk_bytes_free(&out.bytes);
    free(plain);
    return text;
}

/* To the desk: its configured key, and the only reviewer's. */
static char *seal_to_desk(size_t len)
{
    const OskRecipient both[] = { rig.identity.recipient, rig.reviewer_key.recipient };
    return seal(both, 2, len);
}

/* @param id the end of the body: ",\"id\":\"...\"", or "". @param sealed NULL: to be removed. */
static void write_record(Browser *browser, const char *space, const OskId *owner, const char *id,
                         unsigned version, const char *sealed)
{
    static char body[256 * 1024];
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    osk_hex_write(owner, sizeof(*owner), text);
    snprintf(body, sizeof(body),
             "{\"space\":\"%s\",\"owner\":\"%s\",\"version\":%u%s,\"sealed\":%s%s%s}", space, text,
             version, id, sealed == NULL ? "null" : "\"", sealed == NULL ? "" : sealed,
             sealed == NULL ? "" : "\"");
    rig_post(browser, "/api/record", body);
}

static void get_submission(const OskId *id)
{
    char path[128] = "/api/submissions/";
    osk_hex_write(id, sizeof(*id), path + strlen(path));
    rig_get(&rig_anna, path);
    assert_int_equal(got.status, 200);
}

static void record__what_is_written_is_found_with_its_submission(void **state)
{
    (void)state;
    static const char *const spaces[] = { "note", "tags", "draft", "assignment" };
    Sent sent = rig_send(0, 1, true);
    for (size_t i = 0; i < 4; i++) {
        char *sealed = seal_to_desk(10 + i);
        write_record(&rig_anna, spaces[i], &sent.submission, "", 0, sealed);
        assert_int_equal(got.status, 200);
        assert_int_equal(rig_whole("version"), 1);
        get_submission(&sent.submission);
        assert_int_equal(rig_count(sealed), 1);
        assert_int_equal(rig_count("\"version\":1"), i + 1);
        free(sealed);
    }
    rig_get(&rig_anna, "/api/audit");
    assert_int_equal(rig_count("\\\"did\\\":\\\"note\\\""), 1);
    assert_int_equal(rig_count("\\\"did\\\":\\\"assignment\\\""), 1);
}

static void record__is_sealed_to_exactly_the_recipients_of_the_desk(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    const OskRecipient three[3] = { rig.identity.recipient,
                                    rig.reviewer_key.recipient,
                                    { .key = { 9 } } };
    Sent sent = rig_send(0, 1, true);
    char *sealed = seal(three, 3, 10);
    write_record(&rig_anna, "note", &sent.submission, "", 0, sealed);
    assert_int_equal(got.status, 400);
    free(sealed);
    sealed = seal(three, 1, 10);
    write_record(&rig_anna, "note", &sent.submission, "", 0, sealed);
    assert_int_equal(got.status, 400);
    free(sealed);
    /* A stanza that is of no key we know. */
    OskMemory odd = { .max = 4096 };
    const OskSealTo one = {
        .recipients = three, .count = 2, .random = &kernel, .names_list = true
    };
    assert_int_equal(osk_seal_bytes("x", 1, &one, &odd, &fault), OSK_OK);
    uint8_t *kind = memmem(odd.bytes, odd.len, "X25519", 6);
    assert_non_null(kind);
    kind[0] = 'Y';
    sealed = osk_base64_text(&(OskBytes){ .bytes = odd.bytes, .len = odd.len });
    osk_bytes_free(&odd.bytes);
    write_record(&rig_anna, "note", &sent.submission, "", 0, sealed);
    assert_int_equal(got.status, 400);
    free(sealed);
    /* As many, but others, by its own word. */
    sealed = seal(three + 1, 2, 10);
    write_record(&rig_anna, "note", &sent.submission, "", 0, sealed);
    assert_int_equal(got.status, 400);
    free(sealed);
    OskMemory out = { .max = 4096 };
    const OskSealTo to = {
        .passphrase = "pass", .passphrase_len = 4, .work = 1, .random = &kernel
    };
    assert_int_equal(osk_seal_bytes("x", 1, &to, &out, &fault), OSK_OK);
    sealed = osk_base64_text(&(OskBytes){ .bytes = out.bytes, .len = out.len });
    osk_bytes_free(&out.bytes);
    write_record(&rig_anna, "note", &sent.submission, "", 0, sealed);
    assert_int_equal(got.status, 400);
    free(sealed);
    static const char *const wrong[] = { "", "bm90IHNlYWxlZA==", "%%%%", "bm90IHNlYWxlZA" };
    for (size_t i = 0; i < 4; i++) {
        write_record(&rig_anna, "note", &sent.submission, "", 0, wrong[i]);
        assert_int_equal(got.status, 400);
    }
    /* Cut off behind its header. */
    sealed = seal_to_desk(0);
    sealed[strlen(sealed) / 4 * 4 - 4] = 0;
    write_record(&rig_anna, "note", &sent.submission, "", 0, sealed);
    assert_int_equal(got.status, 400);
    free(sealed);
    get_submission(&sent.submission);
    assert_non_null(strstr(got.body, "\"records\":[]"));
}

static void record__who_was_quicker_is_not_overwritten(void **state)
{
    (void)state;
    Browser bert = { .cookie = "" };
    Sent sent = rig_send(0, 1, true);
    rig_add_reviewer("bert", "reviewer");
    rig_login(&bert, "bert", RIG_PASSPHRASE, NULL);
    char *one = seal_to_desk(10);
    char *two = seal_to_desk(10);
    write_record(&rig_anna, "tags", &sent.submission, "", 0, one);
    assert_int_equal(got.status, 200);
    write_record(&bert, "tags", &sent.submission, "", 0, two);
    assert_int_equal(got.status, 409);
    write_record(&bert, "tags", &sent.submission, "", 2, two);
    assert_int_equal(got.status, 409);
    write_record(&bert, "tags", &sent.submission, "", 7, NULL);
    assert_int_equal(got.status, 409);
    get_submission(&sent.submission);
    assert_int_equal(rig_count(one), 1);
    write_record(&bert, "tags", &sent.submission, "", 1, two);
    assert_int_equal(rig_whole("version"), 2);
    get_submission(&sent.submission);
    assert_int_equal(rig_count(one), 0);
    assert_int_equal(rig_count(two), 1);
    write_record(&rig_anna, "tags", &sent.submission, "", 2, NULL);
    assert_int_equal(got.status, 200);
    get_submission(&sent.submission);
    assert_int_equal(rig_count(two), 0);
    /* Drafts are everybody's own. */
    write_record(&rig_anna, "draft", &sent.submission, "", 0, one);
    assert_int_equal(got.status, 200);
    write_record(&bert, "draft", &sent.submission, "", 0, two);
    assert_int_equal(got.status, 200);
    get_submission(&sent.submission);
    assert_int_equal(rig_count("\"space\":\"draft\""), 2);
    free(one);
    free(two);
}

static void record__notes_are_many_and_have_an_end(void **state)
{
    (void)state;
    char id[64];
    char named[96];
    Sent sent = rig_send(0, 1, true);
    char *sealed = seal_to_desk(10);
    for (size_t i = 0; i < 128; i++) {
        write_record(&rig_anna, "note", &sent.submission, "", 0, sealed);
        assert_int_equal(got.status, 200);
    }
    snprintf(id, sizeof(id), "%s", rig_text("id"));
    write_record(&rig_anna, "note", &sent.submission, "", 0, sealed);
    assert_int_equal(got.status, 409);
    snprintf(named, sizeof(named), ",\"id\":\"%s\"", id);
    write_record(&rig_anna, "note", &sent.submission, named, 1, sealed);
    assert_int_equal(rig_whole("version"), 2);
    write_record(&rig_anna, "note", &sent.submission, named, 2, NULL);
    assert_int_equal(got.status, 200);
    write_record(&rig_anna, "note", &sent.submission, "", 0, sealed);
    assert_int_equal(got.status, 200);
    free(sealed);
}

static void record__refuses_what_is_none(void **state)
{
    (void)state;
    Sent sent = rig_send(0, 1, true);
    char *sealed = seal_to_desk(10);
    char *larger = seal_to_desk(4097);
    static const char named[] = ",\"id\":\"00000000000000000000000000000001\"";
    write_record(&rig_anna, "reviewer", &sent.submission, "", 0, sealed);
    assert_int_equal(got.status, 400);
    write_record(&rig_anna, "note", &sent.files[0], "", 0, sealed);
    assert_int_equal(got.status, 404);
    write_record(&rig_anna, "note", &sent.submission, named, 0, sealed);
    assert_int_equal(got.status, 400);
    write_record(&rig_anna, "tags", &sent.submission, named, 0, sealed);
    assert_int_equal(got.status, 400);
    write_record(&rig_anna, "tags", &sent.submission, "", 0, NULL);
    assert_int_equal(got.status, 400);
    write_record(&rig_anna, "note", &sent.submission, "", 1, sealed);
    assert_int_equal(got.status, 400);
    write_record(&rig_anna, "tags", &sent.submission, "", 0, larger);
    assert_int_equal(got.status, 413);
    rig_post(&rig_anna, "/api/record", "{\"space\":\"note\"}");
    assert_int_equal(got.status, 400);
    rig_post(&rig_anna, "/api/record", "{\"space\":\"note\",\"owner\":\"1\",\"version\":0}");
    assert_int_equal(got.status, 400);
    free(larger);
    free(sealed);
}

/* Else two texts name one thing, and what was looked for is not found. */
static void record__ids_and_base64_are_written_in_one_way(void **state)
{
    (void)state;
    char body[4096];
    char id[OSK_HEX_BYTES(OSK_ID_BYTES)];
    Sent sent = rig_send(0, 1, true);
    char *sealed = seal_to_desk(10);
    osk_hex_write(&sent.submission, sizeof(OskId), id);
    static const char *const blanks[][4] = {
        { " ", "", "", "" }, { "", " ", "", "" }, { "", "", " ", "" }, { "", "", "", "\\n" }
    };
    for (size_t i = 0; i < 4; i++) {
        snprintf(body, sizeof(body),
                 "{\"space\":\"tags\",\"owner\":\"%s%s%s\",\"version\":0,\"sealed\":\"%s%s%s\"}",
                 blanks[i][0], id, blanks[i][1], blanks[i][2], sealed, blanks[i][3]);
        rig_post(&rig_anna, "/api/record", body);
        assert_int_equal(got.status, 400);
    }
    write_record(&rig_anna, "tags", &sent.submission, "", 0, sealed);
    assert_int_equal(got.status, 200);
    OskId read;
    assert_true(osk_hex_read(id, &read, sizeof(read)));
    assert_memory_equal(&read, &sent.submission, sizeof(read));
    assert_false(osk_hex_read("ABCDEF", &read, 3));
    assert_false(osk_hex_read("ab cd", &read, 2));
    assert_false(osk_hex_read("abc", &read, 1));
    assert_false(osk_hex_read("abcd", &read, 1));
    assert_false(osk_hex_read("", &read, 1));
    assert_false(osk_hex_read(NULL, &read, 1));
    free(sealed);
}

static void record__all_tags_come_in_pages(void **state)
{
    (void)state;
    char path[128];
    char *sealed = seal_to_desk(10);
    for (size_t i = 0; i < 502; i++) {
        Sent sent = rig_send(0, 0, true);
        write_record(&rig_anna, "tags", &sent.submission, "", 0, sealed);
        assert_int_equal(got.status, 200);
    }
    const Sent noted = rig_send(0, 0, true);
    write_record(&rig_anna, "note", &noted.submission, "", 0, sealed);
    rig_get(&rig_anna, "/api/records?space=tags");
    assert_int_equal(rig_count("\"space\":\"tags\""), 500);
    snprintf(path, sizeof(path), "/api/records?space=tags&after=%s", rig_text("next"));
    rig_get(&rig_anna, path);
    assert_int_equal(rig_count("\"space\":\"tags\""), 2);
    assert_string_equal(rig_text("next"), "");
    rig_get(&rig_anna, "/api/records?space=audit");
    assert_int_equal(got.status, 400);
    rig_get(&rig_anna, "/api/records?space=tags&after=1");
    assert_int_equal(got.status, 400);
    free(sealed);
}

/* ---- replies ---- */

static Sent send_with_receipt(const OskIdentity *receipt)
{
    OskFault fault = { 0 };
    OskSubmissionRow row;
    Sent sent = rig_send(0, 1, true);
    assert_true(osk_store_submission(rig.store, &sent.submission, &row, &fault));
    memcpy(row.reply_key, receipt->recipient.key, sizeof(row.reply_key));
    const OskChange change = { .kind = OSK_ROW_SUBMISSION_SET, .row.submission = &row };
    assert_int_equal(osk_store_commit(rig.store, &change, 1, NULL, &fault), OSK_COMMIT_OK);
    osk_submission_row_free(&row);
    return sent;
}

static void reply(const OskId *submission, unsigned messages, const char *sealed)
{
    static char body[256 * 1024];
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    osk_hex_write(submission, sizeof(*submission), text);
    snprintf(body, sizeof(body), "{\"submission\":\"%s\",\"messages\":%u%s%s%s}", text, messages,
             sealed == NULL ? "" : ",\"sealed\":\"", sealed == NULL ? "" : sealed,
             sealed == NULL ? "" : "\"");
    rig_post(&rig_anna, "/api/reply", body);
}

static void reply__is_stored_once_and_in_its_place(void **state)
{
    (void)state;
    OskIdentity receipt;
    OskFault fault = { 0 };
    assert_int_equal(osk_identity_make(&receipt, &kernel, &fault), OSK_OK);
    const OskRecipient all[3] = { receipt.recipient, rig.identity.recipient,
                                  rig.reviewer_key.recipient };
    Sent sent = send_with_receipt(&receipt);
    char *sealed = seal(all, 3, 100);
    reply(&sent.submission, 1, sealed);
    assert_int_equal(got.status, 409);
    reply(&sent.submission, 0, sealed);
    assert_int_equal(got.status, 200);
    assert_int_equal(rig_whole("messages"), 1);
    reply(&sent.submission, 0, sealed);
    assert_int_equal(got.status, 409);
    rig_answer(&sent);
    reply(&sent.submission, 1, sealed);
    assert_int_equal(got.status, 409);
    reply(&sent.submission, 2, sealed);
    assert_int_equal(got.status, 200);
    get_submission(&sent.submission);
    assert_int_equal(rig_count("\"from_desk\":true"), 2);
    assert_int_equal(rig_count(sealed), 2);
    rig_get(&rig_anna, "/api/audit");
    assert_int_equal(rig_count("\\\"did\\\":\\\"reply\\\""), 2);
    free(sealed);
}

static void reply__goes_to_who_has_a_receipt_and_to_the_desk(void **state)
{
    (void)state;
    OskIdentity receipt;
    OskFault fault = { 0 };
    assert_int_equal(osk_identity_make(&receipt, &kernel, &fault), OSK_OK);
    const OskRecipient all[3] = { receipt.recipient, rig.identity.recipient,
                                  rig.reviewer_key.recipient };
    Sent without = rig_send(0, 1, true);
    Sent sent = send_with_receipt(&receipt);
    char *sealed = seal(all, 3, 100);
    char *to_one = seal(all, 1, 100);
    char *larger = seal(all, 3, 64 * 1024 + 1);
    reply(&without.submission, 0, sealed);
    assert_int_equal(got.status, 409);
    reply(&sent.submission, 0, to_one);
    assert_int_equal(got.status, 400);
    reply(&sent.submission, 0, NULL);
    assert_int_equal(got.status, 400);
    reply(&sent.submission, 0, larger);
    assert_int_equal(got.status, 413);
    reply(&sent.files[0], 0, sealed);
    assert_int_equal(got.status, 404);
    rig_post(&rig_anna, "/api/reply", "{}");
    assert_int_equal(got.status, 400);
    get_submission(&sent.submission);
    assert_int_equal(rig_count("\"from_desk\":true"), 0);
    free(larger);
    free(to_one);
    free(sealed);
}

/* ---- pages of a submission ---- */

enum { LETTERS = 30, NOTES = 40 };

/* By a sender who answers at length, and reviewers who write much. */
static Sent fill_pages(void)
{
    static uint8_t bytes[100000];
    OskFault fault = { 0 };
    Sent sent = rig_send(0, 1, true);
    const OskMessageRow message = { .submission = sent.submission,
                                    .day = osk_desk_today(),
                                    .sealed = { .bytes = bytes, .len = sizeof(bytes) } };
    OskRecordRow note = { .key = { .space = OSK_SPACE_NOTE, .owner = sent.submission },
                          .bytes = { .bytes = bytes, .len = 40000 } };
    const OskChange letter = { .kind = OSK_ROW_MESSAGE_ADD, .row.message = &message };
    const OskChange record = { .kind = OSK_ROW_RECORD_SET, .row.record = &note };
    for (unsigned i = 0; i < LETTERS; i++) {
        assert_int_equal(osk_store_commit(rig.store, &letter, 1, NULL, &fault), OSK_COMMIT_OK);
    }
    for (unsigned i = 0; i < NOTES; i++) {
        note.key.id.bytes[0] = (uint8_t)(i + 1);
        assert_int_equal(osk_store_commit(rig.store, &record, 1, NULL, &fault), OSK_COMMIT_OK);
    }
    note.key = (OskRecordKey){ OSK_SPACE_TAGS, sent.submission, sent.submission };
    assert_int_equal(osk_store_commit(rig.store, &record, 1, NULL, &fault), OSK_COMMIT_OK);
    return sent;
}

/* Counts what is in the answer; the numbers of letters go up from `*letters`. */
static void count_page(uint64_t *letters, uint64_t *notes, uint64_t *tags)
{
    OskJson *json = NULL;
    OskFault fault = { 0 };
    assert_int_equal(osk_json_read(&json, got.body, got.len, &fault), OSK_OK);
    const OskJson *list = osk_json_get(json, "messages");
    for (size_t i = 0; i < osk_json_count(list); i++) {
        uint64_t number = 0;
        assert_true(osk_json_whole(osk_json_get(osk_json_at(list, i), "number"), &number));
        assert_int_equal(number, (*letters)++);
    }
    list = osk_json_get(json, "records");
    for (size_t i = 0; i < osk_json_count(list); i++) {
        const OskJson *record = osk_json_at(list, i);
        OskId id;
        assert_true(osk_hex_read(osk_json_text(osk_json_get(record, "id")), &id, sizeof(id)));
        bool is_note = strcmp(osk_json_text(osk_json_get(record, "space")), "note") == 0;
        *(is_note ? notes : tags) += 1;
        assert_true(!is_note || id.bytes[0] == *notes);
    }
    osk_json_free(&json);
}

static void submission__comes_in_pages_however_much_was_written(void **state)
{
    (void)state;
    enum { PAGE_MAX = 1700000 };
    Sent sent = fill_pages();
    uint64_t letters = 0;
    uint64_t notes = 0;
    uint64_t tags = 0;
    unsigned pages = 0;
    char path[192] = "/api/submissions/";
    size_t len = strlen(path) + 2 * OSK_ID_BYTES;
    osk_hex_write(&sent.submission, sizeof(OskId), path + strlen(path));
    do {
        rig_get(&rig_anna, path);
        assert_int_equal(got.status, 200);
        assert_in_range(got.len, 1, PAGE_MAX);
        assert_string_equal(rig_text("schema"), pages == 0 ? "oilskin/desk-submission/1"
                                                           : "oilskin/desk-submission-more/1");
        assert_int_equal(rig_count("\"manifest\":"), pages == 0);
        count_page(&letters, &notes, &tags);
        pages++;
        snprintf(path + len, sizeof(path) - len, "?after=%.64s", rig_text("next"));
    } while (rig_text("next")[0] != 0 && pages < 20);
    assert_int_equal(letters, LETTERS);
    assert_int_equal(notes, NOTES);
    assert_int_equal(tags, 1);
    assert_in_range(pages, 4, 7);
}

static void submission__has_no_page_behind_what_is_nothing(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "message.", "message.-1", "message.1x",          "message. 1",
        "note.",    "note.0102",  "message.99999999999", "nothing.1",
        ""
    };
    Sent sent = rig_send(0, 1, true);
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    osk_hex_write(&sent.submission, sizeof(OskId), text);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char path[128];
        snprintf(path, sizeof(path), "/api/submissions/%s?after=%s", text, wrong[i]);
        for (char *at = path; *at != 0; at++) {
            *at = *at == ' ' ? '+' : *at;
        }
        rig_get(&rig_anna, path);
        assert_int_equal(got.status, 400);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RECORD_TEST(record__what_is_written_is_found_with_its_submission),
        RECORD_TEST(record__is_sealed_to_exactly_the_recipients_of_the_desk),
        RECORD_TEST(record__who_was_quicker_is_not_overwritten),
        RECORD_TEST(record__notes_are_many_and_have_an_end),
        RECORD_TEST(record__refuses_what_is_none),
        RECORD_TEST(record__ids_and_base64_are_written_in_one_way),
        RECORD_TEST(record__all_tags_come_in_pages),
        RECORD_TEST(reply__is_stored_once_and_in_its_place),
        RECORD_TEST(reply__goes_to_who_has_a_receipt_and_to_the_desk),
        RECORD_TEST(submission__comes_in_pages_however_much_was_written),
        RECORD_TEST(submission__has_no_page_behind_what_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
