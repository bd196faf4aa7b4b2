/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A blob has no name while it is written (O_TMPFILE); then it is synced, linked, and the folder is
 * synced: in this order, so that a name never stands for less than all of its bytes. */
#include "store/files_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/random.h"
#include "store/stage.h"

#define HALF_BYTES 24u

typedef struct Writer {
    OskBlobWriter base;
    OskFilesFolder *folder;
    int fd;
    uint64_t len;
    uint64_t reserved;
    uint64_t early; /* bytes that are on their way to the disk */
    OskStage stage;
    int lost;              /* errno, once bytes that were taken can't be written any more */
    char half[HALF_BYTES]; /* its name meanwhile, where the disk knows no files without one */
} Writer;

static bool draw_half(char out[HALF_BYTES])
{
    char letters[17];
    if (!osk_random_letters(letters, sizeof(letters))) {
        return false;
    }
    snprintf(out, HALF_BYTES, OSK_HALF_PREFIX "%s", letters);
    return true;
}

static int open_half(OskFilesFolder *folder, Writer *writer)
{
    int fd = openat(folder->fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) {
        return fd;
    }
    if (!draw_half(writer->half)) {
        return -1;
    }
    fd = openat(folder->fd, writer->half, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        writer->half[0] = 0;
    }
    return fd;
}

static void free_writer(Writer *writer)
{
    osk_stage_drop(&writer->stage);
    if (writer->half[0] != 0) {
        unlinkat(writer->folder->fd, writer->half, 0);
    }
    if (writer->fd >= 0) {
        close(writer->fd);
    }
    free(writer);
}

OskStatus osk_files_begin(void *self, uint64_t reserve, OskBlobWriter **out, OskFault *fault)
{
    OskFilesFolder *folder = self;
    Writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL) {
        return osk_store_fail(fault, "blob", ENOMEM);
    }
    writer->folder = folder;
    writer->fd = open_half(folder, writer);
    int error = writer->fd < 0 ? errno : 0;
    if (error == 0 && reserve > 0 && reserve <= INT64_MAX &&
        fallocate(writer->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)reserve) != 0) {
        /* A disk that can't reserve is no worse than before; one that is full is. */
        error = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? errno : 0;
    } else {
        writer->reserved = reserve;
    }
    if (error != 0) {
        free_writer(writer);
        return osk_store_fail(fault, "blob", error);
    }
    *out = &writer->base;
    return OSK_OK;
}

/* Bytes that a stage could not get rid of are gone, and what came after them would lie behind a
 * hole: this blob is never whole. Returns an errno. */
static int settle(Writer *writer)
{
    int error = osk_stage_settle(&writer->stage);
    writer->lost = writer->lost != 0 ? writer->lost : error;
    return writer->lost;
}

/* Whoever asks for it sees all that was written. */
int osk_files_writer_fd(OskBlobWriter *base)
{
    Writer *writer = (Writer *)base;
    return settle(writer) == 0 ? writer->fd : -1;
}

/* Sends on its way what came since the last time. */
static void send_early(Writer *writer)
{
    /* A hint: whether it holds is seen by the sync. */
    (void)sync_file_range(writer->fd, (off_t)writer->early, (off_t)(writer->len - writer->early),
                          SYNC_FILE_RANGE_WRITE);
    writer->early = writer->len;
    (void)osk_stage_open(&writer->stage, &writer->folder->stages, writer->fd, writer->len);
}

OskStatus osk_files_write(OskBlobWriter *base, const void *bytes, size_t len, OskFault *fault)
{
    Writer *writer = (Writer *)base;
    const uint8_t *at = bytes;
    size_t left = len;
    if (writer->stage.bytes != NULL && len <= OSK_STAGE_BYTES) {
        int error = osk_stage_add(&writer->stage, bytes, len);
        writer->len += error == 0 ? len : 0;
        return error == 0 ? OSK_OK : osk_store_fail(fault, "blob", error);
    }
    int unsettled = settle(writer);
    if (unsettled != 0) {
        return osk_store_fail(fault, "blob", unsettled);
    }
    while (left > 0) {
        ssize_t wrote = pwrite(writer->fd, at, left, (off_t)(writer->len + (len - left)));
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            int error = wrote < 0 ? errno : ENOSPC;
            /* All or nothing of this call. If cutting fails, too, commit sees the wrong length. */
            if (ftruncate(writer->fd, (off_t)writer->len) != 0) {
                error = EIO;
            }
            return osk_store_fail(fault, "blob", error);
        }
        at += wrote;
        left -= (size_t)wrote;
    }
    writer->len += len;
    if (writer->len - writer->early >= OSK_STAGE_FROM) {
        send_early(writer);
    }
    return OSK_OK;
}

/* Its times say the day, and no more. */
static bool set_day(int fd, OskDay day)
{
    time_t midnight = (time_t)day * 86400;
    struct timespec times[2] = { { .tv_sec = midnight }, { .tv_sec = midnight } };
    return futimens(fd, times) == 0;
}

static int give_name(Writer *writer, const char *name)
{
    if (writer->half[0] != 0) {
        if (renameat2(writer->folder->fd, writer->half, writer->folder->fd, name,
                      RENAME_NOREPLACE) != 0) {
            return errno;
        }
        writer->half[0] = 0;
        return 0;
    }
    char path[48];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", writer->fd);
    return linkat(AT_FDCWD, path, writer->folder->fd, name, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
}

static int finish(Writer *writer, uint64_t len, const OskBlobSign *sign)
{
    struct stat info;
    uint64_t expected = len == UINT64_MAX ? writer->len : len;
    int unsettled = settle(writer);
    if (unsettled != 0) {
        return unsettled;
    }
    if (fstat(writer->fd, &info) != 0) {
        return errno;
    }
    if ((uint64_t)info.st_size != expected) {
        return EIO;
    }
    /* Gives back what was reserved beyond the end. */
    if (writer->reserved > expected && ftruncate(writer->fd, info.st_size) != 0) {
        return errno;
    }
    if (!set_day(writer->fd, sign->day) || fsync(writer->fd) != 0) {
        return errno;
    }
    char name[OSK_BLOB_NAME_BYTES];
    osk_files_folder_name(&sign->key, name);
    int error = give_name(writer, name);
    if (error == 0) {
        error = osk_files_folder_sync(writer->folder);
        if (error != 0) {
            unlinkat(writer->folder->fd, name, 0);
        }
    }
    return error;
}

OskStatus osk_files_commit(OskBlobWriter *base, uint64_t len, const OskBlobSign *sign,
                           OskFault *fault)
{
    Writer *writer = (Writer *)base;
    int error = finish(writer, len, sign);
    free_writer(writer);
    return error == 0 ? OSK_OK : osk_store_fail(fault, "blob", error);
}

void osk_files_abort(OskBlobWriter *base)
{
    free_writer((Writer *)base);
}

/* Opens it and takes its name; an errno. A file that had one can't get it back from nothing: it is
 * a half from now on. */
static int recall_name(Writer *writer, const char *name)
{
    struct stat info;
    char half[HALF_BYTES];
    writer->fd = openat(writer->folder->fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (writer->fd < 0 || fstat(writer->fd, &info) != 0) {
        return errno;
    }
    writer->len = (uint64_t)info.st_size;
    writer->early = writer->len;
    if (!draw_half(half)) {
        return EIO;
    }
    if (renameat(writer->folder->fd, name, writer->folder->fd, half) != 0) {
        return errno;
    }
    memcpy(writer->half, half, sizeof(half));
    return 0;
}

OskStatus osk_files_recall(void *self, const OskId *key, OskBlobWriter **out, OskFault *fault)
{
    char name[OSK_BLOB_NAME_BYTES];
    Writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL) {
        return osk_store_fail(fault, "blob", ENOMEM);
    }
    writer->folder = self;
    osk_files_folder_name(key, name);
    int error = recall_name(writer, name);
    if (error != 0) {
        free_writer(writer);
        return osk_store_fail(fault, "blob", error);
    }
    *out = &writer->base;
    return OSK_OK;
}
