/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program that only uses a store, and says what it was promised, so that what is left after a
 * fault can be held against it.
 *
 * `run` says a line before it asks for something and one when it has it. An object belongs to one
 * thread, so that the two lines of its last change are all that can be true of it. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/random.h"
#include "store/store_open.h"

static const char usage[] =
    "usage: store_driver WORD FOLDER ...\n"
    "  run FOLDER THREADS STEPS SEED   works; STEPS 0: until it is killed; else twice, with a\n"
    "                                  backup in between (FOLDER.copy), restored after it\n"
    "  verify FOLDER [strict]          reads what run said; 1 when a promise is broken\n"
    "  fill FOLDER COUNT               so many submissions, quickly\n"
    "  recover FOLDER                  how long until it can be read and written, in ms\n"
    "  bench FOLDER THREADS COUNT LEN  acknowledged blobs with a row each\n"
    "  backup FOLDER COPY              a backup of a store that is in use\n"
    "  check FOLDER                    what `oilskin store check` says\n"
    "  full FOLDER                     fills the disk, and empties it again\n"
    "  once FOLDER                     one commit with little patience, and its outcome\n";

#define SEGMENTS_MAX 6u
#define SEGMENT_BYTES 5000u
#define HELD 24u

static void say(const char *text)
{
    /* One call: lines of threads don't mix. */
    size_t len = strlen(text);
    if (write(STDOUT_FILENO, text, len) != (ssize_t)len) {
        _exit(3);
    }
}

static void hex(const OskId *id, char out[33])
{
    for (size_t i = 0; i < OSK_ID_BYTES; i++) {
        snprintf(out + 2 * i, 3, "%02x", id->bytes[i]);
    }
}

static bool unhex(const char *text, OskId *out)
{
    for (size_t i = 0; i < OSK_ID_BYTES; i++) {
        unsigned byte = 0;
        if (sscanf(text + 2 * i, "%2x", &byte) != 1) {
            return false;
        }
        out->bytes[i] = (uint8_t)byte;
    }
    return true;
}

/* What segment `number` of an object holds: its own bytes, so that a mixed-up one is seen. */
static size_t segment_bytes(const OskId *id, uint32_t number, uint8_t out[SEGMENT_BYTES])
{
    uint64_t state = 0;
    memcpy(&state, id->bytes, sizeof(state));
    state = (state ^ (number + 1) * 0x9e3779b97f4a7c15u) | 1;
    size_t len = 1 + state % (SEGMENT_BYTES - 1);
    for (size_t i = 0; i < len; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out[i] = (uint8_t)(state >> 32);
    }
    return len;
}

static OskLookup lookup_of(const OskId *id)
{
    OskLookup lookup = { .bytes = { 0 } };
    memcpy(lookup.bytes, id->bytes, OSK_ID_BYTES);
    lookup.bytes[31] = 1;
    return lookup;
}

static OskId other_id(const OskId *id, uint8_t mark)
{
    OskId other = *id;
    other.bytes[15] ^= mark;
    return other;
}

static OskStore *open_store(const char *folder, const OskStoreOptions *options)
{
    OskFault fault = { .status = OSK_OK };
    OskStore *store = NULL;
    if (osk_store_open_folder(&store, folder, options, &fault) != OSK_OK) {
        fprintf(stderr, "open: %s\n", fault.what);
        return NULL;
    }
    return store;
}

static int backup(const char *folder, const char *copy)
{
    static const OskStoreOptions options = { .beside = true };
    OskFault fault = { .status = OSK_OK };
    OskStore *store = open_store(folder, &options);
    if (store == NULL || osk_store_backup(store, copy, &fault) != OSK_OK) {
        fprintf(stderr, "backup: %s\n", fault.what == NULL ? "" : fault.what);
        osk_store_close(&store);
        return 1;
    }
    say("backup\n");
    osk_store_close(&store);
    return 0;
}

static void say_finding(void *context, const char *what)
{
    (void)context;
    printf("broken: check says: %s\n", what);
}

static int check(const char *folder)
{
    static const OskStoreOptions options = { .beside = true };
    OskFault fault = { .status = OSK_OK };
    OskStore *store = open_store(folder, &options);
    bool fine = store != NULL && osk_store_check(store, say_finding, NULL, &fault) == OSK_OK;
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
    say("restored\n");
    return 0;
}

/* ---- run ---- */

/* An upload of `segments`, or, after it was sent, a submission with one file of them. */
typedef struct Object {
    OskId id; /* zeros: nothing */
    uint32_t segments;
    uint64_t offset;
    bool is_sent;
    bool
        is_lost; /* an answer was not OK: its state is not known, and nothing more is asked of it */
} Object;

typedef struct Worker {
    OskStore *store;
    uint64_t random;
    uint64_t steps;
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
    hex(&object->id, id);
    snprintf(line, sizeof(line), "%c %s %u\n", kind, id, object->segments);
    say(line);
}

static OskUploadRow row_of(const Object *object)
{
    static uint8_t wrapped[] = "keys";
    return (OskUploadRow){ .id = object->id,
                           .lookup = lookup_of(&object->id),
                           .declared_len = UINT64_MAX,
                           .offset = object->offset,
                           .segment_count = object->segments,
                           .expires = INT32_MAX,
                           .wrapped = { wrapped, sizeof(wrapped) } };
}

/* True when it happened. With UNKNOWN it is asked again, as every caller must. */
static bool commit(OskStore *store, const OskChange *changes, size_t count)
{
    OskFault fault = { .status = OSK_OK };
    OskId once;
    OskCommit result = OSK_COMMIT_UNKNOWN;
    osk_random_fill(NULL, &once, sizeof(once));
    for (int tries = 0; tries < 5 && result == OSK_COMMIT_UNKNOWN; tries++) {
        fault = (OskFault){ .status = OSK_OK };
        result = osk_store_commit(store, changes, count, &once, &fault);
    }
    return result == OSK_COMMIT_OK;
}

static bool put_blob(OskStore *store, const OskId *id, uint32_t number, OskSegmentRow *out)
{
    uint8_t bytes[SEGMENT_BYTES];
    size_t len = segment_bytes(id, number, bytes);
    OskFault fault = { .status = OSK_OK };
    OskBlobWriter *writer = NULL;
    if (osk_blob_begin(store, 0, &writer, &fault) != OSK_OK) {
        return false;
    }
    if (osk_blob_write(writer, bytes, len, &fault) != OSK_OK) {
        osk_blob_abort(&writer);
        return false;
    }
    out->number = number;
    out->plain_len = len;
    out->sealed_len = len;
    return osk_blob_commit(&writer, UINT64_MAX, &out->blob, &fault) == OSK_OK;
}

/* "p": an upload grows to so many segments; "P": it did. */
static void step_append(Worker *worker, Object *object)
{
    OskSegmentRow segment = { .owner = object->id };
    Object grown = *object;
    uint64_t before = object->offset;
    grown.segments++;
    tell('p', &grown);
    if (!put_blob(worker->store, &object->id, object->segments, &segment)) {
        /* Nothing was asked of the rows: it is what it was. */
        tell('P', object);
        return;
    }
    grown.offset += segment.plain_len;
    OskUploadRow row = row_of(&grown);
    OskChange changes[] = {
        { .kind = OSK_ROW_UPLOAD_SET, .row.upload = &row, .expected = before },
        { .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &segment },
    };
    if (commit(worker->store, changes, 2)) {
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
    OskUploadRow row = row_of(object);
    OskChange change = { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row };
    if (commit(worker->store, &change, 1)) {
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
                                    .receipt = lookup_of(&object->id),
                                    .file_count = 1,
                                    .manifest = { manifest, sizeof(manifest) } };
    OskFileRow file = { .id = other_id(&object->id, 1),
                        .submission = object->id,
                        .segment_count = object->segments };
    OskChange changes[] = {
        { .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &submission },
        { .kind = OSK_ROW_FILE_ADD, .row.file = &file },
        { .kind = OSK_ROW_SEGMENTS_MOVE, .row.id = object->id, .other = file.id },
        { .kind = OSK_ROW_UPLOAD_DROP, .row.id = object->id },
    };
    tell('s', object);
    if (commit(worker->store, changes, 4)) {
        object->is_sent = true;
        tell('S', object);
    } else {
        object->is_lost = true;
    }
}

static bool tell_blob(void *context, const OskSegmentRow *row)
{
    char id[33];
    char blob[33];
    char line[96];
    hex(context, id);
    hex(&row->blob, blob);
    snprintf(line, sizeof(line), "b %s %s\n", id, blob);
    say(line);
    return true;
}

/* "d", "D": it is gone; "b" before it: a blob that goes with it. */
static void step_drop(Worker *worker, Object *object)
{
    OskId owner = object->is_sent ? other_id(&object->id, 1) : object->id;
    OskFault fault = { .status = OSK_OK };
    OskChange change = { .kind = object->is_sent ? OSK_ROW_SUBMISSION_DROP : OSK_ROW_UPLOAD_DROP,
                         .row.id = object->id };
    tell('d', object);
    osk_store_segments(worker->store, &owner, tell_blob, &object->id, &fault);
    if (commit(worker->store, &change, 1)) {
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
        }
        if (step % 64 == 63) {
            OskFault fault = { .status = OSK_OK };
            uint64_t count = 0;
            osk_store_sweep(worker->store, &count, &fault);
        }
    }
    return NULL;
}

static int run(const char *folder, unsigned threads, uint64_t steps, uint64_t seed)
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
        OskStore *store = open_store(folder, &options);
        if (store == NULL) {
            free(workers);
            return 2;
        }
        for (unsigned i = 0; i < threads && i < 64; i++) {
            workers[i].store = store;
            workers[i].random = (seed * 64 + i + 1) * 0x9e3779b97f4a7c15u;
            workers[i].steps = steps;
            pthread_create(&ids[i], NULL, work, &workers[i]);
        }
        for (unsigned i = 0; i < threads && i < 64; i++) {
            pthread_join(ids[i], NULL);
        }
        osk_store_close(&store);
        if (part == 0 && steps != 0 && backup(folder, copy) != 0) {
            free(workers);
            return 1;
        }
    }
    free(workers);
    return steps == 0 ? 0 : restore(copy, back, folder);
}

/* ---- verify ---- */

typedef struct Promise {
    OskId id;
    char kind;         /* P S D: what was acknowledged last; 0 for nothing */
    unsigned segments; /* with it */
    char asked;        /* p s d: what was asked for since; 0 for nothing */
    unsigned asked_segments;
} Promise;

typedef struct Verify {
    OskStore *store;
    Promise *promises;
    size_t count;
    size_t room;
    size_t broken;
    const OskId *id;
    unsigned seen;
} Verify;

static void complain(Verify *verify, const Promise *promise, const char *what)
{
    char id[33];
    hex(&promise->id, id);
    printf("broken: %s (%c%u, asked %c%u) %s\n", id, promise->kind == 0 ? '-' : promise->kind,
           promise->segments, promise->asked == 0 ? '-' : promise->asked, promise->asked_segments,
           what);
    verify->broken++;
}

static int order(const void *a, const void *b)
{
    return memcmp(&((const Promise *)a)->id, &((const Promise *)b)->id, sizeof(OskId));
}

/* The lines are few: a list that is searched from its end, where the last ones are. */
static Promise *promise_of(Verify *verify, const OskId *id)
{
    for (size_t i = verify->count; i > 0; i--) {
        if (memcmp(&verify->promises[i - 1].id, id, sizeof(*id)) == 0) {
            return &verify->promises[i - 1];
        }
    }
    if (verify->count == verify->room) {
        verify->room = verify->room == 0 ? 1024 : verify->room * 2;
        verify->promises = realloc(verify->promises, verify->room * sizeof(Promise));
        if (verify->promises == NULL) {
            abort();
        }
    }
    verify->promises[verify->count] = (Promise){ .id = *id };
    return &verify->promises[verify->count++];
}

static void read_promises(Verify *verify)
{
    char line[96];
    char id_text[40];
    OskId id;
    /* A line that the fault cut is no line. */
    while (fgets(line, sizeof(line), stdin) != NULL && strchr(line, '\n') != NULL) {
        unsigned segments = 0;
        if (sscanf(line + 1, " %33s %u", id_text, &segments) < 1 || !unhex(id_text, &id)) {
            continue;
        }
        Promise *promise = line[0] == 'b' ? NULL : promise_of(verify, &id);
        if (line[0] == 'p' || line[0] == 's' || line[0] == 'd') {
            promise->asked = line[0];
            promise->asked_segments = segments;
        } else if (promise != NULL) {
            promise->kind = line[0];
            promise->segments = segments;
            promise->asked = 0;
        }
    }
    qsort(verify->promises, verify->count, sizeof(Promise), order);
}

static bool verify_segment(void *context, const OskSegmentRow *row)
{
    uint8_t wanted[SEGMENT_BYTES];
    uint8_t found[SEGMENT_BYTES];
    Verify *verify = context;
    OskFault fault = { .status = OSK_OK };
    OskBlobReader *reader = NULL;
    size_t len = segment_bytes(verify->id, row->number, wanted);
    if (row->number != verify->seen ||
        osk_blob_open(verify->store, &row->blob, &reader, &fault) != OSK_OK) {
        return false;
    }
    OskSource source = osk_blob_source(reader);
    bool same = source.size == len && source.read(source.context, 0, found, len) &&
                memcmp(wanted, found, len) == 0;
    osk_blob_close(&reader);
    verify->seen += same ? 1 : 0;
    return same;
}

/* How many segments of `owner` are there, whole, with the bytes of `id`. */
static unsigned whole_segments(Verify *verify, const OskId *owner, const OskId *id)
{
    OskFault fault = { .status = OSK_OK };
    verify->id = id;
    verify->seen = 0;
    osk_store_segments(verify->store, owner, verify_segment, verify, &fault);
    return verify->seen;
}

static bool fits(const Promise *promise, char kind, unsigned segments)
{
    if (promise->kind == kind && (kind == 'D' || promise->segments == segments)) {
        return true;
    }
    if (promise->kind == 0 && kind == 'D') {
        return true;
    }
    return promise->asked == (kind == 'P'   ? 'p'
                              : kind == 'S' ? 's'
                                            : 'd') &&
           (kind == 'D' || promise->asked_segments == segments);
}

static void verify_one(Verify *verify, const Promise *promise)
{
    OskLookup lookup = lookup_of(&promise->id);
    OskFault fault = { .status = OSK_OK };
    OskUploadRow upload;
    OskSubmissionRow submission;
    char kind = 'D';
    unsigned segments = 0;
    unsigned whole = 0;
    if (osk_store_upload(verify->store, &lookup, &upload, &fault)) {
        kind = 'P';
        segments = upload.segment_count;
        whole = whole_segments(verify, &promise->id, &promise->id);
        osk_upload_row_free(&upload);
    } else if (osk_store_receipt(verify->store, &lookup, &submission, &fault)) {
        OskId file = other_id(&promise->id, 1);
        kind = 'S';
        whole = whole_segments(verify, &file, &promise->id);
        /* A submission has what the upload had when it was sent. */
        segments = promise->kind == 'S' ? promise->segments : promise->asked_segments;
        osk_submission_row_free(&submission);
    }
    if (fault.status != OSK_OK) {
        complain(verify, promise, "can't be read");
    } else if (whole != segments) {
        complain(verify, promise, "lacks bytes");
    } else if (!fits(promise, kind, segments)) {
        complain(verify, promise, kind == 'D' ? "is gone" : "is what it never was");
    }
}

static bool verify_orphan(void *context, const OskId *key, uint64_t len)
{
    (void)key;
    (void)len;
    ++*(size_t *)context;
    return true;
}

/* What was deleted is gone before any sweep. */
static void verify_dropped(Verify *verify, FILE *lines)
{
    char line[96];
    char texts[2][40];
    OskId owner;
    OskId key;
    OskFault fault = { .status = OSK_OK };
    while (fgets(line, sizeof(line), lines) != NULL) {
        if (line[0] != 'b' || sscanf(line + 1, " %33s %33s", texts[0], texts[1]) != 2 ||
            !unhex(texts[0], &owner) || !unhex(texts[1], &key)) {
            continue;
        }
        OskBlobReader *reader = NULL;
        if (promise_of(verify, &owner)->kind == 'D' &&
            osk_blob_open(verify->store, &key, &reader, &fault) == OSK_OK) {
            osk_blob_close(&reader);
            printf("broken: a deleted blob is back\n");
            verify->broken++;
        }
    }
}

static int verify_store(const char *folder, bool is_strict)
{
    static const OskStoreOptions options = { .create = true };
    Verify verify = { .store = open_store(folder, &options) };
    OskFault fault = { .status = OSK_OK };
    uint64_t swept = 0;
    size_t blobs = 0;
    if (verify.store == NULL) {
        printf("broken: the store does not open\n");
        return 1;
    }
    read_promises(&verify);
    if (is_strict && fseek(stdin, 0, SEEK_SET) == 0) {
        verify_dropped(&verify, stdin);
    }
    for (size_t i = 0; i < verify.count; i++) {
        verify_one(&verify, &verify.promises[i]);
    }
    if (osk_store_sweep(verify.store, &swept, &fault) != OSK_OK) {
        printf("broken: no sweep\n");
        verify.broken++;
    }
    if (osk_store_check(verify.store, say_finding, NULL, &fault) != OSK_OK) {
        verify.broken++;
    }
    osk_blob_list(verify.store, verify_orphan, &blobs, &fault);
    printf("%zu promises, %zu blobs, %llu swept, %zu broken\n", verify.count, blobs,
           (unsigned long long)swept, verify.broken);
    free(verify.promises);
    osk_store_close(&verify.store);
    return verify.broken == 0 ? 0 : 1;
}

/* ---- the rest ---- */

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int fill(const char *folder, unsigned long count)
{
    static const OskStoreOptions options = { .create = true };
    static uint8_t manifest[900];
    enum { AT_ONCE = 200 };
    OskStore *store = open_store(folder, &options);
    OskSubmissionRow rows[AT_ONCE];
    OskFileRow files[AT_ONCE];
    OskSegmentRow segments[AT_ONCE];
    OskChange changes[3 * AT_ONCE];
    bool all = store != NULL;
    for (unsigned long done = 0; done < count && all; done += AT_ONCE) {
        for (size_t i = 0; i < AT_ONCE; i++) {
            OskId id;
            osk_random_fill(NULL, &id, sizeof(id));
            rows[i] = (OskSubmissionRow){ .id = id,
                                          .day = (OskDay)(20000 + done / 5000),
                                          .receipt = lookup_of(&id),
                                          .file_count = 1,
                                          .manifest = { manifest, sizeof(manifest) } };
            files[i] = (OskFileRow){ .id = other_id(&id, 1), .submission = id, .segment_count = 1 };
            segments[i] = (OskSegmentRow){ .owner = files[i].id };
            all = all && put_blob(store, &id, 0, &segments[i]);
            changes[3 * i] =
                (OskChange){ .kind = OSK_ROW_SUBMISSION_ADD, .row.submission = &rows[i] };
            changes[3 * i + 1] = (OskChange){ .kind = OSK_ROW_FILE_ADD, .row.file = &files[i] };
            changes[3 * i + 2] =
                (OskChange){ .kind = OSK_ROW_SEGMENT_ADD, .row.segment = &segments[i] };
        }
        all = all && commit(store, changes, 3 * AT_ONCE);
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

static int recover(const char *folder)
{
    static const OskStoreOptions options = { .create = false };
    OskFault fault = { .status = OSK_OK };
    OskSubmissionQuery query = { .first = 0, .last = INT32_MAX, .state = -1, .limit = 50 };
    OskStoreCounts counts;
    size_t seen = 0;
    uint64_t swept = 0;
    double began = now_ms();
    OskStore *store = open_store(folder, &options);
    if (store == NULL) {
        return 1;
    }
    osk_store_submissions(store, &query, count_row, &seen, &fault);
    osk_store_counts(store, &counts, &fault);
    Object object = { .segments = 0 };
    osk_random_fill(NULL, &object.id, sizeof(object.id));
    OskUploadRow row = row_of(&object);
    OskChange change = { .kind = OSK_ROW_UPLOAD_ADD, .row.upload = &row };
    bool wrote = commit(store, &change, 1);
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
        OskUploadRow row = row_of(&object);
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
        bench->failed = bench->failed || !commit(bench->store, changes, bench->len > 0 ? 2 : 1);
    }
    return NULL;
}

static int bench(const char *folder, unsigned threads, unsigned count, size_t len)
{
    static const OskStoreOptions options = { .create = true };
    Bench all[64];
    pthread_t ids[64];
    bool failed = false;
    OskStore *store = open_store(folder, &options);
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
    OskSegmentRow segment = { .owner = other_id(&id, 1) };
    OskStatus status = full_blob(full->store, &segment, &fault);
    if (status == OSK_OK) {
        OskSubmissionRow submission = { .id = id, .day = 20000, .receipt = lookup_of(&id) };
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
                               .receipt = lookup_of(&full->sent[at]) };
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
    full->store = open_store(folder, &options);
    bool fine = full->store != NULL;
    for (size_t i = 0; fine && i < full->count; i++) {
        fine = full_is_there(full, i);
    }
    return fine && osk_store_check(full->store, say_finding, NULL, &fault) == OSK_OK;
}

static int full(const char *folder)
{
    static const OskStoreOptions options = { .create = true };
    static Full all;
    OskFault fault = { .status = OSK_OK };
    uint64_t swept = 0;
    size_t dropped = 1;
    bool fine = (all.store = open_store(folder, &options)) != NULL;
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

static int once(const char *folder)
{
    static const OskStoreOptions options = { .beside = true, .busy_ms = 200 };
    OskFault fault = { .status = OSK_OK };
    OskStore *store = open_store(folder, &options);
    if (store == NULL) {
        return 1;
    }
    Object object = { .segments = 0 };
    osk_random_fill(NULL, &object.id, sizeof(object.id));
    OskUploadRow row = row_of(&object);
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

int main(int argc, char **argv)
{
    const char *verb = argc > 2 ? argv[1] : "";
    unsigned long numbers[3] = { 0 };
    for (int i = 3; i < argc && i < 6; i++) {
        numbers[i - 3] = strtoul(argv[i], NULL, 10);
    }
    if (strcmp(verb, "run") == 0) {
        return run(argv[2], (unsigned)numbers[0], numbers[1], numbers[2]);
    }
    if (strcmp(verb, "verify") == 0) {
        return verify_store(argv[2], argc > 3);
    }
    if (strcmp(verb, "fill") == 0) {
        return fill(argv[2], numbers[0]);
    }
    if (strcmp(verb, "recover") == 0) {
        return recover(argv[2]);
    }
    if (strcmp(verb, "bench") == 0) {
        return bench(argv[2], (unsigned)numbers[0], (unsigned)numbers[1], numbers[2]);
    }
    if (strcmp(verb, "backup") == 0 && argc > 3) {
        return backup(argv[2], argv[3]);
    }
    if (strcmp(verb, "full") == 0) {
        return full(argv[2]);
    }
    if (strcmp(verb, "check") == 0) {
        return check(argv[2]);
    }
    if (strcmp(verb, "once") == 0) {
        return once(argv[2]);
    }
    fputs(usage, stderr);
    return 2;
}
