/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin verify: the second opinion, by itself. */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/jobs.h"
#include "cli/output_json.h"
#include "cli/output_text.h"
#include "cli/progress.h"
#include "host/input.h"
#include "oilskin/verify.h"

static const char help[] =
    "Usage: oilskin verify [OPTIONS] FILE...\n"
    "\n"
    "Read scrubbed files with a second reader, which knows only what a file without hidden parts "
    "may\n"
    "contain and nothing of how scrubbing works. \"oilskin scrub\" does this by itself before it\n"
    "gives a copy its name. Nothing is changed.\n"
    "\n"
    "  -r, --recursive  take the files in folders, too\n"
    "  -j, --jobs N     read N files at once (default: one for each processor)\n"
    "      --json       print JSON: schema oilskin/verify/1\n"
    "  -h, --help       print this help\n"
    "\n"
    "FILE may be - for standard input.\n"
    "Exit: 0 nothing found, 1 something was found, 2 wrong usage, 3 broken file, 4 unknown "
    "format,\n"
    "5 too large, 6 no memory, 7 could not be read; of several files the highest.\n";

enum { OPT_JSON = 256 };

static const struct option options[] = { { "recursive", no_argument, NULL, 'r' },
                                         { "jobs", required_argument, NULL, 'j' },
                                         { "json", no_argument, NULL, OPT_JSON },
                                         { "help", no_argument, NULL, 'h' },
                                         { NULL, 0, NULL, 0 } };

typedef struct Verification {
    OskFiles files;
    OskResult *results;
    OskProgress progress;
    OskStatus worst;
    bool json;
} Verification;

/* A person reads the first reasons; the rest is counted. */
#define REASONS_SHOWN 10u

static void render(const Verification *run, OskResult *result, const OskReport *report)
{
    FILE *out = open_memstream(&result->body, &result->body_len);
    if (out == NULL) {
        result->status = OSK_NO_MEMORY;
        return;
    }
    if (run->json) {
        osk_json_findings(out, report);
    } else {
        for (size_t i = 0; i < result->found && i < REASONS_SHOWN; i++) {
            const OskFinding *reason = osk_report_at(report, i);
            fprintf(out, "    %s: %s, byte %" PRIu64 "\n", reason->part, reason->label,
                    reason->offset);
        }
        if (result->found > REASONS_SHOWN) {
            fprintf(out, "    and %zu more\n", result->found - REASONS_SHOWN);
        }
    }
    fclose(out);
}

static void verify_one(void *context, size_t index)
{
    Verification *run = context;
    const OskFile *file = &run->files.items[index];
    OskResult *result = &run->results[index];
    OskInput input;
    OskReport *report = NULL;
    result->status = file->is_stream
                         ? osk_input_open_stdin(&input, &result->fault)
                         : osk_input_open(&input, file->path, OSK_INPUT_FOLLOW, &result->fault);
    result->size = input.size;
    if (result->status == OSK_OK) {
        OskSource source = osk_input_source(&input);
        OskFault fault = { .status = OSK_OK };
        OskStatus status = osk_verify(&source, NULL, &report, &fault);
        result->status = osk_input_confirm(&input, &result->fault);
        if (result->status == OSK_OK) {
            result->status = status;
            result->fault = fault;
        }
    }
    if (report != NULL) {
        result->found = osk_report_count(report);
        render(run, result, report);
    }
    osk_report_free(&report);
    osk_input_close(&input);
    atomic_fetch_add(&run->progress.done_bytes, file->size);
}

static void tell_text(const OskFile *file, const OskResult *result)
{
    if (result->status == OSK_OK) {
        osk_say_name(stdout, file->path);
        puts(": " OSK_WORDS_NOTHING_LEFT ".");
    } else if (result->status == OSK_FOUND) {
        osk_say_name(stdout, file->path);
        fputs(": there is something in it that a scrubbed file does not contain:\n", stdout);
        fwrite(result->body != NULL ? result->body : "", 1, result->body_len, stdout);
        fputs("  So don't share this file. What you can do: scrub it, and share the copy", stdout);
        if (!file->is_stream) {
            fputs(": ", stdout);
            if (!osk_say_command(stdout, "scrub", file->path)) {
                fputs("oilskin scrub FILE", stdout);
            }
        }
        putchar('\n');
    } else {
        osk_say_refusal(stderr, file->path, NULL, &result->fault);
    }
}

static void tell_one(void *context, size_t index)
{
    Verification *run = context;
    const OskFile *file = &run->files.items[index];
    OskResult *result = &run->results[index];
    osk_progress_clear(&run->progress);
    if (run->json) {
        osk_json_file(stdout, file, result, index);
        fwrite(result->body != NULL ? result->body : "", 1, result->body_len, stdout);
        if (result->status == OSK_OK) {
            osk_json_member(stdout, "result", OSK_WORDS_NOTHING_LEFT);
        }
        osk_json_file_end(stdout);
    } else {
        tell_text(file, result);
    }
    run->progress.done_files++;
    run->worst = osk_status_worse(run->worst, result->status);
    osk_result_free(result);
}

static void tick(void *context)
{
    Verification *run = context;
    osk_progress_tick(&run->progress);
}

static OskStatus verify_all(Verification *run, unsigned threads)
{
    run->results = calloc(run->files.count + 1, sizeof(*run->results));
    if (run->results == NULL) {
        return OSK_NO_MEMORY;
    }
    run->worst = run->files.worst;
    osk_progress_start(&run->progress, run->files.total, run->files.count);
    if (run->json) {
        osk_json_begin(stdout, "verify");
    }
    OskJobs jobs = { .context = run,
                     .count = run->files.count,
                     .threads = threads,
                     .run = verify_one,
                     .tell = tell_one,
                     .tick = tick };
    bool fine = osk_jobs_run(&jobs);
    osk_progress_clear(&run->progress);
    if (run->json) {
        osk_json_end(stdout, osk_exit_code(run->worst));
    }
    free(run->results);
    return fine ? OSK_OK : OSK_NO_MEMORY;
}

static int run(int argc, char **argv)
{
    Verification run = { .json = false };
    unsigned threads = osk_jobs_processors();
    bool recursive = false;
    for (int option; (option = osk_option_next(&osk_cmd_verify, argc, argv, ":rj:h")) != -1;) {
        switch (option) {
        case 'r': recursive = true; break;
        case 'j':
            if (!osk_parse_number(optarg, 1, OSK_JOBS_MAX, &threads)) {
                return osk_usage(&osk_cmd_verify, "-j wants a number from 1 to 128");
            }
            break;
        case OPT_JSON: run.json = true; break;
        case 'h': return 0;
        default: return OSK_EXIT_USAGE;
        }
    }
    if (optind == argc) {
        return osk_usage(&osk_cmd_verify, "name at least one file");
    }
    OskStatus status = osk_files_collect(&run.files, argv + optind, recursive, NULL);
    if (status == OSK_OK) {
        status = verify_all(&run, threads);
    }
    status = osk_status_worse(status, run.worst);
    if (status == OSK_NO_MEMORY) {
        fputs("oilskin: not enough memory; close other programs, then run it again\n", stderr);
    }
    osk_files_free(&run.files);
    return osk_exit_code(status);
}

const OskCommand osk_cmd_verify = { .name = "verify",
                                    .summary = "read a scrubbed file again, as a second opinion",
                                    .help = help,
                                    .options = options,
                                    .run = run };
