/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows in SQLite: what the sqlite_*.c files share. One connection writes, by group; reads have
 * connections of their own and never wait for it (WAL). */
#ifndef OSK_STORE_SQLITE_ROWS_H
#define OSK_STORE_SQLITE_ROWS_H

#include <pthread.h>
#include <sqlite3.h>

#include "store/backend.h"
#include "store/group.h"
#include "store/store_open.h"

/* Different statements of one connection; a new one needs room here. */
#define OSK_STATEMENTS_MAX 96u

typedef struct OskConnection {
    struct OskConnection *next;
    sqlite3 *db;
    struct {
        const char *sql; /* known by its address */
        sqlite3_stmt *statement;
    } kept[OSK_STATEMENTS_MAX];
    size_t kept_count;
} OskConnection;

typedef struct OskRows {
    char *folder;
    bool read_only;
    bool is_old; /* of version 1, and not ours to change: it has no records */
    unsigned busy_ms;
    OskConnection *writer; /* NULL when read only; used inside `commits` alone */
    OskGroup commits;
    pthread_mutex_t lock; /* of what follows */
    OskConnection *idle;
    size_t idle_count;
} OskRows;

extern const OskRowsBackend osk_sqlite_rows;

/* ---- sqlite_open.c ---- */

/* rows.db in the folder. `create`: made, with its tables, where there is none. */
OskStatus osk_sqlite_open(void **out_self, const char *folder, const OskStoreOptions *options,
                          OskFault *fault);
void osk_sqlite_close(void *self);
/* An empty file is an empty database: SQLite would make one that everybody may read. */
void osk_sqlite_make_file(const char *path);
/* A connection for a read; NULL with the fault set. Give it back. */
OskConnection *osk_sqlite_lend(OskRows *rows, OskFault *fault);
void osk_sqlite_return(OskRows *rows, OskConnection *connection);
/* A connection beside those, for a long job. */
OskConnection *osk_sqlite_connect(const OskRows *rows, OskFault *fault);
void osk_sqlite_disconnect(OskConnection *connection);
/* What SQLite says, in our words. */
OskStatus osk_sqlite_fail(OskFault *fault, int code);

/* ---- sqlite_bind.c: a statement that is filled in order and read in order ---- */

typedef struct OskStatement {
    sqlite3_stmt *statement; /* NULL when it could not be prepared */
    int at;
    int code; /* SQLITE_OK, or the first error */
} OskStatement;

/* `sql` is static: what was prepared once for it is used again. */
OskStatement osk_sqlite_statement(OskConnection *connection, const char *sql);
void osk_put_int(OskStatement *s, int64_t value);
void osk_put_bytes(OskStatement *s, const void *bytes, size_t len);
/* NULL where all bytes are zero. */
void osk_put_key(OskStatement *s, const void *bytes, size_t len);
void osk_put_text(OskStatement *s, const char *text);
/* SQLITE_ROW, SQLITE_DONE or an error. */
int osk_statement_step(OskStatement *s);
/* Ready for the next use. Keeps nothing of what was bound. */
void osk_statement_end(OskStatement *s);
/* Steps once and ends: SQLITE_OK when it is done. */
int osk_statement_run(OskStatement *s);
/* Columns, from 0, in order. */
int64_t osk_take_int(OskStatement *s);
/* Zeros when the column is NULL or of another length. */
void osk_take_key(OskStatement *s, void *out, size_t len);
/* A copy on the heap; sets `code` when memory ends. */
void osk_take_bytes(OskStatement *s, OskBytes *out);
void osk_take_text(OskStatement *s, char *out, size_t size);
/* One statement without values or rows. */
int osk_sqlite_run(OskConnection *connection, const char *sql);

/* ---- sqlite_change.c ---- */

/* SQLITE_OK; SQLITE_CONSTRAINT when a condition does not hold; another error. `what` says which.
 * Inside a transaction. */
int osk_sqlite_change(OskConnection *connection, const OskChange *change, OskKeys *freed,
                      const char **what);

/* ---- sqlite_records.c ---- */

int osk_sqlite_record_set(OskConnection *connection, const OskChange *change, OskKeys *freed);
int osk_sqlite_record_drop(OskConnection *connection, const OskChange *change, OskKeys *freed);
/* Adds to `freed` the blobs that `find`, one statement with one place, tells of an owner. */
int osk_sqlite_blobs_of(OskConnection *connection, const char *find, const OskId *owner,
                        OskKeys *freed);
/* All that a file or a submission owns. */
int osk_sqlite_records_drop(OskConnection *connection, const OskId *owner, OskKeys *freed);
/* What is said of a submission without being owned by it. */
int osk_sqlite_claims_drop(OskConnection *connection, const OskId *submission);
/* Headers of the blobs of an owner's segments, while those are still its own: dropped, or another's
 * from now on. */
int osk_sqlite_headers_drop(OskConnection *connection, const OskId *owner);
int osk_sqlite_headers_move(OskConnection *connection, const OskId *from, const OskId *to);
/* SQLITE_CONSTRAINT while the submission, or that of the file, may not be dropped. */
int osk_sqlite_submission_is_free(OskConnection *connection, const OskId *submission);
int osk_sqlite_file_is_free(OskConnection *connection, const OskId *file);
/* A record's blob, or a header's, under its new name. */
int osk_sqlite_record_rename(OskConnection *connection, const OskId *from, const OskId *to,
                             bool *found);

/* ---- sqlite_commit.c ---- */

OskCommit osk_sqlite_commit(void *self, const OskCommitWish *wish, OskKeys *freed, OskFault *fault);
/* A job of our own for the connection that writes, in a transaction of its own: SQLITE_OK keeps it.
 */
int osk_sqlite_write(OskRows *rows, int (*work)(void *context, OskConnection *connection),
                     void *context);

/* ---- sqlite_read.c ---- */

bool osk_sqlite_upload(void *self, const OskLookup *lookup, OskUploadRow *out, OskFault *fault);
bool osk_sqlite_submission(void *self, const OskId *id, const OskLookup *receipt,
                           OskSubmissionRow *out, OskFault *fault);
bool osk_sqlite_setting(void *self, const char *name, OskBytes *out, OskFault *fault);
OskStatus osk_sqlite_segments(void *self, const OskId *owner,
                              bool (*each)(void *, const OskSegmentRow *), void *context,
                              OskFault *fault);
OskStatus osk_sqlite_files(void *self, const OskRowsWish *wish,
                           bool (*each)(void *, const OskFileRow *), void *context,
                           OskFault *fault);
OskStatus osk_sqlite_messages(void *self, const OskMessageQuery *wish,
                              bool (*each)(void *, const OskMessageRow *), void *context,
                              OskFault *fault);
OskStatus osk_sqlite_uploads(void *self, const OskRowsWish *wish,
                             bool (*each)(void *, const OskUploadRow *), void *context,
                             OskFault *fault);
OskStatus osk_sqlite_submissions(void *self, const OskSubmissionQuery *query,
                                 bool (*each)(void *, const OskSubmissionRow *), void *context,
                                 OskFault *fault);
bool osk_sqlite_record(void *self, const OskRecordKey *key, OskRecordRow *out, OskFault *fault);
OskStatus osk_sqlite_records(void *self, const OskRecordQuery *query,
                             bool (*each)(void *, const OskRecordRow *), void *context,
                             OskFault *fault);
OskStatus osk_sqlite_counts(void *self, OskStoreCounts *out, OskFault *fault);
OskStatus osk_sqlite_names(void *self, const OskId *blob, bool *out, OskFault *fault);
OskStatus osk_sqlite_blobs(void *self, int64_t day, bool (*each)(void *, const OskBlobName *),
                           void *context, OskFault *fault);

/* ---- sqlite_shuffle.c ---- */

OskStatus osk_sqlite_shuffle(void *self, OskDay day, OskFault *fault);

/* ---- sqlite_care.c ---- */

OskStatus osk_sqlite_rename(void *self, const OskId *from, const OskId *to, bool *out,
                            OskFault *fault);
void osk_sqlite_forget(void *self);
OskStatus osk_sqlite_tidy(void *self, OskFault *fault);
OskStatus osk_sqlite_check(void *self, void (*say)(void *, const char *), void *context,
                           OskFault *fault);
OskStatus osk_sqlite_copy(void *self, const char *folder, OskFault *fault);
OskStatus osk_sqlite_hold(void *self, void **out_held, OskFault *fault);
void osk_sqlite_let_go(void **held);
/* Drops in `self` what has a tombstone in the rows of another folder, and its uploads
 * and records that the other doesn't have. */
OskStatus osk_sqlite_bury(void *self, const char *other_folder, OskFault *fault);

#endif
