/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/convert.h"

#include <string.h>

/* Everything goes through red, green, blue and alpha of 16 bits. */
typedef struct Color {
    uint32_t v[3];
    uint32_t alpha;
} Color;

#define MOST 65535u

static uint32_t load(const OskImage *image, const uint8_t *row, size_t index)
{
    uint16_t wide = 0;
    if (image->depth <= 8) {
        wide = row[index];
    } else {
        memcpy(&wide, row + 2 * index, sizeof(wide));
    }
    uint32_t top = (1u << image->depth) - 1;
    return wide >= top ? MOST : ((uint32_t)wide * MOST + top / 2) / top;
}

static Color read_color(const OskImage *image, const uint8_t *row, uint32_t x)
{
    Color color = { .alpha = MOST };
    unsigned samples = osk_pixel_samples(image->model);
    size_t at = (size_t)x * samples;
    if (image->model == OSK_PIXELS_INDEXED) {
        const uint8_t *entry = image->palette[row[x]];
        for (unsigned i = 0; i < 3; i++) {
            color.v[i] = entry[i] * 257u;
        }
        color.alpha = entry[3] * 257u;
        return color;
    }
    bool grey = samples <= 2;
    for (unsigned i = 0; i < 3; i++) {
        color.v[i] = load(image, row, grey ? at : at + i);
    }
    if (image->model == OSK_PIXELS_CMYK) {
        uint32_t light = MOST - load(image, row, at + 3);
        for (unsigned i = 0; i < 3; i++) {
            color.v[i] = ((MOST - color.v[i]) * light + MOST / 2) / MOST;
        }
    } else if (samples % 2 == 0) {
        color.alpha = load(image, row, at + samples - 1);
    }
    return color;
}

static void store(const OskImage *image, uint8_t *row, size_t index, uint32_t value)
{
    const uint16_t wide = (uint16_t)value;
    if (image->depth <= 8) {
        row[index] = (uint8_t)((value + 128) / 257);
    } else {
        memcpy(row + 2 * index, &wide, sizeof(wide));
    }
}

static void write_color(const OskImage *image, uint8_t *row, uint32_t x, Color color)
{
    unsigned samples = osk_pixel_samples(image->model);
    bool alpha = samples % 2 == 0;
    size_t at = (size_t)x * samples;
    for (unsigned i = 0; i < samples - (alpha ? 1u : 0u); i++) {
        uint32_t value = color.v[i];
        if (!alpha) {
            value = (value * color.alpha + MOST * (MOST - color.alpha) + MOST / 2) / MOST;
        }
        store(image, row, at + i, value);
    }
    if (alpha) {
        store(image, row, at + samples - 1, color.alpha);
    }
}

static bool is_grey(OskPixelModel model)
{
    return model == OSK_PIXELS_GREY || model == OSK_PIXELS_GREY_ALPHA;
}

static bool has_alpha(OskPixelModel model)
{
    return model == OSK_PIXELS_GREY_ALPHA || model == OSK_PIXELS_RGBA;
}

OskStatus osk_image_convert(OskImage *image, OskPixelModel model, unsigned depth,
                            OskConversion *out_conversion, OskBudget *budget)
{
    OskImage to;
    *out_conversion = (OskConversion){ 0 };
    if (model == OSK_PIXELS_CMYK || model == OSK_PIXELS_INDEXED || (depth != 8 && depth != 16) ||
        (is_grey(model) && !is_grey(image->model))) {
        return OSK_MISUSE;
    }
    if (image->model == model && image->depth == depth) {
        return OSK_OK;
    }
    OskStatus status = osk_image_make(&to, image->width, image->height, model, depth, budget);
    if (status != OSK_OK) {
        return status;
    }
    out_conversion->alpha = !has_alpha(model) && osk_image_is_clear(image);
    out_conversion->inks = image->model == OSK_PIXELS_CMYK;
    out_conversion->depth = image->depth > depth && image->model != OSK_PIXELS_INDEXED;
    out_conversion->colors = is_grey(image->model) && !is_grey(model);
    for (uint32_t y = 0; y < image->height; y++) {
        const uint8_t *in = image->pixels + image->stride * y;
        uint8_t *out = to.pixels + to.stride * y;
        for (uint32_t x = 0; x < image->width; x++) {
            write_color(&to, out, x, read_color(image, in, x));
        }
    }
    osk_image_free(image, budget);
    *image = to;
    return OSK_OK;
}

bool osk_image_is_clear(const OskImage *image)
{
    if (!has_alpha(image->model) && image->model != OSK_PIXELS_INDEXED) {
        return false;
    }
    for (uint32_t y = 0; y < image->height; y++) {
        const uint8_t *row = image->pixels + image->stride * y;
        for (uint32_t x = 0; x < image->width; x++) {
            if (read_color(image, row, x).alpha != MOST) {
                return true;
            }
        }
    }
    return false;
}
