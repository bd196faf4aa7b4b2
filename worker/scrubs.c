/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin-strip: as oilskin-worker, for scrubbing and checking sealed files alone. It decodes
 * nothing, so that it is linked to no codec: loading those takes longer than most scrubs do. */
#include "base/fault.h"
#include "program.h"
#include "serve.h"

static bool serve(OskChannel *channel, OskRequest *request)
{
    OskFault fault = { .status = OSK_OK };
    if (!request->strips || request->strip.looks) {
        osk_fault_set(&fault, OSK_MALFORMED, "request", "a job for another worker", 8);
        return osk_serve_fault(channel, OSK_MALFORMED, &fault);
    }
    return osk_serve_clean(channel, request, &fault);
}

int main(int argc, char **argv)
{
    static const OskWorkerProgram program = {
        .by_hand = "oilskin-strip is started by oilskin; there is nothing to do with it by hand.\n",
        .serve = serve,
    };
    return osk_worker_program(argc, argv, &program);
}
