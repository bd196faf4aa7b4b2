/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folds pictures as they arrive, as a desk does: each becomes a pack, and one that no
 * representative explains becomes one.
 *
 * Input: for each "WIDTH HEIGHT SHOWN_WIDTH SHOWN_HEIGHT CAPTURE\n" and the bytes of its luma.
 * Output, a line each: tier (E, V, N), the number of the representative (its own for N), distance,
 * inliers, covered, components of 16 and 32; then P and what plain hashes at the published distance
 * would make of it: F or N and the representative. At the end "# name value" lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "oilskin/fingerprint.h"

#define ITEMS_MAX 100000u

typedef struct Fold {
    OskFolding *folding;
    OskIndex *plain;
    double seconds[2]; /* packs, folding */
    unsigned long compared;
} Fold;

static double now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec + (double)at.tv_nsec * 1e-9;
}

static OskPack *read_item(FILE *in)
{
    static uint8_t bytes[OSK_LUMA_SIDE_MAX * OSK_LUMA_SIDE_MAX];
    static float values[OSK_LUMA_SIDE_MAX * OSK_LUMA_SIDE_MAX];
    unsigned width;
    unsigned height;
    OskStillFacts facts;
    if (fscanf(in, "%u %u %u %u %u", &width, &height, &facts.width, &facts.height,
               &facts.capture) != 5 ||
        fgetc(in) != '\n' || width > OSK_LUMA_SIDE_MAX || height > OSK_LUMA_SIDE_MAX ||
        fread(bytes, 1, (size_t)width * height, in) != (size_t)width * height) {
        return NULL;
    }
    for (size_t i = 0; i < (size_t)width * height; i++) {
        values[i] = (float)bytes[i];
    }
    OskPack *pack = NULL;
    if (osk_pack_of_still(&pack, &(OskLuma){ values, width, height }, &facts, NULL) != OSK_OK) {
        return NULL;
    }
    return pack;
}

/* What plain hashes would do; @return the representative. */
static uint32_t place_plainly(const Fold *fold, uint32_t number, const OskPack *pack)
{
    OskNear near;
    if (osk_index_query(fold->plain, &pack->hashes[0].pdq.forms[0], OSK_PDQ_DISTANCE, &near, 1) ==
        1) {
        return near.item;
    }
    (void)osk_index_add(fold->plain, number, &pack->hashes[0].pdq.forms[0], NULL);
    return number;
}

static bool fold_item(Fold *fold, uint32_t number, OskPack *pack)
{
    OskFolded found;
    double began = now();
    bool done = osk_folding_find(fold->folding, pack, &found, NULL) == OSK_OK;
    fold->seconds[1] += now() - began;
    fold->compared += found.compared;
    const OskLikeness *like = &found.likeness;
    uint32_t plain = place_plainly(fold, number, pack);
    printf("%c %u %u %u %u %u %u P %c %u\n", "NVE"[like->tier],
           like -> tier == OSK_TIER_NEW ? number : found.item, like->distance, like->inliers,
           like->covered_permille, like->component_16, like->component_32,
           plain == number ? 'N' : 'F', plain);
    if (done && like->tier != OSK_TIER_EXPLAINED) {
        done = osk_folding_add(fold->folding, number, &pack, NULL) == OSK_OK;
    }
    osk_pack_free(&pack);
    return done;
}

int main(void)
{
    Fold fold = { .compared = 0 };
    const OskFoldingOptions options = { .load = NULL };
    if (osk_index_make(&fold.plain, NULL) != OSK_OK ||
        osk_folding_make(&fold.folding, &options, NULL) != OSK_OK) {
        return 1;
    }
    /* Who sends waits for each answer. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    uint32_t count = 0;
    for (; count < ITEMS_MAX; count++) {
        double began = now();
        OskPack *pack = read_item(stdin);
        fold.seconds[0] += now() - began;
        if (pack == NULL || !fold_item(&fold, count, pack)) {
            break;
        }
    }
    printf("# pack_ms %.2f\n", fold.seconds[0] * 1e3 / (count + !count));
    printf("# fold_ms %.2f\n", fold.seconds[1] * 1e3 / (count + !count));
    printf("# compared_per_item %.1f\n", (double)fold.compared / (count + !count));
    osk_index_free(&fold.plain);
    osk_folding_free(&fold.folding);
    return 0;
}
