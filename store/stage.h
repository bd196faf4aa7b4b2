/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of a long blob to the disk: past the page cache, from a buffer of our own. Copying each
 * page into the cache, and out of it again when the disk takes it, is half of what the kernel does
 * for an upload, and what the cache holds meanwhile is a video that is read once, later. */
#ifndef OSK_STORE_STAGE_H
#define OSK_STORE_STAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A long blob goes to the disk while it comes; else the sync at its end would find all of it in
 * memory, and the disk would have waited. The first OSK_STAGE_FROM bytes stay in memory: what is no
 * longer than that is a photo, and is read again at once. Then it goes by a stage, or in such
 * pieces.
 * OSK_STAGE_BYTES is what a write takes at once, and OSK_STAGES_MAX how many blobs may have a
 * buffer: 4 MiB. Who comes later goes through the cache.
 * tests/fault builds the store with small numbers, so that its many short blobs go this way. */
#ifndef OSK_STAGE_FROM
#define OSK_STAGE_FROM (8u * 1024 * 1024)
#define OSK_STAGE_BYTES ((size_t)256 * 1024)
#endif
#define OSK_STAGES_MAX 16u

/* Of all blobs of a folder; zeros to begin with. */
typedef struct OskStages {
    atomic_uint taken;
    atomic_int rest; /* blobs that go through the cache, because the disk was slow */
} OskStages;

/* Of one blob; zeros while it has none. */
typedef struct OskStage {
    OskStages *all;
    uint8_t *bytes;
    size_t held;
    uint64_t at; /* where the held bytes belong; whole pages are before it */
    int fd;
    bool has_written; /* the first write waits for what the cache sends */
} OskStage;

/* Begins for a file that is `len` bytes long. False where there is no buffer left, the disk knows
 * no such writing, or was slow at it: whoever calls waits for it. */
bool osk_stage_open(OskStage *stage, OskStages *all, int fd, uint64_t len);
/* Appends at most OSK_STAGE_BYTES: all, or none with an errno; what was there stays. */
int osk_stage_add(OskStage *stage, const void *bytes, size_t len);
/* Ends, with all that is held in the file, or an errno. The caller goes on through the cache. */
int osk_stage_settle(OskStage *stage);
/* Ends without what is held, for a file that is thrown away. */
void osk_stage_drop(OskStage *stage);

#endif
