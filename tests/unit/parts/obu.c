/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AV1 units of samples and records: which stay, which go, and where they end. */
#include "unit.h"

#include <string.h>

#include "parts/obu.h"

#define SECRET "xk-secret-42"

typedef struct Filtered {
    OskStatus status;
    uint8_t bytes[256];
    size_t len;
    size_t findings;
} Filtered;

static Filtered run(const void *bytes, size_t len, bool config)
{
    Filtered out = { .status = OSK_OK };
    OskBudget budget = osk_budget_default();
    OskFault fault = { .status = OSK_OK };
    OskReport report;
    OskCoded coded;
    OskWriter made;
    osk_report_init(&report);
    osk_writer_init(&made, sizeof(out.bytes));
    osk_coded_init(&coded, OSK_CODEC_AV1, &report, &fault, &budget);
    coded.source = (OskCodedSource){ .bytes = bytes, .len = len };
    out.status = config ? osk_obu_config(&coded, 0, len) : osk_obu_sample(&coded, 0, len);
    if (out.status == OSK_OK) {
        assert_int_equal(osk_coded_write(&coded, &made), OSK_OK);
        assert_int_equal(made.len, coded.out_len);
        if (made.len > 0) {
            memcpy(out.bytes, made.bytes, made.len);
        }
        out.len = made.len;
    }
    out.findings = osk_report_count(&report);
    osk_report_clear(&report);
    osk_coded_free(&coded);
    osk_writer_free(&made);
    return out;
}

/* A delimiter, the sequence header of a 64 x 64 still, and a frame. */
#define DELIMITER "\x12\x00"
#define SEQUENCE "\x0A\x06\x18\x15\x7F\xFC\x00\x08"
#define FRAME "\x32\x04\x10\x20\x30\x40"

static void obu__keeps_sequences_and_frames(void **state)
{
    (void)state;
    static const char in[] = DELIMITER SEQUENCE FRAME;
    Filtered f = run(in, sizeof(in) - 1, false);
    assert_int_equal(f.len, sizeof(in) - 1);
    assert_int_equal(f.findings, 0);
}

static void obu__drops_padding_reserved_types_and_unknown_metadata(void **state)
{
    (void)state;
    static const char in[] = SEQUENCE "\x7A\x0D" SECRET "\x80"     /* padding */
                                      "\x4A\x0C" SECRET            /* reserved type 9 */
                                      "\x42\x0C" SECRET            /* tile list */
                                      "\x2A\x0E\x20" SECRET "\x80" /* metadata of type 32 */
        FRAME;
    Filtered f = run(in, sizeof(in) - 1, false);
    assert_int_equal(f.status, OSK_OK);
    assert_int_equal(f.len, sizeof(SEQUENCE FRAME) - 1);
    assert_memory_equal(f.bytes, SEQUENCE FRAME, f.len);
    assert_int_equal(f.findings, 2);
}

static void obu__keeps_light_levels_of_the_right_length_only(void **state)
{
    (void)state;
    static const char in[] = "\x2A\x06\x01\x03\xE8\x01\x90\x80"
                             "\x2A\x09\x01\x03\xE8\x01\x90sec\x80";
    Filtered f = run(in, sizeof(in) - 1, false);
    assert_int_equal(f.len, 8);
}

static void obu__drops_timecodes_and_t35_and_names_them(void **state)
{
    (void)state;
    static const char in[] = "\x2A\x06\x05\x00\x40\x40\x40\x80"
                             "\x2A\x0A\x04\xB5\x00\x31GA94s\x80";
    Filtered f = run(in, sizeof(in) - 1, false);
    assert_int_equal(f.len, 0);
    assert_int_equal(f.findings, 2);
}

static void obu__the_last_one_may_come_without_a_size(void **state)
{
    (void)state;
    static const char in[] = DELIMITER "\x30\x10\x20\x30";
    assert_int_equal(run(in, sizeof(in) - 1, false).len, sizeof(in) - 1);
}

static void obu__longer_than_its_sample_is_malformed(void **state)
{
    (void)state;
    static const char in[] = "\x32\x7F\x10";
    assert_int_equal(run(in, sizeof(in) - 1, false).status, OSK_MALFORMED);
    static const char endless[] = "\x32\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01";
    assert_int_equal(run(endless, sizeof(endless) - 1, false).status, OSK_MALFORMED);
}

static void obu__record_holds_sequences_and_metadata_only(void **state)
{
    (void)state;
    static const char in[] = "\x81\x05\x0C\x00" DELIMITER SEQUENCE "\x7A\x0C" SECRET;
    Filtered f = run(in, sizeof(in) - 1, true);
    assert_int_equal(f.status, OSK_OK);
    assert_int_equal(f.len, 4 + sizeof(SEQUENCE) - 1);
    assert_int_equal(run("\x82\0\0\0", 4, true).status, OSK_UNSUPPORTED);
    assert_int_equal(run("\x81\0", 2, true).status, OSK_MALFORMED);
}

static void obu__sequence_is_cut_off_at_its_stop_bit(void **state)
{
    (void)state;
    static const char in[] = "\x0A\x12\x18\x15\x7F\xFC\x00\x08" SECRET FRAME;
    Filtered f = run(in, sizeof(in) - 1, false);
    assert_int_equal(f.status, OSK_OK);
    assert_int_equal(f.len, sizeof(SEQUENCE FRAME) - 1);
    assert_memory_equal(f.bytes, SEQUENCE FRAME, f.len);
    assert_int_equal(f.findings, 1);
    static const char endless[] = "\x0A\x04\x18\x15\x7F\xFC";
    assert_int_equal(run(endless, sizeof(endless) - 1, false).status, OSK_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(obu__keeps_sequences_and_frames),
        cmocka_unit_test(obu__drops_padding_reserved_types_and_unknown_metadata),
        cmocka_unit_test(obu__sequence_is_cut_off_at_its_stop_bit),
        cmocka_unit_test(obu__keeps_light_levels_of_the_right_length_only),
        cmocka_unit_test(obu__drops_timecodes_and_t35_and_names_them),
        cmocka_unit_test(obu__the_last_one_may_come_without_a_size),
        cmocka_unit_test(obu__longer_than_its_sample_is_malformed),
        cmocka_unit_test(obu__record_holds_sequences_and_metadata_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
