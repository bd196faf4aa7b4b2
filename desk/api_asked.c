/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the public asks of us: to cover a face, to remove a picture, or what somebody reports. Their
 * words are sealed to the desk. */
#include "desk/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "desk/hex.h"
#include "desk/publication_json.h"

#define BODY_MAX ((size_t)1024)
#define PAGE_COUNT 200u
#define ROUNDS 1024u
/* Above these bits a row counts those about the same that came when there was no room for words. */
#define MORE_SHIFT 16

/* ---- how many are open about the same ---- */

/* What each of those that are open is about, in no order. */
typedef struct Open {
    OskId *targets;
    size_t count;
    size_t room;
    bool failed;
} Open;

static bool add_open(void *context, const OskRecordRow *row)
{
    Open *open = context;
    OskAskedRow asked;
    if ((row->flags & OSK_ASKED_ANSWERED) != 0 || !osk_asked_read(&asked, &row->bytes)) {
        return true;
    }
    if (open->count == open->room) {
        size_t room = open->room == 0 ? 64 : 2 * open->room;
        OskId *targets = realloc(open->targets, room * sizeof(*targets));
        if (targets == NULL) {
            open->failed = true;
            return false;
        }
        open->targets = targets;
        open->room = room;
    }
    open->targets[open->count++] = asked.target;
    return true;
}

/* Ownership: free() of its targets, also after errors. */
static OskStatus read_open(OskStore *store, Open *out, OskFault *fault)
{
    const OskRecordQuery query = { .space = OSK_SPACE_ASKED };
    *out = (Open){ .targets = NULL };
    OskStatus status = osk_store_records(store, &query, add_open, out, fault);
    if (status == OSK_OK && out->failed) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    return status;
}

/* @param is_open it is one of them itself. */
static uint64_t others(const Open *open, const OskId *target, bool is_open)
{
    uint64_t count = 0;
    for (size_t i = 0; i < open->count; i++) {
        count += memcmp(&open->targets[i], target, sizeof(*target)) == 0 ? 1 : 0;
    }
    return is_open && count > 0 ? count - 1 : count;
}

/* ---- GET /api/asked?after= ---- */

typedef struct Listing {
    OskStore *store;
    Open open;
    OskJson *list;
    OskFault fault; /* of what a request is about */
    OskId last;
    bool is_full;
} Listing;

static const char *kind_name(uint32_t flags)
{
    switch (flags & OSK_ASKED_KINDS) {
    case OSK_ASKED_COVER: return "cover";
    case OSK_ASKED_REMOVE: return "remove";
    default: return "report";
    }
}

static const char *space_name(OskSpace space)
{
    switch (space) {
    case OSK_SPACE_PUBLICATION: return "publication";
    case OSK_SPACE_ALBUM: return "album";
    default: return "share";
    }
}

/* What has become of what it is about; NULL for what is gone, and with the fault set. */
static const char *state_name(OskStore *store, const OskAskedRow *asked, OskFault *fault)
{
    const OskRecordKey key = { .space = asked->space, .id = asked->target };
    OskRecordRow row;
    if (asked->space == OSK_SPACE_SHARE) {
        OskShareFound share;
        return osk_share_find(store, &asked->target, &share, fault)
                   ? osk_desk_share_state(osk_share_state(&share, osk_desk_today()))
                   : NULL;
    }
    if (!osk_store_record(store, &key, &row, fault)) {
        return NULL;
    }
    uint32_t flags = row.flags;
    osk_record_row_free(&row);
    if (asked->space == OSK_SPACE_ALBUM) {
        return flags == OSK_ALBUM_OPEN ? "open" : "hidden";
    }
    return flags < OSK_PUBLICATION_STATES ? osk_publication_states[flags] : NULL;
}

static OskJson *asked_json(const OskRecordRow *row, const OskAskedRow *asked)
{
    OskJson *json = osk_json_object(NULL);
    osk_desk_set_id(json, "asked", &row->key.id);
    osk_json_set_text(json, "kind", kind_name(row->flags));
    osk_json_set_text(json, "space", space_name(asked->space));
    osk_desk_set_id(json, "target", &asked->target);
    osk_desk_set_day(json, "day", asked->day);
    osk_json_set_whole(json, "counted", row->flags >> MORE_SHIFT);
    if (asked->sealed.len > 0) {
        osk_desk_set_sealed(json, "sealed", &asked->sealed);
    } else {
        osk_json_set_text(json, "sealed", NULL);
    }
    return json;
}

static bool list_asked(void *context, const OskRecordRow *row)
{
    Listing *listing = context;
    OskAskedRow asked;
    listing->last = row->key.id;
    if ((row->flags & OSK_ASKED_ANSWERED) == 0 && osk_asked_read(&asked, &row->bytes)) {
        OskJson *json = asked_json(row, &asked);
        osk_json_set_text(json, "state", state_name(listing->store, &asked, &listing->fault));
        osk_json_set_whole(json, "others", others(&listing->open, &asked.target, true));
        osk_json_add(listing->list, json);
    }
    listing->is_full = osk_json_count(listing->list) >= PAGE_COUNT;
    return !listing->is_full && listing->fault.status == OSK_OK;
}

static void run_list(OskDeskCall *call)
{
    OskFault fault = { 0 };
    OskRecordKey key = { .space = OSK_SPACE_ASKED };
    const char *after = osk_request_query(call->request, "after");
    if (after != NULL && !osk_hex_read(after, &key.id, sizeof(key.id))) {
        osk_desk_refuse(call, 400, "Requests are asked for behind one that is", NULL);
        return;
    }
    Listing listing = { .store = call->desk->store, .list = osk_json_list() };
    const OskRecordQuery query = { .space = OSK_SPACE_ASKED, .after = after == NULL ? NULL : &key };
    OskStatus status = read_open(listing.store, &listing.open, &fault);
    if (status == OSK_OK) {
        status = osk_store_records(listing.store, &query, list_asked, &listing, &fault);
    }
    free(listing.open.targets);
    if (status != OSK_OK || listing.fault.status != OSK_OK) {
        fault = status != OSK_OK ? fault : listing.fault;
        osk_json_free(&listing.list);
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    OskJson *json = osk_json_object("oilskin/asked/1");
    osk_json_set(json, "asked", listing.list);
    osk_desk_set_id(json, "next", listing.is_full ? &listing.last : NULL);
    osk_desk_done(call, json);
}

/* ---- POST /api/asked/answer ---- */

/* What was done about it: words of the audit chain. The last one takes an answer back. */
static const char *const deeds[] = {
    "hidden", "withdrawn", "covered", "ended", "nothing", "reopen"
};
#define DEEDS (sizeof(deeds) / sizeof(deeds[0]))

static const char *find_deed(const char *name)
{
    for (size_t i = 0; name != NULL && i < DEEDS; i++) {
        if (strcmp(deeds[i], name) == 0) {
            return deeds[i];
        }
    }
    return NULL;
}

static OskJson *about_asked(const OskRecordRow *row, const char *did)
{
    OskAskedRow asked;
    OskJson *about = osk_json_object(NULL);
    osk_desk_set_id(about, "asked", &row->key.id);
    osk_json_set_text(about, "kind", kind_name(row->flags));
    if (osk_asked_read(&asked, &row->bytes)) {
        osk_json_set_text(about, "space", space_name(asked.space));
        osk_desk_set_id(about, "target", &asked.target);
    }
    osk_json_set_text(about, "did", did);
    return about;
}

/* What is answered is swept some time after that day: until then an answer can be taken back. */
static OskStatus answer(OskDeskCall *call, OskRecordRow *row, const char *did, OskFault *fault)
{
    const OskDeed deed = { .who = &call->session.reviewer,
                           .did = "asked",
                           .about = about_asked(row, did) };
    const OskChange change = { .kind = OSK_ROW_RECORD_SET,
                               .row.record = row,
                               .expected = row->version };
    row->flags ^= OSK_ASKED_ANSWERED;
    row->day = osk_desk_today();
    return osk_audit_commit(call->desk->audit, &deed, &change, 1, fault);
}

/* Says how many others about the same are open: what one asked for is not shown again by another
 * one's answer. */
static void say_answered(OskDeskCall *call, const OskId *target, bool is_open)
{
    OskFault fault = { 0 };
    Open open;
    if (read_open(call->desk->store, &open, &fault) != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
    } else {
        OskJson *json = osk_json_object("oilskin/answered/1");
        osk_json_set_whole(json, "others", others(&open, target, is_open));
        osk_desk_done(call, json);
    }
    free(open.targets);
}

/* Again where somebody counted it up meanwhile. FOUND for what is answered, or open, already;
 * UNSUPPORTED for what is not there. @param out what it is about. */
static OskStatus answer_it(OskDeskCall *call, const OskRecordKey *key, const char *did, OskId *out,
                           OskFault *fault)
{
    bool reopens = did == deeds[DEEDS - 1];
    OskStatus status = OSK_FOUND;
    for (unsigned i = 0; status == OSK_FOUND && i < ROUNDS; i++) {
        OskRecordRow row;
        OskAskedRow asked;
        *fault = (OskFault){ .status = OSK_OK };
        if (!osk_store_record(call->desk->store, key, &row, fault)) {
            return fault->status == OSK_OK ? OSK_UNSUPPORTED : fault->status;
        }
        bool is_said = reopens == ((row.flags & OSK_ASKED_ANSWERED) == 0);
        if (!osk_asked_read(&asked, &row.bytes)) {
            status =
                osk_fault_set(fault, OSK_MALFORMED, "", "a request can't be read", OSK_NO_OFFSET);
        } else if (!is_said) {
            *out = asked.target;
            status = answer(call, &row, did, fault);
        }
        osk_record_row_free(&row);
        if (is_said) {
            break;
        }
    }
    fault->status = status;
    return status;
}

static void run_answer(OskDeskCall *call)
{
    OskFault fault = { 0 };
    OskRecordKey key = { .space = OSK_SPACE_ASKED };
    OskId target;
    const char *did = find_deed(osk_desk_text(call, "did"));
    if (did == NULL) {
        osk_desk_refuse(call, 400, "Say what was done about it",
                        "hidden, withdrawn, covered, ended, nothing; or reopen");
        return;
    }
    OskStatus status = OSK_UNSUPPORTED;
    if (osk_hex_read(osk_desk_text(call, "asked"), &key.id, sizeof(key.id))) {
        status = answer_it(call, &key, did, &target, &fault);
    }
    if (status == OSK_UNSUPPORTED) {
        osk_desk_refuse(call, 404, "There is no such request", "Load the list again");
    } else if (status != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
    } else {
        say_answered(call, &target, did == deeds[DEEDS - 1]);
    }
}

/* ---- the endpoints ---- */

static const char *const answer_keys[] = { "asked", "did", NULL };

const OskDeskEndpoint osk_desk_asked_endpoints[] = {
    { "/api/asked", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_list },
    { "/api/asked/answer", "POST", answer_keys, BODY_MAX, OSK_ROLE_REVIEWER, run_answer },
};
const size_t osk_desk_asked_count =
    sizeof(osk_desk_asked_endpoints) / sizeof(osk_desk_asked_endpoints[0]);
