/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Uploads in flight: bytes are sealed as they come and are durable before they are acknowledged.
 * One way in for every protocol.
 *
 * An upload is a row and numbered segments, each an age file of its own of at most
 * OSK_SPOOL_SEGMENT_BYTES of plaintext. Whatever ends a request (its end, a lost connection, the
 * server's stop) closes the segment; a segment is durable, then the row says so, then the sender
 * hears of it. Segments' keys are in the keyring and, wrapped under the upload's token, in the row:
 * a server that was started anew has them again when the sender comes back with the token, and not
 * before. */
#ifndef OSK_INTAKE_SPOOL_H
#define OSK_INTAKE_SPOOL_H

#include "intake/readers.h"
#include "intake/admission.h"
#include "intake/keyring.h"
#include "store/store.h"

#define OSK_SPOOL_SEGMENT_BYTES (64ull * 1024 * 1024)
/* One byte a request is not a way to fill the disk with rows: this many, and one more for each MiB
 * that is there. */
#define OSK_SPOOL_SEGMENTS 512u
/* The part of a fault that says LIMIT for that: no later try helps, the upload must begin again. */
#define OSK_FAULT_PIECES "pieces"
#define OSK_SPOOL_EXPIRES_DAYS 2
#define OSK_TOKEN_TEXT_BYTES 44u /* 32 random bytes, base64url, and a NUL */

typedef struct OskSpool OskSpool;
typedef struct OskUpload OskUpload; /* opened by one request at a time */

/* @param admission NULL: nothing is leased. Errors: NO_MEMORY; MISUSE without a recipient. */
OskStatus osk_spool_open(OskSpool **out, OskStore *store, OskAdmission *admission, OskKeyring *ring,
                         const OskRecipient *recipients, size_t count, OskFault *fault);
/* Whom what comes from now on is sealed to, here and wherever uploads are finished. */
void osk_spool_set_readers(OskSpool *spool, const OskRecipient *recipients, size_t count);
void osk_spool_readers(OskSpool *spool, OskReaderList *out);

typedef struct OskUploadWish {
    uint64_t len;               /* UINT64_MAX: unknown yet */
    uint32_t flags;             /* OSK_UPLOAD_* */
    const char *category;       /* or NULL */
    const OskLookup *draft;     /* or NULL */
    const uint8_t *draft_key;   /* 32 bytes, with `draft` */
    const char *receipt;        /* words to be kept under the token until it is complete; or NULL */
    const uint8_t *fingerprint; /* 32 bytes, or NULL */
} OskUploadWish;
/* Takes no disk but a row. */
OskStatus osk_spool_create(OskSpool *spool, const OskUploadWish *wish,
                           char out_token[OSK_TOKEN_TEXT_BYTES], OskFault *fault);

/* What HEAD says. */
typedef struct OskUploadState {
    uint64_t offset;
    uint64_t len; /* UINT64_MAX: unknown */
    uint32_t flags;
    OskDay expires;
    OskId id;
} OskUploadState;
/* Errors: FOUND never; a token that opens nothing is AUTH. */
OskStatus osk_spool_look(OskSpool *spool, const char *token, OskUploadState *out, OskFault *fault);
/* The words that were kept under the token, while it is no submission yet; false when there are
 * none. Wipe them. */
bool osk_spool_receipt(OskSpool *spool, const char *token, char out_words[96]);

/* Opens for appending. A request that still holds it loses it: what that one wrote is made durable
 * (or dropped, where osk_upload_hold() was called), osk_upload_is_wanted() says so to it, and its
 * writes are LIMIT from now on. So a connection that died without a word is in nobody's way. May be
 * used from any thread, by one at a time. Errors: AUTH; MISUSE when complete. */
OskStatus osk_upload_open(OskSpool *spool, const char *token, OskUpload **out, OskFault *fault);
void osk_upload_look(const OskUpload *upload, OskUploadState *out);
bool osk_upload_is_wanted(const OskUpload *upload); /* by a newer request */
OskStatus osk_upload_set_len(OskUpload *upload, uint64_t len, OskFault *fault);
/* Appends up to `len` bytes; `out_taken` fewer when the lease waits. Errors: LIMIT for a full disk
 * or more bytes than were declared. */
OskStatus osk_upload_write(OskUpload *upload, const uint8_t *bytes, size_t len, size_t *out_taken,
                           OskFault *fault);
/* From here on what comes is kept only when osk_upload_commit() follows: for a checksum. */
void osk_upload_hold(OskUpload *upload);
/* Makes what was written durable. The offset in `out` is a promise. */
OskStatus osk_upload_commit(OskUpload *upload, OskUploadState *out, OskFault *fault);
/* Drops what was written since the last commit. */
void osk_upload_rollback(OskUpload *upload);
/* Rolls back what is not committed. Accepts NULL and nulls. */
void osk_upload_close(OskUpload **upload);

/* Deletes an upload that is no submission yet: tus termination, and the sender's second thoughts.
 */
OskStatus osk_spool_drop(OskSpool *spool, const char *token, OskFault *fault);
/* tus concatenation: an upload of the segments of complete partial ones, which end. */
OskStatus osk_spool_concat(OskSpool *spool, const char *const *tokens, size_t count,
                           const OskUploadWish *wish, char out_token[OSK_TOKEN_TEXT_BYTES],
                           OskFault *fault);
/* Uploads of a draft, for a sender who has the receipt: `draft_key` (of OskReceipt) opens their
 * tokens. */
typedef struct OskDraftUpload {
    char token[OSK_TOKEN_TEXT_BYTES];
    OskUploadState state;
    uint8_t fingerprint[32]; /* what the page said of the file; zeros for nothing */
} OskDraftUpload;
OskStatus osk_spool_draft(OskSpool *spool, const OskLookup *draft, const uint8_t draft_key[32],
                          bool (*each)(void *context, const OskDraftUpload *upload), void *context,
                          OskFault *fault);

/* Deletes expired ones. */
OskStatus osk_spool_sweep(OskSpool *spool, OskDay today, uint64_t *out_swept, OskFault *fault);
/* Takes no writes from now on: open ones are told to let go. */
void osk_spool_park(OskSpool *spool);
void osk_spool_close(OskSpool **spool);

#endif
