/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes of records, and what becomes of them when that changes which they are of. */
#include <string.h>

#include "store/sqlite_rows.h"

static void put_record_key(OskStatement *s, const OskRecordKey *key)
{
    osk_put_int(s, (int64_t)key->space);
    osk_put_bytes(s, &key->owner, sizeof(key->owner));
    osk_put_bytes(s, &key->id, sizeof(key->id));
}

static int run_ids(OskConnection *connection, const char *sql, const OskId *first,
                   const OskId *second)
{
    OskStatement s = osk_sqlite_statement(connection, sql);
    osk_put_bytes(&s, first, sizeof(*first));
    if (second != NULL) {
        osk_put_bytes(&s, second, sizeof(*second));
    }
    return osk_statement_run(&s);
}

/* Steps once and ends: SQLITE_OK for a row, SQLITE_CONSTRAINT for none. */
static int need_row(OskStatement *s)
{
    int code = osk_statement_step(s);
    osk_statement_end(s);
    return code == SQLITE_ROW ? SQLITE_OK : code == SQLITE_DONE ? SQLITE_CONSTRAINT : code;
}

/* The other way round. */
static int need_none(OskStatement *s)
{
    int code = need_row(s);
    return code == SQLITE_OK ? SQLITE_CONSTRAINT : code == SQLITE_CONSTRAINT ? SQLITE_OK : code;
}

/* ---- conditions ---- */

static int need_owner(OskConnection *connection, const OskRecordKey *key)
{
    static const OskId zeros;
    static const char sql[] = "SELECT 1 FROM files WHERE id=?1"
                              " UNION ALL SELECT 1 FROM submissions WHERE id=?1";
    const OskId *wanted = key->space == OSK_SPACE_HOLD ? &key->id : &key->owner;
    if (memcmp(wanted, &zeros, sizeof(zeros)) == 0) {
        return SQLITE_OK;
    }
    OskStatement s = osk_sqlite_statement(connection, sql);
    osk_put_bytes(&s, wanted, sizeof(*wanted));
    return need_row(&s);
}

/* A shuffle may have given the blob another name since it was read. */
static int need_headed(OskConnection *connection, const OskRecordKey *key)
{
    static const char sql[] = "SELECT 1 FROM segments WHERE owner=?1 AND blob=?2"
                              " UNION ALL SELECT 1 FROM records WHERE owner=?1 AND blob=?2";
    if (key->space != OSK_SPACE_HEADER) {
        return SQLITE_OK;
    }
    OskStatement s = osk_sqlite_statement(connection, sql);
    osk_put_bytes(&s, &key->owner, sizeof(key->owner));
    osk_put_bytes(&s, &key->id, sizeof(key->id));
    return need_row(&s);
}

static int need_own_blob(OskConnection *connection, const OskRecordRow *row)
{
    static const OskId zeros;
    static const char sql[] = "SELECT 1 FROM segments WHERE blob=?4 UNION ALL SELECT 1 FROM records"
                              " WHERE blob=?4 AND NOT (space=?1 AND owner=?2 AND id=?3)";
    if (memcmp(&row->blob, &zeros, sizeof(zeros)) == 0) {
        return SQLITE_OK;
    }
    OskStatement s = osk_sqlite_statement(connection, sql);
    put_record_key(&s, &row->key);
    osk_put_bytes(&s, &row->blob, sizeof(row->blob));
    return need_none(&s);
}

int osk_sqlite_submission_is_free(OskConnection *connection, const OskId *submission)
{
    static const char sql[] = "SELECT 1 FROM records WHERE space=12 AND owner=zeroblob(16)"
                              " AND id=?";
    OskStatement s = osk_sqlite_statement(connection, sql);
    osk_put_bytes(&s, submission, sizeof(*submission));
    return need_none(&s);
}

int osk_sqlite_file_is_free(OskConnection *connection, const OskId *file)
{
    static const char sql[] = "SELECT 1 FROM records WHERE space=12 AND owner=zeroblob(16)"
                              " AND id=(SELECT submission FROM files WHERE id=?)";
    OskStatement s = osk_sqlite_statement(connection, sql);
    osk_put_bytes(&s, file, sizeof(*file));
    return need_none(&s);
}

/* ---- one ---- */

/* Version and blob of what is there; version 0 for nothing. */
static int find_record(OskConnection *connection, const OskRecordKey *key, uint64_t *version,
                       OskId *blob)
{
    static const char sql[] =
        "SELECT version, blob FROM records WHERE space=? AND owner=? AND id=?";
    OskStatement s = osk_sqlite_statement(connection, sql);
    put_record_key(&s, key);
    int code = osk_statement_step(&s);
    *version = 0;
    *blob = (OskId){ .bytes = { 0 } };
    if (code == SQLITE_ROW) {
        *version = (uint64_t)osk_take_int(&s);
        osk_take_key(&s, blob, sizeof(*blob));
    }
    osk_statement_end(&s);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* A blob that no row names any more, with its header. */
static int free_blob(OskConnection *connection, const OskRecordKey *key, const OskId *blob,
                     OskKeys *freed)
{
    static const OskId zeros;
    if (memcmp(blob, &zeros, sizeof(zeros)) == 0) {
        return SQLITE_OK;
    }
    if (!osk_keys_add(freed, blob)) {
        return SQLITE_NOMEM;
    }
    return run_ids(connection, "DELETE FROM records WHERE space=13 AND owner=? AND id=?",
                   &key->owner, blob);
}

static int write_record(OskConnection *connection, const OskRecordRow *row, uint64_t version)
{
    static const char sql[] =
        "INSERT OR REPLACE INTO records(space, owner, id, version, day, flags, blob, sealed_len,"
        " bytes) VALUES(?,?,?,?,?,?,?,?,?)";
    OskStatement s = osk_sqlite_statement(connection, sql);
    put_record_key(&s, &row->key);
    osk_put_int(&s, (int64_t)version);
    osk_put_int(&s, row->day);
    osk_put_int(&s, row->flags);
    osk_put_key(&s, &row->blob, sizeof(row->blob));
    osk_put_int(&s, (int64_t)row->sealed_len);
    osk_put_bytes(&s, row->bytes.bytes, row->bytes.len);
    return osk_statement_run(&s);
}

int osk_sqlite_record_set(OskConnection *connection, const OskChange *change, OskKeys *freed)
{
    const OskRecordRow *row = change->row.record;
    uint64_t version = 0;
    OskId before;
    if (row->bytes.len > OSK_SMALL_BLOB_BYTES) {
        return SQLITE_CONSTRAINT;
    }
    int code = find_record(connection, &row->key, &version, &before);
    if (code == SQLITE_OK && version != change->expected) {
        code = SQLITE_CONSTRAINT;
    }
    code = code == SQLITE_OK ? need_owner(connection, &row->key) : code;
    code = code == SQLITE_OK ? need_headed(connection, &row->key) : code;
    code = code == SQLITE_OK ? need_own_blob(connection, row) : code;
    if (code == SQLITE_OK && memcmp(&before, &row->blob, sizeof(before)) != 0) {
        code = free_blob(connection, &row->key, &before, freed);
    }
    return code == SQLITE_OK ? write_record(connection, row, version + 1) : code;
}

int osk_sqlite_record_drop(OskConnection *connection, const OskChange *change, OskKeys *freed)
{
    const OskRecordKey *key = change->row.record_key;
    uint64_t version = 0;
    OskId blob;
    int code = find_record(connection, key, &version, &blob);
    if (code == SQLITE_OK && change->expected != 0 && version != 0 && version != change->expected) {
        code = SQLITE_CONSTRAINT;
    }
    if (code == SQLITE_OK) {
        code = free_blob(connection, key, &blob, freed);
    }
    if (code != SQLITE_OK) {
        return code;
    }
    OskStatement s =
        osk_sqlite_statement(connection, "DELETE FROM records WHERE space=? AND owner=? AND id=?");
    put_record_key(&s, key);
    return osk_statement_run(&s);
}

/* ---- with what they are of ---- */

int osk_sqlite_records_drop(OskConnection *connection, const OskId *owner, OskKeys *freed)
{
    int code = osk_sqlite_blobs_of(
        connection, "SELECT blob FROM records WHERE owner=? AND blob IS NOT NULL", owner, freed);
    return code == SQLITE_OK ? run_ids(connection, "DELETE FROM records WHERE owner=?", owner, NULL)
                             : code;
}

int osk_sqlite_claims_drop(OskConnection *connection, const OskId *submission)
{
    return run_ids(connection,
                   "DELETE FROM records WHERE space IN (8, 12) AND owner=zeroblob(16) AND id=?",
                   submission, NULL);
}

int osk_sqlite_headers_drop(OskConnection *connection, const OskId *owner)
{
    static const char sql[] = "DELETE FROM records WHERE space=13 AND owner=?1 AND id IN"
                              " (SELECT blob FROM segments WHERE owner=?1)";
    return run_ids(connection, sql, owner, NULL);
}

int osk_sqlite_headers_move(OskConnection *connection, const OskId *from, const OskId *to)
{
    static const char sql[] = "UPDATE records SET owner=?2 WHERE space=13 AND owner=?1 AND id IN"
                              " (SELECT blob FROM segments WHERE owner=?1)";
    return run_ids(connection, sql, from, to);
}

int osk_sqlite_record_rename(OskConnection *connection, const OskId *from, const OskId *to,
                             bool *found)
{
    static const char header[] = "UPDATE records SET id=?2 WHERE space=13 AND id=?1 AND owner IN"
                                 " (SELECT owner FROM segments WHERE blob=?2 UNION ALL"
                                 " SELECT owner FROM records WHERE blob=?2)";
    /* Another version: who writes the row anew must have read where its blob is. */
    int code = run_ids(connection, "UPDATE records SET blob=?2, version=version+1 WHERE blob=?1",
                       from, to);
    if (code != SQLITE_OK) {
        return code;
    }
    *found = *found || sqlite3_changes(connection->db) > 0;
    return *found ? run_ids(connection, header, from, to) : SQLITE_OK;
}
