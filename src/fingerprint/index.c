/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Multi-index hashing. The bits, permuted so that no slot holds frequencies that go together, are
 * cut into 16 slots of 16. Two hashes at most 31 bits apart differ in at most one bit of at least
 * one slot, so 17 places of each of the 16 tables hold everything that is near. New hashes wait in
 * a row that is scanned, until the tables are made anew.
 *
 * Source: Norouzi, Punjani, Fleet, "Fast Exact Search in Hamming Space with Multi-Index Hashing",
 * 2014. */
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/fault.h"
#include "fingerprint/hamming.h"
#include "oilskin/fingerprint.h"

#define SLOTS 16u
#define SLOT_BITS 16u
#define PLACES (1u << SLOT_BITS)
/* Rows that wait: their scan takes as long as the tables at a million. */
#define WAITING_MAX 16384u
/* A row of the tables costs as much as about this many of a scan, which reads them in order. */
#define SCAN_RATIO 6u
/* Rows that memory is asked for before the first of them is needed. */
#define HELD 128u
#define DROPPED UINT32_MAX

/* A hash with its bits permuted. */
typedef struct Row {
    uint16_t slots[SLOTS];
} Row;

struct OskIndex {
    Row *rows;
    uint32_t *items; /* of each row */
    size_t count;
    size_t room;
    size_t dropped;
    size_t sorted;    /* rows that are in the tables; the others wait */
    uint32_t *starts; /* SLOTS tables of PLACES + 1: where the rows of a place begin in `numbers` */
    uint32_t *numbers; /* SLOTS tables of `sorted` */
    uint8_t bit_of[OSK_PDQ_BITS];
};

/* What a query gathers: the nearest so far, nearest first. */
typedef struct Nearest {
    const OskIndex *index;
    Row row;
    int distance; /* the most that is of use still; -1 when nothing is */
    uint8_t form;
    OskNear *out;
    size_t count;
    size_t limit;
} Nearest;

static void permute(const OskIndex *index, Row *out, const OskPdqHash *hash)
{
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        unsigned bits = 0;
        for (unsigned i = 0; i < SLOT_BITS; i++) {
            unsigned from = index->bit_of[slot * SLOT_BITS + i];
            bits |= (hash->bytes[from / 8] >> from % 8 & 1u) << i;
        }
        out->slots[slot] = (uint16_t)bits;
    }
}

/* ---- building ---- */

OskStatus osk_index_make(OskIndex **out, OskFault *fault)
{
    OskIndex *index = calloc(1, sizeof *index);
    if (index == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "index", "no memory for it", OSK_NO_OFFSET);
    }
    for (unsigned i = 0; i < OSK_PDQ_BITS; i++) {
        index->bit_of[i] = (uint8_t)i;
    }
    uint32_t state = 1;
    for (unsigned i = OSK_PDQ_BITS - 1; i > 0; i--) {
        state = state * 1664525u + 1013904223u;
        unsigned other = (unsigned)((uint64_t)state * (i + 1) >> 32);
        uint8_t held = index->bit_of[i];
        index->bit_of[i] = index->bit_of[other];
        index->bit_of[other] = held;
    }
    *out = index;
    return OSK_OK;
}

static bool grow(OskIndex *index)
{
    if (index->count < index->room) {
        return true;
    }
    size_t room = index->room == 0 ? 1024 : index->room + index->room / 2;
    Row *rows = calloc(room, sizeof *rows);
    uint32_t *items = calloc(room, sizeof *items);
    if (rows == NULL || items == NULL) {
        free(rows);
        free(items);
        return false;
    }
    /* Not realloc(): what it leaves behind could not be wiped. */
    if (index->count > 0) {
        memcpy(rows, index->rows, index->count * sizeof *rows);
        memcpy(items, index->items, index->count * sizeof *items);
        memset(index->rows, 0, index->count * sizeof *rows);
    }
    free(index->rows);
    free(index->items);
    index->rows = rows;
    index->items = items;
    index->room = room;
    return true;
}

/* Rows of items that were removed go; what follows moves up. */
static void close_gaps(OskIndex *index)
{
    size_t kept = 0;
    for (size_t i = 0; i < index->count; i++) {
        if (index->items[i] != DROPPED) {
            index->rows[kept] = index->rows[i];
            index->items[kept++] = index->items[i];
        }
    }
    memset(index->rows + kept, 0, (index->count - kept) * sizeof *index->rows);
    index->count = kept;
    index->dropped = 0;
}

/* Counts the rows of each place, and puts their numbers one place after the other. */
static void sort_slot(const OskIndex *index, unsigned slot, uint32_t *starts, uint32_t *numbers)
{
    memset(starts, 0, (PLACES + 1) * sizeof *starts);
    for (size_t i = 0; i < index->count; i++) {
        starts[index->rows[i].slots[slot] + 1u]++;
    }
    for (unsigned place = 0; place < PLACES; place++) {
        starts[place + 1] += starts[place];
    }
    for (size_t i = index->count; i > 0; i--) {
        /* Filled from the end: afterwards each entry is where the place before it ends. */
        numbers[--starts[index->rows[i - 1].slots[slot] + 1u]] = (uint32_t)(i - 1);
    }
    memmove(starts, starts + 1, PLACES * sizeof *starts);
    starts[PLACES] = (uint32_t)index->count;
}

static bool sort_all(OskIndex *index)
{
    uint32_t *starts = malloc((size_t)SLOTS * (PLACES + 1) * sizeof *starts);
    uint32_t *numbers = malloc(SLOTS * index->count * sizeof *numbers);
    if (starts == NULL || numbers == NULL) {
        free(starts);
        free(numbers);
        return false;
    }
    close_gaps(index);
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        sort_slot(index, slot, starts + (size_t)slot * (PLACES + 1), numbers + slot * index->count);
    }
    free(index->starts);
    free(index->numbers);
    index->starts = starts;
    index->numbers = numbers;
    index->sorted = index->count;
    return true;
}

OskStatus osk_index_add(OskIndex *index, uint32_t item, const OskPdqHash *hash, OskFault *fault)
{
    if (item > OSK_INDEX_ITEM_MAX || index->count >= OSK_INDEX_ITEM_MAX) {
        return osk_fault_set(fault, OSK_MISUSE, "index", "a number beyond the most", OSK_NO_OFFSET);
    }
    bool full = index->count - index->sorted >= WAITING_MAX;
    if ((full && !sort_all(index)) || !grow(index)) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "index", "no memory for more", OSK_NO_OFFSET);
    }
    permute(index, &index->rows[index->count], hash);
    index->items[index->count++] = item;
    return OSK_OK;
}

static void drop_row(OskIndex *index, size_t row)
{
    memset(&index->rows[row], 0, sizeof index->rows[row]);
    index->items[row] = DROPPED;
    index->dropped++;
}

void osk_index_remove(OskIndex *index, uint32_t item)
{
    for (size_t i = 0; item != DROPPED && i < index->count; i++) {
        if (index->items[i] == item) {
            drop_row(index, i);
        }
    }
}

void osk_index_remove_all(OskIndex *index, const bool *is_gone, uint32_t count)
{
    for (size_t i = 0; i < index->count; i++) {
        uint32_t item = index->items[i];
        if (item != DROPPED && item < count && is_gone[item]) {
            drop_row(index, i);
        }
    }
}

size_t osk_index_count(const OskIndex *index)
{
    return index->count - index->dropped;
}

void osk_index_free(OskIndex **index)
{
    OskIndex *old = *index;
    if (old == NULL) {
        return;
    }
    volatile uint8_t *bytes = (volatile uint8_t *)old->rows;
    for (size_t i = 0; i < old->count * sizeof *old->rows; i++) {
        bytes[i] = 0;
    }
    free(old->rows);
    free(old->items);
    free(old->starts);
    free(old->numbers);
    free(old);
    *index = NULL;
}

/* ---- asking ---- */

/* Takes a row in that is near enough, unless its item is there already and nearer. */
static void offer(Nearest *nearest, size_t number, unsigned distance)
{
    uint32_t item = nearest->index->items[number];
    if (item == DROPPED) {
        return;
    }
    OskNear *out = nearest->out;
    size_t at = 0;
    while (at < nearest->count && out[at].item != item) {
        at++;
    }
    if (at < nearest->count && out[at].distance <= distance) {
        return;
    }
    if (at == nearest->count && nearest->count < nearest->limit) {
        nearest->count++;
    } else if (at == nearest->count) {
        at--;
        if (out[at].distance <= distance) {
            return;
        }
    }
    for (; at > 0 && out[at - 1].distance > distance; at--) {
        out[at] = out[at - 1];
    }
    out[at] = (OskNear){ .item = item, .distance = (uint8_t)distance, .form = nearest->form };
    if (nearest->count == nearest->limit) {
        nearest->distance = out[nearest->limit - 1].distance - 1;
    }
}

#if defined(__x86_64__)
__attribute__((target("popcnt"))) static unsigned bits_of(const Row *a, const Row *b)
{
    uint64_t left[4];
    uint64_t right[4];
    memcpy(left, a, sizeof left);
    memcpy(right, b, sizeof right);
    int sum = 0;
    for (unsigned i = 0; i < 4; i++) {
        sum += __builtin_popcountll(left[i] ^ right[i]);
    }
    return (unsigned)sum;
}

/* Three times as fast, on every processor of the last fifteen years. */
__attribute__((target("popcnt"))) static void scan_by_popcnt(Nearest *nearest, size_t from,
                                                             size_t to)
{
    const Row *rows = nearest->index->rows;
    for (size_t i = from; i < to; i++) {
        unsigned distance = bits_of(&nearest->row, &rows[i]);
        if ((int)distance <= nearest->distance) {
            offer(nearest, i, distance);
        }
    }
}
#endif

static void scan(Nearest *nearest, size_t from, size_t to)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("popcnt")) {
        scan_by_popcnt(nearest, from, to);
        return;
    }
#endif
    const Row *rows = nearest->index->rows;
    for (size_t i = from; i < to; i++) {
        unsigned distance = osk_hamming_256(&nearest->row, &rows[i]);
        if ((int)distance <= nearest->distance) {
            offer(nearest, i, distance);
        }
    }
}

/* The places of a slot that differ from the query's by at most one bit. */
static uint16_t place_of(const Nearest *nearest, unsigned slot, unsigned probe)
{
    unsigned flip = probe == 0 ? 0 : 1u << (probe - 1);
    return (uint16_t)(nearest->row.slots[slot] ^ flip);
}

/* Rows that the tables would have to look at. */
static size_t cost_of(const Nearest *nearest)
{
    size_t cost = 0;
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        const uint32_t *starts = nearest->index->starts + (size_t)slot * (PLACES + 1);
        for (unsigned probe = 0; probe <= SLOT_BITS; probe++) {
            unsigned place = place_of(nearest, slot, probe);
            cost += starts[place + 1] - starts[place];
        }
    }
    return cost;
}

/* Compares rows that memory was asked for meanwhile. */
static void compare_held(Nearest *nearest, const uint32_t *held, unsigned count)
{
    const Row *rows = nearest->index->rows;
    for (unsigned i = 0; i < count; i++) {
        unsigned distance = osk_hamming_256(&nearest->row, &rows[held[i]]);
        if ((int)distance <= nearest->distance) {
            offer(nearest, held[i], distance);
        }
    }
}

static void look_up(Nearest *nearest, unsigned slot)
{
    const OskIndex *index = nearest->index;
    const uint32_t *starts = index->starts + (size_t)slot * (PLACES + 1);
    const uint32_t *numbers = index->numbers + slot * index->sorted;
    uint32_t held[HELD];
    unsigned count = 0;
    for (unsigned probe = 0; probe <= SLOT_BITS; probe++) {
        unsigned place = place_of(nearest, slot, probe);
        for (uint32_t i = starts[place]; i < starts[place + 1]; i++) {
            __builtin_prefetch(&index->rows[numbers[i]]);
            held[count++] = numbers[i];
            if (count == HELD) {
                compare_held(nearest, held, count);
                count = 0;
            }
        }
    }
    compare_held(nearest, held, count);
}

static void ask(Nearest *nearest, const OskPdqHash *hash, unsigned distance)
{
    const OskIndex *index = nearest->index;
    permute(index, &nearest->row, hash);
    /* Where the list is full, only what is nearer than its last is of use. */
    bool full = nearest->count == nearest->limit;
    nearest->distance = full ? nearest->out[nearest->limit - 1].distance - 1 : (int)distance;
    size_t waiting = index->sorted;
    if (index->sorted > 0 &&
        (distance > OSK_PDQ_DISTANCE || cost_of(nearest) > index->sorted / SCAN_RATIO)) {
        waiting = 0;
    }
    for (unsigned slot = 0; waiting > 0 && slot < SLOTS; slot++) {
        look_up(nearest, slot);
    }
    scan(nearest, waiting, index->count);
}

size_t osk_index_query(const OskIndex *index, const OskPdqHash *hash, unsigned distance,
                       OskNear *out, size_t limit)
{
    Nearest nearest = { .index = index, .out = out, .limit = limit };
    if (limit > 0) {
        ask(&nearest, hash, distance < OSK_PDQ_BITS ? distance : OSK_PDQ_BITS - 1);
    }
    return nearest.count;
}

size_t osk_index_query_forms(const OskIndex *index, const OskPdq *query, unsigned distance,
                             OskNear *out, size_t limit)
{
    Nearest nearest = { .index = index, .out = out, .limit = limit };
    for (unsigned form = 0; limit > 0 && form < OSK_PDQ_FORMS; form++) {
        nearest.form = (uint8_t)form;
        ask(&nearest, &query->forms[form], distance < OSK_PDQ_BITS ? distance : OSK_PDQ_BITS - 1);
    }
    return nearest.count;
}
