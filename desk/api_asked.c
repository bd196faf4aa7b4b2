/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the public asks of us: to cover a face, to remove a picture, or what somebody reports. All
 * that is asked about one thing is told, and answered, together. Their words are sealed to the
 * desk.
 */
#include "desk/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "desk/hex.h"
#include "desk/publication_json.h"

#define BODY_MAX ((size_t)16 * 1024)
/* Of one thing: told, and answered, at once. */
#define SOME_MAX 200u
#define ROUNDS 1024u

/* ---- GET /api/asked?after= ---- */

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

/* What has become of what it is about; NULL for what is gone, and with the fault set.
 * @param out_version of its row; 0 for none, and for a link's, which every view changes. */
static const char *state_name(OskStore *store, const OskAskedGroup *group, uint64_t *out_version,
                              OskFault *fault)
{
    const OskRecordKey key = { .space = group->space, .id = group->place.target };
    OskRecordRow row;
    if (group->space == OSK_SPACE_SHARE) {
        OskShareFound share;
        return osk_share_find(store, &group->place.target, &share, fault)
                   ? osk_desk_share_state(osk_share_state(&share, osk_desk_today()))
                   : NULL;
    }
    if (!osk_store_record(store, &key, &row, fault)) {
        return NULL;
    }
    uint32_t flags = row.flags;
    *out_version = row.version;
    osk_record_row_free(&row);
    if (group->space == OSK_SPACE_ALBUM) {
        return flags == OSK_ALBUM_OPEN ? "open" : "hidden";
    }
    return flags < OSK_PUBLICATION_STATES ? osk_publication_states[flags] : NULL;
}

static OskJson *asked_json(const OskRecordRow *row, const OskAskedRow *asked)
{
    OskJson *json = osk_json_object(NULL);
    osk_desk_set_id(json, "asked", &row->key.id);
    osk_json_set_text(json, "kind", kind_name(row->flags));
    osk_json_set_flag(json, "by_link", (row->flags & OSK_ASKED_BY_LINK) != 0);
    osk_desk_set_day(json, "day", asked->day);
    osk_json_set_whole(json, "counted", osk_asked_more(row->flags));
    if (asked->sealed.len > 0) {
        osk_desk_set_sealed(json, "sealed", &asked->sealed);
    } else {
        osk_json_set_text(json, "sealed", NULL);
    }
    return json;
}

/* Of those that are still there, and open, when they are read. False with the fault set.
 * @param count_all so many are told of, with those that were counted. */
static bool add_ones(OskStore *store, const OskAskedOne *ones, size_t count, OskJson *list,
                     uint64_t *count_all, OskFault *fault)
{
    for (size_t i = 0; i < count && i < SOME_MAX; i++) {
        const OskRecordKey key = { .space = OSK_SPACE_ASKED, .id = ones[i].id };
        OskAskedRow asked;
        OskRecordRow row;
        if (osk_store_record(store, &key, &row, fault)) {
            bool is_open = (row.flags & OSK_ASKED_ANSWERED) == 0;
            if (is_open && osk_asked_read(&asked, &row.bytes)) {
                osk_json_add(list, asked_json(&row, &asked));
                *count_all += 1 + osk_asked_more(row.flags);
            }
            osk_record_row_free(&row);
        } else if (fault->status != OSK_OK) {
            return false;
        }
    }
    return true;
}

static bool add_group(OskStore *store, const OskAskedPage *page, const OskAskedGroup *group,
                      OskJson *list, OskFault *fault)
{
    const OskAskedOne *ones = &page->ones[group->first];
    OskJson *asked = osk_json_list();
    OskJson *json = osk_json_object(NULL);
    uint64_t all = group->count > SOME_MAX ? group->count - SOME_MAX : 0;
    uint64_t version = 0;
    osk_json_set_text(json, "space", space_name(group->space));
    osk_desk_set_id(json, "target", &group->place.target);
    osk_json_set_text(json, "state", state_name(store, group, &version, fault));
    osk_json_set_whole(json, "version", version);
    bool is_read =
        fault->status == OSK_OK && add_ones(store, ones, group->count, asked, &all, fault);
    osk_json_set_whole(json, "count", all);
    osk_json_set(json, "asked", asked);
    if (all > 0) {
        osk_json_add(list, json);
    } else {
        /* All of it was answered on the way here. */
        osk_json_free(&json);
    }
    return is_read;
}

/* "DAY.TARGET", the number of the day; false for what is none. */
static bool read_after(const char *text, OskAskedPlace *out)
{
    int day = 0;
    int len = 0;
    if (sscanf(text, "%7d.%n", &day, &len) != 1 || len == 0) {
        return false;
    }
    out->day = day;
    return osk_hex_read(text + len, &out->target, sizeof(out->target));
}

static void set_next(OskJson *json, const OskAskedPage *page)
{
    char text[16 + OSK_HEX_BYTES(OSK_ID_BYTES)];
    char id[OSK_HEX_BYTES(OSK_ID_BYTES)];
    if (page->goes_on) {
        const OskAskedPlace *last = &page->groups[page->first + page->count - 1].place;
        osk_hex_write(&last->target, sizeof(last->target), id);
        snprintf(text, sizeof(text), "%d.%s", (int)last->day, id);
    }
    osk_json_set_text(json, "next", page->goes_on ? text : NULL);
}

static void run_list(OskDeskCall *call)
{
    OskFault fault = { 0 };
    OskAskedPage page;
    OskAskedPlace place;
    const char *after = osk_request_query(call->request, "after");
    if (after != NULL && !read_after(after, &place)) {
        osk_desk_refuse(call, 400, "Requests are asked for behind one that is", NULL);
        return;
    }
    OskJson *list = osk_json_list();
    OskStatus status =
        osk_asked_groups_page(call->desk->asked, after == NULL ? NULL : &place, &page, &fault);
    for (size_t i = 0; status == OSK_OK && i < page.count; i++) {
        bool is_read =
            add_group(call->desk->store, &page, &page.groups[page.first + i], list, &fault);
        status = is_read ? OSK_OK : fault.status;
    }
    if (status == OSK_OK) {
        OskJson *json = osk_json_object("oilskin/asked/2");
        osk_json_set(json, "groups", list);
        set_next(json, &page);
        osk_desk_done(call, json);
    } else {
        osk_json_free(&list);
        osk_desk_refuse_fault(call, &fault);
    }
    osk_asked_page_end(&page);
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

/* What is answered at once: of what is asked about one thing as much as was seen. */
typedef struct Answering {
    const char *did;
    bool reopens;
    OskId ids[SOME_MAX];
    uint32_t counted[SOME_MAX]; /* behind each of them, when it was seen */
    size_t count;
    OskId target; /* of those that are there */
    OskSpace space;
    bool has_target;
    OskRecordRow rows[SOME_MAX]; /* of those that this changes */
    size_t row_count;
    OskRecordRow since[SOME_MAX]; /* what was counted behind them since, which stays open */
    size_t since_count;
} Answering;

static void free_rows(Answering *answering)
{
    for (size_t i = 0; i < answering->row_count; i++) {
        osk_record_row_free(&answering->rows[i]);
    }
    for (size_t i = 0; i < answering->since_count; i++) {
        osk_record_row_free(&answering->since[i]);
    }
    answering->row_count = 0;
    answering->since_count = 0;
}

/* Those who were counted behind a request after somebody looked at it have a row of their own from
 * here on, which nobody has answered: it has no words, and its day is today's, since nobody knows
 * theirs. Beyond OSK_ASKED_MORE_MAX nobody is counted, so that none of them is left here either.
 */
static OskStatus leave_open(const OskDeskCall *call, Answering *answering, OskRecordRow *row,
                            uint32_t counted, OskFault *fault)
{
    const OskAskedRow asked = { .space = answering->space,
                                .target = answering->target,
                                .day = osk_desk_today() };
    const OskRandom *random = &call->desk->random;
    OskRecordRow *since = &answering->since[answering->since_count];
    uint32_t left = osk_asked_more(row->flags) - counted;
    *since = (OskRecordRow){ .key = { .space = OSK_SPACE_ASKED },
                             .day = asked.day,
                             .flags = osk_asked_with(row->flags & OSK_ASKED_SORTS, left - 1) };
    row->flags = osk_asked_with(row->flags, counted);
    if (!random->fill(random->context, &since->key.id, sizeof(since->key.id))) {
        return osk_fault_set(fault, OSK_IO, "", "the kernel has no randomness", OSK_NO_OFFSET);
    }
    OskStatus status = osk_asked_write(&asked, &since->bytes);
    if (status != OSK_OK) {
        return osk_fault_set(fault, status, "", "this can't be kept", OSK_NO_OFFSET);
    }
    answering->since_count++;
    return OSK_OK;
}

/* Takes one in, unless it is said already. UNSUPPORTED for one about something else.
 * Ownership: passes. */
static OskStatus take_row(const OskDeskCall *call, Answering *answering, OskRecordRow *row,
                          uint32_t counted, OskFault *fault)
{
    OskAskedRow asked;
    bool is_open = (row->flags & OSK_ASKED_ANSWERED) == 0;
    OskStatus status = OSK_OK;
    if (!osk_asked_read(&asked, &row->bytes)) {
        status = osk_fault_set(fault, OSK_MALFORMED, "", "a request can't be read", OSK_NO_OFFSET);
    } else if (answering->has_target &&
               memcmp(&asked.target, &answering->target, sizeof(asked.target)) != 0) {
        status = OSK_UNSUPPORTED;
    } else {
        answering->has_target = true;
        answering->target = asked.target;
        answering->space = asked.space;
        if (is_open != answering->reopens) {
            OskRecordRow *taken = &answering->rows[answering->row_count++];
            *taken = *row;
            return is_open && osk_asked_more(row->flags) > counted
                       ? leave_open(call, answering, taken, counted, fault)
                       : OSK_OK;
        }
    }
    osk_record_row_free(row);
    return status;
}

static OskStatus read_rows(const OskDeskCall *call, Answering *answering, OskFault *fault)
{
    OskStatus status = OSK_OK;
    answering->has_target = false;
    for (size_t i = 0; status == OSK_OK && i < answering->count; i++) {
        const OskRecordKey key = { .space = OSK_SPACE_ASKED, .id = answering->ids[i] };
        OskRecordRow row;
        if (osk_store_record(call->desk->store, &key, &row, fault)) {
            status = take_row(call, answering, &row, answering->counted[i], fault);
        } else {
            status = fault->status;
        }
    }
    return status;
}

static OskJson *about_answering(const Answering *answering)
{
    char id[OSK_HEX_BYTES(OSK_ID_BYTES)];
    OskJson *about = osk_json_object(NULL);
    OskJson *list = osk_json_list();
    for (size_t i = 0; i < answering->row_count; i++) {
        osk_hex_write(&answering->rows[i].key.id, sizeof(OskId), id);
        osk_json_add_text(list, id);
    }
    osk_json_set(about, "asked", list);
    osk_json_set_text(about, "space", space_name(answering->space));
    osk_desk_set_id(about, "target", &answering->target);
    osk_json_set_text(about, "did", answering->did);
    return about;
}

/* What is answered is swept some time after that day: until then an answer can be taken back. */
static OskStatus answer_rows(OskDeskCall *call, Answering *answering, OskFault *fault)
{
    const OskDeed deed = { .who = &call->session.reviewer,
                           .did = "asked",
                           .about = about_answering(answering) };
    OskChange changes[2 * SOME_MAX];
    size_t count = answering->row_count;
    for (size_t i = 0; i < answering->row_count; i++) {
        OskRecordRow *row = &answering->rows[i];
        row->flags ^= OSK_ASKED_ANSWERED;
        row->day = osk_desk_today();
        changes[i] =
            (OskChange){ .kind = OSK_ROW_RECORD_SET, .row.record = row, .expected = row->version };
    }
    for (size_t i = 0; i < answering->since_count; i++) {
        changes[count++] =
            (OskChange){ .kind = OSK_ROW_RECORD_SET, .row.record = &answering->since[i] };
    }
    return osk_audit_commit(call->desk->audit, &deed, changes, count, fault);
}

/* All of them or none; again where somebody was counted behind one meanwhile. FOUND where nothing
 * of it is to be done any more, with a target where one of them is there. */
static OskStatus answer_all(OskDeskCall *call, Answering *answering, OskFault *fault)
{
    OskStatus status = OSK_FOUND;
    bool is_gone = false;
    osk_store_turn_begin(call->desk->store);
    for (unsigned i = 0; status == OSK_FOUND && !is_gone && i < ROUNDS; i++) {
        *fault = (OskFault){ .status = OSK_OK };
        status = read_rows(call, answering, fault);
        is_gone = status == OSK_OK && answering->row_count == 0;
        if (status == OSK_OK) {
            status = is_gone ? OSK_FOUND : answer_rows(call, answering, fault);
        }
        free_rows(answering);
    }
    osk_store_turn_end(call->desk->store);
    return status;
}

/* Says how many others who ask about the same wait for an answer: what one asked for is not shown
 * again by another one's answer. */
static void say_answered(OskDeskCall *call, const Answering *answering)
{
    OskFault fault = { 0 };
    uint64_t others = 0;
    const OskAskedSome these = { answering->ids, answering->count };
    if (osk_asked_groups_others(call->desk->asked, &answering->target, &these, &others, &fault) !=
        OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
    } else {
        OskJson *json = osk_json_object("oilskin/answered/1");
        osk_json_set_whole(json, "others", others);
        osk_desk_done(call, json);
    }
}

static bool read_seen(const OskDeskCall *call, Answering *out)
{
    static const char *const one_keys[] = { "asked", "counted", NULL };
    const OskJson *list = osk_json_get(call->base.json, "asked");
    size_t count = osk_json_count(list);
    if (count == 0 || count > SOME_MAX) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const OskJson *one = osk_json_at(list, i);
        const char *text = osk_json_text(osk_json_get(one, "asked"));
        uint64_t counted = 0;
        if (!osk_json_has_only(one, one_keys) || text == NULL ||
            !osk_hex_read(text, &out->ids[i], sizeof(out->ids[i])) ||
            !osk_json_whole(osk_json_get(one, "counted"), &counted) ||
            counted > OSK_ASKED_MORE_MAX) {
            return false;
        }
        out->counted[i] = (uint32_t)counted;
        for (size_t k = 0; k < i; k++) {
            if (memcmp(&out->ids[k], &out->ids[i], sizeof(out->ids[i])) == 0) {
                return false;
            }
        }
    }
    out->count = count;
    return true;
}

static void answer(OskDeskCall *call, Answering *answering)
{
    OskFault fault = { 0 };
    OskStatus status = answer_all(call, answering, &fault);
    if (status == OSK_OK) {
        say_answered(call, answering);
    } else if (status == OSK_UNSUPPORTED) {
        osk_desk_refuse(call, 400, "These requests are about different things",
                        "Answer what is asked about one thing at once");
    } else if (status == OSK_FOUND && !answering->has_target) {
        osk_desk_refuse(call, 404, "There is no such request", "Load the list again");
    } else {
        fault.status = status;
        osk_desk_refuse_fault(call, &fault);
    }
}

static void run_answer(OskDeskCall *call)
{
    Answering *answering = calloc(1, sizeof(*answering));
    if (answering == NULL) {
        osk_desk_refuse_fault(call, &(OskFault){ .status = OSK_NO_MEMORY });
        return;
    }
    answering->did = find_deed(osk_desk_text(call, "did"));
    answering->reopens = answering->did == deeds[DEEDS - 1];
    if (answering->did == NULL) {
        osk_desk_refuse(call, 400, "Say what was done about it",
                        "hidden, withdrawn, covered, ended, nothing; or reopen");
    } else if (!read_seen(call, answering)) {
        osk_desk_refuse(call, 400, "Say which requests, each once",
                        "A list of at most 200, each as it was told: {asked, counted}");
    } else {
        answer(call, answering);
    }
    free(answering);
}

/* ---- the endpoints ---- */

static const char *const answer_keys[] = { "asked", "did", NULL };

const OskDeskEndpoint osk_desk_asked_endpoints[] = {
    { "/api/asked", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_list },
    { "/api/asked/answer", "POST", answer_keys, BODY_MAX, OSK_ROLE_REVIEWER, run_answer },
};
const size_t osk_desk_asked_count =
    sizeof(osk_desk_asked_endpoints) / sizeof(osk_desk_asked_endpoints[0]);
