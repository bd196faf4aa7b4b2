/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where nothing that the server holds opens a pack, a reviewer's machine folds: it takes the sealed
 * packs, and tells what it found. */
#include "desk/call.h"

#include <stdlib.h>
#include <string.h>

#include "desk/fold_write.h"
#include "desk/hex.h"

/* Of one answer; and how many files are looked at for it. */
#define PAGE_PACKS 64u
#define PAGE_BYTES ((size_t)1 << 20)
#define PAGE_LOOKED 2000u
#define BODY_MAX ((size_t)64 * 1024)

/* The call is gone when it is true. */
static bool folds_here(OskDeskCall *call)
{
    bool folds = call->desk->folder != NULL;
    if (folds) {
        osk_desk_refuse(call, 409, "This server folds by itself",
                        "`triage = desk` in its configuration leaves that to reviewers");
    }
    return folds;
}

/* ---- GET /api/packs ---- */

typedef struct Keys {
    OskId ids[PAGE_LOOKED];
    size_t count;
} Keys;

static bool take_key(void *context, const OskRecordRow *row)
{
    Keys *keys = context;
    keys->ids[keys->count++] = row->key.id;
    return keys->count < PAGE_LOOKED;
}

typedef struct Listing {
    OskDeskCall *call;
    OskJson *packs;
    bool only_waiting;
    size_t count;
    size_t bytes;
} Listing;

/* "waiting", "representative"; NULL for what lies under one. */
static const char *state_of(OskStore *store, const OskId *file, OskFault *fault)
{
    OskRecordRow row;
    OskMember member;
    const OskRecordKey key = { .space = OSK_SPACE_MEMBER, .owner = *file, .id = *file };
    if (!osk_store_record(store, &key, &row, fault)) {
        return "waiting";
    }
    bool fits = osk_member_read(&member, &row.bytes);
    osk_record_row_free(&row);
    return fits && memcmp(&member.cluster, file, sizeof(*file)) == 0 ? "representative" : NULL;
}

static OskStatus list_pack(Listing *listing, const OskId *file, OskFault *fault)
{
    OskRecordRow look;
    OskStore *store = listing->call->desk->store;
    const OskRecordKey key = { .space = OSK_SPACE_LOOK, .owner = *file, .id = *file };
    *fault = (OskFault){ .status = OSK_OK };
    const char *state = state_of(store, file, fault);
    bool is_asked = state != NULL && !(listing->only_waiting && strcmp(state, "waiting") != 0);
    if (!is_asked || fault->status != OSK_OK || !osk_store_record(store, &key, &look, fault)) {
        return fault->status;
    }
    if (look.bytes.len > 0) {
        OskJson *pack = osk_json_object(NULL);
        osk_desk_set_id(pack, "file", file);
        osk_json_set_text(pack, "state", state);
        osk_desk_set_sealed(pack, "pack", &look.bytes);
        osk_json_add(listing->packs, pack);
        listing->count++;
        listing->bytes += look.bytes.len;
    }
    osk_record_row_free(&look);
    return OSK_OK;
}

/* @return the last that was looked at; NULL behind the end. */
static const OskId *list_packs(Listing *listing, const Keys *keys, OskStatus *status,
                               OskFault *fault)
{
    size_t i = 0;
    while (*status == OSK_OK && i < keys->count && listing->count < PAGE_PACKS &&
           listing->bytes < PAGE_BYTES) {
        *status = list_pack(listing, &keys->ids[i++], fault);
    }
    bool has_more = i < keys->count || keys->count == PAGE_LOOKED;
    return has_more && i > 0 ? &keys->ids[i - 1] : NULL;
}

static void answer_packs(OskDeskCall *call, const OskRecordQuery *query, bool only_waiting)
{
    OskFault fault = { 0 };
    Keys *keys = calloc(1, sizeof(*keys));
    Listing listing = { .call = call, .only_waiting = only_waiting };
    if (keys == NULL) {
        osk_desk_refuse(call, 503, "The server has no memory left", "Try again in a minute");
        return;
    }
    OskStatus status = osk_store_records(call->desk->store, query, take_key, keys, &fault);
    listing.packs = osk_json_list();
    const OskId *last = list_packs(&listing, keys, &status, &fault);
    if (status == OSK_OK) {
        OskJson *json = osk_json_object("oilskin/packs/1");
        osk_json_set(json, "packs", listing.packs);
        osk_desk_set_id(json, "next", last);
        osk_desk_done(call, json);
    } else {
        osk_json_free(&listing.packs);
        osk_desk_refuse_fault(call, &fault);
    }
    free(keys);
}

static void run_packs(OskDeskCall *call)
{
    const char *after = osk_request_query(call->request, "after");
    const char *waiting = osk_request_query(call->request, "waiting");
    OskRecordKey key = { .space = OSK_SPACE_LOOK };
    const OskRecordQuery query = { .space = OSK_SPACE_LOOK,
                                   .after = after == NULL ? NULL : &key,
                                   .without_bytes = true };
    if (folds_here(call)) {
        return;
    }
    if ((after != NULL && !osk_hex_read(after, &key.id, sizeof(key.id))) ||
        (waiting != NULL && strcmp(waiting, "1") != 0)) {
        osk_desk_refuse(call, 400, "What to go on behind is the id of a file, waiting is 1", NULL);
        return;
    }
    key.owner = key.id;
    answer_packs(call, &query, waiting != NULL);
}

/* ---- POST /api/folds ---- */

static bool read_whole(const OskJson *json, const char *key, uint64_t most, unsigned *out)
{
    uint64_t number = 0;
    bool fits = osk_json_whole(osk_json_get(json, key), &number) && number <= most;
    *out = fits ? (unsigned)number : 0;
    return fits;
}

static bool read_likeness(const OskJson *json, OskLikeness *out)
{
    const OskJson *box = osk_json_get(json, "box");
    bool fits = osk_json_is_list(box) && osk_json_count(box) == 4;
    for (unsigned i = 0; fits && i < 4; i++) {
        uint64_t number = 0;
        fits = osk_json_whole(osk_json_at(box, i), &number) && number <= 1000;
        out->box[i] = (unsigned)number;
    }
    return fits && read_whole(json, "distance", OSK_PDQ_BITS, &out->distance) &&
           read_whole(json, "inliers", OSK_FEATURES_MAX, &out->inliers) &&
           read_whole(json, "covered", 1000, &out->covered_permille) &&
           read_whole(json, "component_16", 256, &out->component_16) &&
           read_whole(json, "component_32", 1024, &out->component_32) &&
           read_whole(json, "frames", 1000, &out->frames_permille) &&
           read_whole(json, "key_frames", OSK_PACK_FRAMES_MAX, &out->key_frames);
}

static bool read_tier(const char *text, OskFoldFound *out)
{
    static const char *const tiers[] = { "new", "different", "explained" };
    out->is_refused = text != NULL && strcmp(text, "refused") == 0;
    for (unsigned i = 0; text != NULL && i < 3; i++) {
        if (strcmp(text, tiers[i]) == 0) {
            out->likeness.tier = (OskTier)i;
            return true;
        }
    }
    return out->is_refused;
}

static bool read_found(const OskJson *json, OskFoldFound *out)
{
    static const char *const keys[] = { "file",     "tier",         "like",       "stands_for",
                                        "distance", "inliers",      "covered",    "component_16",
                                        "box",      "component_32", "key_frames", "frames",
                                        NULL };
    const OskJson *stands_for = osk_json_get(json, "stands_for");
    *out = (OskFoldFound){ .is_refused = false };
    if (!osk_json_has_only(json, keys) ||
        !osk_hex_read(osk_json_text(osk_json_get(json, "file")), &out->file, sizeof(OskId)) ||
        !read_tier(osk_json_text(osk_json_get(json, "tier")), out) ||
        !osk_json_flag(stands_for, &out->stands_for) || !read_likeness(json, &out->likeness) ||
        !osk_likeness_can_be(&out->likeness, NULL)) {
        return false;
    }
    return out->likeness.tier == OSK_TIER_NEW ||
           osk_hex_read(osk_json_text(osk_json_get(json, "like")), &out->like, sizeof(OskId));
}

static void take_farness(void *context, const OskModelRow *row)
{
    OskFoldFound *found = context;
    const OskMember far = { .distance = (uint16_t)found->likeness.distance,
                            .component_16 = (uint16_t)found->likeness.component_16,
                            .component_32 = (uint16_t)found->likeness.component_32 };
    found->is_farthest = osk_member_farness(&far) > row->farness;
}

static void write_folds(OskDeskCall *call, const OskJson *list, OskFoldFound *found)
{
    OskFault fault = { 0 };
    OskFoldDone done;
    OskDesk *desk = call->desk;
    size_t count = osk_json_count(list);
    const OskFoldWriter writer = { .store = desk->store,
                                   .audit = desk->audit,
                                   .random = &desk->random,
                                   .who = &call->session.reviewer };
    for (size_t i = 0; i < count; i++) {
        if (!read_found(osk_json_at(list, i), &found[i])) {
            osk_desk_refuse(call, 400, "What was found of a file is not as it should be", NULL);
            return;
        }
        if (found[i].likeness.tier == OSK_TIER_EXPLAINED) {
            osk_model_cluster(desk->model, &found[i].like, take_farness, &found[i], &fault);
        }
    }
    if (osk_fold_write(&writer, found, count, &done, &fault) != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    OskJson *json = osk_json_object("oilskin/folded/1");
    osk_json_set_whole(json, "folded", done.folded);
    osk_json_set_whole(json, "skipped", count - (done.folded < count ? done.folded : count));
    osk_desk_done(call, json);
}

static void run_folds(OskDeskCall *call)
{
    const OskJson *list = osk_json_get(call->base.json, "folds");
    if (folds_here(call)) {
        return;
    }
    if (!osk_json_is_list(list) || osk_json_count(list) > OSK_FOLD_BATCH) {
        osk_desk_refuse(call, 400, "What was found must be of at most 100 files", NULL);
        return;
    }
    OskFoldFound *found = calloc(OSK_FOLD_BATCH, sizeof(*found));
    if (found == NULL) {
        osk_desk_refuse(call, 503, "The server has no memory left", "Try again in a minute");
        return;
    }
    write_folds(call, list, found);
    free(found);
}

/* ---- the endpoints ---- */

static const char *const folds_keys[] = { "folds", NULL };

const OskDeskEndpoint osk_desk_packs_endpoints[] = {
    { "/api/packs", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_packs },
    { "/api/folds", "POST", folds_keys, BODY_MAX, OSK_ROLE_REVIEWER, run_folds },
};
const size_t osk_desk_packs_count =
    sizeof(osk_desk_packs_endpoints) / sizeof(osk_desk_packs_endpoints[0]);
