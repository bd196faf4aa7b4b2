/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The row of an operation is {"schema": "oilskin/operation/1", "deed", "items": [{"space", "id",
 * "owned"?, "dropped"?, "before"?: {"day", "flags", "bytes"}}]}. What a deed writes begins with who
 * did it and the operation, 16 bytes each: so undoing knows whether it is still what it left. */
#include "desk/act.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "desk/hex.h"

#define REASON_BYTES 16u
#define WROTE_BYTES (2u * OSK_ID_BYTES + REASON_BYTES)
_Static_assert(WROTE_BYTES + 8u == OSK_DECIDED_BYTES,
               "how many were seen stands behind the reason");
/* Of a record that is changed: what is kept of 500 of them must fit into a row. */
#define BEFORE_BYTES 96u
/* A flag of the row of an operation. */
#define UNDONE 1u

const char *const osk_act_reasons[] = {
    "off-topic", "duplicate", "spam", "illegal", "other", NULL
};

typedef struct Deed {
    const char *name;
    OskSpace space;
    bool for_clusters;
    bool for_submissions;
    bool drops;
    uint32_t flags; /* of the record; of a rule its round, which counts up */
} Deed;

static const Deed deeds[] = {
    { "dismiss", OSK_SPACE_RULE, true, false, false, 0 },
    { "confirm", OSK_SPACE_RULE, true, false, false, 0 },
    { "withdraw-rule", OSK_SPACE_RULE, true, false, true, 0 },
    { "keep", OSK_SPACE_CLUSTER, true, false, false, OSK_CLUSTER_KEPT },
    { "flag", OSK_SPACE_CLUSTER, true, false, false, OSK_CLUSTER_FLAGGED },
    { "unflag", OSK_SPACE_CLUSTER, true, false, true, 0 },
    { "claim", OSK_SPACE_CLAIM, true, true, false, 0 },
    { "release", OSK_SPACE_CLAIM, true, true, true, 0 },
    { "hold", OSK_SPACE_HOLD, false, true, false, 0 },
    { "unhold", OSK_SPACE_HOLD, false, true, true, 0 },
    { "seen", OSK_SPACE_SEEN, false, true, false, 0 },
};

static const Deed *find_deed(const char *name)
{
    for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        if (strcmp(deeds[i].name, name) == 0) {
            return &deeds[i];
        }
    }
    return NULL;
}

bool osk_act_is(const char *deed, bool for_submissions)
{
    const Deed *found = find_deed(deed);
    return found != NULL && (for_submissions ? found->for_submissions : found->for_clusters);
}

bool osk_act_hides(const char *deed)
{
    const Deed *found = find_deed(deed);
    return found != NULL && !found->drops &&
           (found->space == OSK_SPACE_RULE || found->space == OSK_SPACE_CLUSTER ||
            found->space == OSK_SPACE_SEEN);
}

/* ---- what one commit is made of ---- */

typedef struct Work {
    const OskAct *act;
    OskChange *changes;
    OskRecordRow *rows; /* one for each change */
    size_t count;
    OskId operation;
    OskJson *items;
    OskJson *targets; /* for the audit chain */
    uint8_t wrote[WROTE_BYTES];
    size_t wrote_len;
    uint8_t (*decided)[OSK_DECIDED_BYTES]; /* one for each change */
} Work;

static OskStatus begin(Work *work, const OskAct *act, size_t most)
{
    *work = (Work){ .act = act };
    /* And the row of the operation itself. */
    work->changes = calloc(most + 1, sizeof(*work->changes));
    work->rows = calloc(most + 1, sizeof(*work->rows));
    work->decided = calloc(most + 1, sizeof(*work->decided));
    work->items = osk_json_list();
    work->targets = osk_json_list();
    return work->changes != NULL && work->rows != NULL && work->decided != NULL ? OSK_OK
                                                                                : OSK_NO_MEMORY;
}

static void finish(Work *work)
{
    free(work->changes);
    free(work->rows);
    free(work->decided);
    osk_json_free(&work->items);
    osk_json_free(&work->targets);
}

static void add_target(Work *work, const OskId *id)
{
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    OskJson *target = osk_json_object(NULL);
    osk_hex_write(id, sizeof(*id), text);
    osk_json_set_text(target, "id", text);
    osk_json_add(work->targets, target);
}

/* @param row NULL: it is dropped. */
static void add_change(Work *work, const OskRecordKey *key, const OskRecordRow *row,
                       uint64_t version)
{
    OskRecordRow *kept = &work->rows[work->count];
    kept->key = *key;
    if (row != NULL) {
        *kept = *row;
    }
    work->changes[work->count++] =
        row != NULL
            ? (OskChange){ .kind = OSK_ROW_RECORD_SET, .row.record = kept, .expected = version }
            : (OskChange){ .kind = OSK_ROW_RECORD_DROP,
                           .row.record_key = &kept->key,
                           .expected = version };
}

static OskJson *about(const Work *work, const char *reason)
{
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    OskJson *json = osk_json_object(NULL);
    osk_hex_write(&work->operation, sizeof(work->operation), text);
    osk_json_set_text(json, "operation", text);
    if (reason != NULL) {
        osk_json_set_text(json, "reason", reason);
    }
    osk_json_set(json, "targets", osk_json_copy(work->targets));
    return json;
}

/* ---- doing ---- */

/* What came since a decision is looked at, and it stands for another while. */
static bool is_confirming(const Deed *deed)
{
    return strcmp(deed->name, "confirm") == 0;
}

/* What is confirmed is the rule, where there is one, or that it was kept or flagged. */
static OskRecordKey key_of(const Deed *deed, const OskActTarget *target)
{
    OskRecordKey key = { .space = deed->space, .id = target->id };
    if (deed->space == OSK_SPACE_SEEN) {
        key.owner = target->id;
    } else if (is_confirming(deed) && !target->is_dismissed) {
        key.space = OSK_SPACE_CLUSTER;
    }
    return key;
}

/* What others have seen stays seen. @param now NULL: it is not there. */
static uint32_t flags_of(const Deed *deed, const OskActTarget *target, const OskRecordRow *now)
{
    uint32_t before = now == NULL ? 0 : now->flags;
    if (deed->space == OSK_SPACE_SEEN) {
        return before > target->messages ? before : target->messages;
    }
    return !is_confirming(deed) ? deed->flags : target->is_dismissed ? before + 1 : before;
}

static bool is_own_of_today(const Work *work, const OskRecordRow *claim)
{
    return claim->day == osk_desk_today() && claim->bytes.len >= OSK_ID_BYTES &&
           memcmp(claim->bytes.bytes, work->act->who, OSK_ID_BYTES) == 0;
}

/* A claim is taken over from somebody else, and what has grown is decided again; everything else
 * that is so already stays as it is. */
static bool is_so(const Work *work, const Deed *deed, const OskActTarget *target,
                  const OskRecordRow *now)
{
    if (is_confirming(deed)) {
        return now == NULL || target->has_unseen;
    }
    if (deed->drops || now == NULL) {
        return deed->drops && now == NULL;
    }
    switch (deed->space) {
    case OSK_SPACE_SEEN: return now->flags >= target->messages;
    case OSK_SPACE_CLUSTER:
        return now->flags == deed->flags && osk_decided_saw(&now->bytes) >= target->uncaught;
    case OSK_SPACE_CLAIM: return is_own_of_today(work, now);
    default: return true;
    }
}

/* What a record holds; of what was decided about files, how many of them were seen, too. */
static OskBytes bytes_of(Work *work, const OskRecordKey *key, const OskActTarget *target)
{
    if (key->space != OSK_SPACE_RULE && key->space != OSK_SPACE_CLUSTER) {
        return (OskBytes){ .bytes = work->wrote, .len = work->wrote_len };
    }
    uint8_t *decided = work->decided[work->count];
    memcpy(decided, work->wrote, work->wrote_len);
    for (unsigned i = 0; i < 4; i++) {
        decided[WROTE_BYTES + i] = (uint8_t)(target->uncaught >> 8 * i);
        decided[WROTE_BYTES + 4 + i] = (uint8_t)(target->sampled >> 8 * i);
    }
    return (OskBytes){ .bytes = decided, .len = OSK_DECIDED_BYTES };
}

/* False when it holds more than can be kept. */
static bool add_item(Work *work, const Deed *deed, const OskRecordKey *key, const OskRecordRow *now)
{
    char text[OSK_HEX_BYTES(BEFORE_BYTES)];
    OskJson *item = osk_json_object(NULL);
    bool fits = now == NULL || now->bytes.len <= BEFORE_BYTES;
    osk_json_set_whole(item, "space", (uint64_t)key->space);
    osk_hex_write(&key->id, sizeof(key->id), text);
    osk_json_set_text(item, "id", text);
    if (deed->space == OSK_SPACE_SEEN) {
        osk_json_set_whole(item, "owned", 1);
    }
    if (deed->drops) {
        osk_json_set_whole(item, "dropped", 1);
    }
    if (now != NULL && fits) {
        OskJson *before = osk_json_object(NULL);
        osk_hex_write(now->bytes.bytes, now->bytes.len, text);
        osk_json_set_whole(before, "day", (uint64_t)(now->day > 0 ? now->day : 0));
        osk_json_set_whole(before, "flags", now->flags);
        osk_json_set_text(before, "bytes", text);
        osk_json_set(item, "before", before);
    }
    osk_json_add(work->items, item);
    return fits;
}

static OskStatus add_deed(Work *work, const Deed *deed, const OskActTarget *target, bool *out_skips,
                          OskFault *fault)
{
    OskRecordRow now;
    const OskRecordKey key = key_of(deed, target);
    *fault = (OskFault){ .status = OSK_OK };
    bool is_there = osk_store_record(work->act->store, &key, &now, fault);
    if (!is_there && fault->status != OSK_OK) {
        return fault->status;
    }
    OskStatus status = OSK_OK;
    *out_skips = is_so(work, deed, target, is_there ? &now : NULL);
    if (!*out_skips && !add_item(work, deed, &key, is_there ? &now : NULL)) {
        status = OSK_LIMIT;
    }
    if (!*out_skips && status == OSK_OK) {
        const OskRecordRow next = { .key = key,
                                    .day = osk_desk_today(),
                                    .flags = flags_of(deed, target, is_there ? &now : NULL),
                                    .bytes = bytes_of(work, &key, target) };
        add_change(work, &key, deed->drops ? NULL : &next, is_there ? now.version : 0);
        add_target(work, &target->id);
    }
    if (is_there) {
        osk_record_row_free(&now);
    }
    return status;
}

static OskStatus draw_operation(Work *work, const char *reason)
{
    const OskRandom *random = work->act->random;
    if (!random->fill(random->context, &work->operation, sizeof(work->operation))) {
        return OSK_IO;
    }
    memcpy(work->wrote, work->act->who, OSK_ID_BYTES);
    memcpy(work->wrote + OSK_ID_BYTES, &work->operation, OSK_ID_BYTES);
    work->wrote_len = 2 * OSK_ID_BYTES;
    if (reason != NULL) {
        size_t len = strnlen(reason, REASON_BYTES);
        memcpy(work->wrote + work->wrote_len, reason, len);
        work->wrote_len += len;
    }
    return OSK_OK;
}

/* With the row of the operation, which undoes it. */
static OskStatus commit(Work *work, const Deed *deed, const char *reason, OskFault *fault)
{
    size_t len = 0;
    OskJson *json = osk_json_object("oilskin/operation/1");
    osk_json_set_text(json, "deed", deed->name);
    osk_json_set(json, "items", osk_json_copy(work->items));
    char *text = osk_json_write(json, &len);
    osk_json_free(&json);
    OskStatus status = text == NULL ? OSK_NO_MEMORY : OSK_OK;
    if (status == OSK_OK) {
        const OskRecordRow row = { .key = { .space = OSK_SPACE_OPERATION, .id = work->operation },
                                   .day = osk_desk_today(),
                                   .bytes = { .bytes = (uint8_t *)text, .len = len } };
        const OskDeed entry = { .who = work->act->who,
                                .did = deed->name,
                                .about = about(work, reason) };
        add_change(work, &row.key, &row, 0);
        status = osk_audit_commit(work->act->audit, &entry, work->changes, work->count, fault);
    }
    osk_json_text_free(text);
    return status;
}

static const char *find_reason(const char *reason)
{
    for (size_t i = 0; reason != NULL && osk_act_reasons[i] != NULL; i++) {
        if (strcmp(osk_act_reasons[i], reason) == 0) {
            return osk_act_reasons[i];
        }
    }
    return NULL;
}

OskStatus osk_act_do(const OskAct *act, const OskActAsked *asked, OskActDone *out, OskFault *fault)
{
    Work work;
    const Deed *deed = find_deed(asked->deed);
    *out = (OskActDone){ .changed = 0 };
    if (deed == NULL || asked->count > OSK_ACT_TARGETS_MAX) {
        return osk_fault_set(fault, OSK_MISUSE, "", "there is no such deed", OSK_NO_OFFSET);
    }
    const char *reason = find_reason(asked->reason);
    OskStatus status = begin(&work, act, asked->count);
    if (status == OSK_OK) {
        status = draw_operation(&work, reason);
    }
    for (size_t i = 0; status == OSK_OK && i < asked->count; i++) {
        bool skips = false;
        status = add_deed(&work, deed, &asked->targets[i], &skips, fault);
        out->skipped += skips ? 1 : 0;
    }
    out->changed = work.count;
    out->operation = work.operation;
    if (status == OSK_OK && work.count > 0) {
        status = commit(&work, deed, reason, fault);
    }
    finish(&work);
    return status == OSK_OK
               ? OSK_OK
               : osk_fault_set(fault, status, "", "this could not be done", OSK_NO_OFFSET);
}

/* ---- undoing ---- */

/* What an item says; `bytes` stand in `held`. */
typedef struct Item {
    OskRecordKey key;
    bool dropped;
    bool has_before;
    OskRecordRow before;
    uint8_t held[BEFORE_BYTES];
} Item;

static bool read_before(const OskJson *before, Item *out)
{
    uint64_t day = 0;
    uint64_t flags = 0;
    const char *bytes = osk_json_text(osk_json_get(before, "bytes"));
    size_t len = bytes == NULL ? 0 : strlen(bytes) / 2;
    if (bytes == NULL || len > BEFORE_BYTES || !osk_hex_read(bytes, out->held, len) ||
        !osk_json_whole(osk_json_get(before, "day"), &day) ||
        !osk_json_whole(osk_json_get(before, "flags"), &flags)) {
        return false;
    }
    out->has_before = true;
    out->before = (OskRecordRow){ .key = out->key,
                                  .day = (OskDay)day,
                                  .flags = (uint32_t)flags,
                                  .bytes = { .bytes = out->held, .len = len } };
    return true;
}

static bool read_item(const OskJson *json, Item *out)
{
    uint64_t space = 0;
    const OskJson *before = osk_json_get(json, "before");
    if (!osk_json_whole(osk_json_get(json, "space"), &space) ||
        !osk_hex_read(osk_json_text(osk_json_get(json, "id")), &out->key.id, sizeof(OskId))) {
        return false;
    }
    out->key.space = (OskSpace)space;
    if (osk_json_get(json, "owned") != NULL) {
        out->key.owner = out->key.id;
    }
    out->dropped = osk_json_get(json, "dropped") != NULL;
    return before == NULL || read_before(before, out);
}

/* Whether a record is as the operation left it. @param now NULL: it is gone. */
static bool is_as_left(const Work *work, const Item *item, const OskRecordRow *now)
{
    if (item->dropped || now == NULL) {
        return item->dropped && now == NULL;
    }
    return now->bytes.len >= 2 * OSK_ID_BYTES &&
           memcmp(now->bytes.bytes + OSK_ID_BYTES, &work->operation, OSK_ID_BYTES) == 0;
}

static OskStatus add_undoing(Work *work, const Item *item, bool *out_skips, OskFault *fault)
{
    OskRecordRow now;
    *fault = (OskFault){ .status = OSK_OK };
    bool is_there = osk_store_record(work->act->store, &item->key, &now, fault);
    if (!is_there && fault->status != OSK_OK) {
        return fault->status;
    }
    *out_skips = !is_as_left(work, item, is_there ? &now : NULL);
    if (!*out_skips) {
        add_change(work, &item->key, item->has_before ? &item->before : NULL,
                   is_there ? now.version : 0);
        add_target(work, &item->key.id);
    }
    if (is_there) {
        osk_record_row_free(&now);
    }
    return OSK_OK;
}

/* @param held room for what each item says, until it is committed. */
static OskStatus add_all(Work *work, const OskJson *items, Item *held, OskActDone *out,
                         OskFault *fault)
{
    for (size_t i = 0; i < osk_json_count(items); i++) {
        bool skips = false;
        if (!read_item(osk_json_at(items, i), &held[i])) {
            return OSK_MALFORMED;
        }
        OskStatus status = add_undoing(work, &held[i], &skips, fault);
        if (status != OSK_OK) {
            return status;
        }
        out->skipped += skips ? 1 : 0;
    }
    out->changed = work->count;
    return OSK_OK;
}

static OskStatus undo_row(const OskAct *act, OskRecordRow *row, const OskJson *items,
                          OskActDone *out, OskFault *fault)
{
    Work work;
    size_t count = osk_json_count(items);
    OskStatus status = begin(&work, act, count);
    Item *held = calloc(count + 1, sizeof(*held));
    work.operation = row->key.id;
    out->operation = row->key.id;
    if (status == OSK_OK) {
        status = held == NULL ? OSK_NO_MEMORY : add_all(&work, items, held, out, fault);
    }
    if (status == OSK_OK) {
        const OskDeed entry = { .who = act->who, .did = "undo", .about = about(&work, NULL) };
        row->flags |= UNDONE;
        add_change(&work, &row->key, row, row->version);
        status = osk_audit_commit(act->audit, &entry, work.changes, work.count, fault);
    }
    free(held);
    finish(&work);
    return status;
}

OskStatus osk_act_undo(const OskAct *act, const OskId *operation, OskActDone *out, OskFault *fault)
{
    OskRecordRow row;
    OskJson *json = NULL;
    const OskRecordKey key = { .space = OSK_SPACE_OPERATION, .id = *operation };
    *out = (OskActDone){ .changed = 0 };
    *fault = (OskFault){ .status = OSK_OK };
    if (!osk_store_record(act->store, &key, &row, fault)) {
        return fault->status != OSK_OK ? fault->status
                                       : osk_fault_set(fault, OSK_MISUSE, "",
                                                       "there is no such operation", OSK_NO_OFFSET);
    }
    OskStatus status = OSK_MISUSE;
    if ((row.flags & UNDONE) == 0) {
        status = osk_json_read(&json, (const char *)row.bytes.bytes, row.bytes.len, fault);
    }
    if (status == OSK_OK) {
        status = undo_row(act, &row, osk_json_get(json, "items"), out, fault);
    }
    osk_json_free(&json);
    osk_record_row_free(&row);
    return status == OSK_OK
               ? OSK_OK
               : osk_fault_set(fault, status, "", "this could not be undone", OSK_NO_OFFSET);
}
