/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "store/sqlite_rows.h"

OskStatement osk_sqlite_statement(OskConnection *connection, const char *sql)
{
    for (size_t i = 0; i < connection->kept_count; i++) {
        if (connection->kept[i].sql == sql) {
            return (OskStatement){ .statement = connection->kept[i].statement };
        }
    }
    if (connection->kept_count == OSK_STATEMENTS_MAX) {
        return (OskStatement){ .code = SQLITE_MISUSE };
    }
    sqlite3_stmt *made = NULL;
    int code = sqlite3_prepare_v3(connection->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, NULL);
    if (code == SQLITE_OK) {
        connection->kept[connection->kept_count].sql = sql;
        connection->kept[connection->kept_count].statement = made;
        connection->kept_count++;
    }
    return (OskStatement){ .statement = made, .code = code };
}

static void note(OskStatement *s, int code)
{
    s->code = s->code == SQLITE_OK ? code : s->code;
}

void osk_put_int(OskStatement *s, int64_t value)
{
    if (s->statement != NULL) {
        note(s, sqlite3_bind_int64(s->statement, ++s->at, value));
    }
}

void osk_put_bytes(OskStatement *s, const void *bytes, size_t len)
{
    if (s->statement != NULL) {
        /* A pointer that is NULL would be a NULL, not an empty value. */
        note(s, sqlite3_bind_blob64(s->statement, ++s->at, bytes != NULL ? bytes : "", len,
                                    SQLITE_STATIC));
    }
}

void osk_put_key(OskStatement *s, const void *bytes, size_t len)
{
    static const uint8_t zeros[OSK_LOOKUP_BYTES];
    if (s->statement == NULL) {
        return;
    }
    if (memcmp(bytes, zeros, len) == 0) {
        note(s, sqlite3_bind_null(s->statement, ++s->at));
    } else {
        osk_put_bytes(s, bytes, len);
    }
}

void osk_put_text(OskStatement *s, const char *text)
{
    if (s->statement != NULL) {
        note(s, sqlite3_bind_text(s->statement, ++s->at, text, -1, SQLITE_STATIC));
    }
}

int osk_statement_step(OskStatement *s)
{
    if (s->code != SQLITE_OK) {
        return s->code;
    }
    int code = sqlite3_step(s->statement);
    s->at = 0;
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        s->code = code;
    }
    return code;
}

void osk_statement_end(OskStatement *s)
{
    if (s->statement != NULL) {
        sqlite3_reset(s->statement);
        sqlite3_clear_bindings(s->statement);
        s->statement = NULL;
    }
}

int osk_statement_run(OskStatement *s)
{
    int code = osk_statement_step(s);
    osk_statement_end(s);
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

int64_t osk_take_int(OskStatement *s)
{
    return sqlite3_column_int64(s->statement, s->at++);
}

void osk_take_key(OskStatement *s, void *out, size_t len)
{
    const void *bytes = sqlite3_column_blob(s->statement, s->at);
    int found = sqlite3_column_bytes(s->statement, s->at);
    s->at++;
    memset(out, 0, len);
    if (bytes != NULL && found == (int)len) {
        memcpy(out, bytes, len);
    }
}

void osk_take_bytes(OskStatement *s, OskBytes *out)
{
    const void *bytes = sqlite3_column_blob(s->statement, s->at);
    int len = sqlite3_column_bytes(s->statement, s->at);
    s->at++;
    *out = (OskBytes){ .bytes = NULL };
    if (bytes == NULL || len <= 0) {
        return;
    }
    out->bytes = malloc((size_t)len);
    if (out->bytes == NULL) {
        note(s, SQLITE_NOMEM);
        return;
    }
    memcpy(out->bytes, bytes, (size_t)len);
    out->len = (size_t)len;
}

void osk_take_text(OskStatement *s, char *out, size_t size)
{
    const unsigned char *text = sqlite3_column_text(s->statement, s->at);
    size_t len = text != NULL ? strnlen((const char *)text, size - 1) : 0;
    s->at++;
    memset(out, 0, size);
    if (len > 0) {
        memcpy(out, text, len);
    }
}

int osk_sqlite_run(OskConnection *connection, const char *sql)
{
    OskStatement s = osk_sqlite_statement(connection, sql);
    return osk_statement_run(&s);
}
