/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Worker protocol v1 (docs/worker.md): what oilskin and oilskin-worker say to each other.
 *
 * Here is no I/O: messages are written into buffers and read out of them, and osk_worker_hear()
 * decides whether an answer may be believed. Both programs and the fuzzers use the same functions.
 */
#ifndef OSK_HOST_WORKER_PROTOCOL_H
#define OSK_HOST_WORKER_PROTOCOL_H

#include "base/cursor.h"
#include "oilskin/edit.h"

#define OSK_WORKER_MAGIC UINT32_C(0x574B534F) /* "OSKW" */
#define OSK_WORKER_VERSION 1u
#define OSK_WORKER_HEADER_BYTES 20u
/* Of a whole message, header included. */
#define OSK_WORKER_MESSAGE_MAX ((size_t)64 << 10)
/* The longest message of version 1, DONE; the rest of the 64 KiB is for versions to come. */
#define OSK_WORKER_MESSAGE_BYTES 1280u
#define OSK_WORKER_FORMAT_BYTES 16u
#define OSK_WORKER_DESCRIPTORS 3u /* of a JOB: input, output, regions */
/* What the descriptors of a JOB become in the worker: 0 to 2 lead nowhere, 3 is the socket. */
#define OSK_WORKER_SOCKET 3
#define OSK_WORKER_FRAMES_MAX OSK_EDIT_FRAMES_MAX

typedef enum OskWorkerMessageKind {
    OSK_WORKER_HELLO = 1, /* worker: the sandbox stands */
    OSK_WORKER_JOB,       /* parent, once, with the descriptors */
    OSK_WORKER_PROGRESS,  /* worker, any number */
    OSK_WORKER_DONE,      /* worker, once; the last */
    OSK_WORKER_FAULT,     /* worker, once; the last */
    OSK_WORKER_STRIP_ASK, /* parent, once, instead of JOB (strip_protocol.h) */
    OSK_WORKER_SEGMENTS,  /* parent, behind STRIP_ASK, until all are told */
    OSK_WORKER_STRIPPED,  /* worker, once, instead of DONE; the last */
    OSK_WORKER_LOOK_ASK,  /* parent, once, instead of STRIP_ASK, in the same form */
    OSK_WORKER_LOOKED,    /* worker, once, instead of STRIPPED; the last */
    OSK_WORKER_CHECK_ASK, /* parent, once, instead of STRIP_ASK, in the same form, for nobody */
    OSK_WORKER_CHECKED    /* worker, once, instead of STRIPPED; the last */
} OskWorkerMessageKind;

/* As in oilskin/edit.h; here they are numbers on a wire. */
typedef enum OskWorkerOp {
    OSK_WORKER_INFO = OSK_EDIT_INFO,
    OSK_WORKER_REDACT = OSK_EDIT_REDACT,
    OSK_WORKER_RENDER = OSK_EDIT_RENDER,
    OSK_WORKER_STRIP, /* of a sealed file; in no JOB */
    OSK_WORKER_LOOK,  /* as STRIP; what comes out is a preview */
    OSK_WORKER_CHECK  /* as STRIP; what comes out is the file, in the clear, if it is clean */
} OskWorkerOp;

/* Layers of the sandbox that are in force. */
enum {
    OSK_LAYER_SECCOMP = 1,
    OSK_LAYER_LANDLOCK_FILES = 2,
    OSK_LAYER_LANDLOCK_TCP = 4,
    OSK_LAYER_NAMESPACES = 8,
    OSK_LAYER_RLIMITS = 16,
    OSK_LAYER_NO_DUMP = 32,
    OSK_LAYERS_ALL = 63
};

typedef struct OskWorkerHeader {
    uint16_t kind;
    uint64_t id;     /* of the request; every message of one process carries the same */
    uint32_t length; /* of what follows */
} OskWorkerHeader;

typedef struct OskWorkerHello {
    uint32_t layers;
    uint32_t landlock; /* ABI of the kernel, 0 without */
} OskWorkerHello;

/* What is asked for. Sizes and places are as displayed. */
typedef struct OskWorkerAsk {
    OskWorkerOp op;
    char format[OSK_WORKER_FORMAT_BYTES];        /* of the input, as in the format registry */
    char output_format[OSK_WORKER_FORMAT_BYTES]; /* RENDER: "png", "jpeg", or "" for the one that
                                                  * holds the picture best; "" otherwise */
    bool mirror;                                 /* left and right change places, after turning */
    bool crop;
    bool has_regions;
    uint32_t crop_x;
    uint32_t crop_y;
    uint32_t crop_width;
    uint32_t crop_height;
    uint32_t turn;    /* clockwise: 0, 90, 180, 270 */
    uint32_t resize;  /* the longest side is made this long where it is longer; 0 for no */
    uint32_t quality; /* lossy RENDER: 1 to 100; 0 for the default */
    OskRegionDefaults defaults;
    OskLimits limits;
    uint64_t input_len;
    uint64_t output_capacity; /* 0 for INFO */
    uint64_t regions_len;     /* JSON, regions version 1 */
} OskWorkerAsk;

typedef struct OskWorkerDone {
    uint64_t output_len;
    OskPictureInfo info; /* of the input */
    uint32_t changes;
    OskAreas areas;    /* what was covered */
    uint32_t centibel; /* lossy: hundredths of a decibel between before and after, where nothing was
                        * covered; 9999 for no difference, 0 where nobody measured */
    const char *note;  /* static: which promise of quality could not be kept, or NULL */
} OskWorkerDone;

/* What became of a sealed file: a sealed copy that reveals nothing. */
typedef struct OskStripDone {
    uint64_t output_len; /* of the sealed copy */
    uint64_t plain_len;  /* of the copy, without padding */
    char format[OSK_WORKER_FORMAT_BYTES];
    uint32_t findings;  /* how many things the original revealed */
    uint32_t kinds;     /* a bit (1 << OskKind) for each kind of them */
    uint8_t before[32]; /* SHA-256 of the original */
    uint8_t after[32];  /* of the copy, without padding */
} OskStripDone;
#define OSK_STRIP_DONE_BYTES 104u

typedef enum OskLookKind {
    OSK_LOOK_STILL = 1,
    OSK_LOOK_ANIMATION, /* or pages: more than one frame */
    OSK_LOOK_VIDEO,
    OSK_LOOK_KINDS
} OskLookKind;

/* What a sealed file shows: a sealed preview. */
typedef struct OskLookDone {
    uint64_t output_len;     /* of the sealed preview */
    uint64_t plain_len;      /* of the preview, without padding */
    uint64_t pack_len;       /* of the sealed pack, which stands behind the preview; 0 for none */
    uint64_t pack_plain_len; /* of the pack, without padding */
    uint64_t duration_ms;    /* of all frames; 0 for a still, and for pages */
    OskLookKind kind;
    uint32_t width; /* of the first frame of the original, as displayed */
    uint32_t height;
    uint32_t frames; /* of a video those that were decoded */
    /* Of a video: the coding of its pictures, and of its sound, that not every browser plays, by
     * the name that FFmpeg has for it, letters and digits; "" where each plays it. */
    char unplayed_picture[OSK_WORKER_FORMAT_BYTES];
    char unplayed_sound[OSK_WORKER_FORMAT_BYTES];
} OskLookDone;
/* A year: no picture that moves is longer. */
#define OSK_LOOK_DURATION_MAX UINT64_C(31622400000)
#define OSK_LOOK_DONE_BYTES 88u

/* What became of a sealed file that is to be public: the same in the clear, since nothing hidden is
 * in it. */
typedef struct OskCheckDone {
    uint64_t output_len;
    char format[OSK_WORKER_FORMAT_BYTES];
} OskCheckDone;
#define OSK_CHECK_DONE_BYTES 24u

/* Words are numbers of the list that both programs were built with (worker_words.h). */
typedef struct OskWorkerFault {
    uint32_t status;
    uint32_t part;
    uint32_t what;
    uint32_t next;
    uint64_t offset;
} OskWorkerFault;

/* ---- writing: each returns the length of the message, at most OSK_WORKER_MESSAGE_BYTES ---- */

size_t osk_worker_put_hello(uint8_t *out, uint64_t id, const OskWorkerHello *hello);
size_t osk_worker_put_job(uint8_t *out, uint64_t id, const OskWorkerAsk *ask);
size_t osk_worker_put_progress(uint8_t *out, uint64_t id, uint32_t done, uint32_t total);
size_t osk_worker_put_done(uint8_t *out, uint64_t id, const OskWorkerDone *done);
size_t osk_worker_put_fault(uint8_t *out, uint64_t id, const OskFault *fault);

/* ---- the worker's side ---- */

/* Reads a JOB. Errors: MALFORMED with the fault set: wrong magic, version, kind or length, a value
 * out of range, another number of descriptors than the job needs. */
OskStatus osk_worker_read_job(const uint8_t *bytes, size_t len, size_t descriptors,
                              uint64_t *out_id, OskWorkerAsk *ask, OskFault *fault);

/* ---- the parent's side ---- */

typedef enum OskWorkerPhase {
    OSK_WORKER_EXPECTS_HELLO,
    OSK_WORKER_EXPECTS_ANSWER,
    OSK_WORKER_ENDED
} OskWorkerPhase;

/* One conversation, and everything that was believed of it. */
typedef struct OskWorkerTalk {
    OskWorkerPhase phase;
    uint64_t id;
    OskWorkerOp op;
    uint64_t output_capacity;
    uint32_t messages; /* how many came; a flood ends it */
    OskWorkerHello hello;
    uint32_t progress_done;
    uint32_t progress_total;
    OskWorkerDone done;
    OskStripDone stripped;
    OskLookDone looked;
    OskCheckDone checked;
    bool faulted; /* the worker ended with a FAULT, which stands in `fault` */
    OskFault fault;
} OskWorkerTalk;

/* Progress is said at most once for a frame, so that more than this is a flood. */
#define OSK_WORKER_MESSAGES_MAX 100000u

/* Takes the next message of the worker. Nothing of it is believed before all of it was checked; the
 * strings of a fault are ours.
 * @param descriptors how many came with it (none may).
 * @param cut the message was longer than the buffer.
 * Errors, with `fault` set: MALFORMED: the worker can't be trusted and must be ended; IO: it was
 * not built together with this program. */
OskStatus osk_worker_hear(OskWorkerTalk *talk, const uint8_t *bytes, size_t len, size_t descriptors,
                          bool cut, OskFault *fault);

#endif
