/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a server listens, what it finds for an address, and what it leaves of it in memory. */
#include "http/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "exchange_rig.h"
#include "http/limits.h"
#include "unit.h"

static void listener__other_methods_are_named(void **state)
{
    (void)state;
    OskHttp *http = rig_start("127.0.0.1:0");
    int fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("DELETE", "/echo/x", ""));
    const char *answer = rig_get(fd, "method.\n");
    assert_true(rig_has(answer, "HTTP/1.1 405 ") &&
                rig_has(answer, "Allow: GET, HEAD, POST, PATCH\r\n"));
    close(fd);
    fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("GET", "/nowhere", ""));
    assert_true(rig_has(rig_get(fd, "page.\n"), "HTTP/1.1 404 "));
    close(fd);
    assert_int_equal(rig_seen.begins, 0);
    osk_http_stop(&http);
}

static void listener__a_path_is_for_the_owner_and_the_group(void **state)
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
        OskHttp *http = rig_start(address);
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
        rig_put(fd, "POST /echo/x HTTP/1.1\r\nHost: any.example\r\nContent-Length: 2\r\n\r\nhi");
        assert_true(rig_has(rig_get(fd, "\r\n\r\nhi"), "HTTP/1.1 200 "));
        close(fd);
        osk_http_stop(&http);
    }
    unlink(at.sun_path);
    rmdir(folder);
}

static void listener__each_listener_has_its_own_routes(void **state)
{
    (void)state;
    OskHttp *drop = rig_start("127.0.0.1:0");
    OskHttp *other = NULL;
    OskFault fault = { 0 };
    static const OskRoute ours[] = { { .path = "/metrics",
                                       .methods = "GET",
                                       .begin = rig_on_begin,
                                       .end = rig_on_end,
                                       .done = rig_on_done } };
    const OskHttpOptions options = {
        .address = "127.0.0.1:0", .routes = ours, .route_count = 1, .connections = 2
    };
    assert_int_equal(osk_http_start(&other, &options, &fault), OSK_OK);
    OskHttp *const both[] = { drop, other };
    for (int i = 0; i < 2; i++) {
        int fd = rig_dial(both[i]);
        rig_put(fd, RIG_HEAD("GET", "/metrics", "Connection: close\r\n"));
        assert_true(rig_has(rig_get(fd, "nothing"), i == 0 ? "HTTP/1.1 404 " : "HTTP/1.1 200 "));
        close(fd);
    }
    rig_wait_for_done(1);
    assert_int_equal(osk_http_count(other).answered, 1);
    /* Two places: the third one waits in the kernel's queue until one is free. */
    int fds[3];
    for (int i = 0; i < 3; i++) {
        fds[i] = rig_dial(other);
        rig_put(fds[i], i < 2 ? "GET /metrics HTTP/1.1\r\n" : RIG_HEAD("GET", "/metrics", ""));
    }
    rig_rest(100);
    assert_int_equal(osk_http_count(other).waiting, 2);
    close(fds[0]);
    assert_true(rig_has(rig_get(fds[2], "\r\n\r\n"), "HTTP/1.1 200 "));
    close(fds[1]);
    close(fds[2]);
    osk_http_stop(&drop);
    osk_http_stop(&other);
}

static void listener__a_socket_is_handed_over(void **state)
{
    (void)state;
    OskHttp *first = rig_start("127.0.0.1:0");
    OskHttp *second = NULL;
    OskFault fault = { 0 };
    struct sockaddr_in at = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    osk_http_stop(&first);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
    OskHttpOptions options = { .listening = fd, .routes = rig_routes, .route_count = RIG_ROUTES };
    assert_int_equal(osk_http_start(&second, &options, &fault), OSK_MISUSE);
    assert_int_equal(listen(fd, 5), 0);
    assert_int_equal(osk_http_start(&second, &options, &fault), OSK_OK);
    int peer = rig_dial(second);
    rig_put(peer, RIG_HEAD("POST", "/echo/x", "Content-Length: 2\r\n") "hi");
    assert_true(rig_has(rig_get(peer, "\r\n\r\nhi"), "HTTP/1.1 200 "));
    close(peer);
    osk_http_stop(&second);
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
    rig_say(request, 200, "");
}

static void listener__nothing_is_left_of_a_piece_that_was_taken(void **state)
{
    (void)state;
    static const OskRoute route = { .path = "/long",
                                    .methods = "POST",
                                    .begin = rig_on_begin,
                                    .body = on_long_body,
                                    .end = on_long_end,
                                    .done = rig_on_done };
    static char text[1 << 20];
    OskHttp *http = NULL;
    OskFault fault = { 0 };
    const OskHttpOptions options = { .address = "127.0.0.1:0", .routes = &route, .route_count = 1 };
    rig_reset();
    memset(text, 'x', sizeof(text));
    assert_int_equal(osk_http_start(&http, &options, &fault), OSK_OK);
    int fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("POST", "/long", "Content-Length: 1048576\r\n"));
    for (size_t at = 0; at < sizeof(text);) {
        ssize_t sent = send(fd, text + at, sizeof(text) - at, MSG_NOSIGNAL);
        assert_true(sent > 0);
        at += (size_t)sent;
    }
    assert_true(rig_has(rig_get(fd, "\r\n\r\n"), "HTTP/1.1 200 "));
    assert_true(last_piece.len >= OSK_HTTP_FAST_BYTES && last_piece.from < last_piece.len);
    assert_false(last_piece.is_left);
    close(fd);
    rig_wait_for_done(1);
    osk_http_stop(&http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listener__other_methods_are_named),
        cmocka_unit_test(listener__a_path_is_for_the_owner_and_the_group),
        cmocka_unit_test(listener__each_listener_has_its_own_routes),
        cmocka_unit_test(listener__a_socket_is_handed_over),
        cmocka_unit_test(listener__nothing_is_left_of_a_piece_that_was_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
