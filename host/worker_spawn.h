/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting and ending the process of a worker. */
#ifndef OSK_HOST_WORKER_SPAWN_H
#define OSK_HOST_WORKER_SPAWN_H

#include <sys/types.h>

#include "oilskin/status.h"

typedef struct OskWorkerProcess {
    pid_t pid;  /* 0 once it was reaped */
    int socket; /* -1 once closed */
} OskWorkerProcess;

/* Each is linked to what its jobs need: loading libraries takes longer than many jobs do. */
typedef enum OskWorkerProgram {
    OSK_PROGRAM_WORKER, /* oilskin-worker: pictures, and every job but looks at videos */
    OSK_PROGRAM_STRIP,  /* oilskin-strip: scrubs and checks sealed files */
    OSK_PROGRAM_FRAMES  /* oilskin-frames: looks at videos */
} OskWorkerProgram;

/* What the worker confines itself by before it reads anything. */
typedef struct OskWorkerStart {
    const char *path; /* NULL: beside this program in a build tree, else where it was installed */
    OskWorkerProgram program;
    uint64_t id;
    uint64_t memory;      /* bytes of address space beside what the program itself takes */
    unsigned cpu_seconds; /* of processor time */
    bool threads;         /* its codec can't do without */
    bool waits;           /* behind all other work of this machine */
    uint64_t
        file_bytes; /* length of the one file that it may write; 0 for none, and no descriptor */
} OskWorkerStart;

/* Errors: IO when there is no worker, NO_MEMORY when this machine has no room for a process, with
 * the fault set. A program that can't be executed shows itself by ending with OSK_WORKER_NO_EXEC;
 * with OSK_WORKER_NO_ROOM where it could be at another moment. */
OskStatus osk_worker_spawn(OskWorkerProcess *process, const OskWorkerStart *start, OskFault *fault);
#define OSK_WORKER_NO_EXEC 127
#define OSK_WORKER_NO_ROOM 126

/* Waits until the process has ended, kills it when `patience_ms` are over (0: at once), and reaps
 * it. Returns its wait status; `*out_killed` says whether it was killed here. */
int osk_worker_reap(OskWorkerProcess *process, unsigned patience_ms, bool *out_killed);

#endif
