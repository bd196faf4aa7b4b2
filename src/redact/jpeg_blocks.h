/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of JPEG redaction share while one file is written. */
#ifndef OSK_REDACT_JPEG_BLOCKS_H
#define OSK_REDACT_JPEG_BLOCKS_H

#include "redact/jpeg_code.h"
#include "redact/jpeg_paint.h"

typedef struct OskBlocksJob {
    OskBlocksFile file;
    OskBlocksPaint paint;
    const OskRedactOptions *options;
    OskBlocksWriter *writer;
    /* Tables as the output has defined them so far, to define none twice. */
    OskJpegHuffman defined[2][OSK_BLOCKS_SLOTS];
    bool is_defined[2][OSK_BLOCKS_SLOTS];
    uint32_t restart;
    OskBlocksCode codes[2][OSK_BLOCKS_SLOTS]; /* DC, AC */
    OskBlocksLook looks[2][OSK_BLOCKS_PARTS];
    /* Progressive: all coefficients in zigzag order, lines of `stride` blocks. */
    int16_t *blocks[OSK_BLOCKS_PARTS];
    uint64_t blocks_memory;
} OskBlocksJob;

/* The order of blocks in the MCUs of a scan (T.81 A.2), and which part of the scan stays. */
typedef struct OskBlocksLayout {
    uint32_t columns; /* MCUs of the scan */
    uint32_t rows;
    OskBlocksBox window; /* MCUs of the scan that stay */
    unsigned across;     /* MCUs of the scan in an MCU of the picture */
    unsigned down;
    unsigned count; /* blocks in an MCU */
    struct {
        uint8_t member; /* of the scan */
        uint8_t x;      /* in its component's share of the MCU */
        uint8_t y;
        bool first; /* of its member */
    } blocks[OSK_BLOCKS_MCU];
} OskBlocksLayout;

void osk_blocks_layout(const OskBlocksJob *job, const OskBlocksScan *scan, OskBlocksLayout *out);
/* Where block `b` of the scan's MCU at (x, y) is; `*out_column` and `*out_row` count the
 * component's blocks. */
OskBlocksSpot osk_blocks_spot(const OskBlocksScan *scan, const OskBlocksLayout *layout, uint32_t x,
                              uint32_t y, unsigned b);

/* The coefficients of a block; of progressive pictures alone. */
static inline int16_t *osk_blocks_at(const OskBlocksJob *job, const OskBlocksSpot *spot)
{
    const OskBlocksComponent *c = &job->file.components[spot->component];
    size_t column = (size_t)spot->x * c->h + spot->block_x;
    size_t line = (size_t)spot->y * c->v + spot->block_y;
    return job->blocks[spot->component] + (line * c->stride + column) * 64;
}

/* Writes the header of a scan with the tables of `job->codes` that are used. */
void osk_blocks_write_header(OskBlocksJob *job, const OskBlocksScan *scan);
/* Ends an interval: fills the last byte up and writes restart marker `number`. */
void osk_blocks_write_restart(OskBlocksWriter *writer, uint32_t number);
/* Steps over what stands between two intervals: nothing but a restart marker may. Without `marker`:
 * at the end of the scan, where nothing at all may follow. */
OskStatus osk_blocks_end_interval(OskBlocksJob *job, const OskBlocksScan *scan, OskJpegBits *bits,
                                  bool marker, uint32_t number);
OskStatus osk_blocks_out_of_data(OskBlocksJob *job, const OskBlocksScan *scan,
                                 const OskJpegBits *bits);

/* ---- jpeg_sequential.c ---- */

/* Collects the means around regions, from one scan. */
OskStatus osk_blocks_collect_sequential(OskBlocksJob *job, OskBlocksScan *scan);
OskStatus osk_blocks_write_sequential(OskBlocksJob *job, OskBlocksScan *scan);

/* ---- jpeg_progressive.c ---- */

OskStatus osk_blocks_decode_progressive(OskBlocksJob *job, const OskBlocksScan *scan);
/* ---- jpeg_refine.c ---- */
OskStatus osk_blocks_write_progressive(OskBlocksJob *job, const OskBlocksScan *scan);

#endif
