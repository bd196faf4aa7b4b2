/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/admission.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

typedef struct World {
    OskAdmission *admission;
    int64_t now;
} World;

static int64_t world_ms(void *context)
{
    return ((World *)context)->now;
}

static int open_world(void **state)
{
    static World world;
    world = (World){ .now = 1000 };
    const OskAdmissionLimits limits = {
        .active = 2, .slot_key = { 7 }, .clock_context = &world, .now_ms = world_ms
    };
    assert_int_equal(osk_admission_open(&world.admission, &limits), OSK_OK);
    *state = &world;
    return 0;
}

static int close_world(void **state)
{
    osk_admission_close(&((World *)*state)->admission);
    return 0;
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

static void admission_slots__under_load_the_wait_comes_before_the_form(void **state)
{
    World *world = *state;
    make_busy(world, 2);
    char slot[OSK_SLOT_TEXT_BYTES];
    int64_t wait = 0;
    for (int i = 0; i < 20; i++) {
        osk_slot_issue(world->admission, 0, slot, &wait);
    }
    assert_true(wait > 0);
    assert_int_equal(osk_slot_look(world->admission, slot, &wait), OSK_SLOT_EARLY);
    assert_in_range(wait, 1, 5000);
    world->now += 10 * 1000;
    assert_int_equal(osk_slot_look(world->admission, slot, &wait), OSK_SLOT_GOOD);
}

static void admission_slots__a_free_place_goes_to_whoever_looks(void **state)
{
    World *world = *state;
    make_busy(world, 2);
    char slot[OSK_SLOT_TEXT_BYTES];
    int64_t wait = 0;
    for (int i = 0; i < 20; i++) {
        osk_slot_issue(world->admission, 0, slot, &wait);
    }
    assert_int_equal(osk_slot_look(world->admission, slot, &wait), OSK_SLOT_EARLY);
    osk_work_end(world->admission, OSK_WORK_SCRUB);
    assert_int_equal(osk_slot_look(world->admission, slot, &wait), OSK_SLOT_GOOD);
    assert_int_equal(osk_slot_use(world->admission, slot), OSK_SLOT_GOOD);
}

static void admission_slots__a_form_on_its_way_is_never_sent_back(void **state)
{
    World *world = *state;
    make_busy(world, 2);
    char slot[OSK_SLOT_TEXT_BYTES];
    int64_t wait = 0;
    osk_slot_issue(world->admission, 0, slot, &wait);
    OskTurn *turn = NULL;
    osk_turn_begin(world->admission, 1 << 20, false, &turn, NULL, NULL);
    assert_int_equal(osk_turn_slot(turn, slot), OSK_SLOT_GOOD);
    assert_int_equal(osk_turn_enter(turn, NULL, NULL, NULL), OSK_DOOR_WAIT);
    for (int i = 0; i < 100; i++) {
        world->now += 1000;
        osk_admission_tick(world->admission);
        assert_int_equal(osk_turn_enter(turn, NULL, NULL, NULL), OSK_DOOR_WAIT);
    }
    osk_turn_end(&turn);
}

static void admission_slots__a_slot_that_has_become_good_is_let_in_at_once(void **state)
{
    World *world = *state;
    make_busy(world, 2);
    char slot[OSK_SLOT_TEXT_BYTES];
    int64_t wait = 0;
    osk_slot_issue(world->admission, 0, slot, &wait);
    world->now += 10 * 1000;
    assert_int_equal(osk_slot_look(world->admission, slot, &wait), OSK_SLOT_GOOD);
    OskTurn *turn = NULL;
    osk_turn_begin(world->admission, 1 << 20, false, &turn, NULL, NULL);
    assert_int_equal(osk_turn_slot(turn, slot), OSK_SLOT_GOOD);
    assert_int_equal(osk_turn_enter(turn, NULL, NULL, NULL), OSK_DOOR_OPEN);
    osk_turn_end(&turn);
}

static void admission_slots__effort_buys_time_and_nothing_else(void **state)
{
    World *world = *state;
    make_busy(world, 2);
    char slot[OSK_SLOT_TEXT_BYTES];
    int64_t plain = 0;
    int64_t worked = 0;
    for (int i = 0; i < 20; i++) {
        osk_slot_issue(world->admission, 0, slot, &plain);
    }
    osk_slot_issue(world->admission, 24, slot, &worked);
    assert_true(worked < plain);
    assert_true(worked > 0);
}

static void admission_slots__pages_that_nobody_uses_push_nobody_back(void **state)
{
    World *world = *state;
    char slot[OSK_SLOT_TEXT_BYTES];
    int64_t wait = 0;
    /* Somebody fetches the form again and again, and sends nothing. */
    for (int i = 0; i < 20000; i++) {
        osk_slot_issue(world->admission, 0, slot, &wait);
        world->now += 1;
        osk_admission_tick(world->admission);
    }
    make_busy(world, 2);
    for (int i = 0; i < 20000; i++) {
        osk_slot_issue(world->admission, 0, slot, &wait);
    }
    assert_in_range(strtoll(slot, NULL, 10) - world->now, 1, 60 * 1000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
    const struct CMUnitTest tests[] = {
        TEST(admission_slots__an_idle_machine_gives_a_good_one),
        TEST(admission_slots__one_is_good_once),
        TEST(admission_slots__one_is_good_for_thirty_minutes),
        TEST(admission_slots__a_changed_letter_makes_it_false),
        TEST(admission_slots__under_load_the_wait_comes_before_the_form),
        TEST(admission_slots__a_free_place_goes_to_whoever_looks),
        TEST(admission_slots__a_form_on_its_way_is_never_sent_back),
        TEST(admission_slots__a_slot_that_has_become_good_is_let_in_at_once),
        TEST(admission_slots__effort_buys_time_and_nothing_else),
        TEST(admission_slots__pages_that_nobody_uses_push_nobody_back),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
