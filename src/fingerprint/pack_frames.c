/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "fingerprint/pack_key.h"

/* Bits by which a frame must differ from the last kept one. */
#define CHANGE_MIN 12u
/* Hashes tell as much of a small frame, and cost less. */
#define HASH_SIDE 128u
/* Key frames that are held while it is not known how long it takes, and the time between the first.
 */
#define HELD_MAX 48u
#define FIRST_STEP_MS 125u
/* Of a key frame's luma: twelve of them fit a pack. */
#define KEY_SIDE 96u

/* A frame that may become a key frame: features are looked for when it is known which do. */
typedef struct Held {
    uint32_t time_ms;
    uint32_t width;
    uint32_t height;
    uint8_t *luma;
} Held;

struct OskPackMaker {
    OskPackHash *hashes;
    size_t hash_count;
    Held held[HELD_MAX];
    size_t held_count;
    uint32_t step_ms;
    uint32_t next_ms; /* when the next key frame is due */
    uint32_t last_ms;
    uint32_t frame_count;
    bool is_cut; /* there were more changes than a pack holds */
};

OskStatus osk_pack_maker_open(OskPackMaker **out, OskFault *fault)
{
    OskPackMaker *maker = calloc(1, sizeof *maker);
    if (maker != NULL) {
        maker->step_ms = FIRST_STEP_MS;
        maker->hashes = calloc(OSK_PACK_HASHES_MAX, sizeof *maker->hashes);
    }
    if (maker == NULL || maker->hashes == NULL) {
        osk_pack_maker_free(&maker);
        return osk_fault_set(fault, OSK_NO_MEMORY, "pack", "no memory", OSK_NO_OFFSET);
    }
    *out = maker;
    return OSK_OK;
}

static OskStatus hash_frame(OskPackMaker *maker, const OskLuma *luma, uint32_t time_ms,
                            OskFault *fault)
{
    OskLuma small;
    OskStatus status = osk_luma_scale(&small, luma, HASH_SIDE, fault);
    if (status != OSK_OK) {
        return status;
    }
    OskPackHash hash = { .time_ms = time_ms };
    status = osk_pdq_hash(&hash.pdq, &small, fault);
    osk_luma_free(&small);
    /* Only the first form goes with it. */
    memset(&hash.pdq.forms[1], 0, (OSK_PDQ_FORMS - 1) * sizeof hash.pdq.forms[1]);
    const OskPackHash *last = maker->hash_count > 0 ? &maker->hashes[maker->hash_count - 1] : NULL;
    bool changed =
        last == NULL || osk_pdq_distance(&last->pdq.forms[0], &hash.pdq.forms[0]) > CHANGE_MIN;
    if (status != OSK_OK || !changed) {
        return status;
    }
    if (maker->hash_count == OSK_PACK_HASHES_MAX) {
        maker->is_cut = true;
    } else {
        maker->hashes[maker->hash_count++] = hash;
    }
    return OSK_OK;
}

static void wipe(void *bytes, size_t len)
{
    volatile uint8_t *at = bytes;
    for (size_t i = 0; at != NULL && i < len; i++) {
        at[i] = 0;
    }
    free(bytes);
}

static void let_go(Held *held)
{
    wipe(held->luma, (size_t)held->width * held->height);
    *held = (Held){ .luma = NULL };
}

/* Keeps held frames of every `factor`th step. */
static void thin(OskPackMaker *maker, uint32_t factor)
{
    size_t kept = 0;
    for (size_t i = 0; i < maker->held_count; i++) {
        if (maker->held[i].time_ms / maker->step_ms % factor == 0) {
            Held frame = maker->held[i];
            maker->held[i] = (Held){ .luma = NULL };
            maker->held[kept++] = frame;
        } else {
            let_go(&maker->held[i]);
        }
    }
    maker->held_count = kept;
}

static OskStatus hold_frame(OskPackMaker *maker, const OskLuma *luma, uint32_t time_ms,
                            OskFault *fault)
{
    if (maker->held_count == HELD_MAX) {
        thin(maker, 2);
        maker->step_ms *= 2;
    }
    maker->next_ms = time_ms - time_ms % maker->step_ms + maker->step_ms;
    size_t count = (size_t)luma->width * luma->height;
    Held *held = &maker->held[maker->held_count];
    *held = (Held){ time_ms, luma->width, luma->height, malloc(count) };
    if (held->luma == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "luma", "no memory to hold it", OSK_NO_OFFSET);
    }
    for (size_t i = 0; i < count; i++) {
        float value = luma->values[i];
        held->luma[i] = (uint8_t)(value <= 0 ? 0 : value >= 255 ? 255 : value + 0.5F);
    }
    maker->held_count++;
    return OSK_OK;
}

OskStatus osk_pack_maker_add(OskPackMaker *maker, const OskLuma *luma, uint32_t time_ms,
                             OskFault *fault)
{
    if (time_ms < maker->last_ms || time_ms > UINT32_MAX / 2) {
        return osk_fault_set(fault, OSK_MISUSE, "pack", "frames out of order", OSK_NO_OFFSET);
    }
    OskStatus status = hash_frame(maker, luma, time_ms, fault);
    if (status == OSK_OK && time_ms >= maker->next_ms) {
        status = hold_frame(maker, luma, time_ms, fault);
    }
    maker->last_ms = time_ms;
    maker->frame_count++;
    return status;
}

/* Held frames of every `factor`th step. */
static size_t count_every(const OskPackMaker *maker, uint32_t factor)
{
    size_t count = 0;
    for (size_t i = 0; i < maker->held_count; i++) {
        count += maker->held[i].time_ms / maker->step_ms % factor == 0;
    }
    return count;
}

/* Steps whose multiples are each other's as often as can be: copies of nearly one length choose
 * alike. */
static uint32_t factor_of(const OskPackMaker *maker)
{
    static const uint32_t factors[] = { 1, 2, 3, 4, 6, 8, 12, 16, 24 };
    size_t at = 0;
    while (at + 1 < sizeof factors / sizeof *factors &&
           count_every(maker, factors[at]) > OSK_PACK_FRAMES_MAX) {
        at++;
    }
    return factors[at];
}

/* Makes the key frames of what is held. */
static OskStatus make_keys(OskPackMaker *maker, OskPack *pack, OskFault *fault)
{
    const OskKeyLimits limits = { KEY_SIDE, OSK_FEATURES_VIDEO_MAX };
    OskStatus status = OSK_OK;
    thin(maker, factor_of(maker));
    for (size_t i = 0; status == OSK_OK && i < maker->held_count && i < OSK_PACK_FRAMES_MAX; i++) {
        const Held *held = &maker->held[i];
        size_t count = (size_t)held->width * held->height;
        float *values = malloc(count * sizeof *values);
        if (values == NULL) {
            return osk_fault_set(fault, OSK_NO_MEMORY, "luma", "no memory", OSK_NO_OFFSET);
        }
        for (size_t at = 0; at < count; at++) {
            values[at] = (float)held->luma[at];
        }
        OskLuma luma = { values, held->width, held->height };
        pack->frames[pack->key_count].time_ms = held->time_ms;
        status = osk_pack_key(&pack->frames[pack->key_count++], &luma, &limits, fault);
        osk_luma_free(&luma);
    }
    return status;
}

OskStatus osk_pack_maker_end(OskPackMaker **maker, const OskFramesFacts *facts, OskPack **out,
                             OskFault *fault)
{
    OskPackMaker *from = *maker;
    OskPack *pack = calloc(1, sizeof *pack);
    OskPackFrame *frames = calloc(OSK_PACK_FRAMES_MAX, sizeof *frames);
    if (pack == NULL || frames == NULL || from->hash_count == 0 || from->held_count == 0) {
        bool is_empty = pack != NULL && frames != NULL;
        free(pack);
        free(frames);
        osk_pack_maker_free(maker);
        return osk_fault_set(fault, is_empty ? OSK_MISUSE : OSK_NO_MEMORY, "pack",
                             is_empty ? "no frame" : "no memory", OSK_NO_OFFSET);
    }
    *pack = (OskPack){ .kind = facts->kind,
                       .width = facts->width,
                       .height = facts->height,
                       .duration_ms = facts->duration_ms,
                       .frame_count = from->frame_count,
                       .capture = facts->capture,
                       .low_diversity = from->is_cut || from->hash_count < OSK_PACK_DIVERSE_MIN,
                       .hashes = from->hashes,
                       .hash_count = from->hash_count,
                       .frames = frames };
    from->hashes = NULL;
    from->hash_count = 0;
    OskStatus status = make_keys(from, pack, fault);
    osk_pack_maker_free(maker);
    if (status != OSK_OK) {
        osk_pack_free(&pack);
        return status;
    }
    *out = pack;
    return OSK_OK;
}

void osk_pack_maker_free(OskPackMaker **maker)
{
    OskPackMaker *old = *maker;
    if (old == NULL) {
        return;
    }
    for (size_t i = 0; i < HELD_MAX; i++) {
        let_go(&old->held[i]);
    }
    wipe(old->hashes, old->hash_count * sizeof *old->hashes);
    free(old);
    *maker = NULL;
}
