/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pages_rig.h"

#include <string.h>

#include "unit.h"

#define PAGE_BYTES 65536
#define RECEIPT FIELD("receipt", "one two mine")

static void post(const char *body)
{
    pages_post("/r", NULL, body, 0);
    assert_int_equal(pages_got.status, 200);
    assert_true(pages_say("PAGE 3"));
    assert_int_equal(pages_got.body_len, PAGE_BYTES);
}

static void page_receipt__every_answer_has_one_length(void **state)
{
    (void)state;
    static const char *const says[] = { "none", "begun", "found", "withdrawn" };
    for (int was = 0; was < 4; was++) {
        rig.receipt_state = was;
        rig.letter_count = was == 2 ? 50 : 0;
        post(RECEIPT FORM_END);
        assert_true(pages_say(says[was]));
        for (int other = 0; other < 4; other++) {
            assert_true(other == was || !pages_say(says[other]));
        }
    }
    post(FIELD("receipt", "some words") FORM_END);
    assert_true(pages_say("wrong_word"));
    assert_true(pages_say("number=1"));
    post(FORM_END);
    post(RECEIPT);
    rig.door_is_shut = true;
    post(RECEIPT FORM_END);
    assert_true(pages_say("busy"));
    rig.turns_are_full = true;
    post(RECEIPT FORM_END);
    assert_true(pages_say("busy"));
}

static void page_receipt__who_waits_at_the_door_gets_in(void **state)
{
    (void)state;
    rig.receipt_state = 2;
    rig.door_waits_once = true;
    for (size_t piece = 0; piece < 20; piece++) {
        pages_post("/r", NULL, RECEIPT FORM_END, piece);
        assert_true(pages_say("found"));
        assert_true(pages_say("receipt=one two mine"));
    }
}

static void page_receipt__the_newest_letters_are_those_that_fit(void **state)
{
    (void)state;
    rig.receipt_state = 2;
    rig.letter_count = 50;
    post(RECEIPT FORM_END);
    assert_true(pages_say("has_letters"));
    assert_non_null(strstr(pages_got.body, "].text=49 x"));
    assert_null(strstr(pages_got.body, "].text=0 x"));
    const char *older = strstr(pages_got.body, "\nolder=");
    assert_non_null(older);
    post(RECEIPT FIELD("before", "5") FORM_END);
    assert_non_null(strstr(pages_got.body, "].text=0 x"));
    assert_non_null(strstr(pages_got.body, "].text=4 x"));
    assert_null(strstr(pages_got.body, "].text=5 x"));
    assert_true(pages_say("newest="));
    /* Day 20,000 is the 4th of October, 2024. */
    assert_non_null(strstr(pages_got.body, "].day=2024-10-04"));
}

static void page_receipt__taking_back_needs_the_box(void **state)
{
    (void)state;
    rig.receipt_state = 2;
    post(RECEIPT FIELD("act", "withdraw") FORM_END);
    assert_true(pages_say("unsure"));
    assert_int_equal(rig.withdrawn, 0);
    post(RECEIPT FIELD("act", "withdraw") FIELD("sure", "yes") FORM_END);
    assert_int_equal(rig.withdrawn, 1);
}

static void page_receipt__what_is_held_is_said_to_be_kept(void **state)
{
    (void)state;
    rig.receipt_state = 2;
    rig.is_held = true;
    post(RECEIPT FIELD("act", "withdraw") FIELD("sure", "yes") FORM_END);
    assert_true(pages_say("held"));
    assert_false(pages_say("withdrawn"));
    assert_int_equal(pages_got.body_len, PAGE_BYTES);
}

static void page_receipt__a_field_has_an_end(void **state)
{
    (void)state;
    static char body[20000];
    memset(body, 'x', sizeof(body) - 1);
    static const char head[] = "--B\r\nContent-Disposition: form-data; name=\"receipt\"\r\n\r\n";
    memcpy(body, head, sizeof(head) - 1);
    post(body);
    assert_true(pages_say("wrong_count"));
}

static void page_receipt__asks_for_the_words_first(void **state)
{
    (void)state;
    RigAsk ask = { .method = "GET", .path = "/r" };
    pages_ask(&ask);
    assert_int_equal(pages_got.status, 200);
    assert_false(pages_say("found"));
    assert_true(pages_got.body_len < PAGE_BYTES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pages_set_up, pages_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(page_receipt__every_answer_has_one_length),
        TEST(page_receipt__who_waits_at_the_door_gets_in),
        TEST(page_receipt__the_newest_letters_are_those_that_fit),
        TEST(page_receipt__taking_back_needs_the_box),
        TEST(page_receipt__what_is_held_is_said_to_be_kept),
        TEST(page_receipt__a_field_has_an_end),
        TEST(page_receipt__asks_for_the_words_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
