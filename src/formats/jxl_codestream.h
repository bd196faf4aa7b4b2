/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of the policy of JPEG XL, and the walk over its codestream, which lies in the file in
 * one piece or in many. */
#ifndef OSK_FORMATS_JXL_CODESTREAM_H
#define OSK_FORMATS_JXL_CODESTREAM_H

#include "formats/format.h"
#include "formats/jxl_header.h"

/* Rows of osk_jxl_parts, by name. */
typedef enum OskJxlPart {
    OSK_JXL_PART_SIGNATURE,
    OSK_JXL_PART_FTYP,
    OSK_JXL_PART_LEVEL,
    OSK_JXL_PART_CODESTREAM_BOX,
    OSK_JXL_PART_PARTIAL_BOX,
    OSK_JXL_PART_HEADER,
    OSK_JXL_PART_FRAME_HEADER,
    OSK_JXL_PART_FRAME,
    OSK_JXL_PART_EXIF,
    OSK_JXL_PART_XML,
    OSK_JXL_PART_JUMBF,
    OSK_JXL_PART_BROTLI,
    OSK_JXL_PART_JPEG,
    OSK_JXL_PART_INDEX,
    OSK_JXL_PART_GAIN_MAP,
    OSK_JXL_PART_UNKNOWN,
    OSK_JXL_PART_SLACK,
    OSK_JXL_PART_TRAILER
} OskJxlPart;

/* The policy; it stands in jxl.c. */
extern const OskPart osk_jxl_parts[];

/* Where a piece of the codestream lies in the file. */
typedef struct OskJxlExtent {
    uint64_t offset;
    uint64_t len;
    uint64_t out_len;
} OskJxlExtent;

typedef struct OskJxlStream {
    OskWalk *walk;
    const uint8_t *bytes; /* the whole codestream, joined */
    size_t len;
    OskJxlExtent *extents;
    size_t extent_count;
    struct OskJxlRange *ranges; /* what becomes of it, once it is walked */
    size_t range_count;
    size_t range_capacity;
    size_t next_range; /* while steps are made: the range that comes next, and how much of it is
                          done */
    uint64_t done;
    uint32_t unused_slots; /* pictures that were saved and not used yet, one bit a slot */
    uint32_t unused_lf;
    OskJxlImage image;
} OskJxlStream;

/* Walks the image header and every frame of `s->bytes` with findings, and notes in the arena what
 * becomes of each range. On failure the fault of the walk is set.
 * Source: ISO/IEC 18181-1 annexes D and F. */
OskStatus osk_jxl_walk_codestream(OskJxlStream *s);

/* Sizes each extent's output; returns the last one that has any. */
size_t osk_jxl_size_extents(OskJxlStream *s);

/* Adds the steps of the next `len` bytes of the codestream, which lie at `offset` in the file. A
 * rewritten range is written where it begins. */
void osk_jxl_lay_range(OskJxlStream *s, uint64_t offset, uint64_t len);

#endif
