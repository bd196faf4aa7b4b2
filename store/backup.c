/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies of a store in a folder, while it runs. Rows first, then the blobs that they name: as links
 * where the disk is the same, for a blob never changes. What goes away in between makes another
 * round, with rows that no longer name it; where something always does, writers wait for the last
 * one. A copy gets its name when it is whole. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "store/files_blobs.h"
#include "store/sqlite_rows.h"
#include "store/store_open.h"

/* Rounds beside those who write. Each takes less time: what was linked before stays. */
#define ROUNDS 4
#define FOLDER (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

typedef struct Copy {
    const char *folder;
    char *part; /* the name meanwhile */
    int fd;
    int blobs_fd;
    OskFault *fault;
} Copy;

static OskStatus copy_begin(Copy *copy, const char *folder, OskFault *fault)
{
    struct stat info;
    *copy = (Copy){ .folder = folder, .fd = -1, .blobs_fd = -1, .fault = fault };
    if (lstat(folder, &info) == 0) {
        osk_fault_set(fault, OSK_IO, "copy", "there is something of that name already",
                      OSK_NO_OFFSET);
        osk_fault_next(fault, "name a folder that does not exist yet");
        return OSK_IO;
    }
    if (asprintf(&copy->part, "%s.part", folder) < 0) {
        copy->part = NULL;
        return osk_store_fail(fault, "copy", ENOMEM);
    }
    if (mkdir(copy->part, 0700) != 0) {
        bool is_there = errno == EEXIST;
        osk_store_fail(fault, "copy", errno);
        if (is_there && fault != NULL) {
            fault->what = "an earlier copy into that folder was not finished";
            fault->next = "delete the folder of that name with .part behind it, then run it again";
        }
        free(copy->part);
        copy->part = NULL;
        return OSK_IO;
    }
    copy->fd = open(copy->part, FOLDER);
    if (copy->fd < 0 || mkdirat(copy->fd, "blobs", 0700) != 0 ||
        (copy->blobs_fd = openat(copy->fd, "blobs", FOLDER)) < 0) {
        return osk_store_fail(fault, "copy", errno);
    }
    return OSK_OK;
}

static int sync_above(const char *path)
{
    char *up = NULL;
    if (asprintf(&up, "%s/..", path) < 0) {
        return ENOMEM;
    }
    int fd = open(up, FOLDER);
    int error = fd >= 0 && osk_files_sync(fd) ? 0 : errno;
    if (fd >= 0) {
        close(fd);
    }
    free(up);
    return error;
}

/* Deletes the half of a copy; names that only we make. */
static void copy_discard(Copy *copy)
{
    static const char *const names[] = { "rows.db", "rows.db-wal", "rows.db-shm", "rows.db-journal",
                                         "lock",    "care",        "spare" };
    void *blobs = NULL;
    OskFault none = { .status = OSK_OK };
    if (copy->blobs_fd >= 0 &&
        osk_files_blobs_open(&blobs, dup(copy->blobs_fd), true, &none) == OSK_OK) {
        osk_files_blobs_empty(blobs);
        osk_files_blobs.close(blobs);
    }
    for (size_t i = 0; copy->fd >= 0 && i < sizeof(names) / sizeof(names[0]); i++) {
        unlinkat(copy->fd, names[i], 0);
    }
    if (copy->fd >= 0) {
        unlinkat(copy->fd, "blobs", AT_REMOVEDIR);
    }
    rmdir(copy->part);
}

/* Durable, and under its name, when the status is OK; else gone. */
static OskStatus copy_end(Copy *copy, OskStatus status)
{
    if (status == OSK_OK && (!osk_files_sync(copy->blobs_fd) || !osk_files_sync(copy->fd) ||
                             rename(copy->part, copy->folder) != 0)) {
        status = osk_store_fail(copy->fault, "copy", errno);
    }
    if (status == OSK_OK) {
        int error = sync_above(copy->folder);
        status = error == 0 ? OSK_OK : osk_store_fail(copy->fault, "copy", error);
    } else if (copy->part != NULL) {
        copy_discard(copy);
    }
    if (copy->blobs_fd >= 0) {
        close(copy->blobs_fd);
    }
    if (copy->fd >= 0) {
        close(copy->fd);
    }
    free(copy->part);
    return status;
}

/* ---- blobs ---- */

typedef struct Links {
    const OskStoreParts *from;
    int blobs_fd;
    OskStatus status;
    size_t gone;
    OskFault *fault;
} Links;

static bool link_one(void *context, const OskBlobName *name)
{
    Links *links = context;
    links->status = links->from->blobs->copy(links->from->blobs_self, &name->blob, links->blobs_fd,
                                             links->fault);
    if (links->status == OSK_FOUND) {
        links->gone++;
        links->status = OSK_OK;
    }
    return links->status == OSK_OK;
}

/* One round: rows, then what they name. */
static OskStatus copy_round(const OskStoreParts *from, Copy *copy, size_t *gone)
{
    static const OskStoreOptions reading = { .read_only = true };
    void *rows = NULL;
    if (unlinkat(copy->fd, "rows.db", 0) != 0 && errno != ENOENT) {
        return osk_store_fail(copy->fault, "copy", errno);
    }
    OskStatus status = from->rows->copy(from->rows_self, copy->part, copy->fault);
    if (status == OSK_OK) {
        status = osk_sqlite_open(&rows, copy->part, &reading, copy->fault);
    }
    if (status == OSK_OK) {
        Links links = { .from = from, .blobs_fd = copy->blobs_fd, .fault = copy->fault };
        status = osk_sqlite_blobs(rows, OSK_EVERY_DAY, link_one, &links, copy->fault);
        status = links.status != OSK_OK ? links.status : status;
        *gone = links.gone;
        osk_sqlite_close(rows);
    }
    return status;
}

/* Rounds before the last one may have linked blobs that the last one's rows don't name: they are
 * orphans there, as anywhere. */
static OskStatus copy_store(const OskStoreParts *from, Copy *copy, bool is_alone)
{
    size_t gone = 1;
    OskStatus status = OSK_OK;
    for (unsigned round = 0; round < (is_alone ? 1 : ROUNDS) && gone > 0 && status == OSK_OK;
         round++) {
        status = copy_round(from, copy, &gone);
    }
    if (status == OSK_OK && gone > 0 && !is_alone) {
        void *held = NULL;
        status = from->rows->hold(from->rows_self, &held, copy->fault);
        status = status == OSK_OK ? copy_round(from, copy, &gone) : status;
        from->rows->let_go(&held);
    }
    if (status == OSK_OK && gone > 0) {
        osk_fault_set(copy->fault, OSK_IO, "store", "blobs are gone that rows name", OSK_NO_OFFSET);
        osk_fault_next(copy->fault, "run: oilskin store check DIR");
        status = OSK_IO;
    }
    return status;
}

OskStatus osk_store_backup(OskStore *store, const char *folder, OskFault *fault)
{
    Copy copy;
    int lock = osk_store_care_lock(store, true);
    if (lock < 0) {
        return osk_store_fail(fault, "folder", errno);
    }
    OskStatus status = copy_begin(&copy, folder, fault);
    if (status == OSK_OK) {
        status = copy_store(osk_store_parts(store), &copy, false);
    }
    status = copy_end(&copy, status);
    close(lock);
    return status;
}

/* What was deleted since is deleted in the copy before that has its name. */
static OskStatus bury(const char *folder, const char *tombstones_of, OskFault *fault)
{
    static const OskStoreOptions writing = { .create = false };
    OskStore *store = NULL;
    uint64_t swept = 0;
    OskStatus status = osk_store_open_folder(&store, folder, &writing, fault);
    if (status == OSK_OK) {
        status = osk_sqlite_bury(osk_store_parts(store)->rows_self, tombstones_of, fault);
    }
    if (status == OSK_OK) {
        status = osk_store_sweep(store, &swept, fault);
    }
    osk_store_close(&store);
    return status;
}

OskStatus osk_store_restore(const char *backup, const char *folder, const char *tombstones_of,
                            OskFault *fault)
{
    static const OskStoreOptions reading = { .read_only = true };
    OskStore *from = NULL;
    Copy copy;
    OskStatus status = osk_store_open_folder(&from, backup, &reading, fault);
    if (status != OSK_OK) {
        return status;
    }
    status = copy_begin(&copy, folder, fault);
    if (status == OSK_OK) {
        status = copy_store(osk_store_parts(from), &copy, true);
    }
    if (status == OSK_OK && tombstones_of != NULL) {
        status = bury(copy.part, tombstones_of, fault);
    }
    status = copy_end(&copy, status);
    osk_store_close(&from);
    return status;
}
