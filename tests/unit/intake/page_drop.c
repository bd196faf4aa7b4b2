/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pages_rig.h"

#include "unit.h"

#define FORM_PAGE "PAGE 0"
#define WAITING_PAGE "PAGE 1"

static void get(const char *slot)
{
    RigAsk ask = { .method = "GET",
                   .path = "/",
                   .query = { { slot != NULL ? "slot" : NULL, slot } } };
    pages_ask(&ask);
    assert_int_equal(pages_got.status, 200);
}

static void page_drop__the_form_says_who_how_much_and_the_receipt(void **state)
{
    (void)state;
    rig.form_is_free = true;
    get(NULL);
    assert_true(pages_say(FORM_PAGE));
    assert_true(pages_say("operator=The Gazette"));
    assert_true(pages_say("retain_days=90"));
    assert_true(pages_say("files_max=2"));
    assert_true(pages_say("submission_max=150"));
    assert_true(pages_say("slot=good.new"));
    assert_true(pages_say("receipt=one two three four five six seven eight"));
    assert_true(pages_say("words[7].word=eight"));
    assert_true(pages_say("categories[1].paused"));
    assert_false(pages_say("categories[0].paused"));
}

static void page_drop__a_busy_door_comes_before_the_form(void **state)
{
    (void)state;
    get(NULL);
    assert_true(pages_say(WAITING_PAGE));
    assert_true(pages_say("slot=1.n.m"));
    assert_true(pages_say("seconds=1"));
    assert_false(pages_say("receipt=one two three four five six seven eight"));
}

static void page_drop__who_has_waited_gets_the_form(void **state)
{
    (void)state;
    rig.door_waits_once = true;
    get("1.n.m");
    assert_true(pages_say(FORM_PAGE));
    assert_true(pages_say("slot=good.passed"));
    assert_string_equal(rig.turn_slot, "1.n.m");
}

static void page_drop__who_waited_in_vain_keeps_the_place(void **state)
{
    (void)state;
    rig.door_is_shut = true;
    get("1.n.m");
    assert_true(pages_say(WAITING_PAGE));
    assert_true(pages_say("slot=1.n.m"));
}

static void page_drop__a_good_slot_is_kept_and_others_are_not(void **state)
{
    (void)state;
    get("good.1");
    assert_true(pages_say(FORM_PAGE));
    assert_true(pages_say("slot=good.1"));
    rig.form_is_free = true;
    static const char *const slots[] = { "used.1", "old.1", "false", "" };
    for (size_t i = 0; i < 4; i++) {
        get(slots[i]);
        assert_true(pages_say(FORM_PAGE));
        assert_true(pages_say("slot=good.new"));
    }
}

static void page_drop__no_place_in_memory_is_a_longer_wait(void **state)
{
    (void)state;
    rig.turns_are_full = true;
    get("1.n.m");
    assert_true(pages_say(WAITING_PAGE));
}

static void page_drop__its_language_is_the_readers(void **state)
{
    (void)state;
    RigAsk ask = { .method = "GET", .path = "/", .headers = { { "Accept-Language", "es" } } };
    pages_ask(&ask);
    assert_string_equal(rig_header(&pages_got, "Content-Language"), "es");
    ask.query[0] = (RigHeader){ "lang", "fr" };
    pages_ask(&ask);
    assert_string_equal(rig_header(&pages_got, "Content-Language"), "fr");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pages_set_up, pages_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(page_drop__the_form_says_who_how_much_and_the_receipt),
        TEST(page_drop__a_busy_door_comes_before_the_form),
        TEST(page_drop__who_has_waited_gets_the_form),
        TEST(page_drop__who_waited_in_vain_keeps_the_place),
        TEST(page_drop__a_good_slot_is_kept_and_others_are_not),
        TEST(page_drop__no_place_in_memory_is_a_longer_wait),
        TEST(page_drop__its_language_is_the_readers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
