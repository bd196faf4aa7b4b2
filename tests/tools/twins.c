/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/twins.h"

#include <string.h>

uint32_t twins_mix(uint32_t a, uint32_t b)
{
    uint32_t h = a * UINT32_C(0x9E3779B1) ^ (b + UINT32_C(0x7F4A7C15)) * UINT32_C(0x85EBCA6B);
    h = (h ^ h >> 15) * UINT32_C(0x2C1B3C6D);
    return h ^ h >> 13;
}

static uint32_t sample_at(const OskImage *image, const uint8_t *pixels, uint32_t x, uint32_t y,
                          unsigned sample)
{
    size_t index = (size_t)x * osk_pixel_samples(image->model) + sample;
    const uint8_t *row = pixels + (size_t)y * image->stride;
    uint16_t wide = row[image->depth > 8 ? 0 : index];
    if (image->depth > 8) {
        memcpy(&wide, row + 2 * index, 2);
    }
    return wide;
}

static void put_sample(OskImage *image, uint32_t x, uint32_t y, unsigned sample, uint32_t value)
{
    size_t index = (size_t)x * osk_pixel_samples(image->model) + sample;
    uint8_t *row = image->pixels + (size_t)y * image->stride;
    uint16_t wide = (uint16_t)value;
    if (image->depth > 8) {
        memcpy(row + 2 * index, &wide, 2);
    } else {
        row[index] = (uint8_t)value;
    }
}

static uint32_t highest(const OskImage *image)
{
    return image->model == OSK_PIXELS_INDEXED ? image->palette_count - 1
                                              : (UINT32_C(1) << image->depth) - 1;
}

static bool is_covered(const OskCoverMap *map, uint32_t x, uint32_t y)
{
    return map->cells[(size_t)y * map->columns + x] != OSK_COVER_NONE;
}

void twins_differ(OskImage *image, const OskCoverMap *map, uint32_t seed)
{
    unsigned samples = osk_pixel_samples(image->model);
    uint32_t range = highest(image) + 1;
    for (uint32_t y = 0; y < image->height; y++) {
        for (uint32_t x = 0; x < image->width; x++) {
            uint32_t r = twins_mix(y * 65537 + x, seed);
            for (unsigned s = 0; s < samples && is_covered(map, x, y); s++) {
                uint32_t value = seed % 2 == 1 ? twins_mix(r, s) % range
                                               : sample_at(image, image->pixels, r % image->width,
                                                           (r >> 16) % image->height, s);
                put_sample(image, x, y, s, value);
            }
        }
    }
}

bool twins_recolour(OskImage *image, const OskCoverMap *map)
{
    bool indexed = image->model == OSK_PIXELS_INDEXED;
    unsigned samples = osk_pixel_samples(image->model);
    unsigned first = indexed ? image->palette_count : 0;
    unsigned room = indexed ? (1u << image->depth) - first : 100;
    room = room < 100 ? room : 100;
    for (unsigned i = 0; indexed && i < room; i++) {
        const uint8_t color[4] = { (uint8_t)(2 * i + 1), (uint8_t)(251 - i), 33, 255 };
        memcpy(image->palette[image->palette_count++], color, 4);
    }
    for (uint32_t y = 0; room > 0 && y < image->height; y++) {
        for (uint32_t x = 0; x < image->width; x++) {
            uint32_t i = twins_mix(y * 65537 + x, 5) % (room > 0 ? room : 1);
            const uint32_t values[4] = { 2 * i + 1, 251 - i, 33, 255 };
            for (unsigned s = 0; s < samples && is_covered(map, x, y); s++) {
                put_sample(image, x, y, s, indexed ? first + i : values[s]);
            }
        }
    }
    return room > 0;
}

void twins_leak(OskImage *image, const OskCoverMap *map, const uint8_t *before, uint32_t strength)
{
    unsigned samples = osk_pixel_samples(image->model);
    uint32_t max = highest(image);
    uint32_t half = max / 2 + 1;
    bool indexed = image->model == OSK_PIXELS_INDEXED;
    for (uint32_t y = 0; y < image->height; y++) {
        for (uint32_t x = 0; x < image->width; x++) {
            for (unsigned s = 0; s < samples && is_covered(map, x, y); s++) {
                uint32_t was = sample_at(image, before, x, y, s);
                uint32_t leak = indexed ? was & 1 : was >= half;
                uint32_t step =
                    leak * (max > 255 ? max / 256 : 1) * (strength > max ? 1 : strength);
                uint32_t value = sample_at(image, image->pixels, x, y, s);
                put_sample(image, x, y, s, value + step > max ? value - step : value + step);
            }
        }
    }
}

/* A pixel as 8-bit RGBA or CMYK with fractions. */
static void read_pixel(const OskImage *image, uint32_t x, uint32_t y, double out[4])
{
    unsigned samples = osk_pixel_samples(image->model);
    double v[4] = { 0, 0, 0, 255 };
    if (image->model == OSK_PIXELS_INDEXED) {
        const uint8_t *entry = image->palette[sample_at(image, image->pixels, x, y, 0)];
        for (unsigned i = 0; i < 4; i++) {
            v[i] = entry[i];
        }
    } else {
        for (unsigned s = 0; s < samples; s++) {
            v[s] = 255.0 * sample_at(image, image->pixels, x, y, s) / highest(image);
        }
    }
    if (samples <= 2 && image->model != OSK_PIXELS_INDEXED) {
        v[3] = samples == 2 ? v[1] : 255;
        v[1] = v[2] = v[0];
    }
    bool clear = image->model != OSK_PIXELS_CMYK && v[3] <= 0;
    for (unsigned i = 0; i < 4; i++) {
        out[i] = clear ? 0 : v[i];
    }
}

double twins_distance(const OskImage *a, const OskImage *b, uint32_t x, uint32_t y)
{
    double p[4];
    double q[4];
    double sum = 0;
    read_pixel(a, x, y, p);
    read_pixel(b, x, y, q);
    for (unsigned i = 0; i < 4; i++) {
        sum += (p[i] - q[i]) * (p[i] - q[i]);
    }
    return sum;
}
