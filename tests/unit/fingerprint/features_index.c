/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which pictures share features with one. */
#include "fingerprint/drawn.h"
#include "unit.h"

#include <string.h>
#include <time.h>

#define PICTURES 12u

static OskFeature features[PICTURES][OSK_FEATURES_MAX];
static size_t counts[PICTURES];

static OskFeatureIndex *make_index(void)
{
    OskFeatureIndex *index = NULL;
    assert_int_equal(osk_feature_index_make(&index, NULL), OSK_OK);
    for (uint32_t i = 0; i < PICTURES; i++) {
        OskLuma luma = drawn_luma(480, 300 + 10 * i, 20 + i);
        assert_int_equal(osk_features_find(&luma, features[i], OSK_FEATURES_MAX, &counts[i], NULL),
                         OSK_OK);
        drawn_free(&luma);
        assert_int_equal(osk_feature_index_add(index, i, features[i], counts[i], NULL), OSK_OK);
    }
    return index;
}

static void feature_index__finds_the_source_of_a_crop(void **state)
{
    (void)state;
    OskFeatureIndex *index = make_index();
    for (uint32_t i = 0; i < PICTURES; i++) {
        uint32_t height = 300 + 10 * i;
        OskLuma luma = drawn_luma(480, height, 20 + i);
        /* The right part, 70 of 100 each way. */
        uint32_t width = 336;
        uint32_t rows = height * 7 / 10;
        float *part = malloc((size_t)width * rows * sizeof *part);
        for (uint32_t y = 0; y < rows; y++) {
            for (uint32_t x = 0; x < width; x++) {
                part[(size_t)y * width + x] =
                    luma.values[(size_t)(y + height - rows) * 480 + x + 480 - width];
            }
        }
        OskFeature found[OSK_FEATURES_MAX];
        size_t count = 0;
        OskLuma crop = { part, width, rows };
        assert_int_equal(osk_features_find(&crop, found, OSK_FEATURES_MAX, &count, NULL), OSK_OK);
        OskVotes out[OSK_FEATURE_CANDIDATES];
        size_t votes = 0;
        assert_int_equal(osk_feature_index_query(index, found, count, out, &votes), OSK_OK);
        assert_true(votes > 2);
        /* Drawn corners are much alike: the source is among the first, if not the first. */
        assert_true(out[0].item == i || out[1].item == i || out[2].item == i);
        drawn_free(&crop);
        drawn_free(&luma);
    }
    osk_feature_index_free(&index);
    assert_null(index);
}

static void feature_index__forgets_what_was_removed(void **state)
{
    (void)state;
    OskFeatureIndex *index = make_index();
    OskVotes out[OSK_FEATURE_CANDIDATES];
    size_t votes = 0;
    assert_int_equal(osk_feature_index_query(index, features[3], counts[3], out, &votes), OSK_OK);
    assert_true(votes > 0 && out[0].item == 3);
    osk_feature_index_remove(index, 3);
    assert_int_equal(osk_feature_index_query(index, features[3], counts[3], out, &votes), OSK_OK);
    for (size_t i = 0; i < votes; i++) {
        assert_int_not_equal(out[i].item, 3);
    }
    osk_feature_index_free(&index);
}

static void feature_index__refuses_large_numbers_and_takes_no_features(void **state)
{
    (void)state;
    OskFeatureIndex *index = make_index();
    assert_int_equal(osk_feature_index_add(index, OSK_FEATURE_ITEM_MAX + 1, features[0], 1, NULL),
                     OSK_MISUSE);
    assert_int_equal(osk_feature_index_add(index, 99, features[0], 0, NULL), OSK_OK);
    OskVotes out[OSK_FEATURE_CANDIDATES];
    size_t votes = 1;
    assert_int_equal(osk_feature_index_query(index, features[0], 0, out, &votes), OSK_OK);
    assert_int_equal(votes, 0);
    osk_feature_index_free(&index);
}

/* Random descriptors, as corners of unlike pictures have. */
static void draw_features(OskFeature out[100], uint32_t seed)
{
    for (unsigned i = 0; i < 100; i++) {
        for (unsigned at = 0; at < sizeof(out[i].descriptor); at++) {
            seed = seed * 1664525u + 1013904223u;
            out[i].descriptor[at] = (uint8_t)(seed >> 24);
        }
    }
}

static bool is_found(const OskFeatureIndex *index, uint32_t item)
{
    OskFeature asked[100];
    OskVotes out[OSK_FEATURE_CANDIDATES];
    size_t votes = 0;
    draw_features(asked, item);
    assert_int_equal(osk_feature_index_query(index, asked, 100, out, &votes), OSK_OK);
    return votes > 0 && out[0].item == item;
}

/* Many items in each chain, and more than one chunk of them. */
static void feature_index__finds_each_of_many(void **state)
{
    (void)state;
    OskFeatureIndex *index = NULL;
    OskFeature one[100];
    assert_int_equal(osk_feature_index_make(&index, NULL), OSK_OK);
    for (uint32_t item = 0; item < 20000; item++) {
        draw_features(one, item);
        assert_int_equal(osk_feature_index_add(index, item, one, 100, NULL), OSK_OK);
    }
    for (uint32_t item = 0; item < 20000; item += 1999) {
        assert_true(is_found(index, item));
    }
    osk_feature_index_remove(index, 1999);
    assert_false(is_found(index, 1999));
    assert_true(is_found(index, 3998));
    osk_feature_index_free(&index);
}

static void feature_index__forgets_thousands_in_one_walk(void **state)
{
    (void)state;
    enum { COUNT = 4000 };
    static bool is_gone[COUNT];
    OskFeatureIndex *index = NULL;
    OskFeature one[100];
    assert_int_equal(osk_feature_index_make(&index, NULL), OSK_OK);
    for (uint32_t item = 0; item < COUNT; item++) {
        draw_features(one, item);
        assert_int_equal(osk_feature_index_add(index, item, one, 100, NULL), OSK_OK);
        is_gone[item] = item % 2 != 0;
    }
    clock_t began = clock();
    for (uint32_t item = 0; item < 20; item++) {
        osk_feature_index_remove(index, COUNT + item);
    }
    clock_t twenty = clock() - began;
    began = clock();
    osk_feature_index_remove_all(index, is_gone, COUNT);
    /* Two thousand walks would be a hundred times that. */
    assert_true(clock() - began < 5 * twenty);
    for (uint32_t item = 0; item < COUNT; item += 199) {
        assert_int_equal(is_found(index, item), !is_gone[item]);
    }
    osk_feature_index_free(&index);
}

/* Steps of one, two and three bytes, and back; some of one chunk are taken out of its middle. */
static void feature_index__forgets_one_of_many_and_finds_those_beside_it(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {
        0, 1, 2, 130, 131, 20000, 20001, 300000, 299999, 5, 400000
    };
    const size_t count = sizeof(numbers) / sizeof(numbers[0]);
    OskFeatureIndex *index = NULL;
    OskFeature one[100];
    OskFeature shared[100];
    assert_int_equal(osk_feature_index_make(&index, NULL), OSK_OK);
    draw_features(shared, 77777);
    for (size_t i = 0; i < count; i++) {
        draw_features(one, numbers[i]);
        memcpy(one, shared, 20 * sizeof(*one));
        assert_int_equal(osk_feature_index_add(index, numbers[i], one, 100, NULL), OSK_OK);
    }
    for (size_t gone = 0; gone < count; gone++) {
        OskVotes out[OSK_FEATURE_CANDIDATES];
        size_t votes = 0;
        assert_true(is_found(index, numbers[gone]));
        osk_feature_index_remove(index, numbers[gone]);
        assert_int_equal(osk_feature_index_query(index, shared, 20, out, &votes), OSK_OK);
        assert_int_equal(votes, count - gone - 1);
        for (size_t i = gone + 1; i < count; i++) {
            assert_true(is_found(index, numbers[i]));
        }
    }
    osk_feature_index_free(&index);
}

/* What every picture has says nothing, and its memory serves others. */
static void feature_index__a_flood_of_one_corner_is_followed_no_more(void **state)
{
    (void)state;
    OskFeatureIndex *index = NULL;
    OskFeature one[100];
    OskFeature all[100];
    assert_int_equal(osk_feature_index_make(&index, NULL), OSK_OK);
    draw_features(all, 77777);
    draw_features(one, 3);
    assert_int_equal(osk_feature_index_add(index, 3, one, 100, NULL), OSK_OK);
    for (uint32_t item = 10; item < 10000; item++) {
        assert_int_equal(osk_feature_index_add(index, item, all, 1, NULL), OSK_OK);
    }
    for (uint32_t item = 10000; item < 10100; item++) {
        draw_features(one, item);
        assert_int_equal(osk_feature_index_add(index, item, one, 100, NULL), OSK_OK);
    }
    OskVotes out[OSK_FEATURE_CANDIDATES];
    size_t votes = 0;
    assert_int_equal(osk_feature_index_query(index, all, 1, out, &votes), OSK_OK);
    for (size_t i = 0; i < votes; i++) {
        assert_true(out[i].item >= 10000); /* by chance */
    }
    assert_true(is_found(index, 3));
    assert_true(is_found(index, 10050));
    osk_feature_index_free(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(feature_index__finds_the_source_of_a_crop),
        cmocka_unit_test(feature_index__forgets_what_was_removed),
        cmocka_unit_test(feature_index__finds_each_of_many),
        cmocka_unit_test(feature_index__forgets_one_of_many_and_finds_those_beside_it),
        cmocka_unit_test(feature_index__a_flood_of_one_corner_is_followed_no_more),
        cmocka_unit_test(feature_index__refuses_large_numbers_and_takes_no_features),
        cmocka_unit_test(feature_index__forgets_thousands_in_one_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
