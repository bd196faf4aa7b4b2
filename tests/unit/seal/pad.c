/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Padme: lengths that say little. */
#include "oilskin/seal.h"

#include <stdlib.h>
#include <string.h>

#include "seal/fixed.h"
#include "unit.h"

/* Powers of two, and what stands around them, by hand from the algorithm: E = floor(log2 L),
 * S = floor(log2 E) + 1, and the last E - S bits are rounded up. */
static void pad__rounds_as_the_paper_says(void **state)
{
    (void)state;
    static const uint64_t pairs[][2] = {
        { 0, 0 },
        { 1, 1 },
        { 2, 2 },
        { 3, 3 },
        { 8, 8 },
        { 9, 10 },
        { 17, 18 },
        { 100, 104 },
        { 1000, 1024 },
        { 1024, 1024 },
        { 1025, 1088 },
        { 65537, 67584 },
        { 1000000, 1015808 },
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        assert_int_equal(osk_seal_padded_len(pairs[i][0]), pairs[i][1]);
    }
}

static void pad__adds_at_most_an_eighth_and_is_its_own_result(void **state)
{
    (void)state;
    uint64_t before = 0;
    for (uint64_t len = 0; len < UINT64_C(1) << 40; len += len / 97 + 1) {
        uint64_t padded = osk_seal_padded_len(len);
        assert_true(padded >= len && padded - len <= len * 12 / 100 + 1);
        assert_true(padded >= before);
        assert_int_equal(osk_seal_padded_len(padded), padded);
        before = padded;
    }
}

static void pad__does_not_overflow(void **state)
{
    (void)state;
    assert_int_equal(osk_seal_padded_len(UINT64_MAX), UINT64_MAX);
    assert_true(osk_seal_padded_len(UINT64_MAX / 2) >= UINT64_MAX / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pad__rounds_as_the_paper_says),
        cmocka_unit_test(pad__adds_at_most_an_eighth_and_is_its_own_result),
        cmocka_unit_test(pad__does_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
