/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/asked.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

static bool put(OskAskedList *list, const OskRecordRow *row)
{
    OskAskedRow asked;
    bool is_open = (row->flags & OSK_ASKED_ANSWERED) == 0 && osk_asked_read(&asked, &row->bytes);
    if (!is_open) {
        return true;
    }
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 64 : 2 * list->room;
        OskAskedOne *at = reallocarray(list->at, room, sizeof(*at));
        if (at == NULL) {
            return false;
        }
        list->at = at;
        list->room = room;
    }
    list->at[list->count++] = (OskAskedOne){ .id = row->key.id,
                                             .target = asked.target,
                                             .space = asked.space,
                                             .day = asked.day,
                                             .flags = row->flags };
    return true;
}

static void take_out(OskAskedList *list, const OskId *id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (memcmp(&list->at[i].id, id, sizeof(*id)) == 0) {
            list->at[i] = list->at[--list->count];
            return;
        }
    }
}

typedef struct Loading {
    OskAskedList *list;
    bool failed;
} Loading;

static bool load(void *context, const OskRecordRow *row)
{
    Loading *loading = context;
    loading->failed = !put(loading->list, row);
    return !loading->failed;
}

static OskStatus load_all(OskAskedList *list, OskFault *fault)
{
    const OskRecordQuery all = { .space = OSK_SPACE_ASKED };
    Loading loading = { .list = list };
    list->count = 0;
    OskStatus status = osk_store_records(list->store, &all, load, &loading, fault);
    return status == OSK_OK && loading.failed ? OSK_NO_MEMORY : status;
}

static OskStatus load_one(OskAskedList *list, const OskRecordKey *key)
{
    OskRecordRow row = { .version = 0 };
    OskFault fault = { .status = OSK_OK };
    take_out(list, &key->id);
    if (!osk_store_record(list->store, key, &row, &fault)) {
        return fault.status;
    }
    bool kept = put(list, &row);
    osk_record_row_free(&row);
    return kept ? OSK_OK : OSK_NO_MEMORY;
}

OskStatus osk_asked_list_refresh(OskAskedList *list, OskFault *fault)
{
    OskTouchedKeys touched = osk_touched_take(&list->touched);
    OskStatus status = touched.is_lost ? load_all(list, fault) : OSK_OK;
    for (size_t i = 0; status == OSK_OK && !touched.is_lost && i < touched.count; i++) {
        status = load_one(list, &touched.keys[i]);
    }
    free(touched.keys);
    if (status != OSK_OK) {
        osk_touched_lose(&list->touched);
        return osk_fault_set(fault, status, "", "what was asked can't be read", OSK_NO_OFFSET);
    }
    return OSK_OK;
}

OskStatus osk_asked_list_begin(OskAskedList *list, OskStore *store, OskFault *fault)
{
    *list = (OskAskedList){ .store = store };
    OskStatus status = osk_touched_begin(&list->touched, store, 1u << OSK_SPACE_ASKED, fault);
    if (status == OSK_OK) {
        status = osk_asked_list_refresh(list, fault);
    }
    if (status != OSK_OK) {
        osk_asked_list_end(list);
    }
    return status;
}

void osk_asked_list_end(OskAskedList *list)
{
    osk_touched_end(&list->touched);
    free(list->at);
    list->at = NULL;
    list->count = 0;
    list->room = 0;
}
