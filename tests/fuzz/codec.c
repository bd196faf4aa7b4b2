/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One adapter of a codec library: decodes every frame, paints a box over it, writes the file again
 * and decodes that. Compiled once per codec with OSK_FUZZ_CODEC set to its name.
 *
 * What holds for every input: no bug and no misuse; all memory of the budget comes back; what was
 * written can be read, and has at least as many frames, but for WebP, which joins those that look
 * alike. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pixels/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifdef OSK_FUZZ_LOSSY
/* An encoder that searches for its quality takes seconds for more than these here, and memory that
 * it counts in advance. */
#define MEMORY (UINT64_C(256) << 20)
#define PIXELS (UINT64_C(1) << 14)
#else
#define MEMORY (UINT64_C(64) << 20)
#define PIXELS (UINT64_C(1) << 20)
#endif
#define RESULT ((size_t)16 << 20)
#ifdef OSK_FUZZ_JOINS
#define FRAMES_LEAST(frames) 1u
#else
#define FRAMES_LEAST(frames) (frames)
#endif

/* x265 forgets some copies of its parameters. The checker finds this by its name. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libx265.so\n";
}

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "invariant broken: %s\n", what);
        abort();
    }
}

static void must_end_well(OskStatus status)
{
    must(status != OSK_BUG && status != OSK_MISUSE, "a bug or a misuse");
}

static OskBudget small_budget(void)
{
    OskBudget budget = osk_budget_default();
    budget.memory = MEMORY;
    budget.pixels = PIXELS;
    budget.parts = 100000;
    return budget;
}

/* Darkens the middle. Samples and indices of 0 are there in every model. */
static void paint(OskImage *image, uint8_t *cover)
{
    size_t step = image->stride / image->width;
    for (uint32_t y = image->height / 3; y < image->height - image->height / 3; y++) {
        for (uint32_t x = image->width / 3; x < image->width - image->width / 3; x++) {
            memset(image->pixels + y * image->stride + x * step, 0, step);
            cover[(size_t)y * image->width + x] = 1;
        }
    }
}

/* Frames that could be decoded; written to `encoder` where that is not NULL. */
static OskStatus take_frames(const OskCodec *codec, OskDecoder *decoder, const OskCodecInfo *info,
                             OskEncoder *encoder, OskBudget *budget)
{
    OskStatus status = OSK_OK;
    for (uint32_t i = 0; status == OSK_OK && i < info->frames; i++) {
        OskFrame frame = { 0 };
        status = codec->next(decoder, &frame, NULL);
        must_end_well(status);
        if (status == OSK_OK && encoder != NULL) {
            uint8_t *cover = calloc(frame.image.height, frame.image.width);
            must(cover != NULL, "memory");
            paint(&frame.image, cover);
            frame.covered = cover;
            status = codec->add(encoder, &frame, NULL);
            /* Frames of another size or kind than the first are refused as that. */
            must(status != OSK_BUG, "a bug");
            free(cover);
        }
        osk_image_free(&frame.image, budget);
    }
    return status;
}

static OskStatus write_again(const OskCodec *codec, const uint8_t *data, size_t size,
                             OskWriter *out, OskCodecInfo *info)
{
    OskBudget budget = small_budget();
    OskDecoder *decoder = NULL;
    OskEncoder *encoder = NULL;
    OskStatus status = codec->open(data, size, &budget, &decoder, info, NULL);
    must_end_well(status);
    if (status == OSK_OK) {
        OskEncodeOptions options = { .like = decoder, .orientation = info->orientation };
        status = codec->begin(&options, info, &budget, &encoder, NULL);
        must_end_well(status);
    }
    if (status == OSK_OK) {
        status = take_frames(codec, decoder, info, encoder, &budget);
    }
    if (status == OSK_OK) {
        status = codec->end(encoder, out, NULL);
        must_end_well(status);
    }
    codec->drop(&encoder);
    codec->close(&decoder);
    must(budget.memory == MEMORY, "memory of the budget came back");
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool prepared = false;
    if (!prepared) {
        osk_codecs_prepare();
        prepared = true;
    }
    const OskCodec *codec = osk_codec_find(OSK_FUZZ_CODEC);
    OskCodecInfo first = { 0 };
    OskCodecInfo second = { 0 };
    OskWriter out;
    osk_writer_init(&out, RESULT);
    must(codec != NULL, "the codec is there");
    if (write_again(codec, data, size, &out, &first) == OSK_OK) {
        OskBudget budget = small_budget();
        OskDecoder *decoder = NULL;
        budget.memory = 4 * MEMORY;
        budget.pixels = 4 * PIXELS;
        must(codec->open(out.bytes, out.len, &budget, &decoder, &second, NULL) == OSK_OK,
             "the result opens");
        must(second.frames >= FRAMES_LEAST(first.frames), "no frame is lost");
        must(take_frames(codec, decoder, &second, NULL, &budget) == OSK_OK, "the result decodes");
        codec->close(&decoder);
    }
    osk_writer_free(&out);
    return 0;
}
