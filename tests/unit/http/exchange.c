/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests of routes, as they run: a server on loopback, and a client that sends piece by piece. */
#include "http/exchange.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "exchange_rig.h"
#include "http/limits.h"
#include "unit.h"

static void exchange__a_body_comes_in_pieces_and_is_answered(void **state)
{
    (void)state;
    OskHttp *http = rig_start("127.0.0.1:0");
    int fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("POST", "/echo/x?q=a%20b+c", "Content-Length: 10\r\n"));
    rig_put(fd, "01234");
    rig_rest(30);
    rig_put(fd, "56789");
    const char *answer = rig_get(fd, "\r\n\r\n0123456789");
    assert_true(rig_has(answer, "HTTP/1.1 200 ") && rig_has(answer, "\r\n\r\n0123456789"));
    assert_true(rig_has(answer, "X-Seen: yes\r\n") &&
                rig_has(answer, "Cache-Control: no-store\r\n"));
    assert_true(rig_has(answer, "X-Content-Type-Options: nosniff\r\n"));
    assert_string_equal(rig_seen.query, "a b c");
    /* The connection is kept. */
    rig_seen.len = 0;
    memset(rig_seen.body, 0, sizeof(rig_seen.body));
    rig_put(fd, RIG_HEAD("PATCH", "/echo/y", "Transfer-Encoding: chunked\r\n"));
    rig_put(fd, "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
    assert_true(rig_has(rig_get(fd, "\r\n\r\nabcdefg"), "\r\n\r\nabcdefg"));
    close(fd);
    rig_wait_for_done(2);
    assert_int_equal(rig_seen.begins, 2);
    assert_int_equal(rig_seen.wholes, 2);
    osk_http_stop(&http);
}

static void exchange__pauses_at_each_moment(void **state)
{
    (void)state;
    for (int moment = 0; moment < 3; moment++) {
        for (int early = 0; early < 2; early++) {
            OskHttp *http = rig_start("127.0.0.1:0");
            rig_seen.pauses_in_begin = moment == 0;
            rig_seen.pauses_in_body = moment == 1;
            rig_seen.pauses_in_end = moment == 2;
            rig_seen.resumes_early = early == 1;
            rig_seen.takes = moment == 1 ? 3 : 0;
            int fd = rig_dial(http);
            rig_put(fd, RIG_HEAD("POST", "/echo/x", "Content-Length: 8\r\n") "01234567");
            /* Three bytes at a time: 3, 3, 2. */
            for (unsigned i = 1; i <= (moment == 1 ? 3u : 1u); i++) {
                OskRequest *request = rig_wait_for_pause(i);
                if (early == 0 || i > 1) {
                    rig_rest(10);
                    osk_request_resume(request);
                }
            }
            const char *answer = rig_get(fd, "\r\n\r\n01234567");
            assert_true(rig_has(answer, "\r\n\r\n01234567"));
            close(fd);
            rig_wait_for_done(1);
            osk_http_stop(&http);
        }
    }
}

static void exchange__another_thread_answers(void **state)
{
    (void)state;
    OskHttp *http = rig_start("127.0.0.1:0");
    rig_seen.pauses_in_end = true;
    int fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("GET", "/echo/x", ""));
    OskRequest *request = rig_wait_for_pause(1);
    rig_say(request, 201, "from elsewhere");
    osk_request_resume(request);
    const char *answer = rig_get(fd, "elsewhere");
    assert_true(rig_has(answer, "HTTP/1.1 201 ") && rig_has(answer, "\r\n\r\nfrom elsewhere"));
    assert_int_equal(rig_seen.ends, 1);
    close(fd);
    rig_wait_for_done(1);
    osk_http_stop(&http);
}

static void exchange__a_refusal_may_take_its_time(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        RIG_HEAD("POST", "/echo/x", "Content-Length: 0\r\n"),
        RIG_HEAD("POST", "/echo/x", "Content-Length: 5\r\n") "01234",
        RIG_HEAD("POST", "/echo/x", "Content-Length: 500000\r\n") "012",
        RIG_HEAD("GET", "/echo/x", ""),
        RIG_HEAD("POST", "/echo/x", "Content-Length: 5\r\nExpect: 100-continue\r\n")
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        OskHttp *http = rig_start("127.0.0.1:0");
        rig_seen.pauses_in_begin = true;
        int fd = rig_dial(http);
        rig_put(fd, bodies[i]);
        OskRequest *request = rig_wait_for_pause(1);
        rig_say(request, 503, "later");
        osk_request_resume(request);
        assert_true(rig_has(rig_get(fd, "\r\n\r\nlater"), "HTTP/1.1 503 "));
        close(fd);
        rig_wait_for_done(1);
        assert_int_equal(rig_seen.ends + rig_seen.len, 0);
        osk_http_stop(&http);
    }
}

static void exchange__leave_is_given_to_who_waits_for_it(void **state)
{
    (void)state;
    OskHttp *http = rig_start("127.0.0.1:0");
    int fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("POST", "/echo/x", "Content-Length: 3\r\nExpect: 100-continue\r\n"));
    assert_true(rig_has(rig_get(fd, "\r\n\r\n"), "HTTP/1.1 100 Continue"));
    rig_put(fd, "abc");
    assert_true(rig_has(rig_get(fd, "\r\n\r\nabc"), "HTTP/1.1 200 "));
    close(fd);
    rig_wait_for_done(1);
    osk_http_stop(&http);
}

static void exchange__a_route_without_a_body_reads_past_a_little(void **state)
{
    (void)state;
    OskHttp *http = rig_start("127.0.0.1:0");
    int fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("POST", "/bodiless", "Content-Length: 5\r\n") "01234");
    assert_true(rig_has(rig_get(fd, "\r\n\r\n"), "HTTP/1.1 200 "));
    close(fd);
    rig_wait_for_done(1);
    osk_http_stop(&http);
}

static void exchange__who_goes_is_done_once(void **state)
{
    (void)state;
    OskHttp *http = rig_start("127.0.0.1:0");
    int fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("POST", "/echo/x", "Content-Length: 10\r\n") "012");
    rig_rest(50);
    close(fd);
    rig_wait_for_done(1);
    assert_int_equal(rig_seen.ends, 0);
    assert_int_equal(rig_seen.wholes, 0);
    osk_http_stop(&http);
    assert_int_equal(rig_seen.dones, 1);
}

static void *resume_later(void *context)
{
    rig_rest(200);
    osk_request_resume(context);
    return NULL;
}

static void exchange__a_stop_waits_for_who_is_paused(void **state)
{
    (void)state;
    OskHttp *http = rig_start("127.0.0.1:0");
    rig_seen.pauses_in_end = true;
    int fd = rig_dial(http);
    rig_put(fd, RIG_HEAD("GET", "/echo/x", ""));
    OskRequest *request = rig_wait_for_pause(1);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, resume_later, request), 0);
    osk_http_stop(&http);
    assert_null(http);
    pthread_join(thread, NULL);
    assert_int_equal(rig_seen.dones, 1);
    close(fd);
}

static void exchange__a_few_who_send_fast_keep_their_memory(void **state)
{
    (void)state;
    enum { ALL = OSK_HTTP_FAST + 1 };
    static OskRequest *requests[ALL];
    int fds[ALL];
    OskHttp *http = rig_start("127.0.0.1:0");
    rig_seen.pauses_in_body = true;
    for (unsigned i = 0; i < ALL; i++) {
        fds[i] = rig_dial(http);
        rig_put(fds[i], RIG_HEAD("POST", "/echo/x", "Content-Length: 2\r\n"));
        rig_put(fds[i], "0");
        requests[i] = rig_wait_for_pause(i + 1);
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
    rig_wait_for_done(1);
    assert_true(osk_exchange_keeps(requests[0], OSK_HTTP_FAST_BYTES));
    for (unsigned i = 0; i < ALL; i++) {
        if (i != 1) {
            close(fds[i]);
            osk_request_resume(requests[i]);
        }
    }
    rig_wait_for_done(ALL);
    osk_http_stop(&http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchange__a_body_comes_in_pieces_and_is_answered),
        cmocka_unit_test(exchange__pauses_at_each_moment),
        cmocka_unit_test(exchange__another_thread_answers),
        cmocka_unit_test(exchange__a_refusal_may_take_its_time),
        cmocka_unit_test(exchange__leave_is_given_to_who_waits_for_it),
        cmocka_unit_test(exchange__a_route_without_a_body_reads_past_a_little),
        cmocka_unit_test(exchange__who_goes_is_done_once),
        cmocka_unit_test(exchange__a_stop_waits_for_who_is_paused),
        cmocka_unit_test(exchange__a_few_who_send_fast_keep_their_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
