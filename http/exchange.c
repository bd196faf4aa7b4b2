/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The library takes an answer at two moments only: when the headers came, and when the body did.
 * An answer in between goes to the socket directly (interrupt.c), and the connection ends behind
 * it: the sender still sends, and must hear that it can stop. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "http/exchange_inside.h"
#include "http/limits.h"

/* ---- pausing ---- */

void osk_request_pause(OskRequest *request)
{
    pthread_mutex_lock(&request->lock);
    if (request->is_woken) {
        request->is_woken = false;
        request->was_put_again = true;
    } else if (!request->is_paused) {
        request->is_paused = true;
        request->was_put_off = true;
        atomic_fetch_add(&request->all->paused, 1);
        osk_reaper_hold(request->all->reaper, request->deadline);
        osk_wire_suspend(request->asked.wire);
    }
    pthread_mutex_unlock(&request->lock);
}

void osk_request_resume(OskRequest *request)
{
    OskExchanges *all = request->all;
    pthread_mutex_lock(&request->lock);
    bool was_paused = request->is_paused;
    request->is_woken = !was_paused;
    request->is_paused = false;
    if (was_paused) {
        osk_reaper_release(all->reaper, request->deadline);
        /* Last, and within the lock: once the library goes on, the request may end, which takes the
         * lock before it frees. */
        osk_wire_resume(request->asked.wire);
    }
    pthread_mutex_unlock(&request->lock);
    if (was_paused) {
        atomic_fetch_sub(&all->paused, 1);
    }
}

static bool is_paused(OskRequest *request)
{
    pthread_mutex_lock(&request->lock);
    bool paused = request->is_paused;
    pthread_mutex_unlock(&request->lock);
    return paused;
}

/* ---- the library's questions ---- */

void osk_exchange_paces(OskExchanges *all, OskDeadline *deadline)
{
    static const OskPace pace = { .ms = OSK_HTTP_ANSWER_MS,
                                  .silent_ms = OSK_HTTP_SILENT_MS,
                                  .look_ms = OSK_HTTP_LOOK_MS };
    osk_reaper_send(all->reaper, deadline, &pace);
}

OskRequest *osk_exchange_begin(OskExchanges *all, const OskRoute *route, const OskAsked *asked)
{
    OskRequest *request = calloc(1, sizeof(*request));
    if (request == NULL) {
        return NULL;
    }
    request->all = all;
    request->file = -1;
    request->route = route;
    request->asked = *asked;
    request->closes = asked->is_last;
    request->deadline = osk_wire_deadline(asked->wire);
    pthread_mutex_init(&request->lock, NULL);
    osk_reaper_extend(all->reaper, request->deadline,
                      osk_wire_has_body(asked->wire) ? OSK_HTTP_BODY_WINDOW_MS
                                                     : OSK_HTTP_ANSWER_MS);
    return request;
}

/* Who waits to be told to go on sends nothing, and can be answered at once. */
static bool waits_for_continue(const OskRequest *request)
{
    const char *expect = osk_request_header(request, "Expect");
    return expect != NULL && strcasecmp(expect, "100-continue") == 0;
}

/* Before each call to the route: what pause() says is about that call. */
static void forget_pauses(OskRequest *request)
{
    request->was_put_off = false;
    request->was_put_again = false;
}

static bool go_on_with_body(OskRequest *request)
{
    if (request->status == 0) {
        return true;
    }
    uint64_t len = osk_request_length(request);
    if (len == 0 || waits_for_continue(request)) {
        return osk_exchange_send(request);
    }
    if (len <= OSK_HTTP_READ_PAST_BYTES) {
        request->is_deaf = true;
        return true;
    }
    return osk_exchange_interrupt(request);
}

bool osk_exchange_begun(OskRequest *request)
{
    forget_pauses(request);
    request->route->begin(request->route->context, request);
    /* Once it is paused, another thread may write the answer: it is not looked at here. */
    request->is_beginning = request->was_put_off;
    return request->is_beginning || go_on_with_body(request);
}

/* Hands a piece on until it is taken, or the route waits. False where it does neither. */
static bool hand_on(OskRequest *request, const uint8_t *bytes, size_t *len)
{
    size_t at = 0;
    bool goes_on = true;
    while (goes_on && at < *len && request->status == 0) {
        forget_pauses(request);
        size_t took = request->route->body(request->route->context, request, bytes + at, *len - at);
        if (took > *len - at) {
            return false;
        }
        at += took;
        goes_on = !request->was_put_off;
        if (goes_on && took == 0 && !request->was_put_again && request->status == 0) {
            /* Neither now nor later: the route broke its contract. */
            return false;
        }
    }
    osk_reaper_progress(request->all->reaper, request->deadline, at);
    request->received += at;
    *len -= at;
    return true;
}

static bool take_piece(OskRequest *request, const uint8_t *bytes, size_t *len)
{
    if (is_paused(request)) {
        /* The library goes on to the next chunk of a body by itself. */
        return true;
    }
    if (!request->is_deaf && request->route->body != NULL && request->status == 0) {
        if (!hand_on(request, bytes, len)) {
            return false;
        }
        if (request->was_put_off || request->status == 0) {
            return true;
        }
    }
    request->received += *len;
    *len = 0;
    if (request->is_sent) {
        return request->received - request->answered_at <= OSK_HTTP_LINGER_BYTES;
    }
    if (request->status != 0 && !request->is_deaf &&
        request->received != osk_request_length(request)) {
        return osk_exchange_interrupt(request);
    }
    /* The library asks for the answer when it has read what is left. */
    return request->status != 0 || request->received <= OSK_HTTP_READ_PAST_BYTES;
}

static void ask_for_answer(OskRequest *request)
{
    bool again = request->status == 0;
    request->is_whole = request->is_whole || again;
    while (again) {
        forget_pauses(request);
        request->route->end(request->route->context, request);
        again = request->was_put_again && !request->was_put_off && request->status == 0;
    }
}

bool osk_exchange_step(OskRequest *request, const uint8_t *bytes, size_t *len)
{
    forget_pauses(request);
    if (bytes != NULL) {
        return take_piece(request, bytes, len);
    }
    if (request->is_beginning) {
        request->is_beginning = false;
        return go_on_with_body(request);
    }
    if (request->is_sent) {
        /* It was interrupted, and has nothing more to say. */
        return false;
    }
    osk_reaper_extend(request->all->reaper, request->deadline, OSK_HTTP_ANSWER_MS);
    ask_for_answer(request);
    if (request->was_put_off) {
        return true;
    }
    if (request->status == 0) {
        static const char text[] = "The server failed to answer.\n";
        osk_request_answer(request, &(OskAnswer){ .status = 500,
                                                  .media_type = "text/plain; charset=utf-8",
                                                  .bytes = text,
                                                  .len = sizeof(text) - 1 });
    }
    return osk_exchange_send(request);
}

bool osk_exchange_keeps(OskRequest *request, size_t len)
{
    atomic_uint *fast = &request->all->fast;
    bool was_fast = request->is_fast;
    request->is_fast = len >= OSK_HTTP_FAST_BYTES;
    if (request->is_fast && !was_fast && atomic_fetch_add(fast, 1) >= OSK_HTTP_FAST) {
        request->is_fast = false;
        was_fast = true;
    }
    if (was_fast && !request->is_fast) {
        atomic_fetch_sub(fast, 1);
    }
    return request->is_fast;
}

void osk_exchange_end(OskRequest **request)
{
    OskRequest *over = *request;
    if (over == NULL) {
        return;
    }
    (void)osk_exchange_keeps(over, 0);
    osk_exchange_leave_files(over);
    /* A resume from another thread may be in its last line. */
    pthread_mutex_lock(&over->lock);
    pthread_mutex_unlock(&over->lock);
    if (over->route->done != NULL) {
        over->route->done(over->route->context, over, over->is_whole);
    }
    if (over->reply != NULL) {
        osk_reply_wipe(over->reply);
        osk_reply_free(&over->reply);
    }
    if (over->bytes != NULL) {
        explicit_bzero(over->bytes, over->len);
        free(over->bytes);
    }
    if (over->file >= 0) {
        close(over->file);
    }
    osk_texts_free(&over->headers);
    osk_texts_free(&over->arguments);
    pthread_mutex_destroy(&over->lock);
    free(over);
    *request = NULL;
}
