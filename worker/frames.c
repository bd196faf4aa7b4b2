/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin-frames: as oilskin-worker, for looks at videos alone. Their libraries take longer to load
 * than a scrub takes, so that no other job waits for them. */
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "channel.h"
#include "film.h"
#include "pixels/codec.h"
#include "sandbox.h"
#include "serve.h"

static bool serve(const OskChannel *channel)
{
    OskRequest request;
    OskFault fault = { .status = OSK_OK };
    bool said = false;
    OskStatus status = osk_channel_receive(channel, &request, &fault);
    if (status == OSK_OK && !(request.strips && request.strip.looks)) {
        status = osk_fault_set(&fault, OSK_MALFORMED, "request", "a job for another worker", 8);
    }
    said = status == OSK_OK ? osk_serve_look(channel, &request, osk_look_film, &fault)
                            : osk_serve_fault(channel, status, &fault);
    if (request.segments != NULL) {
        explicit_bzero(request.segments, request.strip.segment_count * sizeof(*request.segments));
    }
    return said;
}

int main(int argc, char **argv)
{
    OskChannel channel;
    OskSandbox sandbox;
    if (!osk_channel_arguments(argc, argv, &channel, &sandbox)) {
        static const char words[] =
            "oilskin-frames is started by oilskin; there is nothing to do with it by hand.\n";
        (void)!write(STDERR_FILENO, words, sizeof(words) - 1);
        return 2;
    }
    OskWorkerHello hello = { 0 };
    osk_channel_prepare();
    osk_codecs_prepare();
    osk_film_prepare();
    (void)osk_seal_ready();
    hello.layers = osk_sandbox_enter(&sandbox, &hello.landlock);
    /* Without the usual way out: what libraries do there is of no use, and needs system calls. */
    _exit(osk_channel_hello(&channel, &hello) && serve(&channel) ? 0 : 1);
}
