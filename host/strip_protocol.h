/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of worker protocol v1 in which a server has a sealed file scrubbed, a preview of it
 * made, or one checked that is to be public: the file comes to the worker sealed, its keys in a
 * message, and what is made of it leaves the worker sealed; only what was found clean and is to be
 * public leaves it as it is (docs/worker.md). No I/O here. */
#ifndef OSK_HOST_STRIP_PROTOCOL_H
#define OSK_HOST_STRIP_PROTOCOL_H

#include "host/worker_protocol.h"
#include "oilskin/seal.h"

/* What the descriptors of this job are in the worker: they stay open, and are the only ones that it
 * may read from, and write to, at an offset. */
#define OSK_STRIP_INPUT_FD (OSK_WORKER_SOCKET + 1)
#define OSK_STRIP_OUTPUT_FD (OSK_WORKER_SOCKET + 2)
#define OSK_STRIP_DESCRIPTORS 2u
#define OSK_STRIP_SEGMENTS_MAX 16384u
/* So many fit into one message of 64 KiB. */
#define OSK_STRIP_SEGMENTS_TOLD 1024u
#define OSK_STRIP_ASK_BYTES (OSK_WORKER_HEADER_BYTES + 64u + 32u * (OSK_SEAL_RECIPIENTS_MAX + 1u))
#define OSK_STRIP_SEGMENTS_BYTES (OSK_WORKER_HEADER_BYTES + 8u + 40u * OSK_STRIP_SEGMENTS_TOLD)

/* One age file within the input. */
typedef struct OskStripSegment {
    uint64_t offset;
    uint64_t sealed_len;
    uint64_t plain_len; /* behind it may be padding */
    uint8_t key[OSK_SEAL_FILE_KEY_BYTES];
} OskStripSegment;

typedef struct OskStripAsk {
    bool looks;  /* a preview is asked for, not a copy */
    bool packs;  /* and a pack behind it, which `triage` opens */
    bool poster; /* or in its place one frame of a video, larger: what stands before it plays */
    bool checks; /* neither: whether the file is clean, and itself; then there are no recipients */
    OskLimits limits;
    uint64_t input_len;
    uint64_t plain_len; /* of all segments */
    uint64_t output_max;
    uint32_t segment_count;
    uint32_t recipient_count;
    OskRecipient recipients[OSK_SEAL_RECIPIENTS_MAX];
    OskRecipient triage;
} OskStripAsk;

/* ---- writing: each returns the length of the message ---- */

size_t osk_strip_put_ask(uint8_t out[OSK_STRIP_ASK_BYTES], uint64_t id, const OskStripAsk *ask);
/* `count` segments of the list, from number `first` on. It holds keys: wipe `out`. */
size_t osk_strip_put_segments(uint8_t out[OSK_STRIP_SEGMENTS_BYTES], uint64_t id, uint32_t first,
                              const OskStripSegment *segments, uint32_t count);
/* These at most OSK_WORKER_MESSAGE_BYTES. */
size_t osk_strip_put_done(uint8_t *out, uint64_t id, const OskStripDone *done);
size_t osk_look_put_done(uint8_t *out, uint64_t id, const OskLookDone *done);
size_t osk_check_put_done(uint8_t *out, uint64_t id, const OskCheckDone *done);

/* ---- the worker's side ---- */

/* Whether a message is one of these, and not a JOB. */
bool osk_strip_is_ask(const uint8_t *bytes, size_t len);
/* Errors: MALFORMED with the fault set. */
OskStatus osk_strip_read_ask(const uint8_t *bytes, size_t len, size_t descriptors, uint64_t *out_id,
                             OskStripAsk *ask, OskFault *fault);
/* Reads the next message of segments into `segments`, which has room for all of `ask`; `told` says
 * how many came before, and is moved on. They lie in the input one behind the other.
 * Errors: MALFORMED. */
OskStatus osk_strip_read_segments(const uint8_t *bytes, size_t len, const OskStripAsk *ask,
                                  uint64_t id, OskStripSegment *segments, uint32_t *told,
                                  OskFault *fault);

/* ---- the parent's side: osk_worker_hear() calls it ---- */

/* NULL, or what is wrong; `done` is set only where it is NULL. */
const char *osk_strip_hear_done(OskCursor *c, uint64_t output_max, OskStripDone *done);
const char *osk_look_hear_done(OskCursor *c, uint64_t output_max, OskLookDone *done);
const char *osk_check_hear_done(OskCursor *c, uint64_t output_max, OskCheckDone *done);

#endif
