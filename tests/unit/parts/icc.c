/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colour profiles are rebuilt from what defines colour, and nothing else; whatever is cut off ends
 * in a status. */
#include "parts/icc.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "verify/icc.h"

#define SECRET "SECRET-OF-THE-DEVICE"

typedef struct Tag {
    const char *tag;
    const uint8_t *bytes;
    size_t len;
} Tag;

/* Writes a profile with dirt in every header field that is not colour. */
static void build(OskWriter *w, unsigned major, const char *space, const Tag *tags, size_t count)
{
    osk_writer_zeros(w, 4);
    osk_writer_bytes(w, "SECR", 4);
    osk_writer_be(w, major << 24 | 0x0002FF, 4);
    osk_writer_bytes(w, "mntr", 4);
    osk_writer_bytes(w, space, 4);
    osk_writer_bytes(w, "XYZ ", 4);
    osk_writer_bytes(w, "\7\xE4\0\5\0\x1C\0\xD\0\4\0\11", 12);
    osk_writer_bytes(w, "acspSECR\0\0\0\1SECRSECR\0\0\0\0\0\0\0\1\0\0\0\1", 32);
    osk_writer_bytes(w, "\0\0\xF6\xD6\0\1\0\0\0\0\xD3\x2DSECR", 16);
    osk_writer_bytes(w, SECRET SECRET SECRET, 44);
    osk_writer_be(w, count, 4);
    size_t at = 128 + 4 + 12 * count;
    for (size_t i = 0; i < count; i++) {
        osk_writer_bytes(w, tags[i].tag, 4);
        osk_writer_be(w, at, 4);
        osk_writer_be(w, tags[i].len, 4);
        at += tags[i].len + 3; /* a gap behind each */
    }
    for (size_t i = 0; i < count; i++) {
        osk_writer_bytes(w, tags[i].bytes, tags[i].len);
        osk_writer_bytes(w, "GAP", 3);
    }
    osk_writer_patch_be(w, 0, w->len, 4);
}

static const uint8_t xyz[] = "XYZ \1\2\3\4ABCDEFGHIJKLtail";
static const uint8_t gamma_curve[] = "curv\0\0\0\0\0\0\0\1\2\x33";
static const uint8_t parametric[] = "para\0\0\0\0\0\0zz\0\2\x33\x33";
static const uint8_t desc[] = "desc\0\0\0\0\0\0\0\x15" SECRET;
static const uint8_t vendor[] = "text\0\0\0\0" SECRET;

#define VALUE(name, array)                                                                         \
    {                                                                                              \
        name, array, sizeof(array) - 1                                                             \
    }

static const Tag matrix_tags[] = {
    VALUE("desc", desc),        VALUE("mmod", vendor),     VALUE("rXYZ", xyz),
    VALUE("gXYZ", xyz),         VALUE("bXYZ", xyz),        VALUE("rTRC", gamma_curve),
    VALUE("gTRC", gamma_curve), VALUE("bTRC", parametric), VALUE("wtpt", xyz),
};

#define MATRIX_COUNT (sizeof(matrix_tags) / sizeof(matrix_tags[0]))

static bool contains(const OskWriter *w, const char *needle)
{
    size_t len = strlen(needle);
    for (size_t i = 0; i + len <= w->len; i++) {
        if (memcmp(w->bytes + i, needle, len) == 0) {
            return true;
        }
    }
    return false;
}

static OskStatus rebuild(const uint8_t *bytes, size_t len, OskWriter *out)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);
    memcpy(copy, bytes, len);
    OskBudget budget = osk_budget_default();
    OskFault fault = { .status = OSK_OK };
    osk_writer_init(out, (size_t)1 << 20);
    OskStatus status = osk_icc_rebuild(osk_cursor_make(copy, len, 0), &budget, out, &fault);
    assert_int_equal(fault.status, status);
    free(copy);
    return status;
}

/* What every rebuilt profile must be: clean, its own rebuild, without findings, accepted by the
 * second opinion. */
static void expect_clean(const OskWriter *w)
{
    OskBudget budget = osk_budget_default();
    OskCursor c = osk_cursor_make(w->bytes, w->len, 0);
    assert_true(osk_icc_is_clean(c, &budget));
    OskReport report;
    osk_report_init(&report);
    osk_icc_inspect(c, "ICC", &report, &budget);
    assert_int_equal(osk_report_count(&report), 0);
    OskFault fault = { .status = OSK_OK };
    OskCheck check = { .budget = &budget, .report = &report, .fault = &fault };
    assert_true(osk_check_icc(&check, c, "ICC"));
    osk_report_clear(&report);
}

static void icc__keeps_colour_and_nothing_else(void **state)
{
    (void)state;
    for (unsigned major = 2; major <= 4; major += 2) {
        OskWriter in;
        OskWriter out;
        osk_writer_init(&in, 8192);
        build(&in, major, "RGB ", matrix_tags, MATRIX_COUNT);
        assert_int_equal(rebuild(in.bytes, in.len, &out), OSK_OK);
        assert_true(contains(&in, SECRET));
        assert_false(contains(&out, "SECR"));
        assert_false(contains(&out, "tail"));
        assert_false(contains(&out, "GAP"));
        assert_false(contains(&out, "\1\2\3\4"));
        assert_true(contains(&out, "ABCDEFGHIJKL"));
        assert_true(contains(&out, "\0\2\x33\x33"));
        expect_clean(&out);
        osk_writer_free(&in);
        osk_writer_free(&out);
    }
}

static void icc__tells_what_goes(void **state)
{
    (void)state;
    OskWriter in;
    osk_writer_init(&in, 8192);
    build(&in, 2, "RGB ", matrix_tags, MATRIX_COUNT);
    OskBudget budget = osk_budget_default();
    OskReport report;
    osk_report_init(&report);
    osk_icc_inspect(osk_cursor_make(in.bytes, in.len, 0), "ICC", &report, &budget);
    bool date = false;
    bool name = false;
    for (size_t i = 0; i < osk_report_count(&report); i++) {
        const OskFinding *f = osk_report_at(&report, i);
        date |= f->kind == OSK_KIND_TIME && strcmp(f->value, "2020:05:28 13:04:09") == 0;
        name |= f->kind == OSK_KIND_DEVICE && strcmp(f->value, SECRET) == 0;
    }
    assert_true(date);
    assert_true(name);
    osk_report_clear(&report);
    osk_writer_free(&in);
}

/* A lookup table with two channels in, three out, two grid points: mft1, mft2 and mAB. */
static void put_table(OskWriter *w, unsigned width)
{
    osk_writer_bytes(w, width == 1 ? "mft1xxxx" : "mft2xxxx", 8);
    osk_writer_bytes(w, "\2\3\2z", 4);
    osk_writer_zeros(w, 36);
    if (width == 2) {
        osk_writer_bytes(w, "\0\2\0\2", 4);
    }
    unsigned entries = width == 1 ? 256 : 2;
    osk_writer_zeros(w, (size_t)width * (entries * 2 + 2 * 2 * 3 + entries * 3));
    osk_writer_bytes(w, SECRET, 20);
}

static void put_pipeline(OskWriter *w)
{
    osk_writer_bytes(w, "mAB xxxx\2\3zz", 12);
    static const uint32_t places[] = { 96, 0, 0, 32, 144 };
    for (size_t i = 0; i < 5; i++) {
        osk_writer_be(w, places[i], 4);
    }
    osk_writer_bytes(w, "\2\2zzzzzzzzzzzzzz\1zzz", 20);
    osk_writer_bytes(w, "123456789abc", 12);
    osk_writer_bytes(w, SECRET SECRET, 32);
    for (unsigned i = 0; i < 5; i++) {
        osk_writer_bytes(w, "curvxxxx\0\0\0\1\2\0zz", 16);
    }
}

static void icc__copies_lookup_tables_field_by_field(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 3; kind++) {
        OskWriter value;
        OskWriter in;
        OskWriter out;
        osk_writer_init(&value, 8192);
        osk_writer_init(&in, 16384);
        if (kind < 2) {
            put_table(&value, kind + 1);
        } else {
            put_pipeline(&value);
        }
        Tag tag = { "A2B0", value.bytes, value.len };
        build(&in, 4, "2CLR", &tag, 1);
        assert_int_equal(rebuild(in.bytes, in.len, &out), OSK_OK);
        assert_false(contains(&out, "SECR"));
        assert_false(contains(&out, "xxxx"));
        assert_false(contains(&out, "zz"));
        expect_clean(&out);
        osk_writer_free(&value);
        osk_writer_free(&in);
        osk_writer_free(&out);
    }
}

static void icc__refuses_what_defines_no_colour(void **state)
{
    (void)state;
    OskWriter in;
    OskWriter out;
    osk_writer_init(&in, 8192);
    build(&in, 2, "RGB ", matrix_tags, 4); /* without curves */
    assert_int_equal(rebuild(in.bytes, in.len, &out), OSK_UNSUPPORTED);
    assert_int_equal(out.len, 0);
    osk_writer_free(&out);
    memcpy(in.bytes + 12, "link", 4);
    assert_int_equal(rebuild(in.bytes, in.len, &out), OSK_UNSUPPORTED);
    osk_writer_free(&out);
    memcpy(in.bytes + 36, "none", 4);
    assert_int_equal(rebuild(in.bytes, in.len, &out), OSK_MALFORMED);
    osk_writer_free(&out);
    osk_writer_free(&in);
}

static void icc__cut_anywhere_ends_in_a_status(void **state)
{
    (void)state;
    OskWriter in;
    osk_writer_init(&in, 8192);
    build(&in, 4, "RGB ", matrix_tags, MATRIX_COUNT);
    for (size_t len = 0; len < in.len; len++) {
        OskWriter out;
        if (rebuild(in.bytes, len, &out) == OSK_OK) {
            expect_clean(&out);
        } else {
            assert_int_equal(out.len, 0);
        }
        osk_writer_free(&out);
    }
    osk_writer_free(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(icc__keeps_colour_and_nothing_else),
        cmocka_unit_test(icc__tells_what_goes),
        cmocka_unit_test(icc__copies_lookup_tables_field_by_field),
        cmocka_unit_test(icc__refuses_what_defines_no_colour),
        cmocka_unit_test(icc__cut_anywhere_ends_in_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
