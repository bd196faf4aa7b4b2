/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers that go out before the body came. */
#include "http/route.h"

#include <string.h>
#include <unistd.h>

#include "exchange_rig.h"
#include "unit.h"

static void interrupt__an_answer_into_a_body_arrives(void **state)
{
    (void)state;
    OskHttp *http = rig_start("127.0.0.1:0");
    static char piece[100 * 1024];
    memset(piece, 'x', sizeof(piece) - 1);
    rig_seen.stops_at = 2000;
    int fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("POST", "/echo/x", "Content-Length: 1000000000\r\n"));
    rig_put(fd, piece);
    const char *answer = rig_get(fd, "\r\n\r\nenough");
    assert_true(rig_has(answer, "HTTP/1.1 413 ") && rig_has(answer, "X-Seen: yes\r\n"));
    assert_true(rig_has(answer, "Connection: close\r\n") &&
                rig_has(answer, "Content-Length: 6\r\n"));
    assert_true(rig_has(answer, "Content-Security-Policy: default-src 'none'"));
    close(fd);
    rig_wait_for_done(1);
    assert_int_equal(rig_seen.wholes, 0);
    assert_int_equal(rig_seen.ends, 0);
    osk_http_stop(&http);
}

static void interrupt__a_refusal_needs_no_body(void **state)
{
    (void)state;
    OskHttp *http = rig_start("127.0.0.1:0");
    /* Small bodies are read past, and the connection is kept. */
    int fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("POST", "/echo/refuse", "Content-Length: 5\r\n") "01234");
    assert_true(rig_has(rig_get(fd, "\r\n\r\nno"), "HTTP/1.1 403 "));
    rig_put(fd, RIG_HEAD("POST", "/echo/refuse", "Content-Length: 5\r\n") "01234");
    assert_true(rig_has(rig_get(fd, "\r\n\r\nno"), "HTTP/1.1 403 "));
    close(fd);
    /* Who waits for leave is answered without a byte of it. */
    fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("POST", "/echo/refuse",
                         "Content-Length: 5000000\r\nExpect: 100-continue\r\n"));
    const char *answer = rig_get(fd, "\r\n\r\nno");
    assert_true(rig_has(answer, "HTTP/1.1 403 ") && !rig_has(answer, "100 Continue"));
    close(fd);
    /* Large ones are interrupted. */
    fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("POST", "/echo/refuse", "Content-Length: 5000000\r\n"));
    assert_true(rig_has(rig_get(fd, "\r\n\r\nno"), "HTTP/1.1 403 "));
    close(fd);
    rig_wait_for_done(4);
    assert_int_equal(rig_seen.len, 0);
    osk_http_stop(&http);
}

static void interrupt__an_interim_answer_goes_before_the_final_one(void **state)
{
    (void)state;
    OskHttp *http = rig_start("127.0.0.1:0");
    int fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("POST", "/echo/interim", "Content-Length: 3\r\n"));
    assert_string_equal(rig_get(fd, "\r\n\r\n"),
                        "HTTP/1.1 104 Upload Resumption Supported\r\nX-Early: 1\r\n\r\n");
    rig_put(fd, "abc");
    const char *answer = rig_get(fd, "\r\n\r\nabc");
    assert_true(rig_seen.interim);
    assert_true(rig_has(answer, "HTTP/1.1 200 ") && !rig_has(answer, "X-Early"));
    close(fd);
    rig_wait_for_done(1);
    /* There was none before HTTP/1.1. */
    fd = rig_dial(http);
    rig_put(fd, "GET /echo/interim HTTP/1.0\r\nHost: localhost\r\n\r\n");
    assert_false(rig_has(rig_get(fd, "abc"), "104"));
    assert_false(rig_seen.interim);
    close(fd);
    osk_http_stop(&http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interrupt__an_answer_into_a_body_arrives),
        cmocka_unit_test(interrupt__a_refusal_needs_no_body),
        cmocka_unit_test(interrupt__an_interim_answer_goes_before_the_final_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
