/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin-strip: as oilskin-worker, for scrubbing and checking sealed files alone. It decodes
 * nothing, so that it is linked to no codec: loading those takes longer than most scrubs do. */
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "channel.h"
#include "sandbox.h"
#include "serve.h"

static bool serve(const OskChannel *channel)
{
    OskRequest request;
    OskFault fault = { .status = OSK_OK };
    OskStatus status = osk_channel_receive(channel, &request, &fault);
    if (status == OSK_OK && (!request.strips || request.strip.looks)) {
        status = osk_fault_set(&fault, OSK_MALFORMED, "request", "a job for another worker", 8);
    }
    bool said = status == OSK_OK ? osk_serve_clean(channel, &request, &fault)
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
            "oilskin-strip is started by oilskin; there is nothing to do with it by hand.\n";
        (void)!write(STDERR_FILENO, words, sizeof(words) - 1);
        return 2;
    }
    OskWorkerHello hello = { 0 };
    osk_channel_prepare();
    (void)osk_seal_ready();
    hello.layers = osk_sandbox_enter(&sandbox, &hello.landlock);
    /* Without the usual way out: what libraries do there is of no use, and needs system calls. */
    _exit(osk_channel_hello(&channel, &hello) && serve(&channel) ? 0 : 1);
}
