/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the JPEG walk share while one stream is walked. */
#ifndef OSK_FORMATS_JPEG_STATE_H
#define OSK_FORMATS_JPEG_STATE_H

#include "formats/jpeg_scan.h"
#include "formats/jpeg_stream.h"

#define OSK_JPEG_SLOTS                                                                             \
    4u /* tables of a kind that a stream can hold at a time (T.81 table B.4, B.5) */

/* One quantisation or Huffman table as a segment defines it. */
typedef struct OskJpegTable {
    struct OskJpegTable *next; /* in the same segment */
    uint64_t offset;           /* of its first byte, Pq/Tq or Tc/Th */
    size_t len;
    bool used;   /* by a scan */
    bool broken; /* not a code: only an error when a scan uses it, as for other readers */
    OskJpegHuffman huffman;
} OskJpegTable;

/* A DQT, DHT or DRI segment: what is kept of it is known once all scans are walked. */
typedef struct OskJpegSegment {
    struct OskJpegSegment *next;
    size_t piece;
    OskCursor payload;
    uint8_t marker;
    bool used;            /* DRI */
    OskJpegTable *tables; /* DQT, DHT: in order */
} OskJpegSegment;

typedef struct OskJpegComponent {
    uint8_t id;
    unsigned h;
    unsigned v;
    unsigned quant;
    bool latched; /* its first scan has been seen: later DQT segments do not touch it */
    uint32_t blocks_wide;
    uint32_t blocks_high;
    uint64_t *history; /* calloc()ed; NULL until a scan of AC coefficients */
} OskJpegComponent;

/* A numbered piece of something that is spread over several segments. */
typedef struct OskJpegChunk {
    struct OskJpegChunk *next;
    uint64_t order;
    uint32_t group; /* ICC: how many chunks there are; JUMBF: box instance; XMP: hash of the GUID */
    size_t piece;
    OskCursor bytes;
} OskJpegChunk;

typedef struct OskJpegState {
    OskJpegSegment *first_segment;
    OskJpegSegment *last_segment;
    OskJpegTable *quant[OSK_JPEG_SLOTS];
    OskJpegTable *dc[OSK_JPEG_SLOTS];
    OskJpegTable *ac[OSK_JPEG_SLOTS];
    uint32_t restart_interval;
    OskJpegSegment *restart;

    uint8_t frame; /* marker of the SOF; 0 before it */
    uint8_t precision;
    unsigned h_max;
    unsigned v_max;
    OskJpegComponent components[OSK_JPEG_SCAN_PARTS];
    unsigned scans;
    size_t sof_piece;
    bool lines_follow; /* the frame leaves its height to a DNL segment */
    bool ended;        /* EOI seen */

    size_t capacity; /* of the stream's pieces */
    bool has_jfif;
    bool has_adobe;
    size_t adobe_piece;
    bool has_exif;
    OskJpegChunk *icc;
    OskJpegChunk *jumbf;
    OskJpegChunk *xmp;
    unsigned app_found; /* findings made for segments that nobody knows */
} OskJpegState;

/* The name of a row, for findings and faults. */
const char *osk_jpeg_row_name(OskJpegRow row);

/* Adds a piece behind the last one; returns its index. NO_MEMORY through `*status`. */
OskStatus osk_jpeg_piece_add(OskJpegStream *stream, OskJpegPiece piece);
/* Turns a piece into a rewrite to a copy of `len` bytes. */
OskStatus osk_jpeg_piece_rewrite(OskJpegStream *stream, size_t index, const uint8_t *bytes,
                                 size_t len);
OskStatus osk_jpeg_no_memory(OskJpegStream *stream, OskJpegRow row, uint64_t offset);

/* ---- jpeg_frame.c: segments that define the picture ---- */
OskStatus osk_jpeg_take_dqt(OskJpegStream *stream, OskCursor payload);
OskStatus osk_jpeg_take_dht(OskJpegStream *stream, OskCursor payload);
OskStatus osk_jpeg_take_dri(OskJpegStream *stream, OskCursor payload);
OskStatus osk_jpeg_take_sof(OskJpegStream *stream, uint8_t marker, OskCursor payload);
/* `data` begins right behind the segment. Sets `*out_end` to the end of the scan. */
OskStatus osk_jpeg_take_sos(OskJpegStream *stream, OskCursor payload, OskCursor data,
                            uint64_t *out_end);
OskStatus osk_jpeg_finish_tables(OskJpegStream *stream);
void osk_jpeg_free_histories(OskJpegStream *stream);

/* ---- jpeg_app.c: segments beside the picture ---- */

/* One APPn or COM segment: adds its piece and findings. `whole` includes marker and length. */
OskStatus osk_jpeg_take_app(OskJpegStream *stream, uint8_t marker, OskCursor payload);
/* What is spread over several segments: rebuilds the colour profile, inspects the rest. */
OskStatus osk_jpeg_finish_app(OskJpegStream *stream);

/* ---- jpeg_trailer.c ---- */

/* Adds findings for what follows the end of a picture. */
void osk_jpeg_inspect_trailer(OskWalk *walk, OskCursor trailer);

#endif
