/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "coded.h"

static const OskCodec *const gif = &osk_codec_gif;

static void set_pixel(OskImage *image, uint32_t x, uint32_t y, const char *rgba)
{
    memcpy(image->pixels + y * image->stride + 4 * (size_t)x, rgba, 4);
}

/* Each frame of `coded` against `frames`. */
static void assert_frames(const Coded *coded, const OskFrame *frames, uint32_t count)
{
    OskBudget budget = osk_budget_default();
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    assert_int_equal(gif->open(coded->bytes, coded->len, &budget, &decoder, &info, NULL), OSK_OK);
    assert_int_equal(info.frames, count);
    for (uint32_t i = 0; i < count; i++) {
        OskFrame again;
        assert_int_equal(gif->next(decoder, &again, NULL), OSK_OK);
        assert_int_equal(again.duration_num, frames[i].duration_num);
        for (uint32_t p = 0; p < info.width * info.height; p++) {
            const uint8_t *is = again.image.model == OSK_PIXELS_INDEXED
                                    ? again.image.palette[again.image.pixels[p]]
                                    : again.image.pixels + 4 * (size_t)p;
            assert_memory_equal(is, frames[i].image.pixels + 4 * (size_t)p, 4);
        }
        osk_image_free(&again.image, &budget);
    }
    gif->close(&decoder);
    assert_int_equal(budget.memory, osk_budget_default().memory);
}

static void free_frames(OskFrame *frames, uint32_t count)
{
    OskBudget budget = osk_budget_default();
    for (uint32_t i = 0; i < count; i++) {
        osk_image_free(&frames[i].image, &budget);
    }
}

static void gif__gives_back_canvases_and_what_becomes_clear(void **state)
{
    (void)state;
    OskFrame frames[3];
    for (uint32_t i = 0; i < 3; i++) {
        frames[i] = (OskFrame){ .image = plain(6, 4, OSK_PIXELS_RGBA, 8, 0),
                                .duration_num = 5 + i,
                                .duration_den = 100 };
    }
    set_pixel(&frames[0].image, 2, 1, "\x10\x20\x30\xff");
    set_pixel(&frames[0].image, 3, 1, "\x11\x20\x30\xff");
    set_pixel(&frames[1].image, 3, 1, "\x12\x20\x30\xff");
    set_pixel(&frames[2].image, 5, 3, "\x13\x20\x30\xff");
    Coded coded;
    assert_int_equal(code(gif, NULL, frames, 3, &coded), OSK_OK);
    assert_frames(&coded, frames, 3);
    free_frames(frames, 3);
    free(coded.bytes);
}

/* Counts the frames, and those of them that clear what they drew; every one of these and the first
 * must have a transparent entry, since readers clear to a colour of the table otherwise. */
static unsigned count_clearing(const Coded *coded)
{
    unsigned frames = 0;
    unsigned clearing = 0;
    for (size_t i = 0; i + 8 < coded->len; i++) {
        const uint8_t *at = coded->bytes + i;
        if (memcmp(at, "!\xf9\4", 3) == 0 && at[7] == 0 && at[8] == ',') {
            bool clears = (at[3] >> 2 & 7) == 2;
            assert_true((at[3] & 1) != 0 || (frames > 0 && !clears));
            frames++;
            clearing += clears;
        }
    }
    assert_true(frames > 0);
    return clearing;
}

static void gif__says_in_the_first_frame_that_the_rest_is_clear(void **state)
{
    (void)state;
    OskFrame frames[3];
    for (uint32_t i = 0; i < 3; i++) {
        frames[i] = (OskFrame){ .image = plain(6, 4, OSK_PIXELS_RGBA, 8, 0),
                                .duration_num = 5,
                                .duration_den = 100 };
    }
    /* All that is drawn is one box without a clear pixel in it, and goes again. */
    set_pixel(&frames[0].image, 2, 1, "\x10\x20\x30\xff");
    set_pixel(&frames[1].image, 3, 1, "\x12\x20\x30\xff");
    Coded coded;
    assert_int_equal(code(gif, NULL, frames, 3, &coded), OSK_OK);
    assert_int_equal(count_clearing(&coded), 2);
    assert_frames(&coded, frames, 3);
    free(coded.bytes);
    assert_int_equal(code(gif, NULL, frames, 1, &coded), OSK_OK);
    static const uint8_t whole[] = { ',', 0, 0, 0, 0, 6, 0, 4, 0 };
    assert_int_equal(count_clearing(&coded), 0);
    bool found = false;
    for (size_t i = 0; i + sizeof whole <= coded.len; i++) {
        found = found || memcmp(coded.bytes + i, whole, sizeof whole) == 0;
    }
    assert_true(found);
    free(coded.bytes);
    free_frames(frames, 3);
}

/* Encoders choose the version and the bits of colour by what the picture holds. */
static void gif__writes_one_head_for_twins(void **state)
{
    (void)state;
    static const char old[] = "GIF87a\2\0\1\0\x80\0\0\1\2\3\4\5\6"
                              ",\0\0\0\0\2\0\1\0\0\2\2\x04\x0a\0;";
    uint8_t twins[2][sizeof old - 1];
    Coded coded[2];
    for (unsigned i = 0; i < 2; i++) {
        OskBudget budget = osk_budget_default();
        OskDecoder *decoder = NULL;
        OskCodecInfo info;
        OskFrame frame;
        memcpy(twins[i], old, sizeof old - 1);
        twins[i][4] = i == 0 ? '7' : '9';
        twins[i][10] = i == 0 ? 0x80 : 0xf0;
        assert_int_equal(gif->open(twins[i], sizeof old - 1, &budget, &decoder, &info, NULL),
                         OSK_OK);
        assert_int_equal(gif->next(decoder, &frame, NULL), OSK_OK);
        assert_int_equal(code(gif, decoder, &frame, 1, &coded[i]), OSK_OK);
        osk_image_free(&frame.image, &budget);
        gif->close(&decoder);
    }
    assert_int_equal(coded[0].len, coded[1].len);
    assert_memory_equal(coded[0].bytes, coded[1].bytes, coded[0].len);
    free(coded[0].bytes);
    free(coded[1].bytes);
}

/* 256 colours leave no entry to be transparent: the frame is as small as it can be then. */
static void gif__keeps_all_colours_of_a_clear_canvas(void **state)
{
    (void)state;
    uint8_t cover[20 * 20] = { 0 };
    OskFrame frame = { .image = plain(20, 20, OSK_PIXELS_RGBA, 8, 0),
                       .covered = cover,
                       .duration_num = 5,
                       .duration_den = 100 };
    for (uint32_t i = 0; i < 256; i++) {
        const char rgba[4] = { (char)i, 1, 2, (char)255 };
        set_pixel(&frame.image, 2 + i % 16, 3 + i / 16, rgba);
    }
    Coded coded;
    assert_int_equal(code(gif, NULL, &frame, 1, &coded), OSK_OK);
    assert_frames(&coded, &frame, 1);
    free(coded.bytes);
    free_frames(&frame, 1);
}

/* 300 colours appear at once: the frame is written in parts that share its time. */
static void gif__splits_a_frame_of_too_many_colours(void **state)
{
    (void)state;
    uint8_t cover[400] = { 0 };
    OskFrame frames[2] = {
        { .image = plain(20, 20, OSK_PIXELS_RGBA, 8, 255),
          .covered = cover,
          .duration_num = 9,
          .duration_den = 100 },
        { .image = plain(20, 20, OSK_PIXELS_RGBA, 8, 255),
          .covered = cover,
          .duration_num = 9,
          .duration_den = 100 },
    };
    for (unsigned i = 0; i < 300; i++) {
        frames[1].image.pixels[4 * i] = (uint8_t)i;
        frames[1].image.pixels[4 * i + 1] = (uint8_t)(i / 256);
    }
    Coded coded;
    assert_int_equal(code(gif, NULL, frames, 2, &coded), OSK_OK);
    OskBudget budget = osk_budget_default();
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    uint32_t time = 0;
    OskFrame last = { 0 };
    assert_int_equal(gif->open(coded.bytes, coded.len, &budget, &decoder, &info, NULL), OSK_OK);
    assert_int_equal(info.frames, 3);
    for (uint32_t i = 0; i < 3; i++) {
        osk_image_free(&last.image, &budget);
        assert_int_equal(gif->next(decoder, &last, NULL), OSK_OK);
        time += last.duration_num;
    }
    assert_int_equal(time, 18);
    assert_memory_equal(last.image.pixels, frames[1].image.pixels, 1600);
    osk_image_free(&last.image, &budget);
    gif->close(&decoder);
    free(coded.bytes);
    /* Without time to share it is refused. */
    frames[1].duration_num = 3;
    assert_int_equal(code(gif, NULL, frames, 2, &coded), OSK_UNSUPPORTED);
    /* What is painted gives way instead. */
    memset(cover, 1, sizeof cover);
    assert_int_equal(code(gif, NULL, frames, 2, &coded), OSK_OK);
    free(coded.bytes);
    free_frames(frames, 2);
}

static void gif__refuses_a_bomb_before_it_decodes(void **state)
{
    (void)state;
    static const char bomb[] = "GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff"
                               ",\0\0\0\0\xff\xff\xff\xff\0\2\1\x44\0;";
    for (size_t len = 0; len + 1 < sizeof bomb; len++) {
        OskStatus status = open_status(gif, bomb, len);
        assert_true(status == OSK_TRUNCATED || status == OSK_MALFORMED);
    }
    assert_int_equal(open_status(gif, bomb, sizeof bomb - 1), OSK_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gif__gives_back_canvases_and_what_becomes_clear),
        cmocka_unit_test(gif__says_in_the_first_frame_that_the_rest_is_clear),
        cmocka_unit_test(gif__writes_one_head_for_twins),
        cmocka_unit_test(gif__keeps_all_colours_of_a_clear_canvas),
        cmocka_unit_test(gif__splits_a_frame_of_too_many_colours),
        cmocka_unit_test(gif__refuses_a_bomb_before_it_decodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
