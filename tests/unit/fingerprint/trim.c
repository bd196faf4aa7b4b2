/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Borders of one brightness. */
#include <string.h>

#include "fingerprint/drawn.h"
#include "unit.h"

#define WIDTH 200u
#define HEIGHT 100u

/* A drawn picture whose frame, so many lines wide on each side, is of one brightness. */
typedef struct Frame {
    uint32_t left, top, right, bottom;
    float level;
} Frame;

static OskTrim trim_of(const Frame *frame, bool *found)
{
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, 5);
    float *values = malloc(sizeof *values * WIDTH * HEIGHT);
    uint32_t state = 1;
    for (uint32_t y = 0; y < HEIGHT; y++) {
        for (uint32_t x = 0; x < WIDTH; x++) {
            size_t at = (size_t)y * WIDTH + x;
            bool in = x >= frame->left && x < WIDTH - frame->right && y >= frame->top &&
                      y < HEIGHT - frame->bottom;
            values[at] = in ? luma.values[at] + (float)(drawn_random(&state) % 30)
                            : frame->level + (float)(drawn_random(&state) % 8);
        }
    }
    OskTrim out;
    *found = osk_luma_trim(&out, &(OskLuma){ values, WIDTH, HEIGHT });
    free(values);
    drawn_free(&luma);
    return out;
}

static void assert_trim(const OskTrim *trim, const Frame *frame)
{
    assert_int_equal(trim->left, frame->left);
    assert_int_equal(trim->top, frame->top);
    assert_int_equal(trim->width, WIDTH - frame->left - frame->right);
    assert_int_equal(trim->height, HEIGHT - frame->top - frame->bottom);
}

static void trim__finds_bars_and_pillars(void **state)
{
    (void)state;
    const Frame frames[] = {
        { 0, 12, 0, 12, 0 }, { 30, 0, 30, 0, 240 }, { 30, 12, 10, 20, 128 }, { 0, 40, 0, 0, 16 }
    };
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        bool found;
        OskTrim trim = trim_of(&frames[i], &found);
        assert_true(found);
        assert_trim(&trim, &frames[i]);
    }
}

static void trim__leaves_thin_borders_and_pictures_without(void **state)
{
    (void)state;
    const Frame frames[] = { { 0, 0, 0, 0, 0 }, { 3, 1, 3, 1, 0 } };
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        bool found;
        OskTrim trim = trim_of(&frames[i], &found);
        assert_false(found);
        assert_trim(&trim, &frames[0]);
    }
}

static void trim__never_takes_the_whole_picture(void **state)
{
    (void)state;
    float plain[64 * 64];
    memset(plain, 0, sizeof plain);
    OskTrim trim;
    assert_false(osk_luma_trim(&trim, &(OskLuma){ plain, 64, 64 }));
    assert_int_equal(trim.width, 64);
    assert_int_equal(trim.height, 64);
    assert_false(osk_luma_trim(&trim, &(OskLuma){ plain, 1, 1 }));
    assert_int_equal(trim.width, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trim__finds_bars_and_pillars),
        cmocka_unit_test(trim__leaves_thin_borders_and_pictures_without),
        cmocka_unit_test(trim__never_takes_the_whole_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
