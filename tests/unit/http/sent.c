/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/sent.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault.h"
#include "http/limits.h"
#include "http/socket.h"
#include "unit.h"

/* A reader with a small window, and the end of it that is written to. */
static void meet(const OskListening *listening, int *out_reader, int *out_writer)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(listening->port) };
    const int window = 16 * 1024;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *out_reader = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(setsockopt(*out_reader, SOL_SOCKET, SO_RCVBUF, &window, sizeof(window)), 0);
    assert_int_equal(connect(*out_reader, (const struct sockaddr *)&at, sizeof(at)), 0);
    do {
        *out_writer = accept4(listening->fd, NULL, NULL, SOCK_NONBLOCK);
    } while (*out_writer < 0 && errno == EAGAIN);
    assert_true(*out_writer >= 0);
}

/* Until the kernel takes no more: how much that was. */
static size_t fill(int fd)
{
    static const char piece[16 * 1024];
    size_t len = 0;
    ssize_t wrote = 0;
    /* What was taken may make room for more. */
    for (int tries = 0; tries < 20; tries++) {
        while ((wrote = send(fd, piece, sizeof(piece), MSG_NOSIGNAL)) > 0) {
            len += (size_t)wrote;
        }
        usleep(5000);
    }
    return len;
}

static void sent__the_kernel_keeps_little_for_who_reads_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        OskListening listening;
        OskListening first;
        OskFault fault = { 0 };
        OskSent sent;
        int reader = -1;
        int writer = -1;
        assert_int_equal(osk_http_listen(&first, "127.0.0.1:0", &fault), OSK_OK);
        listening = first;
        if (i == 1) {
            /* Another process made it, and knew of nothing. */
            const int all = -1;
            assert_int_equal(
                setsockopt(first.fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &all, sizeof(all)), 0);
            assert_int_equal(osk_http_adopt(&listening, first.fd, &fault), OSK_OK);
        }
        meet(&listening, &reader, &writer);
        size_t len = fill(writer);
        assert_true(osk_http_sent(writer, &sent));
        assert_true(sent.is_counted);
        assert_int_equal(sent.taken + sent.left, len);
        assert_true(sent.left > 0 && sent.left <= 2 * OSK_HTTP_UNSENT_BYTES);
        close(reader);
        close(writer);
        osk_http_unlisten(&listening);
    }
}

static void sent__what_is_read_is_counted(void **state)
{
    (void)state;
    OskListening listening;
    OskFault fault = { 0 };
    OskSent before;
    OskSent behind;
    int reader = -1;
    int writer = -1;
    static char piece[64 * 1024];
    assert_int_equal(osk_http_listen(&listening, "127.0.0.1:0", &fault), OSK_OK);
    meet(&listening, &reader, &writer);
    size_t len = fill(writer);
    assert_true(osk_http_sent(writer, &before));
    for (size_t got = 0; got < len;) {
        ssize_t more = recv(reader, piece, sizeof(piece), 0);
        assert_true(more > 0);
        got += (size_t)more;
    }
    /* The last word of it is on its way. */
    for (int tries = 0; tries < 1000; tries++) {
        assert_true(osk_http_sent(writer, &behind));
        if (behind.left == 0) {
            break;
        }
        usleep(5000);
    }
    assert_true(behind.taken > before.taken);
    assert_int_equal(behind.taken, len);
    assert_int_equal(behind.left, 0);
    close(reader);
    close(writer);
    osk_http_unlisten(&listening);
}

static void sent__a_path_says_what_is_left(void **state)
{
    (void)state;
    int pair[2];
    OskSent sent;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_true(osk_http_sent(pair[0], &sent));
    assert_false(sent.is_counted);
    assert_int_equal(sent.left, 0);
    assert_int_equal(write(pair[0], "0123456789", 10), 10);
    assert_true(osk_http_sent(pair[0], &sent));
    assert_true(sent.left > 0 && sent.taken == 0);
    close(pair[0]);
    close(pair[1]);
    assert_false(osk_http_sent(pair[0], &sent));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sent__the_kernel_keeps_little_for_who_reads_nothing),
        cmocka_unit_test(sent__what_is_read_is_counted),
        cmocka_unit_test(sent__a_path_says_what_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
