/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the default store leaves on a disk: what somebody learns who takes the disk away. */
#include "store/store_open.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/rig.h"
#include "store/stage.h"

#define MANY 60

static int set_up(void **state)
{
    *state = (void *)(uintptr_t)&rig_folder; /* cmocka's state is not const */
    return rig_set_up(state);
}

static OskStatus open_store(OskStore **out, const char *folder, OskFault *fault)
{
    static const OskStoreOptions options = { .create = true };
    *fault = (OskFault){ .status = OSK_OK };
    return osk_store_open_folder(out, folder, &options, fault);
}

/* ---- submissions that can be found again in the bytes of a file ---- */

typedef struct Marked {
    OskId id;
    OskId file;
    char manifest[700];
} Marked;

static void send_one(OskStore *store, Marked *sent, unsigned number)
{
    memset(sent->manifest, '.', sizeof(sent->manifest));
    int len = snprintf(sent->manifest, sizeof(sent->manifest), "MANIFEST-%04u-", number);
    sent->manifest[len] = '.';
    sent->id = rig_id();
    sent->file = rig_id();
    OskSegmentRow segment = {
        .owner = sent->file, .blob = rig_put_blob(store, "blob"), .plain_len = 4, .sealed_len = 4
    };
    OskSubmissionRow submission = { .id = sent->id,
                                    .day = 20000,
                                    .file_count = 1,
                                    .manifest = { (uint8_t *)sent->manifest,
                                                  sizeof(sent->manifest) } };
    OskFileRow file = {
        .id = sent->file, .submission = sent->id, .segment_count = 1, .sealed_len = 4
    };
    assert_int_equal(COMMIT(store,
                            { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &submission },
                            { .kind = OSK_ROW_FILE_ADD, .row.file = &file },
                            { .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &segment }),
                     OSK_COMMIT_OK);
}

/* All of a file; free(). */
static char *slurp(const char *folder, const char *name, size_t *out_len)
{
    char path[160];
    struct stat info;
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    *out_len = 0;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &info) != 0) {
        return NULL;
    }
    char *bytes = malloc((size_t)info.st_size + 1);
    assert_non_null(bytes);
    assert_int_equal(read(fd, bytes, (size_t)info.st_size), info.st_size);
    close(fd);
    *out_len = (size_t)info.st_size;
    return bytes;
}

static bool holds(const char *folder, const char *name, const char *text)
{
    size_t len = 0;
    char *bytes = slurp(folder, name, &len);
    bool found = bytes != NULL && memmem(bytes, len, text, strlen(text)) != NULL;
    free(bytes);
    return found;
}

/* How far two orders of the same things agree: 1 fully, -1 the other way round, 0 not at all. */
static double agreement(const double values[MANY])
{
    double sum = 0;
    for (int i = 0; i < MANY; i++) {
        double rank = 0;
        for (int j = 0; j < MANY; j++) {
            rank += values[j] < values[i] ? 1 : 0;
        }
        sum += (rank - i) * (rank - i);
    }
    return 1 - 6 * sum / ((double)MANY * ((double)MANY * MANY - 1));
}

static bool keep_blob(void *context, const OskSegmentRow *row)
{
    *(OskId *)context = row->blob;
    return true;
}

static void stat_blob(const Rig *rig, const OskId *file, struct stat *out)
{
    OskFault fault = { .status = OSK_OK };
    OskId key;
    char path[160];
    char name[33];
    assert_int_equal(osk_store_segments(rig->store, file, keep_blob, &key, &fault), OSK_OK);
    for (int i = 0; i < 16; i++) {
        snprintf(name + 2 * i, 3, "%02x", key.bytes[i]);
    }
    snprintf(path, sizeof(path), "%s/blobs/%s", rig->folder, name);
    assert_int_equal(stat(path, out), 0);
}

/* Agreement of arrival with the change times of blobs, and with the places in rows.db. */
static void look_at_order(const Rig *rig, const Marked *sent, double *out_times, double *out_places)
{
    double times[MANY];
    double places[MANY];
    size_t len = 0;
    char *bytes = slurp(rig->folder, "rows.db", &len);
    assert_non_null(bytes);
    for (int i = 0; i < MANY; i++) {
        struct stat info;
        stat_blob(rig, &sent[i].file, &info);
        times[i] = (double)(info.st_ctim.tv_sec % 100000) * 1e9 + (double)info.st_ctim.tv_nsec;
        const char *found = memmem(bytes, len, sent[i].manifest, 14);
        assert_non_null(found);
        places[i] = (double)(found - bytes);
    }
    free(bytes);
    *out_times = agreement(times);
    *out_places = agreement(places);
}

/* ---- the tests ---- */

static void folder__times_of_blobs_are_the_day(void **state)
{
    Rig *rig = *state;
    struct stat info;
    Marked sent;
    OskFault fault;
    OskBlobReader *reader = NULL;
    OskId key;
    send_one(rig->store, &sent, 1);
    assert_int_equal(osk_store_segments(rig->store, &sent.file, keep_blob, &key, &fault), OSK_OK);
    assert_int_equal(osk_blob_open(rig->store, &key, &reader, &fault), OSK_OK);
    char byte;
    OskSource source = osk_blob_source(reader);
    assert_true(source.read(source.context, 0, &byte, 1));
    osk_blob_close(&reader);
    stat_blob(rig, &sent.file, &info);
    assert_int_equal(info.st_mtim.tv_sec % 86400, 0);
    assert_int_equal(info.st_mtim.tv_nsec, 0);
    assert_int_equal(info.st_atim.tv_sec % 86400, 0);
    assert_int_equal(info.st_atim.tv_nsec, 0);
    assert_true(time(NULL) - info.st_mtim.tv_sec < 2 * 86400);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void folder__shuffle_leaves_no_order_of_arrival(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    Marked *sent = calloc(MANY, sizeof(*sent));
    double times;
    double places;
    uint64_t moved = 0;
    assert_non_null(sent);
    for (unsigned i = 0; i < MANY; i++) {
        send_one(rig->store, &sent[i], i);
    }
    rig_reopen(rig); /* out of the log, into the file that is looked at */
    look_at_order(rig, sent, &times, &places);
    assert_true(times > 0.99); /* else this test sees nothing */
    assert_int_equal(osk_store_shuffle(rig->store, 20000, &moved, &fault), OSK_OK);
    assert_int_equal(moved, MANY);
    look_at_order(rig, sent, &times, &places);
    /* Chance alone goes beyond a half once in twenty thousand runs. */
    assert_true(times > -0.5 && times < 0.5);
    assert_true(places > -0.5 && places < 0.5);
    assert_false(holds(rig->folder, "rows.db-wal", "MANIFEST"));
    struct stat info;
    stat_blob(rig, &sent[0].file, &info);
    assert_int_equal(info.st_mtim.tv_sec, 20000 * 86400ll);
    free(sent);
}

static void folder__keeps_nothing_of_what_was_deleted(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    uint64_t swept;
    Marked gone;
    Marked stays;
    send_one(rig->store, &gone, 1);
    send_one(rig->store, &stays, 2);
    OskChange drop = { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = gone.id };
    assert_int_equal(osk_store_commit(rig->store, &drop, 1, NULL, &fault), OSK_COMMIT_OK);
    assert_int_equal(osk_store_sweep(rig->store, &swept, &fault), OSK_OK);
    assert_false(holds(rig->folder, "rows.db", "MANIFEST-0001"));
    assert_false(holds(rig->folder, "rows.db-wal", "MANIFEST-0001"));
    assert_true(holds(rig->folder, "rows.db", "MANIFEST-0002"));
}

/* Drops of earlier versions have the key of their digests in the same file. */
static void folder__forgets_the_key_of_old_digests(void **state)
{
    static uint8_t key[] = "THE-KEY-OF-DIGESTS";
    static const uint8_t none[32];
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskBytes left = { .len = 0 };
    uint64_t swept;
    Sent sent = rig_send(rig->store, "blob", 'D');
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_SETTING_SET,
                                          .name = "digest key",
                                          .bytes = { key, sizeof(key) } }),
                     OSK_COMMIT_OK);
    rig_reopen(rig);
    assert_true(holds(rig->folder, "rows.db", (const char *)key));
    assert_true(holds(rig->folder, "rows.db", "DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD"));
    assert_int_equal(osk_store_sweep(rig->store, &swept, &fault), OSK_OK);
    assert_false(osk_store_setting(rig->store, "digest key", &left, &fault));
    assert_memory_equal(rig_files(rig->store, &sent.submission.id).files[0].digest, none, 32);
    static const char *const names[] = { "rows.db", "rows.db-wal" };
    for (size_t i = 0; i < 2; i++) {
        assert_false(holds(rig->folder, names[i], (const char *)key));
        assert_false(holds(rig->folder, names[i], "DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD"));
    }
    /* Digests that no key lies beside stay. */
    sent = rig_send(rig->store, "blob", 'E');
    assert_int_equal(osk_store_sweep(rig->store, &swept, &fault), OSK_OK);
    assert_int_equal(rig_files(rig->store, &sent.submission.id).files[0].digest[0], 'E');
}

/* A stage takes bytes before the disk has them; when that says no later, they are gone, and the
 * length that was counted would be made of a hole. */
static void folder__a_blob_that_lost_bytes_is_never_committed(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskBlobWriter *writer = NULL;
    struct rlimit before;
    OskId key;
    uint8_t *bytes = calloc(1, OSK_STAGE_FROM);
    assert_non_null(bytes);
    assert_int_equal(osk_blob_begin(rig->store, 0, &writer, &fault), OSK_OK);
    assert_int_equal(osk_blob_write(writer, bytes, OSK_STAGE_FROM, &fault), OSK_OK);
    assert_int_equal(osk_blob_write(writer, bytes, 65552, &fault), OSK_OK);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit limit = { OSK_STAGE_FROM + 4096, before.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    int fd = osk_blob_fd(writer);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    if (fd >= 0) {
        osk_blob_abort(&writer);
        free(bytes);
        skip(); /* this disk knows no stages */
    }
    assert_int_equal(osk_blob_fd(writer), -1);
    assert_int_not_equal(osk_blob_write(writer, bytes, 1, &fault), OSK_OK);
    assert_int_not_equal(osk_blob_write(writer, bytes, OSK_STAGE_FROM, &fault), OSK_OK);
    assert_int_not_equal(osk_blob_commit(&writer, UINT64_MAX, &key, &fault), OSK_OK);
    free(bytes);
}

static sqlite3 *open_rows(const Rig *rig)
{
    char path[160];
    sqlite3 *db = NULL;
    snprintf(path, sizeof(path), "%s/rows.db", rig->folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

static void folder__rows_have_no_counters_and_no_times(void **state)
{
    Rig *rig = *state;
    sqlite3 *db = open_rows(rig);
    sqlite3_stmt *statement = NULL;
    int tables = 0;
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT sql FROM sqlite_master WHERE type='table'", -1,
                                        &statement, NULL),
                     SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const char *sql = (const char *)sqlite3_column_text(statement, 0);
        assert_non_null(strstr(sql, "WITHOUT ROWID"));
        assert_null(strstr(sql, "time"));
        assert_null(strstr(sql, "AUTOINCREMENT"));
        tables++;
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    assert_int_equal(tables, 9);
}

static void folder__is_for_its_owner_alone(void **state)
{
    static const char *const names[] = { "", "/blobs", "/rows.db", "/rows.db-wal", "/lock" };
    Rig *rig = *state;
    Marked sent;
    send_one(rig->store, &sent, 1);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[160];
        struct stat info;
        snprintf(path, sizeof(path), "%s%s", rig->folder, names[i]);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 077, 0);
    }
}

static void folder__of_another_version_is_left_alone(void **state)
{
    Rig *rig = *state;
    OskFault fault;
    OskStore *store = NULL;
    osk_store_close(&rig->store);
    sqlite3 *db = open_rows(rig);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version=99", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(open_store(&store, rig->folder, &fault), OSK_UNSUPPORTED);
    assert_null(store);
    assert_non_null(fault.next);
}

static int version_of(const Rig *rig)
{
    sqlite3 *db = open_rows(rig);
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int version = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return version;
}

static bool see_record(void *context, const OskRecordRow *row)
{
    (void)row;
    ++*(size_t *)context;
    return true;
}

/* What is there of a submission that was sent before; how many records. */
static size_t look_through(const Rig *rig, const OskStoreOptions *options, const Marked *sent)
{
    const OskRecordQuery query = { .space = OSK_SPACE_CLUSTER };
    OskFault fault = { .status = OSK_OK };
    OskStore *store = NULL;
    size_t count = 0;
    assert_int_equal(osk_store_open_folder(&store, rig->folder, options, &fault), OSK_OK);
    Seen seen = rig_segments(store, &sent->file);
    assert_int_equal(seen.count, 1);
    assert_true(rig_has_blob(store, &seen.segments[0].blob));
    assert_int_equal(osk_store_records(store, &query, see_record, &count, &fault), OSK_OK);
    assert_int_equal(rig_check(store), OSK_OK);
    osk_store_close(&store);
    return count;
}

static void folder__of_the_version_before_gets_records_from_its_server(void **state)
{
    static const OskStoreOptions reading = { .read_only = true };
    static const OskStoreOptions beside = { .beside = true };
    static const OskStoreOptions serving = { .create = true };
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskStore *store = NULL;
    uint64_t moved = 0;
    char copy[96];
    char back[96];
    Marked sent;
    send_one(rig->store, &sent, 1);
    osk_store_close(&rig->store);
    sqlite3 *db = open_rows(rig);
    assert_int_equal(
        sqlite3_exec(db, "DROP TABLE records; PRAGMA user_version=1", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    /* Who only reads, or works beside a server that is older, changes nothing of it. */
    assert_int_equal(look_through(rig, &reading, &sent), 0);
    assert_int_equal(look_through(rig, &beside, &sent), 0);
    assert_int_equal(osk_store_open_folder(&store, rig->folder, &beside, &fault), OSK_OK);
    assert_int_equal(osk_store_shuffle(store, 20000, &moved, &fault), OSK_OK);
    assert_int_equal(moved, 1);
    snprintf(copy, sizeof(copy), "%s.copy", rig->folder);
    assert_int_equal(osk_store_backup(store, copy, &fault), OSK_OK);
    osk_store_close(&store);
    assert_int_equal(version_of(rig), 1);
    /* A backup of it is as good as it was, also with deletions of a store that is newer. */
    rig->store = rig->maker->open(rig->folder);
    snprintf(back, sizeof(back), "%s.back", rig->folder);
    assert_int_equal(osk_store_restore(copy, back, rig->folder, &fault), OSK_OK);
    assert_int_equal(version_of(rig), 2);
    OskRecordRow row = { .key = { .space = OSK_SPACE_CLUSTER, .id = rig_id() } };
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_RECORD_SET, .row.record = &row }),
                     OSK_COMMIT_OK);
    osk_store_close(&rig->store);
    assert_int_equal(look_through(rig, &serving, &sent), 1);
    assert_int_equal(look_through(rig, &reading, &sent), 1);
    rig_reopen(rig);
}

/* ---- what is deleted for good ---- */

static int open_blob(const Rig *rig, const OskId *key)
{
    char path[160];
    char name[33];
    for (int i = 0; i < 16; i++) {
        snprintf(name + 2 * i, 3, "%02x", key->bytes[i]);
    }
    snprintf(path, sizeof(path), "%s/blobs/%s", rig->folder, name);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    return fd;
}

/* What the disk has where a file was; closes it. */
static bool is_wiped(int fd, size_t len)
{
    char bytes[64];
    static const char zeros[64];
    assert_int_equal(pread(fd, bytes, len, 0), len);
    close(fd);
    return memcmp(bytes, zeros, len) == 0;
}

static void folder__wipes_the_head_of_what_is_dropped(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    uint64_t swept = 0;
    Sent sent = rig_send(rig->store, "age-encryption.org/v1", 1);
    OskRecordRow look = { .key = { .space = OSK_SPACE_LOOK, .owner = sent.file.id },
                          .blob = rig_put_blob(rig->store, "age preview"),
                          .sealed_len = 11 };
    OskId orphan = rig_put_blob(rig->store, "age orphan");
    assert_int_equal(COMMIT(rig->store, { .kind = OSK_ROW_RECORD_SET, .row.record = &look }),
                     OSK_COMMIT_OK);
    int fds[] = { open_blob(rig, &sent.blob), open_blob(rig, &look.blob), open_blob(rig, &orphan) };
    assert_int_equal(
        COMMIT(rig->store, { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = sent.submission.id }),
        OSK_COMMIT_OK);
    assert_true(is_wiped(fds[0], 21));
    assert_true(is_wiped(fds[1], 11));
    /* What a shuffle leaves behind would open for as long as the disk keeps it. */
    Sent moves = rig_send(rig->store, "age moves", 3);
    int old = open_blob(rig, &moves.blob);
    assert_int_equal(osk_store_shuffle(rig->store, rig_today(), &swept, &fault), OSK_OK);
    assert_int_equal(swept, 1);
    assert_true(is_wiped(old, 9));
    /* A stop came between a deletion and its wiping. */
    rig_reopen(rig);
    assert_int_equal(osk_store_sweep(rig->store, &swept, &fault), OSK_OK);
    assert_int_equal(swept, 1);
    assert_true(is_wiped(fds[2], 10));
}

static void folder__wipes_nothing_that_a_backup_has(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    uint64_t moved = 0;
    char copy[96];
    Sent gone = rig_send(rig->store, "age gone", 1);
    Sent stays = rig_send(rig->store, "age stays", 2);
    snprintf(copy, sizeof(copy), "%s.copy", rig->folder);
    assert_int_equal(osk_store_backup(rig->store, copy, &fault), OSK_OK);
    int fds[] = { open_blob(rig, &gone.blob), open_blob(rig, &stays.blob) };
    assert_int_equal(osk_blob_wipe_head(rig->store, &stays.blob, 3, &fault), OSK_UNSUPPORTED);
    assert_int_equal(
        COMMIT(rig->store, { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = gone.submission.id }),
        OSK_COMMIT_OK);
    assert_int_equal(osk_store_shuffle(rig->store, rig_today(), &moved, &fault), OSK_OK);
    assert_false(is_wiped(fds[0], 8));
    assert_false(is_wiped(fds[1], 9));
}

static void folder__wiping_changes_no_more_than_the_head(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    struct stat before;
    struct stat after;
    char bytes[12];
    Sent sent = rig_send(rig->store, "age:payload", 1);
    OskId none = rig_id();
    int fd = open_blob(rig, &sent.blob);
    assert_int_equal(fstat(fd, &before), 0);
    assert_int_equal(osk_blob_wipe_head(rig->store, &sent.blob, 4, &fault), OSK_OK);
    assert_int_equal(fstat(fd, &after), 0);
    assert_int_equal(pread(fd, bytes, 12, 0), 11);
    assert_memory_equal(bytes, "\0\0\0\0payload", 11);
    /* When somebody was removed from the desk is no file's time. */
    assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof(before.st_mtim));
    assert_int_equal(osk_blob_wipe_head(rig->store, &sent.blob, 1u << 20, &fault), OSK_OK);
    assert_int_equal(fstat(fd, &after), 0);
    assert_int_equal(after.st_size, 11);
    close(fd);
    assert_int_equal(osk_blob_wipe_head(rig->store, &none, 4, &fault), OSK_FOUND);
    assert_int_equal(rig_check(rig->store), OSK_OK);
}

static void folder__without_a_store_is_said(void **state)
{
    static const OskStoreOptions options = { .create = false };
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskStore *store = NULL;
    assert_int_equal(osk_store_open_folder(&store, rig->top, &options, &fault), OSK_IO);
    assert_string_equal(fault.what, "this folder holds no store");
    assert_non_null(fault.next);
}

static void folder__has_one_server(void **state)
{
    static const OskStoreOptions waits = { .create = true, .lock_wait_ms = 50 };
    static const OskStoreOptions beside = { .beside = true };
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskStore *store = NULL;
    uint64_t count = 0;
    assert_int_equal(osk_store_open_folder(&store, rig->folder, &waits, &fault), OSK_IO);
    assert_string_equal(fault.what, "another server uses this store");
    fault = (OskFault){ .status = OSK_OK };
    assert_int_equal(osk_store_open_folder(&store, rig->folder, &beside, &fault), OSK_OK);
    assert_int_equal(osk_store_sweep(store, &count, &fault), OSK_MISUSE);
    assert_int_equal(osk_store_shuffle(store, 20000, &count, &fault), OSK_OK);
    osk_store_close(&store);
    rig_reopen(rig);
}

static void folder__for_reading_takes_no_changes(void **state)
{
    static const OskStoreOptions reading = { .read_only = true };
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    OskStore *store = NULL;
    OskId id = { .bytes = { 1 } };
    OskChange drop = { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = id };
    assert_int_equal(osk_store_open_folder(&store, rig->folder, &reading, &fault), OSK_OK);
    assert_int_equal(osk_store_commit(store, &drop, 1, NULL, &fault), OSK_COMMIT_CONFLICT);
    assert_int_equal(fault.status, OSK_MISUSE);
    osk_store_close(&store);
}

static void say(void *context, const char *what)
{
    (void)what;
    ++*(int *)context;
}

static void folder__damaged_rows_are_found(void **state)
{
    Rig *rig = *state;
    OskFault fault = { .status = OSK_OK };
    char path[160];
    char zeros[1024] = { 0 };
    int said = 0;
    for (unsigned i = 0; i < 40; i++) {
        Marked sent;
        send_one(rig->store, &sent, i);
    }
    osk_store_close(&rig->store);
    snprintf(path, sizeof(path), "%s/rows.db", rig->folder);
    int fd = open(path, O_RDWR);
    struct stat info;
    assert_int_equal(fstat(fd, &info), 0);
    for (off_t at = 8 * 4096 + 100; at < info.st_size; at += 4096) {
        assert_int_equal(pwrite(fd, zeros, sizeof(zeros), at), sizeof(zeros));
    }
    close(fd);
    OskStatus status = open_store(&rig->store, rig->folder, &fault);
    if (status == OSK_OK) {
        status = osk_store_check(rig->store, say, &said, &fault);
        assert_int_equal(status, OSK_FOUND);
        assert_true(said > 0);
    }
    assert_int_not_equal(status, OSK_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(folder__times_of_blobs_are_the_day, set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(folder__shuffle_leaves_no_order_of_arrival, set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(folder__keeps_nothing_of_what_was_deleted, set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(folder__forgets_the_key_of_old_digests, set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(folder__a_blob_that_lost_bytes_is_never_committed, set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(folder__rows_have_no_counters_and_no_times, set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(folder__is_for_its_owner_alone, set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(folder__of_another_version_is_left_alone, set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(folder__of_the_version_before_gets_records_from_its_server,
                                        set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(folder__wipes_the_head_of_what_is_dropped, set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(folder__wipes_nothing_that_a_backup_has, set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(folder__wiping_changes_no_more_than_the_head, set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(folder__without_a_store_is_said, set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(folder__has_one_server, set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(folder__for_reading_takes_no_changes, set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(folder__damaged_rows_are_found, set_up, rig_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
