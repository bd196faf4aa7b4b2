/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From one Huffman table of AC coefficients to another, several symbols with each look.
 *
 * What the next 12 bits show, symbols with their magnitude bits, is turned to the bits of another
 * table once for each of the 4096 windows; what only begins in the window ends the step, and its
 * magnitude bits are copied. */
#ifndef OSK_REDACT_JPEG_STEPS_H
#define OSK_REDACT_JPEG_STEPS_H

#include "redact/jpeg_code.h"

#define OSK_BLOCKS_WINDOWS (1u << OSK_BLOCKS_WINDOW)
/* Joined to what a step passes when it ends the block. */
#define OSK_BLOCKS_STEP_ENDS 64u

typedef struct OskBlocksStep {
    uint32_t out;
    uint8_t out_len; /* at most 32 with `raw` */
    uint8_t take;    /* bits of the input; 0: no symbol is whole, or its code is too long */
    uint8_t raw;     /* magnitude bits behind them that are copied */
    uint8_t passed;  /* coefficients */
} OskBlocksStep;

/* What a step takes in all, and passes: all that the next look has to wait for, in a table that
 * stays in the first cache. A step of no symbols passes more than a block has. */
typedef uint16_t OskBlocksMove;
#define OSK_BLOCKS_MOVE_BITS(m) ((unsigned)(m)&63u)
#define OSK_BLOCKS_MOVE_PASSED(m) ((unsigned)(m) >> 8)
#define OSK_BLOCKS_MOVE_NONE (127u << 8)

typedef struct OskBlocksSteps {
    OskBlocksMove moves[OSK_BLOCKS_WINDOWS];
    OskBlocksStep at[OSK_BLOCKS_WINDOWS];
    /* To count symbols, the windows in which a walk finds them are counted: those that begin with
     * a DC symbol, and the others. */
    uint32_t first_hits[OSK_BLOCKS_WINDOWS];
    uint32_t hits[OSK_BLOCKS_WINDOWS];
} OskBlocksSteps;

/* Turns the table of `look` to `code`. */
void osk_blocks_steps_make(OskBlocksSteps *steps, const OskBlocksLook *look,
                           const OskBlocksCode *code);

#endif
