/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a film is a copy: how its time line lies on another one's, and what its frames show that
 * the other's do not. Hashes of frames suggest when; corners of key frames, which keep them, where;
 * small frames tell what is seen between them. */
#include "fingerprint/likeness.h"

/* Hashes of the query that suggest an offset between two time lines. */
#define OFFSETS_MAX 32u
/* Frames this far apart may show the same, where none is nearer. */
#define NEAR_MS 130
/* Frames that are tried for one of the query's. */
#define TRIED 2u
/* Key frames that nothing explains before no other is looked at. */
#define LOST 4u
/* The form of a picture that is mirrored left to right. */
#define FORM_MIRRORED 5u
/* Of each such time one frame is hashed: what a small frame that is too plain for that tells of. */
#define SAMPLE_MS 125
/* Hashes of one time that are looked at: a film that was hashed evenly has no more. */
#define SHOWN_MAX 8u
/* How much later and earlier a film is laid to see whether that tells anything. */
#define SHIFT_MS 1000
/* Frames of another time that must be there before it can be said that they are unlike. */
#define SHIFTED_LEAST 8u

/* How the query's time line lies on the other's. */
typedef struct Line {
    int64_t offset; /* how much later the other is */
    bool mirrored;
    unsigned alike; /* hashes of the query that the other has one like */
} Line;

/* A key frame of the query, laid over the other's frame of its time. */
typedef struct Key {
    const OskPackFrame *query;
    const OskPackFrame *other; /* NULL where the other has none */
    bool is_exact;             /* that is a key frame, too, and at the very time */
    bool is_explained;
    OskExplained left;
} Key;

/* What is left of a film that is laid over another one. */
typedef struct Found {
    Line line;
    Key keys[OSK_PACK_FRAMES_MAX];
    unsigned explained;                /* of them */
    unsigned exact;                    /* of those that lie on key frames */
    unsigned laid;                     /* that corners lay somewhere */
    unsigned inliers;                  /* the most */
    bool is_shown[OSK_PACK_SMALL_MAX]; /* small frames that are explained */
    uint64_t alike_ms;                 /* of the query's time */
    uint64_t all_ms;
    uint64_t unlike_ms; /* the longest of it at once */
    uint64_t small_ms;  /* the same of small frames alone */
    uint64_t small_all_ms;
    uint64_t small_unlike_ms;
} Found;

/* ---- when ---- */

/* What a hash of the query is in the other; bits that are as many as can be where it says nothing.
 */
typedef struct Asked {
    OskPdqHash hash;
    bool is_plain;
} Asked;

static Asked ask(const OskPackHash *query, const OskCase *of, bool mirrored)
{
    Asked asked = { query->pdq.forms[0], query->pdq.quality < of->rules->quality };
    if (mirrored) {
        osk_pdq_mirror(&asked.hash, &query->pdq.forms[0]);
    }
    return asked;
}

static unsigned apart(const Asked *asked, const OskPackHash *other, const OskCase *of)
{
    return asked->is_plain || other->pdq.quality < of->rules->quality
               ? OSK_PDQ_BITS
               : osk_pdq_distance(&asked->hash, &other->pdq.forms[0]);
}

static bool is_same_time(int64_t a, int64_t b)
{
    return a - b <= OSK_SAME_MS && b - a <= OSK_SAME_MS;
}

/* The last hash before a time; the first one where there is none. */
static size_t hash_before(const OskPack *pack, int64_t time)
{
    size_t first = 0;
    size_t end = pack->hash_count;
    while (end - first > 1) {
        size_t middle = first + (end - first) / 2;
        if (pack->hashes[middle].time_ms < time) {
            first = middle;
        } else {
            end = middle;
        }
    }
    return first;
}

/* What the other shows at a time: a kept hash stands for all frames up to the next one. */
static bool shows(const OskCase *of, const OskPackHash *query, const Line *line)
{
    int64_t time = (int64_t)query->time_ms + line->offset;
    const OskPack *other = of->other;
    if (time > (int64_t)other->duration_ms + OSK_SAME_MS) {
        return false;
    }
    const Asked asked = ask(query, of, line->mirrored);
    size_t first = hash_before(other, time - OSK_SAME_MS);
    for (size_t i = first; i < other->hash_count && i < first + SHOWN_MAX &&
                           other->hashes[i].time_ms <= time + OSK_SAME_MS;
         i++) {
        if (apart(&asked, &other->hashes[i], of) <= of->rules->distance) {
            return true;
        }
    }
    return false;
}

/* The hash of the other that is nearest; NULL when none is near. */
static const OskPackHash *nearest_hash(const OskCase *of, const OskPackHash *query, bool mirrored)
{
    const Asked asked = ask(query, of, mirrored);
    unsigned best = of->rules->distance + 1;
    const OskPackHash *found = NULL;
    for (size_t i = 0; i < of->other->hash_count; i++) {
        unsigned here = apart(&asked, &of->other->hashes[i], of);
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
        for (size_t at = 0; at < count; at++) {
            here.alike += shows(of, &of->query->hashes[at], &here);
        }
        if (here.alike > best.alike) {
            best = here;
        }
    }
    return best;
}

/* ---- where ---- */

static int64_t between(int64_t a, int64_t b)
{
    return a < b ? b - a : a - b;
}

/* The other's small frames that are nearest to a time, nearest first. @return how many. */
static unsigned small_at(const OskPackFrame *out[TRIED], const OskPack *other, int64_t time)
{
    unsigned count = 0;
    for (size_t i = 0; i < other->small_count; i++) {
        const OskPackFrame *frame = &other->frames[other->key_count + i];
        if (between(frame->time_ms, time) > NEAR_MS) {
            continue;
        }
        unsigned at = count;
        for (; at > 0 && between(out[at - 1]->time_ms, time) > between(frame->time_ms, time);
             at--) {
            if (at < TRIED) {
                out[at] = out[at - 1];
            }
        }
        if (at < TRIED) {
            out[at] = frame;
            count += count < TRIED;
        }
    }
    return count;
}

/* The other's key frame at that very time, or else the small ones about it. */
static unsigned frames_at(const OskPackFrame *out[TRIED], bool *out_exact, const OskPack *other,
                          int64_t time)
{
    for (size_t i = 0; i < other->key_count; i++) {
        if (is_same_time(other->frames[i].time_ms, time)) {
            *out_exact = true;
            out[0] = &other->frames[i];
            return 1;
        }
    }
    *out_exact = false;
    return small_at(out, other, time);
}

/* A small frame has less detail: what is unexplained is counted wherever it lies. */
static bool is_explained(const OskExplained *left, bool is_exact, const OskLikenessRules *rules)
{
    return osk_likeness_is_explained(left, rules) &&
           (is_exact ||
            (left->component_16 <= rules->small_16 && left->spread_16 <= rules->small_spread_16));
}

/* Lays a key frame over the other's of its time. */
static void look_at_key(Found *found, Key *key, const OskCase *of)
{
    const OskNearest hashed = { .form = found->line.mirrored ? FORM_MIRRORED : 0 };
    const OskPackFrame *others[TRIED];
    int64_t time = (int64_t)key->query->time_ms + found->line.offset;
    unsigned count = frames_at(others, &key->is_exact, of->other, time);
    for (unsigned i = 0; i < count; i++) {
        OskExplained here;
        unsigned inliers;
        if (!osk_likeness_lay(&here, &inliers,
                              (const OskPackFrame *const[2]){ key->query, others[i] }, &hashed,
                              of->rules)) {
            continue;
        }
        found->laid += i == 0 && inliers > 0 && here.component_16 < of->rules->alien_16;
        found->inliers = inliers > found->inliers ? inliers : found->inliers;
        if (key->other == NULL || osk_explained_better(&here, &key->left)) {
            key->left = here;
            key->other = others[i];
        }
    }
    key->is_explained = key->other != NULL && is_explained(&key->left, key->is_exact, of->rules);
    found->explained += key->is_explained;
    found->exact += key->is_explained && key->is_exact;
}

/* The explained key frame that is nearest in time; NULL where there is none. */
static const Key *nearest_key(const Found *found, size_t count, uint32_t time_ms)
{
    const Key *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        const Key *key = &found->keys[i];
        if (key->is_explained &&
            (nearest == NULL ||
             between(key->query->time_ms, time_ms) < between(nearest->query->time_ms, time_ms))) {
            nearest = key;
        }
    }
    return nearest;
}

/* All of a film lies as its key frames do: what lies there is explained, too. */
static void look_again(Found *found, Key *key, const OskCase *of)
{
    const Key *near = nearest_key(found, of->query->key_count, key->query->time_ms);
    OskExplained here;
    if (near != NULL && key->other != NULL && !key->is_explained &&
        osk_explain(&here, key->query, key->other, &near->left.map, of->rules) == OSK_OK &&
        is_explained(&here, key->is_exact, of->rules)) {
        key->left = here;
        key->is_explained = true;
        found->explained++;
        found->exact += key->is_exact;
    }
}

/* Lays a small frame over the other's of a time, `offset` later.
 * @return false where there is none. */
static bool look_at_small(OskExplained *out, const Found *found, const OskCase *of,
                          const OskPackFrame *query, int64_t offset)
{
    const OskPackFrame *others[TRIED];
    const Key *near = nearest_key(found, of->query->key_count, query->time_ms);
    unsigned count = small_at(others, of->other, (int64_t)query->time_ms + offset);
    bool is_there = false;
    for (unsigned i = 0; i < count; i++) {
        OskExplained here;
        if (osk_explain(&here, query, others[i], &near->left.map, of->rules) == OSK_OK &&
            (!is_there || osk_explained_better(&here, out))) {
            *out = here;
            is_there = true;
        }
    }
    return is_there;
}

/* ---- for how long ---- */

/* The time that something at `time_ms` stands for: until what comes next, or the end. */
static uint64_t lasts(const OskPack *pack, uint32_t time_ms, const uint32_t *next)
{
    uint64_t until = next != NULL ? *next : pack->duration_ms;
    return until > time_ms ? until - time_ms : 0;
}

/* How long of what a hash stands for small frames show: all of it where the very frame that was
 * hashed is one of them and none is unlike, since the rest hardly differs from it. A plain hash
 * stands for nothing but itself. No small frame tells what is seen beside it. */
static uint64_t shown_ms(const Found *found, const OskCase *of, const OskPackHash *hash,
                         uint64_t ms)
{
    const OskPack *query = of->query;
    const OskPackFrame *small = query->frames + query->key_count;
    uint64_t end = hash->time_ms + ms;
    uint64_t shown = 0;
    bool is_itself = false;
    bool is_all = hash->pdq.quality >= of->rules->quality;
    for (size_t i = 0; i < query->small_count; i++) {
        uint64_t time = small[i].time_ms;
        if (time >= hash->time_ms && time < end) {
            uint64_t left = end - time < SAMPLE_MS ? end - time : SAMPLE_MS;
            shown += found->is_shown[i] ? left : 0;
            is_all = is_all && found->is_shown[i];
            is_itself = is_itself || time == hash->time_ms;
        }
    }
    return is_all && is_itself ? ms : shown < ms ? shown : ms;
}

/* What hardly moves has few hashes, however long it is seen: they count by their time. */
static void count_hashes(Found *found, const OskCase *of)
{
    const OskPack *query = of->query;
    uint64_t unlike_ms = 0;
    for (size_t i = 0; i < query->hash_count; i++) {
        const OskPackHash *hash = &query->hashes[i];
        uint64_t ms = lasts(query, hash->time_ms,
                            i + 1 < query->hash_count ? &query->hashes[i + 1].time_ms : NULL);
        uint64_t alike = shows(of, hash, &found->line) ? ms : shown_ms(found, of, hash, ms);
        found->all_ms += ms;
        found->alike_ms += alike;
        unlike_ms = alike == ms ? 0 : unlike_ms + ms - alike;
        found->unlike_ms = unlike_ms > found->unlike_ms ? unlike_ms : found->unlike_ms;
    }
}

static void count_small(Found *found, const OskPack *query)
{
    const OskPackFrame *small = query->frames + query->key_count;
    uint64_t unlike_ms = 0;
    for (size_t i = 0; i < query->small_count; i++) {
        uint64_t ms = lasts(query, small[i].time_ms,
                            i + 1 < query->small_count ? &small[i + 1].time_ms : NULL);
        found->small_all_ms += ms;
        found->small_ms += found->is_shown[i] ? ms : 0;
        unlike_ms = found->is_shown[i] ? 0 : unlike_ms + ms;
        found->small_unlike_ms =
            unlike_ms > found->small_unlike_ms ? unlike_ms : found->small_unlike_ms;
    }
}

static void look(Found *found, const OskCase *of, const Line *line)
{
    const OskPack *query = of->query;
    *found = (Found){ .line = *line };
    for (size_t i = 0; i < query->key_count; i++) {
        found->keys[i].query = &query->frames[i];
        if (i < LOST || found->laid > 0 || found->explained > 0) {
            look_at_key(found, &found->keys[i], of);
        }
    }
    for (size_t i = 0; i < query->key_count; i++) {
        look_again(found, &found->keys[i], of);
    }
    for (size_t i = 0; found->explained > 0 && i < query->small_count; i++) {
        OskExplained here;
        found->is_shown[i] =
            look_at_small(&here, found, of, &query->frames[query->key_count + i], line->offset) &&
            is_explained(&here, false, of->rules);
    }
    count_small(found, query);
    count_hashes(found, of);
}

/* How much later to lay a film so that the other has small frames there. */
static int64_t shift_of(const OskCase *of)
{
    const OskPack *other = of->other;
    const OskPackFrame *small = other->frames + other->key_count;
    int64_t wanted = of->query->duration_ms / 8;
    wanted = wanted < SHIFT_MS ? wanted : SHIFT_MS;
    if (other->small_count < 2) {
        return wanted;
    }
    uint32_t time = small[other->small_count - 1].time_ms - small[0].time_ms;
    int64_t step = time / (uint32_t)(other->small_count - 1);
    return step > 0 ? (wanted + step - 1) / step * step : wanted;
}

/* Whether the film would lie as well at another time: then it tells nothing. Somebody who speaks is
 * like that, and a camera that stands still, wherever both begin. */
static bool fits_at_any_time(const Found *found, const OskCase *of)
{
    static const int64_t steps[] = { -2, -1, 1, 2 };
    const OskPack *query = of->query;
    int64_t shift = shift_of(of);
    unsigned there = 0;
    unsigned shown = 0;
    for (size_t i = 0; i < query->small_count * 4; i++) {
        OskExplained here;
        if (look_at_small(&here, found, of, &query->frames[query->key_count + i / 4],
                          found->line.offset + shift * steps[i % 4])) {
            there++;
            shown += here.component_16 <= of->rules->again_16 &&
                     here.covered_permille >= of->rules->covered_permille;
        }
    }
    return there < SHIFTED_LEAST || shown * 3 > there;
}

/* ---- the whole ---- */

static unsigned permille(uint64_t part_ms, uint64_t all_ms)
{
    return all_ms > 0 ? (unsigned)(part_ms * 1000 / all_ms) : 0;
}

/* Whether small frames leave nothing that is seen for long: a single one may lie at a cut. */
static bool is_small_explained(const Found *found, const OskCase *of)
{
    return permille(found->small_ms, found->small_all_ms) >= of->rules->small_permille &&
           found->small_unlike_ms <= of->rules->small_unlike_ms;
}

/* Whether no key frame differs from what the other has at its time, be it a small one. */
static bool is_all_explained(const Found *found, size_t count)
{
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        all = all && (found->keys[i].is_explained || found->keys[i].other == NULL);
    }
    return all;
}

/* Of the key frame where most is unexplained; of all of them the smallest scale. */
static OskExplained worst_of(const Found *found, size_t count)
{
    OskExplained worst = { .covered_permille = 1000 };
    float scale = 0;
    for (size_t i = 0; i < count; i++) {
        const Key *key = &found->keys[i];
        if (key->other == NULL) {
            continue;
        }
        worst = osk_explained_better(&key->left, &worst) ? worst : key->left;
        if (key->is_explained) {
            scale = scale == 0 || key->left.scale < scale ? key->left.scale : scale;
        }
    }
    worst.scale = scale;
    return worst;
}

static bool is_copy(const Found *found, const OskCase *of)
{
    const OskLikenessRules *rules = of->rules;
    const OskPack *query = of->query;
    bool is_still = query->kind == OSK_PACK_STILL || of->other->kind == OSK_PACK_STILL;
    const OskExplained worst = worst_of(found, query->key_count);
    return !is_still && is_all_explained(found, query->key_count) &&
           found->exact >= rules->key_frames && is_small_explained(found, of) &&
           permille(found->alike_ms, found->all_ms) >= rules->frames_permille &&
           found->unlike_ms <= rules->unlike_ms && !query->low_diversity &&
           !of->other->low_diversity && !osk_likeness_has_more(query, of->other, &worst) &&
           !fits_at_any_time(found, of);
}

void osk_likeness_of_films(OskLikeness *out, const OskCase *of)
{
    const Line suggested = best_line(of);
    bool is_still = of->query->kind == OSK_PACK_STILL || of->other->kind == OSK_PACK_STILL;
    Found found;
    look(&found, of, &suggested);
    bool is_done = is_copy(&found, of);
    /* Copies begin where their source does, more often than not: also those that no hash knows. */
    if (!is_done && !is_still && suggested.offset != 0) {
        Found again;
        look(&again, of, &(Line){ .offset = 0 });
        if (again.exact > found.exact) {
            found = again;
            is_done = is_copy(&found, of);
        }
    }
    const OskExplained worst = worst_of(&found, of->query->key_count);
    osk_likeness_report(out, &worst);
    out->inliers = found.inliers;
    out->key_frames = found.exact;
    out->frames_permille = permille(found.alike_ms, found.all_ms);
    out->distance = osk_likeness_nearest(of).distance;
    bool is_like = suggested.alike >= (is_still ? 1 : of->rules->frames_least) ||
                   (!is_still && found.laid >= of->rules->frames_least);
    out->tier = is_done ? OSK_TIER_EXPLAINED : is_like ? OSK_TIER_DIFFERENT : OSK_TIER_NEW;
}
