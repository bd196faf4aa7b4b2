/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pages_rig.h"

#include <string.h>

#include "unit.h"

#define MIB (UINT64_C(1) << 20)
#define WORDS FIELD("receipt", "one two mine") FIELD("message", "These words took an hour.")
#define RECEIVED "PAGE 2"
#define PROBLEM "PAGE 4"

static void assert_refused(unsigned status, const char *why)
{
    assert_int_equal(pages_got.status, status);
    assert_true(pages_say(PROBLEM));
    assert_true(pages_say(why));
    assert_int_equal(rig.submitted, 0);
}

/* As large as it says, and read only as far as it is needed. */
static void announce(const char *body, uint64_t len)
{
    RigAsk ask = { .method = "POST",
                   .path = "/submit",
                   .headers = { PAGES_MULTIPART },
                   .body = body,
                   .announced = len };
    pages_ask(&ask);
}

static void form__words_and_files_are_one_submission(void **state)
{
    (void)state;
    static const char body[] = WORDS FIELD("place", "the bridge") FIELD("category", "protest")
        FIELD("kind", "scrub") FILE_FIELD("a.jpg", "first") FILE_FIELD("b.jpg", "second") FORM_END;
    for (size_t piece = 0; piece < 40; piece++) {
        rig_reset();
        rig.door_waits_once = piece % 3 == 1;
        pages_post("/submit", "good.1", body, piece);
        assert_int_equal(pages_got.status, 200);
        assert_true(pages_say(RECEIVED));
        assert_true(pages_say("receipt=one two mine"));
        assert_true(pages_say("files[1].number=2"));
        assert_true(pages_say("files[1].scrubbed"));
        assert_int_equal(rig.submitted, 1);
        assert_string_equal(rig.message, "These words took an hour.");
        assert_string_equal(rig.place, "the bridge");
        assert_string_equal(rig.category, "protest");
        assert_int_equal(rig.submitted_len, 11);
        assert_memory_equal(rig.submitted_bytes, "firstsecond", 11);
        assert_int_equal(rig_count_uploads(), 0);
    }
}

static void form__its_page_tells_it_from_another_with_the_same_words(void **state)
{
    (void)state;
    pages_post("/submit", "good.1", WORDS FORM_END, 0);
    assert_string_equal(rig.once, "good.1");
    assert_true(rig.sends_files_again);
    pages_post("/submit", NULL, WORDS FORM_END, 0);
    assert_string_equal(rig.once, "");
}

static void form__a_slot_that_is_not_good_throws_no_words_away(void **state)
{
    (void)state;
    static const char *const slots[] = { "good.1", "used.1", "old.1", "1.n.m", "false", "", NULL };
    for (size_t i = 0; i < 7; i++) {
        rig_reset();
        pages_post("/submit", slots[i], WORDS FILE_FIELD("a.jpg", "first") FORM_END, 0);
        assert_int_equal(pages_got.status, 200);
        assert_int_equal(rig.submitted, 1);
        assert_string_equal(rig.turn_slot, slots[i] != NULL ? slots[i] : "");
    }
}

static void form__no_room_is_said_before_the_first_file_and_the_words_come_back(void **state)
{
    (void)state;
    rig.disk_is_short = true;
    announce(WORDS FILE_FIELD("a.mp4", "first") FORM_END, MIB + 100);
    assert_refused(507, "disk");
    assert_true(pages_say("shorter"));
    assert_true(pages_say("message=These words took an hour."));
    assert_int_equal(rig_count_uploads(), 0);
    announce(WORDS FORM_END, MIB + 100);
    assert_int_equal(pages_got.status, 200);
    assert_int_equal(rig.submitted, 1);
}

static void form__room_is_asked_for_the_scrub_too(void **state)
{
    (void)state;
    announce(WORDS FIELD("kind", "original") FILE_FIELD("a.mp4", "first") FORM_END, MIB + 100);
    assert_int_equal(rig.asked_bytes, 100);
    announce(WORDS FILE_FIELD("a.mp4", "first") FORM_END, MIB + 100);
    assert_int_equal(rig.asked_bytes, 300);
}

static void form__too_much_is_said_before_the_first_file(void **state)
{
    (void)state;
    announce(WORDS FILE_FIELD("a.mp4", "first") FORM_END, MIB + 151);
    assert_refused(413, "tooLong");
    assert_true(pages_say("message=These words took an hour."));
    announce(WORDS FILE_FIELD("a.jpg", "first") FORM_END, MIB + 150);
    assert_int_equal(pages_got.status, 200);
}

static void form__a_pause_is_said_before_the_first_file(void **state)
{
    (void)state;
    pages_pause_large();
    announce(WORDS FILE_FIELD("a.mp4", "first") FORM_END, 33 * MIB + 1);
    assert_refused(413, "largePaused");
    assert_true(pages_say("message=These words took an hour."));
    announce(WORDS FILE_FIELD("a.jpg", "first") FORM_END, 33 * MIB);
    assert_int_equal(pages_got.status, 200);
}

static void form__no_place_at_the_door_gives_the_words_back(void **state)
{
    (void)state;
    rig.turns_are_full = true;
    for (size_t piece = 0; piece < 3; piece++) {
        pages_post("/submit", NULL, WORDS FILE_FIELD("a.jpg", "first") FORM_END, piece);
        assert_refused(503, "busy");
        assert_true(pages_say("message=These words took an hour."));
        pages_post("/submit", NULL, WORDS FORM_END, piece);
        assert_refused(503, "busy");
        assert_true(pages_say("message=These words took an hour."));
    }
}

static void form__a_stop_is_no_full_disk(void **state)
{
    (void)state;
    rig.is_parked = true;
    pages_post("/submit", NULL, WORDS FILE_FIELD("a.jpg", "first") FORM_END, 0);
    assert_refused(503, "busy");
    assert_false(pages_say("disk"));
    assert_true(pages_say("later"));
    assert_true(pages_say("message=These words took an hour."));
}

static void form__a_disk_that_fills_up_keeps_nothing_of_it(void **state)
{
    (void)state;
    rig.disk_is_full = true;
    pages_post("/submit", NULL, WORDS FILE_FIELD("a.jpg", "first") FORM_END, 0);
    assert_refused(507, "disk");
    pages_tear_down(NULL);
    assert_int_equal(rig_count_uploads(), 0);
    pages_set_up(NULL);
}

static void form__what_breaks_off_leaves_nothing(void **state)
{
    (void)state;
    static const char body[] =
        WORDS FILE_FIELD("a.jpg", "first") FILE_FIELD("b.jpg", "second") FORM_END;
    for (size_t cut = 1; cut < sizeof(body) - 1; cut++) {
        RigAsk ask = { .method = "POST",
                       .path = "/submit",
                       .headers = { PAGES_MULTIPART },
                       .body = body,
                       .cut_at = cut };
        pages_ask(&ask);
        assert_int_equal(pages_got.status, 0);
        assert_int_equal(rig.submitted, 0);
        if (cut % 16 == 0) {
            /* What is left behind goes on other threads. */
            pages_tear_down(NULL);
            assert_int_equal(rig_count_uploads(), 0);
            pages_set_up(NULL);
        }
    }
}

static void form__a_body_without_its_end_is_no_form(void **state)
{
    (void)state;
    pages_post("/submit", NULL, WORDS, 0);
    assert_refused(400, "form");
    RigAsk ask = { .method = "POST",
                   .path = "/submit",
                   .headers = { { "Content-Type", "text/plain" } },
                   .body = "message=x" };
    pages_ask(&ask);
    assert_refused(400, "form");
}

static void form__a_withdrawn_receipt_takes_nothing(void **state)
{
    (void)state;
    rig.receipt_state = 3;
    pages_post("/submit", NULL, WORDS FORM_END, 0);
    assert_refused(200, "withdrawn");
    /* Withdrawn after its receipt was looked at. */
    rig.receipt_state = 2;
    rig.is_overtaken = true;
    pages_post("/submit", NULL, WORDS FORM_END, 0);
    assert_refused(200, "withdrawn");
    assert_true(pages_say("message=These words took an hour."));
    rig.is_overtaken = false;
    rig.receipt_state = 0;
    pages_post("/submit", NULL, FIELD("receipt", "no words of ours") FIELD("message", "x") FORM_END,
               0);
    assert_refused(422, "receipt");
}

static void form__a_full_receipt_takes_nothing_and_gives_the_words_back(void **state)
{
    (void)state;
    rig.receipt_state = 2;
    rig.is_full = true;
    pages_post("/submit", NULL, WORDS FORM_END, 0);
    assert_refused(200, "full");
    assert_true(pages_say("message=These words took an hour."));
    size_t len = pages_got.body_len;
    rig.is_full = false;
    pages_post("/submit", NULL, WORDS FORM_END, 0);
    assert_int_equal(pages_got.status, 200);
    assert_true(pages_say(RECEIVED));
    assert_int_equal(pages_got.body_len, len);
}

/* Who watches the line sees one status and one length, whatever the receipt is. */
static void form__received_and_withdrawn_are_of_one_size(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        WORDS FORM_END,
        WORDS FIELD("place", "the bridge") FIELD("time", "noon") FILE_FIELD("a.jpg", "x") FORM_END,
    };
    for (size_t i = 0; i < 2; i++) {
        size_t len = 0;
        for (int was = 0; was < 4; was++) {
            rig.receipt_state = was;
            pages_post("/submit", NULL, bodies[i], 0);
            assert_int_equal(pages_got.status, 200);
            assert_true(pages_say(was == 3 ? PROBLEM : RECEIVED));
            assert_true(pages_got.body_len > 0 && (was == 0 || pages_got.body_len == len));
            len = pages_got.body_len;
        }
    }
}

static void form__place_and_time_come_back_with_the_words(void **state)
{
    (void)state;
    rig.submit_fails = true;
    pages_post("/submit", NULL, FIELD("place", "the bridge") FIELD("time", "noon") FORM_END, 0);
    assert_refused(422, "empty");
    assert_true(pages_say("place=the bridge"));
    pages_post("/submit", NULL, WORDS FIELD("place", "the bridge") FIELD("time", "noon") FORM_END,
               0);
    assert_refused(500, "fault");
    assert_true(pages_say("message=These words took an hour."));
    assert_true(pages_say("place=the bridge"));
    assert_true(pages_say("time=noon"));
    assert_true(pages_say("has_words"));
}

static void form__without_a_receipt_one_is_drawn(void **state)
{
    (void)state;
    pages_post("/submit", NULL, FIELD("message", "x") FORM_END, 0);
    assert_int_equal(pages_got.status, 200);
    assert_true(pages_say("receipt=one two three four five six seven eight"));
}

static void form__a_store_that_fails_is_said(void **state)
{
    (void)state;
    rig.submit_fails = true;
    pages_post("/submit", NULL, WORDS FORM_END, 0);
    assert_refused(500, "fault");
    assert_true(pages_say("message=These words took an hour."));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pages_set_up, pages_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(form__words_and_files_are_one_submission),
        TEST(form__its_page_tells_it_from_another_with_the_same_words),
        TEST(form__a_slot_that_is_not_good_throws_no_words_away),
        TEST(form__no_room_is_said_before_the_first_file_and_the_words_come_back),
        TEST(form__room_is_asked_for_the_scrub_too),
        TEST(form__too_much_is_said_before_the_first_file),
        TEST(form__a_pause_is_said_before_the_first_file),
        TEST(form__no_place_at_the_door_gives_the_words_back),
        TEST(form__a_stop_is_no_full_disk),
        TEST(form__a_disk_that_fills_up_keeps_nothing_of_it),
        TEST(form__what_breaks_off_leaves_nothing),
        TEST(form__a_body_without_its_end_is_no_form),
        TEST(form__a_withdrawn_receipt_takes_nothing),
        TEST(form__a_full_receipt_takes_nothing_and_gives_the_words_back),
        TEST(form__received_and_withdrawn_are_of_one_size),
        TEST(form__place_and_time_come_back_with_the_words),
        TEST(form__without_a_receipt_one_is_drawn),
        TEST(form__a_store_that_fails_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
