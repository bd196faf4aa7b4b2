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
    osk_icc_inspect(c, "ICC", &report, &budget, false);
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
    osk_icc_inspect(osk_cursor_make(in.bytes, in.len, 0), "ICC", &report, &budget, false);
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

/* The status of a matrix profile with bytes of it replaced; any but OK leaves the output alone. */
static OskStatus spoiled(size_t at, const char *bytes, size_t len)
{
    OskWriter in;
    OskWriter out;
    osk_writer_init(&in, 8192);
    build(&in, 2, "RGB ", matrix_tags, MATRIX_COUNT);
    assert_true(at + len <= in.len);
    memcpy(in.bytes + at, bytes, len);
    OskStatus status = rebuild(in.bytes, in.len, &out);
    assert_true(status == OSK_OK || out.len == 0);
    osk_writer_free(&out);
    osk_writer_free(&in);
    return status;
}

/* Where a field of a tag's row stands, and where its value does. */
#define ROW(tag, field) (132 + 12 * (size_t)(tag) + (field))

static size_t value_at(size_t tag)
{
    size_t at = 128 + 4 + 12 * MATRIX_COUNT;
    for (size_t i = 0; i < tag; i++) {
        at += matrix_tags[i].len + 3;
    }
    return at;
}

/* No reader uses these: Little CMS neither opens them nor makes a transform of them. */
static void icc__a_broken_profile_is_malformed(void **state)
{
    (void)state;
    assert_int_equal(spoiled(0, "\0\0\0\0", 4), OSK_MALFORMED);           /* size */
    assert_int_equal(spoiled(12, "what", 4), OSK_MALFORMED);              /* class */
    assert_int_equal(spoiled(16, "what", 4), OSK_MALFORMED);              /* space */
    assert_int_equal(spoiled(20, "RGB ", 4), OSK_MALFORMED);              /* connection space */
    assert_int_equal(spoiled(36, "none", 4), OSK_MALFORMED);              /* signature */
    assert_int_equal(spoiled(128, "\0\0\0\5", 4), OSK_MALFORMED);         /* without curves */
    assert_int_equal(spoiled(128, "\0\0\1\0", 4), OSK_MALFORMED);         /* a table cut off */
    assert_int_equal(spoiled(ROW(5, 8), "\x7F", 1), OSK_MALFORMED);       /* past the end */
    assert_int_equal(spoiled(ROW(5, 8), "\0\0\0\4", 4), OSK_MALFORMED);   /* shorter than a type */
    assert_int_equal(spoiled(value_at(5), "XYZ ", 4), OSK_MALFORMED);     /* of another type */
    assert_int_equal(spoiled(value_at(5) + 8, "\x7F", 1), OSK_MALFORMED); /* too many points */
}

/* Some reader uses these, or a later edition may define them. */
static void icc__a_profile_that_we_do_not_know_is_unsupported(void **state)
{
    (void)state;
    assert_int_equal(spoiled(8, "\5", 1), OSK_UNSUPPORTED);             /* version */
    assert_int_equal(spoiled(12, "link", 4), OSK_UNSUPPORTED);          /* class */
    assert_int_equal(spoiled(12, "nmcl", 4), OSK_UNSUPPORTED);          /* class */
    assert_int_equal(spoiled(16, "3CLR", 4), OSK_UNSUPPORTED);          /* a matrix without RGB */
    assert_int_equal(spoiled(16, "MCH3", 4), OSK_UNSUPPORTED);          /* space */
    assert_int_equal(spoiled(67, "\x9", 1), OSK_UNSUPPORTED);           /* intent */
    assert_int_equal(spoiled(ROW(5, 0), "D2B0", 4), OSK_UNSUPPORTED);   /* another model */
    assert_int_equal(spoiled(value_at(5), "what", 4), OSK_UNSUPPORTED); /* type */
}

/* Readers take the length of a value from the value. */
static void icc__a_value_longer_than_its_tag_says_is_read(void **state)
{
    (void)state;
    assert_int_equal(spoiled(ROW(5, 8), "\0\0\0\x9", 4), OSK_OK);
    assert_int_equal(spoiled(ROW(2, 8), "\0\0\0\xB", 4), OSK_OK);
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
        cmocka_unit_test(icc__a_broken_profile_is_malformed),
        cmocka_unit_test(icc__a_profile_that_we_do_not_know_is_unsupported),
        cmocka_unit_test(icc__a_value_longer_than_its_tag_says_is_read),
        cmocka_unit_test(icc__cut_anywhere_ends_in_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
