/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures for the tests of codecs, drawn, and what is done with all codecs alike. */
#ifndef TESTS_UNIT_PIXELS_DRAWING_H
#define TESTS_UNIT_PIXELS_DRAWING_H

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "pixels/codec.h"

typedef struct File {
    uint8_t *bytes;
    size_t len;
} File;

static inline void put_sample(OskImage *image, uint32_t x, uint32_t y, unsigned index,
                              unsigned value)
{
    size_t at = (size_t)x * osk_pixel_samples(image->model) + index;
    uint8_t *row = image->pixels + (size_t)y * image->stride;
    if (image->depth > 8) {
        ((uint16_t *)(void *)row)[at] = (uint16_t)value;
    } else {
        row[at] = (uint8_t)value;
    }
}

/* Slopes, an edge and a fine texture: something that a lossy codec loses. `seed` moves it. */
static inline OskImage draw(uint32_t width, uint32_t height, OskPixelModel model, unsigned depth,
                            unsigned seed, OskBudget *budget)
{
    OskImage image;
    assert_int_equal(osk_image_make(&image, width, height, model, depth, budget), OSK_OK);
    unsigned samples = osk_pixel_samples(model);
    bool alpha = model == OSK_PIXELS_RGBA || model == OSK_PIXELS_GREY_ALPHA;
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++) {
            for (unsigned c = 0; c < samples; c++) {
                unsigned slope = (x * (2 + c) + y * (3 - c % 3) + seed * 17) % 512;
                unsigned value = (slope < 256 ? slope : 511 - slope) / 2 + 40;
                value += (x / 16 + y / 16 + c) % 2 * 20 + (x * 7 + y * 13 + seed) % 8;
                if (alpha && c == samples - 1) {
                    value = x < width / 4 ? 0 : x < width / 2 ? 128 : 255;
                }
                put_sample(&image, x, y, c, depth > 8 ? value << (depth - 8) : value);
            }
        }
    }
    return image;
}

/* Covers a box with one colour, opaque, and marks it. */
static inline uint8_t *paint_box(OskImage *image, const uint32_t box[4], unsigned value)
{
    unsigned samples = osk_pixel_samples(image->model);
    bool alpha = image->model == OSK_PIXELS_RGBA || image->model == OSK_PIXELS_GREY_ALPHA;
    uint8_t *covered = calloc(image->width, image->height);
    assert_non_null(covered);
    for (uint32_t y = box[1]; y < box[1] + box[3]; y++) {
        for (uint32_t x = box[0]; x < box[0] + box[2]; x++) {
            for (unsigned c = 0; c < samples; c++) {
                bool opaque = alpha && c == samples - 1;
                put_sample(image, x, y, c, opaque ? (1u << image->depth) - 1 : value);
            }
            covered[(size_t)y * image->width + x] = 1;
        }
    }
    return covered;
}

static inline File finish(const OskCodec *codec, OskEncoder *encoder)
{
    OskWriter writer;
    OskFault fault = { 0 };
    size_t len = 0;
    osk_writer_init(&writer, 64u << 20);
    assert_int_equal(codec->end(encoder, &writer, &fault), OSK_OK);
    uint8_t *bytes = osk_writer_give(&writer, &len);
    assert_non_null(bytes);
    return (File){ bytes, len };
}

/* A fresh file of some frames, 40 ms each. */
static inline File encode_fresh(const OskCodec *codec, const OskImage *frames, uint32_t count,
                                unsigned quality, OskBudget *budget)
{
    OskEncodeOptions options = { .orientation = 1, .quality = quality };
    OskCodecInfo info = { .width = frames[0].width, .height = frames[0].height, .frames = count };
    OskEncoder *encoder = NULL;
    OskFault fault = { 0 };
    assert_int_equal(codec->begin(&options, &info, budget, &encoder, &fault), OSK_OK);
    for (uint32_t i = 0; i < count; i++) {
        OskFrame frame = { .image = frames[i],
                           .duration_num = count > 1 ? 40 : 0,
                           .duration_den = count > 1 ? 1000 : 1 };
        assert_int_equal(codec->add(encoder, &frame, &fault), OSK_OK);
    }
    File file = finish(codec, encoder);
    codec->drop(&encoder);
    return file;
}

static inline OskDecoder *open_file(const OskCodec *codec, File file, OskCodecInfo *info,
                                    OskBudget *budget)
{
    OskDecoder *decoder = NULL;
    OskFault fault = { 0 };
    assert_int_equal(codec->open(file.bytes, file.len, budget, &decoder, info, &fault), OSK_OK);
    return decoder;
}

/* Decodes every frame, covers `box` of each, writes the file again like it was. */
static inline File cover_file(const OskCodec *codec, File file, const uint32_t box[4],
                              OskEncodeReport *report, OskBudget *budget)
{
    OskCodecInfo info;
    OskDecoder *decoder = open_file(codec, file, &info, budget);
    OskEncodeOptions options = { .like = decoder, .orientation = info.orientation };
    OskEncoder *encoder = NULL;
    OskFault fault = { 0 };
    assert_int_equal(codec->begin(&options, &info, budget, &encoder, &fault), OSK_OK);
    for (uint32_t i = 0; i < info.frames; i++) {
        OskFrame frame = { 0 };
        assert_int_equal(codec->next(decoder, &frame, &fault), OSK_OK);
        uint8_t *covered = paint_box(&frame.image, box, 30);
        frame.covered = covered;
        assert_int_equal(codec->add(encoder, &frame, &fault), OSK_OK);
        osk_image_free(&frame.image, budget);
        free(covered);
    }
    File again = finish(codec, encoder);
    if (report != NULL && codec->report != NULL) {
        codec->report(encoder, report);
    }
    codec->drop(&encoder);
    codec->close(&decoder);
    return again;
}

/* Covered, both become the same file: nothing of what was under the box is in it. Frees both. */
static inline void expect_same_copy(const OskCodec *codec, File one, File two,
                                    const uint32_t box[4])
{
    OskBudget budget = osk_budget_default();
    uint64_t memory = budget.memory;
    File a = cover_file(codec, one, box, NULL, &budget);
    File b = cover_file(codec, two, box, NULL, &budget);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.bytes, b.bytes, a.len);
    assert_int_equal(budget.memory, memory);
    free(one.bytes);
    free(two.bytes);
    free(a.bytes);
    free(b.bytes);
}

static inline OskFrame decode_frame(const OskCodec *codec, File file, uint32_t index,
                                    OskBudget *budget)
{
    OskCodecInfo info;
    OskFault fault = { 0 };
    OskFrame frame = { 0 };
    OskDecoder *decoder = open_file(codec, file, &info, budget);
    for (uint32_t i = 0; i <= index; i++) {
        if (i > 0) {
            osk_image_free(&frame.image, budget);
        }
        assert_int_equal(codec->next(decoder, &frame, &fault), OSK_OK);
    }
    codec->close(&decoder);
    return frame;
}

/* Whether two pictures are alike everywhere but in a box. */
static inline bool is_same_outside(const OskImage *a, const OskImage *b, const uint32_t box[4])
{
    size_t pixel = osk_pixel_samples(a->model) * (a->depth > 8 ? 2u : 1u);
    if (a->width != b->width || a->height != b->height || a->model != b->model ||
        a->depth != b->depth) {
        return false;
    }
    for (uint32_t y = 0; y < a->height; y++) {
        for (uint32_t x = 0; x < a->width; x++) {
            bool inside = x >= box[0] && x < box[0] + box[2] && y >= box[1] && y < box[1] + box[3];
            size_t at = (size_t)y * a->stride + x * pixel;
            if (!inside && memcmp(a->pixels + at, b->pixels + at, pixel) != 0) {
                return false;
            }
        }
    }
    return true;
}

/* A budget that is too small ends in LIMIT, before and while pictures are made. */
static inline void check_limits(const OskCodec *codec, File file)
{
    OskBudget budget = osk_budget_default();
    budget.pixels = 100;
    OskCodecInfo info;
    OskDecoder *decoder = NULL;
    OskFault fault = { 0 };
    OskFrame frame = { 0 };
    OskStatus status = codec->open(file.bytes, file.len, &budget, &decoder, &info, &fault);
    if (status == OSK_OK) {
        status = codec->next(decoder, &frame, &fault);
    }
    assert_int_equal(status, OSK_LIMIT);
    codec->close(&decoder);
    budget = osk_budget_default();
    budget.memory = 2000;
    status = codec->open(file.bytes, file.len, &budget, &decoder, &info, &fault);
    assert_int_equal(status, OSK_LIMIT);
    assert_null(decoder);
    assert_int_equal(budget.memory, 2000);
}

/* Cut anywhere, a file gives a status or a picture, and its budget comes back. */
static inline void check_cuts(const OskCodec *codec, File file)
{
    size_t step = file.len / 60 + 1;
    for (size_t len = 0; len < file.len; len += step) {
        uint8_t *part = malloc(len == 0 ? 1 : len);
        assert_non_null(part);
        memcpy(part, file.bytes, len);
        OskBudget budget = osk_budget_default();
        uint64_t before = budget.memory;
        OskCodecInfo info;
        OskDecoder *decoder = NULL;
        OskFault fault = { 0 };
        OskFrame frame = { 0 };
        OskStatus status = codec->open(part, len, &budget, &decoder, &info, &fault);
        if (status == OSK_OK && codec->next(decoder, &frame, &fault) == OSK_OK) {
            osk_image_free(&frame.image, &budget);
        }
        assert_true(status != OSK_BUG && status != OSK_MISUSE);
        codec->close(&decoder);
        assert_int_equal(budget.memory, before);
        free(part);
    }
}

#endif
