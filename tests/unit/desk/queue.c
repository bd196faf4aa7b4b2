/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is shown, and what stays. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "desk/audit.h"
#include "desk/call.h"
#include "desk/hex.h"
#include "desk/model_state.h"
#include "host/clock.h"
#include "host/random.h"

static void queue__shows_each_file_and_what_has_words_alone(void **state)
{
    (void)state;
    Sent files = rig_send(0, 2, false);
    Sent words = rig_send(0, 0, true);
    rig_get(&rig_anna, "/api/queue");
    assert_int_equal(got.status, 200);
    assert_string_equal(rig_text("schema"), "oilskin/queue/1");
    assert_int_equal(rig_count("\"cluster\":"), 3);
    assert_true(rig_shows(&files.files[0]) && rig_shows(&files.files[1]) &&
                rig_shows(&words.submission));
    assert_int_equal(rig_count("\"kind\":\"words\""), 1);
    assert_int_equal(rig_count("\"kind\":\"scrubbed\""), 2);
    assert_int_equal(rig_whole("new"), 3);
    assert_int_equal(rig_whole("submissions"), 1); /* of the first row */
}

static void queue__words_without_files_are_found_again_once_they_are_read(void **state)
{
    (void)state;
    Sent words = rig_send(0, 0, true);
    rig_act(&rig_anna, "seen", "submissions", &words.submission);
    rig_get(&rig_anna, "/api/queue");
    assert_false(rig_shows(&words.submission));
    rig_get(&rig_anna, "/api/queue?view=all");
    assert_true(rig_shows(&words.submission));
    assert_int_equal(rig_count("\"has_words\":false"), 1);
    rig_answer(&words);
    rig_get(&rig_anna, "/api/queue");
    assert_true(rig_shows(&words.submission));
}

static void queue__tells_of_what_comes_and_goes_meanwhile(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    rig_get(&rig_anna, "/api/queue");
    assert_int_equal(rig_whole("new"), 0);
    Sent sent = rig_send(0, 1, false);
    rig_get(&rig_anna, "/api/queue");
    assert_int_equal(rig_whole("new"), 1);
    const OskChange drop = { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = sent.submission };
    assert_int_equal(osk_store_commit(rig.store, &drop, 1, NULL, &fault), OSK_COMMIT_OK);
    rig_get(&rig_anna, "/api/queue");
    assert_int_equal(rig_whole("new"), 0);
}

static void queue__pages_hold_each_row_once_newest_day_first(void **state)
{
    (void)state;
    static Sent sent[250];
    static unsigned seen[250];
    char address[128] = "/api/queue?view=all";
    char last_day[32] = "9999";
    unsigned pages = 0;
    memset(seen, 0, sizeof(seen));
    for (int i = 0; i < 250; i++) {
        sent[i] = rig_send(i % 3, 1, false);
    }
    do {
        rig_get(&rig_anna, address);
        assert_int_equal(got.status, 200);
        for (int i = 0; i < 250; i++) {
            seen[i] += rig_shows(&sent[i].files[0]) ? 1 : 0;
        }
        const char *day = strstr(got.body, "\"first_day\":\"");
        assert_non_null(day);
        assert_true(strncmp(day + 13, last_day, 10) <= 0);
        snprintf(last_day, sizeof(last_day), "%.10s", day + 13);
        snprintf(address, sizeof(address), "/api/queue?view=all&after=%s", rig_text("next"));
        pages++;
    } while (rig_text("next")[0] != 0);
    assert_int_equal(pages, 3);
    for (int i = 0; i < 250; i++) {
        assert_int_equal(seen[i], 1);
    }
}

static void queue__filters_by_day_category_and_claim(void **state)
{
    (void)state;
    char address[128];
    char day[OSK_DAY_TEXT_BYTES];
    Sent today = rig_send(0, 1, false);
    Sent before = rig_send(5, 1, false);
    osk_desk_day_text(osk_desk_today() - 2, day);
    snprintf(address, sizeof(address), "/api/queue?day_first=%s", day);
    rig_get(&rig_anna, address);
    assert_true(rig_shows(&today.files[0]) && !rig_shows(&before.files[0]));
    snprintf(address, sizeof(address), "/api/queue?day_last=%s", day);
    rig_get(&rig_anna, address);
    assert_true(!rig_shows(&today.files[0]) && rig_shows(&before.files[0]));
    rig_get(&rig_anna, "/api/queue?category=protest");
    assert_int_equal(rig_count("\"cluster\":"), 2);
    rig_get(&rig_anna, "/api/queue?category=other");
    assert_int_equal(rig_count("\"cluster\":"), 0);
    assert_int_equal(rig_count("\"categories\":[\"protest\"]"), 1);
    rig_act(&rig_anna, "claim", "clusters", &today.files[0]);
    assert_int_equal(got.status, 200);
    rig_get(&rig_anna, "/api/queue?claimed=me");
    assert_true(rig_shows(&today.files[0]) && !rig_shows(&before.files[0]));
    assert_int_equal(rig_count("\"claim\":\"anna\""), 1);
    rig_get(&rig_anna, "/api/queue?claimed=nobody");
    assert_true(!rig_shows(&today.files[0]) && rig_shows(&before.files[0]));
    rig_get(&rig_anna, "/api/queue?view=unknown");
    assert_int_equal(got.status, 400);
    rig_get(&rig_anna, "/api/queue?day_first=2026-13-01");
    assert_int_equal(got.status, 400);
}

static void queue__dismissal_applies_to_files_never_to_submissions(void **state)
{
    (void)state;
    Sent sent = rig_send(0, 2, false);
    rig_act(&rig_anna, "dismiss", "submissions", &sent.submission);
    assert_int_equal(got.status, 400);
    rig_act(&rig_anna, "dismiss", "clusters", &sent.submission);
    assert_int_equal(got.status, 200);
    assert_int_equal(rig_whole("changed"), 0);
    rig_act(&rig_anna, "dismiss", "clusters", &sent.files[0]);
    assert_int_equal(rig_whole("changed"), 1);
    rig_get(&rig_anna, "/api/queue");
    assert_true(!rig_shows(&sent.files[0]) && rig_shows(&sent.files[1]));
    rig_get(&rig_anna, "/api/queue?view=dismissed");
    assert_true(rig_shows(&sent.files[0]) && !rig_shows(&sent.files[1]));
}

static void queue__a_submission_with_words_or_an_answer_stays(void **state)
{
    (void)state;
    Sent silent = rig_send(0, 1, false);
    Sent talks = rig_send(0, 1, true);
    rig_act(&rig_anna, "dismiss", "clusters", &silent.files[0]);
    rig_act(&rig_anna, "dismiss", "clusters", &talks.files[0]);
    rig_get(&rig_anna, "/api/queue");
    assert_false(rig_shows(&silent.submission));
    assert_true(rig_shows(&talks.submission));
    assert_int_equal(rig_count("\"kind\":\"words\""), 1);
    rig_act(&rig_anna, "seen", "submissions", &talks.submission);
    assert_int_equal(rig_whole("changed"), 1);
    rig_get(&rig_anna, "/api/queue");
    assert_false(rig_shows(&talks.submission));
    /* Both come back when their senders write again. */
    rig_answer(&silent);
    rig_answer(&talks);
    rig_get(&rig_anna, "/api/queue");
    assert_true(rig_shows(&silent.submission) && rig_shows(&talks.submission));
    rig_act(&rig_anna, "seen", "submissions", &talks.submission);
    rig_get(&rig_anna, "/api/queue");
    assert_true(rig_shows(&silent.submission) && !rig_shows(&talks.submission));
}

static void queue__what_was_decided_outlives_a_restart(void **state)
{
    (void)state;
    Sent kept = rig_send(0, 1, false);
    Sent dismissed = rig_send(0, 1, true);
    rig_act(&rig_anna, "keep", "clusters", &kept.files[0]);
    rig_act(&rig_anna, "dismiss", "clusters", &dismissed.files[0]);
    rig_act(&rig_anna, "hold", "submissions", &kept.submission);
    rig_close();
    rig_open();
    rig_login(&rig_anna, "anna", RIG_PASSPHRASE, NULL);
    rig_get(&rig_anna, "/api/queue?view=kept");
    assert_true(rig_shows(&kept.files[0]) && !rig_shows(&dismissed.files[0]));
    assert_int_equal(rig_count("\"held\":true"), 1);
    rig_get(&rig_anna, "/api/queue?view=dismissed");
    assert_true(rig_shows(&dismissed.files[0]));
    rig_get(&rig_anna, "/api/queue");
    assert_true(rig_shows(&dismissed.submission) && !rig_shows(&kept.submission));
}

static void queue__a_submission_is_shown_sealed_as_it_lies(void **state)
{
    (void)state;
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    char address[128];
    Sent sent = rig_send(0, 2, true);
    rig_answer(&sent);
    rig_id_text(&sent.submission, text);
    snprintf(address, sizeof(address), "/api/submissions/%s", text);
    rig_get(&rig_anna, address);
    assert_int_equal(got.status, 200);
    assert_string_equal(rig_text("manifest"), "c2VhbGVkIG1hbmlmZXN0");
    assert_int_equal(rig_count("\"sealed\":\"c2VhbGVkIHdvcmRz\""), 1);
    assert_true(rig_shows(&sent.files[0]) && rig_shows(&sent.files[1]));
    assert_int_equal(rig_count("\"kind\":\"scrubbed\""), 2);
    text[0] = text[0] == 'a' ? 'b' : 'a';
    snprintf(address, sizeof(address), "/api/submissions/%s", text);
    rig_get(&rig_anna, address);
    assert_int_equal(got.status, 404);
    Browser nobody = { .cookie = "" };
    rig_get(&nobody, "/api/queue");
    assert_int_equal(got.status, 401);
    rig_get(&nobody, address);
    assert_int_equal(got.status, 401);
}

/* Nobody who sends can keep the desk from its work, or hide the last of many files. */
static void queue__a_submission_with_too_many_files_stays_and_stops_nothing(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    static OskFileRow rows[256];
    static OskChange changes[256];
    Sent many = rig_send(0, 1, false);
    Sent other = rig_send(0, 1, false);
    for (uint32_t number = 1; number <= UINT16_MAX; number += 256) {
        uint32_t count = 0;
        for (; count < 256 && number + count <= UINT16_MAX; count++) {
            rows[count] = (OskFileRow){ .submission = many.submission, .number = number + count };
            assert_true(osk_random_fill(NULL, &rows[count].id, sizeof(OskId)));
            changes[count] = (OskChange){ .kind = OSK_ROW_FILE_ADD, .row.file = &rows[count] };
        }
        assert_int_equal(osk_store_commit(rig.store, changes, count, NULL, &fault), OSK_COMMIT_OK);
    }
    rig_get(&rig_anna, "/api/queue");
    assert_int_equal(got.status, 200);
    rig_close();
    rig_open();
    rig_login(&rig_anna, "anna", RIG_PASSPHRASE, NULL);
    rig_act(&rig_anna, "keep", "clusters", &other.files[0]);
    assert_int_equal(rig_whole("changed"), 1);
    rig_get(&rig_anna, "/api/queue");
    assert_int_equal(got.status, 200);
    assert_true(rig_count("\"has_words\":true") > 0);
}

static size_t count_behind(void)
{
    OskModel *model = rig.desk->model;
    pthread_mutex_lock(&model->touched_lock);
    size_t count = model->touched_count;
    pthread_mutex_unlock(&model->touched_lock);
    return count;
}

static void queue__is_taken_in_also_while_nobody_asks(void **state)
{
    (void)state;
    enum { NIGHT = 300, PATIENCE_MS = 20000 };
    static OskRecordRow rows[NIGHT];
    static OskChange changes[NIGHT];
    OskFault fault = { 0 };
    OskId claimer = { { 1 } };
    int64_t until = osk_now_ms() + PATIENCE_MS;
    for (unsigned i = 0; i < NIGHT; i++) {
        rows[i] = (OskRecordRow){ .key = { .space = OSK_SPACE_CLAIM },
                                  .day = osk_desk_today(),
                                  .bytes = { .bytes = claimer.bytes, .len = sizeof(claimer) } };
        assert_true(osk_random_fill(NULL, &rows[i].key.id, sizeof(OskId)));
        changes[i] = (OskChange){ .kind = OSK_ROW_RECORD_SET, .row.record = &rows[i] };
    }
    assert_int_equal(osk_store_commit(rig.store, changes, NIGHT, NULL, &fault), OSK_COMMIT_OK);
    while (count_behind() >= NIGHT && osk_now_ms() < until) {
        usleep(10000);
    }
    assert_int_equal(count_behind(), 0);
    pthread_mutex_lock(&rig.desk->model->lock);
    for (unsigned i = 0; i < NIGHT; i++) {
        assert_non_null(osk_model_marks(rig.desk->model, &rows[i].key.id, false));
    }
    pthread_mutex_unlock(&rig.desk->model->lock);
}

int main(void)
{
    osk_seal_ready();
#define TEST(test) cmocka_unit_test_setup_teardown(test, rig_set_up_anna, rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(queue__shows_each_file_and_what_has_words_alone),
        TEST(queue__words_without_files_are_found_again_once_they_are_read),
        TEST(queue__tells_of_what_comes_and_goes_meanwhile),
        TEST(queue__pages_hold_each_row_once_newest_day_first),
        TEST(queue__filters_by_day_category_and_claim),
        TEST(queue__dismissal_applies_to_files_never_to_submissions),
        TEST(queue__a_submission_with_words_or_an_answer_stays),
        TEST(queue__what_was_decided_outlives_a_restart),
        TEST(queue__a_submission_is_shown_sealed_as_it_lies),
        TEST(queue__a_submission_with_too_many_files_stays_and_stops_nothing),
        TEST(queue__is_taken_in_also_while_nobody_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
