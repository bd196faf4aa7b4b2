/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of submissions share: a job, its files, and what they become. */
#ifndef OSK_INTAKE_SUBMISSION_STATE_H
#define OSK_INTAKE_SUBMISSION_STATE_H

#include <stdatomic.h>

#include "host/strip_client.h"
#include "intake/look.h"
#include "intake/spool_state.h"
#include "intake/submission.h"

#define OSK_SUBMIT_FILES_MAX 64u
#define OSK_PLACE_BYTES 1024u /* also of a time: words of a person */
#define OSK_REASON_BYTES 200u
#define OSK_PIECES_TEXT_BYTES 1024u
#define OSK_DIGEST_KEY_BYTES 32u

/* What all jobs are done with. */
typedef struct OskSubmitRoom {
    OskStore *store;
    OskSpool *spool;
    OskKeyring *ring;
    OskAdmission *admission; /* NULL: nobody is told */
    const char *worker;      /* NULL: the one that belongs to this program */
    uint64_t worker_memory;
    atomic_bool can_scrub;
    OskLooker *looker;   /* NULL: nothing is looked at */
    uint8_t *digest_key; /* OSK_DIGEST_KEY_BYTES, in locked memory; of this run alone */
    atomic_bool closing;
} OskSubmitRoom;

/* One file of a job. */
typedef struct OskSubmitFile {
    OskFileRow row;
    OskId upload;
    OskFileOutcome outcome;
    bool is_there;         /* a request before this one has brought it */
    bool is_moved;         /* a blob of the upload was not where its row had it */
    bool has_copy;         /* there is a new blob; else the upload's own stay */
    OskBlobWriter *writer; /* of the new blob, until all files of the job are there */
    OskSegmentRow copy;
    uint64_t len; /* without padding */
    uint8_t sha256[32];
    char format[OSK_WORKER_FORMAT_BYTES]; /* "" where nobody looked */
    const char *media_type;               /* NULL alike */
    const char *reason;                   /* static: why there is no copy; or NULL */
    char pieces[OSK_PIECES_TEXT_BYTES];   /* of an original: "length*count ..." */
    OskLookInput look;                    /* what was sent, for a look behind the answer */
} OskSubmitFile;

/* Texts and keys of a job: in locked memory. */
typedef struct OskSubmitSecret {
    OskReceipt receipt;
    bool has_receipt;
    uint8_t once[32]; /* the digest of it */
    bool has_once;
    bool sends_files_again;
    char tokens[OSK_SUBMIT_FILES_MAX][OSK_TOKEN_TEXT_BYTES];
    char place[OSK_PLACE_BYTES];
    char time[OSK_PLACE_BYTES];
    char message[]; /* with a NUL */
} OskSubmitSecret;

typedef struct OskSubmitJob {
    struct OskSubmitJob *next;
    int64_t due_ms;
    OskLookup key; /* jobs of one receipt run one after the other */
    OskSubmitSecret *secret;
    char category[OSK_CATEGORY_BYTES];
    size_t file_count;
    OskSubmitFile *files;
    void (*done)(void *context, const OskSubmitted *result);
    void *context;
} OskSubmitJob;

/* Takes one complete upload: a scrubbed copy of it, or itself where that was chosen or no copy can
 * be promised. Sets everything of `file` but numbers and its submission. Errors: AUTH, MISUSE (no
 * such upload, not complete); LIMIT (where no fault is set: the disk is full), IO, NO_MEMORY, BUG
 * when it is the machine's fault: nothing has changed then, and it can be tried again. */
OskStatus osk_submit_file(const OskSubmitRoom *room, const char *token, OskSubmitFile *file,
                          OskFault *fault);
/* ---- its parts ---- */
/* Room on the disk for what is written beside the upload; none is held where nobody is told.
 * Ownership: osk_lease_end(). Errors: as osk_lease_hold(). */
OskStatus osk_submit_lease(const OskSubmitRoom *room, const OskComplete *upload, uint64_t bytes,
                           OskLease **out, OskFault *fault);
/* Its digest, in the clear for a moment: nothing looks into it.
 * @param sealer NULL, or it is sealed again into one. Errors: IO, NO_MEMORY, BUG. */
OskStatus osk_submit_read_upload(const OskSubmitRoom *room, const OskComplete *upload,
                                 OskSubmitFile *file, OskSealer *sealer, uint8_t out_sha256[32]);
/* As osk_submit_file(), where there is no copy. */
OskStatus osk_submit_keep_original(const OskSubmitRoom *room, const OskComplete *upload,
                                   const uint8_t before[32], OskSubmitFile *file, OskFault *fault);

/* Gives the new blob its name: right before the commit, because one that no row names for an hour
 * is swept, and the next file of the job may take longer. */
OskStatus osk_submit_file_finish(OskSubmitFile *file);
/* The blob of a copy that will be in no row; nobody will look at the file. */
void osk_submit_file_drop(const OskSubmitRoom *room, OskSubmitFile *file);
/* Which file a token becomes: the same whenever it is asked. */
void osk_submit_file_id(const char *token, OskId *out);
/* Stores exact copies once: after the answer, so that no sender notices. */
void osk_submit_file_twin(const OskSubmitRoom *room, const OskSubmitFile *file);

/* The words and the list of new files, sealed to the desk. `adds`: to a submission that is there
 * already. Ownership: osk_bytes_free(). Errors: MALFORMED when a text is not UTF-8; LIMIT when it
 * is too long for a row; NO_MEMORY. */
OskStatus osk_manifest_seal(const OskSubmitRoom *room, const OskSubmitJob *job, OskDay day,
                            bool adds, OskBytes *out);

/* Runs a job to its end; `out` is what its sender hears. */
void osk_submit_run(const OskSubmitRoom *room, OskSubmitJob *job, OskSubmitted *out);

#endif
