/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With wire.c the only file that knows libmicrohttpd. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <microhttpd.h>

#include "base/fault.h"
#include "http/answers.h"
#include "http/exchange.h"
#include "http/http.h"
#include "http/limits.h"
#include "http/lobby.h"
#include "http/policy.h"
#include "http/request.h"
#include "http/routes.h"
#include "http/socket.h"

/* How long nothing may have happened before a server that drains is empty. */
#define QUIET_MS 300

struct OskHttp {
    OskAnswers *answers;
    OskRoutes routes;
    OskExchanges exchanges;
    /* One for each thread. The library has pools of its own, but gives a connection to a thread by
     * its descriptor's number: with a blob opened for each connection all of these are even. */
    struct MHD_Daemon *daemons[OSK_HTTP_THREADS_MAX];
    unsigned threads;
    unsigned turn; /* of the thread that gets the next connection */
    OskListening listening;
    OskLobby *lobby;
    unsigned limit;   /* of connections */
    atomic_uint live; /* requests */
    atomic_ullong answered;
    bool checks_host;
};

/* ---- requests ---- */

/* True while connections are not kept for long. */
static bool is_crowded(const OskHttp *http)
{
    return osk_lobby_count(http->lobby) > OSK_HTTP_KEPT;
}

static enum MHD_Result result_of(bool goes_on)
{
    return goes_on ? MHD_YES : MHD_NO;
}

static enum MHD_Result send_pick(OskHttp *http, OskWire *wire, OskPick pick)
{
    osk_exchange_paces(&http->exchanges, osk_wire_deadline(wire));
    return result_of(osk_wire_send(wire, pick.status, pick.reply));
}

/* To a method that the route does not take. What it brings is not read. */
static enum MHD_Result refuse_method(OskHttp *http, const OskRoute *route, OskWire *wire)
{
    static const char text[] = "This address does not take that method.\n";
    char methods[128];
    osk_routes_allow_text(route->methods, methods);
    OskReply *reply = osk_reply_lent((const uint8_t *)text, sizeof(text) - 1);
    bool sent = reply != NULL && osk_reply_add_usual(reply, route->path, OSK_HTTP_CACHE_NONE) &&
                osk_reply_add(reply, "Content-Type", "text/plain; charset=utf-8") &&
                osk_reply_add(reply, "Allow", methods) &&
                osk_reply_add(reply, "Connection", "close") &&
                send_pick(http, wire, (OskPick){ MHD_HTTP_METHOD_NOT_ALLOWED, reply }) == MHD_YES;
    osk_reply_free(&reply);
    return result_of(sent);
}

/* What is known at a request's first moment: it is left in the library's hands until its end. Pages
 * leave `http` there, routes their request. */
static enum MHD_Result first(OskHttp *http, const OskAsked *asked, void **context)
{
    bool is_exact = false;
    const OskRoute *route = osk_routes_find(&http->routes, asked->path, &is_exact);
    if (!osk_wire_has_one_end(asked->wire)) {
        return send_pick(http, asked->wire, osk_answers_bad(http->answers));
    }
    if (http->checks_host && !osk_http_host_is_loopback(osk_wire_header(asked->wire, "Host"))) {
        return send_pick(http, asked->wire, osk_answers_wrong_host(http->answers));
    }
    if (route != NULL && (is_exact || !osk_answers_has_page(http->answers, asked->path))) {
        if (!osk_routes_allow(route->methods, asked->method)) {
            return refuse_method(http, route, asked->wire);
        }
        OskRequest *request = osk_exchange_begin(&http->exchanges, route, asked);
        *context = request;
        return result_of(request != NULL && osk_exchange_begun(request));
    }
    if (strcmp(asked->method, "GET") != 0 && strcmp(asked->method, "HEAD") != 0) {
        return send_pick(http, asked->wire, osk_answers_refuse(http->answers, asked->path));
    }
    /* The library takes an answer now for a refusal, and ends the connection. */
    *context = http;
    return MHD_YES;
}

/* What the library lends as constant is its own memory, and nobody reads it again. */
static void *own(const char *upload)
{
    union {
        const char *lent;
        void *ours;
    } piece = { .lent = upload };
    return piece.ours;
}

/* What was read is of no more use: whole pages of it go back to the kernel, so that who sends fast
 * once and slowly then does not keep them, and so that nothing of it is left. */
static void forget_piece(const char *upload, size_t len)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = ((uintptr_t)upload + page - 1) & ~(page - 1);
    uintptr_t to = ((uintptr_t)upload + len) & ~(page - 1);
    if (to > from && to - from >= OSK_HTTP_FORGET_BYTES) {
        madvise((void *)from, to - from, MADV_DONTNEED);
    }
}

static bool step(OskRequest *request, const char *upload, size_t *upload_len)
{
    size_t len = *upload_len;
    bool goes_on = osk_exchange_step(request, (const uint8_t *)upload, upload_len);
    size_t taken = len - *upload_len;
    if (taken > 0 && osk_exchange_keeps(request, taken)) {
        explicit_bzero(own(upload), taken);
    } else if (taken > 0) {
        forget_piece(upload, taken);
    }
    return goes_on;
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_len, void **request)
{
    OskHttp *http = context;
    OskAsked asked = { .wire = (OskWire *)(void *)connection,
                       .method = method,
                       .path = path,
                       .is_last = is_crowded(http),
                       .takes_interim = strcmp(version, MHD_HTTP_VERSION_1_1) == 0 };
    if (*request == NULL) {
        atomic_fetch_add(&http->live, 1);
        return first(http, &asked, request);
    }
    if (*request != http) {
        return result_of(step(*request, upload, upload_len));
    }
    if (*upload_len > 0) {
        /* Nobody asks for a page with a body. */
        return MHD_NO;
    }
    return send_pick(http, asked.wire, osk_answers_page(http->answers, asked.wire, path));
}

/* Addresses are compared as they were sent: no page of ours needs an escape. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

/* ---- deadlines ---- */

static void watch_connection(void *context, struct MHD_Connection *connection,
                             void **socket_context, enum MHD_ConnectionNotificationCode code)
{
    OskHttp *http = context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        osk_lobby_left(http->lobby);
        if (*socket_context != NULL) {
            osk_reaper_forget(http->exchanges.reaper, *socket_context);
            *socket_context = NULL;
        }
        return;
    }
    int fd = osk_wire_fd((OskWire *)(void *)connection);
    *socket_context = osk_reaper_watch(http->exchanges.reaper, fd, OSK_HTTP_HEADER_MS);
    if (*socket_context == NULL) {
        /* What can't be watched is not served. */
        shutdown(fd, SHUT_RDWR);
    }
}

static void end_request(void *context, struct MHD_Connection *connection, void **request,
                        enum MHD_RequestTerminationCode code)
{
    OskHttp *http = context;
    (void)code;
    if (*request != NULL && *request != http) {
        OskRequest *over = *request;
        osk_exchange_end(&over);
    }
    *request = NULL;
    atomic_fetch_sub(&http->live, 1);
    atomic_fetch_add(&http->answered, 1);
    osk_reaper_extend(http->exchanges.reaper, osk_wire_deadline((OskWire *)(void *)connection),
                      is_crowded(http) ? OSK_HTTP_CROWDED_KEEP_ALIVE_MS : OSK_HTTP_KEEP_ALIVE_MS);
}

/* ---- start and stop ---- */

/* As many connections as there are descriptors for, and for the files that some are answered from.
 */
static unsigned connection_limit(unsigned most)
{
    struct rlimit files = { 0 };
    const rlim_t wanted = (rlim_t)most + most / OSK_HTTP_FILES_SHARE + OSK_HTTP_OTHER_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
        return most < 256 ? most : 256;
    }
    if (files.rlim_cur < wanted && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
        setrlimit(RLIMIT_NOFILE, &files);
        getrlimit(RLIMIT_NOFILE, &files);
    }
    if (files.rlim_cur >= wanted) {
        return most;
    }
    /* Two thirds with the files. */
    rlim_t half = files.rlim_cur / 2;
    return half < most ? (unsigned)half : most;
}

/* One for each processor, since bodies are sealed on them as they come. */
static unsigned thread_count(unsigned connections)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned most = connections < OSK_HTTP_FEW ? 1 : OSK_HTTP_THREADS_MAX;
    unsigned wanted = processors < OSK_HTTP_THREADS ? OSK_HTTP_THREADS : (unsigned)processors;
    return wanted < most ? wanted : most;
}

/* It has no socket of its own: connections come from the lobby, which counts them. */
static struct MHD_Daemon *start_daemon(OskHttp *http)
{
    return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME |
                                MHD_USE_NO_LISTEN_SOCKET,
                            0, NULL, NULL, answer, http, MHD_OPTION_CONNECTION_LIMIT, http->limit,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)OSK_HTTP_CONNECTION_BYTES,
                            MHD_OPTION_CONNECTION_TIMEOUT, 0u, MHD_OPTION_STRICT_FOR_CLIENT, 1,
                            MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
                            MHD_OPTION_NOTIFY_CONNECTION, watch_connection, http,
                            MHD_OPTION_NOTIFY_COMPLETED, end_request, http, MHD_OPTION_END);
}

static bool start_daemons(OskHttp *http)
{
    const unsigned wanted = thread_count(http->limit);
    while (http->threads < wanted) {
        http->daemons[http->threads] = start_daemon(http);
        if (http->daemons[http->threads] == NULL) {
            return false;
        }
        http->threads++;
    }
    return true;
}

/* The library is told no address: it has no use for one. */
static void admit(void *context, int fd)
{
    OskHttp *http = context;
    const struct sockaddr nobody = { .sa_family = AF_UNSPEC };
    struct MHD_Daemon *next = http->daemons[http->turn++ % http->threads];
    if (MHD_add_connection(next, fd, &nobody, sizeof(nobody)) != MHD_YES) {
        /* It has closed the socket. */
        osk_lobby_left(http->lobby);
    }
}

static OskStatus fail(OskFault *fault, OskStatus status, const char *what)
{
    return osk_fault_set(fault, status, "", what, OSK_NO_OFFSET);
}

static OskStatus start(OskHttp *http, const OskHttpOptions *options, OskFault *fault)
{
    OskStatus status = options->listening != 0
                           ? osk_http_adopt(&http->listening, options->listening, fault)
                           : osk_http_listen(&http->listening, options->address, fault);
    if (status != OSK_OK) {
        return status;
    }
    http->routes = (OskRoutes){ .items = options->routes, .count = options->route_count };
    http->checks_host = http->listening.is_loopback && !options->any_host;
    http->answers = osk_answers_make(options->pages);
    if (http->answers == NULL) {
        return fail(fault, OSK_NO_MEMORY, "out of memory");
    }
    http->limit =
        connection_limit(options->connections > 0 ? options->connections : OSK_HTTP_CONNECTIONS);
    http->exchanges.files_max =
        http->limit < OSK_HTTP_FILES_SHARE ? 1 : http->limit / OSK_HTTP_FILES_SHARE;
    http->exchanges.reaper = osk_reaper_start();
    const OskLobbyOptions lobby = {
        .listening = http->listening.fd, .limit = http->limit, .context = http, .admit = admit
    };
    return http->exchanges.reaper != NULL && start_daemons(http) &&
                   osk_lobby_start(&http->lobby, &lobby)
               ? OSK_OK
               : fail(fault, OSK_IO, "the server could not be started");
}

OskStatus osk_http_start(OskHttp **out_http, const OskHttpOptions *options, OskFault *fault)
{
    *out_http = NULL;
    OskHttp *http = calloc(1, sizeof(*http));
    if (http == NULL) {
        return fail(fault, OSK_NO_MEMORY, "out of memory");
    }
    http->listening.fd = -1;
    OskStatus status = start(http, options, fault);
    if (status != OSK_OK) {
        osk_http_stop(&http);
        return status;
    }
    *out_http = http;
    return OSK_OK;
}

const char *osk_http_address(const OskHttp *http)
{
    return http->listening.text;
}

uint16_t osk_http_port(const OskHttp *http)
{
    return http->listening.port;
}

bool osk_http_is_loopback(const OskHttp *http)
{
    return http->listening.is_loopback;
}

OskHttpCounts osk_http_count(OskHttp *http)
{
    return (OskHttpCounts){ .waiting = osk_lobby_waiting(http->lobby),
                            .connections = osk_lobby_count(http->lobby),
                            .requests = atomic_load(&http->live),
                            .paused = atomic_load(&http->exchanges.paused),
                            .answered = atomic_load(&http->answered),
                            .too_slow = osk_reaper_count(http->exchanges.reaper) +
                                        osk_lobby_ended(http->lobby) };
}

static void wait_a_little(void)
{
    const struct timespec step = { .tv_nsec = 10 * 1000 * 1000 };
    nanosleep(&step, NULL);
}

void osk_http_drain(OskHttp *http, int ms)
{
    atomic_store(&http->exchanges.closing, true);
    osk_lobby_shut(http->lobby);
    /* On its way from the lobby to its first answer a connection is counted nowhere: quiet is what
     * has lasted. */
    for (int quiet = 0; ms > 0 && quiet < QUIET_MS; ms -= 10) {
        quiet = atomic_load(&http->live) + osk_lobby_waiting(http->lobby) > 0 ? 0 : quiet + 10;
        wait_a_little();
    }
}

/* Ends all connections. False where a route still holds a request. */
static bool end_connections(OskHttp *http)
{
    if (http->lobby != NULL) {
        osk_lobby_shut(http->lobby);
    }
    osk_reaper_end_all(http->exchanges.reaper);
    /* A request that goes on may pause again: none that is paused is not enough. */
    for (int ms = 0; ms < OSK_HTTP_STOP_MS; ms += 10) {
        if (atomic_load(&http->exchanges.paused) == 0 && atomic_load(&http->live) == 0) {
            return true;
        }
        wait_a_little();
    }
    return atomic_load(&http->exchanges.paused) == 0;
}

int osk_http_release(OskHttp **http)
{
    OskHttp *over = *http;
    *http = NULL;
    int fd = over->listening.fd;
    if (over->threads > 0) {
        if (!end_connections(over)) {
            /* The library must not be stopped then, and what it uses must stay. */
            return fd;
        }
        /* The thread of the lobby ends before the library, to which it brings connections, and the
         * rest of it behind it, which tells who left. */
        osk_lobby_close(over->lobby);
        for (unsigned i = 0; i < over->threads; i++) {
            MHD_stop_daemon(over->daemons[i]);
        }
    }
    osk_lobby_free(&over->lobby);
    osk_reaper_stop(&over->exchanges.reaper);
    osk_answers_free(&over->answers);
    free(over);
    return fd;
}

void osk_http_stop(OskHttp **http)
{
    int fd = *http != NULL ? osk_http_release(http) : -1;
    if (fd >= 0) {
        close(fd);
    }
}
