/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a file is a copy. Hashes and features only say which pictures to lay over each other, and
 * how; what decides is what is left unexplained then. */
#include <string.h>

#include "base/fault.h"
#include "fingerprint/explain.h"

/* Times of key frames and hashes that count as one: frames of 15 a second lie 67 ms apart. */
#define SAME_MS 70
/* Offsets between two time lines that are tried. */
#define OFFSETS_MAX 64u
#define PIXELS_MAX (UINT64_C(1) << 48)

OskLikenessRules osk_likeness_rules(void)
{
    return (OskLikenessRules){ .distance = OSK_PDQ_DISTANCE,
                               .quality = OSK_PDQ_QUALITY_MIN,
                               .inliers = 10,
                               .covered_permille = 900,
                               .component_16 = 2,
                               .component_32 = 3,
                               .residual = 9,
                               .correlation = 0.9F,
                               .shift = 24,
                               .frames_permille = 950,
                               .frames_least = 3,
                               .key_frames = 8 };
}

/* Two files, and what they are compared by. */
typedef struct Case {
    const OskPack *query;
    const OskPack *other;
    const OskLikenessRules *rules;
} Case;

/* ---- hashes ---- */

/* The nearest two hashes. */
typedef struct Nearest {
    unsigned distance;
    unsigned form; /* of the query */
    bool query_is_trimmed;
    bool other_is_trimmed;
} Nearest;

static void compare_hashes(Nearest *best, const OskPackHash *query, const OskPackHash *other)
{
    unsigned forms = query->has_forms ? OSK_PDQ_FORMS : 1;
    for (unsigned form = 0; form < forms; form++) {
        unsigned distance = osk_pdq_distance(&query->pdq.forms[form], &other->pdq.forms[0]);
        if (distance < best->distance) {
            *best = (Nearest){ distance, form, query->is_trimmed, other->is_trimmed };
        }
    }
}

/* Of all hashes of quality. */
static Nearest nearest_of(const Case *of)
{
    Nearest best = { .distance = OSK_PDQ_BITS };
    for (size_t i = 0; i < of->query->hash_count; i++) {
        for (size_t j = 0; j < of->other->hash_count; j++) {
            const OskPackHash *query = &of->query->hashes[i];
            const OskPackHash *other = &of->other->hashes[j];
            if (query->pdq.quality >= of->rules->quality &&
                other->pdq.quality >= of->rules->quality) {
                compare_hashes(&best, query, other);
            }
        }
    }
    return best;
}

/* ---- one picture over another ---- */

/* Sides of what was hashed, in pixels of the feature frame. */
static void sides_of(float out[4], const OskPackFrame *frame, bool is_trimmed)
{
    unsigned longest =
        frame->luma_width > frame->luma_height ? frame->luma_width : frame->luma_height;
    float scale = (float)OSK_FEATURE_FRAME / (float)longest;
    out[0] = is_trimmed ? (float)frame->trim.left * scale : 0;
    out[1] = is_trimmed ? (float)frame->trim.top * scale : 0;
    out[2] = (float)(is_trimmed ? frame->trim.width : frame->luma_width) * scale;
    out[3] = (float)(is_trimmed ? frame->trim.height : frame->luma_height) * scale;
}

static bool is_better(const OskExplained *one, const OskExplained *than)
{
    unsigned left = one->component_16 * 4 + one->component_32;
    unsigned right = than->component_16 * 4 + than->component_32;
    return left != right ? left < right : one->covered_permille > than->covered_permille;
}

/* Lays one frame over another in each way that there is a reason for, and keeps what explains most.
 * @param hashed how their hashes say that they lie; NULL when they say nothing.
 * @return false when nothing says how they lie. */
static bool explain_frame(OskExplained *out, unsigned *inliers, const OskPackFrame *const frames[2],
                          const Nearest *hashed, const OskLikenessRules *rules)
{
    OskMap maps[2];
    unsigned count = 0;
    *inliers = (unsigned)osk_align(&maps[0], frames[0], frames[1], rules->inliers);
    count += *inliers > 0;
    if (hashed != NULL) {
        float query[4];
        float other[4];
        sides_of(query, frames[0], hashed->query_is_trimmed);
        sides_of(other, frames[1], hashed->other_is_trimmed);
        maps[count++] = osk_align_form(hashed->form, query, other);
    }
    bool done = false;
    for (unsigned i = 0; i < count; i++) {
        OskExplained here;
        if (osk_explain(&here, frames[0], frames[1], &maps[i], rules) == OSK_OK &&
            (!done || is_better(&here, out))) {
            *out = here;
            done = true;
        }
    }
    return done;
}

static bool is_explained(const OskExplained *explained, const OskLikenessRules *rules)
{
    return explained->component_16 <= rules->component_16 &&
           explained->component_32 <= rules->component_32 &&
           explained->covered_permille >= rules->covered_permille;
}

static void report(OskLikeness *out, const OskExplained *explained)
{
    out->covered_permille = explained->covered_permille;
    out->component_16 = explained->component_16;
    out->component_32 = explained->component_32;
    memcpy(out->box, explained->box, sizeof out->box);
}

/* Pixels that are no border, as far as the first key frame tells. */
static uint64_t pixels_of(const OskPack *pack)
{
    const OskPackFrame *frame = &pack->frames[0];
    uint64_t all = (uint64_t)frame->luma_width * frame->luma_height;
    uint64_t inner = (uint64_t)frame->trim.width * frame->trim.height;
    uint64_t shown = (uint64_t)pack->width * pack->height;
    /* A pack may say what it likes: no picture has more. */
    shown = shown < PIXELS_MAX ? shown : PIXELS_MAX;
    return shown * inner / all;
}

/* What makes a file worth a look however well its pixels are explained. */
static bool has_more(const OskPack *query, const OskPack *other)
{
    return pixels_of(query) > pixels_of(other) ||
           query->duration_ms > other->duration_ms + SAME_MS ||
           (query->capture & ~other->capture) != 0;
}

static void compare_stills(OskLikeness *out, const Case *of)
{
    const OskPackFrame *const frames[2] = { &of->query->frames[0], &of->other->frames[0] };
    Nearest near = nearest_of(of);
    out->distance = near.distance;
    bool is_hashed = near.distance <= of->rules->distance;
    OskExplained explained;
    if (!explain_frame(&explained, &out->inliers, frames, is_hashed ? &near : NULL, of->rules)) {
        /* Hashes that are near with no memory to look further: like it, and shown. */
        out->tier = is_hashed ? OSK_TIER_DIFFERENT : OSK_TIER_NEW;
        return;
    }
    report(out, &explained);
    bool is_plain = of->query->hashes[0].pdq.quality < of->rules->quality;
    bool is_copy =
        is_explained(&explained, of->rules) && !is_plain && !has_more(of->query, of->other);
    out->tier = is_copy ? OSK_TIER_EXPLAINED : OSK_TIER_DIFFERENT;
}

/* ---- time lines ---- */

static bool are_near(const OskPackHash *query, const OskPackHash *other,
                     const OskLikenessRules *rules)
{
    return query->pdq.quality >= rules->quality && other->pdq.quality >= rules->quality &&
           query->is_trimmed == other->is_trimmed &&
           osk_pdq_distance(&query->pdq.forms[0], &other->pdq.forms[0]) <= rules->distance;
}

static bool is_same_time(int64_t a, int64_t b)
{
    return a - b <= SAME_MS && b - a <= SAME_MS;
}

/* Hashes of the query that the other has one like, `offset` later. */
static unsigned alike_at(const Case *of, int64_t offset)
{
    unsigned alike = 0;
    for (size_t i = 0; i < of->query->hash_count; i++) {
        const OskPackHash *query = &of->query->hashes[i];
        bool found = false;
        for (size_t j = 0; !found && j < of->other->hash_count; j++) {
            const OskPackHash *other = &of->other->hashes[j];
            found = is_same_time((int64_t)query->time_ms + offset, other->time_ms) &&
                    are_near(query, other, of->rules);
        }
        alike += found;
    }
    return alike;
}

/* The offset at which most hashes are alike; @return how many. Offsets that first hashes suggest
 * are tried, so many at most. */
static unsigned best_offset(const Case *of, int64_t *out)
{
    unsigned most = 0;
    unsigned tried = 0;
    for (size_t i = 0; i < of->query->hash_count && tried < OFFSETS_MAX; i++) {
        for (size_t j = 0; j < of->other->hash_count && tried < OFFSETS_MAX; j++) {
            const OskPackHash *query = &of->query->hashes[i];
            const OskPackHash *other = &of->other->hashes[j];
            if (are_near(query, other, of->rules)) {
                int64_t offset = (int64_t)other->time_ms - query->time_ms;
                unsigned alike = alike_at(of, offset);
                tried++;
                if (alike > most) {
                    most = alike;
                    *out = offset;
                }
            }
        }
    }
    return most;
}

static const OskPackFrame *key_at(const OskPack *pack, int64_t time)
{
    for (size_t i = 0; i < pack->key_count; i++) {
        if (is_same_time(pack->frames[i].time_ms, time)) {
            return &pack->frames[i];
        }
    }
    return NULL;
}

/* Every key frame of the query that the other has one for; @return false where one is unexplained.
 */
static bool explain_keys(OskLikeness *out, const Case *of, int64_t offset)
{
    bool all = true;
    OskExplained worst = { .covered_permille = 1000 };
    Nearest straight = { 0 };
    for (size_t i = 0; i < of->query->key_count; i++) {
        const OskPackFrame *query = &of->query->frames[i];
        const OskPackFrame *other = key_at(of->other, (int64_t)query->time_ms + offset);
        OskExplained here;
        unsigned inliers;
        if (other == NULL ||
            !explain_frame(&here, &inliers, (const OskPackFrame *const[2]){ query, other },
                           &straight, of->rules)) {
            continue;
        }
        out->inliers = inliers > out->inliers ? inliers : out->inliers;
        bool explained = is_explained(&here, of->rules);
        out->key_frames += explained;
        all = all && explained;
        worst = is_better(&here, &worst) ? worst : here;
    }
    report(out, &worst);
    return all;
}

static void compare_lines(OskLikeness *out, const Case *of)
{
    int64_t offset = 0;
    unsigned alike = best_offset(of, &offset);
    out->distance = nearest_of(of).distance;
    out->frames_permille = alike * 1000 / (unsigned)of->query->hash_count;
    bool is_still = of->query->kind == OSK_PACK_STILL || of->other->kind == OSK_PACK_STILL;
    if (alike < (is_still ? 1 : of->rules->frames_least)) {
        out->tier = OSK_TIER_NEW;
        return;
    }
    bool all = explain_keys(out, of, offset);
    bool is_copy = all && !is_still && out->key_frames >= of->rules->key_frames &&
                   out->frames_permille >= of->rules->frames_permille &&
                   !of->query->low_diversity && !of->other->low_diversity &&
                   !has_more(of->query, of->other);
    out->tier = is_copy ? OSK_TIER_EXPLAINED : OSK_TIER_DIFFERENT;
}

OskStatus osk_pack_compare(OskLikeness *out, const OskPack *query, const OskPack *representative,
                           const OskLikenessRules *rules, OskFault *fault)
{
    OskLikenessRules standard = osk_likeness_rules();
    Case of = { query, representative, rules != NULL ? rules : &standard };
    *out = (OskLikeness){ .tier = OSK_TIER_NEW, .distance = OSK_PDQ_BITS };
    if (query->hash_count == 0 || query->key_count == 0 || representative->key_count == 0) {
        return osk_fault_set(fault, OSK_MISUSE, "pack", "an empty one", OSK_NO_OFFSET);
    }
    if (query->kind == OSK_PACK_STILL && representative->kind == OSK_PACK_STILL) {
        compare_stills(out, &of);
    } else {
        compare_lines(out, &of);
    }
    return OSK_OK;
}
