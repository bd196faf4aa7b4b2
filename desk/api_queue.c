/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What there is to be looked at: the queue, one submission, the audit chain. */
#include "desk/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "desk/hex.h"

#define PAGE_SUBMISSIONS 100u
#define AUDIT_PAGE 200u
#define ID_TEXT_BYTES OSK_HEX_BYTES(OSK_ID_BYTES)

static const char *kind_of(uint32_t flags)
{
    return (flags & OSK_FILE_DEVICE) != 0       ? "device"
           : (flags & OSK_FILE_UNSCRUBBED) != 0 ? "unscrubbed"
           : (flags & OSK_FILE_ORIGINAL) != 0   ? "original"
                                                : "scrubbed";
}

/* ---- GET /api/queue ---- */

static const char *const view_names[OSK_VIEWS] = { "new", "kept", "flagged", "dismissed", "all" };

/* Names of reviewers: a claim is to be seen by the others. */
static void set_claim(OskJson *json, OskDesk *desk, const OskId *claimed_by)
{
    OskReviewer reviewer = { .version = 0 };
    if (claimed_by != NULL && osk_reviewers_get(desk->reviewers, claimed_by, &reviewer)) {
        osk_json_set_text(json, "claim", reviewer.name);
    } else {
        osk_json_set_text(json, "claim", claimed_by != NULL ? "?" : NULL);
    }
    osk_seal_wipe(&reviewer, sizeof(reviewer));
}

typedef struct Listing {
    OskDesk *desk;
    OskJson *rows;
    OskId last;
    OskDay last_day;
} Listing;

static OskJson *row_json(OskDesk *desk, const OskModelRow *row)
{
    OskJson *json = osk_json_object(NULL);
    OskJson *representative = osk_json_object(NULL);
    osk_desk_set_id(json, "cluster", row->file);
    osk_desk_set_id(representative, "file", row->file);
    osk_desk_set_id(representative, "submission", row->submission);
    osk_json_set_whole(representative, "number", row->number);
    osk_json_set(json, "representative", representative);
    osk_json_set_whole(json, "count", row->file != NULL ? 1 : 0);
    osk_json_set_whole(json, "submissions", 1);
    osk_json_set_whole(json, "differences", 0);
    osk_desk_set_day(json, "first_day", row->day);
    osk_desk_set_day(json, "last_day", row->day);
    osk_json_set_text(json, "category", row->category[0] != 0 ? row->category : NULL);
    osk_json_set_text(json, "kind", row->file != NULL ? kind_of(row->flags) : "words");
    osk_json_set_text(json, "state", view_names[row->state]);
    set_claim(json, desk, row->claimed_by);
    osk_json_set_flag(json, "held", row->is_held);
    osk_json_set_flag(json, "has_words", row->has_news);
    return json;
}

static void list_row(void *context, const OskModelRow *row)
{
    Listing *listing = context;
    listing->last = *row->submission;
    listing->last_day = row->day;
    osk_json_add(listing->rows, row_json(listing->desk, row));
}

/* "2026-11-23"; false for what is none. */
static bool read_day(const char *text, OskDay *out)
{
    int year = 0;
    int month = 0;
    int day = 0;
    char end = 0;
    if (sscanf(text, "%4d-%2d-%2d%c", &year, &month, &day, &end) != 3 || month < 1 || month > 12 ||
        day < 1 || day > 31 || year < 1970) {
        return false;
    }
    struct tm date = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
    *out = (OskDay)(timegm(&date) / 86400);
    return true;
}

/* "2026-11-23.ID"; false for what is none. */
static bool read_after(const char *text, OskId *out, OskDay *out_day)
{
    char day[11];
    if (strnlen(text, 11) != 11 || text[10] != '.') {
        return false;
    }
    memcpy(day, text, 10);
    day[10] = 0;
    return read_day(day, out_day) && osk_hex_read(text + 11, out, sizeof(*out));
}

typedef struct Asked {
    OskModelQuery query;
    OskId after;
} Asked;

static bool read_view(const char *text, OskView *out)
{
    for (unsigned i = 0; i < OSK_VIEWS; i++) {
        if (strcmp(view_names[i], text) == 0) {
            *out = (OskView)i;
            return true;
        }
    }
    return false;
}

static bool read_query(const OskDeskCall *call, Asked *out)
{
    OskRequest *request = call->request;
    OskModelQuery *query = &out->query;
    const char *view = osk_request_query(request, "view");
    const char *first = osk_request_query(request, "day_first");
    const char *last = osk_request_query(request, "day_last");
    const char *claimed = osk_request_query(request, "claimed");
    const char *after = osk_request_query(request, "after");
    *query = (OskModelQuery){ .category = osk_request_query(request, "category"),
                              .limit = PAGE_SUBMISSIONS };
    if (claimed != NULL && strcmp(claimed, "me") == 0) {
        query->claimed_by = &call->session.reviewer;
    } else if (claimed != NULL && strcmp(claimed, "nobody") == 0) {
        query->only_free = true;
    } else if (claimed != NULL) {
        return false;
    }
    if (after != NULL) {
        query->after = &out->after;
    }
    return (view == NULL || read_view(view, &query->view)) &&
           (first == NULL || read_day(first, &query->first)) &&
           (last == NULL || read_day(last, &query->last)) &&
           (after == NULL || read_after(after, &out->after, &query->after_day));
}

static OskJson *counts_json(const OskModelCounts *counts)
{
    OskJson *json = osk_json_object(NULL);
    for (unsigned i = 0; i < OSK_VIEWS; i++) {
        osk_json_set_whole(json, view_names[i], counts->rows[i]);
    }
    osk_json_set_whole(json, "submissions", counts->submissions);
    return json;
}

static void run_queue(OskDeskCall *call)
{
    OskDesk *desk = call->desk;
    OskFault fault = { 0 };
    Asked asked = { .query = { .limit = 0 } };
    OskModelCounts counts = { .submissions = 0 };
    bool has_more = false;
    if (!read_query(call, &asked)) {
        osk_desk_refuse(call, 400, "A filter of the queue is none that there is", NULL);
        return;
    }
    Listing listing = { .desk = desk, .rows = osk_json_list() };
    OskStatus status =
        osk_model_page(desk->model, &asked.query, list_row, &listing, &has_more, &fault);
    if (status == OSK_OK) {
        status = osk_model_counts(desk->model, &counts, &fault);
    }
    if (status != OSK_OK) {
        osk_json_free(&listing.rows);
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    OskJson *queue = osk_json_object("oilskin/queue/1");
    osk_json_set(queue, "rows", listing.rows);
    osk_json_set(queue, "counts", counts_json(&counts));
    if (has_more) {
        char after[OSK_DAY_TEXT_BYTES + ID_TEXT_BYTES];
        osk_desk_day_text(listing.last_day, after);
        size_t len = strlen(after);
        after[len] = '.';
        osk_hex_write(&listing.last, sizeof(listing.last), after + len + 1);
        osk_json_set_text(queue, "next", after);
    } else {
        osk_json_set_text(queue, "next", NULL);
    }
    osk_desk_done(call, queue);
}

/* ---- GET /api/submissions/ID ---- */

static bool list_message(void *context, const OskMessageRow *row)
{
    OskJson *message = osk_json_object(NULL);
    osk_json_set_whole(message, "number", row->number);
    osk_json_set_flag(message, "from_desk", row->from_desk);
    osk_desk_set_day(message, "day", row->day);
    osk_desk_set_sealed(message, "sealed", &row->sealed);
    osk_json_add(context, message);
    return true;
}

typedef struct State {
    OskDesk *desk;
    OskJson *json;
} State;

static void set_state(void *context, const OskModelRow *row)
{
    State *state = context;
    osk_json_set_text(state->json, "state", view_names[row->state]);
    set_claim(state->json, state->desk, row->claimed_by);
}

typedef struct Files {
    OskDesk *desk;
    OskJson *list;
} Files;

static bool list_file(void *context, const OskFileRow *row)
{
    Files *files = context;
    OskFault fault = { 0 };
    OskJson *file = osk_json_object(NULL);
    osk_desk_set_id(file, "file", &row->id);
    osk_desk_set_id(file, "cluster", &row->id);
    osk_json_set_whole(file, "number", row->number);
    osk_json_set_text(file, "kind", kind_of(row->flags));
    osk_json_set_whole(file, "sealed_len", row->sealed_len);
    osk_json_set_whole(file, "segments", row->segment_count);
    State state = { .desk = files->desk, .json = file };
    osk_model_find(files->desk->model, &row->id, set_state, &state, &fault);
    osk_json_add(files->list, file);
    return true;
}

static void set_standing(void *context, const OskModelRow *row)
{
    State *state = context;
    osk_json_set_flag(state->json, "held", row->is_held);
    osk_json_set_flag(state->json, "has_words", row->has_news);
    osk_json_set_whole(state->json, "messages_in", row->messages);
    set_claim(state->json, state->desk, row->claimed_by);
}

/* The id behind the prefix of the endpoint's address. */
static bool read_rest(const OskDeskCall *call, OskId *out)
{
    return osk_hex_read(osk_request_path(call->request) + strlen(call->endpoint->path), out,
                        sizeof(*out));
}

static void run_submission(OskDeskCall *call)
{
    OskDesk *desk = call->desk;
    OskFault fault = { 0 };
    OskId id;
    OskSubmissionRow row;
    if (!read_rest(call, &id) || !osk_store_submission(desk->store, &id, &row, &fault)) {
        osk_desk_refuse(call, fault.status == OSK_OK ? 404 : 500, "There is no such submission",
                        "It may have been withdrawn, or its time was over");
        return;
    }
    OskJson *json = osk_json_object("oilskin/desk-submission/1");
    Files files = { .desk = desk, .list = osk_json_list() };
    OskJson *messages = osk_json_list();
    State state = { .desk = desk, .json = json };
    static const uint8_t no_key[32];
    char key[OSK_RECIPIENT_TEXT_BYTES];
    OskRecipient reply;
    memcpy(reply.key, row.reply_key, sizeof(reply.key));
    osk_recipient_text(&reply, key);
    osk_desk_set_id(json, "submission", &row.id);
    osk_desk_set_day(json, "day", row.day);
    osk_json_set_text(json, "category", row.category[0] != 0 ? row.category : NULL);
    osk_json_set_text(json, "reply_key",
                      memcmp(row.reply_key, no_key, sizeof(no_key)) == 0 ? NULL : key);
    osk_desk_set_sealed(json, "manifest", &row.manifest);
    osk_model_find(desk->model, &row.id, set_standing, &state, &fault);
    OskStatus status = osk_store_files(desk->store, &id, list_file, &files, &fault);
    if (status == OSK_OK) {
        status = osk_store_messages(desk->store, &id, list_message, messages, &fault);
    }
    if (status == OSK_OK) {
        status = osk_desk_set_records(desk, &id, json, &fault);
    }
    osk_json_set(json, "files", files.list);
    osk_json_set(json, "messages", messages);
    osk_submission_row_free(&row);
    if (status != OSK_OK) {
        osk_json_free(&json);
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    osk_desk_done(call, json);
}

/* ---- GET /api/audit ---- */

static bool list_entry(void *context, const OskRecordRow *row)
{
    /* As it is stored, so that whoever reads it can follow the chain. */
    char *text = calloc(1, row->bytes.len + 1);
    OskJson *entry = osk_json_object(NULL);
    if (text != NULL && row->bytes.len > 0) {
        memcpy(text, row->bytes.bytes, row->bytes.len);
    }
    osk_json_set_text(entry, "text", text == NULL ? "\xff" : text);
    free(text);
    osk_json_add(context, entry);
    return true;
}

static void run_audit(OskDeskCall *call)
{
    OskFault fault = { 0 };
    const char *after = osk_request_query(call->request, "after");
    char *end = NULL;
    uint64_t number = after == NULL ? 0 : strtoull(after, &end, 10);
    const OskRecordKey key = { .space = OSK_SPACE_AUDIT, .id = osk_audit_key(number) };
    const OskRecordQuery query = { .space = OSK_SPACE_AUDIT,
                                   .after = after == NULL ? NULL : &key,
                                   .limit = AUDIT_PAGE };
    uint64_t count = 0;
    uint64_t wrong = 0;
    if (after != NULL && (after[0] < '0' || after[0] > '9' || *end != 0)) {
        osk_desk_refuse(call, 400, "The entry to go on behind is a number", NULL);
        return;
    }
    OskStatus chain = osk_audit_check(call->desk->store, &count, &wrong, &fault);
    OskJson *entries = osk_json_list();
    OskStatus status =
        chain != OSK_OK && chain != OSK_FOUND
            ? chain
            : osk_store_records(call->desk->store, &query, list_entry, entries, &fault);
    if (status != OSK_OK) {
        osk_json_free(&entries);
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    OskJson *audit = osk_json_object("oilskin/audit-page/1");
    osk_json_set(audit, "entries", entries);
    osk_json_set_whole(audit, "count", count);
    if (chain == OSK_FOUND) {
        osk_json_set_whole(audit, "broken_at", wrong);
    } else {
        osk_json_set_text(audit, "broken_at", NULL);
    }
    osk_desk_done(call, audit);
}

/* ---- the endpoints ---- */

const OskDeskEndpoint osk_desk_queue_endpoints[] = {
    { "/api/queue", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_queue },
    { "/api/submissions/", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_submission },
    { "/api/audit", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_audit },
};
const size_t osk_desk_queue_count =
    sizeof(osk_desk_queue_endpoints) / sizeof(osk_desk_queue_endpoints[0]);
