/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the spool share, and what submission.c sees of it. */
#ifndef OSK_INTAKE_SPOOL_STATE_H
#define OSK_INTAKE_SPOOL_STATE_H

#include <pthread.h>

#include "intake/readers.h"
#include "intake/receipt.h"
#include "intake/spool.h"

#define OSK_TOKEN_BYTES 32u
/* Of an upload, however long it is: the keys of its segments must fit into a row. */
#define OSK_SPOOL_SEGMENTS_MAX 8192u
#define OSK_SPOOL_BUCKETS 256u

struct OskSpool {
    OskStore *store;
    OskAdmission *admission; /* NULL: nothing is leased */
    OskKeyring *ring;
    OskReaders readers;
    pthread_mutex_t lock; /* of what follows; taken after that of an upload */
    bool parked;
    OskUpload *open[OSK_SPOOL_BUCKETS]; /* by lookup */
    /* Those that hold locked memory, and where the others lie (upload_state.h). */
    unsigned awake_max;
    unsigned awake;
    OskUpload *newest;
    OskUpload *oldest;
    OskBlobWriter *scratch; /* NULL until somebody has to sleep */
    uint8_t *scratch_key;   /* in locked memory */
    uint32_t *free_places;
    uint32_t free_count;
    uint32_t free_room;
    uint32_t places;
};

/* How many uploads hold a chunk in locked memory at once: 9 MiB. Few are read at full speed; a slow
 * one that is woken for each of its pieces costs some tens of microseconds a piece. */
#define OSK_SPOOL_AWAKE 128u
/* Frees what sleep takes, when nothing is open any more. */
void osk_spool_forget_scratch(OskSpool *spool);

/* What a token opens, beside the keys of segments. In locked memory. */
typedef struct OskUploadSecret {
    uint8_t key[32]; /* of the box in the row */
    char receipt[OSK_RECEIPT_TEXT_BYTES];
    uint8_t fingerprint[32];
} OskUploadSecret;

/* How long each segment is without its padding: rows don't say. */
typedef struct OskPieces {
    uint64_t *lens;
    uint32_t count;
    uint32_t room;
} OskPieces;

bool osk_pieces_add(OskPieces *pieces, uint64_t len);
void osk_pieces_free(OskPieces *pieces);

/* False for what can't be a token. */
bool osk_token_read(const char *text, uint8_t out[OSK_TOKEN_BYTES]);
void osk_token_text(const uint8_t token[OSK_TOKEN_BYTES], char out[OSK_TOKEN_TEXT_BYTES]);
/* The row's address, and the key of its box. Either may be NULL. */
void osk_token_derive(const uint8_t token[OSK_TOKEN_BYTES], OskLookup *out_lookup,
                      uint8_t out_key[32]);

/* Packs secret, lengths and the keys of all segments into `row->wrapped`, in place of what was
 * there. Errors: NO_MEMORY; BUG when the keyring has lost a key; LIMIT for too many segments. */
OskStatus osk_upload_wrap(OskKeyring *ring, OskUploadRow *row, const OskUploadSecret *secret,
                          const OskPieces *pieces);
/* `secret->key` is set, the rest is filled. The keys go into `ring` where it is not NULL, the
 * lengths into `pieces` where that is not. Errors: AUTH; NO_MEMORY. */
OskStatus osk_upload_unwrap(OskKeyring *ring, const OskUploadRow *row, OskUploadSecret *secret,
                            OskPieces *pieces);

/* Runs a commit again while nobody knows whether it happened.
 * @param out_unknown where not NULL: nobody knows it at the end, either. Then rows may name what
 * the changes name: only the sweep, which asks them, may delete those blobs. */
OskStatus osk_spool_commit(OskStore *store, const OskChange *changes, size_t count,
                           bool *out_unknown, OskFault *fault);

/* A complete upload, for who makes a submission of it. Its keys are in the keyring. */
typedef struct OskComplete {
    OskUploadRow row;
    OskPieces pieces;
    OskSegmentRow *segments; /* as many as `row.segment_count` */
    uint64_t len;            /* of all, without padding */
} OskComplete;
/* Errors: AUTH when the token opens nothing; MISUSE when it isn't complete. */
OskStatus osk_spool_complete(OskSpool *spool, const char *token, OskComplete *out, OskFault *fault);
void osk_complete_free(OskComplete *complete);

/* The spool's own fault: sentence and next step. */
OskStatus osk_spool_fail(OskFault *fault, OskStatus status, const char *what, const char *next);
/* LIMIT of OSK_FAULT_PIECES. */
OskStatus osk_spool_fail_pieces(OskFault *fault);

#endif
