/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "fingerprint/pack_key.h"

/* Bits by which a frame must differ from the last kept one. */
#define CHANGE_MIN 12u
/* Hashes tell as much of a small frame, and cost less. */
#define HASH_SIDE 128u
/* Frames that are held while it is not known how long it takes, and the time between the first. */
#define HELD_KEYS 48u
#define HELD_SMALL (2 * OSK_PACK_SMALL_MAX)
#define FIRST_STEP_MS 125u
/* Pixels of a key frame's luma: as many as fit a pack. */
#define KEY_AREA 5184u

/* A frame that may go with the pack: features are looked for when it is known which do. */
typedef struct Held {
    uint32_t time_ms;
    uint32_t width;
    uint32_t height;
    OskTrim trim;
    uint8_t *luma;
} Held;

/* Frames at round times, twice as far apart whenever there are too many. */
typedef struct Series {
    Held held[HELD_SMALL];
    size_t most;
    size_t count;
    uint32_t step_ms;
    uint32_t next_ms; /* when the next one is due */
} Series;

struct OskPackMaker {
    OskPackHash *hashes;
    size_t hash_count;
    Series keys;
    Series small;
    uint32_t last_ms;
    uint32_t frame_count;
    bool is_cut; /* there were more changes than a pack holds */
};

OskStatus osk_pack_maker_open(OskPackMaker **out, OskFault *fault)
{
    OskPackMaker *maker = calloc(1, sizeof *maker);
    if (maker != NULL) {
        maker->keys = (Series){ .most = HELD_KEYS, .step_ms = FIRST_STEP_MS };
        maker->small = (Series){ .most = HELD_SMALL, .step_ms = FIRST_STEP_MS };
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
static void thin(Series *series, uint32_t factor)
{
    size_t kept = 0;
    for (size_t i = 0; i < series->count; i++) {
        if (series->held[i].time_ms / series->step_ms % factor == 0) {
            Held frame = series->held[i];
            series->held[i] = (Held){ .luma = NULL };
            series->held[kept++] = frame;
        } else {
            let_go(&series->held[i]);
        }
    }
    series->count = kept;
}

/* Where borders end in a luma of another size, without the lines that are border in part. */
static void scale_trim(OskTrim *out, const OskTrim *trim, const OskLuma *from, const OskLuma *to)
{
    uint32_t left = (trim->left * to->width + from->width - 1) / from->width;
    uint32_t top = (trim->top * to->height + from->height - 1) / from->height;
    uint32_t right = (trim->left + trim->width) * to->width / from->width;
    uint32_t bottom = (trim->top + trim->height) * to->height / from->height;
    *out = right > left && bottom > top ? (OskTrim){ left, top, right - left, bottom - top }
                                        : (OskTrim){ 0, 0, to->width, to->height };
}

static OskStatus hold_frame(Series *series, const OskLuma *luma, const OskTrim *trim,
                            uint32_t time_ms, OskFault *fault)
{
    if (series->count == series->most) {
        thin(series, 2);
        series->step_ms *= 2;
    }
    series->next_ms = time_ms - time_ms % series->step_ms + series->step_ms;
    size_t count = (size_t)luma->width * luma->height;
    Held *held = &series->held[series->count];
    *held = (Held){ time_ms, luma->width, luma->height, *trim, malloc(count) };
    if (held->luma == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "luma", "no memory to hold it", OSK_NO_OFFSET);
    }
    for (size_t i = 0; i < count; i++) {
        float value = luma->values[i];
        held->luma[i] = (uint8_t)(value <= 0 ? 0 : value >= 255 ? 255 : value + 0.5F);
    }
    series->count++;
    return OSK_OK;
}

/* The longest side of a picture of this shape that has `area` pixels. */
static uint32_t side_of(const OskLuma *luma, uint32_t area)
{
    uint32_t longest = luma->width > luma->height ? luma->width : luma->height;
    uint32_t shortest = luma->width > luma->height ? luma->height : luma->width;
    uint32_t side = 1;
    while (side < OSK_PACK_LUMA_SIDE_MAX && (side + 1) * (side + 1) * shortest <= area * longest) {
        side++;
    }
    return side;
}

static OskStatus hold_small(OskPackMaker *maker, const OskLuma *luma, const OskTrim *trim,
                            uint32_t time_ms, OskFault *fault)
{
    OskLuma small;
    OskStatus status = osk_luma_scale(&small, luma, side_of(luma, OSK_PACK_SMALL_AREA), fault);
    if (status == OSK_OK) {
        OskTrim inner;
        scale_trim(&inner, trim, luma, &small);
        status = hold_frame(&maker->small, &small, &inner, time_ms, fault);
        osk_luma_free(&small);
    }
    return status;
}

OskStatus osk_pack_maker_add(OskPackMaker *maker, const OskLuma *luma, uint32_t time_ms,
                             OskFault *fault)
{
    if (time_ms < maker->last_ms || time_ms > UINT32_MAX / 2) {
        return osk_fault_set(fault, OSK_MISUSE, "pack", "frames out of order", OSK_NO_OFFSET);
    }
    OskTrim trim;
    OskStatus status = hash_frame(maker, luma, time_ms, fault);
    (void)osk_luma_trim(&trim, luma);
    if (status == OSK_OK && time_ms >= maker->keys.next_ms) {
        status = hold_frame(&maker->keys, luma, &trim, time_ms, fault);
    }
    if (status == OSK_OK && time_ms >= maker->small.next_ms) {
        status = hold_small(maker, luma, &trim, time_ms, fault);
    }
    maker->last_ms = time_ms;
    maker->frame_count++;
    return status;
}

/* Held frames of every `factor`th step. */
static size_t count_every(const Series *series, uint32_t factor)
{
    size_t count = 0;
    for (size_t i = 0; i < series->count; i++) {
        count += series->held[i].time_ms / series->step_ms % factor == 0;
    }
    return count;
}

/* Leaves at most so many, by steps whose multiples are each other's as often as can be: copies of
 * nearly one length choose alike. */
static void choose(Series *series, size_t most)
{
    static const uint32_t factors[] = { 1, 2, 3, 4, 6, 8, 12, 16, 24 };
    size_t at = 0;
    while (at + 1 < sizeof factors / sizeof *factors && count_every(series, factors[at]) > most) {
        at++;
    }
    thin(series, factors[at]);
    while (series->count > most) {
        let_go(&series->held[--series->count]);
    }
}

/* What there is room for in a frame of the pack. */
typedef struct Room {
    uint32_t area;
    size_t features;
} Room;

/* Makes frames of the pack of all that is held. */
static OskStatus make_frames(const Series *series, const Room *room, OskPackFrame *out,
                             size_t *count, OskFault *fault)
{
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < series->count; i++) {
        const Held *held = &series->held[i];
        size_t pixels = (size_t)held->width * held->height;
        float *values = malloc(pixels * sizeof *values);
        if (values == NULL) {
            return osk_fault_set(fault, OSK_NO_MEMORY, "luma", "no memory", OSK_NO_OFFSET);
        }
        for (size_t at = 0; at < pixels; at++) {
            values[at] = (float)held->luma[at];
        }
        OskLuma luma = { values, held->width, held->height };
        uint32_t longest = luma.width > luma.height ? luma.width : luma.height;
        /* Small frames are as they go already. */
        const OskKeyLimits limits = { room->features > 0 ? side_of(&luma, room->area) : longest,
                                      room->features };
        OskPackFrame *frame = &out[(*count)++];
        frame->time_ms = held->time_ms;
        status = osk_pack_key(frame, &luma, &limits, fault);
        const OskLuma to = { NULL, frame->luma_width, frame->luma_height };
        if (status == OSK_OK) {
            scale_trim(&frame->trim, &held->trim, &luma, &to);
        }
        osk_luma_free(&luma);
    }
    return status;
}

static OskStatus make_all(OskPackMaker *maker, OskPack *pack, OskFault *fault)
{
    const Room key = { KEY_AREA, OSK_FEATURES_VIDEO_MAX };
    const Room small = { OSK_PACK_SMALL_AREA, 0 };
    choose(&maker->keys, OSK_PACK_FRAMES_MAX);
    choose(&maker->small, OSK_PACK_SMALL_MAX);
    OskStatus status = make_frames(&maker->keys, &key, pack->frames, &pack->key_count, fault);
    if (status == OSK_OK) {
        status = make_frames(&maker->small, &small, pack->frames + pack->key_count,
                             &pack->small_count, fault);
    }
    return status;
}

OskStatus osk_pack_maker_end(OskPackMaker **maker, const OskFramesFacts *facts, OskPack **out,
                             OskFault *fault)
{
    OskPackMaker *from = *maker;
    OskPack *pack = calloc(1, sizeof *pack);
    OskPackFrame *frames = calloc(OSK_PACK_FRAMES_MAX + OSK_PACK_SMALL_MAX, sizeof *frames);
    if (pack == NULL || frames == NULL || from->hash_count == 0 || from->keys.count == 0) {
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
    OskStatus status = make_all(from, pack, fault);
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
    for (size_t i = 0; i < HELD_SMALL; i++) {
        let_go(&old->keys.held[i]);
        let_go(&old->small.held[i]);
    }
    wipe(old->hashes, old->hash_count * sizeof *old->hashes);
    free(old);
    *maker = NULL;
}
