/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked for at the creation of an upload is enough until its submission is stored. */
#include "host/strip_client.h"
#include "intake/admission.h"
#include "intake/spool.h"
#include "intake/submission.h"
#include "unit.h"

#define MIB (1024ull * 1024)

static uint64_t disk_free;

static bool disk(void *context, uint64_t *out_free, uint64_t *out_total)
{
    (void)context;
    *out_free = disk_free;
    *out_total = 100000 * MIB;
    return true;
}

/* The least that a disk has free when a file of `len` may begin. */
static uint64_t least_free(OskAdmission *admission, uint64_t len, uint32_t flags)
{
    uint64_t low = 0;
    uint64_t high = 100000 * MIB;
    while (low + 1 < high) {
        disk_free = low + (high - low) / 2;
        bool begins = osk_lease_ask(admission, len, osk_submit_room(len, flags), NULL) == OSK_OK;
        *(begins ? &high : &low) = disk_free;
    }
    return high;
}

static void room__what_may_begin_can_be_scrubbed(void **state)
{
    (void)state;
    static const uint64_t lens[] = { 1, MIB, 33 * MIB, 64 * MIB, 65 * MIB, 700 * MIB, 4096 * MIB };
    static const uint32_t flags[] = { 0, OSK_UPLOAD_PARTIAL };
    const OskAdmissionLimits limits = { .disk = disk };
    OskAdmission *admission = NULL;
    assert_int_equal(osk_admission_open(&admission, &limits), OSK_OK);
    for (size_t i = 0; i < 2 * sizeof(lens) / sizeof(lens[0]); i++) {
        uint64_t len = lens[i / 2];
        bool is_joined = i % 2 == 1 || len > OSK_SPOOL_SEGMENT_BYTES;
        OskLease *lease = NULL;
        disk_free = least_free(admission, len, flags[i % 2]);
        /* It came, sealed and padded; then its pieces and its copy lie beside it. */
        uint64_t sealed = osk_seal_padded_len(len) + len / 4096 + 300;
        disk_free -= sealed;
        uint64_t beside = osk_strip_output_max(len) + (is_joined ? sealed : 0);
        assert_int_equal(osk_lease_hold(admission, len, beside, &lease, NULL), OSK_OK);
        osk_lease_end(&lease);
    }
    osk_admission_close(&admission);
}

static void room__what_is_not_scrubbed_needs_no_more_than_itself(void **state)
{
    (void)state;
    assert_int_equal(osk_submit_room(4096 * MIB, OSK_UPLOAD_DEVICE), 4096 * MIB);
    assert_int_equal(osk_submit_room(4096 * MIB, OSK_UPLOAD_ORIGINAL), 4096 * MIB);
    assert_int_equal(osk_submit_room(UINT64_MAX - 1, 0), UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room__what_may_begin_can_be_scrubbed),
        cmocka_unit_test(room__what_is_not_scrubbed_needs_no_more_than_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
