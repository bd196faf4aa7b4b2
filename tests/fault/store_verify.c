/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Promise {
    OskId id;
    char kind;         /* P S D: what was acknowledged last; 0 for nothing */
    unsigned segments; /* with it */
    char asked;        /* p s d: what was asked for since; 0 for nothing */
    unsigned asked_segments;
    unsigned record; /* what the desk keeps of it, and what was asked for since */
    unsigned asked_record;
    bool asks_record;
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
    driver_hex(&promise->id, id);
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
        if (sscanf(line + 1, " %33s %u", id_text, &segments) < 1 || !driver_unhex(id_text, &id)) {
            continue;
        }
        Promise *promise = line[0] == 'b' ? NULL : promise_of(verify, &id);
        if (line[0] == 'p' || line[0] == 's' || line[0] == 'd') {
            promise->asked = line[0];
            promise->asked_segments = segments;
        } else if (line[0] == 'r' || line[0] == 'R') {
            promise->asks_record = line[0] == 'r';
            *(line[0] == 'r' ? &promise->asked_record : &promise->record) = segments;
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
    size_t len = driver_segment_bytes(verify->id, row->number, wanted);
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

/* What the desk keeps of it is one of the two that it may be, with its bytes. */
static bool record_fits(Verify *verify, const Promise *promise, bool is_sent)
{
    uint8_t wanted[SEGMENT_BYTES];
    uint8_t found[SEGMENT_BYTES];
    OskRecordKey key = driver_record_of(&promise->id);
    OskFault fault = { .status = OSK_OK };
    OskBlobReader *reader = NULL;
    OskRecordRow row;
    if (!osk_store_record(verify->store, &key, &row, &fault)) {
        return fault.status == OSK_OK && (!is_sent || promise->record == 0 ||
                                          (promise->asks_record && promise->asked_record == 0));
    }
    osk_record_row_free(&row);
    if (!is_sent ||
        (row.flags != promise->record &&
         !(promise->asks_record && row.flags == promise->asked_record)) ||
        osk_blob_open(verify->store, &row.blob, &reader, &fault) != OSK_OK) {
        return false;
    }
    size_t len = driver_segment_bytes(&promise->id, RECORD_NUMBERS + row.flags, wanted);
    OskSource source = osk_blob_source(reader);
    bool same = source.size == len && row.sealed_len == len &&
                source.read(source.context, 0, found, len) && memcmp(wanted, found, len) == 0;
    osk_blob_close(&reader);
    return same;
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
    OskLookup lookup = driver_lookup_of(&promise->id);
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
        OskId file = driver_other_id(&promise->id, 1);
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
    } else if (!record_fits(verify, promise, kind == 'S')) {
        complain(verify, promise, "has a record that it never had, or lacks one");
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
            !driver_unhex(texts[0], &owner) || !driver_unhex(texts[1], &key)) {
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

int driver_verify(const char *folder, bool is_strict)
{
    static const OskStoreOptions options = { .create = true };
    Verify verify = { .store = driver_open(folder, &options) };
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
    if (osk_store_check(verify.store, driver_say_finding, NULL, &fault) != OSK_OK) {
        verify.broken++;
    }
    osk_blob_list(verify.store, verify_orphan, &blobs, &fault);
    printf("%zu promises, %zu blobs, %llu swept, %zu broken\n", verify.count, blobs,
           (unsigned long long)swept, verify.broken);
    free(verify.promises);
    osk_store_close(&verify.store);
    return verify.broken == 0 ? 0 : 1;
}
