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

/* T.81 annex K.3.3, as the body of a DHT segment. Readers have them when a file brings none. */
static const uint8_t dc_0[] = {
    0, 1, 5,    1,    1,    1,    1,    1,    1,    0,    0,    0,    0,    0,
    0, 0, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B,
};
static const uint8_t dc_1[] = {
    0, 3, 1,    1,    1,    1,    1,    1,    1,    1,    1,    0,    0,    0,
    0, 0, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B,
};
static const uint8_t ac_0[] = {
    0,    2,    1,    3,    3,    2,    4,    3,    5,    5,    4,    4,    0,    0,    1,
    125,  0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51,
    0x61, 0x07, 0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15,
    0x52, 0xD1, 0xF0, 0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0A, 0x16, 0x17, 0x18, 0x19, 0x1A,
    0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x43, 0x44,
    0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63,
    0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A,
    0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98,
    0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5,
    0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2,
    0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE1, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7,
    0xE8, 0xE9, 0xEA, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
};
static const uint8_t ac_1[] = {
    0,    2,    1,    2,    4,    4,    3,    4,    7,    5,    4,    4,    0,    1,    2,
    119,  0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07,
    0x61, 0x71, 0x13, 0x22, 0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23,
    0x33, 0x52, 0xF0, 0x15, 0x62, 0x72, 0xD1, 0x0A, 0x16, 0x24, 0x34, 0xE1, 0x25, 0xF1, 0x17,
    0x18, 0x19, 0x1A, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x43,
    0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A,
    0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79,
    0x7A, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96,
    0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3,
    0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9,
    0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6,
    0xE7, 0xE8, 0xE9, 0xEA, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
};

void osk_jpeg_standard_tables(OskJpegTable dc[2], OskJpegTable ac[2])
{
    OskCursor first_dc = osk_cursor_make(dc_0, sizeof(dc_0), 0);
    OskCursor second_dc = osk_cursor_make(dc_1, sizeof(dc_1), 0);
    OskCursor first_ac = osk_cursor_make(ac_0, sizeof(ac_0), 0);
    OskCursor second_ac = osk_cursor_make(ac_1, sizeof(ac_1), 0);
    (void)osk_jpeg_read_table(&first_dc, &dc[0]);
    (void)osk_jpeg_read_table(&second_dc, &dc[1]);
    (void)osk_jpeg_read_table(&first_ac, &ac[0]);
    (void)osk_jpeg_read_table(&second_ac, &ac[1]);
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
        /* A run past the end ends the block: readers take it so. */
        k += run;
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
        (void)next_bits(&w->bits, size);
        *history |= size > 0 && k <= 63 ? UINT64_C(1) << k : 0;
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
