/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scaling by a tent as wide as two pixels of the coarser side: linear between pixels where it
 * grows, a mean that leaves no moiré where it shrinks. */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "oilskin/fingerprint.h"

/* A line of floats somewhere in a picture. */
typedef struct Line {
    float *first;
    size_t stride;
    uint32_t len;
} Line;

static void scale_line(const Line *out, const Line *in)
{
    float ratio = (float)in->len / (float)out->len;
    float reach = ratio > 1 ? ratio : 1;
    for (uint32_t i = 0; i < out->len; i++) {
        float centre = ((float)i + 0.5F) * ratio - 0.5F;
        int first = (int)(centre - reach);
        int last = (int)(centre + reach) + 1;
        float sum = 0;
        float weights = 0;
        for (int at = first; at <= last; at++) {
            float away = (float)at > centre ? (float)at - centre : centre - (float)at;
            float weight = 1 - away / reach;
            if (weight > 0) {
                uint32_t inside = at < 0 ? 0 : (uint32_t)at >= in->len ? in->len - 1 : (uint32_t)at;
                sum += weight * in->first[inside * in->stride];
                weights += weight;
            }
        }
        out->first[i * out->stride] = sum / weights;
    }
}

static uint32_t other_side(uint32_t side, uint32_t longest, uint32_t shorter)
{
    uint32_t scaled = (side * shorter + longest / 2) / longest;
    return scaled > 0 ? scaled : 1;
}

OskStatus osk_luma_scale(OskLuma *out, const OskLuma *luma, uint32_t side, OskFault *fault)
{
    uint32_t width = luma->width;
    uint32_t height = luma->height;
    if (width == 0 || height == 0 || side == 0 || width > OSK_LUMA_SIDE_MAX ||
        height > OSK_LUMA_SIDE_MAX || side > OSK_LUMA_SIDE_MAX) {
        return osk_fault_set(fault, OSK_MISUSE, "luma", "no area, or a side beyond the most",
                             OSK_NO_OFFSET);
    }
    uint32_t columns = width >= height ? side : other_side(side, height, width);
    uint32_t rows = width >= height ? other_side(side, width, height) : side;
    float *values = malloc((size_t)columns * rows * sizeof *values);
    float *wide = malloc((size_t)columns * height * sizeof *wide);
    float *line = malloc(width * sizeof *line);
    if (values == NULL || wide == NULL || line == NULL) {
        free(values);
        free(wide);
        free(line);
        return osk_fault_set(fault, OSK_NO_MEMORY, "luma", "no memory to scale it", OSK_NO_OFFSET);
    }
    for (uint32_t y = 0; y < height; y++) {
        memcpy(line, luma->values + (size_t)y * width, width * sizeof *line);
        scale_line(&(Line){ wide + (size_t)y * columns, 1, columns }, &(Line){ line, 1, width });
    }
    for (uint32_t x = 0; x < columns; x++) {
        scale_line(&(Line){ values + x, columns, rows }, &(Line){ wide + x, columns, height });
    }
    free(wide);
    free(line);
    *out = (OskLuma){ .values = values, .width = columns, .height = rows };
    return OSK_OK;
}

void osk_luma_free(OskLuma *luma)
{
    /* Given as what nobody should write to; here it ends. */
    volatile float *values = (volatile float *)(uintptr_t)luma->values;
    for (size_t i = 0; values != NULL && i < (size_t)luma->width * luma->height; i++) {
        values[i] = 0;
    }
    free((void *)(uintptr_t)luma->values);
    *luma = (OskLuma){ .values = NULL };
}
