/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include "desk/sessions.h"
#include "host/random.h"

#include <string.h>

static const OskRandom kernel = { .fill = osk_random_fill };
static const OskId anna = { { 1 } };
static const OskId bert = { { 2 } };
static OskSessions *sessions;

static int set_up(void **state)
{
    (void)state;
    sessions = osk_sessions_open();
    return sessions == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    osk_sessions_close(&sessions);
    return 0;
}

static void begin(const OskId *who, int64_t now_ms, char out[OSK_SESSION_TEXT_BYTES])
{
    assert_true(osk_sessions_begin(sessions, who, &kernel, now_ms, out));
}

static void sessions__each_login_gets_a_new_one(void **state)
{
    (void)state;
    char first[OSK_SESSION_TEXT_BYTES];
    char second[OSK_SESSION_TEXT_BYTES];
    OskSession one;
    OskSession two;
    begin(&anna, 0, first);
    begin(&anna, 0, second);
    assert_string_not_equal(first, second);
    assert_true(osk_sessions_find(sessions, first, 1, &one));
    assert_true(osk_sessions_find(sessions, second, 1, &two));
    assert_string_not_equal(one.token, two.token);
    assert_string_not_equal(one.token, first);
    assert_memory_equal(&one.reviewer, &anna, sizeof(anna));
}

static void sessions__end_when_left_alone_and_after_a_working_day(void **state)
{
    (void)state;
    char cookie[OSK_SESSION_TEXT_BYTES];
    OskSession session;
    begin(&anna, 0, cookie);
    assert_true(osk_sessions_find(sessions, cookie, OSK_SESSION_IDLE_MS - 1, &session));
    assert_false(osk_sessions_find(sessions, cookie, 2 * OSK_SESSION_IDLE_MS, &session));
    begin(&anna, 0, cookie);
    int64_t now = 0;
    for (; now < OSK_SESSION_MS - OSK_SESSION_IDLE_MS / 2; now += OSK_SESSION_IDLE_MS / 2) {
        assert_true(osk_sessions_find(sessions, cookie, now, &session));
    }
    assert_false(osk_sessions_find(sessions, cookie, OSK_SESSION_MS, &session));
    assert_false(osk_sessions_find(sessions, cookie, 1, &session));
}

static void sessions__a_made_up_cookie_opens_none(void **state)
{
    (void)state;
    char cookie[OSK_SESSION_TEXT_BYTES];
    OskSession session;
    begin(&anna, 0, cookie);
    cookie[31] = cookie[31] == '0' ? '1' : '0';
    assert_false(osk_sessions_find(sessions, cookie, 1, &session));
    assert_false(osk_sessions_find(sessions, "", 1, &session));
    assert_false(osk_sessions_find(sessions, NULL, 1, &session));
}

static void sessions__of_one_who_was_removed_are_over_and_of_others_not(void **state)
{
    (void)state;
    char of_anna[OSK_SESSION_TEXT_BYTES];
    char of_bert[OSK_SESSION_TEXT_BYTES];
    OskSession session;
    begin(&anna, 0, of_anna);
    begin(&bert, 0, of_bert);
    osk_sessions_end_all(sessions, &anna);
    assert_false(osk_sessions_find(sessions, of_anna, 1, &session));
    assert_true(osk_sessions_find(sessions, of_bert, 1, &session));
}

static void sessions__one_reviewer_drives_out_nobody_else(void **state)
{
    (void)state;
    char of_bert[OSK_SESSION_TEXT_BYTES];
    char cookie[OSK_SESSION_TEXT_BYTES];
    OskSession session;
    begin(&bert, 0, of_bert);
    for (int64_t i = 1; i <= 2 * (int64_t)OSK_SESSIONS_MAX; i++) {
        begin(&anna, i, cookie);
    }
    assert_true(osk_sessions_find(sessions, of_bert, 1, &session));
    assert_true(osk_sessions_find(sessions, cookie, 1, &session));
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(sessions__each_login_gets_a_new_one),
        TEST(sessions__end_when_left_alone_and_after_a_working_day),
        TEST(sessions__a_made_up_cookie_opens_none),
        TEST(sessions__of_one_who_was_removed_are_over_and_of_others_not),
        TEST(sessions__one_reviewer_drives_out_nobody_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
