/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NAL units of samples: slices stay bit for bit, messages by their table, clocks and padding go. */
#include "unit.h"

#include <string.h>

#include "parts/nal.h"

#define SECRET "xk-secret-41"

typedef struct Filtered {
    OskStatus status;
    bool changed;
    uint8_t bytes[1024];
    size_t len;
    size_t findings;
} Filtered;

typedef OskStatus (*Filter)(OskCoded *coded, uint64_t offset, uint64_t len);

/* Runs a filter over the bytes of `in` and frees it; they stand at position 1000 of a file. */
static Filtered run(OskWriter *in, OskCodec codec, Filter filter)
{
    Filtered out = { .status = OSK_OK };
    OskBudget budget = osk_budget_default();
    OskFault fault = { .status = OSK_OK };
    OskReport report;
    OskCoded coded;
    OskWriter made;
    osk_report_init(&report);
    osk_writer_init(&made, sizeof(out.bytes));
    osk_coded_init(&coded, codec, &report, &fault, &budget);
    coded.source = (OskCodedSource){ .bytes = in->bytes, .base = 1000, .len = in->len };
    assert_true(osk_writer_ok(in));
    out.status = filter(&coded, 1000, in->len);
    if (out.status == OSK_OK) {
        uint64_t at = 1000;
        for (size_t i = 0; i < coded.count; i++) {
            assert_int_equal(coded.pieces[i].offset, at);
            at += coded.pieces[i].len;
        }
        assert_int_equal(at, 1000 + in->len);
        assert_int_equal(osk_coded_write(&coded, &made), OSK_OK);
        assert_int_equal(made.len, coded.out_len);
        if (made.len > 0) {
            memcpy(out.bytes, made.bytes, made.len);
        }
        out.len = made.len;
        out.changed = coded.changed;
    }
    out.findings = osk_report_count(&report);
    osk_report_clear(&report);
    osk_coded_free(&coded);
    osk_writer_free(&made);
    osk_writer_free(in);
    return out;
}

static void unit(OskWriter *w, const void *bytes, size_t len)
{
    osk_writer_be(w, len, 4);
    osk_writer_bytes(w, bytes, len);
}

static bool holds_text(const Filtered *f, const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i + len <= f->len; i++) {
        if (memcmp(f->bytes + i, text, len) == 0) {
            return true;
        }
    }
    return false;
}

static const uint8_t slice[] = { 0x65, 0x88, 0x84, 0x00, 0x33 };

static void nal__keeps_slices_and_parameter_sets_as_they_are(void **state)
{
    (void)state;
    OskWriter w;
    osk_writer_init(&w, 4096);
    unit(&w, "\x09\xF0", 2);
    unit(&w, "\x67\x42\xC0\x0A\xDA\x10\x99", 7);
    unit(&w, slice, sizeof(slice));
    Filtered f = run(&w, OSK_CODEC_AVC, osk_nal_sample);
    assert_int_equal(f.status, OSK_OK);
    assert_false(f.changed);
    assert_int_equal(f.findings, 0);
}

static void nal__drops_user_data_filler_and_unspecified_units(void **state)
{
    (void)state;
    static const uint8_t sei[] = "\x06\x05\x1C"
                                 "0123456789abcdef" SECRET "\x80";
    OskWriter w;
    osk_writer_init(&w, 4096);
    unit(&w, sei, sizeof(sei) - 1);
    unit(&w, "\x0C" SECRET "\x80", 14);
    unit(&w, "\x1F" SECRET, 13);
    unit(&w, slice, sizeof(slice));
    Filtered f = run(&w, OSK_CODEC_AVC, osk_nal_sample);
    assert_int_equal(f.status, OSK_OK);
    assert_int_equal(f.len, 4 + sizeof(slice));
    assert_memory_equal(f.bytes + 4, slice, sizeof(slice));
    assert_true(f.findings >= 2);
}

/* A recovery point stays, with the emulation prevention that it needs, and the rest of its unit
 * goes. */
static void nal__rebuilds_a_unit_of_mixed_messages(void **state)
{
    (void)state;
    static const uint8_t sei[] = { 0x06, 0x05, 0x14, '0', '1', '2',  '3', '4',  '5', '6', '7',
                                   '8',  '9',  'a',  'b', 'c', 'd',  'e', 'f',  's', 'e', 'c',
                                   'r',  0x06, 0x04, 0,   0,   0x03, 0,   0x40, 0x80 };
    static const uint8_t want[] = { 0, 0, 0, 9, 0x06, 0x06, 0x04, 0, 0, 0x03, 0, 0x40, 0x80 };
    OskWriter w;
    osk_writer_init(&w, 4096);
    unit(&w, sei, sizeof(sei));
    Filtered f = run(&w, OSK_CODEC_AVC, osk_nal_sample);
    assert_int_equal(f.status, OSK_OK);
    assert_int_equal(f.len, sizeof(want));
    assert_memory_equal(f.bytes, want, sizeof(want));
}

static void nal__keeps_hdr_messages_of_the_right_length_only(void **state)
{
    (void)state;
    static const uint8_t light[] = { 0x4E, 0x01, 0x90, 0x04, 0x03, 0xE8, 0x01, 0x90, 0x80 };
    static const uint8_t longer[] = {
        0x4E, 0x01, 0x90, 0x06, 0x03, 0xE8, 0x01, 0x90, 's', 'e', 0x80
    };
    OskWriter w;
    osk_writer_init(&w, 4096);
    unit(&w, light, sizeof(light));
    unit(&w, longer, sizeof(longer));
    Filtered f = run(&w, OSK_CODEC_HEVC, osk_nal_sample);
    assert_int_equal(f.status, OSK_OK);
    assert_int_equal(f.len, 4 + sizeof(light));
    assert_memory_equal(f.bytes + 4, light, sizeof(light));
}

static void nal__drops_hevc_time_codes_and_names_them(void **state)
{
    (void)state;
    static const uint8_t time[] = { 0x4E, 0x01, 0x88, 0x03, 0x60, 0x40, 0x40, 0x80 };
    OskWriter w;
    osk_writer_init(&w, 4096);
    unit(&w, time, sizeof(time));
    Filtered f = run(&w, OSK_CODEC_HEVC, osk_nal_sample);
    assert_int_equal(f.status, OSK_OK);
    assert_int_equal(f.len, 0);
    assert_int_equal(f.findings, 1);
}

/* H.265, 7.4.2.2: no unit has temporal id -1. Readers disagree where such a one is escaped. */
static void nal__drops_messages_of_a_forbidden_temporal_id(void **state)
{
    (void)state;
    static const uint8_t light[] = { 0x4E, 0x00, 0x90, 0x04, 0x03, 0xE8, 0x01, 0x90, 0x80 };
    OskWriter w;
    osk_writer_init(&w, 4096);
    unit(&w, light, sizeof(light));
    Filtered f = run(&w, OSK_CODEC_HEVC, osk_nal_sample);
    assert_int_equal(f.status, OSK_OK);
    assert_int_equal(f.len, 0);
    assert_int_equal(f.findings, 1);
}

/* The set says that fields and clocks are there: baseline, 16 by 16 pixels, and a VUI with
 * pic_struct. */
static const uint8_t sps_with_fields[] = { 0x67, 0x42, 0x00, 0x0A, 0xDD, 0xC8, 0x0A };

static void nal__takes_the_clock_out_of_picture_timing(void **state)
{
    (void)state;
    /* pic_struct 0, one clock: full, 12:34:56, 24 bits of offset; then the same without it. */
    static const uint8_t clock[] = { 0x06, 0x01, 0x09, 0x08, 0x04, 0x00, 0xE2,
                                     0x26, 0x00, 0x00, 0x03, 0x00, 0x40, 0x80 };
    OskWriter w;
    osk_writer_init(&w, 4096);
    unit(&w, sps_with_fields, sizeof(sps_with_fields));
    unit(&w, clock, sizeof(clock));
    Filtered f = run(&w, OSK_CODEC_AVC, osk_nal_sample);
    assert_int_equal(f.status, OSK_OK);
    assert_int_equal(f.findings, 1);
    /* pic_struct 0, no clock, the bit that ends the payload. */
    assert_int_equal(f.len, 4 + sizeof(sps_with_fields) + 4 + 5);
    assert_memory_equal(f.bytes + f.len - 5, "\x06\x01\x01\x04\x80", 5);
}

static void nal__drops_picture_timing_of_an_unknown_form(void **state)
{
    (void)state;
    OskWriter w;
    osk_writer_init(&w, 4096);
    unit(&w, "\x06\x01\x01\x04\x80", 5);
    Filtered f = run(&w, OSK_CODEC_AVC, osk_nal_sample);
    assert_int_equal(f.len, 0);
}

static void nal__cuts_what_hides_behind_a_delimiter(void **state)
{
    (void)state;
    OskWriter w;
    osk_writer_init(&w, 4096);
    unit(&w, "\x09\xF0" SECRET, 14);
    Filtered f = run(&w, OSK_CODEC_AVC, osk_nal_sample);
    assert_int_equal(f.len, 6);
    assert_memory_equal(f.bytes, "\0\0\0\x02\x09\xF0", 6);
}

static void nal__drops_an_rpu_with_a_wrong_checksum(void **state)
{
    (void)state;
    OskWriter w;
    osk_writer_init(&w, 4096);
    unit(&w, "\x7C\x01\x19" SECRET "\x01\x02\x03\x04\x80", 20);
    Filtered f = run(&w, OSK_CODEC_HEVC, osk_nal_sample);
    assert_int_equal(f.len, 0);
}

static void nal__a_unit_longer_than_its_sample_is_malformed(void **state)
{
    (void)state;
    OskWriter w;
    osk_writer_init(&w, 4096);
    osk_writer_be(&w, 100, 4);
    osk_writer_bytes(&w, slice, sizeof(slice));
    assert_int_equal(run(&w, OSK_CODEC_AVC, osk_nal_sample).status, OSK_MALFORMED);
}

static void nal__drops_bytes_that_are_too_few_for_a_unit(void **state)
{
    (void)state;
    OskWriter w;
    osk_writer_init(&w, 4096);
    unit(&w, slice, sizeof(slice));
    osk_writer_bytes(&w, "abc", 3);
    assert_int_equal(run(&w, OSK_CODEC_AVC, osk_nal_sample).len, 4 + sizeof(slice));
}

static void nal__avc_record_loses_its_tail(void **state)
{
    (void)state;
    static const uint8_t record[] = {
        1,    0x42, 0xC0, 0x0A, 0xFF, 0xE1, 0, 7,    0x67, 0x42, 0xC0,
        0x0A, 0xDA, 0x10, 0x99, 1,    0,    4, 0x68, 0xCE, 0x38, 0x80
    };
    OskWriter w;
    osk_writer_init(&w, 4096);
    osk_writer_bytes(&w, record, sizeof(record));
    assert_false(run(&w, OSK_CODEC_AVC, osk_nal_config).changed);
    osk_writer_init(&w, 4096);
    osk_writer_bytes(&w, record, sizeof(record));
    osk_writer_bytes(&w, SECRET, strlen(SECRET));
    Filtered f = run(&w, OSK_CODEC_AVC, osk_nal_config);
    assert_int_equal(f.len, sizeof(record));
    assert_memory_equal(f.bytes, record, sizeof(record));
    assert_int_equal(f.findings, 1);
}

static void nal__hevc_record_loses_user_data(void **state)
{
    (void)state;
    static const uint8_t sei[] = "\x4E\x01\x05\x1C"
                                 "0123456789abcdef" SECRET "\x80";
    OskWriter w;
    osk_writer_init(&w, 4096);
    osk_writer_u8(&w, 1);
    osk_writer_zeros(&w, 20);
    osk_writer_u8(&w, 0x0F);
    osk_writer_u8(&w, 2);
    osk_writer_bytes(&w, "\x20\0\x01\0\x14\x40\x01\x0C\x01\xFF\xFF", 11);
    for (unsigned i = 0; i < 12; i++) {
        osk_writer_u8(&w, 0x81);
    }
    osk_writer_bytes(&w, "\xAC\x09", 2);
    osk_writer_bytes(&w, "\x27\0\x01", 3);
    osk_writer_be(&w, sizeof(sei) - 1, 2);
    osk_writer_bytes(&w, sei, sizeof(sei) - 1);
    Filtered f = run(&w, OSK_CODEC_HEVC, osk_nal_config);
    assert_int_equal(f.status, OSK_OK);
    assert_int_equal(f.bytes[22], 1);
    assert_int_equal(f.len, 48);
    assert_false(holds_text(&f, SECRET));
}

static void nal__record_cut_at_every_length_is_malformed(void **state)
{
    (void)state;
    static const uint8_t record[] = {
        1,    0x42, 0xC0, 0x0A, 0xFF, 0xE1, 0, 7,    0x67, 0x42, 0xC0,
        0x0A, 0xDA, 0x10, 0x99, 1,    0,    4, 0x68, 0xCE, 0x38, 0x80
    };
    for (size_t len = 0; len < sizeof(record); len++) {
        OskWriter w;
        osk_writer_init(&w, 4096);
        osk_writer_bytes(&w, record, len);
        assert_int_not_equal(run(&w, OSK_CODEC_AVC, osk_nal_config).status, OSK_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nal__keeps_slices_and_parameter_sets_as_they_are),
        cmocka_unit_test(nal__drops_user_data_filler_and_unspecified_units),
        cmocka_unit_test(nal__rebuilds_a_unit_of_mixed_messages),
        cmocka_unit_test(nal__keeps_hdr_messages_of_the_right_length_only),
        cmocka_unit_test(nal__drops_hevc_time_codes_and_names_them),
        cmocka_unit_test(nal__drops_messages_of_a_forbidden_temporal_id),
        cmocka_unit_test(nal__takes_the_clock_out_of_picture_timing),
        cmocka_unit_test(nal__drops_picture_timing_of_an_unknown_form),
        cmocka_unit_test(nal__cuts_what_hides_behind_a_delimiter),
        cmocka_unit_test(nal__drops_an_rpu_with_a_wrong_checksum),
        cmocka_unit_test(nal__a_unit_longer_than_its_sample_is_malformed),
        cmocka_unit_test(nal__drops_bytes_that_are_too_few_for_a_unit),
        cmocka_unit_test(nal__avc_record_loses_its_tail),
        cmocka_unit_test(nal__hevc_record_loses_user_data),
        cmocka_unit_test(nal__record_cut_at_every_length_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
