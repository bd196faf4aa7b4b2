/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairs of features that are like each other, and the similarity that most of them agree on: two
 * pairs at a time give one, the others vote (RANSAC). Descriptors of the mirrored query are its own
 * with their halves swapped. */
#include "fingerprint/align.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fingerprint/hamming.h"

/* Bits in which a pair may differ, and how much better it must be than the next place, in
 * hundredths. */
#define DISTANCE_MAX 70u
#define RATIO 85u
/* Corners of one place are found on several sizes: these pixels apart they are another place. */
#define APART 12.0F
/* Pixels by which a pair may miss the place where the map puts it, of two pairs and of many. */
#define MISS 5.0F
#define MISS_FINE 2.0F
#define ROUNDS 600u
#define SCALE_MIN 0.2F
#define SCALE_MAX 5.0F

/* A place of the query and one of the other picture, in pixels of the feature frames. */
typedef struct Pair {
    float qx, qy;
    float ox, oy;
} Pair;

typedef struct Pairs {
    Pair of[OSK_FEATURES_MAX];
    size_t count;
    bool mirrored;
} Pairs;

static float pixels_of(uint16_t steps)
{
    return (float)steps / (float)OSK_FEATURE_STEPS;
}

static float square(float value)
{
    return value * value;
}

/* ---- pairs ---- */

static unsigned distance_of(const OskFeature *a, const OskFeature *b, bool mirrored)
{
    if (!mirrored) {
        return osk_hamming_256(a->descriptor, b->descriptor);
    }
    uint8_t swapped[32];
    memcpy(swapped, a->descriptor + 16, 16);
    memcpy(swapped + 16, a->descriptor, 16);
    return osk_hamming_256(swapped, b->descriptor);
}

/* The feature of `other` most like `feature`; NULL when none is, or another place is nearly as
 * much. */
static const OskFeature *like(const OskFeature *feature, const OskPackFrame *other, bool mirrored)
{
    unsigned distances[OSK_FEATURES_MAX];
    size_t best = 0;
    for (size_t i = 0; i < other->feature_count; i++) {
        distances[i] = distance_of(feature, &other->features[i], mirrored);
        best = distances[i] < distances[best] ? i : best;
    }
    if (other->feature_count == 0 || distances[best] > DISTANCE_MAX) {
        return NULL;
    }
    const OskFeature *found = &other->features[best];
    for (size_t i = 0; i < other->feature_count; i++) {
        const OskFeature *next = &other->features[i];
        float away = square(pixels_of(next->x) - pixels_of(found->x)) +
                     square(pixels_of(next->y) - pixels_of(found->y));
        if (away > APART * APART && distances[best] * 100 > distances[i] * RATIO) {
            return NULL;
        }
    }
    return found;
}

static void pair_up(Pairs *pairs, const OskPackFrame *query, const OskPackFrame *other)
{
    pairs->count = 0;
    for (size_t i = 0; i < query->feature_count && pairs->count < OSK_FEATURES_MAX; i++) {
        const OskFeature *feature = &query->features[i];
        const OskFeature *found = like(feature, other, pairs->mirrored);
        if (found != NULL) {
            float x = pixels_of(feature->x);
            pairs->of[pairs->count++] = (Pair){ pairs->mirrored ? -x : x, pixels_of(feature->y),
                                                pixels_of(found->x), pixels_of(found->y) };
        }
    }
}

/* ---- votes ---- */

/* Turned, scaled and moved: (a, b) is a complex factor. */
static OskMap similarity(float a, float b, float x0, float y0)
{
    return (OskMap){ .xx = a, .xy = -b, .x0 = x0, .yx = b, .yy = a, .y0 = y0 };
}

static bool from_two(OskMap *out, const Pair *one, const Pair *two)
{
    float qx = two->qx - one->qx;
    float qy = two->qy - one->qy;
    float ox = two->ox - one->ox;
    float oy = two->oy - one->oy;
    float length = square(qx) + square(qy);
    if (length < APART * APART || square(ox) + square(oy) < APART * APART) {
        return false;
    }
    float a = (ox * qx + oy * qy) / length;
    float b = (oy * qx - ox * qy) / length;
    float scale = square(a) + square(b);
    *out =
        similarity(a, b, one->ox - a * one->qx + b * one->qy, one->oy - b * one->qx - a * one->qy);
    return scale >= SCALE_MIN * SCALE_MIN && scale <= SCALE_MAX * SCALE_MAX;
}

static bool agrees(const OskMap *map, const Pair *pair, float miss)
{
    float x = map->xx * pair->qx + map->xy * pair->qy + map->x0 - pair->ox;
    float y = map->yx * pair->qx + map->yy * pair->qy + map->y0 - pair->oy;
    return square(x) + square(y) <= miss * miss;
}

static size_t votes_of(const OskMap *map, const Pairs *pairs)
{
    size_t votes = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        votes += agrees(map, &pairs->of[i], MISS);
    }
    return votes;
}

/* The same with those whose places lie together counted once: a corner that was found on several
 * sizes is one witness. */
static size_t witnesses_of(const OskMap *map, const Pairs *pairs)
{
    float places[OSK_FEATURES_MAX][2];
    size_t count = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        const Pair *pair = &pairs->of[i];
        bool is_new = agrees(map, pair, MISS);
        for (size_t j = 0; is_new && j < count; j++) {
            is_new =
                square(places[j][0] - pair->qx) + square(places[j][1] - pair->qy) > MISS * MISS;
        }
        if (is_new) {
            places[count][0] = pair->qx;
            places[count++][1] = pair->qy;
        }
    }
    return count;
}

/* The similarity that misses those that agree least, in the mean of squares. */
static OskMap fit(const OskMap *map, const Pairs *pairs, float miss)
{
    float n = 0;
    float sum[4] = { 0 };
    for (size_t i = 0; i < pairs->count; i++) {
        const Pair *pair = &pairs->of[i];
        if (agrees(map, pair, miss)) {
            n++;
            sum[0] += pair->qx;
            sum[1] += pair->qy;
            sum[2] += pair->ox;
            sum[3] += pair->oy;
        }
    }
    float along = 0;
    float across = 0;
    float length = 0;
    for (size_t i = 0; n > 0 && i < pairs->count; i++) {
        const Pair *pair = &pairs->of[i];
        if (agrees(map, pair, miss)) {
            float qx = pair->qx - sum[0] / n;
            float qy = pair->qy - sum[1] / n;
            float ox = pair->ox - sum[2] / n;
            float oy = pair->oy - sum[3] / n;
            along += ox * qx + oy * qy;
            across += oy * qx - ox * qy;
            length += square(qx) + square(qy);
        }
    }
    if (length <= 0) {
        return *map;
    }
    float a = along / length;
    float b = across / length;
    return similarity(a, b, (sum[2] - a * sum[0] + b * sum[1]) / n,
                      (sum[3] - b * sum[0] - a * sum[1]) / n);
}

static size_t vote(OskMap *out, const Pairs *pairs)
{
    uint32_t state = 1;
    size_t most = 0;
    for (unsigned i = 0; pairs->count >= 2 && i < ROUNDS; i++) {
        state = state * 1664525u + 1013904223u;
        size_t one = (size_t)((uint64_t)state * pairs->count >> 32);
        state = state * 1664525u + 1013904223u;
        size_t two = (size_t)((uint64_t)state * pairs->count >> 32);
        OskMap map;
        if (!from_two(&map, &pairs->of[one], &pairs->of[two])) {
            continue;
        }
        size_t votes = votes_of(&map, pairs);
        if (votes > most) {
            most = votes;
            *out = map;
        }
    }
    /* Two corners give a coarse map; those that it meets give a finer one, and so on inwards. */
    for (unsigned i = 0; most > 0 && i < 4; i++) {
        *out = fit(out, pairs, i == 0 ? MISS : i == 1 ? (MISS + MISS_FINE) / 2 : MISS_FINE);
    }
    return most > 0 ? witnesses_of(out, pairs) : 0;
}

size_t osk_align(OskMap *out, const OskPackFrame *query, const OskPackFrame *other, size_t fewest)
{
    size_t most = 0;
    for (unsigned way = 0; way < 2; way++) {
        Pairs pairs = { .mirrored = way == 1 };
        pair_up(&pairs, query, other);
        OskMap map;
        size_t votes = pairs.count >= fewest ? vote(&map, &pairs) : 0;
        if (votes > most) {
            most = votes;
            *out = map;
            out->xx = pairs.mirrored ? -map.xx : map.xx;
            out->yx = pairs.mirrored ? -map.yx : map.yx;
        }
    }
    return most >= fewest ? most : 0;
}

OskMap osk_align_form(unsigned form, const float query[4], const float other[4])
{
    /* Where a place (x, y) of the query goes, about the middle: (xx x + xy y, yx x + yy y). */
    static const int8_t axes[OSK_PDQ_FORMS][4] = {
        { 1, 0, 0, 1 },  { 0, 1, -1, 0 }, { -1, 0, 0, -1 }, { 0, -1, 1, 0 },
        { 1, 0, 0, -1 }, { -1, 0, 0, 1 }, { 0, 1, 1, 0 },   { 0, -1, -1, 0 },
    };
    const int8_t *axis = axes[form];
    float xx = (float)axis[0] * other[2] / query[2];
    float xy = (float)axis[1] * other[2] / query[3];
    float yx = (float)axis[2] * other[3] / query[2];
    float yy = (float)axis[3] * other[3] / query[3];
    float qx = query[0] + query[2] / 2;
    float qy = query[1] + query[3] / 2;
    return (OskMap){ .xx = xx,
                     .xy = xy,
                     .x0 = other[0] + other[2] / 2 - xx * qx - xy * qy,
                     .yx = yx,
                     .yy = yy,
                     .y0 = other[1] + other[3] / 2 - yx * qx - yy * qy };
}
