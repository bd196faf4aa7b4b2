/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JPEG files put together segment by segment: what goes, what is cut to its legal core, what
 * readers tolerate and so do we, and what is refused. */
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "formats/format.h"
#include "unit.h"

/* A picture of one grey block, built segment by segment. */
typedef struct Fixture {
    OskWriter in;
    OskWriter out;
    OskScrub *job;
    OskStatus status;
} Fixture;

static int set_up(void **state)
{
    Fixture *f = calloc(1, sizeof(*f));
    osk_writer_init(&f->in, (size_t)1 << 20);
    osk_writer_init(&f->out, (size_t)1 << 20);
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

static void put(OskWriter *w, const char *bytes, size_t len)
{
    osk_writer_bytes(w, bytes, len);
}

static void put_segment(OskWriter *w, uint8_t marker, const char *bytes, size_t len)
{
    osk_writer_u8(w, 0xFF);
    osk_writer_u8(w, marker);
    osk_writer_be(w, len + 2, 2);
    osk_writer_bytes(w, bytes, len);
}

#define PUT(w, literal) put((w), (literal), sizeof(literal) - 1)
#define SEGMENT(w, marker, literal) put_segment((w), (marker), (literal), sizeof(literal) - 1)

static void put_dqt(OskWriter *w, uint8_t slot)
{
    char table[65];
    memset(table, 16, sizeof(table));
    table[0] = (char)slot;
    put_segment(w, 0xDB, table, sizeof(table));
}

/* A code of one bit for this symbol alone. */
static void put_dht(OskWriter *w, uint8_t head)
{
    char table[18] = { (char)head, 1 };
    put_segment(w, 0xC4, table, sizeof(table));
}

static void put_tables(OskWriter *w)
{
    put_dqt(w, 0);
    put_dht(w, 0x00);
    put_dht(w, 0x10);
}

#define SOF "\x08\0\x08\0\x08\x01\x01\x11\0"
#define SOS "\x01\x01\0\0\x3F\0"
/* Size 0, end of block, six ones. */
#define SCAN "\x3F"

static void put_picture(OskWriter *w)
{
    put_tables(w);
    SEGMENT(w, 0xC0, SOF);
    SEGMENT(w, 0xDA, SOS);
    PUT(w, SCAN);
}

static bool collect(void *context, const void *bytes, size_t len)
{
    OskWriter *w = context;
    osk_writer_bytes(w, bytes, len);
    return osk_writer_ok(w);
}

static OskStatus strip_with(Fixture *f, const OskScrubOptions *options)
{
    OskSource source = osk_source_from_memory(f->in.bytes, f->in.len);
    f->status = osk_scrub_open(&source, options, &f->job);
    if (f->status == OSK_OK) {
        OskSink sink = { .context = &f->out, .write = collect };
        f->status = osk_scrub_apply(f->job, &sink);
    }
    return f->status;
}

static OskStatus strip(Fixture *f)
{
    return strip_with(f, NULL);
}

static const OskFinding *find_field(const Fixture *f, const char *field)
{
    const OskReport *report = osk_scrub_report(f->job);
    for (size_t i = 0; i < osk_report_count(report); i++) {
        if (strcmp(osk_report_at(report, i)->field, field) == 0) {
            return osk_report_at(report, i);
        }
    }
    return NULL;
}

/* The output is SOI, `middle`, the picture, EOI. */
static void expect_output(Fixture *f, const char *middle, size_t len)
{
    OskWriter want;
    osk_writer_init(&want, (size_t)1 << 20);
    PUT(&want, "\xFF\xD8");
    put(&want, middle, len);
    put_picture(&want);
    PUT(&want, "\xFF\xD9");
    assert_int_equal(f->status, OSK_OK);
    assert_int_equal(f->out.len, want.len);
    assert_memory_equal(f->out.bytes, want.bytes, want.len);
    osk_writer_free(&want);
}

static void jpeg__a_plain_picture_stays_as_it_is(void **state)
{
    Fixture *f = *state;
    PUT(&f->in, "\xFF\xD8");
    put_picture(&f->in);
    PUT(&f->in, "\xFF\xD9");
    strip(f);
    expect_output(f, "", 0);
    assert_int_equal(osk_report_count(osk_scrub_report(f->job)), 0);
}

static void jpeg__drops_segments_of_programs_and_comments(void **state)
{
    Fixture *f = *state;
    PUT(&f->in, "\xFF\xD8");
    SEGMENT(&f->in, 0xE0, "JFXX\0\x10 picture");
    SEGMENT(&f->in, 0xE1, "Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0");
    SEGMENT(&f->in, 0xE1, "http://ns.adobe.com/xap/1.0/\0<x/>");
    SEGMENT(&f->in, 0xE2, "MPF\0II*\0");
    SEGMENT(&f->in, 0xE5, "ssuniqueid\0secret");
    SEGMENT(&f->in, 0xEB, "JP\0\1\0\0\0\1");
    SEGMENT(&f->in, 0xED,
            "Photoshop 3.0\0"
            "8BIM\4\4\0\0\0\0\0\0");
    SEGMENT(&f->in, 0xEF, "nobody knows");
    SEGMENT(&f->in, 0xFE, "a comment");
    put_picture(&f->in);
    PUT(&f->in, "\xFF\xD9");
    strip(f);
    expect_output(f, "", 0);
    assert_non_null(find_field(f, "jpeg.jfxx.thumbnail"));
    assert_non_null(find_field(f, "jpeg.mpf"));
    assert_non_null(find_field(f, "jpeg.samsung.id"));
    assert_string_equal(find_field(f, "jpeg.app")->value, "nobody knows");
    assert_string_equal(find_field(f, "jpeg.comment")->value, "a comment");
}

static void jpeg__cuts_jfif_to_fourteen_bytes(void **state)
{
    Fixture *f = *state;
    PUT(&f->in, "\xFF\xD8");
    SEGMENT(&f->in, 0xE0, "JFIF\0\x01\x02\x01\0\x48\0\x48\x01\x01RGBsecret");
    put_picture(&f->in);
    PUT(&f->in, "\xFF\xD9");
    strip(f);
    static const char jfif[] = "\xFF\xE0\0\x10JFIF\0\x01\x02\x01\0\x48\0\x48\0\0";
    expect_output(f, jfif, sizeof(jfif) - 1);
    assert_int_equal(find_field(f, "jpeg.jfif.thumbnail")->kind, OSK_KIND_PREVIEW);
    assert_non_null(find_field(f, "jpeg.jfif.extra"));
}

static void jpeg__keeps_of_adobe_only_the_transform(void **state)
{
    Fixture *f = *state;
    PUT(&f->in, "\xFF\xD8");
    SEGMENT(&f->in, 0xEE, "Adobe\0\x65\x80\0\x40\0\x02secret");
    put_picture(&f->in);
    PUT(&f->in, "\xFF\xD9");
    strip(f);
    static const char adobe[] = "\xFF\xEE\0\x0E"
                                "Adobe\0\x64\0\0\0\0\x02";
    expect_output(f, adobe, sizeof(adobe) - 1);
}

static void jpeg__keeps_an_orientation_and_nothing_else_of_exif(void **state)
{
    Fixture *f = *state;
    PUT(&f->in, "\xFF\xD8");
    SEGMENT(&f->in, 0xE1,
            "Exif\0\0II*\0\x08\0\0\0\x02\0"
            "\x0F\x01\x02\0\x04\0\0\0Cam\0"
            "\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"
            "\0\0\0\0");
    put_picture(&f->in);
    PUT(&f->in, "\xFF\xD9");
    strip(f);
    static const char exif[] = "\xFF\xE1\0\x22"
                               "Exif\0\0MM\0*\0\0\0\x08\0\x01"
                               "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    expect_output(f, exif, sizeof(exif) - 1);
}

static void jpeg__drops_bytes_that_belong_to_nothing(void **state)
{
    Fixture *f = *state;
    PUT(&f->in, "\xFF\xD8 behind SOI");
    put_tables(&f->in);
    PUT(&f->in, "between \xFF\0 segments\xFF\xFF\xFF");
    SEGMENT(&f->in, 0xC0, SOF);
    SEGMENT(&f->in, 0xDA, SOS);
    PUT(&f->in, SCAN "slack\xFF\0\xFF\xD0");
    SEGMENT(&f->in, 0xFE, "behind the scan");
    PUT(&f->in, "\xFF\xFF\xFF\xD9 trailer");
    strip(f);
    expect_output(f, "", 0);
    assert_non_null(find_field(f, "jpeg.between"));
    assert_non_null(find_field(f, "jpeg.slack"));
    assert_non_null(find_field(f, "jpeg.trailer"));
}

static void jpeg__drops_tables_that_no_scan_uses(void **state)
{
    Fixture *f = *state;
    PUT(&f->in, "\xFF\xD8");
    put_dqt(&f->in, 1);
    put_dqt(&f->in, 0); /* replaced before its use */
    char two[36] = { 0x01, 1 };
    two[18] = 0x11;
    two[19] = 1;
    put_segment(&f->in, 0xC4, two, sizeof(two));
    SEGMENT(&f->in, 0xDD, "\0\0");
    SEGMENT(&f->in, 0xDD, "\x12\x34");
    SEGMENT(&f->in, 0xCC, "\x10\x05");
    SEGMENT(&f->in, 0xDD, "\0\0");
    put_picture(&f->in);
    PUT(&f->in, "\xFF\xD9");
    strip(f);
    expect_output(f, "\xFF\xDD\0\4\0\0", 6);
    assert_non_null(find_field(f, "jpeg.unused_tables"));
}

static void jpeg__sets_what_a_sequential_scan_header_ignores(void **state)
{
    Fixture *f = *state;
    PUT(&f->in, "\xFF\xD8");
    put_tables(&f->in);
    SEGMENT(&f->in, 0xC0, SOF);
    SEGMENT(&f->in, 0xDA, "\x01\x01\0\x11\x22\x33");
    PUT(&f->in, SCAN "\xFF\xD9");
    strip(f);
    expect_output(f, "", 0);
}

static void jpeg__adds_the_end_marker_of_a_whole_picture(void **state)
{
    Fixture *f = *state;
    PUT(&f->in, "\xFF\xD8");
    put_picture(&f->in);
    strip(f);
    expect_output(f, "", 0);
}

static void jpeg__needs_no_huffman_tables_of_motion_jpeg(void **state)
{
    Fixture *f = *state;
    PUT(&f->in, "\xFF\xD8");
    put_dqt(&f->in, 0);
    SEGMENT(&f->in, 0xC0, SOF);
    SEGMENT(&f->in, 0xDA, SOS);
    /* Tables K.3 and K.5: size 0 is 00, end of block is 1010. */
    PUT(&f->in, "\x2B\xFF\xD9");
    assert_int_equal(strip(f), OSK_OK);
    assert_int_equal(f->out.len, f->in.len);
}

static void jpeg__takes_the_height_from_behind_the_scan(void **state)
{
    Fixture *f = *state;
    PUT(&f->in, "\xFF\xD8");
    put_tables(&f->in);
    SEGMENT(&f->in, 0xC0, "\x08\0\0\0\x08\x01\x01\x11\0");
    SEGMENT(&f->in, 0xDA, SOS);
    PUT(&f->in, "\x0F"); /* two blocks: sixteen lines */
    SEGMENT(&f->in, 0xDC, "\0\x10");
    SEGMENT(&f->in, 0xDC, "\0\x20");
    PUT(&f->in, "\xFF\xD9");
    assert_int_equal(strip(f), OSK_OK);
    assert_int_equal(f->out.len, f->in.len - 6);
    assert_non_null(find_field(f, "jpeg.dnl"));
}

static void jpeg__refuses_codings_that_it_does_not_walk(void **state)
{
    static const uint8_t markers[] = { 0xC3, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xCB,
                                       0xCD, 0xCE, 0xCF, 0xDE, 0xDF, 0xF0, 0xF7, 0x02 };
    Fixture *f = *state;
    for (size_t i = 0; i < sizeof(markers); i++) {
        f->in.len = 0;
        PUT(&f->in, "\xFF\xD8");
        put_tables(&f->in);
        SEGMENT(&f->in, markers[i], SOF);
        SEGMENT(&f->in, 0xDA, SOS);
        PUT(&f->in, SCAN "\xFF\xD9");
        assert_int_equal(strip(f), OSK_UNSUPPORTED);
        osk_scrub_free(&f->job);
    }
}

static void jpeg__a_cut_anywhere_is_refused(void **state)
{
    Fixture *f = *state;
    PUT(&f->in, "\xFF\xD8");
    SEGMENT(&f->in, 0xE0, "JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    put_picture(&f->in);
    size_t whole = f->in.len;
    for (size_t len = 3; len < whole; len++) {
        f->in.len = len;
        assert_int_not_equal(strip(f), OSK_OK);
        assert_int_not_equal(f->status, OSK_BUG);
        osk_scrub_free(&f->job);
    }
    f->in.len = whole;
    assert_int_equal(strip(f), OSK_OK);
}

static void jpeg__names_a_video_with_sound_behind_the_picture(void **state)
{
    Fixture *f = *state;
    PUT(&f->in, "\xFF\xD8");
    put_picture(&f->in);
    PUT(&f->in, "\xFF\xD9");
    PUT(&f->in, "\0\0\0\x10"
                "ftypmp42\0\0\0\0hdlr....soun");
    strip(f);
    expect_output(f, "", 0);
    assert_string_equal(find_field(f, "jpeg.trailer.video")->label, "a short video with sound");
}

static void jpeg__reads_the_notes_of_samsung_cameras(void **state)
{
    Fixture *f = *state;
    PUT(&f->in, "\xFF\xD8");
    put_picture(&f->in);
    PUT(&f->in, "\xFF\xD9");
    PUT(&f->in, "\0\0\x01\x0A\x0E\0\0\0Image_UTC_Data1700000000123");
    PUT(&f->in, "SEFH\x6B\0\0\0\x01\0\0\0\0\0\x01\x0A\x23\0\0\0\x23\0\0\0\x18\0\0\0SEFT");
    strip(f);
    expect_output(f, "", 0);
    const OskFinding *time = find_field(f, "jpeg.trailer.samsung.time");
    assert_non_null(time);
    assert_int_equal(time->kind, OSK_KIND_TIME);
    assert_string_equal(time->value, "1700000000123");
}

static void jpeg__a_profile_with_missing_pieces_goes(void **state)
{
    Fixture *f = *state;
    PUT(&f->in, "\xFF\xD8");
    SEGMENT(&f->in, 0xE2, "ICC_PROFILE\0\x02\x03 second of three");
    put_picture(&f->in);
    PUT(&f->in, "\xFF\xD9");
    strip(f);
    expect_output(f, "", 0);
    assert_non_null(find_field(f, "jpeg.icc.extra"));
}

/* Every finding about the profile says that it goes. */
static void jpeg__a_profile_that_goes_does_not_stay(void **state)
{
    Fixture *f = *state;
    OskScrubOptions options = { .icc = OSK_ICC_KEEP };
    PUT(&f->in, "\xFF\xD8");
    SEGMENT(&f->in, 0xE2, "ICC_PROFILE\0\x02\x03 second of three");
    put_picture(&f->in);
    PUT(&f->in, "\xFF\xD9");
    strip_with(f, &options);
    expect_output(f, "", 0);
    const OskReport *report = osk_scrub_report(f->job);
    assert_true(osk_report_count(report) >= 2);
    for (size_t i = 0; i < osk_report_count(report); i++) {
        assert_false(osk_report_at(report, i)->stays);
    }
}

/* The head of a grey profile of a version that nobody has defined yet: 132 bytes. */
static void put_profile(uint8_t out[132])
{
    memset(out, 0, 132);
    memcpy(out, "\0\0\0\x84MINE\x09\0\0\0mntrGRAYXYZ ", 24);
    memcpy(out + 36, "acsp", 4);
}

static void jpeg__keeps_a_profile_when_asked(void **state)
{
    Fixture *f = *state;
    OskScrubOptions options = { .icc = OSK_ICC_KEEP };
    uint8_t profile[132];
    put_profile(profile);
    PUT(&f->in, "\xFF\xD8");
    PUT(&f->in, "\xFF\xE2\0\x30ICC_PROFILE\0\2\2");
    osk_writer_bytes(&f->in, profile + 100, 32);
    PUT(&f->in, "\xFF\xE2\0\x74ICC_PROFILE\0\1\2");
    osk_writer_bytes(&f->in, profile, 100);
    put_picture(&f->in);
    PUT(&f->in, "\xFF\xD9");
    strip_with(f, &options);
    char icc[18 + 132] = "\xFF\xE2\0\x94"
                         "ICC_PROFILE\0\1\1";
    memcpy(icc + 18, profile, 132);
    expect_output(f, icc, sizeof(icc));
}

static void jpeg__a_second_picture_inside_is_malformed(void **state)
{
    Fixture *f = *state;
    PUT(&f->in, "\xFF\xD8");
    put_tables(&f->in);
    PUT(&f->in, "\xFF\xD8");
    put_picture(&f->in);
    assert_int_equal(strip(f), OSK_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(jpeg__a_plain_picture_stays_as_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(jpeg__drops_segments_of_programs_and_comments, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(jpeg__cuts_jfif_to_fourteen_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(jpeg__keeps_of_adobe_only_the_transform, set_up, tear_down),
        cmocka_unit_test_setup_teardown(jpeg__keeps_an_orientation_and_nothing_else_of_exif, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(jpeg__drops_bytes_that_belong_to_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(jpeg__drops_tables_that_no_scan_uses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(jpeg__sets_what_a_sequential_scan_header_ignores, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(jpeg__adds_the_end_marker_of_a_whole_picture, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(jpeg__needs_no_huffman_tables_of_motion_jpeg, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(jpeg__takes_the_height_from_behind_the_scan, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(jpeg__refuses_codings_that_it_does_not_walk, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(jpeg__a_cut_anywhere_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(jpeg__names_a_video_with_sound_behind_the_picture, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(jpeg__reads_the_notes_of_samsung_cameras, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(jpeg__a_profile_with_missing_pieces_goes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(jpeg__a_profile_that_goes_does_not_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(jpeg__keeps_a_profile_when_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(jpeg__a_second_picture_inside_is_malformed, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests_name("jpeg", tests, NULL, NULL);
}
