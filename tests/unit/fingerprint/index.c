/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The index of hashes against a plain look at all of them. */
#include <string.h>

#include "fingerprint/drawn.h"
#include "unit.h"

/* More than wait for the tables, so that both ways are taken. */
#define COUNT 40000u

static OskPdqHash random_hash(uint32_t *state)
{
    OskPdqHash hash;
    for (unsigned i = 0; i < OSK_PDQ_BYTES; i++) {
        hash.bytes[i] = (uint8_t)(drawn_random(state) >> 8);
    }
    return hash;
}

/* The hash with exactly `bits` others. */
static OskPdqHash away_from(const OskPdqHash *hash, unsigned bits, uint32_t *state)
{
    OskPdqHash out = *hash;
    while (osk_pdq_distance(hash, &out) < bits) {
        uint32_t bit = drawn_random(state) % OSK_PDQ_BITS;
        out.bytes[bit / 8] = (uint8_t)((hash->bytes[bit / 8] ^ 1u << bit % 8) & 1u << bit % 8) |
                             (uint8_t)(out.bytes[bit / 8] & ~(1u << bit % 8));
    }
    return out;
}

static OskIndex *make_index(void)
{
    OskIndex *index = NULL;
    assert_int_equal(osk_index_make(&index, NULL), OSK_OK);
    return index;
}

static void add(OskIndex *index, uint32_t item, const OskPdqHash *hash)
{
    assert_int_equal(osk_index_add(index, item, hash, NULL), OSK_OK);
}

static void index__finds_all_that_is_near_and_nothing_else(void **state)
{
    (void)state;
    uint32_t random = 1;
    OskIndex *index = make_index();
    OskPdqHash *hashes = malloc(COUNT * sizeof *hashes);
    OskPdqHash centre = random_hash(&random);
    /* Every hundredth lies about the centre, at each distance there is about the bound. */
    for (uint32_t i = 0; i < COUNT; i++) {
        hashes[i] = i % 100 == 0 ? away_from(&centre, i / 100 % 60, &random) : random_hash(&random);
        add(index, i, &hashes[i]);
    }
    assert_int_equal(osk_index_count(index), COUNT);
    OskNear out[COUNT / 100];
    for (unsigned distance = 0; distance <= 40; distance++) {
        size_t expected = 0;
        for (uint32_t i = 0; i < COUNT; i++) {
            expected += osk_pdq_distance(&centre, &hashes[i]) <= distance;
        }
        size_t found = osk_index_query(index, &centre, distance, out, COUNT / 100);
        assert_int_equal(found, expected);
        for (size_t i = 0; i < found; i++) {
            assert_int_equal(out[i].distance, osk_pdq_distance(&centre, &hashes[out[i].item]));
            assert_true(i == 0 || out[i - 1].distance <= out[i].distance);
        }
    }
    free(hashes);
    osk_index_free(&index);
    assert_null(index);
}

static void index__keeps_the_nearest_where_there_are_too_many(void **state)
{
    (void)state;
    uint32_t random = 2;
    OskIndex *index = make_index();
    OskPdqHash centre = random_hash(&random);
    for (uint32_t i = 0; i < 1000; i++) {
        OskPdqHash hash = away_from(&centre, 30 - i % 31, &random);
        add(index, i / 2, &hash);
    }
    OskNear out[20];
    assert_int_equal(osk_index_query(index, &centre, OSK_PDQ_DISTANCE, out, 20), 20);
    assert_int_equal(out[19].distance, 0);
    for (unsigned i = 0; i < 20; i++) {
        for (unsigned other = 0; other < i; other++) {
            assert_int_not_equal(out[i].item, out[other].item);
        }
    }
    assert_int_equal(osk_index_query(index, &centre, OSK_PDQ_DISTANCE, out, 0), 0);
    osk_index_free(&index);
}

/* Nearly all in one cluster, and the query just outside: nothing but a scan finds what is there. */
static void index__finds_one_beside_a_cluster(void **state)
{
    (void)state;
    uint32_t random = 3;
    OskIndex *index = make_index();
    OskPdqHash centre = random_hash(&random);
    for (uint32_t i = 0; i < COUNT; i++) {
        OskPdqHash hash = away_from(&centre, i % 5, &random);
        add(index, i, &hash);
    }
    OskPdqHash query = away_from(&centre, 40, &random);
    OskPdqHash copy = away_from(&query, 20, &random);
    OskNear out[4];
    assert_int_equal(osk_index_query(index, &query, OSK_PDQ_DISTANCE, out, 4), 0);
    add(index, COUNT, &copy);
    assert_int_equal(osk_index_query(index, &query, OSK_PDQ_DISTANCE, out, 4), 1);
    assert_int_equal(out[0].item, COUNT);
    osk_index_free(&index);
}

static void index__forgets_what_was_removed(void **state)
{
    (void)state;
    uint32_t random = 4;
    OskIndex *index = make_index();
    OskPdqHash gone = random_hash(&random);
    OskPdqHash zero = { { 0 } };
    add(index, 7, &gone);
    add(index, 7, &zero);
    osk_index_remove(index, 7);
    assert_int_equal(osk_index_count(index), 0);
    OskNear out[2];
    for (uint32_t i = 0; i < COUNT; i++) {
        /* Before and after the tables are made. */
        if (i % 10000 == 0) {
            assert_int_equal(osk_index_query(index, &gone, OSK_PDQ_DISTANCE, out, 2), 0);
            assert_int_equal(osk_index_query(index, &zero, OSK_PDQ_DISTANCE, out, 2), 0);
        }
        OskPdqHash hash = random_hash(&random);
        add(index, 8, &hash);
    }
    assert_int_equal(osk_index_count(index), COUNT);
    osk_index_free(&index);
}

static void index__finds_turned_and_mirrored_pictures(void **state)
{
    (void)state;
    OskIndex *index = make_index();
    OskLuma luma = drawn_luma(300, 300, 11);
    OskPdq hash;
    assert_int_equal(osk_pdq_hash(&hash, &luma, NULL), OSK_OK);
    drawn_free(&luma);
    for (uint32_t form = 0; form < OSK_PDQ_FORMS; form++) {
        add(index, form, &hash.forms[form]);
    }
    OskNear out[OSK_PDQ_FORMS];
    assert_int_equal(osk_index_query_forms(index, &hash, OSK_PDQ_DISTANCE, out, OSK_PDQ_FORMS), 8);
    for (unsigned i = 0; i < OSK_PDQ_FORMS; i++) {
        assert_int_equal(out[i].form, out[i].item);
        assert_int_equal(out[i].distance, 0);
    }
    osk_index_free(&index);
}

static void index__refuses_a_number_that_it_needs_itself(void **state)
{
    (void)state;
    OskIndex *index = make_index();
    OskPdqHash hash = { { 0 } };
    assert_int_equal(osk_index_add(index, UINT32_MAX, &hash, NULL), OSK_MISUSE);
    osk_index_free(&index);
    osk_index_free(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(index__finds_all_that_is_near_and_nothing_else),
        cmocka_unit_test(index__keeps_the_nearest_where_there_are_too_many),
        cmocka_unit_test(index__finds_one_beside_a_cluster),
        cmocka_unit_test(index__forgets_what_was_removed),
        cmocka_unit_test(index__finds_turned_and_mirrored_pictures),
        cmocka_unit_test(index__refuses_a_number_that_it_needs_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
