/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second opinion on coded video: no user data in samples, items and configuration records.
 * Written from ITU-T H.264, ITU-T H.265, ISO/IEC 14496-15, the AV1 specification and AV1-ISOBMFF,
 * and from nothing in src/parts. For the checkers of MP4, HEIF, AVIF and Matroska. */
#ifndef OSK_VERIFY_VIDEO_H
#define OSK_VERIFY_VIDEO_H

#include "verify/checker.h"

typedef enum OskVideoCodec {
    OSK_VIDEO_AVC,   /* length-prefixed NAL units, avcC */
    OSK_VIDEO_HEVC,  /* length-prefixed NAL units, hvcC */
    OSK_VIDEO_LHEVC, /* the same, lhvC */
    OSK_VIDEO_AV1    /* OBUs of the low-overhead format, av1C */
} OskVideoCodec;

#define OSK_VIDEO_WINDOW ((size_t)2048)

typedef struct OskVideo {
    OskCheck *check; /* lent */
    OskVideoCodec codec;
    unsigned
        length_size;  /* of NAL length prefixes: 1, 2 or 4; born as 4, set by the configuration */
    const char *part; /* static: what findings name */
    bool dolby;       /* units of Dolby Vision may be there; set it where that isn't said apart */
    uint8_t window[OSK_VIDEO_WINDOW];
    uint64_t window_at;
    size_t window_len;
} OskVideo;

void osk_video_init(OskVideo *video, OskCheck *check, OskVideoCodec codec, const char *part);

/* Checks the payload of an avcC, hvcC, lhvC or av1C box, or of Matroska's CodecPrivate, to its last
 * byte, and takes the size of length prefixes from it. What may not be there goes through
 * osk_check_found(). */
void osk_video_config(OskVideo *video, OskCursor record);

/* Checks one sample, item or block, [offset, offset + len) of the file. Reads headers and metadata
 * only. Errors: IO, TRUNCATED, LIMIT, with the fault set; damage is found, not failed on. */
OskStatus osk_video_sample(OskVideo *video, uint64_t offset, uint64_t len);

/* True when there is user data among the start codes of MPEG video that is more than the short name
 * of an encoder, by which decoders choose their arithmetic. Source: ISO/IEC 13818-2, 6.2.2.2.2;
 * 14496-2, 6.2.2.1. */
bool osk_video_has_notes(const uint8_t *bytes, size_t len);

#endif
