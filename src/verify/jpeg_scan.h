/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second opinion on the coded data of a JPEG: reads every code of a scan, keeps no picture. */
#ifndef OSK_VERIFY_JPEG_SCAN_H
#define OSK_VERIFY_JPEG_SCAN_H

#include "verify/checker.h"

#define OSK_JPEG_COMPONENTS 4u
#define OSK_JPEG_TABLES 4u

/* A Huffman table as T.81 annex C builds it: the codes of each length are consecutive numbers. */
typedef struct OskJpegTable {
    bool defined;
    int32_t last[17];      /* the greatest code of each length; -1 when there is none */
    int32_t first[17];     /* the least code of each length */
    uint16_t position[17]; /* of its value in `values` */
    uint8_t values[256];
} OskJpegTable;

typedef struct OskJpegComponent {
    uint8_t id;
    uint8_t across; /* H */
    uint8_t down;   /* V */
    uint8_t quantiser;
    uint32_t blocks_across; /* of the component alone */
    uint32_t blocks_down;
    uint32_t stride;   /* blocks in a line of the history, whole MCUs */
    uint64_t *history; /* progressive: a bit for every coefficient that is not zero */
    unsigned dc;       /* tables of the scan at hand */
    unsigned ac;
} OskJpegComponent;

typedef struct OskJpegFrame {
    bool seen;
    bool progressive;
    uint32_t width;
    uint32_t height;
    unsigned precision;
    unsigned count;
    uint32_t mcus_across;
    uint32_t mcus_down;
    OskJpegComponent components[OSK_JPEG_COMPONENTS];
} OskJpegFrame;

typedef struct OskJpegScan {
    unsigned count;
    unsigned members[OSK_JPEG_COMPONENTS]; /* indices into the frame's components */
    unsigned from;                         /* Ss */
    unsigned to;                           /* Se */
    unsigned high;                         /* Ah */
    uint32_t restart;                      /* MCUs between restart markers; 0 for none */
    const OskJpegTable *dc;                /* OSK_JPEG_TABLES each */
    const OskJpegTable *ac;
    OskCursor data; /* coded data, restart markers included, up to the next marker */
} OskJpegScan;

/* Builds a table out of the 16 counts and the values of a DHT segment. False when the counts can't
 * make a code. Takes from `c` what belongs to it. */
bool osk_jpeg_read_table(OskCursor *c, OskJpegTable *out);

/* The tables that readers use for numbers 0 and 1 when a file defines none. */
void osk_jpeg_standard_tables(OskJpegTable dc[2], OskJpegTable ac[2]);

/* Reads the scan to its last code. Reports bytes or bits behind it with osk_check_found();
 * MALFORMED when the codes don't fit the frame. */
OskStatus osk_jpeg_check_scan(OskCheck *check, OskJpegFrame *frame, const OskJpegScan *scan);

#endif
