/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scaling by a tent as wide as two pixels of the coarser side: linear between pixels where it
 * grows, a mean that leaves no moiré where it shrinks. */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "oilskin/fingerprint.h"

/* What each place of the result takes of the line: `count` weights, from `first` on. */
typedef struct Taps {
    float *weights;
    uint32_t *first;
    uint32_t count;
} Taps;

static void taps_free(Taps *taps)
{
    free(taps->weights);
    free(taps->first);
    *taps = (Taps){ 0 };
}

/* The weights of place `i`; what lies beyond an end counts as the end. */
static void weigh(Taps *taps, uint32_t i, uint32_t len, float ratio)
{
    float reach = ratio > 1 ? ratio : 1;
    float centre = ((float)i + 0.5F) * ratio - 0.5F;
    float *weights = taps->weights + (size_t)i * taps->count;
    int lowest = (int)(centre - reach);
    int most = (int)(len - taps->count);
    int first = lowest < 0 ? 0 : lowest > most ? most : lowest;
    float sum = 0;
    for (int at = lowest; (float)at < centre + reach; at++) {
        float away = (float)at > centre ? (float)at - centre : centre - (float)at;
        float weight = 1 - away / reach;
        int inside = at < 0 ? 0 : at >= (int)len ? (int)len - 1 : at;
        if (weight > 0) {
            weights[inside - first] += weight;
            sum += weight;
        }
    }
    for (uint32_t k = 0; k < taps->count; k++) {
        weights[k] /= sum;
    }
    taps->first[i] = (uint32_t)first;
}

static bool taps_make(Taps *taps, uint32_t out_len, uint32_t in_len)
{
    float ratio = (float)in_len / (float)out_len;
    uint32_t count = (uint32_t)(2 * (ratio > 1 ? ratio : 1)) + 3;
    taps->count = count < in_len ? count : in_len;
    taps->weights = calloc((size_t)out_len * taps->count, sizeof *taps->weights);
    taps->first = calloc(out_len, sizeof *taps->first);
    if (taps->weights == NULL || taps->first == NULL) {
        taps_free(taps);
        return false;
    }
    for (uint32_t i = 0; i < out_len; i++) {
        weigh(taps, i, in_len, ratio);
    }
    return true;
}

static void scale_across(float *out, const OskLuma *luma, const Taps *taps, uint32_t columns)
{
    for (uint32_t y = 0; y < luma->height; y++) {
        const float *row = luma->values + (size_t)y * luma->width;
        for (uint32_t x = 0; x < columns; x++) {
            const float *weights = taps->weights + (size_t)x * taps->count;
            const float *from = row + taps->first[x];
            float sum = 0;
            for (uint32_t k = 0; k < taps->count; k++) {
                sum += weights[k] * from[k];
            }
            out[(size_t)y * columns + x] = sum;
        }
    }
}

static void add_row(float *restrict out, const float *restrict in, uint32_t len, float weight)
{
    for (uint32_t x = 0; x < len; x++) {
        out[x] += weight * in[x];
    }
}

static void scale_down_rows(float *out, const float *in, const Taps *taps, const OskLuma *size)
{
    memset(out, 0, (size_t)size->width * size->height * sizeof *out);
    for (uint32_t y = 0; y < size->height; y++) {
        for (uint32_t k = 0; k < taps->count; k++) {
            const float *row = in + (size_t)(taps->first[y] + k) * size->width;
            add_row(out + (size_t)y * size->width, row, size->width,
                    taps->weights[(size_t)y * taps->count + k]);
        }
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
    OskLuma size = { NULL, columns, rows };
    float *values = malloc((size_t)columns * rows * sizeof *values);
    float *wide = malloc((size_t)columns * height * sizeof *wide);
    Taps across = { 0 };
    Taps down = { 0 };
    bool done = values != NULL && wide != NULL && taps_make(&across, columns, width) &&
                taps_make(&down, rows, height);
    if (done) {
        scale_across(wide, luma, &across, columns);
        scale_down_rows(values, wide, &down, &size);
    }
    free(wide);
    taps_free(&across);
    taps_free(&down);
    if (!done) {
        free(values);
        return osk_fault_set(fault, OSK_NO_MEMORY, "luma", "no memory to scale it", OSK_NO_OFFSET);
    }
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
