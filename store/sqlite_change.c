/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One function for each kind of change. A condition that does not hold is SQLITE_CONSTRAINT, also
 * where it is we who find it. */
#include <string.h>

#include "store/sqlite_rows.h"

static bool is_zero(const OskId *id)
{
    static const OskId zeros;
    return memcmp(id, &zeros, sizeof(zeros)) == 0;
}

/* Runs a statement that must change a row. */
static int run_one(OskConnection *connection, OskStatement *s)
{
    int code = osk_statement_run(s);
    return code == SQLITE_OK && sqlite3_changes(connection->db) == 0 ? SQLITE_CONSTRAINT : code;
}

static int run_id(OskConnection *connection, const char *sql, const OskId *id)
{
    OskStatement s = osk_sqlite_statement(connection, sql);
    osk_put_bytes(&s, id, sizeof(*id));
    return osk_statement_run(&s);
}

/* ---- uploads ---- */

static void put_upload(OskStatement *s, const OskUploadRow *row)
{
    osk_put_bytes(s, &row->lookup, sizeof(row->lookup));
    osk_put_key(s, &row->draft, sizeof(row->draft));
    osk_put_int(s, (int64_t)row->declared_len);
    osk_put_int(s, (int64_t)row->offset);
    osk_put_int(s, row->flags);
    osk_put_int(s, row->segment_count);
    osk_put_int(s, row->expires);
    osk_put_text(s, row->category);
    osk_put_bytes(s, row->wrapped.bytes, row->wrapped.len);
    osk_put_bytes(s, row->draft_box.bytes, row->draft_box.len);
    osk_put_bytes(s, &row->id, sizeof(row->id));
}

static int upload_add(OskConnection *connection, const OskChange *change)
{
    static const char sql[] =
        "INSERT INTO uploads(lookup, draft, declared, offset, flags, segments, expires, category,"
        " wrapped, draft_box, id) VALUES(?,?,?,?,?,?,?,?,?,?,?)";
    OskStatement s = osk_sqlite_statement(connection, sql);
    put_upload(&s, change->row.upload);
    return osk_statement_run(&s);
}

static int upload_set(OskConnection *connection, const OskChange *change)
{
    static const char sql[] =
        "UPDATE uploads SET lookup=?, draft=?, declared=?, offset=?, flags=?, segments=?,"
        " expires=?, category=?, wrapped=?, draft_box=? WHERE id=? AND offset=?";
    OskStatement s = osk_sqlite_statement(connection, sql);
    put_upload(&s, change->row.upload);
    osk_put_int(&s, (int64_t)change->expected);
    return run_one(connection, &s);
}

/* ---- segments ---- */

static int segment_add(OskConnection *connection, const OskChange *change)
{
    static const char sql[] =
        "INSERT INTO segments(owner, number, blob, plain_len, sealed_len) VALUES(?,?,?,?,?)";
    const OskSegmentRow *row = change->row.segment;
    OskStatement s = osk_sqlite_statement(connection, sql);
    osk_put_bytes(&s, &row->owner, sizeof(row->owner));
    osk_put_int(&s, row->number);
    osk_put_bytes(&s, &row->blob, sizeof(row->blob));
    osk_put_int(&s, (int64_t)row->plain_len);
    osk_put_int(&s, (int64_t)row->sealed_len);
    return osk_statement_run(&s);
}

static int segments_move(OskConnection *connection, const OskId *from, const OskId *to, uint64_t up)
{
    static const char sql[] = "UPDATE segments SET owner=?, number=number+? WHERE owner=?";
    OskStatement s = osk_sqlite_statement(connection, sql);
    osk_put_bytes(&s, to, sizeof(*to));
    osk_put_int(&s, (int64_t)up);
    osk_put_bytes(&s, from, sizeof(*from));
    return osk_statement_run(&s);
}

int osk_sqlite_blobs_of(OskConnection *connection, const char *find, const OskId *owner,
                        OskKeys *freed)
{
    OskStatement s = osk_sqlite_statement(connection, find);
    OskId blob;
    int code;
    osk_put_bytes(&s, owner, sizeof(*owner));
    while ((code = osk_statement_step(&s)) == SQLITE_ROW) {
        osk_take_key(&s, &blob, sizeof(blob));
        if (!osk_keys_add(freed, &blob)) {
            code = SQLITE_NOMEM;
            break;
        }
    }
    osk_statement_end(&s);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int segments_drop(OskConnection *connection, const OskId *owner, OskKeys *freed)
{
    int code =
        osk_sqlite_blobs_of(connection, "SELECT blob FROM segments WHERE owner=?", owner, freed);
    code = code == SQLITE_OK ? osk_sqlite_headers_drop(connection, owner) : code;
    return code == SQLITE_OK ? run_id(connection, "DELETE FROM segments WHERE owner=?", owner)
                             : code;
}

static int upload_drop(OskConnection *connection, const OskId *id, OskKeys *freed)
{
    int code = segments_drop(connection, id, freed);
    if (code != SQLITE_OK) {
        return code;
    }
    OskStatement s = osk_sqlite_statement(connection, "DELETE FROM uploads WHERE id=?");
    osk_put_bytes(&s, id, sizeof(*id));
    return run_one(connection, &s);
}

/* ---- files ---- */

static void put_file(OskStatement *s, const OskFileRow *row)
{
    osk_put_int(s, row->number);
    osk_put_int(s, row->flags);
    osk_put_key(s, row->digest, sizeof(row->digest));
    osk_put_key(s, &row->same_as, sizeof(row->same_as));
    osk_put_int(s, row->segment_count);
    osk_put_int(s, (int64_t)row->sealed_len);
    osk_put_bytes(s, &row->id, sizeof(row->id));
    osk_put_bytes(s, &row->submission, sizeof(row->submission));
}

/* The one that is referred to has segments of its own: no chains. */
static int same_holds(OskConnection *connection, const OskFileRow *row)
{
    static const char sql[] = "SELECT 1 FROM files WHERE id=? AND same_as IS NULL AND id<>?";
    if (is_zero(&row->same_as)) {
        return SQLITE_OK;
    }
    OskStatement s = osk_sqlite_statement(connection, sql);
    osk_put_bytes(&s, &row->same_as, sizeof(row->same_as));
    osk_put_bytes(&s, &row->id, sizeof(row->id));
    int code = osk_statement_step(&s);
    osk_statement_end(&s);
    return code == SQLITE_ROW ? SQLITE_OK : code == SQLITE_DONE ? SQLITE_CONSTRAINT : code;
}

static int file_add(OskConnection *connection, const OskChange *change)
{
    static const char sql[] =
        "INSERT INTO files(number, flags, digest, same_as, segments, sealed_len, id, submission)"
        " SELECT ?1,?2,?3,?4,?5,?6,?7,?8 WHERE EXISTS(SELECT 1 FROM submissions WHERE id=?8)";
    int code = same_holds(connection, change->row.file);
    if (code != SQLITE_OK) {
        return code;
    }
    OskStatement s = osk_sqlite_statement(connection, sql);
    put_file(&s, change->row.file);
    return run_one(connection, &s);
}

/* The next file in whose name the segments stay; zeros when nobody else has these bytes. */
static int find_heir(OskConnection *connection, const OskId *id, OskId *out)
{
    static const char sql[] = "SELECT id FROM files WHERE same_as=? ORDER BY id LIMIT 1";
    OskStatement s = osk_sqlite_statement(connection, sql);
    osk_put_bytes(&s, id, sizeof(*id));
    int code = osk_statement_step(&s);
    *out = (OskId){ .bytes = { 0 } };
    if (code == SQLITE_ROW) {
        osk_take_key(&s, out, sizeof(*out));
    }
    osk_statement_end(&s);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Others refer to this file's segments: the first of them gets these, the rest refer to it. */
static int hand_down(OskConnection *connection, const OskId *id, const OskId *heir)
{
    static const char own[] = "UPDATE files SET same_as=NULL,"
                              " segments=(SELECT segments FROM files WHERE id=?2),"
                              " sealed_len=(SELECT sealed_len FROM files WHERE id=?2) WHERE id=?1";
    static const char rest[] = "UPDATE files SET same_as=?1 WHERE same_as=?2";
    static const char *const steps[] = { own, rest };
    int code = osk_sqlite_headers_move(connection, id, heir);
    code = code == SQLITE_OK ? segments_move(connection, id, heir, 0) : code;
    for (size_t i = 0; i < 2 && code == SQLITE_OK; i++) {
        OskStatement s = osk_sqlite_statement(connection, steps[i]);
        osk_put_bytes(&s, heir, sizeof(*heir));
        osk_put_bytes(&s, id, sizeof(*id));
        code = osk_statement_run(&s);
    }
    return code;
}

/* Its segments go, unless they are another file's, too. */
static int let_go(OskConnection *connection, const OskId *id, OskKeys *freed)
{
    OskId heir;
    int code = find_heir(connection, id, &heir);
    if (code == SQLITE_OK && !is_zero(&heir)) {
        code = hand_down(connection, id, &heir);
    }
    return code == SQLITE_OK ? segments_drop(connection, id, freed) : code;
}

static int file_set(OskConnection *connection, const OskChange *change, OskKeys *freed)
{
    static const char sql[] =
        "UPDATE files SET number=?, flags=?, digest=?, same_as=?, segments=?, sealed_len=?"
        " WHERE id=? AND submission=?";
    const OskFileRow *row = change->row.file;
    int code = same_holds(connection, row);
    if (code == SQLITE_OK && !is_zero(&row->same_as)) {
        code = let_go(connection, &row->id, freed);
    }
    if (code != SQLITE_OK) {
        return code;
    }
    OskStatement s = osk_sqlite_statement(connection, sql);
    put_file(&s, row);
    return run_one(connection, &s);
}

static int bury(OskConnection *connection, const OskId *id)
{
    OskStatement s =
        osk_sqlite_statement(connection, "INSERT OR IGNORE INTO tombstones(id, day) VALUES(?,?)");
    osk_put_bytes(&s, id, sizeof(*id));
    osk_put_int(&s, osk_store_today());
    return osk_statement_run(&s);
}

static int file_drop(OskConnection *connection, const OskId *id, OskKeys *freed)
{
    int code = let_go(connection, id, freed);
    if (code == SQLITE_OK) {
        code = osk_sqlite_records_drop(connection, id, freed);
    }
    if (code == SQLITE_OK) {
        code = run_id(connection, "DELETE FROM files WHERE id=?", id);
    }
    return code == SQLITE_OK && sqlite3_changes(connection->db) > 0 ? bury(connection, id) : code;
}

static int file_drop_if_free(OskConnection *connection, const OskChange *change, OskKeys *freed)
{
    int code = change->overwrite ? SQLITE_OK : osk_sqlite_file_is_free(connection, &change->row.id);
    return code == SQLITE_OK ? file_drop(connection, &change->row.id, freed) : code;
}

/* ---- submissions ---- */

static void put_submission(OskStatement *s, const OskSubmissionRow *row)
{
    osk_put_int(s, row->day);
    osk_put_int(s, (int64_t)row->state);
    osk_put_bytes(s, row->reply_key, sizeof(row->reply_key));
    osk_put_int(s, row->file_count);
    osk_put_text(s, row->category);
    osk_put_bytes(s, row->manifest.bytes, row->manifest.len);
    osk_put_bytes(s, &row->id, sizeof(row->id));
}

static int submission_add(OskConnection *connection, const OskChange *change)
{
    static const char sql[] =
        "INSERT INTO submissions(day, state, reply_key, files, category, manifest, id, receipt)"
        " VALUES(?,?,?,?,?,?,?,?)";
    OskStatement s = osk_sqlite_statement(connection, sql);
    put_submission(&s, change->row.submission);
    osk_put_key(&s, &change->row.submission->receipt, sizeof(OskLookup));
    return osk_statement_run(&s);
}

static int submission_set(OskConnection *connection, const OskChange *change)
{
    static const char sql[] = "UPDATE submissions SET day=?, state=?, reply_key=?, files=?,"
                              " category=?, manifest=? WHERE id=?";
    OskStatement s = osk_sqlite_statement(connection, sql);
    put_submission(&s, change->row.submission);
    return run_one(connection, &s);
}

static int drop_files_of(OskConnection *connection, const OskId *submission, OskKeys *freed)
{
    static const char sql[] = "SELECT id FROM files WHERE submission=?";
    OskKeys files = { .at = NULL };
    OskStatement s = osk_sqlite_statement(connection, sql);
    OskId id;
    int code;
    osk_put_bytes(&s, submission, sizeof(*submission));
    while ((code = osk_statement_step(&s)) == SQLITE_ROW) {
        osk_take_key(&s, &id, sizeof(id));
        if (!osk_keys_add(&files, &id)) {
            code = SQLITE_NOMEM;
            break;
        }
    }
    osk_statement_end(&s);
    code = code == SQLITE_DONE ? SQLITE_OK : code;
    for (size_t i = 0; i < files.count && code == SQLITE_OK; i++) {
        code = file_drop(connection, &files.at[i], freed);
    }
    osk_keys_free(&files);
    return code;
}

static int submission_drop(OskConnection *connection, const OskId *id, OskKeys *freed)
{
    int code = drop_files_of(connection, id, freed);
    if (code == SQLITE_OK) {
        code = osk_sqlite_records_drop(connection, id, freed);
    }
    if (code == SQLITE_OK) {
        code = osk_sqlite_claims_drop(connection, id);
    }
    if (code == SQLITE_OK) {
        code = run_id(connection, "DELETE FROM messages WHERE submission=?", id);
    }
    if (code == SQLITE_OK) {
        code = run_id(connection, "DELETE FROM submissions WHERE id=?", id);
    }
    return code == SQLITE_OK && sqlite3_changes(connection->db) > 0 ? bury(connection, id) : code;
}

static int submission_drop_if_free(OskConnection *connection, const OskChange *change,
                                   OskKeys *freed)
{
    int code =
        change->overwrite ? SQLITE_OK : osk_sqlite_submission_is_free(connection, &change->row.id);
    return code == SQLITE_OK ? submission_drop(connection, &change->row.id, freed) : code;
}

static int message_add(OskConnection *connection, const OskChange *change)
{
    static const char sql[] =
        "INSERT INTO messages(submission, number, from_desk, day, sealed) SELECT ?1,"
        " (SELECT COALESCE(MAX(number)+1, 0) FROM messages WHERE submission=?1), ?2, ?3, ?4"
        " WHERE EXISTS(SELECT 1 FROM submissions WHERE id=?1)";
    const OskMessageRow *row = change->row.message;
    OskStatement s = osk_sqlite_statement(connection, sql);
    osk_put_bytes(&s, &row->submission, sizeof(row->submission));
    osk_put_int(&s, row->from_desk ? 1 : 0);
    osk_put_int(&s, row->day);
    osk_put_bytes(&s, row->sealed.bytes, row->sealed.len);
    return run_one(connection, &s);
}

static int sealed_set(OskConnection *connection, const OskSealedRow *row)
{
    static const char manifest[] = "UPDATE submissions SET manifest=? WHERE manifest=? AND id=?";
    static const char message[] =
        "UPDATE messages SET sealed=? WHERE sealed=? AND submission=? AND number=?";
    OskStatement s = osk_sqlite_statement(connection, row->is_message ? message : manifest);
    osk_put_bytes(&s, row->now.bytes, row->now.len);
    osk_put_bytes(&s, row->was.bytes, row->was.len);
    osk_put_bytes(&s, &row->submission, sizeof(row->submission));
    if (row->is_message) {
        osk_put_int(&s, row->number);
    }
    return run_one(connection, &s);
}

static int setting_set(OskConnection *connection, const OskChange *change)
{
    static const char once[] = "INSERT INTO settings(name, value) VALUES(?,?)";
    static const char over[] = "INSERT OR REPLACE INTO settings(name, value) VALUES(?,?)";
    static const char drop[] = "DELETE FROM settings WHERE name=?";
    bool drops = change->bytes.bytes == NULL && change->overwrite;
    OskStatement s = osk_sqlite_statement(connection, drops               ? drop
                                                      : change->overwrite ? over
                                                                          : once);
    osk_put_text(&s, change->name);
    if (!drops) {
        osk_put_bytes(&s, change->bytes.bytes, change->bytes.len);
    }
    return osk_statement_run(&s);
}

int osk_sqlite_change(OskConnection *connection, const OskChange *change, OskKeys *freed,
                      const char **what)
{
    switch (change->kind) {
    case OSK_ROW_UPLOAD_ADD:
        *what = "there is an upload of this name";
        return upload_add(connection, change);
    case OSK_ROW_UPLOAD_SET:
        *what = "the upload has moved on, or is gone";
        return upload_set(connection, change);
    case OSK_ROW_UPLOAD_DROP:
        *what = "the upload is gone";
        return upload_drop(connection, &change->row.id, freed);
    case OSK_ROW_SEGMENT_ADD:
        *what = "there is a segment of this number";
        return segment_add(connection, change);
    case OSK_ROW_SEGMENTS_MOVE:
        *what = "there are segments of these numbers";
        return segments_move(connection, &change->row.id, &change->other, change->expected);
    case OSK_ROW_SUBMISSION_ADD:
        *what = "there is a submission of this receipt";
        return submission_add(connection, change);
    case OSK_ROW_SUBMISSION_SET:
        *what = "the submission is gone";
        return submission_set(connection, change);
    case OSK_ROW_SUBMISSION_DROP:
        *what = "the submission is held";
        return submission_drop_if_free(connection, change, freed);
    case OSK_ROW_FILE_ADD:
        *what = "the file is there, or its submission or its twin is gone";
        return file_add(connection, change);
    case OSK_ROW_FILE_SET:
        *what = "the file or its twin is gone";
        return file_set(connection, change, freed);
    case OSK_ROW_FILE_DROP:
        *what = "its submission is held";
        return file_drop_if_free(connection, change, freed);
    case OSK_ROW_MESSAGE_ADD:
        *what = "the submission is gone";
        return message_add(connection, change);
    case OSK_ROW_RECORD_SET:
        *what = "the record has changed, or what it is of is gone";
        return osk_sqlite_record_set(connection, change, freed);
    case OSK_ROW_RECORD_DROP:
        *what = "the record has changed";
        return osk_sqlite_record_drop(connection, change, freed);
    case OSK_ROW_SEALED_SET:
        *what = "what is sealed has changed, or is gone";
        return sealed_set(connection, change->row.sealed);
    case OSK_ROW_SETTING_SET:
        *what = "there is a setting of this name";
        return setting_set(connection, change);
    }
    return SQLITE_MISUSE;
}
