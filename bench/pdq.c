/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hashes of one noisy luma of 512 x 512 in a second of processor time: `name value` lines. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "oilskin/fingerprint.h"

/* Of the published reference, on luma of this size. */
#define REFERENCE_PER_SECOND 340.0

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
    }
    printf("pdq_hashes_per_core_second %.0f\n", best);
    printf("pdq_over_reference %.2f\n", best / REFERENCE_PER_SECOND);
    return 0;
}
