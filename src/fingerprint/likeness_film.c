/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a film is a copy: how its time line lies on another one's, and what its key frames show
 * that the other's do not. */
#include "fingerprint/likeness.h"

/* Hashes of the query that suggest an offset between two time lines. */
#define OFFSETS_MAX 32u

/* How the query's time line lies on the other's. */
typedef struct Line {
    int64_t offset; /* how much later the other is */
    bool mirrored;
    unsigned alike;     /* hashes of the query that the other has one like */
    uint64_t alike_ms;  /* what they stand for */
    uint64_t all_ms;    /* what all of them stand for */
    uint64_t unlike_ms; /* the longest that none is alike */
} Line;

static unsigned apart(const OskPackHash *query, const OskPackHash *other, const OskCase *of,
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
    return a - b <= OSK_SAME_MS && b - a <= OSK_SAME_MS;
}

/* What the other shows at a time: a kept hash stands for all frames up to the next one. */
static bool shows(const OskCase *of, const OskPackHash *query, const Line *line)
{
    int64_t time = (int64_t)query->time_ms + line->offset;
    const OskPack *other = of->other;
    if (time > (int64_t)other->duration_ms + OSK_SAME_MS) {
        return false;
    }
    for (size_t i = 0; i < other->hash_count && other->hashes[i].time_ms <= time + OSK_SAME_MS;
         i++) {
        bool is_over =
            i + 1 < other->hash_count && other->hashes[i + 1].time_ms < time - OSK_SAME_MS;
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

static void count_alike(const OskCase *of, Line *line)
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
static const OskPackHash *nearest_hash(const OskCase *of, const OskPackHash *query, bool mirrored)
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
static Line best_line(const OskCase *of)
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
static bool explain_keys(OskLikeness *out, const OskCase *of, const Line *line, OskExplained *worst)
{
    bool all = true;
    *worst = (OskExplained){ .covered_permille = 1000 };
    float scale = 0;
    /* The form of a picture that is mirrored left to right. */
    OskNearest hashed = { .form = line->mirrored ? 5 : 0,
                          .query_is_trimmed = of->query->hashes[0].is_trimmed,
                          .other_is_trimmed =
                              of->other->hash_count > 0 && of->other->hashes[0].is_trimmed };
    for (size_t i = 0; i < of->query->key_count; i++) {
        const OskPackFrame *query = &of->query->frames[i];
        const OskPackFrame *other = key_at(of->other, (int64_t)query->time_ms + line->offset);
        OskExplained here;
        unsigned inliers;
        if (other == NULL ||
            !osk_likeness_lay(&here, &inliers, (const OskPackFrame *const[2]){ query, other },
                              &hashed, of->rules)) {
            continue;
        }
        out->inliers = inliers > out->inliers ? inliers : out->inliers;
        bool explained = osk_likeness_is_explained(&here, of->rules);
        out->key_frames += explained;
        all = all && explained;
        *worst = osk_explained_better(&here, worst) ? *worst : here;
        scale = scale == 0 || here.scale < scale ? here.scale : scale;
    }
    worst->scale = scale;
    osk_likeness_report(out, worst);
    return all;
}

void osk_likeness_of_films(OskLikeness *out, const OskCase *of)
{
    const Line line = best_line(of);
    out->distance = osk_likeness_nearest(of).distance;
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
                   !of->other->low_diversity &&
                   !osk_likeness_has_more(of->query, of->other, &worst);
    out->tier = is_copy ? OSK_TIER_EXPLAINED : OSK_TIER_DIFFERENT;
}
