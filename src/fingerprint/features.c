/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Corners and what is about them: FAST finds them, Harris' measure ranks them, the centre of
 * brightness gives each a direction, and pairs of places turned that way are compared. On six sizes
 * of the picture, so that a crop that was blown up meets its source. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "fingerprint/pattern.h"
#include "oilskin/fingerprint.h"

#define LEVELS 6u
#define SHRINK 0.8F
/* Steps of brightness by which an arc of 9 of 16 differs from its centre. */
#define FAST_STEP 10
#define FAST_ARC 9u
#define RING 16u
/* From a corner to the edge: what its descriptor reaches when turned, and a pixel for rounding. */
#define MARGIN ((int)OSK_PATTERN_REACH + 3)
#define CENTROID_REACH 13
/* The frame in cells a side, none of which gives more than its share doubled. */
#define CELLS 6u

typedef struct Corner {
    uint16_t x;
    uint16_t y;
    float score;
} Corner;

/* One size of the picture. */
typedef struct Level {
    uint8_t *plane;  /* as it is */
    uint8_t *smooth; /* blurred: single pixels decide nothing */
    float *scores;   /* zero where there is no corner */
    Corner *corners;
    size_t count;
    int width;
    int height;
} Level;

/* Radius 3, clockwise from the top. */
static const int8_t ring[RING][2] = { { 0, -3 }, { 1, -3 },  { 2, -2 },  { 3, -1 },
                                      { 3, 0 },  { 3, 1 },   { 2, 2 },   { 1, 3 },
                                      { 0, 3 },  { -1, 3 },  { -2, 2 },  { -3, 1 },
                                      { -3, 0 }, { -3, -1 }, { -2, -2 }, { -1, -3 } };

/* ---- corners ---- */

/* Nine bits that follow each other round the circle. */
static bool has_arc(unsigned bits)
{
    bits |= bits << RING;
    unsigned left = bits;
    for (unsigned i = 1; i < FAST_ARC; i++) {
        left &= bits >> i;
    }
    return left != 0;
}

static bool is_corner(const uint8_t *at, const ptrdiff_t offsets[RING])
{
    int high = *at + FAST_STEP;
    int low = *at - FAST_STEP;
    /* Nine of sixteen that follow each other hold one of any two that lie opposite: most places end
     * here. */
    for (unsigned i = 0; i < RING / 2; i += RING / 4) {
        int one = at[offsets[i]];
        int two = at[offsets[i + RING / 2]];
        if (one <= high && one >= low && two <= high && two >= low) {
            return false;
        }
    }
    unsigned brighter = 0;
    unsigned darker = 0;
    for (unsigned i = 0; i < RING; i++) {
        int value = at[offsets[i]];
        brighter |= (unsigned)(value > high) << i;
        darker |= (unsigned)(value < low) << i;
    }
    return has_arc(brighter) || has_arc(darker);
}

/* Of the brightness' two-dimensional change about a place, 7 x 7: high where it changes both ways.
 */
static float harris_at(const Level *level, int x, int y)
{
    float xx = 0;
    float yy = 0;
    float xy = 0;
    for (int v = y - 3; v <= y + 3; v++) {
        const uint8_t *row = level->smooth + (ptrdiff_t)v * level->width;
        for (int u = x - 3; u <= x + 3; u++) {
            float dx = (float)(row[u + 1] - row[u - 1]);
            float dy = (float)(row[u + level->width] - row[u - level->width]);
            xx += dx * dx;
            yy += dy * dy;
            xy += dx * dy;
        }
    }
    float trace = xx + yy;
    return xx * yy - xy * xy - 0.04F * trace * trace;
}

static void find_corners(Level *level)
{
    ptrdiff_t offsets[RING];
    for (unsigned i = 0; i < RING; i++) {
        offsets[i] = (ptrdiff_t)ring[i][1] * level->width + ring[i][0];
    }
    for (int y = MARGIN; y < level->height - MARGIN; y++) {
        for (int x = MARGIN; x < level->width - MARGIN; x++) {
            ptrdiff_t at = (ptrdiff_t)y * level->width + x;
            if (is_corner(level->plane + at, offsets)) {
                float score = harris_at(level, x, y);
                level->scores[at] = score > 0 ? score : 0;
            }
        }
    }
}

/* True when no place within two pixels has a higher score, or the same one before it. */
static bool is_summit(const Level *level, int x, int y)
{
    const float *at = level->scores + (ptrdiff_t)y * level->width + x;
    for (int v = -2; v <= 2; v++) {
        for (int u = -2; u <= 2; u++) {
            float other = at[(ptrdiff_t)v * level->width + u];
            bool before = v < 0 || (v == 0 && u < 0);
            if (other > *at || (before && other == *at)) {
                return false;
            }
        }
    }
    return true;
}

static int by_score(const void *a, const void *b)
{
    const Corner *left = a;
    const Corner *right = b;
    if (left->score != right->score) {
        return left->score < right->score ? 1 : -1;
    }
    int left_at = left->y * 65536 + left->x;
    int right_at = right->y * 65536 + right->x;
    return (left_at > right_at) - (left_at < right_at);
}

static bool gather_corners(Level *level)
{
    size_t count = 0;
    size_t cells = (size_t)level->width * (size_t)level->height;
    for (size_t i = 0; i < cells; i++) {
        count += level->scores[i] > 0;
    }
    level->corners = malloc((count + 1) * sizeof *level->corners);
    if (level->corners == NULL) {
        return false;
    }
    for (int y = MARGIN; y < level->height - MARGIN; y++) {
        for (int x = MARGIN; x < level->width - MARGIN; x++) {
            float score = level->scores[(ptrdiff_t)y * level->width + x];
            if (score > 0 && is_summit(level, x, y)) {
                level->corners[level->count++] =
                    (Corner){ .x = (uint16_t)x, .y = (uint16_t)y, .score = score };
            }
        }
    }
    qsort(level->corners, level->count, sizeof *level->corners, by_score);
    return true;
}

/* Moves to the front the best corners of which no cell of the frame gives too many; @return how
 * many. */
static size_t spread_corners(Level *level, size_t wanted)
{
    uint16_t taken[CELLS * CELLS] = { 0 };
    size_t most = wanted * 2 / (CELLS * CELLS) + 1;
    size_t kept = 0;
    for (size_t i = 0; i < level->count && kept < wanted; i++) {
        Corner corner = level->corners[i];
        size_t column = (size_t)corner.x * CELLS / (size_t)level->width;
        size_t row = (size_t)corner.y * CELLS / (size_t)level->height;
        if (taken[row * CELLS + column]++ < most) {
            level->corners[kept++] = corner;
        }
    }
    return kept;
}

/* ---- descriptors ---- */

/* The direction from the corner to the centre of the brightness about it, of length 1. */
static void direction_of(const Level *level, const Corner *corner, float out[2])
{
    float right = 0;
    float down = 0;
    for (int v = -CENTROID_REACH; v <= CENTROID_REACH; v++) {
        const uint8_t *row = level->smooth + (ptrdiff_t)(corner->y + v) * level->width + corner->x;
        for (int u = -CENTROID_REACH; u <= CENTROID_REACH; u++) {
            if (u * u + v * v <= CENTROID_REACH * CENTROID_REACH) {
                right += (float)(u * row[u]);
                down += (float)(v * row[u]);
            }
        }
    }
    float length = (float)sqrt((double)(right * right + down * down));
    out[0] = length > 0 ? right / length : 1;
    out[1] = length > 0 ? down / length : 0;
}

static int rounded(float value)
{
    return (int)(value < 0 ? value - 0.5F : value + 0.5F);
}

/* Brightness at a place of the pattern; `along` and `across` are in pixels. */
static int brightness_at(const Level *level, const Corner *corner, const float direction[2],
                         const int place[2])
{
    float along = (float)place[0];
    float across = (float)place[1];
    int x = corner->x + rounded(along * direction[0] - across * direction[1]);
    int y = corner->y + rounded(along * direction[1] + across * direction[0]);
    return level->smooth[(ptrdiff_t)y * level->width + x];
}

static void describe(const Level *level, const Corner *corner, OskFeature *out)
{
    float direction[2];
    direction_of(level, corner, direction);
    memset(out->descriptor, 0, sizeof out->descriptor);
    for (unsigned i = 0; i < 2 * OSK_PATTERN_PAIRS; i++) {
        const OskPair *pair = &osk_pattern[i % OSK_PATTERN_PAIRS];
        int side = i < OSK_PATTERN_PAIRS ? 1 : -1;
        int a = brightness_at(level, corner, direction, (int[2]){ pair->ax, side * pair->ay });
        int b = brightness_at(level, corner, direction, (int[2]){ pair->bx, side * pair->by });
        out->descriptor[i / 8] |= (uint8_t)((a < b) << i % 8);
    }
}

/* ---- levels ---- */

static uint8_t to_byte(float value)
{
    return (uint8_t)(value <= 0 ? 0 : value >= 255 ? 255 : value + 0.5F);
}

/* 1 4 6 4 1 each way; the edge itself stays, nothing looks there. */
static void smooth_plane(Level *level, uint8_t *held)
{
    size_t cells = (size_t)level->width * (size_t)level->height;
    memcpy(held, level->plane, cells);
    for (int y = 0; y < level->height; y++) {
        const uint8_t *row = level->plane + (ptrdiff_t)y * level->width;
        for (int x = 2; x < level->width - 2; x++) {
            int sum = row[x - 2] + row[x + 2] + 4 * (row[x - 1] + row[x + 1]) + 6 * row[x];
            held[(ptrdiff_t)y * level->width + x] = (uint8_t)((sum + 8) / 16);
        }
    }
    memcpy(level->smooth, held, cells);
    ptrdiff_t line = level->width;
    for (int y = 2; y < level->height - 2; y++) {
        for (int x = 0; x < level->width; x++) {
            const uint8_t *at = held + y * line + x;
            int sum = at[-2 * line] + at[2 * line] + 4 * (at[-line] + at[line]) + 6 * at[0];
            level->smooth[y * line + x] = (uint8_t)((sum + 8) / 16);
        }
    }
}

static void level_free(Level *level)
{
    free(level->plane);
    free(level->smooth);
    free(level->scores);
    free(level->corners);
}

/* Takes the corners of a picture of one size; @return false when memory ends. */
static bool level_make(Level *level, const OskLuma *luma)
{
    size_t cells = (size_t)luma->width * luma->height;
    *level = (Level){ .width = (int)luma->width, .height = (int)luma->height };
    uint8_t *held = malloc(cells);
    level->plane = malloc(cells);
    level->smooth = malloc(cells);
    level->scores = calloc(cells, sizeof *level->scores);
    bool done =
        held != NULL && level->plane != NULL && level->smooth != NULL && level->scores != NULL;
    if (done) {
        for (size_t i = 0; i < cells; i++) {
            level->plane[i] = to_byte(luma->values[i]);
        }
        smooth_plane(level, held);
        find_corners(level);
        done = gather_corners(level);
    }
    free(held);
    return done;
}

/* Features of one level, at most `wanted`; @return how many. */
static size_t take_level(Level *level, OskFeature *out, size_t wanted, float scale)
{
    size_t count = spread_corners(level, wanted);
    for (size_t i = 0; i < count; i++) {
        const Corner *corner = &level->corners[i];
        describe(level, corner, &out[i]);
        out[i].x = (uint16_t)(((float)corner->x + 0.5F) * scale * (float)OSK_FEATURE_STEPS);
        out[i].y = (uint16_t)(((float)corner->y + 0.5F) * scale * (float)OSK_FEATURE_STEPS);
    }
    return count;
}

OskStatus osk_features_find(const OskLuma *luma, OskFeature *out, size_t limit, size_t *out_count,
                            OskFault *fault)
{
    float weights = 0;
    float weight = 1;
    for (unsigned i = 0; i < LEVELS; i++, weight *= SHRINK) {
        weights += weight;
    }
    size_t count = 0;
    float side = (float)OSK_FEATURE_FRAME;
    weight = 1;
    for (unsigned i = 0; i < LEVELS; i++, side *= SHRINK, weight *= SHRINK) {
        OskLuma scaled;
        OskStatus status = osk_luma_scale(&scaled, luma, (uint32_t)side, fault);
        if (status != OSK_OK) {
            return status;
        }
        Level level;
        bool done = level_make(&level, &scaled);
        osk_luma_free(&scaled);
        if (done) {
            /* What larger levels did not find, the smaller ones may. */
            float share = (float)(limit - count) * weight / weights;
            float scale = (float)OSK_FEATURE_FRAME / (float)(uint32_t)side;
            count += take_level(&level, out + count, (size_t)(share + 0.5F), scale);
            weights -= weight;
        }
        level_free(&level);
        if (!done) {
            return osk_fault_set(fault, OSK_NO_MEMORY, "luma", "no memory for its features",
                                 OSK_NO_OFFSET);
        }
    }
    *out_count = count;
    return OSK_OK;
}
