/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin verify: the second opinion, by itself. */
#include <inttypes.h>
#include <string.h>

#include "cli/output_json.h"
#include "cli/reading.h"
#include "oilskin/verify.h"

static const char help[] =
    "Usage: oilskin verify [OPTIONS] FILE...\n"
    "\n"
    "Read scrubbed files with a second reader, which knows only what a file without hidden parts "
    "may\n"
    "contain and nothing of how scrubbing works. \"oilskin scrub\" does this by itself before it\n"
    "gives a copy its name. Nothing is changed.\n"
    "\n"
    "  -r, --recursive  take the pictures and videos in folders, too\n"
    "  -j, --jobs N     read N files at once (default: one for each processor)\n"
    "      --json       print JSON: schema oilskin/verify/1\n"
    "  -h, --help       print this help\n"
    "\n"
    "FILE may be - for standard input.\n"
    "Exit: 0 nothing found, 1 something was found, 2 wrong usage, 3 broken file, 4 unknown "
    "format,\n"
    "5 too large, 6 no memory, 7 could not be read; of several files the highest.\n";

static const struct option options[] = { { "recursive", no_argument, NULL, 'r' },
                                         { "jobs", required_argument, NULL, 'j' },
                                         { "json", no_argument, NULL, OSK_READING_JSON },
                                         { "help", no_argument, NULL, 'h' },
                                         { NULL, 0, NULL, 0 } };

/* A person reads the first reasons; the rest is counted. */
#define REASONS_SHOWN 10u

/* Reasons that an option of the scrub explains: whoever gave it is told that this is not new. */
static const struct {
    const char *field;
    const char *words;
} explained[] = {
    { "verify.profile", "a copy made with --icc=keep has such a profile: without that option it is "
                        "made anew, and the colours stay" },
    { "verify.preroll", "a copy made with --keep-preroll has such frames: other programs can show "
                        "them" },
};

static void say_explained(FILE *out, const OskReport *report)
{
    for (size_t i = 0; i < sizeof(explained) / sizeof(explained[0]); i++) {
        for (size_t at = 0; at < osk_report_count(report); at++) {
            if (strcmp(osk_report_at(report, at)->field, explained[i].field) == 0) {
                fprintf(out, "  (%s)\n", explained[i].words);
                break;
            }
        }
    }
}

static void say_reasons(FILE *out, const OskReport *report)
{
    size_t count = osk_report_count(report);
    for (size_t i = 0; i < count && i < REASONS_SHOWN; i++) {
        const OskFinding *reason = osk_report_at(report, i);
        fprintf(out, "    %s: %s, byte %" PRIu64 "\n", reason->part, reason->label, reason->offset);
    }
    if (count > REASONS_SHOWN) {
        fprintf(out, "    and %zu more\n", count - REASONS_SHOWN);
    }
    say_explained(out, report);
}

static OskStatus render(const OskReading *reading, OskResult *result, const OskReport *report)
{
    FILE *out = open_memstream(&result->body, &result->body_len);
    if (out == NULL) {
        return OSK_NO_MEMORY;
    }
    if (reading->json) {
        osk_json_findings(out, report);
    } else {
        say_reasons(out, report);
    }
    fclose(out);
    return OSK_OK;
}

static OskStatus look(const OskReading *reading, OskInput *input, OskResult *result)
{
    OskSource source = osk_input_source(input);
    OskReport *report = NULL;
    OskStatus status = osk_verify(&source, NULL, &report, &result->fault);
    result->format = osk_input_format(input);
    if (report != NULL) {
        result->found = osk_report_count(report);
        status = osk_status_worse(status, render(reading, result, report));
    }
    osk_report_free(&report);
    /* A picture or a video that is no copy of ours is read by the scrub, which knows better what is
     * wrong with it. */
    if (result->fault.next == NULL && result->format != NULL &&
        (status == OSK_MALFORMED || status == OSK_UNSUPPORTED)) {
        result->fault.next = "scrub it, and share the copy";
    }
    return status;
}

static void tell(const OskReading *reading, const OskFile *file, const OskResult *result)
{
    (void)reading;
    if (result->status == OSK_OK) {
        osk_say_name(stdout, file->path);
        puts(": " OSK_WORDS_NOTHING_LEFT ".");
    } else if (result->status == OSK_FOUND) {
        osk_say_name(stdout, file->path);
        fputs(": there is something in it that a scrubbed file does not contain:\n", stdout);
        fwrite(result->body != NULL ? result->body : "", 1, result->body_len, stdout);
        osk_reading_say_scrub("So don't share this file. What you can do: scrub it, and share the "
                              "copy",
                              file);
    } else {
        fflush(stdout);
        osk_say_refusal(stderr, file->path, result->format, &result->fault);
    }
}

static int run(int argc, char **argv)
{
    static const OskReader reader = {
        .command = &osk_cmd_verify, .fine = OSK_WORDS_NOTHING_LEFT, .look = look, .tell = tell
    };
    return osk_reading_run(&reader, true, argc, argv);
}

const OskCommand osk_cmd_verify = { .name = "verify",
                                    .summary = "read a scrubbed file again, as a second opinion",
                                    .help = help,
                                    .options = options,
                                    .run = run };
