/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folds pictures and films as they arrive, as a desk does: each becomes a pack, and one that no
 * representative explains becomes one.
 *
 * Input: for each "WIDTH HEIGHT SHOWN_WIDTH SHOWN_HEIGHT CAPTURE FRAMES DURATION_MS\n" and the
 * bytes of the lumas of its frames, which lie evenly in its time; one frame is a picture. Output, a
 * line each: tier (E, V, N), the number of the representative (its own for N), distance, inliers,
 * covered, components of 16 and 32, whether it stands for what it is like, frames alike and key
 * frames explained; then P and what plain hashes at the published distance would make of it (of a
 * film: of its first frame): F or N and the representative. At the end "# name value" lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "oilskin/fingerprint.h"

#define ITEMS_MAX 100000u
/* Frames that are packed: the first of each such time, as the worker does. */
#define SAMPLE_MS 125u

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

/* What stands before the pixels of an item. */
typedef struct Head {
    unsigned width;
    unsigned height;
    OskFramesFacts facts;
    unsigned frames;
} Head;

static bool read_head(FILE *in, Head *out)
{
    OskFramesFacts *facts = &out->facts;
    return fscanf(in, "%u %u %u %u %u %u %u", &out->width, &out->height, &facts->width,
                  &facts->height, &facts->capture, &out->frames, &facts->duration_ms) == 7 &&
           fgetc(in) == '\n' && out->width <= OSK_LUMA_SIDE_MAX &&
           out->height <= OSK_LUMA_SIDE_MAX && out->frames > 0;
}

/* The luma's values stay until the next one is read. */
static bool read_luma(FILE *in, const Head *head, OskLuma *out)
{
    static uint8_t bytes[OSK_LUMA_SIDE_MAX * OSK_LUMA_SIDE_MAX];
    static float values[OSK_LUMA_SIDE_MAX * OSK_LUMA_SIDE_MAX];
    size_t count = (size_t)head->width * head->height;
    if (fread(bytes, 1, count, in) != count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        values[i] = (float)bytes[i];
    }
    *out = (OskLuma){ values, head->width, head->height };
    return true;
}

static OskPack *read_film(FILE *in, const Head *head)
{
    OskPack *pack = NULL;
    OskPackMaker *maker = NULL;
    OskFramesFacts facts = head->facts;
    facts.kind = OSK_PACK_VIDEO;
    bool done = osk_pack_maker_open(&maker, NULL) == OSK_OK;
    uint32_t next = 0;
    for (unsigned i = 0; done && i < head->frames; i++) {
        OskLuma luma;
        uint32_t time = (uint32_t)((uint64_t)facts.duration_ms * i / head->frames);
        done = read_luma(in, head, &luma);
        if (done && time >= next) {
            next = time - time % SAMPLE_MS + SAMPLE_MS;
            done = osk_pack_maker_add(maker, &luma, time, NULL) == OSK_OK;
        }
    }
    if (done) {
        done = osk_pack_maker_end(&maker, &facts, &pack, NULL) == OSK_OK;
    }
    osk_pack_maker_free(&maker);
    return done ? pack : NULL;
}

static OskPack *read_item(FILE *in)
{
    Head head;
    if (!read_head(in, &head)) {
        return NULL;
    }
    if (head.frames > 1) {
        return read_film(in, &head);
    }
    OskPack *pack = NULL;
    OskLuma luma;
    const OskStillFacts facts = { head.facts.width, head.facts.height, head.facts.capture };
    if (!read_luma(in, &head, &luma) || osk_pack_of_still(&pack, &luma, &facts, NULL) != OSK_OK) {
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
    printf("%c %u %u %u %u %u %u %u %u %u %u P %c %u\n", "NVE"[like->tier],
           like -> tier == OSK_TIER_NEW ? number : found.item, like->distance, like->inliers,
           like->covered_permille, like->component_16, like->component_32, found.stands_for,
           like->frames_permille, like->key_frames, pack->hashes[0].pdq.quality,
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
