/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading progressive scans (T.81 G.2) into memory: their runs of empty blocks and correction bits
 * cross every region, so that nothing of them can be copied. */
#include "redact/jpeg_blocks.h"

typedef struct Reader {
    OskBlocksJob *job;
    const OskBlocksScan *scan;
    OskBlocksLayout layout;
    const OskBlocksLook *dc[OSK_BLOCKS_PARTS];
    const OskBlocksLook *ac;
    OskJpegBits bits;
    int32_t last_dc[OSK_BLOCKS_PARTS];
    uint32_t skip; /* blocks that end before they begin */
} Reader;

static uint32_t take_bits(Reader *r, unsigned n)
{
    r->bits = osk_jpeg_refill(r->bits);
    uint32_t value = n > 0 ? osk_jpeg_peek(r->bits, n) : 0;
    r->bits = osk_jpeg_skip(r->bits, n);
    return value;
}

static int take_symbol(Reader *r, const OskBlocksLook *look)
{
    r->bits = osk_jpeg_refill(r->bits);
    return osk_blocks_symbol(&r->bits, look);
}

/* A coefficient, shifted to its place; false when it isn't one. */
static bool set_value(int16_t *out, int32_t value, unsigned low)
{
    if (value > INT16_MAX >> low || value < -(INT16_MAX >> low)) {
        return false;
    }
    *out = (int16_t)(value * (1 << low));
    return true;
}

static bool read_dc(Reader *r, unsigned member, int16_t *block)
{
    unsigned low = r->scan->low;
    if (r->scan->high > 0) {
        block[0] = (int16_t)(block[0] | (int32_t)(take_bits(r, 1) << low));
        return true;
    }
    int size = take_symbol(r, r->dc[member]);
    if (size < 0) {
        return false;
    }
    uint32_t bits = take_bits(r, (unsigned)size);
    r->last_dc[member] += osk_blocks_extend(bits, (unsigned)size);
    return set_value(&block[0], r->last_dc[member], low);
}

static bool read_ac_first(Reader *r, int16_t *block)
{
    if (r->skip > 0) {
        r->skip--;
        return true;
    }
    for (unsigned k = r->scan->first; k <= r->scan->last; k++) {
        int symbol = take_symbol(r, r->ac);
        if (symbol < 0) {
            return false;
        }
        unsigned run = (unsigned)symbol >> 4;
        unsigned size = (unsigned)symbol & 15;
        if (size == 0 && run < 15) {
            r->skip = (UINT32_C(1) << run) - 1 + take_bits(r, run);
            return true;
        }
        k += run;
        if (size == 0) {
            continue;
        }
        if (k > r->scan->last ||
            !set_value(&block[k], osk_blocks_extend(take_bits(r, size), size), r->scan->low)) {
            return false;
        }
    }
    return true;
}

/* Gives a coefficient that isn't zero the bit that comes next. */
static void correct(Reader *r, int16_t *value)
{
    int32_t bit = 1 << r->scan->low;
    if (take_bits(r, 1) != 0 && (*value & bit) == 0) {
        *value = (int16_t)(*value >= 0 ? *value + bit : *value - bit);
    }
}

/* Corrections up to the coefficient where `zeros` zeros are passed; returns where that is. */
static unsigned correct_until(Reader *r, int16_t *block, unsigned k, unsigned zeros)
{
    for (; k <= r->scan->last; k++) {
        if (block[k] != 0) {
            correct(r, &block[k]);
        } else if (zeros == 0) {
            break;
        } else {
            zeros--;
        }
    }
    return k;
}

/* T.81 G.1.2.3. */
static bool read_ac_again(Reader *r, int16_t *block)
{
    unsigned k = r->scan->first;
    for (; r->skip == 0 && k <= r->scan->last; k++) {
        int symbol = take_symbol(r, r->ac);
        if (symbol < 0) {
            return false;
        }
        unsigned run = (unsigned)symbol >> 4;
        unsigned size = (unsigned)symbol & 15;
        int32_t value = 0;
        if (size == 0 && run < 15) {
            r->skip = (UINT32_C(1) << run) + take_bits(r, run);
            break;
        }
        if (size > 1) {
            return false;
        }
        if (size == 1) {
            value = take_bits(r, 1) != 0 ? 1 << r->scan->low : -(1 << r->scan->low);
        }
        k = correct_until(r, block, k, run);
        if (value != 0) {
            if (k > r->scan->last) {
                return false;
            }
            block[k] = (int16_t)value;
        }
    }
    if (r->skip > 0) {
        (void)correct_until(r, block, k, 64);
        r->skip--;
    }
    return true;
}

static bool read_block(Reader *r, unsigned member, int16_t *block)
{
    if (r->scan->first == 0) {
        return read_dc(r, member, block);
    }
    return r->scan->high == 0 ? read_ac_first(r, block) : read_ac_again(r, block);
}

static bool read_mcu(Reader *r, uint32_t x, uint32_t y)
{
    const OskBlocksJob *job = r->job;
    for (unsigned b = 0; b < r->layout.count; b++) {
        OskBlocksSpot spot = osk_blocks_spot(r->scan, &r->layout, x, y, b);
        if (!read_block(r, r->layout.blocks[b].member, osk_blocks_at(job, &spot))) {
            return false;
        }
    }
    return true;
}

static OskStatus cross_restart(Reader *r, uint64_t mcu)
{
    if (r->skip > 0) {
        return osk_blocks_fail(&r->job->file, OSK_MALFORMED, "scan",
                               "a run that crosses a restart marker",
                               osk_cursor_offset(&r->scan->data));
    }
    memset(r->last_dc, 0, sizeof(r->last_dc));
    return osk_blocks_end_interval(r->job, r->scan, &r->bits, true,
                                   (uint32_t)(mcu / r->scan->restart - 1));
}

static OskStatus read_mcus(Reader *r)
{
    uint64_t mcu = 0;
    for (uint32_t y = 0; y < r->layout.rows; y++) {
        for (uint32_t x = 0; x < r->layout.columns; x++, mcu++) {
            if (mcu > 0 && r->scan->restart != 0 && mcu % r->scan->restart == 0) {
                OskStatus status = cross_restart(r, mcu);
                if (status != OSK_OK) {
                    return status;
                }
            }
            bool fine = read_mcu(r, x, y);
            if (osk_jpeg_overran(r->bits)) {
                return osk_blocks_out_of_data(r->job, r->scan, &r->bits);
            }
            if (!fine) {
                return osk_blocks_fail(&r->job->file, OSK_MALFORMED, "scan",
                                       "bits that are no code, or a value out of range",
                                       osk_cursor_offset(&r->scan->data));
            }
        }
    }
    if (r->skip > 0) {
        return osk_blocks_fail(&r->job->file, OSK_MALFORMED, "scan", "a run beyond the last block",
                               osk_cursor_offset(&r->scan->data));
    }
    return osk_blocks_end_interval(r->job, r->scan, &r->bits, false, 0);
}

OskStatus osk_blocks_decode_progressive(OskBlocksJob *job, const OskBlocksScan *scan)
{
    const uint8_t *data = osk_cursor_rest(&scan->data);
    Reader r = { .job = job, .scan = scan };
    r.bits = (OskJpegBits){ .at = data, .end = data + osk_cursor_left(&scan->data) };
    osk_blocks_layout(job, scan, &r.layout);
    for (unsigned i = 0; i < scan->count; i++) {
        if (scan->dc[i] != NULL) {
            osk_blocks_look_make(&job->looks[0][i], scan->dc[i]);
            r.dc[i] = &job->looks[0][i];
        }
        if (scan->ac[i] != NULL) {
            osk_blocks_look_make(&job->looks[1][i], scan->ac[i]);
            r.ac = &job->looks[1][i];
        }
    }
    uint64_t mcus = (uint64_t)r.layout.columns * r.layout.rows;
    if (!osk_budget_parts(job->file.budget, 1 + mcus / 16)) {
        return osk_blocks_fail(&job->file, OSK_LIMIT, "scan", "more work than one job may do",
                               osk_cursor_offset(&scan->data));
    }
    return read_mcus(&r);
}
