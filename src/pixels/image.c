/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pixels/image.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"

unsigned osk_pixel_samples(OskPixelModel model)
{
    switch (model) {
    case OSK_PIXELS_GREY_ALPHA: return 2;
    case OSK_PIXELS_RGB: return 3;
    case OSK_PIXELS_RGBA:
    case OSK_PIXELS_CMYK: return 4;
    case OSK_PIXELS_GREY:
    case OSK_PIXELS_INDEXED: break;
    }
    return 1;
}

static bool size_of(uint32_t width, uint32_t height, OskPixelModel model, unsigned depth,
                    size_t *out_stride, size_t *out_bytes)
{
    size_t sample = depth > 8 ? 2 : 1;
    return osk_mul_size(width, sample * osk_pixel_samples(model), out_stride) &&
           osk_mul_size(*out_stride, height, out_bytes);
}

OskStatus osk_image_make(OskImage *image, uint32_t width, uint32_t height, OskPixelModel model,
                         unsigned depth, OskBudget *budget)
{
    *image = (OskImage){ .width = width, .height = height, .model = model, .depth = depth };
    size_t bytes = 0;
    if (width == 0 || height == 0 || depth == 0 || depth > 16) {
        return OSK_MISUSE;
    }
    if (!size_of(width, height, model, depth, &image->stride, &bytes) ||
        !osk_budget_pixels(budget, (uint64_t)width * height) || !osk_budget_memory(budget, bytes)) {
        return OSK_LIMIT;
    }
    image->pixels = calloc(1, bytes);
    if (image->pixels == NULL) {
        osk_budget_return(budget, bytes);
        return OSK_NO_MEMORY;
    }
    return OSK_OK;
}

void osk_image_free(OskImage *image, OskBudget *budget)
{
    if (image->pixels != NULL) {
        osk_budget_return(budget, (uint64_t)image->stride * image->height);
        free(image->pixels);
    }
    *image = (OskImage){ 0 };
}
