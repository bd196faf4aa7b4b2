/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second opinion on profiles and orientations: any byte beside what it knows is found. */
#include "verify/icc.h"

#include <string.h>

#include "base/writer.h"
#include "unit.h"
#include "verify/exif.h"

/* A clean grey profile, written from the specification: 200 bytes. */
static void build(OskWriter *w)
{
    osk_writer_be(w, 192, 4);
    osk_writer_zeros(w, 4);
    osk_writer_be(w, 0x02400000, 4);
    osk_writer_bytes(w, "mntrGRAYXYZ ", 12);
    osk_writer_zeros(w, 12);
    osk_writer_bytes(w, "acsp", 4);
    osk_writer_zeros(w, 28);
    osk_writer_bytes(w, "\0\0\xF6\xD6\0\1\0\0\0\0\xD3\x2D", 12);
    osk_writer_zeros(w, 48);
    osk_writer_be(w, 2, 4);
    osk_writer_bytes(w, "wtpt\0\0\0\x9C\0\0\0\x14", 12);
    osk_writer_bytes(w, "kTRC\0\0\0\xB0\0\0\0\xE", 12);
    osk_writer_bytes(w, "XYZ \0\0\0\0\0\0\xF3\x51\0\1\0\0\0\1\x16\xCC", 20);
    osk_writer_bytes(w, "curv\0\0\0\0\0\0\0\1\2\x33\0\0", 16);
}

static bool check_profile(const uint8_t *bytes, size_t len)
{
    OskFault fault = { .status = OSK_OK };
    OskReport report;
    osk_report_init(&report);
    OskBudget budget = osk_budget_default();
    OskCheck check = { .budget = &budget, .report = &report, .fault = &fault };
    bool clean = osk_check_icc(&check, osk_cursor_make(bytes, len, 0), "ICC");
    assert_int_equal(clean, !check.found);
    osk_report_clear(&report);
    return clean;
}

static void icc__accepts_colour_alone(void **state)
{
    (void)state;
    OskWriter w;
    osk_writer_init(&w, 512);
    build(&w);
    assert_int_equal(w.len, 192);
    assert_true(check_profile(w.bytes, w.len));
    osk_writer_free(&w);
}

/* Bytes that may differ between clean profiles: version, class, spaces, intent, and numbers of
 * values. */
static bool is_free(size_t at)
{
    return (at >= 8 && at < 10) || (at >= 12 && at < 24) || (at >= 64 && at < 68) ||
           (at >= 164 && at < 176) || (at >= 188 && at < 190);
}

static void icc__finds_a_change_of_any_other_byte(void **state)
{
    (void)state;
    OskWriter w;
    osk_writer_init(&w, 512);
    build(&w);
    for (size_t i = 0; i < w.len; i++) {
        if (is_free(i)) {
            continue;
        }
        for (unsigned bit = 0; bit < 8; bit++) {
            w.bytes[i] ^= (uint8_t)(1u << bit);
            assert_false(check_profile(w.bytes, w.len));
            w.bytes[i] ^= (uint8_t)(1u << bit);
        }
    }
    for (size_t len = 0; len < w.len; len++) {
        assert_false(check_profile(w.bytes, len));
    }
    osk_writer_u8(&w, 0);
    assert_false(check_profile(w.bytes, w.len));
    osk_writer_free(&w);
}

static bool check_orientation(const uint8_t *bytes, size_t len)
{
    OskFault fault = { .status = OSK_OK };
    OskReport report;
    osk_report_init(&report);
    OskCheck check = { .report = &report, .fault = &fault };
    bool clean = osk_check_exif_orientation(&check, osk_cursor_make(bytes, len, 0), "Exif");
    assert_int_equal(clean, !check.found);
    osk_report_clear(&report);
    return clean;
}

static void exif__accepts_an_orientation_alone(void **state)
{
    (void)state;
    uint8_t block[] = "MM\0\x2A\0\0\0\10\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0";
    assert_true(check_orientation(block, 26));
    assert_true(check_orientation(
        (const uint8_t *)"II\x2A\0\10\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0", 26));
    for (size_t i = 0; i < 26; i++) {
        if (i == 19) {
            continue; /* the orientation itself */
        }
        block[i] ^= 0x10;
        assert_false(check_orientation(block, 26));
        block[i] ^= 0x10;
    }
    block[19] = 9;
    assert_false(check_orientation(block, 26));
    block[19] = 6;
    assert_false(check_orientation(block, 27));
    assert_false(check_orientation(block, 25));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(icc__accepts_colour_alone),
        cmocka_unit_test(icc__finds_a_change_of_any_other_byte),
        cmocka_unit_test(exif__accepts_an_orientation_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
