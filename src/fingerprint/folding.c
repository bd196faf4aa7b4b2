/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which representative explains a file. Both indexes say what is worth laying over it; nothing is
 * folded under a member, so that what is alike from one to the next never drifts. */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "oilskin/fingerprint.h"

/* Of each hash, and of all hashes of a file. */
#define NEAR_MAX 10u
#define HASHED_MAX 24u
#define CANDIDATES_MAX (HASHED_MAX + OSK_FEATURE_CANDIDATES)
/* Hashes of a video that are asked for; the others lie between them. */
#define ASKED_MAX 128u
/* Key frames of a video whose corners are looked for. */
#define CORNERED 4u

/* A representative. Packs that can be loaded again go where there are too many. */
typedef struct Slot {
    OskPack *pack;
    uint32_t bytes;
    bool is_there;
    bool is_recent; /* was used since the hand passed */
} Slot;

struct OskFolding {
    OskIndex *hashes;
    OskFeatureIndex *features; /* of stills */
    OskFeatureIndex *films;    /* of key frames */
    OskFoldingOptions options;
    Slot *slots; /* by number */
    size_t room;
    size_t count;
    size_t held; /* bytes of packs */
    size_t hand;
};

typedef struct Candidate {
    uint32_t item;
    uint32_t hits; /* of hashes */
} Candidate;

typedef struct Candidates {
    Candidate of[CANDIDATES_MAX];
    size_t count;
} Candidates;

/* ---- packs ---- */

static uint32_t bytes_of(const OskPack *pack)
{
    size_t bytes = sizeof *pack + pack->hash_count * sizeof *pack->hashes;
    for (size_t i = 0; i < pack->key_count + pack->small_count; i++) {
        const OskPackFrame *frame = &pack->frames[i];
        bytes += sizeof *frame + (size_t)frame->luma_width * frame->luma_height +
                 frame->feature_count * sizeof *frame->features;
    }
    return (uint32_t)bytes;
}

static void let_go(OskFolding *folding, Slot *slot)
{
    if (slot->pack != NULL) {
        folding->held -= slot->bytes;
        osk_pack_free(&slot->pack);
    }
}

/* Makes room by a hand that goes round: who was not used since it came by last goes. */
static void make_room(OskFolding *folding, const Slot *kept)
{
    while (folding->options.load != NULL && folding->held > folding->options.held_max &&
           folding->held > kept->bytes) {
        Slot *slot = &folding->slots[folding->hand];
        folding->hand = (folding->hand + 1) % folding->room;
        if (slot != kept && !slot->is_recent) {
            let_go(folding, slot);
        }
        slot->is_recent = false;
    }
}

static void hold(OskFolding *folding, Slot *slot, OskPack *pack)
{
    slot->pack = pack;
    slot->bytes = bytes_of(pack);
    slot->is_recent = true;
    folding->held += slot->bytes;
    make_room(folding, slot);
}

/* NULL where it can't be had. */
static const OskPack *pack_of(OskFolding *folding, uint32_t item)
{
    Slot *slot = item < folding->room ? &folding->slots[item] : NULL;
    if (slot == NULL || !slot->is_there) {
        return NULL;
    }
    slot->is_recent = true;
    if (slot->pack == NULL && folding->options.load != NULL) {
        OskPack *pack = folding->options.load(folding->options.context, item);
        if (pack != NULL) {
            hold(folding, slot, pack);
        }
    }
    return slot->pack;
}

/* ---- make and free ---- */

OskStatus osk_folding_make(OskFolding **out, const OskFoldingOptions *options, OskFault *fault)
{
    *out = NULL;
    OskFolding *folding = calloc(1, sizeof *folding);
    if (folding == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "folding", "no memory for it", OSK_NO_OFFSET);
    }
    folding->options = *options;
    OskStatus status = osk_index_make(&folding->hashes, fault);
    if (status == OSK_OK) {
        status = osk_feature_index_make(&folding->features, fault);
    }
    if (status == OSK_OK) {
        status = osk_feature_index_make(&folding->films, fault);
    }
    if (status != OSK_OK) {
        osk_folding_free(&folding);
        return status;
    }
    *out = folding;
    return OSK_OK;
}

void osk_folding_free(OskFolding **folding)
{
    OskFolding *old = *folding;
    if (old == NULL) {
        return;
    }
    for (size_t i = 0; i < old->room; i++) {
        osk_pack_free(&old->slots[i].pack);
    }
    free(old->slots);
    osk_index_free(&old->hashes);
    osk_feature_index_free(&old->features);
    osk_feature_index_free(&old->films);
    free(old);
    *folding = NULL;
}

size_t osk_folding_count(const OskFolding *folding)
{
    return folding->count;
}

/* ---- representatives ---- */

static bool make_slot(OskFolding *folding, uint32_t item)
{
    if (item < folding->room) {
        return true;
    }
    size_t room = (size_t)item + item / 2 + 64;
    Slot *slots = realloc(folding->slots, room * sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    memset(slots + folding->room, 0, (room - folding->room) * sizeof *slots);
    folding->slots = slots;
    folding->room = room;
    return true;
}

/* Key frames whose corners are looked for, evenly spaced. */
static size_t cornered(const OskPack *pack)
{
    return pack->key_count < CORNERED ? pack->key_count : CORNERED;
}

static const OskPackFrame *cornered_at(const OskPack *pack, size_t at)
{
    return &pack->frames[at * pack->key_count / cornered(pack)];
}

static OskStatus index_pack(OskFolding *folding, uint32_t item, const OskPack *pack,
                            OskFault *fault)
{
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < pack->hash_count; i++) {
        if (pack->hashes[i].pdq.quality >= OSK_PDQ_QUALITY_MIN) {
            status = osk_index_add(folding->hashes, item, &pack->hashes[i].pdq.forms[0], fault);
        }
    }
    bool is_still = pack->kind == OSK_PACK_STILL;
    for (size_t i = 0; status == OSK_OK && i < cornered(pack); i++) {
        const OskPackFrame *frame = cornered_at(pack, i);
        status = osk_feature_index_add(is_still ? folding->features : folding->films, item,
                                       frame->features, frame->feature_count, fault);
    }
    return status;
}

static void unindex(OskFolding *folding, uint32_t item)
{
    osk_index_remove(folding->hashes, item);
    osk_feature_index_remove(folding->features, item);
    osk_feature_index_remove(folding->films, item);
}

OskStatus osk_folding_add(OskFolding *folding, uint32_t item, OskPack **pack, OskFault *fault)
{
    if (item > OSK_FEATURE_ITEM_MAX || (item < folding->room && folding->slots[item].is_there)) {
        return osk_fault_set(fault, OSK_MISUSE, "folding", "a number that is taken, or beyond",
                             OSK_NO_OFFSET);
    }
    if (!make_slot(folding, item)) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "folding", "no memory for more", OSK_NO_OFFSET);
    }
    OskStatus status = index_pack(folding, item, *pack, fault);
    if (status != OSK_OK) {
        unindex(folding, item);
        return status;
    }
    folding->slots[item].is_there = true;
    folding->count++;
    hold(folding, &folding->slots[item], *pack);
    *pack = NULL;
    return OSK_OK;
}

static void forget(OskFolding *folding, Slot *slot)
{
    let_go(folding, slot);
    *slot = (Slot){ .is_there = false };
    folding->count--;
}

void osk_folding_remove(OskFolding *folding, uint32_t item)
{
    if (item >= folding->room || !folding->slots[item].is_there) {
        return;
    }
    unindex(folding, item);
    forget(folding, &folding->slots[item]);
}

void osk_folding_remove_all(OskFolding *folding, const bool *is_gone, uint32_t count)
{
    osk_index_remove_all(folding->hashes, is_gone, count);
    osk_feature_index_remove_all(folding->features, is_gone, count);
    osk_feature_index_remove_all(folding->films, is_gone, count);
    for (uint32_t item = 0; item < count && item < folding->room; item++) {
        if (is_gone[item] && folding->slots[item].is_there) {
            forget(folding, &folding->slots[item]);
        }
    }
}

/* ---- candidates ---- */

static void count_hit(Candidates *out, uint32_t item)
{
    size_t at = 0;
    while (at < out->count && out->of[at].item != item) {
        at++;
    }
    if (at == out->count && out->count < HASHED_MAX) {
        out->of[out->count++] = (Candidate){ .item = item };
    }
    if (at < out->count) {
        out->of[at].hits++;
    }
}

static void ask_hash(const OskFolding *folding, const OskPackHash *hash, Candidates *out)
{
    OskNear near[NEAR_MAX];
    if (hash->pdq.quality < OSK_PDQ_QUALITY_MIN) {
        return;
    }
    const OskPdqHash *as_it_is = &hash->pdq.forms[0];
    size_t found =
        hash->has_forms
            ? osk_index_query_forms(folding->hashes, &hash->pdq, OSK_PDQ_DISTANCE, near, NEAR_MAX)
            : osk_index_query(folding->hashes, as_it_is, OSK_PDQ_DISTANCE, near, NEAR_MAX);
    for (size_t i = 0; i < found; i++) {
        count_hit(out, near[i].item);
    }
    OskPdqHash mirrored;
    osk_pdq_mirror(&mirrored, as_it_is);
    found = hash->has_forms
                ? 0
                : osk_index_query(folding->hashes, &mirrored, OSK_PDQ_DISTANCE, near, NEAR_MAX);
    for (size_t i = 0; i < found; i++) {
        count_hit(out, near[i].item);
    }
}

/* Most hits first; who came first stays first. */
static void sort_by_hits(Candidates *out)
{
    for (size_t i = 1; i < out->count; i++) {
        const Candidate moved = out->of[i];
        size_t at = i;
        for (; at > 0 && out->of[at - 1].hits < moved.hits; at--) {
            out->of[at] = out->of[at - 1];
        }
        out->of[at] = moved;
    }
}

static void ask_features(const OskFeatureIndex *index, const OskPackFrame *frame, size_t most,
                         Candidates *out)
{
    OskVotes votes[OSK_FEATURE_CANDIDATES];
    size_t found = 0;
    if (osk_feature_index_query(index, frame->features, frame->feature_count, votes, &found) !=
        OSK_OK) {
        return;
    }
    for (size_t i = 0; i < found && i < most; i++) {
        size_t at = 0;
        while (at < out->count && out->of[at].item != votes[i].item) {
            at++;
        }
        if (at == out->count) {
            out->of[out->count++] = (Candidate){ .item = votes[i].item };
        }
    }
}

static void find_candidates(const OskFolding *folding, const OskPack *pack, Candidates *out)
{
    out->count = 0;
    size_t asked = pack->hash_count < ASKED_MAX ? pack->hash_count : ASKED_MAX;
    for (size_t i = 0; i < asked; i++) {
        ask_hash(folding, &pack->hashes[i * pack->hash_count / asked], out);
    }
    sort_by_hits(out);
    const OskFeatureIndex *index =
        pack->kind == OSK_PACK_STILL ? folding->features : folding->films;
    for (size_t i = 0; i < cornered(pack); i++) {
        ask_features(index, cornered_at(pack, i), OSK_FEATURE_CANDIDATES / cornered(pack), out);
    }
}

/* ---- finding ---- */

static bool is_better(const OskLikeness *one, const OskLikeness *than)
{
    if (one->tier != than->tier) {
        return one->tier > than->tier;
    }
    return one->tier == OSK_TIER_NEW ? one->distance < than->distance
                                     : one->component_32 < than->component_32;
}

/* Whether a file that is different is so by having more alone: then it shows everything that the
 * representative shows. */
static bool stands_for(const OskFolding *folding, const OskPack *pack, const OskPack *other)
{
    OskLikeness back;
    return osk_pack_compare(&back, other, pack, folding->options.rules, NULL) == OSK_OK &&
           back.tier == OSK_TIER_EXPLAINED;
}

OskStatus osk_folding_find(OskFolding *folding, const OskPack *pack, OskFolded *out,
                           OskFault *fault)
{
    Candidates candidates;
    *out = (OskFolded){ .likeness = { .tier = OSK_TIER_NEW, .distance = OSK_PDQ_BITS } };
    find_candidates(folding, pack, &candidates);
    for (size_t i = 0; i < candidates.count && out->likeness.tier != OSK_TIER_EXPLAINED; i++) {
        OskLikeness here;
        const OskPack *other = pack_of(folding, candidates.of[i].item);
        if (other == NULL) {
            continue;
        }
        OskStatus status = osk_pack_compare(&here, pack, other, folding->options.rules, fault);
        if (status != OSK_OK) {
            return status;
        }
        out->compared++;
        if (is_better(&here, &out->likeness)) {
            out->likeness = here;
            out->item = candidates.of[i].item;
        }
    }
    const OskPack *other =
        out->likeness.tier == OSK_TIER_DIFFERENT ? pack_of(folding, out->item) : NULL;
    out->stands_for = other != NULL && stands_for(folding, pack, other);
    return OSK_OK;
}
