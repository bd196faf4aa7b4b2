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

/* Everything happens within a few ticks; the window is longer than that. */
static void reaper__a_held_clock_stands_still(void **state)
{
    (void)state;
    int held[2];
    OskReaper *reaper = osk_reaper_start();
    assert_non_null(reaper);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, held), 0);
    OskDeadline *deadline = osk_reaper_watch(reaper, held[0], OSK_HTTP_REAP_MS / 2);
    osk_reaper_hold(reaper, deadline);
    osk_reaper_hold(reaper, deadline); /* once is enough */
    assert_false(ends_within(held[1], 3 * OSK_HTTP_REAP_MS));
    assert_int_equal(osk_reaper_count(reaper), 0);
    osk_reaper_release(reaper, deadline);
    assert_true(ends_within(held[1], 20 * OSK_HTTP_REAP_MS));
    assert_int_equal(osk_reaper_count(reaper), 1);
    osk_reaper_stop(&reaper);
    close(held[0]);
    close(held[1]);
}

static void reaper__progress_buys_time_and_never_more_than_the_window(void **state)
{
    (void)state;
    int slow[2];
    int fast[2];
    OskReaper *reaper = osk_reaper_start();
    assert_non_null(reaper);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, slow), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fast), 0);
    OskDeadline *drips = osk_reaper_watch(reaper, slow[0], OSK_HTTP_REAP_MS);
    OskDeadline *flows = osk_reaper_watch(reaper, fast[0], OSK_HTTP_REAP_MS);
    osk_reaper_progress(reaper, flows, OSK_HTTP_BODY_RATE * 10);
    for (int i = 0; i < 100; i++) {
        /* A byte at a time buys less than a millisecond each. */
        osk_reaper_progress(reaper, drips, 1);
    }
    assert_true(ends_within(slow[1], 20 * OSK_HTTP_REAP_MS));
    assert_false(ends_within(fast[1], 10));
    /* However much came at once: behind a hold there is a window left, and no more. */
    osk_reaper_progress(reaper, flows, SIZE_MAX);
    osk_reaper_hold(reaper, flows);
    osk_reaper_progress(reaper, flows, SIZE_MAX);
    osk_reaper_release(reaper, flows);
    osk_reaper_extend(reaper, flows, 1);
    assert_true(ends_within(fast[1], 20 * OSK_HTTP_REAP_MS));
    /* What was ended stays so. */
    osk_reaper_extend(reaper, flows, 60 * 1000);
    osk_reaper_progress(reaper, flows, 1);
    osk_reaper_stop(&reaper);
    for (int i = 0; i < 2; i++) {
        close(slow[i]);
        close(fast[i]);
    }
}

static void reaper__ends_all_at_once(void **state)
{
    (void)state;
    int one[2];
    int later[2];
    OskReaper *reaper = osk_reaper_start();
    assert_non_null(reaper);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, one), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, later), 0);
    assert_non_null(osk_reaper_watch(reaper, one[0], 60 * 1000));
    osk_reaper_end_all(reaper);
    assert_true(ends_within(one[1], 10));
    assert_non_null(osk_reaper_watch(reaper, later[0], 60 * 1000));
    assert_true(ends_within(later[1], 20 * OSK_HTTP_REAP_MS));
    /* Nobody was too slow. */
    assert_int_equal(osk_reaper_count(reaper), 0);
    osk_reaper_stop(&reaper);
    for (int i = 0; i < 2; i++) {
        close(one[i]);
        close(later[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reaper__ends_what_is_late_and_nothing_else),
        cmocka_unit_test(reaper__a_held_clock_stands_still),
        cmocka_unit_test(reaper__progress_buys_time_and_never_more_than_the_window),
        cmocka_unit_test(reaper__ends_all_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
