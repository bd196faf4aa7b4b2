/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pages_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

static void send_form(const char *body)
{
    rig.submitted = 0;
    pages_post("/submit", NULL, body, 0);
}

static void assert_problem(unsigned status, const char *why)
{
    assert_int_equal(pages_got.status, status);
    assert_true(pages_say(why));
    assert_int_equal(rig.submitted, 0);
}

/* `len` letters in the field `name`; free it. */
static char *long_field(const char *name, size_t len)
{
    char *body = calloc(1, len + 256);
    assert_non_null(body);
    size_t at = (size_t)snprintf(
        body, 256, "--B\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n", name);
    memset(body + at, 'x', len);
    snprintf(body + at + len, 128, "\r\n" FORM_END);
    return body;
}

static void fields__each_text_has_an_end(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t max;
    } fields[] = { { "message", 65536 }, { "place", 1023 }, { "time", 511 } };
    for (size_t i = 0; i < 3; i++) {
        char *body = long_field(fields[i].name, fields[i].max + 1);
        send_form(body);
        assert_problem(413, "textTooLong");
        free(body);
    }
    char *body = long_field("message", 65536);
    send_form(body);
    assert_int_equal(pages_got.status, 200);
    assert_int_equal(strlen(rig.message), 65536);
    free(body);
}

static void fields__a_text_is_utf_8_and_has_no_nul(void **state)
{
    (void)state;
    send_form(FIELD("message", "\xc3\xa9t\xc3\xa9") FORM_END);
    assert_int_equal(pages_got.status, 200);
    assert_string_equal(rig.message, "\xc3\xa9t\xc3\xa9");
    send_form(FIELD("message", "caf\xe9!") FORM_END);
    assert_problem(400, "form");
    static const char nul[] = FIELD("message", "a\0b") FORM_END;
    RigAsk ask = { .method = "POST",
                   .path = "/submit",
                   .headers = { PAGES_MULTIPART },
                   .body = nul,
                   .body_len = sizeof(nul) - 1 };
    pages_ask(&ask);
    assert_problem(400, "form");
}

static void fields__one_that_comes_twice_counts_as_it_came_last(void **state)
{
    (void)state;
    send_form(FIELD("message", "the first, which is longer") FIELD("place", "here and there")
                  FIELD("message", "last") FIELD("place", "here") FORM_END);
    assert_int_equal(pages_got.status, 200);
    assert_string_equal(rig.message, "last");
    assert_string_equal(rig.place, "here");
}

static void fields__unknown_ones_are_read_past(void **state)
{
    (void)state;
    send_form(FIELD("who", "somebody") FIELD("message", "x") FORM_END);
    assert_int_equal(pages_got.status, 200);
    assert_string_equal(rig.message, "x");
    send_form(FIELD("message", "x") FIELD("category", "invented") FORM_END);
    assert_int_equal(pages_got.status, 200);
    assert_string_equal(rig.category, "");
}

/* The default is never the other way. */
static void fields__an_original_is_chosen_before_its_file(void **state)
{
    (void)state;
    send_form(FIELD("kind", "original") FILE_FIELD("a.jpg", "first") FORM_END);
    assert_true((rig.submitted_flags & OSK_UPLOAD_ORIGINAL) != 0);
    send_form(FILE_FIELD("a.jpg", "first") FIELD("kind", "original") FORM_END);
    assert_true((rig.submitted_flags & OSK_UPLOAD_ORIGINAL) == 0);
    send_form(FIELD("kind", "scrub") FILE_FIELD("a.jpg", "first") FORM_END);
    assert_true((rig.submitted_flags & OSK_UPLOAD_ORIGINAL) == 0);
}

static void fields__where_nothing_can_be_scrubbed_an_original_is_taken(void **state)
{
    (void)state;
    pages_scrub_nothing();
    send_form(FIELD("message", "x") FILE_FIELD("a.jpg", "f") FORM_END);
    assert_problem(415, "uncleaned");
    assert_int_equal(rig_count_uploads(), 0);
    send_form(FIELD("message", "x") FORM_END);
    assert_int_equal(pages_got.status, 200);
    send_form(FIELD("kind", "original") FILE_FIELD("a.jpg", "f") FORM_END);
    assert_int_equal(pages_got.status, 200);
}

static void fields__a_paused_category_takes_words(void **state)
{
    (void)state;
    send_form(FIELD("message", "x") FIELD("category", "closed") FORM_END);
    assert_int_equal(pages_got.status, 200);
    assert_string_equal(rig.category, "closed");
    send_form(FIELD("message", "x") FIELD("category", "closed") FILE_FIELD("a.jpg", "f") FORM_END);
    assert_problem(422, "categoryPaused");
    send_form(FILE_FIELD("a.jpg", "f") FIELD("message", "x") FIELD("category", "closed") FORM_END);
    assert_problem(422, "categoryPaused");
}

#define HUNDRED                                                                                    \
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"  \
    "123456789"

static void fields__files_have_limits(void **state)
{
    (void)state;
    send_form(FILE_FIELD("a.jpg", HUNDRED) FORM_END);
    assert_int_equal(pages_got.status, 200);
    send_form(FILE_FIELD("a.jpg", HUNDRED "!") FORM_END);
    assert_problem(413, "fileTooLong");
    send_form(FILE_FIELD("a.jpg", HUNDRED) FILE_FIELD("b.jpg", HUNDRED) FORM_END);
    assert_problem(413, "tooLong");
    send_form(FILE_FIELD("a", "1") FILE_FIELD("b", "2") FILE_FIELD("c", "3") FORM_END);
    assert_problem(413, "tooMany");
}

static void fields__nothing_chosen_and_nothing_in_it_is_no_file(void **state)
{
    (void)state;
    send_form(FILE_FIELD("", "") FORM_END);
    assert_problem(422, "empty");
    send_form(FILE_FIELD("a.jpg", "") FORM_END);
    assert_problem(422, "empty");
    send_form(FIELD("message", " \t\r\n ") FORM_END);
    assert_problem(422, "empty");
    send_form(FIELD("message", "x") FILE_FIELD("a.jpg", "") FILE_FIELD("b.jpg", "b") FORM_END);
    assert_int_equal(pages_got.status, 200);
    assert_int_equal(rig.submitted_len, 1);
    assert_int_equal(rig_count_uploads(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pages_set_up, pages_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fields__each_text_has_an_end),
        TEST(fields__a_text_is_utf_8_and_has_no_nul),
        TEST(fields__one_that_comes_twice_counts_as_it_came_last),
        TEST(fields__unknown_ones_are_read_past),
        TEST(fields__an_original_is_chosen_before_its_file),
        TEST(fields__where_nothing_can_be_scrubbed_an_original_is_taken),
        TEST(fields__a_paused_category_takes_words),
        TEST(fields__files_have_limits),
        TEST(fields__nothing_chosen_and_nothing_in_it_is_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
