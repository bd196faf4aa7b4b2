/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/jpeg_steps.h"

#define OUT_MOST 32u
#define PASSED_MOST 62u

/* The symbols of one window. */
typedef struct Joined {
    uint8_t symbols[OSK_BLOCKS_WINDOW];
    unsigned count;
} Joined;

static void append(OskBlocksStep *step, uint32_t bits, unsigned len)
{
    step->out = len == 0 ? step->out : step->out << len | bits;
    step->out_len = (uint8_t)(step->out_len + len);
}

/* Joins the next symbol of the window. False when the step ends. */
static bool join(OskBlocksStep *step, Joined *joined, const OskBlocksLook *look,
                 const OskBlocksCode *code, uint32_t window)
{
    uint32_t rest = window << step->take & (OSK_BLOCKS_WINDOWS - 1);
    unsigned len = look->entries[rest] >> 8;
    unsigned symbol = look->entries[rest] & 255u;
    unsigned size = symbol & 15;
    unsigned take = step->take + len;
    bool ends = size == 0 && symbol != 0xF0;
    symbol = ends ? 0 : symbol;
    unsigned out_len = code != NULL ? code->lens[symbol] : 0;
    unsigned passed = step->passed + (ends ? 0 : (symbol >> 4) + 1);
    if (len == 0 || take > OSK_BLOCKS_WINDOW || step->out_len + out_len + size > OUT_MOST ||
        passed > PASSED_MOST || (code != NULL && out_len == 0)) {
        return false;
    }
    append(step, code != NULL ? code->codes[symbol] : 0, out_len);
    joined->symbols[joined->count++] = (uint8_t)symbol;
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

static OskBlocksStep make_step(const OskBlocksLook *look, const OskBlocksCode *code,
                               uint32_t window, Joined *joined)
{
    OskBlocksStep step = { .take = 0 };
    joined->count = 0;
    while (join(&step, joined, look, code, window)) {
    }
    return step;
}

void osk_blocks_steps_make(OskBlocksSteps *steps, const OskBlocksLook *look,
                           const OskBlocksCode *code)
{
    Joined joined;
    for (uint32_t window = 0; window < OSK_BLOCKS_WINDOWS; window++) {
        steps->at[window] = make_step(look, code, window, &joined);
    }
    memset(steps->hits, 0, sizeof(steps->hits));
}

void osk_blocks_steps_count(const OskBlocksSteps *steps, const OskBlocksLook *look,
                            OskBlocksCode *code)
{
    for (uint32_t window = 0; window < OSK_BLOCKS_WINDOWS; window++) {
        if (steps->hits[window] > 0) {
            Joined joined;
            (void)make_step(look, NULL, window, &joined);
            for (unsigned i = 0; i < joined.count; i++) {
                code->counts[joined.symbols[i]] += steps->hits[window];
            }
        }
    }
}
