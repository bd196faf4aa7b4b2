/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The work behind a body, which the door counts with before it lets one in. */
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

/* How many of eight are let in at once. */
static int let_in_of_eight(World *world)
{
    OskTurn *many[8];
    int let_in = 0;
    for (int i = 0; i < 8; i++) {
        many[i] = world_begin(world, MIB, false);
        let_in +=
            osk_turn_enter(many[i], world_count_wake, &(unsigned){ 0 }, NULL) == OSK_DOOR_OPEN;
    }
    for (int i = 0; i < 8; i++) {
        osk_turn_end(&many[i]);
    }
    return let_in;
}

static void submit_what_waits(World *world, const uint8_t key[OSK_TICKET_KEY_BYTES])
{
    OskTurn *turn = world_begin(world, 200, true);
    assert_int_equal(osk_turn_take(turn, 200, world_count_wake, NULL), 200);
    osk_turn_claim(turn, key);
    assert_int_equal(osk_turn_enter(turn, world_count_wake, NULL, NULL), OSK_DOOR_OPEN);
    osk_turn_end(&turn);
    osk_work_begin(world->admission, OSK_WORK_SCRUB);
    world_pass(world, 100);
    osk_work_end(world->admission, OSK_WORK_SCRUB);
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
            client->turn = world_begin(world, 5 * MIB, false);
        } else if (client->woken == 0) {
            return false;
        }
        client->woken = 0;
        unsigned retry_s = 0;
        OskDoor door = osk_turn_enter(client->turn, world_count_wake, &client->woken, &retry_s);
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
            if (osk_turn_take(client->turn, 16384, world_count_wake, &client->woken) == 0) {
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

static void admission__work_behind_bodies_keeps_the_door_shut(void **state)
{
    World *world = *state;
    osk_work_begin(world->admission, OSK_WORK_SCRUB);
    osk_work_begin(world->admission, OSK_WORK_SCRUB);
    osk_work_begin(world->admission, OSK_WORK_RECEIPT);
    unsigned woken = 0;
    OskTurn *turn = world_begin(world, 5 * MIB, false);
    assert_int_equal(osk_turn_enter(turn, world_count_wake, &woken, NULL), OSK_DOOR_WAIT);
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
    OskAdmissionLimits limits =
        world_limits(world, (OskAdmissionLimits){ .active = 2, .slot_key = { 7 } });
    osk_admission_set(world->admission, &limits);
    unsigned woken = 0;
    OskTurn *first = world_begin(world, MIB, false);
    OskTurn *next = world_begin(world, MIB, false);
    assert_int_equal(osk_turn_enter(first, world_count_wake, NULL, NULL), OSK_DOOR_OPEN);
    assert_int_equal(osk_turn_enter(next, world_count_wake, &woken, NULL), OSK_DOOR_WAIT);
    world_bring(first, MIB);
    osk_admission_tick(world->admission);
    osk_turn_end(&first);
    world_pass(world, 200); /* the disk is slow */
    osk_work_begin(world->admission, OSK_WORK_RECEIPT);
    osk_admission_tick(world->admission);
    osk_work_pass_on(world->admission, OSK_WORK_RECEIPT);
    world_pass(world, 200); /* its uploads are looked at */
    osk_work_begin(world->admission, OSK_WORK_SCRUB);
    osk_admission_tick(world->admission);
    assert_int_equal(woken, 0);
    osk_work_end(world->admission, OSK_WORK_SCRUB);
    osk_admission_tick(world->admission);
    assert_int_equal(woken, 1);
    osk_turn_end(&next);
}

static void admission__uploads_that_nobody_submits_are_let_in_by_more(void **state)
{
    World *world = *state;
    for (int i = 0; i < 100; i++) {
        OskTurn *turn = world_begin(world, 16384, false);
        while (osk_turn_enter(turn, world_count_wake, &(unsigned){ 0 }, NULL) != OSK_DOOR_OPEN) {
            world_pass(world, 5);
        }
        world_bring(turn, 16384);
        osk_turn_end(&turn);
        world_pass(world, 100);
    }
    OskTurn *many[8];
    for (int i = 0; i < 8; i++) {
        many[i] = world_begin(world, MIB, false);
        assert_int_equal(osk_turn_enter(many[i], world_count_wake, NULL, NULL), OSK_DOOR_OPEN);
    }
    for (int i = 0; i < 8; i++) {
        osk_turn_end(&many[i]);
    }
}

/* A page that sends its files before it submits them, or a client that never does. */
static void admission__uploads_that_wait_for_others_soon_cost_little(void **state)
{
    World *world = *state;
    for (int i = 0; i < 20; i++) {
        OskTurn *turn = world_begin(world, 16384, false);
        assert_int_equal(osk_turn_enter(turn, world_count_wake, NULL, NULL), OSK_DOOR_OPEN);
        world_bring(turn, 16384);
        osk_turn_is_alone(turn, i % 2 == 0 ? NULL : (const uint8_t *)"never submitted.");
        osk_turn_end(&turn);
    }
    OskTurn *many[8];
    for (int i = 0; i < 8; i++) {
        many[i] = world_begin(world, MIB, false);
        assert_int_equal(osk_turn_enter(many[i], world_count_wake, NULL, NULL), OSK_DOOR_OPEN);
    }
    for (int i = 0; i < 8; i++) {
        osk_turn_end(&many[i]);
    }
}

/* A loaded disk: the work behind a body comes when its place is held no more. */
static void admission__work_that_comes_late_is_expected_all_the_same(void **state)
{
    World *world = *state;
    for (int i = 0; i < 30; i++) {
        OskTurn *turn = world_begin(world, 16384, false);
        world_wait_and_bring(world, turn, 16384);
        osk_turn_end(&turn);
        world_pass(world, 800);
        osk_work_begin(world->admission, OSK_WORK_SCRUB);
        world_pass(world, 100);
        osk_work_end(world->admission, OSK_WORK_SCRUB);
    }
    assert_in_range(let_in_of_eight(world), 1, 2);
}

/* The page with its script: an upload that waits, and a request that submits it. */
static void admission__who_has_uploaded_submits_without_waiting_again(void **state)
{
    World *world = *state;
    const uint8_t key[OSK_TICKET_KEY_BYTES] = "what is uploaded";
    OskTurn *upload = world_begin(world, MIB, false);
    world_wait_and_bring(world, upload, MIB);
    osk_turn_is_alone(upload, key);
    osk_turn_end(&upload);
    OskTurn *two[2];
    fill(world, two);
    world_pass(world, 700);
    osk_work_begin(world->admission, OSK_WORK_SCRUB);
    osk_work_begin(world->admission, OSK_WORK_SCRUB);
    unsigned woken = 0;
    OskTurn *other = world_begin(world, 200, true);
    assert_int_equal(osk_turn_enter(other, world_count_wake, &woken, NULL), OSK_DOOR_WAIT);
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
        OskTurn *turn = world_begin(world, 16384, false);
        world_wait_and_bring(world, turn, 16384);
        osk_turn_is_alone(turn, key);
        osk_turn_end(&turn);
        world_pass(world, 800); /* the disk is slow */
        submit_what_waits(world, key);
    }
    assert_in_range(let_in_of_eight(world), 1, 2);
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
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, world_close)
    const struct CMUnitTest tests[] = {
        TEST(admission__work_behind_bodies_keeps_the_door_shut),
        TEST(admission__nobody_slips_in_between_a_body_and_its_work),
        TEST(admission__uploads_that_nobody_submits_are_let_in_by_more),
        TEST(admission__uploads_that_wait_for_others_soon_cost_little),
        TEST(admission__work_that_comes_late_is_expected_all_the_same),
        TEST(admission__who_has_uploaded_submits_without_waiting_again),
        TEST(admission__uploads_that_are_submitted_cost_what_that_does),
        TEST(admission__under_a_hundredfold_flood_each_is_served_and_none_is_late),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
