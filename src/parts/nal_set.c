/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts/nal_set.h"

/* The bits of a unit's payload, without emulation prevention bytes. */
typedef struct Bits {
    const uint8_t *bytes;
    size_t len;
    size_t at; /* the byte that the next bit is in */
    unsigned bit;
    unsigned zeros; /* bytes of zero in front of `at` */
    bool over;      /* read beyond the end */
    bool unknown;   /* an extension that is not read here */
    OskAvcTiming timing;
} Bits;

static void next_byte(Bits *b)
{
    b->zeros = b->bytes[b->at] == 0 ? b->zeros + 1 : 0;
    b->at++;
    b->bit = 0;
    if (b->zeros >= 2 && b->at < b->len && b->bytes[b->at] == 3) {
        b->zeros = 0;
        b->at++;
    }
}

static uint32_t u(Bits *b, unsigned count)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++) {
        if (b->at >= b->len) {
            b->over = true;
            return 0;
        }
        value = value << 1 | (b->bytes[b->at] >> (7 - b->bit) & 1u);
        if (++b->bit == 8) {
            next_byte(b);
        }
    }
    return value;
}

static uint32_t ue(Bits *b)
{
    unsigned zeros = 0;
    while (u(b, 1) == 0 && !b->over && zeros < 32) {
        zeros++;
    }
    if (zeros >= 32) {
        b->over = true;
    }
    return b->over ? 0 : (uint32_t)((UINT64_C(1) << zeros) - 1 + u(b, zeros));
}

static int32_t se(Bits *b)
{
    uint32_t code = ue(b);
    int32_t half = (int32_t)(code / 2);
    return (code & 1) != 0 ? half + 1 : -half;
}

static void skip_ue(Bits *b, uint32_t count)
{
    for (uint32_t i = 0; i < count && !b->over; i++) {
        ue(b);
    }
}

static void skip_u(Bits *b, uint32_t count)
{
    for (uint32_t i = 0; i < count && !b->over; i++) {
        u(b, 1);
    }
}

/* ---- H.264 ---- */

static void avc_scaling_list(Bits *b, unsigned size)
{
    int32_t last = 8;
    int32_t next = 8;
    for (unsigned i = 0; i < size && !b->over; i++) {
        if (next != 0) {
            next = (last + se(b) + 256) % 256;
        }
        last = next == 0 ? last : next;
    }
}

static void avc_scaling_matrix(Bits *b, unsigned lists)
{
    for (unsigned i = 0; i < lists; i++) {
        if (u(b, 1) != 0) {
            avc_scaling_list(b, i < 6 ? 16 : 64);
        }
    }
}

static void avc_hrd(Bits *b)
{
    uint32_t count = ue(b) + 1;
    u(b, 8);
    for (uint32_t i = 0; i < count && !b->over; i++) {
        skip_ue(b, 2);
        u(b, 1);
    }
    u(b, 5);
    b->timing.delays = true;
    b->timing.removal_len = (uint8_t)(u(b, 5) + 1);
    b->timing.output_len = (uint8_t)(u(b, 5) + 1);
    b->timing.offset_len = (uint8_t)u(b, 5);
}

/* Sample shape, overscan, signal type, chroma place: alike in both codecs. */
static void vui_front(Bits *b)
{
    if (u(b, 1) != 0 && u(b, 8) == 255) {
        u(b, 32);
    }
    if (u(b, 1) != 0) {
        u(b, 1);
    }
    if (u(b, 1) != 0) {
        u(b, 4);
        u(b, u(b, 1) != 0 ? 24 : 0);
    }
    if (u(b, 1) != 0) {
        skip_ue(b, 2);
    }
}

static void avc_vui(Bits *b)
{
    vui_front(b);
    if (u(b, 1) != 0) {
        skip_u(b, 65);
    }
    bool hrd = u(b, 1) != 0;
    if (hrd) {
        avc_hrd(b);
    }
    if (u(b, 1) != 0) {
        hrd = true;
        avc_hrd(b);
    }
    u(b, hrd ? 1 : 0);
    b->timing.fields = u(b, 1) != 0;
    if (u(b, 1) != 0) {
        u(b, 1);
        skip_ue(b, 6);
    }
}

static bool avc_has_chroma_format(uint32_t profile)
{
    static const uint8_t profiles[] = {
        100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135
    };
    for (size_t i = 0; i < sizeof(profiles); i++) {
        if (profiles[i] == profile) {
            return true;
        }
    }
    return false;
}

static void avc_sps(Bits *b)
{
    uint32_t profile = u(b, 8);
    u(b, 16);
    ue(b);
    if (avc_has_chroma_format(profile)) {
        uint32_t chroma = ue(b);
        u(b, chroma == 3 ? 1 : 0);
        skip_ue(b, 2);
        u(b, 1);
        if (u(b, 1) != 0) {
            avc_scaling_matrix(b, chroma != 3 ? 8 : 12);
        }
    }
    ue(b);
    uint32_t order = ue(b);
    if (order == 0) {
        ue(b);
    } else if (order == 1) {
        u(b, 1);
        skip_ue(b, 2);
        skip_ue(b, ue(b));
    }
    ue(b);
    u(b, 1);
    skip_ue(b, 2);
    u(b, u(b, 1) != 0 ? 0 : 1);
    u(b, 1);
    if (u(b, 1) != 0) {
        skip_ue(b, 4);
    }
    if (u(b, 1) != 0) {
        avc_vui(b);
    }
}

static unsigned width_of(uint32_t most)
{
    unsigned bits = 0;
    for (; most > 0; most >>= 1) {
        bits++;
    }
    return bits;
}

static void avc_slice_groups(Bits *b, uint32_t groups)
{
    uint32_t type = ue(b);
    if (type == 0) {
        skip_ue(b, groups + 1);
    } else if (type == 2) {
        skip_ue(b, groups * 2);
    } else if (type >= 3 && type <= 5) {
        u(b, 1);
        ue(b);
    } else if (type == 6) {
        uint32_t units = ue(b) + 1;
        for (uint32_t i = 0; i < units && !b->over; i++) {
            u(b, width_of(groups));
        }
    }
}

/* The fields that every picture parameter set has. */
static void avc_pps_base(Bits *b)
{
    skip_ue(b, 2);
    u(b, 2);
    uint32_t groups = ue(b);
    if (groups > 7) {
        b->over = true;
    } else if (groups > 0) {
        avc_slice_groups(b, groups);
    }
    skip_ue(b, 2);
    u(b, 3);
    skip_ue(b, 3);
    u(b, 3);
}

/* Those that follow where more bytes do. */
static void avc_pps_more(Bits *b, bool full_chroma)
{
    bool large = u(b, 1) != 0;
    if (u(b, 1) != 0) {
        avc_scaling_matrix(b, 6 + (large ? full_chroma ? 6u : 2u : 0u));
    }
    se(b);
}

/* ---- H.265 ---- */

static void hevc_profile(Bits *b, uint32_t layers)
{
    u(b, 32);
    u(b, 32);
    u(b, 32);
    uint32_t flags = 0;
    for (uint32_t i = 0; i < layers; i++) {
        flags |= u(b, 2) << (2 * i);
    }
    if (layers > 0) {
        u(b, 2 * (8 - layers));
    }
    for (uint32_t i = 0; i < layers; i++) {
        skip_u(b, (flags >> (2 * i) & 2) != 0 ? 88 : 0);
        skip_u(b, (flags >> (2 * i) & 1) != 0 ? 8 : 0);
    }
}

static void hevc_ordering(Bits *b, uint32_t layers)
{
    uint32_t first = u(b, 1) != 0 ? 0 : layers;
    for (uint32_t i = first; i <= layers; i++) {
        skip_ue(b, 3);
    }
}

static void hevc_sub_layer_hrd(Bits *b, uint32_t count, bool sub_pictures)
{
    for (uint32_t i = 0; i < count && !b->over; i++) {
        skip_ue(b, sub_pictures ? 4 : 2);
        u(b, 1);
    }
}

static void hevc_hrd(Bits *b, bool common, uint32_t layers)
{
    bool nal = false;
    bool vcl = false;
    bool sub = false;
    if (common) {
        nal = u(b, 1) != 0;
        vcl = u(b, 1) != 0;
        if (nal || vcl) {
            sub = u(b, 1) != 0;
            u(b, sub ? 19 : 0);
            u(b, 8);
            u(b, sub ? 4 : 0);
            u(b, 15);
        }
    }
    for (uint32_t i = 0; i <= layers && !b->over; i++) {
        bool general = u(b, 1) != 0;
        bool within = general || u(b, 1) != 0;
        bool low_delay = false;
        if (within) {
            ue(b);
        } else {
            low_delay = u(b, 1) != 0;
        }
        uint32_t count = low_delay ? 1 : ue(b) + 1;
        hevc_sub_layer_hrd(b, nal ? count : 0, sub);
        hevc_sub_layer_hrd(b, vcl ? count : 0, sub);
    }
}

static void hevc_vui(Bits *b, uint32_t layers)
{
    vui_front(b);
    u(b, 3);
    if (u(b, 1) != 0) {
        skip_ue(b, 4);
    }
    if (u(b, 1) != 0) {
        skip_u(b, 64);
        if (u(b, 1) != 0) {
            ue(b);
        }
        if (u(b, 1) != 0) {
            hevc_hrd(b, true, layers);
        }
    }
    if (u(b, 1) != 0) {
        u(b, 3);
        skip_ue(b, 5);
    }
}

static void hevc_scaling_lists(Bits *b)
{
    for (unsigned size = 0; size < 4; size++) {
        unsigned coefficients = size == 0 ? 16 : 64;
        for (unsigned matrix = 0; matrix < 6 && !b->over; matrix += size == 3 ? 3 : 1) {
            bool coded = u(b, 1) != 0;
            skip_ue(b, !coded ? 1 : size > 1 ? coefficients + 1 : coefficients);
        }
    }
}

/* A set of reference pictures: how far each is, before and behind. */
typedef struct PictureSet {
    int32_t deltas[32];
    unsigned count;
} PictureSet;

static void add_delta(Bits *b, PictureSet *set, int32_t delta)
{
    if (set->count < 32) {
        set->deltas[set->count++] = delta;
    } else {
        b->over = true;
    }
}

/* Predicted from the set before it: each of its distances is shifted, and may be left out. */
static void hevc_predicted_set(Bits *b, const PictureSet *before, PictureSet *out)
{
    bool negative = u(b, 1) != 0;
    int32_t shift = (int32_t)(ue(b) & 0xFFFF) + 1;
    shift = negative ? -shift : shift;
    for (unsigned i = 0; i <= before->count && !b->over; i++) {
        bool used = u(b, 1) != 0;
        bool delta = used || u(b, 1) != 0;
        int32_t distance = (i < before->count ? before->deltas[i] : 0) + shift;
        if (delta && distance != 0) {
            add_delta(b, out, distance);
        }
    }
}

static void hevc_explicit_set(Bits *b, PictureSet *out)
{
    uint32_t counts[2] = { ue(b), 0 };
    counts[1] = ue(b);
    for (unsigned side = 0; side < 2; side++) {
        int32_t at = 0;
        for (uint32_t i = 0; i < counts[side] && !b->over; i++) {
            int32_t step = (int32_t)(ue(b) & 0xFFFF) + 1;
            at += side == 0 ? -step : step;
            u(b, 1);
            add_delta(b, out, at);
        }
    }
}

/* Only how many distances a set has and which of them the next one cancels matters here, not their
 * order: the flags of a predicted set are read once for each. */
static void hevc_picture_sets(Bits *b)
{
    uint32_t count = ue(b);
    PictureSet before = { .count = 0 };
    for (uint32_t i = 0; i < count && i <= 64 && !b->over; i++) {
        PictureSet set = { .count = 0 };
        if (i > 0 && u(b, 1) != 0) {
            hevc_predicted_set(b, &before, &set);
        } else {
            hevc_explicit_set(b, &set);
        }
        before = set;
    }
}

static void hevc_screen_content(Bits *b, uint32_t chroma, const uint32_t depths[2])
{
    u(b, 1);
    if (u(b, 1) != 0) {
        skip_ue(b, 2);
        if (u(b, 1) != 0) {
            uint32_t count = ue(b) + 1;
            for (unsigned c = 0; c < (chroma == 0 ? 1u : 3u); c++) {
                for (uint32_t i = 0; i < count && !b->over; i++) {
                    u(b, depths[c > 0] + 8);
                }
            }
        }
    }
    u(b, 3);
}

static void hevc_sps(Bits *b)
{
    u(b, 4);
    uint32_t layers = u(b, 3);
    u(b, 1);
    hevc_profile(b, layers);
    ue(b);
    uint32_t chroma = ue(b);
    u(b, chroma == 3 ? 1 : 0);
    skip_ue(b, 2);
    if (u(b, 1) != 0) {
        skip_ue(b, 4);
    }
    uint32_t depths[2] = { ue(b) & 7, 0 };
    depths[1] = ue(b) & 7;
    uint32_t order_bits = ue(b) + 4;
    hevc_ordering(b, layers);
    skip_ue(b, 6);
    if (u(b, 1) != 0 && u(b, 1) != 0) {
        hevc_scaling_lists(b);
    }
    u(b, 2);
    if (u(b, 1) != 0) {
        u(b, 8);
        skip_ue(b, 2);
        u(b, 1);
    }
    hevc_picture_sets(b);
    if (u(b, 1) != 0) {
        skip_u(b, ue(b) * ((order_bits & 31) + 1));
    }
    u(b, 2);
    if (u(b, 1) != 0) {
        hevc_vui(b, layers);
    }
    uint32_t extensions = u(b, 1) != 0 ? u(b, 8) : 0;
    skip_u(b, (extensions & 0x80) != 0 ? 9 : 0);
    u(b, (extensions & 0x40) != 0 ? 1 : 0);
    if ((extensions & 0x2F) != 0) {
        b->unknown = true;
    } else if ((extensions & 0x10) != 0) {
        hevc_screen_content(b, chroma, depths);
    }
}

static void hevc_pps_range(Bits *b, bool transform_skip)
{
    skip_ue(b, transform_skip ? 1 : 0);
    u(b, 1);
    if (u(b, 1) != 0) {
        ue(b);
        skip_ue(b, (ue(b) + 1) * 2);
    }
    skip_ue(b, 2);
}

static void hevc_tiles(Bits *b)
{
    uint32_t columns = ue(b);
    uint32_t rows = ue(b);
    if (u(b, 1) == 0) {
        skip_ue(b, columns);
        skip_ue(b, rows);
    }
    u(b, 1);
}

static void hevc_pps(Bits *b)
{
    skip_ue(b, 2);
    u(b, 7);
    skip_ue(b, 3);
    u(b, 1);
    bool transform_skip = u(b, 1) != 0;
    if (u(b, 1) != 0) {
        ue(b);
    }
    skip_ue(b, 2);
    u(b, 4);
    bool tiles = u(b, 1) != 0;
    u(b, 1);
    if (tiles) {
        hevc_tiles(b);
    }
    u(b, 1);
    if (u(b, 1) != 0) {
        u(b, 1);
        skip_ue(b, u(b, 1) != 0 ? 0 : 2);
    }
    if (u(b, 1) != 0) {
        hevc_scaling_lists(b);
    }
    u(b, 1);
    ue(b);
    u(b, 1);
    uint32_t extensions = u(b, 1) != 0 ? u(b, 8) : 0;
    if ((extensions & 0x80) != 0) {
        hevc_pps_range(b, transform_skip);
    }
    b->unknown = (extensions & 0x7F) != 0;
}

static void hevc_vps(Bits *b)
{
    u(b, 12);
    uint32_t layers = u(b, 3);
    u(b, 17);
    hevc_profile(b, layers);
    hevc_ordering(b, layers);
    uint32_t ids = u(b, 6) + 1;
    skip_u(b, ue(b) * ids);
    if (u(b, 1) != 0) {
        skip_u(b, 64);
        if (u(b, 1) != 0) {
            ue(b);
        }
        uint32_t hrds = ue(b);
        for (uint32_t i = 0; i < hrds && !b->over; i++) {
            ue(b);
            hevc_hrd(b, i == 0 || u(b, 1) != 0, layers);
        }
    }
    b->unknown = u(b, 1) != 0;
}

/* ---- Where it ends ---- */

/* Bytes up to the one with the last set bit; emulation prevention behind it is no part of it. */
static size_t without_zeros(const uint8_t *bytes, size_t len)
{
    while (len > 0 && (bytes[len - 1] == 0 || (len >= 3 && bytes[len - 1] == 3 &&
                                               bytes[len - 2] == 0 && bytes[len - 3] == 0))) {
        len--;
    }
    return len;
}

/* True when the next bit stops the set: a one, and zeros to the end of its byte. */
static bool stops(const Bits *b)
{
    return b->at < b->len && (uint8_t)(b->bytes[b->at] << b->bit) == 0x80;
}

static size_t end_of(const Bits *b, size_t trimmed)
{
    if (b->over) {
        return 0;
    }
    return b->unknown ? trimmed : stops(b) ? b->at + 1 : 0;
}

/* Decoders read the second half of a picture parameter set whenever any bytes follow the first. */
static size_t avc_pps_len(Bits b, size_t trimmed)
{
    avc_pps_base(&b);
    if (b.over) {
        return 0;
    }
    if (stops(&b) && b.at + 1 == trimmed) {
        return trimmed;
    }
    Bits small = b;
    Bits full = b;
    avc_pps_more(&small, false);
    avc_pps_more(&full, true);
    size_t small_end = end_of(&small, trimmed);
    size_t full_end = end_of(&full, trimmed);
    return full_end == trimmed ? trimmed : small_end;
}

size_t osk_nal_set_len(OskCodec codec, const uint8_t *bytes, size_t len)
{
    size_t trimmed = without_zeros(bytes, len);
    bool avc = codec == OSK_CODEC_AVC;
    size_t header = avc ? 1 : 2;
    if (trimmed <= header) {
        return 0; /* a header alone is no set */
    }
    unsigned type = avc ? bytes[0] & 31u : bytes[0] >> 1 & 63u;
    unsigned layer = avc ? 0 : (bytes[0] & 1u) << 5 | (unsigned)bytes[1] >> 3;
    Bits b = { .bytes = bytes, .len = trimmed, .at = header };
    if (layer != 0) {
        return trimmed;
    }
    if (avc && type == 8) {
        return avc_pps_len(b, trimmed);
    }
    if (avc && type == 7) {
        avc_sps(&b);
    } else if (!avc && type == 32) {
        hevc_vps(&b);
    } else if (!avc && type == 33) {
        hevc_sps(&b);
    } else if (!avc && type == 34) {
        hevc_pps(&b);
    } else {
        return trimmed;
    }
    return end_of(&b, trimmed);
}

void osk_nal_set_timing(const uint8_t *bytes, size_t len, OskAvcTiming *timing)
{
    if (len < 2 || (bytes[0] & 31) != 7) {
        return;
    }
    Bits b = { .bytes = bytes, .len = len, .at = 1, .timing = { .offset_len = 24 } };
    avc_sps(&b);
    if (!b.over) {
        b.timing.known = true;
        osk_avc_timing_learn(timing, &b.timing);
    }
}
