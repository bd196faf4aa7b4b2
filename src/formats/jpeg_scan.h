/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walking the entropy-coded data of one JPEG scan, symbol by symbol, to the last bit of its last
 * MCU. */
#ifndef OSK_FORMATS_JPEG_SCAN_H
#define OSK_FORMATS_JPEG_SCAN_H

#include "formats/format.h"
#include "parts/jpeg_bits.h"

#define OSK_JPEG_SCAN_PARTS 4u
/* T.81 B.2.3: an interleaved MCU has at most ten blocks. */
#define OSK_JPEG_MCU_BLOCKS 10u

/* Long scans earn large tables back; 12 bits of window keep those of a colour picture in the L1 and
 * L2 caches, and show two to three symbols at a time. */
#define OSK_JPEG_WINDOW_LONG 12u

/* One component of a scan. */
typedef struct OskJpegScanPart {
    unsigned h; /* sampling factors, 1 to 4 */
    unsigned v;
    uint32_t blocks_wide; /* of the component, when it is alone in its scan */
    uint32_t blocks_high;
    const OskJpegHuffman *dc; /* NULL where the scan codes none */
    const OskJpegHuffman *ac;
    /* Progressive: a word a block, bit k set once coefficient k (in zigzag order) is not zero; rows
     * of `blocks_wide`. NULL in scans of DC coefficients. */
    uint64_t *history;
} OskJpegScanPart;

typedef struct OskJpegScan {
    OskJpegScanPart parts[OSK_JPEG_SCAN_PARTS];
    unsigned count;
    uint32_t mcus_wide; /* of the picture, for interleaved scans */
    uint32_t mcus_high;
    uint32_t restart_interval; /* in MCUs; 0: none */
    bool progressive;
    uint8_t first; /* Ss, Se, Ah, Al */
    uint8_t last;
    uint8_t high;
    uint8_t low;
} OskJpegScan;

/* A place in the scan that must not stay as it is: bytes behind the last MCU of an interval (which
 * go), or a last byte whose padding bits are not ones (which is written anew). */
typedef struct OskJpegRepair {
    uint64_t offset;
    uint64_t len;
    uint8_t bytes[2];
    uint8_t out_len; /* 0: drop */
} OskJpegRepair;

typedef struct OskJpegScanEnd {
    uint64_t end;           /* offset just behind the last coded byte */
    OskJpegRepair *repairs; /* in the walk's arena, in order */
    size_t repair_count;
} OskJpegScanEnd;

/* Walks the scan that begins at the cursor.
 * Errors: TRUNCATED when the input ends before the last MCU; MALFORMED when a marker comes before
 * it, for bits that are no code and for wrong restart markers; LIMIT, NO_MEMORY. Source: T.81 F.2
 * (sequential), G.2 (progressive). */
OskStatus osk_jpeg_scan_walk(OskWalk *walk, const OskJpegScan *scan, OskCursor in,
                             OskJpegScanEnd *out);

/* ---- Between jpeg_scan.c, jpeg_sequential.c and jpeg_progressive.c ---- */

/* One block of an MCU. */
typedef struct OskJpegBlock {
    const OskJpegTables *tables;
} OskJpegBlock;

/* Where the zeros stand among eight coefficients. */
typedef struct OskJpegZeros {
    uint8_t count[256];
    uint8_t place[256][8]; /* of the first zero, the second ... */
} OskJpegZeros;

typedef struct OskJpegRun {
    const OskJpegScan *scan;
    OskJpegTables tables[OSK_JPEG_SCAN_PARTS];
    OskJpegBlock blocks[OSK_JPEG_MCU_BLOCKS];
    unsigned block_count;
    uint64_t mcus; /* of the scan */
    uint64_t mcu;  /* MCUs walked so far */
    OskJpegBits bits;
    OskJpegZeros zeros; /* filled for scans that refine AC coefficients */
} OskJpegRun;

void osk_jpeg_zeros_fill(OskJpegZeros *zeros);

/* Walk `count` MCUs from run->mcu on. False: bits that are no code. Ends early when the data does.
 */
bool osk_jpeg_walk_sequential(OskJpegRun *run, uint64_t count);
bool osk_jpeg_walk_progressive(OskJpegRun *run, uint64_t count);

#endif
