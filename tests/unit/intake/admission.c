/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fairness on an injected clock: nothing here waits. */
#include "intake/admission.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

#define MIB (1024ull * 1024)

typedef struct World {
    OskAdmission *admission;
    int64_t now;
    uint64_t disk_free;
    uint64_t disk_total;
    bool disk_is_gone;
} World;

static int64_t world_ms(void *context)
{
    return ((World *)context)->now;
}

static bool world_disk(void *context, uint64_t *out_free, uint64_t *out_total)
{
    World *world = context;
    *out_free = world->disk_free;
    *out_total = world->disk_total;
    return !world->disk_is_gone;
}

static OskAdmissionLimits limits_of(World *world)
{
    /* Three processors: two submissions are worked on at once. */
    return (OskAdmissionLimits){ .active = 3,
                                 .slot_key = { 7 },
                                 .clock_context = world,
                                 .now_ms = world_ms,
                                 .disk_context = world,
                                 .disk = world_disk };
}

static int open_world(void **state)
{
    static World world;
    world = (World){ .now = 1000, .disk_free = 10000 * MIB, .disk_total = 10000 * MIB };
    OskAdmissionLimits limits = limits_of(&world);
    assert_int_equal(osk_admission_open(&world.admission, &limits), OSK_OK);
    *state = &world;
    return 0;
}

static int close_world(void **state)
{
    World *world = *state;
    osk_admission_close(&world->admission);
    return 0;
}

static void pass(World *world, int64_t ms)
{
    for (int64_t end = world->now + ms; world->now < end;) {
        world->now += 5;
        osk_admission_tick(world->admission);
    }
}

static void count_wake(void *context)
{
    ++*(unsigned *)context;
}

static OskTurn *begin(World *world, uint64_t len, bool has_waited)
{
    OskTurn *turn = NULL;
    assert_int_equal(osk_turn_begin(world->admission, len, has_waited, &turn, NULL, NULL), OSK_OK);
    return turn;
}

/* Runs `turn` up to `len` bytes; it must not be held up. */
static void bring(OskTurn *turn, uint64_t len)
{
    static unsigned ignored;
    for (uint64_t at = 0; at < len; at += 16384) {
        assert_int_equal(osk_turn_take(turn, 16384, count_wake, &ignored), 16384);
    }
}

/* Two bodies that run at full speed: the machine is busy. */
static void fill(World *world, OskTurn *out[2])
{
    for (int i = 0; i < 2; i++) {
        out[i] = begin(world, 5 * MIB, false);
        assert_int_equal(osk_turn_enter(out[i], count_wake, NULL, NULL), OSK_DOOR_OPEN);
        bring(out[i], MIB);
    }
}

/* ---- the door ---- */

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
    OskTurn *third = begin(world, 5 * MIB, false);
    assert_int_equal(osk_turn_enter(third, count_wake, &woken, NULL), OSK_DOOR_WAIT);
    osk_admission_tick(world->admission);
    assert_int_equal(woken, 0);
    osk_turn_end(&two[0]);
    osk_admission_tick(world->admission);
    assert_int_equal(woken, 1);
    assert_int_equal(osk_turn_enter(third, count_wake, &woken, NULL), OSK_DOOR_OPEN);
    /* From here on it is not held up. */
    bring(third, 5 * MIB);
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
        waiting[i] = begin(world, 5 * MIB, false);
        assert_int_equal(osk_turn_enter(waiting[i], count_wake, &woken[i], NULL), OSK_DOOR_WAIT);
    }
    /* The last one pushes. */
    for (int i = 0; i < 100; i++) {
        assert_int_equal(osk_turn_enter(waiting[2], count_wake, &woken[2], NULL), OSK_DOOR_WAIT);
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
    OskTurn *late = begin(world, 5 * MIB, false);
    assert_int_equal(osk_turn_enter(late, count_wake, &woken, NULL), OSK_DOOR_WAIT);
    pass(world, 46000);
    assert_int_equal(woken, 1);
    assert_int_equal(osk_turn_enter(late, count_wake, &woken, &retry_s), OSK_DOOR_LATER);
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
    OskTurn *late = begin(world, 5 * MIB, true);
    assert_int_equal(osk_turn_enter(late, count_wake, &woken, NULL), OSK_DOOR_WAIT);
    pass(world, 120000);
    assert_int_equal(woken, 0);
    assert_int_equal(osk_turn_enter(late, count_wake, &woken, NULL), OSK_DOOR_WAIT);
    osk_turn_end(&two[0]);
    osk_turn_end(&two[1]);
    osk_work_end(world->admission, OSK_WORK_SCRUB);
    osk_work_end(world->admission, OSK_WORK_SCRUB);
    osk_admission_tick(world->admission);
    assert_int_equal(woken, 1);
    assert_int_equal(osk_turn_enter(late, count_wake, &woken, NULL), OSK_DOOR_OPEN);
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
        flood[i] = begin(world, 5 * MIB, false);
        assert_int_equal(osk_turn_enter(flood[i], count_wake, &plain, NULL), OSK_DOOR_WAIT);
    }
    OskTurn *honest = begin(world, 5 * MIB, true);
    assert_int_equal(osk_turn_enter(honest, count_wake, &slotted, NULL), OSK_DOOR_WAIT);
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

static void admission__work_behind_bodies_keeps_the_door_shut(void **state)
{
    World *world = *state;
    osk_work_begin(world->admission, OSK_WORK_SCRUB);
    osk_work_begin(world->admission, OSK_WORK_SCRUB);
    osk_work_begin(world->admission, OSK_WORK_RECEIPT);
    unsigned woken = 0;
    OskTurn *turn = begin(world, 5 * MIB, false);
    assert_int_equal(osk_turn_enter(turn, count_wake, &woken, NULL), OSK_DOOR_WAIT);
    osk_work_end(world->admission, OSK_WORK_RECEIPT);
    osk_admission_tick(world->admission);
    assert_int_equal(woken, 0);
    osk_work_end(world->admission, OSK_WORK_SCRUB);
    osk_admission_tick(world->admission);
    assert_int_equal(woken, 1);
    osk_turn_end(&turn);
    osk_work_end(world->admission, OSK_WORK_SCRUB);
}

/* On two processors one is worked on at a time. Between its body and the last of its work there are
 * moments in which nothing of it runs: nobody slips in. */
static void admission__nobody_slips_in_between_a_body_and_its_work(void **state)
{
    World *world = *state;
    OskAdmissionLimits limits = limits_of(world);
    limits.active = 2;
    osk_admission_set(world->admission, &limits);
    unsigned woken = 0;
    OskTurn *first = begin(world, MIB, false);
    OskTurn *next = begin(world, MIB, false);
    assert_int_equal(osk_turn_enter(first, count_wake, NULL, NULL), OSK_DOOR_OPEN);
    assert_int_equal(osk_turn_enter(next, count_wake, &woken, NULL), OSK_DOOR_WAIT);
    bring(first, MIB);
    osk_admission_tick(world->admission);
    osk_turn_end(&first);
    pass(world, 200); /* the disk is slow */
    osk_work_begin(world->admission, OSK_WORK_RECEIPT);
    osk_admission_tick(world->admission);
    osk_work_pass_on(world->admission, OSK_WORK_RECEIPT);
    pass(world, 200); /* its uploads are looked at */
    osk_work_begin(world->admission, OSK_WORK_SCRUB);
    osk_admission_tick(world->admission);
    assert_int_equal(woken, 0);
    osk_work_end(world->admission, OSK_WORK_SCRUB);
    osk_admission_tick(world->admission);
    assert_int_equal(woken, 1);
    osk_turn_end(&next);
}

/* ---- creations that pass their place on ---- */

static void admission__a_creation_gives_its_place_to_its_bytes(void **state)
{
    World *world = *state;
    const uint8_t key[OSK_TICKET_KEY_BYTES] = "the upload";
    OskTurn *creation = begin(world, 0, false);
    assert_int_equal(osk_turn_enter(creation, count_wake, NULL, NULL), OSK_DOOR_OPEN);
    osk_turn_leave(&creation, key);
    assert_null(creation);
    OskTurn *two[2];
    osk_admission_tick(world->admission);
    pass(world, 600); /* it is not held any longer for it, but is still its own */
    fill(world, two);
    OskTurn *patch = begin(world, 5 * MIB, false);
    osk_turn_claim(patch, key);
    assert_int_equal(osk_turn_enter(patch, count_wake, NULL, NULL), OSK_DOOR_OPEN);
    OskTurn *again = begin(world, 5 * MIB, false);
    osk_turn_claim(again, key);
    unsigned woken = 0;
    assert_int_equal(osk_turn_enter(again, count_wake, &woken, NULL), OSK_DOOR_WAIT);
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
        OskTurn *creation = begin(world, 0, false);
        if (osk_turn_enter(creation, count_wake, &woken, NULL) == OSK_DOOR_OPEN) {
            osk_turn_leave(&creation, key);
            passed++;
        }
        osk_turn_end(&creation);
        pass(world, 5);
    }
    /* What never comes is hoped for less and less. */
    assert_true(passed > 8000);
    unsigned waits = 0;
    for (int i = 0; i < 100; i++) {
        unsigned woken = 0;
        OskTurn *honest = begin(world, MIB, false);
        waits += osk_turn_enter(honest, count_wake, &woken, NULL) == OSK_DOOR_WAIT;
        osk_turn_end(&honest);
        pass(world, 5);
    }
    assert_true(waits <= 5);
}

/* ---- bytes ---- */

static void admission__eight_thousand_slow_senders_take_no_place(void **state)
{
    World *world = *state;
    static OskTurn *slow[8000];
    static unsigned woken;
    for (int i = 0; i < 8000; i++) {
        slow[i] = begin(world, 100 * MIB, false);
        /* Each is let in, now or after a moment. */
        for (int tries = 0; osk_turn_enter(slow[i], count_wake, &woken, NULL) == OSK_DOOR_WAIT;
             tries++) {
            assert_true(tries < 10);
            pass(world, 500);
        }
        assert_int_equal(osk_turn_take(slow[i], 1024, count_wake, &woken), 1024);
    }
    for (int second = 0; second < 3; second++) {
        for (int i = 0; i < 8000; i++) {
            assert_int_equal(osk_turn_take(slow[i], 1024, count_wake, &woken), 1024);
        }
        OskAdmissionCounts counts;
        osk_admission_counts(world->admission, &counts);
        assert_int_equal(counts.running, 0);
        pass(world, 1000);
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
        slow[i] = begin(world, 100 * MIB, false);
        woken[i] = osk_turn_enter(slow[i], count_wake, &woken[i], NULL) == OSK_DOOR_OPEN;
    }
    /* A creation takes 30 ms; then the first bytes come, and few. */
    for (int rounds = 0; rounds < 100; rounds++) {
        unsigned let_in = 0;
        for (int i = 0; i < 400; i++) {
            if (woken[i] == 1) {
                assert_int_equal(osk_turn_enter(slow[i], count_wake, NULL, NULL), OSK_DOOR_OPEN);
                assert_int_equal(osk_turn_take(slow[i], 100, count_wake, NULL), 100);
                woken[i] = 2;
                let_in++;
            }
        }
        assert_in_range(let_in, 0, 32);
        inside += let_in;
        pass(world, 30);
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
        large[i] = begin(world, 1000 * MIB, true);
        assert_int_equal(osk_turn_enter(large[i], count_wake, NULL, NULL), OSK_DOOR_OPEN);
        bring(large[i], 20 * MIB);
    }
    /* Films at full speed don't shut the door to a small one; it finds no place at first, */
    OskTurn *small = begin(world, 5 * MIB, true);
    assert_int_equal(osk_turn_enter(small, count_wake, &woken[3], NULL), OSK_DOOR_OPEN);
    assert_int_equal(osk_turn_take(small, 16384, count_wake, &woken[3]), 0);
    /* and the next piece of a large one gives way. */
    assert_int_equal(osk_turn_take(large[0], 65537, count_wake, &woken[0]), 0);
    osk_admission_tick(world->admission);
    assert_int_equal(woken[3], 1);
    assert_int_equal(woken[0], 0);
    bring(small, 5 * MIB);
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
    OskTurn *third = begin(world, 5 * MIB, false);
    assert_int_equal(osk_turn_enter(third, count_wake, &woken, NULL), OSK_DOOR_WAIT);
    pass(world, 100); /* their senders have gone to sleep */
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
    OskTurn *form = begin(world, 5 * MIB, false);
    assert_int_equal(osk_turn_take(form, 8192, count_wake, &woken), 8192);
    assert_int_equal(osk_turn_take(form, 16384, count_wake, &woken), 0);
    osk_turn_end(&two[0]);
    osk_admission_tick(world->admission);
    assert_int_equal(woken, 1);
    assert_int_equal(osk_turn_take(form, 16384, count_wake, &woken), 16384);
    osk_turn_end(&form);
    osk_turn_end(&two[1]);
}

/* A page that sends its files before it submits them, or a client that never does. */
static void admission__uploads_that_wait_for_others_soon_cost_little(void **state)
{
    World *world = *state;
    for (int i = 0; i < 20; i++) {
        OskTurn *turn = begin(world, 16384, false);
        assert_int_equal(osk_turn_enter(turn, count_wake, NULL, NULL), OSK_DOOR_OPEN);
        bring(turn, 16384);
        osk_turn_is_alone(turn, i % 2 == 0 ? NULL : (const uint8_t *)"never submitted.");
        osk_turn_end(&turn);
    }
    OskTurn *many[8];
    for (int i = 0; i < 8; i++) {
        many[i] = begin(world, MIB, false);
        assert_int_equal(osk_turn_enter(many[i], count_wake, NULL, NULL), OSK_DOOR_OPEN);
    }
    for (int i = 0; i < 8; i++) {
        osk_turn_end(&many[i]);
    }
}

/* How many of eight are let in at once. */
static int let_in_of_eight(World *world)
{
    OskTurn *many[8];
    int let_in = 0;
    for (int i = 0; i < 8; i++) {
        many[i] = begin(world, MIB, false);
        let_in += osk_turn_enter(many[i], count_wake, &(unsigned){ 0 }, NULL) == OSK_DOOR_OPEN;
    }
    for (int i = 0; i < 8; i++) {
        osk_turn_end(&many[i]);
    }
    return let_in;
}

static void wait_and_bring(World *world, OskTurn *turn, uint64_t len)
{
    unsigned woken = 0;
    for (int i = 0; osk_turn_enter(turn, count_wake, &woken, NULL) != OSK_DOOR_OPEN; i++) {
        assert_true(i < 1000);
        pass(world, 5);
    }
    bring(turn, len);
}

/* A loaded disk: the work behind a body comes when its place is held no more. */
static void admission__work_that_comes_late_is_expected_all_the_same(void **state)
{
    World *world = *state;
    for (int i = 0; i < 30; i++) {
        OskTurn *turn = begin(world, 16384, false);
        wait_and_bring(world, turn, 16384);
        osk_turn_end(&turn);
        pass(world, 800);
        osk_work_begin(world->admission, OSK_WORK_SCRUB);
        pass(world, 100);
        osk_work_end(world->admission, OSK_WORK_SCRUB);
    }
    assert_in_range(let_in_of_eight(world), 1, 2);
}

static void submit_what_waits(World *world, const uint8_t key[OSK_TICKET_KEY_BYTES])
{
    OskTurn *turn = begin(world, 200, true);
    assert_int_equal(osk_turn_take(turn, 200, count_wake, NULL), 200);
    osk_turn_claim(turn, key);
    assert_int_equal(osk_turn_enter(turn, count_wake, NULL, NULL), OSK_DOOR_OPEN);
    osk_turn_end(&turn);
    osk_work_begin(world->admission, OSK_WORK_SCRUB);
    pass(world, 100);
    osk_work_end(world->admission, OSK_WORK_SCRUB);
}

/* The page with its script: an upload that waits, and a request that submits it. */
static void admission__who_has_uploaded_submits_without_waiting_again(void **state)
{
    World *world = *state;
    const uint8_t key[OSK_TICKET_KEY_BYTES] = "what is uploaded";
    OskTurn *upload = begin(world, MIB, false);
    wait_and_bring(world, upload, MIB);
    osk_turn_is_alone(upload, key);
    osk_turn_end(&upload);
    OskTurn *two[2];
    fill(world, two);
    pass(world, 700);
    osk_work_begin(world->admission, OSK_WORK_SCRUB);
    osk_work_begin(world->admission, OSK_WORK_SCRUB);
    unsigned woken = 0;
    OskTurn *other = begin(world, 200, true);
    assert_int_equal(osk_turn_enter(other, count_wake, &woken, NULL), OSK_DOOR_WAIT);
    submit_what_waits(world, key);
    osk_turn_end(&other);
    osk_work_end(world->admission, OSK_WORK_SCRUB);
    osk_work_end(world->admission, OSK_WORK_SCRUB);
    osk_turn_end(&two[0]);
    osk_turn_end(&two[1]);
}

static void admission__uploads_that_are_submitted_cost_what_that_does(void **state)
{
    World *world = *state;
    for (unsigned i = 0; i < 30; i++) {
        uint8_t key[OSK_TICKET_KEY_BYTES] = { (uint8_t)i, 1 };
        OskTurn *turn = begin(world, 16384, false);
        wait_and_bring(world, turn, 16384);
        osk_turn_is_alone(turn, key);
        osk_turn_end(&turn);
        pass(world, 800); /* the disk is slow */
        submit_what_waits(world, key);
    }
    assert_in_range(let_in_of_eight(world), 1, 2);
}

static void admission__uploads_that_nobody_submits_are_let_in_by_more(void **state)
{
    World *world = *state;
    for (int i = 0; i < 100; i++) {
        OskTurn *turn = begin(world, 16384, false);
        while (osk_turn_enter(turn, count_wake, &(unsigned){ 0 }, NULL) != OSK_DOOR_OPEN) {
            pass(world, 5);
        }
        bring(turn, 16384);
        osk_turn_end(&turn);
        pass(world, 100);
    }
    OskTurn *many[8];
    for (int i = 0; i < 8; i++) {
        many[i] = begin(world, MIB, false);
        assert_int_equal(osk_turn_enter(many[i], count_wake, NULL, NULL), OSK_DOOR_OPEN);
    }
    for (int i = 0; i < 8; i++) {
        osk_turn_end(&many[i]);
    }
}

static void admission__no_wake_comes_after_the_end(void **state)
{
    World *world = *state;
    OskTurn *two[2];
    fill(world, two);
    unsigned woken = 0;
    OskTurn *third = begin(world, 5 * MIB, false);
    assert_int_equal(osk_turn_enter(third, count_wake, &woken, NULL), OSK_DOOR_WAIT);
    osk_turn_end(&third);
    osk_turn_end(&two[0]);
    osk_turn_end(&two[1]);
    pass(world, 30000);
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

/* A closed loop of a hundred and one: each waits, brings 5 MiB, is scrubbed. Whoever has brought
 * the first byte is through within three times of what it takes alone. */
typedef struct Client {
    OskTurn *turn;
    unsigned woken;
    int step; /* 0 at the door, 1 bringing, 2 scrubbed */
    int64_t first_byte;
    uint64_t brought;
    int64_t work_left;
    unsigned done;
    int64_t worst;
} Client;

static bool client_steps(World *world, Client *client, uint64_t *bytes_left, int64_t *work_left)
{
    if (client->step == 0) {
        if (client->turn == NULL) {
            client->turn = begin(world, 5 * MIB, false);
        } else if (client->woken == 0) {
            return false;
        }
        client->woken = 0;
        unsigned retry_s = 0;
        OskDoor door = osk_turn_enter(client->turn, count_wake, &client->woken, &retry_s);
        if (door == OSK_DOOR_LATER) {
            osk_turn_end(&client->turn);
        }
        if (door != OSK_DOOR_OPEN) {
            return door == OSK_DOOR_LATER;
        }
        client->step = 1;
        client->first_byte = world->now;
        client->brought = 0;
        client->woken = 1;
        return true;
    }
    if (client->step == 1) {
        while (client->woken != 0 && *bytes_left >= 16384 && client->brought < 5 * MIB) {
            if (osk_turn_take(client->turn, 16384, count_wake, &client->woken) == 0) {
                client->woken = 0;
                return false;
            }
            client->brought += 16384;
            *bytes_left -= 16384;
        }
        if (client->brought < 5 * MIB) {
            return false;
        }
        osk_turn_end(&client->turn);
        osk_work_begin(world->admission, OSK_WORK_SCRUB);
        client->work_left = 100;
        client->step = 2;
        return true;
    }
    int64_t part = *work_left < client->work_left ? *work_left : client->work_left;
    client->work_left -= part;
    *work_left -= part;
    if (client->work_left > 0) {
        return false;
    }
    osk_work_end(world->admission, OSK_WORK_SCRUB);
    int64_t took = world->now - client->first_byte;
    client->worst = took > client->worst ? took : client->worst;
    client->done++;
    client->step = 0;
    return true;
}

static void admission__under_a_hundredfold_flood_each_is_served_and_none_is_late(void **state)
{
    World *world = *state;
    static Client clients[101];
    memset(clients, 0, sizeof(clients));
    /* A millisecond reads 100 KiB and does one of scrubbing: alone, about 155 ms. */
    uint64_t bytes_left = 0;
    for (int64_t ms = 0; ms < 120000; ms++) {
        world->now++;
        osk_admission_tick(world->admission);
        bytes_left += 102400;
        bytes_left = bytes_left < 204800 ? bytes_left : 204800;
        int64_t work_left = 1;
        for (int i = 0; i < 101; i++) {
            client_steps(world, &clients[(i + ms) % 101], &bytes_left, &work_left);
        }
    }
    for (int i = 0; i < 101; i++) {
        assert_true(clients[i].done >= 5);
        assert_true(clients[i].worst <= 3 * 155);
        if (clients[i].step == 2) {
            osk_work_end(world->admission, OSK_WORK_SCRUB);
        }
        osk_turn_end(&clients[i].turn);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
    const struct CMUnitTest tests[] = {
        TEST(admission__an_idle_machine_makes_nobody_wait),
        TEST(admission__the_wait_comes_before_the_first_byte),
        TEST(admission__the_oldest_goes_first_and_asking_again_gains_nothing),
        TEST(admission__who_waited_too_long_for_a_proxy_comes_again),
        TEST(admission__who_has_a_slot_is_never_sent_away),
        TEST(admission__a_flood_of_one_kind_leaves_half_to_the_other),
        TEST(admission__work_behind_bodies_keeps_the_door_shut),
        TEST(admission__nobody_slips_in_between_a_body_and_its_work),
        TEST(admission__a_creation_gives_its_place_to_its_bytes),
        TEST(admission__ten_thousand_empty_creations_hold_nobody_up),
        TEST(admission__eight_thousand_slow_senders_take_no_place),
        TEST(admission__slow_senders_stand_in_the_line_for_moments),
        TEST(admission__who_has_had_little_goes_before_who_has_had_much),
        TEST(admission__a_place_that_is_not_used_goes_to_the_next),
        TEST(admission__the_fields_of_a_form_pass_before_the_door),
        TEST(admission__uploads_that_nobody_submits_are_let_in_by_more),
        TEST(admission__uploads_that_wait_for_others_soon_cost_little),
        TEST(admission__work_that_comes_late_is_expected_all_the_same),
        TEST(admission__who_has_uploaded_submits_without_waiting_again),
        TEST(admission__uploads_that_are_submitted_cost_what_that_does),
        TEST(admission__no_wake_comes_after_the_end),
        TEST(admission__more_turns_than_memory_is_for_come_later),
        TEST(admission__under_a_hundredfold_flood_each_is_served_and_none_is_late),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
