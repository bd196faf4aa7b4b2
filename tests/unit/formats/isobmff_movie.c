/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MP4 and MOV files put together box by box: tracks, samples and notes that nobody sees go, what
 * edit lists show stays, and samples that can't be proven are refused. */
#include "formats/movie_recipe.h"
#include "formats/scrubbed.h"

static Scrubbed scrub_recipe(const MovieRecipe *r)
{
    OskWriter w;
    movie_put(&w, r);
    return scrub(&w);
}

static OskStatus refused(const MovieRecipe *r)
{
    OskWriter w;
    movie_put(&w, r);
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
        MovieRecipe r = { .edit_start = -1, .moov_last = last != 0 };
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
    MovieRecipe r = { .edit_start = -1, .secret_track = true };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_false(holds_text(&s, MOVIE_SECRET));
    assert_false(holds_text(&s, "mebx"));
    assert_true(holds_text(&s, all_samples));
    expect_offset(&s, all_samples);
    osk_bytes_free(&s.bytes);
}

static void movie__drops_a_track_that_is_switched_off(void **state)
{
    (void)state;
    MovieRecipe r = { .edit_start = -1, .secret_track = true, .disabled = true, .moov_last = true };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_false(holds_text(&s, MOVIE_SECRET));
    osk_bytes_free(&s.bytes);
}

static void movie__drops_orphaned_bytes(void **state)
{
    (void)state;
    MovieRecipe r = { .edit_start = -1, .orphan = true };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_false(holds_text(&s, MOVIE_SECRET));
    osk_bytes_free(&s.bytes);
}

static void movie__drops_notes_names_and_times(void **state)
{
    (void)state;
    MovieRecipe r = { .edit_start = -1, .udta = true, .handler_name = MOVIE_SECRET };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_false(holds_text(&s, MOVIE_SECRET));
    assert_false(holds_text(&s, "+48.8577"));
    assert_false(holds(&s, "\xDC\x7E\x95\xF7", 4));
    assert_true(s.findings >= 6);
    osk_bytes_free(&s.bytes);
}

static void movie__tells_the_place_in_degrees(void **state)
{
    (void)state;
    MovieRecipe r = { .edit_start = -1, .udta = true };
    OskWriter w;
    movie_put(&w, &r);
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
    MovieRecipe r = { .edit_start = 4, .edit_len = 2000 };
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
    MovieRecipe r = { .edit_start = 0, .edit_len = 4000, .repeats = true };
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
    MovieRecipe r = { .edit_start = 0, .edit_len = 50500, .uneven = true };
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
    MovieRecipe r = { .edit_start = 1, .edit_len = 50000, .uneven = true, .coding = "samr" };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_true(holds_text(&s, "s0a0s1a1s2a2"));
    assert_false(holds_text(&s, "s3a3"));
    osk_bytes_free(&s.bytes);
}

static void movie__writes_the_size_of_uncompressed_sound(void **state)
{
    (void)state;
    MovieRecipe r = { .edit_start = -1, .sample_size = 1 };
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
    memcpy(settings + 8, MOVIE_SECRET, 11);
    MovieRecipe r = { .edit_start = -1, .coding = "mp4a", .settings = settings };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_true(holds(&s, head, 8));
    assert_false(holds(&s, MOVIE_SECRET, 4));
    osk_bytes_free(&s.bytes);
    /* A list that ends early may hold anything. */
    memcpy(settings, "\x12\0\x05\x04\0\0\x20\x0C", 8);
    assert_int_equal(refused(&r), OSK_UNSUPPORTED);
}

static void movie__drops_settings_that_do_not_belong(void **state)
{
    (void)state;
    MovieRecipe r = { .edit_start = -1, .stray = true };
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
    MovieRecipe r = { .edit_start = 0, .frozen = true };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_true(holds_text(&s, all_samples));
    osk_bytes_free(&s.bytes);
}

static void movie__refuses_hidden_samples_that_last_no_time(void **state)
{
    (void)state;
    MovieRecipe r = { .edit_start = 1, .edit_len = 9000, .instant = true };
    assert_int_equal(refused(&r), OSK_UNSUPPORTED);
}

static void movie__refuses_an_edit_that_a_cut_would_shorten(void **state)
{
    (void)state;
    MovieRecipe r = { .edit_start = 0, .edit_len = 10000, .torn = true };
    assert_int_equal(refused(&r), OSK_UNSUPPORTED);
}

static void movie__refuses_samples_that_cover_other_boxes(void **state)
{
    (void)state;
    MovieRecipe r = { .edit_start = -1, .in_ftyp = true };
    assert_int_equal(refused(&r), OSK_UNSUPPORTED);
}

static void movie__refuses_a_description_that_ends_early(void **state)
{
    (void)state;
    MovieRecipe r = { .edit_start = -1, .cut_description = true };
    assert_int_equal(refused(&r), OSK_MALFORMED);
}

static void movie__fragments_become_one_plain_movie(void **state)
{
    (void)state;
    MovieRecipe r = { .edit_start = -1, .fragmented = true };
    Scrubbed s = scrub_recipe(&r);
    assert_int_equal(s.status, OSK_OK);
    assert_true(holds_text(&s, all_samples));
    assert_false(holds_text(&s, "moof"));
    assert_false(holds_text(&s, "mvex"));
    assert_false(holds_text(&s, MOVIE_SECRET));
    expect_offset(&s, all_samples);
    osk_bytes_free(&s.bytes);
}

static void movie__refuses_what_it_cannot_prove(void **state)
{
    (void)state;
    MovieRecipe external = { .edit_start = -1, .external = true };
    assert_int_equal(refused(&external), OSK_UNSUPPORTED);
    MovieRecipe compressed = { .edit_start = -1, .compressed = true };
    assert_int_equal(refused(&compressed), OSK_UNSUPPORTED);
    OskWriter w;
    osk_writer_init(&w, 1 << 16);
    osk_writer_bytes(&w,
                     "\0\0\0\x14"
                     "stypmsdh\0\0\0\0msdh",
                     20);
    movie_put_fragments(&w);
    assert_int_equal(refusal(&w), OSK_UNSUPPORTED);
}

static void movie__a_billion_samples_end_at_once(void **state)
{
    (void)state;
    MovieRecipe r = { .edit_start = -1, .count = 1000000000 };
    assert_int_equal(refused(&r), OSK_TRUNCATED);
}

static void movie__cut_at_every_length_gives_no_output_or_a_clean_one(void **state)
{
    (void)state;
    MovieRecipe r = { .edit_start = -1, .moov_last = true, .secret_track = true };
    OskWriter w;
    movie_put(&w, &r);
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
    MovieRecipe r = { .edit_start = -1 };
    OskWriter w;
    movie_put(&w, &r);
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
