/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

#include "unit.h"

static int64_t now_ms(void *context)
{
    return ((World *)context)->now;
}

static bool disk(void *context, uint64_t *out_free, uint64_t *out_total)
{
    World *world = context;
    *out_free = world->disk_free;
    *out_total = world->disk_total;
    return !world->disk_is_gone;
}

OskAdmissionLimits world_limits(World *world, OskAdmissionLimits limits)
{
    limits.clock_context = world;
    limits.now_ms = now_ms;
    limits.disk_context = world;
    limits.disk = disk;
    return limits;
}

int world_open(void **state, OskAdmissionLimits limits, uint64_t disk_bytes)
{
    static World world;
    world = (World){ .now = 1000, .disk_free = disk_bytes, .disk_total = disk_bytes };
    limits = world_limits(&world, limits);
    assert_int_equal(osk_admission_open(&world.admission, &limits), OSK_OK);
    *state = &world;
    return 0;
}

int world_close(void **state)
{
    osk_admission_close(&((World *)*state)->admission);
    return 0;
}

void world_pass(World *world, int64_t ms)
{
    for (int64_t end = world->now + ms; world->now < end;) {
        world->now += 5;
        osk_admission_tick(world->admission);
    }
}

void world_count_wake(void *context)
{
    ++*(unsigned *)context;
}

OskTurn *world_begin(World *world, uint64_t len, bool has_waited)
{
    OskTurn *turn = NULL;
    assert_int_equal(osk_turn_begin(world->admission, len, has_waited, &turn, NULL, NULL), OSK_OK);
    return turn;
}

void world_bring(OskTurn *turn, uint64_t len)
{
    static unsigned ignored;
    for (uint64_t at = 0; at < len; at += 16384) {
        assert_int_equal(osk_turn_take(turn, 16384, world_count_wake, &ignored), 16384);
    }
}

void world_wait_and_bring(World *world, OskTurn *turn, uint64_t len)
{
    unsigned woken = 0;
    for (int i = 0; osk_turn_enter(turn, world_count_wake, &woken, NULL) != OSK_DOOR_OPEN; i++) {
        assert_true(i < 1000);
        world_pass(world, 5);
    }
    world_bring(turn, len);
}
