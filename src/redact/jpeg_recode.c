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

/* Takes or counts a step; false when it isn't one of this block, or the block's last. */
static inline bool take_step(OskBlocksSteps *steps, OskBlocksWriter *writer, OskJpegBits *bits,
                             unsigned *passed)
{
    uint32_t window = (uint32_t)(bits->buffer >> OSK_BLOCKS_SHIFT);
    OskBlocksStep step = steps->at[window];
    unsigned then = *passed + step.passed;
    if (step.take == 0 || (then > 63 && (step.passed < OSK_BLOCKS_STEP_ENDS || then > 127))) {
        return false;
    }
    *bits = osk_jpeg_skip(*bits, step.take);
    if (writer == NULL) {
        steps->hits[window]++;
    } else {
        uint32_t raw = (uint32_t)(bits->buffer >> 32 >> (32 - step.raw));
        osk_blocks_put(writer, step.out << step.raw | raw, (unsigned)step.out_len + step.raw);
    }
    *bits = osk_jpeg_skip(*bits, step.raw);
    *passed = then;
    return then <= 63;
}

/* The AC symbols of a block as far as steps reach; what is left goes one by one. Two steps fit
 * between refills. */
static inline bool recode_ac(OskBlocksWalk *w, unsigned m, OskJpegBits *io, OskBlocksWriter *writer)
{
    OskBlocksSteps *steps = w->steps[m];
    OskJpegBits bits = *io;
    unsigned passed = 1;
    do {
        bits = osk_jpeg_refill(bits);
    } while (take_step(steps, writer, &bits, &passed) && take_step(steps, writer, &bits, &passed));
    *io = bits;
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
        bool fine = w->coder.writer == NULL ? recode_ac(w, m, &bits, NULL)
                                            : recode_ac(w, m, &bits, w->coder.writer);
        if (!fine) {
            return false;
        }
    }
    w->bits = bits;
    return true;
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
            osk_blocks_steps_make(w->steps[i], w->ac_look[i], NULL);
        }
    }
    return OSK_OK;
}

void osk_blocks_recode_best(OskBlocksWalk *w)
{
    const OskBlocksScan *scan = w->scan;
    for (unsigned i = 0; i < scan->count; i++) {
        osk_blocks_steps_count(w->steps[i], w->ac_look[i], w->ac[i]);
        memset(w->steps[i]->hits, 0, sizeof(w->steps[i]->hits));
    }
    for (unsigned i = 0; i < scan->count; i++) {
        osk_blocks_code_best(w->dc[i]);
        osk_blocks_code_best(w->ac[i]);
    }
    for (unsigned i = 0; i < scan->count; i++) {
        osk_blocks_steps_make(w->steps[i], w->ac_look[i], w->ac[i]);
    }
}
