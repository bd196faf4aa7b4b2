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
    int32_t value = block[0] >= 0 ? block[0] >> low : -((-block[0] + (1 << low) - 1) >> low);
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

/* What the scan codes of a block: magnitudes rounded towards zero, and which of them aren't zero.
 */
typedef struct Reduced {
    uint16_t values[64];
    uint64_t nonzero; /* of the scan's band */
    uint64_t ones;
} Reduced;

/* Bit k is set where byte k is 1, all others being 0. */
static uint64_t gather(const uint8_t bytes[64])
{
    uint64_t mask = 0;
    for (unsigned i = 0; i < 64; i += 8) {
        uint64_t word = 0;
        for (unsigned j = 0; j < 8; j++) {
            word |= (uint64_t)bytes[i + j] << (8 * j);
        }
        /* Byte j moves to bit 56 + j; nothing carries. */
        mask |= word * UINT64_C(0x0102040810204080) >> 56 << i;
    }
    return mask;
}

static void reduce(const OskBlocksScan *scan, const int16_t block[64], Reduced *out)
{
    uint8_t nonzero[64];
    uint8_t ones[64];
    unsigned low = scan->low;
    for (unsigned k = 0; k < 64; k++) {
        uint16_t value = (uint16_t)((uint16_t)(block[k] < 0 ? -block[k] : block[k]) >> low);
        out->values[k] = value;
        nonzero[k] = value != 0;
        ones[k] = value == 1;
    }
    uint64_t band = (~UINT64_C(0) << scan->first) & (~UINT64_C(0) >> (63 - scan->last));
    out->nonzero = gather(nonzero) & band;
    out->ones = gather(ones) & band;
}

static void write_ac_first(Pen *p, const int16_t *block)
{
    Reduced r;
    reduce(p->scan, block, &r);
    unsigned next = p->scan->first;
    for (uint64_t left = r.nonzero; left != 0; left &= left - 1) {
        unsigned k = (unsigned)__builtin_ctzll(left);
        unsigned zeros = k - next;
        next = k + 1;
        end_run(p);
        for (; zeros > 15; zeros -= 16) {
            osk_blocks_code(&p->coder, p->ac, 0xF0, 0, 0);
        }
        int32_t value = block[k] < 0 ? -(int32_t)r.values[k] : r.values[k];
        unsigned size = osk_blocks_size(value);
        osk_blocks_code(&p->coder, p->ac, zeros << 4 | size, osk_blocks_magnitude(value, size),
                        size);
    }
    if (next <= p->scan->last && ++p->run == RUN_MOST) {
        end_run(p);
    }
}

/* T.81 G.1.2.3: corrections of coefficients that were not zero stand behind the next symbol. */
static void write_ac_again(Pen *p, const int16_t *block)
{
    Reduced r;
    reduce(p->scan, block, &r);
    uint8_t bits[64];
    unsigned count = 0;
    unsigned zeros = 0;
    unsigned next = p->scan->first;
    for (uint64_t left = r.nonzero; left != 0; left &= left - 1) {
        unsigned k = (unsigned)__builtin_ctzll(left);
        zeros += k - next;
        next = k + 1;
        /* Zeros count only up to the last coefficient that becomes one now. */
        for (; zeros > 15 && r.ones >> k != 0; zeros -= 16) {
            end_run(p);
            osk_blocks_code(&p->coder, p->ac, 0xF0, 0, 0);
            write_bits(p, bits, count);
            count = 0;
        }
        if (r.values[k] != 1) {
            bits[count++] = (uint8_t)(r.values[k] & 1);
            continue;
        }
        end_run(p);
        osk_blocks_code(&p->coder, p->ac, zeros << 4 | 1, block[k] > 0, 1);
        write_bits(p, bits, count);
        count = 0;
        zeros = 0;
    }
    zeros += p->scan->last + 1u - next;
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
