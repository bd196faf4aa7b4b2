/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin inspect: what each file reveals, worst first. */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/jobs.h"
#include "cli/output_json.h"
#include "cli/output_text.h"
#include "cli/pairs.h"
#include "cli/progress.h"
#include "host/input.h"

static const char help[] =
    "Usage: oilskin inspect [OPTIONS] FILE...\n"
    "\n"
    "Show what each file reveals without being seen, worst first: where and when it was taken, "
    "with\n"
    "which device, previews and faces, names, programs, other hidden bytes. Nothing is changed.\n"
    "\n"
    "  -r, --recursive  take the files in folders, too\n"
    "  -j, --jobs N     look at N files at once (default: one for each processor)\n"
    "      --check      exit with 1 when anything is found\n"
    "      --json       print JSON: schema oilskin/inspect/1\n"
    "  -h, --help       print this help\n"
    "\n"
    "FILE may be - for standard input.\n"
    "Exit: 0 done, 1 something was found (--check), 2 wrong usage, 3 broken file, 4 unknown "
    "format,\n"
    "5 too large, 6 no memory, 7 could not be read; of several files the highest.\n";

enum { OPT_CHECK = 256, OPT_JSON };

static const struct option options[] = {
    { "recursive", no_argument, NULL, 'r' },   { "jobs", required_argument, NULL, 'j' },
    { "check", no_argument, NULL, OPT_CHECK }, { "json", no_argument, NULL, OPT_JSON },
    { "help", no_argument, NULL, 'h' },        { NULL, 0, NULL, 0 }
};

typedef struct Inspection {
    OskFiles files;
    OskResult *results;
    OskProgress progress;
    OskStyle style;
    OskStatus worst;
    bool check;
    bool json;
} Inspection;

static void render(const Inspection *run, OskResult *result, const OskReport *report)
{
    FILE *out = open_memstream(&result->body, &result->body_len);
    if (out == NULL) {
        result->status = OSK_NO_MEMORY;
        return;
    }
    if (run->json) {
        osk_json_findings(out, report);
    } else {
        osk_say_findings(out, run->style, report, false);
        if (result->staying > 0) {
            fputs("  a scrub cannot take these out without loss; it names them instead:\n", out);
            osk_say_findings(out, run->style, report, true);
        }
    }
    fclose(out);
}

static void inspect_one(void *context, size_t index)
{
    Inspection *run = context;
    const OskFile *file = &run->files.items[index];
    OskResult *result = &run->results[index];
    OskInput input;
    OskScrub *job = NULL;
    result->status = file->is_stream
                         ? osk_input_open_stdin(&input, &result->fault)
                         : osk_input_open(&input, file->path, OSK_INPUT_FOLLOW, &result->fault);
    result->size = input.size;
    if (result->status == OSK_OK) {
        OskSource source = osk_input_source(&input);
        OskStatus status = osk_scrub_open(&source, NULL, &job);
        /* A file that changed or could not be read explains any fault that followed from it. */
        result->status = osk_input_confirm(&input, &result->fault);
        if (result->status == OSK_OK) {
            result->status = status;
            if (job != NULL) {
                result->fault = *osk_scrub_fault(job);
            }
        }
    }
    if (job != NULL) {
        result->format = osk_scrub_format(job);
        result->status =
            osk_status_worse(result->status, osk_result_count(result, osk_scrub_report(job)));
        render(run, result, osk_scrub_report(job));
    }
    osk_scrub_free(&job);
    osk_input_close(&input);
    atomic_fetch_add(&run->progress.done_bytes, file->size);
}

static void tell_text(const Inspection *run, const OskFile *file, const OskResult *result)
{
    if (result->format != NULL || result->found > 0) {
        osk_say_file(stdout, run->style, file, result);
    }
    if (result->body_len > 0) {
        fwrite(result->body, 1, result->body_len, stdout);
    }
    if (result->status != OSK_OK) {
        fflush(stdout);
        osk_say_refusal(stderr, file->path, result->format, &result->fault);
    } else if (result->found == 0) {
        puts("  " OSK_WORDS_NOTHING_LEFT ".");
    } else {
        fputs("  ", stdout);
        osk_say_name(stdout, file->path);
        printf(" reveals %zu %s. So don't share it as it is.\n", result->found,
               result->found == 1 ? "thing" : "things");
        fputs("  What you can do: share a scrubbed copy", stdout);
        if (!file->is_stream) {
            fputs(": ", stdout);
            if (!osk_say_command(stdout, "scrub", file->path)) {
                fputs("oilskin scrub FILE", stdout);
            }
        }
        putchar('\n');
    }
}

static void tell_one(void *context, size_t index)
{
    Inspection *run = context;
    const OskFile *file = &run->files.items[index];
    OskResult *result = &run->results[index];
    osk_progress_clear(&run->progress);
    if (run->json) {
        osk_json_file(stdout, file, result, index);
        fwrite(result->body != NULL ? result->body : "", 1, result->body_len, stdout);
        osk_json_file_end(stdout);
    } else {
        if (index > 0) {
            fputc('\n', stdout);
        }
        tell_text(run, file, result);
    }
    run->progress.done_files++;
    run->worst = osk_status_worse(run->worst, result->status);
    if (run->check && result->found > 0) {
        run->worst = osk_status_worse(run->worst, OSK_FOUND);
    }
    free(result->body);
    result->body = NULL;
}

static void tick(void *context)
{
    Inspection *run = context;
    osk_progress_tick(&run->progress);
}

static void tell_pair(void *context, size_t picture, size_t video)
{
    const Inspection *run = context;
    putchar('\n');
    osk_say_name(stdout, run->files.items[picture].path);
    fputs(" and ", stdout);
    osk_say_name(stdout, run->files.items[video].path);
    fputs(" belong together, as a Live Photo: a short video with sound belongs to this picture.\n",
          stdout);
}

static OskStatus inspect_all(Inspection *run, unsigned threads)
{
    size_t count = run->files.count;
    run->results = calloc(count + 1, sizeof(*run->results));
    if (run->results == NULL) {
        return OSK_NO_MEMORY;
    }
    run->worst = run->files.worst;
    osk_progress_start(&run->progress, run->files.total, count);
    if (run->json) {
        osk_json_begin(stdout, "inspect");
    }
    OskJobs jobs = { .context = run,
                     .count = count,
                     .threads = threads,
                     .run = inspect_one,
                     .tell = tell_one,
                     .tick = tick };
    bool fine = osk_jobs_run(&jobs);
    osk_progress_clear(&run->progress);
    if (run->json) {
        osk_json_end(stdout, osk_exit_code(run->worst));
    } else {
        osk_pairs_find(run->files.items, run->results, count, tell_pair, run);
    }
    for (size_t i = 0; i < count; i++) {
        osk_result_free(&run->results[i]);
    }
    free(run->results);
    return fine ? OSK_OK : OSK_NO_MEMORY;
}

static int run(int argc, char **argv)
{
    Inspection run = { .style = osk_style_for(stdout) };
    run.style.indent = 2;
    unsigned threads = osk_jobs_processors();
    bool recursive = false;
    for (int option; (option = osk_option_next(&osk_cmd_inspect, argc, argv, ":rj:h")) != -1;) {
        switch (option) {
        case 'r': recursive = true; break;
        case 'j':
            if (!osk_parse_number(optarg, 1, OSK_JOBS_MAX, &threads)) {
                return osk_usage(&osk_cmd_inspect, "-j wants a number from 1 to 128");
            }
            break;
        case OPT_CHECK: run.check = true; break;
        case OPT_JSON: run.json = true; break;
        case 'h': return 0;
        default: return OSK_EXIT_USAGE;
        }
    }
    if (optind == argc) {
        return osk_usage(&osk_cmd_inspect, "name at least one file");
    }
    OskStatus status = osk_files_collect(&run.files, argv + optind, recursive, NULL);
    if (status == OSK_OK) {
        status = inspect_all(&run, threads);
    }
    status = osk_status_worse(status, run.worst);
    if (status == OSK_NO_MEMORY) {
        fputs("oilskin: not enough memory; close other programs, then run it again\n", stderr);
    }
    osk_files_free(&run.files);
    return osk_exit_code(status);
}

const OskCommand osk_cmd_inspect = { .name = "inspect",
                                     .summary = "show what a file reveals",
                                     .help = help,
                                     .options = options,
                                     .run = run };
