/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What there is to be looked at: the queue, and the audit chain. */
#include "desk/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "desk/hex.h"
#include "desk/row_json.h"

#define PAGE_ROWS 100u
#define AUDIT_PAGE 200u
/* Entries that each request reads again. */
#define AUDIT_STEP 2000u
#define ID_TEXT_BYTES OSK_HEX_BYTES(OSK_ID_BYTES)

/* ---- GET /api/queue ---- */

typedef struct Listing {
    OskDesk *desk;
    OskJson *rows;
    OskModelAfter last;
} Listing;

static void list_row(void *context, const OskModelRow *row)
{
    Listing *listing = context;
    listing->last = (OskModelAfter){ .novelty = row->novelty,
                                     .day = row->day,
                                     .submission = *row->submission,
                                     .number = row->file == NULL ? OSK_MODEL_WORDS : row->number };
    osk_json_add(listing->rows, osk_desk_row(listing->desk, row));
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

/* "NOVELTY.DAY.NUMBER.ID", whole numbers and the id of a submission; false for what is none. */
static bool read_after(const char *text, OskModelAfter *out)
{
    int day = 0;
    int len = 0;
    if (sscanf(text, "%4u.%7d.%5u.%n", &out->novelty, &day, &out->number, &len) != 3 || len == 0) {
        return false;
    }
    out->day = day;
    return osk_hex_read(text + len, &out->submission, sizeof(out->submission));
}

typedef struct Asked {
    OskModelQuery query;
    OskModelAfter after;
    OskId root;
} Asked;

static bool read_view(const char *text, OskView *out)
{
    for (unsigned i = 0; i < OSK_VIEWS; i++) {
        if (strcmp(osk_desk_views[i], text) == 0) {
            *out = (OskView)i;
            return true;
        }
    }
    return false;
}

static bool is_kind(const char *text)
{
    static const char *const kinds[] = { "scrubbed", "original", "unscrubbed", "device",
                                         "words",    "still",    "animation",  "video" };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i], text) == 0) {
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
    const char *root = osk_request_query(request, "root");
    *query = (OskModelQuery){ .category = osk_request_query(request, "category"),
                              .kind = osk_request_query(request, "kind"),
                              .limit = PAGE_ROWS };
    if (claimed != NULL && strcmp(claimed, "me") == 0) {
        query->claimed_by = &call->session.reviewer;
    } else if (claimed != NULL && strcmp(claimed, "nobody") == 0) {
        query->only_free = true;
    } else if (claimed != NULL) {
        return false;
    }
    query->after = after != NULL ? &out->after : NULL;
    query->root = root != NULL ? &out->root : NULL;
    return (root == NULL || osk_hex_read(root, &out->root, sizeof(out->root))) &&
           (query->kind == NULL || is_kind(query->kind)) &&
           (view == NULL || read_view(view, &query->view)) &&
           (first == NULL || read_day(first, &query->first)) &&
           (last == NULL || read_day(last, &query->last)) &&
           (after == NULL || read_after(after, &out->after));
}

OskJson *osk_desk_counts(const OskModelCounts *counts)
{
    OskJson *json = osk_json_object(NULL);
    for (unsigned i = 0; i < OSK_VIEWS; i++) {
        osk_json_set_whole(json, osk_desk_views[i], counts->rows[i]);
    }
    osk_json_set_whole(json, "submissions", counts->submissions);
    return json;
}

static void list_category(void *context, const char *name)
{
    osk_json_add_text(context, name);
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
    OskJson *categories = osk_json_list();
    OskStatus status = osk_model_page(desk->model, &asked.query,
                                      &(OskModelEach){ list_row, &listing }, &has_more, &fault);
    if (status == OSK_OK) {
        status = osk_model_counts(desk->model, &counts, &fault);
    }
    if (status == OSK_OK) {
        status = osk_model_categories(desk->model, list_category, categories, &fault);
    }
    if (status != OSK_OK) {
        osk_json_free(&listing.rows);
        osk_json_free(&categories);
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    OskJson *queue = osk_json_object("oilskin/queue/1");
    osk_json_set(queue, "rows", listing.rows);
    osk_json_set(queue, "counts", osk_desk_counts(&counts));
    osk_json_set(queue, "categories", categories);
    if (has_more) {
        char after[32 + ID_TEXT_BYTES];
        const OskModelAfter *last = &listing.last;
        int len = snprintf(after, sizeof(after), "%u.%d.%u.", last->novelty, (int)last->day,
                           last->number);
        osk_hex_write(&last->submission, sizeof(last->submission), after + len);
        osk_json_set_text(queue, "next", after);
    } else {
        osk_json_set_text(queue, "next", NULL);
    }
    osk_desk_done(call, queue);
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
    OskAuditPass pass;
    if (after != NULL && (after[0] < '0' || after[0] > '9' || *end != 0)) {
        osk_desk_refuse(call, 400, "The entry to go on behind is a number", NULL);
        return;
    }
    OskJson *entries = osk_json_list();
    OskStatus status = osk_audit_step(call->desk->audit, AUDIT_STEP, &pass, &fault);
    if (status == OSK_OK) {
        status = osk_store_records(call->desk->store, &query, list_entry, entries, &fault);
    }
    if (status != OSK_OK) {
        osk_json_free(&entries);
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    OskJson *audit = osk_json_object("oilskin/audit-page/1");
    osk_json_set(audit, "entries", entries);
    osk_json_set_whole(audit, "count", pass.count);
    osk_json_set_whole(audit, "checked", pass.checked);
    if (pass.is_broken) {
        osk_json_set_whole(audit, "broken_at", pass.wrong);
    } else {
        osk_json_set_text(audit, "broken_at", NULL);
    }
    osk_desk_done(call, audit);
}

/* ---- the endpoints ---- */

const OskDeskEndpoint osk_desk_queue_endpoints[] = {
    { "/api/queue", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_queue },
    { "/api/audit", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_audit },
};
const size_t osk_desk_queue_count =
    sizeof(osk_desk_queue_endpoints) / sizeof(osk_desk_queue_endpoints[0]);
