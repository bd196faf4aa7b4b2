/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the server remembers: rows, and sealed blobs that they name. The contract of every backend;
 * tests/unit/store/conformance.c holds each against it.
 *
 * Rules (each a test):
 *  - Blobs come first: written under a fresh random key and durable, then a commit of rows makes
 *    them real. What no row names is an orphan, and is swept. Keys are never used twice.
 *  - A commit is all of its changes or none. It answers OK (durable), CONFLICT (a condition did not
 *    hold; nothing changed) or UNKNOWN (the connection was lost: it may have happened). The caller
 *    runs an UNKNOWN one again with the same idempotency key, which has an effect once.
 *  - No blob is read or written inside a commit.
 *  - Nothing about a sender is stored: no address, no name of a file, no time finer than a day.
 *  - Every call may come from any thread.
 */
#ifndef OSK_STORE_STORE_H
#define OSK_STORE_STORE_H

#include "oilskin/io.h"
#include "oilskin/status.h"

#define OSK_ID_BYTES 16u     /* of a row: random, never a counter */
#define OSK_LOOKUP_BYTES 32u /* derived from a secret that the store never sees */
#define OSK_CATEGORY_BYTES 32u
#define OSK_SMALL_BLOB_BYTES                                                                       \
    (256u * 1024) /* the most that a row holds itself: manifests, messages */

typedef struct OskId {
    uint8_t bytes[OSK_ID_BYTES];
} OskId;
typedef struct OskLookup {
    uint8_t bytes[OSK_LOOKUP_BYTES];
} OskLookup;

/* Days since 1970-01-01, UTC. */
typedef int32_t OskDay;

/* Bytes lent for a call, or given by a read and freed with the record. */
typedef struct OskBytes {
    uint8_t *bytes;
    size_t len;
} OskBytes;

typedef struct OskStore OskStore;

/* ---- blobs ---- */

/* One sealed file under construction, without a name on the disk. */
typedef struct OskBlobWriter OskBlobWriter;

/* @param reserve room taken on the disk at once, 0 for none. Errors: LIMIT when the disk has no
 *        such room; IO. */
OskStatus osk_blob_begin(OskStore *store, uint64_t reserve, OskBlobWriter **out, OskFault *fault);
/* The descriptor that the bytes go into, for a worker that writes them itself; -1 where a backend
 * has none, or where what was written could not get into it. Lent. */
int osk_blob_fd(OskBlobWriter *writer);
/* Appends. A full disk is LIMIT, and what was written stays as it is; or can't be committed, and
 * takes no more. */
OskStatus osk_blob_write(OskBlobWriter *writer, const void *bytes, size_t len, OskFault *fault);
/* Durable, with a name of its own (`out_key`), when it returns OK; the writer is freed whatever the
 * status is. @param len what a worker wrote through the descriptor; else UINT64_MAX. */
OskStatus osk_blob_commit(OskBlobWriter **writer, uint64_t len, OskId *out_key, OskFault *fault);
void osk_blob_abort(OskBlobWriter **writer);
/* Of a blob that was committed and that no row names, nor will: its name goes, and it can be
 * committed again. Errors: IO, NO_MEMORY; then it is as it was. */
OskStatus osk_blob_recall(OskStore *store, const OskId *key, OskBlobWriter **out, OskFault *fault);

/* A blob to be read. Errors: FOUND is never used; a missing one is IO, and osk_blob_is_gone().
 * A shuffle moves blobs while the store runs: read the segment's row again, then say that it is
 * gone. Of one that was opened before that, or before it was deleted, the head may read as zeros.
 */
typedef struct OskBlobReader OskBlobReader;
OskStatus osk_blob_open(OskStore *store, const OskId *key, OskBlobReader **out, OskFault *fault);
OskSource osk_blob_source(OskBlobReader *reader);
int osk_blob_reader_fd(const OskBlobReader *reader); /* lent; -1 where there is none */
void osk_blob_close(OskBlobReader **reader);
/* Whether osk_blob_open() failed because there is no such blob. */
bool osk_blob_is_gone(const OskFault *fault);
/* Idempotent. The name goes at once and durably with the next commit or sweep. */
OskStatus osk_blob_delete(OskStore *store, const OskId *key, OskFault *fault);
/* Overwrites the first `len` bytes (all of a shorter one) with zeros where they are, durably; what
 * the blob is sealed to can't be opened from then on. Waits for programs that shuffle or copy.
 * Errors: FOUND when it is gone; UNSUPPORTED, and nothing is done, while a backup has the same
 * file; IO. A disk that never writes in place (flash, copy on write) may keep what was there. */
OskStatus osk_blob_wipe_head(OskStore *store, const OskId *key, uint64_t len, OskFault *fault);
/* Every blob there is, in no order. False from `each` ends it. */
OskStatus osk_blob_list(OskStore *store,
                        bool (*each)(void *context, const OskId *key, uint64_t len), void *context,
                        OskFault *fault);

/* A blob as it is to be opened: with the header that the record of the space HEADER has for it, or
 * as it is. Errors: as osk_blob_open(). A head that reads as zeros was wiped meanwhile: read the
 * segment's row and open it again. */
typedef struct OskSealed OskSealed;
OskStatus osk_store_sealed_open(OskStore *store, const OskId *owner, const OskId *blob,
                                OskSealed **out, OskFault *fault);
OskSource osk_store_sealed_source(OskSealed *sealed);
void osk_store_sealed_close(OskSealed **sealed);

/* ---- rows ---- */

/* An upload that isn't part of a submission yet. Its address is a secret token; the store has what
 * is derived from it. */
typedef struct OskUploadRow {
    OskId id;
    OskLookup lookup;      /* of the token */
    OskLookup draft;       /* of the receipt that it belongs to; zeros for none */
    uint64_t declared_len; /* UINT64_MAX while unknown */
    uint64_t offset;       /* plaintext bytes that are durable */
    uint32_t flags;        /* OSK_UPLOAD_* */
    uint32_t segment_count;
    OskDay expires; /* swept on this day */
    char category[OSK_CATEGORY_BYTES];
    OskBytes wrapped;   /* keys of segments and what else the token opens; opaque */
    OskBytes draft_box; /* the token, locked under a key of the receipt; empty without a draft */
} OskUploadRow;

enum {
    OSK_UPLOAD_ORIGINAL = 1, /* the sender chose to send it as it is */
    OSK_UPLOAD_PARTIAL = 2,  /* of a tus concatenation */
    OSK_UPLOAD_COMPLETE = 4, /* all bytes are there */
    OSK_UPLOAD_DEVICE = 8,   /* sealed by the sender's device */
    OSK_UPLOAD_ATTACH = 16,  /* waits for a submission that names it */
    OSK_UPLOAD_PARKED = 32   /* a stop of the server came between */
};

/* A piece of an upload or of a file: one age file. Numbers go up from 0 without gaps. */
typedef struct OskSegmentRow {
    OskId owner; /* upload or file */
    uint32_t number;
    OskId blob;
    uint64_t plain_len; /* without padding */
    uint64_t sealed_len;
} OskSegmentRow;

typedef enum OskSubmissionState {
    OSK_SUBMISSION_NEW = 0,
    OSK_SUBMISSION_OPEN,
    OSK_SUBMISSION_DISMISSED,
    OSK_SUBMISSION_WITHDRAWN
} OskSubmissionState;

typedef struct OskSubmissionRow {
    OskId id;
    OskDay day;
    OskSubmissionState state;
    OskLookup receipt;     /* zeros for none */
    uint8_t reply_key[32]; /* replies are sealed to this X25519 key of the receipt */
    uint32_t file_count;
    char category[OSK_CATEGORY_BYTES];
    OskBytes manifest; /* sealed to the desk */
} OskSubmissionRow;

enum {
    OSK_FILE_ORIGINAL = 1,   /* as it was sent: chosen, or it could not be scrubbed */
    OSK_FILE_UNSCRUBBED = 2, /* original because no promise could be made of a scrubbed copy */
    OSK_FILE_DEVICE = 4      /* sealed by the sender's device */
};

typedef struct OskFileRow {
    OskId id;
    OskId submission;
    uint32_t number;    /* in its submission, from 0 */
    uint32_t flags;     /* OSK_FILE_* */
    uint8_t digest[32]; /* keyed, of what was sealed; equal means the same bytes */
    OskId same_as;      /* the file whose segments hold these bytes, too; zeros for its own */
    uint32_t segment_count;
    uint64_t sealed_len;
} OskFileRow;

/* Words between desk and sender. */
typedef struct OskMessageRow {
    OskId submission;
    uint32_t number;
    bool from_desk;
    OskDay day;
    OskBytes sealed; /* to the receipt, or to the desk */
} OskMessageRow;

/* ---- records: what the desk keeps ---- */

/* What a record is of. Its owner is a file, a submission, or zeros, as it says here. */
typedef enum OskSpace {
    OSK_SPACE_LOOK = 1,         /* owner and id file: preview, and what it is matched by */
    OSK_SPACE_MEMBER = 2,       /* owner and id file: its cluster */
    OSK_SPACE_CLUSTER = 3,      /* id cluster */
    OSK_SPACE_RULE = 4,         /* id cluster: a dismissal */
    OSK_SPACE_NOTE = 5,         /* owner submission; sealed to the desk, as the next two */
    OSK_SPACE_TAGS = 6,         /* owner submission */
    OSK_SPACE_DRAFT = 7,        /* owner submission */
    OSK_SPACE_CLAIM = 8,        /* id cluster or submission */
    OSK_SPACE_AUDIT = 9,        /* id number, big-endian */
    OSK_SPACE_REVIEWER = 10,    /* id reviewer */
    OSK_SPACE_OPERATION = 11,   /* id operation: what undoes it */
    OSK_SPACE_HOLD = 12,        /* id submission: it is not dropped while this is there */
    OSK_SPACE_HEADER = 13,      /* owner as the blob's, id blob: bytes stand in place of the first
                                 * `flags` bytes of the blob */
    OSK_SPACE_DESK_STATE = 14,  /* counters */
    OSK_SPACE_SEEN = 15,        /* owner and id submission: its words were looked at, or it came
                                 * without any, and `flags` messages behind them */
    OSK_SPACE_PUBLISHED = 16,   /* owner submission, id publication: what was made of which file;
                                 * sealed to the desk */
    OSK_SPACE_ASSIGNMENT = 17,  /* owner submission; sealed to the desk */
    OSK_SPACE_LINK = 18,        /* id begin of its digest: a one-time link */
    OSK_SPACE_PUBLICATION = 19, /* these four: store/published.h */
    OSK_SPACE_ALBUM = 20,
    OSK_SPACE_SHARE = 21,
    OSK_SPACE_ASKED = 22
} OskSpace;

typedef struct OskRecordKey {
    OskSpace space;
    OskId owner;
    OskId id;
} OskRecordKey;

typedef struct OskRecordRow {
    OskRecordKey key;
    uint64_t version; /* 1 when it is new, one more with each change */
    OskDay day;
    uint32_t flags; /* of the space */
    OskId blob;     /* zeros for none; its own alone */
    uint64_t sealed_len;
    OskBytes bytes; /* at most OSK_SMALL_BLOB_BYTES */
} OskRecordRow;

/* A sealed file that a row holds, and what it becomes: the same under another header. */
typedef struct OskSealedRow {
    OskId submission;
    bool is_message; /* else the manifest */
    uint32_t number; /* of the message */
    OskBytes was;
    OskBytes now;
} OskSealedRow;

/* ---- changes ---- */

typedef enum OskRowChange {
    OSK_ROW_UPLOAD_ADD,      /* upload; CONFLICT when the id or lookup is there */
    OSK_ROW_UPLOAD_SET,      /* upload, all fields; CONFLICT unless its offset is `expected` */
    OSK_ROW_UPLOAD_DROP,     /* id; its segments go unless an OSK_ROW_SEGMENTS_MOVE came first;
                              * CONFLICT when it is gone */
    OSK_ROW_SEGMENT_ADD,     /* segment; CONFLICT when the number or the blob is there */
    OSK_ROW_SEGMENTS_MOVE,   /* from `id` to `other`, numbers moved up by `expected` */
    OSK_ROW_SUBMISSION_ADD,  /* submission; CONFLICT when the id or its receipt is there */
    OSK_ROW_SUBMISSION_SET,  /* submission, all fields but receipt; CONFLICT when it is gone */
    OSK_ROW_SUBMISSION_DROP, /* id, with files, segments, messages, records, and what is claimed of
                              * it; a tombstone stays. Fine when it is gone. Bytes that other files
                              * refer to become theirs. CONFLICT while it is held, unless
                              * `overwrite`, which is for a restore that repeats what was dropped */
    OSK_ROW_FILE_ADD,        /* file; CONFLICT when it is there, when its submission is gone, or the
                              * file of same_as, which must have segments of its own */
    OSK_ROW_FILE_SET,        /* file, all fields; with same_as its own segments go. CONFLICT as
                              * above */
    OSK_ROW_FILE_DROP,       /* as OSK_ROW_SUBMISSION_DROP */
    OSK_ROW_MESSAGE_ADD,     /* message; its number is set to the next one; CONFLICT when the
                              * submission is gone */
    OSK_ROW_SEALED_SET,      /* sealed; CONFLICT unless the row holds `was` */
    OSK_ROW_SETTING_SET,     /* name, bytes; CONFLICT unless it is absent or `overwrite`. NULL bytes
                              * with `overwrite` delete it */
    OSK_ROW_RECORD_SET,      /* record, all fields; its version is set to `expected` + 1. CONFLICT
                              * unless it is at version `expected` (0: absent), when its owner is
                              * neither zeros nor a file or a submission that is there, when another
                              * row names its blob, and for a header when the owner has no such
                              * blob; a hold when there is no such submission. A blob that it had
                              * before is freed */
    OSK_ROW_RECORD_DROP      /* record_key; its blob is freed. Fine when it is gone. CONFLICT when
                              * `expected` is not 0 and not its version */
} OskRowChange;

typedef struct OskChange {
    OskRowChange kind;
    union {
        const OskUploadRow *upload;
        const OskSegmentRow *segment;
        const OskSubmissionRow *submission;
        const OskFileRow *file;
        const OskMessageRow *message;
        const OskSealedRow *sealed;
        const OskRecordRow *record;
        const OskRecordKey *record_key;
        OskId id;
    } row;
    OskId other;
    uint64_t expected;
    const char *name; /* of a setting */
    OskBytes bytes;
    bool overwrite;
    bool uses_spare; /* what is kept free for a full disk is for this: a few small rows without
                      * which something stays public or open that must not */
} OskChange;

typedef enum OskCommit { OSK_COMMIT_OK, OSK_COMMIT_CONFLICT, OSK_COMMIT_UNKNOWN } OskCommit;

/* All of the changes, in order, or none. Blocks until it is durable; commits of several threads
 * share one write of the disk. Blobs that a change sets free are deleted after it.
 * @param once idempotency key, kept for two days; NULL for none.
 * `fault` is set for CONFLICT (FOUND, and which condition) and UNKNOWN. A full disk, and another
 * program that does not stop writing, are UNKNOWN never: they are CONFLICT with status LIMIT in the
 * fault, and nothing has changed; unless an earlier try within the call was UNKNOWN, which stays.
 * Room is kept so that dropping works on a full disk, also together
 * with a submission without words in place of one that is dropped; and for a commit of which any
 * change `uses_spare`. */
OskCommit osk_store_commit(OskStore *store, const OskChange *changes, size_t count,
                           const OskId *once, OskFault *fault);

/* Turns, in the order of who came, for deeds that read rows which many change all the time, and
 * commit what they read: without them whoever takes longer loses each race. Nobody else is held up
 * by a turn, and no row is shut by it: `expected` still guards. Threads only: nobody takes a second
 * turn, or waits for somebody who does, before the end of the first. */
void osk_store_turn_begin(OskStore *store);
void osk_store_turn_end(OskStore *store);

/* Whoever keeps in memory what is stored: `seen` is called for each commit through this store that
 * has happened or may have (UNKNOWN), on the thread that commits. It must be quick, and may call
 * nothing here. What was run again under one key may be told twice: read what it touched.
 * @param context tells the watchers apart. Errors: LIMIT behind OSK_WATCHERS_MAX of them. */
#define OSK_WATCHERS_MAX 8u
OskStatus osk_store_watch(OskStore *store,
                          void (*seen)(void *context, const OskChange *changes, size_t count),
                          void *context);
/* Fine for who doesn't watch. No call is under way when this returns. */
void osk_store_unwatch(OskStore *store, const void *context);

/* ---- reads: a record that is given must be freed with osk_<record>_free() ---- */

/* False when there is none, with fault->status OSK_OK; or when reading failed, with IO. */
bool osk_store_upload(OskStore *store, const OskLookup *lookup, OskUploadRow *out, OskFault *fault);
bool osk_store_submission(OskStore *store, const OskId *id, OskSubmissionRow *out, OskFault *fault);
bool osk_store_receipt(OskStore *store, const OskLookup *receipt, OskSubmissionRow *out,
                       OskFault *fault);
bool osk_store_setting(OskStore *store, const char *name, OskBytes *out, OskFault *fault);
void osk_upload_row_free(OskUploadRow *row);
void osk_submission_row_free(OskSubmissionRow *row);
void osk_bytes_clear(OskBytes *bytes);

/* Each calls `each` with a row that is lent; false ends it. */
OskStatus osk_store_segments(OskStore *store, const OskId *owner,
                             bool (*each)(void *, const OskSegmentRow *), void *context,
                             OskFault *fault);
OskStatus osk_store_files(OskStore *store, const OskId *submission,
                          bool (*each)(void *, const OskFileRow *), void *context, OskFault *fault);
/* By number. */
OskStatus osk_store_messages(OskStore *store, const OskId *submission,
                             bool (*each)(void *, const OskMessageRow *), void *context,
                             OskFault *fault);
/* The same of those numbered `first` and higher. */
typedef struct OskMessageQuery {
    const OskId *submission;
    uint32_t first;
} OskMessageQuery;
OskStatus osk_store_messages_from(OskStore *store, const OskMessageQuery *query,
                                  bool (*each)(void *, const OskMessageRow *), void *context,
                                  OskFault *fault);
/* Uploads of a draft, and those that expire before a day. */
OskStatus osk_store_draft_uploads(OskStore *store, const OskLookup *draft,
                                  bool (*each)(void *, const OskUploadRow *), void *context,
                                  OskFault *fault);
OskStatus osk_store_expired_uploads(OskStore *store, OskDay before,
                                    bool (*each)(void *, const OskUploadRow *), void *context,
                                    OskFault *fault);
/* Files with this keyed digest. */
OskStatus osk_store_same_files(OskStore *store, const uint8_t digest[32],
                               bool (*each)(void *, const OskFileRow *), void *context,
                               OskFault *fault);
/* Submissions by day, newest first; order within a day says nothing about arrival. */
typedef struct OskSubmissionQuery {
    OskDay first;
    OskDay last;
    int state;            /* an OskSubmissionState, or -1 for any */
    const char *category; /* NULL for any */
    OskId after;          /* with after_day: the page begins behind this one; zeros for the first */
    OskDay after_day;
    size_t limit;
} OskSubmissionQuery;
OskStatus osk_store_submissions(OskStore *store, const OskSubmissionQuery *query,
                                bool (*each)(void *, const OskSubmissionRow *), void *context,
                                OskFault *fault);

/* Is there a hold of this submission? LIMIT, IO in the fault when it can't be known, and then true.
 */
bool osk_store_is_held(OskStore *store, const OskId *submission, OskFault *fault);
/* False as with the others. */
bool osk_store_record(OskStore *store, const OskRecordKey *key, OskRecordRow *out, OskFault *fault);
void osk_record_row_free(OskRecordRow *row);
/* Records of a space by owner and id. */
typedef struct OskRecordQuery {
    OskSpace space;
    const OskId *owner;        /* NULL for any */
    const OskRecordKey *after; /* the page begins behind this one; NULL for the first */
    size_t limit;              /* 0 for none */
    bool without_bytes;        /* not even read: `bytes` are empty */
} OskRecordQuery;
OskStatus osk_store_records(OskStore *store, const OskRecordQuery *query,
                            bool (*each)(void *, const OskRecordRow *), void *context,
                            OskFault *fault);

typedef struct OskStoreCounts {
    uint64_t uploads;
    uint64_t submissions;
    uint64_t files;
    uint64_t blob_bytes;
    uint64_t disk_free; /* bytes that this process may still use */
    uint64_t disk_total;
} OskStoreCounts;
/* Room on the disk alone, which costs one system call. False when it can't be known. */
bool osk_store_disk(OskStore *store, uint64_t *out_free, uint64_t *out_total);
OskStatus osk_store_counts(OskStore *store, OskStoreCounts *out, OskFault *fault);

/* ---- care ---- */

/* Deletes blobs that no row names and that are older than this process, or than an hour; forgets
 * old idempotency keys. For the server alone: MISUSE beside it. Deletes nothing while another
 * program shuffles or copies. */
OskStatus osk_store_sweep(OskStore *store, uint64_t *out_deleted, OskFault *fault);
/* Rows against blobs, and the database's own check. Calls `say` for each finding. FOUND when there
 * is one. */
OskStatus osk_store_check(OskStore *store, void (*say)(void *, const char *), void *context,
                          OskFault *fault);
/* A consistent copy of a running store into a new folder. Where blobs are deleted all the time,
 * writers wait while what the last round names is linked. */
OskStatus osk_store_backup(OskStore *store, const char *folder, OskFault *fault);
/* What rows held before they were changed or dropped is nowhere on the disk any more, unless
 * somebody was reading it meanwhile: then it goes with a later call, or with 8 MB of other changes.
 */
void osk_store_forget(OskStore *store);
/* Rewrites all blobs of a day in random order under new keys, so that inode numbers and change
 * times say nothing of the order in which they came. */
OskStatus osk_store_shuffle(OskStore *store, OskDay day, uint64_t *out_moved, OskFault *fault);

void osk_store_close(OskStore **store);

#endif
