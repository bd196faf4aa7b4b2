/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve.h"

#include <errno.h>
#include <sys/random.h>

#include "base/fault.h"

static bool fill_random(void *context, void *out, size_t len)
{
    uint8_t *at = out;
    (void)context;
    while (len > 0) {
        ssize_t got = getrandom(at, len, 0);
        if (got < 0 && errno != EINTR) {
            return false;
        }
        if (got > 0) {
            at += got;
            len -= (size_t)got;
        }
    }
    return true;
}

const OskRandom osk_serve_random = { .fill = fill_random };

bool osk_serve_fault(const OskChannel *channel, OskStatus status, OskFault *fault)
{
    osk_fault_set(fault, status, "picture", "the decoder gave up", OSK_NO_OFFSET);
    return osk_channel_fault(channel, fault);
}

bool osk_serve_look(const OskChannel *channel, const OskRequest *request, OskLookDraw draw,
                    OskFault *fault)
{
    const OskLookJob job = { &request->strip, request->segments, &osk_serve_random,
                             channel->cpu_seconds };
    OskLookDone done;
    OskStatus status = osk_look(&job, draw, &done, fault);
    return status == OSK_OK ? osk_channel_looked(channel, &done)
                            : osk_serve_fault(channel, status, fault);
}
