/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deciding, and taking it back. */
#include "rig.h"

#include <stdio.h>
#include <string.h>

#include "desk/audit.h"
#include "desk/hex.h"

static Browser anna;
static Browser bert;

static int set_up(void **state)
{
    int status = rig_set_up(state);
    if (status == 0) {
        rig_first(&anna);
        rig_add_reviewer("bert", "reviewer");
        bert = (Browser){ .cookie = "" };
        rig_login(&bert, "bert", RIG_PASSPHRASE, NULL);
    }
    return status;
}

static void list_all(char *out, size_t size)
{
    rig_get(&anna, "/api/queue?view=all");
    assert_int_equal(got.status, 200);
    assert_true(got.len < size);
    memcpy(out, got.body, got.len + 1);
}

static void act__everything_that_is_done_can_be_undone(void **state)
{
    (void)state;
    static const struct {
        const char *deed;
        const char *key;
        const char *first; /* done before it, or NULL */
    } cases[] = {
        { "dismiss", "clusters", NULL },  { "withdraw-rule", "clusters", "dismiss" },
        { "keep", "clusters", NULL },     { "keep", "clusters", "flag" },
        { "flag", "clusters", NULL },     { "unflag", "clusters", "flag" },
        { "claim", "clusters", NULL },    { "release", "clusters", "claim" },
        { "claim", "submissions", NULL }, { "release", "submissions", "claim" },
        { "hold", "submissions", NULL },  { "unhold", "submissions", "hold" },
        { "seen", "submissions", NULL },
    };
    static char before[20000];
    static char after[20000];
    Sent sent = rig_send(0, 1, true);
    Sent words = rig_send(0, 0, true);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool is_file = strcmp(cases[i].key, "clusters") == 0;
        const OskId *id = is_file ? &sent.files[0] : &words.submission;
        char first[64] = "";
        char operation[64];
        if (cases[i].first != NULL) {
            rig_act(&anna, cases[i].first, cases[i].key, id);
            assert_int_equal(rig_whole("changed"), 1);
            snprintf(first, sizeof(first), "%s", rig_text("operation"));
        }
        list_all(before, sizeof(before));
        rig_act(&anna, cases[i].deed, cases[i].key, id);
        assert_int_equal(got.status, 200);
        assert_int_equal(rig_whole("changed"), 1);
        snprintf(operation, sizeof(operation), "%s", rig_text("operation"));
        list_all(after, sizeof(after));
        assert_string_not_equal(before, after);
        rig_undo(&anna, operation);
        assert_int_equal(got.status, 200);
        assert_int_equal(rig_whole("changed"), 1);
        assert_int_equal(rig_whole("skipped"), 0);
        list_all(after, sizeof(after));
        assert_string_equal(before, after);
        rig_undo(&anna, operation);
        assert_int_equal(got.status, 404);
        if (first[0] != 0) {
            rig_undo(&anna, first);
            assert_int_equal(rig_whole("changed"), 1);
        }
    }
}

static void act__two_thousand_are_dismissed_and_brought_back(void **state)
{
    (void)state;
    static char body[50000];
    static char operations[4][64];
    static OskId files[2000];
    for (size_t i = 0; i < 500; i++) {
        Sent sent = rig_send(0, 4, false);
        memcpy(&files[4 * i], sent.files, sizeof(sent.files));
    }
    for (size_t i = 0; i < 4; i++) {
        size_t len = (size_t)snprintf(body, sizeof(body), "{\"do\":\"dismiss\",\"clusters\":[");
        for (size_t j = 0; j < 500; j++) {
            char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
            osk_hex_write(&files[500 * i + j], sizeof(OskId), text);
            len += (size_t)snprintf(body + len, sizeof(body) - len,
                                    "{\"id\":\"%s\",\"uncaught\":1,\"samples\":0}%s", text,
                                    j < 499 ? "," : "]}");
        }
        rig_post(&anna, "/api/act", body);
        assert_int_equal(got.status, 200);
        assert_int_equal(rig_whole("changed"), 500);
        snprintf(operations[i], sizeof(operations[i]), "%s", rig_text("operation"));
    }
    rig_get(&bert, "/api/queue");
    assert_int_equal(rig_whole("new"), 0);
    assert_int_equal(rig_whole("dismissed"), 2000);
    for (size_t i = 0; i < 4; i++) {
        rig_undo(&bert, operations[i]);
        assert_int_equal(rig_whole("changed"), 500);
    }
    rig_get(&anna, "/api/queue");
    assert_int_equal(rig_whole("new"), 2000);
    /* One more than an operation takes. */
    size_t len = strlen(body);
    snprintf(body + len - 2, sizeof(body) - len, ",\"00000000000000000000000000000000\"]}");
    rig_post(&anna, "/api/act", body);
    assert_int_equal(got.status, 400);
}

static void act__undoing_leaves_alone_what_somebody_changed_since(void **state)
{
    (void)state;
    char operation[64];
    Sent sent = rig_send(0, 1, false);
    rig_act(&anna, "keep", "clusters", &sent.files[0]);
    snprintf(operation, sizeof(operation), "%s", rig_text("operation"));
    rig_act(&bert, "flag", "clusters", &sent.files[0]);
    assert_int_equal(rig_whole("changed"), 1);
    rig_undo(&anna, operation);
    assert_int_equal(got.status, 200);
    assert_int_equal(rig_whole("changed"), 0);
    assert_int_equal(rig_whole("skipped"), 1);
    rig_get(&anna, "/api/queue?view=flagged");
    assert_int_equal(rig_count("\"cluster\":"), 1);
    /* Nor does it take away a hold that somebody else has put there anew. */
    rig_act(&anna, "hold", "submissions", &sent.submission);
    snprintf(operation, sizeof(operation), "%s", rig_text("operation"));
    rig_act(&bert, "unhold", "submissions", &sent.submission);
    rig_act(&bert, "hold", "submissions", &sent.submission);
    assert_int_equal(rig_whole("changed"), 1);
    rig_undo(&anna, operation);
    assert_int_equal(rig_whole("skipped"), 1);
    rig_get(&anna, "/api/queue?view=all");
    assert_int_equal(rig_count("\"held\":true"), 1);
}

/* As if it had been claimed so many days ago. */
static void age_claim(const OskId *id, int days)
{
    OskFault fault = { 0 };
    OskRecordRow row;
    const OskRecordKey key = { .space = OSK_SPACE_CLAIM, .id = *id };
    assert_true(osk_store_record(rig.store, &key, &row, &fault));
    row.day = osk_desk_today() - days;
    const OskChange change = { .kind = OSK_ROW_RECORD_SET,
                               .row.record = &row,
                               .expected = row.version };
    assert_int_equal(osk_store_commit(rig.store, &change, 1, NULL, &fault), OSK_COMMIT_OK);
    osk_record_row_free(&row);
}

static void act__a_claim_is_over_after_its_second_day(void **state)
{
    (void)state;
    Sent sent = rig_send(0, 1, false);
    Sent words = rig_send(0, 0, true);
    rig_act(&anna, "claim", "clusters", &sent.files[0]);
    rig_act(&anna, "claim", "submissions", &words.submission);
    age_claim(&sent.files[0], 1);
    age_claim(&words.submission, 1);
    rig_get(&bert, "/api/queue");
    assert_int_equal(rig_count("\"claim\":\"anna\""), 2);
    age_claim(&sent.files[0], 2);
    age_claim(&words.submission, 2);
    rig_get(&bert, "/api/queue?claimed=nobody");
    assert_int_equal(rig_count("\"claim\":null"), 2);
    rig_get(&anna, "/api/queue?claimed=me");
    assert_int_equal(rig_count("\"claim\":"), 0);
    /* Who still works on it claims it anew. */
    rig_act(&anna, "claim", "clusters", &sent.files[0]);
    assert_int_equal(rig_whole("changed"), 1);
    rig_get(&anna, "/api/queue?claimed=me");
    assert_int_equal(rig_count("\"claim\":\"anna\""), 1);
}

static void act__a_claim_is_taken_over_and_seen_by_the_other(void **state)
{
    (void)state;
    Sent sent = rig_send(0, 1, false);
    rig_act(&anna, "claim", "clusters", &sent.files[0]);
    rig_get(&bert, "/api/queue");
    assert_int_equal(rig_count("\"claim\":\"anna\""), 1);
    rig_act(&anna, "claim", "clusters", &sent.files[0]);
    assert_int_equal(rig_whole("skipped"), 1);
    rig_act(&bert, "claim", "clusters", &sent.files[0]);
    assert_int_equal(rig_whole("changed"), 1);
    rig_get(&anna, "/api/queue");
    assert_int_equal(rig_count("\"claim\":\"bert\""), 1);
    /* Whoever is away is not waited for. */
    rig_act(&anna, "release", "clusters", &sent.files[0]);
    assert_int_equal(rig_whole("changed"), 1);
    rig_get(&bert, "/api/queue");
    assert_int_equal(rig_count("\"claim\":null"), 1);
}

static void act__each_deed_stands_in_the_audit_chain(void **state)
{
    (void)state;
    char operation[64];
    Sent sent = rig_send(0, 1, false);
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    char body[256];
    osk_hex_write(&sent.files[0], sizeof(OskId), text);
    snprintf(body, sizeof(body),
             "{\"do\":\"dismiss\",\"clusters\":[{\"id\":\"%s\",\"uncaught\":1,\"samples\":0}],"
             "\"reason\":\"off-topic\"}",
             text);
    rig_post(&anna, "/api/act", body);
    snprintf(operation, sizeof(operation), "%s", rig_text("operation"));
    rig_undo(&bert, operation);
    rig_get(&anna, "/api/audit");
    assert_int_equal(got.status, 200);
    /* link, first-admin, reviewer-add, login, dismiss, undo */
    assert_int_equal(rig_whole("count"), 6);
    assert_int_equal(rig_count("\\\"did\\\":\\\"dismiss\\\""), 1);
    assert_int_equal(rig_count("\\\"reason\\\":\\\"off-topic\\\""), 1);
    assert_int_equal(rig_count("\\\"did\\\":\\\"undo\\\""), 1);
    assert_int_equal(rig_count(operation), 2);
    assert_int_equal(rig_count("\"broken_at\":null"), 1);
    rig_get(&anna, "/api/audit?after=4");
    assert_int_equal(rig_count("\"text\":"), 1);
    rig_get(&anna, "/api/audit");
    assert_int_equal(rig_count("\"count\":6,\"checked\":6,\"broken_at\":null"), 1);
}

static void act__seen_is_what_was_seen_and_no_message_that_came_since(void **state)
{
    (void)state;
    Sent sent = rig_send(0, 0, true);
    rig_answer(&sent);
    const RigSeen shown = rig_seen("submissions", &sent.submission);
    rig_answer(&sent);
    rig_act_on(&anna, "seen", "submissions", &sent.submission, &shown);
    assert_int_equal(rig_whole("changed"), 1);
    rig_get(&anna, "/api/queue");
    assert_int_equal(rig_count("\"has_words\":true"), 1);
    assert_int_equal(rig_whole("messages"), 2);
    rig_act(&anna, "seen", "submissions", &sent.submission);
    assert_int_equal(rig_whole("changed"), 1);
    rig_get(&anna, "/api/queue");
    assert_int_equal(rig_whole("new"), 0);
    /* Nobody makes unseen what another has seen, or says that they saw what is still to come. */
    rig_act_on(&bert, "seen", "submissions", &sent.submission, &shown);
    assert_int_equal(rig_whole("changed"), 0);
    rig_act_on(&bert, "seen", "submissions", &sent.submission, &(RigSeen){ .messages = 99 });
    rig_answer(&sent);
    rig_get(&anna, "/api/queue");
    assert_int_equal(rig_whole("new"), 1);
}

static void act__what_hides_something_says_how_much_of_it_was_seen(void **state)
{
    (void)state;
    static const char *const deeds[] = { "dismiss", "confirm", "keep", "flag", "seen" };
    static const char *const said[] = { "", ",\"uncaught\":1", ",\"samples\":0",
                                        ",\"messages\":-1" };
    Sent sent = rig_send(0, 1, true);
    for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        bool is_words = strcmp(deeds[i], "seen") == 0;
        char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
        char body[256];
        osk_hex_write(is_words ? &sent.submission : &sent.files[0], sizeof(OskId), text);
        const char *key = is_words ? "submissions" : "clusters";
        for (size_t j = 0; j < sizeof(said) / sizeof(said[0]); j++) {
            snprintf(body, sizeof(body), "{\"do\":\"%s\",\"%s\":[{\"id\":\"%s\"%s}]}", deeds[i],
                     key, text, said[j]);
            rig_post(&anna, "/api/act", body);
            assert_int_equal(got.status, 400);
        }
        snprintf(body, sizeof(body), "{\"do\":\"%s\",\"%s\":[\"%s\"]}", deeds[i], key, text);
        rig_post(&anna, "/api/act", body);
        assert_int_equal(got.status, 400);
    }
    rig_get(&anna, "/api/queue");
    assert_int_equal(rig_whole("new"), 1);
}

static void act__takes_what_it_knows_alone(void **state)
{
    (void)state;
    Sent sent = rig_send(0, 1, false);
    static const char *const wrong[] = {
        "{\"do\":\"explode\",\"clusters\":[]}",      "{\"clusters\":[]}",
        "{\"do\":\"dismiss\",\"clusters\":\"all\"}", "{\"do\":\"dismiss\",\"clusters\":[\"zz\"]}",
        "{\"do\":\"dismiss\",\"clusters\":[1]}",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        rig_post(&anna, "/api/act", wrong[i]);
        assert_int_equal(got.status, 400);
    }
    /* What is not there is left out: it may have been withdrawn since the page was drawn. */
    rig_post(&anna, "/api/act",
             "{\"do\":\"dismiss\",\"clusters\":[\"00112233445566778899aabbccddeeff\"]}");
    assert_int_equal(got.status, 200);
    assert_int_equal(rig_whole("changed"), 0);
    assert_string_equal(rig_text("operation"), "");
    rig_undo(&anna, "00112233445566778899aabbccddeeff");
    assert_int_equal(got.status, 404);
    bert.without_token = true;
    rig_act(&bert, "dismiss", "clusters", &sent.files[0]);
    assert_int_equal(got.status, 403);
    rig_get(&anna, "/api/queue");
    assert_int_equal(rig_whole("new"), 1);
}

int main(void)
{
    osk_seal_ready();
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(act__everything_that_is_done_can_be_undone),
        TEST(act__two_thousand_are_dismissed_and_brought_back),
        TEST(act__undoing_leaves_alone_what_somebody_changed_since),
        TEST(act__a_claim_is_taken_over_and_seen_by_the_other),
        TEST(act__a_claim_is_over_after_its_second_day),
        TEST(act__each_deed_stands_in_the_audit_chain),
        TEST(act__seen_is_what_was_seen_and_no_message_that_came_since),
        TEST(act__what_hides_something_says_how_much_of_it_was_seen),
        TEST(act__takes_what_it_knows_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
