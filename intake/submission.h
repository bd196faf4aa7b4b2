/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From complete uploads and words to a submission: scrub, seal the manifest, commit at once. */
#ifndef OSK_INTAKE_SUBMISSION_H
#define OSK_INTAKE_SUBMISSION_H

#include "intake/receipt.h"
#include "intake/spool.h"

#define OSK_MESSAGE_BYTES (64u * 1024) /* of text in UTF-8 */

typedef struct OskSubmissionDraft {
    const char *message; /* lent; UTF-8; or NULL */
    const char *place;
    const char *time;
    const char *category; /* one of the operator's, or NULL */
    const char *const *tokens;
    size_t token_count;
    const OskReceipt *receipt; /* NULL for none: then nobody can come back for it */
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

typedef struct OskSubmitter OskSubmitter; /* its threads, and its scrub workers */
OskStatus osk_submitter_open(OskSubmitter **out, OskStore *store, OskSpool *spool, OskKeyring *ring,
                             OskAdmission *admission, const OskRecipient *recipients, size_t count,
                             const char *worker, unsigned workers, OskFault *fault);
/* Copies what it needs into locked memory; `done` is called once from another thread. The same
 * receipt and tokens twice (a repeated request) gives the first one's answer again. A receipt that
 * has a submission already gets the files and words added to it. */
OskStatus osk_submit(OskSubmitter *submitter, const OskSubmissionDraft *draft,
                     void (*done)(void *context, const OskSubmitted *result), void *context);
void osk_submitter_close(OskSubmitter **submitter);

#endif
