/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/public_list.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "store/touched.h"

typedef struct Entry {
    OskPublicPlace place;
    uint32_t state;
    OskId album; /* zeros for none */
} Entry;

/* Of a row of the space PUBLISHED. It stays here when that goes with its submission. */
typedef struct Source {
    OskId publication;
    OskId submission;
} Source;

struct OskPublicList {
    OskStore *store;
    OskTouched touched;
    pthread_mutex_t lock; /* of what follows */
    Entry *entries;       /* by their places */
    size_t count;
    size_t room;
    Source *sources; /* by publication */
    size_t source_count;
    size_t source_room;
    uint64_t states[OSK_PUBLICATION_STATES];
};

static int compare_ids(const OskId *a, const OskId *b)
{
    return memcmp(a, b, sizeof(*a));
}

static int compare_places(const OskPublicPlace *a, const OskPublicPlace *b)
{
    return a->day != b->day ? (a->day > b->day ? -1 : 1) : compare_ids(&a->id, &b->id);
}

static int compare_entries(const void *a, const void *b)
{
    return compare_places(&((const Entry *)a)->place, &((const Entry *)b)->place);
}

static int compare_sources(const void *a, const void *b)
{
    return compare_ids(&((const Source *)a)->publication, &((const Source *)b)->publication);
}

/* False without memory. @param at of pointers to the items. */
static bool make_room(void *at, size_t *room, size_t count, size_t size)
{
    void *items = NULL;
    memcpy(&items, at, sizeof(items));
    if (count < *room) {
        return true;
    }
    size_t wanted = *room == 0 ? 64 : 2 * *room;
    items = reallocarray(items, wanted, size);
    if (items != NULL) {
        memcpy(at, &items, sizeof(items));
        *room = wanted;
    }
    return items != NULL;
}

/* ---- entries ---- */

/* The first that does not stand before a place. */
static size_t find_place(const OskPublicList *list, const OskPublicPlace *place)
{
    size_t low = 0;
    size_t high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_places(&list->entries[middle].place, place) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static Entry entry_of(const OskRecordRow *row)
{
    OskPublication what;
    Entry entry = { .place = { .day = row->day, .id = row->key.id }, .state = row->flags };
    if (osk_publication_read(&what, &row->bytes)) {
        entry.album = what.album;
    }
    return entry;
}

/* At its place, or in the order in which rows are read. A state that nobody here knows is listed
 * nowhere. False without memory. */
static bool put(OskPublicList *list, const OskRecordRow *row, bool in_order)
{
    if (row->flags == 0 || row->flags >= OSK_PUBLICATION_STATES) {
        return true;
    }
    if (!make_room(&list->entries, &list->room, list->count, sizeof(Entry))) {
        return false;
    }
    const Entry entry = entry_of(row);
    size_t at = in_order ? find_place(list, &entry.place) : list->count;
    memmove(list->entries + at + 1, list->entries + at, (list->count - at) * sizeof(Entry));
    list->entries[at] = entry;
    list->count++;
    list->states[entry.state]++;
    return true;
}

static void take_out(OskPublicList *list, const OskId *id)
{
    size_t at = 0;
    while (at < list->count && compare_ids(&list->entries[at].place.id, id) != 0) {
        at++;
    }
    if (at < list->count) {
        list->states[list->entries[at].state]--;
        list->count--;
        memmove(list->entries + at, list->entries + at + 1, (list->count - at) * sizeof(Entry));
    }
}

/* ---- sources ---- */

static bool put_source(OskPublicList *list, const OskRecordKey *key, bool in_order)
{
    const Source source = { .publication = key->id, .submission = key->owner };
    if (!make_room(&list->sources, &list->source_room, list->source_count, sizeof(Source))) {
        return false;
    }
    size_t at = list->source_count;
    while (in_order && at > 0 && compare_sources(&list->sources[at - 1], &source) > 0) {
        at--;
    }
    if (in_order && at > 0 && compare_sources(&list->sources[at - 1], &source) == 0) {
        list->sources[at - 1] = source;
        return true;
    }
    memmove(list->sources + at + 1, list->sources + at, (list->source_count - at) * sizeof(Source));
    list->sources[at] = source;
    list->source_count++;
    return true;
}

/* ---- reading ---- */

typedef struct Loading {
    OskPublicList *list;
    bool failed;
} Loading;

static bool load(void *context, const OskRecordRow *row)
{
    Loading *loading = context;
    loading->failed = row->key.space == OSK_SPACE_PUBLISHED
                          ? !put_source(loading->list, &row->key, false)
                          : !put(loading->list, row, false);
    return !loading->failed;
}

static OskStatus load_all(OskPublicList *list, OskFault *fault)
{
    OskRecordQuery query = { .space = OSK_SPACE_PUBLICATION };
    Loading loading = { .list = list };
    list->count = 0;
    list->source_count = 0;
    memset(list->states, 0, sizeof(list->states));
    OskStatus status = osk_store_records(list->store, &query, load, &loading, fault);
    query = (OskRecordQuery){ .space = OSK_SPACE_PUBLISHED, .without_bytes = true };
    if (status == OSK_OK && !loading.failed) {
        status = osk_store_records(list->store, &query, load, &loading, fault);
    }
    if (status == OSK_OK && loading.failed) {
        status = OSK_NO_MEMORY;
    }
    if (list->count > 1) {
        qsort(list->entries, list->count, sizeof(Entry), compare_entries);
    }
    if (list->source_count > 1) {
        qsort(list->sources, list->source_count, sizeof(Source), compare_sources);
    }
    return status;
}

static OskStatus load_one(OskPublicList *list, const OskRecordKey *key)
{
    OskRecordRow row = { .version = 0 };
    OskFault fault = { .status = OSK_OK };
    if (key->space == OSK_SPACE_PUBLISHED) {
        return put_source(list, key, true) ? OSK_OK : OSK_NO_MEMORY;
    }
    take_out(list, &key->id);
    if (!osk_store_record(list->store, key, &row, &fault)) {
        return fault.status;
    }
    bool is_put = put(list, &row, true);
    osk_record_row_free(&row);
    return is_put ? OSK_OK : OSK_NO_MEMORY;
}

static OskStatus refresh(OskPublicList *list, OskFault *fault)
{
    OskTouchedKeys touched = osk_touched_take(&list->touched);
    OskStatus status = touched.is_lost ? load_all(list, fault) : OSK_OK;
    for (size_t i = 0; status == OSK_OK && !touched.is_lost && i < touched.count; i++) {
        status = load_one(list, &touched.keys[i]);
    }
    free(touched.keys);
    if (status != OSK_OK) {
        osk_touched_lose(&list->touched);
        return osk_fault_set(fault, status, "", "what is public can't be read", OSK_NO_OFFSET);
    }
    return OSK_OK;
}

/* ---- open and close ---- */

OskStatus osk_public_list_open(OskPublicList **out, OskStore *store, OskFault *fault)
{
    const uint32_t spaces = 1u << OSK_SPACE_PUBLICATION | 1u << OSK_SPACE_PUBLISHED;
    *out = NULL;
    OskPublicList *list = calloc(1, sizeof(*list));
    if (list == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    list->store = store;
    pthread_mutex_init(&list->lock, NULL);
    OskStatus status = osk_touched_begin(&list->touched, store, spaces, fault);
    if (status == OSK_OK) {
        status = refresh(list, fault);
    }
    if (status != OSK_OK) {
        osk_public_list_close(&list);
        return status;
    }
    *out = list;
    return OSK_OK;
}

void osk_public_list_close(OskPublicList **list)
{
    OskPublicList *closing = *list;
    if (closing == NULL) {
        return;
    }
    osk_touched_end(&closing->touched);
    pthread_mutex_destroy(&closing->lock);
    free(closing->entries);
    free(closing->sources);
    free(closing);
    *list = NULL;
}

/* ---- questions ---- */

static bool fits(const Entry *entry, const OskPublicQuery *query)
{
    return (query->state == 0 || entry->state == query->state) &&
           (!query->has_album || compare_ids(&entry->album, &query->album) == 0);
}

static void fill_page(const OskPublicList *list, const OskPublicQuery *query, OskPublicPage *out)
{
    size_t at = query->has_after ? find_place(list, &query->after) : 0;
    if (query->has_after && at < list->count &&
        compare_places(&list->entries[at].place, &query->after) == 0) {
        at++;
    }
    *out = (OskPublicPage){ .count = 0 };
    memcpy(out->states, list->states, sizeof(out->states));
    for (; at < list->count && !out->goes_on; at++) {
        if (!fits(&list->entries[at], query)) {
            continue;
        }
        out->goes_on = out->count == OSK_PUBLIC_PAGE_COUNT;
        if (!out->goes_on) {
            out->places[out->count++] = list->entries[at].place;
        }
    }
}

OskStatus osk_public_list_page(OskPublicList *list, const OskPublicQuery *query, OskPublicPage *out,
                               OskFault *fault)
{
    pthread_mutex_lock(&list->lock);
    OskStatus status = refresh(list, fault);
    if (status == OSK_OK) {
        fill_page(list, query, out);
    }
    pthread_mutex_unlock(&list->lock);
    return status;
}

OskStatus osk_public_list_albums(OskPublicList *list, const OskId *albums, size_t count,
                                 uint64_t *out, OskFault *fault)
{
    memset(out, 0, count * sizeof(*out));
    pthread_mutex_lock(&list->lock);
    OskStatus status = refresh(list, fault);
    for (size_t i = 0; status == OSK_OK && i < list->count; i++) {
        const Entry *entry = &list->entries[i];
        for (size_t k = 0; entry->state == OSK_PUBLICATION_PUBLIC && k < count; k++) {
            out[k] += compare_ids(&entry->album, &albums[k]) == 0 ? 1 : 0;
        }
    }
    pthread_mutex_unlock(&list->lock);
    return status;
}

OskStatus osk_public_list_submission(OskPublicList *list, const OskId *publication, OskId *out,
                                     OskFault *fault)
{
    const Source wanted = { .publication = *publication };
    pthread_mutex_lock(&list->lock);
    OskStatus status = refresh(list, fault);
    if (status == OSK_OK) {
        const Source *found = list->source_count == 0
                                  ? NULL
                                  : bsearch(&wanted, list->sources, list->source_count,
                                            sizeof(Source), compare_sources);
        status = found != NULL ? OSK_OK : OSK_FOUND;
        *out = found != NULL ? found->submission : (OskId){ .bytes = { 0 } };
    }
    pthread_mutex_unlock(&list->lock);
    return status;
}
