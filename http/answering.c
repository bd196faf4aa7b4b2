/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer that a route gives: kept until the library takes one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "http/exchange_inside.h"
#include "http/limits.h"
#include "http/policy.h"

void osk_request_add_header(OskRequest *request, const char *name, const char *value)
{
    /* A line break in a value would be a header, or an answer, of whoever wrote it. The library
     * takes no empty values. */
    if (value[0] != 0 && name[strcspn(name, "\r\n:")] == 0 && value[strcspn(value, "\r\n")] == 0) {
        osk_text_keep(&request->headers, name, value);
    }
}

void osk_request_answer(OskRequest *request, const OskAnswer *answer)
{
    if (request->status != 0) {
        return;
    }
    if (answer->status == 304) {
        request->unchanged_len = answer->len;
        request->status = 304;
        return;
    }
    request->bytes = answer->len > 0 ? malloc(answer->len) : NULL;
    if (request->bytes != NULL) {
        memcpy(request->bytes, answer->bytes, answer->len);
        request->len = answer->len;
    }
    if (answer->media_type != NULL) {
        osk_request_add_header(request, "Content-Type", answer->media_type);
    }
    request->closes = request->closes || answer->close;
    /* Without memory for the body it is no answer any more. */
    request->status = answer->len > 0 && request->bytes == NULL ? 500 : answer->status;
}

/* ---- from a file ---- */

bool osk_request_takes_file(OskRequest *request)
{
    OskExchanges *all = request->all;
    if (!request->has_place && atomic_fetch_add(&all->files, 1) < all->files_max) {
        request->has_place = true;
    } else if (!request->has_place) {
        atomic_fetch_sub(&all->files, 1);
    }
    return request->has_place;
}

void osk_exchange_leave_files(OskRequest *request)
{
    if (request->has_place) {
        atomic_fetch_sub(&request->all->files, 1);
        request->has_place = false;
    }
}

static void answer_later(OskRequest *request)
{
    static const char text[] = "Many files are being read. Try again in a minute.\n";
    osk_request_add_header(request, "Retry-After", OSK_HTTP_FILES_RETRY_S);
    osk_request_answer(request, &(OskAnswer){ .status = 503,
                                              .media_type = "text/plain; charset=utf-8",
                                              .bytes = text,
                                              .len = sizeof(text) - 1 });
}

static void add_file_headers(OskRequest *request, const OskFileAnswer *answer)
{
    const OskRange *part = &request->part;
    char text[128];
    osk_request_add_header(request, "ETag", answer->etag);
    if (part->status == 304) {
        return;
    }
    osk_request_add_header(request, "Accept-Ranges", "bytes");
    if (part->status == 416) {
        snprintf(text, sizeof(text), "bytes */%" PRIu64, answer->len);
        osk_request_add_header(request, "Content-Range", text);
        return;
    }
    osk_request_add_header(request, "Content-Type", answer->media_type);
    if (part->status == 206) {
        snprintf(text, sizeof(text), "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, part->first,
                 part->first + part->len - 1, answer->len);
        osk_request_add_header(request, "Content-Range", text);
    }
    if (answer->save_as != NULL) {
        snprintf(text, sizeof(text), "attachment; filename=\"%s\"", answer->save_as);
        osk_request_add_header(request, "Content-Disposition", text);
    }
}

void osk_request_answer_file(OskRequest *request, const OskFileAnswer *answer)
{
    if (request->status != 0) {
        close(answer->fd);
        return;
    }
    OskRangeAsked asked = { 0 };
    /* To ask for a part, or for nothing where it is known, is a reader's: who sends gets all. */
    if (strcmp(osk_request_method(request), "POST") != 0) {
        asked = (OskRangeAsked){ osk_request_header(request, "Range"),
                                 osk_request_header(request, "If-Range"),
                                 osk_request_header(request, "If-None-Match") };
    }
    request->part = osk_range_choose(&asked, answer->len, answer->etag);
    if (request->part.len > 0 && !osk_request_takes_file(request)) {
        close(answer->fd);
        answer_later(request);
        return;
    }
    add_file_headers(request, answer);
    request->status = request->part.status;
    if (request->part.len == 0) {
        request->unchanged_len = request->part.status == 304 ? answer->len : 0;
        close(answer->fd);
        osk_exchange_leave_files(request);
        return;
    }
    request->file = answer->fd;
    request->part.first += answer->offset;
}

const char *osk_exchange_added(const OskRequest *request, const char *name)
{
    for (const OskText *text = request->headers; text != NULL; text = text->next) {
        if (strcasecmp(text->name, name) == 0) {
            return text->value;
        }
    }
    return NULL;
}

static bool add_headers(OskRequest *request, OskReply *reply)
{
    /* A route may say how its answer is kept. */
    const char *cache =
        osk_exchange_added(request, "Cache-Control") == NULL ? OSK_HTTP_CACHE_NONE : NULL;
    if (!osk_reply_add_usual(reply, request->asked.path, cache)) {
        return false;
    }
    for (const OskText *text = request->headers; text != NULL; text = text->next) {
        if (!osk_reply_add(reply, text->name, text->value)) {
            return false;
        }
    }
    bool closes = request->closes || atomic_load(&request->all->closing);
    return !closes || osk_reply_add(reply, "Connection", "close");
}

bool osk_exchange_send(OskRequest *request)
{
    if (request->file >= 0) {
        request->reply = osk_reply_file(request->file, request->part.first, request->part.len);
        request->file = -1;
    } else if (request->unchanged_len > 0) {
        request->reply = osk_reply_unchanged(request->unchanged_len);
    } else {
        request->reply = osk_reply_owned(request->bytes, request->len);
        request->bytes = NULL;
    }
    request->is_sent = true;
    osk_exchange_paces(request->all, request->deadline);
    return request->reply != NULL && add_headers(request, request->reply) &&
           osk_wire_send(request->asked.wire, request->status, request->reply);
}
