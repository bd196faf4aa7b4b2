/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One JPEG stream, from SOI to EOI, wherever it rides: a file of its own, a strip or tile of a
 * TIFF, or the tables that such strips share. Walks every segment and every scan and answers with
 * pieces. */
#ifndef OSK_FORMATS_JPEG_STREAM_H
#define OSK_FORMATS_JPEG_STREAM_H

#include "formats/format.h"

/* What a piece is; jpeg.c has one row of policy for each. */
typedef enum OskJpegRow {
    OSK_JPEG_SOI,
    OSK_JPEG_EOI,
    OSK_JPEG_SOF,
    OSK_JPEG_DHT,
    OSK_JPEG_DQT,
    OSK_JPEG_DRI,
    OSK_JPEG_SOS,
    OSK_JPEG_SCAN,
    OSK_JPEG_DNL,
    OSK_JPEG_JFIF,
    OSK_JPEG_ADOBE,
    OSK_JPEG_EXIF,
    OSK_JPEG_ICC,
    OSK_JPEG_JFXX,
    OSK_JPEG_XMP,
    OSK_JPEG_MPF,
    OSK_JPEG_JUMBF,
    OSK_JPEG_PHOTOSHOP,
    OSK_JPEG_APP,
    OSK_JPEG_COM,
    OSK_JPEG_DAC,
    OSK_JPEG_FILL,
    OSK_JPEG_BETWEEN,
    OSK_JPEG_SLACK,
    OSK_JPEG_TRAILER,
    OSK_JPEG_REFUSED,
    OSK_JPEG_ROW_COUNT
} OskJpegRow;

/* A range of the input and what becomes of it. Pieces cover the stream exactly, in order. */
typedef struct OskJpegPiece {
    uint64_t offset;        /* in the input file */
    uint64_t len;           /* 0: the literal is inserted */
    const uint8_t *literal; /* REWRITE */
    size_t out_len;         /* REWRITE */
    OskJpegRow row;
    OskVerdict verdict; /* KEEP, REWRITE or DROP */
    bool walked;        /* KEEP: entropy-coded data that was walked to its last bit */
} OskJpegPiece;

typedef enum OskJpegMode {
    OSK_JPEG_FILE, /* a whole picture: orientation and colour profile survive, a trailer may follow
                    */
    OSK_JPEG_EMBEDDED,   /* a strip or tile: those belong to the container; what follows EOI goes */
    OSK_JPEG_TABLES_ONLY /* an abbreviated stream of tables: SOI, DQT, DHT, EOI */
} OskJpegMode;

typedef struct OskJpegStream {
    /* Set by the caller. */
    OskWalk *walk; /* its budget, arena, report, fault and options; its plan is not touched */
    OskCursor in;  /* the stream, with its offset in the input */
    OskJpegMode mode;
    struct OskJpegStream *tables; /* walked before with OSK_JPEG_TABLES_ONLY; or NULL */

    /* The answer. */
    OskJpegPiece *pieces;
    size_t count;
    uint64_t out_len; /* what kept and rewritten pieces make */
    uint32_t width;
    uint32_t height;
    unsigned components;

    struct OskJpegState *state; /* in the walk's arena */
} OskJpegStream;

/* Walks the stream and adds findings for what it drops. A strip that relies on shared tables marks
 * those it uses. Errors: TRUNCATED, MALFORMED, UNSUPPORTED, LIMIT, NO_MEMORY, with the fault set.
 */
OskStatus osk_jpeg_stream_walk(OskJpegStream *stream);

/* Makes the pieces, once it is known which tables are used: right after the walk for a picture, and
 * after all strips for the tables that they share.
 * Errors: NO_MEMORY. */
OskStatus osk_jpeg_stream_finish(OskJpegStream *stream);

#endif
