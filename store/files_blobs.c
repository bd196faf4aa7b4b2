/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blobs as files: reading, removing, and the table. How one is written is in files_writer.c. */
#include "store/files_blobs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/input.h"
#include "host/output.h"
#include "store/files_folder.h"
#include "store/files_writer.h"

typedef struct Reader {
    OskBlobReader base;
    int fd;
    uint64_t size;
} Reader;

/* ---- reading ---- */

static OskStatus open_reader(void *self, const OskId *key, OskBlobReader **out, OskFault *fault)
{
    Reader *reader = calloc(1, sizeof(*reader));
    struct stat info;
    if (reader == NULL) {
        return osk_store_fail(fault, "file", ENOMEM);
    }
    reader->fd = osk_files_folder_open_blob(self, key);
    int error = reader->fd < 0 || fstat(reader->fd, &info) != 0 ? errno : 0;
    if (error != 0) {
        if (reader->fd >= 0) {
            close(reader->fd);
        }
        free(reader);
        return error == ENOENT ? osk_fault_set(fault, OSK_IO, "blob", OSK_BLOB_GONE, OSK_NO_OFFSET)
                               : osk_store_fail(fault, "file", error);
    }
    reader->size = (uint64_t)info.st_size;
    *out = &reader->base;
    return OSK_OK;
}

static bool read_exactly(void *context, uint64_t offset, void *out, size_t len)
{
    const Reader *reader = context;
    return osk_read_at(reader->fd, offset, out, len);
}

static OskSource source(OskBlobReader *base)
{
    Reader *reader = (Reader *)base;
    return (OskSource){ .context = reader, .read = read_exactly, .size = reader->size };
}

static int reader_fd(const OskBlobReader *base)
{
    return ((const Reader *)base)->fd;
}

static void close_reader(OskBlobReader *base)
{
    Reader *reader = (Reader *)base;
    close(reader->fd);
    free(reader);
}

/* ---- the folder ---- */

static OskStatus remove_blob(void *self, const OskId *key, OskFault *fault)
{
    OskFilesFolder *folder = self;
    char name[OSK_BLOB_NAME_BYTES];
    osk_files_folder_name(key, name);
    if (unlinkat(folder->fd, name, 0) == 0) {
        atomic_fetch_add(&folder->removed, 1);
        return OSK_OK;
    }
    return errno == ENOENT ? OSK_OK : osk_store_fail(fault, "blob", errno);
}

/* Zeros, and the times that it had. */
static int overwrite(int fd, uint64_t len)
{
    static const uint8_t zeros[4096];
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return errno;
    }
    if (info.st_nlink > 1) {
        return EMLINK;
    }
    uint64_t end = len < (uint64_t)info.st_size ? len : (uint64_t)info.st_size;
    for (uint64_t at = 0; at < end;) {
        size_t step = end - at < sizeof(zeros) ? (size_t)(end - at) : sizeof(zeros);
        ssize_t wrote = pwrite(fd, zeros, step, (off_t)at);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            return wrote < 0 ? errno : EIO;
        }
        at += (uint64_t)wrote;
    }
    const struct timespec times[2] = { info.st_atim, info.st_mtim };
    return futimens(fd, times) == 0 && fsync(fd) == 0 ? 0 : errno;
}

static OskStatus wipe_blob(void *self, const OskId *key, uint64_t len, OskFault *fault)
{
    const OskFilesFolder *folder = self;
    char name[OSK_BLOB_NAME_BYTES];
    osk_files_folder_name(key, name);
    int fd = openat(folder->fd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    int error = fd < 0 ? errno : overwrite(fd, len);
    if (fd >= 0) {
        close(fd);
    }
    switch (error) {
    case 0: return OSK_OK;
    case ENOENT: return osk_fault_set(fault, OSK_FOUND, "blob", "the blob is gone", OSK_NO_OFFSET);
    case EMLINK:
        osk_fault_set(fault, OSK_UNSUPPORTED, "blob", "a backup on the same disk has this blob",
                      OSK_NO_OFFSET);
        osk_fault_next(fault, "delete the backups that were made before, then try again");
        return OSK_UNSUPPORTED;
    default: return osk_store_fail(fault, "blob", error);
    }
}

static OskStatus sync_removed(void *self, OskFault *fault)
{
    OskFilesFolder *folder = self;
    int error = atomic_load(&folder->removed) != atomic_load(&folder->settled)
                    ? osk_files_folder_sync(folder)
                    : 0;
    return error == 0 ? OSK_OK : osk_store_fail(fault, "blob", error);
}

static OskStatus list(void *self, bool (*each)(void *, const OskId *, uint64_t), void *context,
                      OskFault *fault)
{
    OskFilesFolder *folder = self;
    DIR *stream = osk_files_folder_list(folder);
    if (stream == NULL) {
        return osk_store_fail(fault, "folder", errno);
    }
    OskId key = { .bytes = { 0 } };
    struct stat info;
    bool goes_on = true;
    int error = 0;
    while (goes_on) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (entry == NULL) {
            error = errno;
            break;
        }
        if (osk_files_folder_key(entry->d_name, &key) &&
            fstatat(folder->fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(info.st_mode)) {
            goes_on = each(context, &key, (uint64_t)info.st_size);
        }
    }
    closedir(stream);
    return error == 0 ? OSK_OK : osk_store_fail(fault, "folder", error);
}

static bool look(void *self, const OskId *key, uint64_t *out_len)
{
    const OskFilesFolder *folder = self;
    char name[OSK_BLOB_NAME_BYTES];
    struct stat info;
    osk_files_folder_name(key, name);
    if (fstatat(folder->fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return false;
    }
    *out_len = (uint64_t)info.st_size;
    return true;
}

static OskStatus disk(void *self, uint64_t *out_free, uint64_t *out_total)
{
    const OskFilesFolder *folder = self;
    struct statvfs info;
    if (fstatvfs(folder->fd, &info) != 0) {
        return OSK_IO;
    }
    *out_free = (uint64_t)info.f_bavail * info.f_frsize;
    *out_total = (uint64_t)info.f_blocks * info.f_frsize;
    return OSK_OK;
}

/* Bytes of a blob into a file of another disk. */
static int copy_bytes(int from, int blobs_fd, const char *name)
{
    struct stat info;
    if (fstat(from, &info) != 0) {
        return errno;
    }
    int to = openat(blobs_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to < 0) {
        return errno;
    }
    const struct timespec times[2] = { info.st_atim, info.st_mtim };
    bool copied = osk_copy_to_stream(from, to, (uint64_t)info.st_size) &&
                  futimens(to, times) == 0 && fsync(to) == 0;
    int error = copied ? 0 : errno;
    close(to);
    return error;
}

static OskStatus copy_blob(void *self, const OskId *key, int blobs_fd, OskFault *fault)
{
    OskFilesFolder *folder = self;
    char name[OSK_BLOB_NAME_BYTES];
    osk_files_folder_name(key, name);
    if (linkat(folder->fd, name, blobs_fd, name, 0) == 0 || errno == EEXIST) {
        return OSK_OK;
    }
    if (errno == ENOENT) {
        return OSK_FOUND;
    }
    /* Another disk, or one without links. */
    int from = osk_files_folder_open_blob(folder, key);
    if (from < 0) {
        return errno == ENOENT ? OSK_FOUND : osk_store_fail(fault, "file", errno);
    }
    int error = copy_bytes(from, blobs_fd, name);
    close(from);
    return error == 0 ? OSK_OK : osk_store_fail(fault, "blob", error);
}

static void close_blobs(void *self)
{
    OskFilesFolder *folder = self;
    close(folder->fd);
    osk_group_close(&folder->syncs);
    free(folder);
}

static void tidy_halves(const OskFilesFolder *folder)
{
    DIR *stream = osk_files_folder_list(folder);
    for (const struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;) {
        if (strncmp(entry->d_name, OSK_HALF_PREFIX, strlen(OSK_HALF_PREFIX)) == 0) {
            unlinkat(folder->fd, entry->d_name, 0);
        }
    }
    if (stream != NULL) {
        closedir(stream);
    }
}

OskStatus osk_files_blobs_open(void **out_self, int fd, bool tidy, OskFault *fault)
{
    OskFilesFolder *folder = calloc(1, sizeof(*folder));
    if (folder == NULL || !osk_group_open(&folder->syncs)) {
        free(folder);
        close(fd);
        return osk_store_fail(fault, "folder", ENOMEM);
    }
    folder->fd = fd;
    if (tidy) {
        tidy_halves(folder);
    }
    *out_self = folder;
    return OSK_OK;
}

static bool empty_one(void *context, const OskId *key, uint64_t len)
{
    OskFault none = { .status = OSK_OK };
    (void)len;
    return remove_blob(context, key, &none) == OSK_OK;
}

void osk_files_blobs_empty(void *self)
{
    OskFault none = { .status = OSK_OK };
    list(self, empty_one, self, &none);
}

const OskBlobsBackend osk_files_blobs = {
    .begin = osk_files_begin,
    .fd = osk_files_writer_fd,
    .write = osk_files_write,
    .commit = osk_files_commit,
    .abort = osk_files_abort,
    .recall = osk_files_recall,
    .open = open_reader,
    .source = source,
    .reader_fd = reader_fd,
    .close_reader = close_reader,
    .remove = remove_blob,
    .wipe = wipe_blob,
    .sync = sync_removed,
    .list = list,
    .look = look,
    .disk = disk,
    .copy = copy_blob,
    .close = close_blobs,
};
