/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/api_call.h"

#include "intake/tus_headers.h"
#include "intake/upload_answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const OskCallWords words = {
    .busy_s = 30,
    .larger = "Files go to /uploads/, and a message has at most 64 KiB",
    .keys = "docs/api.yaml lists them",
};

static void close_call(OskErrand *errand)
{
    OskApiCall *call = (OskApiCall *)errand;
    osk_call_clear(&call->base);
    osk_visit_free(&call->visit);
    explicit_bzero(call, sizeof(*call));
    free(call);
}

/* ---- answers ---- */

void osk_api_done(OskApiCall *call, OskJson *answer)
{
    osk_call_keep(&call->base, 200, answer);
    osk_visit_come_back(&call->visit);
}

void osk_api_done_padded(OskApiCall *call, OskJson *answer)
{
    size_t len = 0;
    osk_json_set_text(answer, "padding", "");
    char *text = osk_json_write(answer, &len);
    char *spaces = text == NULL || len > OSK_API_RECEIPT_BYTES
                       ? NULL
                       : calloc(1, OSK_API_RECEIPT_BYTES - len + 1);
    if (spaces != NULL) {
        memset(spaces, ' ', OSK_API_RECEIPT_BYTES - len);
        osk_json_set_text(answer, "padding", spaces);
    }
    free(spaces);
    osk_json_text_free(text);
    osk_api_done(call, answer);
}

void osk_api_refuse(OskApiCall *call, unsigned status, const char *what, const char *next)
{
    osk_call_refuse(&call->base, status, what, next);
    osk_visit_come_back(&call->visit);
}

void osk_api_refuse_fault(OskApiCall *call, const OskFault *fault)
{
    OskRefusal refusal = osk_refusal_of(fault);
    osk_api_refuse(call, refusal.status, refusal.what, refusal.next);
}

static void refuse_now(OskApiCall *call, unsigned status, const char *what, const char *next)
{
    osk_call_refuse(&call->base, status, what, next);
    osk_call_answer(&call->base, call->visit.request);
}

/* ---- the body ---- */

static void enter(OskApiCall *call)
{
    OskDoor door = osk_visit_enter(&call->visit, &call->base.retry_s);
    if (door == OSK_DOOR_OPEN) {
        call->is_inside = true;
        call->base.retry_s = 0;
    } else if (door == OSK_DOOR_LATER) {
        refuse_now(call, 503, "Many are sending now", "Your place comes: try again soon");
    }
}

static bool begin_turn(OskApiCall *call, uint64_t len)
{
    OskFault fault = { 0 };
    if (osk_turn_begin(call->api->parts.admission, len, call->endpoint->has_waited,
                       &call->visit.turn, &call->base.retry_s, &fault) == OSK_OK) {
        return true;
    }
    refuse_now(call, 503, "Many are sending now", "Your place comes: try again soon");
    return false;
}

static void begin_body(OskApiCall *call)
{
    uint64_t len = osk_request_length(call->visit.request);
    if (!osk_call_accepts(&call->base, call->visit.request)) {
        return;
    }
    if (!call->endpoint->has_door) {
        call->is_inside = true;
    } else if (begin_turn(call, len) && !call->endpoint->has_waited) {
        enter(call);
    }
}

/* How much of `len` may come before the door: so little names the uploads that have waited there,
 * and may lie in memory while others wait. */
static size_t count_before_door(const OskApiCall *call, size_t len)
{
    if (call->is_inside || !call->endpoint->has_waited ||
        call->base.len >= OSK_API_SMALL_BODY_MAX) {
        return 0;
    }
    size_t room = OSK_API_SMALL_BODY_MAX - call->base.len;
    return len < room ? len : room;
}

/* What was just uploaded is submitted: its sender has waited. An address that is written otherwise
 * than we write it waits as everybody does. */
static void claim(OskApiCall *call)
{
    static const char uploads[] = "/uploads/";
    const size_t whole = sizeof(uploads) - 1 + OSK_TOKEN_TEXT_BYTES - 1;
    size_t left = call->base.len;
    for (const char *at = call->base.body; at != NULL;) {
        const char *found = memmem(at, left, uploads, sizeof(uploads) - 1);
        if (found == NULL) {
            return;
        }
        left -= (size_t)(found - at);
        char token[OSK_TOKEN_TEXT_BYTES];
        uint8_t key[OSK_TICKET_KEY_BYTES];
        if (left >= whole && osk_tus_token(found, whole, token)) {
            osk_visit_key(token, key);
            osk_turn_claim(call->visit.turn, key);
            explicit_bzero(token, sizeof(token));
        }
        at = found + sizeof(uploads) - 1;
        left -= sizeof(uploads) - 1;
    }
}

static void come_in(OskApiCall *call)
{
    if (call->endpoint->has_waited) {
        claim(call);
    }
    enter(call);
}

size_t osk_api_body(OskRequest *request, const uint8_t *bytes, size_t len)
{
    OskApiCall *call = osk_request_state(request);
    if (call == NULL || call->base.is_answered) {
        return len;
    }
    size_t before = count_before_door(call, len);
    if (!call->is_inside && before == 0) {
        come_in(call);
    }
    if (!call->is_inside && before == 0) {
        return call->base.is_answered ? len : 0;
    }
    len = before > 0 ? before : len;
    size_t taken = call->visit.turn == NULL ? len : osk_visit_take(&call->visit, len);
    if (taken == 0) {
        return 0;
    }
    (void)osk_call_take(&call->base, call->visit.request, bytes, taken);
    return taken;
}

/* ---- on an errand ---- */

static void read_and_run(OskErrand *errand)
{
    OskApiCall *call = (OskApiCall *)errand;
    if (call->endpoint->keys != NULL && !osk_call_read(&call->base, call->endpoint->keys)) {
        osk_visit_come_back(&call->visit);
        return;
    }
    call->endpoint->run(call);
}

static void derived(void *context, const OskReceipt *receipt)
{
    OskApiCall *call = context;
    bool goes_on = receipt != NULL && call->token_count > 0;
    (goes_on ? osk_work_pass_on : osk_work_end)(call->api->parts.admission, OSK_WORK_RECEIPT);
    if (receipt == NULL) {
        osk_api_refuse(call, 503, "The server has no memory left", "Try again in a minute");
        return;
    }
    call->receipt = *receipt;
    osk_visit_pass_on(&call->visit, call->next);
}

void osk_api_derive(OskApiCall *call, void (*next)(OskErrand *errand))
{
    const OskIntakeParts *parts = &call->api->parts;
    call->next = next;
    osk_work_begin(parts->admission, OSK_WORK_RECEIPT);
    if (osk_receipt_derive(parts->receipts, call->words, derived, call) != OSK_OK) {
        derived(call, NULL);
    }
}

bool osk_api_read_receipt(OskApiCall *call)
{
    unsigned wrong = 0;
    const char *text = osk_json_text(osk_json_get(call->base.json, "receipt"));
    if (text != NULL && osk_receipt_read(call->words, text, &wrong)) {
        return true;
    }
    OskJson *error = osk_call_error("The receipt must be eight words of our list",
                                    "Look for a word that is written wrongly");
    if (text != NULL && wrong > 0) {
        osk_json_set_whole(error, "word", wrong);
    }
    osk_call_keep(&call->base, 400, error);
    osk_visit_come_back(&call->visit);
    return false;
}

bool osk_api_read_text(OskApiCall *call, const char *key, size_t max, const char **out)
{
    const OskJson *value = osk_json_get(call->base.json, key);
    *out = osk_json_text(value);
    if (value != NULL && (*out == NULL || strlen(*out) > max)) {
        osk_api_refuse(call, 400, "A message, place, time or category is no text, or too long",
                       "GET /api/drop says the limits");
        return false;
    }
    if (*out != NULL && (*out)[0] == 0) {
        *out = NULL;
    }
    return true;
}

/* ---- on the threads of HTTP ---- */

void osk_api_begin(OskApi *api, OskRequest *request, const OskApiEndpoint *endpoint)
{
    OskApiCall *call = calloc(1, sizeof(*call));
    if (call == NULL) {
        osk_request_add_header(request, "Retry-After", "30");
        osk_request_answer(request, &(OskAnswer){ .status = 503, .close = true });
        return;
    }
    osk_visit_begin(&call->visit, api->parts.errands, request, close_call);
    osk_request_set_state(request, call);
    call->api = api;
    call->endpoint = endpoint;
    call->base.words = &words;
    call->base.body_max = endpoint->body_max;
    if (endpoint->keys == NULL) {
        call->is_inside = true;
    } else {
        begin_body(call);
    }
}

void osk_api_end(OskRequest *request)
{
    OskApiCall *call = osk_request_state(request);
    if (call == NULL || osk_visit_is_away(&call->visit) || call->base.is_answered) {
        return;
    }
    if (call->base.status != 0) {
        osk_call_answer(&call->base, call->visit.request);
        return;
    }
    if (!call->is_inside) {
        come_in(call);
    }
    if (call->is_inside) {
        osk_turn_end(&call->visit.turn);
        osk_visit_hand_over(&call->visit, read_and_run);
    }
}

void osk_api_over(OskRequest *request)
{
    OskApiCall *call = osk_request_state(request);
    if (call != NULL) {
        osk_visit_done(&call->visit, NULL);
    }
}
