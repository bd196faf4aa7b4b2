/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hashes of one noisy luma of 512 x 512 in a second of processor time: `name value` lines. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "oilskin/fingerprint.h"

/* Of the published reference, on luma of this size. */
#define REFERENCE_PER_SECOND 340.0

/* Passes over the luma in a second of processor time, each one addition behind the other for every
 * value: what a hash costs in them is the same on a slow machine and on a busy one. */
static double passes_per_second(const float *values, size_t count)
{
    volatile float sink;
    unsigned passes = 0;
    clock_t began = clock();
    while (clock() - began < CLOCKS_PER_SEC / 5) {
        float sum = 0;
        for (size_t i = 0; i < count; i++) {
            sum += values[i];
        }
        sink = sum;
        passes++;
    }
    (void)sink;
    return passes * (double)CLOCKS_PER_SEC / (double)(clock() - began);
}

int main(void)
{
    static float values[OSK_LUMA_SIDE_MAX * OSK_LUMA_SIDE_MAX];
    uint32_t state = 1;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        state = state * 1664525u + 1013904223u;
        values[i] = (float)(state >> 24);
    }
    OskLuma luma = { values, OSK_LUMA_SIDE_MAX, OSK_LUMA_SIDE_MAX };
    OskPdq hash;
    double best = 0;
    double passes = 0;
    for (unsigned round = 0; round < 5; round++) {
        clock_t began = clock();
        unsigned count = 0;
        while (clock() - began < CLOCKS_PER_SEC) {
            for (unsigned i = 0; i < 50; i++) {
                if (osk_pdq_hash(&hash, &luma, NULL) != OSK_OK) {
                    return 1;
                }
            }
            count += 50;
        }
        double rate = count * (double)CLOCKS_PER_SEC / (double)(clock() - began);
        best = rate > best ? rate : best;
        double pass_rate = passes_per_second(values, sizeof values / sizeof *values);
        passes = pass_rate > passes ? pass_rate : passes;
    }
    printf("pdq_hashes_per_core_second %.0f\n", best);
    printf("pdq_over_reference %.2f\n", best / REFERENCE_PER_SECOND);
    printf("pdq_hash_of_a_pass %.2f\n", passes / best);
    return 0;
}
