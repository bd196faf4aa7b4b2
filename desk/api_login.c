/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coming and going: login, logout, who am I, the second factor. */
#include "desk/call.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "desk/hex.h"
#include "desk/readers.h"
#include "desk/totp.h"
#include "host/clock.h"

/* A browser that has logged in before: its own lane of tries stays cool while others guess at the
 * same name. "NONCE MAC", no right to anything, and no word of who it was. */
#define KNOWN_BYTES 32u
#define KNOWN_TEXT_BYTES OSK_HEX_BYTES(KNOWN_BYTES)
#define KNOWN_AGE_S (2u * 24 * 60 * 60)
/* Logins of one reviewer at the same moment. */
#define ROUNDS 16u
#define BODY_MAX ((size_t)8 * 1024)

static const char wrong[] = "The name, the passphrase or the code is wrong";

/* ---- what every answer to who is logged in says ---- */

/* NULL where nothing is published. */
static OskJson *publish_json(const OskDesk *desk)
{
    const OskDeskPublishing *publishing = &desk->publishing;
    if (!publishing->has_albums && !publishing->has_links && !publishing->has_sealed) {
        return NULL;
    }
    OskJson *json = osk_json_object(NULL);
    osk_json_set_flag(json, "albums", desk->publishing.has_albums);
    osk_json_set_flag(json, "links", desk->publishing.has_links);
    osk_json_set_flag(json, "second_person", desk->publishing.needs_second);
    osk_json_set_whole(json, "copy_max", desk->publishing.copy_max);
    osk_json_set_text(json, "address", desk->publishing.address);
    return json;
}

static OskJson *me_json(OskDesk *desk, const OskReviewer *reviewer, const OskSession *session)
{
    char text[OSK_RECIPIENT_TEXT_BYTES];
    char id[OSK_HEX_BYTES(OSK_ID_BYTES)];
    OskJson *me = osk_json_object("oilskin/me/1");
    OskJson *recipients = osk_json_list();
    osk_hex_write(&reviewer->id, sizeof(reviewer->id), id);
    osk_json_set_text(me, "id", id);
    osk_json_set_text(me, "name", reviewer->name);
    osk_json_set_text(me, "role", osk_role_name(reviewer->role));
    osk_recipient_text(&reviewer->recipient, text);
    osk_json_set_text(me, "recipient", text);
    osk_json_set_flag(me, "totp", reviewer->has_totp);
    osk_json_set_text(me, "token", session->token);
    OskRecipient keys[OSK_SEAL_RECIPIENTS_MAX];
    size_t count = osk_desk_recipients(desk, keys);
    for (size_t i = 0; i < count; i++) {
        OskJson *recipient = osk_json_object(NULL);
        osk_recipient_text(&keys[i], text);
        osk_json_set_text(recipient, "age", text);
        osk_json_add(recipients, recipient);
    }
    osk_json_set(me, "recipients", recipients);
    osk_json_set_text(me, "triage", desk->folder != NULL ? "server" : "desk");
    OskJson *publish = publish_json(desk);
    if (publish != NULL) {
        osk_json_set(me, "publish", publish);
    }
    return me;
}

static void run_me(OskDeskCall *call)
{
    osk_desk_done(call, me_json(call->desk, &call->reviewer, &call->session));
}

/* Before anybody is in: a page of a demonstration says so on its first line. */
static void run_demo(OskDeskCall *call)
{
    OskJson *answer = osk_json_object("oilskin/demo/1");
    osk_json_set_flag(answer, "demo", call->desk->is_demo);
    osk_desk_done(call, answer);
}

/* ---- the browser that was here before ---- */

static void seal_known(const OskDesk *desk, const OskId *reviewer, const uint8_t nonce[16],
                       uint8_t out[16])
{
    uint8_t mac[32];
    uint8_t of[32];
    memcpy(of, reviewer, 16);
    memcpy(of + 16, nonce, 16);
    osk_seal_hmac(desk->known_key, sizeof(desk->known_key), of, sizeof(of), mac);
    memcpy(out, mac, 16);
}

static void make_known(OskDeskCall *call, const OskId *reviewer)
{
    uint8_t known[KNOWN_BYTES];
    char text[KNOWN_TEXT_BYTES];
    const OskRandom *random = &call->desk->random;
    if (random->fill(random->context, known, 16)) {
        seal_known(call->desk, reviewer, known, known + 16);
        osk_hex_write(known, sizeof(known), text);
        osk_desk_set_cookie(call, OSK_DESK_KNOWN_COOKIE, text, KNOWN_AGE_S);
    }
}

static bool is_known(const OskDeskCall *call, uint8_t out[KNOWN_BYTES])
{
    char text[KNOWN_TEXT_BYTES];
    uint8_t mac[16];
    if (!osk_desk_cookie(call->request, OSK_DESK_KNOWN_COOKIE, text, sizeof(text)) ||
        !osk_hex_read(text, out, KNOWN_BYTES)) {
        return false;
    }
    seal_known(call->desk, &call->asked.id, out, mac);
    return call->asked.version != 0 && osk_seal_equal(mac, out + 16, sizeof(mac));
}

/* ---- POST /api/login ---- */

/* Whatever the browser brought: nobody can be made to use a session that another knows. */
void osk_desk_let_in(OskDeskCall *call, const OskReviewer *reviewer)
{
    OskDesk *desk = call->desk;
    char cookie[OSK_SESSION_TEXT_BYTES];
    OskSession session = { .token = "" };
    if (osk_desk_cookie(call->request, OSK_DESK_COOKIE, cookie, sizeof(cookie))) {
        osk_sessions_end(desk->sessions, cookie);
    }
    if (!osk_sessions_begin(desk->sessions, &reviewer->id, &desk->random, osk_now_ms(), cookie) ||
        !osk_sessions_find(desk->sessions, cookie, osk_now_ms(), &session)) {
        osk_desk_refuse(call, 500, "The server has no randomness", "Try again later");
        return;
    }
    osk_desk_set_cookie(call, OSK_DESK_COOKIE, cookie, 0);
    make_known(call, &reviewer->id);
    OskJson *me = me_json(desk, reviewer, &session);
    osk_seal_wipe(cookie, sizeof(cookie));
    osk_seal_wipe(&session, sizeof(session));
    osk_desk_done(call, me);
}

bool osk_desk_renew_asked(OskDeskCall *call)
{
    OskReviewer now = { .role = OSK_ROLE_NONE };
    bool is_same = osk_reviewers_get(call->desk->reviewers, &call->asked.id, &now) &&
                   osk_seal_equal(now.verifier, call->asked.verifier, sizeof(now.verifier));
    if (is_same) {
        call->asked = now;
    }
    osk_seal_wipe(&now, sizeof(now));
    return is_same;
}

/* The passphrase is looked at first and always, so that a right code tells nothing about it. Then
 * it is stored with the number of the code, which counts once, on however many ways it came. Who
 * logs in elsewhere meanwhile is in nobody's way.
 * Errors: AUTH for what is wrong; as osk_reviewers_set(). */
static OskStatus count_login(OskDeskCall *call, OskFault *fault)
{
    OskReviewer *asked = &call->asked;
    /* Who can't come in on a full disk can hide nothing. */
    const OskDeed deed = { .who = &asked->id, .did = "login", .uses_spare = true };
    osk_reviewers_find(call->desk->reviewers, osk_desk_text(call, "name"), asked);
    bool is_right = osk_reviewer_knows(asked, osk_desk_text(call, "passphrase"));
    OskStatus status = OSK_FOUND;
    for (unsigned i = 0; is_right && status == OSK_FOUND && i < ROUNDS; i++) {
        is_right = osk_desk_renew_asked(call) &&
                   (!asked->has_totp || osk_totp_fits(asked->totp, osk_desk_text(call, "totp"),
                                                      time(NULL), &asked->totp_used));
        if (is_right) {
            status = osk_reviewers_set(call->desk->reviewers, asked, &deed, fault);
        }
    }
    return is_right ? status : OSK_AUTH;
}

static bool try_login(OskTry *one)
{
    OskDeskCall *call = (OskDeskCall *)((char *)one - offsetof(OskDeskCall, one));
    OskFault fault = { 0 };
    OskStatus status = count_login(call, &fault);
    if (status == OSK_AUTH) {
        osk_desk_refuse(call, 401, wrong, NULL);
        return false;
    }
    if (status != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
    } else {
        osk_desk_let_in(call, &call->asked);
    }
    return true;
}

static void refuse_login(OskTry *one)
{
    OskDeskCall *call = (OskDeskCall *)((char *)one - offsetof(OskDeskCall, one));
    osk_desk_refuse(call, 429, "Too many try to log in now",
                    "Try again in a moment; nobody is locked out");
}

void osk_desk_try(OskDeskCall *call, bool (*run)(OskTry *one), const char *name)
{
    uint8_t known[KNOWN_BYTES];
    call->one.run = run;
    call->one.refuse = refuse_login;
    if (is_known(call, known)) {
        osk_tries_add_known(call->desk->tries, &call->one, known, sizeof(known));
    } else {
        osk_tries_add(call->desk->tries, &call->one, name, strlen(name));
    }
}

static void run_login(OskDeskCall *call)
{
    const char *name = osk_desk_text(call, "name");
    if (name == NULL || osk_desk_text(call, "passphrase") == NULL) {
        osk_desk_refuse(call, 400, "A login has a name and a passphrase", NULL);
        return;
    }
    osk_reviewers_find(call->desk->reviewers, name, &call->asked);
    osk_desk_try(call, try_login, name);
}

bool osk_desk_is_own_passphrase(OskDeskCall *call)
{
    return osk_reviewers_get(call->desk->reviewers, &call->session.reviewer, &call->asked) &&
           osk_reviewer_knows(&call->asked, osk_desk_text(call, "passphrase")) &&
           osk_desk_renew_asked(call);
}

static void run_logout(OskDeskCall *call)
{
    osk_sessions_end(call->desk->sessions, call->cookie);
    osk_copies_drop(call->desk->copies, &call->session.reviewer);
    osk_desk_set_cookie(call, OSK_DESK_COOKIE, "", 0);
    /* Nothing on the device says that a desk was visited, once its reviewer has said goodbye. */
    osk_desk_set_cookie(call, OSK_DESK_KNOWN_COOKIE, "", 0);
    osk_desk_done(call, osk_json_object("oilskin/goodbye/1"));
}

/* ---- POST /api/totp: with the passphrase draws a secret, with its code makes it count ---- */

static void draw_totp(OskDeskCall *call)
{
    OskDesk *desk = call->desk;
    uint8_t secret[OSK_TOTP_SECRET_BYTES];
    char text[OSK_TOTP_KEY_TEXT_BYTES];
    if (!desk->random.fill(desk->random.context, secret, sizeof(secret)) ||
        !osk_totp_key_text(secret, text) ||
        !osk_sessions_keep_totp(desk->sessions, call->cookie, secret)) {
        osk_desk_refuse(call, 500, "The server could not draw a secret", "Try again later");
    } else {
        OskJson *json = osk_json_object("oilskin/totp/1");
        osk_json_set_text(json, "key", text);
        osk_desk_done(call, json);
    }
    osk_seal_wipe(secret, sizeof(secret));
    osk_seal_wipe(text, sizeof(text));
}

static bool try_totp(OskTry *one)
{
    OskDeskCall *call = (OskDeskCall *)((char *)one - offsetof(OskDeskCall, one));
    if (!osk_desk_is_own_passphrase(call)) {
        osk_desk_refuse(call, 403, "This is not your passphrase", NULL);
        return false;
    }
    draw_totp(call);
    return true;
}

static void run_totp(OskDeskCall *call)
{
    OskDesk *desk = call->desk;
    OskReviewer *me = &call->reviewer;
    OskFault fault = { 0 };
    const char *code = osk_desk_text(call, "code");
    uint64_t used = 0;
    if (me->has_totp) {
        osk_desk_refuse(call, 409, "There is a second factor, which a session alone replaces not",
                        "Ask an admin to take it away first");
        return;
    }
    if (code == NULL && osk_desk_text(call, "passphrase") == NULL) {
        osk_desk_refuse(call, 400, "Your passphrase is needed for this", NULL);
        return;
    }
    if (code == NULL) {
        call->asked = *me;
        osk_desk_try(call, try_totp, me->name);
        return;
    }
    if (!osk_sessions_take_totp(desk->sessions, call->cookie, me->totp) ||
        !osk_totp_fits(me->totp, code, time(NULL), &used)) {
        osk_desk_refuse(call, 403, "This is not the code of the key that was shown last",
                        "Look at the clock of the phone, then try the next code");
        return;
    }
    me->has_totp = true;
    me->totp_used = used;
    const OskDeed deed = { .who = &me->id, .did = "totp-on" };
    if (osk_reviewers_set(desk->reviewers, me, &deed, &fault) != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
        return;
    }
    osk_desk_done(call, me_json(desk, me, &call->session));
}

/* ---- the endpoints ---- */

static const char *const login_keys[] = { "name", "passphrase", "totp", NULL };
static const char *const totp_keys[] = { "passphrase", "code", NULL };
static const char *const no_keys[] = { NULL };

const OskDeskEndpoint osk_desk_login_endpoints[] = {
    { "/api/login", "POST", login_keys, BODY_MAX, OSK_ROLE_NONE, run_login },
    { "/api/logout", "POST", no_keys, BODY_MAX, OSK_ROLE_REVIEWER, run_logout },
    { "/api/demo", "GET", NULL, 0, OSK_ROLE_NONE, run_demo },
    { "/api/me", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_me },
    { "/api/totp", "POST", totp_keys, BODY_MAX, OSK_ROLE_REVIEWER, run_totp },
};
const size_t osk_desk_login_count =
    sizeof(osk_desk_login_endpoints) / sizeof(osk_desk_login_endpoints[0]);
