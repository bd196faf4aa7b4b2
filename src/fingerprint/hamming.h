/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distances of hashes, without the instruction that not every processor has: four words share the
 * last steps of the count, which makes it as fast as a table in the cache. */
#ifndef OSK_FINGERPRINT_HAMMING_H
#define OSK_FINGERPRINT_HAMMING_H

#include <stdint.h>
#include <string.h>

/* Bits that are set, each byte's in the byte: 0 to 8. */
static inline uint64_t osk_bits_by_byte(uint64_t word)
{
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    return (word + (word >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
}

/* Bits in which two rows of 32 bytes differ. */
static inline unsigned osk_hamming_256(const void *a, const void *b)
{
    uint64_t left[4];
    uint64_t right[4];
    memcpy(left, a, sizeof left);
    memcpy(right, b, sizeof right);
    uint64_t sum = 0;
    for (unsigned i = 0; i < 4; i++) {
        sum += osk_bits_by_byte(left[i] ^ right[i]);
    }
    /* At most 32 in a byte: two of them fit one, all eight do not. */
    sum = (sum & UINT64_C(0x00FF00FF00FF00FF)) + (sum >> 8 & UINT64_C(0x00FF00FF00FF00FF));
    return (unsigned)((sum * UINT64_C(0x0001000100010001)) >> 48);
}

#endif
