/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the store into the model: all of it once, then what commits touch. */
#include "desk/model_state.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "desk/audit.h"

#define TOUCHED_MAX 65536u

/* ---- the index ---- */

static size_t slot_of(const OskModel *model, const OskId *id)
{
    size_t hash = 0;
    /* Ids are random: any part of one is a hash. */
    memcpy(&hash, id->bytes, sizeof(hash));
    return hash & (model->index_room - 1);
}

static const OskId *id_at(const OskModel *model, const OskModelPlace *place)
{
    const OskModelSubmission *item = &model->items[place->submission - 1];
    return place->file == OSK_MODEL_NO_FILE ? &item->id : &item->files[place->file].id;
}

static void index_add(OskModel *model, const OskId *id, OskModelPlace place)
{
    size_t slot = slot_of(model, id);
    while (model->index[slot].submission != 0) {
        slot = (slot + 1) & (model->index_room - 1);
    }
    model->index[slot] = place;
}

static OskStatus index_all(OskModel *model)
{
    size_t ids = 0;
    for (size_t i = 0; i < model->count; i++) {
        ids += 1 + (size_t)model->items[i].file_count;
    }
    size_t room = 1024;
    while (room < 2 * ids) {
        room *= 2;
    }
    if (room != model->index_room) {
        free(model->index);
        model->index_room = 0;
        model->index = calloc(room, sizeof(*model->index));
        if (model->index == NULL) {
            return OSK_NO_MEMORY;
        }
        model->index_room = room;
    } else {
        memset(model->index, 0, room * sizeof(*model->index));
    }
    for (size_t i = 0; i < model->count; i++) {
        OskModelPlace place = { .submission = (uint32_t)i + 1, .file = OSK_MODEL_NO_FILE };
        index_add(model, &model->items[i].id, place);
        for (place.file = 0; place.file < model->items[i].file_count; place.file++) {
            index_add(model, &model->items[i].files[place.file].id, place);
        }
    }
    return OSK_OK;
}

OskModelSubmission *osk_model_place(OskModel *model, const OskId *id, OskModelFile **out_file)
{
    *out_file = NULL;
    if (model->index_room == 0) {
        return NULL;
    }
    for (size_t slot = slot_of(model, id); model->index[slot].submission != 0;
         slot = (slot + 1) & (model->index_room - 1)) {
        const OskModelPlace *place = &model->index[slot];
        OskModelSubmission *item = &model->items[place->submission - 1];
        /* What was read anew may have fewer files than the index knows of. */
        bool is_file = place->file != OSK_MODEL_NO_FILE;
        if ((!is_file || place->file < item->file_count) &&
            memcmp(id_at(model, place), id, sizeof(*id)) == 0) {
            *out_file = is_file ? &item->files[place->file] : NULL;
            return item->is_gone ? NULL : item;
        }
    }
    return NULL;
}

/* ---- order ---- */

static int compare(const void *a, const void *b)
{
    const OskModelSubmission *one = a;
    const OskModelSubmission *two = b;
    return one->day != two->day ? (one->day < two->day ? 1 : -1)
                                : memcmp(&one->id, &two->id, sizeof(one->id));
}

static void forget_files(OskModelFile *files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(files[i].member);
    }
    free(files);
}

/* Takes out what is gone. @return how many of those that stay stood in their order. */
static size_t close_gaps(OskModel *model)
{
    size_t kept = 0;
    size_t sorted = 0;
    for (size_t i = 0; i < model->count; i++) {
        if (model->items[i].is_gone) {
            forget_files(model->items[i].files, model->items[i].file_count);
        } else {
            sorted += i < model->sorted ? 1 : 0;
            model->items[kept++] = model->items[i];
        }
    }
    model->count = kept;
    return sorted;
}

/* What came last is sorted, and put where it belongs among the others. */
static OskStatus sort(OskModel *model)
{
    size_t sorted = close_gaps(model);
    size_t late = model->count - sorted;
    OskModelSubmission *items = model->items;
    OskModelSubmission *tail = late == 0 ? NULL : malloc(late * sizeof(*tail));
    if (late > 0 && tail == NULL) {
        return OSK_NO_MEMORY;
    }
    if (late > 0) {
        memcpy(tail, items + sorted, late * sizeof(*tail));
        qsort(tail, late, sizeof(*tail), compare);
    }
    for (size_t to = model->count; late > 0; to--) {
        bool is_late = sorted == 0 || compare(&items[sorted - 1], &tail[late - 1]) < 0;
        items[to - 1] = is_late ? tail[--late] : items[--sorted];
    }
    free(tail);
    model->sorted = model->count;
    model->is_unsorted = false;
    return index_all(model);
}

/* ---- one submission ---- */

static uint8_t category_number(OskModel *model, const char *name)
{
    size_t i = 0;
    while (i < model->category_count && strcmp(model->categories[i], name) != 0) {
        i++;
    }
    if (i == model->category_count) {
        if (i == OSK_MODEL_CATEGORIES) {
            return 0;
        }
        memcpy(model->categories[model->category_count++], name, strlen(name) + 1);
    }
    return (uint8_t)i;
}

typedef struct Files {
    OskModelFile *items;
    size_t count;
    size_t room;
    bool is_cut;
    bool failed;
} Files;

static bool grow_files(Files *files)
{
    size_t room = files->room == 0 ? 1 : 2 * files->room;
    OskModelFile *items = realloc(files->items, room * sizeof(*items));
    files->items = items == NULL ? files->items : items;
    files->room = items == NULL ? files->room : room;
    return items != NULL;
}

static bool take_file(void *context, const OskFileRow *row)
{
    Files *files = context;
    /* What somebody sends can't keep the desk from its work. */
    files->is_cut = files->count == OSK_MODEL_FILES_MAX;
    files->failed = !files->is_cut && files->count == files->room && !grow_files(files);
    if (files->is_cut || files->failed) {
        return false;
    }
    files->items[files->count++] = (OskModelFile){ .id = row->id,
                                                   .number = (uint16_t)row->number,
                                                   .flags = (uint8_t)row->flags };
    return true;
}

static bool count_message(void *context, const OskMessageRow *row)
{
    uint32_t *count = context;
    *count += row->from_desk ? 0 : 1;
    return true;
}

/* What is known of files stays with those that are still there. Both are in the order of their
 * numbers. */
static void keep_known(OskModelSubmission *before, Files *files)
{
    size_t j = 0;
    for (size_t i = 0; i < files->count; i++) {
        while (j < before->file_count && before->files[j].number < files->items[i].number) {
            j++;
        }
        if (j < before->file_count &&
            memcmp(&files->items[i].id, &before->files[j].id, sizeof(OskId)) == 0) {
            files->items[i].look = before->files[j].look;
            files->items[i].member = before->files[j].member;
            before->files[j].member = NULL;
        }
    }
}

static OskModelSubmission *add_item(OskModel *model)
{
    if (model->count == model->room) {
        size_t room = model->room == 0 ? 256 : 2 * model->room;
        OskModelSubmission *items = realloc(model->items, room * sizeof(*items));
        if (items == NULL) {
            return NULL;
        }
        model->items = items;
        model->room = room;
    }
    OskModelSubmission *item = &model->items[model->count++];
    *item = (OskModelSubmission){ .is_gone = false };
    return item;
}

/* @param item where it stood, or NULL for a new one. */
static OskStatus take_submission(OskModel *model, const OskSubmissionRow *row,
                                 OskModelSubmission *item, OskFault *fault)
{
    Files files = { .items = NULL };
    uint32_t messages = 0;
    OskStatus status = osk_store_files(model->store, &row->id, take_file, &files, fault);
    if (status == OSK_OK) {
        status = osk_store_messages(model->store, &row->id, count_message, &messages, fault);
    }
    if (status == OSK_OK && !files.failed && item == NULL) {
        item = add_item(model);
    }
    if (status != OSK_OK || files.failed || item == NULL) {
        free(files.items);
        return status != OSK_OK ? status : OSK_NO_MEMORY;
    }
    keep_known(item, &files);
    forget_files(item->files, item->file_count);
    item->id = row->id;
    item->day = row->day;
    item->category = category_number(model, row->category);
    item->messages = messages;
    item->files = files.items;
    item->file_count = (uint16_t)files.count;
    item->is_cut = files.is_cut;
    /* Of what was withdrawn nothing is there to be looked at. */
    item->is_gone = row->state == OSK_SUBMISSION_WITHDRAWN;
    model->is_unsorted = true;
    return OSK_OK;
}

static OskStatus read_again(OskModel *model, const OskId *id, OskFault *fault)
{
    OskModelFile *file = NULL;
    OskSubmissionRow row;
    OskModelSubmission *item = osk_model_place(model, id, &file);
    if (!osk_store_submission(model->store, id, &row, fault)) {
        if (fault->status == OSK_OK && item != NULL) {
            item->is_gone = true;
            model->is_unsorted = true;
        }
        return fault->status;
    }
    OskStatus status = take_submission(model, &row, item, fault);
    osk_submission_row_free(&row);
    return status;
}

/* ---- records ---- */

static uint32_t number_at(const OskBytes *bytes, size_t at)
{
    uint32_t number = 0;
    for (size_t i = 4; bytes->len == OSK_DECIDED_BYTES && i > 0;) {
        number = number << 8 | bytes->bytes[at + --i];
    }
    return number;
}

uint32_t osk_decided_saw(const OskBytes *bytes)
{
    return number_at(bytes, OSK_DECIDED_BYTES - 8);
}

uint32_t osk_decided_sampled(const OskBytes *bytes)
{
    return number_at(bytes, OSK_DECIDED_BYTES - 4);
}

/* @param row NULL: it is gone. False without memory. */
static bool mark_id(OskModel *model, const OskRecordKey *key, const OskRecordRow *row)
{
    OskMarks *marks = osk_model_marks(model, &key->id, row != NULL);
    if (marks == NULL) {
        return row == NULL;
    }
    switch (key->space) {
    case OSK_SPACE_CLUSTER:
        marks->cluster = row == NULL ? 0 : (uint8_t)row->flags;
        marks->cluster_saw = row == NULL ? 0 : osk_decided_saw(&row->bytes);
        break;
    case OSK_SPACE_RULE:
        marks->is_dismissed = row != NULL;
        marks->round = row == NULL ? 0 : row->flags;
        marks->rule_day = row == NULL ? 0 : row->day;
        marks->rule_saw = row == NULL ? 0 : osk_decided_saw(&row->bytes);
        marks->rule_sampled = row == NULL ? 0 : osk_decided_sampled(&row->bytes);
        break;
    case OSK_SPACE_HOLD: marks->is_held = row != NULL; break;
    default:
        marks->is_claimed = row != NULL && row->bytes.len >= sizeof(marks->claimed_by);
        if (marks->is_claimed) {
            marks->claim_day = row->day;
            memcpy(&marks->claimed_by, row->bytes.bytes, sizeof(marks->claimed_by));
        }
        break;
    }
    return true;
}

/* One that can't be read is none: the file stands for itself. */
static bool mark_member(OskModelFile *file, const OskRecordRow *row)
{
    OskMember member;
    free(file->member);
    file->member = NULL;
    if (row == NULL || !osk_member_read(&member, &row->bytes)) {
        return true;
    }
    file->member = malloc(sizeof(*file->member));
    if (file->member != NULL) {
        *file->member = member;
    }
    return file->member != NULL;
}

static bool mark(OskModel *model, const OskRecordKey *key, const OskRecordRow *row)
{
    OskModelFile *file = NULL;
    if (key->space == OSK_SPACE_CLUSTER || key->space == OSK_SPACE_RULE ||
        key->space == OSK_SPACE_CLAIM || key->space == OSK_SPACE_HOLD) {
        return mark_id(model, key, row);
    }
    OskModelSubmission *item = osk_model_place(model, &key->id, &file);
    if (item != NULL && key->space == OSK_SPACE_SEEN) {
        item->has_seen = row != NULL;
        item->seen = row == NULL ? 0 : row->flags;
    } else if (file != NULL && key->space == OSK_SPACE_LOOK) {
        file->look = row == NULL ? 0 : (uint8_t)row->flags;
    } else if (file != NULL && key->space == OSK_SPACE_MEMBER) {
        return mark_member(file, row);
    }
    return true;
}

typedef struct Marking {
    OskModel *model;
    bool failed;
} Marking;

static bool mark_row(void *context, const OskRecordRow *row)
{
    Marking *marking = context;
    marking->failed = !mark(marking->model, &row->key, row);
    return !marking->failed;
}

static const OskSpace marked_by[] = { OSK_SPACE_LOOK, OSK_SPACE_MEMBER, OSK_SPACE_CLUSTER,
                                      OSK_SPACE_RULE, OSK_SPACE_CLAIM,  OSK_SPACE_HOLD,
                                      OSK_SPACE_SEEN };

static bool is_marking(OskSpace space)
{
    for (size_t i = 0; i < sizeof(marked_by) / sizeof(marked_by[0]); i++) {
        if (marked_by[i] == space) {
            return true;
        }
    }
    return false;
}

static OskStatus mark_again(OskModel *model, const OskRecordKey *key, OskFault *fault)
{
    OskRecordRow row;
    bool done = true;
    if (osk_store_record(model->store, key, &row, fault)) {
        done = mark(model, key, &row);
        osk_record_row_free(&row);
    } else if (fault->status == OSK_OK) {
        done = mark(model, key, NULL);
    }
    return done ? fault->status : OSK_NO_MEMORY;
}

/* ---- all of it ---- */

typedef struct Reading {
    OskModel *model;
    OskStatus status;
    OskFault *fault;
} Reading;

static bool read_one(void *context, const OskSubmissionRow *row)
{
    Reading *reading = context;
    if (row->state != OSK_SUBMISSION_WITHDRAWN) {
        reading->status = take_submission(reading->model, row, NULL, reading->fault);
    }
    return reading->status == OSK_OK;
}

void osk_model_forget_all(OskModel *model)
{
    for (size_t i = 0; i < model->count; i++) {
        forget_files(model->items[i].files, model->items[i].file_count);
    }
    model->count = 0;
    model->sorted = 0;
    osk_model_forget_marks(model);
}

static OskStatus read_all(OskModel *model, OskFault *fault)
{
    Reading reading = { .model = model, .status = OSK_OK, .fault = fault };
    const OskSubmissionQuery all = {
        .first = INT32_MIN, .last = INT32_MAX, .state = -1, .limit = UINT32_MAX
    };
    osk_model_forget_all(model);
    OskStatus status = osk_store_submissions(model->store, &all, read_one, &reading, fault);
    status = status == OSK_OK ? reading.status : status;
    if (status == OSK_OK) {
        status = sort(model);
    }
    Marking marking = { .model = model };
    for (size_t i = 0; status == OSK_OK && i < sizeof(marked_by) / sizeof(marked_by[0]); i++) {
        /* Packs are long, and none of the queue's business. */
        const OskRecordQuery query = { .space = marked_by[i],
                                       .without_bytes = marked_by[i] == OSK_SPACE_LOOK };
        status = osk_store_records(model->store, &query, mark_row, &marking, fault);
        status = status == OSK_OK && marking.failed ? OSK_NO_MEMORY : status;
    }
    return status;
}

/* ---- what commits touch ---- */

static void note(OskModel *model, const OskModelTouched *touched)
{
    const OskModelTouched *last =
        model->touched_count > 0 ? &model->touched[model->touched_count - 1] : NULL;
    if (last != NULL && !touched->is_record && !last->is_record &&
        touched->is_file == last->is_file &&
        memcmp(&touched->submission, &last->submission, sizeof(OskId)) == 0) {
        return;
    }
    if (model->touched_count == model->touched_room && model->touched_room < TOUCHED_MAX) {
        size_t room = model->touched_room == 0 ? 64 : 2 * model->touched_room;
        OskModelTouched *more = realloc(model->touched, room * sizeof(*more));
        if (more != NULL) {
            model->touched = more;
            model->touched_room = room;
        }
    }
    if (model->touched_count == model->touched_room) {
        model->lost = true;
        return;
    }
    model->touched[model->touched_count++] = *touched;
}

static void note_change(OskModel *model, const OskChange *change)
{
    OskModelTouched touched = { .is_record = false };
    switch (change->kind) {
    case OSK_ROW_SUBMISSION_ADD:
    case OSK_ROW_SUBMISSION_SET: touched.submission = change->row.submission->id; break;
    case OSK_ROW_SUBMISSION_DROP: touched.submission = change->row.id; break;
    case OSK_ROW_FILE_ADD:
    case OSK_ROW_FILE_SET: touched.submission = change->row.file->submission; break;
    case OSK_ROW_FILE_DROP:
        touched.submission = change->row.id;
        touched.is_file = true;
        break;
    case OSK_ROW_MESSAGE_ADD: touched.submission = change->row.message->submission; break;
    case OSK_ROW_RECORD_SET:
        touched.is_record = true;
        touched.record = change->row.record->key;
        break;
    case OSK_ROW_RECORD_DROP:
        touched.is_record = true;
        touched.record = *change->row.record_key;
        break;
    default: return;
    }
    if (!touched.is_record || is_marking(touched.record.space)) {
        note(model, &touched);
    }
}

void osk_model_touch(void *context, const OskChange *changes, size_t count)
{
    OskModel *model = context;
    pthread_mutex_lock(&model->touched_lock);
    for (size_t i = 0; i < count; i++) {
        note_change(model, &changes[i]);
    }
    if (model->seen != NULL) {
        model->seen(model->seen_context, changes, count);
    }
    pthread_mutex_unlock(&model->touched_lock);
}

void osk_model_tell(OskModel *model,
                    void (*seen)(void *context, const OskChange *changes, size_t count),
                    void *context)
{
    pthread_mutex_lock(&model->touched_lock);
    model->seen = seen;
    model->seen_context = context;
    pthread_mutex_unlock(&model->touched_lock);
}

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(OskId));
}

/* Each submission that was touched once: what is read is how it is now, however often it changed.
 */
static OskStatus take_in_submissions(OskModel *model, const OskModelTouched *touched, size_t count,
                                     OskFault *fault)
{
    OskId *ids = calloc(count > 0 ? count : 1, sizeof(*ids));
    OskStatus status = ids == NULL ? OSK_NO_MEMORY : OSK_OK;
    size_t id_count = 0;
    for (size_t i = 0; status == OSK_OK && i < count; i++) {
        OskModelFile *file = NULL;
        const OskModelSubmission *item =
            touched[i].is_file ? osk_model_place(model, &touched[i].submission, &file) : NULL;
        if (!touched[i].is_record && (!touched[i].is_file || item != NULL)) {
            ids[id_count++] = item != NULL ? item->id : touched[i].submission;
        }
    }
    if (id_count > 0) {
        qsort(ids, id_count, sizeof(*ids), compare_ids);
    }
    for (size_t i = 0; status == OSK_OK && i < id_count; i++) {
        if (i == 0 || memcmp(&ids[i], &ids[i - 1], sizeof(*ids)) != 0) {
            status = read_again(model, &ids[i], fault);
        }
    }
    free(ids);
    return status == OSK_OK && model->is_unsorted ? sort(model) : status;
}

static OskStatus take_in(OskModel *model, const OskModelTouched *touched, size_t count,
                         OskFault *fault)
{
    OskStatus status = take_in_submissions(model, touched, count, fault);
    for (size_t i = 0; status == OSK_OK && i < count; i++) {
        if (touched[i].is_record) {
            status = mark_again(model, &touched[i].record, fault);
        }
    }
    return status;
}

OskStatus osk_model_refresh(OskModel *model, OskFault *fault)
{
    pthread_mutex_lock(&model->touched_lock);
    OskModelTouched *touched = model->touched;
    size_t count = model->touched_count;
    bool lost = model->lost;
    model->touched = NULL;
    model->touched_count = 0;
    model->touched_room = 0;
    model->lost = false;
    pthread_mutex_unlock(&model->touched_lock);
    *fault = (OskFault){ .status = OSK_OK };
    OskStatus status = OSK_OK;
    if (lost) {
        status = read_all(model, fault);
    } else if (count > 0) {
        status = take_in(model, touched, count, fault);
    }
    free(touched);
    OskDay today = osk_desk_today();
    if (status == OSK_OK && (lost || count > 0 || today != model->grouped_on)) {
        status = osk_model_group(model, today);
    }
    if (status != OSK_OK) {
        /* Nothing of it may be forgotten. */
        pthread_mutex_lock(&model->touched_lock);
        model->lost = true;
        pthread_mutex_unlock(&model->touched_lock);
        return osk_fault_set(fault, status, "", "the queue could not be read", OSK_NO_OFFSET);
    }
    return OSK_OK;
}
