/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/sweep.h"

#include <stdlib.h>

#include "base/fault.h"
#include "store/clock.h"
#include "store/published.h"
#include "store/shares.h"

/* Of one commit, so that nobody waits for it. */
#define BATCH 256u

typedef struct Page {
    OskStore *store;
    OskModel *model;
    OskDay today;
    OskRecordRow rows[BATCH]; /* without bytes */
    size_t count;
    OskChange drops[BATCH];
    size_t drop_count;
} Page;

/* ---- what is over ---- */

static bool is_old(Page *page, const OskRecordRow *row, OskFault *fault)
{
    (void)fault;
    return (int64_t)page->today - row->day > OSK_OPERATION_DAYS;
}

/* Until then an answer can be taken back. */
static bool is_answered(Page *page, const OskRecordRow *row, OskFault *fault)
{
    return (row->flags & OSK_ASKED_ANSWERED) != 0 && is_old(page, row, fault);
}

static void find(void *context, const OskModelRow *row)
{
    (void)context;
    (void)row;
}

/* A cluster outlives its representative: what was decided about it holds while anything lies in it.
 */
static bool is_gone(Page *page, const OskRecordRow *row, OskFault *fault)
{
    const OskId *id = &row->key.id;
    return !osk_model_find(page->model, id, find, NULL, fault) && fault->status == OSK_OK &&
           !osk_model_cluster(page->model, id, find, NULL, fault) && fault->status == OSK_OK;
}

static bool is_shut(Page *page, const OskRecordRow *row, OskFault *fault)
{
    bool is_over = osk_share_is_over(page->store, &row->key.id, page->today, fault);
    /* What can't be read opens nothing, and keeps no other from being swept. */
    fault->status = fault->status == OSK_MALFORMED ? OSK_OK : fault->status;
    return is_over;
}

typedef struct Space {
    OskSpace space;
    bool (*is_over)(Page *page, const OskRecordRow *row, OskFault *fault);
} Space;

static const Space spaces[] = {
    { OSK_SPACE_OPERATION, is_old }, { OSK_SPACE_RULE, is_gone },  { OSK_SPACE_CLUSTER, is_gone },
    { OSK_SPACE_CLAIM, is_gone },    { OSK_SPACE_SHARE, is_shut }, { OSK_SPACE_ASKED, is_answered },
};

/* ---- pages ---- */

static bool take(void *context, const OskRecordRow *row)
{
    Page *page = context;
    page->rows[page->count] = *row;
    page->rows[page->count++].bytes = (OskBytes){ .len = 0 };
    return page->count < BATCH;
}

static OskStatus drop_page(const Space *space, Page *page, OskFault *fault)
{
    page->drop_count = 0;
    for (size_t i = 0; i < page->count; i++) {
        *fault = (OskFault){ .status = OSK_OK };
        if (space->is_over(page, &page->rows[i], fault)) {
            page->drops[page->drop_count++] = (OskChange){ .kind = OSK_ROW_RECORD_DROP,
                                                           .row.record_key = &page->rows[i].key,
                                                           .expected = page->rows[i].version };
        }
        if (fault->status != OSK_OK) {
            return fault->status;
        }
    }
    if (page->drop_count == 0 || osk_store_commit(page->store, page->drops, page->drop_count, NULL,
                                                  fault) == OSK_COMMIT_OK) {
        return OSK_OK;
    }
    page->drop_count = 0;
    /* Somebody changed one meanwhile: these wait for the next sweep, what is behind them does not.
     */
    return fault->status == OSK_FOUND ? OSK_OK : fault->status != OSK_OK ? fault->status : OSK_IO;
}

static OskStatus sweep_space(const Space *space, Page *page, uint64_t *dropped, OskFault *fault)
{
    OskRecordKey last;
    OskRecordQuery query = { .space = space->space, .limit = BATCH, .without_bytes = true };
    do {
        page->count = 0;
        OskStatus status = osk_store_records(page->store, &query, take, page, fault);
        if (status == OSK_OK) {
            status = drop_page(space, page, fault);
        }
        if (status != OSK_OK) {
            return status;
        }
        *dropped += page->drop_count;
        last = page->rows[page->count > 0 ? page->count - 1 : 0].key;
        query.after = &last;
    } while (page->count == BATCH);
    return OSK_OK;
}

OskStatus osk_desk_sweep(OskStore *store, OskModel *model, OskDay today, uint64_t *out_dropped,
                         OskFault *fault)
{
    *out_dropped = 0;
    OskClock clock = OSK_CLOCK_GOOD;
    OskStatus status = osk_clock_look(store, today, &clock, fault);
    if (status != OSK_OK || clock != OSK_CLOCK_GOOD) {
        return status;
    }
    Page *page = calloc(1, sizeof(*page));
    if (page == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    page->store = store;
    page->model = model;
    page->today = today;
    for (size_t i = 0; status == OSK_OK && i < sizeof(spaces) / sizeof(spaces[0]); i++) {
        status = sweep_space(&spaces[i], page, out_dropped, fault);
    }
    free(page);
    if (*out_dropped > 0) {
        osk_store_forget(store);
    }
    return status;
}
