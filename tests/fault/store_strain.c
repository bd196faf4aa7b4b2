/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_driver.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/random.h"

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

enum { AT_ONCE = 200 };

typedef struct Batch {
    OskSubmissionRow rows[AT_ONCE];
    OskFileRow files[AT_ONCE];
    OskSegmentRow segments[AT_ONCE];
    OskChange changes[3 * AT_ONCE];
    size_t count;
} Batch;

static bool fill_one(OskStore *store, Batch *batch, size_t i, unsigned long number, bool has_file)
{
    static uint8_t manifest[900];
    OskId id;
    osk_random_fill(NULL, &id, sizeof(id));
    batch->rows[i] = (OskSubmissionRow){ .id = id,
                                         .day = (OskDay)(20000 + number / 5000),
                                         .receipt = driver_lookup_of(&id),
                                         .file_count = has_file ? 1 : 0,
                                         .manifest = { manifest, sizeof(manifest) } };
    batch->changes[batch->count++] =
        (OskChange){ .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &batch->rows[i] };
    if (!has_file) {
        return true;
    }
    batch->files[i] =
        (OskFileRow){ .id = driver_other_id(&id, 1), .submission = id, .segment_count = 1 };
    batch->segments[i] = (OskSegmentRow){ .owner = batch->files[i].id };
    batch->changes[batch->count++] =
        (OskChange){ .kind = OSK_ROW_FILE_ADD, .row.file = &batch->files[i] };
    batch->changes[batch->count++] =
        (OskChange){ .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &batch->segments[i] };
    return driver_put_blob(store, &id, 0, &batch->segments[i]);
}

int driver_fill(const char *folder, unsigned long count, unsigned long every)
{
    static const OskStoreOptions options = { .create = true };
    static Batch batch;
    OskStore *store = driver_open(folder, &options);
    bool all = store != NULL && every > 0;
    for (unsigned long done = 0; done < count && all; done += AT_ONCE) {
        batch.count = 0;
        for (size_t i = 0; i < AT_ONCE && all; i++) {
            all = fill_one(store, &batch, i, done + i, (done + i) % every == 0);
        }
        all = all && driver_commit(store, batch.changes, batch.count);
    }
    /* As a power cut or kill -9 leaves it. */
    _exit(all ? 0 : 1);
}

static bool count_row(void *context, const OskSubmissionRow *row)
{
    (void)row;
    ++*(size_t *)context;
    return true;
}

int driver_recover(const char *folder)
{
    static const OskStoreOptions options = { .create = false };
    OskFault fault = { .status = OSK_OK };
    OskSubmissionQuery query = { .first = 0, .last = INT32_MAX, .state = -1, .limit = 50 };
    OskStoreCounts counts;
    size_t seen = 0;
    uint64_t swept = 0;
    double began = now_ms();
    OskStore *store = driver_open(folder, &options);
    if (store == NULL) {
        return 1;
    }
    osk_store_submissions(store, &query, count_row, &seen, &fault);
    osk_store_counts(store, &counts, &fault);
    Object object = { .segments = 0 };
    osk_random_fill(NULL, &object.id, sizeof(object.id));
    OskUploadRow row = driver_row_of(&object);
    OskChange change = { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row };
    bool wrote = driver_commit(store, &change, 1);
    double ready = now_ms();
    osk_store_sweep(store, &swept, &fault);
    double clean = now_ms();
    printf("%.0f ms until read and written, %.0f ms more for the sweep; %llu submissions, %zu %s\n",
           ready - began, clean - ready, (unsigned long long)counts.submissions, seen,
           wrote && fault.status == OSK_OK ? "ok" : "failed");
    osk_store_close(&store);
    return wrote && seen == 50 ? 0 : 1;
}

typedef struct Bench {
    OskStore *store;
    unsigned count;
    size_t len;
    bool failed;
} Bench;

static void *bench_work(void *context)
{
    static uint8_t bytes[65536];
    Bench *bench = context;
    OskFault fault = { .status = OSK_OK };
    for (unsigned i = 0; i < bench->count && !bench->failed; i++) {
        OskBlobWriter *writer = NULL;
        Object object = { .segments = 1, .offset = bench->len };
        OskSegmentRow segment = { .plain_len = bench->len, .sealed_len = bench->len };
        osk_random_fill(NULL, &object.id, sizeof(object.id));
        segment.owner = object.id;
        OskUploadRow row = driver_row_of(&object);
        OskChange changes[] = { { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row },
                                { .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &segment } };
        if (bench->len > 0) {
            bench->failed = osk_blob_begin(bench->store, bench->len, &writer, &fault) != OSK_OK;
            for (size_t at = 0; at < bench->len && !bench->failed; at += 65536) {
                size_t step = bench->len - at < 65536 ? bench->len - at : 65536;
                bench->failed = osk_blob_write(writer, bytes, step, &fault) != OSK_OK;
            }
            bench->failed = bench->failed ||
                            osk_blob_commit(&writer, UINT64_MAX, &segment.blob, &fault) != OSK_OK;
        }
        bench->failed =
            bench->failed || !driver_commit(bench->store, changes, bench->len > 0 ? 2 : 1);
    }
    return NULL;
}

int driver_bench(const char *folder, unsigned threads, unsigned count, size_t len)
{
    static const OskStoreOptions options = { .create = true };
    Bench all[64];
    pthread_t ids[64];
    bool failed = false;
    OskStore *store = driver_open(folder, &options);
    if (store == NULL || threads > 64) {
        return 1;
    }
    double began = now_ms();
    for (unsigned i = 0; i < threads; i++) {
        all[i] = (Bench){ .store = store, .count = count / threads, .len = len };
        pthread_create(&ids[i], NULL, bench_work, &all[i]);
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
        failed = failed || all[i].failed;
    }
    double took = now_ms() - began;
    printf("%u threads, %zu bytes: %.0f acknowledged a second, %.1f MiB/s%s\n", threads, len,
           count / took * 1e3, count * (double)len / took * 1e3 / 1048576, failed ? " FAILED" : "");
    osk_store_close(&store);
    return failed ? 1 : 0;
}

/* ---- a disk that is really full ---- */

typedef struct Full {
    OskStore *store;
    OskId sent[4096];
    size_t count;
} Full;

static OskStatus full_blob(OskStore *store, OskSegmentRow *segment, OskFault *fault)
{
    static uint8_t bytes[65536];
    OskBlobWriter *writer = NULL;
    segment->plain_len = sizeof(bytes);
    segment->sealed_len = sizeof(bytes);
    OskStatus status = osk_blob_begin(store, 0, &writer, fault);
    if (status == OSK_OK) {
        status = osk_blob_write(writer, bytes, sizeof(bytes), fault);
    }
    if (status == OSK_OK) {
        status = osk_blob_commit(&writer, UINT64_MAX, &segment->blob, fault);
    }
    osk_blob_abort(&writer);
    return status;
}

/* A submission with a file of 64 KiB; false when the store says LIMIT. Anything else ends it all.
 */
static bool full_send(Full *full)
{
    OskFault fault = { .status = OSK_OK };
    OskId id;
    osk_random_fill(NULL, &id, sizeof(id));
    OskSegmentRow segment = { .owner = driver_other_id(&id, 1) };
    OskStatus status = full_blob(full->store, &segment, &fault);
    if (status == OSK_OK) {
        OskSubmissionRow submission = { .id = id, .day = 20000, .receipt = driver_lookup_of(&id) };
        OskFileRow file = { .id = segment.owner, .submission = id, .segment_count = 1 };
        OskChange changes[] = {
            { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &submission },
            { .kind = OSK_ROW_FILE_ADD, .row.file = &file },
            { .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &segment },
        };
        OskCommit result = osk_store_commit(full->store, changes, 3, NULL, &fault);
        status = result == OSK_COMMIT_OK         ? OSK_OK
                 : result == OSK_COMMIT_CONFLICT ? fault.status
                                                 : OSK_IO;
        if (status != OSK_OK) {
            osk_blob_delete(full->store, &segment.blob, &fault);
        }
    }
    if (status == OSK_OK && full->count < 4096) {
        full->sent[full->count++] = id;
    } else if (status != OSK_LIMIT) {
        printf("broken: a full disk is %s: %s\n", osk_status_name(status),
               fault.what == NULL ? "" : fault.what);
        fflush(stdout);
        _exit(1);
    }
    return status == OSK_OK;
}

/* Someone else takes every byte that is left. */
static void full_to_the_brim(const char *folder)
{
    char path[512];
    static uint8_t bytes[4096];
    snprintf(path, sizeof(path), "%s.else", folder);
    FILE *file = fopen(path, "a");
    if (file == NULL) {
        return;
    }
    setvbuf(file, NULL, _IONBF, 0);
    for (size_t step = sizeof(bytes); step > 0;) {
        if (fwrite(bytes, 1, step, file) != step) {
            clearerr(file);
            step /= 2;
        }
    }
    fclose(file);
}

static bool full_drop(Full *full, size_t at)
{
    OskFault fault = { .status = OSK_OK };
    /* Every other one as a sender who withdraws. */
    OskSubmissionRow empty = { .day = 20000,
                               .state = OSK_SUBMISSION_WITHDRAWN,
                               .receipt = driver_lookup_of(&full->sent[at]) };
    osk_random_fill(NULL, &empty.id, sizeof(empty.id));
    OskChange changes[] = { { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = full->sent[at] },
                            { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &empty } };
    bool done = osk_store_commit(full->store, changes, 1 + at % 2, NULL, &fault) == OSK_COMMIT_OK;
    if (!done) {
        printf("broken: no deletion on a full disk: %s\n", fault.what);
    }
    return done;
}

static bool full_is_there(Full *full, size_t at)
{
    OskFault fault = { .status = OSK_OK };
    OskSubmissionRow row;
    bool found = osk_store_submission(full->store, &full->sent[at], &row, &fault);
    osk_submission_row_free(&row);
    return found;
}

/* Started again with nothing free: everything is there. */
static bool full_restart(Full *full, const char *folder)
{
    static const OskStoreOptions options = { .create = true };
    OskFault fault = { .status = OSK_OK };
    osk_store_close(&full->store);
    full->store = driver_open(folder, &options);
    bool fine = full->store != NULL;
    for (size_t i = 0; fine && i < full->count; i++) {
        fine = full_is_there(full, i);
    }
    return fine && osk_store_check(full->store, driver_say_finding, NULL, &fault) == OSK_OK;
}

int driver_full(const char *folder)
{
    static const OskStoreOptions options = { .create = true };
    static Full all;
    OskFault fault = { .status = OSK_OK };
    uint64_t swept = 0;
    size_t dropped = 1;
    bool fine = (all.store = driver_open(folder, &options)) != NULL;
    while (fine && full_send(&all)) {
    }
    full_to_the_brim(folder);
    for (int i = 0; fine && i < 20; i++) {
        fine = !full_send(&all);
    }
    fine = fine && full_restart(&all, folder);
    /* A sweep empties the log of the rows, whose room somebody else takes. */
    fine = fine && full_drop(&all, 0) && osk_store_sweep(all.store, &swept, &fault) == OSK_OK;
    full_to_the_brim(folder);
    size_t sent = all.count;
    for (; fine && dropped < sent / 2; dropped++) {
        fine = full_drop(&all, dropped);
    }
    while (fine && all.count < sent + sent / 4 && full_send(&all)) {
    }
    printf("%zu sent until it was full, %zu deleted then, %zu sent after that, %s\n", sent, dropped,
           all.count - sent, fine ? "fine" : "broken");
    fine = fine && sent > 10 && all.count == sent + sent / 4;
    osk_store_close(&all.store);
    return fine ? 0 : 1;
}

int driver_once(const char *folder)
{
    static const OskStoreOptions options = { .beside = true, .busy_ms = 200 };
    OskFault fault = { .status = OSK_OK };
    OskStore *store = driver_open(folder, &options);
    if (store == NULL) {
        return 1;
    }
    Object object = { .segments = 0 };
    osk_random_fill(NULL, &object.id, sizeof(object.id));
    OskUploadRow row = driver_row_of(&object);
    OskChange change = { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row };
    OskCommit result = osk_store_commit(store, &change, 1, NULL, &fault);
    printf("%s %s\n",
           result == OSK_COMMIT_OK         ? "ok"
           : result == OSK_COMMIT_CONFLICT ? "conflict"
                                           : "unknown",
           osk_status_name(fault.status));
    osk_store_close(&store);
    return 0;
}
