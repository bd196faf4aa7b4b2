/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/admission.h"

#include "base/fault.h"

#include <string.h>

#include "unit.h"
#include "world.h"

static int open_world(void **state)
{
    return world_open(state, (OskAdmissionLimits){ 0 }, 1000 * MIB);
}

static uint64_t promised(World *world)
{
    OskAdmissionCounts counts;
    osk_admission_counts(world->admission, &counts);
    return counts.leased_bytes;
}

/* Written bytes are no longer free. */
static OskStatus write_to(World *world, OskLease *lease, uint64_t *total, uint64_t len)
{
    OskStatus status = osk_lease_extend(lease, *total + len, NULL);
    if (status == OSK_OK) {
        *total += len;
        assert_true(world->disk_free >= len);
        world->disk_free -= len;
    }
    return status;
}

static void admission_disk__asking_reserves_nothing(void **state)
{
    World *world = *state;
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(osk_lease_ask(world->admission, 700 * MIB, 700 * MIB, NULL), OSK_OK);
    }
    assert_int_equal(promised(world), 0);
    OskFault fault = { 0 };
    assert_int_equal(osk_lease_ask(world->admission, 700 * MIB, 5000 * MIB, &fault), OSK_LIMIT);
    assert_non_null(fault.next);
    assert_int_equal(osk_lease_ask(world->admission, 1, UINT64_MAX - 1, NULL), OSK_LIMIT);
}

static void admission_disk__what_is_leased_can_be_written_however_many_lease(void **state)
{
    World *world = *state;
    OskLease *leases[100] = { NULL };
    uint64_t totals[100] = { 0 };
    size_t count = 0;
    while (count < 100 &&
           osk_lease_take(world->admission, 30 * MIB, false, &leases[count], NULL) == OSK_OK) {
        count++;
    }
    assert_int_equal(count, 100);
    /* Nothing is promised to who has brought nothing. Who begins, and is promised the rest, ends,
     * all of them at once. */
    size_t begun = 0;
    uint64_t before = promised(world);
    while (begun < count && write_to(world, leases[begun], &totals[begun], MIB) == OSK_OK &&
           promised(world) > before + 25 * MIB) {
        before = promised(world);
        begun++;
    }
    for (uint64_t piece = 1; piece < 30; piece++) {
        for (size_t i = 0; i < begun; i++) {
            assert_int_equal(write_to(world, leases[i], &totals[i], MIB), OSK_OK);
        }
    }
    for (size_t i = 0; i < count; i++) {
        osk_lease_end(&leases[i]);
        assert_null(leases[i]);
    }
    assert_int_equal(promised(world), 0);
}

static void
admission_disk__the_last_tenth_is_for_small_ones_and_the_last_of_it_for_words(void **state)
{
    World *world = *state;
    OskLease *lease = NULL;
    OskFault fault = { 0 };
    world->disk_free = 90 * MIB;
    assert_int_equal(osk_lease_take(world->admission, 60 * MIB, false, &lease, &fault), OSK_LIMIT);
    assert_non_null(strstr(fault.what, "of this size"));
    assert_int_equal(osk_lease_take(world->admission, 30 * MIB, false, &lease, NULL), OSK_OK);
    osk_lease_end(&lease);
    world->disk_free = 15 * MIB;
    fault = (OskFault){ 0 };
    assert_int_equal(osk_lease_take(world->admission, MIB, false, &lease, &fault), OSK_LIMIT);
    assert_non_null(strstr(fault.next, "your words"));
    assert_int_equal(osk_lease_take(world->admission, 65536, true, &lease, NULL), OSK_OK);
    osk_lease_end(&lease);
    world->disk_free = MIB;
    assert_int_equal(osk_lease_take(world->admission, 65536, true, &lease, NULL), OSK_LIMIT);
}

static void admission_disk__a_large_one_is_leased_in_steps(void **state)
{
    World *world = *state;
    OskLease *lease = NULL;
    uint64_t total = 0;
    assert_int_equal(osk_lease_take(world->admission, 800 * MIB, false, &lease, NULL), OSK_OK);
    assert_true(promised(world) < 80 * MIB);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(write_to(world, lease, &total, MIB), OSK_OK);
        assert_true(promised(world) < 80 * MIB);
    }
    /* Others have filled the disk meanwhile: it ends at the end of its step, not before. */
    world->disk_free = 101 * MIB;
    while (total < 128 * MIB) {
        assert_int_equal(write_to(world, lease, &total, MIB), OSK_OK);
    }
    assert_int_equal(write_to(world, lease, &total, MIB), OSK_LIMIT);
    assert_int_equal(write_to(world, lease, &total, MIB), OSK_LIMIT);
    /* And goes on when there is room again. */
    world->disk_free = 500 * MIB;
    assert_int_equal(write_to(world, lease, &total, MIB), OSK_OK);
    osk_lease_end(&lease);
}

static void admission_disk__a_lease_of_all_bytes_is_enough_for_sealing_them(void **state)
{
    World *world = *state;
    OskLease *lease = NULL;
    assert_int_equal(osk_lease_take(world->admission, 20 * MIB, false, &lease, NULL), OSK_OK);
    /* Everything else is gone; the last bytes are asked for with what their seals take. */
    assert_int_equal(osk_lease_extend(lease, MIB, NULL), OSK_OK);
    world->disk_free = 0;
    for (uint64_t total = MIB; total <= 20 * MIB; total += MIB) {
        assert_int_equal(osk_lease_extend(lease, total + 192 * 1024, NULL), OSK_OK);
    }
    osk_lease_end(&lease);
}

static void admission_disk__eight_thousand_drips_do_not_take_the_disk(void **state)
{
    World *world = *state;
    static OskLease *drips[8000];
    size_t count = 0;
    for (size_t i = 0; i < 8000; i++) {
        count += osk_lease_take(world->admission, 800 * MIB, false, &drips[count], NULL) == OSK_OK;
    }
    for (int second = 0; second < 10; second++) {
        for (size_t i = 0; i < count; i++) {
            osk_lease_extend(drips[i], (uint64_t)second + 1, NULL);
        }
        world->now += 1000;
    }
    OskLease *honest = NULL;
    uint64_t total = 0;
    assert_int_equal(osk_lease_take(world->admission, 30 * MIB, false, &honest, NULL), OSK_OK);
    while (total < 30 * MIB) {
        assert_int_equal(write_to(world, honest, &total, MIB), OSK_OK);
    }
    osk_lease_end(&honest);
    for (size_t i = 0; i < count; i++) {
        osk_lease_end(&drips[i]);
    }
}

static void admission_disk__a_lease_without_progress_lapses(void **state)
{
    World *world = *state;
    OskLease *lease = NULL;
    uint64_t total = 0;
    assert_int_equal(osk_lease_take(world->admission, 800 * MIB, false, &lease, NULL), OSK_OK);
    assert_int_equal(write_to(world, lease, &total, MIB), OSK_OK);
    world->now += 59000;
    osk_admission_tick(world->admission);
    assert_true(promised(world) > 0);
    world->now += 2000;
    osk_admission_tick(world->admission);
    assert_true(promised(world) < MIB); /* what closes its segment */
    assert_int_equal(write_to(world, lease, &total, MIB), OSK_OK);
    assert_true(promised(world) > 0);
    osk_lease_end(&lease);
    assert_int_equal(promised(world), 0);
}

static void admission_disk__an_unknown_length_is_small_until_it_is_not(void **state)
{
    World *world = *state;
    OskLease *lease = NULL;
    uint64_t total = 0;
    world->disk_free = 99 * MIB;
    assert_int_equal(osk_lease_take(world->admission, UINT64_MAX, false, &lease, NULL), OSK_OK);
    OskStatus status = OSK_OK;
    while (status == OSK_OK) {
        status = write_to(world, lease, &total, MIB);
    }
    assert_int_equal(status, OSK_LIMIT);
    assert_true(total <= 64 * MIB);
    osk_lease_end(&lease);
}

static void admission_disk__large_ones_can_be_paused_alone(void **state)
{
    World *world = *state;
    OskAdmissionLimits limits = world_limits(world, (OskAdmissionLimits){ 0 });
    limits.pause_large = true;
    osk_admission_set(world->admission, &limits);
    OskLease *lease = NULL;
    OskFault fault = { 0 };
    assert_int_equal(osk_lease_take(world->admission, 33 * MIB, false, &lease, &fault), OSK_LIMIT);
    assert_non_null(strstr(fault.what, "large files wait"));
    assert_true(osk_fault_is_disk(&fault));
    assert_int_equal(osk_lease_take(world->admission, 32 * MIB, false, &lease, NULL), OSK_OK);
    osk_lease_end(&lease);
}

static void admission_disk__a_disk_that_does_not_answer_is_no_room(void **state)
{
    World *world = *state;
    OskLease *lease = NULL;
    world->disk_is_gone = true;
    assert_int_equal(osk_lease_take(world->admission, 1, true, &lease, NULL), OSK_IO);
    assert_null(lease);
}

/* A scrub writes beside the file that came: it begins with room for all of it, or not at all. */
static void admission_disk__work_holds_what_it_will_write(void **state)
{
    World *world = *state;
    OskLease *work = NULL;
    OskLease *other = NULL;
    OskFault fault = { .status = OSK_OK };
    world->disk_free = 400 * MIB;
    assert_int_equal(osk_lease_hold(world->admission, 100 * MIB, 310 * MIB, &work, &fault),
                     OSK_LIMIT);
    assert_string_equal(fault.part, OSK_FAULT_DISK);
    assert_non_null(fault.next);
    assert_null(work);
    assert_int_equal(promised(world), 0);
    OskAdmissionLimits limits = world_limits(world, (OskAdmissionLimits){ 0 });
    limits.pause_large = true;
    osk_admission_set(world->admission, &limits);
    assert_int_equal(osk_lease_hold(world->admission, 100 * MIB, 200 * MIB, &work, NULL), OSK_OK);
    assert_true(promised(world) >= 200 * MIB);
    assert_int_equal(osk_lease_hold(world->admission, 100 * MIB, 100 * MIB, &other, NULL),
                     OSK_LIMIT);
    /* It may take as long as it likes. */
    world->now += 10 * 60 * 1000;
    osk_admission_tick(world->admission);
    assert_true(promised(world) >= 200 * MIB);
    assert_int_equal(osk_lease_ask(world->admission, 20 * MIB, 20 * MIB, NULL), OSK_OK);
    assert_true(promised(world) >= 200 * MIB);
    /* What is written is not counted twice. */
    uint64_t total = 0;
    assert_int_equal(write_to(world, work, &total, 150 * MIB), OSK_OK);
    assert_true(promised(world) < 70 * MIB);
    osk_lease_end(&work);
    assert_int_equal(promised(world), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, world_close)
    const struct CMUnitTest tests[] = {
        TEST(admission_disk__asking_reserves_nothing),
        TEST(admission_disk__what_is_leased_can_be_written_however_many_lease),
        TEST(admission_disk__the_last_tenth_is_for_small_ones_and_the_last_of_it_for_words),
        TEST(admission_disk__a_large_one_is_leased_in_steps),
        TEST(admission_disk__a_lease_of_all_bytes_is_enough_for_sealing_them),
        TEST(admission_disk__eight_thousand_drips_do_not_take_the_disk),
        TEST(admission_disk__a_lease_without_progress_lapses),
        TEST(admission_disk__an_unknown_length_is_small_until_it_is_not),
        TEST(admission_disk__large_ones_can_be_paused_alone),
        TEST(admission_disk__work_holds_what_it_will_write),
        TEST(admission_disk__a_disk_that_does_not_answer_is_no_room),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
