/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole jobs, without a process: the codecs, what is painted, and the driver between them. */
#include "oilskin/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pixels/codec.h"
#include "redact/cover.h"
#include "unit.h"

#define WIDTH 61u
#define HEIGHT 43u

/* A number that follows from two others, with no pattern that a style could meet by chance. */
static uint32_t mix(uint32_t a, uint32_t b)
{
    uint32_t h = a * UINT32_C(0x9E3779B1) ^ (b + UINT32_C(0x7F4A7C15)) * UINT32_C(0x85EBCA6B);
    h = (h ^ h >> 15) * UINT32_C(0x2C1B3C6D);
    return h ^ h >> 13;
}

/* The same bytes in every job. */
static bool fill_fixed(void *context, void *out, size_t len)
{
    uint32_t *count = context;
    for (size_t i = 0; i < len; i++) {
        ((uint8_t *)out)[i] = (uint8_t)mix(++*count, 77);
    }
    return true;
}

static OskImage draw(OskPixelModel model, unsigned depth, OskBudget *budget)
{
    OskImage image;
    assert_int_equal(osk_image_make(&image, WIDTH, HEIGHT, model, depth, budget), OSK_OK);
    size_t len = image.stride * HEIGHT;
    for (size_t i = 0; i < len; i++) {
        image.pixels[i] = (uint8_t)mix((uint32_t)i, 1);
        if (depth < 8) {
            image.pixels[i] &= (uint8_t)((1u << depth) - 1);
        }
    }
    image.palette_count = 1u << (depth < 8 ? depth : 8);
    for (unsigned i = 0; i < image.palette_count; i++) {
        for (unsigned c = 0; c < 3; c++) {
            image.palette[i][c] = (uint8_t)mix(i, c);
        }
        image.palette[i][3] = 255;
    }
    return image;
}

typedef struct Bytes {
    uint8_t *at;
    size_t len;
} Bytes;

static Bytes encode(const OskImage *image, unsigned orientation, OskBudget *budget)
{
    const OskCodec *png = osk_codec_find("png");
    const OskEncodeOptions options = { .orientation = orientation };
    const OskCodecInfo info = {
        .width = image->width, .height = image->height, .orientation = orientation, .frames = 1
    };
    OskFrame frame = { .image = *image, .duration_den = 1 };
    OskEncoder *encoder = NULL;
    OskWriter out;
    Bytes bytes;
    osk_writer_init(&out, (size_t)1 << 24);
    assert_int_equal(png->begin(&options, &info, budget, &encoder, NULL), OSK_OK);
    assert_int_equal(png->add(encoder, &frame, NULL), OSK_OK);
    assert_int_equal(png->end(encoder, &out, NULL), OSK_OK);
    png->drop(&encoder);
    bytes.at = osk_writer_give(&out, &bytes.len);
    assert_non_null(bytes.at);
    return bytes;
}

static OskImage decode(Bytes bytes, OskCodecInfo *info, OskBudget *budget)
{
    const OskCodec *png = osk_codec_find("png");
    OskDecoder *decoder = NULL;
    OskFrame frame;
    assert_int_equal(png->open(bytes.at, bytes.len, budget, &decoder, info, NULL), OSK_OK);
    assert_int_equal(png->next(decoder, &frame, NULL), OSK_OK);
    png->close(&decoder);
    return frame.image;
}

static OskStatus run(OskEditAsk ask, Bytes input, const char *json, Bytes *output,
                     OskEditDone *done)
{
    uint32_t count = 0;
    OskFault fault = { .status = OSK_OK };
    ask.format = "png";
    ask.output_format = ask.output_format != NULL ? ask.output_format : "";
    ask.bytes = input.at;
    ask.len = input.len;
    ask.output_max = ask.op == OSK_EDIT_INFO ? 0 : (size_t)1 << 24;
    ask.regions = (const uint8_t *)json;
    ask.regions_len = json != NULL ? strlen(json) : 0;
    ask.random = (OskRandom){ &count, fill_fixed };
    OskStatus status = osk_edit_bytes(&ask, &output->at, &output->len, done, &fault);
    assert_int_equal(fault.status, status);
    return status;
}

/* Which stored pixels the regions cover. */
static OskCoverMap cover(const char *json, unsigned orientation, OskBudget *budget)
{
    OskCoverMap map;
    OskRegions *regions = NULL;
    const OskGeometry geometry = { WIDTH, HEIGHT, orientation };
    assert_int_equal(osk_regions_parse(json, strlen(json), NULL, &regions, NULL), OSK_OK);
    assert_int_equal(osk_cover_make(&map, regions, &geometry, 1, 1, 0, budget), OSK_OK);
    osk_regions_free(&regions);
    assert_true(map.covered > 0);
    return map;
}

static void change_covered(OskImage *image, const OskCoverMap *map)
{
    size_t step = image->stride / image->width;
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT * step; i++) {
        if (map->cells[i / step] != OSK_COVER_NONE) {
            image->pixels[i] = (uint8_t)mix((uint32_t)i, 2);
            if (image->depth < 8) {
                image->pixels[i] &= (uint8_t)((1u << image->depth) - 1);
            }
        }
    }
}

static const char *const shapes[] = {
    "\"shape\":\"rect\",\"x\":7,\"y\":5,\"w\":20.5,\"h\":15",
    "\"shape\":\"ellipse\",\"unit\":\"pct\",\"x\":20,\"y\":10,\"w\":50,\"h\":60",
    "\"shape\":\"polygon\",\"points\":[[3,3],[30,9],[12,33]]",
    "\"shape\":\"stroke\",\"radius\":3,\"points\":[[2,2],[25,30],[40,12]]",
};
static const char *const styles[] = { "fill", "mosaic", "blur" };

typedef struct Kind {
    OskPixelModel model;
    unsigned depth;
} Kind;

static const Kind kinds[] = { { OSK_PIXELS_RGB, 8 },     { OSK_PIXELS_RGBA, 8 },
                              { OSK_PIXELS_GREY, 8 },    { OSK_PIXELS_RGB, 16 },
                              { OSK_PIXELS_INDEXED, 8 }, { OSK_PIXELS_INDEXED, 4 },
                              { OSK_PIXELS_GREY, 1 },    { OSK_PIXELS_GREY_ALPHA, 8 } };
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Two pictures that differ under the region alone give one file, and outside it nothing changes. */
static void check_one(Kind kind, const char *json, unsigned orientation)
{
    OskBudget budget = osk_budget_default();
    const OskEditAsk ask = { .op = OSK_EDIT_REDACT };
    OskCoverMap map = cover(json, orientation, &budget);
    OskImage image = draw(kind.model, kind.depth, &budget);
    Bytes first = encode(&image, orientation, &budget);
    change_covered(&image, &map);
    Bytes second = encode(&image, orientation, &budget);
    assert_false(first.len == second.len && memcmp(first.at, second.at, first.len) == 0);
    Bytes out_first;
    Bytes out_second;
    OskEditDone done;
    assert_int_equal(run(ask, first, json, &out_first, &done), OSK_OK);
    assert_true(done.areas.count > 0 && done.areas.cells == map.covered);
    assert_int_equal(run(ask, second, json, &out_second, &done), OSK_OK);
    assert_int_equal(out_first.len, out_second.len);
    assert_memory_equal(out_first.at, out_second.at, out_first.len);

    OskCodecInfo info;
    OskImage got = decode(out_first, &info, &budget);
    assert_int_equal(info.orientation, orientation);
    assert_int_equal(got.model, kind.model);
    size_t step = image.stride / image.width;
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        if (map.cells[i] != OSK_COVER_NONE) {
            continue;
        }
        if (kind.model == OSK_PIXELS_INDEXED) {
            assert_memory_equal(got.palette[got.pixels[i]], image.palette[image.pixels[i]], 4);
        } else {
            assert_memory_equal(got.pixels + i * step, image.pixels + i * step, step);
        }
    }
    osk_image_free(&got, &budget);
    osk_image_free(&image, &budget);
    osk_cover_free(&map, &budget);
    free(first.at);
    free(second.at);
    free(out_first.at);
    free(out_second.at);
    assert_int_equal(budget.memory, osk_budget_default().memory);
}

static void job__never_reads_what_it_covers(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < KINDS; kind++) {
        for (unsigned i = 0; i < 24; i++) {
            char json[400];
            unsigned orientation = (i + (unsigned)kind) % 8 + 1;
            snprintf(json, sizeof(json),
                     "{\"version\":1,\"invert\":%s,\"regions\":[{%s,\"style\":\"%s\"}]}",
                     i >= 12 ? "true" : "false", shapes[i % 4], styles[i / 4 % 3]);
            check_one(kinds[kind], json, orientation);
        }
    }
}

static void job__crops_turns_and_shrinks_what_is_displayed(void **state)
{
    (void)state;
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        OskBudget budget = osk_budget_default();
        OskImage image = draw(OSK_PIXELS_RGB, 8, &budget);
        Bytes input = encode(&image, orientation, &budget);
        bool swapped = orientation > 4;
        OskEditDone done;
        OskCodecInfo info;
        Bytes output;
        OskEditAsk ask = { .op = OSK_EDIT_REDACT,
                           .crop = true,
                           .crop_x = 3,
                           .crop_y = 5,
                           .crop_width = 20,
                           .crop_height = 10 };
        assert_int_equal(run(ask, input, NULL, &output, &done), OSK_OK);
        OskImage got = decode(output, &info, &budget);
        assert_int_equal(info.orientation, orientation);
        assert_int_equal(got.width, swapped ? 10 : 20);
        assert_int_equal(done.info.width, swapped ? HEIGHT : WIDTH);
        osk_image_free(&got, &budget);
        free(output.at);
        ask.turn = 90;
        ask.resize = 10;
        assert_int_equal(run(ask, input, NULL, &output, &done), OSK_OK);
        got = decode(output, &info, &budget);
        assert_int_equal(info.orientation, 1);
        assert_int_equal(got.width, 5);
        assert_int_equal(got.height, 10);
        osk_image_free(&got, &budget);
        free(output.at);
        ask.crop_x = 50;
        assert_int_equal(run(ask, input, NULL, &output, &done), OSK_UNSUPPORTED);
        free(input.at);
        osk_image_free(&image, &budget);
    }
}

static void job__renders_a_preview_with_outlines(void **state)
{
    (void)state;
    static const char json[] =
        "{\"version\":1,\"regions\":[{\"shape\":\"rect\",\"x\":10,\"y\":10,\"w\":9,\"h\":9,"
        "\"color\":\"#ff0000\"}]}";
    OskBudget budget = osk_budget_default();
    OskImage image = draw(OSK_PIXELS_GREY, 16, &budget);
    Bytes input = encode(&image, 6, &budget);
    OskEditAsk ask = { .op = OSK_EDIT_RENDER, .output_format = "png" };
    OskEditDone done;
    OskCodecInfo info;
    Bytes output;
    assert_int_equal(run(ask, input, json, &output, &done), OSK_OK);
    OskImage got = decode(output, &info, &budget);
    assert_int_equal(info.orientation, 1);
    assert_int_equal(got.width, HEIGHT);
    assert_int_equal(got.model, OSK_PIXELS_RGB);
    const uint8_t *row = got.pixels + got.stride * 12;
    assert_memory_equal(row + 3 * 8, "\xff\xff\xff", 3);
    assert_memory_equal(row + 3 * 9, "\0\0\0", 3);
    osk_image_free(&got, &budget);
    osk_image_free(&image, &budget);
    free(input.at);
    free(output.at);
}

static void job__says_what_a_picture_is(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskImage image = draw(OSK_PIXELS_RGB, 8, &budget);
    Bytes input = encode(&image, 8, &budget);
    OskEditDone done;
    Bytes output;
    const OskEditAsk ask = { .op = OSK_EDIT_INFO };
    assert_int_equal(run(ask, input, NULL, &output, &done), OSK_OK);
    assert_null(output.at);
    assert_int_equal(done.info.width, HEIGHT);
    assert_int_equal(done.info.height, WIDTH);
    assert_int_equal(done.info.frames, 1);
    assert_true(done.info.exact && done.info.memory > (uint64_t)WIDTH * HEIGHT * 3);
    osk_image_free(&image, &budget);
    free(input.at);
}

/* Every allocation is paid for: a smaller budget ends the job, with a clear status and no leak. */
static void job__stops_at_every_budget(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskImage image = draw(OSK_PIXELS_RGBA, 8, &budget);
    Bytes input = encode(&image, 1, &budget);
    OskEditDone done;
    Bytes output;
    OskEditAsk ask = { .op = OSK_EDIT_REDACT };
    static const char json[] =
        "{\"version\":1,\"regions\":[{\"shape\":\"rect\",\"x\":5,\"y\":5,\"w\":9,\"h\":9,"
        "\"style\":\"blur\"}]}";
    OskStatus status = OSK_LIMIT;
    unsigned refused = 0;
    for (uint64_t memory = 1; memory < (uint64_t)1 << 26 && status != OSK_OK;
         memory += memory / 8 + 1) {
        ask.limits.memory = memory;
        status = run(ask, input, json, &output, &done);
        /* An arena does not say which of the two it was. */
        assert_true(status == OSK_OK || status == OSK_LIMIT || status == OSK_NO_MEMORY);
        refused += status != OSK_OK ? 1 : 0;
        free(output.at);
    }
    assert_int_equal(status, OSK_OK);
    assert_true(refused > 10);
    ask.limits = (OskLimits){ .pixels = WIDTH * HEIGHT - 1 };
    assert_int_equal(run(ask, input, json, &output, &done), OSK_LIMIT);
    osk_image_free(&image, &budget);
    free(input.at);
}

static void job__refuses_what_it_cannot_read(void **state)
{
    (void)state;
    OskEditDone done;
    Bytes output;
    OskBudget budget = osk_budget_default();
    OskImage image = draw(OSK_PIXELS_RGB, 8, &budget);
    Bytes input = encode(&image, 1, &budget);
    const OskEditAsk ask = { .op = OSK_EDIT_REDACT };
    for (size_t cut = 0; cut < input.len; cut += cut < 200 ? 1 : 97) {
        Bytes part = { malloc(cut > 0 ? cut : 1), cut };
        assert_non_null(part.at);
        memcpy(part.at, input.at, cut);
        OskStatus status = run(ask, part, NULL, &output, &done);
        assert_true(status == OSK_TRUNCATED || status == OSK_MALFORMED);
        free(part.at);
    }
    OskEditAsk other = { .op = OSK_EDIT_RENDER, .output_format = "nothing" };
    assert_int_equal(run(other, input, NULL, &output, &done), OSK_UNSUPPORTED);
    other = (OskEditAsk){ .op = OSK_EDIT_REDACT };
    assert_int_equal(run(other, input, "{\"version\":2}", &output, &done), OSK_UNSUPPORTED);
    osk_image_free(&image, &budget);
    free(input.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(job__never_reads_what_it_covers),
        cmocka_unit_test(job__crops_turns_and_shrinks_what_is_displayed),
        cmocka_unit_test(job__renders_a_preview_with_outlines),
        cmocka_unit_test(job__says_what_a_picture_is),
        cmocka_unit_test(job__stops_at_every_budget),
        cmocka_unit_test(job__refuses_what_it_cannot_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
