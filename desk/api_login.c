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
 * same name. "ID NONCE MAC", no right to anything. */
#define KNOWN_TEXT_BYTES OSK_HEX_BYTES(48)
#define KNOWN_AGE_S (180u * 24 * 60 * 60)
#define BODY_MAX ((size_t)8 * 1024)

static const char wrong[] = "The name, the passphrase or the code is wrong";

/* ---- what every answer to who is logged in says ---- */

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
    return me;
}

static void run_me(OskDeskCall *call)
{
    osk_desk_done(call, me_json(call->desk, &call->reviewer, &call->session));
}

/* ---- the browser that was here before ---- */

static void seal_known(const OskDesk *desk, const uint8_t known[32], uint8_t out[16])
{
    uint8_t mac[32];
    osk_seal_hmac(desk->known_key, sizeof(desk->known_key), known, 32, mac);
    memcpy(out, mac, 16);
}

static void make_known(OskDeskCall *call, const OskId *reviewer)
{
    uint8_t known[48];
    char text[KNOWN_TEXT_BYTES];
    const OskRandom *random = &call->desk->random;
    memcpy(known, reviewer, sizeof(*reviewer));
    if (random->fill(random->context, known + 16, 16)) {
        seal_known(call->desk, known, known + 32);
        osk_hex_write(known, sizeof(known), text);
        osk_desk_set_cookie(call, OSK_DESK_KNOWN_COOKIE, text, KNOWN_AGE_S);
    }
}

static bool is_known(const OskDeskCall *call, uint8_t out[48])
{
    char text[KNOWN_TEXT_BYTES];
    uint8_t mac[16];
    if (!osk_desk_cookie(call->request, OSK_DESK_KNOWN_COOKIE, text, sizeof(text)) ||
        !osk_hex_read(text, out, 48)) {
        return false;
    }
    seal_known(call->desk, out, mac);
    return osk_seal_equal(mac, out + 32, sizeof(mac)) &&
           memcmp(out, &call->asked.id, sizeof(call->asked.id)) == 0;
}

/* ---- POST /api/login ---- */

/* Whatever the browser brought: nobody can be made to use a session that another knows. */
void osk_desk_let_in(OskDeskCall *call, const OskReviewer *reviewer)
{
    OskDesk *desk = call->desk;
    char cookie[OSK_SESSION_TEXT_BYTES];
    OskSession session = { { { 0 } }, "" };
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

/* The passphrase is looked at first and always, so that a right code tells nothing about it. */
static bool is_right(OskDeskCall *call)
{
    OskReviewer *asked = &call->asked;
    bool knows = osk_reviewer_knows(asked, osk_desk_text(call, "passphrase"));
    return knows && (!asked->has_totp || osk_totp_fits(asked->totp, osk_desk_text(call, "totp"),
                                                       time(NULL), &asked->totp_used));
}

static bool try_login(OskTry *one)
{
    OskDeskCall *call = (OskDeskCall *)((char *)one - offsetof(OskDeskCall, one));
    if (!is_right(call)) {
        osk_desk_refuse(call, 401, wrong, NULL);
        return false;
    }
    OskFault fault = { 0 };
    const OskDeed deed = { .who = &call->asked.id, .did = "login" };
    /* Stored with the number of the code: it counts once, on however many ways it came. */
    if (osk_reviewers_set(call->desk->reviewers, &call->asked, &deed, &fault) != OSK_OK) {
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
    uint8_t known[48];
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

static void run_logout(OskDeskCall *call)
{
    osk_sessions_end(call->desk->sessions, call->cookie);
    osk_desk_set_cookie(call, OSK_DESK_COOKIE, "", 0);
    osk_desk_done(call, osk_json_object("oilskin/goodbye/1"));
}

/* ---- POST /api/totp: without a code draws a secret, with one makes it count ---- */

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
    if (code == NULL) {
        draw_totp(call);
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
static const char *const totp_keys[] = { "code", NULL };
static const char *const no_keys[] = { NULL };

const OskDeskEndpoint osk_desk_login_endpoints[] = {
    { "/api/login", "POST", login_keys, BODY_MAX, OSK_ROLE_NONE, run_login },
    { "/api/logout", "POST", no_keys, BODY_MAX, OSK_ROLE_REVIEWER, run_logout },
    { "/api/me", "GET", NULL, 0, OSK_ROLE_REVIEWER, run_me },
    { "/api/totp", "POST", totp_keys, BODY_MAX, OSK_ROLE_REVIEWER, run_totp },
};
const size_t osk_desk_login_count =
    sizeof(osk_desk_login_endpoints) / sizeof(osk_desk_login_endpoints[0]);
