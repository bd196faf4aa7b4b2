/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small Matroska files, built element by element, and what a scrub makes of them. */
#include "unit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "oilskin/oilskin.h"

#define SECRET "S3CR3T-OF-THE-TEST"

/* ---- Building ---- */

static void put_id(OskWriter *w, uint32_t id)
{
    osk_writer_be(w, id, id > 0xFFFFFF ? 4 : id > 0xFFFF ? 3 : id > 0xFF ? 2 : 1);
}

/* Sizes of eight bytes, as live muxers write them, so that a test can tell them from ours. */
static void put(OskWriter *w, uint32_t id, const void *bytes, size_t len)
{
    put_id(w, id);
    osk_writer_be(w, UINT64_C(1) << 56 | len, 8);
    osk_writer_bytes(w, bytes, len);
}

static void put_uint(OskWriter *w, uint32_t id, uint8_t value)
{
    put(w, id, &value, 1);
}

static void put_text(OskWriter *w, uint32_t id, const char *text)
{
    put(w, id, text, strlen(text));
}

/* Moves what was built in `inner` into `w` as the body of a master. */
static void put_master(OskWriter *w, uint32_t id, OskWriter *inner)
{
    put(w, id, inner->bytes, inner->len);
    osk_writer_free(inner);
}

static OskWriter fresh(void)
{
    OskWriter w;
    osk_writer_init(&w, (size_t)1 << 20);
    return w;
}

typedef struct Plan {
    const char *codec;   /* of track 1; NULL: VP8 */
    const void *private; /* its CodecPrivate */
    size_t private_len;
    uint8_t type; /* of track 1; 0: video */
    void (*in_track)(OskWriter *w);
    void (*in_info)(OskWriter *w);
    void (*in_tracks)(OskWriter *w);
    void (*before)(OskWriter *w); /* before the first cluster */
    void (*in_cluster)(OskWriter *w);
    void (*after)(OskWriter *w);
    bool live; /* unknown sizes */
} Plan;

static void put_track(OskWriter *w, const Plan *plan)
{
    OskWriter track = fresh();
    put_uint(&track, 0xD7, 1);
    put_uint(&track, 0x73C5, 1);
    put_uint(&track, 0x83, plan->type != 0 ? plan->type : 1);
    put_text(&track, 0x86, plan->codec != NULL ? plan->codec : "V_VP8");
    if (plan->private_len > 0) {
        put(&track, 0x63A2, plan->private, plan->private_len);
    }
    if (plan->in_track != NULL) {
        plan->in_track(&track);
    }
    put_master(w, 0xAE, &track);
}

static void put_simple(OskWriter *w, uint8_t track, uint8_t flags, const void *bytes, size_t len)
{
    uint8_t block[256] = { (uint8_t)(0x80 | track), 0, 0, flags };
    memcpy(block + 4, bytes, len);
    put(w, 0xA3, block, len + 4);
}

static void put_body(OskWriter *w, const Plan *plan)
{
    OskWriter info = fresh();
    put(&info, 0x2AD7B1, "\x0F\x42\x40", 3);
    put_text(&info, 0x4D80, "muxer " SECRET);
    put_text(&info, 0x5741, "writer " SECRET);
    if (plan->in_info != NULL) {
        plan->in_info(&info);
    }
    put_master(w, 0x1549A966, &info);
    OskWriter tracks = fresh();
    put_track(&tracks, plan);
    if (plan->in_tracks != NULL) {
        plan->in_tracks(&tracks);
    }
    put_master(w, 0x1654AE6B, &tracks);
    if (plan->before != NULL) {
        plan->before(w);
    }
    OskWriter cluster = fresh();
    put_uint(&cluster, 0xE7, 7);
    if (plan->in_cluster != NULL) {
        plan->in_cluster(&cluster);
    } else {
        put_simple(&cluster, 1, 0x80, "\x10picture", 8);
    }
    put_id(w, 0x1F43B675);
    osk_writer_be(w, plan->live ? (UINT64_C(1) << 57) - 1 : (UINT64_C(1) << 56 | cluster.len), 8);
    osk_writer_bytes(w, cluster.bytes, cluster.len);
    osk_writer_free(&cluster);
    if (plan->after != NULL) {
        plan->after(w);
    }
}

static OskWriter build(const Plan *plan)
{
    OskWriter w = fresh();
    OskWriter head = fresh();
    put_text(&head, 0x4282, "matroska");
    put_uint(&head, 0x4287, 4);
    put_uint(&head, 0x4285, 2);
    put_master(&w, 0x1A45DFA3, &head);
    OskWriter body = fresh();
    put_body(&body, plan);
    put_id(&w, 0x18538067);
    osk_writer_be(&w, plan->live ? (UINT64_C(1) << 57) - 1 : (UINT64_C(1) << 56 | body.len), 8);
    osk_writer_bytes(&w, body.bytes, body.len);
    osk_writer_free(&body);
    assert_true(osk_writer_ok(&w));
    return w;
}

/* ---- Scrubbing ---- */

typedef struct Scrubbed {
    OskScrub *job;
    OskStatus status;
    OskWriter out;
} Scrubbed;

static bool collect(void *context, const void *bytes, size_t len)
{
    osk_writer_bytes(context, bytes, len);
    return true;
}

/* Without the second opinion: what the module does is what is looked at. */
static Scrubbed scrub(const OskWriter *file, const OskScrubOptions *options)
{
    Scrubbed s = { .out = fresh() };
    OskSource source = osk_source_from_memory(file->bytes, file->len);
    s.status = osk_scrub_open(&source, options, &s.job);
    if (s.status == OSK_OK) {
        OskSink sink = { .context = &s.out, .write = collect };
        assert_int_equal(osk_scrub_apply(s.job, &sink), OSK_OK);
    }
    return s;
}

static void drop(Scrubbed *s)
{
    osk_scrub_free(&s->job);
    osk_writer_free(&s->out);
}

static bool holds(const OskWriter *w, const void *bytes, size_t len)
{
    for (size_t i = 0; len <= w->len && i <= w->len - len; i++) {
        if (memcmp(w->bytes + i, bytes, len) == 0) {
            return true;
        }
    }
    return false;
}

static const OskFinding *finding(const Scrubbed *s, const char *field)
{
    const OskReport *report = osk_scrub_report(s->job);
    for (size_t i = 0; i < osk_report_count(report); i++) {
        if (strcmp(osk_report_at(report, i)->field, field) == 0) {
            return osk_report_at(report, i);
        }
    }
    return NULL;
}

/* The copy of the copy is the copy, and nothing is found in it. */
static void assert_settled(const OskWriter *out)
{
    Scrubbed again = scrub(out, NULL);
    assert_int_equal(again.status, OSK_OK);
    assert_int_equal(osk_report_count(osk_scrub_report(again.job)), 0);
    assert_int_equal(again.out.len, out->len);
    assert_memory_equal(again.out.bytes, out->bytes, out->len);
    drop(&again);
}

static void assert_clean(const Plan *plan)
{
    OskWriter file = build(plan);
    assert_true(holds(&file, SECRET, strlen(SECRET)));
    Scrubbed s = scrub(&file, NULL);
    assert_int_equal(s.status, OSK_OK);
    assert_false(holds(&s.out, SECRET, strlen(SECRET)));
    assert_settled(&s.out);
    drop(&s);
    osk_writer_free(&file);
}

static OskStatus status_of(const Plan *plan, const OskScrubOptions *options)
{
    OskWriter file = build(plan);
    Scrubbed s = scrub(&file, options);
    OskStatus status = s.status;
    drop(&s);
    osk_writer_free(&file);
    return status;
}

/* ---- Descriptions ---- */

static void secret_info(OskWriter *w)
{
    put_text(w, 0x7BA9, SECRET);
    put_text(w, 0x7384, SECRET);
    put(w, 0x73A4, "0123456789abcdef", 16);
    /* 2024-02-29 12:34:56 UTC, counted from 2001. */
    put(w, 0x4461, "\x0A\x24\xB0\x4F\xB9\x62\x60\x00", 8);
}

static void matroska__drops_titles_names_and_dates(void **state)
{
    (void)state;
    Plan plan = { .in_info = secret_info };
    assert_clean(&plan);
    OskWriter file = build(&plan);
    Scrubbed s = scrub(&file, NULL);
    assert_non_null(finding(&s, "mkv.title"));
    assert_string_equal(finding(&s, "mkv.title")->value, SECRET);
    assert_non_null(finding(&s, "mkv.date"));
    assert_int_equal(finding(&s, "mkv.date")->kind, OSK_KIND_TIME);
    assert_string_equal(finding(&s, "mkv.date")->value, "2024-02-29 12:34:56 UTC");
    assert_int_equal(finding(&s, "mkv.segment_uuid")->kind, OSK_KIND_DEVICE);
    drop(&s);
    osk_writer_free(&file);
}

static void place_tag(OskWriter *w)
{
    OskWriter simple = fresh();
    put_text(&simple, 0x45A3, "LOCATION");
    put_text(&simple, 0x4487, "+52.1-004.2/" SECRET);
    OskWriter tag = fresh();
    put_master(&tag, 0x67C8, &simple);
    OskWriter tags = fresh();
    put_master(&tags, 0x7373, &tag);
    put_master(w, 0x1254C367, &tags);
}

static void matroska__calls_a_location_tag_a_place(void **state)
{
    (void)state;
    Plan plan = { .after = place_tag };
    assert_clean(&plan);
    OskWriter file = build(&plan);
    Scrubbed s = scrub(&file, NULL);
    assert_non_null(finding(&s, "mkv.tag.place"));
    assert_int_equal(finding(&s, "mkv.tag.place")->kind, OSK_KIND_PLACE);
    drop(&s);
    osk_writer_free(&file);
}

static void picture_attachment(OskWriter *w)
{
    OskWriter file = fresh();
    put_text(&file, 0x466E, "me.jpg");
    put_text(&file, 0x4660, "image/jpeg");
    put_text(&file, 0x465C, SECRET);
    OskWriter files = fresh();
    put_master(&files, 0x61A7, &file);
    put_master(w, 0x1941A469, &files);
}

static void matroska__calls_an_attached_picture_a_preview(void **state)
{
    (void)state;
    Plan plan = { .before = picture_attachment };
    assert_clean(&plan);
    OskWriter file = build(&plan);
    Scrubbed s = scrub(&file, NULL);
    assert_int_equal(finding(&s, "mkv.attachment")->kind, OSK_KIND_PREVIEW);
    assert_string_equal(finding(&s, "mkv.attachment")->value, "me.jpg, image/jpeg");
    drop(&s);
    osk_writer_free(&file);
}

static void hidden_bytes(OskWriter *w)
{
    put_text(w, 0xEC, SECRET);
    put_text(w, 0x4FAB, SECRET);
    put_text(w, 0xBF, SECRET);
}

static void matroska__drops_room_checksums_and_strange_elements(void **state)
{
    (void)state;
    assert_clean(&(Plan){ .in_info = hidden_bytes });
    assert_clean(&(Plan){ .in_track = hidden_bytes });
    assert_clean(&(Plan){ .in_tracks = hidden_bytes });
    assert_clean(&(Plan){ .before = hidden_bytes });
    assert_clean(&(Plan){ .after = hidden_bytes });
    assert_clean(&(Plan){ .after = hidden_bytes, .live = true });
}

static void matroska__drops_what_follows_the_segment(void **state)
{
    (void)state;
    OskWriter file = build(&(Plan){ .type = 0 });
    osk_writer_bytes(&file, SECRET, strlen(SECRET));
    Scrubbed s = scrub(&file, NULL);
    assert_int_equal(s.status, OSK_OK);
    assert_false(holds(&s.out, SECRET, strlen(SECRET)));
    assert_non_null(finding(&s, "mkv.trailer"));
    drop(&s);
    osk_writer_free(&file);
}

/* ---- Tracks ---- */

static void off_track(OskWriter *w)
{
    OskWriter track = fresh();
    put_uint(&track, 0xD7, 2);
    put_uint(&track, 0x83, 2);
    put_uint(&track, 0xB9, 0);
    put_text(&track, 0x86, "A_PCM/INT/LIT");
    put_master(w, 0xAE, &track);
    track = fresh();
    put_uint(&track, 0xD7, 3);
    put_uint(&track, 0x83, 17);
    put_text(&track, 0x86, "S_TEXT/UTF8");
    put_master(w, 0xAE, &track);
}

static void off_blocks(OskWriter *w)
{
    put_simple(w, 2, 0x80, SECRET, strlen(SECRET));
    put_simple(w, 1, 0x80, "\x10picture", 8);
    put_simple(w, 3, 0x80, SECRET, strlen(SECRET));
    put_simple(w, 9, 0x80, SECRET, strlen(SECRET));
}

static void matroska__keeps_only_tracks_that_are_shown(void **state)
{
    (void)state;
    Plan plan = { .in_tracks = off_track, .in_cluster = off_blocks };
    assert_clean(&plan);
    OskWriter file = build(&plan);
    Scrubbed s = scrub(&file, NULL);
    assert_true(holds(&s.out, "\x10picture", 8));
    assert_false(holds(&s.out, "S_TEXT", 6));
    assert_non_null(finding(&s, "mkv.stray_block"));
    drop(&s);
    osk_writer_free(&file);
}

static void second_picture(OskWriter *w)
{
    OskWriter track = fresh();
    put_uint(&track, 0xD7, 2);
    put_uint(&track, 0x83, 1);
    put_text(&track, 0x86, "V_VP8");
    put_master(w, 0xAE, &track);
}

/* Both are shown by default, as their flags say; players show the first. */
static void matroska__keeps_one_track_of_a_kind(void **state)
{
    (void)state;
    Plan plan = { .in_tracks = second_picture, .in_cluster = off_blocks };
    assert_clean(&plan);
}

static void second_type(OskWriter *w)
{
    put_uint(w, 0x83, 1);
}

static void matroska__refuses_a_track_of_two_types(void **state)
{
    (void)state;
    assert_int_equal(status_of(&(Plan){ .in_track = second_type }, NULL), OSK_MALFORMED);
}

static void sound_track(OskWriter *w)
{
    OskWriter track = fresh();
    put_uint(&track, 0xD7, 2);
    put_uint(&track, 0x73C5, 2);
    put_uint(&track, 0x83, 2);
    put_text(&track, 0x86, "A_PCM/INT/LIT");
    put_master(w, 0xAE, &track);
}

static void sound_blocks(OskWriter *w)
{
    put_simple(w, 1, 0x80, "\x10picture", 8);
    put_simple(w, 2, 0x80, "soundsound", 10);
}

static void matroska__drops_sound_when_asked(void **state)
{
    (void)state;
    OskWriter file = build(&(Plan){ .in_tracks = sound_track, .in_cluster = sound_blocks });
    Scrubbed s = scrub(&file, NULL);
    assert_true(holds(&s.out, "soundsound", 10));
    drop(&s);
    s = scrub(&file, &(OskScrubOptions){ .drop_audio = true });
    assert_int_equal(s.status, OSK_OK);
    assert_false(holds(&s.out, "soundsound", 10));
    assert_true(holds(&s.out, "\x10picture", 8));
    drop(&s);
    osk_writer_free(&file);
}

static void encrypted(OskWriter *w)
{
    OskWriter encoding = fresh();
    put_uint(&encoding, 0x5033, 1);
    OskWriter encodings = fresh();
    put_master(&encodings, 0x6240, &encoding);
    put_master(w, 0x6D80, &encodings);
}

static void cropped(OskWriter *w)
{
    OskWriter video = fresh();
    put_uint(&video, 0xB0, 64);
    put_uint(&video, 0xBA, 64);
    put_uint(&video, 0x54AA, 8);
    put_master(w, 0xE0, &video);
}

static void ordered_chapters(OskWriter *w)
{
    OskWriter edition = fresh();
    put_uint(&edition, 0x45DD, 1);
    OskWriter chapters = fresh();
    put_master(&chapters, 0x45B9, &edition);
    put_master(w, 0x1043A770, &chapters);
}

static void matroska__refuses_what_it_cannot_prove(void **state)
{
    (void)state;
    assert_int_equal(status_of(&(Plan){ .in_track = encrypted }, NULL), OSK_UNSUPPORTED);
    assert_int_equal(status_of(&(Plan){ .in_track = cropped }, NULL), OSK_UNSUPPORTED);
    assert_int_equal(status_of(&(Plan){ .before = ordered_chapters }, NULL), OSK_UNSUPPORTED);
    assert_int_equal(status_of(&(Plan){ .codec = "V_DRAWN" }, NULL), OSK_UNSUPPORTED);
    assert_int_equal(status_of(&(Plan){ .type = 17, .codec = "S_TEXT/UTF8" }, NULL),
                     OSK_UNSUPPORTED);
}

/* ---- Frames ---- */

static void invisible_block(OskWriter *w)
{
    put_simple(w, 1, 0x80, "\x10picture", 8);
    put_simple(w, 1, 0x08, "\x10not seen", 9);
}

static void hidden_reference(OskWriter *w)
{
    put_simple(w, 1, 0x80, "\x10picture", 8);
    put_simple(w, 1, 0x08, "\x01 a VP8 frame that says it is not shown", 39);
}

static void matroska__refuses_frames_that_are_not_shown(void **state)
{
    (void)state;
    Plan plan = { .in_cluster = invisible_block };
    assert_int_equal(status_of(&plan, NULL), OSK_UNSUPPORTED);
    assert_int_equal(status_of(&plan, &(OskScrubOptions){ .keep_preroll = true }), OSK_OK);
    plan.in_cluster = hidden_reference;
    assert_int_equal(status_of(&plan, NULL), OSK_OK);
}

static void stripped_header(OskWriter *w)
{
    OskWriter compression = fresh();
    put_uint(&compression, 0x4254, 3);
    put(&compression, 0x4255, "\x0B\x77", 2);
    OskWriter encoding = fresh();
    put_master(&encoding, 0x5034, &compression);
    OskWriter encodings = fresh();
    put_master(&encodings, 0x6240, &encoding);
    put_master(w, 0x6D80, &encodings);
}

/* Three frames of 3, 260 and 2 bytes, laced the EBML way: 3, then +257. */
static void laced_block(OskWriter *w)
{
    uint8_t block[4 + 4 + 265] = { 0x81, 0, 0, 0x86, 2, 0x83 };
    size_t at = 6;
    /* 257 + 8191 in two bytes. */
    block[at++] = (uint8_t)(0x40 | (257 + 8191) >> 8);
    block[at++] = (uint8_t)((257 + 8191) & 0xFF);
    memset(block + at, 'a', 3);
    memset(block + at + 3, 'b', 260);
    memset(block + at + 263, 'c', 2);
    put(w, 0xA3, block, at + 265);
}

static void matroska__puts_stripped_headers_back_and_laces_again(void **state)
{
    (void)state;
    OskWriter file = build(&(Plan){
        .codec = "A_AC3", .type = 2, .in_track = stripped_header, .in_cluster = laced_block });
    Scrubbed s = scrub(&file, NULL);
    assert_int_equal(s.status, OSK_OK);
    /* Flags: key frame, Xiph lacing; two sizes: 5, and 262 in two bytes; then the first frame. */
    assert_true(holds(&s.out,
                      "\x81\0\0\x82\x02\x05\xFF\x07\x0B\x77"
                      "aaa\x0B\x77"
                      "bbb",
                      18));
    assert_true(holds(&s.out,
                      "bbb\x0B\x77"
                      "cc",
                      7));
    assert_settled(&s.out);
    drop(&s);
    osk_writer_free(&file);
}

/* A picture of one unit, behind a message of the registered kind "user data, unregistered". */
static const uint8_t sei_frame[] = { 0,   0,    0,   20,  0x06, 0x05, 16,   'S', '3', 'C', 'R',
                                     '3', 'T',  '-', 'O', 'F',  '-',  'T',  'H', 'E', '-', 'T',
                                     'E', 0x80, 0,   0,   0,    3,    0x65, 'P', 'I' };
/* The record of a 320 x 240 picture as x264 writes it. */
static const uint8_t avcc[] = { 0x01, 0x42, 0xC0, 0x0D, 0xFF, 0xE1, 0x00, 0x16, 0x67, 0x42,
                                0xC0, 0x0D, 0xDA, 0x05, 0x07, 0xEC, 0x04, 0x40, 0x00, 0x00,
                                0x03, 0x00, 0x40, 0x00, 0x00, 0x0C, 0x83, 0xC5, 0x0A, 0xA8,
                                0x01, 0x00, 0x04, 0x68, 0xCE, 0x0F, 0xC8 };

static void sei_block(OskWriter *w)
{
    put_simple(w, 1, 0x80, sei_frame, sizeof(sei_frame));
}

static void matroska__drops_user_data_from_frames(void **state)
{
    (void)state;
    Plan plan = { .codec = "V_MPEG4/ISO/AVC",
                  .private = avcc,
                  .private_len = sizeof(avcc),
                  .in_cluster = sei_block };
    OskWriter file = build(&plan);
    Scrubbed s = scrub(&file, NULL);
    assert_int_equal(s.status, OSK_OK);
    assert_false(holds(&s.out, "S3CR3T-OF", 9));
    /* SimpleBlock of 11 bytes: track, time, flags, and the one unit that is left. */
    assert_true(holds(&s.out, "\xA3\x8B\x81\0\0\x80\0\0\0\x03\x65PI", 13));
    assert_settled(&s.out);
    drop(&s);
    osk_writer_free(&file);
}

static void group_with_extras(OskWriter *w)
{
    OskWriter more = fresh();
    put_uint(&more, 0xEE, 4);
    put_text(&more, 0xA5, SECRET);
    OskWriter additions = fresh();
    put_master(&additions, 0xA6, &more);
    OskWriter group = fresh();
    put(&group, 0xA1, "\x81\0\0\0\x10picture", 12);
    put_uint(&group, 0x9B, 40);
    put_master(&group, 0x75A1, &additions);
    put_text(&group, 0xEC, SECRET);
    put_master(w, 0xA0, &group);
}

static void matroska__drops_additions_but_alpha(void **state)
{
    (void)state;
    Plan plan = { .in_cluster = group_with_extras };
    assert_clean(&plan);
    OskWriter file = build(&plan);
    Scrubbed s = scrub(&file, NULL);
    assert_true(holds(&s.out, "\x10picture", 8));
    assert_false(holds(&s.out, "\x75\xA1", 2));
    drop(&s);
    osk_writer_free(&file);
}

/* ---- Codecs ---- */

static void matroska__empties_comments_of_xiph_codecs(void **state)
{
    (void)state;
    OskWriter private = fresh();
    osk_writer_bytes(&private, "\x02\x1E\x2D", 3);
    osk_writer_bytes(&private, "\x01vorbis", 7);
    osk_writer_zeros(&private, 23);
    osk_writer_bytes(&private, "\x03vorbis\x06\0\0\0vendor\x01\0\0\0\x11\0\0\0" SECRET,
                     7 + 10 + 4 + 4);
    osk_writer_bytes(&private, SECRET, 17);
    osk_writer_patch_be(&private, 2, 7 + 10 + 4 + 4 + 17, 1);
    osk_writer_bytes(&private, "\x05vorbis-setup", 13);
    Plan plan = {
        .codec = "A_VORBIS", .type = 2, .private = private.bytes, .private_len = private.len
    };
    OskWriter file = build(&plan);
    Scrubbed s = scrub(&file, NULL);
    assert_int_equal(s.status, OSK_OK);
    assert_false(holds(&s.out, "vendor", 6));
    assert_false(holds(&s.out, "S3CR3T-OF", 9));
    assert_true(holds(&s.out, "\x05vorbis-setup", 13));
    assert_string_equal(finding(&s, "mkv.codec_vendor")->value, "vendor");
    assert_settled(&s.out);
    drop(&s);
    osk_writer_free(&file);
    osk_writer_free(&private);
}

/* ---- Layout ---- */

static void matroska__gives_live_files_sizes_and_an_index(void **state)
{
    (void)state;
    static const uint8_t unknown[] = { 0x1F, 0x43, 0xB6, 0x75, 0x01, 0xFF, 0xFF, 0xFF, 0xFF };
    OskWriter file = build(&(Plan){ .live = true });
    assert_true(holds(&file, unknown, sizeof(unknown)));
    Scrubbed s = scrub(&file, NULL);
    assert_int_equal(s.status, OSK_OK);
    assert_false(holds(&s.out, unknown, sizeof(unknown)));
    assert_true(holds(&s.out, "\x1C\x53\xBB\x6B", 4));
    assert_settled(&s.out);
    drop(&s);
    osk_writer_free(&file);
}

static void matroska__is_clear_about_every_cut(void **state)
{
    (void)state;
    OskWriter file =
        build(&(Plan){ .in_info = secret_info, .in_tracks = off_track, .after = place_tag });
    for (size_t len = 0; len < file.len; len++) {
        uint8_t *cut = malloc(len + 1);
        assert_non_null(cut);
        memcpy(cut, file.bytes, len);
        OskSource source = osk_source_from_memory(cut, len);
        OskScrub *job = NULL;
        OskStatus status = osk_scrub_open(&source, NULL, &job);
        assert_true(status == OSK_TRUNCATED || status == OSK_UNSUPPORTED ||
                    status == OSK_MALFORMED);
        osk_scrub_free(&job);
        free(cut);
    }
    osk_writer_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matroska__drops_titles_names_and_dates),
        cmocka_unit_test(matroska__calls_a_location_tag_a_place),
        cmocka_unit_test(matroska__calls_an_attached_picture_a_preview),
        cmocka_unit_test(matroska__drops_room_checksums_and_strange_elements),
        cmocka_unit_test(matroska__drops_what_follows_the_segment),
        cmocka_unit_test(matroska__keeps_only_tracks_that_are_shown),
        cmocka_unit_test(matroska__keeps_one_track_of_a_kind),
        cmocka_unit_test(matroska__refuses_a_track_of_two_types),
        cmocka_unit_test(matroska__drops_sound_when_asked),
        cmocka_unit_test(matroska__refuses_what_it_cannot_prove),
        cmocka_unit_test(matroska__refuses_frames_that_are_not_shown),
        cmocka_unit_test(matroska__puts_stripped_headers_back_and_laces_again),
        cmocka_unit_test(matroska__drops_user_data_from_frames),
        cmocka_unit_test(matroska__drops_additions_but_alpha),
        cmocka_unit_test(matroska__empties_comments_of_xiph_codecs),
        cmocka_unit_test(matroska__gives_live_files_sizes_and_an_index),
        cmocka_unit_test(matroska__is_clear_about_every_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
