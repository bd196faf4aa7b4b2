/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done to rows now and then: checking, copying, forgetting the order in which they came. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "store/sqlite_rows.h"

/* Days for which an idempotency key is known. */
#define ONCE_DAYS 2

/* ---- blobs under new names ---- */

typedef struct Rename {
    const OskId *from;
    const OskId *to;
    bool found;
} Rename;

static int rename_blob(void *context, OskConnection *connection)
{
    Rename *job = context;
    OskStatement s = osk_sqlite_statement(connection, "UPDATE segments SET blob=? WHERE blob=?");
    osk_put_bytes(&s, job->to, sizeof(*job->to));
    osk_put_bytes(&s, job->from, sizeof(*job->from));
    int code = osk_statement_run(&s);
    job->found = code == SQLITE_OK && sqlite3_changes(connection->db) > 0;
    return code == SQLITE_OK ? osk_sqlite_record_rename(connection, job->from, job->to, &job->found)
                             : code;
}

OskStatus osk_sqlite_rename(void *self, const OskId *from, const OskId *to, bool *out,
                            OskFault *fault)
{
    Rename job = { .from = from, .to = to };
    int code = osk_sqlite_write(self, rename_blob, &job);
    *out = job.found;
    return code == SQLITE_OK ? OSK_OK : osk_sqlite_fail(fault, code);
}

/* ---- what is forgotten ---- */

static int run_day(OskConnection *connection, const char *sql, OskDay day)
{
    OskStatement s = osk_sqlite_statement(connection, sql);
    osk_put_int(&s, day);
    return osk_statement_run(&s);
}

/* What was overwritten is still in the write-ahead log until that starts anew. */
void osk_sqlite_forget(void *self)
{
    OskRows *rows = self;
    OskFault none = { .status = OSK_OK };
    OskConnection *connection = osk_sqlite_connect(rows, &none);
    if (connection != NULL) {
        sqlite3_wal_checkpoint_v2(connection->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        osk_sqlite_disconnect(connection);
    }
}

/* Earlier versions kept the key of the digests beside them: who has both can try whether a file
 * that they have was sent. A backup that is restored may bring them back. */
static int forget_digests(OskConnection *connection)
{
    static const char sql[] = "UPDATE files SET digest=NULL WHERE digest IS NOT NULL AND EXISTS"
                              " (SELECT 1 FROM settings WHERE name='digest key')";
    int code = osk_sqlite_run(connection, sql);
    return code == SQLITE_OK
               ? osk_sqlite_run(connection, "DELETE FROM settings WHERE name='digest key'")
               : code;
}

static int forget(void *context, OskConnection *connection)
{
    (void)context;
    int code = run_day(connection, "DELETE FROM once WHERE day < ?", osk_store_today() - ONCE_DAYS);
    return code == SQLITE_OK ? forget_digests(connection) : code;
}

OskStatus osk_sqlite_tidy(void *self, OskFault *fault)
{
    int code = osk_sqlite_write(self, forget, NULL);
    if (code != SQLITE_OK) {
        return osk_sqlite_fail(fault, code);
    }
    osk_sqlite_forget(self);
    return OSK_OK;
}

/* ---- check ---- */

/* Each asks for rows that contradict others. */
static const struct {
    const char *sql;
    const char *what;
} doubts[] = {
    { "SELECT 1 FROM files WHERE submission NOT IN (SELECT id FROM submissions)",
      "a file belongs to no submission" },
    { "SELECT 1 FROM messages WHERE submission NOT IN (SELECT id FROM submissions)",
      "a message belongs to no submission" },
    { "SELECT 1 FROM segments WHERE owner NOT IN (SELECT id FROM uploads) AND owner NOT IN"
      " (SELECT id FROM files)",
      "a segment belongs to no upload and to no file" },
    { "SELECT 1 FROM files WHERE same_as IS NOT NULL AND same_as NOT IN"
      " (SELECT id FROM files WHERE same_as IS NULL)",
      "a file refers to bytes that are not there" },
    { "SELECT 1 FROM files WHERE same_as IS NULL AND segments <>"
      " (SELECT COUNT(*) FROM segments WHERE owner=files.id)",
      "a file lacks segments" },
    { "SELECT 1 FROM uploads WHERE segments <>"
      " (SELECT COUNT(*) FROM segments WHERE owner=uploads.id)",
      "an upload lacks segments" },
    { "SELECT 1 FROM uploads WHERE offset <>"
      " (SELECT COALESCE(SUM(plain_len), 0) FROM segments WHERE owner=uploads.id)",
      "an upload's offset is not the sum of its segments" },
    { "SELECT 1 FROM segments GROUP BY owner HAVING MIN(number) <> 0 OR MAX(number) <> COUNT(*)-1",
      "segments are not numbered from 0 without gaps" },
    { "SELECT 1 FROM records WHERE owner <> zeroblob(16) AND owner NOT IN (SELECT id FROM files)"
      " AND owner NOT IN (SELECT id FROM submissions)",
      "a record belongs to nothing" },
    { "SELECT 1 FROM records WHERE blob IS NOT NULL AND blob IN (SELECT blob FROM segments)",
      "a record has the blob of a segment" },
    { "SELECT 1 FROM records WHERE blob IS NOT NULL GROUP BY blob HAVING COUNT(*) > 1",
      "two records have one blob" },
    { "SELECT 1 FROM records WHERE space=13 AND id NOT IN (SELECT blob FROM segments) AND id NOT IN"
      " (SELECT blob FROM records WHERE blob IS NOT NULL)",
      "a header belongs to no blob" },
};

static int check_database(OskConnection *connection, void (*say)(void *, const char *),
                          void *context, bool *found)
{
    OskStatement s = osk_sqlite_statement(connection, "PRAGMA integrity_check(1)");
    char answer[8];
    int code = osk_statement_step(&s);
    if (code == SQLITE_ROW) {
        osk_take_text(&s, answer, sizeof(answer));
        if (strcmp(answer, "ok") != 0) {
            *found = true;
            say(context, "the database says that its pages are damaged");
        }
    }
    osk_statement_end(&s);
    return code;
}

OskStatus osk_sqlite_check(void *self, void (*say)(void *, const char *), void *context,
                           OskFault *fault)
{
    OskConnection *connection = osk_sqlite_connect(self, fault);
    bool found = false;
    if (connection == NULL) {
        return OSK_IO;
    }
    int code = check_database(connection, say, context, &found);
    for (size_t i = 0; i < sizeof(doubts) / sizeof(doubts[0]); i++) {
        OskStatement s = osk_sqlite_statement(connection, doubts[i].sql);
        if (code == SQLITE_ROW || code == SQLITE_DONE) {
            code = osk_statement_step(&s);
        }
        if (code == SQLITE_ROW) {
            found = true;
            say(context, doubts[i].what);
        }
        osk_statement_end(&s);
    }
    osk_sqlite_disconnect(connection);
    if ((code & 0xff) == SQLITE_CORRUPT) {
        say(context, "the database says that its pages are damaged");
        return OSK_FOUND;
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        return osk_sqlite_fail(fault, code);
    }
    return found ? OSK_FOUND : OSK_OK;
}

/* ---- copies ---- */

static int copy_pages(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (backup == NULL) {
        return sqlite3_errcode(to);
    }
    /* All at once: one snapshot, which writers don't disturb. */
    sqlite3_backup_step(backup, -1);
    int code = sqlite3_backup_finish(backup);
    /* Out of the write-ahead log, so that one file is all of it. */
    return code == SQLITE_OK
               ? sqlite3_exec(to, "PRAGMA journal_mode=DELETE; PRAGMA journal_mode=WAL;", NULL,
                              NULL, NULL)
               : code;
}

OskStatus osk_sqlite_copy(void *self, const char *folder, OskFault *fault)
{
    char *path = NULL;
    sqlite3 *to = NULL;
    OskConnection *from = osk_sqlite_connect(self, fault);
    if (from == NULL) {
        return OSK_IO;
    }
    int code = asprintf(&path, "%s/rows.db", folder) < 0 ? SQLITE_NOMEM : SQLITE_OK;
    if (code == SQLITE_OK) {
        osk_sqlite_make_file(path);
        code = sqlite3_open_v2(
            path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
        free(path);
    }
    if (code == SQLITE_OK) {
        code =
            sqlite3_exec(to, "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON", NULL, NULL, NULL);
    }
    code = code == SQLITE_OK ? copy_pages(from->db, to) : code;
    sqlite3_close(to);
    osk_sqlite_disconnect(from);
    return code == SQLITE_OK ? OSK_OK : osk_sqlite_fail(fault, code);
}

OskStatus osk_sqlite_hold(void *self, void **out_held, OskFault *fault)
{
    *out_held = NULL;
    OskConnection *connection = osk_sqlite_connect(self, fault);
    if (connection == NULL) {
        return OSK_IO;
    }
    int code = osk_sqlite_run(connection, "BEGIN IMMEDIATE");
    if (code != SQLITE_OK) {
        osk_sqlite_disconnect(connection);
        return osk_sqlite_fail(fault, code);
    }
    *out_held = connection;
    return OSK_OK;
}

void osk_sqlite_let_go(void **held)
{
    OskConnection *connection = *held;
    if (connection != NULL) {
        osk_sqlite_run(connection, "ROLLBACK");
        osk_sqlite_disconnect(connection);
    }
    *held = NULL;
}

/* ---- what was deleted since ---- */

typedef struct Bury {
    const char *other;
    OskKeys freed;
} Bury;

static int drop_each(OskConnection *connection, const char *sql, OskRowChange kind, Bury *job)
{
    OskKeys ids = { .at = NULL };
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(connection->db, sql, -1, &statement, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        OskId id;
        const void *bytes = sqlite3_column_blob(statement, 0);
        code = SQLITE_OK;
        if (bytes != NULL && sqlite3_column_bytes(statement, 0) == (int)sizeof(id)) {
            memcpy(&id, bytes, sizeof(id));
            code = osk_keys_add(&ids, &id) ? SQLITE_OK : SQLITE_NOMEM;
        }
    }
    sqlite3_finalize(statement);
    code = code == SQLITE_DONE ? SQLITE_OK : code;
    const char *what = NULL;
    for (size_t i = 0; i < ids.count && code == SQLITE_OK; i++) {
        OskChange change = { .kind = kind, .row.id = ids.at[i], .overwrite = true };
        code = osk_sqlite_change(connection, &change, &job->freed, &what);
    }
    osk_keys_free(&ids);
    return code;
}

/* What was taken from the public there does not come back to it: a copy that was withdrawn is the
 * row that says so, whose blob nobody names any more; what was hidden and which links were ended
 * stay so (published.h). */
static int hide_records(OskConnection *connection)
{
    static const char sql[] =
        "INSERT OR REPLACE INTO records(space, owner, id, version, day, flags, blob, sealed_len,"
        " bytes) SELECT o.space, o.owner, o.id, o.version, o.day, o.flags, o.blob, o.sealed_len,"
        " o.bytes FROM other.records AS o, records AS r WHERE o.space=19 AND o.flags=5"
        " AND r.space=19 AND r.owner=o.owner AND r.id=o.id AND r.flags<>5;"
        "UPDATE records SET flags=4, version=version+1 WHERE space=19 AND flags IN (2, 3)"
        " AND id IN (SELECT id FROM other.records WHERE space=19 AND flags=4);"
        "UPDATE records SET flags=2, version=version+1 WHERE space=20 AND flags=1"
        " AND id IN (SELECT id FROM other.records WHERE space=20 AND flags=2);"
        "UPDATE records SET flags=flags|4, version=version+1 WHERE space=21 AND flags&4=0"
        " AND id IN (SELECT id FROM other.records WHERE space=21 AND flags&4<>0)";
    return sqlite3_exec(connection->db, sql, NULL, NULL, NULL);
}

/* Records that the other one doesn't have, a reviewer among them, were dropped. Headers may only
 * have another name there: a shuffle gave it to their blob. */
static int drop_records(OskConnection *connection)
{
    static const char sql[] =
        "DELETE FROM records WHERE space <> 13 AND NOT EXISTS (SELECT 1 FROM other.records AS o"
        " WHERE o.space=records.space AND o.owner=records.owner AND o.id=records.id)";
    OskStatement s =
        osk_sqlite_statement(connection, "SELECT 1 FROM other.sqlite_master WHERE name='records'");
    int code = osk_statement_step(&s);
    osk_statement_end(&s);
    if (code == SQLITE_DONE) {
        return SQLITE_OK; /* the other one is of a version before */
    }
    code = code == SQLITE_ROW ? sqlite3_exec(connection->db, sql, NULL, NULL, NULL) : code;
    return code == SQLITE_OK ? hide_records(connection) : code;
}

static int bury_all(void *context, OskConnection *connection)
{
    Bury *job = context;
    /* Without a day: when it was deleted stands in the other store, until that is gone. */
    int code = drop_each(connection,
                         "SELECT id FROM submissions WHERE id IN (SELECT id FROM other.tombstones)",
                         OSK_ROW_SUBMISSION_DROP, job);
    if (code == SQLITE_OK) {
        code = drop_each(connection,
                         "SELECT id FROM files WHERE id IN (SELECT id FROM other.tombstones)",
                         OSK_ROW_FILE_DROP, job);
    }
    if (code == SQLITE_OK) {
        /* Ended by its sender, or part of a submission, which may be deleted by now. */
        code = drop_each(connection,
                         "SELECT id FROM uploads WHERE id NOT IN (SELECT id FROM other.uploads)",
                         OSK_ROW_UPLOAD_DROP, job);
    }
    code = code == SQLITE_OK ? drop_records(connection) : code;
    if (code == SQLITE_OK) {
        code = sqlite3_exec(connection->db,
                            "INSERT OR IGNORE INTO tombstones SELECT * FROM other.tombstones", NULL,
                            NULL, NULL);
    }
    return code;
}

/* The other folder's rows beside ours, under the name "other". */
static int attach(OskConnection *connection, const char *other_folder)
{
    sqlite3_stmt *statement = NULL;
    char *path = NULL;
    if (asprintf(&path, "%s/rows.db", other_folder) < 0) {
        return SQLITE_NOMEM;
    }
    int code =
        sqlite3_prepare_v2(connection->db, "ATTACH DATABASE ? AS other", -1, &statement, NULL);
    if (code == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
        code = sqlite3_step(statement);
        code = code == SQLITE_DONE ? SQLITE_OK : code;
    }
    sqlite3_finalize(statement);
    free(path);
    return code;
}

OskStatus osk_sqlite_bury(void *self, const char *other_folder, OskFault *fault)
{
    OskRows *rows = self;
    Bury job = { .other = other_folder };
    int code = attach(rows->writer, other_folder);
    if (code == SQLITE_OK) {
        code = osk_sqlite_write(rows, bury_all, &job);
        sqlite3_exec(rows->writer->db, "DETACH DATABASE other", NULL, NULL, NULL);
    }
    osk_keys_free(&job.freed);
    return code == SQLITE_OK ? OSK_OK : osk_sqlite_fail(fault, code);
}
