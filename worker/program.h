/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the programs of the worker share: one job from the socket, done inside the sandbox. */
#ifndef OSK_WORKER_PROGRAM_H
#define OSK_WORKER_PROGRAM_H

#include "channel.h"

typedef struct OskWorkerProgram {
    const char *by_hand;   /* what it tells who starts it themselves */
    void (*prepare)(void); /* loads what can't be loaded in the sandbox; NULL for nothing */
    /* Does the job, or refuses it, and says so; false when nobody was there to be told. What was
     * received is wiped afterwards. */
    bool (*serve)(OskChannel *channel, OskRequest *request);
} OskWorkerProgram;

/* All that main() does. Returns 2 to who starts it by hand, and else never. */
int osk_worker_program(int argc, char **argv, const OskWorkerProgram *program);

#endif
