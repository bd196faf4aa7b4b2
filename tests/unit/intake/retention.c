/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/retention.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/store_open.h"
#include "unit.h"

#define TODAY 20000

static char folder[64];
static OskStore *store;

static int set_up(void **state)
{
    (void)state;
    OskFault fault = { .status = OSK_OK };
    const OskStoreOptions options = { .create = true };
    snprintf(folder, sizeof(folder), "/tmp/oilskin-retention-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(osk_store_open_folder(&store, folder, &options, &fault), OSK_OK);
    return 0;
}

static int delete_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    osk_store_close(&store);
    return nftw(folder, delete_one, 8, FTW_DEPTH | FTW_PHYS);
}

static OskId id_of(uint32_t number)
{
    OskId id = { .bytes = { 0 } };
    uint32_t mixed = number * 2654435761u;
    memcpy(id.bytes, &mixed, sizeof(mixed));
    return id;
}

static void add(uint32_t number, OskDay day, const char *category)
{
    OskFault fault = { .status = OSK_OK };
    uint8_t sealed[] = "sealed";
    OskSubmissionRow row = { .id = id_of(number),
                             .day = day,
                             .manifest = { sealed, sizeof(sealed) } };
    memcpy(row.receipt.bytes, row.id.bytes, sizeof(row.id));
    row.receipt.bytes[31] = 1;
    snprintf(row.category, sizeof(row.category), "%s", category);
    const OskChange change = { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &row };
    assert_int_equal(osk_store_commit(store, &change, 1, NULL, &fault), OSK_COMMIT_OK);
}

static uint64_t sweep(const OskIntakeOptions *options, OskDay today)
{
    OskRetention retention;
    OskFault fault = { .status = OSK_OK };
    uint64_t dropped = 0;
    osk_retention_set(&retention, options);
    assert_int_equal(osk_retention_sweep(&retention, store, today, &dropped, &fault), OSK_OK);
    return dropped;
}

static uint64_t left(void)
{
    OskStoreCounts counts = { 0 };
    OskFault fault = { .status = OSK_OK };
    assert_int_equal(osk_store_counts(store, &counts, &fault), OSK_OK);
    return counts.submissions;
}

static void retention__keeps_for_the_days_that_the_page_says(void **state)
{
    (void)state;
    const OskIntakeOptions options = { .notice.retain_days = 30 };
    add(1, TODAY - 31, "");
    add(2, TODAY - 30, "");
    add(3, TODAY, "");
    assert_int_equal(sweep(&options, TODAY), 1);
    assert_int_equal(sweep(&options, TODAY), 0);
    assert_int_equal(sweep(&options, TODAY + 1), 1);
    assert_int_equal(left(), 1);
}

static void retention__a_category_may_have_days_of_its_own(void **state)
{
    (void)state;
    const OskIntakeOptions options = {
        .notice.retain_days = 30,
        .categories = { { .id = "short", .retain_days = 2 },
                        { .id = "long", .retain_days = 300 },
                        { .id = "usual" } },
        .category_count = 3,
    };
    add(1, TODAY - 3, "short");
    add(2, TODAY - 3, "usual");
    add(3, TODAY - 31, "usual");
    add(4, TODAY - 31, "long");
    add(5, TODAY - 31, "no-longer-listed");
    assert_int_equal(sweep(&options, TODAY), 3);
    assert_int_equal(left(), 2);
}

static void retention__keeps_what_is_held_until_that_ends(void **state)
{
    (void)state;
    const OskIntakeOptions options = { .notice.retain_days = 30 };
    OskFault fault = { .status = OSK_OK };
    OskRecordRow hold = { .key = { .space = OSK_SPACE_HOLD, .id = id_of(2) } };
    const OskChange set = { .kind = OSK_ROW_RECORD_SET, .row.record = &hold };
    const OskChange end = { .kind = OSK_ROW_RECORD_DROP, .row.record_key = &hold.key };
    for (uint32_t i = 1; i < 4; i++) {
        add(i, TODAY - 31, "");
    }
    assert_int_equal(osk_store_commit(store, &set, 1, NULL, &fault), OSK_COMMIT_OK);
    assert_int_equal(sweep(&options, TODAY), 2);
    assert_int_equal(sweep(&options, TODAY + 400), 0);
    assert_int_equal(left(), 1);
    assert_int_equal(osk_store_commit(store, &end, 1, NULL, &fault), OSK_COMMIT_OK);
    assert_int_equal(sweep(&options, TODAY), 1);
}

/* More than one commit takes, with others in between that stay. */
static void retention__drops_all_of_many(void **state)
{
    (void)state;
    const OskIntakeOptions options = { .notice.retain_days = 1,
                                       .categories = { { .id = "long", .retain_days = 300 } },
                                       .category_count = 1 };
    for (uint32_t i = 0; i < 400; i++) {
        add(i + 1, TODAY - 10 + (OskDay)(i % 3), i % 5 == 0 ? "long" : "");
    }
    assert_int_equal(sweep(&options, TODAY), 320);
    assert_int_equal(left(), 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(retention__keeps_for_the_days_that_the_page_says, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(retention__a_category_may_have_days_of_its_own, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(retention__keeps_what_is_held_until_that_ends, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(retention__drops_all_of_many, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
