/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server's way to a file that everybody may see: what proves that it is clean never decodes it,
 * and what decodes it is not asked whether it is clean. */
#ifndef OSK_HOST_PUBLISH_CLIENT_H
#define OSK_HOST_PUBLISH_CLIENT_H

#include "host/strip_client.h"

/* Smaller JPEGs of a still, by their longer side, behind the copy. Of a video they are of one
 * frame: what stands there before it plays, as large as it is at most. */
#define OSK_PUBLISH_RENDITIONS 2u
#define OSK_PUBLISH_SIDE_SMALL 480u
#define OSK_PUBLISH_SIDE_LARGE 1280u
/* None is longer. */
#define OSK_PUBLISH_RENDITION_BYTES ((uint64_t)4 << 20)

/* Of a picture, where nobody says: the largest phones give 200 megapixels, and what is larger and
 * takes next to nothing on the disk takes gigabytes of whoever opens it. */
#define OSK_PUBLISH_PIXELS (UINT64_C(1) << 28)

/* As in store/published.h; desk/publication_json.c sees to it. */
typedef enum OskPublishKind {
    OSK_PUBLISH_JPEG = 1,
    OSK_PUBLISH_PNG,
    OSK_PUBLISH_WEBP,
    OSK_PUBLISH_GIF,
    OSK_PUBLISH_MP4,
    OSK_PUBLISH_WEBM
} OskPublishKind;

typedef struct OskPublishJob {
    int input_fd; /* open for reading alone; the segments lie in it one behind the other */
    const OskStripSegment *segments; /* lent; 1 to OSK_STRIP_SEGMENTS_MAX. The caller wipes them */
    size_t segment_count;
    uint8_t digest[32]; /* SHA-256 of what was received, and sealed */
    int output_fd;      /* an empty file, open for reading and writing */
    OskLimits limits;   /* zero means the default, OSK_PUBLISH_PIXELS of pixels; of memory, half of
                         * the   machine at most */
    unsigned deadline_ms;       /* of each program that this takes; 0: by the length of the file */
    const char *worker;         /* NULL: those that belong to this program. What proves, */
    const char *decoder;        /* what decodes pictures, NULL for the same, */
    const char *frames;         /* and what decodes videos */
    OskWorkerProgress progress; /* NULL for none; called several times a second: false cancels */
    void *progress_context;
} OskPublishJob;

typedef struct OskPublishedPart {
    uint64_t offset; /* in the output */
    uint32_t len;
    uint16_t width;
    uint16_t height;
} OskPublishedPart;

typedef struct OskPublishDone {
    OskPublishKind kind;
    bool moves;     /* a video, or a picture of more than one frame */
    uint32_t width; /* as displayed */
    uint32_t height;
    uint32_t duration_ms; /* 0 for a still */
    uint64_t copy_len;    /* the output begins with the copy */
    uint32_t rendition_count;
    OskPublishedPart renditions[OSK_PUBLISH_RENDITIONS]; /* small ones first */
    /* Codings of a video that not every browser plays, as OskLookDone has them: a decoder's word,
     * for who publishes it. */
    char unplayed_picture[OSK_WORKER_FORMAT_BYTES];
    char unplayed_sound[OSK_WORKER_FORMAT_BYTES];
} OskPublishDone;

/* How long the output can become. */
uint64_t osk_publish_output_max(uint64_t plain_len);

/* Proves that a sealed file may be shown to everybody, and writes it in the clear: JPEG, PNG, WebP,
 * GIF, MP4 (or what QuickTime calls MOV) or WebM; nothing hidden is in it, scrubbing it changes no
 * byte, and it is shown as it is: a still decodes whole, upright in its pixels. Behind it come
 * renditions of stills that are larger and opaque, and of a frame of each video. Each program that
 * this takes has one job: to prove (osk_worker_check()), or to decode. Nothing that a decoder made
 * is believed to be clean: it is proven as the copy was. After an error the output is empty.
 * Errors: FOUND with part and offset of what a scrub would remove; UNSUPPORTED, MALFORMED,
 * TRUNCATED, LIMIT; AUTH when a segment doesn't open; IO and NO_MEMORY when it is the machine's
 * fault and not the file's. `out_fate` as osk_worker_strip() says. */
OskStatus osk_worker_publish(const OskPublishJob *job, OskPublishDone *out_done,
                             OskWorkerFate *out_fate, OskFault *fault);

#endif
