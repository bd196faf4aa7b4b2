/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_driver.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/random.h"

#define HELD 24u

int driver_backup(const char *folder, const char *copy)
{
    static const OskStoreOptions options = { .beside = true };
    OskFault fault = { .status = OSK_OK };
    OskStore *store = driver_open(folder, &options);
    if (store == NULL || osk_store_backup(store, copy, &fault) != OSK_OK) {
        fprintf(stderr, "backup: %s\n", fault.what == NULL ? "" : fault.what);
        osk_store_close(&store);
        return 1;
    }
    driver_say("backup\n");
    osk_store_close(&store);
    return 0;
}

int driver_check(const char *folder)
{
    static const OskStoreOptions options = { .beside = true };
    OskFault fault = { .status = OSK_OK };
    OskStore *store = driver_open(folder, &options);
    bool fine = store != NULL && osk_store_check(store, driver_say_finding, NULL, &fault) == OSK_OK;
    osk_store_close(&store);
    return fine ? 0 : 1;
}

static int restore(const char *copy, const char *folder, const char *tombstones_of)
{
    OskFault fault = { .status = OSK_OK };
    if (osk_store_restore(copy, folder, tombstones_of, &fault) != OSK_OK) {
        fprintf(stderr, "restore: %s\n", fault.what);
        return 1;
    }
    driver_say("restored\n");
    return 0;
}

typedef struct Worker {
    OskStore *store;
    uint64_t random;
    uint64_t steps;
    bool shuffles;
    Object held[HELD];
} Worker;

static uint64_t next(Worker *worker)
{
    worker->random ^= worker->random << 13;
    worker->random ^= worker->random >> 7;
    worker->random ^= worker->random << 17;
    return worker->random >> 16;
}

static void tell(char kind, const Object *object)
{
    char id[33];
    char line[96];
    driver_hex(&object->id, id);
    snprintf(line, sizeof(line), "%c %s %u\n", kind, id, object->segments);
    driver_say(line);
}

/* "p": an upload grows to so many segments; "P": it did. */
static void step_append(Worker *worker, Object *object)
{
    OskSegmentRow segment = { .owner = object->id };
    Object grown = *object;
    uint64_t before = object->offset;
    grown.segments++;
    tell('p', &grown);
    if (!driver_put_blob(worker->store, &object->id, object->segments, &segment)) {
        /* Nothing was asked of the rows: it is what it was. */
        tell('P', object);
        return;
    }
    grown.offset += segment.plain_len;
    OskUploadRow row = driver_row_of(&grown);
    OskChange changes[] = {
        { .kind = OSK_ROW_UPLOAD_SET, .row.upload = &row, .expected = before },
        { .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &segment },
    };
    if (driver_commit(worker->store, changes, 2)) {
        *object = grown;
        tell('P', object);
    } else {
        object->is_lost = true;
    }
}

static void step_create(Worker *worker, Object *object)
{
    *object = (Object){ .segments = 0 };
    osk_random_fill(NULL, &object->id, sizeof(object->id));
    tell('p', object);
    OskUploadRow row = driver_row_of(object);
    OskChange change = { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row };
    if (driver_commit(worker->store, &change, 1)) {
        tell('P', object);
    } else {
        object->is_lost = true;
    }
}

/* "s", "S": it is a submission. */
static void step_send(Worker *worker, Object *object)
{
    static uint8_t manifest[700] = "manifest";
    OskSubmissionRow submission = { .id = object->id,
                                    .day = 20000,
                                    .receipt = driver_lookup_of(&object->id),
                                    .file_count = 1,
                                    .manifest = { manifest, sizeof(manifest) } };
    OskFileRow file = { .id = driver_other_id(&object->id, 1),
                        .submission = object->id,
                        .segment_count = object->segments };
    OskChange changes[] = {
        { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &submission },
        { .kind = OSK_ROW_FILE_ADD, .row.file = &file },
        { .kind = OSK_ROW_SEGMENTS_MOVE, .row.id = object->id, .other = file.id },
        { .kind = OSK_ROW_UPLOAD_DROP, .row.id = object->id },
    };
    tell('s', object);
    if (driver_commit(worker->store, changes, 4)) {
        object->is_sent = true;
        tell('S', object);
    } else {
        object->is_lost = true;
    }
}

/* "r": what the desk keeps of it gets so many changes, 0: goes; "R": it did. */
static void tell_record(char kind, const Object *object, uint32_t number)
{
    Object told = *object;
    told.segments = number;
    tell(kind, &told);
}

/* Its version: a shuffle that moves its blob raises it, too. 0 for none. */
static uint64_t version_of(Worker *worker, const OskRecordKey *key)
{
    OskFault fault = { .status = OSK_OK };
    OskRecordRow row;
    if (!osk_store_record(worker->store, key, &row, &fault)) {
        return 0;
    }
    osk_record_row_free(&row);
    return row.version;
}

static void step_record(Worker *worker, Object *object, bool drops)
{
    OskSegmentRow blob;
    uint32_t number = drops ? 0 : object->record + 1;
    OskRecordRow row = { .key = driver_record_of(&object->id), .day = 20000 };
    OskChange change = { .kind = OSK_ROW_RECORD_DROP, .row.record_key = &row.key };
    tell_record('r', object, number);
    if (!drops) {
        if (!driver_put_blob(worker->store, &object->id, RECORD_NUMBERS + number, &blob)) {
            tell_record('R', object, object->record);
            return;
        }
        row.flags = number;
        row.blob = blob.blob;
        row.sealed_len = blob.sealed_len;
        change = (OskChange){ .kind = OSK_ROW_RECORD_SET,
                              .row.record = &row,
                              .expected = version_of(worker, &row.key) };
    }
    if (driver_commit(worker->store, &change, 1)) {
        object->record = number;
        tell_record('R', object, number);
    } else {
        object->is_lost = true;
    }
}

static bool tell_blob(void *context, const OskSegmentRow *row)
{
    char id[33];
    char blob[33];
    char line[96];
    driver_hex(context, id);
    driver_hex(&row->blob, blob);
    snprintf(line, sizeof(line), "b %s %s\n", id, blob);
    driver_say(line);
    return true;
}

/* "d", "D": it is gone; "b" before it: a blob that goes with it. */
static void step_drop(Worker *worker, Object *object)
{
    OskId owner = object->is_sent ? driver_other_id(&object->id, 1) : object->id;
    OskFault fault = { .status = OSK_OK };
    OskChange change = { .kind = object->is_sent ? OSK_ROW_SUBMISSION_DROP : OSK_ROW_UPLOAD_DROP,
                         .row.id = object->id };
    OskRecordKey key = driver_record_of(&object->id);
    OskRecordRow record;
    tell('d', object);
    if (osk_store_record(worker->store, &key, &record, &fault)) {
        tell_blob(&object->id, &(OskSegmentRow){ .blob = record.blob });
        osk_record_row_free(&record);
    }
    osk_store_segments(worker->store, &owner, tell_blob, &object->id, &fault);
    if (driver_commit(worker->store, &change, 1)) {
        tell('D', object);
    }
    *object = (Object){ .segments = 0 };
}

static void *work(void *context)
{
    static const OskId nobody;
    Worker *worker = context;
    for (uint64_t step = 0; worker->steps == 0 || step < worker->steps; step++) {
        Object *object = &worker->held[next(worker) % HELD];
        uint64_t choice = next(worker) % 10;
        if (object->is_lost || memcmp(&object->id, &nobody, sizeof(nobody)) == 0) {
            step_create(worker, object);
        } else if (choice == 0) {
            step_drop(worker, object);
        } else if (!object->is_sent && object->segments < SEGMENTS_MAX && choice < 8) {
            step_append(worker, object);
        } else if (!object->is_sent) {
            step_send(worker, object);
        } else if (choice == 1) {
            step_record(worker, object, object->record > 0 && next(worker) % 4 == 0);
        }
        OskFault fault = { .status = OSK_OK };
        uint64_t count = 0;
        if (step % 64 == 63) {
            osk_store_sweep(worker->store, &count, &fault);
        }
        if (worker->shuffles && step % 40 == 39) {
            osk_store_shuffle(worker->store, 20000, &count, &fault);
        }
    }
    return NULL;
}

int driver_run(const char *folder, unsigned threads, uint64_t steps, uint64_t seed)
{
    static const OskStoreOptions options = { .create = true };
    pthread_t ids[64];
    char copy[512];
    char back[512];
    Worker *workers = calloc(64, sizeof(*workers));
    snprintf(copy, sizeof(copy), "%s.copy", folder);
    snprintf(back, sizeof(back), "%s.back", folder);
    /* Opened again in between, for a log that begins anew. */
    for (unsigned part = 0; workers != NULL && part < (steps == 0 ? 1u : 2u); part++) {
        OskStore *store = driver_open(folder, &options);
        if (store == NULL) {
            free(workers);
            return 2;
        }
        for (unsigned i = 0; i < threads && i < 64; i++) {
            workers[i].store = store;
            workers[i].random = (seed * 64 + i + 1) * 0x9e3779b97f4a7c15u;
            workers[i].steps = steps;
            workers[i].shuffles = i == 0;
            pthread_create(&ids[i], NULL, work, &workers[i]);
        }
        for (unsigned i = 0; i < threads && i < 64; i++) {
            pthread_join(ids[i], NULL);
        }
        osk_store_close(&store);
        if (part == 0 && steps != 0 && driver_backup(folder, copy) != 0) {
            free(workers);
            return 1;
        }
    }
    free(workers);
    return steps == 0 ? 0 : restore(copy, back, folder);
}
