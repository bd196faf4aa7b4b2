/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Care that needs both backends: orphans, checking, shuffling. */
#include <errno.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/random.h"
#include "store/backend.h"

static bool gather(void *context, const OskId *key, uint64_t len)
{
    (void)len;
    return osk_keys_add(context, key);
}

/* ---- orphans ---- */

/* One blob of the list. The order of the questions matters: a blob leaves what is fresh only after
 * its row is there, so one that is neither fresh nor named is nobody's. */
static OskStatus sweep_one(OskStore *store, const OskId *key, uint64_t *deleted, OskFault *fault)
{
    const OskStoreParts *parts = osk_store_parts(store);
    bool named = true;
    if (osk_store_is_fresh(store, key)) {
        return OSK_OK;
    }
    OskStatus status = parts->rows->names(parts->rows_self, key, &named, fault);
    if (status == OSK_OK && !named) {
        /* Maybe of something that was deleted, and then came a stop. */
        (void)parts->blobs->wipe(parts->blobs_self, key, OSK_HEAD_BYTES, NULL);
        status = parts->blobs->remove(parts->blobs_self, key, fault);
        *deleted += status == OSK_OK ? 1 : 0;
    }
    return status;
}

OskStatus osk_store_sweep(OskStore *store, uint64_t *out_deleted, OskFault *fault)
{
    const OskStoreParts *parts = osk_store_parts(store);
    OskKeys keys = { .at = NULL };
    *out_deleted = 0;
    if (!parts->owns) {
        return osk_fault_set(fault, OSK_MISUSE, "store", "only the server sweeps its store",
                             OSK_NO_OFFSET);
    }
    int lock = osk_store_care_lock(store, false);
    if (lock < 0) {
        /* A program that shuffles has blobs without rows; the next sweep comes. */
        return errno == EWOULDBLOCK ? OSK_OK : osk_store_fail(fault, "folder", errno);
    }
    OskStatus status = parts->rows->tidy(parts->rows_self, fault);
    if (status == OSK_OK) {
        status = parts->blobs->list(parts->blobs_self, gather, &keys, fault);
    }
    for (size_t i = 0; i < keys.count && status == OSK_OK; i++) {
        status = sweep_one(store, &keys.at[i], out_deleted, fault);
    }
    osk_keys_free(&keys);
    OskStatus synced = parts->blobs->sync(parts->blobs_self, status == OSK_OK ? fault : NULL);
    osk_spare_keep(parts->folder_fd);
    close(lock);
    return status == OSK_OK ? synced : status;
}

/* ---- rows against blobs ---- */

typedef struct Doubts {
    OskStore *store;
    OskKeys keys;
    bool no_memory;
    size_t missing;
    size_t wrong;
} Doubts;

static bool doubt_one(void *context, const OskBlobName *name)
{
    Doubts *doubts = context;
    const OskStoreParts *parts = osk_store_parts(doubts->store);
    uint64_t len = 0;
    bool is_there = parts->blobs->look(parts->blobs_self, &name->blob, &len);
    if (is_there && len == name->sealed_len) {
        return true;
    }
    /* The store runs on: its row may be gone, too, when it is looked at again. */
    doubts->missing += is_there ? 0 : 1;
    doubts->wrong += is_there ? 1 : 0;
    doubts->no_memory = !osk_keys_add(&doubts->keys, &name->blob);
    return !doubts->no_memory;
}

static OskStatus check_blobs(OskStore *store, void (*say)(void *, const char *), void *context,
                             OskFault *fault)
{
    const OskStoreParts *parts = osk_store_parts(store);
    Doubts doubts = { .store = store };
    OskStatus status =
        parts->rows->blobs(parts->rows_self, OSK_EVERY_DAY, doubt_one, &doubts, fault);
    bool found = false;
    for (size_t i = 0; i < doubts.keys.count && status == OSK_OK && !found; i++) {
        status = parts->rows->names(parts->rows_self, &doubts.keys.at[i], &found, fault);
    }
    osk_keys_free(&doubts.keys);
    if (status == OSK_OK && doubts.no_memory) {
        return osk_store_fail(fault, "store", ENOMEM);
    }
    if (status == OSK_OK && found) {
        say(context, doubts.missing > 0 ? "a blob is gone that a row names"
                                        : "a blob has another length than its row says");
        return OSK_FOUND;
    }
    return status;
}

OskStatus osk_store_check(OskStore *store, void (*say)(void *, const char *), void *context,
                          OskFault *fault)
{
    const OskStoreParts *parts = osk_store_parts(store);
    OskStatus rows = parts->rows->check(parts->rows_self, say, context, fault);
    OskStatus blobs = OSK_OK;
    if (rows == OSK_OK || rows == OSK_FOUND) {
        blobs = check_blobs(store, say, context, fault);
    }
    if (rows != OSK_OK && rows != OSK_FOUND) {
        return rows;
    }
    return blobs == OSK_OK ? rows : blobs;
}

/* ---- order ---- */

static bool gather_name(void *context, const OskBlobName *name)
{
    return osk_keys_add(context, &name->blob);
}

/* Fisher and Yates, by the kernel's randomness. */
static bool mix(OskKeys *keys)
{
    for (size_t i = keys->count; i > 1; i--) {
        uint64_t random = 0;
        if (!osk_random_fill(NULL, &random, sizeof(random))) {
            return false;
        }
        size_t other = (size_t)(random % i);
        OskId kept = keys->at[i - 1];
        keys->at[i - 1] = keys->at[other];
        keys->at[other] = kept;
    }
    return true;
}

/* A copy that is durable; FOUND when the blob went away meanwhile. */
static OskStatus copy_blob(OskStore *store, const OskId *from, OskDay day, OskId *out,
                           OskFault *fault)
{
    uint8_t bytes[32 * 1024];
    uint64_t len = 0;
    OskBlobReader *reader = NULL;
    OskBlobWriter *writer = NULL;
    const OskStoreParts *parts = osk_store_parts(store);
    if (!parts->blobs->look(parts->blobs_self, from, &len)) {
        return OSK_FOUND;
    }
    OskStatus status = osk_blob_open(store, from, &reader, fault);
    if (status == OSK_OK) {
        len = osk_blob_source(reader).size;
        status = osk_blob_begin(store, len, &writer, fault);
    }
    for (uint64_t at = 0; at < len && status == OSK_OK;) {
        OskSource source = osk_blob_source(reader);
        size_t step = len - at < sizeof(bytes) ? (size_t)(len - at) : sizeof(bytes);
        status = source.read(source.context, at, bytes, step)
                     ? osk_blob_write(writer, bytes, step, fault)
                     : osk_store_fail(fault, "file", EIO);
        at += step;
    }
    if (status == OSK_OK) {
        status = osk_store_commit_blob(&writer, UINT64_MAX, day, out, fault);
    }
    osk_blob_abort(&writer);
    osk_blob_close(&reader);
    return status;
}

/* The new one is durable before the row names it, and the row is durable before the old one goes.
 */
static OskStatus move_blob(OskStore *store, const OskId *from, OskDay day, uint64_t *moved,
                           OskFault *fault)
{
    const OskStoreParts *parts = osk_store_parts(store);
    OskId to = { .bytes = { 0 } };
    bool found = false;
    OskStatus status = copy_blob(store, from, day, &to, fault);
    if (status != OSK_OK) {
        return status == OSK_FOUND ? OSK_OK : status;
    }
    status = parts->rows->rename(parts->rows_self, from, &to, &found, fault);
    osk_store_settle(store, &to);
    if (status == OSK_OK) {
        *moved += found ? 1 : 0;
        /* Else a deletion of the new one would leave the key in what the old one leaves free. */
        (void)parts->blobs->wipe(parts->blobs_self, found ? from : &to, OSK_HEAD_BYTES, NULL);
        status = parts->blobs->remove(parts->blobs_self, found ? from : &to, fault);
    }
    return status;
}

void osk_store_forget(OskStore *store)
{
    const OskStoreParts *parts = osk_store_parts(store);
    parts->rows->forget(parts->rows_self);
}

OskStatus osk_store_shuffle(OskStore *store, OskDay day, uint64_t *out_moved, OskFault *fault)
{
    const OskStoreParts *parts = osk_store_parts(store);
    OskKeys keys = { .at = NULL };
    *out_moved = 0;
    int lock = osk_store_care_lock(store, true);
    if (lock < 0) {
        return osk_store_fail(fault, "folder", errno);
    }
    OskStatus status = parts->rows->blobs(parts->rows_self, day, gather_name, &keys, fault);
    if (status == OSK_OK && !mix(&keys)) {
        status = osk_store_fail(fault, "store", EIO);
    }
    for (size_t i = 0; i < keys.count && status == OSK_OK; i++) {
        status = move_blob(store, &keys.at[i], day, out_moved, fault);
    }
    if (status == OSK_OK) {
        status = parts->rows->shuffle(parts->rows_self, day, fault);
    }
    osk_keys_free(&keys);
    OskStatus synced = parts->blobs->sync(parts->blobs_self, status == OSK_OK ? fault : NULL);
    close(lock);
    return status == OSK_OK ? synced : status;
}
