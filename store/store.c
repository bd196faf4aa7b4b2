/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A store is a backend of rows and one of blobs; here calls find their backend, and here is known
 * which blobs are too fresh to have a row. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/errors.h"
#include "host/random.h"
#include "store/backend.h"

/* A blob that no row names after an hour has been forgotten by who made it. */
#define FRESH_SECONDS 3600

typedef struct Fresh {
    OskId key;
    int64_t since;
} Fresh;

typedef struct Watcher {
    void (*seen)(void *context, const OskChange *changes, size_t count);
    void *context;
} Watcher;

struct OskStore {
    OskStoreParts parts;
    pthread_mutex_t lock; /* of what is fresh */
    Fresh *fresh;
    size_t fresh_count;
    size_t fresh_room;
    pthread_mutex_t watch_lock; /* of what follows */
    size_t watcher_count;
    Watcher watchers[OSK_WATCHERS_MAX];
    pthread_mutex_t turn_lock; /* of what follows */
    pthread_cond_t turn_over;
    uint64_t turn_now;
    uint64_t turn_next;
};

OskStatus osk_store_fail(OskFault *fault, const char *part, int error)
{
    if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
        osk_fault_set(fault, OSK_LIMIT, OSK_FAULT_DISK, "the disk is full", OSK_NO_OFFSET);
        osk_fault_next(fault, "free some disk space, then try again");
        return OSK_LIMIT;
    }
    return osk_host_fail(fault, part, error);
}

OskDay osk_store_today(void)
{
    return (OskDay)(time(NULL) / 86400);
}

/* Not the time of day, which may jump. */
static int64_t seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec;
}

bool osk_keys_add(OskKeys *keys, const OskId *key)
{
    if (keys->count == keys->room) {
        size_t room = keys->room == 0 ? 16 : keys->room * 2;
        OskId *grown = realloc(keys->at, room * sizeof(*grown));
        if (grown == NULL) {
            return false;
        }
        keys->at = grown;
        keys->room = room;
    }
    keys->at[keys->count++] = *key;
    return true;
}

void osk_keys_free(OskKeys *keys)
{
    free(keys->at);
    *keys = (OskKeys){ .at = NULL };
}

OskStatus osk_store_join(OskStore **out, const OskStoreParts *parts, OskFault *fault)
{
    OskStore *store = calloc(1, sizeof(*store));
    if (store == NULL || pthread_mutex_init(&store->lock, NULL) != 0) {
        free(store);
        parts->rows->close(parts->rows_self);
        parts->blobs->close(parts->blobs_self);
        return osk_store_fail(fault, "store", ENOMEM);
    }
    pthread_mutex_init(&store->watch_lock, NULL);
    pthread_mutex_init(&store->turn_lock, NULL);
    pthread_cond_init(&store->turn_over, NULL);
    store->parts = *parts;
    *out = store;
    return OSK_OK;
}

const OskStoreParts *osk_store_parts(const OskStore *store)
{
    return &store->parts;
}

void osk_store_close(OskStore **store)
{
    if (store == NULL || *store == NULL) {
        return;
    }
    OskStore *old = *store;
    *store = NULL;
    old->parts.rows->close(old->parts.rows_self);
    old->parts.blobs->close(old->parts.blobs_self);
    if (old->parts.folder_fd >= 0) {
        close(old->parts.folder_fd);
    }
    /* Last: whoever waits for the lock finds everything written. */
    if (old->parts.lock_fd >= 0) {
        close(old->parts.lock_fd);
    }
    pthread_mutex_destroy(&old->lock);
    pthread_mutex_destroy(&old->watch_lock);
    pthread_mutex_destroy(&old->turn_lock);
    pthread_cond_destroy(&old->turn_over);
    free(old->fresh);
    free(old);
}

int osk_store_care_lock(const OskStore *store, bool waits)
{
    int fd = openat(store->parts.folder_fd, "care", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | (waits ? 0 : LOCK_NB)) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        fd = -1;
    }
    return fd;
}

/* ---- what is fresh ---- */

static bool fresh_add(OskStore *store, const OskId *key)
{
    bool added = true;
    pthread_mutex_lock(&store->lock);
    if (store->fresh_count == store->fresh_room) {
        size_t room = store->fresh_room == 0 ? 64 : store->fresh_room * 2;
        Fresh *grown = realloc(store->fresh, room * sizeof(*grown));
        added = grown != NULL;
        if (added) {
            store->fresh = grown;
            store->fresh_room = room;
        }
    }
    if (added) {
        store->fresh[store->fresh_count++] = (Fresh){ .key = *key, .since = seconds() };
    }
    pthread_mutex_unlock(&store->lock);
    return added;
}

static Fresh *fresh_find(OskStore *store, const OskId *key)
{
    for (size_t i = 0; i < store->fresh_count; i++) {
        if (memcmp(&store->fresh[i].key, key, sizeof(*key)) == 0) {
            return &store->fresh[i];
        }
    }
    return NULL;
}

void osk_store_settle(OskStore *store, const OskId *key)
{
    pthread_mutex_lock(&store->lock);
    Fresh *found = fresh_find(store, key);
    if (found != NULL) {
        *found = store->fresh[--store->fresh_count];
    }
    pthread_mutex_unlock(&store->lock);
}

bool osk_store_is_fresh(OskStore *store, const OskId *key)
{
    pthread_mutex_lock(&store->lock);
    Fresh *found = fresh_find(store, key);
    bool is_fresh = found != NULL && seconds() - found->since < FRESH_SECONDS;
    if (found != NULL && !is_fresh) {
        *found = store->fresh[--store->fresh_count];
    }
    pthread_mutex_unlock(&store->lock);
    return is_fresh;
}

/* ---- blobs ---- */

OskStatus osk_blob_begin(OskStore *store, uint64_t reserve, OskBlobWriter **out, OskFault *fault)
{
    *out = NULL;
    OskStatus status = store->parts.blobs->begin(store->parts.blobs_self, reserve, out, fault);
    if (status == OSK_OK) {
        (*out)->store = store;
    }
    return status;
}

int osk_blob_fd(OskBlobWriter *writer)
{
    return writer->store->parts.blobs->fd(writer);
}

OskStatus osk_blob_write(OskBlobWriter *writer, const void *bytes, size_t len, OskFault *fault)
{
    return writer->store->parts.blobs->write(writer, bytes, len, fault);
}

OskStatus osk_store_commit_blob(OskBlobWriter **writer, uint64_t len, OskDay day, OskId *out_key,
                                OskFault *fault)
{
    OskBlobWriter *ended = *writer;
    OskStore *store = ended->store;
    OskBlobSign sign = { .day = day };
    *writer = NULL;
    if (!osk_random_fill(NULL, &sign.key, sizeof(sign.key))) {
        store->parts.blobs->abort(ended);
        return osk_fault_set(fault, OSK_IO, "blob", "the kernel gives no randomness",
                             OSK_NO_OFFSET);
    }
    /* Before it has a name: a sweep never sees one that is neither fresh nor in a row. */
    if (!fresh_add(store, &sign.key)) {
        store->parts.blobs->abort(ended);
        return osk_store_fail(fault, "blob", ENOMEM);
    }
    OskStatus status = store->parts.blobs->commit(ended, len, &sign, fault);
    if (status == OSK_OK) {
        *out_key = sign.key;
    } else {
        osk_store_settle(store, &sign.key);
    }
    return status;
}

OskStatus osk_blob_commit(OskBlobWriter **writer, uint64_t len, OskId *out_key, OskFault *fault)
{
    return osk_store_commit_blob(writer, len, osk_store_today(), out_key, fault);
}

void osk_blob_abort(OskBlobWriter **writer)
{
    if (writer != NULL && *writer != NULL) {
        OskBlobWriter *ended = *writer;
        *writer = NULL;
        ended->store->parts.blobs->abort(ended);
    }
}

bool osk_blob_is_gone(const OskFault *fault)
{
    return fault->status == OSK_IO && fault->what != NULL &&
           strcmp(fault->what, OSK_BLOB_GONE) == 0;
}

OskStatus osk_blob_open(OskStore *store, const OskId *key, OskBlobReader **out, OskFault *fault)
{
    *out = NULL;
    OskStatus status = store->parts.blobs->open(store->parts.blobs_self, key, out, fault);
    if (status == OSK_OK) {
        (*out)->store = store;
    }
    return status;
}

OskSource osk_blob_source(OskBlobReader *reader)
{
    return reader->store->parts.blobs->source(reader);
}

int osk_blob_reader_fd(const OskBlobReader *reader)
{
    return reader->store->parts.blobs->reader_fd(reader);
}

void osk_blob_close(OskBlobReader **reader)
{
    if (reader != NULL && *reader != NULL) {
        OskBlobReader *ended = *reader;
        *reader = NULL;
        ended->store->parts.blobs->close_reader(ended);
    }
}

OskStatus osk_blob_delete(OskStore *store, const OskId *key, OskFault *fault)
{
    osk_store_settle(store, key);
    return store->parts.blobs->remove(store->parts.blobs_self, key, fault);
}

OskStatus osk_blob_wipe_head(OskStore *store, const OskId *key, uint64_t len, OskFault *fault)
{
    int lock = osk_store_care_lock(store, true);
    if (lock < 0) {
        return osk_store_fail(fault, "folder", errno);
    }
    OskStatus status = store->parts.blobs->wipe(store->parts.blobs_self, key, len, fault);
    close(lock);
    return status;
}

OskStatus osk_blob_list(OskStore *store,
                        bool (*each)(void *context, const OskId *key, uint64_t len), void *context,
                        OskFault *fault)
{
    return store->parts.blobs->list(store->parts.blobs_self, each, context, fault);
}

OskStatus osk_blob_recall(OskStore *store, const OskId *key, OskBlobWriter **out, OskFault *fault)
{
    *out = NULL;
    OskStatus status = store->parts.blobs->recall(store->parts.blobs_self, key, out, fault);
    if (status == OSK_OK) {
        (*out)->store = store;
        osk_store_settle(store, key);
    }
    return status;
}

/* ---- rows ---- */

/* Words that say that something was deleted fit into this. */
#define EPITAPH_BYTES 1024u

/* Does it take more away than it brings, or does its caller say that it must be? A submission that
 * is withdrawn leaves a row without words, so that its receipt still tells that. */
static bool may_use_spare(const OskChange *changes, size_t count)
{
    size_t drops = 0;
    for (size_t i = 0; i < count; i++) {
        if (changes[i].uses_spare) {
            return true;
        }
    }
    for (size_t i = 0; i < count; i++) {
        switch (changes[i].kind) {
        case OSK_ROW_UPLOAD_DROP:
        case OSK_ROW_SUBMISSION_DROP:
        case OSK_ROW_FILE_DROP:
        case OSK_ROW_RECORD_DROP: drops++; break;
        case OSK_ROW_SUBMISSION_ADD:
        case OSK_ROW_SUBMISSION_SET:
            if (changes[i].row.submission->manifest.len > EPITAPH_BYTES) {
                return false;
            }
            break;
        default: return false;
        }
    }
    return drops > 0;
}

/* Are its bytes to be gone for good? An upload's are sealed to keys that are forgotten soon; and
 * a sync for each would hold up who sends. */
static bool drops_evidence(const OskChange *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (changes[i].kind == OSK_ROW_SUBMISSION_DROP || changes[i].kind == OSK_ROW_FILE_DROP) {
            return true;
        }
    }
    return false;
}

/* Rows name these now. */
static void settle_all(OskStore *store, const OskChange *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (changes[i].kind == OSK_ROW_SEGMENT_ADD) {
            osk_store_settle(store, &changes[i].row.segment->blob);
        } else if (changes[i].kind == OSK_ROW_RECORD_SET) {
            osk_store_settle(store, &changes[i].row.record->blob);
        }
    }
}

void osk_store_turn_begin(OskStore *store)
{
    pthread_mutex_lock(&store->turn_lock);
    uint64_t mine = store->turn_next++;
    while (store->turn_now != mine) {
        pthread_cond_wait(&store->turn_over, &store->turn_lock);
    }
    pthread_mutex_unlock(&store->turn_lock);
}

void osk_store_turn_end(OskStore *store)
{
    pthread_mutex_lock(&store->turn_lock);
    store->turn_now++;
    pthread_cond_broadcast(&store->turn_over);
    pthread_mutex_unlock(&store->turn_lock);
}

OskStatus osk_store_watch(OskStore *store,
                          void (*seen)(void *context, const OskChange *changes, size_t count),
                          void *context)
{
    pthread_mutex_lock(&store->watch_lock);
    bool has_room = store->watcher_count < OSK_WATCHERS_MAX;
    if (has_room) {
        store->watchers[store->watcher_count++] = (Watcher){ .seen = seen, .context = context };
    }
    pthread_mutex_unlock(&store->watch_lock);
    return has_room ? OSK_OK : OSK_LIMIT;
}

void osk_store_unwatch(OskStore *store, const void *context)
{
    pthread_mutex_lock(&store->watch_lock);
    for (size_t i = 0; i < store->watcher_count; i++) {
        if (store->watchers[i].context == context) {
            store->watchers[i] = store->watchers[--store->watcher_count];
            break;
        }
    }
    pthread_mutex_unlock(&store->watch_lock);
}

static void tell_watchers(OskStore *store, const OskChange *changes, size_t count)
{
    pthread_mutex_lock(&store->watch_lock);
    for (size_t i = 0; i < store->watcher_count; i++) {
        store->watchers[i].seen(store->watchers[i].context, changes, count);
    }
    pthread_mutex_unlock(&store->watch_lock);
}

OskCommit osk_store_commit(OskStore *store, const OskChange *changes, size_t count,
                           const OskId *once, OskFault *fault)
{
    const OskCommitWish wish = { .changes = changes, .count = count, .once = once };
    OskKeys freed = { .at = NULL };
    OskFault none = { .status = OSK_OK };
    OskFault first = { .status = OSK_OK };
    OskCommit result = store->parts.rows->commit(store->parts.rows_self, &wish, &freed, &first);
    if (result == OSK_COMMIT_CONFLICT && first.status == OSK_LIMIT &&
        may_use_spare(changes, count) && osk_spare_give(store->parts.folder_fd)) {
        first = (OskFault){ .status = OSK_OK };
        result = store->parts.rows->commit(store->parts.rows_self, &wish, &freed, &first);
    }
    if (result != OSK_COMMIT_OK && fault != NULL) {
        *fault = first;
    }
    if (result != OSK_COMMIT_CONFLICT) {
        tell_watchers(store, changes, count);
    }
    if (result == OSK_COMMIT_OK) {
        settle_all(store, changes, count);
        /* What can't be deleted now is an orphan, and is swept: the commit has happened. */
        bool wipes = drops_evidence(changes, count);
        for (size_t i = 0; i < freed.count; i++) {
            if (wipes) {
                store->parts.blobs->wipe(store->parts.blobs_self, &freed.at[i], OSK_HEAD_BYTES,
                                         &none);
            }
            store->parts.blobs->remove(store->parts.blobs_self, &freed.at[i], &none);
        }
        store->parts.blobs->sync(store->parts.blobs_self, &none);
    }
    osk_keys_free(&freed);
    return result;
}

bool osk_store_upload(OskStore *store, const OskLookup *lookup, OskUploadRow *out, OskFault *fault)
{
    return store->parts.rows->upload(store->parts.rows_self, lookup, out, fault);
}

bool osk_store_submission(OskStore *store, const OskId *id, OskSubmissionRow *out, OskFault *fault)
{
    return store->parts.rows->submission(store->parts.rows_self, id, NULL, out, fault);
}

bool osk_store_receipt(OskStore *store, const OskLookup *receipt, OskSubmissionRow *out,
                       OskFault *fault)
{
    return store->parts.rows->submission(store->parts.rows_self, NULL, receipt, out, fault);
}

bool osk_store_setting(OskStore *store, const char *name, OskBytes *out, OskFault *fault)
{
    return store->parts.rows->setting(store->parts.rows_self, name, out, fault);
}

void osk_bytes_clear(OskBytes *bytes)
{
    if (bytes->bytes != NULL) {
        explicit_bzero(bytes->bytes, bytes->len);
    }
    free(bytes->bytes);
    *bytes = (OskBytes){ .bytes = NULL };
}

void osk_upload_row_free(OskUploadRow *row)
{
    osk_bytes_clear(&row->wrapped);
    osk_bytes_clear(&row->draft_box);
}

void osk_submission_row_free(OskSubmissionRow *row)
{
    osk_bytes_clear(&row->manifest);
}

void osk_record_row_free(OskRecordRow *row)
{
    osk_bytes_clear(&row->bytes);
}

bool osk_store_record(OskStore *store, const OskRecordKey *key, OskRecordRow *out, OskFault *fault)
{
    return store->parts.rows->record(store->parts.rows_self, key, out, fault);
}

bool osk_store_is_held(OskStore *store, const OskId *submission, OskFault *fault)
{
    const OskRecordKey key = { .space = OSK_SPACE_HOLD, .id = *submission };
    OskRecordRow hold;
    OskFault own = { .status = OSK_OK };
    bool is_held = osk_store_record(store, &key, &hold, &own);
    if (is_held) {
        osk_record_row_free(&hold);
    } else if (own.status != OSK_OK && fault != NULL) {
        *fault = own;
    }
    return is_held || own.status != OSK_OK;
}

OskStatus osk_store_records(OskStore *store, const OskRecordQuery *query,
                            bool (*each)(void *, const OskRecordRow *), void *context,
                            OskFault *fault)
{
    return store->parts.rows->records(store->parts.rows_self, query, each, context, fault);
}

OskStatus osk_store_segments(OskStore *store, const OskId *owner,
                             bool (*each)(void *, const OskSegmentRow *), void *context,
                             OskFault *fault)
{
    return store->parts.rows->segments(store->parts.rows_self, owner, each, context, fault);
}

OskStatus osk_store_files(OskStore *store, const OskId *submission,
                          bool (*each)(void *, const OskFileRow *), void *context, OskFault *fault)
{
    const OskRowsWish wish = { .submission = submission };
    return store->parts.rows->files(store->parts.rows_self, &wish, each, context, fault);
}

OskStatus osk_store_same_files(OskStore *store, const uint8_t digest[32],
                               bool (*each)(void *, const OskFileRow *), void *context,
                               OskFault *fault)
{
    const OskRowsWish wish = { .digest = digest };
    return store->parts.rows->files(store->parts.rows_self, &wish, each, context, fault);
}

OskStatus osk_store_messages(OskStore *store, const OskId *submission,
                             bool (*each)(void *, const OskMessageRow *), void *context,
                             OskFault *fault)
{
    const OskMessageQuery all = { .submission = submission };
    return osk_store_messages_from(store, &all, each, context, fault);
}

OskStatus osk_store_messages_from(OskStore *store, const OskMessageQuery *query,
                                  bool (*each)(void *, const OskMessageRow *), void *context,
                                  OskFault *fault)
{
    return store->parts.rows->messages(store->parts.rows_self, query, each, context, fault);
}

OskStatus osk_store_draft_uploads(OskStore *store, const OskLookup *draft,
                                  bool (*each)(void *, const OskUploadRow *), void *context,
                                  OskFault *fault)
{
    const OskRowsWish wish = { .draft = draft };
    return store->parts.rows->uploads(store->parts.rows_self, &wish, each, context, fault);
}

OskStatus osk_store_expired_uploads(OskStore *store, OskDay before,
                                    bool (*each)(void *, const OskUploadRow *), void *context,
                                    OskFault *fault)
{
    const OskRowsWish wish = { .before = before };
    return store->parts.rows->uploads(store->parts.rows_self, &wish, each, context, fault);
}

OskStatus osk_store_submissions(OskStore *store, const OskSubmissionQuery *query,
                                bool (*each)(void *, const OskSubmissionRow *), void *context,
                                OskFault *fault)
{
    return store->parts.rows->submissions(store->parts.rows_self, query, each, context, fault);
}

bool osk_store_disk(OskStore *store, uint64_t *out_free, uint64_t *out_total)
{
    return store->parts.blobs->disk(store->parts.blobs_self, out_free, out_total) == OSK_OK;
}

OskStatus osk_store_counts(OskStore *store, OskStoreCounts *out, OskFault *fault)
{
    *out = (OskStoreCounts){ .uploads = 0 };
    OskStatus status = store->parts.rows->counts(store->parts.rows_self, out, fault);
    if (status == OSK_OK && store->parts.blobs->disk(store->parts.blobs_self, &out->disk_free,
                                                     &out->disk_total) != OSK_OK) {
        return osk_store_fail(fault, "folder", EIO);
    }
    return status;
}
