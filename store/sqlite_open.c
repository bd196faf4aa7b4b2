/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening rows.db, its tables, and the connections that read.
 *
 * Every table is WITHOUT ROWID: a hidden counter would be the order of arrival. Keys are random,
 * times are whole days, and what is deleted is overwritten (secure_delete). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "store/sqlite_rows.h"

/* "OSKS". */
#define APPLICATION_ID 0x4f534b53
#define VERSION 2
/* The one before, which had no records. */
#define VERSION_WITHOUT_RECORDS 1
/* Readers that wait for their next use; more are made when all are busy, and ended after. */
#define IDLE_MAX 8u

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

#define RECORDS_COLUMNS                                                                            \
    "records(space INTEGER, owner BLOB, id BLOB, version INTEGER, day INTEGER, flags INTEGER,"     \
    " blob BLOB, sealed_len INTEGER, bytes BLOB, PRIMARY KEY(space, owner, id)) WITHOUT ROWID;"

/* Bytes are the last column: what is before them is read without them. */
static const char records_schema[] =
    "CREATE TABLE " RECORDS_COLUMNS "CREATE INDEX records_owner ON records(owner);"
    "CREATE INDEX records_day ON records(day);"
    "CREATE INDEX records_blob ON records(blob, sealed_len) WHERE blob IS NOT NULL;"
    "PRAGMA user_version=" TEXT(VERSION) ";";

/* For each connection to a store of the version before that is not ours to change: as if it had an
 * empty table of records. */
static const char no_records[] = "CREATE TEMP TABLE " RECORDS_COLUMNS;

static const char schema[] =
    "CREATE TABLE uploads(id BLOB PRIMARY KEY, lookup BLOB NOT NULL UNIQUE, draft BLOB,"
    " declared INTEGER, offset INTEGER, flags INTEGER, segments INTEGER, expires INTEGER,"
    " category TEXT, wrapped BLOB, draft_box BLOB) WITHOUT ROWID;"
    "CREATE INDEX uploads_draft ON uploads(draft) WHERE draft IS NOT NULL;"
    "CREATE INDEX uploads_expires ON uploads(expires);"
    "CREATE TABLE segments(owner BLOB, number INTEGER, blob BLOB NOT NULL UNIQUE,"
    " plain_len INTEGER, sealed_len INTEGER, PRIMARY KEY(owner, number)) WITHOUT ROWID;"
    "CREATE TABLE submissions(id BLOB PRIMARY KEY, day INTEGER, state INTEGER,"
    " receipt BLOB UNIQUE, reply_key BLOB, files INTEGER, category TEXT, manifest BLOB)"
    " WITHOUT ROWID;"
    "CREATE INDEX submissions_day ON submissions(day, id);"
    "CREATE TABLE files(id BLOB PRIMARY KEY, submission BLOB NOT NULL, number INTEGER,"
    " flags INTEGER, digest BLOB, same_as BLOB, segments INTEGER, sealed_len INTEGER,"
    " UNIQUE(submission, number)) WITHOUT ROWID;"
    "CREATE INDEX files_digest ON files(digest) WHERE digest IS NOT NULL;"
    "CREATE INDEX files_same ON files(same_as) WHERE same_as IS NOT NULL;"
    "CREATE TABLE messages(submission BLOB, number INTEGER, from_desk INTEGER, day INTEGER,"
    " sealed BLOB, PRIMARY KEY(submission, number)) WITHOUT ROWID;"
    "CREATE TABLE settings(name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;"
    "CREATE TABLE tombstones(id BLOB PRIMARY KEY, day INTEGER) WITHOUT ROWID;"
    "CREATE TABLE once(key BLOB PRIMARY KEY, day INTEGER) WITHOUT ROWID;"
    "PRAGMA application_id=" TEXT(APPLICATION_ID) ";";

/* A failed read of mapped memory would end the process, so nothing is mapped; temporary tables hold
 * rows, so they never get to a disk. */
static const char manners[] =
    "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;"
    "PRAGMA mmap_size=0; PRAGMA trusted_schema=OFF; PRAGMA cache_size=-1024;"
    "PRAGMA foreign_keys=OFF; PRAGMA journal_size_limit=8388608;";

OskStatus osk_sqlite_fail(OskFault *fault, int code)
{
    switch (code & 0xff) {
    case SQLITE_FULL: return osk_store_fail(fault, "rows", ENOSPC);
    case SQLITE_NOMEM: return osk_store_fail(fault, "rows", ENOMEM);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        osk_fault_set(fault, OSK_LIMIT, "rows", "another program is writing to the store",
                      OSK_NO_OFFSET);
        osk_fault_next(fault, "try again in a moment");
        return OSK_LIMIT;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        osk_fault_set(fault, OSK_IO, "rows", "the store's rows are damaged", OSK_NO_OFFSET);
        osk_fault_next(fault, "restore the newest backup: oilskin store restore BACKUP DIR");
        return OSK_IO;
    case SQLITE_CANTOPEN:
        osk_fault_set(fault, OSK_IO, "rows", "the store's rows can't be opened", OSK_NO_OFFSET);
        osk_fault_next(fault, "name a folder that holds a store, and run this as its owner");
        return OSK_IO;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        osk_fault_set(fault, OSK_IO, "rows", "the store's rows can't be written", OSK_NO_OFFSET);
        osk_fault_next(fault, "run this as the owner of the folder");
        return OSK_IO;
    case SQLITE_MISUSE:
        return osk_fault_set(fault, OSK_BUG, "rows", "a statement is wrong", OSK_NO_OFFSET);
    default:
        osk_fault_set(fault, OSK_IO, "rows", "the disk could not read or write the rows",
                      OSK_NO_OFFSET);
        osk_fault_next(fault, "look at the disk's health, then run: oilskin store check DIR");
        return OSK_IO;
    }
}

void osk_sqlite_disconnect(OskConnection *connection)
{
    if (connection == NULL) {
        return;
    }
    for (size_t i = 0; i < connection->kept_count; i++) {
        sqlite3_finalize(connection->kept[i].statement);
    }
    sqlite3_close(connection->db);
    free(connection);
}

void osk_sqlite_make_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) {
        close(fd);
    }
}

static int open_file(OskConnection *connection, const OskRows *rows, bool create)
{
    char *path = NULL;
    if (asprintf(&path, "%s/rows.db", rows->folder) < 0) {
        return SQLITE_NOMEM;
    }
    if (create) {
        osk_sqlite_make_file(path);
    }
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (create ? SQLITE_OPEN_CREATE : 0);
    int code = sqlite3_open_v2(path, &connection->db, flags, NULL);
    free(path);
    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(connection->db, 1);
        sqlite3_busy_timeout(connection->db, (int)rows->busy_ms);
        code = sqlite3_exec(connection->db, manners, NULL, NULL, NULL);
    }
    if (code == SQLITE_OK && rows->is_old) {
        code = sqlite3_exec(connection->db, no_records, NULL, NULL, NULL);
    }
    return code;
}

static OskConnection *connect_file(const OskRows *rows, bool create, OskFault *fault)
{
    OskConnection *connection = calloc(1, sizeof(*connection));
    int code = connection == NULL ? SQLITE_NOMEM : open_file(connection, rows, create);
    if (code != SQLITE_OK) {
        osk_sqlite_fail(fault, code);
        osk_sqlite_disconnect(connection);
        return NULL;
    }
    return connection;
}

OskConnection *osk_sqlite_connect(const OskRows *rows, OskFault *fault)
{
    return connect_file(rows, false, fault);
}

OskConnection *osk_sqlite_lend(OskRows *rows, OskFault *fault)
{
    pthread_mutex_lock(&rows->lock);
    OskConnection *found = rows->idle;
    if (found != NULL) {
        rows->idle = found->next;
        rows->idle_count--;
    }
    pthread_mutex_unlock(&rows->lock);
    if (found != NULL) {
        return found;
    }
    found = osk_sqlite_connect(rows, fault);
    if (found != NULL) {
        sqlite3_exec(found->db, "PRAGMA query_only=ON", NULL, NULL, NULL);
    }
    return found;
}

void osk_sqlite_return(OskRows *rows, OskConnection *connection)
{
    pthread_mutex_lock(&rows->lock);
    bool keeps = rows->idle_count < IDLE_MAX;
    if (keeps) {
        connection->next = rows->idle;
        rows->idle = connection;
        rows->idle_count++;
    }
    pthread_mutex_unlock(&rows->lock);
    if (!keeps) {
        osk_sqlite_disconnect(connection);
    }
}

static int pragma_int(OskConnection *connection, const char *sql, int64_t *out)
{
    OskStatement s = osk_sqlite_statement(connection, sql);
    int code = osk_statement_step(&s);
    if (code == SQLITE_ROW) {
        *out = osk_take_int(&s);
        code = SQLITE_OK;
    }
    osk_statement_end(&s);
    return code;
}

/* In one transaction, so that a stop in between leaves what was there before. */
static int run_at_once(OskConnection *connection, const char *first, const char *second)
{
    int code = sqlite3_exec(connection->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_exec(connection->db, first, NULL, NULL, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_exec(connection->db, second, NULL, NULL, NULL);
    }
    return code == SQLITE_OK ? sqlite3_exec(connection->db, "COMMIT", NULL, NULL, NULL) : code;
}

/* WAL stands in the file; an empty file is made anew. */
static int make_tables(OskConnection *connection)
{
    int code = sqlite3_exec(connection->db, "PRAGMA page_size=4096; PRAGMA journal_mode=WAL", NULL,
                            NULL, NULL);
    return code == SQLITE_OK ? run_at_once(connection, schema, records_schema) : code;
}

/* Only the server brings rows up to date, and it is alone then: who reads, and who works beside a
 * server that is older, leaves them as they are. */
static int bring_up(OskRows *rows, OskConnection *connection, const OskStoreOptions *options)
{
    if (!options->read_only && !options->beside) {
        return run_at_once(connection, records_schema, "");
    }
    rows->is_old = true;
    return sqlite3_exec(connection->db, no_records, NULL, NULL, NULL);
}

static OskStatus look_at_tables(OskRows *rows, OskConnection *connection,
                                const OskStoreOptions *options, OskFault *fault)
{
    int64_t application = 0;
    int64_t version = 0;
    int code = pragma_int(connection, "PRAGMA application_id", &application);
    if (code == SQLITE_OK) {
        code = pragma_int(connection, "PRAGMA user_version", &version);
    }
    if (code == SQLITE_OK && application == 0 && version == 0 && options->create) {
        code = make_tables(connection);
        application = APPLICATION_ID;
        version = VERSION;
    }
    if (code == SQLITE_OK && application == APPLICATION_ID && version == VERSION_WITHOUT_RECORDS) {
        code = bring_up(rows, connection, options);
        version = VERSION;
    }
    if (code != SQLITE_OK) {
        return osk_sqlite_fail(fault, code);
    }
    if (application != APPLICATION_ID || version != VERSION) {
        osk_fault_set(fault, OSK_UNSUPPORTED, "rows",
                      "the rows are of a version that this program doesn't know", OSK_NO_OFFSET);
        osk_fault_next(fault, "use the program that made this store, or a newer one");
        return OSK_UNSUPPORTED;
    }
    return OSK_OK;
}

OskStatus osk_sqlite_open(void **out_self, const char *folder, const OskStoreOptions *options,
                          OskFault *fault)
{
    OskRows *rows = calloc(1, sizeof(*rows));
    if (rows == NULL || (rows->folder = strdup(folder)) == NULL ||
        !osk_group_open(&rows->commits)) {
        free(rows == NULL ? NULL : rows->folder);
        free(rows);
        return osk_store_fail(fault, "rows", ENOMEM);
    }
    pthread_mutex_init(&rows->lock, NULL);
    rows->read_only = options->read_only;
    rows->busy_ms = options->busy_ms != 0 ? options->busy_ms : 5000;
    OskConnection *connection = connect_file(rows, options->create, fault);
    OskStatus status =
        connection == NULL ? OSK_IO : look_at_tables(rows, connection, options, fault);
    if (status == OSK_OK && !rows->read_only) {
        sqlite3_exec(connection->db, "PRAGMA cache_size=-8192", NULL, NULL, NULL);
        rows->writer = connection;
    } else {
        osk_sqlite_disconnect(connection);
    }
    if (status != OSK_OK) {
        osk_sqlite_close(rows);
        return status;
    }
    *out_self = rows;
    return OSK_OK;
}

void osk_sqlite_close(void *self)
{
    OskRows *rows = self;
    while (rows->idle != NULL) {
        OskConnection *next = rows->idle->next;
        osk_sqlite_disconnect(rows->idle);
        rows->idle = next;
    }
    osk_sqlite_disconnect(rows->writer);
    osk_group_close(&rows->commits);
    pthread_mutex_destroy(&rows->lock);
    free(rows->folder);
    free(rows);
}

const OskRowsBackend osk_sqlite_rows = {
    .commit = osk_sqlite_commit,
    .upload = osk_sqlite_upload,
    .submission = osk_sqlite_submission,
    .setting = osk_sqlite_setting,
    .segments = osk_sqlite_segments,
    .files = osk_sqlite_files,
    .messages = osk_sqlite_messages,
    .uploads = osk_sqlite_uploads,
    .submissions = osk_sqlite_submissions,
    .record = osk_sqlite_record,
    .records = osk_sqlite_records,
    .counts = osk_sqlite_counts,
    .names = osk_sqlite_names,
    .blobs = osk_sqlite_blobs,
    .rename = osk_sqlite_rename,
    .shuffle = osk_sqlite_shuffle,
    .forget = osk_sqlite_forget,
    .tidy = osk_sqlite_tidy,
    .check = osk_sqlite_check,
    .copy = osk_sqlite_copy,
    .hold = osk_sqlite_hold,
    .let_go = osk_sqlite_let_go,
    .close = osk_sqlite_close,
};
