/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "desk/base64.h"
#include "desk/hex.h"
#include "desk/readers.h"
#include "host/clock.h"

#define TOO_MANY 429u /* at once: again later */

static const OskCallWords words = { .busy_s = 5 };

/* ---- answers ---- */

void osk_desk_done(OskDeskCall *call, OskJson *json)
{
    osk_call_keep(&call->base, 200, json);
    osk_call_answer(&call->base, call->request);
    osk_request_resume(call->request);
}

void osk_desk_done_bytes(OskDeskCall *call, const void *bytes, size_t len)
{
    call->base.is_answered = true;
    osk_request_answer(call->request, &(OskAnswer){ .status = 200,
                                                    .media_type = "application/octet-stream",
                                                    .bytes = bytes,
                                                    .len = len });
    osk_request_resume(call->request);
}

static void refuse_now(OskDeskCall *call, unsigned status, const char *what, const char *next)
{
    osk_call_refuse(&call->base, status, what, next);
    osk_call_answer(&call->base, call->request);
}

void osk_desk_refuse_unread(OskDeskCall *call, unsigned status, const char *what, const char *next)
{
    call->base.retry_s = status == TOO_MANY ? words.busy_s : 0;
    refuse_now(call, status, what, next);
}

void osk_desk_refuse(OskDeskCall *call, unsigned status, const char *what, const char *next)
{
    call->base.retry_s = status == TOO_MANY ? words.busy_s : 0;
    refuse_now(call, status, what, next);
    osk_request_resume(call->request);
}

void osk_desk_refuse_json(OskDeskCall *call, unsigned status, OskJson *error)
{
    osk_call_keep(&call->base, status, error);
    osk_call_answer(&call->base, call->request);
    osk_request_resume(call->request);
}

void osk_desk_refuse_fault(OskDeskCall *call, const OskFault *fault)
{
    switch (fault->status) {
    case OSK_FOUND:
        osk_desk_refuse(call, 409, "Somebody was quicker: this is not as it was",
                        "Look at it again, then decide anew");
        break;
    case OSK_LIMIT:
        osk_desk_refuse(call, 507, "The server's disk has no room for this",
                        "Tell who runs the server");
        break;
    case OSK_NO_MEMORY:
        osk_desk_refuse(call, 503, "The server has no memory left", "Try again in a minute");
        break;
    default:
        osk_desk_refuse(call, 500, "The server could not do this", "Tell who runs the server");
        break;
    }
}

/* ---- cookies ---- */

bool osk_desk_cookie(const OskRequest *request, const char *name, char *out, size_t size)
{
    const char *at = osk_request_header(request, "Cookie");
    size_t name_len = strlen(name);
    while (at != NULL) {
        at += strspn(at, " ;");
        size_t len = strcspn(at, ";");
        if (len == name_len + size && strncmp(at, name, name_len) == 0 && at[name_len] == '=') {
            memcpy(out, at + name_len + 1, size - 1);
            out[size - 1] = 0;
            return true;
        }
        at = at[len] == ';' ? at + len : NULL;
    }
    return false;
}

void osk_desk_set_cookie(OskDeskCall *call, const char *name, const char *value, unsigned age_s)
{
    char text[320];
    char age[32] = "";
    if (age_s > 0 || value[0] == 0) {
        snprintf(age, sizeof(age), "; Max-Age=%u", age_s);
    }
    snprintf(text, sizeof(text), "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s", name, value, age,
             call->desk->is_secure ? "; Secure" : "");
    osk_request_add_header(call->request, "Set-Cookie", text);
    explicit_bzero(text, sizeof(text));
}

/* ---- who it is, and whether it may ---- */

/* A browser says where a change comes from, and no page can make it say something else. */
static bool is_own_origin(const OskDeskCall *call)
{
    const char *origin = osk_request_header(call->request, "Origin");
    const char *host = osk_request_header(call->request, "Host");
    const char *expected = call->desk->origin;
    if (origin == NULL) {
        return false;
    }
    if (expected[0] != 0) {
        return strcasecmp(origin, expected) == 0;
    }
    return host != NULL && strncmp(origin, "http://", 7) == 0 && strcasecmp(origin + 7, host) == 0;
}

static bool is_change(const OskDeskCall *call)
{
    return strcmp(osk_request_method(call->request), "POST") == 0;
}

static bool has_token(const OskDeskCall *call)
{
    const char *token = osk_request_header(call->request, "Oilskin-Token");
    return token != NULL && strlen(token) == OSK_SESSION_TEXT_BYTES - 1 &&
           osk_seal_equal(token, call->session.token, OSK_SESSION_TEXT_BYTES - 1);
}

/* False when that was refused. */
static bool may_begin(OskDeskCall *call)
{
    if (is_change(call) && !is_own_origin(call)) {
        refuse_now(call, 403, "This did not come from the desk's own page",
                   "Open the desk by the address that its configuration names");
        return false;
    }
    if (is_change(call) && call->stream == NULL && !osk_call_accepts(&call->base, call->request)) {
        return false;
    }
    if (call->endpoint->role == OSK_ROLE_NONE) {
        return true;
    }
    OskDesk *desk = call->desk;
    if (!osk_desk_cookie(call->request, OSK_DESK_COOKIE, call->cookie, sizeof(call->cookie)) ||
        !osk_sessions_find(desk->sessions, call->cookie, osk_now_ms(), &call->session) ||
        !osk_reviewers_get(desk->reviewers, &call->session.reviewer, &call->reviewer)) {
        refuse_now(call, 401, "Nobody is logged in here", "Log in");
        return false;
    }
    if (is_change(call) && !has_token(call)) {
        refuse_now(call, 403, "The session's token is missing, or is another's",
                   "Load the page again");
        return false;
    }
    if (call->reviewer.role < call->endpoint->role) {
        refuse_now(call, 403, "Your role does not allow this", "Ask an admin of the desk");
        return false;
    }
    return true;
}

/* ---- the request ---- */

static const OskDeskStream *stream_of(const OskDeskEndpoint *endpoint)
{
    return endpoint == osk_desk_copy_stream.of ? &osk_desk_copy_stream : NULL;
}

static void begin(void *context, OskRequest *request)
{
    const OskDeskPlace *place = context;
    OskDeskCall *call = calloc(1, sizeof(*call));
    if (call == NULL) {
        osk_request_answer(request, &(OskAnswer){ .status = 503, .close = true });
        return;
    }
    call->desk = place->desk;
    call->endpoint =
        place->other != NULL && strcmp(place->other->methods, osk_request_method(request)) == 0
            ? place->other
            : place->endpoint;
    call->stream = stream_of(call->endpoint);
    call->request = request;
    call->base.words = &words;
    call->base.body_max = call->endpoint->body_max;
    osk_request_set_state(request, call);
    if (may_begin(call) && call->stream != NULL) {
        (void)call->stream->begin(call);
    }
}

static size_t take_body(void *context, OskRequest *request, const uint8_t *bytes, size_t len)
{
    (void)context;
    OskDeskCall *call = osk_request_state(request);
    if (call == NULL || call->base.is_answered) {
        return len;
    }
    if (call->stream != NULL) {
        (void)call->stream->take(call, bytes, len);
    } else {
        (void)osk_call_take(&call->base, request, bytes, len);
    }
    return len;
}

static void read_and_run(OskErrand *errand)
{
    OskDeskCall *call = (OskDeskCall *)errand;
    if (call->endpoint->keys != NULL && !osk_call_read(&call->base, call->endpoint->keys)) {
        osk_call_answer(&call->base, call->request);
        osk_request_resume(call->request);
        return;
    }
    call->endpoint->run(call);
}

static void end(void *context, OskRequest *request)
{
    (void)context;
    OskDeskCall *call = osk_request_state(request);
    if (call != NULL && !call->base.is_answered) {
        call->errand.run = read_and_run;
        osk_request_pause(request);
        osk_errands_add(call->stream != NULL ? call->desk->proofs : call->desk->errands,
                        &call->errand);
    }
}

static void done(void *context, OskRequest *request, bool whole)
{
    (void)context;
    (void)whole;
    OskDeskCall *call = osk_request_state(request);
    if (call != NULL) {
        if (call->stream != NULL) {
            call->stream->drop(call);
        }
        osk_call_clear(&call->base);
        explicit_bzero(call, sizeof(*call));
        free(call);
    }
}

const char *osk_desk_text(const OskDeskCall *call, const char *key)
{
    return osk_json_text(osk_json_get(call->base.json, key));
}

/* What stands behind a header, for so much plaintext: a nonce, and a tag for each chunk. */
#define BEHIND(len) (16 + (len) + 16 * ((len) / OSK_SEAL_CHUNK_BYTES + 1))

static bool is_for_us(OskDesk *desk, const OskRecipient *other, const OskSealHeader *header)
{
    OskRecipient keys[OSK_SEAL_RECIPIENTS_MAX + 1];
    uint8_t list[OSK_SEAL_LIST_BYTES];
    size_t count = osk_desk_recipients(desk, keys);
    if (other != NULL) {
        keys[count++] = *other;
    }
    osk_seal_list(keys, count, list);
    return header->recipient_count == count && header->stanza_count == count + 1 &&
           header->names_list && memcmp(header->list, list, sizeof(list)) == 0;
}

bool osk_desk_read_sealed(OskDeskCall *call, const char *key, const OskRecipient *other, size_t max,
                          OskBytes *out)
{
    OskFault fault = { 0 };
    OskSealHeader header;
    const OskJson *value = osk_json_get(call->base.json, key);
    const char *text = osk_json_text(value);
    *out = (OskBytes){ .len = 0 };
    if (value == NULL) {
        return true;
    }
    if (text == NULL || !osk_base64_bytes(text, out)) {
        osk_desk_refuse(call, 400, "What is sealed must be in base64", NULL);
        return false;
    }
    if (osk_seal_header_read(out->bytes, out->len, &header, &fault) != OSK_OK ||
        !is_for_us(call->desk, other, &header) || out->len < header.len + BEHIND((size_t)0)) {
        osk_bytes_clear(out);
        osk_desk_refuse(call, 400, "It must be an age file, sealed to the desk's recipients",
                        "GET /api/me lists them; they may have changed since");
        return false;
    }
    if (out->len > header.len + BEHIND(max)) {
        osk_bytes_clear(out);
        osk_desk_refuse(call, 413, "This is more than may be written in one piece", NULL);
        return false;
    }
    return true;
}

bool osk_desk_read_submission(OskDeskCall *call, const char *key, OskSubmissionRow *out)
{
    OskFault fault = { 0 };
    OskId id;
    if (!osk_hex_read(osk_desk_text(call, key), &id, sizeof(id))) {
        osk_desk_refuse(call, 400, "A submission is named by its id", NULL);
        return false;
    }
    if (!osk_store_submission(call->desk->store, &id, out, &fault)) {
        if (fault.status != OSK_OK) {
            osk_desk_refuse_fault(call, &fault);
        } else {
            osk_desk_refuse(call, 404, "There is no such submission",
                            "It may have been withdrawn, or its time was over");
        }
        return false;
    }
    return true;
}

/* ---- for answers ---- */

void osk_desk_set_id(OskJson *json, const char *key, const OskId *id)
{
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    if (id != NULL) {
        osk_hex_write(id, sizeof(*id), text);
    }
    osk_json_set_text(json, key, id != NULL ? text : NULL);
}

void osk_desk_set_day(OskJson *json, const char *key, OskDay day)
{
    char text[OSK_DAY_TEXT_BYTES];
    osk_desk_day_text(day, text);
    osk_json_set_text(json, key, text);
}

void osk_desk_set_sealed(OskJson *json, const char *key, const OskBytes *sealed)
{
    char *text = osk_base64_text(sealed);
    /* What could not be made shows when it is written. */
    osk_json_set_text(json, key, text == NULL ? "\xff" : text);
    free(text);
}

OskRoute osk_desk_route(OskDeskPlace *place)
{
    const OskDeskEndpoint *other = place->other;
    bool takes_body = place->endpoint->keys != NULL || stream_of(place->endpoint) != NULL ||
                      (other != NULL && other->keys != NULL);
    return (OskRoute){ .path = place->endpoint->path,
                       .methods = place->other != NULL ? "GET POST" : place->endpoint->methods,
                       .context = place,
                       .begin = begin,
                       .body = takes_body ? take_body : NULL,
                       .end = end,
                       .done = done };
}
