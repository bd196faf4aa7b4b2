/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who works here: the list, for everybody; changing it, for admins. */
#include "desk/call.h"

#include <string.h>

#include "desk/hex.h"
#include "desk/readers.h"

#define BODY_MAX ((size_t)1024)

/* ---- the list ---- */

static void list_reviewer(void *context, const OskReviewer *reviewer)
{
    char text[OSK_RECIPIENT_TEXT_BYTES];
    OskJson *json = osk_json_object(NULL);
    osk_desk_set_id(json, "id", &reviewer->id);
    osk_json_set_text(json, "name", reviewer->name);
    osk_json_set_text(json, "role", osk_role_name(reviewer->role));
    osk_recipient_text(&reviewer->recipient, text);
    osk_json_set_text(json, "recipient", text);
    osk_json_set_flag(json, "totp", reviewer->has_totp);
    osk_json_add(context, json);
}

static OskStatus list_links(OskDesk *desk, OskJson *list, OskFault *fault)
{
    OskLink links[OSK_LINKS_MAX];
    size_t count = 0;
    OskStatus status = osk_links_list(&desk->links, links, &count, fault);
    for (size_t i = 0; i < count; i++) {
        char day[OSK_DAY_TEXT_BYTES];
        OskJson *json = osk_json_object(NULL);
        osk_desk_set_id(json, "id", &links[i].id);
        osk_json_set_text(json, "kind", osk_link_kind_name(links[i].kind));
        osk_desk_day_text(links[i].until, day);
        osk_json_set_text(json, "until", day);
        if (links[i].kind == OSK_LINK_RESET) {
            osk_desk_set_id(json, "reviewer", &links[i].reviewer);
        } else {
            osk_json_set_text(json, "role", osk_role_name(links[i].role));
        }
        osk_json_add(list, json);
    }
    return status;
}

/* NULL with the fault set. */
static OskJson *reviewers_json(OskDeskCall *call, OskFault *fault)
{
    OskDesk *desk = call->desk;
    OskJson *json = osk_json_object("oilskin/reviewers/1");
    OskJson *reviewers = osk_json_list();
    OskJson *links = osk_json_list();
    osk_reviewers_each(desk->reviewers, list_reviewer, reviewers);
    OskStatus status =
        call->reviewer.role >= OSK_ROLE_ADMIN ? list_links(desk, links, fault) : OSK_OK;
    osk_json_set(json, "reviewers", reviewers);
    osk_json_set(json, "links", links);
    osk_json_set_whole(json, "keys_max", OSK_DESK_KEYS_MAX);
    if (status != OSK_OK) {
        osk_json_free(&json);
    }
    return json;
}

/* @param link NULL for none; told once. */
static void answer_list(OskDeskCall *call, const OskLink *link, const char *text)
{
    OskFault fault = { 0 };
    OskJson *json = reviewers_json(call, &fault);
    if (json == NULL) {
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    if (link != NULL) {
        osk_json_set_text(json, "link", text);
        osk_json_set_text(json, "kind", osk_link_kind_name(link->kind));
    }
    if (call->stays_reader) {
        osk_json_set_flag(json, "stays_reader", true);
    }
    osk_desk_done(call, json);
}

/* ---- changes ---- */

static void refuse_change(OskDeskCall *call, const OskFault *fault)
{
    if (fault->status == OSK_UNSUPPORTED) {
        osk_desk_refuse(call, 409, "The desk would be without an admin",
                        "Make somebody else an admin first");
    } else {
        osk_desk_refuse_fault(call, fault);
    }
}

static void make_link(OskDeskCall *call, OskLink *link)
{
    OskFault fault = { 0 };
    char text[OSK_DESK_LINK_BYTES];
    link->by = call->session.reviewer;
    if (osk_links_make(&call->desk->links, link, text, &fault) != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    answer_list(call, link, text);
    osk_seal_wipe(text, sizeof(text));
}

static void invite(OskDeskCall *call)
{
    OskLink link = { .kind = OSK_LINK_INVITE, .role = osk_role_of(osk_desk_text(call, "role")) };
    if (link.role == OSK_ROLE_NONE) {
        osk_desk_refuse(call, 400, "A role is reviewer, publisher or admin", NULL);
        return;
    }
    make_link(call, &link);
}

static void end_link(OskDeskCall *call)
{
    OskDesk *desk = call->desk;
    OskFault fault = { 0 };
    OskRecordRow row;
    OskRecordKey key = { .space = OSK_SPACE_LINK };
    if (!osk_hex_read(osk_desk_text(call, "link"), &key.id, sizeof(key.id))) {
        osk_desk_refuse(call, 400, "Say which link: its id", NULL);
        return;
    }
    if (!osk_store_record(desk->store, &key, &row, &fault)) {
        osk_desk_refuse(call, 404, "There is no such link", "Load the list again");
        return;
    }
    const OskChange change = { .kind = OSK_ROW_RECORD_DROP,
                               .row.record_key = &key,
                               .expected = row.version };
    osk_record_row_free(&row);
    OskJson *about = osk_json_object(NULL);
    osk_desk_set_id(about, "link", &key.id);
    const OskDeed deed = { .who = &call->session.reviewer, .did = "link-end", .about = about };
    if (osk_audit_commit(desk->audit, &deed, &change, 1, &fault) != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
    } else {
        answer_list(call, NULL, NULL);
    }
}

/* Whom the request names, in call->asked; false when it was refused. */
static bool find_asked(OskDeskCall *call)
{
    OskId id;
    if (osk_hex_read(osk_desk_text(call, "reviewer"), &id, sizeof(id)) &&
        osk_reviewers_get(call->desk->reviewers, &id, &call->asked)) {
        return true;
    }
    osk_desk_refuse(call, 404, "There is no such reviewer", "Load the list again");
    return false;
}

static OskJson *about_asked(const OskReviewer *asked)
{
    OskJson *about = osk_json_object(NULL);
    osk_desk_set_id(about, "reviewer", &asked->id);
    osk_json_set_text(about, "name", asked->name);
    osk_json_set_text(about, "role", osk_role_name(asked->role));
    return about;
}

/* False when it was refused. */
static bool set_asked(OskDeskCall *call, const char *did)
{
    OskDesk *desk = call->desk;
    OskFault fault = { 0 };
    const OskDeed deed = { .who = &call->session.reviewer,
                           .did = did,
                           .about = about_asked(&call->asked) };
    if (osk_reviewers_set(desk->reviewers, &call->asked, &deed, &fault) != OSK_OK) {
        refuse_change(call, &fault);
        return false;
    }
    return true;
}

static void reset_passphrase(OskDeskCall *call)
{
    OskLink link = { .kind = OSK_LINK_RESET, .reviewer = call->asked.id };
    make_link(call, &link);
}

/* Whoever was in goes on as what they are now: after a login. */
static void end_sessions(OskDeskCall *call)
{
    osk_sessions_end_all(call->desk->sessions, &call->asked.id);
    osk_copies_drop(call->desk->copies, &call->asked.id);
    answer_list(call, NULL, NULL);
}

/* Whoever has the passphrase gets in with it alone. */
static void reset_totp(OskDeskCall *call)
{
    call->asked.has_totp = false;
    osk_seal_wipe(call->asked.totp, sizeof(call->asked.totp));
    if (set_asked(call, "totp-reset")) {
        end_sessions(call);
    }
}

static void set_role(OskDeskCall *call)
{
    call->asked.role = osk_role_of(osk_desk_text(call, "role"));
    if (call->asked.role == OSK_ROLE_NONE) {
        osk_desk_refuse(call, 400, "A role is reviewer, publisher or admin", NULL);
        return;
    }
    if (set_asked(call, "role")) {
        end_sessions(call);
    }
}

static void remove_asked(OskDeskCall *call)
{
    OskDesk *desk = call->desk;
    OskFault fault = { 0 };
    const OskDeed deed = { .who = &call->session.reviewer,
                           .did = "reviewer-remove",
                           .about = about_asked(&call->asked) };
    if (osk_reviewers_remove(desk->reviewers, &call->asked.id, &deed, &fault) != OSK_OK) {
        refuse_change(call, &fault);
        return;
    }
    osk_sessions_end_all(desk->sessions, &call->asked.id);
    osk_copies_drop(desk->copies, &call->asked.id);
    osk_desk_tell_readers(desk);
    call->stays_reader = osk_desk_is_reader(desk, &call->asked.recipient);
    answer_list(call, NULL, NULL);
}

static void run_list(OskDeskCall *call)
{
    answer_list(call, NULL, NULL);
}

static const struct {
    const char *name;
    bool is_about; /* somebody: call->asked */
    void (*run)(OskDeskCall *call);
} deeds[] = {
    { "invite", false, invite },        { "end-link", false, end_link },
    { "reset-totp", true, reset_totp }, { "reset-passphrase", true, reset_passphrase },
    { "role", true, set_role },         { "remove", true, remove_asked },
};

static void run_change(OskDeskCall *call)
{
    const char *what = osk_desk_text(call, "do");
    for (size_t i = 0; what != NULL && i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        if (strcmp(deeds[i].name, what) == 0) {
            if (!deeds[i].is_about || find_asked(call)) {
                deeds[i].run(call);
            }
            return;
        }
    }
    osk_desk_refuse(call, 400, "This is nothing that can be done here", NULL);
}

/* ---- the endpoints ---- */

static const char *const keys[] = { "do", "role", "reviewer", "link", NULL };

const OskDeskEndpoint osk_desk_reviewers_endpoints[] = {
    { "/api/reviewers", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_list },
    { "/api/reviewers", "POST", keys, BODY_MAX, OSK_ROLE_ADMIN, run_change },
};
const size_t osk_desk_reviewers_count =
    sizeof(osk_desk_reviewers_endpoints) / sizeof(osk_desk_reviewers_endpoints[0]);
