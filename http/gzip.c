/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/gzip.h"

#include <stdlib.h>

#include <libdeflate.h>

/* Below this the headers that announce it outweigh it. */
#define LEAST_BYTES 256

/* What most requests ask for is small, and is packed as hard as it goes. The rest is packed while
 * somebody waits for the address: 16 MB took 3 s at level 9, and take 0.4 s at level 6. */
#define SMALL_BYTES (256 * 1024)
#define LEVEL_SMALL 12
#define LEVEL_LARGE 6

static uint8_t *pack(const uint8_t *bytes, size_t len, int level, size_t *out_len)
{
    if (len < LEAST_BYTES) {
        return NULL;
    }
    uint8_t *out = malloc(len);
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(level);
    size_t got = 0;
    if (out != NULL && compressor != NULL) {
        got = libdeflate_gzip_compress(compressor, bytes, len, out, len - 1);
    }
    if (compressor != NULL) {
        libdeflate_free_compressor(compressor);
    }
    if (got == 0) {
        free(out);
        return NULL;
    }
    uint8_t *fitting = realloc(out, got);
    *out_len = got;
    return fitting != NULL ? fitting : out;
}

uint8_t *osk_gzip(const uint8_t *bytes, size_t len, size_t *out_len)
{
    return pack(bytes, len, len <= SMALL_BYTES ? LEVEL_SMALL : LEVEL_LARGE, out_len);
}

uint8_t *osk_gzip_quick(const uint8_t *bytes, size_t len, size_t *out_len)
{
    return pack(bytes, len, LEVEL_LARGE, out_len);
}
