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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames__of_a_copy_with_other_frames_a_second_are_explained),
        cmocka_unit_test(frames__of_any_length_make_a_pack_that_can_be_written),
        cmocka_unit_test(frames__that_hardly_change_tell_nothing),
        cmocka_unit_test(frames__that_change_more_than_a_pack_holds_tell_nothing),
        cmocka_unit_test(frames__out_of_order_or_none_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
