/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is public, or waits for it: the list, and what becomes of one of it. */
#include "desk/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "desk/hex.h"
#include "desk/public_list.h"
#include "desk/public_texts.h"
#include "desk/publication_json.h"

#define BODY_MAX ((size_t)32 * 1024)
/* Made of one submission: told at once. */
#define MADE_MAX 500u

/* ---- GET /api/publications?state=&album=&publication=&after= ---- */

typedef struct Listing {
    OskPublicQuery query;
    bool has_one; /* that one alone */
    OskId one;
    OskPublicPage page;
} Listing;

/* "DAY.ID", the number of the day; false for what is none. */
static bool read_after(const char *text, OskPublicPlace *out)
{
    int day = 0;
    int len = 0;
    if (sscanf(text, "%7d.%n", &day, &len) != 1 || len == 0) {
        return false;
    }
    out->day = day;
    return osk_hex_read(text + len, &out->id, sizeof(out->id));
}

static bool read_state(const char *text, uint32_t *out)
{
    for (uint32_t i = 1; i < OSK_PUBLICATION_STATES; i++) {
        if (strcmp(osk_publication_states[i], text) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* False for a request that asks for what is none. */
static bool read_asked(OskDeskCall *call, Listing *out)
{
    const char *state = osk_request_query(call->request, "state");
    const char *album = osk_request_query(call->request, "album");
    const char *after = osk_request_query(call->request, "after");
    const char *one = osk_request_query(call->request, "publication");
    *out = (Listing){ .query = { .has_album = album != NULL, .has_after = after != NULL },
                      .has_one = one != NULL };
    return (state == NULL || read_state(state, &out->query.state)) &&
           (album == NULL || osk_hex_read(album, &out->query.album, sizeof(out->query.album))) &&
           (one == NULL || osk_hex_read(one, &out->one, sizeof(out->one))) &&
           (after == NULL || read_after(after, &out->query.after));
}

/* One that was asked for alone is told as it is, where that is what was asked for. */
static bool is_asked_for(const Listing *listing, const OskPublicationItem *item)
{
    const OskPublicQuery *query = &listing->query;
    return (query->state == 0 || query->state == (uint32_t)item->state) &&
           (!query->has_album ||
            memcmp(&item->what.album, &query->album, sizeof(query->album)) == 0);
}

static OskStatus add_items(const OskDeskCall *call, const Listing *listing, OskJson *list,
                           OskFault *fault)
{
    const OskPublicPage *page = &listing->page;
    size_t count = listing->has_one ? 1 : page->count;
    OskPublicationItem *item = malloc(sizeof(*item));
    OskStatus status = item == NULL ? OSK_NO_MEMORY : OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < count; i++) {
        const OskId *id = listing->has_one ? &listing->one : &page->places[i].id;
        if (!osk_publication_load(call->desk->store, id, item, fault)) {
            status = fault->status;
        } else if (!listing->has_one || is_asked_for(listing, item)) {
            OskJson *json = osk_json_object(NULL);
            osk_desk_set_publication(call, json, item);
            osk_json_add(list, json);
        }
    }
    free(item);
    return status == OSK_OK ? OSK_OK : osk_fault_set(fault, status, "", "not read", OSK_NO_OFFSET);
}

static OskJson *counts_json(const Listing *listing)
{
    OskJson *json = osk_json_object(NULL);
    for (uint32_t i = 1; i < OSK_PUBLICATION_STATES; i++) {
        osk_json_set_whole(json, osk_publication_states[i], listing->page.states[i]);
    }
    return json;
}

static void set_next(OskJson *json, const Listing *listing)
{
    char text[16 + OSK_HEX_BYTES(OSK_ID_BYTES)];
    char id[OSK_HEX_BYTES(OSK_ID_BYTES)];
    const OskPublicPage *page = &listing->page;
    bool goes_on = page->goes_on && !listing->has_one;
    if (goes_on) {
        const OskPublicPlace *last = &page->places[page->count - 1];
        osk_hex_write(&last->id, sizeof(last->id), id);
        snprintf(text, sizeof(text), "%d.%s", (int)last->day, id);
    }
    osk_json_set_text(json, "next", goes_on ? text : NULL);
}

static void answer_list(OskDeskCall *call, Listing *listing)
{
    OskFault fault = { 0 };
    OskJson *list = osk_json_list();
    OskStatus status =
        osk_public_list_page(call->desk->public_list, &listing->query, &listing->page, &fault);
    if (status == OSK_OK) {
        status = add_items(call, listing, list, &fault);
    }
    if (status != OSK_OK) {
        osk_json_free(&list);
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    OskJson *json = osk_json_object("oilskin/publications/1");
    osk_json_set(json, "publications", list);
    osk_json_set(json, "counts", counts_json(listing));
    set_next(json, listing);
    osk_desk_done(call, json);
}

/* ---- GET /api/publications?submission= ---- */

typedef struct Made {
    const OskDeskCall *call;
    OskJson *list;
    OskStatus status;
    OskFault *fault;
} Made;

static bool add_made(void *context, const OskRecordRow *row)
{
    Made *made = context;
    OskPublicationItem item;
    if (osk_publication_load(made->call->desk->store, &row->key.id, &item, made->fault)) {
        OskJson *json = osk_json_object(NULL);
        osk_desk_set_publication(made->call, json, &item);
        osk_desk_set_sealed(json, "provenance", &row->bytes);
        osk_json_add(made->list, json);
    }
    made->status = made->fault->status;
    return made->status == OSK_OK;
}

static void answer_made(OskDeskCall *call, const char *submission)
{
    OskFault fault = { 0 };
    OskId id;
    if (!osk_hex_read(submission, &id, sizeof(id))) {
        osk_desk_refuse(call, 400, "A submission is named by its id", NULL);
        return;
    }
    Made made = { .call = call, .list = osk_json_list(), .fault = &fault };
    const OskRecordQuery query = { .space = OSK_SPACE_PUBLISHED, .owner = &id, .limit = MADE_MAX };
    OskStatus status = osk_store_records(call->desk->store, &query, add_made, &made, &fault);
    if (status != OSK_OK || made.status != OSK_OK) {
        osk_json_free(&made.list);
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    OskJson *json = osk_json_object("oilskin/made/1");
    osk_json_set(json, "publications", made.list);
    osk_desk_done(call, json);
}

/* ---- GET /api/publications/source?publication= ---- */

/* What a copy was made of, while that is there: to cover one more face, who publishes begins there
 * again. Whoever may ask finds the same by asking for what was made of each submission. */
static void run_source(OskDeskCall *call)
{
    OskFault fault = { .status = OSK_OK };
    OskRecordKey key = { .space = OSK_SPACE_PUBLISHED };
    OskRecordRow row;
    OskStore *store = call->desk->store;
    const char *of = osk_request_query(call->request, "publication");
    if (of == NULL || !osk_hex_read(of, &key.id, sizeof(key.id))) {
        osk_desk_refuse(call, 400, "A copy is named by its id", NULL);
        return;
    }
    bool is_there = osk_public_list_submission(call->desk->public_list, &key.id, &key.owner,
                                               &fault) == OSK_OK &&
                    osk_store_record(store, &key, &row, &fault);
    if (is_there) {
        osk_record_row_free(&row);
    } else if (fault.status != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    OskJson *json = osk_json_object("oilskin/source/1");
    if (is_there) {
        osk_desk_set_id(json, "submission", &key.owner);
    } else {
        osk_json_set_text(json, "submission", NULL);
    }
    osk_desk_done(call, json);
}

static void run_list(OskDeskCall *call)
{
    Listing listing;
    const char *submission = osk_request_query(call->request, "submission");
    if (submission != NULL) {
        answer_made(call, submission);
        return;
    }
    if (!read_asked(call, &listing)) {
        osk_desk_refuse(call, 400,
                        "Publications are asked for by their state or their album, and "
                        "behind one that is",
                        NULL);
        return;
    }
    answer_list(call, &listing);
}

/* ---- POST /api/publications/change, POST /api/publications/approve ---- */

static const struct {
    const char *name;
    const char *did; /* in the audit chain */
    OskPublicationStep step;
    OskRole role;
} steps[] = {
    { "hide", "publish-hide", OSK_STEP_HIDE, OSK_ROLE_REVIEWER },
    { "show", "publish-show", OSK_STEP_SHOW, OSK_ROLE_PUBLISHER },
    { "withdraw", "publish-withdraw", OSK_STEP_WITHDRAW, OSK_ROLE_PUBLISHER },
};
#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* What is changed, in words of the audit chain; NULL for nothing. */
static OskJson *changes_of(const OskDeskCall *call)
{
    static const char *const keys[] = { "caption", "alt", "warning", "album", NULL };
    OskJson *list = osk_json_list();
    for (size_t i = 0; keys[i] != NULL; i++) {
        if (osk_json_get(call->base.json, keys[i]) != NULL) {
            osk_json_add_text(list, keys[i]);
        }
    }
    if (osk_json_count(list) == 0) {
        osk_json_free(&list);
        return NULL;
    }
    OskJson *about = osk_json_object(NULL);
    osk_json_set(about, "changed", list);
    return about;
}

/* Stores it, and answers with it as it is now. */
static void finish(OskDeskCall *call, OskPublicationItem *item, const OskPublicationDeed *deed)
{
    OskFault fault = { 0 };
    const OskPublisher by = osk_desk_publisher(call);
    bool forgets = deed->about != NULL;
    if (osk_publication_store(&by, item, deed, &fault) != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    if (item->state == OSK_PUBLICATION_WITHDRAWN || forgets) {
        /* Words that went are nowhere any more. */
        osk_store_forget(call->desk->store);
    }
    item->version++;
    OskJson *json = osk_json_object("oilskin/publication/1");
    osk_desk_set_publication(call, json, item);
    osk_desk_done(call, json);
}

/* False when it was refused. */
static bool take_step(OskDeskCall *call, OskPublicationItem *item, OskPublicationStep step)
{
    const OskPublisher by = osk_desk_publisher(call);
    const char *why_not = osk_publication_step(item, step, &by);
    if (why_not != NULL) {
        osk_desk_refuse(call, 409, why_not, "Look at it again, then decide anew");
    }
    return why_not == NULL;
}

/* Other words and another album. False when that was refused. */
static bool read_change(OskDeskCall *call, OskPublicationItem *item)
{
    const OskPublicText texts[] = {
        { "caption", item->what.caption, OSK_CAPTION_MAX, false },
        { "alt", item->what.alt, OSK_ALT_MAX, false },
        { "warning", item->what.warning, OSK_WARNING_MAX, true },
    };
    return osk_desk_read_public_texts(call, texts, sizeof(texts) / sizeof(texts[0])) &&
           osk_desk_read_album(call, &item->what.album) && take_step(call, item, OSK_STEP_CHANGE);
}

static bool find_step(const char *name, size_t *out)
{
    for (size_t i = 0; name != NULL && i < STEPS; i++) {
        if (strcmp(steps[i].name, name) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* @param about given; NULL where neither words nor the album change. @param step STEPS for none. */
static void apply(OskDeskCall *call, OskJson *about, size_t step)
{
    OskPublicationItem item;
    OskPublicationDeed deed = { .did = step < STEPS ? steps[step].did : "publish-change",
                                .about = about };
    bool says_version = about != NULL || osk_json_get(call->base.json, "version") != NULL;
    if (osk_desk_read_publication(call, &item) &&
        (!says_version || osk_desk_is_as_seen(call, item.version)) &&
        (about == NULL || read_change(call, &item)) &&
        (step == STEPS || take_step(call, &item, steps[step].step))) {
        finish(call, &item, &deed);
    } else {
        osk_json_free(&about);
    }
}

static void run_change(OskDeskCall *call)
{
    size_t step = STEPS;
    OskJson *about = changes_of(call);
    bool has_state = osk_json_get(call->base.json, "state") != NULL;
    if (has_state ? !find_step(osk_desk_text(call, "state"), &step) : about == NULL) {
        osk_desk_refuse(call, 400, "Say what becomes of it",
                        "Other words, another album, or the state hide, show or withdraw");
    } else if (call->reviewer.role < OSK_ROLE_PUBLISHER &&
               (about != NULL || steps[step].role > OSK_ROLE_REVIEWER)) {
        osk_desk_refuse(call, 403, "Your role does not allow this", "Ask a publisher to do it");
    } else {
        apply(call, about, step);
        return;
    }
    osk_json_free(&about);
}

/* What it was made of, which goes with its submission: nobody makes public what its sender has
 * taken back before. The row is stored again with the approval, so that one of both comes first.
 * False when that was refused. */
static bool read_source(OskDeskCall *call, const OskId *publication, OskRecordRow *out)
{
    OskFault fault = { .status = OSK_OK };
    OskStore *store = call->desk->store;
    OskRecordKey key = { .space = OSK_SPACE_PUBLISHED, .id = *publication };
    OskStatus status =
        osk_public_list_submission(call->desk->public_list, publication, &key.owner, &fault);
    bool is_there = status == OSK_OK && osk_store_record(store, &key, out, &fault);
    if (fault.status != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
    } else if (!is_there) {
        osk_desk_refuse(call, 409, "What it was made of was taken back, or its time is over",
                        "Withdraw the copy");
    }
    return is_there && fault.status == OSK_OK;
}

static void run_approve(OskDeskCall *call)
{
    OskPublicationItem item;
    OskRecordRow source = { .version = 0 };
    OskPublicationDeed deed = { .did = "publish-approve" };
    if (!osk_desk_read_publication(call, &item) || !osk_desk_is_as_seen(call, item.version) ||
        (!item.what.was_public && !read_source(call, &item.id, &source))) {
        return;
    }
    deed.beside = source.version > 0 ? &source : NULL;
    if (take_step(call, &item, OSK_STEP_APPROVE)) {
        finish(call, &item, &deed);
    }
    osk_record_row_free(&source);
}

/* ---- the endpoints ---- */

static const char *const change_keys[] = { "publication", "version",       "caption",
                                           "alt",         "warning",       "album",
                                           "state",       "words_checked", NULL };
static const char *const seen_keys[] = { "publication", "version", NULL };

const OskDeskEndpoint osk_desk_publications_endpoints[] = {
    { "/api/publications", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_list },
    { "/api/publications/source", "GET", NULL, 0, OSK_ROLE_PUBLISHER, run_source },
    { "/api/publications/change", "POST", change_keys, BODY_MAX, OSK_ROLE_REVIEWER, run_change },
    { "/api/publications/approve", "POST", seen_keys, BODY_MAX, OSK_ROLE_PUBLISHER, run_approve },
};
const size_t osk_desk_publications_count =
    sizeof(osk_desk_publications_endpoints) / sizeof(osk_desk_publications_endpoints[0]);
