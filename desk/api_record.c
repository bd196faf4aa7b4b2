/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reviewers write about a submission: notes, tags, drafts of replies, who has it. The page
 * seals all of it; the server moves bytes, and counts versions. */
#include "desk/call.h"

#include <string.h>

#include "base/fault.h"
#include "desk/hex.h"

/* The longest in base64, and what stands beside it. */
#define BODY_MAX ((size_t)160 * 1024)
#define NOTES_MAX 128u
/* Of one page; the last record of it may go over. */
#define PAGE_RECORDS 500u
#define PAGE_BYTES ((size_t)1024 * 1024)

typedef struct Writing {
    const char *name;
    const char *removal; /* in the audit chain */
    OskSpace space;
    size_t max; /* of its plaintext, padded */
} Writing;

static const Writing writings[] = {
    { "note", "note-removed", OSK_SPACE_NOTE, (size_t)16 * 1024 },
    { "tags", "tags-removed", OSK_SPACE_TAGS, (size_t)4 * 1024 },
    { "draft", "draft-removed", OSK_SPACE_DRAFT, (size_t)64 * 1024 },
    { "assignment", "assignment-removed", OSK_SPACE_ASSIGNMENT, (size_t)4 * 1024 },
};
#define WRITINGS (sizeof(writings) / sizeof(writings[0]))

static const Writing *find_writing(const char *name)
{
    for (size_t i = 0; name != NULL && i < WRITINGS; i++) {
        if (strcmp(writings[i].name, name) == 0) {
            return &writings[i];
        }
    }
    return NULL;
}

/* ---- reading ---- */

typedef struct Listing {
    OskJson *list;
    const Writing *writing;
    size_t bytes;
    bool is_full;
    OskRecordKey last;
} Listing;

static OskJson *record_json(const Writing *writing, const OskRecordRow *row)
{
    OskJson *json = osk_json_object(NULL);
    osk_json_set_text(json, "space", writing->name);
    osk_desk_set_id(json, "owner", &row->key.owner);
    osk_desk_set_id(json, "id", &row->key.id);
    osk_json_set_whole(json, "version", row->version);
    osk_desk_set_day(json, "day", row->day);
    osk_desk_set_sealed(json, "sealed", &row->bytes);
    return json;
}

static bool list_record(void *context, const OskRecordRow *row)
{
    Listing *listing = context;
    osk_json_add(listing->list, record_json(listing->writing, row));
    listing->bytes += row->bytes.len;
    listing->last = row->key;
    listing->is_full =
        listing->bytes >= PAGE_BYTES || osk_json_count(listing->list) >= PAGE_RECORDS;
    return !listing->is_full;
}

typedef struct Paging {
    OskJson *list;
    const Writing *writing;
    OskDeskPage *page;
} Paging;

static bool add_record(void *context, const OskRecordRow *row)
{
    const Paging *paging = context;
    char id[OSK_HEX_BYTES(OSK_ID_BYTES)];
    osk_hex_write(&row->key.id, sizeof(row->key.id), id);
    osk_json_add(paging->list, record_json(paging->writing, row));
    return osk_desk_page_add(paging->page, paging->writing->name, id, row->bytes.len);
}

/* "tags.ID": the kind that a page goes on in, and behind which one. NULL for none that there is. */
static const Writing *read_place(const char *after, OskId *out)
{
    for (size_t i = 0; i < WRITINGS; i++) {
        size_t len = strlen(writings[i].name);
        if (strncmp(after, writings[i].name, len) == 0 && after[len] == '.') {
            return osk_hex_read(after + len + 1, out, sizeof(*out)) ? &writings[i] : NULL;
        }
    }
    return NULL;
}

OskStatus osk_desk_set_records(const OskDesk *desk, OskDeskPage *page, OskJson *json,
                               OskFault *fault)
{
    Paging paging = { .list = osk_json_list(), .page = page };
    OskStatus status = OSK_OK;
    OskRecordKey last = { .owner = *page->submission };
    const Writing *from = page->after == NULL ? writings : read_place(page->after, &last.id);
    size_t at = from == NULL ? 0 : (size_t)(from - writings);
    if (from == NULL) {
        status = osk_fault_set(fault, OSK_MALFORMED, "", "nothing is called so", OSK_NO_OFFSET);
    }
    for (size_t i = at; status == OSK_OK && !page->is_full && i < WRITINGS; i++) {
        bool goes_on = page->after != NULL && i == at;
        last.space = writings[i].space;
        const OskRecordQuery query = { .space = writings[i].space,
                                       .owner = page->submission,
                                       .after = goes_on ? &last : NULL };
        paging.writing = &writings[i];
        status = osk_store_records(desk->store, &query, add_record, &paging, fault);
    }
    osk_json_set(json, "records", paging.list);
    return status;
}

/* ---- GET /api/records?space=tags&after= ---- */

/* "OWNER.ID" */
static bool read_after(const char *text, OskSpace space, OskRecordKey *out)
{
    enum { LETTERS = 2 * OSK_ID_BYTES };
    char owner[LETTERS + 1] = "";
    *out = (OskRecordKey){ .space = space };
    if (strlen(text) != 2 * LETTERS + 1 || text[LETTERS] != '.') {
        return false;
    }
    memcpy(owner, text, LETTERS);
    return osk_hex_read(owner, &out->owner, sizeof(out->owner)) &&
           osk_hex_read(text + LETTERS + 1, &out->id, sizeof(out->id));
}

static void set_next(OskJson *json, const Listing *listing)
{
    char text[2 * OSK_HEX_BYTES(OSK_ID_BYTES)];
    osk_hex_write(&listing->last.owner, OSK_ID_BYTES, text);
    text[2 * OSK_ID_BYTES] = '.';
    osk_hex_write(&listing->last.id, OSK_ID_BYTES, text + 2 * OSK_ID_BYTES + 1);
    osk_json_set_text(json, "next", listing->is_full ? text : NULL);
}

static void run_records(OskDeskCall *call)
{
    OskFault fault = { 0 };
    OskRecordKey key;
    const Writing *writing = find_writing(osk_request_query(call->request, "space"));
    const char *after = osk_request_query(call->request, "after");
    if (writing == NULL || (after != NULL && !read_after(after, writing->space, &key))) {
        osk_desk_refuse(call, 400, "Records are asked for by their kind, and behind one that is",
                        NULL);
        return;
    }
    Listing listing = { .list = osk_json_list(), .writing = writing };
    const OskRecordQuery query = { .space = writing->space, .after = after == NULL ? NULL : &key };
    if (osk_store_records(call->desk->store, &query, list_record, &listing, &fault) != OSK_OK) {
        osk_json_free(&listing.list);
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    OskJson *json = osk_json_object("oilskin/records/1");
    osk_json_set(json, "records", listing.list);
    set_next(json, &listing);
    osk_desk_done(call, json);
}

/* ---- POST /api/record ---- */

typedef struct Asked {
    const Writing *writing;
    OskRecordRow row;
    uint64_t version; /* that it is to follow; 0 for none */
    bool is_removal;
} Asked;

static bool count_note(void *context, const OskRecordRow *row)
{
    (void)row;
    return ++*(size_t *)context < NOTES_MAX;
}

/* The one that is named, or the only one that there can be. False when that was refused. */
static bool read_id(OskDeskCall *call, Asked *asked)
{
    const OskJson *id = osk_json_get(call->base.json, "id");
    OskRecordKey *key = &asked->row.key;
    OskFault fault = { 0 };
    size_t notes = 0;
    if (key->space != OSK_SPACE_NOTE) {
        key->id = key->space == OSK_SPACE_DRAFT ? call->session.reviewer : key->owner;
    }
    if (key->space != OSK_SPACE_NOTE || id != NULL) {
        OskId named = key->id;
        if ((id != NULL && !osk_hex_read(osk_json_text(id), &named, sizeof(named))) ||
            (key->space != OSK_SPACE_NOTE && memcmp(&named, &key->id, sizeof(named)) != 0) ||
            (key->space == OSK_SPACE_NOTE && asked->version == 0)) {
            osk_desk_refuse(call, 400, "This is not the id of a record that can be written", NULL);
            return false;
        }
        key->id = named;
        return true;
    }
    const OskRecordQuery query = { .space = OSK_SPACE_NOTE,
                                   .owner = &key->owner,
                                   .without_bytes = true };
    const OskRandom *random = &call->desk->random;
    if (asked->version != 0 || asked->is_removal) {
        osk_desk_refuse(call, 400, "A note that is there is named by its id", NULL);
        return false;
    }
    if (osk_store_records(call->desk->store, &query, count_note, &notes, &fault) != OSK_OK ||
        !random->fill(random->context, &key->id, sizeof(key->id))) {
        osk_desk_refuse(call, 500, "The server could not do this", "Tell who runs the server");
        return false;
    }
    if (notes >= NOTES_MAX) {
        osk_desk_refuse(call, 409, "There are too many notes about this submission",
                        "Remove some, or write into one that is there");
        return false;
    }
    return true;
}

/* False when that was refused. */
static bool read_asked(OskDeskCall *call, Asked *out)
{
    OskSubmissionRow submission;
    *out = (Asked){ .writing = find_writing(osk_desk_text(call, "space")) };
    if (out->writing == NULL ||
        !osk_json_whole(osk_json_get(call->base.json, "version"), &out->version)) {
        osk_desk_refuse(call, 400, "A record has a kind, and the version that it is to follow",
                        "The kinds are note, tags, draft and assignment; a new one follows 0");
        return false;
    }
    if (!osk_desk_read_submission(call, "owner", &submission)) {
        return false;
    }
    out->row.key = (OskRecordKey){ .space = out->writing->space, .owner = submission.id };
    out->row.day = osk_desk_today();
    out->is_removal = osk_json_get(call->base.json, "sealed") == NULL;
    osk_submission_row_free(&submission);
    if (out->is_removal && out->version == 0) {
        osk_desk_refuse(call, 400, "What is not there can't be removed", NULL);
        return false;
    }
    return read_id(call, out) &&
           osk_desk_read_sealed(call, "sealed", NULL, out->writing->max, &out->row.bytes);
}

static OskStatus store_record(OskDeskCall *call, const Asked *asked, OskFault *fault)
{
    OskJson *about = osk_json_object(NULL);
    osk_desk_set_id(about, "submission", &asked->row.key.owner);
    osk_desk_set_id(about, "id", &asked->row.key.id);
    const OskDeed deed = { .who = &call->session.reviewer,
                           .did =
                               asked->is_removal ? asked->writing->removal : asked->writing->name,
                           .about = about };
    const OskChange change = asked->is_removal ? (OskChange){ .kind = OSK_ROW_RECORD_DROP,
                                                              .row.record_key = &asked->row.key,
                                                              .expected = asked->version }
                                               : (OskChange){ .kind = OSK_ROW_RECORD_SET,
                                                              .row.record = &asked->row,
                                                              .expected = asked->version };
    return osk_audit_commit(call->desk->audit, &deed, &change, 1, fault);
}

static void run_record(OskDeskCall *call)
{
    OskFault fault = { 0 };
    Asked asked;
    if (!read_asked(call, &asked)) {
        return;
    }
    OskStatus status = store_record(call, &asked, &fault);
    osk_bytes_clear(&asked.row.bytes);
    if (status != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    OskJson *json = osk_json_object("oilskin/record/1");
    osk_json_set_text(json, "space", asked.writing->name);
    osk_desk_set_id(json, "owner", &asked.row.key.owner);
    osk_desk_set_id(json, "id", &asked.row.key.id);
    osk_json_set_whole(json, "version", asked.is_removal ? 0 : asked.version + 1);
    osk_desk_done(call, json);
}

/* ---- the endpoints ---- */

static const char *const record_keys[] = { "space", "owner", "id", "version", "sealed", NULL };

const OskDeskEndpoint osk_desk_record_endpoints[] = {
    { "/api/record", "POST", record_keys, BODY_MAX, OSK_ROLE_REVIEWER, run_record },
    { "/api/records", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_records },
};
const size_t osk_desk_record_count =
    sizeof(osk_desk_record_endpoints) / sizeof(osk_desk_record_endpoints[0]);
