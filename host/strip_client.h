/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server's way to a scrubbed copy, and to a preview: oilskin-worker reads a sealed file and
 * writes a sealed one, so that nothing of a file in the clear is ever in this process. */
#ifndef OSK_HOST_STRIP_CLIENT_H
#define OSK_HOST_STRIP_CLIENT_H

#include "host/strip_protocol.h"
#include "host/worker_client.h"

/* Least time that a job has, and how fast it must be beyond that. */
#define OSK_STRIP_DEADLINE_MS 120000u
#define OSK_STRIP_BYTES_A_MS (4u * 1024)

/* A preview is a JPEG of at most so many bytes, whose longer side has at most so many pixels; and
 * so long is it at most, sealed, with a sealed pack behind it. */
#define OSK_LOOK_PREVIEW_BYTES (200u * 1024)
#define OSK_LOOK_PREVIEW_SIDE 1024u
/* Part of the fault (UNSUPPORTED) of a program that decodes other formats. */
#define OSK_LOOK_PASSED "format"
#define OSK_LOOK_OUTPUT_MAX ((uint64_t)576 << 10)
/* The same of a poster. */
#define OSK_LOOK_POSTER_BYTES (1024u * 1024)
#define OSK_LOOK_POSTER_SIDE 1280u
#define OSK_LOOK_POSTER_OUTPUT_MAX ((uint64_t)1280 << 10)

typedef struct OskStripJob {
    int input_fd; /* open for reading alone; the segments lie in it one behind the other */
    const OskStripSegment *segments; /* lent; 1 to OSK_STRIP_SEGMENTS_MAX. The caller wipes them */
    size_t segment_count;
    int output_fd;                  /* an empty file, open for reading and writing */
    uint64_t output_max;            /* how long the worker may make it */
    const OskRecipient *recipients; /* of the copy */
    size_t recipient_count;
    const OskRecipient *triage; /* looking: of the pack; NULL: none is made */
    OskLimits limits;           /* zero means the default; of memory, half of the machine at most */
    const char *format;         /* looking: what the file is; NULL or "" where nobody knows */
    unsigned deadline_ms;       /* 0: by the length of the file */
    bool films;                 /* looking: at a video, which oilskin-frames decodes */
    bool poster;                /* of that: one frame; then there is no `triage` */
    const char *worker;         /* NULL: the one that belongs to this program */
    OskWorkerProgress progress; /* NULL for none; called several times a second: false cancels */
    void *progress_context;
} OskStripJob;

/* What must be free on the disk for the copy of a file, sealed: a scrubbed copy is hardly ever
 * longer than the original, and its padding is at most an eighth. */
uint64_t osk_strip_output_max(uint64_t plain_len);

/* The worker unseals, looks, scrubs, verifies and seals; the copy is whole and verified when it
 * returns OK. Nothing that the worker said of it was proven: it can have written a wrong copy, but
 * only to the recipients, and only of this file.
 * Errors: why no clean copy can be promised (UNSUPPORTED, MALFORMED, TRUNCATED, LIMIT, FOUND), as
 * osk_worker_run() says them; AUTH when a segment doesn't open; IO and NO_MEMORY when it is the
 * machine's fault and not the file's. A file is to blame for a worker that DIED only where
 * osk_strip_trial() still goes well: else every file would end like that. */
OskStatus osk_worker_strip(const OskStripJob *job, OskStripDone *out_done, OskWorkerFate *out_fate,
                           OskFault *fault);

/* The worker unseals a file that is to be public, proves that nothing hidden is in it, that
 * scrubbing it would change no byte, and that it is of a format that browsers show; then it writes
 * the same bytes in the clear. It decodes no pixels. `recipient_count` is 0. `fault` says which
 * part at which offset is why not, and what to do. Whoever calls it compares what was written with
 * what was sent: that it is clean is the worker's word. Errors: FOUND; as osk_worker_strip(). */
OskStatus osk_worker_check(const OskStripJob *job, OskCheckDone *out_done, OskWorkerFate *out_fate,
                           OskFault *fault);

/* The worker unseals, decodes, and draws: a still as it is displayed, of frames or pages a sheet of
 * up to nine, evenly spaced, the first and the last among them. Colours are plain sRGB,
 * transparency lies on grey, and nothing but pixels comes from the file. Behind the preview it
 * writes what the file is compared by (osk_pack_read()), unless that takes too much: then the
 * preview stands alone. A `poster` is the first frame of a video that shows something, or where
 * none does the one that shows most. It runs behind all other work of the machine. Errors: as
 * osk_worker_strip(). */
OskStatus osk_worker_look(const OskStripJob *job, OskLookDone *out_done, OskFault *fault);

#endif
