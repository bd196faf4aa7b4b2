/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Untouched MCUs of a sequential scan, from one set of Huffman tables to another. */
#include "redact/jpeg_walk.h"

/* The AC symbols of a block, one at a time; `passed` coefficients are done. */
static bool recode_symbols(OskBlocksWalk *w, unsigned m, OskJpegBits *io, unsigned passed)
{
    OskJpegBits bits = *io;
    while (passed < 64) {
        bits = osk_jpeg_refill(bits);
        int symbol = osk_blocks_symbol(&bits, w->ac_look[m]);
        if (symbol < 0) {
            return false;
        }
        unsigned size = (unsigned)symbol & 15;
        bool ends = size == 0 && symbol != 0xF0;
        uint32_t extra = (uint32_t)(bits.buffer >> 32 >> (32 - size));
        bits = osk_jpeg_skip(bits, size);
        osk_blocks_code(&w->coder, w->ac[m], ends ? 0 : (unsigned)symbol, extra, size);
        passed = ends ? 64 : passed + ((unsigned)symbol >> 4) + 1;
    }
    *io = bits;
    return true;
}

/* Takes a step; false when it isn't one of this block, or the block's last. */
static inline bool take_step(const OskBlocksSteps *steps, OskBlocksWriter *writer,
                             OskBlocksHeld *held, OskJpegBits *bits, unsigned *passed)
{
    uint32_t window = (uint32_t)(bits->buffer >> OSK_BLOCKS_SHIFT);
    unsigned move = steps->moves[window];
    unsigned then = *passed + OSK_BLOCKS_MOVE_PASSED(move);
    if (then > 63 && (OSK_BLOCKS_MOVE_PASSED(move) < OSK_BLOCKS_STEP_ENDS || then > 127)) {
        return false;
    }
    OskBlocksStep step = steps->at[window];
    uint32_t raw = (uint32_t)(bits->buffer << step.take >> 32 >> (32 - step.raw));
    *held = osk_blocks_hold(*held, writer, step.out << step.raw | raw,
                            (unsigned)step.out_len + step.raw);
    *bits = osk_jpeg_skip(*bits, OSK_BLOCKS_MOVE_BITS(move));
    *passed = then;
    return then <= 63;
}

/* The AC symbols of a block as far as steps reach; what is left goes one by one. Two steps fit
 * between refills. */
static inline bool recode_ac(OskBlocksWalk *w, unsigned m, OskJpegBits *io)
{
    const OskBlocksSteps *steps = w->steps[m];
    OskBlocksWriter *writer = w->coder.writer;
    OskBlocksHeld held = writer->held;
    OskJpegBits bits = *io;
    unsigned passed = 1;
    do {
        bits = osk_jpeg_refill(bits);
    } while (take_step(steps, writer, &held, &bits, &passed) &&
             take_step(steps, writer, &held, &bits, &passed));
    *io = bits;
    writer->held = held;
    return passed > 63 || recode_symbols(w, m, io, passed);
}

bool osk_blocks_recode_mcu(OskBlocksWalk *w)
{
    OskJpegBits bits = w->bits;
    for (unsigned b = 0; b < w->layout.count; b++) {
        unsigned m = w->layout.blocks[b].member;
        if (!osk_blocks_take_dc(&bits, w->dc_look[m], &w->in_dc[m])) {
            return false;
        }
        osk_blocks_write_dc(w, m, w->in_dc[m]);
        if (!recode_ac(w, m, &bits)) {
            return false;
        }
    }
    w->bits = bits;
    return true;
}

/* ---- counting ---- */

/* Counts the symbols of a block, several with each look: what the windows hold is taken apart at
 * the end. With `from_dc` it begins with its DC symbol, which a look must show. */
static inline bool count_symbols(OskBlocksWalk *w, unsigned m, OskJpegBits *io, bool from_dc)
{
    const OskJpegTables *tables = &w->tables[m];
    OskBlocksSteps *steps = w->steps[m];
    OskJpegLooks looks = { .first = from_dc ? tables->first : tables->chain,
                           .chain = tables->chain,
                           .shift = OSK_BLOCKS_SHIFT,
                           .first_hits = from_dc ? steps->first_hits : steps->hits,
                           .hits = steps->hits };
    unsigned passed = osk_jpeg_pass_joined(io, looks);
    return passed > 63 || recode_symbols(w, m, io, passed > 0 ? passed : 1);
}

/* A DC difference, counted or not, and added up. */
static bool count_dc(OskBlocksWalk *w, unsigned m, OskJpegBits *io, bool counted)
{
    OskJpegBits bits = osk_jpeg_refill(*io);
    int size = osk_blocks_symbol(&bits, w->dc_look[m]);
    if (size < 0) {
        return false;
    }
    w->dc[m]->counts[size] += counted;
    return osk_blocks_take_difference(io, bits, (unsigned)size, &w->in_dc[m]);
}

bool osk_blocks_count_block(OskBlocksWalk *w, unsigned b, OskJpegBits *io)
{
    unsigned m = w->layout.blocks[b].member;
    bool counted = w->follows || !w->layout.blocks[b].first;
    return count_dc(w, m, io, counted) && count_symbols(w, m, io, false);
}

bool osk_blocks_count_mcu(OskBlocksWalk *w)
{
    OskJpegBits bits = w->bits;
    for (unsigned b = 0; b < w->layout.count; b++) {
        unsigned m = w->layout.blocks[b].member;
        bool counted = w->follows || !w->layout.blocks[b].first;
        bits = osk_jpeg_refill(bits);
        unsigned entry = w->tables[m].first[bits.buffer >> OSK_BLOCKS_SHIFT];
        bool joined = counted && OSK_JPEG_ENTRY_BITS(entry) != 0;
        int32_t dc = w->in_dc[m];
        bool fine = joined ? count_symbols(w, m, &bits, true) : osk_blocks_count_block(w, b, &bits);
        w->in_dc[m] = dc;
        if (!fine) {
            return false;
        }
    }
    w->bits = bits;
    return true;
}

/* Takes apart what a table of joined symbols says of a window. */
static void count_window(OskBlocksWalk *w, unsigned m, uint32_t window, bool from_dc)
{
    const OskJpegTables *tables = &w->tables[m];
    const OskBlocksSteps *steps = w->steps[m];
    uint64_t hits = from_dc ? steps->first_hits[window] : steps->hits[window];
    unsigned all = OSK_JPEG_ENTRY_BITS(from_dc ? tables->first[window] : tables->chain[window]);
    unsigned done = 0;
    if (hits == 0) {
        return;
    }
    if (from_dc) {
        unsigned entry = w->dc_look[m]->entries[window];
        w->dc[m]->counts[entry & 255] += hits;
        done = (entry >> 8) + (entry & 15);
    }
    while (done < all) {
        unsigned entry = w->ac_look[m]->entries[window << done & (OSK_BLOCKS_WINDOWS - 1)];
        unsigned symbol = entry & 255;
        unsigned size = symbol & 15;
        w->ac[m]->counts[size == 0 && symbol != 0xF0 ? 0 : symbol] += hits;
        done += (entry >> 8) + size;
    }
}

static void count_windows(OskBlocksWalk *w, unsigned m)
{
    for (uint32_t window = 0; window < OSK_BLOCKS_WINDOWS; window++) {
        count_window(w, m, window, true);
        count_window(w, m, window, false);
    }
    memset(w->steps[m]->first_hits, 0, sizeof(w->steps[m]->first_hits));
    memset(w->steps[m]->hits, 0, sizeof(w->steps[m]->hits));
}

/* A DC difference behind something covered isn't known before it is written, so each has a code
 * (T.81 F.1.2.1.1, F.1.2.1.2). */
static void count_differences(OskBlocksCode *code, unsigned bits)
{
    for (unsigned size = 0; size <= bits + 3; size++) {
        code->counts[size]++;
    }
}

OskStatus osk_blocks_recode_open(OskBlocksWalk *w)
{
    const OskBlocksScan *scan = w->scan;
    for (unsigned i = 0; i < scan->count; i++) {
        memset(w->dc[i]->counts, 0, sizeof(w->dc[i]->counts));
        memset(w->ac[i]->counts, 0, sizeof(w->ac[i]->counts));
        unsigned twin = 0;
        while (twin < i && (w->ac_look[twin] != w->ac_look[i] || w->ac[twin] != w->ac[i])) {
            twin++;
        }
        w->steps[i] =
            twin < i ? w->steps[twin] : osk_arena_alloc(w->job->file.arena, sizeof(*w->steps[i]));
        if (w->steps[i] == NULL) {
            return osk_blocks_fail(&w->job->file, OSK_NO_MEMORY, "scan", "not enough memory",
                                   osk_cursor_offset(&scan->data));
        }
        if (twin == i) {
            memset(w->steps[i], 0, sizeof(*w->steps[i]));
        }
    }
    return OSK_OK;
}

void osk_blocks_recode_best(OskBlocksWalk *w)
{
    const OskBlocksScan *scan = w->scan;
    for (unsigned i = 0; i < scan->count; i++) {
        count_windows(w, i);
        count_differences(w->dc[i], w->job->file.bits);
    }
    for (unsigned i = 0; i < scan->count; i++) {
        osk_blocks_code_best(w->dc[i]);
        osk_blocks_code_best(w->ac[i]);
    }
    for (unsigned i = 0; i < scan->count; i++) {
        osk_blocks_steps_make(w->steps[i], w->ac_look[i], w->ac[i]);
    }
}
