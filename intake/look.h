/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Previews for the desk, made behind the answer to the sender. A file that was received is looked
 * at soon, or never: then it has no record of the space LOOK, and the desk says so. Nobody waits
 * for it, and what comes in goes first. The same bytes once more are not decoded again: they get
 * what came of the first ones, and since nobody waits, no sender learns that they were not new. */
#ifndef OSK_INTAKE_LOOK_H
#define OSK_INTAKE_LOOK_H

#include "intake/look_known.h"
#include "store/store.h"

/* Keys of files are in no memory ten minutes after their submission: what has waited this long is
 * not looked at any more, and a look ends in a minute, at a video in two; where nobody knows what a
 * file is, both may be tried. */
#define OSK_LOOK_WAIT_MS (7 * 60 * 1000)
#define OSK_LOOK_DEADLINE_MS 60000u
#define OSK_LOOK_FILM_MS 120000u
/* Each holds a descriptor and a page of locked memory. */
#define OSK_LOOK_WAITING_MAX 512u

/* A sealed file and its keys, as a worker is handed them. Zeroed there is none. */
typedef struct OskLookInput {
    int fd;                    /* open for reading alone */
    OskStripSegment *segments; /* in locked memory; NULL where there is no file */
    size_t segment_count;
    char format[OSK_WORKER_FORMAT_BYTES]; /* "" where nobody knows */
} OskLookInput;

/* Closes the file and wipes its keys; it is zeroed then. */
void osk_look_input_close(OskLookInput *input);

typedef struct OskLooker OskLooker; /* its queue, and its threads */

typedef struct OskLookOptions {
    OskStore *store; /* lent */
    const OskRecipient *recipients;
    size_t recipient_count;
    const OskRecipient *triage; /* who opens packs; NULL: none are made, and nothing folds */
    const char *worker;         /* lent; NULL: the one that belongs to this program */
    const char *frames;         /* of videos; the same */
    uint64_t worker_memory;
    unsigned workers;   /* at least one is started, and half as many more for videos */
    unsigned wait_ms;   /* 0 for OSK_LOOK_WAIT_MS: only tests are in a hurry */
    unsigned known_ms;  /* the same of OSK_LOOK_KNOWN_MS */
    size_t waiting_max; /* pictures, and as many videos; 0 for OSK_LOOK_WAITING_MAX */
} OskLookOptions;

/* Errors: MISUSE without recipients; NO_MEMORY. */
OskStatus osk_looker_open(OskLooker **out, const OskLookOptions *options, OskFault *fault);
/* The file of this row will be looked at: its preview becomes the blob of a record (LOOK, file,
 * file), whose flags are the OskLookKind, and whose bytes are the sealed pack, or none. Its digest
 * is keyed: another file with the same one has the same bytes, and has its preview and pack from a
 * look that came to its end and made a pack. Zeros: none is like it. `input` is taken over, and
 * zeroed; where too many wait it is closed at once. */
void osk_look_later(OskLooker *looker, const OskFileRow *file, OskLookInput *input);
/* Of previews to come; what is known is not sealed to them, and forgotten. */
void osk_looker_set_readers(OskLooker *looker, const OskRecipient *recipients, size_t count);
/* Looks that have begun are broken off. Accepts NULL and nulls. */
void osk_looker_close(OskLooker **looker);

#endif
