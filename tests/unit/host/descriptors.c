/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/descriptors.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#define FIRST 20
#define MANY 200

/* In a child: nothing but the standard streams must be left of what was open. */
static int close_in_child(void)
{
    for (int fd = FIRST; fd < FIRST + MANY; fd++) {
        if (dup2(STDIN_FILENO, fd) != fd) {
            return 2;
        }
    }
    if (!osk_descriptors_close_from(FIRST + 1)) {
        return 3;
    }
    for (int fd = FIRST + 1; fd < FIRST + MANY; fd++) {
        if (fcntl(fd, F_GETFD) >= 0) {
            return 4;
        }
    }
    return fcntl(FIRST, F_GETFD) >= 0 ? 0 : 5;
}

static void descriptors__are_closed_from_the_first_on(void **state)
{
    (void)state;
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        _exit(close_in_child());
    }
    assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors__are_closed_from_the_first_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
