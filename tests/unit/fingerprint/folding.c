/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What folds under what, on drawn pictures. */
#include <string.h>

#include "fingerprint/drawn.h"
#include "unit.h"

#define WIDTH 480u
#define HEIGHT 360u
#define SCENES 20u

static float *values_of(const OskLuma *luma)
{
    return (float *)(uintptr_t)luma->values;
}

static OskPack *pack_of(const OskLuma *luma)
{
    OskPack *pack = NULL;
    OskStillFacts facts = { .width = luma->width, .height = luma->height };
    assert_int_equal(osk_pack_of_still(&pack, luma, &facts, NULL), OSK_OK);
    return pack;
}

/* A drawn picture, other each time, with some noise that depends on `copy`. */
static OskPack *copy_of(uint32_t seed, uint32_t copy)
{
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, seed);
    uint32_t random = copy;
    for (size_t i = 0; copy != 0 && i < (size_t)WIDTH * HEIGHT; i++) {
        values_of(&luma)[i] = values_of(&luma)[i] * 0.9F + (float)(drawn_random(&random) % 9);
    }
    OskPack *pack = pack_of(&luma);
    drawn_free(&luma);
    return pack;
}

/* With `count` foreign patches in a row, each a block of the 32 x 32 that are compared. */
static OskPack *patched(uint32_t seed, uint32_t count)
{
    const uint32_t left = WIDTH / 32 * 8;
    const uint32_t top = HEIGHT * 9 / 32;
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, seed);
    for (uint32_t x = 0; x < WIDTH / 32 * count; x++) {
        for (uint32_t y = 0; y < HEIGHT / 32; y++) {
            values_of(&luma)[(y + top) * WIDTH + x + left] = (x / 5 + y / 5) % 2 == 0 ? 250 : 5;
        }
    }
    OskPack *pack = pack_of(&luma);
    drawn_free(&luma);
    return pack;
}

static OskPack *video_of(uint32_t seed)
{
    OskPackMaker *maker = NULL;
    OskPack *pack = NULL;
    assert_int_equal(osk_pack_maker_open(&maker, NULL), OSK_OK);
    for (uint32_t i = 0; i < SCENES; i++) {
        OskLuma luma = drawn_luma(WIDTH / 2, HEIGHT / 2, seed + i);
        assert_int_equal(osk_pack_maker_add(maker, &luma, i * 400, NULL), OSK_OK);
        drawn_free(&luma);
    }
    const OskFramesFacts facts = {
        .kind = OSK_PACK_VIDEO, .width = WIDTH, .height = HEIGHT, .duration_ms = SCENES * 400
    };
    assert_int_equal(osk_pack_maker_end(&maker, &facts, &pack, NULL), OSK_OK);
    return pack;
}

static OskFolding *folding_of(const OskFoldingOptions *options)
{
    OskFolding *folding = NULL;
    assert_int_equal(osk_folding_make(&folding, options, NULL), OSK_OK);
    return folding;
}

static OskFolded find(OskFolding *folding, OskPack *pack)
{
    OskFolded found;
    assert_int_equal(osk_folding_find(folding, pack, &found, NULL), OSK_OK);
    assert_true(osk_likeness_can_be(&found.likeness, NULL));
    osk_pack_free(&pack);
    return found;
}

static void add(OskFolding *folding, uint32_t item, OskPack *pack)
{
    assert_int_equal(osk_folding_add(folding, item, &pack, NULL), OSK_OK);
    assert_null(pack);
}

static void a_copy_folds_under_its_representative_and_a_unique_thing_under_nothing(void **state)
{
    (void)state;
    OskFolding *folding = folding_of(&(OskFoldingOptions){ .load = NULL });
    for (uint32_t i = 0; i < 6; i++) {
        add(folding, i, copy_of(100 + i, 0));
    }
    add(folding, 6, video_of(500));
    for (uint32_t i = 0; i < 6; i++) {
        OskFolded found = find(folding, copy_of(100 + i, 7 + i));
        assert_int_equal(found.likeness.tier, OSK_TIER_EXPLAINED);
        assert_int_equal(found.item, i);
        assert_int_equal(find(folding, copy_of(300 + i, 0)).likeness.tier, OSK_TIER_NEW);
    }
    OskFolded found = find(folding, video_of(500));
    assert_int_equal(found.likeness.tier, OSK_TIER_EXPLAINED);
    assert_int_equal(found.item, 6);
    assert_int_equal(find(folding, video_of(800)).likeness.tier, OSK_TIER_NEW);
    assert_int_equal(osk_folding_count(folding), 7);
    osk_folding_free(&folding);
}

/* The second is explained by the first and the third by the second, but not by the first. */
static void nothing_drifts_from_copy_to_copy(void **state)
{
    (void)state;
    OskPack *first = patched(110, 0);
    OskPack *second = patched(110, 1);
    OskPack *third = patched(110, 2);
    OskLikeness like;
    assert_int_equal(osk_pack_compare(&like, second, first, NULL, NULL), OSK_OK);
    assert_int_equal(like.tier, OSK_TIER_EXPLAINED);
    assert_int_equal(osk_pack_compare(&like, third, second, NULL, NULL), OSK_OK);
    assert_int_equal(like.tier, OSK_TIER_EXPLAINED);
    OskFolding *folding = folding_of(&(OskFoldingOptions){ .load = NULL });
    add(folding, 0, first);
    assert_int_equal(find(folding, second).likeness.tier, OSK_TIER_EXPLAINED);
    OskFolded found = find(folding, third);
    assert_int_equal(found.likeness.tier, OSK_TIER_DIFFERENT);
    assert_false(found.stands_for);
    osk_folding_free(&folding);
}

static void a_larger_copy_is_shown_and_may_stand_for_its_representative(void **state)
{
    (void)state;
    OskFolding *folding = folding_of(&(OskFoldingOptions){ .load = NULL });
    add(folding, 0, copy_of(120, 0));
    OskPack *larger = copy_of(120, 3);
    larger->width *= 2;
    larger->height *= 2;
    OskFolded found = find(folding, larger);
    assert_int_equal(found.likeness.tier, OSK_TIER_DIFFERENT);
    assert_true(found.stands_for);
    osk_folding_free(&folding);
}

static void what_was_removed_explains_nothing(void **state)
{
    (void)state;
    OskFolding *folding = folding_of(&(OskFoldingOptions){ .load = NULL });
    add(folding, 0, copy_of(130, 0));
    add(folding, 1, copy_of(131, 0));
    osk_folding_remove(folding, 0);
    osk_folding_remove(folding, 0);
    osk_folding_remove(folding, 77);
    assert_int_equal(osk_folding_count(folding), 1);
    OskFolded found = find(folding, copy_of(130, 5));
    assert_int_equal(found.likeness.tier, OSK_TIER_NEW);
    assert_int_equal(find(folding, copy_of(131, 5)).likeness.tier, OSK_TIER_EXPLAINED);
    /* Its number is free again. */
    add(folding, 0, copy_of(130, 0));
    assert_int_equal(find(folding, copy_of(130, 5)).likeness.tier, OSK_TIER_EXPLAINED);
    OskPack *twice = copy_of(132, 0);
    assert_int_equal(osk_folding_add(folding, 1, &twice, NULL), OSK_MISUSE);
    assert_non_null(twice);
    osk_pack_free(&twice);
    osk_folding_free(&folding);
}

static void what_was_removed_with_others_explains_nothing(void **state)
{
    (void)state;
    static const bool is_gone[] = { true, false, true, true };
    OskFolding *folding = folding_of(&(OskFoldingOptions){ .load = NULL });
    for (uint32_t i = 0; i < 3; i++) {
        add(folding, i, copy_of(130 + i, 0));
    }
    osk_folding_remove_all(folding, is_gone, 4);
    osk_folding_remove_all(folding, is_gone, 4);
    assert_int_equal(osk_folding_count(folding), 1);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(find(folding, copy_of(130 + i, 5)).likeness.tier,
                         is_gone[i] ? OSK_TIER_NEW : OSK_TIER_EXPLAINED);
    }
    add(folding, 0, copy_of(130, 0));
    assert_int_equal(find(folding, copy_of(130, 5)).likeness.tier, OSK_TIER_EXPLAINED);
    osk_folding_free(&folding);
}

/* ---- packs that are loaded again ---- */

typedef struct Loading {
    unsigned loads;
    bool fails;
} Loading;

static OskPack *load(void *context, uint32_t item)
{
    Loading *loading = context;
    loading->loads++;
    return loading->fails ? NULL : copy_of(140 + item, 0);
}

static void packs_that_go_are_loaded_again(void **state)
{
    (void)state;
    Loading loading = { .loads = 0 };
    OskFolding *folding =
        folding_of(&(OskFoldingOptions){ .load = load, .context = &loading, .held_max = 60000 });
    for (uint32_t i = 0; i < 8; i++) {
        add(folding, i, copy_of(140 + i, 0));
    }
    assert_int_equal(loading.loads, 0);
    for (uint32_t i = 0; i < 8; i++) {
        OskFolded found = find(folding, copy_of(140 + i, 9));
        assert_int_equal(found.likeness.tier, OSK_TIER_EXPLAINED);
        assert_int_equal(found.item, i);
    }
    assert_in_range(loading.loads, 5, 8);
    /* What can't be had explains nothing: the copy is shown. */
    loading.fails = true;
    assert_int_equal(find(folding, copy_of(140, 9)).likeness.tier, OSK_TIER_NEW);
    osk_folding_free(&folding);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_folds_under_its_representative_and_a_unique_thing_under_nothing),
        cmocka_unit_test(nothing_drifts_from_copy_to_copy),
        cmocka_unit_test(a_larger_copy_is_shown_and_may_stand_for_its_representative),
        cmocka_unit_test(what_was_removed_explains_nothing),
        cmocka_unit_test(what_was_removed_with_others_explains_nothing),
        cmocka_unit_test(packs_that_go_are_loaded_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
