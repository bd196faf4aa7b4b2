/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A restart without a refused connection: the process becomes its successor and keeps the sockets
 * that listen, in whose queues connections wait meanwhile. The protocol is systemd's: LISTEN_FDS,
 * LISTEN_PID, LISTEN_FDNAMES, descriptors from 3 on; so its socket units work as well. */
#ifndef OSK_HTTP_HANDOVER_H
#define OSK_HTTP_HANDOVER_H

#include "oilskin/status.h"

#define OSK_HANDED_MAX 8u

typedef struct OskHanded {
    char name[32]; /* letters, digits, - */
    int fd;
} OskHanded;

/* Sockets that this process was handed: their number, at most OSK_HANDED_MAX. To be asked once,
 * before there are threads: the environment forgets them, so that no child takes them for its own.
 */
size_t osk_http_inherited(OskHanded out[OSK_HANDED_MAX]);

/* Becomes `program` with `argv`, which gets the sockets. Does not return on success. All threads
 * end; so everything else is stopped and stored first.
 * Errors: MISUSE for too many; IO with the fault set: the process is as it was. */
OskStatus osk_http_become(const char *program, char *const argv[], const OskHanded *sockets,
                          size_t count, OskFault *fault);

#endif
