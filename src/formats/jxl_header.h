/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The headers of a JPEG XL codestream: what a walk over its frames needs, and what has to leave
 * them. */
#ifndef OSK_FORMATS_JXL_HEADER_H
#define OSK_FORMATS_JXL_HEADER_H

#include "formats/jxl_bits.h"

/* ISO/IEC 18181-1, table D.2; OSK_JXL_LF frames hold an 8 times smaller picture that others build
 * on. */
enum { OSK_JXL_REGULAR, OSK_JXL_LF, OSK_JXL_REFERENCE, OSK_JXL_SKIP_PROGRESSIVE };

#define OSK_JXL_USES_PATCHES 0x02u
#define OSK_JXL_USES_LF 0x20u

typedef struct OskJxlImage {
    uint32_t width;
    uint32_t height;
    uint32_t extra_channels;
    bool xyb;
    bool animated;
    bool timecodes;
    bool profile; /* an entropy-coded ICC profile follows the header */
    bool preview;
    bool names;         /* some channel had a name; it is not copied */
    bool extensions;    /* there were extension bits; they are not copied */
    uint32_t name_bits; /* where the first one begins, for the finding; in bits */
} OskJxlImage;

typedef struct OskJxlFrame {
    uint32_t type;
    uint64_t flags;
    uint64_t sections; /* entries of its table of contents */
    uint32_t duration;
    uint32_t lf_level;
    uint32_t save_as;    /* slot that it is kept in for later frames */
    uint32_t used_slots; /* bit mask: slots that it is blended onto */
    bool last;
    bool saved;   /* later frames may use it */
    bool cropped; /* reaches beyond the picture */
    bool name;
    bool timecode; /* not zero; not copied */
    bool extensions;
} OskJxlFrame;

/* Both copy what they read to `b->out`, with names emptied, and extensions and timecodes
 * left out. On failure `b->failed` is set. */

/* Signature, SizeHeader, ImageMetadata, CustomTransformData. Does not align. Source: D.1 to D.3. */
void osk_jxl_image_header(OskJxlBits *b, OskJxlImage *out);
/* FrameHeader, without the table of contents behind it. Source: annex C.2. */
void osk_jxl_frame_header(OskJxlBits *b, const OskJxlImage *image, OskJxlFrame *out);

#endif
