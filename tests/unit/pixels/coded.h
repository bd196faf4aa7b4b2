/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing and reading small pictures with a codec, for its unit tests. */
#ifndef TESTS_UNIT_PIXELS_CODED_H
#define TESTS_UNIT_PIXELS_CODED_H

#include <stdlib.h>
#include <string.h>

#include "pixels/codec.h"
#include "unit.h"

typedef struct Coded {
    uint8_t *bytes;
    size_t len;
} Coded;

/* Writes frames like `like`, or fresh; the frames stay the caller's. */
static inline OskStatus code(const OskCodec *codec, const OskDecoder *like, OskFrame *frames,
                             uint32_t count, Coded *out)
{
    OskBudget budget = osk_budget_default();
    OskEncoder *encoder = NULL;
    OskWriter writer;
    OskEncodeOptions options = { .like = like, .orientation = 1 };
    OskCodecInfo info = { .width = frames[0].image.width,
                          .height = frames[0].image.height,
                          .orientation = 1,
                          .frames = count };
    osk_writer_init(&writer, SIZE_MAX);
    OskStatus status = codec->begin(&options, &info, &budget, &encoder, NULL);
    for (uint32_t i = 0; status == OSK_OK && i < count; i++) {
        status = codec->add(encoder, &frames[i], NULL);
    }
    if (status == OSK_OK) {
        status = codec->end(encoder, &writer, NULL);
    }
    codec->drop(&encoder);
    assert_int_equal(budget.memory, osk_budget_default().memory);
    *out = (Coded){ 0 };
    if (status == OSK_OK) {
        out->bytes = osk_writer_give(&writer, &out->len);
    }
    osk_writer_free(&writer);
    return status;
}

/* A picture of the given kind with `value` in every byte. */
static inline OskImage plain(uint32_t width, uint32_t height, OskPixelModel model, unsigned depth,
                             uint8_t value)
{
    OskBudget budget = osk_budget_default();
    OskImage image;
    assert_int_equal(osk_image_make(&image, width, height, model, depth, &budget), OSK_OK);
    memset(image.pixels, value, image.stride * height);
    return image;
}

static inline bool holds(const Coded *coded, const void *bytes, size_t len)
{
    for (size_t i = 0; i + len <= coded->len; i++) {
        if (memcmp(coded->bytes + i, bytes, len) == 0) {
            return true;
        }
    }
    return false;
}

static inline OskStatus open_status(const OskCodec *codec, const void *bytes, size_t len)
{
    OskBudget budget = osk_budget_default();
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    OskFault fault = { 0 };
    OskStatus status = codec->open(bytes, len, &budget, &decoder, &info, &fault);
    assert_true(status == OSK_OK || fault.what != NULL);
    codec->close(&decoder);
    assert_int_equal(budget.memory, osk_budget_default().memory);
    return status;
}

#endif
