/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of routes, as a client gets them. */
#include "http/route.h"

#include <fcntl.h>
#include <string.h>
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
        cmocka_unit_test(answering__a_line_break_makes_no_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
