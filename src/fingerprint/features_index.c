/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Four keys of sixteen bits are taken of each descriptor. Two of one corner share at least one of
 * them more often than not, two of different corners hardly ever: who shares most keys is worth a
 * look. */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "oilskin/fingerprint.h"

#define TABLES 4u
#define KEY_BITS 16u
#define KEYS (1u << KEY_BITS)
/* Features of a representative that get keys: more make every query dearer, and find no more. */
#define KEYED_MAX 120u
/* A vote of a key that no other feature has, and what is chance. */
#define VOTE 1024u
#define VOTES_MIN 256u
/* Keys of plain edges, which every picture has, are not followed. */
#define CHAIN_MAX 4096u
#define NONE UINT32_MAX

typedef struct Posting {
    uint32_t item; /* NONE where it was removed */
    uint32_t next; /* of the same key, or NONE */
} Posting;

struct OskFeatureIndex {
    uint32_t heads[TABLES][KEYS];
    uint32_t lengths[TABLES][KEYS];
    Posting *postings;
    size_t count;
    size_t room;
    uint32_t items; /* one more than the largest */
};

/* Bits of a descriptor far from each other; no bit is in two keys. */
static unsigned key_of(const uint8_t descriptor[32], unsigned table)
{
    unsigned key = 0;
    for (unsigned i = 0; i < KEY_BITS; i++) {
        unsigned bit = i * 16 + table * 4 + i % 4;
        key |= (descriptor[bit / 8] >> bit % 8 & 1u) << i;
    }
    return key;
}

OskStatus osk_feature_index_make(OskFeatureIndex **out, OskFault *fault)
{
    OskFeatureIndex *index = calloc(1, sizeof *index);
    if (index == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "index", "no memory for it", OSK_NO_OFFSET);
    }
    memset(index->heads, 0xFF, sizeof index->heads);
    *out = index;
    return OSK_OK;
}

static bool make_room(OskFeatureIndex *index, size_t more)
{
    if (index->count + more <= index->room) {
        return true;
    }
    size_t room = index->room + index->room / 2 + more;
    Posting *moved = room < NONE ? realloc(index->postings, room * sizeof *moved) : NULL;
    if (moved == NULL) {
        return false;
    }
    index->postings = moved;
    index->room = room;
    return true;
}

OskStatus osk_feature_index_add(OskFeatureIndex *index, uint32_t item, const OskFeature *features,
                                size_t count, OskFault *fault)
{
    if (item > OSK_FEATURE_ITEM_MAX) {
        return osk_fault_set(fault, OSK_MISUSE, "index", "a number beyond the most", OSK_NO_OFFSET);
    }
    size_t keyed = count < KEYED_MAX ? count : KEYED_MAX;
    if (!make_room(index, keyed * TABLES)) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "index", "no memory for more", OSK_NO_OFFSET);
    }
    for (size_t i = 0; i < keyed; i++) {
        /* Every so manieth, so that each size of the picture gives some. */
        const OskFeature *feature = &features[i * count / keyed];
        for (unsigned table = 0; table < TABLES; table++) {
            unsigned key = key_of(feature->descriptor, table);
            uint32_t *head = &index->heads[table][key];
            index->lengths[table][key]++;
            index->postings[index->count] = (Posting){ .item = item, .next = *head };
            *head = (uint32_t)index->count++;
        }
    }
    index->items = item >= index->items ? item + 1 : index->items;
    return OSK_OK;
}

void osk_feature_index_remove(OskFeatureIndex *index, uint32_t item)
{
    for (size_t i = 0; i < index->count; i++) {
        if (index->postings[i].item == item) {
            index->postings[i].item = NONE;
        }
    }
}

/* Votes of one item, and of which feature the last one was: each has one, however many corners of
 * the item look like it. */
typedef struct Count {
    uint32_t votes;
    uint32_t voter;
} Count;

/* A key that many share says little: its votes are worth less. */
static void vote(const OskFeatureIndex *index, const uint8_t descriptor[32], uint32_t voter,
                 Count *counts)
{
    for (unsigned table = 0; table < TABLES; table++, voter++) {
        unsigned key = key_of(descriptor, table);
        uint32_t length = index->lengths[table][key];
        uint32_t at = length <= CHAIN_MAX ? index->heads[table][key] : NONE;
        for (; at != NONE; at = index->postings[at].next) {
            uint32_t item = index->postings[at].item;
            if (item != NONE && counts[item].voter != voter) {
                counts[item].voter = voter;
                counts[item].votes += VOTE / length;
            }
        }
    }
}

/* Keeps the items with most votes, most first. */
static size_t count_votes(const OskFeatureIndex *index, const Count *counts, OskVotes *out)
{
    size_t count = 0;
    for (uint32_t item = 0; item < index->items; item++) {
        if (counts[item].votes < VOTES_MIN ||
            (count == OSK_FEATURE_CANDIDATES && out[count - 1].votes >= counts[item].votes)) {
            continue;
        }
        size_t at = count < OSK_FEATURE_CANDIDATES ? count++ : count - 1;
        for (; at > 0 && out[at - 1].votes < counts[item].votes; at--) {
            out[at] = out[at - 1];
        }
        out[at] = (OskVotes){ .item = item, .votes = counts[item].votes };
    }
    return count;
}

OskStatus osk_feature_index_query(const OskFeatureIndex *index, const OskFeature *features,
                                  size_t count, OskVotes *out, size_t *out_count)
{
    Count *counts = calloc((size_t)index->items + 1, sizeof *counts);
    if (counts == NULL) {
        return OSK_NO_MEMORY;
    }
    for (size_t i = 0; i < count && i < OSK_FEATURES_MAX; i++) {
        const uint8_t *descriptor = features[i].descriptor;
        uint8_t mirrored[32];
        memcpy(mirrored, descriptor + 16, 16);
        memcpy(mirrored + 16, descriptor, 16);
        vote(index, descriptor, TABLES * 2 * (uint32_t)i + 1, counts);
        vote(index, mirrored, TABLES * 2 * (uint32_t)i + TABLES + 1, counts);
    }
    *out_count = count_votes(index, counts, out);
    free(counts);
    return OSK_OK;
}

void osk_feature_index_free(OskFeatureIndex **index)
{
    OskFeatureIndex *old = *index;
    if (old == NULL) {
        return;
    }
    free(old->postings);
    free(old);
    *index = NULL;
}
