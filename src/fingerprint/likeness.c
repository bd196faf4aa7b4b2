/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a file is a copy. Hashes and features only say which pictures to lay over each other, and
 * how; what decides is what is left unexplained then. */
#include "fingerprint/likeness.h"

#include <string.h>

#include "base/fault.h"

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
                               .written_32 = 1,
                               .written = 3,
                               .written_correlation = 0.9F,
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
                               .key_frames = 8,
                               .small_permille = 850,
                               .small_unlike_ms = 600,
                               .small_16 = 2,
                               .small_spread_16 = 6,
                               .again_16 = 4 };
}

/* ---- hashes ---- */

static void compare_hashes(OskNearest *best, const OskPackHash *query, const OskPackHash *other)
{
    unsigned forms = query->has_forms ? OSK_PDQ_FORMS : 1;
    for (unsigned form = 0; form < forms; form++) {
        unsigned distance = osk_pdq_distance(&query->pdq.forms[form], &other->pdq.forms[0]);
        if (distance < best->distance) {
            *best = (OskNearest){ distance, form, query->is_trimmed, other->is_trimmed };
        }
    }
}

OskNearest osk_likeness_nearest(const OskCase *of)
{
    OskNearest best = { .distance = OSK_PDQ_BITS };
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

bool osk_likeness_lay(OskExplained *out, unsigned *inliers, const OskPackFrame *const frames[2],
                      const OskNearest *hashed, const OskLikenessRules *rules)
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

bool osk_likeness_is_explained(const OskExplained *explained, const OskLikenessRules *rules)
{
    return explained->component_16 <= rules->component_16 &&
           explained->component_32 <= rules->component_32 &&
           explained->spread_32 <= rules->spread_32 && explained->written_32 <= rules->written_32 &&
           explained->covered_permille >= rules->covered_permille;
}

void osk_likeness_report(OskLikeness *out, const OskExplained *explained)
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

bool osk_likeness_has_more(const OskPack *query, const OskPack *other,
                           const OskExplained *explained)
{
    return has_more_pixels(query, other) || is_finer(query, other, explained->scale) ||
           query->duration_ms > other->duration_ms + OSK_SAME_MS ||
           (query->capture & ~other->capture) != 0;
}

bool osk_likeness_can_be(const OskLikeness *said, const OskLikenessRules *rules)
{
    OskLikenessRules standard = osk_likeness_rules();
    rules = rules != NULL ? rules : &standard;
    const OskExplained explained = { .covered_permille = said->covered_permille,
                                     .component_16 = said->component_16,
                                     .component_32 = said->component_32 };
    bool is_film = said->key_frames > 0 || said->frames_permille > 0;
    bool fits_time =
        said->key_frames >= rules->key_frames && said->frames_permille >= rules->frames_permille;
    return said->tier != OSK_TIER_EXPLAINED ||
           (osk_likeness_is_explained(&explained, rules) && (!is_film || fits_time));
}

/* The same picture once more, as floods send it: nothing has to be laid over anything. */
static bool is_same(const OskPackFrame *one, const OskPackFrame *other)
{
    return one->luma_width == other->luma_width && one->luma_height == other->luma_height &&
           one->feature_count == other->feature_count &&
           memcmp(one->luma, other->luma, (size_t)one->luma_width * one->luma_height) == 0;
}

static void compare_stills(OskLikeness *out, const OskCase *of)
{
    const OskPackFrame *const frames[2] = { &of->query->frames[0], &of->other->frames[0] };
    OskNearest near = osk_likeness_nearest(of);
    out->distance = near.distance;
    bool is_hashed = near.distance <= of->rules->distance;
    OskExplained explained = { .covered_permille = 1000, .scale = 1 };
    if (is_hashed && is_same(frames[0], frames[1])) {
        out->inliers = (unsigned)frames[0]->feature_count;
    } else if (!osk_likeness_lay(&explained, &out->inliers, frames, is_hashed ? &near : NULL,
                                 of->rules)) {
        /* Hashes that are near with no memory to look further: like it, and shown. */
        out->tier = is_hashed ? OSK_TIER_DIFFERENT : OSK_TIER_NEW;
        return;
    }
    osk_likeness_report(out, &explained);
    if (!is_hashed && explained.component_16 >= of->rules->alien_16) {
        /* Some corners agree by chance. */
        out->tier = OSK_TIER_NEW;
        return;
    }
    bool is_plain = of->query->hashes[0].pdq.quality < of->rules->quality;
    bool is_copy = osk_likeness_is_explained(&explained, of->rules) && !is_plain &&
                   !osk_likeness_has_more(of->query, of->other, &explained);
    out->tier = is_copy ? OSK_TIER_EXPLAINED : OSK_TIER_DIFFERENT;
}

OskStatus osk_pack_compare(OskLikeness *out, const OskPack *query, const OskPack *representative,
                           const OskLikenessRules *rules, OskFault *fault)
{
    OskLikenessRules standard = osk_likeness_rules();
    OskCase of = { query, representative, rules != NULL ? rules : &standard };
    *out = (OskLikeness){ .tier = OSK_TIER_NEW, .distance = OSK_PDQ_BITS };
    if (query->hash_count == 0 || query->key_count == 0 || representative->key_count == 0) {
        return osk_fault_set(fault, OSK_MISUSE, "pack", "an empty one", OSK_NO_OFFSET);
    }
    if (query->kind == OSK_PACK_STILL && representative->kind == OSK_PACK_STILL) {
        compare_stills(out, &of);
    } else {
        osk_likeness_of_films(out, &of);
    }
    return OSK_OK;
}
