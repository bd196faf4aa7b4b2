/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of routes, as a client gets them. */
#include "http/route.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exchange_rig.h"
#include "unit.h"

/* All of it, a part, nothing new, and no part: never a byte around it, and the file is closed. */
static void answering__a_file_is_sent_in_parts(void **state)
{
    (void)state;
    OskHttp *http = rig_start("127.0.0.1:0");
    int fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("GET", "/echo/file", ""));
    const char *answer = rig_get(fd, "0123456789");
    assert_true(rig_has(answer, "HTTP/1.1 200 ") && rig_has(answer, "Content-Length: 10\r\n"));
    close(fd);
    static const struct {
        const char *ask;
        const char *status;
        const char *header;
        const char *end;
    } rows[] = {
        { RIG_HEAD("GET", "/echo/file", "Connection: close\r\n"), "HTTP/1.1 200 ",
          "Content-Disposition: attachment; filename=\"oilskin-1.jpg\"\r\n", "\r\n\r\n0123456789" },
        { RIG_HEAD("GET", "/echo/file", "Range: bytes=3-5\r\nConnection: close\r\n"),
          "HTTP/1.1 206 ", "Content-Range: bytes 3-5/10\r\n", "\r\n\r\n345" },
        { RIG_HEAD("GET", "/echo/file", "If-None-Match: \"e1\"\r\nConnection: close\r\n"),
          "HTTP/1.1 304 ", "ETag: \"e1\"\r\n", "\r\n\r\n" },
        { RIG_HEAD("GET", "/echo/file", "Range: bytes=10-\r\nConnection: close\r\n"),
          "HTTP/1.1 416 ", "Content-Range: bytes */10\r\n", "\r\n\r\n" },
        { RIG_HEAD("HEAD", "/echo/file", "Connection: close\r\n"), "HTTP/1.1 200 ",
          "Content-Length: 10\r\n", "\r\n\r\n" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fd = rig_dial(http);
        rig_put(fd, rows[i].ask);
        answer = rig_get(fd, "never");
        assert_true(rig_has(answer, rows[i].status));
        assert_true(rig_has(answer, rows[i].header));
        assert_string_equal(strstr(answer, "\r\n\r\n"), rows[i].end);
        close(fd);
        rig_wait_for_done((unsigned)i + 2);
        assert_int_equal(fcntl(rig_seen.file, F_GETFD), -1);
    }
    osk_http_stop(&http);
}

/* Answered from a file that no socket has room for, by one who may be asked for others meanwhile.
 */
static void end_long(void *context, OskRequest *request)
{
    (void)context;
    int fd = memfd_create("long", MFD_CLOEXEC);
    assert_int_equal(ftruncate(fd, 64 << 20), 0);
    osk_request_answer_file(
        request, &(OskFileAnswer){
                     .fd = fd, .len = 64 << 20, .media_type = "video/mp4", .etag = "\"long\"" });
}

/* Says what it is told of a place. */
static void end_place(void *context, OskRequest *request)
{
    (void)context;
    bool first = osk_request_takes_file(request);
    /* Asked twice it is one. */
    assert_int_equal(osk_request_takes_file(request), first);
    rig_say(request, 200, first ? "there is one" : "there is none");
}

static const OskRoute long_routes[] = {
    { .path = "/long", .methods = "GET", .begin = rig_on_begin, .end = end_long },
    { .path = "/place", .methods = "GET", .begin = rig_on_begin, .end = end_place },
    { .path = "/echo/", .methods = "GET", .begin = rig_on_begin, .end = rig_on_end },
};

/* Until it is said, since who goes is heard of a moment later. */
static bool says_at_last(const OskHttp *http, const char *head, const char *what)
{
    for (int tries = 0; tries < 500; tries++) {
        int fd = rig_dial(http);
        rig_put(fd, head);
        bool said = rig_has(rig_get(fd, what), what);
        close(fd);
        if (said) {
            return true;
        }
        rig_rest(20);
    }
    return false;
}

/* Seven connections: two of them, a third, may be answers from files. */
static void answering__a_third_of_the_connections_may_be_files(void **state)
{
    (void)state;
    static const char long_head[] = RIG_HEAD("GET", "/long", "Connection: close\r\n");
    static const char place_head[] = RIG_HEAD("GET", "/place", "Connection: close\r\n");
    OskHttp *http = NULL;
    OskFault fault = { 0 };
    const OskHttpOptions options = { .address = "127.0.0.1:0",
                                     .routes = long_routes,
                                     .route_count = sizeof(long_routes) / sizeof(long_routes[0]),
                                     .connections = 7 };
    int readers[2];
    rig_reset();
    assert_int_equal(osk_http_start(&http, &options, &fault), OSK_OK);
    for (int i = 0; i < 2; i++) {
        readers[i] = rig_dial(http);
        rig_put(readers[i], long_head);
        assert_true(rig_has(rig_get(readers[i], "\r\n\r\n"), "HTTP/1.1 200 "));
    }
    int fd = rig_dial(http);
    rig_put(fd, long_head);
    const char *answer = rig_get(fd, "never");
    assert_true(rig_has(answer, "HTTP/1.1 503 ") && rig_has(answer, "\r\nRetry-After: 30\r\n"));
    assert_true(rig_has(answer, "Try again in a minute.\n"));
    close(fd);
    /* Who has it all is told so, others are answered, and a route can ask before. */
    fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("GET", "/long", "If-None-Match: \"long\"\r\nConnection: close\r\n"));
    answer = rig_get(fd, "never");
    assert_true(rig_has(answer, "HTTP/1.1 304 "));
    assert_true(rig_has(answer, "\r\nContent-Length: 67108864\r\n"));
    close(fd);
    fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("GET", "/echo/x", "Connection: close\r\n"));
    assert_true(rig_has(rig_get(fd, "never"), "HTTP/1.1 200 "));
    close(fd);
    fd = rig_dial(http);
    rig_put(fd, place_head);
    assert_true(rig_has(rig_get(fd, "never"), "there is none"));
    close(fd);
    /* One who goes makes room for one; a place that was not used is given back. */
    close(readers[0]);
    assert_true(says_at_last(http, place_head, "there is one"));
    for (int i = 0; i < 5; i++) {
        assert_true(says_at_last(http, place_head, "there is one"));
    }
    readers[0] = rig_dial(http);
    rig_put(readers[0], long_head);
    assert_true(rig_has(rig_get(readers[0], "\r\n\r\n"), "HTTP/1.1 200 "));
    fd = rig_dial(http);
    rig_put(fd, long_head);
    assert_true(rig_has(rig_get(fd, "\r\n\r\n"), "HTTP/1.1 503 "));
    close(fd);
    for (int i = 0; i < 2; i++) {
        close(readers[i]);
    }
    osk_http_stop(&http);
}

/* A 304 says how long what it is about is, and the next answer begins right behind its head. */
static void answering__what_is_unchanged_has_its_length_and_no_byte(void **state)
{
    (void)state;
    OskHttp *http = rig_start("127.0.0.1:0");
    int fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("GET", "/echo/file", "If-None-Match: \"e1\"\r\n"));
    const char *answer = rig_get(fd, "\r\n\r\n");
    assert_true(rig_has(answer, "HTTP/1.1 304 ") && rig_has(answer, "\r\nContent-Length: 10\r\n"));
    assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
    rig_put(fd, RIG_HEAD("GET", "/echo/file", "Range: bytes=3-5\r\nConnection: close\r\n"));
    answer = rig_get(fd, "never");
    assert_memory_equal(answer, "HTTP/1.1 206 ", 13);
    assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n345");
    close(fd);
    osk_http_stop(&http);
}

static void answering__a_line_break_makes_no_header(void **state)
{
    (void)state;
    OskHttp *http = rig_start("127.0.0.1:0");
    rig_seen.pauses_in_end = true;
    int fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("GET", "/echo/x", ""));
    OskRequest *request = rig_wait_for_pause(1);
    osk_request_add_header(request, "Location", "/a\r\nX-Theirs: 1");
    rig_say(request, 200, "ok");
    osk_request_resume(request);
    assert_false(rig_has(rig_get(fd, "\r\n\r\nok"), "X-Theirs"));
    close(fd);
    osk_http_stop(&http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answering__a_file_is_sent_in_parts),
        cmocka_unit_test(answering__a_third_of_the_connections_may_be_files),
        cmocka_unit_test(answering__what_is_unchanged_has_its_length_and_no_byte),
        cmocka_unit_test(answering__a_line_break_makes_no_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
