/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The library takes an answer at two moments only: when the headers came, and when the body did.
 * An answer in between goes to the socket directly, and the connection ends behind it: the sender
 * still sends, and must hear that it can stop. */
#include "http/exchange.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/form.h"
#include "http/limits.h"
#include "http/policy.h"
#include "http/range.h"

/* A text that belongs to a request: a header of the answer, or a value of the query. */
typedef struct Text {
    struct Text *next;
    const char *name; /* within `bytes` */
    const char *value;
    size_t len;
    char bytes[];
} Text;

struct OskRequest {
    OskExchanges *all;
    const OskRoute *route;
    OskAsked asked;
    void *state;
    OskDeadline *deadline;
    Text *headers;
    Text *arguments;
    uint8_t *bytes; /* of the answer */
    size_t len;
    int file; /* -1, or what the answer is sent from */
    OskRange part;
    uint64_t received;
    uint64_t answered_at; /* so much of the body, where it was interrupted */
    unsigned status;      /* 0 until there is an answer */
    OskReply *reply;      /* once it is sent */
    pthread_mutex_t lock;
    bool is_paused;     /* under the lock, these two */
    bool is_woken;      /* resumed before it was paused */
    bool was_put_off;   /* these two by the asking thread: the last call paused, */
    bool was_put_again; /* or wanted to and was resumed already */
    bool is_beginning;  /* begin() paused: the library asks for its outcome again */
    bool closes;
    bool is_whole;
    bool is_deaf; /* what still comes is read past */
    bool is_sent;
    bool is_fast; /* one of those who keep the memory of their pieces */
};

/* ---- texts ---- */

static Text *keep_text(Text **list, const char *name, const char *value)
{
    size_t name_len = strlen(name) + 1;
    size_t value_len = strlen(value) + 1;
    Text *text = malloc(sizeof(*text) + name_len + value_len);
    if (text == NULL) {
        return NULL;
    }
    text->len = name_len + value_len;
    text->name = text->bytes;
    text->value = text->bytes + name_len;
    memcpy(text->bytes, name, name_len);
    memcpy(text->bytes + name_len, value, value_len);
    text->next = NULL;
    /* In the order in which they were added. */
    while (*list != NULL) {
        list = &(*list)->next;
    }
    *list = text;
    return text;
}

static void free_texts(Text **list)
{
    while (*list != NULL) {
        Text *text = *list;
        *list = text->next;
        explicit_bzero(text->bytes, text->len);
        free(text);
    }
}

/* ---- what was asked ---- */

const char *osk_request_method(const OskRequest *request)
{
    return request->asked.method;
}

const char *osk_request_path(const OskRequest *request)
{
    return request->asked.path;
}

const char *osk_request_header(const OskRequest *request, const char *name)
{
    return osk_wire_header(request->asked.wire, name);
}

const char *osk_request_query(OskRequest *request, const char *name)
{
    for (const Text *text = request->arguments; text != NULL; text = text->next) {
        if (strcmp(text->name, name) == 0) {
            return text->value;
        }
    }
    const char *raw = osk_wire_argument(request->asked.wire, name);
    Text *text = raw != NULL ? keep_text(&request->arguments, name, raw) : NULL;
    if (text == NULL) {
        return NULL;
    }
    char *value = text->bytes + strlen(text->name) + 1;
    if (!osk_form_unescape(value)) {
        /* What is no text is no value; remembered as none. */
        value[0] = 0;
    }
    return text->value;
}

size_t osk_request_whole_query(const OskRequest *request, char *out, size_t size)
{
    return osk_wire_query(request->asked.wire, out, size);
}

uint64_t osk_request_length(const OskRequest *request)
{
    const char *text = osk_request_header(request, "Content-Length");
    if (osk_request_header(request, "Transfer-Encoding") != NULL) {
        return UINT64_MAX;
    }
    /* The library has refused what is no number before it asked. */
    return text != NULL ? strtoull(text, NULL, 10) : 0;
}

void osk_request_set_state(OskRequest *request, void *state)
{
    request->state = state;
}

void *osk_request_state(const OskRequest *request)
{
    return request->state;
}

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

/* ---- answering ---- */

void osk_request_add_header(OskRequest *request, const char *name, const char *value)
{
    /* A line break in a value would be a header, or an answer, of whoever wrote it. The library
     * takes no empty values. */
    if (value[0] != 0 && name[strcspn(name, "\r\n:")] == 0 && value[strcspn(value, "\r\n")] == 0) {
        keep_text(&request->headers, name, value);
    }
}

void osk_request_answer(OskRequest *request, const OskAnswer *answer)
{
    if (request->status != 0) {
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

/* Who takes a long file slowly has time for it, as long as a body would have. */
static int64_t sending_ms(uint64_t len)
{
    return OSK_HTTP_ANSWER_MS + (int64_t)(len / OSK_HTTP_BODY_RATE) * 1000;
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
    add_file_headers(request, answer);
    request->status = request->part.status;
    if (request->part.len == 0) {
        close(answer->fd);
        return;
    }
    request->file = answer->fd;
    request->part.first += answer->offset;
}

static const char *find_added(const OskRequest *request, const char *name)
{
    for (const Text *text = request->headers; text != NULL; text = text->next) {
        if (strcasecmp(text->name, name) == 0) {
            return text->value;
        }
    }
    return NULL;
}

static bool add_headers(OskRequest *request, OskReply *reply)
{
    /* A route may say how its answer is kept. */
    const char *cache = find_added(request, "Cache-Control") == NULL ? OSK_HTTP_CACHE_NONE : NULL;
    if (!osk_reply_add_usual(reply, request->asked.path, cache)) {
        return false;
    }
    for (const Text *text = request->headers; text != NULL; text = text->next) {
        if (!osk_reply_add(reply, text->name, text->value)) {
            return false;
        }
    }
    bool closes = request->closes || atomic_load(&request->all->closing);
    return !closes || osk_reply_add(reply, "Connection", "close");
}

/* By the library, which allows it now. */
static bool send_answer(OskRequest *request)
{
    int64_t ms = OSK_HTTP_ANSWER_MS;
    if (request->file >= 0) {
        ms = sending_ms(request->part.len);
        request->reply = osk_reply_file(request->file, request->part.first, request->part.len);
        request->file = -1;
    } else {
        request->reply = osk_reply_owned(request->bytes, request->len);
        request->bytes = NULL;
    }
    request->is_sent = true;
    osk_reaper_extend(request->all->reaper, request->deadline, ms);
    return request->reply != NULL && add_headers(request, request->reply) &&
           osk_wire_send(request->asked.wire, request->status, request->reply);
}

/* ---- answering into a body that still comes ---- */

/* A text that grows; nothing more is added once memory failed. */
typedef struct Head {
    char text[OSK_HTTP_HEAD_BYTES];
    size_t len;
    bool is_full;
} Head;

static void put_line(Head *head, const char *name, const char *between, const char *value)
{
    size_t left = sizeof(head->text) - head->len;
    int wrote = snprintf(head->text + head->len, left, "%s%s%s\r\n", name, between, value);
    head->is_full = head->is_full || wrote < 0 || (size_t)wrote >= left;
    head->len += head->is_full ? 0 : (size_t)wrote;
}

static void put_headers(Head *head, const OskRequest *request)
{
    for (const Text *text = request->headers; text != NULL; text = text->next) {
        put_line(head, text->name, ": ", text->value);
    }
}

static void put_status(Head *head, unsigned status)
{
    char number[16];
    snprintf(number, sizeof(number), "%u ", status);
    put_line(head, "HTTP/1.1 ", number, status == 104 ? "Upload Resumption Supported" : "");
}

static bool send_bytes(const OskRequest *request, const void *bytes, size_t len)
{
    int fd = osk_wire_fd(request->asked.wire);
    /* What the socket has no room for is lost; an answer fits into an empty one. */
    return len == 0 || send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)len;
}

static void put_usual(Head *head, const OskRequest *request)
{
    put_line(head, "Content-Security-Policy", ": ", osk_http_policy(request->asked.path));
    for (const OskHttpHeader *row = osk_http_headers; row->name != NULL; row++) {
        put_line(head, row->name, ": ", row->value);
    }
    if (find_added(request, "Cache-Control") == NULL) {
        put_line(head, "Cache-Control", ": ", OSK_HTTP_CACHE_NONE);
    }
}

/* Sends the answer and our end, and listens no more to what comes: it is read for a while, since a
 * connection that is closed over unread bytes takes the answer with it. */
static bool interrupt(OskRequest *request)
{
    Head head = { .len = 0 };
    char length[32];
    snprintf(length, sizeof(length), "%zu", request->len);
    put_status(&head, request->status);
    put_headers(&head, request);
    put_usual(&head, request);
    put_line(&head, "Content-Length", ": ", length);
    put_line(&head, "Connection", ": ", "close");
    put_line(&head, "", "", "");
    bool sent = !head.is_full && send_bytes(request, head.text, head.len) &&
                send_bytes(request, request->bytes, request->len);
    explicit_bzero(head.text, sizeof(head.text));
    shutdown(osk_wire_fd(request->asked.wire), SHUT_WR);
    osk_reaper_extend(request->all->reaper, request->deadline, OSK_HTTP_LINGER_MS);
    request->is_sent = true;
    request->is_deaf = true;
    request->answered_at = request->received;
    return sent;
}

bool osk_request_interim(OskRequest *request, unsigned status)
{
    Head head = { .len = 0 };
    put_status(&head, status);
    put_headers(&head, request);
    put_line(&head, "", "", "");
    bool sent = request->asked.takes_interim && status > 100 && status < 200 && !request->is_sent &&
                !head.is_full && send_bytes(request, head.text, head.len);
    explicit_bzero(head.text, sizeof(head.text));
    free_texts(&request->headers);
    return sent;
}

/* ---- the library's questions ---- */

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
        return send_answer(request);
    }
    if (len <= OSK_HTTP_READ_PAST_BYTES) {
        request->is_deaf = true;
        return true;
    }
    return interrupt(request);
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
        return interrupt(request);
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
    return send_answer(request);
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
    free_texts(&over->headers);
    free_texts(&over->arguments);
    pthread_mutex_destroy(&over->lock);
    free(over);
    *request = NULL;
}
