/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From one Huffman table of AC coefficients to another, several symbols with each look.
 *
 * What the next 12 bits show, symbols with their magnitude bits, is turned to the bits of another
 * table once for each of the 4096 windows; what only begins in the window ends the step, and its
 * magnitude bits are copied. To count symbols, the windows are counted, and taken apart at the end.
 */
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

typedef struct OskBlocksSteps {
    OskBlocksStep at[OSK_BLOCKS_WINDOWS];
    uint32_t hits[OSK_BLOCKS_WINDOWS];
} OskBlocksSteps;

/* @param code what to turn to; NULL to count. */
void osk_blocks_steps_make(OskBlocksSteps *steps, const OskBlocksLook *look,
                           const OskBlocksCode *code);
/* Adds the symbols of all windows that were hit to the counts of `code`. */
void osk_blocks_steps_count(const OskBlocksSteps *steps, const OskBlocksLook *look,
                            OskBlocksCode *code);

#endif
