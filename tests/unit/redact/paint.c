/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one test, on decoded frames: two pictures that differ only under the regions become one. */
#include "redact/paint.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define WIDTH 60u
#define HEIGHT 48u

static bool fill_counting(void *context, void *out, size_t len)
{
    (void)context;
    for (size_t i = 0; i < len; i++) {
        ((uint8_t *)out)[i] = (uint8_t)(i * 29 + 7);
    }
    return true;
}

typedef struct Setup {
    OskBudget budget;
    OskNoise *noise;
    OskRegions *regions;
    OskCoverMap map;
} Setup;

static void add(Setup *setup, OskRegionStyle style, double x, double y, double w, double h)
{
    OskRegion region = { .style = style, .color = { 200, 40, 90 }, .x = x, .y = y, .w = w, .h = h };
    region.shape = style == OSK_REGION_BLUR ? OSK_SHAPE_ELLIPSE : OSK_SHAPE_RECT;
    assert_int_equal(osk_regions_add(setup->regions, &region), OSK_OK);
}

static void set_up(Setup *setup)
{
    *setup = (Setup){ .budget = osk_budget_default(), .regions = osk_regions_new(NULL) };
    OskRandom random = { .fill = fill_counting };
    assert_int_equal(osk_noise_make(&setup->noise, &random, &setup->budget), OSK_OK);
}

static void know_cover(Setup *setup)
{
    OskGeometry geometry = { .width = WIDTH, .height = HEIGHT, .orientation = 6 };
    OskStatus status =
        osk_cover_make(&setup->map, setup->regions, &geometry, 1, 1, 0, &setup->budget);
    assert_int_equal(status, OSK_OK);
    assert_int_equal(osk_cover_group(&setup->map, &setup->budget), OSK_OK);
}

static void tear_down(Setup *setup)
{
    osk_cover_free(&setup->map, &setup->budget);
    osk_noise_free(&setup->noise, &setup->budget);
    osk_regions_free(&setup->regions);
    assert_true(setup->budget.memory == osk_budget_default().memory);
}

static uint32_t mixed(uint32_t i)
{
    i = (i ^ i >> 15) * 0x2C1B3C6Du;
    return i ^ i >> 12;
}

static size_t sample_size(const OskImage *image)
{
    return image->depth > 8 ? 2 : 1;
}

static void put(OskImage *image, size_t pixel, unsigned sample, uint32_t value)
{
    size_t samples = osk_pixel_samples(image->model);
    value &= (1u << image->depth) - 1;
    if (image->depth > 8) {
        uint16_t wide = (uint16_t)value;
        memcpy(image->pixels + (pixel * samples + sample) * 2, &wide, 2);
    } else {
        image->pixels[pixel * samples + sample] = (uint8_t)value;
    }
}

static uint32_t get(const OskImage *image, size_t pixel, unsigned sample)
{
    size_t at = pixel * osk_pixel_samples(image->model) + sample;
    if (image->depth > 8) {
        uint16_t wide = 0;
        memcpy(&wide, image->pixels + at * 2, 2);
        return wide;
    }
    return image->pixels[at];
}

/* A scene; under the cover stands what depends on `poison`. */
static void draw(OskImage *image, Setup *setup, OskPixelModel model, unsigned depth,
                 uint32_t poison)
{
    OskStatus status = osk_image_make(image, WIDTH, HEIGHT, model, depth, &setup->budget);
    assert_int_equal(status, OSK_OK);
    unsigned samples = osk_pixel_samples(model);
    for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
        bool covered = setup->map.cells[i] != OSK_COVER_NONE;
        for (unsigned s = 0; s < samples; s++) {
            uint32_t value = (uint32_t)(i % WIDTH * 401 + i / WIDTH * 733) + mixed(s) % 999;
            put(image, i, s, covered ? mixed((uint32_t)i + poison) : value);
        }
    }
    if (model == OSK_PIXELS_INDEXED) {
        image->palette_count = 1u << depth;
        for (unsigned i = 0; i < image->palette_count; i++) {
            uint32_t color = mixed(i + 1);
            memcpy(image->palette[i], &color, 3);
            image->palette[i][3] = i % 5 == 0 ? (uint8_t)(i * 3) : 255;
        }
    }
}

static void paint(OskImage *image, Setup *setup)
{
    OskStatus status =
        osk_paint_frame(image, &setup->map, setup->regions, setup->noise, &setup->budget);
    assert_int_equal(status, OSK_OK);
}

typedef struct Model {
    OskPixelModel model;
    unsigned depth;
} Model;

static const Model models[] = {
    { OSK_PIXELS_GREY, 1 },        { OSK_PIXELS_GREY, 4 },    { OSK_PIXELS_GREY, 8 },
    { OSK_PIXELS_GREY, 12 },       { OSK_PIXELS_GREY, 16 },   { OSK_PIXELS_GREY_ALPHA, 8 },
    { OSK_PIXELS_GREY_ALPHA, 16 }, { OSK_PIXELS_RGB, 8 },     { OSK_PIXELS_RGB, 16 },
    { OSK_PIXELS_RGBA, 8 },        { OSK_PIXELS_RGBA, 16 },   { OSK_PIXELS_CMYK, 8 },
    { OSK_PIXELS_CMYK, 16 },       { OSK_PIXELS_INDEXED, 1 }, { OSK_PIXELS_INDEXED, 2 },
    { OSK_PIXELS_INDEXED, 4 },     { OSK_PIXELS_INDEXED, 8 },
};
#define MODELS (sizeof models / sizeof models[0])

/* Outside nothing changes: samples, or the colours that they name. */
static void check_outside(const OskImage *before, const OskImage *after, const OskCoverMap *map)
{
    unsigned samples = osk_pixel_samples(before->model);
    for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
        if (map->cells[i] != OSK_COVER_NONE) {
            continue;
        }
        if (before->model == OSK_PIXELS_INDEXED) {
            assert_memory_equal(before->palette[before->pixels[i]],
                                after->palette[after->pixels[i]], 4);
            continue;
        }
        for (unsigned s = 0; s < samples; s++) {
            assert_int_equal(get(before, i, s), get(after, i, s));
        }
    }
}

static void check_opaque(const OskImage *image, const OskCoverMap *map)
{
    unsigned samples = osk_pixel_samples(image->model);
    bool alpha = image->model == OSK_PIXELS_GREY_ALPHA || image->model == OSK_PIXELS_RGBA;
    for (size_t i = 0; alpha && i < WIDTH * HEIGHT; i++) {
        if (map->cells[i] != OSK_COVER_NONE) {
            assert_int_equal(get(image, i, samples - 1), (1u << image->depth) - 1);
        }
    }
}

static void paint__one_test(OskRegionStyle style)
{
    for (size_t n = 0; n < MODELS; n++) {
        Setup setup;
        set_up(&setup);
        add(&setup, style, 4, 5, 30, 26);
        add(&setup, OSK_REGION_BLUR, 20.5, 30, 20, 24);
        add(&setup, OSK_REGION_FILL, 40, 4, 3, 3);
        know_cover(&setup);
        OskImage images[3];
        draw(&images[0], &setup, models[n].model, models[n].depth, 1);
        draw(&images[1], &setup, models[n].model, models[n].depth, 1000003);
        draw(&images[2], &setup, models[n].model, models[n].depth, 1);
        /* Colours that stand only under the regions are part of what is covered. */
        for (unsigned i = 0; models[n].model == OSK_PIXELS_INDEXED && i < OSK_PALETTE_MAX; i++) {
            bool used = false;
            for (size_t p = 0; p < WIDTH * HEIGHT; p++) {
                used = used || (setup.map.cells[p] == OSK_COVER_NONE && images[1].pixels[p] == i);
            }
            if (!used) {
                memset(images[1].palette[i], (int)i, 4);
            }
        }
        paint(&images[0], &setup);
        paint(&images[1], &setup);
        size_t bytes =
            (size_t)WIDTH * HEIGHT * osk_pixel_samples(models[n].model) * sample_size(&images[0]);
        assert_memory_equal(images[0].pixels, images[1].pixels, bytes);
        assert_memory_equal(images[0].palette, images[1].palette, sizeof images[0].palette);
        assert_int_equal(images[0].palette_count, images[1].palette_count);
        check_outside(&images[2], &images[0], &setup.map);
        check_opaque(&images[0], &setup.map);
        for (unsigned i = 0; i < 3; i++) {
            osk_image_free(&images[i], &setup.budget);
        }
        tear_down(&setup);
    }
}

static void paint__fill_reads_no_covered_pixel(void **state)
{
    (void)state;
    paint__one_test(OSK_REGION_FILL);
}

static void paint__blur_reads_no_covered_pixel(void **state)
{
    (void)state;
    paint__one_test(OSK_REGION_BLUR);
}

static void paint__mosaic_reads_no_covered_pixel(void **state)
{
    (void)state;
    paint__one_test(OSK_REGION_MOSAIC);
}

static void paint__fill_is_the_colour_in_every_model(void **state)
{
    (void)state;
    static const struct {
        Model model;
        uint32_t samples[4];
    } wanted[] = {
        { { OSK_PIXELS_GREY, 8 }, { 94 } },
        { { OSK_PIXELS_GREY, 1 }, { 0 } },
        { { OSK_PIXELS_RGB, 8 }, { 200, 40, 90 } },
        { { OSK_PIXELS_RGB, 16 }, { 200 * 257, 40 * 257, 90 * 257 } },
        { { OSK_PIXELS_RGBA, 8 }, { 200, 40, 90, 255 } },
        { { OSK_PIXELS_CMYK, 8 }, { 0, 204, 140, 55 } },
    };
    for (size_t n = 0; n < sizeof wanted / sizeof wanted[0]; n++) {
        Setup setup;
        set_up(&setup);
        add(&setup, OSK_REGION_FILL, 4, 5, 30, 26);
        know_cover(&setup);
        OskImage image;
        draw(&image, &setup, wanted[n].model.model, wanted[n].model.depth, 5);
        paint(&image, &setup);
        for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
            for (unsigned s = 0; s < osk_pixel_samples(image.model); s++) {
                if (setup.map.cells[i] != OSK_COVER_NONE) {
                    assert_int_equal(get(&image, i, s), wanted[n].samples[s]);
                }
            }
        }
        osk_image_free(&image, &setup.budget);
        tear_down(&setup);
    }
}

/* Colours that nobody sees, because they are transparent, don't come out in the patch. */
static void paint__transparent_surroundings_do_not_count(void **state)
{
    (void)state;
    Setup setup;
    set_up(&setup);
    add(&setup, OSK_REGION_BLUR, 10, 10, 20, 20);
    know_cover(&setup);
    OskImage images[2];
    for (unsigned n = 0; n < 2; n++) {
        draw(&images[n], &setup, OSK_PIXELS_RGBA, 8, 1);
        for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
            /* The left half is opaque, the right half hides something else in each. */
            bool seen = i % WIDTH < WIDTH / 2;
            for (unsigned s = 0; s < 3; s++) {
                put(&images[n], i, s, seen ? 120 : n * 255);
            }
            put(&images[n], i, 3, seen ? 255 : 0);
        }
        paint(&images[n], &setup);
    }
    for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
        if (setup.map.cells[i] != OSK_COVER_NONE) {
            assert_memory_equal(images[0].pixels + i * 4, images[1].pixels + i * 4, 4);
            assert_in_range(images[0].pixels[i * 4], 120 - 64, 120 + 64);
        }
    }
    osk_image_free(&images[0], &setup.budget);
    osk_image_free(&images[1], &setup.budget);
    tear_down(&setup);
}

static void paint__everything_covered_is_grey(void **state)
{
    (void)state;
    for (size_t n = 0; n < MODELS; n++) {
        Setup setup;
        set_up(&setup);
        add(&setup, OSK_REGION_MOSAIC, 0, 0, 100, 100);
        know_cover(&setup);
        OskImage image;
        draw(&image, &setup, models[n].model, models[n].depth, 17);
        paint(&image, &setup);
        uint32_t middle = (128u * ((1u << image.depth) - 1) + 127) / 255;
        if (image.model == OSK_PIXELS_INDEXED) {
            assert_int_equal(image.palette_count, 1);
            assert_memory_equal(image.palette[image.pixels[99]], "\x80\x80\x80\xFF", 4);
        } else if (image.model == OSK_PIXELS_CMYK) {
            assert_int_equal(get(&image, 99, 0), 0);
            assert_int_equal(get(&image, 99, 3), (127u * ((1u << image.depth) - 1) + 127) / 255);
        } else {
            assert_int_equal(get(&image, 99, 0), middle);
        }
        osk_image_free(&image, &setup.budget);
        tear_down(&setup);
    }
}

/* What a palette held for covered pixels alone is in it no more, nor is a gap where it was. */
/* Down to one pixel, in every model: bytes of any kind outside, other ones under the regions. */
static void paint__smallest_pictures(void **state)
{
    (void)state;
    uint32_t dice = 7;
    for (unsigned n = 0; n < 6 * 6 * MODELS; n++) {
        Setup setup;
        set_up(&setup);
        for (unsigned i = 0; i < 2; i++) {
            dice = mixed(dice + i + 1);
            add(&setup, (OskRegionStyle)(dice % 3), dice >> 4 & 3, dice >> 8 & 3,
                1 + (dice >> 12 & 3), 1 + (dice >> 16 & 3));
        }
        Model model = models[n % MODELS];
        OskGeometry geometry = { .width = 1 + n / MODELS % 6,
                                 .height = 1 + n / MODELS / 6,
                                 .orientation = 1 };
        OskStatus status =
            osk_cover_make(&setup.map, setup.regions, &geometry, 1, 1, 0, &setup.budget);
        assert_int_equal(status, OSK_OK);
        assert_int_equal(osk_cover_group(&setup.map, &setup.budget), OSK_OK);
        OskImage images[2];
        for (unsigned i = 0; i < 2; i++) {
            status = osk_image_make(&images[i], geometry.width, geometry.height, model.model,
                                    model.depth, &setup.budget);
            assert_int_equal(status, OSK_OK);
            images[i].palette_count = model.model == OSK_PIXELS_INDEXED ? 1u << model.depth : 0;
            for (unsigned b = 0; b < images[i].palette_count * 4; b++) {
                images[i].palette[b / 4][b % 4] = (uint8_t)mixed(b);
            }
            unsigned samples = osk_pixel_samples(model.model);
            for (size_t p = 0; p < (size_t)geometry.width * geometry.height * samples; p++) {
                bool covered = setup.map.cells[p / samples] != OSK_COVER_NONE;
                put(&images[i], p / samples, (unsigned)(p % samples),
                    mixed((uint32_t)p + (covered ? 1000 * i : 0)));
            }
            paint(&images[i], &setup);
        }
        assert_memory_equal(images[0].pixels, images[1].pixels, images[0].stride * geometry.height);
        assert_memory_equal(images[0].palette, images[1].palette, sizeof images[0].palette);
        osk_image_free(&images[0], &setup.budget);
        osk_image_free(&images[1], &setup.budget);
        tear_down(&setup);
    }
}

static void paint__palette_forgets_covered_colours(void **state)
{
    (void)state;
    Setup setup;
    set_up(&setup);
    add(&setup, OSK_REGION_FILL, 10, 10, 20, 20);
    know_cover(&setup);
    OskImage image;
    draw(&image, &setup, OSK_PIXELS_INDEXED, 8, 1);
    for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
        image.pixels[i] = setup.map.cells[i] != OSK_COVER_NONE ? 7 : i % 2 == 0 ? 3 : 200;
    }
    memcpy(image.palette[7], "\x11\x22\x33\xFF", 4);
    paint(&image, &setup);
    assert_int_equal(image.palette_count, 3);
    for (unsigned i = 0; i < OSK_PALETTE_MAX; i++) {
        assert_memory_not_equal(image.palette[i], "\x11\x22\x33\xFF", 4);
    }
    for (unsigned i = 3; i < OSK_PALETTE_MAX; i++) {
        assert_memory_equal(image.palette[i], "\0\0\0\0", 4);
    }
    osk_image_free(&image, &setup.budget);
    tear_down(&setup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paint__fill_reads_no_covered_pixel),
        cmocka_unit_test(paint__blur_reads_no_covered_pixel),
        cmocka_unit_test(paint__mosaic_reads_no_covered_pixel),
        cmocka_unit_test(paint__fill_is_the_colour_in_every_model),
        cmocka_unit_test(paint__transparent_surroundings_do_not_count),
        cmocka_unit_test(paint__everything_covered_is_grey),
        cmocka_unit_test(paint__smallest_pictures),
        cmocka_unit_test(paint__palette_forgets_covered_colours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
