/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "look.h"

#include <stdlib.h>

#include "base/fault.h"
#include "host/strip_client.h"

OskStatus osk_look_fail(OskLook *look, OskStatus status, const char *what)
{
    return osk_fault_set(look->fault, status, "picture", what, OSK_NO_OFFSET);
}

OskStatus osk_look_pass(OskLook *look)
{
    /* OSK_LOOK_PASSED, as a literal: only those are in the list of sentences. */
    return osk_fault_set(look->fault, OSK_UNSUPPORTED, "format",
                         "there is no decoder for this format", OSK_NO_OFFSET);
}

OskStatus osk_look_check(OskLook *look, OskStatus status)
{
    switch (status) {
    case OSK_OK: return status;
    case OSK_LIMIT:
        return osk_look_fail(look, status, "the picture is too large for the memory of a job");
    case OSK_NO_MEMORY: return osk_look_fail(look, status, "not enough memory");
    default: return osk_look_fail(look, status, "the picture can't be shown");
    }
}

/* ---- what is written ---- */

/* A sealed file in the output. */
typedef struct Part {
    const OskSealTo *to;
    const uint8_t *bytes;
    size_t len;
    uint64_t from;
    uint64_t max;
} Part;

static OskStatus seal(OskLook *look, const Part *part, uint64_t *out_len)
{
    OskSealedOutput *output = calloc(1, sizeof(*output));
    if (output == NULL) {
        return osk_look_check(look, OSK_NO_MEMORY);
    }
    output->fault = look->fault;
    output->from = part->from;
    output->max = part->max;
    OskStatus status = osk_sealed_begin(output, part->to);
    if (status == OSK_OK && !osk_sealed_write(output, part->bytes, part->len)) {
        status = output->status;
    }
    if (status == OSK_OK) {
        status = osk_sealed_end(output, part->len);
    }
    *out_len = output->len;
    osk_seal_wipe(output, sizeof(*output));
    free(output);
    return status;
}

static OskStatus seal_preview(OskLook *look, const OskLookJob *job)
{
    const OskSealTo desk = { .recipients = job->ask->recipients,
                             .count = job->ask->recipient_count,
                             .random = job->random,
                             .names_list = true };
    OskWriter preview = { .bytes = NULL };
    OskStatus status = osk_look_check(look, osk_sheet_write(&look->sheet, &preview, look->fault));
    if (status == OSK_OK) {
        const Part part = { &desk, preview.bytes, preview.len, 0, job->ask->output_max };
        look->done->plain_len = preview.len;
        status = seal(look, &part, &look->done->output_len);
    }
    osk_writer_free(&preview);
    return status;
}

static OskStatus seal_pack(OskLook *look, const OskLookJob *job)
{
    const OskSource file = { .context = &look->input, .read = osk_sealed_read, .size = look->len };
    const OskSealTo triage = { .recipients = &job->ask->triage, .count = 1, .random = job->random };
    OskLookDone *done = look->done;
    OskMemory pack = { .max = OSK_PACK_BYTES_MAX };
    OskStatus status = OSK_OK;
    look->packing.facts.capture |= osk_packing_capture(&file, &job->ask->limits);
    if (osk_packing_end(&look->packing, &pack)) {
        const Part part = { &triage, pack.bytes, pack.len, done->output_len,
                            job->ask->output_max - done->output_len };
        done->pack_plain_len = pack.len;
        status = seal(look, &part, &done->pack_len);
    }
    if (pack.bytes != NULL) {
        osk_seal_wipe(pack.bytes, pack.len);
    }
    osk_bytes_free(&pack.bytes);
    return status;
}

OskStatus osk_look(const OskLookJob *job, OskLookDraw draw, OskLookDone *done, OskFault *fault)
{
    OskLook look = { .len = job->ask->plain_len,
                     .budget = osk_budget_from(&job->ask->limits),
                     .packs = job->ask->packs,
                     .poster = job->ask->poster,
                     .cpu_seconds = job->cpu_seconds,
                     .done = done,
                     .fault = fault };
    *done = (OskLookDone){ 0 };
    OskStatus status = osk_sealed_open(&look.input, job->ask, job->segments, fault);
    if (status == OSK_OK) {
        status = draw(&look);
    }
    if (status == OSK_OK) {
        status = seal_preview(&look, job);
    }
    if (status == OSK_OK && look.packs) {
        status = seal_pack(&look, job);
    }
    osk_image_free(&look.sheet.image, &look.budget);
    osk_packing_free(&look.packing);
    osk_sealed_close(&look.input);
    return status;
}
