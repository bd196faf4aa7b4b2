/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker's end of the socket. */
#ifndef OSK_WORKER_CHANNEL_H
#define OSK_WORKER_CHANNEL_H

#include "host/strip_protocol.h"
#include "sandbox.h"

typedef struct OskChannel {
    uint64_t id;          /* of the request */
    unsigned cpu_seconds; /* after which the kernel ends this process */
} OskChannel;

/* A job and its files, mapped. */
typedef struct OskRequest {
    OskWorkerAsk ask;
    const uint8_t *input;
    const uint8_t *regions; /* NULL for none */
    uint8_t *output;        /* NULL for none */
    bool strips;            /* of a sealed file: then only what follows is set */
    OskStripAsk strip;
    OskStripSegment *segments; /* as many as `strip` says */
} OskRequest;

/* What the command line of a worker says; false when it is none. */
bool osk_channel_arguments(int argc, char **argv, OskChannel *channel, OskSandbox *sandbox);
/* Settings of the process that stand before the sandbox does. */
void osk_channel_prepare(void);
/* False when the parent is gone. */
bool osk_channel_hello(const OskChannel *channel, const OskWorkerHello *hello);
void osk_channel_progress(const OskChannel *channel, uint32_t done, uint32_t total);
bool osk_channel_done(const OskChannel *channel, const OskWorkerDone *done);
bool osk_channel_stripped(const OskChannel *channel, const OskStripDone *done);
bool osk_channel_looked(const OskChannel *channel, const OskLookDone *done);
bool osk_channel_checked(const OskChannel *channel, const OskCheckDone *done);
bool osk_channel_fault(const OskChannel *channel, const OskFault *fault);
/* Waits for the job. Errors: MALFORMED, NO_MEMORY with the fault set. */
OskStatus osk_channel_receive(const OskChannel *channel, OskRequest *request, OskFault *fault);

#endif
