/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests of routes, as they run: a server on loopback, and a client that sends piece by piece. */
#include "http/exchange.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "http/http.h"
#include "http/limits.h"
#include "unit.h"

/* What the route under test saw. */
typedef struct Seen {
    pthread_mutex_t lock;
    pthread_cond_t change;
    char body[4096];
    size_t len;
    unsigned begins, ends, dones, wholes, pauses;
    OskRequest *request; /* while it is paused */
    bool pauses_in_begin, pauses_in_body, pauses_in_end;
    size_t takes;    /* of each piece; 0 for all */
    size_t stops_at; /* answers 413 once so much came; 0 for never */
    bool resumes_early;
    bool interim;
    char query[64];
    int file; /* that an answer is sent from */
} Seen;

static Seen seen;

static void reset(void)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t change = PTHREAD_COND_INITIALIZER;
    memset(&seen, 0, sizeof(seen));
    seen.lock = lock;
    seen.change = change;
}

static void wait_a_little(long ms)
{
    struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000 };
    nanosleep(&time, NULL);
}

static void pause_it(OskRequest *request)
{
    if (seen.resumes_early) {
        seen.resumes_early = false;
        osk_request_resume(request);
    }
    osk_request_pause(request);
    pthread_mutex_lock(&seen.lock);
    seen.request = request;
    seen.pauses++;
    pthread_cond_broadcast(&seen.change);
    pthread_mutex_unlock(&seen.lock);
}

/* Waits until the route has paused `count` times; the request is then the caller's to resume. */
static OskRequest *wait_for_pause(unsigned count)
{
    pthread_mutex_lock(&seen.lock);
    while (seen.pauses < count) {
        pthread_cond_wait(&seen.change, &seen.lock);
    }
    OskRequest *request = seen.request;
    pthread_mutex_unlock(&seen.lock);
    return request;
}

static void say(OskRequest *request, unsigned status, const char *text)
{
    osk_request_add_header(request, "X-Seen", "yes");
    osk_request_answer(request, &(OskAnswer){ .status = status,
                                              .media_type = "text/plain",
                                              .bytes = text,
                                              .len = strlen(text) });
}

static void on_begin(void *context, OskRequest *request)
{
    (void)context;
    seen.begins++;
    osk_request_set_state(request, &seen);
    const char *query = osk_request_query(request, "q");
    snprintf(seen.query, sizeof(seen.query), "%s", query != NULL ? query : "(none)");
    if (strcmp(osk_request_path(request), "/echo/refuse") == 0) {
        say(request, 403, "no");
        return;
    }
    if (strcmp(osk_request_path(request), "/echo/interim") == 0) {
        osk_request_add_header(request, "X-Early", "1");
        seen.interim = osk_request_interim(request, 104);
    }
    if (seen.pauses_in_begin) {
        pause_it(request);
    }
}

static size_t on_body(void *context, OskRequest *request, const uint8_t *bytes, size_t len)
{
    (void)context;
    assert_ptr_equal(osk_request_state(request), &seen);
    size_t takes = seen.takes > 0 && seen.takes < len ? seen.takes : len;
    for (size_t i = 0; i < takes && seen.len < sizeof(seen.body) - 1; i++) {
        seen.body[seen.len++] = (char)bytes[i];
    }
    if (seen.stops_at > 0 && seen.len >= seen.stops_at) {
        say(request, 413, "enough");
    } else if (seen.pauses_in_body) {
        pause_it(request);
    }
    return takes;
}

static void on_end(void *context, OskRequest *request)
{
    (void)context;
    seen.ends++;
    if (seen.pauses_in_end && seen.ends == 1) {
        pause_it(request);
        return;
    }
    if (strcmp(osk_request_path(request), "/echo/file") == 0) {
        int fd = memfd_create("copy", MFD_CLOEXEC);
        assert_int_equal(write(fd, "..0123456789..", 14), 14);
        osk_request_answer_file(request, &(OskFileAnswer){ .fd = fd,
                                                           .offset = 2,
                                                           .len = 10,
                                                           .media_type = "image/jpeg",
                                                           .etag = "\"e1\"",
                                                           .save_as = "oilskin-1.jpg" });
        seen.file = fd;
        return;
    }
    say(request, 200, seen.body);
}

static void on_done(void *context, OskRequest *request, bool whole)
{
    (void)context;
    assert_ptr_equal(osk_request_state(request), &seen);
    pthread_mutex_lock(&seen.lock);
    seen.dones++;
    seen.wholes += whole;
    pthread_cond_broadcast(&seen.change);
    pthread_mutex_unlock(&seen.lock);
}

static const OskRoute routes[] = {
    { .path = "/echo/",
      .methods = "GET HEAD POST PATCH",
      .begin = on_begin,
      .body = on_body,
      .end = on_end,
      .done = on_done },
    { .path = "/bodiless", .methods = "POST", .begin = on_begin, .end = on_end, .done = on_done },
};

static OskHttp *start(const char *address)
{
    OskHttp *http = NULL;
    OskFault fault = { 0 };
    reset();
    const OskHttpOptions options = { .address = address,
                                     .routes = routes,
                                     .route_count = sizeof(routes) / sizeof(routes[0]) };
    assert_int_equal(osk_http_start(&http, &options, &fault), OSK_OK);
    return http;
}

static int dial(const OskHttp *http)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(osk_http_port(http)) };
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
    return fd;
}

static void put(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* What comes back until `mark` is in it, or the other side ends. */
static const char *get(int fd, const char *mark)
{
    static char answer[8192];
    size_t len = 0;
    answer[0] = 0;
    struct pollfd one = { .fd = fd, .events = POLLIN };
    while (strstr(answer, mark) == NULL && len < sizeof(answer) - 1 && poll(&one, 1, 10000) == 1) {
        ssize_t got = recv(fd, answer + len, sizeof(answer) - 1 - len, 0);
        if (got <= 0) {
            break;
        }
        len += (size_t)got;
        answer[len] = 0;
    }
    return answer;
}

static void wait_for_done(unsigned count)
{
    pthread_mutex_lock(&seen.lock);
    while (seen.dones < count) {
        pthread_cond_wait(&seen.change, &seen.lock);
    }
    pthread_mutex_unlock(&seen.lock);
}

static bool has(const char *answer, const char *text)
{
    return strstr(answer, text) != NULL;
}

#define HEAD(method, path, more) method " " path " HTTP/1.1\r\nHost: localhost\r\n" more "\r\n"

static void exchange__a_body_comes_in_pieces_and_is_answered(void **state)
{
    (void)state;
    OskHttp *http = start("127.0.0.1:0");
    int fd = dial(http);
    put(fd, HEAD("POST", "/echo/x?q=a%20b+c", "Content-Length: 10\r\n"));
    put(fd, "01234");
    wait_a_little(30);
    put(fd, "56789");
    const char *answer = get(fd, "\r\n\r\n0123456789");
    assert_true(has(answer, "HTTP/1.1 200 ") && has(answer, "\r\n\r\n0123456789"));
    assert_true(has(answer, "X-Seen: yes\r\n") && has(answer, "Cache-Control: no-store\r\n"));
    assert_true(has(answer, "X-Content-Type-Options: nosniff\r\n"));
    assert_string_equal(seen.query, "a b c");
    /* The connection is kept. */
    seen.len = 0;
    memset(seen.body, 0, sizeof(seen.body));
    put(fd, HEAD("PATCH", "/echo/y", "Transfer-Encoding: chunked\r\n"));
    put(fd, "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
    assert_true(has(get(fd, "\r\n\r\nabcdefg"), "\r\n\r\nabcdefg"));
    close(fd);
    wait_for_done(2);
    assert_int_equal(seen.begins, 2);
    assert_int_equal(seen.wholes, 2);
    osk_http_stop(&http);
}

static void exchange__pauses_at_each_moment(void **state)
{
    (void)state;
    for (int moment = 0; moment < 3; moment++) {
        for (int early = 0; early < 2; early++) {
            OskHttp *http = start("127.0.0.1:0");
            seen.pauses_in_begin = moment == 0;
            seen.pauses_in_body = moment == 1;
            seen.pauses_in_end = moment == 2;
            seen.resumes_early = early == 1;
            seen.takes = moment == 1 ? 3 : 0;
            int fd = dial(http);
            put(fd, HEAD("POST", "/echo/x", "Content-Length: 8\r\n") "01234567");
            /* Three bytes at a time: 3, 3, 2. */
            for (unsigned i = 1; i <= (moment == 1 ? 3u : 1u); i++) {
                OskRequest *request = wait_for_pause(i);
                if (early == 0 || i > 1) {
                    wait_a_little(10);
                    osk_request_resume(request);
                }
            }
            const char *answer = get(fd, "\r\n\r\n01234567");
            assert_true(has(answer, "\r\n\r\n01234567"));
            close(fd);
            wait_for_done(1);
            osk_http_stop(&http);
        }
    }
}

/* All of it, a part, nothing new, and no part: never a byte around it, and the file is closed. */
static void exchange__a_file_is_sent_in_parts(void **state)
{
    (void)state;
    OskHttp *http = start("127.0.0.1:0");
    int fd = dial(http);
    put(fd, HEAD("GET", "/echo/file", ""));
    const char *answer = get(fd, "0123456789");
    assert_true(has(answer, "HTTP/1.1 200 ") && has(answer, "Content-Length: 10\r\n"));
    close(fd);
    static const struct {
        const char *ask;
        const char *status;
        const char *header;
        const char *end;
    } rows[] = {
        { HEAD("GET", "/echo/file", "Connection: close\r\n"), "HTTP/1.1 200 ",
          "Content-Disposition: attachment; filename=\"oilskin-1.jpg\"\r\n", "\r\n\r\n0123456789" },
        { HEAD("GET", "/echo/file", "Range: bytes=3-5\r\nConnection: close\r\n"), "HTTP/1.1 206 ",
          "Content-Range: bytes 3-5/10\r\n", "\r\n\r\n345" },
        { HEAD("GET", "/echo/file", "If-None-Match: \"e1\"\r\nConnection: close\r\n"),
          "HTTP/1.1 304 ", "ETag: \"e1\"\r\n", "\r\n\r\n" },
        { HEAD("GET", "/echo/file", "Range: bytes=10-\r\nConnection: close\r\n"), "HTTP/1.1 416 ",
          "Content-Range: bytes */10\r\n", "\r\n\r\n" },
        { HEAD("HEAD", "/echo/file", "Connection: close\r\n"), "HTTP/1.1 200 ",
          "Content-Length: 10\r\n", "\r\n\r\n" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fd = dial(http);
        put(fd, rows[i].ask);
        answer = get(fd, "never");
        assert_true(has(answer, rows[i].status));
        assert_true(has(answer, rows[i].header));
        assert_string_equal(strstr(answer, "\r\n\r\n"), rows[i].end);
        close(fd);
        wait_for_done((unsigned)i + 2);
        assert_int_equal(fcntl(seen.file, F_GETFD), -1);
    }
    osk_http_stop(&http);
}

static void exchange__another_thread_answers(void **state)
{
    (void)state;
    OskHttp *http = start("127.0.0.1:0");
    seen.pauses_in_end = true;
    int fd = dial(http);
    put(fd, HEAD("GET", "/echo/x", ""));
    OskRequest *request = wait_for_pause(1);
    say(request, 201, "from elsewhere");
    osk_request_resume(request);
    const char *answer = get(fd, "elsewhere");
    assert_true(has(answer, "HTTP/1.1 201 ") && has(answer, "\r\n\r\nfrom elsewhere"));
    assert_int_equal(seen.ends, 1);
    close(fd);
    wait_for_done(1);
    osk_http_stop(&http);
}

static void exchange__a_refusal_may_take_its_time(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        HEAD("POST", "/echo/x", "Content-Length: 0\r\n"),
        HEAD("POST", "/echo/x", "Content-Length: 5\r\n") "01234",
        HEAD("POST", "/echo/x", "Content-Length: 500000\r\n") "012", HEAD("GET", "/echo/x", ""),
        HEAD("POST", "/echo/x", "Content-Length: 5\r\nExpect: 100-continue\r\n")
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        OskHttp *http = start("127.0.0.1:0");
        seen.pauses_in_begin = true;
        int fd = dial(http);
        put(fd, bodies[i]);
        OskRequest *request = wait_for_pause(1);
        say(request, 503, "later");
        osk_request_resume(request);
        assert_true(has(get(fd, "\r\n\r\nlater"), "HTTP/1.1 503 "));
        close(fd);
        wait_for_done(1);
        assert_int_equal(seen.ends + seen.len, 0);
        osk_http_stop(&http);
    }
}

static void exchange__an_answer_into_a_body_arrives(void **state)
{
    (void)state;
    OskHttp *http = start("127.0.0.1:0");
    static char piece[100 * 1024];
    memset(piece, 'x', sizeof(piece) - 1);
    seen.stops_at = 2000;
    int fd = dial(http);
    put(fd, HEAD("POST", "/echo/x", "Content-Length: 1000000000\r\n"));
    put(fd, piece);
    const char *answer = get(fd, "\r\n\r\nenough");
    assert_true(has(answer, "HTTP/1.1 413 ") && has(answer, "X-Seen: yes\r\n"));
    assert_true(has(answer, "Connection: close\r\n") && has(answer, "Content-Length: 6\r\n"));
    assert_true(has(answer, "Content-Security-Policy: default-src 'none'"));
    close(fd);
    wait_for_done(1);
    assert_int_equal(seen.wholes, 0);
    assert_int_equal(seen.ends, 0);
    osk_http_stop(&http);
}

static void exchange__a_refusal_needs_no_body(void **state)
{
    (void)state;
    OskHttp *http = start("127.0.0.1:0");
    /* Small bodies are read past, and the connection is kept. */
    int fd = dial(http);
    put(fd, HEAD("POST", "/echo/refuse", "Content-Length: 5\r\n") "01234");
    assert_true(has(get(fd, "\r\n\r\nno"), "HTTP/1.1 403 "));
    put(fd, HEAD("POST", "/echo/refuse", "Content-Length: 5\r\n") "01234");
    assert_true(has(get(fd, "\r\n\r\nno"), "HTTP/1.1 403 "));
    close(fd);
    /* Who waits for leave is answered without a byte of it. */
    fd = dial(http);
    put(fd, HEAD("POST", "/echo/refuse", "Content-Length: 5000000\r\nExpect: 100-continue\r\n"));
    const char *answer = get(fd, "\r\n\r\nno");
    assert_true(has(answer, "HTTP/1.1 403 ") && !has(answer, "100 Continue"));
    close(fd);
    /* Large ones are interrupted. */
    fd = dial(http);
    put(fd, HEAD("POST", "/echo/refuse", "Content-Length: 5000000\r\n"));
    assert_true(has(get(fd, "\r\n\r\nno"), "HTTP/1.1 403 "));
    close(fd);
    wait_for_done(4);
    assert_int_equal(seen.len, 0);
    osk_http_stop(&http);
}

static void exchange__leave_is_given_to_who_waits_for_it(void **state)
{
    (void)state;
    OskHttp *http = start("127.0.0.1:0");
    int fd = dial(http);
    put(fd, HEAD("POST", "/echo/x", "Content-Length: 3\r\nExpect: 100-continue\r\n"));
    assert_true(has(get(fd, "\r\n\r\n"), "HTTP/1.1 100 Continue"));
    put(fd, "abc");
    assert_true(has(get(fd, "\r\n\r\nabc"), "HTTP/1.1 200 "));
    close(fd);
    wait_for_done(1);
    osk_http_stop(&http);
}

static void exchange__an_interim_answer_goes_before_the_final_one(void **state)
{
    (void)state;
    OskHttp *http = start("127.0.0.1:0");
    int fd = dial(http);
    put(fd, HEAD("POST", "/echo/interim", "Content-Length: 3\r\n"));
    assert_string_equal(get(fd, "\r\n\r\n"),
                        "HTTP/1.1 104 Upload Resumption Supported\r\nX-Early: 1\r\n\r\n");
    put(fd, "abc");
    const char *answer = get(fd, "\r\n\r\nabc");
    assert_true(seen.interim);
    assert_true(has(answer, "HTTP/1.1 200 ") && !has(answer, "X-Early"));
    close(fd);
    wait_for_done(1);
    /* There was none before HTTP/1.1. */
    fd = dial(http);
    put(fd, "GET /echo/interim HTTP/1.0\r\nHost: localhost\r\n\r\n");
    assert_false(has(get(fd, "abc"), "104"));
    assert_false(seen.interim);
    close(fd);
    osk_http_stop(&http);
}

static void exchange__other_methods_are_named(void **state)
{
    (void)state;
    OskHttp *http = start("127.0.0.1:0");
    int fd = dial(http);
    put(fd, HEAD("DELETE", "/echo/x", ""));
    const char *answer = get(fd, "method.\n");
    assert_true(has(answer, "HTTP/1.1 405 ") && has(answer, "Allow: GET, HEAD, POST, PATCH\r\n"));
    close(fd);
    fd = dial(http);
    put(fd, HEAD("GET", "/nowhere", ""));
    assert_true(has(get(fd, "page.\n"), "HTTP/1.1 404 "));
    close(fd);
    assert_int_equal(seen.begins, 0);
    osk_http_stop(&http);
}

static void exchange__a_route_without_a_body_reads_past_a_little(void **state)
{
    (void)state;
    OskHttp *http = start("127.0.0.1:0");
    int fd = dial(http);
    put(fd, HEAD("POST", "/bodiless", "Content-Length: 5\r\n") "01234");
    assert_true(has(get(fd, "\r\n\r\n"), "HTTP/1.1 200 "));
    close(fd);
    wait_for_done(1);
    osk_http_stop(&http);
}

static void exchange__who_goes_is_done_once(void **state)
{
    (void)state;
    OskHttp *http = start("127.0.0.1:0");
    int fd = dial(http);
    put(fd, HEAD("POST", "/echo/x", "Content-Length: 10\r\n") "012");
    wait_a_little(50);
    close(fd);
    wait_for_done(1);
    assert_int_equal(seen.ends, 0);
    assert_int_equal(seen.wholes, 0);
    osk_http_stop(&http);
    assert_int_equal(seen.dones, 1);
}

static void *resume_later(void *context)
{
    wait_a_little(200);
    osk_request_resume(context);
    return NULL;
}

static void exchange__a_stop_waits_for_who_is_paused(void **state)
{
    (void)state;
    OskHttp *http = start("127.0.0.1:0");
    seen.pauses_in_end = true;
    int fd = dial(http);
    put(fd, HEAD("GET", "/echo/x", ""));
    OskRequest *request = wait_for_pause(1);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, resume_later, request), 0);
    osk_http_stop(&http);
    assert_null(http);
    pthread_join(thread, NULL);
    assert_int_equal(seen.dones, 1);
    close(fd);
}

static void exchange__a_line_break_makes_no_header(void **state)
{
    (void)state;
    OskHttp *http = start("127.0.0.1:0");
    seen.pauses_in_end = true;
    int fd = dial(http);
    put(fd, HEAD("GET", "/echo/x", ""));
    OskRequest *request = wait_for_pause(1);
    osk_request_add_header(request, "Location", "/a\r\nX-Theirs: 1");
    say(request, 200, "ok");
    osk_request_resume(request);
    assert_false(has(get(fd, "\r\n\r\nok"), "X-Theirs"));
    close(fd);
    osk_http_stop(&http);
}

static void exchange__a_path_is_for_the_owner_and_the_group(void **state)
{
    (void)state;
    char folder[] = "/tmp/osk-unit-XXXXXX";
    assert_non_null(mkdtemp(folder));
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    snprintf(at.sun_path, sizeof(at.sun_path), "%s/drop.sock", folder);
    char address[sizeof(at.sun_path) + 8];
    snprintf(address, sizeof(address), "unix:%s", at.sun_path);
    /* The second start finds what the first one left. */
    for (int i = 0; i < 2; i++) {
        OskHttp *http = start(address);
        OskHttp *second = NULL;
        OskFault fault = { 0 };
        struct stat file;
        assert_string_equal(osk_http_address(http), address);
        assert_int_equal(stat(at.sun_path, &file), 0);
        assert_int_equal(file.st_mode & 0777, 0660);
        assert_int_equal(osk_http_start(&second, &(OskHttpOptions){ .address = address }, &fault),
                         OSK_IO);
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
        put(fd, "POST /echo/x HTTP/1.1\r\nHost: any.example\r\nContent-Length: 2\r\n\r\nhi");
        assert_true(has(get(fd, "\r\n\r\nhi"), "HTTP/1.1 200 "));
        close(fd);
        osk_http_stop(&http);
    }
    unlink(at.sun_path);
    rmdir(folder);
}

static void exchange__a_socket_is_handed_over(void **state)
{
    (void)state;
    OskHttp *first = start("127.0.0.1:0");
    OskHttp *second = NULL;
    OskFault fault = { 0 };
    struct sockaddr_in at = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    osk_http_stop(&first);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
    OskHttpOptions options = { .listening = fd, .routes = routes, .route_count = 2 };
    assert_int_equal(osk_http_start(&second, &options, &fault), OSK_MISUSE);
    assert_int_equal(listen(fd, 5), 0);
    assert_int_equal(osk_http_start(&second, &options, &fault), OSK_OK);
    int peer = dial(second);
    put(peer, HEAD("POST", "/echo/x", "Content-Length: 2\r\n") "hi");
    assert_true(has(get(peer, "\r\n\r\nhi"), "HTTP/1.1 200 "));
    close(peer);
    osk_http_stop(&second);
}

static void exchange__each_listener_has_its_own_routes(void **state)
{
    (void)state;
    OskHttp *drop = start("127.0.0.1:0");
    OskHttp *other = NULL;
    OskFault fault = { 0 };
    static const OskRoute ours[] = {
        { .path = "/metrics", .methods = "GET", .begin = on_begin, .end = on_end, .done = on_done }
    };
    const OskHttpOptions options = {
        .address = "127.0.0.1:0", .routes = ours, .route_count = 1, .connections = 2
    };
    assert_int_equal(osk_http_start(&other, &options, &fault), OSK_OK);
    OskHttp *const both[] = { drop, other };
    for (int i = 0; i < 2; i++) {
        int fd = dial(both[i]);
        put(fd, HEAD("GET", "/metrics", "Connection: close\r\n"));
        assert_true(has(get(fd, "nothing"), i == 0 ? "HTTP/1.1 404 " : "HTTP/1.1 200 "));
        close(fd);
    }
    wait_for_done(1);
    assert_int_equal(osk_http_count(other).answered, 1);
    /* Two places: the third one waits in the kernel's queue until one is free. */
    int fds[3];
    for (int i = 0; i < 3; i++) {
        fds[i] = dial(other);
        put(fds[i], i < 2 ? "GET /metrics HTTP/1.1\r\n" : HEAD("GET", "/metrics", ""));
    }
    wait_a_little(100);
    assert_int_equal(osk_http_count(other).waiting, 2);
    close(fds[0]);
    assert_true(has(get(fds[2], "\r\n\r\n"), "HTTP/1.1 200 "));
    close(fds[1]);
    close(fds[2]);
    osk_http_stop(&drop);
    osk_http_stop(&other);
}

static void exchange__a_few_who_send_fast_keep_their_memory(void **state)
{
    (void)state;
    enum { ALL = OSK_HTTP_FAST + 1 };
    static OskRequest *requests[ALL];
    int fds[ALL];
    OskHttp *http = start("127.0.0.1:0");
    seen.pauses_in_body = true;
    for (unsigned i = 0; i < ALL; i++) {
        fds[i] = dial(http);
        put(fds[i], HEAD("POST", "/echo/x", "Content-Length: 2\r\n"));
        put(fds[i], "0");
        requests[i] = wait_for_pause(i + 1);
    }
    for (unsigned i = 0; i < ALL; i++) {
        assert_int_equal(osk_exchange_keeps(requests[i], OSK_HTTP_FAST_BYTES), i < OSK_HTTP_FAST);
    }
    /* Who becomes slow makes room. */
    assert_false(osk_exchange_keeps(requests[0], OSK_HTTP_FAST_BYTES - 1));
    assert_true(osk_exchange_keeps(requests[ALL - 1], OSK_HTTP_FAST_BYTES));
    assert_false(osk_exchange_keeps(requests[0], OSK_HTTP_FAST_BYTES));
    /* And so does who goes. */
    close(fds[1]);
    osk_request_resume(requests[1]);
    wait_for_done(1);
    assert_true(osk_exchange_keeps(requests[0], OSK_HTTP_FAST_BYTES));
    for (unsigned i = 0; i < ALL; i++) {
        if (i != 1) {
            close(fds[i]);
            osk_request_resume(requests[i]);
        }
    }
    wait_for_done(ALL);
    osk_http_stop(&http);
}

/* Where the last long piece of a body came, how much of that a shorter one has taken since, and
 * whether the rest is still there. */
static struct {
    const uint8_t *bytes;
    size_t len;
    size_t from;
    bool is_left;
} last_piece;

static size_t on_long_body(void *context, OskRequest *request, const uint8_t *bytes, size_t len)
{
    (void)context;
    (void)request;
    if (len >= OSK_HTTP_FAST_BYTES) {
        last_piece.bytes = bytes;
        last_piece.len = len;
        last_piece.from = 0;
    } else if (len > last_piece.from) {
        last_piece.from = len;
    }
    return len;
}

static void on_long_end(void *context, OskRequest *request)
{
    (void)context;
    for (size_t i = last_piece.from; i < last_piece.len; i++) {
        last_piece.is_left = last_piece.is_left || last_piece.bytes[i] == 'x';
    }
    say(request, 200, "");
}

static void exchange__nothing_is_left_of_a_piece_that_was_taken(void **state)
{
    (void)state;
    static const OskRoute route = { .path = "/long",
                                    .methods = "POST",
                                    .begin = on_begin,
                                    .body = on_long_body,
                                    .end = on_long_end,
                                    .done = on_done };
    static char text[1 << 20];
    OskHttp *http = NULL;
    OskFault fault = { 0 };
    const OskHttpOptions options = { .address = "127.0.0.1:0", .routes = &route, .route_count = 1 };
    reset();
    memset(text, 'x', sizeof(text));
    assert_int_equal(osk_http_start(&http, &options, &fault), OSK_OK);
    int fd = dial(http);
    put(fd, HEAD("POST", "/long", "Content-Length: 1048576\r\n"));
    for (size_t at = 0; at < sizeof(text);) {
        ssize_t sent = send(fd, text + at, sizeof(text) - at, MSG_NOSIGNAL);
        assert_true(sent > 0);
        at += (size_t)sent;
    }
    assert_true(has(get(fd, "\r\n\r\n"), "HTTP/1.1 200 "));
    assert_true(last_piece.len >= OSK_HTTP_FAST_BYTES && last_piece.from < last_piece.len);
    assert_false(last_piece.is_left);
    close(fd);
    wait_for_done(1);
    osk_http_stop(&http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchange__a_few_who_send_fast_keep_their_memory),
        cmocka_unit_test(exchange__nothing_is_left_of_a_piece_that_was_taken),
        cmocka_unit_test(exchange__a_body_comes_in_pieces_and_is_answered),
        cmocka_unit_test(exchange__pauses_at_each_moment),
        cmocka_unit_test(exchange__a_file_is_sent_in_parts),
        cmocka_unit_test(exchange__another_thread_answers),
        cmocka_unit_test(exchange__a_refusal_may_take_its_time),
        cmocka_unit_test(exchange__an_answer_into_a_body_arrives),
        cmocka_unit_test(exchange__a_refusal_needs_no_body),
        cmocka_unit_test(exchange__leave_is_given_to_who_waits_for_it),
        cmocka_unit_test(exchange__an_interim_answer_goes_before_the_final_one),
        cmocka_unit_test(exchange__other_methods_are_named),
        cmocka_unit_test(exchange__a_route_without_a_body_reads_past_a_little),
        cmocka_unit_test(exchange__who_goes_is_done_once),
        cmocka_unit_test(exchange__a_stop_waits_for_who_is_paused),
        cmocka_unit_test(exchange__a_line_break_makes_no_header),
        cmocka_unit_test(exchange__a_path_is_for_the_owner_and_the_group),
        cmocka_unit_test(exchange__each_listener_has_its_own_routes),
        cmocka_unit_test(exchange__a_socket_is_handed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
