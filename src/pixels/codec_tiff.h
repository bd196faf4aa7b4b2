/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reading and the writing half of the TIFF codec share. */
#ifndef OSK_PIXELS_CODEC_TIFF_H
#define OSK_PIXELS_CODEC_TIFF_H

#include <tiffio.h>

#include "pixels/codec.h"
#include "pixels/composite.h"

/* A file in memory, as libtiff sees it: read only, or growing. */
typedef struct OskTiffMemory {
    const uint8_t *input; /* NULL where it is written */
    uint8_t *output;
    uint64_t len;
    uint64_t capacity;
    uint64_t at;
    uint64_t ceiling;
    OskBudget *budget; /* pays for `capacity`, where it is written */
    bool failed;       /* the ceiling, the budget or memory ended */
} OskTiffMemory;

/* Opens it for libtiff; `mode` as in its manual. Says nothing, and lets no single allocation of
 * libtiff exceed what the budget has left. */
TIFF *osk_tiff_open(OskTiffMemory *memory, const char *mode, OskBudget *budget);

/* How the pixels of a page are laid out. */
typedef struct OskTiffPage {
    uint32_t width;
    uint32_t height;
    uint16_t bits;
    uint16_t samples;
    uint16_t photometric;
    uint16_t compression;
    uint16_t planar;
    unsigned orientation;
    bool tiled;
    uint32_t block_width; /* of a tile, or of a strip: the page's width */
    uint32_t block_height;
    uint32_t across; /* blocks in a row */
    uint32_t down;
    OskPixelModel model;
    bool rendered; /* libtiff's own conversion to RGBA, alpha multiplied in */
} OskTiffPage;

/* Reads it from the current directory. UNSUPPORTED where pixels can't be given. */
OskStatus osk_tiff_page_read(TIFF *tiff, OskTiffPage *page, OskFault *fault);
/* Moves to the first page, or to the next; pages that are smaller copies of others don't count. */
bool osk_tiff_page_find(TIFF *tiff, bool first);
/* The box of block `index` (over all planes), cut at the edge of the page. */
OskPatch osk_tiff_block_box(const OskTiffPage *page, uint32_t index);
/* Blocks of all planes. */
uint64_t osk_tiff_block_count(const OskTiffPage *page);
/* Bytes of a decoded block and of a row in it; 0 for none. */
uint64_t osk_tiff_block_len(TIFF *tiff, const OskTiffPage *page);
uint64_t osk_tiff_row_len(TIFF *tiff, const OskTiffPage *page);
/* Moves the samples of a block between its own form and the image. */
typedef struct OskTiffBlock {
    uint8_t *bytes;
    uint64_t row_len;
    uint32_t index;
} OskTiffBlock;
void osk_tiff_block_unpack(const OskTiffPage *page, const OskTiffBlock *block, OskImage *image);
void osk_tiff_block_pack(const OskTiffPage *page, OskTiffBlock *block, const OskImage *image);

/* What the strips or tiles of a JPEG page share. */
typedef struct OskTiffJpegTables {
    const uint8_t *old; /* JPEGTables as it was, lent */
    size_t old_len;     /* 0: there are none, and each strip brings its own */
    OskWriter written;  /* of the copy: the same quantisers, the standard Huffman tables */
    bool own[4];        /* quantisers of which a strip has brought another */
} OskTiffJpegTables;

/* Makes `written` from `old`; false when that can't be read. */
bool osk_tiff_jpeg_tables(OskTiffJpegTables *tables);

/* A strip or tile of a JPEG page that is to be coded with the tables of the copy. */
typedef struct OskTiffJpeg {
    OskTiffJpegTables *tables;
    uint8_t *strip; /* as it was */
    size_t strip_len;
    uint8_t *rows; /* what it shall show: interleaved samples of eight bits; NULL: the same, of
                    * which no coefficient changes */
    size_t row_len;
    uint32_t width;
    uint32_t height;
    uint32_t height_most; /* a last strip may be as high as others */
    unsigned components;
    bool ycbcr; /* the rows are RGB and become YCbCr */
} OskTiffJpeg;

/* Writes the new strip, which has been read again. False when the old one can't be coded like
 * this, or `out` has failed. */
bool osk_tiff_jpeg_code(const OskTiffJpeg *job, OskWriter *out);

struct OskDecoder {
    OskTiffMemory memory;
    OskBudget *budget;
    TIFF *tiff;
    uint32_t pages; /* that are given */
    uint32_t next;  /* page */
    unsigned orientation;
    bool upright; /* pages are turned in different ways, and given as displayed */
    uint8_t *icc;
    uint32_t icc_len;
};

OskStatus osk_tiff_begin(const OskEncodeOptions *options, const OskCodecInfo *info,
                         OskBudget *budget, OskEncoder **out_encoder, OskFault *fault);
OskStatus osk_tiff_add(OskEncoder *encoder, const OskFrame *frame, OskFault *fault);
OskStatus osk_tiff_end(OskEncoder *encoder, OskWriter *out, OskFault *fault);
void osk_tiff_drop(OskEncoder **encoder);

#endif
