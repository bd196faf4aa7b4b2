/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"

#define FIRST 3 /* systemd's SD_LISTEN_FDS_START */

/* The number in a variable, or -1. */
static long number_in(const char *variable)
{
    const char *text = getenv(variable);
    char *end = NULL;
    if (text == NULL || *text < '0' || *text > '9') {
        return -1;
    }
    errno = 0;
    long number = strtol(text, &end, 10);
    return *end == 0 && errno == 0 ? number : -1;
}

/* The next of the names between colons. */
static void take_name(const char **names, char out[32])
{
    size_t len = *names != NULL ? strcspn(*names, ":") : 0;
    snprintf(out, 32, "%.*s", (int)(len < 31 ? len : 31), *names != NULL ? *names : "");
    if (*names != NULL) {
        *names += len + ((*names)[len] == ':');
    }
}

size_t osk_http_inherited(OskHanded out[OSK_HANDED_MAX])
{
    long count = number_in("LISTEN_FDS");
    const char *names = getenv("LISTEN_FDNAMES");
    size_t found = 0;
    if (number_in("LISTEN_PID") == (long)getpid()) {
        for (long i = 0; i < count && found < OSK_HANDED_MAX; i++) {
            out[found].fd = FIRST + (int)i;
            take_name(&names, out[found].name);
            /* What is not open was not handed over. */
            found += fcntl(out[found].fd, F_SETFD, FD_CLOEXEC) == 0;
        }
    }
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return found;
}

/* Puts the sockets where the protocol wants them. Each is moved out of the way first: one may lie
 * where another goes. What lies there else is closed at the exec, or was ours to keep: so it is
 * looked at that nothing does. */
static bool place(const OskHanded *sockets, size_t count)
{
    int away[OSK_HANDED_MAX];
    for (size_t i = 0; i < count; i++) {
        away[i] = fcntl(sockets[i].fd, F_DUPFD_CLOEXEC, FIRST + (int)OSK_HANDED_MAX);
        if (away[i] < 0) {
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        /* The copy is without FD_CLOEXEC. */
        if (dup2(away[i], FIRST + (int)i) < 0) {
            return false;
        }
    }
    return true;
}

static bool tell(const OskHanded *sockets, size_t count)
{
    char number[24];
    char names[OSK_HANDED_MAX * sizeof(sockets->name)];
    size_t len = 0;
    names[0] = 0;
    for (size_t i = 0; i < count; i++) {
        int wrote = snprintf(names + len, sizeof(names) - len, "%s%.31s", i > 0 ? ":" : "",
                             sockets[i].name);
        len += wrote > 0 ? (size_t)wrote : 0;
    }
    snprintf(number, sizeof(number), "%zu", count);
    bool told = setenv("LISTEN_FDS", number, 1) == 0 && setenv("LISTEN_FDNAMES", names, 1) == 0;
    snprintf(number, sizeof(number), "%ld", (long)getpid());
    return told && setenv("LISTEN_PID", number, 1) == 0;
}

OskStatus osk_http_become(const char *program, char *const argv[], const OskHanded *sockets,
                          size_t count, OskFault *fault)
{
    if (count > OSK_HANDED_MAX) {
        return osk_fault_set(fault, OSK_MISUSE, "", "too many sockets to hand over", OSK_NO_OFFSET);
    }
    if (access(program, X_OK) == 0 && place(sockets, count) && tell(sockets, count)) {
        execv(program, argv);
    }
    return osk_fault_set(fault, OSK_IO, "", "the successor could not be started", OSK_NO_OFFSET);
}
