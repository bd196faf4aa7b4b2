/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "program.h"

#include <string.h>
#include <unistd.h>

#include "oilskin/seal.h"
#include "sandbox.h"
#include "serve.h"

static bool serve(OskChannel *channel, const OskWorkerProgram *program)
{
    OskRequest request;
    OskFault fault = { .status = OSK_OK };
    OskStatus status = osk_channel_receive(channel, &request, &fault);
    bool said = status == OSK_OK ? program->serve(channel, &request)
                                 : osk_serve_fault(channel, status, &fault);
    if (request.segments != NULL) {
        explicit_bzero(request.segments, request.strip.segment_count * sizeof(*request.segments));
    }
    return said;
}

int osk_worker_program(int argc, char **argv, const OskWorkerProgram *program)
{
    OskChannel channel;
    OskSandbox sandbox;
    if (!osk_channel_arguments(argc, argv, &channel, &sandbox)) {
        (void)!write(STDERR_FILENO, program->by_hand, strlen(program->by_hand));
        return 2;
    }
    OskWorkerHello hello = { 0 };
    osk_channel_prepare();
    if (program->prepare != NULL) {
        program->prepare();
    }
    (void)osk_seal_ready();
    hello.layers = osk_sandbox_enter(&sandbox, &hello.landlock);
    /* Without the usual way out: what libraries do there is of no use, and needs system calls. */
    _exit(osk_channel_hello(&channel, &hello) && serve(&channel, program) ? 0 : 1);
}
