/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is in the clear within this process alone: a sealed file that is read, and one that is
 * sealed while it is written. Zeroed both are empty, but for `fault`. */
#ifndef OSK_WORKER_SEALED_H
#define OSK_WORKER_SEALED_H

#include "host/strip_protocol.h"

/* Segments that are open at once: the parts of a video that are read in turn are few. */
#define OSK_SEALED_OPEN_MAX 4u

typedef struct OskSealedPiece {
    OskUnsealed *file; /* NULL for a free place */
    uint32_t number;
    uint64_t used; /* the latest reading, to find who waits longest */
    uint64_t offset;
    OskSource source;
} OskSealedPiece;

/* OSK_STRIP_INPUT_FD as one file in the clear. */
typedef struct OskSealedInput {
    const OskStripSegment *segments;
    uint64_t *starts; /* of each segment in the clear, and the end */
    uint32_t count;
    uint64_t readings;
    OskSealedPiece open[OSK_SEALED_OPEN_MAX];
    OskStatus status; /* why a reading failed */
    OskFault *fault;
} OskSealedInput;

/* `segments` are as many as `ask` says, and lent until the end. Errors: NO_MEMORY; then it must be
 * closed, too. */
OskStatus osk_sealed_open(OskSealedInput *input, const OskStripAsk *ask,
                          const OskStripSegment *segments, OskFault *fault);
/* As OskSource.read, of an OskSealedInput. */
bool osk_sealed_read(void *input, uint64_t offset, void *out, size_t len);
void osk_sealed_close(OskSealedInput *input);

/* OSK_STRIP_OUTPUT_FD, sealed, or a part of it. Wipe it with osk_seal_wipe(). */
typedef struct OskSealedOutput {
    OskSealer sealer;
    uint64_t from; /* where in the file it begins; set by the caller */
    uint64_t max;  /* how long it may become; set by the caller */
    uint64_t len;  /* sealed bytes behind `from` */
    uint8_t key[OSK_SEAL_FILE_KEY_BYTES];
    OskStatus status; /* why a writing failed */
    OskFault *fault;
} OskSealedOutput;

/* Errors: LIMIT, IO. */
OskStatus osk_sealed_begin(OskSealedOutput *output, const OskSealTo *to);
/* As OskSink.write, of an OskSealedOutput. */
bool osk_sealed_write(void *output, const void *bytes, size_t len);
/* Behind the `len` bytes that were written come zeros, so that their length says little. */
OskStatus osk_sealed_end(OskSealedOutput *output, uint64_t len);

#endif
