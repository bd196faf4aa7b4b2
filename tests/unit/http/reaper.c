/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/reaper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
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

/* A reader, [1], with a small window. */
static void meet(int pair[2])
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t len = sizeof(at);
    const int window = 16 * 1024;
    int door = socket(AF_INET, SOCK_STREAM, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(door, (const struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(door, 1), 0);
    assert_int_equal(getsockname(door, (struct sockaddr *)&at, &len), 0);
    pair[1] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(setsockopt(pair[1], SOL_SOCKET, SO_RCVBUF, &window, sizeof(window)), 0);
    assert_int_equal(connect(pair[1], (const struct sockaddr *)&at, sizeof(at)), 0);
    pair[0] = accept(door, NULL, NULL);
    assert_true(pair[0] >= 0);
    close(door);
}

/* As the library does: once there is room for more than a little. */
static void fill(int fd)
{
    static const char piece[8 * 1024];
    struct pollfd room = { .fd = fd, .events = POLLOUT };
    if (poll(&room, 1, 0) != 1) {
        return;
    }
    while (send(fd, piece, sizeof(piece), MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
    }
}

/* Reads a little of what is there. */
static void read_some(int fd)
{
    static char piece[32 * 1024];
    (void)recv(fd, piece, sizeof(piece), MSG_DONTWAIT);
}

/* By both ways that a server is reached: one reader takes nothing, one a little now and then. */
static void reaper__who_takes_nothing_is_ended_and_who_reads_slowly_is_not(void **state)
{
    (void)state;
    const OskPace pace = { .ms = 60 * 1000, .silent_ms = 6 * OSK_HTTP_REAP_MS, .look_ms = 1 };
    int idle[2][2];
    int slow[2][2];
    OskReaper *reaper = osk_reaper_start();
    assert_non_null(reaper);
    meet(idle[0]);
    meet(slow[0]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, idle[1]), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, slow[1]), 0);
    for (int i = 0; i < 2; i++) {
        fill(idle[i][0]);
        fill(slow[i][0]);
        osk_reaper_send(reaper, osk_reaper_watch(reaper, idle[i][0], 60 * 1000), &pace);
        osk_reaper_send(reaper, osk_reaper_watch(reaper, slow[i][0], 60 * 1000), &pace);
    }
    for (int at = 0; at < 4 * 6 * 2; at++) {
        for (int i = 0; i < 2; i++) {
            read_some(slow[i][1]);
            fill(slow[i][0]);
        }
        poll(NULL, 0, OSK_HTTP_REAP_MS / 2);
    }
    assert_int_equal(osk_reaper_count(reaper), 2);
    for (int i = 0; i < 2; i++) {
        /* Nothing can be written to the one any more. */
        assert_int_equal(send(idle[i][0], "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT), -1);
        assert_int_equal(errno, EPIPE);
    }
    osk_reaper_stop(&reaper);
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 2; k++) {
            close(idle[i][k]);
            close(slow[i][k]);
        }
    }
}

/* Each byte is taken at once, so that there is no silence. */
static void reaper__who_is_given_drops_buys_nothing_with_them(void **state)
{
    (void)state;
    int drops[2];
    int gulps[2];
    const OskPace pace = { .ms = 4 * OSK_HTTP_REAP_MS, .silent_ms = 60 * 1000, .look_ms = 1 };
    OskReaper *reaper = osk_reaper_start();
    assert_non_null(reaper);
    meet(drops);
    meet(gulps);
    osk_reaper_send(reaper, osk_reaper_watch(reaper, drops[0], 60 * 1000), &pace);
    OskDeadline *taken = osk_reaper_watch(reaper, gulps[0], 60 * 1000);
    osk_reaper_send(reaper, taken, &pace);
    for (int at = 0; at < 4 * 4; at++) {
        (void)send(drops[0], "x", 1, MSG_NOSIGNAL);
        fill(gulps[0]);
        read_some(gulps[1]);
        poll(NULL, 0, OSK_HTTP_REAP_MS / 2);
    }
    assert_int_equal(osk_reaper_count(reaper), 1);
    assert_int_equal(send(drops[0], "x", 1, MSG_NOSIGNAL), -1);
    /* Behind an answer that went out there is a time of its own again, and nothing moves it. */
    osk_reaper_extend(reaper, taken, 2 * OSK_HTTP_REAP_MS);
    for (int at = 0; at < 4 * 4; at++) {
        fill(gulps[0]);
        read_some(gulps[1]);
        poll(NULL, 0, OSK_HTTP_REAP_MS / 2);
    }
    assert_int_equal(osk_reaper_count(reaper), 2);
    osk_reaper_stop(&reaper);
    for (int k = 0; k < 2; k++) {
        close(drops[k]);
        close(gulps[k]);
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
        cmocka_unit_test(reaper__who_takes_nothing_is_ended_and_who_reads_slowly_is_not),
        cmocka_unit_test(reaper__who_is_given_drops_buys_nothing_with_them),
        cmocka_unit_test(reaper__ends_all_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
