/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of one picture another one explains, laid over it by a map. */
#include "fingerprint/explain.h"

#include <string.h>

#include "fingerprint/drawn.h"
#include "unit.h"

#define WIDTH 480u
#define HEIGHT 360u

static OskPack *pack_of(const OskLuma *luma)
{
    OskPack *pack = NULL;
    OskStillFacts facts = { .width = luma->width, .height = luma->height };
    assert_int_equal(osk_pack_of_still(&pack, luma, &facts, NULL), OSK_OK);
    return pack;
}

static float *values_of(const OskLuma *luma)
{
    return (float *)(uintptr_t)luma->values;
}

static OskExplained explain(const OskLuma *query, const OskLuma *other, const OskMap *map)
{
    const OskLikenessRules rules = osk_likeness_rules();
    OskPack *left = pack_of(query);
    OskPack *right = pack_of(other);
    OskExplained out;
    assert_int_equal(osk_explain(&out, &left->frames[0], &right->frames[0], map, &rules), OSK_OK);
    osk_pack_free(&left);
    osk_pack_free(&right);
    return out;
}

/* A picture, in black bars or without; in its last rows runs a light band with words. */
static OskLuma banded_luma(uint32_t bar, uint32_t band, uint32_t words)
{
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, 64);
    OskLuma boxed = drawn_luma(WIDTH, HEIGHT + 2 * bar, 1);
    uint32_t random = words;
    memset(values_of(&boxed), 0, (size_t)WIDTH * (HEIGHT + 2 * bar) * sizeof(float));
    for (uint32_t x = 0; x < WIDTH; x += 12) {
        float value = (drawn_random(&random) & 3u) != 0 ? 225 : 20;
        for (uint32_t i = 0; i < 12 * band; i++) {
            values_of(&luma)[(size_t)(HEIGHT - 1 - i / 12) * WIDTH + x + i % 12] = value;
        }
    }
    memcpy(values_of(&boxed) + (size_t)bar * WIDTH, luma.values,
           (size_t)WIDTH * HEIGHT * sizeof(float));
    drawn_free(&luma);
    return boxed;
}

static OskExplained explain_banded(uint32_t bar, uint32_t band, const uint32_t words[2],
                                   uint32_t side)
{
    OskLuma whole[2] = { banded_luma(bar, band, words[0]), banded_luma(bar, band, words[1]) };
    OskLuma small[2];
    assert_int_equal(osk_luma_scale(&small[0], &whole[0], side, NULL), OSK_OK);
    assert_int_equal(osk_luma_scale(&small[1], &whole[1], side, NULL), OSK_OK);
    OskExplained found = explain(&small[0], &small[1], &(OskMap){ .xx = 1, .yy = 1 });
    for (unsigned i = 0; i < 2; i++) {
        osk_luma_free(&small[i]);
        drawn_free(&whole[i]);
    }
    return found;
}

static void words_in_the_last_tenth_above_a_border_are_shown(void **state)
{
    (void)state;
    for (uint32_t bar = 40; bar < 70; bar += 3) {
        OskExplained found = explain_banded(bar, HEIGHT / 10, (uint32_t[2]){ 1, 2 }, 48);
        assert_true(found.component_16 > 4);
        /* What lies beside the border is compared with nothing, which counts. */
        found = explain_banded(bar, HEIGHT / 10, (uint32_t[2]){ 1, 1 }, 48);
        assert_int_equal(found.component_16, 0);
        assert_in_range(found.covered_permille, 900, 985);
    }
}

static void words_in_the_outermost_line_are_shown(void **state)
{
    (void)state;
    OskExplained found = explain_banded(0, HEIGHT / 96, (uint32_t[2]){ 1, 2 }, 128);
    assert_true(found.component_16 > 2);
    found = explain_banded(0, HEIGHT / 96, (uint32_t[2]){ 1, 1 }, 128);
    assert_int_equal(found.component_16, 0);
    assert_int_equal(found.covered_permille, 1000);
}

/* Two blocks of the 32 x 10 of a strip are as much as six of 32 x 32. */
static void what_may_be_unexplained_is_a_share_of_the_picture(void **state)
{
    (void)state;
    for (uint32_t seed = 65; seed < 69; seed++) {
        OskLuma luma = drawn_luma(WIDTH, WIDTH / 4, seed);
        OskLuma copy = drawn_luma(WIDTH, WIDTH / 4, seed);
        for (uint32_t i = 0; i < 36; i++) {
            float *value = &values_of(&copy)[(size_t)(56 + i / 6) * WIDTH + 231 + i % 6];
            *value = *value > 128 ? 0 : 255;
        }
        OskExplained found = explain(&copy, &luma, &(OskMap){ .xx = 1, .yy = 1 });
        assert_in_range(found.component_32, 4, 10);
        drawn_free(&copy);
        drawn_free(&luma);
    }
}

/* As hostile lumas may move it. */
static void a_map_onto_a_point_explains_nothing(void **state)
{
    (void)state;
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, 54);
    const OskMap point = { .xx = 1e-12F, .yy = 1e-12F, .x0 = 240, .y0 = 180 };
    assert_true(explain(&luma, &luma, &point).component_16 > 2);
    const OskMap wide = { .xx = 1e12F, .yy = 1e12F };
    assert_true(explain(&luma, &luma, &wide).covered_permille < 900);
    drawn_free(&luma);
}

static void a_map_that_lies_a_little_aside_is_moved(void **state)
{
    (void)state;
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, 54);
    const OskMap aside = { .xx = 1.005F, .yy = 0.995F, .x0 = 3, .y0 = -3 };
    OskExplained found = explain(&luma, &luma, &aside);
    assert_true(found.component_16 <= 2);
    assert_true(found.component_32 <= 3);
    drawn_free(&luma);
}

static void pale_pictures_do_not_explain_each_other(void **state)
{
    (void)state;
    for (uint32_t seed = 55; seed < 60; seed++) {
        OskLuma one = drawn_luma(WIDTH, HEIGHT, seed);
        OskLuma other = drawn_luma(WIDTH, HEIGHT, seed + 700);
        for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
            values_of(&one)[i] = 100 + one.values[i] / 8;
            values_of(&other)[i] = 100 + other.values[i] / 8;
        }
        OskExplained found = explain(&one, &other, &(OskMap){ .xx = 1, .yy = 1 });
        assert_true(found.component_16 > 16);
        drawn_free(&one);
        drawn_free(&other);
    }
}

/* Grey, with faint lines, under a frame that is the same each time. */
static OskLuma faint_luma(uint32_t seed)
{
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, 61);
    uint32_t random = seed;
    uint32_t places[12];
    for (unsigned i = 0; i < 12; i++) {
        places[i] = drawn_random(&random) % WIDTH;
    }
    for (uint32_t y = HEIGHT / 3; y < HEIGHT; y++) {
        for (uint32_t x = 0; x < WIDTH; x++) {
            float value = 120;
            for (unsigned i = 0; i < 12; i++) {
                value += (x + y * (i % 3)) % WIDTH - places[i] < 8 ? 9 : 0;
            }
            values_of(&luma)[(size_t)y * WIDTH + x] = value;
        }
    }
    return luma;
}

static void faint_drawings_in_one_frame_do_not_explain_each_other(void **state)
{
    (void)state;
    OskLuma one = faint_luma(1);
    OskLuma other = faint_luma(2);
    const OskMap straight = { .xx = 1, .yy = 1 };
    assert_true(explain(&one, &other, &straight).component_16 > 16);
    assert_int_equal(explain(&one, &one, &straight).component_16, 0);
    drawn_free(&one);
    drawn_free(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_in_the_last_tenth_above_a_border_are_shown),
        cmocka_unit_test(words_in_the_outermost_line_are_shown),
        cmocka_unit_test(what_may_be_unexplained_is_a_share_of_the_picture),
        cmocka_unit_test(a_map_onto_a_point_explains_nothing),
        cmocka_unit_test(a_map_that_lies_a_little_aside_is_moved),
        cmocka_unit_test(pale_pictures_do_not_explain_each_other),
        cmocka_unit_test(faint_drawings_in_one_frame_do_not_explain_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
