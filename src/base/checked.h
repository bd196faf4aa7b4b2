/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sizes that come from a file are added and multiplied here and nowhere else. */
#ifndef OSK_BASE_CHECKED_H
#define OSK_BASE_CHECKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each sets *out only on success; false means that the true result does not fit. */
static inline bool osk_add_u64(uint64_t a, uint64_t b, uint64_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

static inline bool osk_mul_u64(uint64_t a, uint64_t b, uint64_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

static inline bool osk_add_size(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

static inline bool osk_mul_size(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

/* True when [offset, offset + len) lies within [0, limit). */
static inline bool osk_range_within(uint64_t offset, uint64_t len, uint64_t limit)
{
    return offset <= limit && len <= limit - offset;
}

#endif
