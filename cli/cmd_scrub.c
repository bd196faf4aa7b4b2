/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin scrub: what was asked, whether it makes sense, and how it ended. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/jobs.h"
#include "cli/map.h"
#include "cli/output_json.h"
#include "cli/outsiders.h"
#include "cli/pairs.h"
#include "cli/scrub_run.h"
#include "host/errors.h"
#include "host/folder.h"
#include "host/printable.h"

static const char help[] =
    "Usage: oilskin scrub [OPTIONS] FILE... [-o OUT | -d DIR | --in-place]\n"
    "\n"
    "Make a copy of each file without anything hidden that we know how to name. Picture and sound "
    "stay\n"
    "bit for bit the same. Every copy is read again by a second reader before it gets its name.\n"
    "\n"
    "Where the copy goes (default: beside the original, under a name that says nothing)\n"
    "  -o, --output OUT     into this file; - for standard output\n"
    "  -d, --directory DIR  into this folder, under neutral names\n"
    "      --in-place       over the original: what it could prove is lost for good\n"
    "      --name=HOW       random (default), number, or keep the name; keep needs -d\n"
    "      --map FILE       add to a private list of which copy came from which original\n"
    "      --force          replace copies that exist already\n"
    "\n"
    "What is taken\n"
    "  -r, --recursive      the pictures and videos in folders, too; other files are left alone\n"
    "  -j, --jobs N         N files at once (default: one for each processor)\n"
    "      --icc=HOW        colour profile: rebuild (default: the same colours without names, "
    "dates and\n"
    "                       serials), drop (colours may shift), keep (it may name the device)\n"
    "      --drop-audio     leave out the sound of videos: voices\n"
    "      --keep-preroll   keep frames of a video that are never shown, instead of refusing it\n"
    "\n"
    "How it is told\n"
    "      --dry-run        say what would be done; write nothing\n"
    "      --json           print JSON: schema oilskin/scrub/1\n"
    "  -y, --yes            do not ask before --in-place\n"
    "  -h, --help           print this help\n"
    "\n"
    "FILE may be - for standard input; the copy then goes to standard output.\n"
    "Exit: 0 done, 2 wrong usage, 3 broken file, 4 refused: it can't be proven, 5 too large,\n"
    "6 no memory, 7 could not be read or written; of several files the highest. A file that is "
    "not\n"
    "scrubbed leaves no copy.\n";

enum {
    OPT_IN_PLACE = 256,
    OPT_NAME,
    OPT_MAP,
    OPT_FORCE,
    OPT_ICC,
    OPT_DROP_AUDIO,
    OPT_KEEP_PREROLL,
    OPT_DRY_RUN,
    OPT_JSON
};

static const struct option options[] = { { "output", required_argument, NULL, 'o' },
                                         { "directory", required_argument, NULL, 'd' },
                                         { "in-place", no_argument, NULL, OPT_IN_PLACE },
                                         { "name", required_argument, NULL, OPT_NAME },
                                         { "map", required_argument, NULL, OPT_MAP },
                                         { "force", no_argument, NULL, OPT_FORCE },
                                         { "recursive", no_argument, NULL, 'r' },
                                         { "jobs", required_argument, NULL, 'j' },
                                         { "icc", required_argument, NULL, OPT_ICC },
                                         { "drop-audio", no_argument, NULL, OPT_DROP_AUDIO },
                                         { "keep-preroll", no_argument, NULL, OPT_KEEP_PREROLL },
                                         { "dry-run", no_argument, NULL, OPT_DRY_RUN },
                                         { "json", no_argument, NULL, OPT_JSON },
                                         { "yes", no_argument, NULL, 'y' },
                                         { "help", no_argument, NULL, 'h' },
                                         { NULL, 0, NULL, 0 } };

/* ---- what was asked ---- */

typedef struct Asked {
    const char *output;
    const char *folder;
    const char *naming;
    bool in_place;
    bool dry_run;
} Asked;

/* The index of a word in a list that ends in NULL, or -1. */
static int find_word(const char *const *words, const char *word)
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
    int mode = find_word(words, word);
    if (mode < 0) {
        return "--icc wants rebuild, drop or keep";
    }
    run->options.icc = (OskIccMode)mode;
    return NULL;
}

static const char *take_naming(OskScrubRun *run, Asked *asked, const char *word)
{
    static const char *const words[] = { "random", "number", "keep", NULL };
    int naming = find_word(words, word);
    if (naming < 0) {
        return "--name wants random, number or keep";
    }
    run->naming = (OskNaming)naming;
    asked->naming = word;
    return NULL;
}

/* Takes one option; returns what is wrong with it, or NULL. */
static const char *take_option(OskScrubRun *run, Asked *asked, int option)
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
    case OPT_IN_PLACE: asked->in_place = true; break;
    case OPT_NAME: return take_naming(run, asked, optarg);
    case OPT_MAP: run->map_path = optarg; break;
    case OPT_FORCE: run->replace = true; break;
    case OPT_ICC: return take_icc(run, optarg);
    case OPT_DROP_AUDIO: run->options.drop_audio = true; break;
    case OPT_KEEP_PREROLL: run->options.keep_preroll = true; break;
    case OPT_DRY_RUN: asked->dry_run = true; break;
    case OPT_JSON: run->json = true; break;
    default: break;
    }
    return NULL;
}

/* Decides where the copies go; returns what does not fit together, or NULL. */
static const char *choose_target(OskScrubRun *run, const Asked *asked, char **args)
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
    if (to_folder && osk_folder_make(run->out_path, &fault) != OSK_OK) {
        osk_say_refusal(stderr, run->out_path, NULL, &fault);
        return osk_exit_code(fault.status);
    }
    const struct stat *skip = to_folder && stat(run->out_path, &folder) == 0 ? &folder : NULL;
    if (osk_files_collect(&run->files, args, run->recursive, skip) != OSK_OK) {
        return osk_exit_code(OSK_NO_MEMORY);
    }
    run->worst = run->files.worst;
    bool one_output = run->target == OSK_TARGET_FILE || run->target == OSK_TARGET_STREAM;
    if (one_output && run->files.count > 1) {
        return osk_usage(&osk_cmd_scrub,
                         "-o takes one file; for several, choose a folder with -d DIR");
    }
    if (run->target == OSK_TARGET_FILE && run->files.count == 1 &&
        same_file(run->files.items[0].path, run->out_path)) {
        return osk_usage(&osk_cmd_scrub,
                         "OUT is the original itself; to replace that, use --in-place");
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

/* ---- telling ---- */

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
        fputs("copy: ", say);
        if (run->style.colour) {
            fputs("\033[1m", say);
        }
        osk_say_name(say, result->copy);
        fprintf(say, "%s, %s\n  ", run->style.colour ? "\033[0m" : "", size);
    }
    fprintf(say, "%s" OSK_WORDS_NOTHING_LEFT ".\n",
            result->staying > 0 ? "apart from what stays: " : "");
    if (result->other_names > 0) {
        fprintf(say, "  %zu other %s still to the original, and %s all of this (hard links).\n",
                (size_t)result->other_names, result->other_names == 1 ? "name leads" : "names lead",
                result->other_names == 1 ? "reveals" : "reveal");
    }
    if (run->target != OSK_TARGET_IN_PLACE && !file->is_stream) {
        fputs("  ", say);
        osk_say_name(say, file->path);
        fputs(result->found > 0 ? " is unchanged and still reveals all of this.\n"
                                : " is unchanged.\n",
              say);
    }
}

static void tell_text(const OskScrubRun *run, const OskFile *file, const OskResult *result)
{
    if (result->format != NULL) {
        osk_say_file(run->say, run->style, file, result);
    }
    if (result->found > result->staying) {
        fputs(result->status != OSK_OK         ? "  it reveals at least:\n"
              : run->target == OSK_TARGET_NONE ? "  would be removed:\n"
                                               : "  removed:\n",
              run->say);
    } else if (result->status == OSK_OK) {
        fputs("  nothing to remove that we know how to name\n", run->say);
    }
    if (result->body_len > 0) {
        fwrite(result->body, 1, result->body_len, run->say);
    }
    if (result->status != OSK_OK) {
        fflush(run->say);
        osk_say_refusal(stderr, file->path, result->format, &result->fault);
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
    fwrite(result->body != NULL ? result->body : "", 1, result->body_len, run->say);
    if (result->status == OSK_OK && run->target != OSK_TARGET_NONE) {
        if (result->copy != NULL) {
            osk_json_member(run->say, "copy", result->copy);
        }
        osk_json_number(run->say, "copy_size", result->copy_size);
        osk_json_member(run->say, "result", OSK_WORDS_NOTHING_LEFT);
    }
    osk_json_file_end(run->say);
}

static void tell_one(void *context, size_t index)
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

static void tick(void *context)
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

static void tell_summary(OskScrubRun *run)
{
    size_t count = run->scrubbed + run->refused + run->failed;
    osk_pairs_find(run->files.items, run->results, run->files.count, tell_pair, run);
    if (count > 1) {
        fprintf(run->say, "\n%zu files: %zu %s", count, run->scrubbed,
                run->target == OSK_TARGET_NONE ? "can be scrubbed" : "scrubbed");
        if (run->refused > 0) {
            fprintf(run->say, ", %zu refused: don't share %s", run->refused,
                    run->refused == 1 ? "that one" : "those");
        }
        if (run->failed > 0) {
            fprintf(run->say, "%s %zu failed: the reason stands above",
                    run->refused > 0 ? ";" : ",", run->failed);
        }
        fputs(".\n", run->say);
    } else if (count == 0) {
        fprintf(run->say, "There are no %s to scrub.\n",
                run->files.count == 0 ? "files" : "pictures or videos");
    }
    osk_outsiders_tell(run->say, &run->files, run->results);
}

/* ---- the run ---- */

static OskStatus scrub_all(OskScrubRun *run)
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
        osk_json_begin(run->say, "scrub");
    }
    OskJobs jobs = { .context = run,
                     .count = count,
                     .threads = run->threads,
                     .run = osk_scrub_run_one,
                     .tell = tell_one,
                     .tick = tick };
    bool fine = osk_jobs_run(&jobs);
    osk_progress_clear(&run->progress);
    if (run->json) {
        osk_json_end(run->say, osk_exit_code(run->worst));
    } else {
        tell_summary(run);
    }
    for (size_t i = 0; i < count; i++) {
        osk_result_free(&run->results[i]);
    }
    free(run->results);
    return fine ? OSK_OK : OSK_NO_MEMORY;
}

static int run(int argc, char **argv)
{
    OskScrubRun run = { .threads = osk_jobs_processors(), .say = stdout };
    Asked asked = { .output = NULL };
    const char *wrong = NULL;
    for (int option; (option = osk_option_next(&osk_cmd_scrub, argc, argv, ":o:d:rj:yh")) != -1;) {
        if (option == 'h' || option == '?') {
            return option == 'h' ? 0 : OSK_EXIT_USAGE;
        }
        const char *fault = take_option(&run, &asked, option);
        wrong = wrong != NULL ? wrong : fault;
    }
    wrong = wrong != NULL ? wrong : choose_target(&run, &asked, argv + optind);
    if (wrong != NULL) {
        return osk_usage(&osk_cmd_scrub, wrong);
    }
    if (run.target == OSK_TARGET_STREAM) {
        run.say = stderr;
    }
    run.style = osk_style_for(run.say);
    run.style.indent = 4;
    int code = prepare(&run, argv + optind);
    if (code == 0) {
        OskStatus status = scrub_all(&run);
        status = osk_status_worse(status, run.worst);
        if (status == OSK_NO_MEMORY) {
            fputs("oilskin: not enough memory; close other programs, then run it again\n", stderr);
        }
        code = osk_exit_code(status);
    }
    if (run.map != NULL) {
        fclose(run.map);
    }
    osk_files_free(&run.files);
    return code;
}

const OskCommand osk_cmd_scrub = { .name = "scrub",
                                   .summary = "make copies without hidden parts",
                                   .help = help,
                                   .options = options,
                                   .run = run };
