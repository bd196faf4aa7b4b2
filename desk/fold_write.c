/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/fold_write.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "desk/hex.h"

/* A file: who it belongs to, and its look. */
#define CHANGES_EACH 2u

typedef struct Caught {
    OskId cluster;
    uint64_t files;
} Caught;

typedef struct Explained {
    OskId file;
    OskId under;
} Explained;

typedef struct Batch {
    const OskFoldWriter *writer;
    OskChange changes[OSK_FOLD_BATCH * CHANGES_EACH];
    OskRecordRow rows[OSK_FOLD_BATCH * CHANGES_EACH];
    uint8_t members[OSK_FOLD_BATCH][OSK_MEMBER_BYTES];
    size_t count; /* of changes */
    size_t files;
    Caught caught[OSK_FOLD_BATCH];
    size_t caught_count;
    Explained explained[OSK_FOLD_BATCH];
    size_t explained_count;
} Batch;

static void empty(Batch *batch)
{
    batch->count = 0;
    batch->files = 0;
    batch->caught_count = 0;
    batch->explained_count = 0;
}

/* ---- one commit ---- */

static void set_id(OskJson *json, const char *key, const OskId *id)
{
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    osk_hex_write(id, sizeof(*id), text);
    osk_json_set_text(json, key, text);
}

/* Which, and under what: nobody can look at a pack that is gone, but at these files. */
static OskJson *explained(const Batch *batch)
{
    OskJson *list = osk_json_list();
    for (size_t i = 0; i < batch->explained_count; i++) {
        OskJson *one = osk_json_object(NULL);
        set_id(one, "file", &batch->explained[i].file);
        set_id(one, "under", &batch->explained[i].under);
        osk_json_add(list, one);
    }
    return list;
}

static OskJson *about(const Batch *batch)
{
    OskJson *json = osk_json_object(NULL);
    OskJson *targets = osk_json_list();
    for (size_t i = 0; i < batch->caught_count; i++) {
        OskJson *target = osk_json_object(NULL);
        set_id(target, "id", &batch->caught[i].cluster);
        osk_json_set_whole(target, "files", batch->caught[i].files);
        osk_json_add(targets, target);
    }
    osk_json_set_whole(json, "files", batch->files);
    osk_json_set(json, "targets", targets);
    if (batch->writer->who != NULL) {
        osk_json_set(json, "explained", explained(batch));
    }
    return json;
}

/* Of what the server folds by itself only what hides something is in the chain: an entry for each
 * arrival would bury those that say who did what. */
static OskStatus commit(Batch *batch, OskFault *fault)
{
    const OskFoldWriter *writer = batch->writer;
    OskStatus status = OSK_OK;
    if (batch->count > 0 && (batch->caught_count > 0 || writer->who != NULL)) {
        const OskDeed deed = { .who = writer->who,
                               .did = batch->caught_count > 0 ? "caught" : "fold",
                               .about = about(batch) };
        status = osk_audit_commit(writer->audit, &deed, batch->changes, batch->count, fault);
    } else if (batch->count > 0) {
        OskId once;
        if (!writer->random->fill(writer->random->context, &once, sizeof(once))) {
            return osk_fault_set(fault, OSK_IO, "", "no randomness", OSK_NO_OFFSET);
        }
        OskCommit done = OSK_COMMIT_UNKNOWN;
        for (int i = 0; i < 3 && done == OSK_COMMIT_UNKNOWN; i++) {
            *fault = (OskFault){ .status = OSK_OK };
            done = osk_store_commit(writer->store, batch->changes, batch->count, &once, fault);
        }
        status = done == OSK_COMMIT_OK        ? OSK_OK
                 : done == OSK_COMMIT_UNKNOWN ? OSK_IO
                 : fault->status == OSK_LIMIT ? OSK_LIMIT
                                              : OSK_FOUND;
    }
    return status;
}

static OskStatus flush(Batch *batch, OskFoldDone *out, OskFault *fault)
{
    OskStatus status = commit(batch, fault);
    out->folded += status == OSK_OK ? batch->files : 0;
    empty(batch);
    return status;
}

/* ---- one file ---- */

/* False when there is none, with OK in the fault, or when it could not be read. */
static bool read_member(OskStore *store, const OskId *file, OskMember *out, OskFault *fault)
{
    OskRecordRow row;
    const OskRecordKey key = { .space = OSK_SPACE_MEMBER, .owner = *file, .id = *file };
    *fault = (OskFault){ .status = OSK_OK };
    if (!osk_store_record(store, &key, &row, fault)) {
        return false;
    }
    bool fits = osk_member_read(out, &row.bytes);
    osk_record_row_free(&row);
    return fits;
}

/* What the rule of a cluster has come to, from 1; 0 when it is not dismissed. */
static OskStatus read_round(OskStore *store, const OskId *cluster, uint32_t *out, OskFault *fault)
{
    OskRecordRow row;
    const OskRecordKey key = { .space = OSK_SPACE_RULE, .id = *cluster };
    *out = 0;
    *fault = (OskFault){ .status = OSK_OK };
    if (osk_store_record(store, &key, &row, fault)) {
        *out = row.flags + 1;
        osk_record_row_free(&row);
    }
    return fault->status;
}

static uint16_t short_of(unsigned value)
{
    return value < UINT16_MAX ? (uint16_t)value : UINT16_MAX;
}

static OskMember member_of(const OskFoldFound *found)
{
    const OskLikeness *like = &found->likeness;
    OskMember member = { .cluster = found->file,
                         .root = found->file,
                         .tier = (uint8_t)(found->is_refused ? OSK_TIER_NEW : like->tier),
                         .flags = found->is_refused ? OSK_MEMBER_REFUSED : 0,
                         .distance = short_of(like->distance),
                         .inliers = short_of(like->inliers),
                         .covered = short_of(like->covered_permille),
                         .component_16 = short_of(like->component_16),
                         .component_32 = short_of(like->component_32),
                         .frames = short_of(like->frames_permille),
                         .key_frames = short_of(like->key_frames) };
    for (unsigned i = 0; i < 4; i++) {
        member.box[i] = short_of(like->box[i]);
    }
    return member;
}

/* Under what it lies. @return false when its representative is none (any more), or on a fault. */
static bool place(const Batch *batch, const OskFoldFound *found, OskMember *member, OskFault *fault)
{
    OskMember like;
    OskStore *store = batch->writer->store;
    if (!read_member(store, &found->like, &like, fault) ||
        memcmp(&like.cluster, &found->like, sizeof(OskId)) != 0) {
        return false;
    }
    member->like = found->like;
    member->root = like.root;
    if (member->tier == OSK_TIER_DIFFERENT) {
        member->flags |= found->stands_for ? OSK_MEMBER_STANDS_FOR : 0;
        return true;
    }
    uint8_t chance[2];
    const OskRandom *random = batch->writer->random;
    if (!random->fill(random->context, chance, sizeof(chance))) {
        osk_fault_set(fault, OSK_IO, "", "no randomness", OSK_NO_OFFSET);
        return false;
    }
    const unsigned drawn = chance[0] | (unsigned)chance[1] << 8;
    bool is_chosen = drawn % OSK_FOLD_SAMPLE == 0;
    member->cluster = found->like;
    member->flags |= is_chosen || found->is_farthest ? OSK_MEMBER_SAMPLED : 0;
    return read_round(store, &member->cluster, &member->round, fault) == OSK_OK;
}

static void count_caught(Batch *batch, const OskMember *member)
{
    size_t at = 0;
    if (member->round == 0) {
        return;
    }
    while (at < batch->caught_count &&
           memcmp(&batch->caught[at].cluster, &member->cluster, sizeof(OskId)) != 0) {
        at++;
    }
    if (at == batch->caught_count) {
        batch->caught[batch->caught_count++] = (Caught){ .cluster = member->cluster };
    }
    batch->caught[at].files++;
}

static void add_set(Batch *batch, const OskRecordRow *row, uint64_t expected)
{
    OskRecordRow *kept = &batch->rows[batch->count];
    *kept = *row;
    batch->changes[batch->count++] =
        (OskChange){ .kind = OSK_ROW_RECORD_SET, .row.record = kept, .expected = expected };
}

/* @param look its record, whose pack goes where nothing will be laid over it. */
static void add_file(Batch *batch, const OskId *file, const OskMember *member,
                     const OskRecordRow *look)
{
    uint8_t *bytes = batch->members[batch->files++];
    osk_member_write(member, bytes);
    const OskRecordRow row = {
        .key = { .space = OSK_SPACE_MEMBER, .owner = *file, .id = *file },
        .day = osk_desk_today(),
        .bytes = { .bytes = bytes, .len = OSK_MEMBER_BYTES },
    };
    add_set(batch, &row, 0);
    if (member->tier == OSK_TIER_EXPLAINED) {
        batch->explained[batch->explained_count++] = (Explained){ *file, member->cluster };
    }
    if (member->tier == OSK_TIER_EXPLAINED || (member->flags & OSK_MEMBER_REFUSED) != 0) {
        OskRecordRow without = *look;
        without.bytes = (OskBytes){ .len = 0 };
        add_set(batch, &without, look->version);
    }
    count_caught(batch, member);
}

/* OK, and nothing is added, for one that is to be left out. */
static OskStatus take(Batch *batch, const OskFoldFound *found, OskFoldDone *out, OskFault *fault)
{
    OskRecordRow look;
    OskMember there;
    OskStore *store = batch->writer->store;
    const OskRecordKey key = { .space = OSK_SPACE_LOOK, .owner = found->file, .id = found->file };
    bool is_folded = read_member(store, &found->file, &there, fault);
    if (is_folded || fault->status != OSK_OK || !osk_store_record(store, &key, &look, fault)) {
        out->skipped += fault->status == OSK_OK ? 1 : 0;
        return fault->status;
    }
    OskMember member = member_of(found);
    bool has_pack = look.bytes.len > 0;
    bool fits = has_pack && (member.tier == OSK_TIER_NEW || place(batch, found, &member, fault));
    if (fits) {
        add_file(batch, &found->file, &member, &look);
    } else if (fault->status == OSK_OK) {
        out->skipped++;
        if (has_pack && !out->has_stray) {
            out->has_stray = true;
            out->like = found->like;
        }
    }
    osk_record_row_free(&look);
    return fault->status;
}

static OskStatus write_all(Batch *batch, const OskFoldFound *found, size_t count, OskFoldDone *out,
                           OskFault *fault)
{
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < count; i++) {
        size_t before = batch->files;
        status = take(batch, &found[i], out, fault);
        /* Others may lie under this one: it has to be there before they are read. */
        bool is_first = batch->files > before && found[i].likeness.tier != OSK_TIER_EXPLAINED;
        if (status == OSK_OK && (is_first || batch->files == OSK_FOLD_BATCH)) {
            status = flush(batch, out, fault);
        }
    }
    return status == OSK_OK ? flush(batch, out, fault) : status;
}

OskStatus osk_fold_write(const OskFoldWriter *writer, const OskFoldFound *found, size_t count,
                         OskFoldDone *out, OskFault *fault)
{
    Batch *batch = calloc(1, sizeof(*batch));
    *out = (OskFoldDone){ .folded = 0 };
    *fault = (OskFault){ .status = OSK_OK };
    if (batch == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    batch->writer = writer;
    OskStatus status = write_all(batch, found, count, out, fault);
    /* Something has changed meanwhile: each by itself, so that it holds nobody up but itself. */
    for (size_t i = 0; status == OSK_FOUND && i < count; i++) {
        OskStatus one = write_all(batch, &found[i], 1, out, fault);
        out->skipped += one == OSK_FOUND ? 1 : 0;
        status = one != OSK_OK && one != OSK_FOUND ? one : status;
    }
    free(batch);
    return status == OSK_FOUND ? OSK_OK : status;
}
