/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts/obu_sequence.h"

#include <stdbool.h>

typedef struct Bits {
    const uint8_t *bytes;
    size_t len;
    size_t at; /* the next bit */
    bool over;
} Bits;

static uint32_t f(Bits *b, unsigned count)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++, b->at++) {
        if (b->at / 8 >= b->len) {
            b->over = true;
            return 0;
        }
        value = value << 1 | (b->bytes[b->at / 8] >> (7 - b->at % 8) & 1u);
    }
    return value;
}

static void skip_uvlc(Bits *b)
{
    unsigned zeros = 0;
    while (f(b, 1) == 0 && !b->over) {
        zeros++;
    }
    f(b, zeros < 32 ? zeros : 0);
}

/* What the operating points need to know. */
typedef struct Timing {
    bool decoder_model;
    unsigned delay_bits;
} Timing;

static Timing read_timing(Bits *b)
{
    Timing timing = { .decoder_model = false };
    if (f(b, 1) == 0) {
        return timing;
    }
    f(b, 32);
    f(b, 32);
    if (f(b, 1) != 0) {
        skip_uvlc(b);
    }
    timing.decoder_model = f(b, 1) != 0;
    if (timing.decoder_model) {
        timing.delay_bits = f(b, 5) + 1;
        f(b, 32);
        f(b, 10);
    }
    return timing;
}

static void read_operating_points(Bits *b, Timing timing)
{
    bool display_delay = f(b, 1) != 0;
    uint32_t count = f(b, 5) + 1;
    for (uint32_t i = 0; i < count && !b->over; i++) {
        f(b, 12);
        f(b, f(b, 5) > 7 ? 1 : 0);
        if (timing.decoder_model && f(b, 1) != 0) {
            f(b, timing.delay_bits);
            f(b, timing.delay_bits);
            f(b, 1);
        }
        if (display_delay && f(b, 1) != 0) {
            f(b, 4);
        }
    }
}

/* Tools of pictures that follow each other. */
static void read_inter_tools(Bits *b)
{
    f(b, 4);
    bool order = f(b, 1) != 0;
    f(b, order ? 2 : 0);
    bool chosen = f(b, 1) != 0;
    bool screen = chosen || f(b, 1) != 0;
    if (screen && f(b, 1) == 0) {
        f(b, 1);
    }
    f(b, order ? 3 : 0);
}

static void read_colour(Bits *b, uint32_t profile)
{
    bool high = f(b, 1) != 0;
    bool twelve = profile == 2 && high && f(b, 1) != 0;
    bool mono = profile != 1 && f(b, 1) != 0;
    uint32_t description = f(b, 1) != 0 ? f(b, 24) : 0x020202;
    if (mono) {
        f(b, 1);
        return;
    }
    if (description != 0x010D00) { /* sRGB by identity has nothing more to say */
        f(b, 1);
        bool across = profile == 0 || (profile == 2 && (!twelve || f(b, 1) != 0));
        bool down = profile == 0 || (profile == 2 && twelve && across && f(b, 1) != 0);
        f(b, across && down ? 2 : 0);
    }
    f(b, 1);
}

size_t osk_obu_sequence_len(const uint8_t *bytes, size_t len)
{
    Bits b = { .bytes = bytes, .len = len };
    uint32_t profile = f(&b, 3);
    f(&b, 1);
    bool reduced = f(&b, 1) != 0;
    if (reduced) {
        f(&b, 5);
    } else {
        read_operating_points(&b, read_timing(&b));
    }
    uint32_t width_bits = f(&b, 4) + 1;
    uint32_t height_bits = f(&b, 4) + 1;
    f(&b, width_bits);
    f(&b, height_bits);
    if (!reduced && f(&b, 1) != 0) {
        f(&b, 7);
    }
    f(&b, 3);
    if (!reduced) {
        read_inter_tools(&b);
    }
    f(&b, 3);
    read_colour(&b, profile);
    f(&b, 1); /* film grain */
    size_t at = b.at / 8;
    bool stops = !b.over && at < len && (uint8_t)(bytes[at] << b.at % 8) == 0x80;
    return stops ? at + 1 : 0;
}
