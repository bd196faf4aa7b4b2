/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folds pictures as they arrive, as a desk would: each becomes a pack, candidates come from both
 * indexes, a picture that no representative explains becomes one.
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
    OskIndex *index;
    OskIndex *plain;
    OskFeatureIndex *features;
    OskPack **packs;   /* of representatives; NULL for others */
    double seconds[3]; /* packs, candidates, comparing */
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

/* Representatives that are worth a comparison, each once; @return how many. */
static size_t candidates_of(const Fold *fold, const OskPack *pack, uint32_t *out)
{
    size_t count = 0;
    for (size_t i = 0; i < pack->hash_count; i++) {
        OskNear near[10];
        size_t found = 0;
        if (pack->hashes[i].pdq.quality >= OSK_PDQ_QUALITY_MIN) {
            found = osk_index_query_forms(fold->index, &pack->hashes[i].pdq, OSK_PDQ_DISTANCE, near,
                                          10);
        }
        for (size_t j = 0; j < found; j++) {
            out[count++] = near[j].item;
        }
    }
    OskVotes votes[OSK_FEATURE_CANDIDATES];
    size_t found = 0;
    const OskPackFrame *frame = &pack->frames[0];
    if (osk_feature_index_query(fold->features, frame->features, frame->feature_count, votes,
                                &found) == OSK_OK) {
        for (size_t j = 0; j < found; j++) {
            out[count++] = votes[j].item;
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        size_t before = 0;
        while (before < kept && out[before] != out[i]) {
            before++;
        }
        out[kept] = out[i];
        kept += before == kept;
    }
    return kept;
}

static bool is_better(const OskLikeness *one, const OskLikeness *than)
{
    if (one->tier != than->tier) {
        return one->tier > than->tier;
    }
    return one->component_32 < than->component_32;
}

static OskLikeness place(Fold *fold, const OskPack *pack, uint32_t *representative)
{
    uint32_t candidates[64];
    double began = now();
    size_t count = candidates_of(fold, pack, candidates);
    fold->seconds[1] += now() - began;
    began = now();
    OskLikeness best = { .tier = OSK_TIER_NEW, .distance = OSK_PDQ_BITS };
    for (size_t i = 0; i < count && best.tier != OSK_TIER_EXPLAINED; i++) {
        OskLikeness here;
        fold->compared++;
        if (osk_pack_compare(&here, pack, fold->packs[candidates[i]], NULL, NULL) == OSK_OK &&
            (is_better(&here, &best) || i == 0)) {
            best = here;
            *representative = candidates[i];
        }
    }
    fold->seconds[2] += now() - began;
    return best;
}

static void keep(Fold *fold, uint32_t number, OskPack *pack)
{
    for (size_t i = 0; i < pack->hash_count; i++) {
        if (pack->hashes[i].pdq.quality >= OSK_PDQ_QUALITY_MIN) {
            (void)osk_index_add(fold->index, number, &pack->hashes[i].pdq.forms[0], NULL);
        }
    }
    const OskPackFrame *frame = &pack->frames[0];
    (void)osk_feature_index_add(fold->features, number, frame->features, frame->feature_count,
                                NULL);
    fold->packs[number] = pack;
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

static void fold_item(Fold *fold, uint32_t number, OskPack *pack)
{
    uint32_t representative = number;
    OskLikeness found = place(fold, pack, &representative);
    representative = found.tier == OSK_TIER_NEW ? number : representative;
    uint32_t plain = place_plainly(fold, number, pack);
    printf("%c %u %u %u %u %u %u P %c %u\n", "NVE"[found.tier], representative, found.distance,
           found.inliers, found.covered_permille, found.component_16, found.component_32,
           plain == number ? 'N' : 'F', plain);
    if (found.tier == OSK_TIER_EXPLAINED) {
        osk_pack_free(&pack);
    } else {
        keep(fold, number, pack);
    }
}

int main(void)
{
    Fold fold = { .packs = calloc(ITEMS_MAX, sizeof *fold.packs) };
    if (fold.packs == NULL || osk_index_make(&fold.index, NULL) != OSK_OK ||
        osk_index_make(&fold.plain, NULL) != OSK_OK ||
        osk_feature_index_make(&fold.features, NULL) != OSK_OK) {
        return 1;
    }
    /* Who sends waits for each answer. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    uint32_t count = 0;
    for (; count < ITEMS_MAX; count++) {
        double began = now();
        OskPack *pack = read_item(stdin);
        fold.seconds[0] += now() - began;
        if (pack == NULL) {
            break;
        }
        fold_item(&fold, count, pack);
    }
    printf("# pack_ms %.2f\n", fold.seconds[0] * 1e3 / (count + !count));
    printf("# candidates_ms %.2f\n", fold.seconds[1] * 1e3 / (count + !count));
    printf("# compare_ms %.2f\n", fold.seconds[2] * 1e3 / (double)(fold.compared + !fold.compared));
    printf("# compared_per_item %.1f\n", (double)fold.compared / (count + !count));
    for (uint32_t i = 0; i < count; i++) {
        osk_pack_free(&fold.packs[i]);
    }
    free(fold.packs);
    osk_index_free(&fold.index);
    osk_index_free(&fold.plain);
    osk_feature_index_free(&fold.features);
    return 0;
}
