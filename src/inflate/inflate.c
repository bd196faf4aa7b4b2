/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inflate/inflate.h"

#include <libdeflate.h>
#include <stdlib.h>

/* libdeflate's decoders of zlib streams and of bare DEFLATE have one shape. */
typedef enum libdeflate_result (*Decoder)(struct libdeflate_decompressor *, const void *, size_t,
                                          void *, size_t, size_t *, size_t *);

/* One attempt with a fixed capacity. LIMIT means that the output did not fit. */
static OskStatus attempt(struct libdeflate_decompressor *decompressor, Decoder decode,
                         const uint8_t *in, size_t in_len, OskInflated *out)
{
    switch (decode(decompressor, in, in_len, out->bytes, out->capacity, &out->used, &out->len)) {
    case LIBDEFLATE_SUCCESS: return OSK_OK;
    case LIBDEFLATE_INSUFFICIENT_SPACE: return OSK_LIMIT;
    default: return OSK_MALFORMED;
    }
}

/* DEFLATE expands at most 1032 to 1 (a 258-byte match in two bits); guessing 4 to 1 first. */
static size_t first_guess(size_t in_len, OskInflateSize size)
{
    size_t guess = size.expect;
    if (guess == 0) {
        guess = in_len > SIZE_MAX / 4 ? SIZE_MAX : in_len * 4;
        guess = guess < 65536 ? 65536 : guess;
    }
    return guess < size.max ? guess : size.max;
}

static OskStatus inflate(Decoder decode, const uint8_t *in, size_t in_len, OskInflateSize size,
                         OskBudget *budget, OskInflated *out)
{
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    if (decompressor == NULL) {
        return OSK_NO_MEMORY;
    }
    OskInflated got = { .capacity = first_guess(in_len, size) };
    OskStatus status = OSK_LIMIT;
    for (;;) {
        if (!osk_budget_memory(budget, got.capacity)) {
            break;
        }
        got.bytes = malloc(got.capacity > 0 ? got.capacity : 1);
        if (got.bytes == NULL) {
            osk_budget_return(budget, got.capacity);
            status = OSK_NO_MEMORY;
            break;
        }
        status = attempt(decompressor, decode, in, in_len, &got);
        if (status == OSK_OK) {
            break;
        }
        osk_inflated_free(&got, budget);
        if (status != OSK_LIMIT || got.capacity >= size.max) {
            break;
        }
        got.capacity = got.capacity > size.max / 2 ? size.max : got.capacity * 2;
    }
    libdeflate_free_decompressor(decompressor);
    if (status == OSK_OK) {
        *out = got;
    }
    return status;
}

OskStatus osk_inflate_zlib(const uint8_t *in, size_t in_len, OskInflateSize size, OskBudget *budget,
                           OskInflated *out)
{
    return inflate(libdeflate_zlib_decompress_ex, in, in_len, size, budget, out);
}

OskStatus osk_inflate_raw(const uint8_t *in, size_t in_len, OskInflateSize size, OskBudget *budget,
                          OskInflated *out)
{
    return inflate(libdeflate_deflate_decompress_ex, in, in_len, size, budget, out);
}

void osk_inflated_free(OskInflated *inflated, OskBudget *budget)
{
    if (inflated->bytes != NULL) {
        free(inflated->bytes);
        osk_budget_return(budget, inflated->capacity);
    }
    inflated->bytes = NULL;
    inflated->len = 0;
}

OskStatus osk_deflate_zlib(const uint8_t *in, size_t in_len, uint8_t **out_bytes, size_t *out_len)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(9);
    if (compressor == NULL) {
        return OSK_NO_MEMORY;
    }
    size_t bound = libdeflate_zlib_compress_bound(compressor, in_len);
    uint8_t *bytes = malloc(bound);
    size_t len = bytes != NULL ? libdeflate_zlib_compress(compressor, in, in_len, bytes, bound) : 0;
    libdeflate_free_compressor(compressor);
    if (len == 0) {
        free(bytes);
        return OSK_NO_MEMORY;
    }
    *out_bytes = bytes;
    *out_len = len;
    return OSK_OK;
}

uint32_t osk_crc32(uint32_t crc, const uint8_t *bytes, size_t len)
{
    return len > 0 ? libdeflate_crc32(crc, bytes, len) : crc;
}
