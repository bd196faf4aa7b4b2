/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sequential scans (T.81 F.2): baseline and extended.
 *
 * The speed of the whole product hangs on this walk. One step is a load from a table in cache, and
 * the next step needs its result: a processor spends most of the time waiting. So a long interval
 * is walked in two lanes at once, one from its beginning and one from its middle. The second starts
 * blind, at some bit of some symbol; Huffman codes fall into step by themselves, as a rule within a
 * few hundred symbols. It notes where its first MCUs end. When the first lane comes to the end of
 * the very same MCU, all that the second has walked from there on is proven to be what the first
 * would have walked, and is added to it. Where that doesn't happen, the first lane just walks on.
 */
#include "formats/jpeg_scan.h"

/* A walk in two lanes pays above this; what stands below is walked before it would be in step. */
#define LANES_LEAST ((ptrdiff_t)256 << 10)
/* MCUs of the second lane whose ends are noted, so that the first can meet it there. */
#define NOTES 1024u
#define MCUS_LEAST (4 * NOTES)
/* Steps of each lane between two looks at where they are, each of which ends one block
 * at most. */
#define BATCH_STEPS 64u
#define LONG_SHIFT (64 - OSK_JPEG_WINDOW_LONG)

/* A DC symbol whose code is longer than the window, and then the rest of its block. */
static bool finish_long_block(OskJpegBits *io, const OskJpegTables *tables)
{
    *io = osk_jpeg_refill(*io);
    unsigned len = 0;
    int symbol = osk_jpeg_symbol(io->buffer, tables->dc, &len);
    if (symbol < 0) {
        return false;
    }
    *io = osk_jpeg_skip(*io, len + ((unsigned)symbol & 15));
    return osk_jpeg_finish_block(io, tables, 1);
}

/* The rest of a block that the fast loop leaves; `passed` coefficients are done, none yet when it
 * is 0. */
static bool leave_block(OskJpegBits *bits, const OskJpegTables *tables, unsigned passed)
{
    return passed == 0 ? finish_long_block(bits, tables)
                       : osk_jpeg_finish_block(bits, tables, passed);
}

/* One whole block. False: bits that are no code. */
static inline bool take_block(OskJpegBits *io, const OskJpegTables *tables, unsigned shift)
{
    OskJpegLooks looks = { .first = tables->first, .chain = tables->chain, .shift = shift };
    unsigned passed = osk_jpeg_pass_joined(io, looks);
    return OSK_JPEG_LIKELY(passed > 63) || leave_block(io, tables, passed);
}

static inline bool take_blocks(const OskJpegRun *run, OskJpegBits *io, unsigned first_block,
                               unsigned shift)
{
    for (unsigned b = first_block; b < run->block_count; b++) {
        if (!take_block(io, run->blocks[b].tables, shift)) {
            return false;
        }
    }
    return true;
}

/* The blocks of an MCU from one on. A shift that the compiler knows saves two instructions a step.
 */
static bool take_mcu(const OskJpegRun *run, OskJpegBits *io, unsigned first_block)
{
    unsigned window = run->blocks[0].tables->window;
    return window == OSK_JPEG_WINDOW_LONG ? take_blocks(run, io, first_block, LONG_SHIFT)
                                          : take_blocks(run, io, first_block, 64 - window);
}

/* What follows a step: more symbols of this block, or the next block. */
typedef struct Node {
    const OskJpegEntry *first; /* of this block */
    const OskJpegEntry *chain;
    const OskJpegEntry *next_first; /* of the next block */
    const struct Node *next;
    const OskJpegTables *tables;
    unsigned number; /* of the block in its MCU */
} Node;

typedef struct Lane {
    OskJpegBits bits;
    const OskJpegEntry *table;
    const Node *node;
    unsigned passed; /* coefficients of this block */
    uint64_t blocks; /* walked to their end */
} Lane;

/* Finishes the block that a step could not go on with. */
static bool leave_lane_block(Lane *lane)
{
    const Node *node = lane->node;
    bool begun = lane->table != node->first;
    bool ok = leave_block(&lane->bits, node->tables, begun ? lane->passed : 0);
    lane->node = node->next;
    lane->table = node->next_first;
    lane->passed = 1;
    lane->blocks++;
    return ok;
}

/* One step: the symbols that one look into the table joins. False: they are no symbols of this
 * block. */
static inline bool step(Lane *lane)
{
    unsigned entry = lane->table[lane->bits.buffer >> LONG_SHIFT];
    const Node *node = lane->node;
    unsigned then = lane->passed + OSK_JPEG_ENTRY_JOINED(entry);
    if (then > 63) {
        if (!osk_jpeg_ends_block(entry, lane->passed)) {
            return false;
        }
        lane->bits = osk_jpeg_skip(lane->bits, OSK_JPEG_ENTRY_BITS(entry));
        lane->table = node->next_first;
        lane->node = node->next;
        lane->passed = 1;
        lane->blocks++;
        return true;
    }
    lane->bits = osk_jpeg_skip(lane->bits, OSK_JPEG_ENTRY_BITS(entry));
    lane->table = node->chain;
    lane->passed = then;
    return true;
}

/* Leaves the fast steps for the rest of a block; on a copy, so that the lane can live in registers.
 */
static inline bool leave_step(Lane *lane)
{
    Lane copy = { .bits = { .at = lane->bits.at,
                            .count = lane->bits.count,
                            .buffer = lane->bits.buffer,
                            .made_up = lane->bits.made_up,
                            .end = lane->bits.end },
                  .table = lane->table,
                  .node = lane->node,
                  .passed = lane->passed,
                  .blocks = lane->blocks };
    bool ok = leave_lane_block(&copy);
    lane->bits.at = copy.bits.at;
    lane->bits.count = copy.bits.count;
    lane->bits.buffer = copy.bits.buffer;
    lane->bits.made_up = copy.bits.made_up;
    lane->table = copy.table;
    lane->node = copy.node;
    lane->passed = copy.passed;
    lane->blocks = copy.blocks;
    return ok;
}

/* Two steps of one lane. */
static inline bool advance(Lane *lane)
{
    lane->bits = osk_jpeg_refill(lane->bits);
    if (OSK_JPEG_UNLIKELY(!step(lane)) || OSK_JPEG_UNLIKELY(!step(lane))) {
        return leave_step(lane);
    }
    return true;
}

/* A batch of steps for both; false where one lane found no code or came to the end of the data, and
 * then both are as they were before. */
static bool advance_both(Lane *one, Lane *two)
{
    Lane a = *one;
    Lane b = *two;
    bool ok = true;
    for (unsigned i = 0; ok && i < BATCH_STEPS / 2; i++) {
        ok = advance(&a);
        ok = advance(&b) && ok;
    }
    if (!ok || a.bits.made_up != 0 || b.bits.made_up != 0) {
        return false;
    }
    *one = a;
    *two = b;
    return true;
}

static void lay_out_nodes(const OskJpegRun *run, Node nodes[OSK_JPEG_MCU_BLOCKS])
{
    for (unsigned b = 0; b < run->block_count; b++) {
        unsigned next = b + 1 < run->block_count ? b + 1 : 0;
        const OskJpegTables *tables = run->blocks[b].tables;
        nodes[b] = (Node){ .first = tables->first,
                           .chain = tables->chain,
                           .next_first = run->blocks[next].tables->first,
                           .next = &nodes[next],
                           .tables = tables,
                           .number = b };
    }
}

/* The data bit that is next, counted from `origin`; the same for every way to come there. */
static uint64_t bit_position(OskJpegBits bits, const uint8_t *origin)
{
    const uint8_t *at = bits.at;
    for (unsigned unread = bits.count; unread >= 8; unread -= 8) {
        bool stuffed = at - origin >= 2 && at[-1] == 0 && at[-2] == 0xFF;
        at -= stuffed ? 2 : 1;
    }
    return (uint64_t)(at - origin) * 8 - (bits.count & 7);
}

typedef struct Notes {
    uint64_t position[NOTES];
    unsigned count;
} Notes;

/* Lets the second lane fall into step: walks its first MCUs and notes where they end. After bits
 * that are no code it begins anew behind them. */
static bool start_second(const OskJpegRun *run, const uint8_t *origin, Lane *lane, Notes *notes)
{
    notes->count = 0;
    while (notes->count < NOTES) {
        if (take_mcu(run, &lane->bits, 0)) {
            notes->position[notes->count++] = bit_position(lane->bits, origin);
        } else {
            lane->bits = osk_jpeg_refill(osk_jpeg_skip(lane->bits, 1));
            notes->count = 0;
        }
        if (lane->bits.made_up != 0) {
            return false;
        }
    }
    return true;
}

/* Finishes the MCU that a lane is in. */
static bool finish_mcu(const OskJpegRun *run, Lane *lane)
{
    unsigned number = lane->node->number;
    if (lane->table != lane->node->first) {
        lane->bits = osk_jpeg_refill(lane->bits);
        if (!leave_lane_block(lane)) {
            return false;
        }
        number++;
    } else if (number == 0) {
        return true;
    }
    lane->blocks += run->block_count - number;
    return take_mcu(run, &lane->bits, number);
}

/* Where the coded data ends: at a marker, or with the input. */
static const uint8_t *find_end(const uint8_t *at, const uint8_t *end)
{
    while (at < end && (at = memchr(at, 0xFF, (size_t)(end - at))) != NULL && end - at >= 2) {
        if (at[1] != 0) {
            return at;
        }
        at += 2;
    }
    return end;
}

/* The second lane, in step or not, at the middle of what follows `origin`. */
static bool open_second(const OskJpegRun *run, Lane *lane, Notes *notes)
{
    const uint8_t *origin = run->bits.at;
    const uint8_t *end = run->bits.end;
    for (unsigned attempt = 0; attempt < 2 && end - origin >= LANES_LEAST; attempt++) {
        const uint8_t *middle = origin + (end - origin) / 2;
        middle += middle[-1] == 0xFF ? 1 : 0;
        lane->bits = (OskJpegBits){ .at = middle, .end = run->bits.end };
        if (start_second(run, origin, lane, notes)) {
            return true;
        }
        /* A trailer may be longer than the picture: then the middle is not in it. */
        end = find_end(origin, end);
    }
    return false;
}

/* Walks the first lane on, MCU by MCU, to an end that the second has noted. False when they don't
 * meet. */
static bool meet(OskJpegRun *run, const uint8_t *origin, const Notes *notes, unsigned *out_note)
{
    unsigned note = 0;
    while (run->mcu < run->mcus) {
        uint64_t position = bit_position(run->bits, origin);
        while (note < notes->count && notes->position[note] < position) {
            note++;
        }
        if (note == notes->count) {
            return false;
        }
        if (notes->position[note] == position) {
            *out_note = note;
            return true;
        }
        OskJpegBits bits = run->bits;
        if (!take_mcu(run, &bits, 0) || bits.made_up != 0) {
            return false;
        }
        run->bits = bits;
        run->mcu++;
    }
    return false;
}

/* Walks as far as two lanes can; one lane walks the rest. */
static void walk_lanes(OskJpegRun *run)
{
    const uint8_t *origin = run->bits.at;
    Node nodes[OSK_JPEG_MCU_BLOCKS];
    Notes notes;
    lay_out_nodes(run, nodes);
    Lane one = { .bits = run->bits, .table = nodes[0].first, .node = &nodes[0], .passed = 1 };
    Lane two = one;
    if (!open_second(run, &two, &notes)) {
        return;
    }
    uint64_t until = notes.position[0] / 8;
    uint64_t all = run->mcus * run->block_count;
    while ((uint64_t)(one.bits.at - origin) < until && one.blocks + BATCH_STEPS < all &&
           advance_both(&one, &two)) {
    }
    if (!finish_mcu(run, &one) || one.bits.made_up != 0) {
        return;
    }
    run->bits = one.bits;
    run->mcu = one.blocks / run->block_count;
    unsigned note = 0;
    if (!meet(run, origin, &notes, &note) || !finish_mcu(run, &two) || osk_jpeg_overran(two.bits)) {
        return;
    }
    uint64_t more = NOTES - 1 - note + two.blocks / run->block_count;
    if (more <= run->mcus - run->mcu) {
        run->bits = two.bits;
        run->mcu += more;
    }
}

bool osk_jpeg_walk_sequential(OskJpegRun *run, uint64_t count)
{
    uint64_t until = run->mcu + count;
    if (run->mcu == 0 && count == run->mcus && count > MCUS_LEAST &&
        run->bits.end - run->bits.at >= LANES_LEAST &&
        run->blocks[0].tables->window == OSK_JPEG_WINDOW_LONG) {
        walk_lanes(run);
    }
    OskJpegBits bits = run->bits;
    bool ok = true;
    for (; ok && run->mcu < until && !osk_jpeg_overran(bits); run->mcu++) {
        ok = take_mcu(run, &bits, 0);
    }
    run->bits = bits;
    run->mcu = until;
    return ok;
}
