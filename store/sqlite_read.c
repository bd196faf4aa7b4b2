/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads: each lends a connection for its own time, so that they neither wait for commits nor for
 * each other. */
#include <string.h>

#include "base/fault.h"
#include "store/sqlite_rows.h"

/* A statement with the connection that was lent for it. */
typedef struct Query {
    OskRows *rows;
    OskConnection *connection;
    OskStatement s;
} Query;

/* False with the fault set. */
static bool query_begin(Query *query, OskRows *rows, const char *sql, OskFault *fault)
{
    query->rows = rows;
    query->connection = osk_sqlite_lend(rows, fault);
    if (query->connection == NULL) {
        return false;
    }
    query->s = osk_sqlite_statement(query->connection, sql);
    return true;
}

/* `code` is what the last step said. */
static OskStatus query_end(Query *query, int code, OskFault *fault)
{
    OskStatus status = OSK_OK;
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        status = osk_sqlite_fail(fault, code);
    } else if (query->s.code != SQLITE_OK) {
        status = osk_sqlite_fail(fault, query->s.code);
    }
    osk_statement_end(&query->s);
    osk_sqlite_return(query->rows, query->connection);
    return status;
}

/* For reads of one row. */
static bool query_one(Query *query, int code, OskFault *fault)
{
    bool found = code == SQLITE_ROW && query->s.code == SQLITE_OK;
    OskStatus status = query_end(query, code, fault);
    if (status == OSK_OK && fault != NULL) {
        *fault = (OskFault){ .status = OSK_OK };
    }
    return found && status == OSK_OK;
}

/* ---- one row ---- */

#define UPLOAD_COLUMNS                                                                             \
    "id, lookup, draft, declared, offset, flags, segments, expires, category, wrapped, draft_box"

static void take_upload(OskStatement *s, OskUploadRow *out)
{
    osk_take_key(s, &out->id, sizeof(out->id));
    osk_take_key(s, &out->lookup, sizeof(out->lookup));
    osk_take_key(s, &out->draft, sizeof(out->draft));
    out->declared_len = (uint64_t)osk_take_int(s);
    out->offset = (uint64_t)osk_take_int(s);
    out->flags = (uint32_t)osk_take_int(s);
    out->segment_count = (uint32_t)osk_take_int(s);
    out->expires = (OskDay)osk_take_int(s);
    osk_take_text(s, out->category, sizeof(out->category));
    osk_take_bytes(s, &out->wrapped);
    osk_take_bytes(s, &out->draft_box);
}

bool osk_sqlite_upload(void *self, const OskLookup *lookup, OskUploadRow *out, OskFault *fault)
{
    Query query;
    *out = (OskUploadRow){ .flags = 0 };
    if (!query_begin(&query, self, "SELECT " UPLOAD_COLUMNS " FROM uploads WHERE lookup=?",
                     fault)) {
        return false;
    }
    osk_put_bytes(&query.s, lookup, sizeof(*lookup));
    int code = osk_statement_step(&query.s);
    if (code == SQLITE_ROW) {
        take_upload(&query.s, out);
    }
    bool found = query_one(&query, code, fault);
    if (!found) {
        osk_upload_row_free(out);
    }
    return found;
}

#define SUBMISSION_COLUMNS "id, day, state, receipt, reply_key, files, category, manifest"

static void take_submission(OskStatement *s, OskSubmissionRow *out)
{
    osk_take_key(s, &out->id, sizeof(out->id));
    out->day = (OskDay)osk_take_int(s);
    out->state = (OskSubmissionState)osk_take_int(s);
    osk_take_key(s, &out->receipt, sizeof(out->receipt));
    osk_take_key(s, out->reply_key, sizeof(out->reply_key));
    out->file_count = (uint32_t)osk_take_int(s);
    osk_take_text(s, out->category, sizeof(out->category));
    osk_take_bytes(s, &out->manifest);
}

bool osk_sqlite_submission(void *self, const OskId *id, const OskLookup *receipt,
                           OskSubmissionRow *out, OskFault *fault)
{
    static const char by_id[] = "SELECT " SUBMISSION_COLUMNS " FROM submissions WHERE id=?";
    static const char by_receipt[] =
        "SELECT " SUBMISSION_COLUMNS " FROM submissions WHERE receipt=?";
    Query query;
    *out = (OskSubmissionRow){ .day = 0 };
    if (!query_begin(&query, self, id != NULL ? by_id : by_receipt, fault)) {
        return false;
    }
    if (id != NULL) {
        osk_put_bytes(&query.s, id, sizeof(*id));
    } else {
        /* Zeros are nobody's receipt, and equal no NULL. */
        osk_put_key(&query.s, receipt, sizeof(*receipt));
    }
    int code = osk_statement_step(&query.s);
    if (code == SQLITE_ROW) {
        take_submission(&query.s, out);
    }
    bool found = query_one(&query, code, fault);
    if (!found) {
        osk_submission_row_free(out);
    }
    return found;
}

bool osk_sqlite_setting(void *self, const char *name, OskBytes *out, OskFault *fault)
{
    Query query;
    *out = (OskBytes){ .bytes = NULL };
    if (!query_begin(&query, self, "SELECT value FROM settings WHERE name=?", fault)) {
        return false;
    }
    osk_put_text(&query.s, name);
    int code = osk_statement_step(&query.s);
    if (code == SQLITE_ROW) {
        osk_take_bytes(&query.s, out);
    }
    bool found = query_one(&query, code, fault);
    if (!found) {
        osk_bytes_clear(out);
    }
    return found;
}

/* ---- many rows ---- */

OskStatus osk_sqlite_segments(void *self, const OskId *owner,
                              bool (*each)(void *, const OskSegmentRow *), void *context,
                              OskFault *fault)
{
    static const char sql[] = "SELECT owner, number, blob, plain_len, sealed_len FROM segments"
                              " WHERE owner=? ORDER BY number";
    Query query;
    OskSegmentRow row;
    int code;
    if (!query_begin(&query, self, sql, fault)) {
        return OSK_IO;
    }
    osk_put_bytes(&query.s, owner, sizeof(*owner));
    while ((code = osk_statement_step(&query.s)) == SQLITE_ROW) {
        osk_take_key(&query.s, &row.owner, sizeof(row.owner));
        row.number = (uint32_t)osk_take_int(&query.s);
        osk_take_key(&query.s, &row.blob, sizeof(row.blob));
        row.plain_len = (uint64_t)osk_take_int(&query.s);
        row.sealed_len = (uint64_t)osk_take_int(&query.s);
        if (!each(context, &row)) {
            break;
        }
    }
    return query_end(&query, code, fault);
}

#define FILE_COLUMNS "id, submission, number, flags, digest, same_as, segments, sealed_len"

OskStatus osk_sqlite_files(void *self, const OskRowsWish *wish,
                           bool (*each)(void *, const OskFileRow *), void *context, OskFault *fault)
{
    static const char of_one[] =
        "SELECT " FILE_COLUMNS " FROM files WHERE submission=? ORDER BY number";
    static const char of_digest[] = "SELECT " FILE_COLUMNS " FROM files WHERE digest=? ORDER BY id";
    Query query;
    OskFileRow row;
    int code;
    if (!query_begin(&query, self, wish->submission != NULL ? of_one : of_digest, fault)) {
        return OSK_IO;
    }
    if (wish->submission != NULL) {
        osk_put_bytes(&query.s, wish->submission, sizeof(*wish->submission));
    } else {
        osk_put_key(&query.s, wish->digest, sizeof(row.digest));
    }
    while ((code = osk_statement_step(&query.s)) == SQLITE_ROW) {
        osk_take_key(&query.s, &row.id, sizeof(row.id));
        osk_take_key(&query.s, &row.submission, sizeof(row.submission));
        row.number = (uint32_t)osk_take_int(&query.s);
        row.flags = (uint32_t)osk_take_int(&query.s);
        osk_take_key(&query.s, row.digest, sizeof(row.digest));
        osk_take_key(&query.s, &row.same_as, sizeof(row.same_as));
        row.segment_count = (uint32_t)osk_take_int(&query.s);
        row.sealed_len = (uint64_t)osk_take_int(&query.s);
        if (!each(context, &row)) {
            break;
        }
    }
    return query_end(&query, code, fault);
}

OskStatus osk_sqlite_messages(void *self, const OskMessageQuery *wish,
                              bool (*each)(void *, const OskMessageRow *), void *context,
                              OskFault *fault)
{
    static const char sql[] = "SELECT submission, number, from_desk, day, sealed FROM messages"
                              " WHERE submission=? AND number>=? ORDER BY number";
    Query query;
    OskMessageRow row;
    int code;
    if (!query_begin(&query, self, sql, fault)) {
        return OSK_IO;
    }
    osk_put_bytes(&query.s, wish->submission, sizeof(*wish->submission));
    osk_put_int(&query.s, wish->first);
    bool goes_on = true;
    while (goes_on && (code = osk_statement_step(&query.s)) == SQLITE_ROW) {
        osk_take_key(&query.s, &row.submission, sizeof(row.submission));
        row.number = (uint32_t)osk_take_int(&query.s);
        row.from_desk = osk_take_int(&query.s) != 0;
        row.day = (OskDay)osk_take_int(&query.s);
        osk_take_bytes(&query.s, &row.sealed);
        goes_on = query.s.code == SQLITE_OK && each(context, &row);
        osk_bytes_clear(&row.sealed);
    }
    return query_end(&query, code, fault);
}

OskStatus osk_sqlite_uploads(void *self, const OskRowsWish *wish,
                             bool (*each)(void *, const OskUploadRow *), void *context,
                             OskFault *fault)
{
    static const char of_draft[] =
        "SELECT " UPLOAD_COLUMNS " FROM uploads WHERE draft=? ORDER BY id";
    static const char old[] = "SELECT " UPLOAD_COLUMNS " FROM uploads WHERE expires<? ORDER BY id";
    Query query;
    int code;
    if (!query_begin(&query, self, wish->draft != NULL ? of_draft : old, fault)) {
        return OSK_IO;
    }
    if (wish->draft != NULL) {
        osk_put_key(&query.s, wish->draft, sizeof(*wish->draft));
    } else {
        osk_put_int(&query.s, wish->before);
    }
    bool goes_on = true;
    while (goes_on && (code = osk_statement_step(&query.s)) == SQLITE_ROW) {
        OskUploadRow row = { .flags = 0 };
        take_upload(&query.s, &row);
        goes_on = query.s.code == SQLITE_OK && each(context, &row);
        osk_upload_row_free(&row);
    }
    return query_end(&query, code, fault);
}

OskStatus osk_sqlite_submissions(void *self, const OskSubmissionQuery *wish,
                                 bool (*each)(void *, const OskSubmissionRow *), void *context,
                                 OskFault *fault)
{
    /* Newest day first; within it by id, which is random. */
    static const char sql[] =
        "SELECT " SUBMISSION_COLUMNS " FROM submissions WHERE day BETWEEN ?1 AND ?2"
        " AND (?3 < 0 OR state=?3) AND (?4 IS NULL OR category=?4)"
        " AND (?5 IS NULL OR day < ?6 OR (day = ?6 AND id < ?5))"
        " ORDER BY day DESC, id DESC LIMIT ?7";
    Query query;
    int code;
    if (!query_begin(&query, self, sql, fault)) {
        return OSK_IO;
    }
    osk_put_int(&query.s, wish->first);
    osk_put_int(&query.s, wish->last);
    osk_put_int(&query.s, wish->state);
    osk_put_text(&query.s, wish->category);
    osk_put_key(&query.s, &wish->after, sizeof(wish->after));
    osk_put_int(&query.s, wish->after_day);
    osk_put_int(&query.s, wish->limit > INT32_MAX ? INT32_MAX : (int64_t)wish->limit);
    bool goes_on = true;
    while (goes_on && (code = osk_statement_step(&query.s)) == SQLITE_ROW) {
        OskSubmissionRow row = { .day = 0 };
        take_submission(&query.s, &row);
        goes_on = query.s.code == SQLITE_OK && each(context, &row);
        osk_submission_row_free(&row);
    }
    return query_end(&query, code, fault);
}

/* Without its bytes. */
static void take_record(OskStatement *s, OskSpace space, OskRecordRow *out)
{
    *out = (OskRecordRow){ .key.space = space };
    osk_take_key(s, &out->key.owner, sizeof(out->key.owner));
    osk_take_key(s, &out->key.id, sizeof(out->key.id));
    out->version = (uint64_t)osk_take_int(s);
    out->day = (OskDay)osk_take_int(s);
    out->flags = (uint32_t)osk_take_int(s);
    osk_take_key(s, &out->blob, sizeof(out->blob));
    out->sealed_len = (uint64_t)osk_take_int(s);
}

#define RECORD_COLUMNS "owner, id, version, day, flags, blob, sealed_len"

bool osk_sqlite_record(void *self, const OskRecordKey *key, OskRecordRow *out, OskFault *fault)
{
    static const char sql[] = "SELECT " RECORD_COLUMNS ", bytes FROM records"
                              " WHERE space=? AND owner=? AND id=?";
    Query query;
    *out = (OskRecordRow){ .day = 0 };
    if (!query_begin(&query, self, sql, fault)) {
        return false;
    }
    osk_put_int(&query.s, (int64_t)key->space);
    osk_put_bytes(&query.s, &key->owner, sizeof(key->owner));
    osk_put_bytes(&query.s, &key->id, sizeof(key->id));
    int code = osk_statement_step(&query.s);
    if (code == SQLITE_ROW) {
        take_record(&query.s, key->space, out);
        osk_take_bytes(&query.s, &out->bytes);
    }
    bool found = query_one(&query, code, fault);
    if (!found) {
        osk_record_row_free(out);
    }
    return found;
}

#define RECORDS_OF_ALL " FROM records WHERE space=?1 AND (owner, id) > (?2, ?3)"
#define RECORDS_OF_ONE " FROM records WHERE space=?1 AND owner=?2 AND id > ?3"
#define RECORDS_ORDER " ORDER BY owner, id LIMIT ?4"

OskStatus osk_sqlite_records(void *self, const OskRecordQuery *wish,
                             bool (*each)(void *, const OskRecordRow *), void *context,
                             OskFault *fault)
{
    static const char *const sql[2][2] = {
        { "SELECT " RECORD_COLUMNS ", bytes" RECORDS_OF_ALL RECORDS_ORDER,
          "SELECT " RECORD_COLUMNS RECORDS_OF_ALL RECORDS_ORDER },
        { "SELECT " RECORD_COLUMNS ", bytes" RECORDS_OF_ONE RECORDS_ORDER,
          "SELECT " RECORD_COLUMNS RECORDS_OF_ONE RECORDS_ORDER },
    };
    Query query;
    int code;
    if (!query_begin(&query, self, sql[wish->owner != NULL][wish->without_bytes], fault)) {
        return OSK_IO;
    }
    /* No bytes at all come before all others. */
    size_t len = wish->after != NULL ? OSK_ID_BYTES : 0;
    const OskId *owner = wish->owner != NULL ? wish->owner : len != 0 ? &wish->after->owner : NULL;
    osk_put_int(&query.s, (int64_t)wish->space);
    osk_put_bytes(&query.s, owner, owner != NULL ? OSK_ID_BYTES : 0);
    osk_put_bytes(&query.s, len != 0 ? &wish->after->id : NULL, len);
    osk_put_int(&query.s, wish->limit == 0 || wish->limit > INT32_MAX ? -1 : (int64_t)wish->limit);
    bool goes_on = true;
    while (goes_on && (code = osk_statement_step(&query.s)) == SQLITE_ROW) {
        OskRecordRow row;
        take_record(&query.s, wish->space, &row);
        if (!wish->without_bytes) {
            osk_take_bytes(&query.s, &row.bytes);
        }
        goes_on = query.s.code == SQLITE_OK && each(context, &row);
        osk_record_row_free(&row);
    }
    return query_end(&query, code, fault);
}

OskStatus osk_sqlite_counts(void *self, OskStoreCounts *out, OskFault *fault)
{
    static const char sql[] =
        "SELECT (SELECT COUNT(*) FROM uploads), (SELECT COUNT(*) FROM submissions),"
        " (SELECT COUNT(*) FROM files), (SELECT COALESCE(SUM(sealed_len), 0) FROM segments) +"
        " (SELECT COALESCE(SUM(sealed_len), 0) FROM records WHERE blob IS NOT NULL)";
    Query query;
    if (!query_begin(&query, self, sql, fault)) {
        return OSK_IO;
    }
    int code = osk_statement_step(&query.s);
    if (code == SQLITE_ROW) {
        out->uploads = (uint64_t)osk_take_int(&query.s);
        out->submissions = (uint64_t)osk_take_int(&query.s);
        out->files = (uint64_t)osk_take_int(&query.s);
        out->blob_bytes = (uint64_t)osk_take_int(&query.s);
    }
    return query_end(&query, code, fault);
}

OskStatus osk_sqlite_names(void *self, const OskId *blob, bool *out, OskFault *fault)
{
    Query query;
    *out = true;
    static const char sql[] = "SELECT 1 FROM segments WHERE blob=?1"
                              " UNION ALL SELECT 1 FROM records WHERE blob=?1";
    if (!query_begin(&query, self, sql, fault)) {
        return OSK_IO;
    }
    osk_put_bytes(&query.s, blob, sizeof(*blob));
    int code = osk_statement_step(&query.s);
    *out = code != SQLITE_DONE;
    return query_end(&query, code, fault);
}

OskStatus osk_sqlite_blobs(void *self, int64_t day, bool (*each)(void *, const OskBlobName *),
                           void *context, OskFault *fault)
{
    static const char all[] = "SELECT blob, sealed_len FROM segments UNION ALL"
                              " SELECT blob, sealed_len FROM records WHERE blob IS NOT NULL";
    static const char of_day[] =
        "SELECT blob, segments.sealed_len FROM submissions JOIN files"
        " ON files.submission=submissions.id JOIN segments ON segments.owner=files.id"
        " WHERE submissions.day=?1 UNION ALL"
        " SELECT blob, sealed_len FROM records WHERE day=?1 AND blob IS NOT NULL";
    Query query;
    OskBlobName name;
    int code;
    if (!query_begin(&query, self, day == OSK_EVERY_DAY ? all : of_day, fault)) {
        return OSK_IO;
    }
    if (day != OSK_EVERY_DAY) {
        osk_put_int(&query.s, day);
    }
    while ((code = osk_statement_step(&query.s)) == SQLITE_ROW) {
        osk_take_key(&query.s, &name.blob, sizeof(name.blob));
        name.sealed_len = (uint64_t)osk_take_int(&query.s);
        if (!each(context, &name)) {
            break;
        }
    }
    return query_end(&query, code, fault);
}
