/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file from opening to its copy's name. The copy gets that name only after everything held: the
 * plan, the writing, the second opinion, and the original still being what it was. */
#include "cli/scrub_work.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/flatten.h"
#include "cli/output_json.h"
#include "cli/outsiders.h"
#include "host/errors.h"
#include "host/input.h"
#include "host/pages.h"

/* A process that holds more of one file than this looks at it where it lies. */
#define HELD_MOST (UINT64_C(48) << 20)

OskStatus osk_scrub_work_take_fault(OskScrubWork *work, const OskScrub *job, OskStatus status)
{
    if (status != OSK_OK) {
        work->result->fault = *osk_scrub_fault(job);
    }
    return status;
}

/* ---- looking ---- */

/* A picture is held twice, as it came and as it goes, and once more while it is edited. */
static bool is_large_picture(OskScrubWork *work)
{
    uint64_t held = work->input.size * (work->run->edit != NULL ? 3 : 2);
    if (held <= HELD_MOST) {
        return false;
    }
    const OskFormatInfo *format = osk_input_format(&work->input);
    return format != NULL && strncmp(format->media_type, "image/", 6) == 0;
}

static OskStatus open_input(OskScrubWork *work)
{
    OskResult *result = work->result;
    OskStatus status = OSK_OK;
    if (work->file->is_stream) {
        status = osk_input_open_stdin(&work->input, &result->fault);
    } else {
        bool replaced = work->run->target == OSK_TARGET_IN_PLACE;
        status = osk_input_open(&work->input, work->file->path,
                                replaced ? OSK_INPUT_NO_FOLLOW : OSK_INPUT_FOLLOW, &result->fault);
    }
    result->size = work->input.size;
    if (status == OSK_OK && is_large_picture(work)) {
        osk_input_view(&work->input);
    }
    return status;
}

static OskStatus open_job(OskScrubWork *work)
{
    OskSource source = osk_input_source(&work->input);
    OskStatus status = osk_scrub_open(&source, &work->run->options, &work->job);
    /* A file that changed or could not be read explains any fault that followed from it. */
    OskStatus input_status = osk_input_confirm(&work->input, &work->result->fault);
    if (work->job == NULL) {
        return status;
    }
    work->result->format = osk_scrub_format(work->job);
    OskStatus counted = osk_result_count(work->result, osk_scrub_report(work->job));
    if (input_status != OSK_OK || counted != OSK_OK) {
        return input_status != OSK_OK ? input_status : counted;
    }
    return osk_scrub_work_take_fault(work, work->job, status);
}

/* ---- writing ---- */

/* Pictures: made and verified in memory, so that a disk sees nothing that was not proven. */
static OskStatus apply_in_memory(OskScrubWork *work, OskScrub *job, OskMemory *memory)
{
    OskResult *result = work->result;
    size_t len = (size_t)osk_scrub_output_size(job);
    *memory = (OskMemory){ .capacity = len, .max = len };
    memory->bytes = osk_pages_alloc(len + 1);
    if (memory->bytes == NULL) {
        return osk_host_fail(&result->fault, "copy", ENOMEM);
    }
    OskSink sink = osk_sink_to_memory(memory);
    OskStatus status = osk_scrub_apply(job, &sink);
    if (status == OSK_OK) {
        OskSource output = osk_source_from_memory(memory->bytes, memory->len);
        status = osk_scrub_verify(job, &output);
    }
    return osk_scrub_work_take_fault(work, job, status);
}

OskStatus osk_scrub_work_open_second(OskScrubWork *work)
{
    OskSource edited = osk_source_from_memory(work->edited.bytes, work->edited.len);
    osk_scrub_free(&work->second);
    OskStatus status = osk_scrub_open(&edited, &work->run->options, &work->second);
    return work->second != NULL ? osk_scrub_work_take_fault(work, work->second, status)
                                : osk_host_fail(&work->result->fault, "copy", ENOMEM);
}

OskStatus osk_scrub_work_refuse_own(OskScrubWork *work, OskStatus status)
{
    if (osk_status_is_refusal(status)) {
        status = OSK_FOUND;
        work->result->fault.status = OSK_FOUND;
        work->result->fault.next = osk_edit_next;
    }
    return status;
}

/* What an edit has made is scrubbed and proven as any other file. */
static OskStatus prove_edited(OskScrubWork *work, OskMemory *memory)
{
    OskStatus status = osk_scrub_work_open_second(work);
    if (status == OSK_OK) {
        status = apply_in_memory(work, work->second, memory);
    }
    return osk_scrub_work_refuse_own(work, status);
}

OskStatus osk_scrub_work_edit(OskScrubWork *work, const OskSource *clean)
{
    const OskScrubRun *run = work->run;
    work->edit_begun = true;
    /* Who is given x.jpg believes that it is a JPEG. */
    const OskFormatInfo *named = run->target == OSK_TARGET_FILE && !run->edit->preview
                                     ? osk_copy_path_format(run->out_path)
                                     : NULL;
    if (named != NULL && named != work->result->format) {
        return osk_edit_refuse_name(work->result, osk_scrub_extension(work->job));
    }
    return osk_edit_apply(run->edit, work->file, clean, work->result, &work->edited);
}

static OskStatus edit_in_memory(OskScrubWork *work, OskMemory *memory)
{
    OskSource clean = osk_source_from_memory(memory->bytes, memory->len);
    OskStatus status = osk_scrub_work_edit(work, &clean);
    if (status != OSK_OK) {
        return status;
    }
    free(memory->bytes);
    *memory = (OskMemory){ .len = 0 };
    return prove_edited(work, memory);
}

static OskStatus write_stream(OskScrubWork *work, const OskMemory *memory)
{
    OskResult *result = work->result;
    OskStatus status = osk_input_confirm(&work->input, &result->fault);
    if (status == OSK_OK && !osk_write_all(STDOUT_FILENO, memory->bytes, memory->len)) {
        status = osk_host_fail(&result->fault, "copy", errno);
    }
    result->copy_size = memory->len;
    return status;
}

static OskStatus write_output(OskScrubWork *work, const OskMemory *memory)
{
    OskResult *result = work->result;
    OskOutput output;
    OskStatus status = osk_scrub_work_begin(work, true, &output);
    if (status == OSK_OK) {
        status = osk_output_reserve(&output, memory->len, &result->fault);
    }
    if (status == OSK_OK) {
        OskSink sink = osk_output_sink(&output, NULL, NULL);
        status = sink.write(sink.context, memory->bytes, memory->len)
                     ? osk_scrub_work_commit(work, &output)
                     : osk_output_explain(&output, &result->fault);
    }
    osk_output_abort(&output);
    return status;
}

static OskStatus write_proven(OskScrubWork *work, const OskMemory *memory)
{
    switch (work->run->target) {
    case OSK_TARGET_NONE: return OSK_OK;
    case OSK_TARGET_STREAM: return write_stream(work, memory);
    default: return write_output(work, memory);
    }
}

/* What a worker has made of a large picture is in memory already. */
static OskStatus write_decoded(OskScrubWork *work)
{
    OskMemory memory = { .len = 0 };
    OskStatus status = osk_scrub_work_edit_view(work);
    if (status == OSK_OK) {
        status = prove_edited(work, &memory);
    }
    if (status == OSK_OK) {
        status = write_proven(work, &memory);
    }
    free(memory.bytes);
    return status;
}

static OskStatus write_from_memory(OskScrubWork *work)
{
    OskMemory memory = { .len = 0 };
    OskStatus status = apply_in_memory(work, work->job, &memory);
    if (status == OSK_OK && work->run->edit != NULL) {
        status = edit_in_memory(work, &memory);
    }
    if (status == OSK_OK) {
        status = write_proven(work, &memory);
    }
    free(memory.bytes);
    return status;
}

/* ---- what can't be scrubbed as it is ---- */

/* Both reasons, when there is no way. */
static OskStatus explain_both(OskScrubWork *work, OskStatus refused, const OskFault *fault)
{
    OskResult *result = work->result;
    if (fault->status == OSK_IO || fault->status == OSK_NO_MEMORY) {
        result->fault = *fault;
        return fault->status;
    }
    result->fault = work->refusal;
    free(result->why);
    if (asprintf(&result->why, "%s; and --flatten could not decode it: %s", work->refusal.what,
                 fault->what) < 0) {
        result->why = NULL;
        return refused;
    }
    result->fault.what = result->why;
    return refused;
}

/* Takes the way around a refusal where that was asked for; else finds out whether there is one, so
 * that the next step that is told works. */
static OskStatus flatten(OskScrubWork *work, OskStatus refused)
{
    OskResult *result = work->result;
    OskFault fault = { .status = OSK_OK };
    work->refusal = result->fault;
    const OskFlatten how = { .format = result->format,
                             .limits = work->run->options.limits,
                             .trial = !work->run->flatten };
    OskStatus status = osk_flatten_input(&how, &work->input, &work->edited, &fault);
    if (!work->run->flatten) {
        if (status == OSK_OK) {
            result->fault.next = work->run->edit != NULL ? osk_flatten_first : osk_flatten_next;
        }
        return refused;
    }
    if (status != OSK_OK) {
        return explain_both(work, refused, &fault);
    }
    OskMemory memory = { .len = 0 };
    status = prove_edited(work, &memory);
    if (status == OSK_OK) {
        result->flattened = true;
        result->staying = 0;
        result->asked = 0;
        result->fault = (OskFault){ .status = OSK_OK };
        status = write_proven(work, &memory);
    }
    free(memory.bytes);
    return status;
}

static bool is_flattened(const OskScrubWork *work, OskStatus status)
{
    return !work->edit_begun && osk_flatten_applies(work->result->format, status) &&
           (work->run->flatten || work->result->fault.next == NULL);
}

static OskStatus write_copy(OskScrubWork *work)
{
    const OskScrubRun *run = work->run;
    bool in_memory = osk_scrub_in_memory(work->job);
    if (run->edit != NULL && !in_memory) {
        return osk_edit_refuse_video(work->result);
    }
    if (run->target == OSK_TARGET_NONE && run->edit == NULL) {
        return OSK_OK;
    }
    if (!in_memory) {
        return osk_scrub_work_write_movie(work);
    }
    if (work->input.view.bytes == NULL) {
        return write_from_memory(work);
    }
    bool streams = run->edit == NULL || osk_edit_streams(run->edit, work->result->format);
    return streams ? osk_scrub_work_write_picture(work) : write_decoded(work);
}

/* ---- telling ---- */

/* The options that keep what would go, for a sentence. */
static const char *keeping_options(const OskScrubOptions *options)
{
    if (options->icc != OSK_ICC_KEEP) {
        return "--keep-preroll";
    }
    return options->keep_preroll ? "--icc=keep and --keep-preroll" : "--icc=keep";
}

static void render_staying(const OskScrubRun *run, const OskResult *result, const OskReport *report,
                           FILE *out)
{
    if (result->staying > result->asked) {
        fputs("  cannot be removed without loss, and stays:\n", out);
        osk_say_findings(out, run->style, report, OSK_STAYS);
    }
    if (result->asked > 0) {
        fprintf(out, "  stays because you asked for it with %s:\n", keeping_options(&run->options));
        osk_say_findings(out, run->style, report, OSK_ASKED_FOR);
        fputs("  \"oilskin verify\" of the copy will name this, too, and exit with 1.\n", out);
    }
}

static void render_edit(OskScrubWork *work)
{
    const OskScrubRun *run = work->run;
    OskResult *result = work->result;
    size_t len = 0;
    FILE *out = open_memstream(&result->lead, &len);
    if (out == NULL) {
        result->status = OSK_NO_MEMORY;
        return;
    }
    if (result->flattened && run->json) {
        osk_flatten_json(out, &work->refusal, &work->edited);
    } else if (result->flattened) {
        osk_flatten_say(out, &work->refusal, &work->edited);
    } else if (run->json) {
        osk_edit_json(out, &work->edited);
    } else {
        osk_edit_say(out, run->edit, &work->edited);
    }
    fclose(out);
}

static void render(OskScrubWork *work)
{
    const OskScrubRun *run = work->run;
    OskResult *result = work->result;
    const OskReport *report = osk_scrub_report(work->job);
    bool dry = run->target == OSK_TARGET_NONE && run->edit == NULL && !result->flattened;
    FILE *out = open_memstream(&result->body, &result->body_len);
    if (out == NULL) {
        result->status = OSK_NO_MEMORY;
        return;
    }
    if (run->json) {
        osk_json_findings(out, report);
        if (dry && result->status == OSK_OK) {
            osk_json_plan(out, work->job);
        }
    } else {
        osk_say_findings(out, run->style, report, OSK_GOES);
        if (result->flattened) {
            osk_say_findings(out, run->style, report, OSK_STAYS);
            osk_say_findings(out, run->style, report, OSK_ASKED_FOR);
        } else {
            render_staying(run, result, report, out);
        }
        if (dry && result->status == OSK_OK) {
            fputs("  what would become of each part:\n", out);
            osk_say_plan(out, run->style, work->job);
        }
    }
    fclose(out);
}

/* Frames that a decoder has done, as bytes of the file. */
static bool count_frames(void *context, uint32_t done, uint32_t total)
{
    OskScrubWork *work = context;
    if (total > 0 && done <= total) {
        uint64_t counted = (uint64_t)((double)work->file->size * done / total);
        counted = counted < work->file->size ? counted : work->file->size;
        atomic_fetch_add(&work->run->progress.done_bytes, counted - work->counted);
        work->counted = counted;
    }
    return true;
}

void osk_scrub_run_one(void *context, size_t index)
{
    OskScrubRun *run = context;
    OskScrubWork work = { .run = run,
                          .file = &run->files.items[index],
                          .result = &run->results[index],
                          .index = index,
                          .input = { .fd = -1 },
                          .edited = { .progress = count_frames, .progress_context = &work } };
    OskStatus status = open_input(&work);
    if (status == OSK_OK) {
        status = open_job(&work);
    }
    if (status == OSK_OK) {
        status = write_copy(&work);
    }
    if (is_flattened(&work, status)) {
        status = flatten(&work, status);
    }
    /* The exit code of FOUND is for those who ask `verify`; here it means that we can't promise. */
    work.result->status = status == OSK_FOUND ? OSK_UNSUPPORTED : status;
    if (work.job != NULL) {
        render(&work);
    }
    if (status == OSK_OK && (run->edit != NULL || work.result->flattened)) {
        render_edit(&work);
    }
    if (status != OSK_OK) {
        free(work.result->copy);
        work.result->copy = NULL;
    }
    osk_outsider_judge(work.file, &work.input, work.result, false);
    osk_scrub_free(&work.second);
    osk_edited_free(&work.edited);
    osk_scrub_free(&work.job);
    osk_input_close(&work.input);
    /* What the sink counted already is not counted twice; the difference may be negative, and
     * wraps. */
    atomic_fetch_add(&run->progress.done_bytes, work.file->size - work.counted);
}
