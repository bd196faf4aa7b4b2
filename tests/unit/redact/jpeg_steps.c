/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/jpeg_steps.h"

#include <stdlib.h>

#include "unit.h"

typedef struct Rig {
    OskJpegHuffman from;
    OskBlocksLook look;
    OskBlocksCode code;
    OskBlocksLook back;
    OskBlocksSteps steps;
} Rig;

/* From a standard table to the best one for counts that favour other symbols. */
static Rig *rig_new(bool chroma)
{
    Rig *rig = calloc(1, sizeof(*rig));
    assert_non_null(rig);
    osk_jpeg_huffman_standard(&rig->from, true, chroma);
    osk_blocks_look_make(&rig->look, &rig->from);
    for (unsigned i = 0; i < rig->from.symbol_count; i++) {
        rig->code.counts[rig->from.symbols[i]] = 1 + (i * 7919u) % 1000;
    }
    osk_blocks_code_best(&rig->code);
    osk_blocks_look_make(&rig->back, &rig->code.table);
    osk_blocks_steps_make(&rig->steps, &rig->look, &rig->code);
    return rig;
}

/* Takes the symbols and magnitudes of `len` bits apart, with zeros behind them. */
static unsigned take_apart(uint64_t bits, unsigned len, const OskBlocksLook *look, uint32_t out[24])
{
    OskJpegBits in = { .buffer = bits << (64 - len), .count = 64 };
    unsigned count = 0;
    while (64 - in.count < len) {
        int symbol = osk_blocks_symbol(&in, look);
        assert_true(symbol >= 0);
        unsigned size = (unsigned)symbol & 15;
        uint32_t magnitude = size > 0 ? osk_jpeg_peek(in, size) : 0;
        in = osk_jpeg_skip(in, size);
        out[count++] = (uint32_t)symbol << 16 | magnitude;
    }
    assert_int_equal(64 - in.count, len);
    return count;
}

static void check_step(const Rig *rig, uint32_t window)
{
    const OskBlocksStep *step = &rig->steps.at[window];
    if (step->take == 0) {
        assert_true(rig->look.entries[window] == 0);
        assert_int_equal(rig->steps.moves[window], OSK_BLOCKS_MOVE_NONE);
        return;
    }
    assert_true(step->take <= OSK_BLOCKS_WINDOW);
    assert_true(step->out_len + step->raw <= 32);
    uint64_t in = (uint64_t)(window >> (OSK_BLOCKS_WINDOW - step->take)) << step->raw;
    uint32_t before[24];
    uint32_t after[24];
    unsigned count = take_apart(in, (unsigned)step->take + step->raw, &rig->look, before);
    assert_int_equal(take_apart((uint64_t)step->out << step->raw,
                                (unsigned)step->out_len + step->raw, &rig->back, after),
                     count);
    assert_memory_equal(before, after, count * sizeof(*before));
    unsigned passed = 0;
    for (unsigned i = 0; i < count; i++) {
        bool ends = before[i] >> 16 == 0;
        assert_true(!ends || i == count - 1);
        passed += ends ? OSK_BLOCKS_STEP_ENDS : (before[i] >> 20) + 1;
    }
    assert_int_equal(step->passed, passed);
    assert_int_equal(OSK_BLOCKS_MOVE_PASSED(rig->steps.moves[window]), passed);
    assert_int_equal(OSK_BLOCKS_MOVE_BITS(rig->steps.moves[window]), step->take + step->raw);
}

static void jpeg_steps__say_the_same_in_another_code(void **state)
{
    (void)state;
    for (unsigned chroma = 0; chroma < 2; chroma++) {
        Rig *rig = rig_new(chroma == 1);
        for (uint32_t window = 0; window < OSK_BLOCKS_WINDOWS; window++) {
            check_step(rig, window);
        }
        free(rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jpeg_steps__say_the_same_in_another_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
