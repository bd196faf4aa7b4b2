/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies that are never whole in memory: videos, and large pictures. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/scrub_work.h"
#include "host/errors.h"
#include "host/folder.h"

/* ---- the copy as a file ---- */

/* What the bytes come from that are written. */
static OskScrub *last_job(const OskScrubWork *work)
{
    return work->second != NULL ? work->second : work->job;
}

static OskOutputOptions output_options(const OskScrubWork *work, bool is_proven)
{
    bool in_place = work->run->target == OSK_TARGET_IN_PLACE;
    return (OskOutputOptions){ .replace = in_place || work->run->replace,
                               .is_unproven = !is_proven,
                               .owner = in_place ? work->input.identity.st_uid : (uid_t)-1,
                               .group = in_place ? work->input.identity.st_gid : (gid_t)-1 };
}

OskStatus osk_scrub_work_begin(OskScrubWork *work, bool is_proven, OskOutput *output)
{
    OskScrubRun *run = work->run;
    OskResult *result = work->result;
    *output = (OskOutput){ .dir_fd = -1, .fd = -1, .temp_slot = -1 };
    free(result->copy);
    result->copy = osk_copy_path(run, work->index, osk_scrub_extension(last_job(work)));
    if (result->copy == NULL) {
        return osk_host_fail(&result->fault, "copy", ENOMEM);
    }
    if (run->target == OSK_TARGET_FOLDER && run->naming == OSK_NAME_KEEP) {
        char *slash = strrchr(result->copy, '/');
        *slash = 0;
        OskStatus status = osk_folder_make(result->copy, &result->fault);
        *slash = '/';
        if (status != OSK_OK) {
            return status;
        }
    }
    return osk_output_begin(output, result->copy, output_options(work, is_proven), &result->fault);
}

OskStatus osk_scrub_work_commit(OskScrubWork *work, OskOutput *output)
{
    OskResult *result = work->result;
    bool in_place = work->run->target == OSK_TARGET_IN_PLACE;
    OskStatus status = in_place
                           ? osk_input_confirm_path(&work->input, work->file->path, &result->fault)
                           : osk_input_confirm(&work->input, &result->fault);
    result->copy_size = output->size;
    if (status == OSK_OK) {
        status = osk_output_commit(output, &result->fault);
    }
    if (status == OSK_OK && in_place && work->input.identity.st_nlink > 1) {
        result->other_names = (uint64_t)work->input.identity.st_nlink - 1;
    }
    return status;
}

/* A file that will be the copy, or will be copied to a stream, or is thrown away. */
static OskStatus begin_any(OskScrubWork *work, OskOutput *output)
{
    OskTarget target = work->run->target;
    if (target != OSK_TARGET_STREAM && target != OSK_TARGET_NONE) {
        return osk_scrub_work_begin(work, false, output);
    }
    *output = (OskOutput){ .dir_fd = -1, .fd = -1, .temp_slot = -1 };
    return osk_scratch_open(&output->fd, &work->result->fault);
}

static OskStatus hand_to_stream(OskScrubWork *work, const OskOutput *output)
{
    OskResult *result = work->result;
    OskStatus status = osk_input_confirm(&work->input, &result->fault);
    if (status == OSK_OK && !osk_copy_to_stream(output->fd, STDOUT_FILENO, output->size)) {
        status = osk_host_fail(&result->fault, "copy", errno);
    }
    result->copy_size = output->size;
    return status;
}

/* What was proven goes where it was asked for. */
static OskStatus hand_out(OskScrubWork *work, OskOutput *output)
{
    switch (work->run->target) {
    case OSK_TARGET_NONE: return osk_input_confirm(&work->input, &work->result->fault);
    case OSK_TARGET_STREAM: return hand_to_stream(work, output);
    default: return osk_scrub_work_commit(work, output);
    }
}

/* ---- a scrub through a file ---- */

static OskStatus apply_to_file(OskScrubWork *work, OskOutput *output)
{
    OskResult *result = work->result;
    OskScrub *job = last_job(work);
    bool first = job == work->job;
    OskStatus status = osk_output_reserve(output, osk_scrub_output_size(job), &result->fault);
    if (status != OSK_OK) {
        return status;
    }
    OskSink sink =
        osk_output_sink(output, &work->input, first ? &work->run->progress.done_bytes : NULL);
    status = osk_scrub_apply(job, &sink);
    work->counted = first ? output->size : work->counted;
    if (status == OSK_IO && osk_input_confirm(&work->input, &result->fault) == OSK_OK) {
        return osk_output_explain(output, &result->fault);
    }
    return osk_scrub_work_take_fault(work, job, status);
}

/* Reads what was written again: a picture where it lies. */
static OskStatus verify_file(OskScrubWork *work, OskOutput *output)
{
    OskScrub *job = last_job(work);
    OskSource written = osk_output_source(output);
    OskView view = { .len = 0 };
    if (osk_scrub_in_memory(job) && osk_view_open(&view, output->fd, output->size)) {
        written = osk_source_from_memory(view.bytes, view.len);
    }
    OskStatus status = osk_scrub_work_take_fault(work, job, osk_scrub_verify(job, &written));
    if (!osk_view_is_whole(&view)) {
        status = osk_host_fail(&work->result->fault, "copy", EIO);
    }
    osk_view_close(&view);
    return status;
}

/* A file that changed or could not be read explains any fault that followed from it. */
static OskStatus explain_input(OskScrubWork *work, OskStatus status)
{
    OskFault fault = { .status = OSK_OK };
    if (osk_input_confirm(&work->input, &fault) == OSK_OK) {
        return status;
    }
    work->result->fault = fault;
    return fault.status;
}

OskStatus osk_scrub_work_write_movie(OskScrubWork *work)
{
    OskOutput output;
    OskStatus status = begin_any(work, &output);
    if (status == OSK_OK) {
        status = apply_to_file(work, &output);
    }
    if (status == OSK_OK) {
        status = verify_file(work, &output);
    }
    if (status == OSK_OK) {
        status = hand_out(work, &output);
    } else if (work->second == NULL) {
        status = explain_input(work, status);
    }
    osk_output_abort(&output);
    return status;
}

/* ---- large pictures ---- */

/* What is in the draft is what a scrub of it would write. */
static bool is_clean(const OskScrub *job, const OskEdited *draft)
{
    bool clean = osk_scrub_output_size(job) == draft->len;
    for (size_t i = 0; clean && i < osk_scrub_step_count(job); i++) {
        OskStep step = osk_scrub_step(job, i);
        clean = step.in_len == step.out_len && step.in_offset == step.out_offset &&
                (step.verdict == OSK_KEEP ||
                 memcmp(draft->bytes + step.in_offset, step.literal, (size_t)step.out_len) == 0);
    }
    return clean;
}

/* The draft is scrubbed and proven as any other file. Nobody else can write to it, so that what was
 * walked is what is there. As a rule nothing is left to scrub, and the draft is the copy. */
static OskStatus prove_draft(OskScrubWork *work, OskOutput *draft)
{
    OskStatus status = osk_scrub_work_open_second(work);
    bool clean = status == OSK_OK && is_clean(work->second, &work->edited);
    if (clean) {
        OskSource written = osk_source_from_memory(work->edited.bytes, work->edited.len);
        status =
            osk_scrub_work_take_fault(work, work->second, osk_scrub_verify(work->second, &written));
    } else if (status == OSK_OK) {
        status = osk_scrub_work_write_movie(work);
    }
    if (!osk_view_is_whole(&work->edited.view)) {
        return osk_host_fail(&work->result->fault, "copy", EIO);
    }
    status = osk_scrub_work_refuse_own(work, status);
    return status == OSK_OK && clean ? hand_out(work, draft) : status;
}

static OskStatus scrub_to_draft(OskScrubWork *work, OskOutput *draft)
{
    OskEdited *edited = &work->edited;
    OskStatus status = explain_input(work, apply_to_file(work, draft));
    if (status != OSK_OK) {
        return status;
    }
    if (!osk_view_open(&edited->view, draft->fd, draft->size)) {
        return osk_host_fail(&work->result->fault, "copy", errno);
    }
    edited->bytes = edited->view.bytes;
    edited->len = edited->view.len;
    return OSK_OK;
}

OskStatus osk_scrub_work_edit_view(OskScrubWork *work)
{
    OskView clean;
    if (!osk_view_splice(&clean, work->job, &work->input.view, work->input.fd)) {
        return osk_host_fail(&work->result->fault, "file", errno);
    }
    OskSource source = osk_source_from_memory(clean.bytes, clean.len);
    OskStatus status =
        osk_scrub_work_take_fault(work, work->job, osk_scrub_verify(work->job, &source));
    if (status == OSK_OK) {
        status = osk_scrub_work_edit(work, &source);
    }
    if (!osk_view_is_whole(&clean)) {
        status = osk_host_fail(&work->result->fault, "file", EIO);
    }
    osk_view_close(&clean);
    return explain_input(work, status);
}

OskStatus osk_scrub_work_write_picture(OskScrubWork *work)
{
    OskOutput draft;
    OskStatus status = begin_any(work, &draft);
    if (status == OSK_OK && work->run->edit == NULL) {
        status = scrub_to_draft(work, &draft);
    } else if (status == OSK_OK) {
        work->edited.draft = &draft;
        status = osk_scrub_work_edit_view(work);
        work->edited.draft = NULL;
    }
    if (status == OSK_OK) {
        status = prove_draft(work, &draft);
    }
    osk_output_abort(&draft);
    return status;
}
