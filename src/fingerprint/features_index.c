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
#define BEFORE UINT32_MAX /* one more is the first item */
#define CHUNK_BYTES 60u
#define BLOCK_CHUNKS 16384u /* a megabyte */

/* Items of one key, which come in their order: steps from one to the next, the first from -1. The
 * numbers of a hundred thousand pictures, 480 each, are most of what a desk has in memory, and the
 * steps are small: nearly all take two bytes. Seven bits a byte, the lowest first, the eighth where
 * more follow. No step is 0: a 0 ends the chunk. */
typedef struct Chunk {
    uint32_t next; /* one more than the number of the chunk before it; 0 for none */
    uint8_t steps[CHUNK_BYTES];
} Chunk;

_Static_assert(sizeof(Chunk) == 64, "a line of the cache");

struct OskFeatureIndex {
    uint32_t heads[TABLES][KEYS]; /* the newest chunk: one more than its number; 0 for none */
    uint32_t lengths[TABLES][KEYS];
    Chunk **blocks;
    uint32_t chunks; /* that were given out once */
    uint32_t spare;  /* chunks of keys that are followed no more; as `next` */
    uint32_t items;  /* one more than the largest */
};

/* The item behind `*item`, which begins as -1 (BEFORE); false at the end. */
static bool next_item(const Chunk *chunk, unsigned *at, uint32_t *item)
{
    uint32_t step = 0;
    if (*at == CHUNK_BYTES || chunk->steps[*at] == 0) {
        return false;
    }
    for (unsigned bits = 0; *at < CHUNK_BYTES; bits += 7) {
        uint8_t byte = chunk->steps[(*at)++];
        step |= (byte & 0x7Fu) << bits;
        if (byte < 0x80) {
            break;
        }
    }
    *item += step;
    return true;
}

/* False where there is no room for it; nothing has changed then. */
static bool add_step(Chunk *chunk, unsigned *at, uint32_t step)
{
    unsigned len = 1;
    while (step >> 7 * len != 0) {
        len++;
    }
    if (len > CHUNK_BYTES - *at) {
        return false;
    }
    for (; step >= 0x80; step >>= 7) {
        chunk->steps[(*at)++] = (uint8_t)(step | 0x80);
    }
    chunk->steps[(*at)++] = (uint8_t)step;
    return true;
}

static Chunk *chunk_at(const OskFeatureIndex *index, uint32_t place)
{
    return &index->blocks[(place - 1) / BLOCK_CHUNKS][(place - 1) % BLOCK_CHUNKS];
}

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
    *out = index;
    return OSK_OK;
}

/* 0 when there is no memory. */
static uint32_t give_chunk(OskFeatureIndex *index)
{
    uint32_t place = index->spare;
    if (place != 0) {
        index->spare = chunk_at(index, place)->next;
        return place;
    }
    if (index->chunks % BLOCK_CHUNKS == 0) {
        size_t count = index->chunks / BLOCK_CHUNKS;
        Chunk **blocks = realloc(index->blocks, (count + 1) * sizeof *blocks);
        if (blocks == NULL) {
            return 0;
        }
        index->blocks = blocks;
        blocks[count] = malloc(BLOCK_CHUNKS * sizeof **blocks);
        if (blocks[count] == NULL) {
            return 0;
        }
    }
    return ++index->chunks;
}

/* Behind what a key has, in another chunk where this one is full or the order is broken. */
static bool append(OskFeatureIndex *index, uint32_t *head, uint32_t item)
{
    uint32_t last = BEFORE;
    unsigned at = 0;
    while (*head != 0 && next_item(chunk_at(index, *head), &at, &last)) {
    }
    /* One vote for each item is all that a key gives. */
    if (at > 0 && last == item) {
        return true;
    }
    bool is_behind = last == BEFORE || item > last;
    if (*head != 0 && is_behind && add_step(chunk_at(index, *head), &at, item - last)) {
        return true;
    }
    uint32_t place = give_chunk(index);
    if (place == 0) {
        return false;
    }
    Chunk *chunk = chunk_at(index, place);
    *chunk = (Chunk){ .next = *head };
    *head = place;
    at = 0;
    return add_step(chunk, &at, item - BEFORE);
}

static bool add_posting(OskFeatureIndex *index, unsigned table, unsigned key, uint32_t item)
{
    uint32_t *head = &index->heads[table][key];
    uint32_t length = index->lengths[table][key];
    if (length >= CHAIN_MAX) {
        /* Nobody follows it from now on. */
        while (*head != 0) {
            Chunk *chunk = chunk_at(index, *head);
            uint32_t next = chunk->next;
            chunk->next = index->spare;
            index->spare = *head;
            *head = next;
        }
        index->lengths[table][key] = CHAIN_MAX + 1;
        return true;
    }
    if (!append(index, head, item)) {
        return false;
    }
    index->lengths[table][key]++;
    return true;
}

OskStatus osk_feature_index_add(OskFeatureIndex *index, uint32_t item, const OskFeature *features,
                                size_t count, OskFault *fault)
{
    if (item > OSK_FEATURE_ITEM_MAX) {
        return osk_fault_set(fault, OSK_MISUSE, "index", "a number beyond the most", OSK_NO_OFFSET);
    }
    index->items = item >= index->items ? item + 1 : index->items;
    size_t keyed = count < KEYED_MAX ? count : KEYED_MAX;
    for (size_t i = 0; i < keyed; i++) {
        /* Every so manieth, so that each size of the picture gives some. */
        const OskFeature *feature = &features[i * count / keyed];
        for (unsigned table = 0; table < TABLES; table++) {
            if (!add_posting(index, table, key_of(feature->descriptor, table), item)) {
                return osk_fault_set(fault, OSK_NO_MEMORY, "index", "no memory for more",
                                     OSK_NO_OFFSET);
            }
        }
    }
    return OSK_OK;
}

/* What is to be forgotten: those that `of` says, or, where it is NULL, one. */
typedef struct Gone {
    const bool *of;
    uint32_t count;
    uint32_t one;
} Gone;

static bool is_gone(const Gone *gone, uint32_t item)
{
    return gone->of == NULL ? item == gone->one : item < gone->count && gone->of[item];
}

static bool has_gone(const Chunk *chunk, const Gone *gone)
{
    uint32_t one = BEFORE;
    unsigned at = 0;
    while (next_item(chunk, &at, &one)) {
        if (is_gone(gone, one)) {
            return true;
        }
    }
    return false;
}

/* The step over an item is at most as long as the two that it stands for. */
static void drop_gone(Chunk *chunk, const Gone *gone)
{
    const Chunk before = *chunk;
    uint32_t one = BEFORE;
    uint32_t last = BEFORE;
    unsigned from = 0;
    unsigned to = 0;
    *chunk = (Chunk){ .next = before.next };
    while (next_item(&before, &from, &one)) {
        if (!is_gone(gone, one)) {
            (void)add_step(chunk, &to, one - last);
            last = one;
        }
    }
}

/* Spare chunks, too: what they say is overwritten before it is read. */
static void walk(OskFeatureIndex *index, const Gone *gone)
{
    for (uint32_t place = 1; place <= index->chunks; place++) {
        Chunk *chunk = chunk_at(index, place);
        if (has_gone(chunk, gone)) {
            drop_gone(chunk, gone);
        }
    }
}

void osk_feature_index_remove(OskFeatureIndex *index, uint32_t item)
{
    walk(index, &(Gone){ .one = item });
}

void osk_feature_index_remove_all(OskFeatureIndex *index, const bool *gone, uint32_t count)
{
    walk(index, &(Gone){ .of = gone, .count = count });
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
        for (uint32_t at = index->heads[table][key]; at != 0; at = chunk_at(index, at)->next) {
            const Chunk *chunk = chunk_at(index, at);
            unsigned place = 0;
            for (uint32_t item = BEFORE; next_item(chunk, &place, &item);) {
                if (counts[item].voter != voter) {
                    counts[item].voter = voter;
                    counts[item].votes += VOTE / length;
                }
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
    for (uint32_t i = 0; i < old->chunks; i += BLOCK_CHUNKS) {
        free(old->blocks[i / BLOCK_CHUNKS]);
    }
    free(old->blocks);
    free(old);
    *index = NULL;
}
