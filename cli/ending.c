/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/ending.h"

#include <signal.h>
#include <stdio.h>

static sigset_t all_ends(void)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    return ends;
}

void osk_ending_hold(void)
{
    const sigset_t ends = all_ends();
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
}

void osk_ending_wait(void)
{
    const sigset_t ends = all_ends();
    int ended = 0;
    fflush(stdout);
    sigwait(&ends, &ended);
}
