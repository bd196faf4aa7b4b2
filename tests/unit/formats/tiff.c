/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TIFF files of one page, put together tag by tag: which tags stay and in which form, what hides
 * between strips, and what is refused. */
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "formats/format.h"
#include "inflate/inflate.h"
#include "oilskin/oilskin.h"
#include "unit.h"

/* A big-endian file of one page, 4 by 4 grey pixels: the strip first, then whatever a test puts
 * behind it, then the directory. */
typedef struct Fixture {
    OskWriter in;
    OskWriter out;
    OskScrub *job;
    OskStatus status;
    size_t count;    /* entries written */
    size_t count_at; /* where their number stands */
    uint32_t strip_len;
    uint32_t bits;
} Fixture;

static int set_up(void **state)
{
    Fixture *f = calloc(1, sizeof(*f));
    f->bits = 8;
    osk_writer_init(&f->in, (size_t)1 << 20);
    osk_writer_init(&f->out, (size_t)1 << 20);
    osk_writer_bytes(&f->in, "MM\0\x2A\0\0\0\0", 8);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;
    osk_scrub_free(&f->job);
    osk_writer_free(&f->in);
    osk_writer_free(&f->out);
    free(f);
    return 0;
}

static void strip(Fixture *f, const void *bytes, size_t len)
{
    f->strip_len = (uint32_t)len;
    osk_writer_bytes(&f->in, bytes, len);
}

static void entry(Fixture *f, unsigned tag, unsigned type, uint32_t count, uint32_t value)
{
    osk_writer_be(&f->in, tag, 2);
    osk_writer_be(&f->in, type, 2);
    osk_writer_be(&f->in, count, 4);
    osk_writer_be(&f->in, type == 3 ? value << 16 : value, 4);
    f->count++;
}

static void begin_page(Fixture *f, unsigned compression)
{
    osk_writer_zeros(&f->in, f->in.len % 2);
    osk_writer_patch_be(&f->in, 4, f->in.len, 4);
    f->count_at = f->in.len;
    f->count = 0;
    osk_writer_zeros(&f->in, 2);
    entry(f, 256, 3, 1, 4);
    entry(f, 257, 3, 1, 4);
    entry(f, 258, 3, 1, f->bits);
    entry(f, 259, 3, 1, compression);
    entry(f, 262, 3, 1, 1);
}

static void end_page(Fixture *f)
{
    entry(f, 273, 4, 1, 8);
    entry(f, 277, 3, 1, 1);
    entry(f, 278, 3, 1, 4);
    entry(f, 279, 4, 1, f->strip_len);
    osk_writer_patch_be(&f->in, f->count_at, f->count, 2);
    osk_writer_zeros(&f->in, 4);
}

static bool collect(void *context, const void *bytes, size_t len)
{
    osk_writer_bytes(context, bytes, len);
    return true;
}

static void scrub(Fixture *f)
{
    OskSource source = osk_source_from_memory(f->in.bytes, f->in.len);
    f->status = osk_scrub_open(&source, NULL, &f->job);
    if (f->status == OSK_OK) {
        OskSink sink = { .context = &f->out, .write = collect };
        f->status = osk_scrub_apply(f->job, &sink);
        OskSource output = osk_source_from_memory(f->out.bytes, f->out.len);
        assert_int_equal(osk_scrub_verify(f->job, &output), OSK_OK);
    }
}

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

static const OskFinding *find(const Fixture *f, const char *field)
{
    const OskReport *report = osk_scrub_report(f->job);
    for (size_t i = 0; i < osk_report_count(report); i++) {
        if (strcmp(osk_report_at(report, i)->field, field) == 0) {
            return osk_report_at(report, i);
        }
    }
    return NULL;
}

static const char pixels[] = "0123456789ABCDEF";

static void tiff__keeps_pixels_and_drops_the_rest(void **state)
{
    Fixture *f = *state;
    strip(f, pixels, 16);
    osk_writer_bytes(&f->in, "HIDDEN BYTES", 12);
    uint32_t artist = (uint32_t)f->in.len;
    osk_writer_bytes(&f->in, "SECRET NAME\0", 12);
    begin_page(f, 1);
    entry(f, 274, 3, 1, 6);
    entry(f, 315, 2, 12, artist);
    entry(f, 64999, 4, 1, 0x53454352);
    end_page(f);
    osk_writer_bytes(&f->in, "TRAILER", 7);
    scrub(f);
    assert_int_equal(f->status, OSK_OK);
    assert_true(contains(&f->out, pixels));
    assert_false(contains(&f->out, "SECR"));
    assert_false(contains(&f->out, "HIDDEN"));
    assert_false(contains(&f->out, "TRAILER"));
    assert_string_equal(find(f, "exif.artist")->value, "SECRET NAME");
    assert_non_null(find(f, "exif.private"));
    assert_non_null(find(f, "tiff.hidden"));
    /* Orientation is an appearance: its entry is there, as the input had it. */
    static const char orientation[] = "\1\x12\0\3\0\0\0\1\0\6\0\0";
    bool kept = false;
    for (size_t i = 0; i + 12 <= f->out.len; i++) {
        kept |= memcmp(f->out.bytes + i, orientation, 12) == 0;
    }
    assert_true(kept);
}

static void tiff__a_second_scrub_changes_nothing(void **state)
{
    Fixture *f = *state;
    strip(f, "0123456789ABCDEFSLACK", 21);
    begin_page(f, 1);
    end_page(f);
    scrub(f);
    assert_int_equal(f->status, OSK_OK);
    assert_non_null(find(f, "tiff.hidden"));
    OskSource source = osk_source_from_memory(f->out.bytes, f->out.len);
    OskScrub *again = NULL;
    assert_int_equal(osk_scrub_open(&source, NULL, &again), OSK_OK);
    assert_int_equal(osk_report_count(osk_scrub_report(again)), 0);
    OskWriter out;
    osk_writer_init(&out, (size_t)1 << 20);
    OskSink sink = { .context = &out, .write = collect };
    assert_int_equal(osk_scrub_apply(again, &sink), OSK_OK);
    assert_int_equal(out.len, f->out.len);
    assert_memory_equal(out.bytes, f->out.bytes, out.len);
    osk_writer_free(&out);
    osk_scrub_free(&again);
}

static void tiff__packbits_ends_with_its_last_row(void **state)
{
    Fixture *f = *state;
    strip(f, "\x80\xF1x\x80SLACK", 9);
    begin_page(f, 32773);
    end_page(f);
    scrub(f);
    assert_int_equal(f->status, OSK_OK);
    assert_false(contains(&f->out, "SLACK"));
    /* The idle codes are gone too: the run alone is left. */
    assert_memory_equal(f->out.bytes + f->out.len - 2, "\xF1x", 2);
    assert_true(f->out.bytes[f->out.len - 3] != 0x80);
}

static void tiff__deflate_hides_nothing_inside(void **state)
{
    Fixture *f = *state;
    uint8_t *packed = NULL;
    size_t len = 0;
    assert_int_equal(
        osk_deflate_zlib((const uint8_t *)"0123456789ABCDEFHIDDEN ROW", 26, &packed, &len), OSK_OK);
    strip(f, packed, len);
    free(packed);
    begin_page(f, 8);
    end_page(f);
    scrub(f);
    assert_int_equal(f->status, OSK_OK);
    assert_non_null(find(f, "tiff.slack"));
    /* The only strip is the file's end: it must inflate to the pixels and no more. */
    OskBudget budget = osk_budget_default();
    size_t at = 8;
    while (at < f->out.len && f->out.bytes[at] != 0x78) {
        at++;
    }
    OskInflated out = { 0 };
    OskInflateSize size = { .max = 100 };
    assert_int_equal(osk_inflate_zlib(f->out.bytes + at, f->out.len - at, size, &budget, &out),
                     OSK_OK);
    assert_int_equal(out.used, f->out.len - at);
    assert_int_equal(out.len, 16);
    assert_memory_equal(out.bytes, pixels, 16);
    osk_inflated_free(&out, &budget);
}

static void tiff__lzw_ends_with_its_end_code(void **state)
{
    Fixture *f = *state;
    /* Clear, then 16 pixels of one colour as 1 + 2 + 3 + 4 + 5 + 1, then the end code, all of nine
     * bits. */
    static const unsigned codes[] = { 256, 7, 258, 259, 260, 261, 7, 257 };
    uint8_t bytes[16] = { 0 };
    for (size_t i = 0; i < 8 * 9; i++) {
        bytes[i / 8] |= (uint8_t)((codes[i / 9] >> (8 - i % 9) & 1) << (7 - i % 8));
    }
    memcpy(bytes + 9, "SLACK", 5);
    strip(f, bytes, 14);
    begin_page(f, 5);
    end_page(f);
    scrub(f);
    assert_int_equal(f->status, OSK_OK);
    assert_false(contains(&f->out, "SLACK"));
    assert_memory_equal(f->out.bytes + f->out.len - 9, bytes, 9);
}

static void tiff__fax_codes_end_with_their_last_row(void **state)
{
    Fixture *f = *state;
    f->bits = 1;
    /* T.6: four white rows of one bit each, the end of the block, four free bits. */
    strip(f, "\xF0\1\0\x1FSLACK", 9);
    begin_page(f, 4);
    end_page(f);
    scrub(f);
    assert_int_equal(f->status, OSK_OK);
    assert_null(find(f, "tiff.fax-errors"));
    assert_false(contains(&f->out, "SLACK"));
    assert_memory_equal(f->out.bytes + f->out.len - 4, "\xF0\1\0\x10", 4);
}

static void tiff__fax_codes_with_errors_are_named(void **state)
{
    Fixture *f = *state;
    f->bits = 1;
    strip(f, "\0\0\0\0", 4);
    begin_page(f, 4);
    end_page(f);
    scrub(f);
    assert_int_equal(f->status, OSK_OK);
    assert_true(find(f, "tiff.fax-errors")->stays);
}

static void tiff__a_strip_over_tags_is_refused(void **state)
{
    Fixture *f = *state;
    strip(f, "0123", 4);
    f->strip_len = 16;
    begin_page(f, 1);
    end_page(f);
    scrub(f);
    assert_int_equal(f->status, OSK_UNSUPPORTED);
}

/* Writes another type and count into the first directory's entry of this tag, and says where that
 * entry stands. */
static size_t spoil(Fixture *f, unsigned tag, unsigned type, uint32_t count)
{
    for (size_t i = 0; i < f->count; i++) {
        size_t at = f->count_at + 2 + 12 * i;
        if ((unsigned)f->in.bytes[at] << 8 == (tag & 0xFF00) &&
            f->in.bytes[at + 1] == (tag & 0xFF)) {
            osk_writer_patch_be(&f->in, at + 2, type, 2);
            osk_writer_patch_be(&f->in, at + 4, count, 4);
            return at;
        }
    }
    fail_msg("the page has no tag %u", tag);
    return 0;
}

static OskFault refused_with(unsigned tag, unsigned type, uint32_t count, size_t *out_at)
{
    void *state = NULL;
    set_up(&state);
    Fixture *f = state;
    strip(f, pixels, 16);
    begin_page(f, 1);
    end_page(f);
    *out_at = spoil(f, tag, type, count);
    scrub(f);
    OskFault fault = *osk_scrub_fault(f->job);
    tear_down(&state);
    return fault;
}

static void tiff__a_layout_tag_of_an_impossible_kind_is_refused(void **state)
{
    (void)state;
    static const struct {
        unsigned tag;
        const char *name;
    } tags[] = {
        { 256, "ImageWidth" },   { 257, "ImageLength" },     { 258, "BitsPerSample" },
        { 259, "Compression" },  { 273, "StripOffsets" },    { 277, "SamplesPerPixel" },
        { 278, "RowsPerStrip" }, { 279, "StripByteCounts" }, { 262, "PhotometricInterpretation" },
    };
    /* Text, RATIONAL, opaque bytes, FLOAT, the offset of a directory, a kind that nobody defined.
     */
    static const unsigned kinds[] = { 2, 5, 7, 11, 13, 99 };
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
            size_t at = 0;
            OskFault fault = refused_with(tags[i].tag, kinds[k], 1, &at);
            assert_true(fault.status == OSK_MALFORMED || fault.status == OSK_TRUNCATED);
            assert_string_equal(fault.part, tags[i].name);
            assert_int_equal(fault.offset, at);
        }
    }
}

static void tiff__a_layout_tag_with_another_count_is_refused(void **state)
{
    (void)state;
    static const unsigned ones[] = { 256, 257, 262, 277, 278 };
    static const unsigned lists[] = { 258, 259, 273 };
    size_t at = 0;
    for (size_t i = 0; i < sizeof(ones) / sizeof(ones[0]); i++) {
        assert_int_equal(refused_with(ones[i], 3, 0, &at).status, OSK_MALFORMED);
        OskFault fault = refused_with(ones[i], 3, 2, &at);
        assert_int_equal(fault.status, OSK_MALFORMED);
        assert_int_equal(fault.offset, at);
    }
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        assert_int_equal(refused_with(lists[i], 3, 0, &at).status, OSK_MALFORMED);
    }
}

/* Other readers take signed numbers for sizes without a word. */
static void tiff__a_signed_size_is_a_size(void **state)
{
    Fixture *f = *state;
    strip(f, pixels, 16);
    begin_page(f, 1);
    end_page(f);
    spoil(f, 256, 8, 1);
    spoil(f, 258, 8, 1);
    spoil(f, 278, 9, 1);
    scrub(f);
    assert_int_equal(f->status, OSK_OK);
    assert_true(contains(&f->out, pixels));
}

static void tiff__a_negative_size_is_refused(void **state)
{
    Fixture *f = *state;
    strip(f, pixels, 16);
    begin_page(f, 1);
    end_page(f);
    osk_writer_patch_be(&f->in, spoil(f, 256, 8, 1) + 8, 0xFFFC, 2);
    scrub(f);
    assert_int_equal(f->status, OSK_MALFORMED);
}

static void tiff__a_raw_picture_is_refused_with_findings(void **state)
{
    Fixture *f = *state;
    strip(f, pixels, 16);
    uint32_t artist = (uint32_t)f->in.len;
    osk_writer_bytes(&f->in, "SECRET NAME\0", 12);
    begin_page(f, 1);
    entry(f, 315, 2, 12, artist);
    entry(f, 50706, 1, 4, 0x01040000);
    end_page(f);
    scrub(f);
    assert_int_equal(f->status, OSK_UNSUPPORTED);
    assert_non_null(find(f, "exif.artist"));
}

static void tiff__cut_anywhere_ends_in_a_status(void **state)
{
    Fixture *f = *state;
    strip(f, pixels, 16);
    begin_page(f, 1);
    end_page(f);
    for (size_t len = 0; len < f->in.len - 4; len++) {
        uint8_t *copy = malloc(len > 0 ? len : 1);
        memcpy(copy, f->in.bytes, len);
        OskSource source = osk_source_from_memory(copy, len);
        OskScrub *job = NULL;
        OskStatus status = osk_scrub_open(&source, NULL, &job);
        assert_true(status == OSK_TRUNCATED || status == OSK_UNSUPPORTED ||
                    status == OSK_MALFORMED);
        osk_scrub_free(&job);
        free(copy);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tiff__keeps_pixels_and_drops_the_rest),
        TEST(tiff__a_second_scrub_changes_nothing),
        TEST(tiff__packbits_ends_with_its_last_row),
        TEST(tiff__deflate_hides_nothing_inside),
        TEST(tiff__lzw_ends_with_its_end_code),
        TEST(tiff__fax_codes_end_with_their_last_row),
        TEST(tiff__fax_codes_with_errors_are_named),
        TEST(tiff__a_strip_over_tags_is_refused),
        TEST(tiff__a_layout_tag_of_an_impossible_kind_is_refused),
        TEST(tiff__a_layout_tag_with_another_count_is_refused),
        TEST(tiff__a_signed_size_is_a_size),
        TEST(tiff__a_negative_size_is_refused),
        TEST(tiff__a_raw_picture_is_refused_with_findings),
        TEST(tiff__cut_anywhere_ends_in_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
