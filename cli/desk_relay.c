/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/desk_relay.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/desk_http.h"
#include "cli/relay_cookies.h"
#include "host/input.h"
#include "host/output.h"
#include "http/errands.h"
#include "oilskin/seal.h"

/* As many as a browser asks at once. */
#define THREADS 6u
/* Of an answer, or a body: what is longer lies in a file of memory, which can be sent as one. */
#define MEMORY_BYTES ((size_t)8 << 20)
/* Of what lies there: a copy that a page can make is smaller, and nothing goes to the disk. */
#define KEPT_MAX ((uint64_t)1 << 30)
#define PATH_BYTES 800u
#define ROUTES 4u

struct OskDeskRelay {
    const char *origin;
    const char *proxy;
    char own[128];
    char tag[OSK_RELAY_TAG_BYTES]; /* of its cookies */
    OskErrands *errands;
    pthread_mutex_t lock; /* of what follows */
    OskDeskHttp *idle[THREADS];
    size_t idle_count;
    OskRoute routes[ROUTES];
};

/* Bytes that come one after the other. */
typedef struct Kept {
    uint8_t *bytes; /* wiped */
    size_t room;
    uint64_t len;
    int fd; /* all of them, once they are many: memory, never a disk; -1 for none */
} Kept;

typedef struct Asking {
    OskErrand errand;
    OskDeskRelay *relay;
    OskRequest *request;
    char path[PATH_BYTES];
    char cookie[OSK_RELAY_COOKIES_BYTES];
    char *token;
    char *media_type;
    bool is_change;
    Kept body;
    Kept answer;
    OskDeskPassed passed;
    OskStatus status;
    atomic_bool is_done;
} Asking;

/* ---- bytes ---- */

static void drop(Kept *kept)
{
    if (kept->bytes != NULL) {
        osk_seal_wipe(kept->bytes, kept->room);
        free(kept->bytes);
    }
    if (kept->fd >= 0) {
        close(kept->fd);
    }
    *kept = (Kept){ .fd = -1 };
}

static bool grow(Kept *kept, size_t len)
{
    size_t room = kept->room == 0 ? 4096 : kept->room;
    while (room < kept->len + len) {
        room *= 2;
    }
    uint8_t *bytes = room == kept->room ? kept->bytes : malloc(room);
    if (bytes == NULL) {
        return false;
    }
    if (bytes != kept->bytes && kept->bytes != NULL) {
        memcpy(bytes, kept->bytes, (size_t)kept->len);
        osk_seal_wipe(kept->bytes, kept->room);
        free(kept->bytes);
    }
    kept->bytes = bytes;
    kept->room = room;
    return true;
}

/* A copy is in the clear here, and a reviewer's machine is what somebody takes. */
static bool move_to_file(Kept *kept)
{
    if (kept->fd >= 0) {
        return true;
    }
    kept->fd = memfd_create("oilskin", MFD_CLOEXEC);
    return kept->fd >= 0 &&
           (kept->len == 0 || osk_write_all(kept->fd, kept->bytes, (size_t)kept->len));
}

static bool keep(void *context, const void *bytes, size_t len)
{
    Kept *kept = context;
    bool fits = kept->fd < 0 && kept->len + len <= MEMORY_BYTES;
    bool is_kept = fits ? grow(kept, len)
                        : len <= KEPT_MAX - kept->len && move_to_file(kept) &&
                              osk_write_all(kept->fd, bytes, len);
    if (is_kept && fits) {
        memcpy(kept->bytes + kept->len, bytes, len);
    }
    kept->len += is_kept ? len : 0;
    return is_kept;
}

static bool read_kept(void *context, uint64_t offset, void *out, size_t len)
{
    const Kept *kept = context;
    return osk_read_at(kept->fd, offset, out, len);
}

/* ---- the way to the server ---- */

static OskDeskHttp *take_way(OskDeskRelay *relay)
{
    OskFault fault = { .status = OSK_OK };
    OskDeskHttp *way = NULL;
    pthread_mutex_lock(&relay->lock);
    if (relay->idle_count > 0) {
        way = relay->idle[--relay->idle_count];
    }
    pthread_mutex_unlock(&relay->lock);
    if (way == NULL && osk_desk_http_open(&way, relay->origin, relay->proxy, &fault) != OSK_OK) {
        return NULL;
    }
    return way;
}

static void give_way_back(OskDeskRelay *relay, OskDeskHttp *way)
{
    pthread_mutex_lock(&relay->lock);
    if (relay->idle_count < THREADS) {
        relay->idle[relay->idle_count++] = way;
        way = NULL;
    }
    pthread_mutex_unlock(&relay->lock);
    osk_desk_http_close(&way);
}

static void run(OskErrand *errand)
{
    Asking *asking = (Asking *)(void *)errand;
    OskRequest *request = asking->request;
    OskFault fault = { .status = OSK_OK };
    OskDeskHttp *way = take_way(asking->relay);
    const OskSource body = { .context = &asking->body,
                             .size = asking->body.len,
                             .bytes = asking->body.fd < 0 ? asking->body.bytes : NULL,
                             .read = read_kept };
    static const uint8_t nothing = 0;
    OskSource empty = body;
    empty.bytes = &nothing;
    asking->passed = (OskDeskPassed){ .path = asking->path,
                                      .cookie = asking->cookie[0] != 0 ? asking->cookie : NULL,
                                      .token = asking->token,
                                      .media_type = asking->media_type,
                                      .take = keep,
                                      .context = &asking->answer };
    if (asking->is_change) {
        asking->passed.body = body.size == 0 ? &empty : &body;
    }
    asking->status = way == NULL ? OSK_NO_MEMORY : osk_desk_http_pass(way, &asking->passed, &fault);
    asking->passed.body = NULL;
    if (way != NULL) {
        give_way_back(asking->relay, way);
    }
    atomic_store(&asking->is_done, true);
    osk_request_resume(request);
}

/* ---- the answer ---- */

/* What the desk's API answers with. Anything else would be the server's own: it becomes bytes. */
static const char *type_of(const char *said)
{
    static const char *const known[] = { "application/json", "image/jpeg", "image/png",
                                         "image/webp",       "image/gif",  "video/mp4",
                                         "video/webm" };
    size_t len = strcspn(said, "; ");
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strlen(known[i]) == len && strncmp(known[i], said, len) == 0) {
            return known[i];
        }
    }
    return "application/octet-stream";
}

static void pass_cookie(const Asking *asking, const char *said)
{
    char text[OSK_RELAY_COOKIES_BYTES];
    if (osk_relay_cookie_to_browser(text, asking->relay->tag, said)) {
        osk_request_add_header(asking->request, "Set-Cookie", text);
        osk_seal_wipe(text, sizeof(text));
    }
}

static void refuse(OskRequest *request, unsigned status, const char *json)
{
    const OskAnswer answer = {
        .status = status, .media_type = "application/json", .bytes = json, .len = strlen(json)
    };
    osk_request_answer(request, &answer);
}

static void answer(Asking *asking)
{
    OskRequest *request = asking->request;
    OskDeskPassed *passed = &asking->passed;
    if (asking->status != OSK_OK || passed->status < 200 || passed->status > 599 ||
        (passed->status >= 300 && passed->status < 400)) {
        refuse(request, 502,
               "{\"schema\":\"oilskin/error/1\",\"error\":\"The desk's server can't be reached\"}");
        return;
    }
    for (size_t i = 0; i < passed->set_cookie_count; i++) {
        pass_cookie(asking, passed->set_cookies[i]);
    }
    if (passed->retry_after[0] != 0) {
        osk_request_add_header(request, "Retry-After", passed->retry_after);
    }
    if (asking->answer.fd >= 0 && passed->status == 200) {
        const OskFileAnswer file = { .fd = asking->answer.fd,
                                     .len = asking->answer.len,
                                     .media_type = type_of(passed->answer_type),
                                     .etag = "\"sent\"" };
        asking->answer.fd = -1;
        osk_request_answer_file(request, &file);
        return;
    }
    const OskAnswer whole = { .status = asking->answer.fd >= 0 ? 502 : passed->status,
                              .media_type = type_of(passed->answer_type),
                              .bytes = asking->answer.bytes,
                              .len = asking->answer.fd >= 0 ? 0 : (size_t)asking->answer.len };
    osk_request_answer(request, &whole);
}

/* ---- a request ---- */

static char *copy_header(const OskRequest *request, const char *name)
{
    const char *text = osk_request_header(request, name);
    return text == NULL || strlen(text) >= OSK_DESK_PASSED_BYTES ? NULL : strdup(text);
}

static bool name_path(const OskRequest *request, char out[PATH_BYTES])
{
    int len = snprintf(out, PATH_BYTES, "%s?", osk_request_path(request));
    if (len < 0 || (size_t)len >= PATH_BYTES ||
        osk_request_whole_query(request, out + len, PATH_BYTES - (size_t)len) >=
            PATH_BYTES - (size_t)len) {
        return false;
    }
    if (out[len] == 0) {
        out[len - 1] = 0;
    }
    return out[strcspn(out, " \r\n\\")] == 0 && strstr(out, "/..") == NULL;
}

/* A page of somebody else's can make a browser send, but not say that it is ours. */
static bool is_ours(const OskDeskRelay *relay, const OskRequest *request)
{
    const char *from = osk_request_header(request, "Origin");
    return from != NULL && relay->own[0] != 0 && strcmp(from, relay->own) == 0;
}

static void begin(void *context, OskRequest *request)
{
    OskDeskRelay *relay = context;
    const bool is_change = strcmp(osk_request_method(request), "POST") == 0;
    Asking *asking = calloc(1, sizeof(*asking));
    osk_request_set_state(request, asking);
    if (asking == NULL) {
        refuse(request, 503, "{\"schema\":\"oilskin/error/1\",\"error\":\"No memory is left\"}");
        return;
    }
    asking->errand.run = run;
    asking->relay = relay;
    asking->request = request;
    asking->is_change = is_change;
    asking->body.fd = -1;
    asking->answer.fd = -1;
    if (is_change && !is_ours(relay, request)) {
        refuse(request, 403,
               "{\"schema\":\"oilskin/error/1\",\"error\":\"This came from another page\"}");
        return;
    }
    if (!name_path(request, asking->path)) {
        refuse(request, 400, "{\"schema\":\"oilskin/error/1\",\"error\":\"No such address\"}");
        return;
    }
    osk_relay_cookies_to_desk(asking->cookie, relay->tag, osk_request_header(request, "Cookie"));
    asking->token = copy_header(request, "Oilskin-Token");
    asking->media_type = copy_header(request, "Content-Type");
}

static size_t take(void *context, OskRequest *request, const uint8_t *bytes, size_t len)
{
    Asking *asking = osk_request_state(request);
    (void)context;
    if (!keep(&asking->body, bytes, len)) {
        refuse(request, 507,
               "{\"schema\":\"oilskin/error/1\",\"error\":\"This machine has no room for it\"}");
    }
    return len;
}

static void end(void *context, OskRequest *request)
{
    OskDeskRelay *relay = context;
    Asking *asking = osk_request_state(request);
    if (atomic_load(&asking->is_done)) {
        answer(asking);
        return;
    }
    osk_request_pause(request);
    osk_errands_add(relay->errands, &asking->errand);
}

static void forget(char *text)
{
    if (text != NULL) {
        osk_seal_wipe(text, strlen(text));
        free(text);
    }
}

static void done(void *context, OskRequest *request, bool whole)
{
    Asking *asking = osk_request_state(request);
    (void)context;
    (void)whole;
    if (asking == NULL) {
        return;
    }
    drop(&asking->body);
    drop(&asking->answer);
    forget(asking->token);
    forget(asking->media_type);
    osk_seal_wipe(asking, sizeof(*asking));
    free(asking);
}

/* ---- all of it ---- */

OskStatus osk_desk_relay_open(OskDeskRelay **out, const char *origin, const char *proxy,
                              OskFault *fault)
{
    static const char *const paths[ROUTES] = { "/api/", "/blobs/", "/copies", "/copies/" };
    OskDeskRelay *relay = calloc(1, sizeof(*relay));
    *out = relay;
    if (relay == NULL || osk_errands_open(&relay->errands, THREADS) != OSK_OK) {
        free(relay);
        *out = NULL;
        *fault = (OskFault){ .status = OSK_NO_MEMORY, .what = "no memory is left" };
        return OSK_NO_MEMORY;
    }
    relay->origin = origin;
    relay->proxy = proxy;
    osk_relay_tag(relay->tag, origin);
    pthread_mutex_init(&relay->lock, NULL);
    for (size_t i = 0; i < ROUTES; i++) {
        relay->routes[i] = (OskRoute){ .path = paths[i],
                                       .methods = "GET POST",
                                       .context = relay,
                                       .begin = begin,
                                       .body = take,
                                       .end = end,
                                       .done = done };
    }
    /* So that a missing library is said now, and not in the page. */
    OskStatus status = osk_desk_http_open(&relay->idle[0], origin, proxy, fault);
    relay->idle_count = status == OSK_OK ? 1 : 0;
    if (status != OSK_OK) {
        osk_desk_relay_close(out);
    }
    return status;
}

const OskRoute *osk_desk_relay_routes(const OskDeskRelay *relay, size_t *out_count)
{
    *out_count = ROUTES;
    return relay->routes;
}

void osk_desk_relay_serve_at(OskDeskRelay *relay, const char *own)
{
    snprintf(relay->own, sizeof(relay->own), "%s", own);
}

void osk_desk_relay_close(OskDeskRelay **relay)
{
    OskDeskRelay *old = *relay;
    if (old == NULL) {
        return;
    }
    osk_errands_close(&old->errands);
    for (size_t i = 0; i < old->idle_count; i++) {
        osk_desk_http_close(&old->idle[i]);
    }
    pthread_mutex_destroy(&old->lock);
    free(old);
    *relay = NULL;
}
