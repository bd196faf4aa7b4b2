/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/stage.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What every disk and every kernel takes: a page. */
#define PAGE ((size_t)4096)
/* A write waits for the disk, and its thread carries others: where that takes longer than this, so
 * many blobs let the cache wait instead. */
#define SLOW_NS (INT64_C(10) * 1000 * 1000)
#define REST_BLOBS 64

static_assert(OSK_STAGE_BYTES % PAGE == 0, "whole pages");

static int64_t now_ns(void)
{
    struct timespec time = { .tv_sec = 0 };
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static bool set_direct(int fd, bool on)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT) == 0;
}

/* Returns an errno. */
static int write_at(int fd, const uint8_t *bytes, size_t len, uint64_t at)
{
    for (size_t done = 0; done < len;) {
        ssize_t wrote = pwrite(fd, bytes + done, len - done, (off_t)(at + done));
        if (wrote > 0) {
            done += (size_t)wrote;
        } else if (wrote == 0 || errno != EINTR) {
            return wrote < 0 ? errno : ENOSPC;
        }
    }
    return 0;
}

void osk_stage_drop(OskStage *stage)
{
    if (stage->bytes != NULL) {
        free(stage->bytes);
        atomic_fetch_sub(&stage->all->taken, 1);
        *stage = (OskStage){ .bytes = NULL };
    }
}

bool osk_stage_open(OskStage *stage, OskStages *all, int fd, uint64_t len)
{
    *stage =
        (OskStage){ .all = all, .held = (size_t)(len % PAGE), .at = len - len % PAGE, .fd = fd };
    if (atomic_load(&all->rest) > 0) {
        atomic_fetch_sub(&all->rest, 1);
        return false;
    }
    if (atomic_fetch_add(&all->taken, 1) < OSK_STAGES_MAX) {
        stage->bytes = aligned_alloc(PAGE, OSK_STAGE_BYTES);
    }
    if (stage->bytes == NULL) {
        atomic_fetch_sub(&all->taken, 1);
        return false;
    }
    /* The last page is whole only with what comes: it is written again. */
    if ((stage->held > 0 &&
         pread(fd, stage->bytes, stage->held, (off_t)stage->at) != (ssize_t)stage->held) ||
        !set_direct(fd, true)) {
        osk_stage_drop(stage);
        return false;
    }
    return true;
}

/* Writes the full buffer. */
static int flush(OskStage *stage)
{
    int64_t began = now_ns();
    int error = write_at(stage->fd, stage->bytes, OSK_STAGE_BYTES, stage->at);
    if (error == EINVAL && set_direct(stage->fd, false)) {
        /* A disk that took the flag and not the write. */
        atomic_store(&stage->all->rest, REST_BLOBS);
        error = write_at(stage->fd, stage->bytes, OSK_STAGE_BYTES, stage->at);
    }
    if (stage->has_written && now_ns() - began > SLOW_NS) {
        atomic_store(&stage->all->rest, REST_BLOBS);
    }
    stage->has_written = true;
    return error;
}

int osk_stage_add(OskStage *stage, const void *bytes, size_t len)
{
    size_t room = OSK_STAGE_BYTES - stage->held;
    size_t first = len < room ? len : room;
    memcpy(stage->bytes + stage->held, bytes, first);
    if (first == room) {
        int error = flush(stage);
        if (error != 0) {
            /* The bytes of earlier calls are in the buffer still. */
            return ftruncate(stage->fd, (off_t)stage->at) == 0 ? error : EIO;
        }
        stage->at += OSK_STAGE_BYTES;
        stage->held = 0;
        first = len - room;
        memcpy(stage->bytes, (const uint8_t *)bytes + room, first);
    }
    stage->held += first;
    return 0;
}

int osk_stage_settle(OskStage *stage)
{
    int error = 0;
    if (stage->bytes != NULL) {
        error = !set_direct(stage->fd, false) ? errno : 0;
        error = error == 0 ? write_at(stage->fd, stage->bytes, stage->held, stage->at) : error;
        osk_stage_drop(stage);
    }
    return error;
}
