/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/composite.h"

#include <string.h>

size_t osk_pixel_bytes(const OskImage *image)
{
    return (size_t)osk_pixel_samples(image->model) * (image->depth > 8 ? 2 : 1);
}

static uint8_t *row_at(const OskImage *image, uint32_t x, uint32_t y)
{
    return image->pixels + (size_t)y * image->stride + (size_t)x * osk_pixel_bytes(image);
}

void osk_composite_replace(OskImage *canvas, const OskImage *piece, uint32_t x, uint32_t y)
{
    size_t len = (size_t)piece->width * osk_pixel_bytes(piece);
    for (uint32_t row = 0; row < piece->height; row++) {
        memcpy(row_at(canvas, x, y + row), row_at(piece, 0, row), len);
    }
}

void osk_composite_clear(OskImage *canvas, OskPatch box, uint8_t index)
{
    uint8_t value = canvas->model == OSK_PIXELS_INDEXED ? index : 0;
    for (uint32_t row = 0; row < box.height; row++) {
        memset(row_at(canvas, box.x, box.y + row), value,
               (size_t)box.width * osk_pixel_bytes(canvas));
    }
}

static uint32_t sample_get(const uint8_t *at, size_t index, bool wide)
{
    uint16_t value = 0;
    if (!wide) {
        return at[index];
    }
    memcpy(&value, at + 2 * index, 2);
    return value;
}

static void sample_put(uint8_t *at, size_t index, bool wide, uint32_t value)
{
    uint16_t narrow = (uint16_t)value;
    if (!wide) {
        at[index] = (uint8_t)value;
    } else {
        memcpy(at + 2 * index, &narrow, 2);
    }
}

/* Colours are not premultiplied, so the sum of what both give is divided by the alpha of both. */
static void blend(uint8_t *under, const uint8_t *over, unsigned samples, unsigned depth)
{
    bool wide = depth > 8;
    uint64_t max = (1u << depth) - 1;
    uint64_t alpha = sample_get(over, samples - 1, wide);
    uint64_t below = sample_get(under, samples - 1, wide);
    if (alpha == 0) {
        return;
    }
    if (alpha == max || below == 0) {
        memcpy(under, over, (size_t)samples * (wide ? 2 : 1));
        return;
    }
    uint64_t u = alpha * max;
    uint64_t v = (max - alpha) * below;
    uint64_t sum = u + v;
    for (unsigned i = 0; i + 1 < samples; i++) {
        uint64_t mixed = sample_get(over, i, wide) * u + sample_get(under, i, wide) * v;
        sample_put(under, i, wide, (uint32_t)((mixed + sum / 2) / sum));
    }
    sample_put(under, samples - 1, wide, (uint32_t)((sum + max / 2) / max));
}

void osk_composite_over(OskImage *canvas, const OskImage *piece, uint32_t x, uint32_t y)
{
    size_t step = osk_pixel_bytes(piece);
    bool indexed = piece->model == OSK_PIXELS_INDEXED;
    if (!indexed && piece->model != OSK_PIXELS_RGBA && piece->model != OSK_PIXELS_GREY_ALPHA) {
        osk_composite_replace(canvas, piece, x, y);
        return;
    }
    for (uint32_t row = 0; row < piece->height; row++) {
        uint8_t *under = row_at(canvas, x, y + row);
        const uint8_t *over = row_at(piece, 0, row);
        for (uint32_t i = 0; i < piece->width; i++, under += step, over += step) {
            if (!indexed) {
                blend(under, over, osk_pixel_samples(piece->model), piece->depth);
            } else if (piece->palette[*over][3] != 0) {
                *under = *over;
            }
        }
    }
}

OskStatus osk_image_cut(OskImage *out, const OskImage *from, OskPatch box, OskBudget *budget)
{
    OskStatus status = osk_image_make(out, box.width, box.height, from->model, from->depth, budget);
    if (status != OSK_OK) {
        return status;
    }
    memcpy(out->palette, from->palette, sizeof out->palette);
    out->palette_count = from->palette_count;
    for (uint32_t row = 0; row < box.height; row++) {
        memcpy(row_at(out, 0, row), row_at(from, box.x, box.y + row), out->stride);
    }
    return OSK_OK;
}

OskPatch osk_image_difference(const OskImage *a, const OskImage *b)
{
    size_t step = osk_pixel_bytes(a);
    size_t len = (size_t)a->width * step;
    uint32_t top = a->height;
    uint32_t bottom = 0;
    uint32_t left = a->width;
    uint32_t right = 0; /* one behind */
    for (uint32_t y = 0; y < a->height; y++) {
        const uint8_t *p = row_at(a, 0, y);
        const uint8_t *q = row_at(b, 0, y);
        if (memcmp(p, q, len) == 0) {
            continue;
        }
        top = top < y ? top : y;
        bottom = y + 1;
        uint32_t x = 0;
        while (x < left && memcmp(p + x * step, q + x * step, step) == 0) {
            x++;
        }
        left = x;
        x = a->width;
        while (x > right && memcmp(p + (x - 1) * step, q + (x - 1) * step, step) == 0) {
            x--;
        }
        right = x;
    }
    if (bottom == 0) {
        return (OskPatch){ 0 };
    }
    return (OskPatch){ .x = left, .y = top, .width = right - left, .height = bottom - top };
}
