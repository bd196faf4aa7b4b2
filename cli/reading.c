/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/reading.h"

#include <stdlib.h>

#include "cli/jobs.h"
#include "cli/outsiders.h"
#include "cli/output_json.h"
#include "cli/pairs.h"

/* ---- one file ---- */

static void read_one(void *context, size_t index)
{
    OskReading *reading = context;
    const OskFile *file = &reading->files.items[index];
    OskResult *result = &reading->results[index];
    OskInput input;
    result->status = file->is_stream
                         ? osk_input_open_stdin(&input, &result->fault)
                         : osk_input_open(&input, file->path, OSK_INPUT_FOLLOW, &result->fault);
    result->size = input.size;
    if (result->status == OSK_OK) {
        OskStatus status = reading->reader->look(reading, &input, result);
        /* A file that changed or could not be read explains any fault that followed from it. */
        OskFault fault = { .status = OSK_OK };
        if (osk_input_confirm(&input, &fault) != OSK_OK) {
            status = fault.status;
            result->fault = fault;
        }
        result->status = status;
    }
    osk_outsider_judge(file, &input, result, reading->gate);
    osk_input_close(&input);
    atomic_fetch_add(&reading->progress.done_bytes, file->size);
}

static void tell_one(void *context, size_t index)
{
    OskReading *reading = context;
    const OskFile *file = &reading->files.items[index];
    OskResult *result = &reading->results[index];
    osk_progress_clear(&reading->progress);
    if (reading->json) {
        osk_json_file(stdout, file, result, index);
        fwrite(result->body != NULL ? result->body : "", 1, result->body_len, stdout);
        if (result->status == OSK_OK && reading->reader->fine != NULL) {
            osk_json_member(stdout, "result", reading->reader->fine);
        }
        osk_json_file_end(stdout);
    } else if (result->outsider == OSK_INSIDER) {
        if (reading->reader->spaced && reading->told > 0) {
            putchar('\n');
        }
        reading->told++;
        reading->reader->tell(reading, file, result);
    }
    reading->progress.done_files++;
    reading->worst = osk_status_worse(reading->worst, osk_result_verdict(result));
    if (reading->gate && result->found > 0) {
        reading->worst = osk_status_worse(reading->worst, OSK_FOUND);
    }
    free(result->body);
    result->body = NULL;
}

static void tick(void *context)
{
    OskReading *reading = context;
    osk_progress_tick(&reading->progress);
}

static void tell_pair(void *context, size_t picture, size_t video)
{
    const OskReading *reading = context;
    putchar('\n');
    osk_say_name(stdout, reading->files.items[picture].path);
    fputs(" and ", stdout);
    osk_say_name(stdout, reading->files.items[video].path);
    fputs(" belong together, as a Live Photo: a short video with sound belongs to this picture.\n",
          stdout);
}

void osk_reading_say_scrub(const char *words, const OskFile *file)
{
    printf("  %s", words);
    if (!file->is_stream) {
        fputs(": ", stdout);
        if (!osk_say_command(stdout, "scrub", file->path)) {
            fputs("oilskin scrub FILE", stdout);
        }
    }
    putchar('\n');
}

/* ---- all files ---- */

static void tell_end(OskReading *reading)
{
    size_t count = reading->files.count;
    if (reading->reader->pairs) {
        osk_pairs_find(reading->files.items, reading->results, count, tell_pair, reading);
    }
    if (count == 0) {
        puts("There are no files to read.");
    } else if (reading->told == 0) {
        puts("There are no pictures or videos to read.");
    }
    osk_outsiders_tell(stdout, &reading->files, reading->results);
}

static OskStatus read_all(OskReading *reading)
{
    size_t count = reading->files.count;
    reading->results = calloc(count + 1, sizeof(*reading->results));
    if (reading->results == NULL) {
        return OSK_NO_MEMORY;
    }
    reading->worst = reading->files.worst;
    osk_progress_start(&reading->progress, reading->files.total, count);
    if (reading->json) {
        osk_json_begin(stdout, reading->reader->command->name);
    }
    OskJobs jobs = { .context = reading,
                     .count = count,
                     .threads = reading->threads,
                     .run = read_one,
                     .tell = tell_one,
                     .tick = tick };
    bool fine = osk_jobs_run(&jobs);
    osk_progress_clear(&reading->progress);
    if (reading->json) {
        osk_json_end(stdout, osk_exit_code(reading->worst));
    } else if (fine) {
        tell_end(reading);
    }
    for (size_t i = 0; i < count; i++) {
        osk_result_free(&reading->results[i]);
    }
    free(reading->results);
    return fine ? OSK_OK : OSK_NO_MEMORY;
}

/* Takes the options; returns 0, 'h' when the help was asked for, or '?' when something is wrong. */
static int take_options(OskReading *reading, int argc, char **argv)
{
    const OskCommand *command = reading->reader->command;
    for (int option; (option = osk_option_next(command, argc, argv, ":rj:h")) != -1;) {
        switch (option) {
        case 'r': reading->recursive = true; break;
        case 'j':
            if (!osk_parse_number(optarg, 1, OSK_JOBS_MAX, &reading->threads)) {
                osk_usage(command, "-j wants a number from 1 to 128");
                return '?';
            }
            break;
        case OSK_READING_CHECK: reading->gate = true; break;
        case OSK_READING_JSON: reading->json = true; break;
        default: return option;
        }
    }
    if (optind == argc) {
        osk_usage(command, "name at least one file");
        return '?';
    }
    return 0;
}

int osk_reading_run(const OskReader *reader, bool gate, int argc, char **argv)
{
    OskReading reading = { .reader = reader,
                           .style = osk_style_for(stdout),
                           .gate = gate,
                           .threads = osk_jobs_processors() };
    reading.style.indent = 2;
    int ended = take_options(&reading, argc, argv);
    if (ended != 0) {
        return ended == 'h' ? 0 : OSK_EXIT_USAGE;
    }
    OskStatus status = osk_files_collect(&reading.files, argv + optind, reading.recursive, NULL);
    if (status == OSK_OK) {
        status = read_all(&reading);
    }
    status = osk_status_worse(status, reading.worst);
    if (status == OSK_NO_MEMORY) {
        fputs("oilskin: not enough memory; close other programs, then run it again\n", stderr);
    }
    osk_files_free(&reading.files);
    return osk_exit_code(status);
}
