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
    uint32_t patch_ms; /* when a foreign patch of a quarter of each side is seen, for a second */
    uint32_t again_ms; /* after which the scenes come again; 0 for never */
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

static OskLuma edited_luma(const Edit *edit, uint32_t time_ms)
{
    uint32_t at = edit->again_ms > 0 ? time_ms % edit->again_ms : time_ms;
    OskLuma whole = drawn_luma(FILM_WIDTH, FILM_HEIGHT, 3000 + at / 500);
    if (edit->patch_ms > 0 && time_ms >= edit->patch_ms && time_ms < edit->patch_ms + 1000) {
        OskLuma patch = drawn_luma(FILM_WIDTH / 4, FILM_HEIGHT / 4, 7777);
        for (uint32_t y = 0; y < patch.height; y++) {
            memcpy((float *)(uintptr_t)whole.values + (size_t)(y + 70) * FILM_WIDTH + 100,
                   patch.values + (size_t)y * patch.width, patch.width * sizeof(float));
        }
        drawn_free(&patch);
    }
    soften(&whole);
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
    assert_int_equal(osk_pack_maker_open(&maker, NULL), OSK_OK);
    for (uint32_t time = 0; time < duration; time += 1000 / PER_SECOND) {
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
static OskTier tier_of(const Edit *edit, const Edit *under)
{
    OskPack *film = film_of(edit);
    OskPack *other = film_of(under);
    OskLikeness out;
    assert_int_equal(osk_pack_compare(&out, film, other, NULL, NULL), OSK_OK);
    assert_true(osk_likeness_can_be(&out, NULL));
    osk_pack_free(&film);
    osk_pack_free(&other);
    return out.tier;
}

static void films__that_are_cut_off_or_boxed_are_explained(void **state)
{
    (void)state;
    const Edit whole = { .crop = 0 };
    assert_int_equal(tier_of(&(Edit){ .crop = 12 }, &whole), OSK_TIER_EXPLAINED);
    assert_int_equal(tier_of(&(Edit){ .bar = 40 }, &whole), OSK_TIER_EXPLAINED);
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
    /* No key frame lies at the time of another one. */
    assert_int_equal(tier_of(&(Edit){ .first_ms = 2625 }, &whole), OSK_TIER_EXPLAINED);
    assert_int_equal(tier_of(&whole, &(Edit){ .first_ms = 2000 }), OSK_TIER_DIFFERENT);
}

static void films__what_is_seen_for_a_second_is_shown(void **state)
{
    (void)state;
    /* Of 24 seconds one is less than hashes may miss, and no key frame is there. */
    const Edit whole = { .more_ms = 12000 };
    assert_int_equal(tier_of(&whole, &whole), OSK_TIER_EXPLAINED);
    for (uint32_t at = 2250; at < 11000; at += 8000) {
        const Edit patched = { .more_ms = 12000, .patch_ms = at };
        assert_int_equal(tier_of(&patched, &whole), OSK_TIER_DIFFERENT);
        const Edit part = { .more_ms = 12000, .patch_ms = at, .first_ms = 1125 };
        assert_int_equal(tier_of(&part, &whole), OSK_TIER_DIFFERENT);
    }
}

static void films__that_lie_alike_at_any_time_are_shown(void **state)
{
    (void)state;
    const Edit again = { .again_ms = 1000 };
    const Edit later = { .again_ms = 1000, .first_ms = 625 };
    assert_int_equal(tier_of(&later, &again), OSK_TIER_DIFFERENT);
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
        cmocka_unit_test(films__that_are_cut_off_or_boxed_are_explained),
        cmocka_unit_test(films__that_no_hash_knows_are_found_by_corners),
        cmocka_unit_test(films__a_part_of_one_is_explained),
        cmocka_unit_test(films__what_is_seen_for_a_second_is_shown),
        cmocka_unit_test(films__that_lie_alike_at_any_time_are_shown),
        cmocka_unit_test(films__have_small_frames_between_key_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
