/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ITU-T T.81: annex C (tables), F.2 (sequential), G.2 (progressive), E.2.4 (restarts). Written to
 * be read beside it, not to be fast: what the pipeline has walked itself does not come here. */
#include "verify/jpeg_scan.h"

bool osk_jpeg_read_table(OskCursor *c, OskJpegTable *out)
{
    uint8_t counts[17] = { 0 };
    unsigned total = 0;
    for (unsigned length = 1; length <= 16; length++) {
        counts[length] = osk_cursor_u8(c);
        total += counts[length];
    }
    if (!osk_cursor_ok(c) || total > 256) {
        return false;
    }
    *out = (OskJpegTable){ .defined = true };
    for (unsigned i = 0; i < total; i++) {
        out->values[i] = osk_cursor_u8(c);
    }
    int32_t code = 0;
    unsigned position = 0;
    for (unsigned length = 1; length <= 16; length++) {
        out->first[length] = code;
        out->position[length] = (uint16_t)position;
        out->last[length] = counts[length] > 0 ? code + counts[length] - 1 : -1;
        code += counts[length];
        position += counts[length];
        if (code > (int32_t)1 << length) {
            return false;
        }
        code *= 2;
    }
    return osk_cursor_ok(c);
}

/* ---- bits ---- */

typedef struct Bits {
    OskCursor data;
    uint32_t held;
    unsigned count;
    bool failed; /* ran into a marker, or a code that is in no table */
} Bits;

/* One more bit; T.81 F.2.2.5: a zero byte behind FF is stuffing. */
static unsigned next_bit(Bits *b)
{
    if (b->count == 0) {
        if (osk_cursor_starts(&b->data, "\xFF", 1)) {
            if (!osk_cursor_starts(&b->data, "\xFF\0", 2)) {
                b->failed = true;
                return 0;
            }
            osk_cursor_skip(&b->data, 2);
            b->held = 0xFF;
        } else if (osk_cursor_more(&b->data)) {
            b->held = osk_cursor_u8(&b->data);
        } else {
            b->failed = true;
            return 0;
        }
        b->count = 8;
    }
    b->count--;
    return b->held >> b->count & 1;
}

static unsigned next_bits(Bits *b, unsigned count)
{
    unsigned value = 0;
    while (count-- > 0) {
        value = value << 1 | next_bit(b);
    }
    return value;
}

/* T.81 F.2.2.3. */
static unsigned next_value(Bits *b, const OskJpegTable *table)
{
    int32_t code = 0;
    for (unsigned length = 1; length <= 16 && !b->failed; length++) {
        code = code << 1 | (int32_t)next_bit(b);
        if (table->last[length] >= 0 && code <= table->last[length]) {
            return table->values[table->position[length] + (unsigned)(code - table->first[length])];
        }
    }
    b->failed = true;
    return 0;
}

/* ---- blocks ---- */

typedef struct Walk {
    const OskJpegScan *scan;
    bool progressive;
    Bits bits;
    unsigned blocks_to_skip; /* EOBRUN */
} Walk;

static void walk_dc(Walk *w, const OskJpegComponent *component)
{
    unsigned size = next_value(&w->bits, &w->scan->dc[component->dc]);
    w->bits.failed = w->bits.failed || size > 15;
    (void)next_bits(&w->bits, w->bits.failed ? 0 : size);
}

static void walk_sequential(Walk *w, const OskJpegComponent *component)
{
    walk_dc(w, component);
    for (unsigned k = 1; k <= 63 && !w->bits.failed; k++) {
        unsigned value = next_value(&w->bits, &w->scan->ac[component->ac]);
        unsigned run = value >> 4;
        unsigned size = value & 15;
        if (size == 0 && run != 15) {
            return;
        }
        k += run;
        w->bits.failed = w->bits.failed || k > 63;
        (void)next_bits(&w->bits, size);
    }
}

static void walk_ac_first(Walk *w, const OskJpegComponent *component, uint64_t *history)
{
    if (w->blocks_to_skip > 0) {
        w->blocks_to_skip--;
        return;
    }
    for (unsigned k = w->scan->from; k <= w->scan->to && !w->bits.failed; k++) {
        unsigned value = next_value(&w->bits, &w->scan->ac[component->ac]);
        unsigned run = value >> 4;
        unsigned size = value & 15;
        if (size == 0 && run != 15) {
            w->blocks_to_skip = (1u << run) - 1 + next_bits(&w->bits, run);
            return;
        }
        k += run;
        w->bits.failed = w->bits.failed || k > w->scan->to;
        if (size > 0 && !w->bits.failed) {
            (void)next_bits(&w->bits, size);
            *history |= UINT64_C(1) << k;
        }
    }
}

/* Correction bits of what is not zero already, passing `zeros` coefficients that are. Stops at the
 * next one that is zero; returns where. */
static unsigned walk_corrections(Walk *w, unsigned k, unsigned zeros, uint64_t history)
{
    for (; k <= w->scan->to; k++) {
        if ((history >> k & 1) != 0) {
            (void)next_bit(&w->bits);
        } else if (zeros == 0) {
            break;
        } else {
            zeros--;
        }
    }
    return k;
}

/* T.81 G.1.2.3. */
static void walk_ac_refine(Walk *w, const OskJpegComponent *component, uint64_t *history)
{
    unsigned k = w->scan->from;
    for (; w->blocks_to_skip == 0 && k <= w->scan->to && !w->bits.failed; k++) {
        unsigned value = next_value(&w->bits, &w->scan->ac[component->ac]);
        unsigned run = value >> 4;
        unsigned size = value & 15;
        if (size == 0 && run != 15) {
            w->blocks_to_skip = (1u << run) + next_bits(&w->bits, run);
            break;
        }
        w->bits.failed = w->bits.failed || size > 1;
        (void)next_bits(&w->bits, size);
        k = walk_corrections(w, k, run, *history);
        if (size > 0 && k <= w->scan->to) {
            *history |= UINT64_C(1) << k;
        }
    }
    if (w->blocks_to_skip > 0) {
        (void)walk_corrections(w, k, 64, *history);
        w->blocks_to_skip--;
    }
}

static void walk_block(Walk *w, const OskJpegComponent *component, uint64_t at)
{
    if (!w->progressive) {
        walk_sequential(w, component);
    } else if (w->scan->from == 0) {
        if (w->scan->high == 0) {
            walk_dc(w, component);
        } else {
            (void)next_bit(&w->bits);
        }
    } else if (w->scan->high == 0) {
        walk_ac_first(w, component, &component->history[at]);
    } else {
        walk_ac_refine(w, component, &component->history[at]);
    }
}

/* A single component has blocks of its own, several share MCUs (T.81 A.2). */
static void walk_mcu(Walk *w, const OskJpegFrame *frame, uint32_t x, uint32_t y)
{
    if (w->scan->count == 1) {
        const OskJpegComponent *component = &frame->components[w->scan->members[0]];
        walk_block(w, component, (uint64_t)y * component->stride + x);
        return;
    }
    for (unsigned i = 0; i < w->scan->count; i++) {
        const OskJpegComponent *component = &frame->components[w->scan->members[i]];
        for (unsigned block = 0; block < (unsigned)component->across * component->down; block++) {
            uint64_t row = (uint64_t)y * component->down + block / component->across;
            uint64_t column = (uint64_t)x * component->across + block % component->across;
            walk_block(w, component, row * component->stride + column);
        }
    }
}

/* Between two codes, at the end or at a restart marker: what is left of the byte is padding, and
 * ones. */
static bool check_padding(OskCheck *check, Walk *w)
{
    uint32_t ones = (1u << w->bits.count) - 1;
    bool clean = (w->bits.held & ones) == ones;
    if (!clean) {
        osk_check_found(check, "scan", "padding bits that are not ones",
                        osk_cursor_offset(&w->bits.data));
    }
    w->bits.count = 0;
    return clean;
}

static bool take_restart(OskCheck *check, Walk *w, unsigned number)
{
    uint8_t marker[2] = { 0xFF, (uint8_t)(0xD0 + number) };
    check_padding(check, w);
    if (w->blocks_to_skip > 0 || !osk_cursor_starts(&w->bits.data, marker, 2)) {
        return false;
    }
    osk_cursor_skip(&w->bits.data, 2);
    return true;
}

OskStatus osk_jpeg_check_scan(OskCheck *check, OskJpegFrame *frame, const OskJpegScan *scan)
{
    Walk w = { .scan = scan, .progressive = frame->progressive, .bits = { .data = scan->data } };
    const OskJpegComponent *first = &frame->components[scan->members[0]];
    uint32_t across = scan->count == 1 ? first->blocks_across : frame->mcus_across;
    uint32_t down = scan->count == 1 ? first->blocks_down : frame->mcus_down;
    uint64_t mcus = (uint64_t)across * down;
    if (!osk_budget_parts(check->budget, mcus)) {
        return osk_check_fail(check, OSK_LIMIT, "scan", "larger than a picture may be",
                              osk_cursor_offset(&scan->data));
    }
    for (uint64_t i = 0; i < mcus && !w.bits.failed; i++) {
        if (scan->restart > 0 && i > 0 && i % scan->restart == 0 &&
            !take_restart(check, &w, (unsigned)(i / scan->restart - 1) & 7)) {
            w.bits.failed = true;
            break;
        }
        walk_mcu(&w, frame, (uint32_t)(i % across), (uint32_t)(i / across));
    }
    if (w.bits.failed) {
        return osk_check_fail(check, OSK_MALFORMED, "scan", "the coded picture is broken",
                              osk_cursor_offset(&w.bits.data));
    }
    check_padding(check, &w);
    if (osk_cursor_more(&w.bits.data)) {
        osk_check_found(check, "scan", "bytes behind the last coded block",
                        osk_cursor_offset(&w.bits.data));
    }
    return OSK_OK;
}
