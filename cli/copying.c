/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/copying.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/jobs.h"
#include "cli/map.h"
#include "cli/output_json.h"
#include "cli/region_files.h"
#include "cli/scrub_tell.h"
#include "host/folder.h"

/* Less decodes nothing; more has no machine. */
#define MEMORY_MEGA_MIN 64u
#define MEMORY_GIGA_MAX 4096u

/* ---- what was asked ---- */

int osk_word_find(const char *const *words, const char *word)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], word) == 0) {
            return i;
        }
    }
    return -1;
}

static const char *take_icc(OskScrubRun *run, const char *word)
{
    static const char *const words[] = { "rebuild", "drop", "keep", NULL };
    int mode = osk_word_find(words, word);
    if (mode < 0) {
        return "--icc wants rebuild, drop or keep";
    }
    run->options.icc = (OskIccMode)mode;
    return NULL;
}

/* A number and M or G, in steps of 1,024. */
static const char *take_memory(OskScrubRun *run, const char *text)
{
    char number[8] = "";
    unsigned count = 0;
    size_t len = strspn(text, "0123456789");
    bool mega = text[len] == 'M' || text[len] == 'm';
    bool giga = text[len] == 'G' || text[len] == 'g';
    if (len == 0 || len >= sizeof(number) || !(mega || giga) || text[len + 1] != 0) {
        return "--memory wants a size such as 512M or 8G";
    }
    memcpy(number, text, len);
    if (!osk_parse_number(number, 1, giga ? MEMORY_GIGA_MAX : MEMORY_GIGA_MAX << 10, &count) ||
        (mega && count < MEMORY_MEGA_MIN)) {
        return "--memory wants a size from 64M to 4096G";
    }
    run->options.limits.memory = (uint64_t)count << (giga ? 30 : 20);
    return NULL;
}

static const char *take_naming(OskScrubRun *run, OskCopyAsked *asked, const char *word)
{
    static const char *const words[] = { "random", "number", "keep", NULL };
    int naming = osk_word_find(words, word);
    if (naming < 0) {
        return "--name wants random, number or keep";
    }
    run->naming = (OskNaming)naming;
    asked->naming = word;
    return NULL;
}

const char *osk_copying_take(OskScrubRun *run, OskCopyAsked *asked, int option)
{
    switch (option) {
    case 'o': asked->output = optarg; break;
    case 'd': asked->folder = optarg; break;
    case 'r': run->recursive = true; break;
    case 'y': run->yes = true; break;
    case 'j':
        return osk_parse_number(optarg, 1, OSK_JOBS_MAX, &run->threads)
                   ? NULL
                   : "-j wants a number from 1 to 128";
    case OSK_COPYING_IN_PLACE: asked->in_place = true; break;
    case OSK_COPYING_NAME: return take_naming(run, asked, optarg);
    case OSK_COPYING_MAP: run->map_path = optarg; break;
    case OSK_COPYING_FORCE: run->replace = true; break;
    case OSK_COPYING_MEMORY: return take_memory(run, optarg);
    case OSK_COPYING_ICC: return take_icc(run, optarg);
    case OSK_COPYING_DRY_RUN: asked->dry_run = true; break;
    case OSK_COPYING_JSON: run->json = true; break;
    default: break;
    }
    return NULL;
}

const char *osk_copying_choose(OskScrubRun *run, const OskCopyAsked *asked, char **args)
{
    bool from_stdin = false;
    size_t count = 0;
    for (; args[count] != NULL; count++) {
        from_stdin = from_stdin || strcmp(args[count], "-") == 0;
    }
    if (count == 0) {
        return "name at least one file";
    }
    if ((asked->output != NULL) + (asked->folder != NULL) + asked->in_place > 1) {
        return "choose one of -o, -d and --in-place";
    }
    if (from_stdin && count > 1) {
        return "standard input (-) can't be mixed with other files";
    }
    if (from_stdin && asked->naming != NULL && run->naming == OSK_NAME_KEEP) {
        return "standard input has no name to keep";
    }
    if (from_stdin && asked->in_place) {
        return "standard input can't be replaced";
    }
    if (asked->naming != NULL && (asked->output != NULL || asked->in_place)) {
        return "--name goes with -d, or with copies beside the originals";
    }
    if (asked->naming != NULL && run->naming == OSK_NAME_KEEP && asked->folder == NULL) {
        return "--name=keep needs a folder for the copies: -d DIR";
    }
    bool to_stdout = asked->output != NULL ? strcmp(asked->output, "-") == 0
                                           : from_stdin && asked->folder == NULL;
    run->out_path = asked->output != NULL ? asked->output : asked->folder;
    run->target = asked->dry_run          ? OSK_TARGET_NONE
                  : to_stdout             ? OSK_TARGET_STREAM
                  : asked->output != NULL ? OSK_TARGET_FILE
                  : asked->folder != NULL ? OSK_TARGET_FOLDER
                  : asked->in_place       ? OSK_TARGET_IN_PLACE
                                          : OSK_TARGET_BESIDE;
    if (run->target == OSK_TARGET_STREAM && isatty(STDOUT_FILENO) == 1) {
        return "the copy would go to the terminal; choose a file with -o OUT";
    }
    if (run->map_path != NULL &&
        (run->target == OSK_TARGET_STREAM || run->target == OSK_TARGET_IN_PLACE)) {
        return "--map needs copies with names of their own";
    }
    return NULL;
}

/* ---- before the work ---- */

static bool same_file(const char *a, const char *b)
{
    struct stat x;
    struct stat y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Asks once for all files, or says why it can't. False when nothing may be replaced. */
static bool may_replace(const OskScrubRun *run)
{
    size_t count = run->files.count;
    fprintf(stderr,
            "--in-place replaces %s%zu %s: what the original could prove (where, when, with which "
            "device)\n"
            "is evidence, and is lost for good.\n",
            run->recursive ? "the pictures and videos among " : "", count,
            count == 1 ? "file" : "files");
    if (run->yes) {
        return true;
    }
    if (isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1) {
        fputs("oilskin scrub: there is no terminal to ask on; add --yes if that is what you want\n",
              stderr);
        return false;
    }
    fputs("Replace? [y/N] ", stderr);
    char answer[16] = "";
    bool yes =
        fgets(answer, sizeof(answer), stdin) != NULL &&
        (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0 || strcmp(answer, "Y\n") == 0);
    if (!yes) {
        fputs("Nothing was changed.\n", stderr);
    }
    return yes;
}

/* Makes the folder, opens the list, asks. Returns 0, or the code to exit with. */
static int prepare(OskScrubRun *run, char **args)
{
    OskFault fault = { .status = OSK_OK };
    struct stat folder;
    bool to_folder = run->target == OSK_TARGET_FOLDER;
    const struct stat *skip = to_folder && stat(run->out_path, &folder) == 0 ? &folder : NULL;
    if (osk_files_collect(&run->files, args, run->recursive, skip) != OSK_OK) {
        return osk_exit_code(OSK_NO_MEMORY);
    }
    run->worst = run->files.worst;
    const char *wrong = run->edit != NULL ? osk_region_files_check(run->edit, &run->files) : NULL;
    if (wrong != NULL) {
        return osk_usage(run->command, wrong);
    }
    if (to_folder && osk_folder_make(run->out_path, &fault) != OSK_OK) {
        osk_say_refusal(stderr, run->out_path, NULL, &fault);
        return osk_exit_code(fault.status);
    }
    bool one_output = run->target == OSK_TARGET_FILE || run->target == OSK_TARGET_STREAM;
    if (one_output && run->files.count > 1) {
        return osk_usage(run->command,
                         "-o takes one file; for several, choose a folder with -d DIR");
    }
    if (run->target == OSK_TARGET_FILE && run->files.count == 1 &&
        same_file(run->files.items[0].path, run->out_path)) {
        return osk_usage(run->command,
                         run->edit != NULL
                             ? "OUT is the original itself, which is never replaced: choose "
                               "another name"
                             : "OUT is the original itself; to replace that, use --in-place");
    }
    if (run->target == OSK_TARGET_IN_PLACE && run->files.count > 0 && !may_replace(run)) {
        return OSK_EXIT_USAGE;
    }
    if (run->map_path != NULL && run->target != OSK_TARGET_NONE) {
        run->map = osk_map_open(run->map_path, &fault);
        if (run->map == NULL) {
            fprintf(stderr,
                    "oilskin: %s: the list of --map was not written: %s\n  What you can do: %s.\n",
                    run->map_path, fault.what, osk_next_step(NULL, &fault));
            return osk_exit_code(fault.status);
        }
    }
    return 0;
}

/* ---- the run ---- */

static OskStatus copy_all(OskScrubRun *run)
{
    size_t count = run->files.count;
    run->results = calloc(count + 1, sizeof(*run->results));
    if (run->results == NULL) {
        return OSK_NO_MEMORY;
    }
    /* Whoever scrubs many files wants to see which; "inspect" shows all of one. */
    run->style.most = count > 3 ? 3 : 12;
    osk_progress_start(&run->progress, run->files.total, count);
    if (run->json) {
        osk_json_begin(run->say, run->command->name);
    }
    OskJobs jobs = { .context = run,
                     .count = count,
                     .threads = run->threads,
                     .run = osk_scrub_run_one,
                     .tell = osk_scrub_tell_one,
                     .tick = osk_scrub_tick };
    bool fine = osk_jobs_run(&jobs);
    osk_progress_clear(&run->progress);
    if (run->json) {
        osk_json_end(run->say, osk_exit_code(run->worst));
    } else {
        osk_scrub_tell_summary(run);
    }
    for (size_t i = 0; i < count; i++) {
        osk_result_free(&run->results[i]);
    }
    free(run->results);
    return fine ? OSK_OK : OSK_NO_MEMORY;
}

int osk_copying_run(OskScrubRun *run, char **args)
{
    run->say = run->target == OSK_TARGET_STREAM ? stderr : stdout;
    run->style = osk_style_for(run->say);
    run->style.indent = 4;
    int code = prepare(run, args);
    if (code == 0) {
        OskStatus status = copy_all(run);
        status = osk_status_worse(status, run->worst);
        if (status == OSK_NO_MEMORY) {
            fputs("oilskin: not enough memory; close other programs, then run it again\n", stderr);
        }
        code = osk_exit_code(status);
    }
    if (run->map != NULL) {
        fclose(run->map);
    }
    osk_files_free(&run->files);
    return code;
}
