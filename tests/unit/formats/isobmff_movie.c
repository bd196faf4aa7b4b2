/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MP4 and MOV files put together box by box: tracks, samples and notes that nobody sees go, what
 * edit lists show stays, and samples that can't be proven are refused. */
#include "formats/scrubbed.h"

#define SECRET "xk-secret-43"

/* How a test's movie is put together: a track of PCM sound with ten samples of four bytes ("s0a0"
 * to "s9a9"), and whatever the test adds. */
typedef struct Recipe {
    bool moov_last;
    bool fragmented;
    bool secret_track; /* timed metadata */
    bool disabled;     /* the secret track is a second sound track that is switched off */
    bool orphan;       /* bytes of mdat that no sample names */
    bool udta;
    bool external;      /* the data is in another file */
    bool compressed;    /* moov holds cmov */
    int32_t edit_start; /* -1: no edit list */
    uint32_t edit_len;
    uint32_t count; /* samples that stsz claims; 0: ten */
    const char *handler_name;
    bool stray;  /* settings in the sound's description that belong elsewhere, or are twice there */
    bool frozen; /* the edit's rate is 0 */
    bool repeats; /* the edit is played until the track, which says ten seconds, ends */
    bool instant; /* the first half of the samples lasts no time; only the first is a sync sample */
    bool torn;    /* one sample amid the others is shown much later */
    bool in_ftyp; /* the samples begin at the start of the file */
    bool cut_description; /* QuickTime's second version, without its fields */
    bool uneven;          /* the second sample lasts 50 s */
    const char *coding;   /* of the sound; NULL: sowt */
    uint32_t sample_size; /* as stsz has it; 0: the true one */
    const char *settings; /* of AAC, 19 bytes of them; NULL: none */
} Recipe;

#define SAMPLES 10u
#define SAMPLE_LEN 4u

static OskWriterMark full(OskWriter *w, const char *type, uint32_t version_flags)
{
    OskWriterMark mark = osk_writer_box(w, type);
    osk_writer_be(w, version_flags, 4);
    return mark;
}

static void put_matrix(OskWriter *w)
{
    static const uint32_t identity[9] = { 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000 };
    for (size_t i = 0; i < 9; i++) {
        osk_writer_be(w, identity[i], 4);
    }
}

static void put_mvhd(OskWriter *w)
{
    OskWriterMark mark = full(w, "mvhd", 0);
    osk_writer_be(w, 0xDC7E95F7, 4);
    osk_writer_be(w, 0xDC7E95F7, 4);
    osk_writer_be(w, 1000, 4);
    osk_writer_be(w, 10000, 4);
    osk_writer_be(w, 0x10000, 4);
    osk_writer_be(w, 0x100, 2);
    osk_writer_zeros(w, 10);
    put_matrix(w);
    osk_writer_zeros(w, 24);
    osk_writer_be(w, 3, 4);
    osk_writer_close(w, mark);
}

static void put_tkhd(OskWriter *w, uint32_t id, bool enabled)
{
    OskWriterMark mark = full(w, "tkhd", enabled ? 7 : 6);
    osk_writer_be(w, 0xDC7E95F7, 4);
    osk_writer_be(w, 0xDC7E95F7, 4);
    osk_writer_be(w, id, 4);
    osk_writer_zeros(w, 4);
    osk_writer_be(w, 10000, 4);
    osk_writer_zeros(w, 12);
    osk_writer_be(w, 0x100, 2);
    osk_writer_zeros(w, 2);
    put_matrix(w);
    osk_writer_zeros(w, 8);
    osk_writer_close(w, mark);
}

static void put_edit(OskWriter *w, const Recipe *r)
{
    if (r->edit_start < 0) {
        return;
    }
    OskWriterMark edts = osk_writer_box(w, "edts");
    OskWriterMark mark = full(w, "elst", r->repeats ? 1 : 0);
    osk_writer_be(w, 1, 4);
    osk_writer_be(w, r->edit_len, 4);
    osk_writer_be(w, (uint32_t)r->edit_start, 4);
    osk_writer_be(w, r->frozen ? 0 : 0x10000, 4);
    osk_writer_close(w, mark);
    osk_writer_close(w, edts);
}

static void put_child(OskWriter *w, const char *type, size_t len)
{
    OskWriterMark mark = osk_writer_box(w, type);
    osk_writer_bytes(w, SECRET SECRET, len);
    osk_writer_close(w, mark);
}

/* ISO/IEC 14496-1, 7.2.6: a stream, its decoder and the decoder's settings. */
static void put_esds(OskWriter *w, const char *settings)
{
    OskWriterMark mark = full(w, "esds", 0);
    osk_writer_bytes(w, "\3\x2A\0\0\0\4\x22\x40\x15", 9);
    osk_writer_zeros(w, 11);
    osk_writer_bytes(w, "\5\x13", 2);
    osk_writer_bytes(w, settings, 19);
    osk_writer_bytes(w, "\6\1\2", 3);
    osk_writer_close(w, mark);
}

static void put_stsd(OskWriter *w, const Recipe *r, bool sound)
{
    OskWriterMark stsd = full(w, "stsd", 0);
    osk_writer_be(w, 1, 4);
    OskWriterMark mark = osk_writer_box(w, !sound              ? "mebx"
                                           : r->coding != NULL ? r->coding
                                                               : "sowt");
    osk_writer_zeros(w, 6);
    osk_writer_be(w, 1, 2);
    if (sound) {
        osk_writer_be(w, r->cut_description ? 2 : 0, 2);
        osk_writer_zeros(w, 6);
        osk_writer_be(w, 2, 2);
        osk_writer_be(w, 16, 2);
        osk_writer_zeros(w, 4);
        osk_writer_be(w, 1, 2);
        osk_writer_zeros(w, 2);
    }
    if (r->settings != NULL) {
        put_esds(w, r->settings);
    }
    if (r->stray) {
        OskWriterMark rate = full(w, "srat", 0);
        osk_writer_be(w, 48000, 4);
        osk_writer_close(w, rate);
        put_child(w, "pasp", 8);
        put_child(w, "mdcv", 24);
        put_child(w, "avcC", 20);
        put_child(w, "esds", 20);
        put_child(w, "frma", 4);
        put_child(w, "chnl", 16);
        put_child(w, "srat", 8);
        put_child(w, "btrt", 12);
    }
    osk_writer_close(w, mark);
    osk_writer_close(w, stsd);
}

typedef struct TrackSpec {
    uint32_t id;
    bool sound;
    bool enabled;
    uint32_t count;
    uint32_t size;
    uint32_t offset;
} TrackSpec;

/* Tables of samples that stand in one chunk. */
static void put_tables(OskWriter *w, const Recipe *r, const TrackSpec *t)
{
    uint32_t count = t->count;
    OskWriterMark mark = full(w, "stts", 0);
    if (r->instant) {
        osk_writer_be(w, 2, 4);
        osk_writer_be(w, count / 2, 4);
        osk_writer_be(w, 0, 4);
        osk_writer_be(w, count - count / 2, 4);
        osk_writer_be(w, 1, 4);
    } else if (r->uneven) {
        const uint32_t rows[] = { 3, 1, 1, 1, 50, count - 2, 1 };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            osk_writer_be(w, rows[i], 4);
        }
    } else {
        osk_writer_be(w, count > 0 ? 1 : 0, 4);
        osk_writer_be(w, count, count > 0 ? 4 : 0);
        osk_writer_be(w, 1, count > 0 ? 4 : 0);
    }
    osk_writer_close(w, mark);
    if (r->instant) {
        mark = full(w, "stss", 0);
        osk_writer_be(w, 1, 4);
        osk_writer_be(w, 1, 4);
        osk_writer_close(w, mark);
    }
    if (r->torn) {
        static const uint32_t rows[] = { 3, 4, 0, 1, 1000, 5, 0 };
        mark = full(w, "ctts", 0);
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            osk_writer_be(w, rows[i], 4);
        }
        osk_writer_close(w, mark);
    }
    mark = full(w, "stsc", 0);
    osk_writer_be(w, count > 0 ? 1 : 0, 4);
    if (count > 0) {
        osk_writer_be(w, 1, 4);
        osk_writer_be(w, count, 4);
        osk_writer_be(w, 1, 4);
    }
    osk_writer_close(w, mark);
    mark = full(w, "stsz", 0);
    osk_writer_be(w, count > 0 ? t->size : 0, 4);
    osk_writer_be(w, count, 4);
    osk_writer_close(w, mark);
    mark = full(w, "stco", 0);
    osk_writer_be(w, count > 0 ? 1 : 0, 4);
    osk_writer_be(w, r->in_ftyp ? 0 : t->offset, count > 0 ? 4 : 0);
    osk_writer_close(w, mark);
}

static void put_trak(OskWriter *w, const Recipe *r, const TrackSpec *t)
{
    OskWriterMark trak = osk_writer_box(w, "trak");
    put_tkhd(w, t->id, t->enabled);
    put_edit(w, r);
    OskWriterMark mdia = osk_writer_box(w, "mdia");
    OskWriterMark mark = full(w, "mdhd", 0);
    osk_writer_be(w, 0xDC7E95F7, 4);
    osk_writer_be(w, 0xDC7E95F7, 4);
    osk_writer_be(w, 1, 4); /* one sample a second */
    osk_writer_be(w, t->count, 4);
    osk_writer_be(w, 0x15C7, 2);
    osk_writer_zeros(w, 2);
    osk_writer_close(w, mark);
    mark = full(w, "hdlr", 0);
    osk_writer_zeros(w, 4);
    osk_writer_bytes(w, t->sound ? "soun" : "meta", 4);
    osk_writer_zeros(w, 12);
    if (r->handler_name != NULL) {
        osk_writer_bytes(w, r->handler_name, strlen(r->handler_name));
    }
    osk_writer_u8(w, 0);
    osk_writer_close(w, mark);
    OskWriterMark minf = osk_writer_box(w, "minf");
    mark = full(w, t->sound ? "smhd" : "nmhd", 0);
    osk_writer_zeros(w, t->sound ? 4 : 0);
    osk_writer_close(w, mark);
    OskWriterMark dinf = osk_writer_box(w, "dinf");
    mark = full(w, "dref", 0);
    osk_writer_be(w, 1, 4);
    osk_writer_bytes(w, r->external ? "\0\0\0\x0Curl \0\0\0\0" : "\0\0\0\x0Curl \0\0\0\x01", 12);
    osk_writer_close(w, mark);
    osk_writer_close(w, dinf);
    OskWriterMark stbl = osk_writer_box(w, "stbl");
    put_stsd(w, r, t->sound);
    put_tables(w, r, t);
    osk_writer_close(w, stbl);
    osk_writer_close(w, minf);
    osk_writer_close(w, mdia);
    osk_writer_close(w, trak);
}

static void put_moov(OskWriter *w, const Recipe *r, uint32_t media)
{
    OskWriterMark moov = osk_writer_box(w, "moov");
    put_mvhd(w);
    TrackSpec sound = { .id = 1,
                        .sound = true,
                        .enabled = true,
                        .count = r->fragmented  ? 0
                                 : r->count > 0 ? r->count
                                                : SAMPLES,
                        .size = r->sample_size > 0 ? r->sample_size : SAMPLE_LEN,
                        .offset = media };
    put_trak(w, r, &sound);
    if (r->secret_track) {
        TrackSpec secret = { .id = 2,
                             .sound = r->disabled,
                             .enabled = !r->disabled,
                             .count = 3,
                             .size = SAMPLE_LEN,
                             .offset = media + SAMPLES * SAMPLE_LEN };
        put_trak(w, r, &secret);
    }
    if (r->fragmented) {
        OskWriterMark mvex = osk_writer_box(w, "mvex");
        OskWriterMark mark = full(w, "trex", 0);
        osk_writer_be(w, 1, 4);
        osk_writer_be(w, 1, 4);
        osk_writer_be(w, 1, 4);
        osk_writer_be(w, SAMPLE_LEN, 4);
        osk_writer_be(w, 0, 4);
        osk_writer_close(w, mark);
        osk_writer_close(w, mvex);
    }
    if (r->udta) {
        OskWriterMark udta = osk_writer_box(w, "udta");
        OskWriterMark mark = osk_writer_box(w, "\xA9xyz");
        osk_writer_be(w, 18, 2);
        osk_writer_be(w, 0x15C7, 2);
        osk_writer_bytes(w, "+48.8577+002.2950/", 18);
        osk_writer_close(w, mark);
        mark = osk_writer_box(w, "\xA9nam");
        osk_writer_be(w, strlen(SECRET), 2);
        osk_writer_be(w, 0x15C7, 2);
        osk_writer_bytes(w, SECRET, strlen(SECRET));
        osk_writer_close(w, mark);
        osk_writer_close(w, udta);
    }
    if (r->compressed) {
        osk_writer_close(w, osk_writer_box(w, "cmov"));
    }
    osk_writer_close(w, moov);
}

static void put_sample(OskWriter *w, unsigned i)
{
    char sample[SAMPLE_LEN] = { 's', (char)('0' + i), 'a', (char)('0' + i) };
    osk_writer_bytes(w, sample, sizeof(sample));
}

static void put_mdat(OskWriter *w, const Recipe *r)
{
    OskWriterMark mdat = osk_writer_box(w, "mdat");
    for (unsigned i = 0; i < SAMPLES; i++) {
        put_sample(w, i);
    }
    if (r->secret_track || r->orphan) {
        osk_writer_bytes(w, SECRET, 3 * SAMPLE_LEN);
    }
    osk_writer_close(w, mdat);
}

/* Two fragments of five samples each. */
static void put_fragments(OskWriter *w)
{
    for (unsigned f = 0; f < 2; f++) {
        size_t begin = w->len;
        OskWriterMark moof = osk_writer_box(w, "moof");
        OskWriterMark traf = osk_writer_box(w, "traf");
        OskWriterMark mark = full(w, "tfhd", 0x20000);
        osk_writer_be(w, 1, 4);
        osk_writer_close(w, mark);
        mark = full(w, "tfdt", 0);
        osk_writer_be(w, 5 * f, 4);
        osk_writer_close(w, mark);
        mark = full(w, "trun", 1);
        osk_writer_be(w, 5, 4);
        size_t offset_at = w->len;
        osk_writer_zeros(w, 4);
        osk_writer_close(w, mark);
        osk_writer_close(w, traf);
        osk_writer_close(w, moof);
        OskWriterMark mdat = osk_writer_box(w, "mdat");
        osk_writer_patch_be(w, offset_at, w->len - begin, 4);
        for (unsigned i = 0; i < 5; i++) {
            put_sample(w, 5 * f + i);
        }
        osk_writer_bytes(w, SECRET, strlen(SECRET));
        osk_writer_close(w, mdat);
    }
}

static void put_movie(OskWriter *w, const Recipe *r)
{
    osk_writer_init(w, 1 << 16);
    osk_writer_bytes(w,
                     "\0\0\0\x14"
                     "ftypmp42\0\0\0\0mp42",
                     20);
    if (r->moov_last) {
        put_mdat(w, r);
        put_moov(w, r, 28);
        return;
    }
    OskWriter dry;
    osk_writer_init(&dry, 1 << 16);
    put_moov(&dry, r, 0);
    put_moov(w, r, (uint32_t)dry.len + 28);
    osk_writer_free(&dry);
    if (r->fragmented) {
        put_fragments(w);
    } else {
        put_mdat(w, r);
    }
}

static Scrubbed scrub_recipe(const Recipe *r)
{
    OskWriter w;
    put_movie(&w, r);
    return scrub(&w);
}

static OskStatus refused(const Recipe *r)
{
    OskWriter w;
    put_movie(&w, r);
    return refusal(&w);
}

static size_t find(const Scrubbed *s, const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i + len <= s->len; i++) {
        if (memcmp(s->bytes + i, text, len) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

static const char all_samples[] = "s0a0s1a1s2a2s3a3s4a4s5a5s6a6s7a7s8a8s9a9";

/* The one chunk offset of the output points at the first sample. */
static void expect_offset(const Scrubbed *s, const char *samples)
{
    size_t stco = find(s, "stco");
    assert_int_not_equal(stco, SIZE_MAX);
    const uint8_t *at = s->bytes + stco + 12;
    size_t offset = (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
    assert_int_equal(offset, find(s, samples));
}

static void movie__moov_stays_where_it_was(void **state)
{
    (void)state;
    for (int last = 0; last < 2; last++) {
        Recipe r = { .edit_start = -1, .moov_last = last != 0 };
        Scrubbed s = scrub_recipe(&r);
        assert_int_equal(s.status, OSK_OK);
        assert_true(holds_text(&s, all_samples));
        assert_true((find(&s, "moov") > find(&s, "mdat")) == (last != 0));
        expect_offset(&s, all_samples);
        osk_bytes_free(&s.bytes);
    }
}

static void movie__drops_a_metadata_track_with_its_samples(void **state)
{
    (void)state;
    Recipe r = { .edit_start = -1, .secret_track = true };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_false(holds_text(&s, SECRET));
    assert_false(holds_text(&s, "mebx"));
    assert_true(holds_text(&s, all_samples));
    expect_offset(&s, all_samples);
    osk_bytes_free(&s.bytes);
}

static void movie__drops_a_track_that_is_switched_off(void **state)
{
    (void)state;
    Recipe r = { .edit_start = -1, .secret_track = true, .disabled = true, .moov_last = true };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_false(holds_text(&s, SECRET));
    osk_bytes_free(&s.bytes);
}

static void movie__drops_orphaned_bytes(void **state)
{
    (void)state;
    Recipe r = { .edit_start = -1, .orphan = true };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_false(holds_text(&s, SECRET));
    osk_bytes_free(&s.bytes);
}

static void movie__drops_notes_names_and_times(void **state)
{
    (void)state;
    Recipe r = { .edit_start = -1, .udta = true, .handler_name = SECRET };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_false(holds_text(&s, SECRET));
    assert_false(holds_text(&s, "+48.8577"));
    assert_false(holds(&s, "\xDC\x7E\x95\xF7", 4));
    assert_true(s.findings >= 6);
    osk_bytes_free(&s.bytes);
}

static void movie__tells_the_place_in_degrees(void **state)
{
    (void)state;
    Recipe r = { .edit_start = -1, .udta = true };
    OskWriter w;
    put_movie(&w, &r);
    OskSource source = osk_source_from_memory(w.bytes, w.len);
    OskScrub *job = NULL;
    assert_int_equal(osk_scrub_open(&source, NULL, &job), OSK_OK);
    bool told = false;
    for (size_t i = 0; i < osk_report_count(osk_scrub_report(job)); i++) {
        const OskFinding *f = osk_report_at(osk_scrub_report(job), i);
        told = told || (f->kind == OSK_KIND_PLACE && strcmp(f->value, "48.8577, 2.2950") == 0);
    }
    assert_true(told);
    osk_scrub_free(&job);
    osk_writer_free(&w);
}

static void movie__cuts_samples_outside_the_edit_list(void **state)
{
    (void)state;
    Recipe r = { .edit_start = 4, .edit_len = 2000 };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    /* The end of an edit is known to a tick of the movie's clock, which is below a sample here. */
    assert_true(holds_text(&s, "s4a4s5a5"));
    assert_false(holds_text(&s, "s3a3"));
    assert_false(holds_text(&s, "s7a7"));
    size_t elst = find(&s, "elst");
    assert_memory_equal(s.bytes + elst + 16, "\0\0\0\0", 4);
    expect_offset(&s, "s4a4");
    osk_bytes_free(&s.bytes);
}

/* Whole rounds of four seconds: what players make of it. */
static void movie__keeps_how_often_an_edit_is_played(void **state)
{
    (void)state;
    Recipe r = { .edit_start = 0, .edit_len = 4000, .repeats = true };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_memory_equal(s.bytes + find(&s, "elst") + 4, "\0\0\0\1", 4);
    assert_memory_equal(s.bytes + find(&s, "tkhd") + 24, "\0\0\x2E\xE0", 4);
    osk_bytes_free(&s.bytes);
    r.repeats = false;
    s = scrub_recipe(&r);
    assert_memory_equal(s.bytes + find(&s, "elst") + 4, "\0\0\0\0", 4);
    assert_memory_equal(s.bytes + find(&s, "tkhd") + 24, "\0\0\x0F\xA0", 4);
    osk_bytes_free(&s.bytes);
}

/* The end of an edit is rounded as the checker rounds it. */
static void movie__cuts_a_sample_that_begins_as_an_edit_ends(void **state)
{
    (void)state;
    Recipe r = { .edit_start = 0, .edit_len = 50500, .uneven = true };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_true(holds_text(&s, "s0a0s1a1"));
    assert_false(holds_text(&s, "s2a2"));
    osk_bytes_free(&s.bytes);
}

/* What a decoder needs in front is counted in samples. Their durations say nothing: the one that
 * they share here is gone from the copy. */
static void movie__keeps_what_settles_a_decoder_by_number(void **state)
{
    (void)state;
    Recipe r = { .edit_start = 1, .edit_len = 50000, .uneven = true, .coding = "samr" };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_true(holds_text(&s, "s0a0s1a1s2a2"));
    assert_false(holds_text(&s, "s3a3"));
    osk_bytes_free(&s.bytes);
}

static void movie__writes_the_size_of_uncompressed_sound(void **state)
{
    (void)state;
    Recipe r = { .edit_start = -1, .sample_size = 1 };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_true(holds_text(&s, all_samples));
    assert_memory_equal(s.bytes + find(&s, "stsz") + 8, "\0\0\0\4\0\0\0\12", 8);
    osk_bytes_free(&s.bytes);
}

/* AAC whose channels are in a list, with the name of the program that coded it. */
static void movie__blanks_the_coder_of_sound(void **state)
{
    (void)state;
    static const char head[] = "\x12\0\x05\x04\0\0\x20\x0B";
    char settings[19];
    memcpy(settings, head, 8);
    memcpy(settings + 8, SECRET, 11);
    Recipe r = { .edit_start = -1, .coding = "mp4a", .settings = settings };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_true(holds(&s, head, 8));
    assert_false(holds(&s, SECRET, 4));
    osk_bytes_free(&s.bytes);
    /* A list that ends early may hold anything. */
    memcpy(settings, "\x12\0\x05\x04\0\0\x20\x0C", 8);
    assert_int_equal(refused(&r), OSK_UNSUPPORTED);
}

static void movie__drops_settings_that_do_not_belong(void **state)
{
    (void)state;
    Recipe r = { .edit_start = -1, .stray = true };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_true(holds_text(&s, "srat"));
    assert_true(holds_text(&s, "btrt"));
    static const char *const gone[] = { "pasp", "mdcv", "avcC", "esds", "frma", "chnl" };
    for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
        assert_false(holds_text(&s, gone[i]));
    }
    osk_bytes_free(&s.bytes);
}

/* An edit of no length lasts to the end, whatever its rate: its copy must say so too. */
static void movie__an_open_edit_of_rate_zero_shows_all(void **state)
{
    (void)state;
    Recipe r = { .edit_start = 0, .frozen = true };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_true(holds_text(&s, all_samples));
    osk_bytes_free(&s.bytes);
}

static void movie__refuses_hidden_samples_that_last_no_time(void **state)
{
    (void)state;
    Recipe r = { .edit_start = 1, .edit_len = 9000, .instant = true };
    assert_int_equal(refused(&r), OSK_UNSUPPORTED);
}

static void movie__refuses_an_edit_that_a_cut_would_shorten(void **state)
{
    (void)state;
    Recipe r = { .edit_start = 0, .edit_len = 10000, .torn = true };
    assert_int_equal(refused(&r), OSK_UNSUPPORTED);
}

static void movie__refuses_samples_that_cover_other_boxes(void **state)
{
    (void)state;
    Recipe r = { .edit_start = -1, .in_ftyp = true };
    assert_int_equal(refused(&r), OSK_UNSUPPORTED);
}

static void movie__refuses_a_description_that_ends_early(void **state)
{
    (void)state;
    Recipe r = { .edit_start = -1, .cut_description = true };
    assert_int_equal(refused(&r), OSK_MALFORMED);
}

static void movie__fragments_become_one_plain_movie(void **state)
{
    (void)state;
    Recipe r = { .edit_start = -1, .fragmented = true };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_true(holds_text(&s, all_samples));
    assert_false(holds_text(&s, "moof"));
    assert_false(holds_text(&s, "mvex"));
    assert_false(holds_text(&s, SECRET));
    expect_offset(&s, all_samples);
    osk_bytes_free(&s.bytes);
}

static void movie__refuses_what_it_cannot_prove(void **state)
{
    (void)state;
    Recipe external = { .edit_start = -1, .external = true };
    assert_int_equal(refused(&external), OSK_UNSUPPORTED);
    Recipe compressed = { .edit_start = -1, .compressed = true };
    assert_int_equal(refused(&compressed), OSK_UNSUPPORTED);
    OskWriter w;
    osk_writer_init(&w, 1 << 16);
    osk_writer_bytes(&w,
                     "\0\0\0\x14"
                     "stypmsdh\0\0\0\0msdh",
                     20);
    put_fragments(&w);
    assert_int_equal(refusal(&w), OSK_UNSUPPORTED);
}

static void movie__a_billion_samples_end_at_once(void **state)
{
    (void)state;
    Recipe r = { .edit_start = -1, .count = 1000000000 };
    assert_int_equal(refused(&r), OSK_TRUNCATED);
}

static void movie__cut_at_every_length_gives_no_output_or_a_clean_one(void **state)
{
    (void)state;
    Recipe r = { .edit_start = -1, .moov_last = true, .secret_track = true };
    OskWriter w;
    put_movie(&w, &r);
    for (size_t len = 0; len < w.len; len++) {
        OskWriter cut;
        osk_writer_init(&cut, 1 << 16);
        osk_writer_bytes(&cut, w.bytes, len);
        assert_int_not_equal(refusal(&cut), OSK_OK);
    }
    osk_writer_free(&w);
}

static void movie__drop_audio_leaves_nothing_of_a_sound_file(void **state)
{
    (void)state;
    Recipe r = { .edit_start = -1 };
    OskWriter w;
    put_movie(&w, &r);
    OskScrubOptions options = { .drop_audio = true };
    uint8_t *out = NULL;
    size_t len = 0;
    assert_int_equal(osk_scrub_bytes(w.bytes, w.len, &options, &out, &len, NULL), OSK_UNSUPPORTED);
    assert_null(out);
    osk_writer_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(movie__moov_stays_where_it_was),
        cmocka_unit_test(movie__drops_a_metadata_track_with_its_samples),
        cmocka_unit_test(movie__drops_a_track_that_is_switched_off),
        cmocka_unit_test(movie__drops_orphaned_bytes),
        cmocka_unit_test(movie__drops_notes_names_and_times),
        cmocka_unit_test(movie__tells_the_place_in_degrees),
        cmocka_unit_test(movie__cuts_samples_outside_the_edit_list),
        cmocka_unit_test(movie__keeps_how_often_an_edit_is_played),
        cmocka_unit_test(movie__cuts_a_sample_that_begins_as_an_edit_ends),
        cmocka_unit_test(movie__keeps_what_settles_a_decoder_by_number),
        cmocka_unit_test(movie__writes_the_size_of_uncompressed_sound),
        cmocka_unit_test(movie__blanks_the_coder_of_sound),
        cmocka_unit_test(movie__drops_settings_that_do_not_belong),
        cmocka_unit_test(movie__an_open_edit_of_rate_zero_shows_all),
        cmocka_unit_test(movie__refuses_hidden_samples_that_last_no_time),
        cmocka_unit_test(movie__refuses_an_edit_that_a_cut_would_shorten),
        cmocka_unit_test(movie__refuses_samples_that_cover_other_boxes),
        cmocka_unit_test(movie__refuses_a_description_that_ends_early),
        cmocka_unit_test(movie__fragments_become_one_plain_movie),
        cmocka_unit_test(movie__refuses_what_it_cannot_prove),
        cmocka_unit_test(movie__a_billion_samples_end_at_once),
        cmocka_unit_test(movie__cut_at_every_length_gives_no_output_or_a_clean_one),
        cmocka_unit_test(movie__drop_audio_leaves_nothing_of_a_sound_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
