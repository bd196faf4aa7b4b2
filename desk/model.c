/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/model_state.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "desk/audit.h"

/* Rows that may wait until somebody asks: some milliseconds. */
#define BEHIND_MAX 256u

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
    OskStatus status = osk_store_watch(store, osk_model_touch, model);
    if (status != OSK_OK) {
        osk_fault_set(fault, status, "", "too many parts watch the store", OSK_NO_OFFSET);
    } else {
        status = osk_model_refresh(model, fault);
    }
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
    osk_store_unwatch(closing->store, closing);
    osk_model_forget_all(closing);
    free(closing->items);
    free(closing->index);
    free(closing->clusters);
    free(closing->cluster_table.slots);
    free(closing->rows);
    free(closing->touched);
    pthread_mutex_destroy(&closing->lock);
    pthread_mutex_destroy(&closing->touched_lock);
    free(closing);
    *model = NULL;
}

/* ---- rows ---- */

const char *osk_model_kind(uint32_t flags)
{
    return (flags & OSK_FILE_DEVICE) != 0       ? "device"
           : (flags & OSK_FILE_UNSCRUBBED) != 0 ? "unscrubbed"
           : (flags & OSK_FILE_ORIGINAL) != 0   ? "original"
                                                : "scrubbed";
}

const char *osk_model_media(uint32_t look)
{
    static const char *const names[] = { NULL, "still", "animation", "video" };
    return look < sizeof(names) / sizeof(names[0]) ? names[look] : NULL;
}

static const OskModelFile *file_at(const OskModel *model, OskModelFileAt at)
{
    return &model->items[at.submission].files[at.file];
}

static const OskId *id_at(const OskModel *model, OskModelFileAt at)
{
    return at.submission == OSK_MODEL_NONE ? NULL : &file_at(model, at)->id;
}

static OskModelOther other_at(const OskModel *model, OskModelFileAt at)
{
    if (at.submission == OSK_MODEL_NONE) {
        return (OskModelOther){ .file = NULL };
    }
    const OskModelFile *file = file_at(model, at);
    return (OskModelOther){ .file = &file->id,
                            .submission = &model->items[at.submission].id,
                            .number = file->number };
}

static const OskMarks *marks_at(const OskModel *model, uint32_t number)
{
    return number == OSK_MODEL_NONE ? NULL : &model->marks[number];
}

static bool is_done(const OskModel *model, const OskModelSubmission *item)
{
    bool is_done = !osk_model_has_news(item);
    for (size_t i = 0; is_done && i < item->file_count; i++) {
        const OskModelCluster *cluster = &model->clusters[item->files[i].cluster];
        is_done = !osk_model_is_open(model, cluster);
    }
    return is_done;
}

/* @param marks NULL for none. */
static const OskId *claimer_of(const OskMarks *marks)
{
    return marks != NULL && marks->is_claimed &&
                   (int64_t)osk_desk_today() - marks->claim_day < OSK_CLAIM_DAYS
               ? &marks->claimed_by
               : NULL;
}

/* Of the words of a submission. */
static OskModelRow row_of_words(const OskModel *model, const OskModelSubmission *item)
{
    const OskMarks *marks = marks_at(model, item->marks);
    return (OskModelRow){ .submission = &item->id,
                          .day = item->day,
                          .first_day = item->day,
                          .last_day = item->day,
                          .category = model->categories[item->category],
                          .novelty = osk_model_has_news(item) ? 950 : 0,
                          .state = osk_model_has_news(item) ? OSK_VIEW_NEW : OSK_VIEW_KEPT,
                          .submissions = 1,
                          .is_held = marks != NULL && marks->is_held,
                          .has_news = osk_model_has_news(item),
                          .claimed_by = claimer_of(marks),
                          .messages = item->messages,
                          .is_done = is_done(model, item) };
}

static OskModelRow row_of(const OskModel *model, OskModelFileAt at)
{
    const OskModelSubmission *item = &model->items[at.submission];
    if (at.file == OSK_MODEL_NO_FILE) {
        return row_of_words(model, item);
    }
    const OskModelFile *file = &item->files[at.file];
    const OskModelCluster *cluster = &model->clusters[file->cluster];
    const OskMarks *marks = marks_at(model, cluster->marks);
    OskModelRow row = row_of_words(model, item);
    row.cluster = &cluster->id;
    row.file = &file->id;
    row.number = file->number;
    row.flags = file->flags;
    row.look = file->look;
    row.member = file->member;
    row.first_day = cluster->first_day;
    row.last_day = cluster->last_day;
    row.state = osk_model_state(model, cluster);
    row.why = osk_model_why(model, cluster);
    row.novelty = cluster->novelty;
    row.count = cluster->count;
    row.submissions = cluster->submissions;
    row.differences = cluster->differences;
    row.uncaught = cluster->uncaught;
    row.catches = cluster->catches + osk_model_unseen(model, cluster);
    row.sampled = cluster->sampled;
    row.samples = osk_model_samples(model, cluster);
    row.better = other_at(model, cluster->better);
    row.farness = cluster->farness;
    row.farthest = id_at(model, cluster->farthest);
    row.claimed_by = claimer_of(marks);
    return row;
}

/* ---- pages ---- */

static bool fits_view(const OskModelQuery *query, const OskModelRow *row)
{
    switch (query->view) {
    case OSK_VIEW_ALL: return true;
    case OSK_VIEW_NEW: return row->state == OSK_VIEW_NEW || row->why != OSK_WHY_NOT;
    case OSK_VIEW_DIFFERENCES:
        return row->member != NULL && row->member->tier == OSK_TIER_DIFFERENT;
    default: return row->file != NULL && row->state == query->view;
    }
}

static bool fits_kind(const OskModelQuery *query, const OskModelRow *row)
{
    const char *media = osk_model_media(row->look);
    return query->kind == NULL ||
           strcmp(query->kind, row->file == NULL ? "words" : osk_model_kind(row->flags)) == 0 ||
           (row->file != NULL && media != NULL && strcmp(query->kind, media) == 0);
}

static bool fits_root(const OskModelQuery *query, const OskModelRow *row)
{
    return query->root == NULL || (row->member != NULL && row->member->tier != OSK_TIER_NEW &&
                                   memcmp(&row->member->root, query->root, sizeof(OskId)) == 0);
}

static bool is_asked_for(const OskModelQuery *query, const OskModelRow *row)
{
    bool is_mine =
        query->claimed_by == NULL ||
        (row->claimed_by != NULL && memcmp(row->claimed_by, query->claimed_by, sizeof(OskId)) == 0);
    return is_mine && fits_view(query, row) && (!query->only_free || row->claimed_by == NULL) &&
           (query->first == 0 || row->last_day >= query->first) &&
           (query->last == 0 || row->first_day <= query->last) &&
           (query->category == NULL || strcmp(row->category, query->category) == 0) &&
           fits_kind(query, row) && fits_root(query, row);
}

static bool is_behind(const OskModel *model, const OskModelRowAt *at, const OskModelAfter *after)
{
    const OskModelSubmission *item = &model->items[at->submission];
    uint32_t number =
        at->file == OSK_MODEL_NO_FILE ? OSK_MODEL_WORDS : item->files[at->file].number;
    int order = memcmp(&item->id, &after->submission, sizeof(OskId));
    return at->novelty != after->novelty ? at->novelty < after->novelty
           : item->day != after->day     ? item->day < after->day
           : order != 0                  ? order > 0
                                         : number > after->number;
}

/* The number of the first row of a page. */
static size_t find_start(const OskModel *model, const OskModelQuery *query)
{
    size_t low = 0;
    size_t high = query->after == NULL ? 0 : model->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_behind(model, &model->rows[middle], query->after)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

OskStatus osk_model_page(OskModel *model, const OskModelQuery *query, const OskModelEach *told,
                         bool *out_more, OskFault *fault)
{
    size_t given = 0;
    *out_more = false;
    pthread_mutex_lock(&model->lock);
    OskStatus status = osk_model_refresh(model, fault);
    size_t count = status == OSK_OK ? model->row_count : 0;
    for (size_t i = count > 0 ? find_start(model, query) : 0; i < count && !*out_more; i++) {
        const OskModelFileAt at = { model->rows[i].submission, model->rows[i].file };
        const OskModelRow row = row_of(model, at);
        if (is_asked_for(query, &row)) {
            *out_more = given == query->limit;
            if (!*out_more) {
                told->each(told->context, &row);
                given++;
            }
        }
    }
    pthread_mutex_unlock(&model->lock);
    return status;
}

OskStatus osk_model_counts(OskModel *model, OskModelCounts *out, OskFault *fault)
{
    pthread_mutex_lock(&model->lock);
    OskStatus status = osk_model_refresh(model, fault);
    *out = status == OSK_OK ? model->counts : (OskModelCounts){ .submissions = 0 };
    pthread_mutex_unlock(&model->lock);
    return status;
}

OskStatus osk_model_keep_up(OskModel *model, OskFault *fault)
{
    pthread_mutex_lock(&model->touched_lock);
    bool is_behind = model->lost || model->touched_count >= BEHIND_MAX;
    pthread_mutex_unlock(&model->touched_lock);
    if (!is_behind) {
        return OSK_OK;
    }
    pthread_mutex_lock(&model->lock);
    OskStatus status = osk_model_refresh(model, fault);
    pthread_mutex_unlock(&model->lock);
    return status;
}

/* ---- one ---- */

bool osk_model_find(OskModel *model, const OskId *id, void (*each)(void *, const OskModelRow *),
                    void *context, OskFault *fault)
{
    OskModelFile *file = NULL;
    pthread_mutex_lock(&model->lock);
    const OskModelSubmission *item =
        osk_model_refresh(model, fault) == OSK_OK ? osk_model_place(model, id, &file) : NULL;
    if (item != NULL) {
        const OskModelFileAt at = { (uint32_t)(item - model->items),
                                    file == NULL ? OSK_MODEL_NO_FILE
                                                 : (uint16_t)(file - item->files) };
        const OskModelRow row = row_of(model, at);
        each(context, &row);
    }
    pthread_mutex_unlock(&model->lock);
    return item != NULL;
}

/* The order of members: what is to be shown comes first. */
enum { TURN_FIRST, TURN_FARTHEST, TURN_SAMPLES, TURN_OTHERS, TURNS };

static int turn_of(const OskModel *model, const OskModelCluster *cluster, OskModelFileAt at)
{
    const OskMember *member = file_at(model, at)->member;
    bool is_anchor = at.submission == cluster->anchor.submission && at.file == cluster->anchor.file;
    bool is_farthest =
        at.submission == cluster->farthest.submission && at.file == cluster->farthest.file;
    bool is_sample = member != NULL && (member->flags & OSK_MEMBER_SAMPLED) != 0;
    return is_anchor     ? TURN_FIRST
           : is_farthest ? TURN_FARTHEST
           : is_sample   ? TURN_SAMPLES
                         : TURN_OTHERS;
}

typedef struct Members {
    const OskModelShowing *showing;
    uint32_t skip;
    uint32_t left;
} Members;

static void give_turn(const OskModel *model, uint32_t number, int turn, Members *members)
{
    const OskModelCluster *cluster = &model->clusters[number];
    for (uint32_t i = 0; members->left > 0 && i < model->count; i++) {
        for (uint16_t j = 0; members->left > 0 && j < model->items[i].file_count; j++) {
            const OskModelFileAt at = { i, j };
            if (file_at(model, at)->cluster != number || turn_of(model, cluster, at) != turn) {
                continue;
            }
            if (members->skip > 0) {
                members->skip--;
                continue;
            }
            const OskModelRow row = row_of(model, at);
            members->showing->member(members->showing->context, &row);
            members->left--;
        }
    }
}

bool osk_model_show(OskModel *model, const OskId *cluster, const OskModelShowing *showing,
                    OskFault *fault)
{
    Members members = { .showing = showing, .skip = showing->skip, .left = showing->limit };
    pthread_mutex_lock(&model->lock);
    uint32_t number = osk_model_refresh(model, fault) == OSK_OK
                          ? osk_model_cluster_at(model, cluster)
                          : OSK_MODEL_NONE;
    if (number != OSK_MODEL_NONE) {
        const OskModelRow row = row_of(model, model->clusters[number].anchor);
        showing->row(showing->context, &row);
        for (int turn = 0; turn < TURNS; turn++) {
            give_turn(model, number, turn, &members);
        }
    }
    pthread_mutex_unlock(&model->lock);
    return number != OSK_MODEL_NONE;
}

bool osk_model_cluster(OskModel *model, const OskId *cluster,
                       void (*each)(void *, const OskModelRow *), void *context, OskFault *fault)
{
    const OskModelShowing showing = { .row = each, .context = context };
    return osk_model_show(model, cluster, &showing, fault);
}
