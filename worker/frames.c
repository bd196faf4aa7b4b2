/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin-frames: as oilskin-worker, for looks at videos alone. Their libraries take longer to load
 * than a scrub takes, so that no other job waits for them. */
#include "base/fault.h"
#include "film.h"
#include "pixels/codec.h"
#include "program.h"
#include "serve.h"

static bool serve(OskChannel *channel, OskRequest *request)
{
    OskFault fault = { .status = OSK_OK };
    if (!(request->strips && request->strip.looks)) {
        osk_fault_set(&fault, OSK_MALFORMED, "request", "a job for another worker", 8);
        return osk_serve_fault(channel, OSK_MALFORMED, &fault);
    }
    return osk_serve_look(channel, request, osk_look_film, &fault);
}

static void prepare(void)
{
    osk_codecs_prepare();
    osk_film_prepare();
}

int main(int argc, char **argv)
{
    static const OskWorkerProgram program = {
        .by_hand =
            "oilskin-frames is started by oilskin; there is nothing to do with it by hand.\n",
        .prepare = prepare,
        .serve = serve,
    };
    return osk_worker_program(argc, argv, &program);
}
