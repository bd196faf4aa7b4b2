/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing progressive scans (T.81 G.1.2) from the coefficients, with the scan script that the file
 * has, the runs of empty blocks as long as they can be, and the best tables for each scan. */
#include "redact/jpeg_blocks.h"

#define RUN_MOST 0x7FFFu /* T.81 G.1.2.2: the longest run of empty blocks */
/* Correction bits that wait behind a run; a run is ended early when another block's may not fit. */
#define WAITING_MOST 1024u

typedef struct Pen {
    OskBlocksJob *job;
    const OskBlocksScan *scan;
    OskBlocksLayout layout;
    OskBlocksCoder coder;
    OskBlocksCode *dc[OSK_BLOCKS_PARTS];
    OskBlocksCode *ac;
    int32_t last_dc[OSK_BLOCKS_PARTS];
    uint32_t run;     /* empty blocks so far */
    unsigned waiting; /* correction bits of them */
    uint8_t bits[WAITING_MOST];
} Pen;

static void write_bits(Pen *p, const uint8_t *bits, unsigned count)
{
    for (unsigned i = 0; i < count && p->coder.writer != NULL; i++) {
        osk_blocks_put(p->coder.writer, bits[i], 1);
    }
}

/* Writes the run of empty blocks, and their correction bits. */
static void end_run(Pen *p)
{
    if (p->run > 0) {
        unsigned size = osk_blocks_size((int32_t)p->run) - 1;
        osk_blocks_code(&p->coder, p->ac, size << 4, p->run - (UINT32_C(1) << size), size);
        write_bits(p, p->bits, p->waiting);
    }
    p->run = 0;
    p->waiting = 0;
}

static void write_dc(Pen *p, unsigned member, const int16_t *block)
{
    unsigned low = p->scan->low;
    /* Rounds down, as T.81 G.1.2.1 has it for DC coefficients. */
    int32_t value = (block[0] - (block[0] & ((1 << low) - 1))) / (1 << low);
    if (p->scan->high > 0) {
        uint8_t bit = (uint8_t)(value & 1);
        write_bits(p, &bit, 1);
        return;
    }
    int32_t difference = value - p->last_dc[member];
    unsigned size = osk_blocks_size(difference);
    p->last_dc[member] = value;
    if (size > 15) {
        p->coder.failed = true;
        return;
    }
    osk_blocks_code(&p->coder, p->dc[member], size, osk_blocks_magnitude(difference, size), size);
}

/* What the scan codes of a coefficient: rounded towards zero. */
static int32_t reduced(const Pen *p, int16_t value)
{
    return value / (1 << p->scan->low);
}

static void write_ac_first(Pen *p, const int16_t *block)
{
    unsigned zeros = 0;
    for (unsigned k = p->scan->first; k <= p->scan->last; k++) {
        int32_t value = reduced(p, block[k]);
        if (value == 0) {
            zeros++;
            continue;
        }
        end_run(p);
        for (; zeros > 15; zeros -= 16) {
            osk_blocks_code(&p->coder, p->ac, 0xF0, 0, 0);
        }
        unsigned size = osk_blocks_size(value);
        osk_blocks_code(&p->coder, p->ac, zeros << 4 | size, osk_blocks_magnitude(value, size),
                        size);
        zeros = 0;
    }
    if (zeros > 0 && ++p->run == RUN_MOST) {
        end_run(p);
    }
}

/* T.81 G.1.2.3: corrections of coefficients that were not zero stand behind the next symbol. */
static void write_ac_again(Pen *p, const int16_t *block)
{
    unsigned end = p->scan->first; /* behind the last coefficient that becomes one now */
    for (unsigned k = p->scan->first; k <= p->scan->last; k++) {
        int32_t value = reduced(p, block[k]);
        end = value == 1 || value == -1 ? k + 1 : end;
    }
    uint8_t bits[64];
    unsigned count = 0;
    unsigned zeros = 0;
    for (unsigned k = p->scan->first; k <= p->scan->last; k++) {
        int32_t value = reduced(p, block[k]);
        if (value == 0) {
            zeros++;
            continue;
        }
        for (; zeros > 15 && k < end; zeros -= 16) {
            end_run(p);
            osk_blocks_code(&p->coder, p->ac, 0xF0, 0, 0);
            write_bits(p, bits, count);
            count = 0;
        }
        if (value != 1 && value != -1) {
            bits[count++] = (uint8_t)((value < 0 ? -value : value) & 1);
            continue;
        }
        end_run(p);
        osk_blocks_code(&p->coder, p->ac, zeros << 4 | 1, value > 0, 1);
        write_bits(p, bits, count);
        count = 0;
        zeros = 0;
    }
    if (zeros > 0 || count > 0) {
        memcpy(p->bits + p->waiting, bits, count);
        p->waiting += count;
        if (++p->run == RUN_MOST || p->waiting > WAITING_MOST - 64) {
            end_run(p);
        }
    }
}

static void write_mcu(Pen *p, uint32_t x, uint32_t y)
{
    for (unsigned b = 0; b < p->layout.count; b++) {
        OskBlocksSpot spot = osk_blocks_spot(p->scan, &p->layout, x, y, b);
        const int16_t *block = osk_blocks_at(p->job, &spot);
        if (p->scan->first == 0) {
            write_dc(p, p->layout.blocks[b].member, block);
        } else if (p->scan->high == 0) {
            write_ac_first(p, block);
        } else {
            write_ac_again(p, block);
        }
    }
}

static void write_mcus(Pen *p)
{
    const OskBlocksBox *window = &p->layout.window;
    uint64_t mcu = 0;
    memset(p->last_dc, 0, sizeof(p->last_dc));
    for (uint32_t y = window->top; y < window->bottom; y++) {
        for (uint32_t x = window->left; x < window->right; x++, mcu++) {
            if (mcu > 0 && p->scan->restart != 0 && mcu % p->scan->restart == 0) {
                end_run(p);
                memset(p->last_dc, 0, sizeof(p->last_dc));
                if (p->coder.writer != NULL) {
                    osk_blocks_write_restart(p->coder.writer,
                                             (uint32_t)(mcu / p->scan->restart - 1));
                }
            }
            write_mcu(p, x, y);
        }
    }
    end_run(p);
}

OskStatus osk_blocks_write_progressive(OskBlocksJob *job, const OskBlocksScan *scan)
{
    Pen p = { .job = job, .scan = scan };
    osk_blocks_layout(job, scan, &p.layout);
    for (unsigned i = 0; i < scan->count; i++) {
        if (scan->dc[i] != NULL) {
            p.dc[i] = &job->codes[0][scan->slots[i] >> 4];
            memset(p.dc[i]->counts, 0, sizeof(p.dc[i]->counts));
        }
        if (scan->ac[i] != NULL) {
            p.ac = &job->codes[1][scan->slots[i] & 15];
            memset(p.ac->counts, 0, sizeof(p.ac->counts));
        }
    }
    write_mcus(&p);
    for (unsigned i = 0; i < scan->count; i++) {
        if (p.dc[i] != NULL) {
            osk_blocks_code_best(p.dc[i]);
        }
    }
    if (p.ac != NULL) {
        osk_blocks_code_best(p.ac);
    }
    osk_blocks_write_header(job, scan);
    p.coder.writer = job->writer;
    write_mcus(&p);
    osk_blocks_align(job->writer);
    return p.coder.failed ? osk_blocks_fail(&job->file, OSK_MALFORMED, "scan",
                                            "a value out of range", osk_cursor_offset(&scan->data))
                          : OSK_OK;
}
