/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin scrub: what was asked. */
#include "cli/copying.h"
#include "cli/jobs.h"

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
    "      --flatten        pictures that can't be scrubbed as they are: decode them in a sandbox, "
    "and\n"
    "                       save what is seen as a fresh JPEG or PNG, instead of refusing them\n"
    "      --memory=SIZE    what one file may take, such as 8G (default: 4G; to decode, at most "
    "half "
    "of\n"
    "                       the machine)\n"
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

enum { OPT_DROP_AUDIO = OSK_COPYING_OWN, OPT_KEEP_PREROLL, OPT_FLATTEN };

static const struct option options[] = { OSK_COPYING_OPTIONS,
                                         { "in-place", no_argument, NULL, OSK_COPYING_IN_PLACE },
                                         { "drop-audio", no_argument, NULL, OPT_DROP_AUDIO },
                                         { "keep-preroll", no_argument, NULL, OPT_KEEP_PREROLL },
                                         { "flatten", no_argument, NULL, OPT_FLATTEN },
                                         { "yes", no_argument, NULL, 'y' },
                                         { NULL, 0, NULL, 0 } };

static int run(int argc, char **argv)
{
    OskScrubRun run = { .command = &osk_cmd_scrub, .threads = osk_jobs_processors() };
    OskCopyAsked asked = { .output = NULL };
    const char *wrong = NULL;
    for (int option; (option = osk_option_next(&osk_cmd_scrub, argc, argv, ":o:d:rj:yh")) != -1;) {
        const char *fault = NULL;
        switch (option) {
        case 'h': return 0;
        case '?': return OSK_EXIT_USAGE;
        case OPT_DROP_AUDIO: run.options.drop_audio = true; break;
        case OPT_KEEP_PREROLL: run.options.keep_preroll = true; break;
        case OPT_FLATTEN: run.flatten = true; break;
        default: fault = osk_copying_take(&run, &asked, option); break;
        }
        wrong = wrong != NULL ? wrong : fault;
    }
    wrong = wrong != NULL ? wrong : osk_copying_choose(&run, &asked, argv + optind);
    return wrong != NULL ? osk_usage(&osk_cmd_scrub, wrong) : osk_copying_run(&run, argv + optind);
}

const OskCommand osk_cmd_scrub = { .name = "scrub",
                                   .summary = "make copies without hidden parts",
                                   .help = help,
                                   .options = options,
                                   .run = run };
