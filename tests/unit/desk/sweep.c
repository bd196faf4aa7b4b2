/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the desk forgets by itself, and what it does not. */
#include "desk/sweep.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "desk/audit.h"
#include "desk/call.h"
#include "rig.h"
#include "store/clock.h"

/* So many commits find that a row is another one by now. */
static unsigned conflicts;

OskCommit __real_osk_store_commit(OskStore *store, const OskChange *changes, size_t count,
                                  const OskId *once, OskFault *fault);
OskCommit __wrap_osk_store_commit(OskStore *store, const OskChange *changes, size_t count,
                                  const OskId *once, OskFault *fault);

OskCommit __wrap_osk_store_commit(OskStore *store, const OskChange *changes, size_t count,
                                  const OskId *once, OskFault *fault)
{
    if (conflicts > 0) {
        conflicts--;
        fault->status = OSK_FOUND;
        return OSK_COMMIT_CONFLICT;
    }
    return __real_osk_store_commit(store, changes, count, once, fault);
}

static uint64_t sweep(int days_later)
{
    OskFault fault = { 0 };
    uint64_t dropped = 0;
    OskDay today = osk_desk_today() + (OskDay)days_later;
    assert_int_equal(osk_desk_sweep(rig.store, rig.desk->model, today, &dropped, &fault), OSK_OK);
    return dropped;
}

static bool has(OskSpace space, const OskId *id)
{
    OskFault fault = { .status = OSK_OK };
    OskRecordRow row;
    const OskRecordKey key = { .space = space, .id = *id };
    bool is_there = osk_store_record(rig.store, &key, &row, &fault);
    assert_int_equal(fault.status, OSK_OK);
    if (is_there) {
        osk_record_row_free(&row);
    }
    return is_there;
}

static void drop(const Sent *sent)
{
    OskFault fault = { 0 };
    const OskChange change = { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = sent->submission };
    assert_int_equal(osk_store_commit(rig.store, &change, 1, NULL, &fault), OSK_COMMIT_OK);
}

static void sweep__an_operation_can_be_undone_for_thirty_days(void **state)
{
    (void)state;
    char operation[64];
    Sent sent = rig_send(0, 1, false);
    rig_act(&rig_anna, "dismiss", "clusters", &sent.files[0]);
    snprintf(operation, sizeof(operation), "%.63s", rig_text("operation"));
    assert_int_equal(sweep(OSK_OPERATION_DAYS), 0);
    rig_undo(&rig_anna, operation);
    assert_int_equal(got.status, 200);
    rig_act(&rig_anna, "dismiss", "clusters", &sent.files[0]);
    snprintf(operation, sizeof(operation), "%.63s", rig_text("operation"));
    assert_int_equal(sweep(OSK_OPERATION_DAYS + 1), 2);
    rig_undo(&rig_anna, operation);
    assert_int_equal(got.status, 404);
    /* What was decided stays decided. */
    assert_true(has(OSK_SPACE_RULE, &sent.files[0]));
    rig_get(&rig_anna, "/api/queue?view=dismissed");
    assert_int_equal(rig_whole("dismissed"), 1);
}

static void sweep__a_reviewer_who_does_much_fills_no_disk_for_good(void **state)
{
    (void)state;
    enum { DEEDS = 300 };
    static OskRecordRow rows[DEEDS];
    static OskChange changes[DEEDS];
    OskFault fault = { 0 };
    for (uint32_t i = 0; i < DEEDS; i++) {
        rows[i] = (OskRecordRow){ .key = { .space = OSK_SPACE_OPERATION },
                                  .day = osk_desk_today() - (i % 2 == 0 ? 31 : 30) };
        memcpy(&rows[i].key.id, &i, sizeof(i));
        changes[i] = (OskChange){ .kind = OSK_ROW_RECORD_SET, .row.record = &rows[i] };
    }
    assert_int_equal(osk_store_commit(rig.store, changes, DEEDS, NULL, &fault), OSK_COMMIT_OK);
    assert_int_equal(sweep(0), DEEDS / 2);
    for (uint32_t i = 0; i < DEEDS; i++) {
        assert_int_equal(has(OSK_SPACE_OPERATION, &rows[i].key.id), i % 2 != 0);
    }
}

/* Else one row that somebody always changes would keep all that lies behind it. */
static void sweep__a_row_that_changed_meanwhile_keeps_no_other(void **state)
{
    (void)state;
    enum { DEEDS = 256 + 44 };
    static OskRecordRow rows[DEEDS];
    static OskChange changes[DEEDS];
    OskFault fault = { 0 };
    for (uint32_t i = 0; i < DEEDS; i++) {
        rows[i] = (OskRecordRow){ .key = { .space = OSK_SPACE_OPERATION },
                                  .day = osk_desk_today() - OSK_OPERATION_DAYS - 1 };
        memcpy(&rows[i].key.id, &i, sizeof(i));
        changes[i] = (OskChange){ .kind = OSK_ROW_RECORD_SET, .row.record = &rows[i] };
    }
    assert_int_equal(osk_store_commit(rig.store, changes, DEEDS, NULL, &fault), OSK_COMMIT_OK);
    conflicts = 1;
    assert_int_equal(sweep(0), 44);
    assert_int_equal(sweep(0), 256);
}

static void sweep__what_was_decided_of_what_is_gone_goes_too(void **state)
{
    (void)state;
    Sent gone = rig_send(0, 3, true);
    Sent stays = rig_send(0, 3, true);
    const Sent *both[] = { &gone, &stays };
    for (int i = 0; i < 2; i++) {
        rig_act(&rig_anna, "dismiss", "clusters", &both[i]->files[0]);
        rig_act(&rig_anna, "keep", "clusters", &both[i]->files[1]);
        rig_act(&rig_anna, "claim", "clusters", &both[i]->files[2]);
        rig_act(&rig_anna, "claim", "submissions", &both[i]->submission);
    }
    drop(&gone);
    /* What was claimed of a submission goes with it. */
    assert_int_equal(sweep(0), 3);
    for (int i = 0; i < 2; i++) {
        bool is_there = both[i] == &stays;
        assert_int_equal(has(OSK_SPACE_RULE, &both[i]->files[0]), is_there);
        assert_int_equal(has(OSK_SPACE_CLUSTER, &both[i]->files[1]), is_there);
        assert_int_equal(has(OSK_SPACE_CLAIM, &both[i]->files[2]), is_there);
        assert_int_equal(has(OSK_SPACE_CLAIM, &both[i]->submission), is_there);
    }
}

/* Else what was dismissed would come back, all at once, when its first copy is withdrawn. */
static void sweep__a_rule_stays_while_anything_lies_under_it(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    Sent first = rig_send(0, 1, false);
    Sent copy = rig_send(0, 1, false);
    uint8_t bytes[OSK_MEMBER_BYTES];
    const OskMember member = { .cluster = first.files[0],
                               .root = first.files[0],
                               .like = first.files[0],
                               .tier = OSK_TIER_EXPLAINED };
    osk_member_write(&member, bytes);
    const OskRecordRow row = {
        .key = { .space = OSK_SPACE_MEMBER, .owner = copy.files[0], .id = copy.files[0] },
        .bytes = { .bytes = bytes, .len = sizeof(bytes) },
    };
    const OskChange change = { .kind = OSK_ROW_RECORD_SET, .row.record = &row };
    assert_int_equal(osk_store_commit(rig.store, &change, 1, NULL, &fault), OSK_COMMIT_OK);
    rig_act(&rig_anna, "dismiss", "clusters", &first.files[0]);
    drop(&first);
    assert_int_equal(sweep(0), 0);
    assert_true(has(OSK_SPACE_RULE, &first.files[0]));
    rig_get(&rig_anna, "/api/queue?view=dismissed");
    assert_int_equal(rig_whole("dismissed"), 1);
    drop(&copy);
    assert_int_equal(sweep(0), 1);
    assert_false(has(OSK_SPACE_RULE, &first.files[0]));
}

static void sweep__is_done_by_the_desk_itself(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    const OskRecordRow old = { .key = { .space = OSK_SPACE_OPERATION, .id = { { 1 } } },
                               .day = osk_desk_today() - OSK_OPERATION_DAYS - 1 };
    const OskChange change = { .kind = OSK_ROW_RECORD_SET, .row.record = &old };
    assert_int_equal(osk_store_commit(rig.store, &change, 1, NULL, &fault), OSK_COMMIT_OK);
    rig_close();
    rig_open();
    for (int i = 0; i < 1000 && has(OSK_SPACE_OPERATION, &old.key.id); i++) {
        usleep(10000);
    }
    assert_false(has(OSK_SPACE_OPERATION, &old.key.id));
}

/* A clock that jumped ahead costs nothing that can't be had back. */
static void sweep__forgets_nothing_while_the_date_is_doubted(void **state)
{
    (void)state;
    char operation[64];
    Sent sent = rig_send(0, 1, false);
    rig_act(&rig_anna, "dismiss", "clusters", &sent.files[0]);
    snprintf(operation, sizeof(operation), "%.63s", rig_text("operation"));
    OskDay ahead = osk_desk_today() + OSK_OPERATION_DAYS + 1;
    assert_int_equal(osk_clock_believe(rig.store, osk_desk_today(), NULL), OSK_OK);
    assert_int_equal(sweep(OSK_OPERATION_DAYS + 1), 0);
    rig_undo(&rig_anna, operation);
    assert_int_equal(got.status, 200);
    rig_act(&rig_anna, "dismiss", "clusters", &sent.files[0]);
    assert_int_equal(osk_clock_believe(rig.store, ahead, NULL), OSK_OK);
    assert_int_equal(sweep(OSK_OPERATION_DAYS + 1), 2);
    /* Behind that day, it doubts again. */
    assert_int_equal(sweep(0), 0);
}

int main(void)
{
    osk_seal_ready();
#define TEST(test) cmocka_unit_test_setup_teardown(test, rig_set_up_anna, rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(sweep__an_operation_can_be_undone_for_thirty_days),
        TEST(sweep__a_reviewer_who_does_much_fills_no_disk_for_good),
        TEST(sweep__a_row_that_changed_meanwhile_keeps_no_other),
        TEST(sweep__what_was_decided_of_what_is_gone_goes_too),
        TEST(sweep__a_rule_stays_while_anything_lies_under_it),
        TEST(sweep__is_done_by_the_desk_itself),
        TEST(sweep__forgets_nothing_while_the_date_is_doubted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
