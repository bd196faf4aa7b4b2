/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A day with many long records, beside a drop that goes on. */
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/rig.h"

#define RECORDS 640u
#define AT_ONCE 32u
#define LONG_BYTES 20000u
#define DAY 20000
#define PAGES_BYTES (8u << 20) /* of the database, which SQLite keeps */

static int set_up(void **state)
{
    *state = (void *)(uintptr_t)&rig_folder; /* cmocka's state is not const */
    return rig_set_up(state);
}

static void mark(unsigned number, char text[16])
{
    snprintf(text, 16, "RECORD-%04u", number);
}

/* In the order in which they come. */
static void fill(OskStore *store)
{
    static uint8_t bytes[AT_ONCE][LONG_BYTES];
    OskRecordRow rows[AT_ONCE];
    OskChange changes[AT_ONCE];
    for (unsigned i = 0; i < RECORDS; i++) {
        char text[16];
        unsigned at = i % AT_ONCE;
        mark(i, text);
        memset(bytes[at], '.', LONG_BYTES);
        /* At its end: the begin lies in the tree, by its key. */
        memcpy(bytes[at] + LONG_BYTES - 400, text, strlen(text));
        rows[at] = (OskRecordRow){ .key = { .space = OSK_SPACE_OPERATION, .id = rig_id() },
                                   .day = DAY,
                                   .bytes = { .bytes = bytes[at], .len = LONG_BYTES } };
        changes[at] = (OskChange){ .kind = OSK_ROW_RECORD_SET, .row.record = &rows[at] };
        if (at + 1 == AT_ONCE) {
            assert_int_equal(rig_commit(store, changes, AT_ONCE, NULL), OSK_COMMIT_OK);
        }
    }
}

static void shuffle(OskStore *store)
{
    OskFault fault = { .status = OSK_OK };
    uint64_t moved = 0;
    assert_int_equal(osk_store_shuffle(store, DAY, &moved, &fault), OSK_OK);
}

/* How far the order of the marks in rows.db agrees with that of their numbers: 1 fully. */
static double order_on_disk(const Rig *rig)
{
    char path[160];
    struct stat info;
    snprintf(path, sizeof(path), "%s/rows.db", rig->folder);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &info) == 0);
    char *all = malloc((size_t)info.st_size);
    assert_non_null(all);
    assert_int_equal(read(fd, all, (size_t)info.st_size), info.st_size);
    close(fd);
    const char *places[RECORDS];
    for (unsigned i = 0; i < RECORDS; i++) {
        char text[16];
        mark(i, text);
        places[i] = memmem(all, (size_t)info.st_size, text, strlen(text));
        assert_non_null(places[i]);
    }
    double sum = 0;
    for (unsigned i = 0; i < RECORDS; i++) {
        double rank = 0;
        for (unsigned j = 0; j < RECORDS; j++) {
            rank += places[j] < places[i] ? 1 : 0;
        }
        sum += (rank - i) * (rank - i);
    }
    free(all);
    return 1 - 6 * sum / ((double)RECORDS * ((double)RECORDS * RECORDS - 1));
}

static void shuffle__leaves_no_order_of_long_records(void **state)
{
    Rig *rig = *state;
    fill(rig->store);
    rig_reopen(rig);                        /* out of the log, into the file that is looked at */
    assert_true(order_on_disk(rig) > 0.95); /* else this test sees nothing */
    shuffle(rig->store);
    rig_reopen(rig);
    /* Chance alone goes beyond a fifth once in a million runs. */
    double order = order_on_disk(rig);
    assert_true(order > -0.2 && order < 0.2);
    assert_int_equal(rig_check(rig->store), OSK_OK);
}

static void shuffle__holds_few_records_in_memory(void **state)
{
    Rig *rig = *state;
    sqlite3_int64 now = 0;
    sqlite3_int64 most = 0;
    fill(rig->store);
    rig_reopen(rig);
    sqlite3_status64(SQLITE_STATUS_MEMORY_USED, &now, &most, 1);
    shuffle(rig->store);
    sqlite3_status64(SQLITE_STATUS_MEMORY_USED, &now, &most, 0);
    assert_in_range(most, 1, PAGES_BYTES + RECORDS * LONG_BYTES / 2);
}

typedef struct Beside {
    OskStore *store;
    atomic_bool is_over;
} Beside;

static void *shuffle_beside(void *context)
{
    Beside *beside = context;
    shuffle(beside->store);
    atomic_store(&beside->is_over, true);
    return NULL;
}

/* A number that changes with each transaction of others. */
static int version_of(sqlite3 *db)
{
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA data_version", -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int version = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    return version;
}

/* A drop that wants to write waits for a transaction, not for the whole day. */
static void shuffle__is_many_short_transactions(void **state)
{
    Rig *rig = *state;
    pthread_t thread;
    sqlite3 *db = NULL;
    char path[160];
    unsigned seen = 0;
    fill(rig->store);
    snprintf(path, sizeof(path), "%s/rows.db", rig->folder);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    Beside beside = { .store = rig->store };
    int before = version_of(db);
    assert_int_equal(pthread_create(&thread, NULL, shuffle_beside, &beside), 0);
    while (!atomic_load(&beside.is_over)) {
        int now = version_of(db);
        seen += now != before ? 1 : 0;
        before = now;
    }
    pthread_join(thread, NULL);
    sqlite3_close(db);
    assert_in_range(seen, RECORDS / 64 / 2, UINT32_MAX);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(shuffle__leaves_no_order_of_long_records),
        TEST(shuffle__holds_few_records_in_memory),
        TEST(shuffle__is_many_short_transactions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
