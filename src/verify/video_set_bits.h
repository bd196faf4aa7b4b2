/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bits of a unit, read past its emulation prevention bytes; for video_set.c and video_set_hevc.c.
 */
#ifndef OSK_VERIFY_VIDEO_SET_BITS_H
#define OSK_VERIFY_VIDEO_SET_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct OskCheckBits {
    const uint8_t *bytes;
    size_t len;
    size_t at;      /* the byte at hand */
    unsigned bit;   /* of it, 0 is the highest */
    unsigned zeros; /* zero bytes right before it */
    bool failed;    /* sticky; reads give 0 */
    bool open;      /* an extension that isn't walked begins here */
} OskCheckBits;

static inline uint32_t osk_check_bits_u1(OskCheckBits *b)
{
    if (b->bit == 0 && b->zeros >= 2 && b->at < b->len && b->bytes[b->at] == 3) {
        b->at++;
        b->zeros = 0;
    }
    if (b->failed || b->at >= b->len) {
        b->failed = true;
        return 0;
    }
    uint32_t value = (uint32_t)(b->bytes[b->at] >> (7 - b->bit) & 1);
    if (++b->bit == 8) {
        b->zeros = b->bytes[b->at] == 0 ? b->zeros + 1 : 0;
        b->bit = 0;
        b->at++;
    }
    return value;
}

static inline uint32_t osk_check_bits_u(OskCheckBits *b, unsigned count)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++) {
        value = value << 1 | osk_check_bits_u1(b);
    }
    return value;
}

/* Exp-Golomb codes; those of more than 32 bits fail. */
static inline uint32_t osk_check_bits_ue(OskCheckBits *b)
{
    unsigned zeros = 0;
    while (!b->failed && osk_check_bits_u1(b) == 0) {
        zeros++;
        b->failed = b->failed || zeros > 31;
    }
    return b->failed ? 0 : (uint32_t)((UINT64_C(1) << zeros) - 1 + osk_check_bits_u(b, zeros));
}

static inline int32_t osk_check_bits_se(OskCheckBits *b)
{
    uint32_t code = osk_check_bits_ue(b);
    int64_t half = (int64_t)(code / 2 + (code & 1));
    return (int32_t)((code & 1) != 0 ? half : -half);
}

/* `count` codes whose values don't matter; more than `most` fail. */
static inline void osk_check_bits_skip_ue(OskCheckBits *b, uint32_t count, uint32_t most)
{
    b->failed = b->failed || count > most;
    for (uint32_t i = 0; !b->failed && i < count; i++) {
        (void)osk_check_bits_ue(b);
    }
}

void osk_check_walk_avc_sequence(OskCheckBits *b);
void osk_check_walk_avc_picture(OskCheckBits *b);
void osk_check_walk_hevc_video(OskCheckBits *b);
void osk_check_walk_hevc_sequence(OskCheckBits *b);
void osk_check_walk_hevc_picture(OskCheckBits *b);

#endif
