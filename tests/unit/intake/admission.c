/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is let in, and whose bytes go first, on an injected clock: nothing here waits. */
#include "intake/admission.h"

#include <string.h>

#include "unit.h"
#include "world.h"

/* Three processors: two submissions are worked on at once. */
static int open_world(void **state)
{
    return world_open(state, (OskAdmissionLimits){ .active = 3, .slot_key = { 7 } }, 10000 * MIB);
}

/* Two bodies that run at full speed: the machine is busy. */
static void fill(World *world, OskTurn *out[2])
{
    for (int i = 0; i < 2; i++) {
        out[i] = world_begin(world, 5 * MIB, false);
        assert_int_equal(osk_turn_enter(out[i], world_count_wake, NULL, NULL), OSK_DOOR_OPEN);
        world_bring(out[i], MIB);
    }
}

static void admission__an_idle_machine_makes_nobody_wait(void **state)
{
    OskTurn *two[2];
    fill(*state, two);
    osk_turn_end(&two[0]);
    osk_turn_end(&two[1]);
    assert_null(two[0]);
    osk_turn_end(&two[0]);
}

static void admission__the_wait_comes_before_the_first_byte(void **state)
{
    World *world = *state;
    OskTurn *two[2];
    fill(world, two);
    unsigned woken = 0;
    OskTurn *third = world_begin(world, 5 * MIB, false);
    assert_int_equal(osk_turn_enter(third, world_count_wake, &woken, NULL), OSK_DOOR_WAIT);
    osk_admission_tick(world->admission);
    assert_int_equal(woken, 0);
    osk_turn_end(&two[0]);
    osk_admission_tick(world->admission);
    assert_int_equal(woken, 1);
    assert_int_equal(osk_turn_enter(third, world_count_wake, &woken, NULL), OSK_DOOR_OPEN);
    /* From here on it is not held up. */
    world_bring(third, 5 * MIB);
    osk_turn_end(&third);
    osk_turn_end(&two[1]);
}

static void admission__the_oldest_goes_first_and_asking_again_gains_nothing(void **state)
{
    World *world = *state;
    OskTurn *two[2];
    fill(world, two);
    unsigned woken[3] = { 0 };
    OskTurn *waiting[3];
    for (int i = 0; i < 3; i++) {
        waiting[i] = world_begin(world, 5 * MIB, false);
        assert_int_equal(osk_turn_enter(waiting[i], world_count_wake, &woken[i], NULL),
                         OSK_DOOR_WAIT);
    }
    /* The last one pushes. */
    for (int i = 0; i < 100; i++) {
        assert_int_equal(osk_turn_enter(waiting[2], world_count_wake, &woken[2], NULL),
                         OSK_DOOR_WAIT);
    }
    osk_turn_end(&two[0]);
    osk_admission_tick(world->admission);
    assert_int_equal(woken[0], 1);
    assert_int_equal(woken[1] + woken[2], 0);
    for (int i = 0; i < 3; i++) {
        osk_turn_end(&waiting[i]);
    }
    osk_turn_end(&two[1]);
}

static void admission__who_waited_too_long_for_a_proxy_comes_again(void **state)
{
    World *world = *state;
    OskTurn *two[2];
    fill(world, two);
    osk_work_begin(world->admission, OSK_WORK_SCRUB);
    osk_work_begin(world->admission, OSK_WORK_SCRUB);
    unsigned woken = 0;
    unsigned retry_s = 0;
    OskTurn *late = world_begin(world, 5 * MIB, false);
    assert_int_equal(osk_turn_enter(late, world_count_wake, &woken, NULL), OSK_DOOR_WAIT);
    world_pass(world, 46000);
    assert_int_equal(woken, 1);
    assert_int_equal(osk_turn_enter(late, world_count_wake, &woken, &retry_s), OSK_DOOR_LATER);
    assert_in_range(retry_s, 1, 10);
    osk_turn_end(&late);
    osk_turn_end(&two[0]);
    osk_turn_end(&two[1]);
}

static void admission__who_has_a_slot_is_never_sent_away(void **state)
{
    World *world = *state;
    OskTurn *two[2];
    fill(world, two);
    osk_work_begin(world->admission, OSK_WORK_SCRUB);
    osk_work_begin(world->admission, OSK_WORK_SCRUB);
    unsigned woken = 0;
    OskTurn *late = world_begin(world, 5 * MIB, true);
    assert_int_equal(osk_turn_enter(late, world_count_wake, &woken, NULL), OSK_DOOR_WAIT);
    world_pass(world, 120000);
    assert_int_equal(woken, 0);
    assert_int_equal(osk_turn_enter(late, world_count_wake, &woken, NULL), OSK_DOOR_WAIT);
    osk_turn_end(&two[0]);
    osk_turn_end(&two[1]);
    osk_work_end(world->admission, OSK_WORK_SCRUB);
    osk_work_end(world->admission, OSK_WORK_SCRUB);
    osk_admission_tick(world->admission);
    assert_int_equal(woken, 1);
    assert_int_equal(osk_turn_enter(late, world_count_wake, &woken, NULL), OSK_DOOR_OPEN);
    osk_turn_end(&late);
}

static void admission__a_flood_of_one_kind_leaves_half_to_the_other(void **state)
{
    World *world = *state;
    OskTurn *two[2];
    fill(world, two);
    unsigned plain = 0;
    unsigned slotted = 0;
    OskTurn *flood[50];
    for (int i = 0; i < 50; i++) {
        flood[i] = world_begin(world, 5 * MIB, false);
        assert_int_equal(osk_turn_enter(flood[i], world_count_wake, &plain, NULL), OSK_DOOR_WAIT);
    }
    OskTurn *honest = world_begin(world, 5 * MIB, true);
    assert_int_equal(osk_turn_enter(honest, world_count_wake, &slotted, NULL), OSK_DOOR_WAIT);
    osk_turn_end(&two[0]);
    osk_turn_end(&two[1]);
    osk_admission_tick(world->admission);
    assert_int_equal(plain, 1);
    assert_int_equal(slotted, 1);
    osk_turn_end(&honest);
    for (int i = 0; i < 50; i++) {
        osk_turn_end(&flood[i]);
    }
}

static void admission__a_creation_gives_its_place_to_its_bytes(void **state)
{
    World *world = *state;
    const uint8_t key[OSK_TICKET_KEY_BYTES] = "the upload";
    OskTurn *creation = world_begin(world, 0, false);
    assert_int_equal(osk_turn_enter(creation, world_count_wake, NULL, NULL), OSK_DOOR_OPEN);
    osk_turn_leave(&creation, key);
    assert_null(creation);
    OskTurn *two[2];
    osk_admission_tick(world->admission);
    world_pass(world, 600); /* it is not held any longer for it, but is still its own */
    fill(world, two);
    OskTurn *patch = world_begin(world, 5 * MIB, false);
    osk_turn_claim(patch, key);
    assert_int_equal(osk_turn_enter(patch, world_count_wake, NULL, NULL), OSK_DOOR_OPEN);
    OskTurn *again = world_begin(world, 5 * MIB, false);
    osk_turn_claim(again, key);
    unsigned woken = 0;
    assert_int_equal(osk_turn_enter(again, world_count_wake, &woken, NULL), OSK_DOOR_WAIT);
    osk_turn_end(&again);
    osk_turn_end(&patch);
    osk_turn_end(&two[0]);
    osk_turn_end(&two[1]);
}

static void admission__ten_thousand_empty_creations_hold_nobody_up(void **state)
{
    World *world = *state;
    uint64_t passed = 0;
    for (uint64_t i = 0; i < 10000; i++) {
        uint8_t key[OSK_TICKET_KEY_BYTES] = { 0 };
        memcpy(key, &i, sizeof(i));
        unsigned woken = 0;
        OskTurn *creation = world_begin(world, 0, false);
        if (osk_turn_enter(creation, world_count_wake, &woken, NULL) == OSK_DOOR_OPEN) {
            osk_turn_leave(&creation, key);
            passed++;
        }
        osk_turn_end(&creation);
        world_pass(world, 5);
    }
    /* What never comes is hoped for less and less. */
    assert_true(passed > 8000);
    unsigned waits = 0;
    for (int i = 0; i < 100; i++) {
        unsigned woken = 0;
        OskTurn *honest = world_begin(world, MIB, false);
        waits += osk_turn_enter(honest, world_count_wake, &woken, NULL) == OSK_DOOR_WAIT;
        osk_turn_end(&honest);
        world_pass(world, 5);
    }
    assert_true(waits <= 5);
}

static void admission__eight_thousand_slow_senders_take_no_place(void **state)
{
    World *world = *state;
    static OskTurn *slow[8000];
    static unsigned woken;
    for (int i = 0; i < 8000; i++) {
        slow[i] = world_begin(world, 100 * MIB, false);
        /* Each is let in, now or after a moment. */
        for (int tries = 0;
             osk_turn_enter(slow[i], world_count_wake, &woken, NULL) == OSK_DOOR_WAIT; tries++) {
            assert_true(tries < 10);
            world_pass(world, 500);
        }
        assert_int_equal(osk_turn_take(slow[i], 1024, world_count_wake, &woken), 1024);
    }
    for (int second = 0; second < 3; second++) {
        for (int i = 0; i < 8000; i++) {
            assert_int_equal(osk_turn_take(slow[i], 1024, world_count_wake, &woken), 1024);
        }
        OskAdmissionCounts counts;
        osk_admission_counts(world->admission, &counts);
        assert_int_equal(counts.running, 0);
        world_pass(world, 1000);
    }
    OskTurn *two[2];
    fill(world, two);
    osk_turn_end(&two[0]);
    osk_turn_end(&two[1]);
    for (int i = 0; i < 8000; i++) {
        osk_turn_end(&slow[i]);
    }
}

static void admission__slow_senders_stand_in_the_line_for_moments(void **state)
{
    World *world = *state;
    static OskTurn *slow[400];
    static unsigned woken[400];
    unsigned inside = 0;
    for (int i = 0; i < 400; i++) {
        slow[i] = world_begin(world, 100 * MIB, false);
        woken[i] = osk_turn_enter(slow[i], world_count_wake, &woken[i], NULL) == OSK_DOOR_OPEN;
    }
    /* A creation takes 30 ms; then the first bytes come, and few. */
    for (int rounds = 0; rounds < 100; rounds++) {
        unsigned let_in = 0;
        for (int i = 0; i < 400; i++) {
            if (woken[i] == 1) {
                assert_int_equal(osk_turn_enter(slow[i], world_count_wake, NULL, NULL),
                                 OSK_DOOR_OPEN);
                assert_int_equal(osk_turn_take(slow[i], 100, world_count_wake, NULL), 100);
                woken[i] = 2;
                let_in++;
            }
        }
        assert_in_range(let_in, 0, 32);
        inside += let_in;
        world_pass(world, 30);
    }
    assert_int_equal(inside, 400);
    for (int i = 0; i < 400; i++) {
        osk_turn_end(&slow[i]);
    }
}

static void admission__who_has_had_little_goes_before_who_has_had_much(void **state)
{
    World *world = *state;
    unsigned woken[4] = { 0 };
    OskTurn *large[3];
    for (int i = 0; i < 3; i++) {
        large[i] = world_begin(world, 1000 * MIB, true);
        assert_int_equal(osk_turn_enter(large[i], world_count_wake, NULL, NULL), OSK_DOOR_OPEN);
        world_bring(large[i], 20 * MIB);
    }
    /* Films at full speed don't shut the door to a small one; it finds no place at first, */
    OskTurn *small = world_begin(world, 5 * MIB, true);
    assert_int_equal(osk_turn_enter(small, world_count_wake, &woken[3], NULL), OSK_DOOR_OPEN);
    assert_int_equal(osk_turn_take(small, 16384, world_count_wake, &woken[3]), 0);
    /* and the next piece of a large one gives way. */
    assert_int_equal(osk_turn_take(large[0], 65537, world_count_wake, &woken[0]), 0);
    osk_admission_tick(world->admission);
    assert_int_equal(woken[3], 1);
    assert_int_equal(woken[0], 0);
    world_bring(small, 5 * MIB);
    osk_turn_end(&small);
    osk_admission_tick(world->admission);
    assert_int_equal(woken[0], 1);
    for (int i = 0; i < 3; i++) {
        osk_turn_end(&large[i]);
    }
}

static void admission__a_place_that_is_not_used_goes_to_the_next(void **state)
{
    World *world = *state;
    OskTurn *two[2];
    fill(world, two);
    unsigned woken = 0;
    OskTurn *third = world_begin(world, 5 * MIB, false);
    assert_int_equal(osk_turn_enter(third, world_count_wake, &woken, NULL), OSK_DOOR_WAIT);
    world_pass(world, 100); /* their senders have gone to sleep */
    assert_int_equal(woken, 1);
    osk_turn_end(&third);
    osk_turn_end(&two[0]);
    osk_turn_end(&two[1]);
}

static void admission__the_fields_of_a_form_pass_before_the_door(void **state)
{
    World *world = *state;
    OskTurn *two[2];
    fill(world, two);
    unsigned woken = 0;
    OskTurn *form = world_begin(world, 5 * MIB, false);
    assert_int_equal(osk_turn_take(form, 8192, world_count_wake, &woken), 8192);
    assert_int_equal(osk_turn_take(form, 16384, world_count_wake, &woken), 0);
    osk_turn_end(&two[0]);
    osk_admission_tick(world->admission);
    assert_int_equal(woken, 1);
    assert_int_equal(osk_turn_take(form, 16384, world_count_wake, &woken), 16384);
    osk_turn_end(&form);
    osk_turn_end(&two[1]);
}

static void admission__no_wake_comes_after_the_end(void **state)
{
    World *world = *state;
    OskTurn *two[2];
    fill(world, two);
    unsigned woken = 0;
    OskTurn *third = world_begin(world, 5 * MIB, false);
    assert_int_equal(osk_turn_enter(third, world_count_wake, &woken, NULL), OSK_DOOR_WAIT);
    osk_turn_end(&third);
    osk_turn_end(&two[0]);
    osk_turn_end(&two[1]);
    world_pass(world, 30000);
    assert_int_equal(woken, 0);
}

static void admission__more_turns_than_memory_is_for_come_later(void **state)
{
    World *world = *state;
    static OskTurn *turns[20000];
    size_t count = 0;
    unsigned retry_s = 0;
    OskFault fault = { 0 };
    OskStatus status = OSK_OK;
    while (count < 20000 && status == OSK_OK) {
        status = osk_turn_begin(world->admission, 1, false, &turns[count], &retry_s, &fault);
        count += status == OSK_OK;
    }
    assert_int_equal(status, OSK_LIMIT);
    assert_true(count >= 10000);
    assert_true(retry_s > 0);
    assert_non_null(fault.next);
    for (size_t i = 0; i < count; i++) {
        osk_turn_end(&turns[i]);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, world_close)
    const struct CMUnitTest tests[] = {
        TEST(admission__an_idle_machine_makes_nobody_wait),
        TEST(admission__the_wait_comes_before_the_first_byte),
        TEST(admission__the_oldest_goes_first_and_asking_again_gains_nothing),
        TEST(admission__who_waited_too_long_for_a_proxy_comes_again),
        TEST(admission__who_has_a_slot_is_never_sent_away),
        TEST(admission__a_flood_of_one_kind_leaves_half_to_the_other),
        TEST(admission__a_creation_gives_its_place_to_its_bytes),
        TEST(admission__ten_thousand_empty_creations_hold_nobody_up),
        TEST(admission__eight_thousand_slow_senders_take_no_place),
        TEST(admission__slow_senders_stand_in_the_line_for_moments),
        TEST(admission__who_has_had_little_goes_before_who_has_had_much),
        TEST(admission__a_place_that_is_not_used_goes_to_the_next),
        TEST(admission__the_fields_of_a_form_pass_before_the_door),
        TEST(admission__no_wake_comes_after_the_end),
        TEST(admission__more_turns_than_memory_is_for_come_later),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
