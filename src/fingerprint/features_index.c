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
#define NONE 0xFFFFFFu /* an item that was removed, a place that is empty */
#define CHUNK_ITEMS 20u
#define BLOCK_CHUNKS 16384u /* a megabyte */

/* Items of one key. The numbers of a hundred thousand pictures, 480 each, are most of what a desk
 * has in memory: three bytes for each of them. */
typedef struct Chunk {
    uint32_t next; /* one more than the number of the chunk before it; 0 for none */
    uint8_t items[CHUNK_ITEMS][3];
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

static uint32_t read_item(const uint8_t bytes[3])
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16;
}

static void write_item(uint8_t bytes[3], uint32_t item)
{
    bytes[0] = (uint8_t)item;
    bytes[1] = (uint8_t)(item >> 8);
    bytes[2] = (uint8_t)(item >> 16);
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
    if (length % CHUNK_ITEMS == 0) {
        uint32_t place = give_chunk(index);
        if (place == 0) {
            return false;
        }
        Chunk *chunk = chunk_at(index, place);
        memset(chunk->items, 0xFF, sizeof chunk->items);
        chunk->next = *head;
        *head = place;
    }
    write_item(chunk_at(index, *head)->items[length % CHUNK_ITEMS], item);
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

void osk_feature_index_remove(OskFeatureIndex *index, uint32_t item)
{
    /* Spare chunks, too: what they say is overwritten before it is read. */
    for (uint32_t place = 1; place <= index->chunks; place++) {
        Chunk *chunk = chunk_at(index, place);
        for (unsigned i = 0; i < CHUNK_ITEMS; i++) {
            if (read_item(chunk->items[i]) == item) {
                write_item(chunk->items[i], NONE);
            }
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
        for (uint32_t at = index->heads[table][key]; at != 0; at = chunk_at(index, at)->next) {
            const Chunk *chunk = chunk_at(index, at);
            for (unsigned i = 0; i < CHUNK_ITEMS; i++) {
                uint32_t item = read_item(chunk->items[i]);
                if (item != NONE && counts[item].voter != voter) {
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
