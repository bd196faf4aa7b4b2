/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publish/asked.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "host/random.h"
#include "publish/touched.h"
#include "store/day.h"

#define TRIES 5

/* One that is open. */
typedef struct Open {
    OskId id;
    OskId target;
    uint32_t kind;
} Open;

struct OskAskedBook {
    OskStore *store;
    OskTouched touched;
    pthread_mutex_t
        lock; /* of what follows; held while one is committed, so that none is too many */
    Open *open;
    size_t count;
    size_t room;
};

/* ---- what is open ---- */

static bool put(OskAskedBook *book, const OskRecordRow *row)
{
    OskAskedRow asked;
    bool is_open = (row->flags & OSK_ASKED_ANSWERED) == 0 && osk_asked_read(&asked, &row->bytes);
    if (!is_open) {
        return true;
    }
    if (book->count == book->room) {
        size_t room = book->room == 0 ? 64 : 2 * book->room;
        Open *open = realloc(book->open, room * sizeof(*open));
        if (open == NULL) {
            return false;
        }
        book->open = open;
        book->room = room;
    }
    book->open[book->count++] =
        (Open){ .id = row->key.id, .target = asked.target, .kind = row->flags & OSK_ASKED_KINDS };
    return true;
}

static void take_out(OskAskedBook *book, const OskId *id)
{
    for (size_t i = 0; i < book->count; i++) {
        if (memcmp(&book->open[i].id, id, sizeof(*id)) == 0) {
            book->open[i] = book->open[--book->count];
            return;
        }
    }
}

typedef struct Loading {
    OskAskedBook *book;
    bool failed;
} Loading;

static bool load(void *context, const OskRecordRow *row)
{
    Loading *loading = context;
    loading->failed = !put(loading->book, row);
    return !loading->failed;
}

static OskStatus read_one(OskAskedBook *book, const OskRecordKey *key)
{
    OskRecordRow row = { .version = 0 };
    OskFault fault = { .status = OSK_OK };
    take_out(book, &key->id);
    if (!osk_store_record(book->store, key, &row, &fault)) {
        return fault.status;
    }
    bool kept = put(book, &row);
    osk_record_row_free(&row);
    return kept ? OSK_OK : OSK_NO_MEMORY;
}

static OskStatus refresh(OskAskedBook *book, OskFault *fault)
{
    const OskRecordQuery all = { .space = OSK_SPACE_ASKED };
    OskTouchedKeys touched = osk_touched_take(&book->touched);
    OskStatus status = OSK_OK;
    if (touched.is_lost) {
        Loading loading = { .book = book };
        book->count = 0;
        status = osk_store_records(book->store, &all, load, &loading, fault);
        status = status == OSK_OK && loading.failed ? OSK_NO_MEMORY : status;
    }
    for (size_t i = 0; status == OSK_OK && !touched.is_lost && i < touched.count; i++) {
        status = read_one(book, &touched.keys[i]);
    }
    free(touched.keys);
    if (status != OSK_OK) {
        osk_touched_lose(&book->touched);
        return osk_fault_set(fault, status, "", "what was asked can't be read", OSK_NO_OFFSET);
    }
    return OSK_OK;
}

/* ---- open and close ---- */

OskStatus osk_asked_open(OskAskedBook **out, OskStore *store, OskFault *fault)
{
    *out = NULL;
    OskAskedBook *book = calloc(1, sizeof(*book));
    if (book == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    book->store = store;
    pthread_mutex_init(&book->lock, NULL);
    OskStatus status = osk_touched_begin(&book->touched, store, 1u << OSK_SPACE_ASKED, fault);
    if (status == OSK_OK) {
        status = refresh(book, fault);
    }
    if (status != OSK_OK) {
        osk_asked_close(&book);
        return status;
    }
    *out = book;
    return OSK_OK;
}

void osk_asked_close(OskAskedBook **book)
{
    OskAskedBook *closing = *book;
    if (closing == NULL) {
        return;
    }
    osk_touched_end(&closing->touched);
    pthread_mutex_destroy(&closing->lock);
    free(closing->open);
    free(closing);
    *book = NULL;
}

/* ---- keeping ---- */

/* One change, until it is known what became of it. False for a conflict. */
static bool commit(OskStore *store, const OskRecordRow *row, uint64_t expected, OskFault *fault)
{
    const OskChange change = { .kind = OSK_ROW_RECORD_SET,
                               .row.record = row,
                               .expected = expected };
    OskCommit done = OSK_COMMIT_UNKNOWN;
    OskId once;
    if (!osk_random_fill(NULL, once.bytes, sizeof(once.bytes))) {
        osk_fault_set(fault, OSK_IO, "", "the kernel has no randomness", OSK_NO_OFFSET);
        return false;
    }
    for (int i = 0; i < TRIES && done == OSK_COMMIT_UNKNOWN; i++) {
        *fault = (OskFault){ .status = OSK_OK };
        done = osk_store_commit(store, &change, 1, &once, fault);
    }
    return done == OSK_COMMIT_OK;
}

static OskStatus add(OskAskedBook *book, OskAskedRow *asked, uint32_t kind, OskFault *fault)
{
    OskRecordRow row = { .key = { .space = OSK_SPACE_ASKED }, .day = asked->day, .flags = kind };
    OskStatus status = osk_asked_write(asked, &row.bytes);
    if (status != OSK_OK) {
        return osk_fault_set(fault, status, "", "this can't be kept", OSK_NO_OFFSET);
    }
    bool is_kept = osk_random_fill(NULL, row.key.id.bytes, sizeof(row.key.id.bytes)) &&
                   commit(book->store, &row, 0, fault);
    osk_bytes_clear(&row.bytes);
    return is_kept ? OSK_OK : fault->status == OSK_LIMIT ? OSK_LIMIT : OSK_IO;
}

/* One more of what is open. FOUND when it is not any more. */
static OskStatus count_up(OskAskedBook *book, const OskId *id, OskFault *fault)
{
    const OskRecordKey key = { .space = OSK_SPACE_ASKED, .id = *id };
    for (int i = 0; i < TRIES; i++) {
        OskRecordRow row = { .version = 0 };
        OskFault reading = { .status = OSK_OK };
        if (!osk_store_record(book->store, &key, &row, &reading)) {
            return reading.status == OSK_OK ? OSK_FOUND : OSK_IO;
        }
        bool is_open = (row.flags & OSK_ASKED_ANSWERED) == 0;
        uint32_t flags = row.flags;
        row.flags = osk_asked_count(flags);
        /* A count that can't rise needs no commit, which the desk would have to wait for. */
        bool is_done =
            is_open && (row.flags == flags || commit(book->store, &row, row.version, fault));
        osk_record_row_free(&row);
        if (is_done || !is_open) {
            return is_done ? OSK_OK : OSK_FOUND;
        }
        if (fault->status == OSK_LIMIT) {
            return OSK_LIMIT;
        }
    }
    return OSK_IO;
}

/* What is open of the target: how many, and the one to count up, of the same kind if there is one.
 */
typedef struct Census {
    size_t target;
    const Open *one;
} Census;

static Census count(const OskAskedBook *book, const OskId *target, uint32_t kind)
{
    Census census = { .one = NULL };
    for (size_t i = 0; i < book->count; i++) {
        const Open *open = &book->open[i];
        if (memcmp(&open->target, target, sizeof(*target)) != 0) {
            continue;
        }
        census.target++;
        if (census.one == NULL || (census.one->kind != kind && open->kind == kind)) {
            census.one = open;
        }
    }
    return census;
}

OskStatus osk_asked_keep(OskAskedBook *book, OskAskedRow *asked, uint32_t kind, bool *out_counted,
                         OskFault *fault)
{
    pthread_mutex_lock(&book->lock);
    asked->day = osk_day_today();
    OskStatus status = OSK_FOUND;
    /* What a desk answers meanwhile is not open any more. */
    for (int i = 0; i < TRIES && status == OSK_FOUND; i++) {
        status = refresh(book, fault);
        Census census = count(book, &asked->target, kind);
        bool has_room = census.target < OSK_ASKED_TARGET_MAX && book->count < OSK_ASKED_OPEN_MAX;
        /* Without words it says nothing that the first of its kind did not. */
        bool says_more = asked->sealed.len > 0 || census.one == NULL || census.one->kind != kind;
        *out_counted = !has_room;
        if (status != OSK_OK) {
            break;
        }
        if (has_room && says_more) {
            status = add(book, asked, kind, fault);
        } else if (census.one != NULL) {
            status = count_up(book, &census.one->id, fault);
        } else {
            asked->sealed = (OskBytes){ .bytes = NULL };
            status = add(book, asked, kind, fault);
        }
    }
    pthread_mutex_unlock(&book->lock);
    return status == OSK_FOUND ? OSK_IO : status;
}
