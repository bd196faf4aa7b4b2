/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who floods wants something buried: copies of real footage, so that it is dismissed before the
 * witness sends it; junk, that one file of it drowns in. On drawn pictures and films. */
#include <string.h>

#include "fingerprint/drawn.h"
#include "unit.h"

#define WIDTH 480u
#define HEIGHT 360u
#define SCENES 24u
#define COPIES 40u
#define FORM_LINES 16u

static OskPack *pack_of(const OskLuma *luma, uint32_t capture)
{
    OskPack *pack = NULL;
    OskStillFacts facts = { .width = luma->width, .height = luma->height, .capture = capture };
    assert_int_equal(osk_pack_of_still(&pack, luma, &facts, NULL), OSK_OK);
    return pack;
}

/* Smaller than the original, in other light, with noise. */
static OskLuma copy_of(const OskLuma *original, uint32_t copy)
{
    OskLuma small;
    uint32_t random = copy + 1;
    assert_int_equal(osk_luma_scale(&small, original, 300 + 2 * copy, NULL), OSK_OK);
    float *values = (float *)(uintptr_t)small.values;
    for (size_t i = 0; i < (size_t)small.width * small.height; i++) {
        values[i] = values[i] * 0.9F + (float)(copy % 16) + (float)(drawn_random(&random) % 7);
    }
    return small;
}

static OskPack *film_of(uint32_t seed, uint32_t side, uint32_t scenes, uint32_t capture)
{
    OskPackMaker *maker = NULL;
    OskPack *pack = NULL;
    assert_int_equal(osk_pack_maker_open(&maker, NULL), OSK_OK);
    for (uint32_t i = 0; i < scenes; i++) {
        OskLuma whole = drawn_luma(WIDTH, HEIGHT, seed + i);
        OskLuma luma;
        assert_int_equal(osk_luma_scale(&luma, &whole, 128, NULL), OSK_OK);
        assert_int_equal(osk_pack_maker_add(maker, &luma, i * 500, NULL), OSK_OK);
        osk_luma_free(&luma);
        drawn_free(&whole);
    }
    const OskFramesFacts facts = { .kind = OSK_PACK_VIDEO,
                                   .width = side,
                                   .height = side * 3 / 4,
                                   .duration_ms = scenes * 500,
                                   .capture = capture };
    assert_int_equal(osk_pack_maker_end(&maker, &facts, &pack, NULL), OSK_OK);
    return pack;
}

/* What becomes of a file; who is not explained stands for itself from then on, as at the desk. */
static OskFolded come(OskFolding *folding, uint32_t item, OskPack *pack)
{
    OskFolded found;
    assert_int_equal(osk_folding_find(folding, pack, &found, NULL), OSK_OK);
    assert_true(osk_likeness_can_be(&found.likeness, NULL));
    if (found.likeness.tier != OSK_TIER_EXPLAINED) {
        assert_int_equal(osk_folding_add(folding, item, &pack, NULL), OSK_OK);
    }
    osk_pack_free(&pack);
    return found;
}

static OskFolding *folding_of(void)
{
    OskFolding *folding = NULL;
    const OskFoldingOptions options = { .load = NULL };
    assert_int_equal(osk_folding_make(&folding, &options, NULL), OSK_OK);
    return folding;
}

/* Copies come largest first, so that all of them fold under one. */
static void flood(OskFolding *folding, const OskLuma *original)
{
    for (uint32_t i = 0; i < COPIES; i++) {
        OskLuma copy = copy_of(original, COPIES - i);
        OskTier tier = come(folding, i, pack_of(&copy, 0)).likeness.tier;
        assert_int_equal(tier, i == 0 ? OSK_TIER_NEW : OSK_TIER_EXPLAINED);
        osk_luma_free(&copy);
    }
}

static void copies_of_a_picture_do_not_bury_who_took_it(void **state)
{
    (void)state;
    OskLuma original = drawn_luma(WIDTH, HEIGHT, 20);
    OskFolding *folding = folding_of();
    flood(folding, &original);
    /* Larger, or with what the camera wrote: either is enough. */
    OskFolded found = come(folding, COPIES, pack_of(&original, 0));
    assert_int_equal(found.likeness.tier, OSK_TIER_DIFFERENT);
    assert_true(found.stands_for);
    OskLuma small = copy_of(&original, 1);
    found = come(folding, COPIES + 1, pack_of(&small, OSK_CAPTURE_TIME));
    assert_int_equal(found.likeness.tier, OSK_TIER_DIFFERENT);
    osk_luma_free(&small);
    osk_folding_free(&folding);
    drawn_free(&original);
}

static void copies_of_a_film_do_not_bury_who_took_it(void **state)
{
    (void)state;
    OskFolding *folding = folding_of();
    for (uint32_t i = 0; i < 6; i++) {
        OskTier tier = come(folding, i, film_of(900, 320, SCENES, 0)).likeness.tier;
        assert_int_equal(tier, i == 0 ? OSK_TIER_NEW : OSK_TIER_EXPLAINED);
    }
    assert_int_equal(come(folding, 6, film_of(900, 320, SCENES + 3, 0)).likeness.tier,
                     OSK_TIER_DIFFERENT);
    assert_int_equal(come(folding, 7, film_of(900, 640, SCENES, 0)).likeness.tier,
                     OSK_TIER_DIFFERENT);
    assert_int_equal(come(folding, 8, film_of(900, 320, SCENES, OSK_CAPTURE_PLACE)).likeness.tier,
                     OSK_TIER_DIFFERENT);
    osk_folding_free(&folding);
}

/* A digit, a letter: dark strokes in a field of 8 x 12. */
static void draw_glyph(const OskLuma *sheet, const uint32_t at[2], uint32_t glyph, float ink)
{
    float *values = (float *)(uintptr_t)sheet->values;
    for (uint32_t y = 0; y < 12; y++) {
        for (uint32_t x = 0; x < 7; x++) {
            if ((glyph >> (y / 3 * 3 + x / 3) & 1u) != 0) {
                values[(size_t)(at[1] + y) * WIDTH + at[0] + x] = ink;
            }
        }
    }
}

/* A printed form: the same words each time, and digits behind each line: small enough that no two
 * of them are one large area. */
static OskLuma form_of(uint32_t filled, float ink, uint32_t digits)
{
    OskLuma sheet = drawn_luma(WIDTH, HEIGHT, 0);
    uint32_t printed = 77;
    float *values = (float *)(uintptr_t)sheet.values;
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        values[i] = 235;
    }
    for (uint32_t line = 0; line < FORM_LINES; line++) {
        uint32_t top = 20 + line * 320 / FORM_LINES;
        for (uint32_t i = 0; i < 26; i++) {
            draw_glyph(&sheet, (uint32_t[2]){ 20 + 9 * i, top }, drawn_random(&printed) | 1u, 40);
        }
        for (uint32_t i = 0; i < digits; i++) {
            draw_glyph(&sheet, (uint32_t[2]){ 330 + 30 * i, top }, drawn_random(&filled) | 1u, ink);
        }
    }
    return sheet;
}

/* How a sheet comes: in which light, or how else. Of the same size. */
typedef void Light(const OskLuma *sheet);

static void as_it_is(const OskLuma *sheet)
{
    (void)sheet;
}

/* Light on dark, as on a screen at night. */
static void inverted(const OskLuma *sheet)
{
    float *values = (float *)(uintptr_t)sheet->values;
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        values[i] = 257 - values[i];
    }
}

static void dim(const OskLuma *sheet)
{
    float *values = (float *)(uintptr_t)sheet->values;
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        values[i] /= 3;
    }
}

/* A lamp at the left: a quarter of its light is left at the right. */
static void under_a_lamp(const OskLuma *sheet)
{
    float *values = (float *)(uintptr_t)sheet->values;
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        values[i] *= 1 - 0.75F * (float)(i % WIDTH) / WIDTH;
    }
}

/* Folded and unfolded: each part of it lies a little otherwise in the light. */
static void crumpled(const OskLuma *sheet)
{
    float *values = (float *)(uintptr_t)sheet->values;
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        values[i] *= (i % WIDTH / 60 + i / WIDTH / 45) % 2 == 0 ? 1 : 0.969F;
    }
}

/* Seven tenths of each side, on a dark desk with something on it. */
static void on_a_desk(const OskLuma *sheet)
{
    OskLuma desk = drawn_luma(WIDTH, HEIGHT, 63);
    OskLuma small;
    assert_int_equal(osk_luma_scale(&small, sheet, WIDTH * 7 / 10, NULL), OSK_OK);
    float *values = (float *)(uintptr_t)sheet->values;
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        values[i] = desk.values[i] / 4;
    }
    for (uint32_t y = 0; y < small.height; y++) {
        memcpy(values + (size_t)(y + HEIGHT / 7) * WIDTH + WIDTH / 7,
               small.values + (size_t)y * small.width, small.width * sizeof *values);
    }
    osk_luma_free(&small);
    drawn_free(&desk);
}

static void show_forms(float ink, Light *light)
{
    OskFolding *folding = folding_of();
    uint32_t digits = light == on_a_desk ? 3 : 1;
    for (uint32_t i = 0; i < 12; i++) {
        OskLuma form = form_of(1000 + i, ink, digits);
        light(&form);
        assert_int_not_equal(come(folding, i, pack_of(&form, 0)).likeness.tier, OSK_TIER_EXPLAINED);
        drawn_free(&form);
    }
    OskLuma again = form_of(1003, ink, digits);
    light(&again);
    assert_int_equal(come(folding, 12, pack_of(&again, 0)).likeness.tier, OSK_TIER_EXPLAINED);
    drawn_free(&again);
    osk_folding_free(&folding);
}

static void forms_that_are_filled_in_otherwise_are_shown(void **state)
{
    (void)state;
    show_forms(40, as_it_is);
}

/* Each sign is off by little, as all of a photograph is in a copy. */
static void forms_that_are_filled_in_with_a_pencil_are_shown(void **state)
{
    (void)state;
    show_forms(150, as_it_is);
    show_forms(150, crumpled);
}

static void forms_light_on_dark_are_shown(void **state)
{
    (void)state;
    show_forms(40, inverted);
    show_forms(150, inverted);
}

static void forms_in_poor_light_are_shown(void **state)
{
    (void)state;
    show_forms(40, dim);
    show_forms(40, under_a_lamp);
    show_forms(150, under_a_lamp);
}

static void forms_that_fill_a_part_of_a_picture_are_shown(void **state)
{
    (void)state;
    show_forms(40, on_a_desk);
}

/* A printed list and eight boxes, one of which is crossed. */
static OskLuma ballot_of(uint32_t crossed)
{
    OskLuma sheet = drawn_luma(WIDTH, HEIGHT, 0);
    uint32_t printed = 78;
    float *values = (float *)(uintptr_t)sheet.values;
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        values[i] = 235;
    }
    for (uint32_t line = 0; line < 8; line++) {
        uint32_t top = 24 + line * 40;
        for (uint32_t i = 0; i < 26; i++) {
            draw_glyph(&sheet, (uint32_t[2]){ 20 + 9 * i, top }, drawn_random(&printed) | 1u, 40);
        }
        for (uint32_t at = 0; line == crossed && at < 5; at++) {
            for (uint32_t wide = 0; wide < 2; wide++) {
                values[(size_t)(top + at) * WIDTH + 400 + at + wide] = 40;
                values[(size_t)(top + at) * WIDTH + 404 - at + wide] = 40;
            }
        }
    }
    return sheet;
}

static void ballots_with_a_cross_elsewhere_are_shown(void **state)
{
    (void)state;
    OskFolding *folding = folding_of();
    for (uint32_t i = 0; i < 8; i++) {
        OskLuma ballot = ballot_of(i);
        assert_int_not_equal(come(folding, i, pack_of(&ballot, 0)).likeness.tier,
                             OSK_TIER_EXPLAINED);
        drawn_free(&ballot);
    }
    OskLuma again = ballot_of(3);
    assert_int_equal(come(folding, 8, pack_of(&again, 0)).likeness.tier, OSK_TIER_EXPLAINED);
    drawn_free(&again);
    osk_folding_free(&folding);
}

/* No sheet of paper: all that differs together counts. */
static void signs_all_over_a_photograph_are_shown(void **state)
{
    (void)state;
    OskFolding *folding = folding_of();
    for (uint32_t i = 0; i < 6; i++) {
        OskLuma scene = drawn_luma(WIDTH, HEIGHT, 31);
        uint32_t random = 1000 + i;
        for (uint32_t at = 0; at < 48; at++) {
            uint32_t place[2] = { 4 + at % 8 * 60, 46 + at / 8 * 45 };
            draw_glyph(&scene, place, 511, (drawn_random(&random) >> 4 & 1u) != 0 ? 250 : 5);
        }
        assert_int_not_equal(come(folding, i, pack_of(&scene, 0)).likeness.tier,
                             OSK_TIER_EXPLAINED);
        drawn_free(&scene);
    }
    osk_folding_free(&folding);
}

static void one_unique_file_is_seen_in_any_amount_of_junk(void **state)
{
    (void)state;
    OskLuma junk = drawn_luma(WIDTH, HEIGHT, 21);
    OskLuma unique = drawn_luma(WIDTH, HEIGHT, 4000);
    OskLuma hidden = drawn_luma(WIDTH, HEIGHT, 21);
    /* A fifth of each side of what matters, in a copy of the junk. */
    float *values = (float *)(uintptr_t)hidden.values;
    for (uint32_t y = 0; y < HEIGHT / 5; y++) {
        memcpy(values + (size_t)(y + 60) * WIDTH + 200,
               unique.values + (size_t)(y + 100) * WIDTH + 100, WIDTH / 5 * sizeof *values);
    }
    OskFolding *folding = folding_of();
    flood(folding, &junk);
    assert_int_equal(come(folding, COPIES, pack_of(&unique, 0)).likeness.tier, OSK_TIER_NEW);
    OskLuma small = copy_of(&hidden, 1);
    assert_int_equal(come(folding, COPIES + 1, pack_of(&small, 0)).likeness.tier,
                     OSK_TIER_DIFFERENT);
    osk_luma_free(&small);
    osk_folding_free(&folding);
    drawn_free(&hidden);
    drawn_free(&unique);
    drawn_free(&junk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_of_a_picture_do_not_bury_who_took_it),
        cmocka_unit_test(copies_of_a_film_do_not_bury_who_took_it),
        cmocka_unit_test(forms_that_are_filled_in_otherwise_are_shown),
        cmocka_unit_test(forms_that_are_filled_in_with_a_pencil_are_shown),
        cmocka_unit_test(forms_light_on_dark_are_shown),
        cmocka_unit_test(forms_in_poor_light_are_shown),
        cmocka_unit_test(forms_that_fill_a_part_of_a_picture_are_shown),
        cmocka_unit_test(ballots_with_a_cross_elsewhere_are_shown),
        cmocka_unit_test(signs_all_over_a_photograph_are_shown),
        cmocka_unit_test(one_unique_file_is_seen_in_any_amount_of_junk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
