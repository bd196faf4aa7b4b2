/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From complete uploads and words to a submission: scrub, seal the manifest, commit at once. */
#ifndef OSK_INTAKE_SUBMISSION_H
#define OSK_INTAKE_SUBMISSION_H

#include <string.h>

#include "intake/receipt.h"
#include "intake/spool.h"

#define OSK_MESSAGE_BYTES (64u * 1024) /* of text in UTF-8 */

/* The part of a fault that says MISUSE because the receipt's submission was withdrawn, before it
 * was asked for or meanwhile. */
#define OSK_FAULT_WITHDRAWN "withdrawn"
static inline bool osk_fault_is_withdrawn(const OskFault *fault)
{
    return fault->part != NULL && strcmp(fault->part, OSK_FAULT_WITHDRAWN) == 0;
}

/* What one submission holds, all that is added to it with its receipt counted: who reads it reads
 * all of it at once. */
#define OSK_SUBMISSION_FILES_MAX 1024u
#define OSK_SUBMISSION_LETTERS_MAX 256u

/* The part of a fault that says LIMIT because it holds that many. */
#define OSK_FAULT_FULL "full"
static inline bool osk_fault_is_full(const OskFault *fault)
{
    return fault->part != NULL && strcmp(fault->part, OSK_FAULT_FULL) == 0;
}

typedef struct OskSubmissionDraft {
    const char *message; /* lent; UTF-8; or NULL */
    const char *place;
    const char *time;
    const char *category; /* one of the operator's, or NULL */
    const char *const *tokens;
    size_t token_count;
    const OskReceipt *receipt; /* NULL for none: then nobody can come back for it */
    /* Of its sender's making: the same when a request is sent again, another in every other one.
     * NULL for none; then words without files are new words, however often they come. */
    const char *once;
    /* A repeat uploads its files anew, as a form does: they are told by what is in them. */
    bool sends_files_again;
} OskSubmissionDraft;

/* What became of one file. */
typedef enum OskFileOutcome {
    OSK_OUTCOME_SCRUBBED,
    OSK_OUTCOME_ORIGINAL_CHOSEN,
    OSK_OUTCOME_ORIGINAL_KEPT, /* no clean copy could be promised: kept sealed, the sender is told
                                */
    OSK_OUTCOME_DEVICE
} OskFileOutcome;

typedef struct OskSubmitted {
    OskStatus status; /* OK: everything is durable */
    OskFault fault;
    OskFileOutcome outcomes[64];
    size_t count;
} OskSubmitted;

/* What the disk takes, until its submission is stored, for a file of `len` whose upload has these
 * flags (OSK_UPLOAD_*): itself; where it is scrubbed, the copy beside it; and where it lies in
 * pieces, all of them once more in one. */
uint64_t osk_submit_room(uint64_t len, uint32_t flags);
/* The sentence for who sends, where no file can be scrubbed on this machine. */
OskStatus osk_submit_fail_scrub(OskFault *fault);

/* What each of so many scrub workers may take. */
uint64_t osk_submit_worker_memory(unsigned workers);
struct OskLooker;
typedef struct OskSubmitter OskSubmitter; /* its threads, and its scrub workers */
/* What a submitter works with; lent, and outlives it. */
typedef struct OskSubmitterParts {
    OskStore *store;
    OskSpool *spool;
    OskKeyring *ring;
    OskAdmission *admission; /* NULL: nobody waits */
    const char *worker;      /* the path of oilskin-worker */
    unsigned workers;        /* at once; 0 is one */
} OskSubmitterParts;
/* Errors: NO_MEMORY; IO where no random key can be drawn. */
OskStatus osk_submitter_open(OskSubmitter **out, const OskSubmitterParts *parts, OskFault *fault);
/* Whether files can be scrubbed on this machine, as far as trials have shown. True from the start:
 * each file must prove it for itself. While it is false, what has to be scrubbed is UNSUPPORTED,
 * which no later try of its sender mends; it is never handed on as it came. */
void osk_submitter_set_can_scrub(OskSubmitter *submitter, bool can_scrub);
bool osk_submitter_can_scrub(const OskSubmitter *submitter);
/* Before the first job: what is received goes to this one to be looked at, but for what was sealed
 * on the sender's device. Lent until the submitter is closed. */
void osk_submitter_looks(OskSubmitter *submitter, struct OskLooker *looker);
/* Copies what it needs into locked memory; `done` is called once from another thread. The same
 * request twice gives the first one's answer again, and has one effect. A receipt that has a
 * submission already gets the files and words added to it: as an "oilskin/message/1", sealed to the
 * desk, because the server can't open the manifest to write into it.
 *
 * What the desk reads, padded with zeros: {"schema": "oilskin/submission/1" (a message: "text" in
 * place of "message"), "message"?, "place"?, "time"?, "category"?, "day": "2026-11-23", "files":
 * [{"number", "kind": "scrubbed|original|unscrubbed|device", "len", "sha256", "format"?,
 * "media_type"?, "reason"?, "pieces"?}]}. `len` and `sha256` are of the file without padding.
 * "pieces" is of originals: how long each segment is without its padding, in order, "67108864*3 12"
 * for three of one length and one of another; where there is none it is one piece of `len`.
 *
 * Errors: MISUSE for nothing at all, a text that is too long, too many files, or one twice;
 * NO_MEMORY. Then `done` is not called. */
OskStatus osk_submit(OskSubmitter *submitter, const OskSubmissionDraft *draft,
                     void (*done)(void *context, const OskSubmitted *result), void *context);
/* Whether a submission of this receipt waits or is worked on: rows may not know of it yet. */
bool osk_submitter_has(OskSubmitter *submitter, const OskLookup *receipt);
void osk_submitter_close(OskSubmitter **submitter);

#endif
