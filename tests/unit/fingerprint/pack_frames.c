/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packs of what moves. */
#include <string.h>

#include "fingerprint/drawn.h"
#include "unit.h"

#define WIDTH 160u
#define HEIGHT 120u
#define SCENE_MS 400u

/* Scenes of 400 ms, each another drawing, so many frames a second. */
static OskPack *moving(uint32_t seed, uint32_t duration_ms, uint32_t per_second)
{
    OskPackMaker *maker = NULL;
    assert_int_equal(osk_pack_maker_open(&maker, NULL), OSK_OK);
    for (uint32_t frame = 0; frame * 1000 / per_second < duration_ms; frame++) {
        uint32_t time = frame * 1000 / per_second;
        OskLuma luma = drawn_luma(WIDTH, HEIGHT, seed + time / SCENE_MS);
        assert_int_equal(osk_pack_maker_add(maker, &luma, time, NULL), OSK_OK);
        drawn_free(&luma);
    }
    OskPack *pack = NULL;
    OskFramesFacts facts = {
        .kind = OSK_PACK_VIDEO, .width = WIDTH, .height = HEIGHT, .duration_ms = duration_ms
    };
    assert_int_equal(osk_pack_maker_end(&maker, &facts, &pack, NULL), OSK_OK);
    assert_null(maker);
    return pack;
}

static void frames__of_a_copy_with_other_frames_a_second_are_explained(void **state)
{
    (void)state;
    OskPack *one = moving(500, 12000, 25);
    OskPack *slower = moving(500, 12000, 15);
    OskPack *foreign = moving(900, 12000, 25);
    assert_int_equal(one->hash_count, 30);
    assert_in_range(one->key_count, 8, OSK_PACK_FRAMES_MAX);
    assert_false(one->low_diversity);
    OskLikeness out;
    assert_int_equal(osk_pack_compare(&out, slower, one, NULL, NULL), OSK_OK);
    assert_int_equal(out.tier, OSK_TIER_EXPLAINED);
    assert_true(osk_likeness_can_be(&out, NULL));
    assert_int_equal(osk_pack_compare(&out, foreign, one, NULL, NULL), OSK_OK);
    assert_int_equal(out.tier, OSK_TIER_NEW);
    osk_pack_free(&one);
    osk_pack_free(&slower);
    osk_pack_free(&foreign);
}

static void frames__of_any_length_make_a_pack_that_can_be_written(void **state)
{
    (void)state;
    for (uint32_t duration = 100; duration < 30000; duration += duration / 2 + 1) {
        OskPack *pack = moving(1, duration, 8);
        OskMemory bytes = { 0 };
        assert_int_equal(osk_pack_write(pack, &bytes, NULL), OSK_OK);
        OskPack *again = NULL;
        assert_int_equal(osk_pack_read(&again, bytes.bytes, bytes.len, NULL), OSK_OK);
        assert_in_range(again->key_count, 1, OSK_PACK_FRAMES_MAX);
        assert_in_range(again->small_count, 1, OSK_PACK_SMALL_MAX);
        assert_int_equal(again->small_count, pack->small_count);
        const OskPackFrame *last = &pack->frames[pack->key_count + pack->small_count - 1];
        const OskPackFrame *read = &again->frames[again->key_count + again->small_count - 1];
        assert_int_equal(read->time_ms, last->time_ms);
        assert_memory_equal(read->luma, last->luma, (size_t)last->luma_width * last->luma_height);
        assert_true(duration < 3000 || again->key_count > OSK_PACK_FRAMES_MAX / 2);
        osk_pack_free(&again);
        osk_bytes_free(&bytes.bytes);
        osk_pack_free(&pack);
    }
}

static void frames__that_hardly_change_tell_nothing(void **state)
{
    (void)state;
    OskPack *still = moving(3, SCENE_MS, 25);
    OskPack *four = moving(3, 4 * SCENE_MS, 25);
    OskPack *five = moving(3, 5 * SCENE_MS, 25);
    assert_true(still->low_diversity);
    assert_true(four->low_diversity);
    assert_false(five->low_diversity);
    osk_pack_free(&still);
    osk_pack_free(&four);
    osk_pack_free(&five);
}

static void frames__that_change_more_than_a_pack_holds_tell_nothing(void **state)
{
    (void)state;
    OskPackMaker *maker = NULL;
    assert_int_equal(osk_pack_maker_open(&maker, NULL), OSK_OK);
    for (uint32_t i = 0; i < OSK_PACK_HASHES_MAX + 50; i++) {
        OskLuma luma = drawn_luma(48, 48, i);
        assert_int_equal(osk_pack_maker_add(maker, &luma, i, NULL), OSK_OK);
        drawn_free(&luma);
    }
    OskPack *pack = NULL;
    OskFramesFacts facts = { .kind = OSK_PACK_ANIMATION, .width = 48, .height = 48 };
    assert_int_equal(osk_pack_maker_end(&maker, &facts, &pack, NULL), OSK_OK);
    assert_int_equal(pack->hash_count, OSK_PACK_HASHES_MAX);
    assert_true(pack->low_diversity);
    osk_pack_free(&pack);
}

static void frames__out_of_order_or_none_are_refused(void **state)
{
    (void)state;
    OskPackMaker *maker = NULL;
    OskPack *pack = NULL;
    OskFramesFacts facts = { .kind = OSK_PACK_VIDEO, .width = 1, .height = 1 };
    assert_int_equal(osk_pack_maker_open(&maker, NULL), OSK_OK);
    assert_int_equal(osk_pack_maker_end(&maker, &facts, &pack, NULL), OSK_MISUSE);
    assert_null(maker);
    assert_null(pack);
    assert_int_equal(osk_pack_maker_open(&maker, NULL), OSK_OK);
    OskLuma luma = drawn_luma(48, 48, 1);
    assert_int_equal(osk_pack_maker_add(maker, &luma, 100, NULL), OSK_OK);
    assert_int_equal(osk_pack_maker_add(maker, &luma, 99, NULL), OSK_MISUSE);
    drawn_free(&luma);
    osk_pack_maker_free(&maker);
    osk_pack_maker_free(&maker);
}

/* ---- copies of a film, and what only looks like one ---- */

#define FILM_WIDTH 320u
#define FILM_HEIGHT 240u
#define PER_SECOND 4u

/* What becomes of a film of half-second scenes. */
typedef struct Edit {
    uint32_t first_ms; /* only from there on */
    uint32_t more_ms;  /* longer than twelve seconds */
    uint32_t crop;     /* pixels at each edge that go */
    uint32_t bar;      /* and black rows above and below that come */
    uint32_t patch;    /* a foreign patch of this part of each side is seen; 0 for none, */
    uint32_t patch_ms; /* from then on, */
    uint32_t until_ms; /* to then */
    uint32_t again_ms; /* after which the scenes come again; 0 for never */
    uint32_t per_second;
    uint32_t
        blink_ms;    /* only the first 125 ms of each such time is the film's, then another one's */
    uint32_t walker; /* somebody small walks through the picture */
    bool is_dim;
} Edit;

/* Nothing that is filmed has edges as sharp as what is drawn. */
static void soften(OskLuma *luma)
{
    float *values = (float *)(uintptr_t)luma->values;
    size_t count = (size_t)luma->width * luma->height;
    const size_t strides[] = { 1, luma->width };
    for (unsigned pass = 0; pass < 4; pass++) {
        size_t stride = strides[pass % 2];
        for (size_t at = 0; at + 2 * stride < count; at++) {
            values[at] = (values[at] + values[at + stride] + values[at + 2 * stride]) / 3;
        }
    }
}

static void put_patch(OskLuma *whole, uint32_t part)
{
    OskLuma patch = drawn_luma(FILM_WIDTH / part, FILM_HEIGHT / part, 7777);
    for (uint32_t y = 0; y < patch.height; y++) {
        memcpy((float *)(uintptr_t)whole->values + (size_t)(y + 70) * FILM_WIDTH + 100,
               patch.values + (size_t)y * patch.width, patch.width * sizeof(float));
    }
    drawn_free(&patch);
}

/* Less than a block of 16 x 16, in the middle of one. */
static void put_walker(OskLuma *whole, uint32_t seed, uint32_t time_ms)
{
    uint32_t state = seed * 1000 + time_ms / 250;
    uint32_t left = (2 + seed % 2 * 7 + drawn_random(&state) % 4) * FILM_WIDTH / 16 + 7;
    uint32_t top = (2 + drawn_random(&state) % 12) * FILM_HEIGHT / 16 + 5;
    for (uint32_t y = top; y < top + 5; y++) {
        for (uint32_t x = left; x < left + 6; x++) {
            ((float *)(uintptr_t)whole->values)[(size_t)y * FILM_WIDTH + x] += 60;
        }
    }
}

static void put_dim(OskLuma *whole)
{
    for (size_t at = 0; at < (size_t)whole->width * whole->height; at++) {
        float *value = (float *)(uintptr_t)whole->values + at;
        *value = 60 + *value / 16;
    }
}

static OskLuma edited_luma(const Edit *edit, uint32_t time_ms)
{
    uint32_t at = edit->again_ms > 0 ? time_ms % edit->again_ms : time_ms;
    bool is_other = edit->blink_ms > 0 && time_ms % edit->blink_ms >= 125;
    OskLuma whole = drawn_luma(FILM_WIDTH, FILM_HEIGHT, (is_other ? 8000 : 3000) + at / 500);
    if (edit->patch > 0 && time_ms >= edit->patch_ms && time_ms < edit->until_ms) {
        put_patch(&whole, edit->patch);
    }
    if (edit->walker > 0) {
        put_walker(&whole, edit->walker, time_ms);
    }
    soften(&whole);
    if (edit->is_dim) {
        put_dim(&whole);
    }
    uint32_t width = FILM_WIDTH - 2 * edit->crop;
    uint32_t rows = FILM_HEIGHT - 2 * edit->crop;
    OskLuma out = { calloc((size_t)width * (rows + 2 * edit->bar), sizeof(float)), width,
                    rows + 2 * edit->bar };
    for (uint32_t y = 0; y < rows; y++) {
        memcpy((float *)(uintptr_t)out.values + (size_t)(y + edit->bar) * width,
               whole.values + (size_t)(y + edit->crop) * FILM_WIDTH + edit->crop,
               width * sizeof(float));
    }
    drawn_free(&whole);
    return out;
}

/* Twelve seconds, or what is left of them. */
static OskPack *film_of(const Edit *edit)
{
    OskPackMaker *maker = NULL;
    OskPack *pack = NULL;
    uint32_t duration = 12000 + edit->more_ms - edit->first_ms;
    OskFramesFacts facts = { .kind = OSK_PACK_VIDEO, .duration_ms = duration };
    uint32_t per_second = edit->per_second > 0 ? edit->per_second : PER_SECOND;
    assert_int_equal(osk_pack_maker_open(&maker, NULL), OSK_OK);
    for (uint32_t time = 0; time < duration; time += 1000 / per_second) {
        OskLuma luma = edited_luma(edit, time + edit->first_ms);
        facts.width = luma.width;
        facts.height = luma.height;
        assert_int_equal(osk_pack_maker_add(maker, &luma, time, NULL), OSK_OK);
        drawn_free(&luma);
    }
    assert_int_equal(osk_pack_maker_end(&maker, &facts, &pack, NULL), OSK_OK);
    return pack;
}

/* What a film is under another one, of which it is an edit. */
static OskLikeness likeness_of(const Edit *edit, const Edit *under)
{
    OskPack *film = film_of(edit);
    OskPack *other = film_of(under);
    OskLikeness out;
    assert_int_equal(osk_pack_compare(&out, film, other, NULL, NULL), OSK_OK);
    assert_true(osk_likeness_can_be(&out, NULL));
    osk_pack_free(&film);
    osk_pack_free(&other);
    return out;
}

static OskTier tier_of(const Edit *edit, const Edit *under)
{
    return likeness_of(edit, under).tier;
}

static void films__that_are_cut_off_are_explained(void **state)
{
    (void)state;
    const Edit whole = { .crop = 0 };
    assert_int_equal(tier_of(&(Edit){ .crop = 12 }, &whole), OSK_TIER_EXPLAINED);
    /* But not the other way round: it shows what was cut off. */
    assert_int_equal(tier_of(&whole, &(Edit){ .crop = 12 }), OSK_TIER_DIFFERENT);
}

static void films__that_no_hash_knows_are_found_by_corners(void **state)
{
    (void)state;
    const OskFoldingOptions options = { .load = NULL };
    OskFolding *folding = NULL;
    OskPack *whole = film_of(&(Edit){ .crop = 0 });
    OskPack *cut = film_of(&(Edit){ .crop = 12 });
    OskFolded found;
    assert_int_equal(osk_folding_make(&folding, &options, NULL), OSK_OK);
    assert_int_equal(osk_folding_add(folding, 7, &whole, NULL), OSK_OK);
    assert_int_equal(osk_folding_find(folding, cut, &found, NULL), OSK_OK);
    assert_true(found.likeness.distance > OSK_PDQ_DISTANCE);
    assert_int_equal(found.likeness.tier, OSK_TIER_EXPLAINED);
    assert_int_equal(found.item, 7);
    osk_folding_remove(folding, 7);
    assert_int_equal(osk_folding_find(folding, cut, &found, NULL), OSK_OK);
    assert_int_equal(found.compared, 0);
    osk_pack_free(&cut);
    osk_folding_free(&folding);
}

static void films__a_part_of_one_is_explained(void **state)
{
    (void)state;
    const Edit whole = { .crop = 0 };
    assert_int_equal(tier_of(&(Edit){ .first_ms = 2000 }, &whole), OSK_TIER_EXPLAINED);
    /* No key frame lies at the time of another one: small ones show too little. */
    assert_int_equal(tier_of(&(Edit){ .first_ms = 2500 }, &whole), OSK_TIER_DIFFERENT);
    assert_int_equal(tier_of(&whole, &(Edit){ .first_ms = 2000 }), OSK_TIER_DIFFERENT);
}

/* Whatever small frames may miss: they make no key frame explained, and deny one that is not. */
static void films__small_frames_are_no_key_frames(void **state)
{
    (void)state;
    OskLikenessRules rules = osk_likeness_rules();
    OskPack *whole = film_of(&(Edit){ .crop = 0 });
    OskPack *between = film_of(&(Edit){ .first_ms = 2500 });
    OskPack *some = film_of(&(Edit){ .first_ms = 3000 });
    OskLikeness out;
    rules.small_permille = 700;
    assert_int_equal(osk_pack_compare(&out, between, whole, &rules, NULL), OSK_OK);
    assert_int_equal(out.tier, OSK_TIER_DIFFERENT);
    assert_int_equal(out.key_frames, 0);
    rules.key_frames = 3;
    assert_int_equal(osk_pack_compare(&out, some, whole, &rules, NULL), OSK_OK);
    assert_int_equal(out.tier, OSK_TIER_DIFFERENT);
    assert_int_equal(out.key_frames, 3);
    osk_pack_free(&some);
    osk_pack_free(&between);
    osk_pack_free(&whole);
}

/* Of known footage, from a round time on and from another one. */
static void films__a_part_with_another_face_is_shown(void **state)
{
    (void)state;
    const Edit whole = { .crop = 0 };
    assert_int_equal(tier_of(&(Edit){ .first_ms = 1000 }, &whole), OSK_TIER_EXPLAINED);
    for (uint32_t first = 0; first < 1500; first += first < 1000 ? 1000 : 125) {
        const Edit face = { .first_ms = first, .patch = 8, .until_ms = UINT32_MAX };
        OskLikeness found = likeness_of(&face, &whole);
        assert_int_equal(found.tier, OSK_TIER_DIFFERENT);
        assert_true(found.component_16 > 2);
    }
}

static void films__what_is_seen_for_a_second_is_shown(void **state)
{
    (void)state;
    /* Of 24 seconds one is less than hashes may miss, and no key frame is there. */
    const Edit whole = { .more_ms = 12000 };
    assert_int_equal(tier_of(&whole, &whole), OSK_TIER_EXPLAINED);
    for (uint32_t at = 2250; at < 11000; at += 8000) {
        for (uint32_t part = 4; part <= 8; part += 4) {
            const Edit patched = {
                .more_ms = 12000, .patch = part, .patch_ms = at, .until_ms = at + 1000
            };
            assert_int_equal(tier_of(&patched, &whole), OSK_TIER_DIFFERENT);
        }
    }
}

static void films__that_lie_alike_at_any_time_are_shown(void **state)
{
    (void)state;
    const Edit again = { .again_ms = 1000 };
    const Edit later = { .again_ms = 1000, .first_ms = 625 };
    assert_int_equal(tier_of(&later, &again), OSK_TIER_DIFFERENT);
}

/* The camera stands, somebody else walks by, and files begin alike. */
static void films__of_a_camera_that_stands_are_shown(void **state)
{
    (void)state;
    const Edit one = { .again_ms = 1000, .walker = 1 };
    const Edit other = { .again_ms = 1000, .walker = 2 };
    OskLikeness found = likeness_of(&other, &one);
    assert_int_equal(found.tier, OSK_TIER_DIFFERENT);
    /* Nothing else tells them apart. */
    assert_in_range(found.component_16, 1, 2);
    assert_in_range(found.key_frames, 8, OSK_PACK_FRAMES_MAX);
    assert_in_range(found.frames_permille, 950, 1000);
}

/* What is known is seen at round times, and between them what nobody knows. */
static void films__that_blink_are_shown(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        /* Small frames lie a quarter and half a second apart. */
        const Edit known = { .more_ms = 8000 * i, .per_second = 8 };
        Edit blinking = known;
        blinking.blink_ms = 250 + 250 * i;
        assert_int_equal(tier_of(&known, &known), OSK_TIER_EXPLAINED);
        assert_int_equal(tier_of(&blinking, &known), OSK_TIER_DIFFERENT);
    }
}

/* Every second frame is one that no small frame shows. */
static void films__too_plain_for_hashes_are_shown(void **state)
{
    (void)state;
    const Edit dim = { .is_dim = true, .per_second = 8 };
    OskPack *pack = film_of(&dim);
    for (size_t i = 0; i < pack->hash_count; i++) {
        assert_in_range(pack->hashes[i].pdq.quality, 0, OSK_PDQ_QUALITY_MIN - 1);
    }
    osk_pack_free(&pack);
    OskLikeness found = likeness_of(&dim, &dim);
    assert_int_equal(found.key_frames, OSK_PACK_FRAMES_MAX);
    assert_in_range(found.frames_permille, 400, 600);
    assert_int_not_equal(found.tier, OSK_TIER_EXPLAINED);
}

static void films__that_nobody_makes_so_are_refused(void **state)
{
    (void)state;
    OskPack *pack = film_of(&(Edit){ .crop = 0 });
    OskPackFrame *small = &pack->frames[pack->key_count];
    OskMemory bytes = { 0 };
    small[1].time_ms -= 250;
    assert_int_equal(osk_pack_write(pack, &bytes, NULL), OSK_MISUSE);
    small[1].time_ms += 250;
    small[1].luma_height += 3;
    assert_int_equal(osk_pack_write(pack, &bytes, NULL), OSK_MISUSE);
    small[1].luma_height -= 3;
    pack->hashes[1].has_forms = true;
    assert_int_equal(osk_pack_write(pack, &bytes, NULL), OSK_MISUSE);
    pack->hashes[1].has_forms = false;
    assert_int_equal(osk_pack_write(pack, &bytes, NULL), OSK_OK);
    osk_pack_free(&pack);
    /* The time of the first hash: behind all others. */
    bytes.bytes[34] = 1;
    assert_int_equal(osk_pack_read(&pack, bytes.bytes, bytes.len, NULL), OSK_MALFORMED);
    osk_bytes_free(&bytes.bytes);
}

/* A thousand of one moment, that nobody makes: only the first of them are looked at. */
static void films__hashes_of_one_moment_are_not_all_held_against_each(void **state)
{
    (void)state;
    OskPack *pack = film_of(&(Edit){ .crop = 0 });
    OskPackHash *hashes = pack->hashes;
    OskPackHash many[OSK_PACK_HASHES_MAX];
    uint32_t random = 5;
    memset(many, 0, sizeof many);
    for (size_t i = 0; i < OSK_PACK_HASHES_MAX; i++) {
        many[i].time_ms = 5000;
        many[i].pdq.quality = 100;
        for (size_t at = 0; at < OSK_PDQ_BYTES; at++) {
            many[i].pdq.forms[0].bytes[at] = (uint8_t)drawn_random(&random);
        }
    }
    OskPackHash same[OSK_PACK_HASHES_MAX];
    for (size_t i = 0; i < OSK_PACK_HASHES_MAX; i++) {
        same[i] = many[OSK_PACK_HASHES_MAX - 1];
        osk_pdq_mirror(&same[i].pdq.forms[0], &many[OSK_PACK_HASHES_MAX - 1].pdq.forms[0]);
    }
    OskPack query = *pack;
    query.hashes = same;
    query.small_count = 0;
    query.hash_count = OSK_PACK_HASHES_MAX;
    pack->hashes = many;
    size_t count = pack->hash_count;
    pack->hash_count = OSK_PACK_HASHES_MAX;
    OskLikeness out;
    assert_int_equal(osk_pack_compare(&out, &query, pack, NULL, NULL), OSK_OK);
    /* The one that is like it stands behind all others. */
    assert_int_equal(out.frames_permille, 0);
    pack->hashes = hashes;
    pack->hash_count = count;
    osk_pack_free(&pack);
}

static void films__have_small_frames_between_key_frames(void **state)
{
    (void)state;
    OskPack *pack = film_of(&(Edit){ .bar = 40 });
    assert_int_equal(pack->small_count, 48);
    for (size_t i = 0; i < pack->small_count; i++) {
        const OskPackFrame *frame = &pack->frames[pack->key_count + i];
        assert_int_equal(frame->time_ms, i * 250);
        assert_int_equal(frame->feature_count, 0);
        /* No line of it is a border in part: 40 of 320 are 4.5 of 36. */
        assert_in_range(frame->trim.top, 5, 6);
        assert_true(frame->trim.top + frame->trim.height <= frame->luma_height - 5u);
    }
    osk_pack_free(&pack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames__of_a_copy_with_other_frames_a_second_are_explained),
        cmocka_unit_test(frames__of_any_length_make_a_pack_that_can_be_written),
        cmocka_unit_test(frames__that_hardly_change_tell_nothing),
        cmocka_unit_test(frames__that_change_more_than_a_pack_holds_tell_nothing),
        cmocka_unit_test(frames__out_of_order_or_none_are_refused),
        cmocka_unit_test(films__that_are_cut_off_are_explained),
        cmocka_unit_test(films__that_no_hash_knows_are_found_by_corners),
        cmocka_unit_test(films__a_part_of_one_is_explained),
        cmocka_unit_test(films__small_frames_are_no_key_frames),
        cmocka_unit_test(films__a_part_with_another_face_is_shown),
        cmocka_unit_test(films__what_is_seen_for_a_second_is_shown),
        cmocka_unit_test(films__that_lie_alike_at_any_time_are_shown),
        cmocka_unit_test(films__of_a_camera_that_stands_are_shown),
        cmocka_unit_test(films__that_blink_are_shown),
        cmocka_unit_test(films__too_plain_for_hashes_are_shown),
        cmocka_unit_test(films__that_nobody_makes_so_are_refused),
        cmocka_unit_test(films__hashes_of_one_moment_are_not_all_held_against_each),
        cmocka_unit_test(films__have_small_frames_between_key_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
