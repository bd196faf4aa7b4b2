/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hashes of drawn pictures; `reference` compares real ones with the published implementation. */
#include "fingerprint/pdq.h"

#include <stdio.h>
#include <string.h>

#include "fingerprint/drawn.h"
#include "unit.h"

static OskPdq hash_of(const OskLuma *luma)
{
    OskPdq out;
    assert_int_equal(osk_pdq_hash(&out, luma, NULL), OSK_OK);
    return out;
}

static void assert_hex(const OskPdqHash *hash, const char *hex)
{
    char ours[65];
    for (unsigned i = 0; i < OSK_PDQ_BYTES; i++) {
        snprintf(ours + (size_t)2 * i, 3, "%02x", hash->bytes[i]);
    }
    assert_string_equal(ours, hex);
}

/* Made by this code when it gave all 35 pictures of the reference bit for bit. */
static void pdq__of_drawn_pictures_is_what_it_was(void **state)
{
    (void)state;
    static const struct {
        uint32_t width, height;
        unsigned quality;
        const char *hex;
    } known[] = {
        { 512, 512, 100, "87b119b1b1e3d93891b3798d9e38463c7ec874ca406e33e4f9ebcc711376220b" },
        { 512, 341, 100, "853fc739903c21d6d8f21b530618fef1758ca103f798b981351e08ffca27774c" },
        { 200, 301, 100, "b763789b57d023a3985e03af525e328d2745fe8c1560f72348b581784abe5979" },
        { 64, 64, 100, "9dc6a25db0d81f4d75a3ed32a6258299cc341fcae146982b6ee131d6d83e6669" },
        { 40, 130, 100, "74f925bc930d6cb603c6be1a2854e9495a715edf998b05a9c36e42859db2a7ca" },
        { 5, 3, 100, "cb72c4f1348dc4f1cb72390ecb72c4f1348dc4f1cb72390ecb72c4e1348dc6f1" },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        OskLuma luma = drawn_luma(known[i].width, known[i].height, 7);
        OskPdq hash = hash_of(&luma);
        drawn_free(&luma);
        assert_hex(&hash.forms[0], known[i].hex);
        assert_int_equal(hash.quality, known[i].quality);
    }
}

/* Where pixel (x, y) of the turned picture lies in the picture as it was. */
static size_t place_of(unsigned form, uint32_t side, uint32_t x, uint32_t y)
{
    uint32_t last = side - 1;
    const uint32_t from[OSK_PDQ_FORMS][2] = {
        { x, y },        { last - y, x }, { last - x, last - y }, { y, last - x }, { x, last - y },
        { last - x, y }, { y, x },        { last - y, last - x },
    };
    return (size_t)from[form][1] * side + from[form][0];
}

static void pdq__forms_are_the_hashes_of_turned_pictures(void **state)
{
    (void)state;
    uint32_t side = 320;
    OskLuma luma = drawn_luma(side, side, 3);
    OskPdq hash = hash_of(&luma);
    float *turned = malloc((size_t)side * side * sizeof *turned);
    for (unsigned form = 0; form < OSK_PDQ_FORMS; form++) {
        for (uint32_t y = 0; y < side; y++) {
            for (uint32_t x = 0; x < side; x++) {
                turned[(size_t)y * side + x] = luma.values[place_of(form, side, x, y)];
            }
        }
        OskPdq other = hash_of(&(OskLuma){ turned, side, side });
        /* The means of an even window lie half a cell to one side. */
        assert_in_range(osk_pdq_distance(&hash.forms[form], &other.forms[0]), 0, 16);
        for (unsigned wrong = 0; wrong < OSK_PDQ_FORMS; wrong++) {
            if (wrong != form) {
                assert_true(osk_pdq_distance(&hash.forms[wrong], &other.forms[0]) > 64);
            }
        }
    }
    free(turned);
    drawn_free(&luma);
}

static void pdq__of_a_plain_picture_has_no_quality(void **state)
{
    (void)state;
    float values[90 * 70];
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        values[i] = 128;
    }
    OskPdq hash = hash_of(&(OskLuma){ values, 90, 70 });
    assert_int_equal(hash.quality, 0);
}

static void pdq__refuses_what_is_no_luma(void **state)
{
    (void)state;
    OskPdq out;
    float value = 0;
    OskFault fault = { 0 };
    assert_int_equal(osk_pdq_hash(&out, &(OskLuma){ &value, 0, 1 }, &fault), OSK_MISUSE);
    assert_int_equal(osk_pdq_hash(&out, &(OskLuma){ &value, 1, 0 }, &fault), OSK_MISUSE);
    assert_int_equal(osk_pdq_hash(&out, &(OskLuma){ &value, OSK_LUMA_SIDE_MAX + 1, 1 }, &fault),
                     OSK_MISUSE);
}

static void pdq__distance_counts_bits(void **state)
{
    (void)state;
    OskPdqHash a = { { 0 } };
    OskPdqHash b = { { 0 } };
    b.bytes[0] = 0x81;
    b.bytes[31] = 0x07;
    assert_int_equal(osk_pdq_distance(&a, &b), 5);
    memset(&b, 0xFF, sizeof b);
    assert_int_equal(osk_pdq_distance(&a, &b), OSK_PDQ_BITS);
}

static void luma__weighs_colours_as_the_reference(void **state)
{
    (void)state;
    const uint8_t rgb[] = { 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255 };
    float out[4];
    osk_luma_from_rgb(out, rgb, 4);
    const int tenths[] = { 762, 1497, 291, 2550 };
    for (unsigned i = 0; i < 4; i++) {
        assert_in_range((int)(out[i] * 10 + 0.5F), tenths[i], tenths[i] + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pdq__of_drawn_pictures_is_what_it_was),
        cmocka_unit_test(pdq__forms_are_the_hashes_of_turned_pictures),
        cmocka_unit_test(pdq__of_a_plain_picture_has_no_quality),
        cmocka_unit_test(pdq__refuses_what_is_no_luma),
        cmocka_unit_test(pdq__distance_counts_bits),
        cmocka_unit_test(luma__weighs_colours_as_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
