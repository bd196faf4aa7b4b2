/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exif blocks: places, names, times and serial numbers are decoded; circles and cuts come to an
 * end. */
#include "parts/exif.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* A little-endian Exif block, built entry by entry; values that don't fit go behind `heap`. */
typedef struct Block {
    uint8_t bytes[2048];
    size_t len;  /* of the directories */
    size_t heap; /* where the next value goes */
} Block;

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value & 0xFFFF);
    put16(at + 2, value >> 16);
}

static void begin(Block *b)
{
    memset(b, 0, sizeof(*b));
    memcpy(b->bytes, "II*\0\10\0\0\0", 8);
    b->len = 8;
    b->heap = 512;
}

/* A directory with room for `count` entries. */
static size_t directory(Block *b, unsigned count)
{
    size_t at = b->len;
    put16(b->bytes + at, count);
    b->len += 2 + count * 12 + 4;
    return at + 2;
}

static void entry(Block *b, size_t *at, unsigned tag, unsigned type, uint32_t count,
                  const void *value, size_t len)
{
    uint8_t *out = b->bytes + *at;
    put16(out, tag);
    put16(out + 2, type);
    put32(out + 4, count);
    if (len <= 4) {
        memcpy(out + 8, value, len);
    } else {
        put32(out + 8, (uint32_t)b->heap);
        memcpy(b->bytes + b->heap, value, len);
        b->heap += len + len % 2;
    }
    *at += 12;
}

static void text(Block *b, size_t *at, unsigned tag, const char *value)
{
    entry(b, at, tag, 2, (uint32_t)strlen(value) + 1, value, strlen(value) + 1);
}

static void number(Block *b, size_t *at, unsigned tag, uint32_t value)
{
    uint8_t bytes[4];
    put32(bytes, value);
    entry(b, at, tag, 4, 1, bytes, 4);
}

static void ratios(Block *b, size_t *at, unsigned tag, const uint32_t *values, uint32_t count)
{
    uint8_t bytes[64];
    for (uint32_t i = 0; i < count * 2; i++) {
        put32(bytes + i * 4, values[i]);
    }
    entry(b, at, tag, 5, count, bytes, count * 8);
}

typedef struct Result {
    OskReport report;
    OskBudget budget;
} Result;

/* Inspects an exact-size copy, so that a read beyond it is seen by the sanitizers. */
static void inspect(Result *r, const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);
    memcpy(copy, bytes, len);
    osk_report_init(&r->report);
    r->budget = osk_budget_default();
    osk_exif_inspect(osk_cursor_make(copy, len, 0), "Exif", &r->report, &r->budget);
    (void)osk_exif_orientation(osk_cursor_make(copy, len, 0));
    free(copy);
}

static const OskFinding *find(const Result *r, const char *field)
{
    for (size_t i = 0; i < osk_report_count(&r->report); i++) {
        const OskFinding *finding = osk_report_at(&r->report, i);
        if (strcmp(finding->field, field) == 0) {
            return finding;
        }
    }
    return NULL;
}

static void expect(const Result *r, const char *field, OskKind kind, const char *value)
{
    const OskFinding *finding = find(r, field);
    assert_non_null(finding);
    assert_int_equal(finding->kind, kind);
    assert_string_equal(finding->value, value);
}

static void build_gps(Block *b)
{
    static const uint32_t latitude[] = { 44, 1, 58, 1, 4008, 100 };
    static const uint32_t longitude[] = { 93, 1, 15, 1, 5400, 100 };
    static const uint32_t clock[] = { 18, 1, 4, 1, 9, 1 };
    static const uint32_t height[] = { 2534, 10 };
    static const uint32_t bearing[] = { 21850, 100 };
    begin(b);
    size_t at = directory(b, 1);
    number(b, &at, 0x8825, (uint32_t)b->len);
    at = directory(b, 10);
    text(b, &at, 1, "N");
    ratios(b, &at, 2, latitude, 3);
    text(b, &at, 3, "W");
    ratios(b, &at, 4, longitude, 3);
    entry(b, &at, 5, 1, 1, "\0", 1);
    ratios(b, &at, 6, height, 1);
    ratios(b, &at, 7, clock, 3);
    text(b, &at, 16, "T");
    ratios(b, &at, 17, bearing, 1);
    text(b, &at, 29, "2020:05:28");
}

static void exif__tells_a_place_as_signed_degrees(void **state)
{
    (void)state;
    Block b;
    Result r;
    build_gps(&b);
    inspect(&r, b.bytes, b.heap);
    expect(&r, "exif.gps.position", OSK_KIND_PLACE, "44.97780, -93.26500");
    expect(&r, "exif.gps.altitude", OSK_KIND_PLACE, "253.4 m");
    expect(&r, "exif.gps.bearing", OSK_KIND_PLACE, "218.5 degrees");
    expect(&r, "exif.gps.time", OSK_KIND_TIME, "2020:05:28 18:04:09 UTC");
    assert_null(find(&r, "exif.settings"));
    osk_report_clear(&r.report);
}

static void exif__tells_names_times_and_serials(void **state)
{
    (void)state;
    Block b;
    Result r;
    begin(&b);
    size_t at = directory(&b, 4);
    text(&b, &at, 0x010F, "Cam");
    text(&b, &at, 0x013B, "A. Person");
    entry(&b, &at, 0x9C9D, 1, 6, "A\0B\0\0\0", 6);
    number(&b, &at, 0x8769, (uint32_t)b.len);
    at = directory(&b, 6);
    text(&b, &at, 0x9003, "2020:05:28 13:04:09");
    text(&b, &at, 0x9004, "0000:00:00 00:00:00");
    entry(&b, &at, 0x9286, 7, 14, "UNICODE\0H\0i\0!\0", 14);
    text(&b, &at, 0xA431, "SN-0042");
    number(&b, &at, 0x8827, 400);
    number(&b, &at, 0x829D, 2);
    inspect(&r, b.bytes, b.heap);
    expect(&r, "exif.make", OSK_KIND_DEVICE, "Cam");
    expect(&r, "exif.artist", OSK_KIND_NAME, "A. Person");
    expect(&r, "exif.xp-author", OSK_KIND_NAME, "AB");
    expect(&r, "exif.date-time-original", OSK_KIND_TIME, "2020:05:28 13:04:09");
    expect(&r, "exif.user-comment", OSK_KIND_NAME, "Hi!");
    expect(&r, "exif.body-serial", OSK_KIND_DEVICE, "SN-0042");
    assert_null(find(&r, "exif.date-time-digitized")); /* zeros are no date: only counted */
    expect(&r, "exif.settings", OSK_KIND_SOFTWARE, "3 values");
    osk_report_clear(&r.report);
}

static void exif__tells_what_ties_a_live_photo_to_its_video(void **state)
{
    (void)state;
    uint8_t note[80] = "Apple iOS\0\0\1MM\0\1\0\x11\0\2\0\0\0\x25\0\0\0\x20";
    memcpy(note + 32, "01234567-89AB-CDEF-0123-456789ABCDEF", 37);
    Block b;
    Result r;
    begin(&b);
    size_t at = directory(&b, 1);
    number(&b, &at, 0x8769, (uint32_t)b.len);
    at = directory(&b, 1);
    entry(&b, &at, 0x927C, 7, sizeof(note), note, sizeof(note));
    inspect(&r, b.bytes, b.heap);
    expect(&r, "exif.maker-note", OSK_KIND_DEVICE, "Apple, 80 bytes");
    expect(&r, "apple.content-identifier", OSK_KIND_DEVICE, "01234567-89AB-CDEF-0123-456789ABCDEF");
    osk_report_clear(&r.report);
}

static void exif__tells_a_thumbnail(void **state)
{
    (void)state;
    Block b;
    Result r;
    begin(&b);
    size_t at = directory(&b, 0);
    put32(b.bytes + at, (uint32_t)b.len); /* the next directory */
    at = directory(&b, 2);
    number(&b, &at, 0x0201, 512);
    number(&b, &at, 0x0202, 100);
    b.heap += 100;
    inspect(&r, b.bytes, b.heap);
    expect(&r, "exif.thumbnail", OSK_KIND_PREVIEW, "JPEG, 100 bytes");
    osk_report_clear(&r.report);
}

static void exif__ends_when_directories_run_in_a_circle(void **state)
{
    (void)state;
    Block b;
    Result r;
    begin(&b);
    size_t at = directory(&b, 2);
    number(&b, &at, 0x8769, 8);
    number(&b, &at, 0x014A, 8);
    put32(b.bytes + at, 8);
    inspect(&r, b.bytes, b.heap);
    assert_true(r.budget.parts + 10 > osk_budget_default().parts);
    osk_report_clear(&r.report);
}

/* Every number of a pointer is looked for among the directories that are queued. */
static void exif__pointers_cost_what_they_take(void **state)
{
    (void)state;
    Block b;
    Result r;
    begin(&b);
    size_t at = directory(&b, 1);
    uint8_t offsets[60 * 4];
    for (size_t i = 0; i < 60; i++) {
        put32(offsets + i * 4, 8);
    }
    entry(&b, &at, 0x014A, 4, 60, offsets, sizeof(offsets));
    inspect(&r, b.bytes, b.heap);
    assert_int_equal(osk_budget_default().parts - r.budget.parts, 61);
    osk_report_clear(&r.report);
}

/* Rows are found by halves: one that is out of order would be lost. A new row changes a number. */
static void exif__finds_every_row(void **state)
{
    (void)state;
    static const OskExifIfd kinds[] = { OSK_EXIF_IFD_IMAGE, OSK_EXIF_IFD_EXIF, OSK_EXIF_IFD_GPS,
                                        OSK_EXIF_IFD_INTEROP };
    static const int rows[] = { 151, 151, 3, 0 };
    for (size_t i = 0; i < 4; i++) {
        int found = 0;
        for (uint32_t tag = 0; tag < 65536; tag++) {
            found += osk_exif_tag(kinds[i], (uint16_t)tag) != NULL;
        }
        assert_int_equal(found, rows[i]);
    }
}

static void exif__cut_anywhere_is_still_told(void **state)
{
    (void)state;
    Block b;
    build_gps(&b);
    for (size_t len = 0; len < b.heap; len++) {
        Result r;
        inspect(&r, b.bytes, len);
        assert_true(osk_report_count(&r.report) > 0);
        osk_report_clear(&r.report);
    }
}

static void exif__the_minimal_block_is_no_finding(void **state)
{
    (void)state;
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        OskWriter w;
        osk_writer_init(&w, 64);
        assert_true(osk_exif_write_orientation(&w, orientation));
        assert_int_equal(w.len, 26);
        OskCursor c = osk_cursor_make(w.bytes, w.len, 0);
        assert_int_equal(osk_exif_orientation(c), orientation);
        assert_true(osk_exif_is_minimal(c));
        Result r;
        inspect(&r, w.bytes, w.len);
        assert_int_equal(osk_report_count(&r.report), 0);
        osk_report_clear(&r.report);
        /* One byte more is one byte too many. */
        osk_writer_u8(&w, 'x');
        inspect(&r, w.bytes, w.len);
        assert_non_null(find(&r, "exif.leftover"));
        osk_report_clear(&r.report);
        osk_writer_free(&w);
    }
    OskWriter w;
    osk_writer_init(&w, 64);
    assert_false(osk_exif_write_orientation(&w, 9));
    osk_writer_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exif__tells_a_place_as_signed_degrees),
        cmocka_unit_test(exif__tells_names_times_and_serials),
        cmocka_unit_test(exif__tells_what_ties_a_live_photo_to_its_video),
        cmocka_unit_test(exif__tells_a_thumbnail),
        cmocka_unit_test(exif__ends_when_directories_run_in_a_circle),
        cmocka_unit_test(exif__pointers_cost_what_they_take),
        cmocka_unit_test(exif__finds_every_row),
        cmocka_unit_test(exif__cut_anywhere_is_still_told),
        cmocka_unit_test(exif__the_minimal_block_is_no_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
