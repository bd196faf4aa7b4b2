/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queries of a million hashes: `name value` lines. Random ones, and a million of which nine tenths
 * are a cluster that the query stands beside. Times are the processor's; beside them what they are
 * of looking at every hash, which is the same on any machine. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "oilskin/fingerprint.h"

#define COUNT 1000000u

static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    /* Not the low bits: they come again too soon. */
    return *state >> 16;
}

static OskPdqHash random_hash(uint32_t *state)
{
    OskPdqHash hash;
    for (unsigned i = 0; i < OSK_PDQ_BYTES; i++) {
        hash.bytes[i] = (uint8_t)(draw(state) >> 8);
    }
    return hash;
}

static OskPdqHash near_to(const OskPdqHash *hash, unsigned flips, uint32_t *state)
{
    OskPdqHash out = *hash;
    for (unsigned i = 0; i < flips; i++) {
        uint32_t bit = draw(state) % OSK_PDQ_BITS;
        out.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    return out;
}

static double now_ms(void)
{
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec * 1e3 + (double)at.tv_nsec * 1e-6;
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

/* What it takes to look at all of them, one by one: the best of some times, since the first one
 * fetches them. */
static double scan_ms(void)
{
    OskPdqHash *hashes = malloc(COUNT * sizeof *hashes);
    uint32_t state = 5;
    double best = 0;
    size_t found = 0;
    if (hashes == NULL) {
        return 0;
    }
    for (size_t i = 0; i < COUNT; i++) {
        hashes[i] = random_hash(&state);
    }
    for (unsigned round = 0; round < 7; round++) {
        double began = now_ms();
        for (size_t i = 0; i < COUNT; i++) {
            found += osk_pdq_distance(&hashes[i], &hashes[round]) <= OSK_PDQ_DISTANCE;
        }
        double took = now_ms() - began;
        best = round == 0 || took < best ? took : best;
    }
    free(hashes);
    printf("index_scan_ms %.2f\nindex_scan_found %zu\n", best, found);
    return best;
}

/* The median and the slowest hundredth of 1,001 queries, each `flips` bits from `centre` or,
 * without one, from a random hash. */
static void measure(const OskIndex *index, const OskPdqHash *centre, unsigned flips,
                    const char *name, double scan)
{
    static double times[1001];
    uint32_t state = 99;
    OskNear out[20];
    size_t found = 0;
    size_t count = sizeof times / sizeof *times;
    for (size_t i = 0; i < count; i++) {
        OskPdqHash from = centre != NULL ? *centre : random_hash(&state);
        OskPdqHash query = near_to(&from, flips, &state);
        double began = now_ms();
        found += osk_index_query(index, &query, OSK_PDQ_DISTANCE, out, 20);
        times[i] = now_ms() - began;
    }
    qsort(times, count, sizeof *times, by_value);
    printf("index_query_ms_%s %.3f\n", name, times[count / 2]);
    printf("index_query_ms_%s_p99 %.3f\n", name, times[count * 99 / 100]);
    printf("index_query_of_a_scan_%s %.3f\n", name, times[count / 2] / scan);
    printf("index_found_%s %zu\n", name, found);
}

static OskIndex *fill(const OskPdqHash *centre)
{
    OskIndex *index = NULL;
    uint32_t state = 1;
    double began = now_ms();
    if (osk_index_make(&index, NULL) != OSK_OK) {
        return NULL;
    }
    for (uint32_t i = 0; i < COUNT; i++) {
        OskPdqHash hash = centre != NULL && i % 10 != 0 ? near_to(centre, draw(&state) % 12, &state)
                                                        : random_hash(&state);
        if (osk_index_add(index, i, &hash, NULL) != OSK_OK) {
            osk_index_free(&index);
            return NULL;
        }
    }
    printf("index_fill_s_%s %.1f\n", centre != NULL ? "cluster" : "random",
           (now_ms() - began) / 1e3);
    return index;
}

int main(void)
{
    uint32_t state = 7;
    OskPdqHash centre = random_hash(&state);
    double scan = scan_ms();
    OskIndex *index = scan > 0 ? fill(NULL) : NULL;
    if (index == NULL) {
        return 1;
    }
    measure(index, NULL, 0, "random", scan);
    osk_index_free(&index);
    index = fill(&centre);
    if (index == NULL) {
        return 1;
    }
    measure(index, &centre, 0, "cluster_in", scan);
    measure(index, &centre, 45, "cluster_beside", scan);
    measure(index, NULL, 0, "cluster_away", scan);
    osk_index_free(&index);
    return 0;
}
