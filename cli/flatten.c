/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/flatten.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/output_json.h"
#include "host/errors.h"

/* Far beyond every camera; a still is held in memory while it is decoded. */
#define FLATTEN_BYTES_MAX ((uint64_t)2 << 30)

const char osk_flatten_next[] =
    "run it again with --flatten: then the picture is decoded in a sandbox, and what is seen is "
    "saved as a fresh file";

const char osk_flatten_first[] =
    "make a fresh file of it with \"oilskin scrub --flatten\", which decodes it in a sandbox, and "
    "redact that";

bool osk_flatten_applies(const OskFormatInfo *format, OskStatus refusal)
{
    return format != NULL && strncmp(format->media_type, "image/", 6) == 0 &&
           (refusal == OSK_TRUNCATED || refusal == OSK_MALFORMED || refusal == OSK_UNSUPPORTED ||
            refusal == OSK_FOUND);
}

OskStatus osk_flatten_input(const OskFlatten *how, OskInput *input, OskEdited *edited,
                            OskFault *fault)
{
    if (input->size == 0 || input->size > FLATTEN_BYTES_MAX) {
        *fault = (OskFault){ .status = OSK_LIMIT,
                             .part = "",
                             .what = "it is too large to be decoded",
                             .offset = OSK_NO_OFFSET };
        return OSK_LIMIT;
    }
    size_t len = (size_t)input->size;
    bool lent = input->view.bytes != NULL;
    uint8_t *bytes = lent ? NULL : malloc(len);
    if (!lent && bytes == NULL) {
        return osk_host_fail(fault, "file", ENOMEM);
    }
    if ((!lent && osk_input_head(input, bytes, len) != len) ||
        osk_input_confirm(input, fault) != OSK_OK) {
        free(bytes);
        return fault->status != OSK_OK ? fault->status : osk_host_fail(fault, "file", EIO);
    }
    OskWorkerJob job = { .op = OSK_WORKER_RENDER,
                         .format = how->format->name,
                         .bytes = lent ? input->view.bytes : bytes,
                         .input_fd = -1,
                         .len = len,
                         .limits = how->limits,
                         .progress = edited->progress,
                         .progress_context = edited->progress_context,
                         .deadline_ms = how->trial ? OSK_FLATTEN_TRIAL_MS : 0 };
    edited->was_decoded = true;
    OskStatus status = osk_worker_run(&job, &edited->worker, fault);
    free(bytes);
    if (status == OSK_OK) {
        edited->bytes = edited->worker.bytes;
        edited->len = edited->worker.len;
        edited->before = edited->worker.info;
        edited->changes = edited->worker.changes;
    }
    return status;
}

static bool is_jpeg(const OskEdited *edited)
{
    return edited->len > 1 && edited->bytes[0] == 0xFF && edited->bytes[1] == 0xD8;
}

void osk_flatten_say(FILE *out, const OskFault *refusal, const OskEdited *edited)
{
    fprintf(out, "  it can't be scrubbed as it is: %s", refusal->what);
    if (refusal->part != NULL && refusal->part[0] != 0) {
        fprintf(out, " (%s)", refusal->part);
    }
    fprintf(out, "\n  so it was decoded in a sandbox, and what is seen is in a fresh file: %s\n",
            is_jpeg(edited) ? "JPEG, slightly changed" : "PNG");
    osk_edit_say_changes(out, edited);
}

void osk_flatten_json(FILE *out, const OskFault *refusal, const OskEdited *edited)
{
    fputs(", \"flattened\": true", out);
    osk_json_member(out, "refusal", refusal->what);
    osk_edit_json_changes(out, edited);
}
