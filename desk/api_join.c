/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coming by a link: the first admin, somebody new, who has lost a passphrase. And changing one's
 * own secrets. */
#include "desk/call.h"

#include <stddef.h>
#include <string.h>

#include "desk/readers.h"

#define BODY_MAX ((size_t)8 * 1024)
/* Logins of one reviewer while the secrets are changed. */
#define ROUNDS 16u

static const char link_is_over[] = "This link is over, or was used";
static const char bad_passphrase[] = "A passphrase has 12 to 1024 bytes";
static const char bad_recipient[] = "The recipient must be the age1... of the reviewer's own key";
static const char no_resources[] = "The server has no memory or no randomness left";
static const char too_many[] = "The desk has as many keys as a file can be sealed to";

bool osk_desk_has_admin(OskDesk *desk)
{
    return osk_reviewers_count(desk->reviewers, OSK_ROLE_ADMIN) > 0;
}

bool osk_desk_first_link(OskDesk *desk, char out[OSK_DESK_LINK_BYTES])
{
    OskFault fault = { 0 };
    OskLink link = { .kind = OSK_LINK_FIRST, .role = OSK_ROLE_ADMIN };
    return !osk_desk_has_admin(desk) && osk_links_make(&desk->links, &link, out, &fault) == OSK_OK;
}

/* ---- what was given ---- */

static bool read_recipient(const OskDesk *desk, const char *text, OskRecipient *out)
{
    OskFault fault = { 0 };
    return text != NULL && osk_recipient_parse(out, text, strlen(text), &fault) == OSK_OK &&
           (desk->is_demo || !osk_recipient_is_demo(out));
}

/* NULL, or what is wrong. */
static const char *set_passphrase(const OskDeskCall *call, const char *passphrase, OskReviewer *out)
{
    OskStatus status = passphrase == NULL
                           ? OSK_MISUSE
                           : osk_reviewer_set_passphrase(out, passphrase, &call->desk->random);
    return status == OSK_OK ? NULL : status == OSK_MISUSE ? bad_passphrase : no_resources;
}

/* Reads "name", "passphrase" and "recipient" of somebody new. NULL, or what is wrong. */
static const char *read_reviewer(const OskDeskCall *call, OskReviewer *out)
{
    const char *name = osk_desk_text(call, "name");
    const OskRandom *random = &call->desk->random;
    if (!osk_reviewer_is_name(name)) {
        return "A name is one line of at most 64 bytes";
    }
    if (!read_recipient(call->desk, osk_desk_text(call, "recipient"), &out->recipient)) {
        return bad_recipient;
    }
    if (!random->fill(random->context, &out->id, sizeof(out->id))) {
        return no_resources;
    }
    memcpy(out->name, name, strlen(name) + 1);
    return set_passphrase(call, osk_desk_text(call, "passphrase"), out);
}

/* ---- by a link ---- */

static OskJson *about_json(const OskReviewer *reviewer)
{
    OskJson *about = osk_json_object(NULL);
    osk_json_set_text(about, "name", reviewer->name);
    osk_json_set_text(about, "role", osk_role_name(reviewer->role));
    return about;
}

/* Somebody new, in whose place nobody is. */
static void let_join(OskDeskCall *call, const OskLink *link)
{
    OskDesk *desk = call->desk;
    OskFault fault = { 0 };
    OskReviewer same;
    OskReviewer *fresh = &call->asked;
    const char *what = read_reviewer(call, fresh);
    if (what != NULL) {
        osk_desk_refuse(call, 400, what, NULL);
        return;
    }
    if (osk_reviewers_find(desk->reviewers, fresh->name, &same)) {
        osk_seal_wipe(&same, sizeof(same));
        osk_desk_refuse(call, 409, "Another reviewer has this name", "Choose another name");
        return;
    }
    if (!osk_desk_has_room_for(desk, &fresh->recipient)) {
        osk_desk_refuse(call, 409, too_many, "Remove a reviewer first");
        return;
    }
    fresh->role = link->role;
    const OskRecordRow row = osk_link_row(link);
    const OskDeed deed = { .who = &fresh->id,
                           .did = link->kind == OSK_LINK_FIRST ? "first-admin" : "join",
                           .about = about_json(fresh),
                           .spends = &row };
    if (osk_reviewers_set(desk->reviewers, fresh, &deed, &fault) != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    osk_desk_tell_readers(desk);
    osk_desk_let_in(call, fresh);
}

/* A new passphrase; whoever is in with the old one is out. */
static void reset_passphrase(OskDeskCall *call, const OskLink *link)
{
    OskDesk *desk = call->desk;
    OskFault fault = { 0 };
    OskReviewer *who = &call->asked;
    if (!osk_reviewers_get(desk->reviewers, &link->reviewer, who)) {
        osk_desk_refuse(call, 403, link_is_over, "Ask an admin of the desk for another one");
        return;
    }
    const char *what = set_passphrase(call, osk_desk_text(call, "passphrase"), who);
    if (what != NULL) {
        osk_desk_refuse(call, 400, what, NULL);
        return;
    }
    const OskRecordRow row = osk_link_row(link);
    const OskDeed deed = { .who = &who->id, .did = "passphrase-reset", .spends = &row };
    if (osk_reviewers_set(desk->reviewers, who, &deed, &fault) != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    osk_sessions_end_all(desk->sessions, &who->id);
    OskJson *json = osk_json_object("oilskin/joined/1");
    osk_json_set_text(json, "name", who->name);
    osk_desk_done(call, json);
}

static void run_first(OskDeskCall *call)
{
    OskLink link;
    if (!osk_links_find(&call->desk->links, osk_desk_text(call, "link"), &link) ||
        link.kind != OSK_LINK_FIRST || osk_desk_has_admin(call->desk)) {
        osk_desk_refuse(call, 403, link_is_over,
                        "The server prints a new one at its start while there is no admin");
        return;
    }
    let_join(call, &link);
}

static void run_join(OskDeskCall *call)
{
    OskLink link;
    if (!osk_links_find(&call->desk->links, osk_desk_text(call, "link"), &link) ||
        link.kind == OSK_LINK_FIRST) {
        osk_desk_refuse(call, 403, link_is_over, "Ask an admin of the desk for another one");
    } else if (link.kind == OSK_LINK_INVITE) {
        let_join(call, &link);
    } else {
        reset_passphrase(call, &link);
    }
}

/* ---- POST /api/secrets ---- */

/* NULL, or what is wrong. */
static const char *read_secrets(OskDeskCall *call, OskReviewer *me)
{
    const char *passphrase = osk_desk_text(call, "new_passphrase");
    const char *recipient = osk_desk_text(call, "recipient");
    if (passphrase == NULL && recipient == NULL) {
        return "Say what is to be changed: new_passphrase or recipient";
    }
    if (recipient != NULL && !read_recipient(call->desk, recipient, &me->recipient)) {
        return bad_recipient;
    }
    return passphrase == NULL ? NULL : set_passphrase(call, passphrase, me);
}

/* Puts `next` in the place of call->asked; a login that changes the row meanwhile is in no way.
 * Errors: as osk_reviewers_set(); FOUND where another has changed the secrets. */
static OskStatus store_secrets(OskDeskCall *call, OskReviewer *next, bool rotates, OskFault *fault)
{
    const OskDeed deed = { .who = &next->id, .did = rotates ? "key" : "passphrase" };
    OskStatus status = OSK_FOUND;
    for (unsigned i = 0; status == OSK_FOUND && i < ROUNDS && osk_desk_renew_asked(call); i++) {
        OskReviewer now = call->asked;
        memcpy(now.salt, next->salt, sizeof(now.salt));
        memcpy(now.verifier, next->verifier, sizeof(now.verifier));
        now.recipient = rotates ? next->recipient : now.recipient;
        status = osk_reviewers_set(call->desk->reviewers, &now, &deed, fault);
        *next = now;
        osk_seal_wipe(&now, sizeof(now));
    }
    fault->status = status;
    return status;
}

static void change_secrets(OskDeskCall *call)
{
    OskDesk *desk = call->desk;
    OskFault fault = { 0 };
    OskReviewer next = call->asked;
    const char *what = read_secrets(call, &next);
    bool rotates = memcmp(&call->asked.recipient, &next.recipient, sizeof(next.recipient)) != 0;
    if (what != NULL) {
        osk_desk_refuse(call, 400, what, NULL);
    } else if (rotates && !osk_desk_has_room_for(desk, &next.recipient)) {
        osk_desk_refuse(call, 409, too_many, "Remove a reviewer first");
    } else if (store_secrets(call, &next, rotates, &fault) != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
    } else {
        osk_desk_tell_readers(desk);
        osk_sessions_end_all(desk->sessions, &next.id);
        osk_desk_let_in(call, &next);
    }
    osk_seal_wipe(&next, sizeof(next));
}

static bool try_secrets(OskTry *one)
{
    OskDeskCall *call = (OskDeskCall *)((char *)one - offsetof(OskDeskCall, one));
    if (!osk_desk_is_own_passphrase(call)) {
        osk_desk_refuse(call, 403, "This is not your passphrase", NULL);
        return false;
    }
    change_secrets(call);
    return true;
}

static void run_secrets(OskDeskCall *call)
{
    if (osk_desk_text(call, "passphrase") == NULL) {
        osk_desk_refuse(call, 400, "Your passphrase is needed for this", NULL);
        return;
    }
    call->asked = call->reviewer;
    osk_desk_try(call, try_secrets, call->asked.name);
}

/* ---- the endpoints ---- */

static const char *const link_keys[] = { "link", "name", "passphrase", "recipient", NULL };
static const char *const secrets_keys[] = { "passphrase", "new_passphrase", "recipient", NULL };

const OskDeskEndpoint osk_desk_join_endpoints[] = {
    { "/api/first", "POST", link_keys, BODY_MAX, OSK_ROLE_NONE, run_first },
    { "/api/join", "POST", link_keys, BODY_MAX, OSK_ROLE_NONE, run_join },
    { "/api/secrets", "POST", secrets_keys, BODY_MAX, OSK_ROLE_REVIEWER, run_secrets },
};
const size_t osk_desk_join_count =
    sizeof(osk_desk_join_endpoints) / sizeof(osk_desk_join_endpoints[0]);
