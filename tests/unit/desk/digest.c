/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of what came. */
#include "rig.h"

#include <stdio.h>
#include <string.h>

#include "desk/hex.h"

/* What the answer says of one day. */
static void expect_day(size_t ago, const char *said)
{
    char sought[128];
    const char *at = got.body;
    for (size_t i = 0; i <= ago; i++) {
        at = strstr(at + (i > 0 ? 1 : 0), "\"day\":\"");
        assert_non_null(at);
    }
    snprintf(sought, sizeof(sought), "%.*s", (int)(strcspn(at + 18, "}")), at + 18);
    assert_string_equal(sought, said);
}

static void digest__counts_days_and_names_nothing(void **state)
{
    (void)state;
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    Sent sent = rig_send(0, 3, false);
    rig_send(0, 1, true);
    rig_send(2, 0, true);
    rig_send(13, 2, false);
    rig_send(14, 4, false);
    rig_get(&rig_anna, "/api/digest");
    assert_int_equal(got.status, 200);
    assert_int_equal(rig_count("\"day\":"), 14);
    expect_day(0, ",\"submissions\":2,\"files\":4,\"unread\":1");
    expect_day(1, ",\"submissions\":0,\"files\":0,\"unread\":0");
    expect_day(2, ",\"submissions\":1,\"files\":0,\"unread\":1");
    expect_day(13, ",\"submissions\":1,\"files\":2,\"unread\":0");
    osk_hex_write(&sent.submission, sizeof(OskId), text);
    assert_int_equal(rig_count(text), 0);
    assert_int_equal(rig_count("\"id\""), 0);
    /* An answer by its sender is something new to read, and no arrival. */
    rig_answer(&sent);
    rig_get(&rig_anna, "/api/digest");
    expect_day(0, ",\"submissions\":2,\"files\":4,\"unread\":2");
}

static void digest__hundreds_are_as_long_as_one(void **state)
{
    (void)state;
    Browser nobody = { .cookie = "" };
    rig_get(&nobody, "/api/digest");
    assert_int_equal(got.status, 401);
    rig_get(&rig_anna, "/api/digest");
    size_t len = got.len;
    for (size_t i = 0; i < 300; i++) {
        rig_send(0, 4, true);
    }
    rig_get(&rig_anna, "/api/digest");
    expect_day(0, ",\"submissions\":300,\"files\":1200,\"unread\":300");
    /* But for the digits of the numbers. */
    assert_true(got.len < len + 32);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, rig_set_up_anna, rig_tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(digest__counts_days_and_names_nothing),
        TEST(digest__hundreds_are_as_long_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
