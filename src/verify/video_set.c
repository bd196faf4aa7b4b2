/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of any set, and the sets of H.264. */
#include "verify/video_set.h"

#include "verify/video_set_bits.h"

/* More bits of data before the one that ends the set? Source: H.264 and H.265, 7.2,
 * more_rbsp_data(). */
static bool more_data(const OskCheckBits *b)
{
    OskCheckBits ahead = *b;
    size_t end = b->len;
    while (end > 0 && b->bytes[end - 1] == 0) {
        end--;
    }
    if (end == 0 || b->at >= end) {
        return false;
    }
    ahead.len = end;
    /* The last bit that is set ends the data. */
    unsigned last = 0;
    while ((b->bytes[end - 1] >> last & 1) == 0) {
        last++;
    }
    return ahead.at + 1 < end || ahead.bit + last < 7;
}

static void skip_scaling_list(OskCheckBits *b, unsigned size)
{
    int32_t next = 8;
    int32_t before = 8;
    for (unsigned i = 0; i < size && next != 0 && !b->failed; i++) {
        int32_t delta = osk_check_bits_se(b);
        b->failed = b->failed || delta < -128 || delta > 127;
        next = (before + delta + 256) % 256;
        before = next == 0 ? before : next;
    }
}

static void skip_scaling_lists(OskCheckBits *b, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (osk_check_bits_u1(b) != 0) {
            skip_scaling_list(b, i < 6 ? 16 : 64);
        }
    }
}

static void skip_hrd(OskCheckBits *b)
{
    uint32_t count = osk_check_bits_ue(b) + 1;
    b->failed = b->failed || count > 32;
    (void)osk_check_bits_u(b, 8);
    for (uint32_t i = 0; !b->failed && i < count; i++) {
        (void)osk_check_bits_ue(b);
        (void)osk_check_bits_ue(b);
        (void)osk_check_bits_u1(b);
    }
    (void)osk_check_bits_u(b, 20);
}

static void skip_vui(OskCheckBits *b)
{
    if (osk_check_bits_u1(b) != 0 && osk_check_bits_u(b, 8) == 255) {
        (void)osk_check_bits_u(b, 32);
    }
    if (osk_check_bits_u1(b) != 0) {
        (void)osk_check_bits_u1(b);
    }
    if (osk_check_bits_u1(b) != 0) {
        (void)osk_check_bits_u(b, 4);
        (void)osk_check_bits_u(b, osk_check_bits_u1(b) != 0 ? 24 : 0);
    }
    if (osk_check_bits_u1(b) != 0) {
        osk_check_bits_skip_ue(b, 2, 2);
    }
    if (osk_check_bits_u1(b) != 0) {
        (void)osk_check_bits_u(b, 32);
        (void)osk_check_bits_u(b, 32);
        (void)osk_check_bits_u1(b);
    }
    bool nal = osk_check_bits_u1(b) != 0;
    if (nal) {
        skip_hrd(b);
    }
    bool vcl = osk_check_bits_u1(b) != 0;
    if (vcl) {
        skip_hrd(b);
    }
    (void)osk_check_bits_u(b, nal || vcl ? 1 : 0);
    (void)osk_check_bits_u1(b);
    if (osk_check_bits_u1(b) != 0) {
        (void)osk_check_bits_u1(b);
        osk_check_bits_skip_ue(b, 6, 6);
    }
}

static bool is_high(uint32_t profile)
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

void osk_check_walk_avc_sequence(OskCheckBits *b)
{
    uint32_t profile = osk_check_bits_u(b, 8);
    (void)osk_check_bits_u(b, 16);
    (void)osk_check_bits_ue(b);
    if (is_high(profile)) {
        uint32_t chroma = osk_check_bits_ue(b);
        (void)osk_check_bits_u(b, chroma == 3 ? 1 : 0);
        osk_check_bits_skip_ue(b, 2, 2);
        (void)osk_check_bits_u1(b);
        if (osk_check_bits_u1(b) != 0) {
            skip_scaling_lists(b, chroma == 3 ? 12 : 8);
        }
    }
    (void)osk_check_bits_ue(b);
    uint32_t order = osk_check_bits_ue(b);
    if (order == 0) {
        (void)osk_check_bits_ue(b);
    } else if (order == 1) {
        (void)osk_check_bits_u1(b);
        osk_check_bits_skip_ue(b, 2, 2);
        osk_check_bits_skip_ue(b, osk_check_bits_ue(b), 255);
    }
    (void)osk_check_bits_ue(b);
    (void)osk_check_bits_u1(b);
    osk_check_bits_skip_ue(b, 2, 2);
    if (osk_check_bits_u1(b) == 0) {
        (void)osk_check_bits_u1(b);
    }
    (void)osk_check_bits_u1(b);
    if (osk_check_bits_u1(b) != 0) {
        osk_check_bits_skip_ue(b, 4, 4);
    }
    if (osk_check_bits_u1(b) != 0) {
        skip_vui(b);
    }
}

/* Flexible macroblock ordering, which no camera uses but the syntax has. */
static void skip_slice_groups(OskCheckBits *b, uint32_t count)
{
    uint32_t type = osk_check_bits_ue(b);
    b->failed = b->failed || count > 7 || type > 6;
    if (type == 0) {
        osk_check_bits_skip_ue(b, count + 1, 8);
    } else if (type == 2) {
        osk_check_bits_skip_ue(b, 2 * count, 14);
    } else if (type >= 3 && type <= 5) {
        (void)osk_check_bits_u1(b);
        (void)osk_check_bits_ue(b);
    } else if (type == 6) {
        uint64_t units = (uint64_t)osk_check_bits_ue(b) + 1;
        unsigned width = count > 3 ? 3 : count > 1 ? 2 : 1;
        for (uint64_t i = 0; !b->failed && i < units; i++) {
            (void)osk_check_bits_u(b, width);
        }
    }
}

/* 4:4:4 pictures have four more lists than the others; which they are stands in another set, so
 * both are tried. */
static void skip_picture_tail(OskCheckBits *b)
{
    bool wide = osk_check_bits_u1(b) != 0;
    OskCheckBits other = *b;
    if (osk_check_bits_u1(b) != 0) {
        skip_scaling_lists(b, wide ? 8 : 6);
    }
    (void)osk_check_bits_se(b);
    if (wide && (b->failed || more_data(b))) {
        if (osk_check_bits_u1(&other) != 0) {
            skip_scaling_lists(&other, 12);
        }
        (void)osk_check_bits_se(&other);
        *b = other.failed || more_data(&other) ? *b : other;
    }
}

/* The bit that ends a set, and zeros up to the end of its byte. */
static bool take_end(OskCheckBits *b)
{
    bool ends = osk_check_bits_u1(b) == 1;
    while (b->bit != 0) {
        ends = osk_check_bits_u1(b) == 0 && ends;
    }
    return ends && !b->failed;
}

static bool ends_here(const OskCheckBits *b)
{
    OskCheckBits ahead = *b;
    return take_end(&ahead);
}

void osk_check_walk_avc_picture(OskCheckBits *b)
{
    osk_check_bits_skip_ue(b, 2, 2);
    (void)osk_check_bits_u(b, 2);
    uint32_t groups = osk_check_bits_ue(b);
    if (groups > 0) {
        skip_slice_groups(b, groups);
    }
    osk_check_bits_skip_ue(b, 2, 2);
    (void)osk_check_bits_u(b, 3);
    osk_check_bits_skip_ue(b, 3, 3);
    (void)osk_check_bits_u(b, 3);
    if (more_data(b)) {
        OskCheckBits before = *b;
        skip_picture_tail(b);
        /* What is no such tail stands behind the end of an older set. */
        if ((b->failed || more_data(b)) && ends_here(&before)) {
            *b = before;
        }
    }
}

static bool walk_avc(OskCheckBits *b, unsigned type)
{
    (void)osk_check_bits_u(b, 8);
    if (type == 7) {
        osk_check_walk_avc_sequence(b);
    } else if (type == 8) {
        osk_check_walk_avc_picture(b);
    } else {
        b->open = true;
    }
    return !b->failed;
}

static bool walk_hevc(OskCheckBits *b, unsigned type, unsigned layer)
{
    (void)osk_check_bits_u(b, 16);
    if (layer != 0) {
        b->open = true;
    } else if (type == 32) {
        osk_check_walk_hevc_video(b);
    } else if (type == 33) {
        osk_check_walk_hevc_sequence(b);
    } else if (type == 34) {
        osk_check_walk_hevc_picture(b);
    } else {
        b->open = true;
    }
    return !b->failed;
}

bool osk_video_set_read(bool avc, const uint8_t *unit, size_t len, size_t *out_len)
{
    OskCheckBits b = { .bytes = unit, .len = len };
    *out_len = len;
    if (len < 2) {
        return true;
    }
    bool fine = avc ? walk_avc(&b, unit[0] & 31u)
                    : walk_hevc(&b, unit[0] >> 1 & 63u, (unit[0] & 1u) << 5 | unit[1] >> 3);
    /* What no decoder can read has no end behind which something could stand: it is damage, which
     * is shown as damage, and not a place to hide. */
    if (!fine || b.open) {
        return true;
    }
    if (!take_end(&b)) {
        return false;
    }
    *out_len = b.at;
    return true;
}
