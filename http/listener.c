/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that knows libmicrohttpd. Every answer is made before the first request comes: a
 * request picks one. */
#include "http/http.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "base/fault.h"
#include "http/limits.h"
#include "http/policy.h"
#include "http/reaper.h"
#include "http/request.h"
#include "http/socket.h"

/* What is open besides connections. */
#define OTHER_DESCRIPTORS 64

/* The four answers of a page. */
typedef struct Answers {
    struct MHD_Response *plain;
    struct MHD_Response *gzip;
    struct MHD_Response *unchanged;
    struct MHD_Response *gzip_unchanged;
    char gzip_etag[OSK_HTTP_ETAG_SIZE + 3]; /* "-gz" more */
} Answers;

struct OskHttp {
    const OskHttpPages *pages;
    Answers *answers; /* one a page, in their order */
    struct MHD_Response *home;
    struct MHD_Response **refusals; /* one a row of osk_http_refusals; NULL without its page */
    struct MHD_Response *not_found;
    struct MHD_Response *wrong_method;
    struct MHD_Response *wrong_host;
    struct MHD_Daemon *daemon;
    OskReaper *reaper;
    OskListening listening;
};

/* ---- answers ---- */

static bool add_header(struct MHD_Response *response, const char *name, const char *value)
{
    return MHD_add_response_header(response, name, value) == MHD_YES;
}

/* What every answer carries. NULL without memory; `bytes` are lent. */
static struct MHD_Response *make_response(const uint8_t *bytes, size_t len, const char *path,
                                          const char *cache)
{
    union {
        const uint8_t *lent;
        void *as_the_library_wants;
    } body = { .lent = bytes };
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, body.as_the_library_wants, MHD_RESPMEM_PERSISTENT);
    if (response == NULL) {
        return NULL;
    }
    bool done = add_header(response, "Content-Security-Policy", osk_http_policy(path)) &&
                add_header(response, "Cache-Control", cache);
    for (const OskHttpHeader *row = osk_http_headers; done && row->name != NULL; row++) {
        done = add_header(response, row->name, row->value);
    }
    if (done) {
        return response;
    }
    MHD_destroy_response(response);
    return NULL;
}

/* An answer after which the connection ends: what may follow is not read, a body of any length. */
static struct MHD_Response *make_last(const uint8_t *bytes, size_t len, const char *path,
                                      const char *media_type)
{
    struct MHD_Response *response = make_response(bytes, len, path, OSK_HTTP_CACHE_NONE);
    if (response != NULL && !(add_header(response, "Content-Type", media_type) &&
                              add_header(response, "Connection", "close"))) {
        MHD_destroy_response(response);
        return NULL;
    }
    return response;
}

/* An answer that is no page: a line of text. */
static struct MHD_Response *make_line(const char *text)
{
    return make_last((const uint8_t *)text, strlen(text), "", "text/plain; charset=utf-8");
}

static struct MHD_Response *make_page(const OskHttpPage *page, const uint8_t *bytes, size_t len,
                                      const char *etag)
{
    struct MHD_Response *response = make_response(
        bytes, len, page->path, page->is_immutable ? OSK_HTTP_CACHE_EVER : OSK_HTTP_CACHE_ASK);
    if (response == NULL) {
        return NULL;
    }
    bool is_whole = bytes != NULL;
    if (add_header(response, "ETag", etag) &&
        (page->gzip == NULL || add_header(response, "Vary", "Accept-Encoding")) &&
        (!is_whole || add_header(response, "Content-Type", page->media_type)) &&
        (!is_whole || bytes != page->gzip || add_header(response, "Content-Encoding", "gzip"))) {
        return response;
    }
    MHD_destroy_response(response);
    return NULL;
}

/* The tag of the compressed bytes: that of the page with -gz, since they are other bytes. */
static void make_gzip_etag(const OskHttpPage *page, char out[OSK_HTTP_ETAG_SIZE + 3])
{
    size_t len = strlen(page->etag) - 1;
    memcpy(out, page->etag, len);
    memcpy(out + len, "-gz\"", sizeof("-gz\""));
}

static size_t count_refusals(void)
{
    size_t count = 0;
    while (osk_http_refusals[count].path != NULL) {
        count++;
    }
    return count;
}

static bool allow_reading(struct MHD_Response *response)
{
    return add_header(response, "Allow", "GET, HEAD");
}

static bool make_refusals(OskHttp *http)
{
    http->refusals = calloc(count_refusals() + 1, sizeof(struct MHD_Response *));
    for (size_t i = 0; http->refusals != NULL && osk_http_refusals[i].path != NULL; i++) {
        const OskHttpPage *page = osk_http_pages_find(http->pages, osk_http_refusals[i].page);
        if (page == NULL) {
            continue;
        }
        http->refusals[i] = make_last(page->bytes, page->len, page->path, page->media_type);
        if (http->refusals[i] == NULL || !allow_reading(http->refusals[i])) {
            return false;
        }
    }
    return http->refusals != NULL;
}

static bool make_answers(OskHttp *http)
{
    http->answers = calloc(http->pages->count > 0 ? http->pages->count : 1, sizeof(Answers));
    if (http->answers == NULL) {
        return false;
    }
    for (size_t i = 0; i < http->pages->count; i++) {
        const OskHttpPage *page = &http->pages->items[i];
        Answers *answers = &http->answers[i];
        answers->plain = make_page(page, page->bytes, page->len, page->etag);
        answers->unchanged = make_page(page, NULL, 0, page->etag);
        if (answers->plain == NULL || answers->unchanged == NULL) {
            return false;
        }
        if (page->gzip != NULL) {
            make_gzip_etag(page, answers->gzip_etag);
            answers->gzip = make_page(page, page->gzip, page->gzip_len, answers->gzip_etag);
            answers->gzip_unchanged = make_page(page, NULL, 0, answers->gzip_etag);
            if (answers->gzip == NULL || answers->gzip_unchanged == NULL) {
                return false;
            }
        }
    }
    http->home = make_line("The studio is at /studio/.\n");
    http->not_found = make_line("There is no such page.\n");
    http->wrong_method = make_line("Pages can only be read.\n");
    http->wrong_host = make_line("This server answers to localhost and 127.0.0.1 only.\n");
    return http->home != NULL && http->not_found != NULL && http->wrong_method != NULL &&
           http->wrong_host != NULL && add_header(http->home, "Location", "/studio/") &&
           allow_reading(http->wrong_method) && make_refusals(http);
}

static void destroy(struct MHD_Response *response)
{
    if (response != NULL) {
        MHD_destroy_response(response);
    }
}

static void destroy_answers(OskHttp *http)
{
    for (size_t i = 0; http->answers != NULL && i < http->pages->count; i++) {
        destroy(http->answers[i].plain);
        destroy(http->answers[i].gzip);
        destroy(http->answers[i].unchanged);
        destroy(http->answers[i].gzip_unchanged);
    }
    free(http->answers);
    for (size_t i = 0; http->refusals != NULL && osk_http_refusals[i].path != NULL; i++) {
        destroy(http->refusals[i]);
    }
    free(http->refusals);
    destroy(http->home);
    destroy(http->not_found);
    destroy(http->wrong_method);
    destroy(http->wrong_host);
}

/* ---- requests ---- */

static OskDeadline *deadline_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

static const char *header_of(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result send_page(OskHttp *http, struct MHD_Connection *connection,
                                 const OskHttpPage *page)
{
    const Answers *answers = &http->answers[page - http->pages->items];
    bool packed =
        answers->gzip != NULL && osk_http_takes_gzip(header_of(connection, "Accept-Encoding"));
    const char *etag = packed ? answers->gzip_etag : page->etag;
    if (osk_http_names_etag(header_of(connection, "If-None-Match"), etag)) {
        return MHD_queue_response(connection, MHD_HTTP_NOT_MODIFIED,
                                  packed ? answers->gzip_unchanged : answers->unchanged);
    }
    return MHD_queue_response(connection, MHD_HTTP_OK, packed ? answers->gzip : answers->plain);
}

/* To what does not ask for a page. What it brings is not read. */
static enum MHD_Result refuse(OskHttp *http, struct MHD_Connection *connection, const char *path)
{
    const OskHttpRefusal *row = osk_http_refusal(path);
    struct MHD_Response *page = row != NULL ? http->refusals[row - osk_http_refusals] : NULL;
    return MHD_queue_response(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
                              page != NULL ? page : http->wrong_method);
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_len, void **request)
{
    OskHttp *http = context;
    (void)version;
    (void)upload;
    OskDeadline *deadline = deadline_of(connection);
    if (deadline != NULL) {
        osk_reaper_extend(http->reaper, deadline, OSK_HTTP_ANSWER_MS);
    }
    if (http->listening.is_loopback && !osk_http_host_is_loopback(header_of(connection, "Host"))) {
        return MHD_queue_response(connection, MHD_HTTP_MISDIRECTED_REQUEST, http->wrong_host);
    }
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        return refuse(http, connection, path);
    }
    if (*upload_len > 0) {
        /* Nobody asks for a page with a body. */
        return MHD_NO;
    }
    if (*request == NULL) {
        /* The library takes an answer at the first call for a refusal, and ends the connection. */
        *request = http;
        return MHD_YES;
    }
    const OskHttpPage *page = osk_http_pages_find(http->pages, path);
    if (page != NULL) {
        return send_page(http, connection, page);
    }
    if (strcmp(path, "/") == 0 || strcmp(path, "/studio") == 0 || osk_http_refusal(path) != NULL) {
        return MHD_queue_response(connection, MHD_HTTP_FOUND, http->home);
    }
    return MHD_queue_response(connection, MHD_HTTP_NOT_FOUND, http->not_found);
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
        if (*socket_context != NULL) {
            osk_reaper_forget(http->reaper, *socket_context);
            *socket_context = NULL;
        }
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info == NULL) {
        return;
    }
    *socket_context = osk_reaper_watch(http->reaper, info->connect_fd, OSK_HTTP_HEADER_MS);
    if (*socket_context == NULL) {
        /* What can't be watched is not served. */
        shutdown(info->connect_fd, SHUT_RDWR);
    }
}

static void end_request(void *context, struct MHD_Connection *connection, void **request,
                        enum MHD_RequestTerminationCode code)
{
    OskHttp *http = context;
    (void)request;
    (void)code;
    OskDeadline *deadline = deadline_of(connection);
    if (deadline != NULL) {
        osk_reaper_extend(http->reaper, deadline, OSK_HTTP_KEEP_ALIVE_MS);
    }
}

/* ---- start and stop ---- */

/* As many connections as there are descriptors for. */
static unsigned connection_limit(void)
{
    struct rlimit files = { 0 };
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
        return 256;
    }
    const rlim_t wanted = OSK_HTTP_CONNECTIONS + OTHER_DESCRIPTORS;
    if (files.rlim_cur < wanted && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
        setrlimit(RLIMIT_NOFILE, &files);
        getrlimit(RLIMIT_NOFILE, &files);
    }
    if (files.rlim_cur >= wanted) {
        return OSK_HTTP_CONNECTIONS;
    }
    return files.rlim_cur > 2 * OTHER_DESCRIPTORS ? (unsigned)files.rlim_cur - OTHER_DESCRIPTORS
                                                  : OTHER_DESCRIPTORS;
}

static struct MHD_Daemon *start_daemon(OskHttp *http)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, answer, http,
        MHD_OPTION_LISTEN_SOCKET, http->listening.fd, MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned)OSK_HTTP_THREADS, MHD_OPTION_CONNECTION_LIMIT, connection_limit(),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)OSK_HTTP_CONNECTION_BYTES,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)OSK_HTTP_IDLE_S, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_NOTIFY_CONNECTION,
        watch_connection, http, MHD_OPTION_NOTIFY_COMPLETED, end_request, http, MHD_OPTION_END);
}

OskStatus osk_http_start(OskHttp **out_http, const char *address, const OskHttpPages *pages,
                         OskFault *fault)
{
    *out_http = NULL;
    OskHttp *http = calloc(1, sizeof(*http));
    if (http == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    http->pages = pages;
    OskStatus status = osk_http_listen(&http->listening, address, fault);
    if (status == OSK_OK && !make_answers(http)) {
        status = osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    if (status == OSK_OK) {
        http->reaper = osk_reaper_start();
        http->daemon = http->reaper != NULL ? start_daemon(http) : NULL;
        if (http->daemon == NULL) {
            status =
                osk_fault_set(fault, OSK_IO, "", "the server could not be started", OSK_NO_OFFSET);
        }
    }
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

void osk_http_stop(OskHttp **http)
{
    if (*http == NULL) {
        return;
    }
    if ((*http)->daemon != NULL) {
        /* Closes the listening socket, too. */
        MHD_stop_daemon((*http)->daemon);
    } else if ((*http)->listening.fd >= 0) {
        close((*http)->listening.fd);
    }
    osk_reaper_stop(&(*http)->reaper);
    destroy_answers(*http);
    free(*http);
    *http = NULL;
}
