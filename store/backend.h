/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a backend of rows and a backend of blobs are: two tables of functions. store.c puts one of
 * each together; what holds for every pair (orphans, shuffling, which blobs are fresh) stands there
 * and in care.c, once. */
#ifndef OSK_STORE_BACKEND_H
#define OSK_STORE_BACKEND_H

#include "store/store.h"

/* What of a fault of a blob that isn't there. */
#define OSK_BLOB_GONE "the blob is gone"

/* Keys that grow as needed. */
typedef struct OskKeys {
    OskId *at;
    size_t count;
    size_t room;
} OskKeys;

/* False when memory ended. */
bool osk_keys_add(OskKeys *keys, const OskId *key);
void osk_keys_free(OskKeys *keys);

/* Of a blob that is deleted for good, so much is overwritten first: the longest header that a seal
 * has, with the key to all of the rest. */
#define OSK_HEAD_BYTES (64u * 1024)

/* What a row says of a blob. */
typedef struct OskBlobName {
    OskId blob;
    uint64_t sealed_len;
} OskBlobName;

/* What osk_store_commit() was asked for. */
typedef struct OskCommitWish {
    const OskChange *changes;
    size_t count;
    const OskId *once;
} OskCommitWish;

/* Which rows: for files `submission` or `digest`, for uploads `draft` or, with NULL, `before`. */
typedef struct OskRowsWish {
    const OskId *submission;
    const uint8_t *digest;
    const OskLookup *draft;
    OskDay before;
} OskRowsWish;

typedef struct OskRowsBackend {
    /* As osk_store_commit(). Adds to `freed` the blobs that no row names any more. */
    OskCommit (*commit)(void *self, const OskCommitWish *wish, OskKeys *freed, OskFault *fault);
    bool (*upload)(void *self, const OskLookup *lookup, OskUploadRow *out, OskFault *fault);
    bool (*submission)(void *self, const OskId *id, const OskLookup *receipt, OskSubmissionRow *out,
                       OskFault *fault);
    bool (*setting)(void *self, const char *name, OskBytes *out, OskFault *fault);
    OskStatus (*segments)(void *self, const OskId *owner,
                          bool (*each)(void *, const OskSegmentRow *), void *context,
                          OskFault *fault);
    OskStatus (*files)(void *self, const OskRowsWish *wish,
                       bool (*each)(void *, const OskFileRow *), void *context, OskFault *fault);
    OskStatus (*messages)(void *self, const OskMessageQuery *query,
                          bool (*each)(void *, const OskMessageRow *), void *context,
                          OskFault *fault);
    OskStatus (*uploads)(void *self, const OskRowsWish *wish,
                         bool (*each)(void *, const OskUploadRow *), void *context,
                         OskFault *fault);
    OskStatus (*submissions)(void *self, const OskSubmissionQuery *query,
                             bool (*each)(void *, const OskSubmissionRow *), void *context,
                             OskFault *fault);
    bool (*record)(void *self, const OskRecordKey *key, OskRecordRow *out, OskFault *fault);
    OskStatus (*records)(void *self, const OskRecordQuery *query,
                         bool (*each)(void *, const OskRecordRow *), void *context,
                         OskFault *fault);
    /* Fills all but what is of the disk. */
    OskStatus (*counts)(void *self, OskStoreCounts *out, OskFault *fault);
    /* Does a row name this blob? */
    OskStatus (*names)(void *self, const OskId *blob, bool *out, OskFault *fault);
    /* Every blob that a row names; of a day's files and records alone with `day`, else
     * OSK_EVERY_DAY. */
    OskStatus (*blobs)(void *self, int64_t day, bool (*each)(void *, const OskBlobName *),
                       void *context, OskFault *fault);
    /* What was in `from` is in `to` from now on. False in `out` when no row names it. */
    OskStatus (*rename)(void *self, const OskId *from, const OskId *to, bool *out, OskFault *fault);
    /* Forgets the order in which a day's rows came, and idempotency keys of days past. */
    OskStatus (*shuffle)(void *self, OskDay day, OskFault *fault);
    /* What was overwritten is nowhere else, where nobody reads just now. */
    void (*forget)(void *self);
    OskStatus (*tidy)(void *self, OskFault *fault);
    OskStatus (*check)(void *self, void (*say)(void *, const char *), void *context,
                       OskFault *fault);
    /* A consistent copy below a folder, durable but for the folder's own entry. */
    OskStatus (*copy)(void *self, const char *folder, OskFault *fault);
    /* Writers of every process wait until it is let go (accepts NULL and nulls). Briefly: they give
     * up after seconds. */
    OskStatus (*hold)(void *self, void **out_held, OskFault *fault);
    void (*let_go)(void **held);
    void (*close)(void *self);
} OskRowsBackend;

#define OSK_EVERY_DAY INT64_MIN

typedef struct OskBlobSign {
    OskId key;
    OskDay day;
} OskBlobSign;

typedef struct OskBlobsBackend {
    OskStatus (*begin)(void *self, uint64_t reserve, OskBlobWriter **out, OskFault *fault);
    int (*fd)(OskBlobWriter *writer);
    OskStatus (*write)(OskBlobWriter *writer, const void *bytes, size_t len, OskFault *fault);
    /* Under the name, and with the times of the day, that are given. Frees the writer. */
    OskStatus (*commit)(OskBlobWriter *writer, uint64_t len, const OskBlobSign *sign,
                        OskFault *fault);
    void (*abort)(OskBlobWriter *writer);
    /* What was committed as a writer again, without its name. */
    OskStatus (*recall)(void *self, const OskId *key, OskBlobWriter **out, OskFault *fault);
    OskStatus (*open)(void *self, const OskId *key, OskBlobReader **out, OskFault *fault);
    OskSource (*source)(OskBlobReader *reader);
    int (*reader_fd)(const OskBlobReader *reader);
    void (*close_reader)(OskBlobReader *reader);
    OskStatus (*remove)(void *self, const OskId *key, OskFault *fault);
    /* Zeros for the first bytes of what no other copy has, durably. UNSUPPORTED when one has it,
     * FOUND when it is gone. */
    OskStatus (*wipe)(void *self, const OskId *key, uint64_t len, OskFault *fault);
    /* What was removed stays removed. Costs nothing when nothing was. */
    OskStatus (*sync)(void *self, OskFault *fault);
    OskStatus (*list)(void *self, bool (*each)(void *, const OskId *, uint64_t), void *context,
                      OskFault *fault);
    /* False when it is gone. */
    bool (*look)(void *self, const OskId *key, uint64_t *out_len);
    OskStatus (*disk)(void *self, uint64_t *out_free, uint64_t *out_total);
    /* Links or copies a blob into another folder of blobs; FOUND when it is gone. */
    OskStatus (*copy)(void *self, const OskId *key, int blobs_fd, OskFault *fault);
    void (*close)(void *self);
} OskBlobsBackend;

/* The first member of what a backend allocates. */
struct OskBlobWriter {
    OskStore *store;
};
struct OskBlobReader {
    OskStore *store;
};

/* Takes both backends over, also when it fails. `owns`: this process has the folder's lock, so that
 * no other one makes blobs but those that shuffle. */
typedef struct OskStoreParts {
    const OskRowsBackend *rows;
    void *rows_self;
    const OskBlobsBackend *blobs;
    void *blobs_self;
    int folder_fd; /* -1 for none */
    int lock_fd;   /* -1 for none */
    bool owns;
} OskStoreParts;
OskStatus osk_store_join(OskStore **out, const OskStoreParts *parts, OskFault *fault);

/* For care.c. */
const OskStoreParts *osk_store_parts(const OskStore *store);
/* osk_blob_commit() with the times of another day. */
OskStatus osk_store_commit_blob(OskBlobWriter **writer, uint64_t len, OskDay day, OskId *out_key,
                                OskFault *fault);
/* A row names it now, or it is gone. */
void osk_store_settle(OskStore *store, const OskId *key);
/* A lock of the folder that one program at a time has while it sweeps, shuffles or copies: -1 when
 * another has it (`waits`: never) or errno says why. Close it. */
int osk_store_care_lock(const OskStore *store, bool waits);
/* True while no row may name this blob yet, because its maker is still at it. */
bool osk_store_is_fresh(OskStore *store, const OskId *key);

/* ---- spare.c: room on the disk that is kept for deleting. A deletion writes before it frees; at
 * zero bytes free nothing could ever be deleted again. ---- */

/* Takes the room, where there is none yet and the disk has plenty. */
void osk_spare_keep(int folder_fd);
/* Gives it back; false when there was none. */
bool osk_spare_give(int folder_fd);

/* "the disk is full" with LIMIT, else what errno means with IO. */
OskStatus osk_store_fail(OskFault *fault, const char *part, int error);
/* Days since 1970, UTC, by the machine's clock. */
OskDay osk_store_today(void);

#endif
