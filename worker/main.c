/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin-worker: one job, decoded inside a sandbox. Started by host/worker_spawn.c with
 *     oilskin-worker VERSION ID MEMORY CPU_SECONDS THREADS
 * and the socket as descriptor 3. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pixels/codec.h"
#include "program.h"
#include "serve.h"

static void say_progress(void *context, uint32_t done, uint32_t total)
{
    const OskChannel *channel = context;
    osk_channel_progress(channel, done, total);
}

static OskEditAsk make_edit(OskChannel *channel, const OskRequest *request)
{
    const OskWorkerAsk *ask = &request->ask;
    return (OskEditAsk){ .op = (OskEditOp)ask->op,
                         .format = ask->format,
                         .output_format = ask->output_format,
                         .bytes = request->input,
                         .len = (size_t)ask->input_len,
                         .regions = request->regions,
                         .regions_len = (size_t)ask->regions_len,
                         .defaults = ask->defaults,
                         .mirror = ask->mirror,
                         .crop = ask->crop,
                         .crop_x = ask->crop_x,
                         .crop_y = ask->crop_y,
                         .crop_width = ask->crop_width,
                         .crop_height = ask->crop_height,
                         .turn = ask->turn,
                         .resize = ask->resize,
                         .quality = ask->quality,
                         .output_max = (size_t)ask->output_capacity,
                         .limits = ask->limits,
                         .random = osk_serve_random,
                         .progress = say_progress,
                         .context = channel };
}

/* Runs the job and copies what it made into the output. */
static OskStatus work(const OskChannel *channel, const OskRequest *request, OskWorkerDone *done,
                      OskFault *fault)
{
    OskChannel copy = *channel;
    OskEditAsk ask = make_edit(&copy, request);
    OskEditDone edited;
    uint8_t *bytes = NULL;
    size_t len = 0;
    OskStatus status = osk_edit_bytes(&ask, &bytes, &len, &edited, fault);
    if (status == OSK_OK && request->output != NULL && bytes != NULL) {
        memcpy(request->output, bytes, len);
    }
    *done = (OskWorkerDone){ .output_len = request->output != NULL ? len : 0,
                             .info = edited.info,
                             .changes = edited.changes,
                             .areas = edited.areas,
                             .centibel = edited.centibel,
                             .note = edited.note };
    if (bytes != NULL) {
        explicit_bzero(bytes, len);
    }
    free(bytes);
    return status;
}

static bool serve(OskChannel *channel, OskRequest *request)
{
    OskWorkerDone done = { 0 };
    OskFault fault = { .status = OSK_OK };
    if (request->strips) {
        return request->strip.looks ? osk_serve_look(channel, request, osk_look_picture, &fault)
                                    : osk_serve_clean(channel, request, &fault);
    }
    OskStatus status = work(channel, request, &done, &fault);
    return status == OSK_OK ? osk_channel_done(channel, &done)
                            : osk_serve_fault(channel, status, &fault);
}

static void prepare(void)
{
    osk_codecs_prepare();
}

int main(int argc, char **argv)
{
    static const OskWorkerProgram program = {
        .by_hand =
            "oilskin-worker is started by oilskin; there is nothing to do with it by hand.\n",
        .prepare = prepare,
        .serve = serve,
    };
    return osk_worker_program(argc, argv, &program);
}
