/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a file is a copy. Hashes and features only say which pictures to lay over each other, and
 * how; what decides is what is left unexplained then. */
#include <string.h>

#include "base/fault.h"
#include "fingerprint/explain.h"

/* Times of key frames and hashes that count as one: frames of 15 a second lie 67 ms apart. */
#define SAME_MS 70
/* Hashes of the query that suggest an offset between two time lines. */
#define OFFSETS_MAX 32u
/* By how much a map may be wrong about sizes. */
#define FINER 1.03F

OskLikenessRules osk_likeness_rules(void)
{
    return (OskLikenessRules){ .distance = OSK_PDQ_DISTANCE,
                               .quality = OSK_PDQ_QUALITY_MIN,
                               .inliers = 10,
                               .covered_permille = 900,
                               .component_16 = 2,
                               .component_32 = 3,
                               .spread_32 = 4,
                               .alien_16 = 240,
                               .residual = 6,
                               .contrast = 0.35F,
                               .correlation_near = 0.5F,
                               .correlation = 0.8F,
                               .shift = 24,
                               .plain = 2.5F,
                               .plain_shift = 14,
                               .frames_permille = 950,
                               .unlike_ms = 1000,
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
            (!done || osk_explained_better(&here, out))) {
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
           explained->spread_32 <= rules->spread_32 &&
           explained->covered_permille >= rules->covered_permille;
}

static void report(OskLikeness *out, const OskExplained *explained)
{
    out->covered_permille = explained->covered_permille;
    out->component_16 = explained->component_16;
    out->component_32 = explained->component_32;
    memcpy(out->box, explained->box, sizeof out->box);
}

static bool has_borders(const OskPackFrame *frame)
{
    return frame->trim.width < frame->luma_width || frame->trim.height < frame->luma_height;
}

static bool has_more_pixels(const OskPack *query, const OskPack *other)
{
    /* A pack may say what it likes: no picture has more. */
    uint64_t left = (uint64_t)query->width * query->height;
    uint64_t right = (uint64_t)other->width * other->height;
    return left > right && !has_borders(&query->frames[0]) && !has_borders(&other->frames[0]);
}

/* More pixels for the same place: a part that is larger than the whole was, or a picture whose
 * borders hide how many it has. */
static bool is_finer(const OskPack *query, const OskPack *other, float scale)
{
    float left = (float)(query->width > query->height ? query->width : query->height);
    float right = (float)(other->width > other->height ? other->width : other->height);
    return left > right * scale * FINER;
}

/* What makes a file worth a look however well its pixels are explained. */
static bool has_more(const OskPack *query, const OskPack *other, const OskExplained *explained)
{
    return has_more_pixels(query, other) || is_finer(query, other, explained->scale) ||
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
    if (!is_hashed && explained.component_16 >= of->rules->alien_16) {
        /* Some corners agree by chance. */
        out->tier = OSK_TIER_NEW;
        return;
    }
    bool is_plain = of->query->hashes[0].pdq.quality < of->rules->quality;
    bool is_copy = is_explained(&explained, of->rules) && !is_plain &&
                   !has_more(of->query, of->other, &explained);
    out->tier = is_copy ? OSK_TIER_EXPLAINED : OSK_TIER_DIFFERENT;
}

/* ---- time lines ---- */

/* How the query's time line lies on the other's. */
typedef struct Line {
    int64_t offset; /* how much later the other is */
    bool mirrored;
    unsigned alike;     /* hashes of the query that the other has one like */
    uint64_t alike_ms;  /* what they stand for */
    uint64_t all_ms;    /* what all of them stand for */
    uint64_t unlike_ms; /* the longest that none is alike */
} Line;

static unsigned apart(const OskPackHash *query, const OskPackHash *other, const Case *of,
                      bool mirrored)
{
    if (query->pdq.quality < of->rules->quality || other->pdq.quality < of->rules->quality) {
        return OSK_PDQ_BITS;
    }
    OskPdqHash turned = query->pdq.forms[0];
    if (mirrored) {
        osk_pdq_mirror(&turned, &query->pdq.forms[0]);
    }
    return osk_pdq_distance(&turned, &other->pdq.forms[0]);
}

static bool is_same_time(int64_t a, int64_t b)
{
    return a - b <= SAME_MS && b - a <= SAME_MS;
}

/* What the other shows at a time: a kept hash stands for all frames up to the next one. */
static bool shows(const Case *of, const OskPackHash *query, const Line *line)
{
    int64_t time = (int64_t)query->time_ms + line->offset;
    const OskPack *other = of->other;
    if (time > (int64_t)other->duration_ms + SAME_MS) {
        return false;
    }
    for (size_t i = 0; i < other->hash_count && other->hashes[i].time_ms <= time + SAME_MS; i++) {
        bool is_over = i + 1 < other->hash_count && other->hashes[i + 1].time_ms < time - SAME_MS;
        if (!is_over &&
            apart(query, &other->hashes[i], of, line->mirrored) <= of->rules->distance) {
            return true;
        }
    }
    return false;
}

/* How long a kept hash stands for: until the next one, the last until the end. What hardly moves
 * has few of them, however long it is seen. */
static uint64_t lasts(const OskPack *pack, size_t at)
{
    uint64_t from = pack->hashes[at].time_ms;
    uint64_t until = at + 1 < pack->hash_count ? pack->hashes[at + 1].time_ms : pack->duration_ms;
    return until > from ? until - from : 0;
}

static void count_alike(const Case *of, Line *line)
{
    uint64_t unlike_ms = 0;
    for (size_t i = 0; i < of->query->hash_count; i++) {
        bool is_alike = shows(of, &of->query->hashes[i], line);
        uint64_t ms = lasts(of->query, i);
        line->all_ms += ms;
        line->alike += is_alike;
        line->alike_ms += is_alike ? ms : 0;
        unlike_ms = is_alike ? 0 : unlike_ms + ms;
        line->unlike_ms = unlike_ms > line->unlike_ms ? unlike_ms : line->unlike_ms;
    }
}

/* The hash of the other that is nearest; NULL when none is near. */
static const OskPackHash *nearest_hash(const Case *of, const OskPackHash *query, bool mirrored)
{
    unsigned best = of->rules->distance + 1;
    const OskPackHash *found = NULL;
    for (size_t i = 0; i < of->other->hash_count; i++) {
        unsigned here = apart(query, &of->other->hashes[i], of, mirrored);
        if (here < best) {
            best = here;
            found = &of->other->hashes[i];
        }
    }
    return found;
}

/* The offset at which most hashes are alike, of those that some hashes of the query suggest. */
static Line best_line(const Case *of)
{
    Line best = { .alike = 0 };
    size_t count = of->query->hash_count;
    size_t tried = count < OFFSETS_MAX ? count : OFFSETS_MAX;
    for (size_t i = 0; i < 2 * tried; i++) {
        const OskPackHash *query = &of->query->hashes[i / 2 * count / tried];
        const OskPackHash *other = nearest_hash(of, query, i % 2 == 1);
        if (other == NULL) {
            continue;
        }
        Line here = { .offset = (int64_t)other->time_ms - query->time_ms, .mirrored = i % 2 == 1 };
        /* Copies begin where their source does, more often than not. */
        here.offset = is_same_time(here.offset, 0) ? 0 : here.offset;
        count_alike(of, &here);
        if (here.alike > best.alike) {
            best = here;
        }
    }
    return best;
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
static bool explain_keys(OskLikeness *out, const Case *of, const Line *line, OskExplained *worst)
{
    bool all = true;
    *worst = (OskExplained){ .covered_permille = 1000 };
    float scale = 0;
    /* The form of a picture that is mirrored left to right. */
    Nearest hashed = { .form = line->mirrored ? 5 : 0,
                       .query_is_trimmed = of->query->hashes[0].is_trimmed,
                       .other_is_trimmed =
                           of->other->hash_count > 0 && of->other->hashes[0].is_trimmed };
    for (size_t i = 0; i < of->query->key_count; i++) {
        const OskPackFrame *query = &of->query->frames[i];
        const OskPackFrame *other = key_at(of->other, (int64_t)query->time_ms + line->offset);
        OskExplained here;
        unsigned inliers;
        if (other == NULL ||
            !explain_frame(&here, &inliers, (const OskPackFrame *const[2]){ query, other }, &hashed,
                           of->rules)) {
            continue;
        }
        out->inliers = inliers > out->inliers ? inliers : out->inliers;
        bool explained = is_explained(&here, of->rules);
        out->key_frames += explained;
        all = all && explained;
        *worst = osk_explained_better(&here, worst) ? *worst : here;
        scale = scale == 0 || here.scale < scale ? here.scale : scale;
    }
    worst->scale = scale;
    report(out, worst);
    return all;
}

static void compare_lines(OskLikeness *out, const Case *of)
{
    const Line line = best_line(of);
    out->distance = nearest_of(of).distance;
    out->frames_permille = line.all_ms > 0 ? (unsigned)(line.alike_ms * 1000 / line.all_ms) : 0;
    bool is_still = of->query->kind == OSK_PACK_STILL || of->other->kind == OSK_PACK_STILL;
    if (line.alike < (is_still ? 1 : of->rules->frames_least)) {
        out->tier = OSK_TIER_NEW;
        return;
    }
    OskExplained worst;
    bool all = explain_keys(out, of, &line, &worst);
    bool is_copy = all && !is_still && out->key_frames >= of->rules->key_frames &&
                   out->frames_permille >= of->rules->frames_permille &&
                   line.unlike_ms <= of->rules->unlike_ms && !of->query->low_diversity &&
                   !of->other->low_diversity && !has_more(of->query, of->other, &worst);
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
