/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Going through the blocks of one sequential scan. */
#ifndef OSK_REDACT_JPEG_WALK_H
#define OSK_REDACT_JPEG_WALK_H

#include "redact/jpeg_blocks.h"
#include "redact/jpeg_steps.h"

#define OSK_BLOCKS_SHIFT (64 - OSK_BLOCKS_WINDOW)
/* DC coefficients of 12-bit samples have 16 bits (T.81 F.1.1.5.2.2); no more are taken. */
#define OSK_BLOCKS_DC_MOST 32767

typedef struct OskBlocksWalk {
    OskBlocksJob *job;
    const OskBlocksScan *scan;
    OskBlocksLayout layout;
    OskJpegTables tables[OSK_BLOCKS_PARTS];
    OskBlocksCode *dc[OSK_BLOCKS_PARTS];
    OskBlocksCode *ac[OSK_BLOCKS_PARTS];
    const OskBlocksLook *dc_look[OSK_BLOCKS_PARTS];
    const OskBlocksLook *ac_look[OSK_BLOCKS_PARTS];
    OskBlocksSteps *steps[OSK_BLOCKS_PARTS]; /* where the tables are made anew */
    OskJpegBits bits;
    const uint8_t *start; /* of the interval */
    uint32_t x;
    uint32_t y;
    uint64_t mcu; /* of the scan, as read */
    int32_t in_dc[OSK_BLOCKS_PARTS];
    int32_t out_dc[OSK_BLOCKS_PARTS];

    OskBlocksCoder coder;
    bool counts;      /* symbols, to make tables anew */
    bool follows;     /* the MCU before stays, or there is none in the interval */
    uint64_t written; /* MCUs */
    bool copies;      /* the tables allow it */
    bool open;        /* bits from `from` on are to be copied */
    OskBlocksPlace from;
} OskBlocksWalk;

/* Sets `job` and `scan` of the walk up: layout and reading tables. Errors: LIMIT, NO_MEMORY. */
OskStatus osk_blocks_walk_prepare(OskBlocksWalk *w);
/* The rest of a block behind its DC coefficient. False: bits that are no code. */
bool osk_blocks_pass_ac(OskJpegBits *io, const OskJpegTables *tables);
/* Passes an MCU; only its DC coefficients are decoded. */
bool osk_blocks_pass_mcu(OskBlocksWalk *w);
/* The same where nobody asks for DC coefficients any more. */
bool osk_blocks_pass_mcu_blindly(OskBlocksWalk *w);
/* Codes the difference from the last DC coefficient that was written. */
void osk_blocks_write_dc(OskBlocksWalk *w, unsigned member, int32_t dc);

/* ---- jpeg_recode.c ---- */

/* Makes ready to count. Errors: NO_MEMORY. */
OskStatus osk_blocks_recode_open(OskBlocksWalk *w);
/* Makes the best tables for what was counted, and makes ready to write. */
void osk_blocks_recode_best(OskBlocksWalk *w);
/* Counts the symbols of a block of an untouched MCU. A first DC difference counts only where the
 * MCU follows an untouched one: else it depends on what does not stay. False: bits that are no
 * code. */
bool osk_blocks_count_block(OskBlocksWalk *w, unsigned b, OskJpegBits *io);
/* Counts those of a whole MCU where nobody asks for DC coefficients any more. */
bool osk_blocks_count_mcu(OskBlocksWalk *w);
/* Codes an untouched MCU with tables that are made anew. False: bits that are no code. */
bool osk_blocks_recode_mcu(OskBlocksWalk *w);

/* Adds the DC difference of `size` bits that come next; `bits` has them, `*io` is set behind. */
static inline bool osk_blocks_take_difference(OskJpegBits *io, OskJpegBits bits, unsigned size,
                                              int32_t *dc)
{
    if (size > 0) {
        *dc += osk_blocks_extend(osk_jpeg_peek(bits, size), size);
        bits = osk_jpeg_skip(bits, size);
    }
    *io = bits;
    return *dc <= OSK_BLOCKS_DC_MOST && *dc >= -OSK_BLOCKS_DC_MOST;
}

/* The DC difference of a block, added to `*dc`. */
static inline bool osk_blocks_take_dc(OskJpegBits *io, const OskBlocksLook *look, int32_t *dc)
{
    OskJpegBits bits = osk_jpeg_refill(*io);
    int size = osk_blocks_symbol(&bits, look);
    return size >= 0 && osk_blocks_take_difference(io, bits, (unsigned)size, dc);
}

#endif
