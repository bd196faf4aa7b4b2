/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The segments of a clean JPEG: what its scans need to be decoded and coded again. */
#ifndef OSK_REDACT_JPEG_FILE_H
#define OSK_REDACT_JPEG_FILE_H

#include "base/arena.h"
#include "base/cursor.h"
#include "oilskin/redact.h"
#include "parts/jpeg_bits.h"

#define OSK_BLOCKS_PARTS 4u
#define OSK_BLOCKS_SLOTS 4u
/* T.81 B.2.3: an interleaved MCU has at most ten blocks. */
#define OSK_BLOCKS_MCU 10u

/* What the values of the components mean. */
typedef enum OskBlocksColor {
    OSK_BLOCKS_GREY,
    OSK_BLOCKS_RGB,
    OSK_BLOCKS_YCC,
    OSK_BLOCKS_CMYK,
    OSK_BLOCKS_YCCK,
    OSK_BLOCKS_UNKNOWN
} OskBlocksColor;

typedef struct OskBlocksComponent {
    uint8_t id;
    unsigned h; /* sampling factors, 1 to 4; 1 where the frame has one component */
    unsigned v;
    unsigned quant;       /* slot */
    bool coded;           /* a scan holds it */
    uint16_t steps[64];   /* the quantiser in zigzag order, as it stood at the first scan */
    uint32_t blocks_wide; /* when it is alone in a scan (T.81 A.2.2) */
    uint32_t blocks_high;
    uint32_t stride; /* blocks in whole MCUs */
    uint32_t lines;
    int8_t precision[64]; /* progressive: the lowest bit coded so far; -1: none */
} OskBlocksComponent;

/* Where reading a scan can go on. */
typedef struct OskBlocksMark {
    bool set;
    OskJpegBits bits;
    const uint8_t *start; /* of the interval */
    uint64_t mcu;
    uint32_t x;
    uint32_t y;
    int32_t dc[OSK_BLOCKS_PARTS];
} OskBlocksMark;

typedef struct OskBlocksScan {
    unsigned count;
    unsigned members[OSK_BLOCKS_PARTS];         /* which components */
    uint8_t slots[OSK_BLOCKS_PARTS];            /* Td and Ta */
    const OskJpegHuffman *dc[OSK_BLOCKS_PARTS]; /* NULL where the scan codes none */
    const OskJpegHuffman *ac[OSK_BLOCKS_PARTS];
    uint8_t first; /* Ss, Se, Ah, Al */
    uint8_t last;
    uint8_t high;
    uint8_t low;
    uint32_t restart;   /* in MCUs; 0: none */
    OskCursor data;     /* coded bytes, restart markers among them */
    OskBlocksMark mark; /* sequential: at the first touched row */
    /* Sequential: behind the rows that were collected, when their symbols were counted, too. */
    struct OskBlocksWalk *counted;
} OskBlocksScan;

typedef enum OskBlocksPieceKind {
    OSK_BLOCKS_COPY, /* a segment as it is */
    OSK_BLOCKS_FRAME,
    OSK_BLOCKS_SCAN /* with the tables and the restart interval that it needs */
} OskBlocksPieceKind;

typedef struct OskBlocksPiece {
    struct OskBlocksPiece *next;
    OskBlocksPieceKind kind;
    OskCursor bytes; /* marker and length included */
    OskBlocksScan *scan;
} OskBlocksPiece;

typedef struct OskBlocksFile {
    OskArena *arena;
    OskBudget *budget;
    OskFault *fault;

    OskBlocksPiece *pieces;
    OskBlocksPiece **tail;
    unsigned scan_count;

    uint8_t marker; /* of the frame; 0 before it */
    bool progressive;
    unsigned bits; /* of a sample, 8 or 12 */
    uint32_t width;
    uint32_t height;
    unsigned count;
    OskBlocksComponent components[OSK_BLOCKS_PARTS];
    unsigned h_max;
    unsigned v_max;
    uint32_t mcus_wide;
    uint32_t mcus_high;
    uint64_t block_count; /* of all components, in whole MCUs */

    OskBlocksColor color;
    bool adobe;
    uint8_t transform;
    bool jfif;
    unsigned orientation; /* 1 to 8 */

    /* While segments are read. */
    const uint8_t *quant[OSK_BLOCKS_SLOTS];
    unsigned quant_width[OSK_BLOCKS_SLOTS];
    const OskJpegHuffman *dc[OSK_BLOCKS_SLOTS];
    const OskJpegHuffman *ac[OSK_BLOCKS_SLOTS];
    uint32_t restart;
} OskBlocksFile;

/* Sets the fault and returns `status`. */
OskStatus osk_blocks_fail(OskBlocksFile *file, OskStatus status, const char *part, const char *what,
                          uint64_t offset);

/* Reads all segments; coded bytes are only looked over for markers. `arena`, `budget` and `fault`
 * are set by the caller. Errors: TRUNCATED, MALFORMED, UNSUPPORTED, LIMIT, NO_MEMORY. */
OskStatus osk_blocks_read(OskBlocksFile *file, OskCursor in);

#endif
