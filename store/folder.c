/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The default store: a folder with rows.db (SQLite) and blobs/ (files). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fault.h"
#include "store/files_blobs.h"
#include "store/sqlite_rows.h"
#include "store/store_open.h"

#define FOLDER (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

/* Makes a folder for the owner alone; the name is durable when it returns. */
static int make_folder(const char *path)
{
    if (mkdir(path, 0700) != 0) {
        return errno == EEXIST ? 0 : errno;
    }
    int above = -1;
    char *up = NULL;
    int error = asprintf(&up, "%s/..", path) < 0 ? ENOMEM : 0;
    if (error == 0) {
        above = open(up, FOLDER);
        error = above >= 0 && osk_files_sync(above) ? 0 : errno;
        free(up);
    }
    if (above >= 0) {
        close(above);
    }
    return error;
}

/* The lock of the one server. It goes with the process, however that ends. */
static int take_lock(int folder_fd, unsigned wait_ms, int *out)
{
    const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
    int fd = openat(folder_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return errno;
    }
    for (unsigned waited = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited += 20) {
        if (errno != EWOULDBLOCK || waited >= wait_ms) {
            int error = errno;
            close(fd);
            return error;
        }
        nanosleep(&pause, NULL);
    }
    *out = fd;
    return 0;
}

static OskStatus fail_lock(OskFault *fault, int error)
{
    if (error != EWOULDBLOCK) {
        return osk_store_fail(fault, "folder", error);
    }
    osk_fault_set(fault, OSK_IO, "store", "another server uses this store", OSK_NO_OFFSET);
    osk_fault_next(fault, "end the other server first, or name another folder");
    return OSK_IO;
}

/* The folder, its lock and its blobs; descriptors in `parts`, which the caller closes on failure.
 */
static OskStatus open_folders(OskStoreParts *parts, const char *folder,
                              const OskStoreOptions *options, int *out_blobs, OskFault *fault)
{
    int error = options->create ? make_folder(folder) : 0;
    if (error == 0) {
        parts->folder_fd = open(folder, FOLDER);
        error = parts->folder_fd < 0 ? errno : 0;
    }
    if (error != 0) {
        return osk_store_fail(fault, "folder", error);
    }
    if (!options->beside && !options->read_only) {
        error = take_lock(parts->folder_fd, options->lock_wait_ms, &parts->lock_fd);
        if (error != 0) {
            return fail_lock(fault, error);
        }
        parts->owns = true;
    }
    if (options->create && mkdirat(parts->folder_fd, "blobs", 0700) != 0 && errno != EEXIST) {
        return osk_store_fail(fault, "folder", errno);
    }
    *out_blobs = openat(parts->folder_fd, "blobs", FOLDER);
    if (*out_blobs < 0) {
        error = errno;
        osk_fault_set(fault, OSK_IO, "folder", "this folder holds no store", OSK_NO_OFFSET);
        osk_fault_next(fault, error == ENOENT ? "name the folder given to oilskin serve --data"
                                              : "run this as the owner of the folder");
        return OSK_IO;
    }
    return OSK_OK;
}

static void close_parts(const OskStoreParts *parts)
{
    if (parts->rows_self != NULL) {
        parts->rows->close(parts->rows_self);
    }
    if (parts->blobs_self != NULL) {
        parts->blobs->close(parts->blobs_self);
    }
    if (parts->folder_fd >= 0) {
        close(parts->folder_fd);
    }
    if (parts->lock_fd >= 0) {
        close(parts->lock_fd);
    }
}

/* Opening writes, too; on a full disk from what was spared. */
static OskStatus open_rows(OskStoreParts *parts, const char *folder, const OskStoreOptions *options,
                           OskFault *fault)
{
    OskFault first = { .status = OSK_OK };
    OskStatus status = osk_sqlite_open(&parts->rows_self, folder, options, &first);
    if (status != OSK_OK && status != OSK_UNSUPPORTED && parts->owns &&
        osk_spare_give(parts->folder_fd)) {
        first = (OskFault){ .status = OSK_OK };
        status = osk_sqlite_open(&parts->rows_self, folder, options, &first);
    }
    if (status != OSK_OK) {
        if (fault != NULL) {
            *fault = first;
        }
    } else if (parts->owns) {
        osk_spare_keep(parts->folder_fd);
    }
    return status;
}

OskStatus osk_store_open_folder(OskStore **out, const char *folder, const OskStoreOptions *options,
                                OskFault *fault)
{
    OskStoreParts parts = {
        .rows = &osk_sqlite_rows, .blobs = &osk_files_blobs, .folder_fd = -1, .lock_fd = -1
    };
    int blobs_fd = -1;
    *out = NULL;
    OskStatus status = open_folders(&parts, folder, options, &blobs_fd, fault);
    if (status == OSK_OK) {
        status = osk_files_blobs_open(&parts.blobs_self, blobs_fd, parts.owns, fault);
    }
    if (status == OSK_OK) {
        status = open_rows(&parts, folder, options, fault);
    }
    /* blobs/, and what SQLite has made by now: it syncs the folder only where it was built to. Its
     * log is made at every start and stays until the end. */
    if (status == OSK_OK && !options->read_only && !osk_files_sync(parts.folder_fd)) {
        status = osk_store_fail(fault, "folder", errno);
    }
    if (status != OSK_OK) {
        close_parts(&parts);
        return status;
    }
    status = osk_store_join(out, &parts, fault);
    if (status != OSK_OK) {
        parts.rows_self = NULL;
        parts.blobs_self = NULL;
        close_parts(&parts);
    }
    return status;
}
