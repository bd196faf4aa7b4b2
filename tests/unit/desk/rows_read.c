/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rows_read.h"

#include <stdlib.h>

#include "unit.h"

/* Of one commit. */
#define BATCH 1000u

atomic_size_t rows_read;

/* What --wrap calls them. */
OskStatus __real_osk_store_records(OskStore *store, const OskRecordQuery *query,
                                   bool (*each)(void *, const OskRecordRow *), void *context,
                                   OskFault *fault);
OskStatus __wrap_osk_store_records(OskStore *store, const OskRecordQuery *query,
                                   bool (*each)(void *, const OskRecordRow *), void *context,
                                   OskFault *fault);
bool __real_osk_store_record(OskStore *store, const OskRecordKey *key, OskRecordRow *out,
                             OskFault *fault);
bool __wrap_osk_store_record(OskStore *store, const OskRecordKey *key, OskRecordRow *out,
                             OskFault *fault);

static void count(OskSpace space)
{
    if (space == OSK_SPACE_PUBLICATION || space == OSK_SPACE_PUBLISHED ||
        space == OSK_SPACE_ASKED) {
        rows_read++;
    }
}

typedef struct Reading {
    bool (*each)(void *context, const OskRecordRow *row);
    void *context;
} Reading;

static bool read_one(void *context, const OskRecordRow *row)
{
    const Reading *reading = context;
    count(row->key.space);
    return reading->each(reading->context, row);
}

OskStatus __wrap_osk_store_records(OskStore *store, const OskRecordQuery *query,
                                   bool (*each)(void *, const OskRecordRow *), void *context,
                                   OskFault *fault)
{
    Reading reading = { each, context };
    return __real_osk_store_records(store, query, read_one, &reading, fault);
}

bool __wrap_osk_store_record(OskStore *store, const OskRecordKey *key, OskRecordRow *out,
                             OskFault *fault)
{
    count(key->space);
    return __real_osk_store_record(store, key, out, fault);
}

void add_rows(OskStore *store, const OskRecordRow *rows, size_t count)
{
    OskFault fault = { .status = OSK_OK };
    OskChange *changes = calloc(BATCH, sizeof(*changes));
    assert_non_null(changes);
    for (size_t done = 0; done < count;) {
        size_t some = count - done < BATCH ? count - done : BATCH;
        for (size_t i = 0; i < some; i++) {
            changes[i] = (OskChange){ .kind = OSK_ROW_RECORD_SET, .row.record = &rows[done + i] };
        }
        assert_int_equal(osk_store_commit(store, changes, some, NULL, &fault), OSK_COMMIT_OK);
        done += some;
    }
    free(changes);
}
