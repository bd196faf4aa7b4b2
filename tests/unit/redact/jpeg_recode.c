/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "redact/jpeg_walk.h"
#include "unit.h"

#define BLOCKS 600u

typedef struct Rig {
    OskArena arena;
    OskBudget budget;
    OskFault fault;
    OskJpegHuffman dc;
    OskJpegHuffman ac;
    OskBlocksJob job;
    OskBlocksScan scan;
    OskBlocksWalk walk;
    OskBlocksCode source[2]; /* DC, AC: the codes of what is walked, and what it holds */
    uint8_t bytes[1u << 20];
    size_t len;
    OskSink sink;
    OskBlocksWriter writer;
    uint32_t state;
} Rig;

static bool keep(void *context, const void *bytes, size_t len)
{
    Rig *rig = context;
    assert_true(len <= sizeof(rig->bytes) - rig->len);
    memcpy(rig->bytes + rig->len, bytes, len);
    rig->len += len;
    return true;
}

static unsigned draw(Rig *rig, unsigned below)
{
    rig->state = rig->state * 1664525u + 1013904223u;
    return (rig->state >> 8) % below;
}

static void put(Rig *rig, unsigned ac, unsigned symbol)
{
    unsigned size = symbol & 15;
    OskBlocksCoder coder = { .writer = &rig->writer };
    rig->source[ac].counts[symbol]++;
    osk_blocks_code(&coder, &rig->source[ac], symbol, draw(rig, 1u << size), size);
    assert_false(coder.failed);
}

/* Runs of all lengths, blocks that end early and blocks that are full. */
static void put_block(Rig *rig)
{
    unsigned passed = 1;
    unsigned fill = draw(rig, 5);
    put(rig, 0, draw(rig, 3));
    while (passed < 64) {
        unsigned symbol = rig->ac.symbols[draw(rig, fill == 0 ? 162 : 12 * fill)];
        unsigned step = symbol == 0 ? 64 : (symbol >> 4) + 1;
        if (symbol != 0 && passed + step > 64) {
            continue;
        }
        put(rig, 1, symbol);
        passed += step;
    }
}

static Rig *rig_new(uint32_t seed)
{
    Rig *rig = calloc(1, sizeof(*rig));
    assert_non_null(rig);
    rig->state = seed;
    rig->budget = osk_budget_default();
    osk_arena_init(&rig->arena, &rig->budget);
    rig->sink = (OskSink){ .context = rig, .write = keep };
    rig->writer.sink = &rig->sink;
    osk_jpeg_huffman_standard(&rig->dc, false, false);
    osk_jpeg_huffman_standard(&rig->ac, true, false);
    rig->source[0].table = rig->dc;
    rig->source[1].table = rig->ac;
    osk_blocks_code_make(&rig->source[0]);
    osk_blocks_code_make(&rig->source[1]);
    for (unsigned i = 0; i < BLOCKS; i++) {
        put_block(rig);
    }
    osk_blocks_align(&rig->writer);
    osk_blocks_flush(&rig->writer);
    rig->job.file.arena = &rig->arena;
    rig->job.file.budget = &rig->budget;
    rig->job.file.fault = &rig->fault;
    rig->job.file.bits = 8;
    rig->job.file.count = 1;
    rig->job.file.components[0].h = 1;
    rig->job.file.components[0].v = 1;
    rig->scan.count = 1;
    rig->scan.dc[0] = &rig->dc;
    rig->scan.ac[0] = &rig->ac;
    rig->walk.job = &rig->job;
    rig->walk.scan = &rig->scan;
    assert_int_equal(osk_blocks_walk_prepare(&rig->walk), OSK_OK);
    assert_int_equal(osk_blocks_recode_open(&rig->walk), OSK_OK);
    rig->walk.bits = (OskJpegBits){ .at = rig->bytes, .end = rig->bytes + rig->len };
    return rig;
}

static void rig_free(Rig *rig)
{
    osk_arena_free(&rig->arena);
    free(rig);
}

/* The DC symbols that a first reader finds, those of some blocks left out. */
static void check_counts(Rig *rig, const uint64_t uncounted[16])
{
    osk_blocks_recode_best(&rig->walk);
    for (unsigned i = 0; i < 256; i++) {
        /* Each DC difference that 8 bits allow has a code. */
        uint64_t more = i < 12 ? 1 : 0;
        uint64_t less = i < 16 ? uncounted[i] : 0;
        assert_int_equal(rig->walk.dc[0]->counts[i], rig->source[0].counts[i] + more - less);
        assert_int_equal(rig->walk.ac[0]->counts[i], rig->source[1].counts[i]);
    }
}

static void jpeg_recode__counts_every_symbol(void **state)
{
    (void)state;
    static const uint64_t none[16] = { 0 };
    for (uint32_t seed = 1; seed < 6; seed++) {
        Rig *rig = rig_new(seed);
        rig->walk.follows = true;
        for (unsigned i = 0; i < BLOCKS; i++) {
            /* Both ways through a block count alike. */
            bool whole = i % 3 != 0;
            assert_true(whole ? osk_blocks_count_mcu(&rig->walk)
                              : osk_blocks_count_block(&rig->walk, 0, &rig->walk.bits));
        }
        assert_false(osk_jpeg_overran(rig->walk.bits));
        check_counts(rig, none);
        rig_free(rig);
    }
}

static void jpeg_recode__counts_no_difference_from_what_goes(void **state)
{
    (void)state;
    Rig *rig = rig_new(7);
    uint64_t uncounted[16] = { 0 };
    for (unsigned i = 0; i < BLOCKS; i++) {
        OskJpegBits bits = osk_jpeg_refill(rig->walk.bits);
        rig->walk.follows = i % 4 != 0;
        uncounted[osk_blocks_symbol(&bits, rig->walk.dc_look[0])] += !rig->walk.follows;
        assert_true(osk_blocks_count_mcu(&rig->walk));
    }
    check_counts(rig, uncounted);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jpeg_recode__counts_every_symbol),
        cmocka_unit_test(jpeg_recode__counts_no_difference_from_what_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
