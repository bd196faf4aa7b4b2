/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Corners, and what is written about them. */
#include <string.h>

#include "fingerprint/drawn.h"
#include "fingerprint/hamming.h"
#include "unit.h"

static size_t find(const OskLuma *luma, OskFeature out[OSK_FEATURES_MAX])
{
    size_t count = 0;
    assert_int_equal(osk_features_find(luma, out, OSK_FEATURES_MAX, &count, NULL), OSK_OK);
    assert_true(count <= OSK_FEATURES_MAX);
    return count;
}

static OskLuma mirrored(const OskLuma *luma)
{
    float *values = malloc((size_t)luma->width * luma->height * sizeof *values);
    for (uint32_t y = 0; y < luma->height; y++) {
        for (uint32_t x = 0; x < luma->width; x++) {
            values[(size_t)y * luma->width + x] =
                luma->values[(size_t)y * luma->width + luma->width - 1 - x];
        }
    }
    return (OskLuma){ values, luma->width, luma->height };
}

static void features__lie_in_the_frame_and_are_always_the_same(void **state)
{
    (void)state;
    static OskFeature first[OSK_FEATURES_MAX];
    static OskFeature second[OSK_FEATURES_MAX];
    OskLuma luma = drawn_luma(480, 360, 4);
    size_t count = find(&luma, first);
    assert_true(count > 100);
    for (size_t i = 0; i < count; i++) {
        assert_true(first[i].x < 480 * 16 && first[i].y < 360 * 16);
    }
    assert_int_equal(find(&luma, second), count);
    assert_memory_equal(first, second, count * sizeof *first);
    drawn_free(&luma);
}

/* A mirrored picture's features, halves swapped, are those of the picture: what finds mirrored
 * copies. */
static void features__of_the_mirrored_picture_have_their_halves_swapped(void **state)
{
    (void)state;
    static OskFeature straight[OSK_FEATURES_MAX];
    static OskFeature turned[OSK_FEATURES_MAX];
    OskLuma luma = drawn_luma(480, 360, 5);
    OskLuma mirror = mirrored(&luma);
    size_t count = find(&luma, straight);
    size_t others = find(&mirror, turned);
    size_t met = 0;
    size_t alike = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t swapped[32];
        memcpy(swapped, straight[i].descriptor + 16, 16);
        memcpy(swapped + 16, straight[i].descriptor, 16);
        for (size_t j = 0; j < others; j++) {
            int across = 480 * 16 - turned[j].x - straight[i].x;
            int down = turned[j].y - straight[i].y;
            if (across * across + down * down <= 8 * 8) {
                met++;
                alike += osk_hamming_256(swapped, turned[j].descriptor) <= 40;
                break;
            }
        }
    }
    assert_true(met > count / 2);
    assert_true(alike > met * 8 / 10);
    drawn_free(&luma);
    drawn_free(&mirror);
}

static void features__of_a_plain_or_thin_picture_are_none(void **state)
{
    (void)state;
    static OskFeature out[OSK_FEATURES_MAX];
    static float plain[100 * 100];
    assert_int_equal(find(&(OskLuma){ plain, 100, 100 }, out), 0);
    OskLuma thin = drawn_luma(480, 4, 1);
    assert_int_equal(find(&thin, out), 0);
    drawn_free(&thin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features__lie_in_the_frame_and_are_always_the_same),
        cmocka_unit_test(features__of_the_mirrored_picture_have_their_halves_swapped),
        cmocka_unit_test(features__of_a_plain_or_thin_picture_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
