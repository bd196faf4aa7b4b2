/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What strangers may keep has an end, whatever they say, and however many come at once. */
#include "publish/sealed_quota.h"

#include <string.h>

#include "store/published.h"
#include "store/rig.h"

#define MIB (1024ull * 1024)

static OskSealedQuota *open_quota(OskStore *store)
{
    OskSealedQuota *quota = NULL;
    assert_int_equal(osk_sealed_quota_open(&quota, store), OSK_OK);
    return quota;
}

/* The part of the fault; NULL when there is room. */
static const char *claim(OskSealedQuota *quota, uint64_t len, uint64_t total)
{
    OskFault fault = { .status = OSK_OK };
    OskStatus status = osk_sealed_quota_claim(quota, len, total, &fault);
    assert_true(status == OSK_OK || status == OSK_LIMIT);
    return status == OSK_OK ? NULL : fault.part;
}

static void keep(OskStore *store, uint32_t flags, uint64_t len)
{
    OskShare share = { .made = rig_today(), .views = OSK_SHARE_VIEWS_ANY };
    OskRecordRow row = { .key = { .space = OSK_SPACE_SHARE, .id = rig_id() },
                         .day = share.made,
                         .flags = flags,
                         .sealed_len = len };
    if (len > 0) {
        row.blob = rig_put_blob(store, "sealed");
    }
    assert_int_equal(osk_share_write(&share, &row.bytes), OSK_OK);
    assert_int_equal(COMMIT(store, { .kind = OSK_ROW_RECORD_SET, .row.record = &row }),
                     OSK_COMMIT_OK);
    osk_bytes_clear(&row.bytes);
}

static void counts_what_is_on_its_way(void **state)
{
    OskSealedQuota *quota = open_quota(((Rig *)*state)->store);
    assert_null(claim(quota, 2 * MIB, 4 * MIB));
    assert_null(claim(quota, 2 * MIB, 4 * MIB));
    assert_string_equal(claim(quota, 1, 4 * MIB), "quota");
    osk_sealed_quota_settle(quota, 2 * MIB, false);
    assert_null(claim(quota, 2 * MIB, 4 * MIB));
    osk_sealed_quota_settle(quota, 2 * MIB, true);
    osk_sealed_quota_settle(quota, 2 * MIB, true);
    assert_string_equal(claim(quota, 1, 4 * MIB), "quota");
    osk_sealed_quota_close(&quota);
}

static void charges_short_ones_for_their_row(void **state)
{
    OskSealedQuota *quota = open_quota(((Rig *)*state)->store);
    unsigned count = 0;
    while (claim(quota, 1, MIB) == NULL) {
        osk_sealed_quota_settle(quota, 1, true);
        count++;
        assert_in_range(count, 1, 16);
    }
    assert_int_equal(count, MIB / OSK_SEALED_CHARGE_MIN);
    osk_sealed_quota_close(&quota);
}

static void gives_so_many_a_place_at_once(void **state)
{
    OskSealedQuota *quota = open_quota(((Rig *)*state)->store);
    for (unsigned i = 0; i < OSK_SEALED_AT_ONCE; i++) {
        assert_null(claim(quota, 1, 1024 * MIB));
    }
    assert_string_equal(claim(quota, 1, 1024 * MIB), "turn");
    osk_sealed_quota_settle(quota, 1, false);
    assert_null(claim(quota, 1, 1024 * MIB));
    osk_sealed_quota_close(&quota);
}

static void finds_what_an_earlier_run_has_kept(void **state)
{
    Rig *rig = *state;
    keep(rig->store, OSK_SHARE_SEALED, 3 * MIB);
    /* Its bytes went when it was ended. */
    keep(rig->store, OSK_SHARE_SEALED | OSK_SHARE_ENDED, 0);
    keep(rig->store, OSK_SHARE_CHECKED, 0);
    OskSealedQuota *quota = open_quota(rig->store);
    assert_string_equal(claim(quota, 2 * MIB, 4 * MIB), "quota");
    assert_null(claim(quota, MIB, 4 * MIB));
    assert_string_equal(claim(quota, 1, 4 * MIB), "quota");
    osk_sealed_quota_close(&quota);
}

static void that_was_made_smaller_takes_nothing_more(void **state)
{
    OskSealedQuota *quota = open_quota(((Rig *)*state)->store);
    assert_null(claim(quota, 3 * MIB, 4 * MIB));
    osk_sealed_quota_settle(quota, 3 * MIB, true);
    assert_string_equal(claim(quota, 1, 2 * MIB), "quota");
    assert_string_equal(claim(quota, UINT64_MAX, UINT64_MAX - 1), "quota");
    osk_sealed_quota_close(&quota);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        STORE_TEST(counts_what_is_on_its_way),
        STORE_TEST(charges_short_ones_for_their_row),
        STORE_TEST(gives_so_many_a_place_at_once),
        STORE_TEST(finds_what_an_earlier_run_has_kept),
        STORE_TEST(that_was_made_smaller_takes_nothing_more),
    };
    return rig_run(tests, sizeof(tests) / sizeof(tests[0]));
}
