/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts/hdr10plus.h"

#include <string.h>

typedef struct Bits {
    const uint8_t *bytes;
    size_t count; /* bits in all */
    size_t at;
    bool failed;
} Bits;

static uint32_t take(Bits *b, unsigned n)
{
    if (n > b->count - b->at) {
        b->failed = true;
        b->at = b->count;
        return 0;
    }
    uint32_t value = 0;
    for (unsigned i = 0; i < n; i++, b->at++) {
        value = value << 1 | (uint32_t)(b->bytes[b->at / 8] >> (7 - b->at % 8) & 1);
    }
    return value;
}

static void skip(Bits *b, size_t n)
{
    if (n > b->count - b->at) {
        b->failed = true;
        b->at = b->count;
    } else {
        b->at += n;
    }
}

/* An optional table of peak luminances, 4 bits each. */
static void skip_peaks(Bits *b)
{
    if (take(b, 1) != 0) {
        uint32_t rows = take(b, 5);
        uint32_t columns = take(b, 5);
        skip(b, (size_t)rows * columns * 4);
    }
}

static void skip_statistics(Bits *b)
{
    skip(b, 3 * 17 + 17);
    uint32_t percentiles = take(b, 4);
    skip(b, (size_t)percentiles * (7 + 17) + 10);
}

static void skip_tone_mapping(Bits *b)
{
    if (take(b, 1) != 0) {
        skip(b, 12 + 12);
        uint32_t anchors = take(b, 4);
        skip(b, (size_t)anchors * 10);
    }
    if (take(b, 1) != 0) {
        skip(b, 6);
    }
}

bool osk_hdr10plus_is_whole(const uint8_t *bytes, size_t len)
{
    /* Country USA, provider Samsung, code 1, application 4. */
    static const uint8_t head[] = { 0xB5, 0x00, 0x3C, 0x00, 0x01, 0x04 };
    if (len < sizeof(head) + 1 || len > 4096 || memcmp(bytes, head, sizeof(head)) != 0 ||
        bytes[sizeof(head)] > 1) {
        return false;
    }
    Bits b = { .bytes = bytes, .count = len * 8, .at = (sizeof(head) + 1) * 8 };
    uint32_t windows = take(&b, 2);
    if (windows == 0) {
        return false;
    }
    skip(&b, (size_t)(windows - 1) * (6 * 16 + 8 + 3 * 16 + 1));
    skip(&b, 27);
    skip_peaks(&b);
    for (uint32_t w = 0; w < windows; w++) {
        skip_statistics(&b);
    }
    skip_peaks(&b);
    for (uint32_t w = 0; w < windows; w++) {
        skip_tone_mapping(&b);
    }
    size_t left = b.count - b.at;
    return !b.failed && left < 8 && take(&b, (unsigned)left) == 0;
}
