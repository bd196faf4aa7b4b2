/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drawn brightness: smooth shapes with some noise, the same on every machine. */
#ifndef TESTS_UNIT_FINGERPRINT_DRAWN_H
#define TESTS_UNIT_FINGERPRINT_DRAWN_H

#include <stdlib.h>

#include "oilskin/fingerprint.h"

static inline uint32_t drawn_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    /* Not the low bits: they come again too soon. */
    return *state >> 16;
}

/* `seed` decides where sixty striped boxes lie, each over the ones before. Free with drawn_free().
 */
static inline OskLuma drawn_luma(uint32_t width, uint32_t height, uint32_t seed)
{
    float *values = malloc((size_t)width * height * sizeof *values);
    uint32_t state = seed;
    for (size_t i = 0; values != NULL && i < (size_t)width * height; i++) {
        values[i] = (float)(i % width * 100 / width + i / width * 100 / height);
    }
    for (unsigned box = 0; values != NULL && box < 60; box++) {
        uint32_t left = drawn_random(&state) % width;
        uint32_t top = drawn_random(&state) % height;
        uint32_t right = left + 1 + drawn_random(&state) % (width / 3 + 1);
        uint32_t bottom = top + 1 + drawn_random(&state) % (height / 3 + 1);
        uint32_t level = drawn_random(&state) % 200;
        uint32_t across = drawn_random(&state) % 16;
        uint32_t down = drawn_random(&state) % 16;
        for (uint32_t y = top; y < bottom && y < height; y++) {
            for (uint32_t x = left; x < right && x < width; x++) {
                values[(size_t)y * width + x] = (float)(level + (x * across + y * down) / 8 % 56);
            }
        }
    }
    return (OskLuma){ .values = values, .width = width, .height = height };
}

static inline void drawn_free(OskLuma *luma)
{
    void *values = (void *)(uintptr_t)luma->values;
    free(values);
    luma->values = NULL;
}

#endif
