/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Building bytes: a buffer born with a ceiling, that fails stickily, and that computes lengths
 * itself. */
#ifndef OSK_BASE_WRITER_H
#define OSK_BASE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct OskWriter {
    uint8_t *bytes;
    size_t len;
    size_t capacity;
    size_t ceiling;
    bool failed; /* the ceiling was reached, or memory ended */
} OskWriter;

/* A pending length prefix. */
typedef struct OskWriterMark {
    size_t at;      /* where the prefix stands */
    size_t counted; /* what it counts begins here */
    unsigned width;
} OskWriterMark;

/* @param ceiling the most bytes it will ever hold; what would exceed it fails.
 * Ownership: free with osk_writer_free(), or take the bytes with osk_writer_give(). */
void osk_writer_init(OskWriter *writer, size_t ceiling);
bool osk_writer_ok(const OskWriter *writer);
void osk_writer_bytes(OskWriter *writer, const void *bytes, size_t len);
void osk_writer_zeros(OskWriter *writer, size_t len);
/* The low `width` bytes (0 to 8) of `value`, big or little end first. */
void osk_writer_be(OskWriter *writer, uint64_t value, unsigned width);
void osk_writer_le(OskWriter *writer, uint64_t value, unsigned width);
void osk_writer_u8(OskWriter *writer, uint8_t value);

/* Leaves room for a big-endian length of `width` bytes. `inclusive`: the prefix counts itself. */
OskWriterMark osk_writer_open(OskWriter *writer, unsigned width, bool inclusive);
/* Fills the prefix in with the number of bytes since; fails when it doesn't fit in its width. */
void osk_writer_close(OskWriter *writer, OskWriterMark mark);
/* Overwrites `width` bytes at `at` (already written) with `value`. */
void osk_writer_patch_be(OskWriter *writer, size_t at, uint64_t value, unsigned width);
void osk_writer_patch_le(OskWriter *writer, size_t at, uint64_t value, unsigned width);

/* ISOBMFF: opens a box of this fourcc with a 32-bit size; close it with osk_writer_close(). */
OskWriterMark osk_writer_box(OskWriter *writer, const char fourcc[4]);

/* Hands the buffer over: free() it. NULL and 0 when the writer failed; the writer is then freed. */
uint8_t *osk_writer_give(OskWriter *writer, size_t *out_len);
void osk_writer_free(OskWriter *writer);

#endif
