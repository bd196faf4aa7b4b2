/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publish/asked.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "host/random.h"
#include "store/asked.h"
#include "store/day.h"

#define TRIES 5

struct OskAskedBook {
    OskStore *store;
    pthread_mutex_t
        lock; /* of what follows; held while one is committed, so that none is too many */
    OskAskedList open;
};

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
    OskStatus status = osk_asked_list_begin(&book->open, store, fault);
    if (status != OSK_OK) {
        pthread_mutex_destroy(&book->lock);
        free(book);
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
    osk_asked_list_end(&closing->open);
    pthread_mutex_destroy(&closing->lock);
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
static OskStatus count_in_turn(OskAskedBook *book, const OskId *id, OskFault *fault)
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

/* In its turn: the desk's answer reads more rows than this, and would never be first. */
static OskStatus count_up(OskAskedBook *book, const OskId *id, OskFault *fault)
{
    osk_store_turn_begin(book->store);
    OskStatus status = count_in_turn(book, id, fault);
    osk_store_turn_end(book->store);
    return status;
}

/* What is open of the target: how many, and the one to count up, of the same kind if there is one.
 */
typedef struct Census {
    size_t target;
    const OskAskedOne *one;
} Census;

static uint32_t sort_of(const OskAskedOne *one)
{
    return one->flags & OSK_ASKED_SORTS;
}

static Census count(const OskAskedBook *book, const OskId *target, uint32_t kind)
{
    Census census = { .one = NULL };
    for (size_t i = 0; i < book->open.count; i++) {
        const OskAskedOne *open = &book->open.at[i];
        if (memcmp(&open->target, target, sizeof(*target)) != 0) {
            continue;
        }
        census.target++;
        if (census.one == NULL || (sort_of(census.one) != kind && sort_of(open) == kind)) {
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
        status = osk_asked_list_refresh(&book->open, fault);
        Census census = count(book, &asked->target, kind);
        bool has_room =
            census.target < OSK_ASKED_TARGET_MAX && book->open.count < OSK_ASKED_OPEN_MAX;
        /* Without words it says nothing that the first of its kind did not. */
        bool says_more = asked->sealed.len > 0 || census.one == NULL || sort_of(census.one) != kind;
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
