/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void wipe_body(OskCall *call)
{
    if (call->body != NULL) {
        explicit_bzero(call->body, call->room);
        free(call->body);
        call->body = NULL;
    }
}

void osk_call_clear(OskCall *call)
{
    wipe_body(call);
    osk_json_free(&call->json);
    osk_json_text_free(call->text);
    explicit_bzero(call, sizeof(*call));
}

/* ---- the answer ---- */

void osk_call_keep(OskCall *call, unsigned status, OskJson *answer)
{
    osk_json_text_free(call->text);
    call->text = osk_json_write(answer, &call->text_len);
    call->status = call->text == NULL ? 503 : status;
    if (call->status == 503 && call->retry_s == 0) {
        call->retry_s = call->words->busy_s;
    }
    osk_json_free(&answer);
}

OskJson *osk_call_error(const char *what, const char *next)
{
    OskJson *error = osk_json_object("oilskin/error/1");
    osk_json_set_text(error, "error", what);
    if (next != NULL) {
        osk_json_set_text(error, "next", next);
    }
    return error;
}

void osk_call_refuse(OskCall *call, unsigned status, const char *what, const char *next)
{
    osk_call_keep(call, status, osk_call_error(what, next));
}

void osk_call_answer(OskCall *call, OskRequest *request)
{
    if (call->retry_s > 0) {
        char text[16];
        snprintf(text, sizeof(text), "%u", call->retry_s);
        osk_request_add_header(request, "Retry-After", text);
    }
    call->is_answered = true;
    osk_request_answer(request,
                       &(OskAnswer){ .status = call->status,
                                     .media_type = call->text == NULL ? NULL : "application/json",
                                     .bytes = call->text,
                                     .len = call->text == NULL ? 0 : call->text_len });
}

/* ---- the body ---- */

static bool refuse_now(OskCall *call, OskRequest *request, unsigned status, const char *what,
                       const char *next)
{
    osk_call_refuse(call, status, what, next);
    osk_call_answer(call, request);
    return false;
}

/* Without regard for its parameters. */
static bool is_json(const char *type)
{
    static const char json[] = "application/json";
    if (type == NULL || strncasecmp(type, json, sizeof(json) - 1) != 0) {
        return false;
    }
    type += sizeof(json) - 1;
    type += strspn(type, " \t");
    return *type == 0 || *type == ';';
}

bool osk_call_accepts(OskCall *call, OskRequest *request)
{
    uint64_t len = osk_request_length(request);
    if (!is_json(osk_request_header(request, "Content-Type"))) {
        return refuse_now(call, request, 415, "The body must be application/json", NULL);
    }
    if (len != UINT64_MAX && len > call->body_max) {
        return refuse_now(call, request, 413, "This is more than the request may hold",
                          call->words->larger);
    }
    return true;
}

/* Makes room for `len` more bytes; what was there is wiped, not left behind. */
static bool make_room(OskCall *call, size_t len)
{
    if (call->room - call->len >= len) {
        return true;
    }
    size_t room = call->room == 0 ? 1024 : 2 * call->room;
    while (room - call->len < len) {
        room *= 2;
    }
    char *body = calloc(1, room);
    if (body == NULL) {
        return false;
    }
    if (call->len > 0) {
        memcpy(body, call->body, call->len);
    }
    wipe_body(call);
    call->body = body;
    call->room = room;
    return true;
}

bool osk_call_take(OskCall *call, OskRequest *request, const void *bytes, size_t len)
{
    if (len > call->body_max - call->len) {
        return refuse_now(call, request, 413, "This is more than the request may hold",
                          call->words->larger);
    }
    if (!make_room(call, len)) {
        return refuse_now(call, request, 503, "The server has no memory left",
                          "Try again in a minute");
    }
    if (len > 0) {
        memcpy(call->body + call->len, bytes, len);
        call->len += len;
    }
    return true;
}

bool osk_call_read(OskCall *call, const char *const *keys)
{
    OskFault fault = { 0 };
    OskStatus status =
        osk_json_read(&call->json, call->body == NULL ? "" : call->body, call->len, &fault);
    wipe_body(call);
    if (status != OSK_OK) {
        osk_call_refuse(call, status == OSK_NO_MEMORY ? 503 : 400,
                        "The body is not one valid JSON value", NULL);
        return false;
    }
    if (!osk_json_has_only(call->json, keys)) {
        osk_call_refuse(call, 400, "The body must be an object, of keys that this request knows",
                        call->words->keys);
        return false;
    }
    return true;
}
