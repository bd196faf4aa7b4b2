/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/scrub_tell.h"

#include <stdlib.h>

#include "cli/map.h"
#include "cli/output_json.h"
#include "cli/outsiders.h"
#include "cli/pairs.h"
#include "host/errors.h"

/* What can be said of a copy at best. */
static const char *result_words(const OskScrubRun *run)
{
    return run->edit != NULL ? OSK_WORDS_REDACTED : OSK_WORDS_NOTHING_LEFT;
}

/* What stays behind where the copy came from. */
static void say_original(const OskScrubRun *run, const OskFile *file, const OskResult *result)
{
    bool reveals = result->found > 0;
    fputs("  ", run->say);
    osk_say_name(run->say, file->path);
    if (run->edit == NULL) {
        fputs(reveals ? " is unchanged and still reveals all of this.\n" : " is unchanged.\n",
              run->say);
    } else {
        fprintf(run->say, " is unchanged: it still shows%s all of this.\n",
                reveals ? " and reveals" : "");
    }
}

static void say_copy(const OskScrubRun *run, const OskFile *file, const OskResult *result)
{
    FILE *say = run->say;
    char size[32];
    osk_format_size(size, sizeof(size), result->copy_size);
    fputs("  ", say);
    if (run->target == OSK_TARGET_IN_PLACE) {
        osk_say_name(say, file->path);
        fprintf(say, " was replaced (%s)\n  ", size);
    } else if (run->target == OSK_TARGET_STREAM) {
        fprintf(say, "copy: to standard output, %s\n  ", size);
    } else {
        fputs(run->edit != NULL && run->edit->preview ? "preview: " : "copy: ", say);
        if (run->style.colour) {
            fputs("\033[1m", say);
        }
        osk_say_name(say, result->copy);
        fprintf(say, "%s, %s\n  ", run->style.colour ? "\033[0m" : "", size);
    }
    if (run->edit != NULL && run->edit->preview) {
        fputs("this shows what would be covered; there is no copy yet.\n", say);
        return;
    }
    fprintf(say, "%s%s.\n", result->staying > 0 ? "apart from what stays: " : "",
            result_words(run));
    if (result->other_names > 0) {
        fprintf(say, "  %zu other %s still to the original, and %s all of this (hard links).\n",
                (size_t)result->other_names, result->other_names == 1 ? "name leads" : "names lead",
                result->other_names == 1 ? "reveals" : "reveal");
    }
    if (run->target != OSK_TARGET_IN_PLACE && !file->is_stream) {
        say_original(run, file, result);
    }
}

/* What was removed, or what is known of a file that has no copy. */
static void say_removed(const OskScrubRun *run, const OskResult *result)
{
    if (result->found > result->staying) {
        fputs(result->status != OSK_OK         ? "  it reveals at least:\n"
              : run->target == OSK_TARGET_NONE ? "  would be removed:\n"
                                               : "  removed:\n",
              run->say);
    } else if (result->status == OSK_OK && !result->flattened) {
        fputs("  nothing to remove that we know how to name\n", run->say);
    }
    if (result->body_len > 0) {
        fwrite(result->body, 1, result->body_len, run->say);
    }
}

static void say_lead(const OskScrubRun *run, const OskResult *result)
{
    fputs(result->lead != NULL ? result->lead : "", run->say);
}

static void tell_text(const OskScrubRun *run, const OskFile *file, const OskResult *result)
{
    const OskEdit *edit = run->edit;
    bool fine = result->status == OSK_OK;
    if (result->format != NULL) {
        osk_say_file(run->say, run->style, file, result);
    }
    /* Who redacts looks for what was covered: it stands where the eye ends, and alone where nothing
     * but that was asked for, or nothing came of it. */
    if (edit == NULL) {
        say_lead(run, result);
    }
    if (edit == NULL || (fine && !edit->preview)) {
        say_removed(run, result);
    }
    if (edit != NULL) {
        say_lead(run, result);
    }
    if (!fine) {
        fflush(run->say);
        (result->misfit ? osk_say_misfit : osk_say_refusal)(stderr, file->path, result->format,
                                                            &result->fault);
    } else if (run->target == OSK_TARGET_NONE) {
        fputs("  nothing was written (--dry-run).\n", run->say);
    } else {
        say_copy(run, file, result);
    }
}

static void tell_json(const OskScrubRun *run, const OskFile *file, const OskResult *result,
                      size_t index)
{
    osk_json_file(run->say, file, result, index);
    fputs(result->lead != NULL ? result->lead : "", run->say);
    fwrite(result->body != NULL ? result->body : "", 1, result->body_len, run->say);
    if (result->status == OSK_OK && run->target != OSK_TARGET_NONE) {
        if (result->copy != NULL) {
            osk_json_member(run->say, run->edit != NULL && run->edit->preview ? "preview" : "copy",
                            result->copy);
        }
        osk_json_number(run->say, "copy_size", result->copy_size);
        osk_json_member(run->say, "result", result_words(run));
    }
    osk_json_file_end(run->say);
}

void osk_scrub_tell_one(void *context, size_t index)
{
    OskScrubRun *run = context;
    const OskFile *file = &run->files.items[index];
    OskResult *result = &run->results[index];
    osk_progress_clear(&run->progress);
    if (result->status == OSK_OK && run->map != NULL &&
        !osk_map_add(run->map, file->path, result->copy)) {
        fprintf(stderr,
                "oilskin: %s: this list could not be written any further\n  What you can do: free "
                "some disk space, then run it again for the files after the last line of it.\n",
                run->map_path);
        run->worst = osk_status_worse(run->worst, OSK_IO);
    }
    if (run->json) {
        tell_json(run, file, result, index);
    } else if (result->outsider == OSK_INSIDER) {
        if (run->scrubbed + run->refused + run->failed > 0) {
            fputc('\n', run->say);
        }
        tell_text(run, file, result);
    }
    free(result->lead);
    result->lead = NULL;
    free(result->body);
    result->body = NULL;
    run->progress.done_files++;
    if (result->status == OSK_OK) {
        run->scrubbed++;
    } else if (result->outsider == OSK_INSIDER) {
        bool refused = osk_status_is_refusal(result->status);
        run->refused += refused ? 1 : 0;
        run->failed += refused ? 0 : 1;
    }
    run->worst = osk_status_worse(run->worst, osk_result_verdict(result));
}

void osk_scrub_tick(void *context)
{
    OskScrubRun *run = context;
    osk_progress_tick(&run->progress);
}

/* True when there is one now, or was one before that nothing replaced. */
static bool has_copy(const OskResult *result)
{
    return result->status == OSK_OK || osk_host_is_taken(&result->fault);
}

static void tell_pair(void *context, size_t picture, size_t video)
{
    const OskScrubRun *run = context;
    const OskResult *a = &run->results[picture];
    const OskResult *b = &run->results[video];
    fputc('\n', run->say);
    osk_say_name(run->say, run->files.items[picture].path);
    fputs(" and ", run->say);
    osk_say_name(run->say, run->files.items[video].path);
    fputs(" belong together, as a Live Photo: a short video with sound belongs to this picture.\n",
          run->say);
    if (a->status == OSK_OK && b->status == OSK_OK && run->target != OSK_TARGET_NONE) {
        fputs("  Nothing hidden joins the copies any more. ", run->say);
        fputs("Share the video only if its sound and its moments before and after may be seen, "
              "too.\n",
              run->say);
    } else if (run->target != OSK_TARGET_NONE) {
        fputs(has_copy(a) && has_copy(b)
                  ? "  Copies of these names were there already, and were kept; \"oilskin verify\" "
                    "reads them again.\n"
                  : "  Not both of them were scrubbed: share neither before you know why.\n",
              run->say);
    }
}

void osk_scrub_tell_summary(OskScrubRun *run)
{
    size_t count = run->scrubbed + run->refused + run->failed;
    osk_pairs_find(run->files.items, run->results, run->files.count, tell_pair, run);
    if (count > 1) {
        fprintf(run->say, "\n%zu files: %zu %s%s", count, run->scrubbed,
                run->target == OSK_TARGET_NONE ? "can be " : "",
                run->edit != NULL ? "redacted" : "scrubbed");
        if (run->refused > 0) {
            fprintf(run->say,
                    run->edit != NULL ? ", %zu refused: there is no copy of %s"
                                      : ", %zu refused: don't share %s",
                    run->refused, run->refused == 1 ? "that one" : "those");
        }
        if (run->failed > 0) {
            fprintf(run->say, "%s %zu failed: the reason stands above",
                    run->refused > 0 ? ";" : ",", run->failed);
        }
        fputs(".\n", run->say);
    } else if (count == 0) {
        fprintf(run->say, "There are no %s to %s.\n",
                run->files.count == 0 ? "files" : "pictures or videos", run->command->name);
    }
    osk_outsiders_tell(run->say, &run->files, run->results);
}
