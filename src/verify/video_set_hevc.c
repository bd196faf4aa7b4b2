/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sets of H.265. */
#include "verify/video_set_bits.h"

#define SETS_MOST 64u
#define PICTURES_MOST 16u

/* profile_tier_level(1, subs) */
static void skip_profile(OskCheckBits *b, uint32_t subs)
{
    bool profile[8] = { false };
    bool level[8] = { false };
    for (unsigned i = 0; i < 3; i++) {
        (void)osk_check_bits_u(b, 32);
    }
    for (uint32_t i = 0; i < subs; i++) {
        profile[i] = osk_check_bits_u1(b) != 0;
        level[i] = osk_check_bits_u1(b) != 0;
    }
    for (uint32_t i = subs; subs > 0 && i < 8; i++) {
        (void)osk_check_bits_u(b, 2);
    }
    for (uint32_t i = 0; i < subs; i++) {
        for (unsigned k = 0; profile[i] && k < 11; k++) {
            (void)osk_check_bits_u(b, 8);
        }
        (void)osk_check_bits_u(b, level[i] ? 8 : 0);
    }
}

static void skip_ordering(OskCheckBits *b, uint32_t subs)
{
    uint32_t count = osk_check_bits_u1(b) != 0 ? subs + 1 : 1;
    osk_check_bits_skip_ue(b, 3 * count, 24);
}

static void skip_sub_hrd(OskCheckBits *b, uint32_t count, bool pictures)
{
    b->failed = b->failed || count > 32;
    for (uint32_t i = 0; !b->failed && i < count; i++) {
        osk_check_bits_skip_ue(b, pictures ? 4 : 2, 4);
        (void)osk_check_bits_u1(b);
    }
}

static void skip_hrd(OskCheckBits *b, bool common, uint32_t subs)
{
    bool nal = false;
    bool vcl = false;
    bool pictures = false;
    if (common) {
        nal = osk_check_bits_u1(b) != 0;
        vcl = osk_check_bits_u1(b) != 0;
    }
    if (nal || vcl) {
        pictures = osk_check_bits_u1(b) != 0;
        (void)osk_check_bits_u(b, pictures ? 19 : 0);
        (void)osk_check_bits_u(b, 8);
        (void)osk_check_bits_u(b, pictures ? 4 : 0);
        (void)osk_check_bits_u(b, 15);
    }
    for (uint32_t i = 0; !b->failed && i <= subs; i++) {
        bool fixed = osk_check_bits_u1(b) != 0;
        bool within = fixed || osk_check_bits_u1(b) != 0;
        bool low = false;
        if (within) {
            (void)osk_check_bits_ue(b);
        } else {
            low = osk_check_bits_u1(b) != 0;
        }
        uint32_t count = low ? 1 : osk_check_bits_ue(b) + 1;
        if (nal) {
            skip_sub_hrd(b, count, pictures);
        }
        if (vcl) {
            skip_sub_hrd(b, count, pictures);
        }
    }
}

void osk_check_walk_hevc_video(OskCheckBits *b)
{
    (void)osk_check_bits_u(b, 12);
    uint32_t subs = osk_check_bits_u(b, 3);
    (void)osk_check_bits_u(b, 17);
    skip_profile(b, subs);
    skip_ordering(b, subs);
    uint32_t layers = osk_check_bits_u(b, 6);
    uint32_t sets = osk_check_bits_ue(b);
    b->failed = b->failed || sets > 1023;
    for (uint32_t i = 0; !b->failed && i < sets * (layers + 1); i++) {
        (void)osk_check_bits_u1(b);
    }
    if (osk_check_bits_u1(b) != 0) {
        (void)osk_check_bits_u(b, 32);
        (void)osk_check_bits_u(b, 32);
        if (osk_check_bits_u1(b) != 0) {
            (void)osk_check_bits_ue(b);
        }
        uint32_t count = osk_check_bits_ue(b);
        b->failed = b->failed || count > 1024;
        for (uint32_t i = 0; !b->failed && i < count; i++) {
            (void)osk_check_bits_ue(b);
            skip_hrd(b, i == 0 || osk_check_bits_u1(b) != 0, subs);
        }
    }
    b->open = osk_check_bits_u1(b) != 0;
}

/* scaling_list_data() */
static void skip_scaling(OskCheckBits *b)
{
    for (unsigned size = 0; size < 4; size++) {
        for (unsigned matrix = 0; matrix < 6; matrix += size == 3 ? 3 : 1) {
            if (osk_check_bits_u1(b) == 0) {
                (void)osk_check_bits_ue(b);
                continue;
            }
            uint32_t count = size == 0 ? 16 : 64;
            osk_check_bits_skip_ue(b, count + (size > 1 ? 1 : 0), 65);
        }
    }
}

/* The pictures before and after, as the set before them says what their flags are about. */
typedef struct Near {
    int32_t delta[PICTURES_MOST];
    uint32_t count;
} Near;

static void add_near(OskCheckBits *b, Near *near, int32_t delta)
{
    if (delta == 0) {
        return;
    }
    if (near->count == PICTURES_MOST) {
        b->failed = true;
        return;
    }
    /* Those before come first, the nearest first; then those after, the nearest first. */
    uint32_t at = near->count++;
    while (at > 0) {
        int32_t other = near->delta[at - 1];
        bool behind = (delta < 0) != (other < 0) ? delta < 0
                      : delta < 0                ? delta > other
                                                 : delta < other;
        if (!behind) {
            break;
        }
        near->delta[at] = other;
        at--;
    }
    near->delta[at] = delta;
}

/* st_ref_pic_set(): one of a list, perhaps told by its difference to the one before. */
static void read_near(OskCheckBits *b, bool first, Near *near)
{
    Near next = { .count = 0 };
    if (!first && osk_check_bits_u1(b) != 0) {
        bool negative = osk_check_bits_u1(b) != 0;
        int64_t size = (int64_t)osk_check_bits_ue(b) + 1;
        b->failed = b->failed || size > 32768;
        int32_t shift = (int32_t)(negative ? -size : size);
        for (uint32_t i = 0; !b->failed && i <= near->count; i++) {
            bool used = osk_check_bits_u1(b) != 0;
            if (used || osk_check_bits_u1(b) != 0) {
                add_near(b, &next, shift + (i < near->count ? near->delta[i] : 0));
            }
        }
    } else {
        uint32_t before = osk_check_bits_ue(b);
        uint32_t after = osk_check_bits_ue(b);
        b->failed = b->failed || before > PICTURES_MOST || after > PICTURES_MOST - before;
        int32_t delta = 0;
        for (uint32_t i = 0; !b->failed && i < before + after; i++) {
            uint32_t step = osk_check_bits_ue(b) + 1;
            b->failed = b->failed || step > 32768;
            delta = (i == before ? 0 : delta) + (i < before ? -(int32_t)step : (int32_t)step);
            (void)osk_check_bits_u1(b);
            add_near(b, &next, delta);
        }
    }
    *near = next;
}

static void skip_vui(OskCheckBits *b, uint32_t subs)
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
    (void)osk_check_bits_u(b, 3);
    if (osk_check_bits_u1(b) != 0) {
        osk_check_bits_skip_ue(b, 4, 4);
    }
    if (osk_check_bits_u1(b) != 0) {
        (void)osk_check_bits_u(b, 32);
        (void)osk_check_bits_u(b, 32);
        if (osk_check_bits_u1(b) != 0) {
            (void)osk_check_bits_ue(b);
        }
        if (osk_check_bits_u1(b) != 0) {
            skip_hrd(b, true, subs);
        }
    }
    if (osk_check_bits_u1(b) != 0) {
        (void)osk_check_bits_u(b, 3);
        osk_check_bits_skip_ue(b, 5, 5);
    }
}

static void skip_reference_sets(OskCheckBits *b, uint32_t order_bits)
{
    Near near = { .count = 0 };
    uint32_t sets = osk_check_bits_ue(b);
    b->failed = b->failed || sets > SETS_MOST;
    for (uint32_t i = 0; !b->failed && i < sets; i++) {
        read_near(b, i == 0, &near);
    }
    if (osk_check_bits_u1(b) != 0) {
        uint32_t count = osk_check_bits_ue(b);
        b->failed = b->failed || count > 32;
        for (uint32_t i = 0; !b->failed && i < count; i++) {
            (void)osk_check_bits_u(b, order_bits + 1);
        }
    }
}

/* The extensions that camera profiles have are nine flags; the others aren't walked. */
static void walk_sequence_extensions(OskCheckBits *b)
{
    uint32_t flags = osk_check_bits_u(b, 8);
    if ((flags & 0x80) != 0) {
        (void)osk_check_bits_u(b, 9);
    }
    b->open = (flags & 0x7F) != 0;
}

void osk_check_walk_hevc_sequence(OskCheckBits *b)
{
    (void)osk_check_bits_u(b, 4);
    uint32_t subs = osk_check_bits_u(b, 3);
    (void)osk_check_bits_u1(b);
    skip_profile(b, subs);
    (void)osk_check_bits_ue(b);
    if (osk_check_bits_ue(b) == 3) {
        (void)osk_check_bits_u1(b);
    }
    osk_check_bits_skip_ue(b, 2, 2);
    if (osk_check_bits_u1(b) != 0) {
        osk_check_bits_skip_ue(b, 4, 4);
    }
    osk_check_bits_skip_ue(b, 2, 2);
    uint32_t order_bits = osk_check_bits_ue(b) + 4;
    b->failed = b->failed || order_bits > 16;
    skip_ordering(b, subs);
    osk_check_bits_skip_ue(b, 6, 6);
    if (osk_check_bits_u1(b) != 0 && osk_check_bits_u1(b) != 0) {
        skip_scaling(b);
    }
    (void)osk_check_bits_u(b, 2);
    if (osk_check_bits_u1(b) != 0) {
        (void)osk_check_bits_u(b, 8);
        osk_check_bits_skip_ue(b, 2, 2);
        (void)osk_check_bits_u1(b);
    }
    skip_reference_sets(b, order_bits);
    (void)osk_check_bits_u(b, 2);
    if (osk_check_bits_u1(b) != 0) {
        skip_vui(b, subs);
    }
    if (osk_check_bits_u1(b) != 0) {
        walk_sequence_extensions(b);
    }
}

static void walk_picture_extensions(OskCheckBits *b, bool skips_transform)
{
    uint32_t flags = osk_check_bits_u(b, 8);
    if ((flags & 0x80) != 0) {
        if (skips_transform) {
            (void)osk_check_bits_ue(b);
        }
        (void)osk_check_bits_u1(b);
        if (osk_check_bits_u1(b) != 0) {
            (void)osk_check_bits_ue(b);
            uint32_t count = osk_check_bits_ue(b) + 1;
            osk_check_bits_skip_ue(b, 2 * count, 12);
        }
        osk_check_bits_skip_ue(b, 2, 2);
    }
    b->open = (flags & 0x7F) != 0;
}

void osk_check_walk_hevc_picture(OskCheckBits *b)
{
    osk_check_bits_skip_ue(b, 2, 2);
    (void)osk_check_bits_u(b, 7);
    osk_check_bits_skip_ue(b, 3, 3);
    (void)osk_check_bits_u1(b);
    bool skips_transform = osk_check_bits_u1(b) != 0;
    if (osk_check_bits_u1(b) != 0) {
        (void)osk_check_bits_ue(b);
    }
    osk_check_bits_skip_ue(b, 2, 2);
    (void)osk_check_bits_u(b, 4);
    bool tiles = osk_check_bits_u1(b) != 0;
    (void)osk_check_bits_u1(b);
    if (tiles) {
        uint32_t columns = osk_check_bits_ue(b);
        uint32_t rows = osk_check_bits_ue(b);
        b->failed = b->failed || columns > 1024 || rows > 1024;
        if (osk_check_bits_u1(b) == 0) {
            osk_check_bits_skip_ue(b, columns + rows, 2048);
        }
        (void)osk_check_bits_u1(b);
    }
    (void)osk_check_bits_u1(b);
    if (osk_check_bits_u1(b) != 0) {
        (void)osk_check_bits_u1(b);
        if (osk_check_bits_u1(b) == 0) {
            osk_check_bits_skip_ue(b, 2, 2);
        }
    }
    if (osk_check_bits_u1(b) != 0) {
        skip_scaling(b);
    }
    (void)osk_check_bits_u1(b);
    (void)osk_check_bits_ue(b);
    (void)osk_check_bits_u1(b);
    if (osk_check_bits_u1(b) != 0) {
        walk_picture_extensions(b, skips_transform);
    }
}
