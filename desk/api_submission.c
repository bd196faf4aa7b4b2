/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One submission, sealed as it lies. Its sender says how many letters it has and how long they are,
 * so that an answer holds a page of them. */
#include "desk/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/hex.h"
#include "desk/row_json.h"

/* The last letter or record of a page may go over. */
#define PAGE_BYTES ((size_t)1024 * 1024)
#define PAGE_COUNT 500u

/* ---- a page of letters and records ---- */

bool osk_desk_page_add(OskDeskPage *page, const char *kind, const char *name, size_t bytes)
{
    snprintf(page->next, sizeof(page->next), "%s.%s", kind, name);
    page->bytes += bytes;
    page->count++;
    page->is_full = page->bytes >= PAGE_BYTES || page->count >= PAGE_COUNT;
    return !page->is_full;
}

typedef struct Letters {
    OskDeskPage *page;
    OskJson *list;
} Letters;

static bool list_message(void *context, const OskMessageRow *row)
{
    const Letters *letters = context;
    char name[16];
    OskJson *message = osk_json_object(NULL);
    osk_json_set_whole(message, "number", row->number);
    osk_json_set_flag(message, "from_desk", row->from_desk);
    osk_desk_set_day(message, "day", row->day);
    osk_desk_set_sealed(message, "sealed", &row->sealed);
    osk_json_add(letters->list, message);
    snprintf(name, sizeof(name), "%u", (unsigned)row->number);
    return osk_desk_page_add(letters->page, "message", name, row->sealed.len);
}

/* "message.12": a page that goes on behind this one. */
static bool read_message(const char *after, uint32_t *out_first)
{
    static const char kind[] = "message.";
    size_t len = sizeof(kind) - 1;
    if (strncmp(after, kind, len) != 0 || after[len] < '0' || after[len] > '9') {
        return false;
    }
    char *end = NULL;
    unsigned long number = strtoul(after + len, &end, 10);
    *out_first = (uint32_t)number + 1;
    return *end == 0 && number < INT32_MAX;
}

/* Letters first, then what reviewers wrote. */
static OskStatus set_page(const OskDesk *desk, OskDeskPage *page, OskJson *json, OskFault *fault)
{
    OskMessageQuery query = { .submission = page->submission };
    Letters letters = { .page = page, .list = osk_json_list() };
    OskStatus status = OSK_OK;
    if (page->after == NULL || read_message(page->after, &query.first)) {
        page->after = NULL;
        status = osk_store_messages_from(desk->store, &query, list_message, &letters, fault);
    }
    osk_json_set(json, "messages", letters.list);
    if (status == OSK_OK) {
        status = osk_desk_set_records(desk, page, json, fault);
    }
    osk_json_set_text(json, "next", page->is_full ? page->next : NULL);
    return status;
}

/* ---- the submission itself ---- */

typedef struct State {
    OskDesk *desk;
    OskJson *json;
} State;

static void set_state(void *context, const OskModelRow *row)
{
    State *state = context;
    osk_desk_set_id(state->json, "cluster", row->cluster);
    osk_json_set_text(state->json, "state", osk_desk_views[row->state]);
    osk_json_set_whole(state->json, "uncaught", row->uncaught);
    osk_json_set_whole(state->json, "samples", row->samples);
    osk_json_set_flag(state->json, "looked", row->look != 0);
    osk_json_set_text(state->json, "media", osk_model_media(row->look));
    osk_desk_set_claim(state->json, state->desk, row->claimed_by);
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
    osk_json_set_whole(file, "number", row->number);
    osk_json_set_text(file, "kind", osk_model_kind(row->flags));
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
    osk_json_set_flag(state->json, "done", row->is_done);
    osk_json_set_whole(state->json, "messages_in", row->messages);
    osk_desk_set_claim(state->json, state->desk, row->claimed_by);
}

/* The id behind the prefix of the endpoint's address. */
static bool read_rest(const OskDeskCall *call, OskId *out)
{
    return osk_hex_read(osk_request_path(call->request) + strlen(call->endpoint->path), out,
                        sizeof(*out));
}

static OskStatus set_submission(OskDesk *desk, const OskSubmissionRow *row, OskJson *json,
                                OskFault *fault)
{
    static const uint8_t no_key[32];
    char key[OSK_RECIPIENT_TEXT_BYTES];
    OskRecipient reply;
    Files files = { .desk = desk, .list = osk_json_list() };
    State state = { .desk = desk, .json = json };
    memcpy(reply.key, row->reply_key, sizeof(reply.key));
    osk_recipient_text(&reply, key);
    osk_desk_set_day(json, "day", row->day);
    osk_json_set_text(json, "category", row->category[0] != 0 ? row->category : NULL);
    osk_json_set_text(json, "reply_key",
                      memcmp(row->reply_key, no_key, sizeof(no_key)) == 0 ? NULL : key);
    osk_desk_set_sealed(json, "manifest", &row->manifest);
    osk_model_find(desk->model, &row->id, set_standing, &state, fault);
    OskStatus status = osk_store_files(desk->store, &row->id, list_file, &files, fault);
    osk_json_set(json, "files", files.list);
    return status;
}

/* ---- GET /api/submissions/ID?after= ---- */

static void run_submission(OskDeskCall *call)
{
    OskDesk *desk = call->desk;
    OskFault fault = { 0 };
    OskId id;
    OskSubmissionRow row;
    OskDeskPage page = { .submission = &id, .after = osk_request_query(call->request, "after") };
    if (!read_rest(call, &id) || !osk_store_submission(desk->store, &id, &row, &fault)) {
        osk_desk_refuse(call, fault.status == OSK_OK ? 404 : 500, "There is no such submission",
                        "It may have been withdrawn, or its time was over");
        return;
    }
    bool is_first = page.after == NULL;
    OskJson *json =
        osk_json_object(is_first ? "oilskin/desk-submission/1" : "oilskin/desk-submission-more/1");
    osk_desk_set_id(json, "submission", &row.id);
    OskStatus status = is_first ? set_submission(desk, &row, json, &fault) : OSK_OK;
    if (status == OSK_OK) {
        status = set_page(desk, &page, json, &fault);
    }
    osk_submission_row_free(&row);
    if (status == OSK_OK) {
        osk_desk_done(call, json);
        return;
    }
    osk_json_free(&json);
    if (status == OSK_MALFORMED) {
        osk_desk_refuse(call, 400, "What to go on behind is what the page before says", NULL);
    } else {
        osk_desk_refuse_fault(call, &fault);
    }
}

/* ---- the endpoints ---- */

const OskDeskEndpoint osk_desk_submission_endpoints[] = {
    { "/api/submissions/", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_submission },
};
const size_t osk_desk_submission_count =
    sizeof(osk_desk_submission_endpoints) / sizeof(osk_desk_submission_endpoints[0]);
