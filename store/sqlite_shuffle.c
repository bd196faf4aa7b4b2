/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page of a table holds rows in the order in which they came, and long ones lie behind each other
 * in the file. So a day's rows are taken out and put back in random order. Temporary tables live in
 * memory. */
#include <stdlib.h>
#include <time.h>

#include "host/clock.h"
#include "store/sqlite_rows.h"

/* Records hold what files are compared by, tens of KB each: so many go at once, drawn from all of
 * the day, so that a place that one of them leaves is taken by any other. */
#define RECORDS_AT_ONCE 64u

static int run_steps(OskConnection *connection, const char *const *steps, size_t count, OskDay day)
{
    int code = SQLITE_OK;
    for (size_t i = 0; i < count && code == SQLITE_OK; i++) {
        /* Not kept: their tables are new each time. */
        sqlite3_stmt *statement = NULL;
        code = sqlite3_prepare_v2(connection->db, steps[i], -1, &statement, NULL);
        if (code == SQLITE_OK) {
            sqlite3_bind_int64(statement, 1, day);
            code = sqlite3_step(statement);
            code = code == SQLITE_DONE ? SQLITE_OK : code;
        }
        sqlite3_finalize(statement);
    }
    return code;
}

static int shuffle_rows(void *context, OskConnection *connection)
{
    const OskDay *day = context;
    static const char *const steps[] = {
        "CREATE TEMP TABLE a_day AS SELECT * FROM submissions WHERE day=? ORDER BY random()",
        "DELETE FROM submissions WHERE day=?",
        "CREATE TEMP TABLE day_files AS SELECT * FROM files WHERE submission IN"
        " (SELECT id FROM temp.a_day) ORDER BY random()",
        "DELETE FROM files WHERE id IN (SELECT id FROM temp.day_files)",
        "CREATE TEMP TABLE day_segments AS SELECT * FROM segments WHERE owner IN"
        " (SELECT id FROM temp.day_files) ORDER BY random()",
        "DELETE FROM segments WHERE owner IN (SELECT id FROM temp.day_files)",
        "INSERT INTO submissions SELECT * FROM temp.a_day",
        "INSERT INTO files SELECT * FROM temp.day_files",
        "INSERT INTO segments SELECT * FROM temp.day_segments",
        "DROP TABLE temp.a_day",
        "DROP TABLE temp.day_files",
        "DROP TABLE temp.day_segments",
    };
    return run_steps(connection, steps, sizeof(steps) / sizeof(steps[0]), *day);
}

/* ---- records ---- */

typedef struct Keys {
    OskRecordKey *at;
    size_t count;
    size_t room;
} Keys;

static bool add_key(Keys *keys, OskStatement *s)
{
    if (keys->count == keys->room) {
        size_t room = keys->room == 0 ? 256 : 2 * keys->room;
        OskRecordKey *at = realloc(keys->at, room * sizeof(*at));
        if (at == NULL) {
            return false;
        }
        keys->at = at;
        keys->room = room;
    }
    OskRecordKey *key = &keys->at[keys->count++];
    key->space = (OskSpace)osk_take_int(s);
    osk_take_key(s, &key->owner, sizeof(key->owner));
    osk_take_key(s, &key->id, sizeof(key->id));
    return true;
}

static int draw_keys(OskRows *rows, OskDay day, Keys *out, OskFault *fault)
{
    OskConnection *connection = osk_sqlite_lend(rows, fault);
    if (connection == NULL) {
        return SQLITE_CANTOPEN;
    }
    OskStatement s = osk_sqlite_statement(
        connection, "SELECT space, owner, id FROM records WHERE day=? ORDER BY random()");
    osk_put_int(&s, day);
    int code = osk_statement_step(&s);
    while (code == SQLITE_ROW) {
        code = add_key(out, &s) ? osk_statement_step(&s) : SQLITE_NOMEM;
    }
    osk_statement_end(&s);
    osk_sqlite_return(rows, connection);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int run_for(OskConnection *connection, const char *sql, const OskRecordKey *key)
{
    OskStatement s = osk_sqlite_statement(connection, sql);
    osk_put_int(&s, key->space);
    osk_put_bytes(&s, &key->owner, sizeof(key->owner));
    osk_put_bytes(&s, &key->id, sizeof(key->id));
    return osk_statement_run(&s);
}

/* One that is gone meanwhile, or was changed, is taken as it is now. */
static int shuffle_some(void *context, OskConnection *connection)
{
    const Keys *keys = context;
    int code = osk_sqlite_run(connection,
                              "CREATE TEMP TABLE some_records AS SELECT * FROM records WHERE 0");
    for (size_t i = 0; i < keys->count && code == SQLITE_OK; i++) {
        code = run_for(connection,
                       "INSERT INTO temp.some_records SELECT * FROM records"
                       " WHERE space=? AND owner=? AND id=?",
                       &keys->at[i]);
        if (code == SQLITE_OK) {
            code = run_for(connection, "DELETE FROM records WHERE space=? AND owner=? AND id=?",
                           &keys->at[i]);
        }
    }
    if (code == SQLITE_OK) {
        code = osk_sqlite_run(connection, "INSERT INTO records SELECT * FROM temp.some_records"
                                          " ORDER BY random()");
    }
    return code == SQLITE_OK ? osk_sqlite_run(connection, "DROP TABLE temp.some_records") : code;
}

/* Others get half of the time: who waits for the database asks for it again now and then. */
static void rest(int64_t ms)
{
    const struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = (ms % 1000 + 1) * 1000000 };
    nanosleep(&pause, NULL);
}

static int shuffle_records(OskRows *rows, const Keys *keys)
{
    int code = SQLITE_OK;
    for (size_t i = 0; i < keys->count && code == SQLITE_OK; i += RECORDS_AT_ONCE) {
        size_t left = keys->count - i;
        Keys some = { .at = keys->at + i,
                      .count = left < RECORDS_AT_ONCE ? left : RECORDS_AT_ONCE };
        int64_t began = osk_now_ms();
        code = osk_sqlite_write(rows, shuffle_some, &some);
        rest(osk_now_ms() - began);
    }
    return code;
}

OskStatus osk_sqlite_shuffle(void *self, OskDay day, OskFault *fault)
{
    OskRows *rows = self;
    Keys keys = { .at = NULL };
    int code = draw_keys(rows, day, &keys, fault);
    if (code == SQLITE_OK) {
        code = shuffle_records(rows, &keys);
    }
    if (code == SQLITE_OK) {
        code = osk_sqlite_write(rows, shuffle_rows, &day);
    }
    free(keys.at);
    /* Of what was done before it failed, too. */
    osk_sqlite_forget(self);
    return code == SQLITE_OK ? OSK_OK : osk_sqlite_fail(fault, code);
}
