/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/upload_answer.h"

#include "base/fault.h"
#include "intake/received.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define EXTENSIONS                                                                                 \
    "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination,"         \
    "concatenation"
#define PROBLEMS "https://iana.org/assignments/http-problem-types#"
#define DAY_S 86400

static void add_number(OskRequest *request, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, value);
    osk_request_add_header(request, name, text);
}

/* The date of HTTP (RFC 9110, section 5.6.7); strftime() would say it in the operator's language.
 */
static void add_expires(OskRequest *request, OskDay day)
{
    static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t at = (time_t)day * DAY_S;
    struct tm date;
    char text[64];
    if (gmtime_r(&at, &date) != NULL) {
        snprintf(text, sizeof(text), "%s, %02d %s %04d 00:00:00 GMT", days[date.tm_wday % 7],
                 date.tm_mday, months[date.tm_mon % 12], date.tm_year + 1900);
        osk_request_add_header(request, "Upload-Expires", text);
    }
}

static void add_limit(OskRequest *request, const OskUploadResult *result)
{
    char text[96];
    int64_t left = (int64_t)result->state.expires * DAY_S - (int64_t)time(NULL);
    if (result->has_state && left > 0) {
        snprintf(text, sizeof(text), "max-size=%" PRIu64 ", max-age=%" PRId64, result->max, left);
    } else {
        snprintf(text, sizeof(text), "max-size=%" PRIu64, result->max);
    }
    osk_request_add_header(request, "Upload-Limit", text);
}

static void add_location(OskRequest *request, const char *token)
{
    char text[16 + OSK_TOKEN_TEXT_BYTES];
    snprintf(text, sizeof(text), "/uploads/%s", token);
    osk_request_add_header(request, "Location", text);
    explicit_bzero(text, sizeof(text));
}

static void answer_options(OskRequest *request, const OskUploadResult *result)
{
    osk_request_add_header(request, "Tus-Resumable", OSK_TUS_VERSION);
    osk_request_add_header(request, "Tus-Version", OSK_TUS_VERSION);
    osk_request_add_header(request, "Tus-Extension", EXTENSIONS);
    osk_request_add_header(request, "Tus-Checksum-Algorithm", "sha1,sha256");
    add_number(request, "Tus-Max-Size", result->max);
    osk_request_add_header(request, "Accept-Patch",
                           "application/partial-upload, application/offset+octet-stream");
    add_limit(request, result);
    osk_request_answer(request, &(OskAnswer){ .status = 204 });
}

/* ---- refusals ---- */

static bool is_of_pieces(const OskFault *fault)
{
    return fault->part != NULL && strcmp(fault->part, OSK_FAULT_PIECES) == 0;
}

OskRefusal osk_refusal_of(const OskFault *fault)
{
    OskRefusal refusal = { .what = fault->what, .next = fault->next };
    switch (fault->status) {
    case OSK_AUTH:
        refusal.status = 404;
        refusal.what = "There is no such upload";
        refusal.next = "It may have expired, or be complete; begin it again";
        break;
    /* What the sender could change (a length, a type) was refused before it came to this. Who asks
     * a full disk again soon hears the same: no browser should try it for ever. */
    case OSK_LIMIT:
        refusal.status = osk_fault_is_disk(fault)   ? 507
                         : is_of_pieces(fault)      ? 413
                         : osk_fault_is_full(fault) ? 403
                                                    : 503;
        break;
    case OSK_MISUSE: refusal.status = osk_fault_is_withdrawn(fault) ? 410 : 500; break;
    /* Of scrubbing alone: what is sealed, or an original, is taken. */
    case OSK_UNSUPPORTED: refusal.status = 415; break;
    case OSK_NO_MEMORY:
        refusal.status = 503;
        refusal.what = "The server has no memory left";
        refusal.next = "Try again in a minute";
        break;
    default: refusal.status = 500; break;
    }
    if (refusal.status == 500) {
        refusal.what = "The server could not do this";
        refusal.next = "What was acknowledged is safe; try again later";
    }
    return refusal;
}

/* RFC 9457; none of the values needs an escape. */
static void answer_problem(OskRequest *request, const OskUploadAsk *ask,
                           const OskUploadResult *result)
{
    char text[512];
    const OskRefusal *refusal = &result->refusal;
    int len = snprintf(text, sizeof(text), "{\"type\":\"" PROBLEMS "%s\",\"title\":\"%s\"",
                       refusal->problem, refusal->what);
    if (strcmp(refusal->problem, OSK_PROBLEM_OFFSET) == 0) {
        len += snprintf(text + len, sizeof(text) - (size_t)len,
                        ",\"expected-offset\":%" PRIu64 ",\"provided-offset\":%" PRIu64,
                        result->state.offset, ask->offset);
    }
    len += snprintf(text + len, sizeof(text) - (size_t)len, "}\n");
    osk_request_answer(request, &(OskAnswer){ .status = refusal->status,
                                              .media_type = "application/problem+json",
                                              .bytes = text,
                                              .len = (size_t)len });
}

static void answer_refusal(OskRequest *request, const OskUploadAsk *ask,
                           const OskUploadResult *result)
{
    const OskRefusal *refusal = &result->refusal;
    char text[512];
    if (refusal->status == 412) {
        osk_request_add_header(request, "Tus-Version", OSK_TUS_VERSION);
    }
    if (refusal->status == 413) {
        add_limit(request, result);
    }
    if (result->retry_s > 0) {
        add_number(request, "Retry-After", result->retry_s);
    }
    if (result->has_state) {
        add_number(request, "Upload-Offset", result->state.offset);
    }
    if (ask->is_draft && refusal->problem != NULL) {
        answer_problem(request, ask, result);
        return;
    }
    int len =
        snprintf(text, sizeof(text), "%s.%s%s%s\n", refusal->what, refusal->next == NULL ? "" : " ",
                 refusal->next == NULL ? "" : refusal->next, refusal->next == NULL ? "" : ".");
    osk_request_answer(request, &(OskAnswer){ .status = refusal->status,
                                              .media_type = "text/plain; charset=utf-8",
                                              .bytes = text,
                                              .len = (size_t)len });
}

/* ---- what went well ---- */

static bool is_complete(const OskUploadResult *result)
{
    return result->is_submitted || (result->state.flags & OSK_UPLOAD_COMPLETE) != 0;
}

static void answer_received(OskRequest *request, const OskUploadResult *result)
{
    OskJson *received = osk_received_json(&result->outcome, result->is_submitted ? 1 : 0);
    size_t len = 0;
    if (!result->is_submitted) {
        /* Complete, and waiting for the submission that names it. */
        osk_json_set_flag(received, "received", false);
    }
    char *text = osk_json_write(received, &len);
    osk_request_answer(request,
                       &(OskAnswer){ .status = 200,
                                     .media_type = text == NULL ? NULL : "application/json",
                                     .bytes = text,
                                     .len = len });
    osk_json_text_free(text);
    osk_json_free(&received);
}

static void answer_draft(OskRequest *request, const OskUploadAsk *ask,
                         const OskUploadResult *result)
{
    bool is_done = is_complete(result) && (ask->verb == OSK_UPLOAD_LOOK || ask->completes);
    osk_request_add_header(request, "Upload-Complete", is_done ? "?1" : "?0");
    add_number(request, "Upload-Offset", result->state.offset);
    add_limit(request, result);
    if (ask->verb == OSK_UPLOAD_LOOK && result->state.len != UINT64_MAX) {
        add_number(request, "Upload-Length", result->state.len);
    }
    if (is_done && ask->verb != OSK_UPLOAD_LOOK) {
        answer_received(request, result);
    } else {
        osk_request_answer(request,
                           &(OskAnswer){ .status = ask->verb == OSK_UPLOAD_CREATE ? 201 : 204 });
    }
}

static void answer_tus(OskRequest *request, const OskUploadAsk *ask, const OskUploadResult *result)
{
    bool looks = ask->verb == OSK_UPLOAD_LOOK;
    add_number(request, "Upload-Offset", result->state.offset);
    if (!is_complete(result)) {
        add_expires(request, result->state.expires);
    }
    if (looks && result->state.len == UINT64_MAX) {
        osk_request_add_header(request, "Upload-Defer-Length", "1");
    } else if (looks) {
        add_number(request, "Upload-Length", result->state.len);
    }
    if (looks && (result->state.flags & OSK_UPLOAD_PARTIAL) != 0) {
        osk_request_add_header(request, "Upload-Concat", "partial");
    }
    unsigned status = looks ? 200 : ask->verb == OSK_UPLOAD_CREATE ? 201 : 204;
    osk_request_answer(request, &(OskAnswer){ .status = status });
}

void osk_upload_answer(OskRequest *request, const OskUploadAsk *ask, const OskUploadResult *result)
{
    if (ask->verb == OSK_UPLOAD_OPTIONS && result->refusal.status == 0) {
        answer_options(request, result);
        return;
    }
    if (!ask->is_draft) {
        osk_request_add_header(request, "Tus-Resumable", OSK_TUS_VERSION);
    }
    if (result->refusal.status != 0) {
        answer_refusal(request, ask, result);
        return;
    }
    if (ask->verb == OSK_UPLOAD_DROP) {
        osk_request_answer(request, &(OskAnswer){ .status = 204 });
        return;
    }
    if (result->token[0] != 0) {
        add_location(request, result->token);
    }
    if (result->words[0] != 0) {
        osk_request_add_header(request, "Oilskin-Receipt", result->words);
    }
    if (result->is_submitted) {
        osk_request_add_header(request, "Oilskin-Outcome", osk_outcome_name(result->outcome));
    }
    (ask->is_draft ? answer_draft : answer_tus)(request, ask, result);
}

void osk_upload_announce(OskRequest *request, const OskUploadAsk *ask,
                         const OskUploadResult *result)
{
    if (ask->interop == 0) {
        return;
    }
    add_number(request, "Upload-Draft-Interop-Version", ask->interop);
    if (result->token[0] != 0 && result->state.offset == 0) {
        add_location(request, result->token);
        add_limit(request, result);
    } else {
        add_number(request, "Upload-Offset", result->state.offset);
    }
    osk_request_interim(request, 104);
}
