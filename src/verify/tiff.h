/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second opinion on TIFF: what its files share. */
#ifndef OSK_VERIFY_TIFF_H
#define OSK_VERIFY_TIFF_H

#include "verify/checker.h"

/* One page, as far as the size of its strips or tiles depends on it. */
typedef struct OskCheckPage {
    uint64_t width;
    uint64_t height;
    uint64_t rows;       /* of a strip */
    uint64_t tile_width; /* 0: strips */
    uint64_t tile_height;
    uint64_t samples;
    uint64_t bits;        /* of all samples of a pixel */
    uint64_t sample_bits; /* of one; 0 when they differ */
    uint64_t compression;
    uint64_t photometric;
    uint64_t planar;
    bool reversed;  /* FillOrder 2 */
    uint64_t sub_h; /* chroma subsampling */
    uint64_t sub_v;
} OskCheckPage;

/* Bytes that strip or tile number `index` inflates to; 0 when that can't be told. */
uint64_t osk_check_strip_size(const OskCheckPage *page, uint64_t index);

/* Reads one strip or tile to its end, as far as its coding is known, and reports bytes behind it.
 */
void osk_check_strip(OskCheck *check, const OskCheckPage *page, OskCursor data, uint64_t size);

/* An abbreviated or whole JPEG stream: nothing but tables, frame, scans and colour markers. */
void osk_check_jpeg_stream(OskCheck *check, OskCursor data, bool tables_only);

#endif
