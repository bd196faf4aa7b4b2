/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading bytes that an attacker wrote.
 *
 * All movement goes through osk_cursor_take(), which compares before it moves and returns a child
 * that cannot see past its part. Failure is sticky and collapses the cursor to empty: later reads
 * give 0 and loops on osk_cursor_more() end. Check osk_cursor_ok() before a value is used as a
 * length, count, index or allocation size. The fields are touched only in src/base. */
#ifndef OSK_BASE_CURSOR_H
#define OSK_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct OskCursor {
    const uint8_t *at;
    size_t left;
    uint64_t offset; /* of `at`, in the input */
    bool failed;
} OskCursor;

/* @param bytes  lent, `len` bytes; may be NULL when len is 0.
 * @param offset where in the input `bytes` begins. */
static inline OskCursor osk_cursor_make(const uint8_t *bytes, size_t len, uint64_t offset)
{
    return (OskCursor){ .at = bytes, .left = len, .offset = offset, .failed = false };
}

static inline bool osk_cursor_ok(const OskCursor *c)
{
    return !c->failed;
}

/* False at the end and after a failure. */
static inline bool osk_cursor_more(const OskCursor *c)
{
    return c->left > 0;
}

static inline size_t osk_cursor_left(const OskCursor *c)
{
    return c->left;
}

static inline uint64_t osk_cursor_offset(const OskCursor *c)
{
    return c->offset;
}

static inline void osk_cursor_fail(OskCursor *c)
{
    c->failed = true;
    c->left = 0;
}

/* The next `n` bytes as a child; empty and failed when there are fewer, and then so is `c`. */
static inline OskCursor osk_cursor_take(OskCursor *c, uint64_t n)
{
    if (c->failed || n > c->left) {
        osk_cursor_fail(c);
        return (OskCursor){ .at = c->at, .left = 0, .offset = c->offset, .failed = true };
    }
    OskCursor child = { .at = c->at, .left = (size_t)n, .offset = c->offset, .failed = false };
    if (n > 0) {
        c->at += n;
        c->left -= (size_t)n;
        c->offset += n;
    }
    return child;
}

static inline void osk_cursor_skip(OskCursor *c, uint64_t n)
{
    (void)osk_cursor_take(c, n);
}

/* The next `n` bytes, lent; NULL (and failed) when there are fewer. */
static inline const uint8_t *osk_cursor_bytes(OskCursor *c, size_t n)
{
    OskCursor child = osk_cursor_take(c, n);
    return child.failed ? NULL : child.at;
}

/* Everything that is left, lent, without moving; valid for osk_cursor_left() bytes. */
static inline const uint8_t *osk_cursor_rest(const OskCursor *c)
{
    return c->at;
}

/* Copies up to `n` bytes ahead without moving; returns how many there were. */
static inline size_t osk_cursor_peek(const OskCursor *c, void *out, size_t n)
{
    size_t len = n < c->left ? n : c->left;
    if (len > 0) {
        memcpy(out, c->at, len);
    }
    return len;
}

/* True when the next bytes are `len` bytes equal to `bytes`; does not move. */
static inline bool osk_cursor_starts(const OskCursor *c, const void *bytes, size_t len)
{
    return len <= c->left && (len == 0 || memcmp(c->at, bytes, len) == 0);
}

/* Unsigned integers of `n` bytes, 0 to 8, big or little end first; 0 after a failure. */
static inline uint64_t osk_cursor_be(OskCursor *c, unsigned n)
{
    const uint8_t *p = osk_cursor_bytes(c, n);
    uint64_t v = 0;
    for (unsigned i = 0; p != NULL && i < n; i++) {
        v = v << 8 | p[i];
    }
    return v;
}

static inline uint64_t osk_cursor_le(OskCursor *c, unsigned n)
{
    const uint8_t *p = osk_cursor_bytes(c, n);
    uint64_t v = 0;
    for (unsigned i = n; p != NULL && i > 0; i--) {
        v = v << 8 | p[i - 1];
    }
    return v;
}

static inline uint8_t osk_cursor_u8(OskCursor *c)
{
    return (uint8_t)osk_cursor_be(c, 1);
}

static inline uint16_t osk_cursor_u16be(OskCursor *c)
{
    return (uint16_t)osk_cursor_be(c, 2);
}

static inline uint32_t osk_cursor_u24be(OskCursor *c)
{
    return (uint32_t)osk_cursor_be(c, 3);
}

static inline uint32_t osk_cursor_u32be(OskCursor *c)
{
    return (uint32_t)osk_cursor_be(c, 4);
}

static inline uint64_t osk_cursor_u64be(OskCursor *c)
{
    return osk_cursor_be(c, 8);
}

static inline uint16_t osk_cursor_u16le(OskCursor *c)
{
    return (uint16_t)osk_cursor_le(c, 2);
}

static inline uint32_t osk_cursor_u24le(OskCursor *c)
{
    return (uint32_t)osk_cursor_le(c, 3);
}

static inline uint32_t osk_cursor_u32le(OskCursor *c)
{
    return (uint32_t)osk_cursor_le(c, 4);
}

static inline uint64_t osk_cursor_u64le(OskCursor *c)
{
    return osk_cursor_le(c, 8);
}

#endif
