/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameter sets of H.264 and H.265 end at their stop bit; what hides behind it is found. */
#include "unit.h"

#include <string.h>

#include "parts/nal_set.h"

/* A unit bit by bit, high bit first. */
typedef struct Unit {
    uint8_t bytes[64];
    size_t bits;
} Unit;

static void u(Unit *unit, uint32_t value, unsigned count)
{
    while (count-- > 0) {
        assert_true(unit->bits < sizeof(unit->bytes) * 8);
        unit->bytes[unit->bits / 8] |= (uint8_t)((value >> count & 1u) << (7 - unit->bits % 8));
        unit->bits++;
    }
}

static void ue(Unit *unit, uint32_t value)
{
    unsigned bits = 0;
    while ((value + 1) >> (bits + 1) != 0) {
        bits++;
    }
    u(unit, 0, bits);
    u(unit, value + 1, bits + 1);
}

/* The stop bit, and zeros to the end of its byte. Returns the length in bytes. */
static size_t stop(Unit *unit)
{
    u(unit, 1, 1);
    unit->bits = (unit->bits + 7) / 8 * 8;
    return unit->bits / 8;
}

/* A baseline sequence parameter set of H.264, 64 x 64. */
static size_t avc_sps(Unit *unit)
{
    *unit = (Unit){ .bits = 0 };
    u(unit, 0x67, 8);
    u(unit, 66, 8);
    u(unit, 0xC00A, 16);
    ue(unit, 0);
    ue(unit, 0);
    ue(unit, 2);
    ue(unit, 1);
    u(unit, 0, 1);
    ue(unit, 3);
    ue(unit, 3);
    u(unit, 1, 1);
    u(unit, 1, 1);
    u(unit, 0, 2);
    return stop(unit);
}

static size_t avc_pps(Unit *unit, bool more)
{
    *unit = (Unit){ .bits = 0 };
    u(unit, 0x68, 8);
    ue(unit, 0);
    ue(unit, 0);
    u(unit, 0, 2);
    ue(unit, 0);
    ue(unit, 0);
    ue(unit, 0);
    u(unit, 0, 3);
    ue(unit, 0);
    ue(unit, 0);
    ue(unit, 0);
    u(unit, 0, 3);
    if (more) {
        u(unit, 1, 1);
        u(unit, 0, 1);
        ue(unit, 0);
    }
    return stop(unit);
}

/* A video parameter set of H.265 with one layer. */
static size_t hevc_vps(Unit *unit)
{
    *unit = (Unit){ .bits = 0 };
    u(unit, 0x4001, 16);
    u(unit, 0x0C01, 16);
    u(unit, 0xFFFF, 16);
    for (unsigned i = 0; i < 12; i++) {
        u(unit, 0x81, 8);
    }
    u(unit, 1, 1);
    ue(unit, 1);
    ue(unit, 0);
    ue(unit, 0);
    u(unit, 0, 6);
    ue(unit, 0);
    u(unit, 0, 2);
    return stop(unit);
}

/* What is appended to a whole set is told apart from it. */
static void expect_cut(OskCodec codec, Unit *unit, size_t len)
{
    assert_int_equal(osk_nal_set_len(codec, unit->bytes, len), len);
    memcpy(unit->bytes + len, "secret", 6);
    assert_int_equal(osk_nal_set_len(codec, unit->bytes, len + 6), len);
    memset(unit->bytes + len, 0, 6);
    assert_int_equal(osk_nal_set_len(codec, unit->bytes, len + 6), len);
}

static void nal_set__ends_at_its_stop_bit(void **state)
{
    (void)state;
    Unit unit;
    size_t len = avc_sps(&unit);
    expect_cut(OSK_CODEC_AVC, &unit, len);
    len = hevc_vps(&unit);
    expect_cut(OSK_CODEC_HEVC, &unit, len);
}

static void nal_set__second_half_of_a_picture_set_is_read(void **state)
{
    (void)state;
    Unit unit;
    size_t len = avc_pps(&unit, true);
    expect_cut(OSK_CODEC_AVC, &unit, len);
    len = avc_pps(&unit, false);
    assert_int_equal(osk_nal_set_len(OSK_CODEC_AVC, unit.bytes, len), len);
}

static void nal_set__without_a_stop_bit_is_refused(void **state)
{
    (void)state;
    Unit unit;
    size_t len = avc_sps(&unit);
    /* The stop bit is the lowest set bit of the last byte. */
    unit.bytes[len - 1] &= (uint8_t)(unit.bytes[len - 1] - 1);
    memcpy(unit.bytes + len, "secret", 6);
    assert_int_equal(osk_nal_set_len(OSK_CODEC_AVC, unit.bytes, len + 6), 0);
}

static void nal_set__emulation_prevention_is_stepped_over(void **state)
{
    (void)state;
    Unit plain;
    Unit escaped = { .bits = 0 };
    size_t len = hevc_vps(&plain);
    /* Twelve bytes of profile: two zeros and a small number need a 3 between them. */
    plain.bytes[8] = 0;
    plain.bytes[9] = 0;
    plain.bytes[10] = 1;
    memcpy(escaped.bytes, plain.bytes, 10);
    escaped.bytes[10] = 3;
    memcpy(escaped.bytes + 11, plain.bytes + 10, len - 10);
    expect_cut(OSK_CODEC_HEVC, &escaped, len + 1);
}

static void nal_set__cut_one_is_refused(void **state)
{
    (void)state;
    Unit unit;
    size_t len = avc_sps(&unit);
    for (size_t cut = 0; cut < len; cut++) {
        assert_int_equal(osk_nal_set_len(OSK_CODEC_AVC, unit.bytes, cut), 0);
    }
}

static void nal_set__header_alone_is_refused(void **state)
{
    (void)state;
    static const uint8_t zeros[8] = { 0x40 };
    assert_int_equal(osk_nal_set_len(OSK_CODEC_HEVC, zeros, sizeof(zeros)), 0);
    static const uint8_t avc[4] = { 0x67 };
    assert_int_equal(osk_nal_set_len(OSK_CODEC_AVC, avc, sizeof(avc)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nal_set__ends_at_its_stop_bit),
        cmocka_unit_test(nal_set__second_half_of_a_picture_set_is_read),
        cmocka_unit_test(nal_set__without_a_stop_bit_is_refused),
        cmocka_unit_test(nal_set__emulation_prevention_is_stepped_over),
        cmocka_unit_test(nal_set__cut_one_is_refused),
        cmocka_unit_test(nal_set__header_alone_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
