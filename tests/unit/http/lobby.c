/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/lobby.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/limits.h"
#include "unit.h"

static OskHead look(const char *text)
{
    return osk_head_look(text, strlen(text));
}

static void lobby__an_empty_line_ends_a_head(void **state)
{
    (void)state;
    static const char head[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (size_t len = 0; len < sizeof(head) - 1; len++) {
        assert_int_equal(osk_head_look(head, len), OSK_HEAD_PART);
    }
    assert_int_equal(look(head), OSK_HEAD_WHOLE);
    assert_int_equal(look("GET / HTTP/1.1\r\n\r\nbody"), OSK_HEAD_WHOLE);
    assert_int_equal(look("GET / HTTP/1.1\n\nbody"), OSK_HEAD_WHOLE);
    assert_int_equal(look("GET / HTTP/1.1\r\n\rx"), OSK_HEAD_PART);
    assert_int_equal(look("\r\r\r\r"), OSK_HEAD_PART);
}

static void lobby__a_head_has_an_end(void **state)
{
    (void)state;
    static char text[OSK_HTTP_HEADER_BYTES + 1];
    memset(text, 'a', sizeof(text));
    assert_int_equal(osk_head_look(text, sizeof(text) - 1), OSK_HEAD_PART);
    assert_int_equal(osk_head_look(text, sizeof(text)), OSK_HEAD_LONG);
    memcpy(text + sizeof(text) - 2, "\n\n", 2);
    assert_int_equal(osk_head_look(text, sizeof(text)), OSK_HEAD_WHOLE);
}

/* ---- guests ---- */

static void admit_nobody(void *context, int fd)
{
    (void)context;
    close(fd);
}

static void wait_for(unsigned (*count)(const OskLobby *lobby), const OskLobby *lobby)
{
    for (int ms = 0; count(lobby) == 0; ms += 10) {
        assert_true(ms < 4 * OSK_HTTP_CROWDED_HEADER_MS);
        usleep(10 * 1000);
    }
}

/* A listening socket, and one connected to it. */
static void open_sockets(int *out_listening, int *out_client)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    socklen_t len = sizeof(name.sun_family); /* the kernel makes a name */
    *out_listening = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    *out_client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(*out_listening, (struct sockaddr *)&name, len), 0);
    assert_int_equal(listen(*out_listening, 8), 0);
    len = sizeof(name);
    assert_int_equal(getsockname(*out_listening, (struct sockaddr *)&name, &len), 0);
    assert_int_equal(connect(*out_client, (struct sockaddr *)&name, len), 0);
}

/* Between fork() and exec() a worker holds all sockets: one that the lobby closes stays open for so
 * long, and what comes on it must not wake a guest that is gone. */
static void lobby__hears_nothing_of_one_that_it_ended(void **state)
{
    (void)state;
    int listening = -1;
    int client = -1;
    OskLobby *lobby = NULL;
    open_sockets(&listening, &client);
    assert_true(osk_lobby_start(
        &lobby, &(OskLobbyOptions){ .listening = listening, .limit = 1, .admit = admit_nobody }));
    assert_int_equal(send(client, "G", 1, MSG_NOSIGNAL), 1);
    wait_for(osk_lobby_waiting, lobby);
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    wait_for(osk_lobby_ended, lobby);
    assert_int_equal(send(client, "E", 1, MSG_NOSIGNAL), 1);
    usleep(200 * 1000);
    assert_int_equal(osk_lobby_waiting(lobby), 0);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    osk_lobby_free(&lobby);
    close(listening);
    close(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lobby__an_empty_line_ends_a_head),
        cmocka_unit_test(lobby__a_head_has_an_end),
        cmocka_unit_test(lobby__hears_nothing_of_one_that_it_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
