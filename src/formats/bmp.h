/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two files of the BMP module share. */
#ifndef OSK_FORMATS_BMP_H
#define OSK_FORMATS_BMP_H

#include "formats/format.h"

enum {
    OSK_BMP_RGB = 0,
    OSK_BMP_RLE8 = 1,
    OSK_BMP_RLE4 = 2,
    OSK_BMP_FIELDS = 3,
    OSK_BMP_RLE24 = 4,
    OSK_BMP_ALPHA_FIELDS = 6
};

typedef struct OskBmpPixels {
    const uint8_t *bytes; /* from the first pixel to the end of the file */
    size_t left;
    uint32_t width;
    uint32_t height;
    uint32_t mask; /* bits of a 16 or 32-bit pixel that mean something */
    unsigned bits; /* of a pixel */
    unsigned compression;
    bool used[256];     /* out: colours that appear */
    size_t len;         /* out: bytes of the input that the picture takes */
    uint8_t *rewritten; /* out, in the arena: other bytes to write, when some would be hidden; else
                           NULL */
    size_t out_len;     /* out: of them */
} OskBmpPixels;

/* Walks the rows, or the runs up to the end of the picture. Bytes and bits that no reader shows
 * (row padding, unused bits of a pixel, runs beyond the edge) are zeroed or cut off in a rewritten
 * copy. Errors: TRUNCATED, MALFORMED, LIMIT, NO_MEMORY; the fault is set. */
OskStatus osk_bmp_walk_pixels(OskWalk *walk, OskBmpPixels *pixels);

#endif
