/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/admission.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "world.h"

static int open_world(void **state)
{
    return world_open(state, (OskAdmissionLimits){ .active = 2, .slot_key = { 7 } }, 1000 * MIB);
}

static void make_busy(World *world, unsigned jobs)
{
    for (unsigned i = 0; i < jobs; i++) {
        osk_work_begin(world->admission, OSK_WORK_SCRUB);
    }
}

static void admission_slots__an_idle_machine_gives_a_good_one(void **state)
{
    World *world = *state;
    char slot[OSK_SLOT_TEXT_BYTES];
    int64_t wait = -1;
    assert_int_equal(osk_slot_issue(world->admission, 0, slot, &wait), OSK_OK);
    assert_int_equal(wait, 0);
    assert_int_equal(osk_slot_look(world->admission, slot, &wait), OSK_SLOT_GOOD);
    assert_int_equal(osk_slot_use(world->admission, slot), OSK_SLOT_GOOD);
}

static void admission_slots__one_is_good_once(void **state)
{
    World *world = *state;
    char slot[OSK_SLOT_TEXT_BYTES];
    int64_t wait = 0;
    osk_slot_issue(world->admission, 0, slot, &wait);
    assert_int_equal(osk_slot_use(world->admission, slot), OSK_SLOT_GOOD);
    assert_int_equal(osk_slot_use(world->admission, slot), OSK_SLOT_USED);
    assert_int_equal(osk_slot_look(world->admission, slot, &wait), OSK_SLOT_USED);
    /* Still after many others. */
    for (int i = 0; i < 110000; i++) {
        char other[OSK_SLOT_TEXT_BYTES];
        osk_slot_issue(world->admission, 0, other, &wait);
        osk_slot_use(world->admission, other);
    }
    assert_int_equal(osk_slot_use(world->admission, slot), OSK_SLOT_USED);
}

static void admission_slots__one_is_good_for_thirty_minutes(void **state)
{
    World *world = *state;
    char slot[OSK_SLOT_TEXT_BYTES];
    int64_t wait = 0;
    osk_slot_issue(world->admission, 0, slot, &wait);
    world->now += OSK_SLOT_MS - 1;
    assert_int_equal(osk_slot_look(world->admission, slot, &wait), OSK_SLOT_GOOD);
    world->now += 1;
    assert_int_equal(osk_slot_look(world->admission, slot, &wait), OSK_SLOT_OLD);
    assert_int_equal(osk_slot_use(world->admission, slot), OSK_SLOT_OLD);
}

static void admission_slots__a_changed_letter_makes_it_false(void **state)
{
    World *world = *state;
    char slot[OSK_SLOT_TEXT_BYTES];
    int64_t wait = 0;
    osk_slot_issue(world->admission, 0, slot, &wait);
    const size_t len = strlen(slot);
    for (size_t i = 0; i <= len; i++) {
        char changed[OSK_SLOT_TEXT_BYTES + 2];
        memcpy(changed, slot, len + 1);
        changed[i] = changed[i] == '1' ? '2' : '1';
        changed[len + 1] = '\0';
        assert_int_equal(osk_slot_use(world->admission, changed), OSK_SLOT_FALSE);
        memcpy(changed, slot, len + 1);
        changed[i] = '\0';
        if (i < len) {
            assert_int_equal(osk_slot_use(world->admission, changed), OSK_SLOT_FALSE);
        }
    }
    char longer[OSK_SLOT_TEXT_BYTES + 2];
    snprintf(longer, sizeof(longer), "0%s", slot);
    assert_int_equal(osk_slot_use(world->admission, longer), OSK_SLOT_FALSE);
    assert_int_equal(osk_slot_use(world->admission, ""), OSK_SLOT_FALSE);
    assert_int_equal(osk_slot_use(world->admission, slot), OSK_SLOT_GOOD);
}

static void ignore_wake(void *context)
{
    (void)context;
}

static OskTurn *begin(World *world, uint64_t len)
{
    OskTurn *turn = NULL;
    assert_int_equal(osk_turn_begin(world->admission, len, false, &turn, NULL, NULL), OSK_OK);
    return turn;
}

/* A slot that has not passed the door, of a machine that is busy. */
static void take_waiting_slot(World *world, unsigned effort, char slot[OSK_SLOT_TEXT_BYTES])
{
    int64_t wait = 0;
    assert_int_equal(osk_slot_issue(world->admission, effort, slot, &wait), OSK_OK);
    assert_in_range(wait, 1, 5000);
    assert_int_equal(osk_slot_look(world->admission, slot, &wait), OSK_SLOT_EARLY);
    assert_in_range(wait, 1, 5000);
}

static void admission_slots__under_load_the_wait_comes_before_the_form(void **state)
{
    World *world = *state;
    make_busy(world, 2);
    char slot[OSK_SLOT_TEXT_BYTES];
    int64_t wait = 0;
    take_waiting_slot(world, 0, slot);
    OskTurn *page = begin(world, 0);
    assert_int_equal(osk_turn_slot(page, slot), OSK_SLOT_EARLY);
    assert_int_equal(osk_turn_enter(page, ignore_wake, NULL, NULL), OSK_DOOR_WAIT);
    osk_work_end(world->admission, OSK_WORK_SCRUB);
    osk_work_end(world->admission, OSK_WORK_SCRUB);
    osk_admission_tick(world->admission);
    assert_int_equal(osk_turn_enter(page, ignore_wake, NULL, NULL), OSK_DOOR_OPEN);
    assert_int_equal(osk_turn_pass(&page, slot), OSK_OK);
    assert_null(page);
    assert_int_equal(osk_slot_look(world->admission, slot, &wait), OSK_SLOT_GOOD);
    /* What comes with it does not wait again, however busy it has become. */
    make_busy(world, 5);
    OskTurn *post = begin(world, 1 << 20);
    assert_int_equal(osk_turn_slot(post, slot), OSK_SLOT_GOOD);
    assert_int_equal(osk_turn_enter(post, ignore_wake, NULL, NULL), OSK_DOOR_OPEN);
    osk_turn_end(&post);
}

static void admission_slots__a_form_on_its_way_is_never_sent_back(void **state)
{
    World *world = *state;
    char slot[OSK_SLOT_TEXT_BYTES];
    int64_t wait = 0;
    osk_slot_issue(world->admission, 0, slot, &wait);
    /* Somebody writes for some minutes, and meanwhile the flood comes. */
    world->now += 10 * 60 * 1000;
    osk_admission_tick(world->admission);
    make_busy(world, 2);
    OskTurn *turn = begin(world, 1 << 20);
    assert_int_equal(osk_turn_slot(turn, slot), OSK_SLOT_GOOD);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(osk_turn_enter(turn, ignore_wake, NULL, NULL), OSK_DOOR_WAIT);
        world->now += 1000;
        osk_admission_tick(world->admission);
    }
    osk_turn_end(&turn);
}

static void admission_slots__who_has_not_passed_is_not_let_in_by_sending(void **state)
{
    World *world = *state;
    make_busy(world, 1);
    char slot[OSK_SLOT_TEXT_BYTES];
    take_waiting_slot(world, 0, slot);
    OskTurn *first = begin(world, 1 << 20);
    assert_int_equal(osk_turn_enter(first, ignore_wake, NULL, NULL), OSK_DOOR_WAIT);
    OskTurn *post = begin(world, 1 << 20);
    assert_int_equal(osk_turn_slot(post, slot), OSK_SLOT_EARLY);
    assert_int_equal(osk_turn_enter(post, ignore_wake, NULL, NULL), OSK_DOOR_WAIT);
    osk_work_end(world->admission, OSK_WORK_SCRUB);
    osk_admission_tick(world->admission);
    assert_int_equal(osk_turn_enter(first, ignore_wake, NULL, NULL), OSK_DOOR_OPEN);
    osk_turn_end(&post);
    osk_turn_end(&first);
}

static void admission_slots__effort_buys_a_shorter_line_and_nothing_else(void **state)
{
    World *world = *state;
    make_busy(world, 2);
    OskTurn *line[20];
    for (int i = 0; i < 20; i++) {
        line[i] = begin(world, 1 << 20);
        assert_int_equal(osk_turn_enter(line[i], ignore_wake, NULL, NULL), OSK_DOOR_WAIT);
    }
    char slot[OSK_SLOT_TEXT_BYTES];
    take_waiting_slot(world, 20, slot);
    OskTurn *worked = begin(world, 0);
    assert_int_equal(osk_turn_slot(worked, slot), OSK_SLOT_EARLY);
    assert_int_equal(osk_turn_enter(worked, ignore_wake, NULL, NULL), OSK_DOOR_WAIT);
    osk_work_end(world->admission, OSK_WORK_SCRUB);
    osk_work_end(world->admission, OSK_WORK_SCRUB);
    osk_admission_tick(world->admission);
    assert_int_equal(osk_turn_enter(worked, ignore_wake, NULL, NULL), OSK_DOOR_OPEN);
    osk_turn_end(&worked);
    osk_admission_tick(world->admission);
    assert_int_equal(osk_turn_enter(line[0], ignore_wake, NULL, NULL), OSK_DOOR_OPEN);
    for (int i = 0; i < 20; i++) {
        osk_turn_end(&line[i]);
    }
}

static void admission_slots__pages_that_nobody_uses_push_nobody_back(void **state)
{
    World *world = *state;
    char slot[OSK_SLOT_TEXT_BYTES];
    int64_t wait = 0;
    /* Somebody fetches the form again and again, and sends nothing. */
    for (int i = 0; i < 100000; i++) {
        osk_slot_issue(world->admission, 0, slot, &wait);
        world->now += i % 2;
        osk_admission_tick(world->admission);
    }
    unsigned waits = 0;
    for (int i = 0; i < 100; i++) {
        OskTurn *honest = begin(world, 1 << 20);
        waits += osk_turn_enter(honest, ignore_wake, NULL, NULL) == OSK_DOOR_WAIT;
        osk_turn_end(&honest);
        world->now += 10;
        osk_admission_tick(world->admission);
    }
    assert_true(waits <= 5);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, world_close)
    const struct CMUnitTest tests[] = {
        TEST(admission_slots__an_idle_machine_gives_a_good_one),
        TEST(admission_slots__one_is_good_once),
        TEST(admission_slots__one_is_good_for_thirty_minutes),
        TEST(admission_slots__a_changed_letter_makes_it_false),
        TEST(admission_slots__under_load_the_wait_comes_before_the_form),
        TEST(admission_slots__a_form_on_its_way_is_never_sent_back),
        TEST(admission_slots__who_has_not_passed_is_not_let_in_by_sending),
        TEST(admission_slots__effort_buys_a_shorter_line_and_nothing_else),
        TEST(admission_slots__pages_that_nobody_uses_push_nobody_back),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
