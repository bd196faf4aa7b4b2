/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Originals and previews, sealed as they lie: the reviewer's browser opens them. */
#include "desk/call.h"

#include <stdlib.h>
#include <string.h>

#include "desk/hex.h"
#include "host/clock.h"

#define BODY_MAX ((size_t)1024)
/* Of one answer: it is held in memory while it is sent. */
#define PIECE_BYTES ((uint64_t)1024 * 1024)
#define ID_TEXT_BYTES OSK_HEX_BYTES(OSK_ID_BYTES)

/* Why somebody opens one: words of the audit chain, which nobody seals. */
static const char *const whys[] = { "review", "evidence", "publish", "request", NULL };

static const char *find_why(const char *why)
{
    for (size_t i = 0; why != NULL && whys[i] != NULL; i++) {
        if (strcmp(whys[i], why) == 0) {
            return whys[i];
        }
    }
    return NULL;
}

/* ---- one segment ---- */

typedef struct Sought {
    uint64_t number;
    OskSegmentRow row;
    bool is_there;
} Sought;

static bool seek_segment(void *context, const OskSegmentRow *row)
{
    Sought *sought = context;
    if (row->number == sought->number) {
        sought->row = *row;
        sought->is_there = true;
    }
    return !sought->is_there;
}

/* A shuffle may give it another blob between its row and its opening: once is enough. */
static OskSealed *open_segment(OskStore *store, const OskId *owner, uint64_t number)
{
    for (int i = 0; i < 2; i++) {
        OskFault fault = { 0 };
        OskSealed *sealed = NULL;
        Sought sought = { .number = number };
        if (osk_store_segments(store, owner, seek_segment, &sought, &fault) != OSK_OK ||
            !sought.is_there) {
            return NULL;
        }
        if (osk_store_sealed_open(store, owner, &sought.row.blob, &sealed, &fault) == OSK_OK) {
            return sealed;
        }
    }
    return NULL;
}

/* ---- POST /api/open ---- */

typedef struct Found {
    OskId submission;
    bool is_file;
} Found;

static void take_submission(void *context, const OskModelRow *row)
{
    Found *found = context;
    found->submission = *row->submission;
    found->is_file = row->file != NULL;
}

typedef struct Owner {
    OskId file;
    OskId owner;
    bool is_there;
} Owner;

static bool take_owner(void *context, const OskFileRow *row)
{
    static const OskId no_id;
    Owner *owner = context;
    if (memcmp(&row->id, &owner->file, sizeof(row->id)) == 0) {
        bool is_copy = memcmp(&row->same_as, &no_id, sizeof(no_id)) != 0;
        owner->owner = is_copy ? row->same_as : row->id;
        owner->is_there = true;
    }
    return !owner->is_there;
}

static bool find_owner(OskDesk *desk, Owner *owner)
{
    OskFault fault = { 0 };
    Found found = { .is_file = false };
    return osk_model_find(desk->model, &owner->file, take_submission, &found, &fault) &&
           found.is_file &&
           osk_store_files(desk->store, &found.submission, take_owner, owner, &fault) == OSK_OK &&
           owner->is_there;
}

typedef struct Segments {
    OskDesk *desk;
    OskJson *list;
} Segments;

static bool list_segment(void *context, const OskSegmentRow *row)
{
    Segments *segments = context;
    OskJson *segment = osk_json_object(NULL);
    OskSealed *sealed = open_segment(segments->desk->store, &row->owner, row->number);
    osk_json_set_whole(segment, "number", row->number);
    osk_json_set_whole(segment, "plain_len", row->plain_len);
    osk_json_set_whole(segment, "sealed_len",
                       sealed == NULL ? row->sealed_len : osk_store_sealed_source(sealed).size);
    osk_store_sealed_close(&sealed);
    osk_json_add(segments->list, segment);
    return true;
}

static OskStatus audit_opening(OskDeskCall *call, const OskId *file, const char *why,
                               OskFault *fault)
{
    char text[ID_TEXT_BYTES];
    OskJson *about = osk_json_object(NULL);
    osk_hex_write(file, sizeof(*file), text);
    osk_json_set_text(about, "file", text);
    osk_json_set_text(about, "why", why);
    const OskDeed deed = { .who = &call->session.reviewer, .did = "open", .about = about };
    return osk_audit_commit(call->desk->audit, &deed, NULL, 0, fault);
}

static void run_open(OskDeskCall *call)
{
    OskDesk *desk = call->desk;
    OskFault fault = { 0 };
    Owner owner = { .is_there = false };
    char text[OSK_OPENING_TEXT_BYTES];
    const char *why = find_why(osk_desk_text(call, "why"));
    if (why == NULL) {
        osk_desk_refuse(call, 400, "Say why it is opened: review, evidence, publish or request",
                        NULL);
        return;
    }
    if (strcmp(why, "publish") == 0 && call->reviewer.role < OSK_ROLE_PUBLISHER) {
        osk_desk_refuse(call, 403, "Who opens to publish is a publisher",
                        "Ask an admin of the desk");
        return;
    }
    if (!osk_hex_read(osk_desk_text(call, "file"), &owner.file, sizeof(owner.file)) ||
        !find_owner(desk, &owner)) {
        osk_desk_refuse(call, 404, "There is no such file", "It may have been withdrawn");
        return;
    }
    /* First it is said, then it can be opened. */
    if (audit_opening(call, &owner.file, why, &fault) != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    const OskOpening opening = { .reviewer = call->session.reviewer,
                                 .file = owner.file,
                                 .owner = owner.owner };
    if (!osk_openings_add(desk->openings, &opening, &desk->random, osk_now_ms(), text)) {
        osk_desk_refuse(call, 500, "The server has no randomness", "Try again later");
        return;
    }
    Segments segments = { .desk = desk, .list = osk_json_list() };
    if (osk_store_segments(desk->store, &owner.owner, list_segment, &segments, &fault) != OSK_OK) {
        osk_json_free(&segments.list);
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    OskJson *json = osk_json_object("oilskin/opening/1");
    osk_json_set_text(json, "address", text);
    osk_json_set_whole(json, "piece_bytes", PIECE_BYTES);
    osk_json_set(json, "segments", segments.list);
    osk_desk_done(call, json);
}

/* ---- GET /blobs/ADDRESS?segment=0&at=0 ---- */

static bool read_number(OskRequest *request, const char *name, uint64_t *out)
{
    const char *text = osk_request_query(request, name);
    char *end = NULL;
    if (text == NULL || text[0] < '0' || text[0] > '9' || strlen(text) > 18) {
        return false;
    }
    *out = strtoull(text, &end, 10);
    return *end == 0;
}

static void answer_piece(OskDeskCall *call, const OskSource *source, uint64_t at)
{
    size_t len = (size_t)(source->size - at < PIECE_BYTES ? source->size - at : PIECE_BYTES);
    uint8_t *bytes = malloc(len + 1);
    if (bytes == NULL) {
        osk_desk_refuse(call, 503, "The server has no memory left", "Try again in a minute");
    } else if (len > 0 && !source->read(source->context, at, bytes, len)) {
        osk_desk_refuse(call, 500, "The server could not read this", "Tell who runs the server");
    } else {
        osk_desk_done_bytes(call, bytes, len);
    }
    free(bytes);
}

static void run_piece(OskDeskCall *call, const char *address)
{
    OskDesk *desk = call->desk;
    OskOpening opening;
    uint64_t number = 0;
    uint64_t at = 0;
    if (!osk_openings_find(desk->openings, address, &call->session.reviewer, osk_now_ms(),
                           &opening)) {
        osk_desk_refuse(call, 404, "This address is over, or is another's",
                        "Say again why the file is to be opened");
        return;
    }
    OskSealed *sealed = NULL;
    if (read_number(call->request, "segment", &number) && read_number(call->request, "at", &at)) {
        sealed = open_segment(desk->store, &opening.owner, number);
    }
    OskSource source = { .size = 0 };
    if (sealed != NULL) {
        source = osk_store_sealed_source(sealed);
    }
    if (sealed == NULL || at > source.size) {
        osk_desk_refuse(call, 404, "There is no such piece of the file", NULL);
    } else {
        answer_piece(call, &source, at);
    }
    osk_store_sealed_close(&sealed);
}

/* ---- GET /blobs/FILE/preview ---- */

static const char preview_end[] = "/preview";

typedef struct Look {
    OskId preview;
    bool is_there;
} Look;

static bool take_look(void *context, const OskRecordRow *row)
{
    static const OskId no_blob;
    Look *look = context;
    look->preview = row->blob;
    look->is_there = memcmp(&row->blob, &no_blob, sizeof(no_blob)) != 0;
    return false;
}

/* What it is matched by stands in the same row, and is left there. */
static OskStatus find_look(OskStore *store, const OskId *file, Look *out, OskFault *fault)
{
    const OskRecordQuery query = { .space = OSK_SPACE_LOOK, .owner = file, .without_bytes = true };
    *out = (Look){ .is_there = false };
    return osk_store_records(store, &query, take_look, out, fault);
}

/* As of a segment: once more when a shuffle came between. */
static OskSealed *open_preview(OskStore *store, const OskId *file, OskFault *fault)
{
    for (int i = 0; i < 2; i++) {
        Look look;
        OskSealed *sealed = NULL;
        *fault = (OskFault){ .status = OSK_OK };
        if (find_look(store, file, &look, fault) != OSK_OK || !look.is_there) {
            return NULL;
        }
        if (osk_store_sealed_open(store, file, &look.preview, &sealed, fault) == OSK_OK) {
            return sealed;
        }
    }
    return NULL;
}

/* No original: nobody says why it is looked at, and the audit chain has no entry of it. */
static void run_preview(OskDeskCall *call, const char *name)
{
    OskFault fault = { 0 };
    OskId file;
    char text[ID_TEXT_BYTES] = "";
    memcpy(text, name, ID_TEXT_BYTES - 1);
    OskSealed *sealed = osk_hex_read(text, &file, sizeof(file))
                            ? open_preview(call->desk->store, &file, &fault)
                            : NULL;
    if (sealed == NULL && fault.status != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
    } else if (sealed == NULL) {
        osk_desk_refuse(call, 404, "This file was not looked at", "Open the original");
    } else {
        const OskSource source = osk_store_sealed_source(sealed);
        answer_piece(call, &source, 0);
    }
    osk_store_sealed_close(&sealed);
}

static void run_blobs(OskDeskCall *call)
{
    const char *name = osk_request_path(call->request) + strlen(call->endpoint->path);
    if (strlen(name) == ID_TEXT_BYTES - 1 + sizeof(preview_end) - 1 &&
        strcmp(name + ID_TEXT_BYTES - 1, preview_end) == 0) {
        run_preview(call, name);
    } else {
        run_piece(call, name);
    }
}

/* ---- the endpoints ---- */

static const char *const open_keys[] = { "file", "why", NULL };

const OskDeskEndpoint osk_desk_open_endpoints[] = {
    { "/api/open", "POST", open_keys, BODY_MAX, OSK_ROLE_REVIEWER, run_open },
    { "/blobs/", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_blobs },
};
const size_t osk_desk_open_count =
    sizeof(osk_desk_open_endpoints) / sizeof(osk_desk_open_endpoints[0]);
