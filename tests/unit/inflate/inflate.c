/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The adapter of the inflate library: where a stream ends, that bombs meet their limit, and the
 * checksum. */
#include "inflate/inflate.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "unit.h"

static const OskInflateSize any = { .expect = 0, .max = (size_t)1 << 24 };

static void inflate__finds_the_end_of_the_stream(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    uint8_t plain[1000];
    memset(plain, 'x', sizeof(plain));
    uint8_t *packed = NULL;
    size_t packed_len = 0;
    assert_int_equal(osk_deflate_zlib(plain, sizeof(plain), &packed, &packed_len), OSK_OK);
    uint8_t *with_slack = malloc(packed_len + 6);
    assert_non_null(with_slack);
    memcpy(with_slack, packed, packed_len);
    memcpy(with_slack + packed_len, "secret", 6);
    OskInflated got;
    assert_int_equal(osk_inflate_zlib(with_slack, packed_len + 6, any, &budget, &got), OSK_OK);
    assert_int_equal(got.used, packed_len);
    assert_int_equal(got.len, sizeof(plain));
    assert_memory_equal(got.bytes, plain, sizeof(plain));
    osk_inflated_free(&got, &budget);
    assert_true(budget.memory == OSK_LIMIT_MEMORY);
    free(with_slack);
    free(packed);
}

static void inflate__a_bomb_meets_its_limit(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    size_t size = (size_t)4 << 20;
    uint8_t *zeros = calloc(1, size);
    uint8_t *packed = NULL;
    size_t packed_len = 0;
    assert_non_null(zeros);
    assert_int_equal(osk_deflate_zlib(zeros, size, &packed, &packed_len), OSK_OK);
    OskInflated got;
    OskInflateSize small = { .max = size - 1 };
    assert_int_equal(osk_inflate_zlib(packed, packed_len, small, &budget, &got), OSK_LIMIT);
    assert_int_equal(osk_inflate_zlib(packed, packed_len, any, &budget, &got), OSK_OK);
    osk_inflated_free(&got, &budget);
    OskBudget poor = { .memory = 100000 };
    assert_int_equal(osk_inflate_zlib(packed, packed_len, any, &poor, &got), OSK_LIMIT);
    free(packed);
    free(zeros);
}

static void inflate__broken_streams_are_malformed(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskInflated got;
    assert_int_equal(osk_inflate_zlib((const uint8_t *)"\x78\x9c\xff\xff", 4, any, &budget, &got),
                     OSK_MALFORMED);
    assert_int_equal(osk_inflate_zlib((const uint8_t *)"", 0, any, &budget, &got), OSK_MALFORMED);
    assert_true(budget.memory == OSK_LIMIT_MEMORY);
}

static void inflate__crc_of_iend(void **state)
{
    (void)state;
    assert_int_equal(osk_crc32(0, (const uint8_t *)"IEND", 4), 0xAE426082);
    assert_int_equal(osk_crc32(osk_crc32(0, (const uint8_t *)"IE", 2), (const uint8_t *)"ND", 2),
                     0xAE426082);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inflate__finds_the_end_of_the_stream),
        cmocka_unit_test(inflate__a_bomb_meets_its_limit),
        cmocka_unit_test(inflate__broken_streams_are_malformed),
        cmocka_unit_test(inflate__crc_of_iend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
