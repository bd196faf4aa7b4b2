/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of packs. */
#include <string.h>

#include "fingerprint/drawn.h"
#include "unit.h"

static OskPack *still_pack(void)
{
    OskLuma luma = drawn_luma(300, 200, 8);
    OskPack *pack = NULL;
    OskStillFacts facts = { .width = 3000, .height = 2000, .capture = OSK_CAPTURE_PLACE };
    assert_int_equal(osk_pack_of_still(&pack, &luma, &facts, NULL), OSK_OK);
    drawn_free(&luma);
    return pack;
}

static OskMemory written(const OskPack *pack)
{
    OskMemory out = { 0 };
    assert_int_equal(osk_pack_write(pack, &out, NULL), OSK_OK);
    return out;
}

/* Reads from a block of exactly this length, so that one byte too far is found. */
static OskStatus read_exact(OskPack **out, const uint8_t *bytes, size_t len)
{
    uint8_t *block = malloc(len > 0 ? len : 1);
    memcpy(block, bytes, len);
    OskFault fault = { 0 };
    OskStatus status = osk_pack_read(out, block, len, &fault);
    assert_int_equal(fault.status, status);
    free(block);
    return status;
}

static void pack__is_read_as_it_was_written(void **state)
{
    (void)state;
    OskPack *pack = still_pack();
    assert_int_equal(pack->hash_count, 1);
    assert_true(pack->frames[0].feature_count > 50);
    OskMemory bytes = written(pack);
    OskPack *again = NULL;
    assert_int_equal(read_exact(&again, bytes.bytes, bytes.len), OSK_OK);
    assert_int_equal(again->width, 3000);
    assert_int_equal(again->height, 2000);
    assert_int_equal(again->capture, OSK_CAPTURE_PLACE);
    assert_memory_equal(&again->hashes[0].pdq, &pack->hashes[0].pdq, sizeof pack->hashes[0].pdq);
    assert_int_equal(again->frames[0].luma_width, OSK_PACK_LUMA_SIDE_MAX);
    assert_memory_equal(again->frames[0].features, pack->frames[0].features,
                        pack->frames[0].feature_count * sizeof(OskFeature));
    OskMemory second = written(again);
    assert_int_equal(second.len, bytes.len);
    assert_memory_equal(second.bytes, bytes.bytes, bytes.len);
    osk_bytes_free(&second.bytes);
    osk_bytes_free(&bytes.bytes);
    osk_pack_free(&again);
    osk_pack_free(&pack);
    assert_null(pack);
}

static void pack__cut_anywhere_is_refused(void **state)
{
    (void)state;
    OskPack *pack = still_pack();
    OskMemory bytes = written(pack);
    osk_pack_free(&pack);
    for (size_t len = 0; len < bytes.len; len += len < 400 ? 1 : 97) {
        OskPack *out = NULL;
        assert_int_not_equal(read_exact(&out, bytes.bytes, len), OSK_OK);
        assert_null(out);
    }
    osk_bytes_free(&bytes.bytes);
}

static void pack__takes_zeros_behind_it_and_nothing_else(void **state)
{
    (void)state;
    OskPack *pack = still_pack();
    OskMemory bytes = written(pack);
    osk_pack_free(&pack);
    uint8_t *padded = calloc(bytes.len + 50, 1);
    memcpy(padded, bytes.bytes, bytes.len);
    OskPack *out = NULL;
    assert_int_equal(read_exact(&out, padded, bytes.len + 50), OSK_OK);
    osk_pack_free(&out);
    padded[bytes.len + 49] = 1;
    assert_int_equal(read_exact(&out, padded, bytes.len + 50), OSK_MALFORMED);
    free(padded);
    osk_bytes_free(&bytes.bytes);
}

/* A byte of the head or of the first rows that may not be what it becomes. */
static void pack__with_a_wrong_byte_is_refused(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
        OskStatus status;
    } wrong[] = {
        { 0, 'x', OSK_MALFORMED },   { 4, 2, OSK_UNSUPPORTED },   { 5, 3, OSK_MALFORMED },
        { 6, 2, OSK_MALFORMED },     { 7, 32, OSK_MALFORMED },    { 16, 1, OSK_MALFORMED },
        { 28, 0, OSK_MALFORMED },    { 28, 2, OSK_MALFORMED },    { 30, 2, OSK_MALFORMED },
        { 31, 1, OSK_MALFORMED },    { 36, 4, OSK_MALFORMED },    { 37, 101, OSK_MALFORMED },
        { 298, 0, OSK_MALFORMED },   { 298, 129, OSK_MALFORMED }, { 299, 0, OSK_MALFORMED },
        { 300, 128, OSK_MALFORMED }, { 302, 0, OSK_MALFORMED },   { 303, 200, OSK_MALFORMED },
        { 305, 255, OSK_MALFORMED },
    };
    OskPack *pack = still_pack();
    OskMemory bytes = written(pack);
    osk_pack_free(&pack);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint8_t held = bytes.bytes[wrong[i].at];
        bytes.bytes[wrong[i].at] = wrong[i].value;
        OskPack *out = NULL;
        assert_int_equal(read_exact(&out, bytes.bytes, bytes.len), wrong[i].status);
        bytes.bytes[wrong[i].at] = held;
    }
    osk_bytes_free(&bytes.bytes);
}

static void pack__that_no_reader_would_take_is_not_written(void **state)
{
    (void)state;
    OskPack *pack = still_pack();
    OskMemory out = { 0 };
    pack->duration_ms = 1;
    assert_int_equal(osk_pack_write(pack, &out, NULL), OSK_MISUSE);
    pack->duration_ms = 0;
    pack->frames[0].trim.width = 129;
    assert_int_equal(osk_pack_write(pack, &out, NULL), OSK_MISUSE);
    assert_null(out.bytes);
    osk_pack_free(&pack);
}

static void pack__of_a_letterboxed_still_has_both_hashes(void **state)
{
    (void)state;
    OskLuma luma = drawn_luma(300, 200, 8);
    float *values = calloc((size_t)300 * 300, sizeof *values);
    memcpy(values + (size_t)50 * 300, luma.values, (size_t)300 * 200 * sizeof *values);
    OskPack *pack = NULL;
    OskStillFacts facts = { .width = 300, .height = 300 };
    assert_int_equal(osk_pack_of_still(&pack, &(OskLuma){ values, 300, 300 }, &facts, NULL),
                     OSK_OK);
    OskPack *inner = still_pack();
    assert_int_equal(pack->hash_count, 2);
    assert_true(pack->hashes[1].is_trimmed);
    assert_in_range(osk_pdq_distance(&pack->hashes[1].pdq.forms[0], &inner->hashes[0].pdq.forms[0]),
                    0, 10);
    assert_true(pack->frames[0].trim.height < 95);
    osk_pack_free(&inner);
    osk_pack_free(&pack);
    free(values);
    drawn_free(&luma);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pack__is_read_as_it_was_written),
        cmocka_unit_test(pack__cut_anywhere_is_refused),
        cmocka_unit_test(pack__takes_zeros_behind_it_and_nothing_else),
        cmocka_unit_test(pack__with_a_wrong_byte_is_refused),
        cmocka_unit_test(pack__that_no_reader_would_take_is_not_written),
        cmocka_unit_test(pack__of_a_letterboxed_still_has_both_hashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
