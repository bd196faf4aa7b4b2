/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files into clusters, clusters and words into rows: made anew from what is known of each file
 * whenever that has changed, so that nothing can be counted twice or forgotten. */
#include "desk/model_state.h"

#include <stdlib.h>
#include <string.h>

/* ---- tables ---- */

bool osk_model_table_reset(OskModelTable *table, size_t count)
{
    size_t room = 1024;
    while (room < 2 * count) {
        room *= 2;
    }
    if (room != table->room) {
        free(table->slots);
        table->slots = calloc(room, sizeof(*table->slots));
        table->room = table->slots == NULL ? 0 : room;
    } else {
        memset(table->slots, 0, room * sizeof(*table->slots));
    }
    return table->slots != NULL;
}

uint32_t *osk_model_table_at(const OskModelTable *table, const OskId *id, const void *owner,
                             const OskId *(*id_of)(const void *owner, uint32_t number))
{
    size_t slot = 0;
    /* Ids are random: any part of one is a hash. */
    memcpy(&slot, id->bytes, sizeof(slot));
    slot &= table->room - 1;
    while (table->slots[slot] != 0 &&
           memcmp(id_of(owner, table->slots[slot] - 1), id, sizeof(*id)) != 0) {
        slot = (slot + 1) & (table->room - 1);
    }
    return &table->slots[slot];
}

/* ---- what was decided ---- */

static const OskId *id_of_marks(const void *owner, uint32_t number)
{
    const OskModel *model = owner;
    return &model->marks[number].id;
}

static bool grow_marks(OskModel *model)
{
    size_t room = model->marks_room == 0 ? 512 : 2 * model->marks_room;
    OskMarks *marks = realloc(model->marks, room * sizeof(*marks));
    if (marks == NULL) {
        return false;
    }
    model->marks = marks;
    model->marks_room = room;
    if (!osk_model_table_reset(&model->marks_table, room)) {
        return false;
    }
    for (size_t i = 0; i < model->marks_count; i++) {
        *osk_model_table_at(&model->marks_table, &marks[i].id, model, id_of_marks) =
            (uint32_t)i + 1;
    }
    return true;
}

OskMarks *osk_model_marks(OskModel *model, const OskId *id, bool make)
{
    uint32_t *slot = model->marks_table.room == 0
                         ? NULL
                         : osk_model_table_at(&model->marks_table, id, model, id_of_marks);
    if (slot != NULL && *slot != 0) {
        return &model->marks[*slot - 1];
    }
    if (!make) {
        return NULL;
    }
    if (model->marks_count == model->marks_room) {
        if (!grow_marks(model)) {
            return NULL;
        }
        slot = osk_model_table_at(&model->marks_table, id, model, id_of_marks);
    }
    model->marks[model->marks_count] = (OskMarks){ .id = *id };
    *slot = (uint32_t)++model->marks_count;
    return &model->marks[model->marks_count - 1];
}

void osk_model_forget_marks(OskModel *model)
{
    free(model->marks);
    free(model->marks_table.slots);
    model->marks = NULL;
    model->marks_count = 0;
    model->marks_room = 0;
    model->marks_table = (OskModelTable){ .room = 0 };
}

static uint32_t number_of_marks(OskModel *model, const OskId *id)
{
    const OskMarks *marks = osk_model_marks(model, id, false);
    return marks == NULL ? OSK_MODEL_NONE : (uint32_t)(marks - model->marks);
}

/* ---- states ---- */

bool osk_model_has_news(const OskModelSubmission *item)
{
    return !item->has_seen || item->messages > item->seen || item->is_cut;
}

OskView osk_model_state(const OskModel *model, const OskModelCluster *cluster)
{
    const OskMarks *marks = cluster->marks == OSK_MODEL_NONE ? NULL : &model->marks[cluster->marks];
    return marks == NULL                                 ? OSK_VIEW_NEW
           : marks->is_dismissed                         ? OSK_VIEW_DISMISSED
           : (marks->cluster & OSK_CLUSTER_FLAGGED) != 0 ? OSK_VIEW_FLAGGED
           : (marks->cluster & OSK_CLUSTER_KEPT) != 0    ? OSK_VIEW_KEPT
                                                         : OSK_VIEW_NEW;
}

uint32_t osk_model_unseen(const OskModel *model, const OskModelCluster *cluster)
{
    if (osk_model_state(model, cluster) == OSK_VIEW_NEW) {
        return 0;
    }
    const OskMarks *marks = &model->marks[cluster->marks];
    uint32_t saw = marks->is_dismissed ? marks->rule_saw : marks->cluster_saw;
    return cluster->uncaught > saw ? cluster->uncaught - saw : 0;
}

uint32_t osk_model_samples(const OskModel *model, const OskModelCluster *cluster)
{
    if (osk_model_state(model, cluster) != OSK_VIEW_DISMISSED) {
        return 0;
    }
    /* What is folded while the rule is confirmed may count for a round that is over by then. */
    uint32_t before = cluster->sampled - cluster->fresh_samples;
    uint32_t seen = model->marks[cluster->marks].rule_sampled;
    return cluster->fresh_samples + (before > seen ? before - seen : 0);
}

OskWhy osk_model_why(const OskModel *model, const OskModelCluster *cluster)
{
    bool is_dismissed = osk_model_state(model, cluster) == OSK_VIEW_DISMISSED;
    if (osk_model_samples(model, cluster) > 0) {
        return OSK_WHY_SAMPLE;
    }
    bool is_old =
        is_dismissed && model->marks[cluster->marks].rule_day + OSK_RULE_DAYS <= model->grouped_on;
    return is_old || osk_model_unseen(model, cluster) > 0 ? OSK_WHY_AGAIN : OSK_WHY_NOT;
}

bool osk_model_is_open(const OskModel *model, const OskModelCluster *cluster)
{
    return osk_model_state(model, cluster) == OSK_VIEW_NEW ||
           osk_model_why(model, cluster) != OSK_WHY_NOT;
}

/* ---- clusters ---- */

static const OskId *id_of_cluster(const void *owner, uint32_t number)
{
    const OskModel *model = owner;
    return &model->clusters[number].id;
}

uint32_t osk_model_cluster_at(const OskModel *model, const OskId *id)
{
    return model->cluster_table.room == 0
               ? OSK_MODEL_NONE
               : *osk_model_table_at(&model->cluster_table, id, model, id_of_cluster) - 1;
}

/* What was decided about the file itself goes before what it was folded under. */
static const OskId *cluster_id_of(OskModel *model, const OskModelFile *file)
{
    bool is_folded = file->member != NULL && file->member->tier == OSK_TIER_EXPLAINED;
    const OskMarks *own = is_folded ? osk_model_marks(model, &file->id, false) : NULL;
    bool is_decided = own != NULL && (own->cluster != 0 || own->is_dismissed || own->is_claimed);
    return is_folded && !is_decided ? &file->member->cluster : &file->id;
}

static const OskModelFile *file_at(const OskModel *model, OskModelFileAt at)
{
    return &model->items[at.submission].files[at.file];
}

static void count_catch(const OskModel *model, OskModelCluster *cluster, const OskMember *member)
{
    const OskMarks *marks = cluster->marks == OSK_MODEL_NONE ? NULL : &model->marks[cluster->marks];
    if (marks == NULL || !marks->is_dismissed || member->round == 0) {
        return;
    }
    cluster->catches++;
    if ((member->flags & OSK_MEMBER_SAMPLED) != 0) {
        cluster->sampled++;
        cluster->fresh_samples += member->round > marks->round ? 1 : 0;
    }
}

static void add_file(OskModel *model, OskModelCluster *cluster, OskModelFileAt at)
{
    const OskModelSubmission *item = &model->items[at.submission];
    const OskModelFile *file = &item->files[at.file];
    bool is_first = memcmp(&file->id, &cluster->id, sizeof(OskId)) == 0;
    if (is_first) {
        cluster->anchor = at;
        cluster->has_anchor = true;
    } else if (file->member != NULL) {
        uint32_t farness = osk_member_farness(file->member);
        if (cluster->farthest.submission == OSK_MODEL_NONE || farness > cluster->farness) {
            cluster->farness = farness;
            cluster->farthest = at;
        }
        count_catch(model, cluster, file->member);
    }
    cluster->count++;
    cluster->uncaught += file->member == NULL || file->member->round == 0 ? 1 : 0;
    cluster->submissions += cluster->last_submission != at.submission ? 1 : 0;
    cluster->last_submission = at.submission;
    cluster->first_day = item->day < cluster->first_day ? item->day : cluster->first_day;
    cluster->last_day = item->day > cluster->last_day ? item->day : cluster->last_day;
}

static void place_file(OskModel *model, OskModelFileAt at)
{
    OskModelFile *file = &model->items[at.submission].files[at.file];
    const OskId *id = cluster_id_of(model, file);
    uint32_t *slot = osk_model_table_at(&model->cluster_table, id, model, id_of_cluster);
    if (*slot == 0) {
        const OskModelFileAt none = { .submission = OSK_MODEL_NONE };
        model->clusters[model->cluster_count] =
            (OskModelCluster){ .id = *id,
                               .anchor = at,
                               .farthest = none,
                               .better = none,
                               .marks = number_of_marks(model, id),
                               .last_submission = OSK_MODEL_NONE,
                               .first_day = INT32_MAX,
                               .last_day = INT32_MIN };
        *slot = (uint32_t)++model->cluster_count;
    }
    file->cluster = *slot - 1;
    add_file(model, &model->clusters[file->cluster], at);
}

/* Differences are counted where they differ from, and what has more is offered there. */
static void count_differences(OskModel *model)
{
    for (size_t i = 0; i < model->cluster_count; i++) {
        const OskModelCluster *cluster = &model->clusters[i];
        const OskMember *member = file_at(model, cluster->anchor)->member;
        uint32_t number = cluster->has_anchor && member != NULL && member->tier != OSK_TIER_NEW
                              ? osk_model_cluster_at(model, &member->root)
                              : OSK_MODEL_NONE;
        if (number == OSK_MODEL_NONE || number == i) {
            continue;
        }
        OskModelCluster *root = &model->clusters[number];
        root->differences++;
        if ((member->flags & OSK_MEMBER_STANDS_FOR) != 0 &&
            memcmp(&member->like, &root->id, sizeof(OskId)) == 0) {
            root->better = cluster->anchor;
        }
    }
}

/* ---- rows ---- */

/* Behind everything that is known to be new, and before what is like something. */
#define NOVELTY_UNCOMPARED 550

/* What there is to learn from a look: most of words, and of what is like nothing else; least of
 * what is asked again. What nobody has compared is no reason to look at it first: a flood that is
 * faster than its looks would stand above all others. */
static uint16_t novelty_of(const OskModel *model, const OskModelCluster *cluster)
{
    const OskMember *member = file_at(model, cluster->anchor)->member;
    if (osk_model_why(model, cluster) != OSK_WHY_NOT) {
        return osk_model_why(model, cluster) == OSK_WHY_SAMPLE ? 50 : 40;
    }
    if (member == NULL || (member->flags & OSK_MEMBER_REFUSED) != 0) {
        return NOVELTY_UNCOMPARED;
    }
    unsigned distance = member->distance < 128 ? member->distance : 128;
    unsigned blocks = member->component_32 < 256 ? member->component_32 : 256;
    return (uint16_t)(member->tier == OSK_TIER_NEW                   ? 600 + distance * 300 / 128
                      : (member->flags & OSK_MEMBER_STANDS_FOR) != 0 ? 150
                                                                     : 200 + blocks * 300 / 256);
}

/* Words are shown with the first of their files that is to be looked at, else in a row of their
 * own: they never go with what was decided about files. */
static bool has_open_file(const OskModel *model, uint32_t number)
{
    const OskModelSubmission *item = &model->items[number];
    for (uint16_t i = 0; i < item->file_count; i++) {
        const OskModelCluster *cluster = &model->clusters[item->files[i].cluster];
        if (cluster->anchor.submission == number && cluster->anchor.file == i &&
            osk_model_state(model, cluster) == OSK_VIEW_NEW) {
            return true;
        }
    }
    return false;
}

static void add_row(OskModel *model, const OskModelRowAt *row, uint32_t *starts)
{
    starts[row->novelty]++;
    model->rows[model->row_count++] = *row;
}

static void count_row(OskModel *model, const OskModelCluster *cluster)
{
    OskView state = osk_model_state(model, cluster);
    const OskMember *member = file_at(model, cluster->anchor)->member;
    model->counts.rows[state]++;
    model->counts.rows[OSK_VIEW_NEW] += osk_model_why(model, cluster) != OSK_WHY_NOT ? 1 : 0;
    model->counts.rows[OSK_VIEW_DIFFERENCES] +=
        member != NULL && member->tier == OSK_TIER_DIFFERENT ? 1 : 0;
    model->counts.rows[OSK_VIEW_ALL]++;
}

/* In the order of submissions, which is by day. */
static void add_rows(OskModel *model, uint32_t *starts)
{
    for (uint32_t i = 0; i < model->count; i++) {
        OskModelSubmission *item = &model->items[i];
        bool has_news = osk_model_has_news(item);
        item->marks = number_of_marks(model, &item->id);
        for (uint16_t j = 0; j < item->file_count; j++) {
            OskModelCluster *cluster = &model->clusters[item->files[j].cluster];
            if (cluster->anchor.submission == i && cluster->anchor.file == j) {
                uint16_t novelty = novelty_of(model, cluster);
                cluster->novelty = has_news && novelty < 950 ? 950 : novelty;
                add_row(model, &(OskModelRowAt){ i, j, cluster->novelty }, starts);
                count_row(model, cluster);
            }
        }
        /* Words without files are found again once they are read, too. */
        if ((has_news && !has_open_file(model, i)) || item->file_count == 0) {
            add_row(model, &(OskModelRowAt){ i, OSK_MODEL_NO_FILE, has_news ? 950 : 0 }, starts);
            model->counts.rows[OSK_VIEW_NEW] += has_news ? 1 : 0;
            model->counts.rows[OSK_VIEW_ALL]++;
        }
    }
    model->counts.submissions = model->count;
}

/* Most novel first; those of one novelty stay as they are. */
static bool sort_rows(OskModel *model, uint32_t *starts)
{
    uint32_t at = 0;
    OskModelRowAt *sorted = calloc(model->row_room, sizeof(*sorted));
    if (sorted == NULL) {
        return false;
    }
    for (size_t i = OSK_NOVELTY_MAX + 1; i-- > 0;) {
        uint32_t count = starts[i];
        starts[i] = at;
        at += count;
    }
    for (size_t i = 0; i < model->row_count; i++) {
        sorted[starts[model->rows[i].novelty]++] = model->rows[i];
    }
    free(model->rows);
    model->rows = sorted;
    return true;
}

/* ---- all of it ---- */

static bool make_room(OskModel *model)
{
    size_t files = 0;
    for (size_t i = 0; i < model->count; i++) {
        files += model->items[i].file_count;
    }
    if (files >= model->cluster_room) {
        size_t room = files + files / 4 + 64;
        free(model->clusters);
        model->clusters = calloc(room, sizeof(*model->clusters));
        model->cluster_room = model->clusters == NULL ? 0 : room;
    }
    if (files + model->count >= model->row_room) {
        size_t room = files + model->count + (files + model->count) / 4 + 64;
        free(model->rows);
        model->rows = calloc(room, sizeof(*model->rows));
        model->row_room = model->rows == NULL ? 0 : room;
    }
    return model->clusters != NULL && model->rows != NULL &&
           osk_model_table_reset(&model->cluster_table, files);
}

OskStatus osk_model_group(OskModel *model, OskDay today)
{
    uint32_t starts[OSK_NOVELTY_MAX + 1] = { 0 };
    model->cluster_count = 0;
    model->row_count = 0;
    model->counts = (OskModelCounts){ .submissions = 0 };
    model->grouped_on = today;
    if (!make_room(model)) {
        return OSK_NO_MEMORY;
    }
    for (uint32_t i = 0; i < model->count; i++) {
        for (uint16_t j = 0; j < model->items[i].file_count; j++) {
            place_file(model, (OskModelFileAt){ i, j });
        }
    }
    count_differences(model);
    add_rows(model, starts);
    if (!sort_rows(model, starts)) {
        return OSK_NO_MEMORY;
    }
    return OSK_OK;
}
