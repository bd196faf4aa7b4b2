/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the TIFF module share. tiff.c reads directories, tiff_policy.c says which tags
 * stay, tiff_data.c sizes and walks strips and tiles, tiff_write.c lays out the result. */
#ifndef OSK_FORMATS_TIFF_H
#define OSK_FORMATS_TIFF_H

#include "formats/format.h"
#include "formats/jpeg_stream.h"
#include "parts/exif.h"

/* Rows of the policy that are not tags. */
enum {
    TIFF_ROW_HEADER = 0x10000,
    TIFF_ROW_DIRECTORY,
    TIFF_ROW_DATA,
    TIFF_ROW_JPEG_EXTRA,
    TIFF_ROW_SLACK,
    TIFF_ROW_PRIVATE,
    TIFF_ROW_HIDDEN,
    TIFF_ROW_TRAILER
};

enum {
    TIFF_NONE = 1,
    TIFF_CCITT_RLE = 2,
    TIFF_CCITT_G3 = 3,
    TIFF_CCITT_G4 = 4,
    TIFF_LZW = 5,
    TIFF_OLD_JPEG = 6,
    TIFF_JPEG = 7,
    TIFF_DEFLATE = 8,
    TIFF_CCITT_RLEW = 32771,
    TIFF_PACKBITS = 32773,
    TIFF_DEFLATE_OLD = 32946,
    TIFF_XZ = 34925,
    TIFF_ZSTD = 50000,
    TIFF_WEBP = 50001
};

/* A piece of a strip or tile and what becomes of it. */
typedef struct TiffPiece {
    uint64_t offset;
    uint64_t len;
    const uint8_t *literal; /* REWRITE */
    uint64_t out_len;
    const OskPart *part;
    OskVerdict verdict;
    bool walked;
} TiffPiece;

/* One strip or tile as it stands in the file; equal ones are one. */
typedef struct TiffChunk {
    uint64_t offset;
    uint64_t len;
    uint64_t need; /* bytes that it must decode to */
    uint64_t rows;
    struct TiffPage *page;
    size_t index;           /* of the strip or tile in its page */
    struct TiffChunk *same; /* the chunk whose bytes are these */
    TiffPiece *pieces;
    size_t piece_count;
    uint64_t end; /* where its last kept byte ends */
    OskJpegStream *jpeg;
} TiffChunk;

/* One entry of the new directory. */
typedef struct TiffField {
    uint16_t tag;
    uint16_t type;
    uint64_t count;
    const uint8_t
        *bytes; /* the value in the file's byte order; NULL: filled in after the plan is laid out */
    uint64_t len;
    uint64_t at; /* of the value in the new head */
} TiffField;

typedef struct TiffPage {
    struct TiffPage *next;
    uint64_t offset;
    OskExifEntry *entries;
    size_t entry_count;
    /* Geometry. */
    uint64_t width;
    uint64_t height;
    uint64_t chunk_width;
    uint64_t chunk_height;
    uint64_t samples;
    uint64_t bits[16];
    uint64_t bits_sum;
    uint64_t compression;
    uint64_t photometric;
    uint64_t across; /* subsampling of chroma */
    uint64_t down;
    bool planar;
    bool tiled;
    TiffChunk *chunks;
    size_t chunk_count;
    /* The result. */
    TiffField *fields;
    size_t field_count;
    OskJpegStream *tables;
} TiffPage;

/* A range that the old structure owns; it only serves to name what is dropped. */
typedef struct TiffRef {
    uint64_t offset;
    uint64_t len;
    const OskPart *part;
} TiffRef;

typedef struct TiffFile {
    OskWalk *walk;
    OskCursor all;
    bool big;  /* big end first */
    bool wide; /* BigTIFF */
    TiffPage *pages;
    TiffPage *last;
    size_t page_count;
    TiffRef *refs;
    size_t ref_count;
    size_t ref_capacity;
    TiffChunk **unique; /* by offset, without equals */
    size_t unique_count;
    bool has_pointers; /* directories that are not pages: their bytes are not counted as hidden */
    uint32_t *fax_rows;
    uint64_t fax_width; /* that there is room for */
    const char *raw;    /* why this is a camera's raw file, or NULL */
} TiffFile;

extern const OskPart osk_tiff_parts[];
extern const OskFormat osk_format_tiff;

OskProbe osk_tiff_probe(const uint8_t *head, size_t len);
OskStatus osk_tiff_walk(OskWalk *walk);

/* The row of a tag or of TIFF_ROW_*; a tag without one is TIFF_ROW_PRIVATE. Never NULL. */
const OskPart *osk_tiff_row(uint64_t tag);
/* How many values of a kept tag this page needs; 0 when it doesn't need the tag or has too few of
 * them. */
uint64_t osk_tiff_count(const TiffPage *page, const OskExifEntry *entry);

/* Why a tag that says how bytes become pixels can't be what it says, in words for a fault; NULL for
 * one that can, and for all other tags. */
const char *osk_tiff_flaw(const OskExifEntry *entry);

typedef enum TiffNumbers {
    TIFF_SIZES,  /* whole numbers, written as SHORT or LONG */
    TIFF_RATIOS, /* RATIONAL or FLOAT */
    TIFF_SAMPLES /* any number that a sample can be */
} TiffNumbers;

TiffNumbers osk_tiff_numbers(uint16_t tag);

/* True for the kinds that readers take for a size: whole numbers, signed ones too, but no offsets
 * of directories. */
bool osk_tiff_is_size(uint16_t type);

/* Integer `index` of an entry, negative ones as numbers above INT64_MAX; `otherwise` where there is
 * none. */
uint64_t osk_tiff_value(const OskExifEntry *entry, uint64_t index, uint64_t otherwise);
uint64_t osk_tiff_number(const TiffPage *page, uint16_t tag, uint64_t index, uint64_t otherwise);
const OskExifEntry *osk_tiff_entry(const TiffPage *page, uint16_t tag);

/* Reads geometry and finds strips and tiles. False in `out_shown` for a page that no reader shows.
 */
OskStatus osk_tiff_page_open(TiffFile *file, TiffPage *page, bool *out_shown);
/* Walks all strips and tiles of all pages into pieces. */
OskStatus osk_tiff_data_walk(TiffFile *file);

/* Where a compressed stream ends: the bytes that are needed to decode `need` bytes. */
typedef struct TiffStream {
    const uint8_t *bytes;
    size_t len;
    uint64_t need;
    size_t used;
    size_t idle; /* PackBits: codes among them that decode to nothing */
    /* Fax codes only. */
    uint64_t width;
    uint64_t rows;
    uint64_t fax;         /* the compression */
    uint64_t fax_options; /* T4Options */
    uint32_t *scratch;    /* room for 2 * (width + 8) */
    uint8_t spare;        /* bits of the last used byte that no code needs */
} TiffStream;

OskStatus osk_tiff_walk_lzw(TiffStream *stream);
OskStatus osk_tiff_walk_packbits(TiffStream *stream);
/* Copies the used bytes without the idle ones: used - idle bytes. */
void osk_tiff_copy_packbits(const TiffStream *stream, uint8_t *out);
/* MALFORMED also for codes that readers show with a warning. */
OskStatus osk_tiff_walk_fax(TiffStream *stream);
OskStatus osk_tiff_walk_xz(TiffStream *stream);
OskStatus osk_tiff_walk_zstd(TiffStream *stream);
OskStatus osk_tiff_walk_webp(TiffStream *stream);

/* Chooses the fields of every page, then adds every step of the plan. */
OskStatus osk_tiff_write(TiffFile *file);

#endif
