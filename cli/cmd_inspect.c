/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin inspect: what each file reveals, worst first. */
#include "cli/output_json.h"
#include "cli/reading.h"

static const char help[] =
    "Usage: oilskin inspect [OPTIONS] FILE...\n"
    "\n"
    "Show what each file reveals without being seen, worst first: where and when it was taken, "
    "with\n"
    "which device, previews and faces, names, programs, other hidden bytes. Nothing is changed.\n"
    "\n"
    "  -r, --recursive  take the pictures and videos in folders, too\n"
    "  -j, --jobs N     look at N files at once (default: one for each processor)\n"
    "      --check      exit with 1 when anything is found\n"
    "      --json       print JSON: schema oilskin/inspect/1\n"
    "  -h, --help       print this help\n"
    "\n"
    "FILE may be - for standard input.\n"
    "Exit: 0 done, 1 something was found (--check), 2 wrong usage, 3 broken file, 4 unknown "
    "format,\n"
    "5 too large, 6 no memory, 7 could not be read; of several files the highest.\n";

static const struct option options[] = { { "recursive", no_argument, NULL, 'r' },
                                         { "jobs", required_argument, NULL, 'j' },
                                         { "check", no_argument, NULL, OSK_READING_CHECK },
                                         { "json", no_argument, NULL, OSK_READING_JSON },
                                         { "help", no_argument, NULL, 'h' },
                                         { NULL, 0, NULL, 0 } };

static void render(const OskReading *reading, OskResult *result, const OskReport *report)
{
    FILE *out = open_memstream(&result->body, &result->body_len);
    if (out == NULL) {
        result->status = OSK_NO_MEMORY;
        return;
    }
    if (reading->json) {
        osk_json_findings(out, report);
    } else {
        osk_say_findings(out, reading->style, report, OSK_GOES);
        if (result->staying > 0) {
            fputs("  a scrub cannot take these out without loss; it names them instead:\n", out);
            osk_say_findings(out, reading->style, report, OSK_STAYS);
        }
    }
    fclose(out);
}

static OskStatus look(const OskReading *reading, OskInput *input, OskResult *result)
{
    OskSource source = osk_input_source(input);
    OskScrub *job = NULL;
    OskStatus status = osk_scrub_open(&source, NULL, &job);
    if (job != NULL) {
        result->fault = *osk_scrub_fault(job);
        result->format = osk_scrub_format(job);
        status = osk_status_worse(status, osk_result_count(result, osk_scrub_report(job)));
        render(reading, result, osk_scrub_report(job));
        status = osk_status_worse(status, result->status);
    }
    osk_scrub_free(&job);
    return status;
}

static void tell(const OskReading *reading, const OskFile *file, const OskResult *result)
{
    if (result->format != NULL || result->found > 0) {
        osk_say_file(stdout, reading->style, file, result);
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
        osk_reading_say_scrub("What you can do: share a scrubbed copy", file);
    }
}

static int run(int argc, char **argv)
{
    static const OskReader reader = {
        .command = &osk_cmd_inspect, .spaced = true, .pairs = true, .look = look, .tell = tell
    };
    return osk_reading_run(&reader, false, argc, argv);
}

const OskCommand osk_cmd_inspect = { .name = "inspect",
                                     .summary = "show what a file reveals",
                                     .help = help,
                                     .options = options,
                                     .run = run };
