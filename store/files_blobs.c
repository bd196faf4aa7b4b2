/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A blob has no name while it is written (O_TMPFILE); then it is synced, linked, and the folder is
 * synced: in this order, so that a name never stands for less than all of its bytes. One sync of
 * the folder serves all threads that wait for one. */
#include "store/files_blobs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/input.h"
#include "host/output.h"
#include "host/random.h"
#include "store/group.h"
#include "store/stage.h"

#define NAME_BYTES (2 * OSK_ID_BYTES + 1)
#define HALF_PREFIX ".half-"
#define HALF_BYTES 24u

typedef struct Blobs {
    int fd;
    OskGroup syncs;
    OskStages stages;
    _Atomic uint64_t removed; /* names that were removed */
    _Atomic uint64_t settled; /* of them, those that stay removed */
} Blobs;

typedef struct Writer {
    OskBlobWriter base;
    Blobs *blobs;
    int fd;
    uint64_t len;
    uint64_t reserved;
    uint64_t early; /* bytes that are on their way to the disk */
    OskStage stage;
    int lost;              /* errno, once bytes that were taken can't be written any more */
    char half[HALF_BYTES]; /* its name meanwhile, where the disk knows no files without one */
} Writer;

typedef struct Reader {
    OskBlobReader base;
    int fd;
    uint64_t size;
} Reader;

typedef struct Sync {
    OskGroupMember member;
    int error;
} Sync;

bool osk_files_sync(int fd)
{
    return fsync(fd) == 0;
}

static void name_of(const OskId *key, char out[NAME_BYTES])
{
    for (size_t i = 0; i < OSK_ID_BYTES; i++) {
        snprintf(out + 2 * i, 3, "%02x", key->bytes[i]);
    }
}

static bool key_of(const char *name, OskId *out)
{
    static const char digits[] = "0123456789abcdef";
    if (strlen(name) != NAME_BYTES - 1) {
        return false;
    }
    for (size_t i = 0; i < NAME_BYTES - 1; i++) {
        const char *found = strchr(digits, name[i]);
        if (found == NULL) {
            return false;
        }
        unsigned high = i % 2 == 0 ? 0 : out->bytes[i / 2];
        out->bytes[i / 2] = (uint8_t)(high << 4 | (unsigned)(found - digits));
    }
    return true;
}

/* One sync for all who wait. Each gets its outcome: a second try after a failed sync would succeed
 * without the bytes. */
static void sync_for_all(void *context, OskGroupMember *list)
{
    Blobs *blobs = context;
    uint64_t removed = atomic_load(&blobs->removed);
    int error = osk_files_sync(blobs->fd) ? 0 : errno;
    if (error == 0) {
        atomic_store(&blobs->settled, removed);
    }
    for (; list != NULL; list = list->next) {
        ((Sync *)list)->error = error;
    }
}

static int sync_folder(Blobs *blobs)
{
    Sync me = { .error = 0 };
    osk_group_run(&blobs->syncs, &me.member, sync_for_all, blobs);
    return me.error;
}

/* ---- writing ---- */

static bool draw_half(char out[HALF_BYTES])
{
    char letters[17];
    if (!osk_random_letters(letters, sizeof(letters))) {
        return false;
    }
    snprintf(out, HALF_BYTES, HALF_PREFIX "%s", letters);
    return true;
}

static int open_half(Blobs *blobs, Writer *writer)
{
    int fd = openat(blobs->fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) {
        return fd;
    }
    if (!draw_half(writer->half)) {
        return -1;
    }
    fd = openat(blobs->fd, writer->half, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        writer->half[0] = 0;
    }
    return fd;
}

static void free_writer(Writer *writer)
{
    osk_stage_drop(&writer->stage);
    if (writer->half[0] != 0) {
        unlinkat(writer->blobs->fd, writer->half, 0);
    }
    if (writer->fd >= 0) {
        close(writer->fd);
    }
    free(writer);
}

static OskStatus begin(void *self, uint64_t reserve, OskBlobWriter **out, OskFault *fault)
{
    Blobs *blobs = self;
    Writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL) {
        return osk_store_fail(fault, "blob", ENOMEM);
    }
    writer->blobs = blobs;
    writer->fd = open_half(blobs, writer);
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
static int writer_fd(OskBlobWriter *base)
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
    (void)osk_stage_open(&writer->stage, &writer->blobs->stages, writer->fd, writer->len);
}

static OskStatus write_bytes(OskBlobWriter *base, const void *bytes, size_t len, OskFault *fault)
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
        if (renameat2(writer->blobs->fd, writer->half, writer->blobs->fd, name, RENAME_NOREPLACE) !=
            0) {
            return errno;
        }
        writer->half[0] = 0;
        return 0;
    }
    char path[48];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", writer->fd);
    return linkat(AT_FDCWD, path, writer->blobs->fd, name, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
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
    char name[NAME_BYTES];
    name_of(&sign->key, name);
    int error = give_name(writer, name);
    if (error == 0) {
        error = sync_folder(writer->blobs);
        if (error != 0) {
            unlinkat(writer->blobs->fd, name, 0);
        }
    }
    return error;
}

static OskStatus commit(OskBlobWriter *base, uint64_t len, const OskBlobSign *sign, OskFault *fault)
{
    Writer *writer = (Writer *)base;
    int error = finish(writer, len, sign);
    free_writer(writer);
    return error == 0 ? OSK_OK : osk_store_fail(fault, "blob", error);
}

static void abort_writer(OskBlobWriter *base)
{
    free_writer((Writer *)base);
}

/* Opens it and takes its name; an errno. A file that had one can't get it back from nothing: it is
 * a half from now on. */
static int recall_name(Writer *writer, const char *name)
{
    struct stat info;
    char half[HALF_BYTES];
    writer->fd = openat(writer->blobs->fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (writer->fd < 0 || fstat(writer->fd, &info) != 0) {
        return errno;
    }
    writer->len = (uint64_t)info.st_size;
    writer->early = writer->len;
    if (!draw_half(half)) {
        return EIO;
    }
    if (renameat(writer->blobs->fd, name, writer->blobs->fd, half) != 0) {
        return errno;
    }
    memcpy(writer->half, half, sizeof(half));
    return 0;
}

static OskStatus recall(void *self, const OskId *key, OskBlobWriter **out, OskFault *fault)
{
    char name[NAME_BYTES];
    Writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL) {
        return osk_store_fail(fault, "blob", ENOMEM);
    }
    writer->blobs = self;
    name_of(key, name);
    int error = recall_name(writer, name);
    if (error != 0) {
        free_writer(writer);
        return osk_store_fail(fault, "blob", error);
    }
    *out = &writer->base;
    return OSK_OK;
}

/* ---- reading ---- */

static int open_blob(Blobs *blobs, const OskId *key)
{
    char name[NAME_BYTES];
    name_of(key, name);
    /* Reading leaves no time behind. The flag is for the owner alone. */
    int fd = openat(blobs->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOATIME);
    return fd >= 0 || errno != EPERM ? fd
                                     : openat(blobs->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

static OskStatus open_reader(void *self, const OskId *key, OskBlobReader **out, OskFault *fault)
{
    Reader *reader = calloc(1, sizeof(*reader));
    struct stat info;
    if (reader == NULL) {
        return osk_store_fail(fault, "file", ENOMEM);
    }
    reader->fd = open_blob(self, key);
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
    Blobs *blobs = self;
    char name[NAME_BYTES];
    name_of(key, name);
    if (unlinkat(blobs->fd, name, 0) == 0) {
        atomic_fetch_add(&blobs->removed, 1);
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
    const Blobs *blobs = self;
    char name[NAME_BYTES];
    name_of(key, name);
    int fd = openat(blobs->fd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
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
    Blobs *blobs = self;
    int error =
        atomic_load(&blobs->removed) != atomic_load(&blobs->settled) ? sync_folder(blobs) : 0;
    return error == 0 ? OSK_OK : osk_store_fail(fault, "blob", error);
}

/* A stream over the folder of its own: several threads may list at once. */
static DIR *list_folder(const Blobs *blobs)
{
    int fd = openat(blobs->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    if (stream == NULL && fd >= 0) {
        close(fd);
    }
    return stream;
}

static OskStatus list(void *self, bool (*each)(void *, const OskId *, uint64_t), void *context,
                      OskFault *fault)
{
    Blobs *blobs = self;
    DIR *stream = list_folder(blobs);
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
        if (key_of(entry->d_name, &key) &&
            fstatat(blobs->fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(info.st_mode)) {
            goes_on = each(context, &key, (uint64_t)info.st_size);
        }
    }
    closedir(stream);
    return error == 0 ? OSK_OK : osk_store_fail(fault, "folder", error);
}

static bool look(void *self, const OskId *key, uint64_t *out_len)
{
    const Blobs *blobs = self;
    char name[NAME_BYTES];
    struct stat info;
    name_of(key, name);
    if (fstatat(blobs->fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return false;
    }
    *out_len = (uint64_t)info.st_size;
    return true;
}

static OskStatus disk(void *self, uint64_t *out_free, uint64_t *out_total)
{
    const Blobs *blobs = self;
    struct statvfs info;
    if (fstatvfs(blobs->fd, &info) != 0) {
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
    Blobs *blobs = self;
    char name[NAME_BYTES];
    name_of(key, name);
    if (linkat(blobs->fd, name, blobs_fd, name, 0) == 0 || errno == EEXIST) {
        return OSK_OK;
    }
    if (errno == ENOENT) {
        return OSK_FOUND;
    }
    /* Another disk, or one without links. */
    int from = open_blob(blobs, key);
    if (from < 0) {
        return errno == ENOENT ? OSK_FOUND : osk_store_fail(fault, "file", errno);
    }
    int error = copy_bytes(from, blobs_fd, name);
    close(from);
    return error == 0 ? OSK_OK : osk_store_fail(fault, "blob", error);
}

static void close_blobs(void *self)
{
    Blobs *blobs = self;
    close(blobs->fd);
    osk_group_close(&blobs->syncs);
    free(blobs);
}

static void tidy_halves(const Blobs *blobs)
{
    DIR *stream = list_folder(blobs);
    for (const struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;) {
        if (strncmp(entry->d_name, HALF_PREFIX, strlen(HALF_PREFIX)) == 0) {
            unlinkat(blobs->fd, entry->d_name, 0);
        }
    }
    if (stream != NULL) {
        closedir(stream);
    }
}

OskStatus osk_files_blobs_open(void **out_self, int fd, bool tidy, OskFault *fault)
{
    Blobs *blobs = calloc(1, sizeof(*blobs));
    if (blobs == NULL || !osk_group_open(&blobs->syncs)) {
        free(blobs);
        close(fd);
        return osk_store_fail(fault, "folder", ENOMEM);
    }
    blobs->fd = fd;
    if (tidy) {
        tidy_halves(blobs);
    }
    *out_self = blobs;
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
    .begin = begin,
    .fd = writer_fd,
    .write = write_bytes,
    .commit = commit,
    .abort = abort_writer,
    .recall = recall,
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
