/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/jpeg_steps.h"

#define OUT_MOST 32u
#define PASSED_MOST 62u

static void append(OskBlocksStep *step, uint32_t bits, unsigned len)
{
    step->out = len == 0 ? step->out : step->out << len | bits;
    step->out_len = (uint8_t)(step->out_len + len);
}

/* Joins the next symbol of the window. False when the step ends. */
static bool join(OskBlocksStep *step, const OskBlocksLook *look, const OskBlocksCode *code,
                 uint32_t window)
{
    uint32_t rest = window << step->take & (OSK_BLOCKS_WINDOWS - 1);
    unsigned len = look->entries[rest] >> 8;
    unsigned symbol = look->entries[rest] & 255u;
    unsigned size = symbol & 15;
    unsigned take = step->take + len;
    bool ends = size == 0 && symbol != 0xF0;
    symbol = ends ? 0 : symbol;
    unsigned out_len = code->lens[symbol];
    unsigned passed = step->passed + (ends ? 0 : (symbol >> 4) + 1);
    if (len == 0 || take > OSK_BLOCKS_WINDOW || step->out_len + out_len + size > OUT_MOST ||
        passed > PASSED_MOST || out_len == 0) {
        return false;
    }
    append(step, code->codes[symbol], out_len);
    step->take = (uint8_t)take;
    step->passed = (uint8_t)(passed + (ends ? OSK_BLOCKS_STEP_ENDS : 0));
    if (take + size > OSK_BLOCKS_WINDOW) {
        step->raw = (uint8_t)size;
        return false;
    }
    uint32_t magnitude = window >> (OSK_BLOCKS_WINDOW - take - size) & ((UINT32_C(1) << size) - 1);
    append(step, magnitude, size);
    step->take = (uint8_t)(take + size);
    return !ends && step->take < OSK_BLOCKS_WINDOW;
}

void osk_blocks_steps_make(OskBlocksSteps *steps, const OskBlocksLook *look,
                           const OskBlocksCode *code)
{
    for (uint32_t window = 0; window < OSK_BLOCKS_WINDOWS; window++) {
        OskBlocksStep step = { .take = 0 };
        while (join(&step, look, code, window)) {
        }
        unsigned move = (unsigned)step.passed << 8 | ((unsigned)step.take + step.raw);
        steps->at[window] = step;
        steps->moves[window] = (OskBlocksMove)(step.take > 0 ? move : OSK_BLOCKS_MOVE_NONE);
    }
}
