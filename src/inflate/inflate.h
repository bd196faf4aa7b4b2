/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DEFLATE and its checksums, behind one adapter: the core's only library (libdeflate). */
#ifndef OSK_INFLATE_INFLATE_H
#define OSK_INFLATE_INFLATE_H

#include "base/budget.h"
#include "oilskin/status.h"

typedef struct OskInflated {
    uint8_t *bytes; /* free with osk_inflated_free() */
    size_t len;
    size_t used;     /* bytes of the input that the stream occupies, its checksum included */
    size_t capacity; /* what was spent from the budget */
} OskInflated;

typedef struct OskInflateSize {
    size_t
        expect; /* the size it should inflate to, 0 when unknown (it is then guessed and doubled) */
    size_t max; /* the most bytes it may inflate to */
} OskInflateSize;

/* Inflates one zlib stream (RFC 1950) from the front of `in`; what follows `used` bytes is slack.
 *
 * @param out  set only on OSK_OK.
 * Errors: TRUNCATED, MALFORMED (also a wrong Adler-32), LIMIT (more than `size.max`, or the
 * budget), NO_MEMORY. Cost: one pass where `size.expect` is right. */
OskStatus osk_inflate_zlib(const uint8_t *in, size_t in_len, OskInflateSize size, OskBudget *budget,
                           OskInflated *out);
/* The same for bare DEFLATE (RFC 1951): no header, no checksum. */
OskStatus osk_inflate_raw(const uint8_t *in, size_t in_len, OskInflateSize size, OskBudget *budget,
                          OskInflated *out);
void osk_inflated_free(OskInflated *inflated, OskBudget *budget);

/* Deflates into a zlib stream at level 9. `*out_bytes` is given: free() it.
 * Errors: NO_MEMORY. */
OskStatus osk_deflate_zlib(const uint8_t *in, size_t in_len, uint8_t **out_bytes, size_t *out_len);

/* CRC-32 of PNG and zlib (ISO 3309), continued from `crc` (0 at the start). */
uint32_t osk_crc32(uint32_t crc, const uint8_t *bytes, size_t len);

#endif
