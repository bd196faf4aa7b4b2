/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts/aac_config.h"

typedef struct Bits {
    const uint8_t *bytes;
    size_t count; /* bits */
    size_t at;
    bool failed;
} Bits;

enum {
    AOT_SCALABLE = 6,
    AOT_SBR = 5,
    AOT_ER_LC = 17,
    AOT_ER_LTP = 19,
    AOT_ER_SCALABLE = 20,
    AOT_TWINVQ = 7,
    AOT_ER_TWINVQ = 21,
    AOT_BSAC = 22,
    AOT_ER_LD = 23,
    AOT_PS = 29,
    AOT_ESCAPE = 31,
    SYNC_SBR = 0x2B7,
    SYNC_PS = 0x548
};

static uint32_t take(Bits *bits, unsigned n)
{
    uint32_t value = 0;
    if (bits->failed || n > bits->count - bits->at) {
        bits->failed = true;
        return 0;
    }
    for (unsigned i = 0; i < n; i++, bits->at++) {
        value = value << 1 | (uint32_t)(bits->bytes[bits->at / 8] >> (7 - bits->at % 8) & 1);
    }
    return value;
}

static size_t left(const Bits *bits)
{
    return bits->failed ? 0 : bits->count - bits->at;
}

static uint32_t take_type(Bits *bits)
{
    uint32_t type = take(bits, 5);
    return type == AOT_ESCAPE ? 32 + take(bits, 6) : type;
}

static void take_rate(Bits *bits)
{
    if (take(bits, 4) == 15) {
        (void)take(bits, 24);
    }
}

static void skip_elements(Bits *bits, uint32_t count, unsigned width)
{
    for (uint32_t i = 0; i < count; i++) {
        (void)take(bits, width);
    }
}

/* program_config_element: which channels there are, and a comment. */
static void take_channels(Bits *bits, OskAacConfig *out)
{
    (void)take(bits, 10);
    uint32_t front = take(bits, 4);
    uint32_t side = take(bits, 4);
    uint32_t back = take(bits, 4);
    uint32_t low = take(bits, 2);
    uint32_t data = take(bits, 3);
    uint32_t coupling = take(bits, 4);
    (void)take(bits, take(bits, 1) != 0 ? 4 : 0);
    (void)take(bits, take(bits, 1) != 0 ? 4 : 0);
    (void)take(bits, take(bits, 1) != 0 ? 3 : 0);
    skip_elements(bits, front + side + back, 5);
    skip_elements(bits, low + data, 4);
    skip_elements(bits, coupling, 5);
    (void)take(bits, (8 - bits->at % 8) % 8);
    out->comment_len = take(bits, 8);
    out->comment_at = bits->at / 8;
    skip_elements(bits, (uint32_t)out->comment_len, 8);
}

static bool is_walkable(uint32_t type)
{
    return (type >= 1 && type <= 4) || type == AOT_SCALABLE || type == AOT_TWINVQ ||
           type == AOT_ER_LC || (type >= AOT_ER_LTP && type <= AOT_ER_LD);
}

/* GASpecificConfig */
static void take_general(Bits *bits, uint32_t type, uint32_t channels, OskAacConfig *out)
{
    (void)take(bits, 1);
    (void)take(bits, take(bits, 1) != 0 ? 14 : 0);
    uint32_t extension = take(bits, 1);
    if (channels == 0) {
        take_channels(bits, out);
    }
    if (type == AOT_SCALABLE || type == AOT_ER_SCALABLE) {
        (void)take(bits, 3);
    }
    if (extension != 0) {
        (void)take(bits, type == AOT_BSAC ? 16 : 0);
        bool resilient =
            type == AOT_ER_LC || type == AOT_ER_LTP || type == AOT_ER_SCALABLE || type == AOT_ER_LD;
        (void)take(bits, resilient ? 3 : 0);
        (void)take(bits, 1);
    }
}

/* The backward compatible way to say that there is spectral band replication. */
static void take_sync(Bits *bits)
{
    Bits ahead = *bits;
    if (left(bits) < 16 || take(&ahead, 11) != SYNC_SBR) {
        return;
    }
    uint32_t type = take_type(&ahead);
    if (type != AOT_SBR && type != AOT_BSAC) {
        return;
    }
    if (take(&ahead, 1) != 0) {
        take_rate(&ahead);
        if (type == AOT_SBR && left(&ahead) >= 12) {
            Bits further = ahead;
            if (take(&further, 11) == SYNC_PS) {
                (void)take(&further, 1);
                ahead = further;
            }
        }
    }
    (void)take(&ahead, type == AOT_BSAC ? 4 : 0);
    *bits = ahead;
}

bool osk_aac_config_read(OskCursor config, OskAacConfig *out)
{
    *out = (OskAacConfig){ .len = 0 };
    Bits bits = { .bytes = osk_cursor_rest(&config), .count = osk_cursor_left(&config) * 8 };
    if (osk_cursor_left(&config) > 4096) {
        return false;
    }
    uint32_t type = take_type(&bits);
    take_rate(&bits);
    uint32_t channels = take(&bits, 4);
    bool extended = type == AOT_SBR || type == AOT_PS;
    if (extended) {
        take_rate(&bits);
        type = take_type(&bits);
        (void)take(&bits, type == AOT_BSAC ? 4 : 0);
    }
    out->walked = is_walkable(type);
    if (!out->walked) {
        return false;
    }
    take_general(&bits, type, channels, out);
    if (type >= AOT_ER_LC && type != 18) {
        uint32_t protection = take(&bits, 2);
        if (protection > 1) {
            return false;
        }
    }
    if (!extended) {
        take_sync(&bits);
    }
    out->len = (bits.at + 7) / 8;
    return !bits.failed;
}
