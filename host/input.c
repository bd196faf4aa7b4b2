/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/errors.h"
#include "host/output.h"

/* Streams up to this size stay in memory; private pictures should not touch a disk without need. */
#define SPOOL_BYTES ((size_t)64 << 20)
#define PIECE_BYTES ((size_t)256 << 10)
/* What osk_probe() looks at. */
#define PROBE_BYTES ((size_t)64 << 10)

bool osk_read_at(int fd, uint64_t offset, void *out, size_t len)
{
    uint8_t *at = out;
    while (len > 0) {
        ssize_t got = pread(fd, at, len, (off_t)offset);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            errno = got == 0 ? 0 : errno;
            return false;
        }
        at += got;
        offset += (uint64_t)got;
        len -= (size_t)got;
    }
    return true;
}

static bool read_input(void *context, uint64_t offset, void *out, size_t len)
{
    OskInput *input = context;
    if (!osk_read_at(input->fd, offset, out, len)) {
        input->short_read = errno == 0;
        input->error = errno;
        return false;
    }
    return true;
}

/* Whoever can write to a file could change it between two looks at the same byte, which what reads
 * it from memory is not made for. Somebody with our own rights can do worse anyway. The bits of the
 * group are also the most that a list of rights (ACL) lets anybody do whom it names, so that a
 * group of the owner alone tells nothing. */
static bool is_ours(const struct stat *info)
{
    bool owned = info->st_uid == geteuid() || info->st_uid == 0;
    return owned && (info->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

void osk_input_view(OskInput *input)
{
    if (input->spool == NULL && input->fd >= 0 && is_ours(&input->identity)) {
        (void)osk_view_open(&input->view, input->fd, input->size);
    }
}

OskSource osk_input_source(OskInput *input)
{
    if (input->view.bytes != NULL) {
        return osk_source_from_memory(input->view.bytes, input->view.len);
    }
    if (input->spool != NULL) {
        return osk_source_from_memory(input->spool, (size_t)input->size);
    }
    return (OskSource){ .context = input, .read = read_input, .size = input->size };
}

size_t osk_input_head(OskInput *input, uint8_t *out, size_t most)
{
    size_t len = input->size < most ? (size_t)input->size : most;
    if (len == 0) {
        return 0;
    }
    if (input->spool != NULL) {
        memcpy(out, input->spool, len);
        return len;
    }
    return read_input(input, 0, out, len) ? len : 0;
}

const OskFormatInfo *osk_input_format(OskInput *input)
{
    uint8_t *head = malloc(PROBE_BYTES);
    const OskFormatInfo *format =
        head != NULL ? osk_probe(head, osk_input_head(input, head, PROBE_BYTES)) : NULL;
    free(head);
    return format;
}

static OskStatus keep_identity(OskInput *input, OskFault *fault)
{
    if (fstat(input->fd, &input->identity) != 0) {
        return osk_host_fail(fault, "file", errno);
    }
    if (S_ISDIR(input->identity.st_mode)) {
        return osk_host_fail(fault, "file", EISDIR);
    }
    input->size = (uint64_t)input->identity.st_size;
    return OSK_OK;
}

/* Reads until the buffer is full or the stream ends. */
static ssize_t fill(int fd, uint8_t *out, size_t capacity)
{
    size_t len = 0;
    while (len < capacity) {
        ssize_t got = read(fd, out + len, capacity - len);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        len += (size_t)got;
    }
    return (ssize_t)len;
}

/* Moves what was read so far and the rest of the stream into a file without a name. */
static OskStatus spool_to_disk(OskInput *input, int stream, const uint8_t *head, OskFault *fault)
{
    OskStatus status = osk_scratch_open(&input->fd, fault);
    if (status != OSK_OK) {
        return status;
    }
    if (!osk_write_all(input->fd, head, SPOOL_BYTES)) {
        return osk_host_fail(fault, "copy", errno);
    }
    uint8_t *piece = malloc(PIECE_BYTES);
    if (piece == NULL) {
        return osk_host_fail(fault, "file", ENOMEM);
    }
    for (;;) {
        ssize_t got = fill(stream, piece, PIECE_BYTES);
        if (got < 0) {
            status = osk_host_fail(fault, "file", errno);
        } else if (!osk_write_all(input->fd, piece, (size_t)got)) {
            status = osk_host_fail(fault, "copy", errno);
        }
        if (got <= 0 || status != OSK_OK) {
            break;
        }
    }
    free(piece);
    return status == OSK_OK ? keep_identity(input, fault) : status;
}

/* Takes a stream into memory, block by block, so that a small one costs little. */
static OskStatus spool_any(OskInput *input, int stream, OskFault *fault)
{
    size_t capacity = PIECE_BYTES;
    size_t len = 0;
    uint8_t *bytes = malloc(capacity);
    input->is_stream = true;
    while (bytes != NULL) {
        ssize_t got = fill(stream, bytes + len, capacity - len);
        if (got < 0) {
            free(bytes);
            return osk_host_fail(fault, "file", errno);
        }
        len += (size_t)got;
        if (len < capacity) {
            input->spool = bytes;
            input->size = len;
            return OSK_OK;
        }
        if (capacity == SPOOL_BYTES) {
            OskStatus status = spool_to_disk(input, stream, bytes, fault);
            free(bytes);
            return status;
        }
        capacity *= 2;
        uint8_t *grown = realloc(bytes, capacity);
        if (grown == NULL) {
            free(bytes);
        }
        bytes = grown;
    }
    return osk_host_fail(fault, "file", ENOMEM);
}

/* A stream that brings nothing is no empty picture: whoever was to fill it did not. */
static OskStatus spool(OskInput *input, int stream, OskFault *fault)
{
    OskStatus status = spool_any(input, stream, fault);
    return status == OSK_OK && input->size == 0 ? osk_host_fail(fault, "file", ENODATA) : status;
}

OskStatus osk_input_open_stdin(OskInput *input, OskFault *fault)
{
    *input = (OskInput){ .fd = -1 };
    struct stat info;
    if (fstat(STDIN_FILENO, &info) != 0) {
        return osk_host_fail(fault, "file", errno);
    }
    /* A file that was redirected is read in place, but only from its start: what was read of it
     * already is not ours. */
    if (S_ISREG(info.st_mode) && lseek(STDIN_FILENO, 0, SEEK_CUR) == 0) {
        input->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        return input->fd < 0 ? osk_host_fail(fault, "file", errno) : keep_identity(input, fault);
    }
    return spool(input, STDIN_FILENO, fault);
}

OskStatus osk_input_open(OskInput *input, const char *path, OskInputFlags flags, OskFault *fault)
{
    /* Without O_NONBLOCK a pipe that nobody writes to would hang a run over a folder. */
    int mode = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    *input = (OskInput){ .fd = -1 };
    int fd = open(path, (flags & OSK_INPUT_NO_FOLLOW) != 0 ? mode | O_NOFOLLOW : mode);
    if (fd < 0) {
        return osk_host_fail(fault, "file", errno);
    }
    input->fd = fd;
    OskStatus status = keep_identity(input, fault);
    if (status != OSK_OK || S_ISREG(input->identity.st_mode)) {
        return status;
    }
    input->fd = -1;
    if (S_ISFIFO(input->identity.st_mode) && (flags & OSK_INPUT_NO_FOLLOW) == 0) {
        fcntl(fd, F_SETFL, O_RDONLY);
        status = spool(input, fd, fault);
    } else {
        status = osk_host_fail(fault, "file", ENXIO);
    }
    close(fd);
    return status;
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           same_time(a->st_mtim, b->st_mtim) && same_time(a->st_ctim, b->st_ctim);
}

static OskStatus fail_changed(OskFault *fault)
{
    OskStatus status =
        osk_fault_set(fault, OSK_IO, "file", "the file changed while it was read", OSK_NO_OFFSET);
    osk_fault_next(fault, "wait until nothing writes to it any more, then run it again");
    return status;
}

OskStatus osk_input_confirm(const OskInput *input, OskFault *fault)
{
    struct stat now;
    if (!osk_view_is_whole(&input->view)) {
        /* Cut, or the disk is broken: a view knows no more. */
        bool same = fstat(input->fd, &now) == 0 && same_file(&now, &input->identity);
        return same ? osk_host_fail(fault, "file", EIO) : fail_changed(fault);
    }
    if (input->is_stream) {
        return OSK_OK;
    }
    if (input->error != 0) {
        return osk_host_fail(fault, "file", input->error);
    }
    if (input->short_read || fstat(input->fd, &now) != 0 || !same_file(&now, &input->identity)) {
        return fail_changed(fault);
    }
    return OSK_OK;
}

OskStatus osk_input_confirm_path(const OskInput *input, const char *path, OskFault *fault)
{
    struct stat now;
    OskStatus status = osk_input_confirm(input, fault);
    if (status == OSK_OK && (lstat(path, &now) != 0 || !same_file(&now, &input->identity))) {
        status = fail_changed(fault);
    }
    return status;
}

void osk_input_close(OskInput *input)
{
    osk_view_close(&input->view);
    if (input->fd >= 0) {
        close(input->fd);
    }
    free(input->spool);
    *input = (OskInput){ .fd = -1 };
}
