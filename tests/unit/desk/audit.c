/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The audit chain, on a real store. */
#include "desk/audit.h"
#include "desk/hex.h"
#include "rig.h"

#include <string.h>

#include "host/random.h"

static const OskRandom kernel = { .fill = osk_random_fill };
static OskAudit *audit;

static int set_up(void **state)
{
    OskFault fault = { 0 };
    if (rig_set_up(state) != 0) {
        return -1;
    }
    return osk_audit_open(&audit, rig.store, &kernel, &fault) == OSK_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    osk_audit_close(&audit);
    return rig_tear_down(state);
}

static void add(const char *did)
{
    OskFault fault = { 0 };
    const OskDeed deed = { .did = did };
    assert_int_equal(osk_audit_commit(audit, &deed, NULL, 0, &fault), OSK_OK);
}

static OskStatus check(uint64_t *out_count, uint64_t *out_wrong)
{
    OskFault fault = { 0 };
    OskAuditPass pass;
    assert_int_equal(osk_audit_step(audit, 1u << 20, &pass, &fault), OSK_OK);
    *out_count = pass.count;
    *out_wrong = pass.wrong;
    assert_int_equal(pass.is_broken ? pass.wrong : pass.count, pass.checked);
    return pass.is_broken ? OSK_FOUND : OSK_OK;
}

static OskRecordRow read_entry(uint64_t number)
{
    OskFault fault = { 0 };
    OskRecordRow row;
    const OskRecordKey key = { .space = OSK_SPACE_AUDIT, .id = osk_audit_key(number) };
    assert_true(osk_store_record(rig.store, &key, &row, &fault));
    return row;
}

static void commit(const OskChange *change)
{
    OskFault fault = { 0 };
    assert_int_equal(osk_store_commit(rig.store, change, 1, NULL, &fault), OSK_COMMIT_OK);
}

static void audit__each_entry_holds_the_one_before_it(void **state)
{
    (void)state;
    uint64_t count = 7;
    uint64_t wrong = 0;
    assert_int_equal(check(&count, &wrong), OSK_OK);
    assert_int_equal(count, 0);
    for (int i = 0; i < 300; i++) {
        add("tried");
    }
    assert_int_equal(check(&count, &wrong), OSK_OK);
    assert_int_equal(count, 300);
    /* And goes on after a restart. */
    OskFault fault = { 0 };
    osk_audit_close(&audit);
    assert_int_equal(osk_audit_open(&audit, rig.store, &kernel, &fault), OSK_OK);
    add("again");
    assert_int_equal(check(&count, &wrong), OSK_OK);
    assert_int_equal(count, 301);
}

static void audit__breaks_visibly_when_a_row_is_changed(void **state)
{
    (void)state;
    uint64_t count = 0;
    uint64_t wrong = 0;
    for (int i = 0; i < 4; i++) {
        add("dismiss");
    }
    for (uint64_t number = 0; number < 4; number++) {
        OskRecordRow row = read_entry(number);
        OskRecordRow changed = row;
        uint8_t bytes[512];
        assert_true(row.bytes.len <= sizeof(bytes));
        memcpy(bytes, row.bytes.bytes, row.bytes.len);
        uint8_t *word = memmem(bytes, row.bytes.len, "dismiss", 7);
        assert_non_null(word);
        word[0] = 'D';
        changed.bytes.bytes = bytes;
        commit(&(OskChange){
            .kind = OSK_ROW_RECORD_SET, .row.record = &changed, .expected = row.version });
        assert_int_equal(check(&count, &wrong), OSK_FOUND);
        assert_int_equal(wrong, number + 1);
        commit(&(OskChange){
            .kind = OSK_ROW_RECORD_SET, .row.record = &row, .expected = row.version + 1 });
        assert_int_equal(check(&count, &wrong), OSK_OK);
        osk_record_row_free(&row);
    }
}

static void audit__breaks_visibly_when_a_row_is_gone(void **state)
{
    (void)state;
    uint64_t count = 0;
    uint64_t wrong = 0;
    for (int i = 0; i < 4; i++) {
        add("dismiss");
    }
    static const uint64_t gone[] = { 0, 2, 3 };
    for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
        OskRecordRow row = read_entry(gone[i]);
        commit(&(OskChange){ .kind = OSK_ROW_RECORD_DROP, .row.record_key = &row.key });
        assert_int_equal(check(&count, &wrong), OSK_FOUND);
        assert_int_equal(wrong, gone[i]);
        commit(&(OskChange){ .kind = OSK_ROW_RECORD_SET, .row.record = &row });
        assert_int_equal(check(&count, &wrong), OSK_OK);
        osk_record_row_free(&row);
    }
}

/* A long chain is read again a piece at a time; what is broken shows within one pass, and until it
 * is mended. */
static void audit__of_any_length_is_read_again_in_pieces(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    OskAuditPass pass;
    for (int i = 0; i < 25; i++) {
        add("dismiss");
    }
    static const uint64_t checked[] = { 10, 20, 25, 10, 20 };
    for (size_t i = 0; i < sizeof(checked) / sizeof(checked[0]); i++) {
        assert_int_equal(osk_audit_step(audit, 10, &pass, &fault), OSK_OK);
        assert_int_equal(pass.checked, checked[i]);
        assert_int_equal(pass.count, 25);
        assert_false(pass.is_broken);
    }
    OskRecordRow row = read_entry(13);
    commit(&(OskChange){ .kind = OSK_ROW_RECORD_DROP, .row.record_key = &row.key });
    static const bool broken[] = { false, false, true, true, true };
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        assert_int_equal(osk_audit_step(audit, 10, &pass, &fault), OSK_OK);
        assert_int_equal(pass.is_broken, broken[i]);
        assert_true(!broken[i] || pass.wrong == 13);
    }
    commit(&(OskChange){ .kind = OSK_ROW_RECORD_SET, .row.record = &row });
    osk_record_row_free(&row);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(osk_audit_step(audit, 10, &pass, &fault), OSK_OK);
    }
    assert_false(pass.is_broken);
}

/* What did not happen is not said to have happened, and the other way round. */
static void audit__a_change_and_its_entry_are_one(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    uint64_t count = 0;
    uint64_t wrong = 0;
    uint8_t bytes[] = { 'x' };
    const OskRecordRow row = { .key = { .space = OSK_SPACE_CLAIM, .id = { { 5 } } },
                               .bytes = { .bytes = bytes, .len = 1 } };
    const OskChange first = { .kind = OSK_ROW_RECORD_SET, .row.record = &row };
    const OskDeed deed = { .did = "claim" };
    assert_int_equal(osk_audit_commit(audit, &deed, &first, 1, &fault), OSK_OK);
    assert_int_equal(osk_audit_commit(audit, &deed, &first, 1, &fault), OSK_FOUND);
    assert_int_equal(check(&count, &wrong), OSK_OK);
    assert_int_equal(count, 1);
    add("after");
    assert_int_equal(check(&count, &wrong), OSK_OK);
    assert_int_equal(count, 2);
}

static void audit__names_a_day_and_who_and_no_time(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    static const OskId who = { { 0xAB, 1 } };
    char day[OSK_DAY_TEXT_BYTES];
    OskJson *json = NULL;
    OskJson *about = osk_json_object(NULL);
    osk_json_set_text(about, "reason", "off topic");
    const OskDeed deed = { .who = &who, .did = "dismiss", .about = about };
    osk_desk_day_text(osk_desk_today(), day);
    assert_int_equal(osk_audit_commit(audit, &deed, NULL, 0, &fault), OSK_OK);
    OskRecordRow row = read_entry(0);
    assert_int_equal(osk_json_read(&json, (const char *)row.bytes.bytes, row.bytes.len, &fault),
                     OSK_OK);
    assert_string_equal(osk_json_text(osk_json_get(json, "day")), day);
    assert_string_equal(osk_json_text(osk_json_get(json, "who")),
                        "ab010000000000000000000000000000");
    assert_string_equal(osk_json_text(osk_json_get(osk_json_get(json, "about"), "reason")),
                        "off topic");
    assert_null(memmem(row.bytes.bytes, row.bytes.len, "time", 4));
    osk_json_free(&json);
    osk_record_row_free(&row);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(audit__each_entry_holds_the_one_before_it),
        TEST(audit__breaks_visibly_when_a_row_is_changed),
        TEST(audit__breaks_visibly_when_a_row_is_gone),
        TEST(audit__of_any_length_is_read_again_in_pieces),
        TEST(audit__a_change_and_its_entry_are_one),
        TEST(audit__names_a_day_and_who_and_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
