/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commits of several threads in one transaction, and so one sync of the disk: each in a savepoint
 * of its own, so that one whose condition does not hold takes no other along. When the transaction
 * as a whole fails, each is tried alone, and gets its own answer. */
#include <string.h>

#include "base/fault.h"
#include "store/sqlite_rows.h"

typedef struct Job {
    OskGroupMember member;
    const OskCommitWish *wish;
    OskKeys *freed;
    /* A job of our own instead of changes. */
    int (*work)(void *context, OskConnection *connection);
    void *context;
    int code; /* SQLITE_OK: its changes stand */
    const char *what;
    bool unknown; /* it may have happened */
} Job;

static int begin(OskConnection *connection)
{
    return osk_sqlite_run(connection, "BEGIN IMMEDIATE");
}

static void roll_back(OskConnection *connection)
{
    if (!sqlite3_get_autocommit(connection->db)) {
        osk_sqlite_run(connection, "ROLLBACK");
    }
}

/* SQLITE_ROW when it is known, SQLITE_OK when it is new. */
static int note_once(OskConnection *connection, const OskId *once)
{
    static const char sql[] = "INSERT OR IGNORE INTO once(key, day) VALUES(?,?)";
    OskStatement s = osk_sqlite_statement(connection, sql);
    osk_put_bytes(&s, once, sizeof(*once));
    osk_put_int(&s, osk_store_today());
    int code = osk_statement_run(&s);
    return code == SQLITE_OK && sqlite3_changes(connection->db) == 0 ? SQLITE_ROW : code;
}

static int apply(OskConnection *connection, Job *job)
{
    if (job->work != NULL) {
        return job->work(job->context, connection);
    }
    int code = job->wish->once != NULL ? note_once(connection, job->wish->once) : SQLITE_OK;
    if (code == SQLITE_ROW) {
        return SQLITE_OK;
    }
    for (size_t i = 0; i < job->wish->count && code == SQLITE_OK; i++) {
        code = osk_sqlite_change(connection, &job->wish->changes[i], job->freed, &job->what);
    }
    return code;
}

/* False when the transaction as a whole is lost. */
static bool apply_one(OskConnection *connection, Job *job)
{
    if (osk_sqlite_run(connection, "SAVEPOINT job") != SQLITE_OK) {
        return false;
    }
    size_t freed_before = job->freed != NULL ? job->freed->count : 0;
    job->code = apply(connection, job);
    if (job->code == SQLITE_OK) {
        return osk_sqlite_run(connection, "RELEASE job") == SQLITE_OK;
    }
    if (job->freed != NULL) {
        job->freed->count = freed_before;
    }
    return (job->code & 0xff) == SQLITE_CONSTRAINT && !sqlite3_get_autocommit(connection->db) &&
           osk_sqlite_run(connection, "ROLLBACK TO job") == SQLITE_OK &&
           osk_sqlite_run(connection, "RELEASE job") == SQLITE_OK;
}

/* Of a COMMIT, whether it may have happened though it failed. Only a full disk is sure not to have
 * let it happen: what was written stays without its last frame. Before COMMIT, whatever failed has
 * not happened. */
static bool is_unsure(int code)
{
    int kind = code & 0xff;
    return kind != SQLITE_OK && kind != SQLITE_FULL && kind != SQLITE_BUSY;
}

/* What nobody knows of an earlier try stays unknown until one succeeds: a log whose last frame got
 * to the disk is played back by the next start, unless another commit was written over it. */
static void run_alone(OskConnection *connection, Job *job)
{
    if (job->freed != NULL) {
        job->freed->count = 0;
    }
    job->code = begin(connection);
    if (job->code == SQLITE_OK) {
        job->code = apply(connection, job);
    }
    if (job->code == SQLITE_OK) {
        job->code = osk_sqlite_run(connection, "COMMIT");
        job->unknown = job->unknown || is_unsure(job->code);
    }
    if (job->code != SQLITE_OK) {
        roll_back(connection);
    }
}

static bool run_together(OskConnection *connection, OskGroupMember *list)
{
    if (begin(connection) != SQLITE_OK) {
        return false;
    }
    for (OskGroupMember *at = list; at != NULL; at = at->next) {
        if (!apply_one(connection, (Job *)at)) {
            return false;
        }
    }
    int code = osk_sqlite_run(connection, "COMMIT");
    for (OskGroupMember *at = list; at != NULL; at = at->next) {
        /* One whose condition did not hold was no part of it. */
        ((Job *)at)->unknown = is_unsure(code) && ((Job *)at)->code == SQLITE_OK;
    }
    return code == SQLITE_OK;
}

static void run_group(void *context, OskGroupMember *list)
{
    OskRows *rows = context;
    if (list->next != NULL && run_together(rows->writer, list)) {
        return;
    }
    roll_back(rows->writer);
    for (; list != NULL; list = list->next) {
        run_alone(rows->writer, (Job *)list);
    }
}

OskCommit osk_sqlite_commit(void *self, const OskCommitWish *wish, OskKeys *freed, OskFault *fault)
{
    OskRows *rows = self;
    Job job = { .wish = wish, .freed = freed };
    if (rows->writer == NULL) {
        osk_fault_set(fault, OSK_MISUSE, "rows", "the store is open for reading alone",
                      OSK_NO_OFFSET);
        return OSK_COMMIT_CONFLICT;
    }
    osk_group_run(&rows->commits, &job.member, run_group, rows);
    if (job.code == SQLITE_OK) {
        return OSK_COMMIT_OK;
    }
    freed->count = 0;
    if ((job.code & 0xff) == SQLITE_CONSTRAINT) {
        osk_fault_set(fault, OSK_FOUND, "rows",
                      job.what != NULL ? job.what : "a condition does not hold", OSK_NO_OFFSET);
    } else {
        osk_sqlite_fail(fault, job.code);
    }
    return job.unknown ? OSK_COMMIT_UNKNOWN : OSK_COMMIT_CONFLICT;
}

int osk_sqlite_write(OskRows *rows, int (*work)(void *context, OskConnection *connection),
                     void *context)
{
    Job job = { .work = work, .context = context };
    if (rows->writer == NULL) {
        return SQLITE_READONLY;
    }
    osk_group_run(&rows->commits, &job.member, run_group, rows);
    return job.code;
}
