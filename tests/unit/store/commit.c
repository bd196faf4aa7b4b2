/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commits that fail together: what nobody knows of the first try is not known after the second. */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "store/rig.h"
#include "store/sqlite_rows.h"

#define TOGETHER 2
#define TRIES 50

/* ---- a disk that fails behind a COMMIT ---- */

static struct {
    bool is_on;
    bool fails_alone; /* each later BEGIN fails */
    atomic_uint begins;
    atomic_uint savepoints;
    bool has_failed;
    sem_t first; /* the first commit waits until others stand behind it */
} disk;

/* By the linker, for every statement without values. */
int __real_osk_sqlite_run(OskConnection *connection, const char *sql);
int __wrap_osk_sqlite_run(OskConnection *connection, const char *sql);

int __wrap_osk_sqlite_run(OskConnection *connection, const char *sql)
{
    if (!disk.is_on) {
        return __real_osk_sqlite_run(connection, sql);
    }
    if (strcmp(sql, "BEGIN IMMEDIATE") == 0) {
        if (atomic_fetch_add(&disk.begins, 1) == 0) {
            sem_wait(&disk.first);
        } else if (disk.has_failed && disk.fails_alone) {
            return SQLITE_FULL;
        }
    }
    bool is_together = disk.savepoints > 0;
    atomic_fetch_add(&disk.savepoints, strcmp(sql, "SAVEPOINT job") == 0 ? 1 : 0);
    int code = __real_osk_sqlite_run(connection, sql);
    if (is_together && !disk.has_failed && strcmp(sql, "COMMIT") == 0) {
        disk.has_failed = true;
        return SQLITE_IOERR_FSYNC;
    }
    return code;
}

/* ---- a commit in a thread ---- */

typedef struct Sender {
    pthread_t thread;
    OskStore *store;
    OskUploadRow row;
    OskId once;
    bool has_once;
    OskCommit result;
    OskFault fault;
} Sender;

static void *send_row(void *context)
{
    Sender *sender = context;
    const OskChange change = { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &sender->row };
    sender->result = osk_store_commit(sender->store, &change, 1,
                                      sender->has_once ? &sender->once : NULL, &sender->fault);
    return NULL;
}

static void start(Sender *sender, OskStore *store, bool has_once)
{
    *sender =
        (Sender){ .store = store, .row = rig_upload(), .once = rig_id(), .has_once = has_once };
    assert_int_equal(pthread_create(&sender->thread, NULL, send_row, sender), 0);
}

/* False when they did not meet. */
static bool run_together(Sender *senders, OskStore *store, bool fails_alone, bool has_once)
{
    const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
    disk.savepoints = 0;
    disk.begins = 0;
    disk.has_failed = false;
    disk.fails_alone = fails_alone;
    disk.is_on = true;
    start(&senders[TOGETHER], store, false);
    while (disk.begins == 0) {
        nanosleep(&pause, NULL);
    }
    for (size_t i = 0; i < TOGETHER; i++) {
        start(&senders[i], store, has_once);
    }
    nanosleep(&pause, NULL);
    sem_post(&disk.first);
    for (size_t i = 0; i <= TOGETHER; i++) {
        pthread_join(senders[i].thread, NULL);
    }
    disk.is_on = false;
    return disk.has_failed;
}

static void assert_unknown(OskStore *store, bool fails_alone, bool has_once, OskCommit wanted)
{
    Sender senders[TOGETHER + 1];
    bool met = false;
    for (int i = 0; i < TRIES && !met; i++) {
        met = run_together(senders, store, fails_alone, has_once);
    }
    assert_true(met);
    assert_int_equal(senders[TOGETHER].result, OSK_COMMIT_OK);
    for (size_t i = 0; i < TOGETHER; i++) {
        OskUploadRow row;
        OskFault fault = { .status = OSK_OK };
        assert_int_equal(senders[i].result, wanted);
        /* It has happened: a caller that heard CONFLICT would delete what this row names. */
        assert_true(osk_store_upload(store, &senders[i].row.lookup, &row, &fault));
        osk_upload_row_free(&row);
    }
}

static void commit__what_nobody_knows_of_a_group_stays_unknown(void **state)
{
    Rig *rig = *state;
    assert_int_equal(sem_init(&disk.first, 0, 0), 0);
    assert_unknown(rig->store, true, false, OSK_COMMIT_UNKNOWN);
    assert_unknown(rig->store, true, true, OSK_COMMIT_UNKNOWN);
    /* The second try finds what the first has done. */
    assert_unknown(rig->store, false, false, OSK_COMMIT_UNKNOWN);
    assert_unknown(rig->store, false, true, OSK_COMMIT_OK);
    sem_destroy(&disk.first);
}

static int set_up(void **state)
{
    *state = (void *)(uintptr_t)&rig_folder; /* cmocka's state is not const */
    return rig_set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(commit__what_nobody_knows_of_a_group_stays_unknown, set_up,
                                        rig_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
