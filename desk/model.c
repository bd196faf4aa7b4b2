/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/model_state.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

/* ---- open and close ---- */

OskStatus osk_model_open(OskModel **out, OskStore *store, OskFault *fault)
{
    *out = NULL;
    OskModel *model = calloc(1, sizeof(*model));
    if (model == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    pthread_mutex_init(&model->lock, NULL);
    pthread_mutex_init(&model->touched_lock, NULL);
    model->store = store;
    model->category_count = 1; /* the first is that of submissions without one */
    model->lost = true;
    /* Before it is read: what is committed meanwhile is read again. */
    osk_store_watch(store, osk_model_touch, model);
    OskStatus status = osk_model_refresh(model, fault);
    if (status != OSK_OK) {
        osk_model_close(&model);
        return status;
    }
    *out = model;
    return OSK_OK;
}

void osk_model_close(OskModel **model)
{
    OskModel *closing = *model;
    if (closing == NULL) {
        return;
    }
    osk_store_watch(closing->store, NULL, NULL);
    for (size_t i = 0; i < closing->count; i++) {
        free(closing->items[i].files);
    }
    free(closing->items);
    free(closing->index);
    free(closing->touched);
    pthread_mutex_destroy(&closing->lock);
    pthread_mutex_destroy(&closing->touched_lock);
    free(closing);
    *model = NULL;
}

/* ---- rows ---- */

static bool has_news(const OskModelSubmission *item)
{
    return !item->has_seen || item->messages > item->seen;
}

static OskView state_of(const OskModelFile *file)
{
    return file->marks.is_dismissed                           ? OSK_VIEW_DISMISSED
           : (file->marks.cluster & OSK_CLUSTER_FLAGGED) != 0 ? OSK_VIEW_FLAGGED
           : (file->marks.cluster & OSK_CLUSTER_KEPT) != 0    ? OSK_VIEW_KEPT
                                                              : OSK_VIEW_NEW;
}

/* @param file NULL: the row of the words. */
static OskModelRow row_of(const OskModel *model, const OskModelSubmission *item,
                          const OskModelFile *file)
{
    const OskMarks *marks = file != NULL ? &file->marks : &item->marks;
    return (OskModelRow){ .submission = &item->id,
                          .file = file != NULL ? &file->id : NULL,
                          .number = file != NULL ? file->number : 0,
                          .flags = file != NULL ? file->flags : 0,
                          .day = item->day,
                          .category = model->categories[item->category],
                          .state = file != NULL ? state_of(file) : OSK_VIEW_NEW,
                          .is_held = item->marks.is_held,
                          .has_news = has_news(item),
                          .claimed_by = marks->is_claimed ? &marks->claimed_by : NULL,
                          .messages = item->messages };
}

static bool has_new_file(const OskModelSubmission *item)
{
    for (size_t i = 0; i < item->file_count; i++) {
        if (state_of(&item->files[i]) == OSK_VIEW_NEW) {
            return true;
        }
    }
    return false;
}

/* Words are shown with the first of their files that is to be looked at, else in a row of their
 * own: they never go with what was decided about files. */
static bool has_row(const OskModelSubmission *item)
{
    return has_news(item) && !has_new_file(item);
}

typedef struct Page {
    const OskModelQuery *query;
    void (*each)(void *context, const OskModelRow *row);
    void *context;
    size_t given; /* of the submission that is being looked at */
} Page;

static void give(Page *page, const OskModelRow *row)
{
    const OskModelQuery *query = page->query;
    bool is_claimed = row->claimed_by != NULL;
    if ((query->view != OSK_VIEW_ALL && query->view != row->state) ||
        (query->only_free && is_claimed) ||
        (query->claimed_by != NULL &&
         (!is_claimed || memcmp(row->claimed_by, query->claimed_by, sizeof(OskId)) != 0))) {
        return;
    }
    page->given++;
    page->each(page->context, row);
}

static void give_all(Page *page, const OskModel *model, const OskModelSubmission *item)
{
    for (size_t i = 0; i < item->file_count; i++) {
        const OskModelRow row = row_of(model, item, &item->files[i]);
        give(page, &row);
    }
    if (has_row(item) || (page->query->view == OSK_VIEW_ALL && item->file_count == 0)) {
        const OskModelRow row = row_of(model, item, NULL);
        give(page, &row);
    }
}

static bool is_asked_for(const OskModel *model, const OskModelQuery *query,
                         const OskModelSubmission *item)
{
    return (query->first == 0 || item->day >= query->first) &&
           (query->last == 0 || item->day <= query->last) &&
           (query->category == NULL ||
            strcmp(model->categories[item->category], query->category) == 0);
}

/* The number of the first submission behind `after`. */
static size_t find_start(const OskModel *model, const OskModelQuery *query)
{
    size_t low = 0;
    size_t high = query->after == NULL ? 0 : model->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const OskModelSubmission *item = &model->items[middle];
        bool is_behind = item->day != query->after_day
                             ? item->day < query->after_day
                             : memcmp(&item->id, query->after, sizeof(OskId)) > 0;
        if (is_behind) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

OskStatus osk_model_page(OskModel *model, const OskModelQuery *query,
                         void (*each)(void *context, const OskModelRow *row), void *context,
                         bool *out_more, OskFault *fault)
{
    size_t given = 0;
    *out_more = false;
    pthread_mutex_lock(&model->lock);
    OskStatus status = osk_model_refresh(model, fault);
    for (size_t i = status == OSK_OK ? find_start(model, query) : model->count; i < model->count;
         i++) {
        if (given == query->limit) {
            *out_more = true;
            break;
        }
        if (is_asked_for(model, query, &model->items[i])) {
            Page page = { .query = query, .each = each, .context = context };
            give_all(&page, model, &model->items[i]);
            given += page.given > 0 ? 1 : 0;
        }
    }
    pthread_mutex_unlock(&model->lock);
    return status;
}

OskStatus osk_model_counts(OskModel *model, OskModelCounts *out, OskFault *fault)
{
    *out = (OskModelCounts){ .submissions = 0 };
    pthread_mutex_lock(&model->lock);
    OskStatus status = osk_model_refresh(model, fault);
    for (size_t i = 0; status == OSK_OK && i < model->count; i++) {
        const OskModelSubmission *item = &model->items[i];
        out->submissions++;
        for (size_t j = 0; j < item->file_count; j++) {
            out->rows[state_of(&item->files[j])]++;
        }
        out->rows[OSK_VIEW_NEW] += has_row(item) ? 1 : 0;
        out->rows[OSK_VIEW_ALL] += item->file_count + (has_row(item) ? 1u : 0u);
    }
    pthread_mutex_unlock(&model->lock);
    return status;
}

bool osk_model_find(OskModel *model, const OskId *id, void (*each)(void *, const OskModelRow *),
                    void *context, OskFault *fault)
{
    OskModelFile *file = NULL;
    pthread_mutex_lock(&model->lock);
    OskModelSubmission *item =
        osk_model_refresh(model, fault) == OSK_OK ? osk_model_place(model, id, &file) : NULL;
    if (item != NULL) {
        const OskModelRow row = row_of(model, item, file);
        each(context, &row);
    }
    pthread_mutex_unlock(&model->lock);
    return item != NULL;
}
