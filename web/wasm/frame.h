/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What seal.wasm and unseal.wasm have in common: one instance, one job, with the calls of
 * exports.c. Each module brings its own osk_frame_knows(), osk_frame_step() and osk_frame_tell(). */
#ifndef OSK_WASM_FRAME_H
#define OSK_WASM_FRAME_H

#include "answer.h"
#include "oilskin/seal.h"
#include "record.h"

/* One step: long enough that calls cost nothing, short enough to show progress and to be stopped.
 */
#define OSK_FRAME_STEP_BYTES ((size_t)1 << 20)

typedef struct OskFrame {
    OskWasmRequest ask;
    OskFault fault;
    const char *text; /* behind the record */
    uint64_t at;      /* how far the job is */
    OskRecipient recipients[OSK_SEAL_RECIPIENTS_MAX];
    size_t recipient_count;
    uint8_t piece[OSK_FRAME_STEP_BYTES];
} OskFrame;

/* Whether this module does what is asked. */
bool osk_frame_knows(const OskWasmRequest *ask);
/* One piece of the job: MORE, or how it ended. */
OskStatus osk_frame_step(OskFrame *frame);
/* Further members of the answer to a job that went well. */
void osk_frame_tell(const OskFrame *frame, OskAnswer *answer);

/* The page's ports, as the library knows them. */
extern const OskSink osk_frame_output;
extern const OskRandom osk_frame_random;
bool osk_frame_read(uint64_t offset, void *out, size_t len);

OskStatus osk_frame_fail(OskFrame *frame, OskStatus status, const char *part, const char *what);
/* A line of text without its end, and what stands behind it. */
typedef struct OskFrameLine {
    const char *text;
    size_t len;
} OskFrameLine;
/* The next line of `len` bytes from *at on; false at the end. */
bool osk_frame_line(const char *text, size_t len, size_t *at, OskFrameLine *out);
/* Adds one "age1…". */
OskStatus osk_frame_take_recipient(OskFrame *frame, OskFrameLine line);

#endif
