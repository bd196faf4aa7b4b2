/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/reaper.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/limits.h"
#include "unit.h"

/* True when the other side has ended within `ms`. */
static bool ends_within(int fd, int ms)
{
    struct pollfd one = { .fd = fd, .events = POLLIN };
    char byte = 0;
    return poll(&one, 1, ms) == 1 && read(fd, &byte, 1) == 0;
}

static void reaper__ends_what_is_late_and_nothing_else(void **state)
{
    (void)state;
    int late[2];
    int early[2];
    int extended[2];
    OskReaper *reaper = osk_reaper_start();
    assert_non_null(reaper);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, late), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, early), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, extended), 0);
    OskDeadline *first = osk_reaper_watch(reaper, late[0], 1);
    OskDeadline *second = osk_reaper_watch(reaper, early[0], 60 * 1000);
    OskDeadline *third = osk_reaper_watch(reaper, extended[0], 1);
    osk_reaper_extend(reaper, third, 60 * 1000);
    assert_true(ends_within(late[1], 20 * OSK_HTTP_REAP_MS));
    assert_false(ends_within(early[1], 10));
    assert_false(ends_within(extended[1], 10));
    osk_reaper_forget(reaper, second);
    osk_reaper_forget(reaper, first);
    (void)third; /* forgotten by the stop */
    osk_reaper_stop(&reaper);
    assert_null(reaper);
    osk_reaper_stop(&reaper);
    for (int i = 0; i < 2; i++) {
        close(late[i]);
        close(early[i]);
        close(extended[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reaper__ends_what_is_late_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
