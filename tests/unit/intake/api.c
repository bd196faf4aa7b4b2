/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include "intake/api.h"
#include "http/json.h"
#include "intake/visit.h"
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS "\"receipt\":\"one two three four five six seven eight\""
#define TOKEN_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static OskErrands *errands;
static OskApi *api;
static RigAnswer got;

static int set_up(void **state)
{
    (void)state;
    static OskRecipient recipient = { .key = { 9 } };
    static OskIntakeOptions options = {
        .notice = { .operator_name = "The \"Daily\"", .readers = "two people", .retain_days = 30 },
        .recipients = &recipient,
        .recipient_count = 1,
        .categories = { { .id = "protest", .label = "Protest" },
                        { .id = "closed", .paused = true } },
        .category_count = 2,
        .files_max = 3,
        .submission_max = 9,
    };
    rig_reset();
    OskIntakeParts parts = { 0 };
    if (osk_errands_open(&errands, 3) != OSK_OK) {
        return -1;
    }
    parts.errands = errands;
    return osk_api_open(&api, &parts, &options) == OSK_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    osk_errands_close(&errands);
    osk_api_close(&api);
    return 0;
}

static const OskRoute *route(const char *path)
{
    const OskRoute *routes = osk_api_routes(api);
    for (size_t i = 0; i < OSK_API_ROUTES; i++) {
        if (strcmp(routes[i].path, path) == 0) {
            return &routes[i];
        }
    }
    return NULL;
}

static void get(const char *path)
{
    RigAsk ask = { .method = "GET", .path = path };
    rig_ask(route(path), &ask, &got);
}

static void post(const char *path, const char *body)
{
    RigAsk ask = { .method = "POST",
                   .path = path,
                   .headers = { { "Content-Type", "application/json" } },
                   .body = body };
    rig_ask(route(path), &ask, &got);
}

static OskJson *read_answer(void)
{
    OskJson *json = NULL;
    OskFault fault = { 0 };
    assert_int_equal(osk_json_read(&json, got.body, got.body_len, &fault), OSK_OK);
    assert_memory_equal(got.body, "{\"schema\":\"oilskin/", 19);
    return json;
}

static void assert_text(const OskJson *json, const char *key, const char *text)
{
    const char *is = osk_json_text(osk_json_get(json, key));
    assert_non_null(is);
    assert_string_equal(is, text);
}

static void api__says_the_limits_before_anything_is_sent(void **state)
{
    (void)state;
    get("/api/drop");
    assert_int_equal(got.status, 200);
    OskJson *drop = read_answer();
    assert_text(drop, "schema", "oilskin/drop/1");
    assert_text(drop, "operator", "The \"Daily\"");
    assert_text(drop, "sealing", "arrival");
    assert_null(osk_json_get(drop, "onion"));
    assert_int_equal(osk_json_count(osk_json_get(drop, "recipients")), 1);
    assert_text(osk_json_at(osk_json_get(drop, "categories"), 0), "id", "protest");
    assert_non_null(strstr(got.body, "\"file_bytes\":4294967296"));
    assert_non_null(strstr(got.body, "\"files\":3"));
    osk_json_free(&drop);
}

static void api__a_submission_names_its_uploads(void **state)
{
    (void)state;
    rig_add_upload(TOKEN_A, "hello");
    post("/api/submissions", "{" WORDS ",\"message\":\"look\",\"category\":\"protest\","
                             "\"uploads\":[\"/uploads/" TOKEN_A "\"]}");
    assert_int_equal(got.status, 200);
    assert_string_equal(got.body, "{\"schema\":\"oilskin/received/1\",\"received\":true,"
                                  "\"files\":[{\"outcome\":\"scrubbed\"}]}");
    assert_string_equal(rig.message, "look");
    assert_int_equal(rig.submitted_len, 5);
    post("/api/submissions", "{\"message\":\"x\",\"uploads\":[\"/uploads/" TOKEN_A "\"]}");
    assert_int_equal(got.status, 409);
}

static void api__who_has_no_receipt_gets_one(void **state)
{
    (void)state;
    post("/api/submissions", "{\"message\":\"look\"}");
    assert_int_equal(got.status, 200);
    OskJson *received = read_answer();
    assert_text(received, "receipt", "one two three four five six seven eight");
    osk_json_free(&received);
}

static void api__refuses_what_it_does_not_understand(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"message\":\"\"}",
        "{\"message\":5}",
        "{\"mesage\":\"look\"}",
        "{\"message\":\"look\",\"uploads\":\"x\"}",
        "{\"message\":\"look\",\"uploads\":[\"x\"]}",
        "{\"message\":\"look\",\"uploads\":[\"/uploads/" TOKEN_A "\",\"/uploads/" TOKEN_A
        "\",\"/uploads/" TOKEN_A "\",\"/uploads/" TOKEN_A "\"]}",
        "{\"message\":\"look\",\"category\":\"nonsense\"}",
        "{\"message\":\"look\",\"receipt\":\"nonsense\"}",
        "{\"message\":\"look\",\"receipt\":5}",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        post("/api/submissions", bad[i]);
        assert_int_equal(got.status, 400);
        OskJson *error = read_answer();
        assert_text(error, "schema", "oilskin/error/1");
        osk_json_free(&error);
    }
    assert_int_equal(rig.submitted, 0);
}

static void api__a_submission_has_the_size_that_it_says(void **state)
{
    (void)state;
    rig_add_upload(TOKEN_A, "123456789");
    post("/api/submissions", "{\"uploads\":[\"/uploads/" TOKEN_A "\"]}");
    assert_int_equal(got.status, 200);
    rig_add_upload(TOKEN_A, "1234567890");
    post("/api/submissions", "{\"uploads\":[\"/uploads/" TOKEN_A "\"]}");
    assert_int_equal(got.status, 413);
}

static void api__a_pause_stops_files_and_never_words(void **state)
{
    (void)state;
    rig_add_upload(TOKEN_A, "1");
    post("/api/submissions", "{\"message\":\"look\",\"category\":\"closed\","
                             "\"uploads\":[\"/uploads/" TOKEN_A "\"]}");
    assert_int_equal(got.status, 422);
    assert_null(rig_header(&got, "Retry-After"));
    assert_int_equal(rig.submitted, 0);
    post("/api/submissions", "{\"message\":\"look\",\"category\":\"closed\"}");
    assert_int_equal(got.status, 200);
    assert_int_equal(rig.submitted, 1);
}

static void api__takes_no_form_of_another_site(void **state)
{
    (void)state;
    RigAsk ask = { .method = "POST",
                   .path = "/api/submissions",
                   .headers = { { "Content-Type", "text/plain" } },
                   .body = "{\"message\":\"look\"}" };
    rig_ask(route("/api/submissions"), &ask, &got);
    assert_int_equal(got.status, 415);
}

static void api__a_body_has_an_end(void **state)
{
    (void)state;
    size_t len = 300000;
    char *text = malloc(len + 1);
    assert_non_null(text);
    memset(text, ' ', len);
    text[len] = 0;
    for (int chunked = 0; chunked < 2; chunked++) {
        RigAsk ask = { .method = "POST",
                       .path = "/api/submissions",
                       .headers = { { "Content-Type", "application/json" } },
                       .body = text,
                       .piece = 10000,
                       .is_chunked = chunked == 1 };
        rig_ask(route("/api/submissions"), &ask, &got);
        assert_int_equal(got.status, 413);
    }
    free(text);
}

static void api__a_message_may_be_as_long_as_it_says(void **state)
{
    (void)state;
    static char body[OSK_MESSAGE_BYTES + 64];
    for (unsigned more = 0; more < 2; more++) {
        size_t at = (size_t)snprintf(body, sizeof(body), "{\"message\":\"");
        memset(body + at, 'a', OSK_MESSAGE_BYTES + more);
        at += OSK_MESSAGE_BYTES + more;
        snprintf(body + at, sizeof(body) - at, "\"}");
        post("/api/submissions", body);
        assert_int_equal(got.status, more == 0 ? 200 : 400);
    }
}

static void api__a_body_may_come_byte_by_byte(void **state)
{
    (void)state;
    rig.door_waits_once = true;
    RigAsk ask = { .method = "POST",
                   .path = "/api/submissions",
                   .headers = { { "Content-Type", "application/json; charset=utf-8" } },
                   .body = "{\"message\":\"\\u00fc\"}",
                   .piece = 1,
                   .is_chunked = true };
    rig_ask(route("/api/submissions"), &ask, &got);
    assert_int_equal(got.status, 200);
    assert_string_equal(rig.message, "\xc3\xbc");
}

static void api__a_draft_lists_what_is_there(void **state)
{
    (void)state;
    rig_add_upload(TOKEN_A, "hello");
    post("/api/drafts", "{" WORDS "}");
    assert_int_equal(got.status, 200);
    OskJson *draft = read_answer();
    const OskJson *upload = osk_json_at(osk_json_get(draft, "uploads"), 0);
    assert_text(upload, "url", "/uploads/" TOKEN_A);
    assert_non_null(strstr(got.body, "\"offset\":5,\"len\":5,\"complete\":true"));
    assert_text(upload, "fingerprint",
                "01ab000000000000000000000000000000000000000000000000000000000000");
    osk_json_free(&draft);
}

static void api__answers_about_receipts_have_one_size(void **state)
{
    (void)state;
    static const char *const paths[] = { "/api/receipts", "/api/receipts/withdraw", "/api/drafts",
                                         "/api/receipts/answer" };
    for (size_t i = 0; i < 4; i++) {
        for (int was = 0; was < 4; was++) {
            rig.receipt_state = was;
            rig.letter_count = was == 2 ? 40 : 0;
            post(paths[i],
                 i < 3 ? "{" WORDS "}" : "{" WORDS ",\"message\":\"these words are mine\"}");
            assert_int_equal(got.status, 200);
            assert_int_equal(got.body_len, 65536);
            OskJson *answer = read_answer();
            osk_json_free(&answer);
        }
    }
}

static void api__what_is_held_is_said_to_be_kept(void **state)
{
    (void)state;
    rig.receipt_state = 2;
    rig.is_held = true;
    post("/api/receipts/withdraw", "{" WORDS "}");
    assert_int_equal(got.status, 200);
    assert_int_equal(got.body_len, 65536);
    assert_non_null(strstr(got.body, "\"withdrawn\":false"));
}

static void api__the_newest_letters_are_those_that_fit(void **state)
{
    (void)state;
    rig.receipt_state = 2;
    rig.letter_count = 40;
    post("/api/receipts", "{" WORDS "}");
    OskJson *answer = read_answer();
    const OskJson *letters = osk_json_get(answer, "letters");
    size_t count = osk_json_count(letters);
    assert_in_range(count, 5, 39);
    assert_non_null(strstr(got.body, "\"has_older_letters\":true"));
    assert_memory_equal(osk_json_text(osk_json_get(osk_json_at(letters, count - 1), "text")), "39 ",
                        3);
    osk_json_free(&answer);
}

static void api__only_who_was_received_can_answer(void **state)
{
    (void)state;
    rig.receipt_state = 0;
    post("/api/receipts/answer", "{" WORDS ",\"message\":\"more\"}");
    assert_int_equal(got.status, 200);
    assert_non_null(strstr(got.body, "\"received\":false"));
    assert_string_equal(rig.message, "");
    rig.receipt_state = 2;
    post("/api/receipts/answer", "{" WORDS ",\"message\":\"more\",\"once\":\"a1\"}");
    assert_int_equal(got.status, 200);
    assert_non_null(strstr(got.body, "\"received\":true"));
    assert_string_equal(rig.message, "more");
    assert_string_equal(rig.once, "a1");
    post("/api/receipts/answer", "{" WORDS "}");
    assert_int_equal(got.status, 400);
}

/* The receipt was looked at, and then withdrawn by somebody else who has it. */
static void api__who_is_overtaken_by_a_withdrawal_hears_of_it(void **state)
{
    (void)state;
    rig.is_overtaken = true;
    rig.receipt_state = 2;
    post("/api/receipts/answer", "{" WORDS ",\"message\":\"more\"}");
    assert_int_equal(got.status, 200);
    assert_int_equal(got.body_len, 65536);
    assert_non_null(strstr(got.body, "\"received\":false"));
    assert_non_null(strstr(got.body, "\"state\":\"withdrawn\""));
    post("/api/submissions", "{" WORDS ",\"message\":\"more\"}");
    assert_int_equal(got.status, 410);
    assert_non_null(strstr(got.body, "withdrawn"));
    assert_null(rig_header(&got, "Retry-After"));
}

static void api__who_adds_to_a_full_receipt_hears_what_to_do(void **state)
{
    (void)state;
    rig.is_full = true;
    rig.receipt_state = 2;
    post("/api/receipts/answer", "{" WORDS ",\"message\":\"more\"}");
    assert_int_equal(got.status, 200);
    assert_int_equal(got.body_len, 65536);
    assert_non_null(strstr(got.body, "\"received\":false"));
    assert_non_null(strstr(got.body, "\"state\":\"full\""));
    post("/api/submissions", "{" WORDS ",\"message\":\"more\"}");
    assert_int_equal(got.status, 403);
    assert_non_null(strstr(got.body, "holds as much as one can"));
    assert_non_null(strstr(got.body, "you get a new receipt"));
    assert_null(rig_header(&got, "Retry-After"));
}

static void api__a_proof_is_for_one_slot_once(void **state)
{
    (void)state;
    post("/api/slots", "{}");
    assert_int_equal(got.status, 200);
    OskJson *slot = read_answer();
    assert_text(slot, "slot", "1.n.m");
    osk_json_free(&slot);
    assert_int_equal(rig.effort, 0);
    char body[128];
    unsigned proof = rig_find_proof("1.n.m", 8);
    snprintf(body, sizeof(body), "{\"slot\":\"1.n.m\",\"proof\":\"%u\"}", proof);
    post("/api/slots", body);
    assert_int_equal(got.status, 200);
    assert_in_range(rig.effort, 8, 64);
    post("/api/slots", body);
    assert_int_equal(got.status, 409);
    post("/api/slots", "{\"proof\":\"5\"}");
    assert_int_equal(got.status, 400);
}

/* What was uploaded has waited at the door already. */
static void api__a_submission_claims_the_place_of_its_uploads(void **state)
{
    (void)state;
    osk_visit_key(TOKEN_A, rig.key);
    rig_add_upload(TOKEN_A, "hello");
    post("/api/submissions",
         "{\"message\":\"/uploads/ x\",\"uploads\":[\"/uploads/" TOKEN_A "\"]}");
    assert_int_equal(got.status, 200);
    assert_int_equal(rig.claims, 1);
    post("/api/submissions", "{\"message\":\"/uploads/" TOKEN_A "");
    assert_int_equal(got.status, 400);
    assert_int_equal(rig.claims, 2);
    post("/api/submissions", "{\"message\":\"/uploads/AAAA\"}");
    assert_int_equal(rig.claims, 2);
    /* A long one by what comes before the door of it. */
    static char body[6000];
    memset(body, 'x', sizeof(body) - 1);
    memcpy(body, "{\"a\":\"/uploads/" TOKEN_A, sizeof("{\"a\":\"/uploads/" TOKEN_A) - 1);
    post("/api/submissions", body);
    assert_int_equal(rig.claims, 3);
}

static void api__who_must_wait_hears_for_how_long(void **state)
{
    (void)state;
    rig.door_is_shut = true;
    post("/api/drafts", "{" WORDS "}");
    assert_int_equal(got.status, 503);
    assert_string_equal(rig_header(&got, "Retry-After"), "17");
    get("/api/drop");
    assert_int_equal(got.status, 200);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(api__says_the_limits_before_anything_is_sent),
        TEST(api__a_submission_names_its_uploads),
        TEST(api__who_has_no_receipt_gets_one),
        TEST(api__refuses_what_it_does_not_understand),
        TEST(api__a_submission_has_the_size_that_it_says),
        TEST(api__a_pause_stops_files_and_never_words),
        TEST(api__takes_no_form_of_another_site),
        TEST(api__a_body_has_an_end),
        TEST(api__a_message_may_be_as_long_as_it_says),
        TEST(api__a_body_may_come_byte_by_byte),
        TEST(api__a_draft_lists_what_is_there),
        TEST(api__answers_about_receipts_have_one_size),
        TEST(api__what_is_held_is_said_to_be_kept),
        TEST(api__the_newest_letters_are_those_that_fit),
        TEST(api__only_who_was_received_can_answer),
        TEST(api__who_is_overtaken_by_a_withdrawal_hears_of_it),
        TEST(api__who_adds_to_a_full_receipt_hears_what_to_do),
        TEST(api__a_proof_is_for_one_slot_once),
        TEST(api__a_submission_claims_the_place_of_its_uploads),
        TEST(api__who_must_wait_hears_for_how_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
