/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "coded.h"

static const OskCodec *const png = &osk_codec_png;

static void png__keeps_every_kind_of_pixel(void **state)
{
    (void)state;
    static const struct {
        OskPixelModel model;
        unsigned depth;
    } kinds[] = {
        { OSK_PIXELS_GREY, 1 },        { OSK_PIXELS_GREY, 2 },    { OSK_PIXELS_GREY, 4 },
        { OSK_PIXELS_GREY, 8 },        { OSK_PIXELS_GREY, 16 },   { OSK_PIXELS_GREY_ALPHA, 8 },
        { OSK_PIXELS_GREY_ALPHA, 16 }, { OSK_PIXELS_RGB, 8 },     { OSK_PIXELS_RGB, 16 },
        { OSK_PIXELS_RGBA, 8 },        { OSK_PIXELS_RGBA, 16 },   { OSK_PIXELS_INDEXED, 1 },
        { OSK_PIXELS_INDEXED, 2 },     { OSK_PIXELS_INDEXED, 4 }, { OSK_PIXELS_INDEXED, 8 }
    };
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        OskBudget budget = osk_budget_default();
        OskFrame frame = { .image = plain(7, 5, kinds[k].model, kinds[k].depth, 0),
                           .duration_den = 1 };
        OskImage *image = &frame.image;
        for (size_t i = 0; i < image->stride * image->height; i++) {
            unsigned max = kinds[k].depth < 8 ? (1u << kinds[k].depth) - 1 : 255;
            image->pixels[i] = (uint8_t)(i * 37 & max);
        }
        image->palette_count = kinds[k].model == OSK_PIXELS_INDEXED ? 1u << kinds[k].depth : 0;
        for (unsigned i = 0; i < image->palette_count; i++) {
            image->palette[i][0] = (uint8_t)i;
            image->palette[i][3] = 255;
        }
        Coded coded;
        OskDecoder *decoder = NULL;
        OskCodecInfo info;
        OskFrame again;
        assert_int_equal(code(png, NULL, &frame, 1, &coded), OSK_OK);
        assert_int_equal(png->open(coded.bytes, coded.len, &budget, &decoder, &info, NULL), OSK_OK);
        assert_int_equal(png->next(decoder, &again, NULL), OSK_OK);
        assert_int_equal(again.image.model, kinds[k].model);
        assert_int_equal(again.image.depth, kinds[k].depth);
        assert_memory_equal(again.image.pixels, image->pixels, image->stride * image->height);
        osk_image_free(&again.image, &budget);
        png->close(&decoder);
        osk_image_free(image, &budget);
        free(coded.bytes);
    }
}

static void png__zeroes_entries_that_no_pixel_uses(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskFrame frame = { .image = plain(3, 3, OSK_PIXELS_INDEXED, 8, 2), .duration_den = 1 };
    Coded coded;
    frame.image.palette_count = 4;
    memcpy(frame.image.palette, "\x51\x52\x53\xff\x61\x62\x63\xff\x71\x72\x73\xff\x81\x82\x83\xff",
           16);
    assert_int_equal(code(png, NULL, &frame, 1, &coded), OSK_OK);
    assert_true(holds(&coded, "PLTE\0\0\0\0\0\0\x71\x72\x73", 13));
    osk_image_free(&frame.image, &budget);
    free(coded.bytes);
}

static void png__keeps_frames_delays_and_changes_only(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskFrame frames[3] = {
        { .image = plain(40, 30, OSK_PIXELS_RGB, 8, 9), .duration_num = 1, .duration_den = 25 },
        { .image = plain(40, 30, OSK_PIXELS_RGB, 8, 9), .duration_num = 7, .duration_den = 100 },
        { .image = plain(40, 30, OSK_PIXELS_RGB, 8, 9), .duration_num = 0, .duration_den = 1 },
    };
    Coded coded;
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    frames[1].image.pixels[5 * 120 + 3 * 10] = 77;
    assert_int_equal(code(png, NULL, frames, 3, &coded), OSK_OK);
    assert_true(holds(&coded, "fcTL\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\x0a\0\0\0\5\0\7\0\x64", 28));
    assert_int_equal(png->open(coded.bytes, coded.len, &budget, &decoder, &info, NULL), OSK_OK);
    assert_int_equal(info.frames, 3);
    for (unsigned i = 0; i < 3; i++) {
        OskFrame again;
        assert_int_equal(png->next(decoder, &again, NULL), OSK_OK);
        assert_int_equal(again.duration_num * frames[i].duration_den,
                         frames[i].duration_num * again.duration_den);
        assert_memory_equal(again.image.pixels, frames[i].image.pixels, 40 * 30 * 3);
        osk_image_free(&again.image, &budget);
        osk_image_free(&frames[i].image, &budget);
    }
    png->close(&decoder);
    free(coded.bytes);
}

/* Two frames of a palette, whose square in the middle has `more` colours that nothing else has. */
static void draw_moving(OskFrame *frames, unsigned more)
{
    for (unsigned f = 0; f < 2; f++) {
        OskImage *image = &frames[f].image;
        *image = plain(40, 40, OSK_PIXELS_INDEXED, 8, 0);
        frames[f].duration_num = 1;
        frames[f].duration_den = 10;
        frames[f].covered = NULL;
        image->palette_count = 8 + more;
        for (unsigned i = 0; i < image->palette_count; i++) {
            image->palette[i][0] = (uint8_t)i;
            image->palette[i][3] = i == 8 ? 0 : i == 9 ? 100 : 255;
        }
        for (unsigned i = 0; i < 40 * 40; i++) {
            unsigned x = i % 40;
            unsigned y = i / 40;
            bool inside = x >= 10 && x < 30 && y >= 10 && y < 30;
            image->pixels[y * image->stride + x] =
                (uint8_t)(inside && more > 0 ? 8 + (i + f) % more : x / 5);
        }
    }
}

/* Covers the middle of all frames with one colour and writes them like the file they are of. */
static void cover_moving(const Coded *file, Coded *out)
{
    OskBudget budget = osk_budget_default();
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    OskFrame frames[2];
    uint8_t mask[40 * 40] = { 0 };
    assert_int_equal(png->open(file->bytes, file->len, &budget, &decoder, &info, NULL), OSK_OK);
    for (unsigned f = 0; f < 2; f++) {
        assert_int_equal(png->next(decoder, &frames[f], NULL), OSK_OK);
        assert_int_equal(frames[f].image.model, OSK_PIXELS_RGBA);
        for (unsigned y = 10; y < 30; y++) {
            for (unsigned x = 10; x < 30; x++) {
                memcpy(frames[f].image.pixels + y * frames[f].image.stride + (size_t)x * 4,
                       "\x00\x00\x77\xff", 4);
                mask[y * 40 + x] = 1;
            }
        }
        frames[f].covered = mask;
    }
    assert_int_equal(code(png, decoder, frames, 2, out), OSK_OK);
    for (unsigned f = 0; f < 2; f++) {
        osk_image_free(&frames[f].image, &budget);
    }
    png->close(&decoder);
}

static void png__lets_no_covered_colour_choose_the_kind_of_an_animation(void **state)
{
    (void)state;
    static const unsigned more[] = { 0, 1, 20, 235, 248 };
    OskBudget budget = osk_budget_default();
    Coded first = { 0 };
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        OskFrame frames[2];
        Coded file;
        Coded copy;
        draw_moving(frames, more[i]);
        assert_int_equal(code(png, NULL, frames, 2, &file), OSK_OK);
        cover_moving(&file, &copy);
        assert_int_equal(copy.bytes[25], 3); /* a palette, as it was */
        if (i == 0) {
            first = copy;
        } else {
            assert_int_equal(copy.len, first.len);
            assert_memory_equal(copy.bytes, first.bytes, first.len);
            free(copy.bytes);
        }
        free(file.bytes);
        osk_image_free(&frames[0].image, &budget);
        osk_image_free(&frames[1].image, &budget);
    }
    free(first.bytes);
}

static void png__writes_true_colours_where_a_palette_is_too_small(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskFrame frames[2];
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    OskFrame again;
    Coded file;
    Coded copy;
    draw_moving(frames, 248);
    assert_int_equal(code(png, NULL, frames, 2, &file), OSK_OK);
    assert_int_equal(png->open(file.bytes, file.len, &budget, &decoder, &info, NULL), OSK_OK);
    OskFrame taken[2];
    for (unsigned f = 0; f < 2; f++) {
        osk_image_free(&frames[f].image, &budget);
        assert_int_equal(png->next(decoder, &taken[f], NULL), OSK_OK);
    }
    for (unsigned i = 0; i < 40; i++) {
        memcpy(taken[1].image.pixels + (size_t)i * 4, (uint8_t[]){ (uint8_t)i, 2, 3, 255 }, 4);
    }
    for (unsigned i = 0; i < 248; i++) {
        memcpy(taken[0].image.pixels + (size_t)i * 4, (uint8_t[]){ (uint8_t)i, 0, 0, 255 }, 4);
    }
    assert_int_equal(code(png, decoder, taken, 2, &copy), OSK_OK);
    assert_int_equal(copy.bytes[25], 6);
    png->close(&decoder);
    assert_int_equal(png->open(copy.bytes, copy.len, &budget, &decoder, &info, NULL), OSK_OK);
    for (unsigned f = 0; f < 2; f++) {
        assert_int_equal(png->next(decoder, &again, NULL), OSK_OK);
        assert_memory_equal(again.image.pixels, taken[f].image.pixels, 40 * 40 * 4);
        osk_image_free(&again.image, &budget);
        osk_image_free(&taken[f].image, &budget);
    }
    png->close(&decoder);
    free(copy.bytes);
    free(file.bytes);
}

static void png__refuses_a_bomb_before_it_decodes(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskFrame frame = { .image = plain(1, 1, OSK_PIXELS_GREY, 8, 0), .duration_den = 1 };
    Coded coded;
    assert_int_equal(code(png, NULL, &frame, 1, &coded), OSK_OK);
    /* 65535 x 65535, and the checksum of that. */
    memcpy(coded.bytes + 16, "\0\0\xff\xff\0\0\xff\xff", 8);
    memcpy(coded.bytes + 29, "\x93\x6e\x86\x8c", 4);
    assert_int_equal(open_status(png, coded.bytes, coded.len), OSK_LIMIT);
    for (size_t len = 0; len < coded.len; len++) {
        assert_int_not_equal(open_status(png, coded.bytes, len), OSK_OK);
    }
    osk_image_free(&frame.image, &budget);
    free(coded.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png__keeps_every_kind_of_pixel),
        cmocka_unit_test(png__zeroes_entries_that_no_pixel_uses),
        cmocka_unit_test(png__keeps_frames_delays_and_changes_only),
        cmocka_unit_test(png__lets_no_covered_colour_choose_the_kind_of_an_animation),
        cmocka_unit_test(png__writes_true_colours_where_a_palette_is_too_small),
        cmocka_unit_test(png__refuses_a_bomb_before_it_decodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
