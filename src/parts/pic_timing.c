/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts/pic_timing.h"

typedef struct Bits {
    const uint8_t *in;
    size_t count; /* bits in all */
    size_t at;
    bool failed;
    OskPicTiming *out;
    size_t out_bits;
} Bits;

static uint32_t take(Bits *b, unsigned n)
{
    uint32_t value = 0;
    if (n > b->count - b->at) {
        b->failed = true;
        b->at = b->count;
        return 0;
    }
    for (unsigned i = 0; i < n; i++, b->at++) {
        value = value << 1 | (uint32_t)(b->in[b->at / 8] >> (7 - b->at % 8) & 1);
    }
    return value;
}

static void put(Bits *b, uint32_t value, unsigned n)
{
    for (unsigned i = n; i > 0 && b->out_bits < OSK_PIC_TIMING_MOST * 8; i--, b->out_bits++) {
        uint32_t bit = value >> (i - 1) & 1;
        b->out->bytes[b->out_bits / 8] |= (uint8_t)(bit << (7 - b->out_bits % 8));
    }
}

static void copy(Bits *b, unsigned n)
{
    put(b, take(b, n), n);
}

static void read_clock(Bits *b, unsigned offset_len)
{
    OskPicTiming *out = b->out;
    take(b, 2 + 1 + 5);
    bool full = take(b, 1) != 0;
    take(b, 1 + 1 + 8);
    bool seconds = full || take(b, 1) != 0;
    out->seconds = (uint8_t)take(b, seconds ? 6 : 0);
    bool minutes = full || (seconds && take(b, 1) != 0);
    out->minutes = (uint8_t)take(b, minutes ? 6 : 0);
    bool hours = full || (minutes && take(b, 1) != 0);
    out->hours = (uint8_t)take(b, hours ? 5 : 0);
    out->exact = hours;
    take(b, offset_len);
    out->clock = true;
}

void osk_avc_timing_learn(OskAvcTiming *timing, const OskAvcTiming *set)
{
    if (!timing->known) {
        *timing = *set;
    } else if (timing->delays != set->delays || timing->fields != set->fields ||
               timing->removal_len != set->removal_len || timing->output_len != set->output_len ||
               timing->offset_len != set->offset_len) {
        timing->mixed = true;
    }
}

OskPicTiming osk_pic_timing_read(const OskAvcTiming *timing, const uint8_t *payload, size_t len)
{
    /* How many clocks a kind of picture can have: table D-1. */
    static const uint8_t clocks[] = { 1, 1, 1, 2, 2, 3, 3, 2, 3 };
    OskPicTiming out = { .fits = false };
    Bits b = { .in = payload, .count = len * 8, .out = &out };
    if (!timing->known || timing->mixed || len > OSK_PIC_TIMING_MOST) {
        return out;
    }
    if (timing->delays) {
        copy(&b, timing->removal_len);
        copy(&b, timing->output_len);
    }
    if (timing->fields) {
        uint32_t shape = take(&b, 4);
        put(&b, shape, 4);
        for (unsigned i = 0; shape < sizeof(clocks) && i < clocks[shape]; i++) {
            if (take(&b, 1) != 0) {
                read_clock(&b, timing->offset_len);
            }
            put(&b, 0, 1);
        }
    }
    if (b.out_bits % 8 != 0) {
        put(&b, 1, 1);
    }
    out.len = (b.out_bits + 7) / 8;
    out.fits = !b.failed && out.len > 0;
    return out;
}
