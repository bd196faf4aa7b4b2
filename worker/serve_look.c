/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apart from serve.c, so that who looks at nothing is linked to nothing that draws. */
#include "serve.h"

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
