/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who comes to the desk, and who does not. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <liboath/oath.h>

#include "desk/hex.h"
#include "host/clock.h"
#include "host/folder.h"

static void desk__the_first_admin_comes_by_a_link_that_works_once(void **state)
{
    (void)state;
    Browser anna;
    char link[OSK_DESK_LINK_BYTES];
    char body[512];
    char recipient[OSK_RECIPIENT_TEXT_BYTES];
    Browser other = { .cookie = "" };
    osk_recipient_text(&rig.reviewer_key.recipient, recipient);
    assert_true(osk_desk_first_link(rig.desk, link));
    const char *const shape = "{\"link\":\"%s\",\"name\":\"%s\",\"passphrase\":\"%s\","
                              "\"recipient\":\"%s\"}";
    /* What is wrong with the rest does not use it up. */
    snprintf(body, sizeof(body), shape, link, "eve", "too short", recipient);
    rig_post(&other, "/api/first", body);
    assert_int_equal(got.status, 400);
    snprintf(body, sizeof(body), shape, "0123456789abcdef0123456789abcdef", "eve", RIG_PASSPHRASE,
             recipient);
    rig_post(&other, "/api/first", body);
    assert_int_equal(got.status, 403);
    snprintf(body, sizeof(body), shape, link, "anna", RIG_PASSPHRASE, recipient);
    anna = (Browser){ .cookie = "" };
    rig_post(&anna, "/api/first", body);
    assert_int_equal(got.status, 200);
    assert_string_equal(rig_text("role"), "admin");
    rig_post(&other, "/api/first", body);
    assert_int_equal(got.status, 403);
    assert_false(osk_desk_first_link(rig.desk, link));
    rig_get(&anna, "/api/me");
    assert_int_equal(got.status, 200);
    assert_string_equal(rig_text("name"), "anna");
    assert_string_equal(rig_text("recipient"), recipient);
    rig_get(&other, "/api/me");
    assert_int_equal(got.status, 401);
}

static void desk__a_session_that_was_there_before_the_login_is_not_used(void **state)
{
    (void)state;
    Browser anna;
    Browser victim = { .cookie = "0123456789abcdef0123456789abcdef" };
    rig_first(&anna);
    /* Of somebody's making. */
    rig_login(&victim, "anna", RIG_PASSPHRASE, NULL);
    assert_int_equal(got.status, 200);
    assert_string_not_equal(victim.cookie, "0123456789abcdef0123456789abcdef");
    /* A real one of the attacker's: it ends, and is not the victim's. */
    Browser attacker = anna;
    Browser second = { .cookie = "" };
    memcpy(second.cookie, attacker.cookie, sizeof(second.cookie));
    rig_login(&second, "anna", RIG_PASSPHRASE, NULL);
    assert_string_not_equal(second.cookie, attacker.cookie);
    rig_get(&attacker, "/api/me");
    assert_int_equal(got.status, 401);
    rig_get(&second, "/api/me");
    assert_int_equal(got.status, 200);
    rig_post(&second, "/api/logout", "{}");
    assert_int_equal(got.status, 200);
    assert_string_equal(second.cookie, "");
    rig_get(&victim, "/api/me");
    assert_int_equal(got.status, 200);
}

static void desk__a_change_needs_the_token_and_comes_from_its_own_page(void **state)
{
    (void)state;
    Browser anna;
    rig_first(&anna);
    Browser forged = anna;
    forged.without_token = true;
    rig_post(&forged, "/api/logout", "{}");
    assert_int_equal(got.status, 403);
    forged = anna;
    forged.origin = "https://elsewhere.example";
    rig_post(&forged, "/api/logout", "{}");
    assert_int_equal(got.status, 403);
    forged.origin = "";
    rig_post(&forged, "/api/logout", "{}");
    assert_int_equal(got.status, 403);
    forged = anna;
    forged.token[0] = forged.token[0] == 'a' ? 'b' : 'a';
    rig_post(&forged, "/api/logout", "{}");
    assert_int_equal(got.status, 403);
    /* Nor can another site log somebody in as whom it likes. */
    forged = (Browser){ .origin = "https://elsewhere.example" };
    rig_login(&forged, "anna", RIG_PASSPHRASE, NULL);
    assert_int_equal(got.status, 403);
    rig_get(&anna, "/api/me");
    assert_int_equal(got.status, 200);
}

static void desk__cookies_are_for_no_script_and_no_other_site(void **state)
{
    (void)state;
    Browser anna;
    rig_first(&anna);
    const char *cookie = strstr(got.head, "Set-Cookie: oilskin-desk=");
    assert_non_null(cookie);
    assert_non_null(strstr(cookie, "; Path=/; HttpOnly; SameSite=Strict\r\n"));
    rig_close();
    rig.origin = "https://desk.example";
    rig_open();
    rig_login(&anna, "anna", RIG_PASSPHRASE, NULL);
    assert_int_equal(got.status, 200);
    assert_non_null(strstr(got.head, "; Path=/; HttpOnly; SameSite=Strict; Secure\r\n"));
    /* The address that it listens on is not its origin now. */
    anna.origin = "http://127.0.0.1:8090";
    rig_post(&anna, "/api/logout", "{}");
    assert_int_equal(got.status, 403);
}

/* What a device keeps of a visit is what docs/desk.md lists. */
static void desk__a_device_keeps_no_name_and_forgets_with_the_session(void **state)
{
    (void)state;
    Browser anna;
    char id[OSK_HEX_BYTES(OSK_ID_BYTES)];
    rig_first(&anna);
    snprintf(id, sizeof(id), "%s", rig_text("id"));
    rig_login(&anna, "anna", RIG_PASSPHRASE, NULL);
    assert_int_equal(got.status, 200);
    size_t cookies = 0;
    for (const char *at = got.head; (at = strstr(at, "Set-Cookie: ")) != NULL; at++) {
        cookies++;
    }
    assert_int_equal(cookies, 2);
    assert_non_null(strstr(got.head, "Set-Cookie: oilskin-desk="));
    const char *known = strstr(got.head, "Set-Cookie: oilskin-desk-known=");
    assert_non_null(known);
    assert_non_null(strstr(known, "; Max-Age=172800\r\n"));
    assert_null(strstr(got.head, id));
    rig_post(&anna, "/api/logout", "{}");
    assert_int_equal(got.status, 200);
    assert_string_equal(anna.cookie, "");
    assert_string_equal(anna.known, "");
}

static void desk__a_wrong_name_is_told_as_a_wrong_passphrase(void **state)
{
    (void)state;
    Browser anna;
    Browser other = { .cookie = "" };
    char body[1024];
    rig_first(&anna);
    int64_t began = osk_now_ms();
    rig_login(&other, "anna", "wrong horse battery", NULL);
    int64_t known_ms = osk_now_ms() - began;
    assert_int_equal(got.status, 401);
    snprintf(body, sizeof(body), "%.1000s", got.body);
    began = osk_now_ms();
    rig_login(&other, "nobody", "wrong horse battery", NULL);
    int64_t unknown_ms = osk_now_ms() - began;
    assert_int_equal(got.status, 401);
    assert_string_equal(got.body, body);
    /* Both derived a key. */
    assert_true(unknown_ms * 4 > known_ms && known_ms * 4 > unknown_ms);
    assert_string_equal(other.cookie, "");
    /* A name of zeros opens nothing. */
    rig_login(&other, "", "", NULL);
    assert_int_equal(got.status, 401);
}

/* Others guess at anna's name until its lane is hot. */
static void desk__guessing_slows_guessers_and_not_a_browser_that_is_known(void **state)
{
    (void)state;
    Browser anna;
    rig_first(&anna);
    for (int i = 0; i < 5; i++) {
        Browser guesser = { .cookie = "" };
        rig_login(&guesser, "anna", "wrong horse battery", NULL);
        assert_int_equal(got.status, 401);
    }
    int64_t began = osk_now_ms();
    rig_login(&anna, "anna", RIG_PASSPHRASE, NULL);
    assert_int_equal(got.status, 200);
    assert_true(osk_now_ms() - began < 1500);
    /* One that is not known waits for the lane (2 s after five), and is then let in. */
    Browser new_one = { .cookie = "" };
    began = osk_now_ms();
    rig_login(&new_one, "anna", RIG_PASSPHRASE, NULL);
    assert_int_equal(got.status, 200);
    /* A mark of somebody's making is none. */
    Browser forger = { .cookie = "" };
    memcpy(forger.known, anna.known, sizeof(forger.known));
    forger.known[0] = forger.known[0] == 'a' ? 'b' : 'a';
    for (int i = 0; i < 4; i++) {
        rig_login(&forger, "anna", "wrong horse battery", NULL);
    }
    began = osk_now_ms();
    rig_login(&forger, "anna", "wrong horse battery", NULL);
    assert_true(osk_now_ms() - began >= 1000);
}

static void code_of(const char *key, char out[7], int step)
{
    char *secret = NULL;
    size_t len = 0;
    assert_int_equal(oath_base32_decode(key, strlen(key), &secret, &len), OATH_OK);
    assert_int_equal(oath_totp_generate(secret, len, time(NULL) + 30 * step, 30, 0, 6, out),
                     OATH_OK);
    free(secret);
}

static void desk__the_second_factor_is_asked_for_and_a_code_counts_once(void **state)
{
    (void)state;
    Browser anna;
    Browser other = { .cookie = "" };
    char key[64];
    char code[7];
    char body[64];
    rig_first(&anna);
    rig_post(&anna, "/api/totp", "{\"code\":\"000000\"}");
    assert_int_equal(got.status, 403);
    rig_post(&anna, "/api/totp", "{}");
    assert_int_equal(got.status, 400);
    rig_post(&anna, "/api/totp", "{\"passphrase\":\"wrong horse battery\"}");
    assert_int_equal(got.status, 403);
    rig_post(&anna, "/api/totp", "{\"passphrase\":\"" RIG_PASSPHRASE "\"}");
    assert_int_equal(got.status, 200);
    snprintf(key, sizeof(key), "%s", rig_text("key"));
    /* A key alone changes nothing: the phone may not have it. */
    rig_login(&other, "anna", RIG_PASSPHRASE, NULL);
    assert_int_equal(got.status, 200);
    code_of(key, code, -1);
    snprintf(body, sizeof(body), "{\"code\":\"%s\"}", code);
    rig_post(&anna, "/api/totp", body);
    assert_int_equal(got.status, 200);
    rig_login(&other, "anna", RIG_PASSPHRASE, NULL);
    assert_int_equal(got.status, 401);
    rig_login(&other, "anna", RIG_PASSPHRASE, code);
    assert_int_equal(got.status, 401);
    code_of(key, code, 1);
    rig_login(&other, "anna", RIG_PASSPHRASE, code);
    assert_int_equal(got.status, 200);
    rig_login(&other, "anna", RIG_PASSPHRASE, code);
    assert_int_equal(got.status, 401);
}

static bool holds_passphrase(void *context, const char *path, const struct stat *info)
{
    bool *found = context;
    char *bytes = malloc((size_t)info->st_size + 1);
    FILE *file = fopen(path, "re");
    if (bytes != NULL && file != NULL) {
        size_t len = fread(bytes, 1, (size_t)info->st_size, file);
        *found = *found || memmem(bytes, len, RIG_PASSPHRASE, strlen(RIG_PASSPHRASE)) != NULL;
    }
    if (file != NULL) {
        fclose(file);
    }
    free(bytes);
    return true;
}

static void desk__a_restart_keeps_reviewers_and_ends_sessions(void **state)
{
    (void)state;
    Browser anna;
    char link[OSK_DESK_LINK_BYTES];
    bool found = false;
    OskFault fault = { 0 };
    rig_first(&anna);
    rig_close();
    assert_int_equal(osk_folder_walk(rig.folder, NULL, holds_passphrase, &found, &fault), OSK_OK);
    assert_false(found);
    rig_open();
    rig_get(&anna, "/api/me");
    assert_int_equal(got.status, 401);
    assert_false(osk_desk_first_link(rig.desk, link));
    rig_login(&anna, "anna", RIG_PASSPHRASE, NULL);
    assert_int_equal(got.status, 200);
    assert_string_equal(rig_text("role"), "admin");
}

static void desk__takes_no_more_than_it_asked_for(void **state)
{
    (void)state;
    Browser anna;
    static char body[20000];
    rig_first(&anna);
    memset(body, ' ', sizeof(body) - 1);
    rig_post(&anna, "/api/logout", body);
    assert_int_equal(got.status, 413);
    rig_post(&anna, "/api/logout", "{\"extra\":1}");
    assert_int_equal(got.status, 400);
    rig_post(&anna, "/api/logout", "[");
    assert_int_equal(got.status, 400);
    rig_get(&anna, "/api/login");
    assert_int_equal(got.status, 405);
    rig_get(&anna, "/api/me");
    assert_int_equal(got.status, 200);
}

int main(void)
{
    osk_seal_ready();
    const struct CMUnitTest tests[] = {
        DESK_TEST(desk__the_first_admin_comes_by_a_link_that_works_once),
        DESK_TEST(desk__a_session_that_was_there_before_the_login_is_not_used),
        DESK_TEST(desk__a_change_needs_the_token_and_comes_from_its_own_page),
        DESK_TEST(desk__cookies_are_for_no_script_and_no_other_site),
        DESK_TEST(desk__a_device_keeps_no_name_and_forgets_with_the_session),
        DESK_TEST(desk__a_wrong_name_is_told_as_a_wrong_passphrase),
        DESK_TEST(desk__guessing_slows_guessers_and_not_a_browser_that_is_known),
        DESK_TEST(desk__the_second_factor_is_asked_for_and_a_code_counts_once),
        DESK_TEST(desk__a_restart_keeps_reviewers_and_ends_sessions),
        DESK_TEST(desk__takes_no_more_than_it_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
