/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who came or left: what lies there is wrapped anew, page by page, by an admin who has a key. */
#include "desk/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/base64.h"
#include "desk/hex.h"
#include "desk/readers.h"
#include "desk/wraps.h"

#define BODY_MAX ((size_t)384 * 1024)

typedef struct Page {
    OskDesk *desk;
    OskRecipient keys[OSK_SEAL_RECIPIENTS_MAX];
    size_t key_count;
    OskJson *items;
    char last[OSK_WRAP_NAME_BYTES]; /* of them */
    OskWrapPlace place;
    size_t looked;
    bool is_skipping; /* as far as place.item */
    bool is_full;
    bool failed;
} Page;

/* ---- GET /api/wraps ---- */

static void list_item(Page *page, const OskWrapName *name, const OskWrapped *wrapped)
{
    const OskBytes header = { .bytes = wrapped->bytes.bytes, .len = wrapped->header.len };
    OskJson *item = osk_json_object(NULL);
    osk_wrap_name_text(name, page->last);
    osk_json_set_text(item, "item", page->last);
    osk_desk_set_sealed(item, "header", &header);
    if (wrapped->is_reply) {
        char receipt[OSK_RECIPIENT_TEXT_BYTES];
        osk_recipient_text(&wrapped->receipt, receipt);
        osk_json_set_text(item, "also", receipt);
    }
    osk_json_add(page->items, item);
}

/* What is gone meanwhile, or no age file, needs nothing. */
static bool look_at(void *context, const OskWrapName *name)
{
    Page *page = context;
    OskWrapped wrapped;
    OskFault fault = { 0 };
    char text[OSK_WRAP_NAME_BYTES];
    if (page->is_skipping) {
        osk_wrap_name_text(name, text);
        page->is_skipping = strcmp(text, page->place.item) != 0;
        return true;
    }
    OskStatus status = osk_wrapped_open(page->desk->store, name, &wrapped, &fault);
    if (status != OSK_OK) {
        page->failed = page->failed || status != OSK_FOUND;
        return !page->failed;
    }
    if (!osk_wrapped_fits(&wrapped, &wrapped.header, page->keys, page->key_count)) {
        list_item(page, name, &wrapped);
        page->is_full = osk_json_count(page->items) >= OSK_WRAPS_MAX;
    } else if (wrapped.has_old) {
        /* The server ended between the new header and the end of the old one. */
        (void)osk_blob_wipe_head(page->desk->store, &name->id, wrapped.old_len, &fault);
    }
    osk_wrapped_free(&wrapped);
    return !page->is_full;
}

/* A page that ends within a submission goes on behind its last item, so that what nobody opens
 * keeps nothing else waiting; where that one is gone, with all of the submission. */
static bool look_through(void *context, const OskSubmissionRow *row)
{
    Page *page = context;
    OskFault fault = { 0 };
    page->is_skipping = page->place.item[0] != 0;
    OskStatus status = osk_wraps_each(page->desk->store, &row->id, look_at, page, &fault);
    if (status == OSK_OK && page->is_skipping) {
        page->is_skipping = false;
        status = osk_wraps_each(page->desk->store, &row->id, look_at, page, &fault);
    }
    page->failed = page->failed || status != OSK_OK;
    if (page->failed || page->is_full) {
        snprintf(page->place.item, sizeof(page->place.item), "%s", page->last);
        return false;
    }
    page->place =
        (OskWrapPlace){ .after = row->id, .day = row->day, .passed = page->place.passed + 1 };
    return ++page->looked < OSK_WRAPS_SUBMISSIONS;
}

static void run_list(OskDeskCall *call)
{
    OskFault fault = { 0 };
    OskStoreCounts counts = { 0 };
    Page page = { .desk = call->desk };
    char next[OSK_WRAP_PLACE_BYTES];
    const char *after = osk_request_query(call->request, "after");
    if (after != NULL && !osk_wrap_place_read(after, &page.place)) {
        osk_desk_refuse(call, 400, "A page begins where another one said that it goes on", NULL);
        return;
    }
    const OskSubmissionQuery query = { .first = INT32_MIN,
                                       .last = INT32_MAX,
                                       .state = -1,
                                       .after = page.place.after,
                                       .after_day = page.place.day,
                                       .limit = OSK_WRAPS_SUBMISSIONS };
    page.key_count = osk_desk_recipients(call->desk, page.keys);
    page.items = osk_json_list();
    OskStatus status = osk_store_counts(call->desk->store, &counts, &fault);
    if (status == OSK_OK) {
        status = osk_store_submissions(call->desk->store, &query, look_through, &page, &fault);
    }
    if (status != OSK_OK || page.failed) {
        osk_json_free(&page.items);
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    bool goes_on = page.is_full || page.looked == OSK_WRAPS_SUBMISSIONS;
    uint64_t left =
        counts.submissions -
        (page.place.passed < counts.submissions ? page.place.passed : counts.submissions);
    OskJson *json = osk_json_object("oilskin/wraps/1");
    osk_json_set_whole(json, "total", counts.submissions);
    osk_json_set_whole(json, "left", goes_on ? left : 0);
    osk_json_set(json, "items", page.items);
    if (goes_on) {
        osk_wrap_place_text(&page.place, next);
        osk_json_set_text(json, "next", next);
    } else {
        osk_json_set_text(json, "next", NULL);
    }
    osk_desk_done(call, json);
}

/* ---- POST /api/wraps ---- */

typedef struct Wrap {
    OskWrapName name;
    OskWrapped old;
    OskBytes now; /* the new header; of a row all that it holds then */
    OskRecordRow row;
    OskSealedRow sealed;
} Wrap;

typedef struct Batch {
    Wrap wraps[OSK_WRAPS_MAX];
    OskChange changes[OSK_WRAPS_MAX];
    size_t count;
} Batch;

static void free_batch(Batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        osk_wrapped_free(&batch->wraps[i].old);
        osk_bytes_clear(&batch->wraps[i].now);
    }
    free(batch);
}

/* The new header in front of what stands behind the old one. */
static bool splice(Wrap *wrap)
{
    size_t rest = wrap->old.bytes.len - wrap->old.header.len;
    uint8_t *bytes = malloc(wrap->now.len + rest + 1);
    if (bytes == NULL) {
        return false;
    }
    memcpy(bytes, wrap->now.bytes, wrap->now.len);
    memcpy(bytes + wrap->now.len, wrap->old.bytes.bytes + wrap->old.header.len, rest);
    size_t len = wrap->now.len + rest;
    osk_bytes_clear(&wrap->now);
    wrap->now = (OskBytes){ .bytes = bytes, .len = len };
    return len <= OSK_SMALL_BLOB_BYTES;
}

static OskChange change_of(Wrap *wrap)
{
    const OskWrapName *name = &wrap->name;
    if (name->kind == OSK_WRAP_MANIFEST || name->kind == OSK_WRAP_MESSAGE) {
        wrap->sealed = (OskSealedRow){ .submission = name->owner,
                                       .is_message = name->kind == OSK_WRAP_MESSAGE,
                                       .number = name->number,
                                       .was = wrap->old.bytes,
                                       .now = wrap->now };
        return (OskChange){ .kind = OSK_ROW_SEALED_SET, .row.sealed = &wrap->sealed };
    }
    bool is_blob = name->kind == OSK_WRAP_BLOB;
    wrap->row =
        (OskRecordRow){ .key = { .space = is_blob ? OSK_SPACE_HEADER : (OskSpace)name->number,
                                 .owner = name->owner,
                                 .id = name->id },
                        .day = osk_desk_today(),
                        .flags = is_blob ? wrap->old.old_len : 0,
                        .bytes = wrap->now };
    return (OskChange){ .kind = OSK_ROW_RECORD_SET,
                        .row.record = &wrap->row,
                        .expected = wrap->old.version };
}

/* NULL, or what is wrong with it. What is gone meanwhile, or was wrapped, is left out. */
static const char *read_wrap(OskDesk *desk, const OskJson *value, Batch *batch)
{
    OskRecipient keys[OSK_SEAL_RECIPIENTS_MAX];
    size_t count = osk_desk_recipients(desk, keys);
    OskSealHeader header;
    OskFault fault = { 0 };
    Wrap *wrap = &batch->wraps[batch->count];
    const char *text = osk_json_text(osk_json_get(value, "header"));
    *wrap = (Wrap){ .now = { .len = 0 } };
    if (!osk_wrap_name_read(osk_json_text(osk_json_get(value, "item")), &wrap->name)) {
        return "An item is named as GET /api/wraps names it";
    }
    if (osk_wrapped_open(desk->store, &wrap->name, &wrap->old, &fault) != OSK_OK) {
        return NULL;
    }
    batch->count++;
    if (text == NULL || !osk_base64_bytes(text, &wrap->now) ||
        osk_seal_header_read(wrap->now.bytes, wrap->now.len, &header, &fault) != OSK_OK ||
        header.len != wrap->now.len || !osk_wrapped_fits(&wrap->old, &header, keys, count)) {
        return "A header must be one of an age file, for exactly the desk's recipients";
    }
    if (osk_wrapped_fits(&wrap->old, &wrap->old.header, keys, count)) {
        batch->count--;
        osk_wrapped_free(&wrap->old);
        osk_bytes_clear(&wrap->now);
        return NULL;
    }
    if (wrap->name.kind != OSK_WRAP_BLOB && !splice(wrap)) {
        /* Whoever wrote it left no room: it alone stays as it is. */
        batch->count--;
        osk_wrapped_free(&wrap->old);
        osk_bytes_clear(&wrap->now);
        return NULL;
    }
    batch->changes[batch->count - 1] = change_of(wrap);
    return NULL;
}

/* From here on who is not on the list opens none of them: not on this disk. */
static size_t wipe_old(OskDesk *desk, const Batch *batch)
{
    size_t kept = 0;
    for (size_t i = 0; i < batch->count; i++) {
        const Wrap *wrap = &batch->wraps[i];
        OskFault fault = { 0 };
        if (wrap->name.kind == OSK_WRAP_BLOB &&
            osk_blob_wipe_head(desk->store, &wrap->name.id, wrap->old.old_len, &fault) != OSK_OK) {
            kept++;
        }
    }
    return kept;
}

static OskStatus store_batch(OskDeskCall *call, const Batch *batch, OskFault *fault)
{
    OskJson *about = osk_json_object(NULL);
    osk_json_set_whole(about, "count", batch->count);
    const OskDeed deed = { .who = &call->session.reviewer, .did = "wrap", .about = about };
    return osk_audit_commit(call->desk->audit, &deed, batch->changes, batch->count, fault);
}

static void finish(OskDeskCall *call, const Batch *batch)
{
    OskFault fault = { 0 };
    if (batch->count > 0 && store_batch(call, batch, &fault) != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    OskJson *json = osk_json_object("oilskin/wrapped/1");
    osk_json_set_whole(json, "done", batch->count);
    osk_json_set_whole(json, "kept", wipe_old(call->desk, batch));
    osk_store_forget(call->desk->store); /* what rows held, out of the database's log, too */
    osk_desk_done(call, json);
}

static void run_wrap(OskDeskCall *call)
{
    const OskJson *list = osk_json_get(call->base.json, "wraps");
    size_t count = osk_json_count(list);
    const char *wrong = NULL;
    if (count == 0 || count > OSK_WRAPS_MAX) {
        osk_desk_refuse(call, 400, "Give 1 to 32 headers", NULL);
        return;
    }
    Batch *batch = calloc(1, sizeof(*batch));
    if (batch == NULL) {
        osk_desk_refuse(call, 503, "The server has no memory left", "Try again in a minute");
        return;
    }
    for (size_t i = 0; i < count && wrong == NULL; i++) {
        wrong = read_wrap(call->desk, osk_json_at(list, i), batch);
    }
    if (wrong != NULL) {
        osk_desk_refuse(call, 400, wrong,
                        "The recipients may have changed: ask for the list again");
    } else {
        finish(call, batch);
    }
    free_batch(batch);
}

/* ---- the endpoints ---- */

static const char *const wraps_keys[] = { "wraps", NULL };

const OskDeskEndpoint osk_desk_wraps_endpoints[] = {
    { "/api/wraps", "GET", NULL, 0, OSK_ROLE_ADMIN, run_list },
    { "/api/wraps", "POST", wraps_keys, BODY_MAX, OSK_ROLE_ADMIN, run_wrap },
};
const size_t osk_desk_wraps_count =
    sizeof(osk_desk_wraps_endpoints) / sizeof(osk_desk_wraps_endpoints[0]);
