/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands that make copies, scrub and redact: what they share. */
#ifndef OSK_CLI_COPYING_H
#define OSK_CLI_COPYING_H

#include "cli/command.h"
#include "cli/scrub_run.h"

/* Where the copies were asked to go. */
typedef struct OskCopyAsked {
    const char *output;
    const char *folder;
    const char *naming;
    bool in_place;
    bool dry_run;
} OskCopyAsked;

/* What osk_copying_take() understands beside letters. Options of one command alone begin with
 * OSK_COPYING_OWN. */
enum {
    OSK_COPYING_IN_PLACE = 256,
    OSK_COPYING_NAME,
    OSK_COPYING_MAP,
    OSK_COPYING_FORCE,
    OSK_COPYING_ICC,
    OSK_COPYING_MEMORY,
    OSK_COPYING_DRY_RUN,
    OSK_COPYING_JSON,
    OSK_COPYING_OWN
};

/* The rows of the option table that all of these commands have. */
#define OSK_COPYING_OPTIONS                                                                        \
    { "output", required_argument, NULL, 'o' }, { "directory", required_argument, NULL, 'd' },     \
        { "name", required_argument, NULL, OSK_COPYING_NAME },                                     \
        { "map", required_argument, NULL, OSK_COPYING_MAP },                                       \
        { "force", no_argument, NULL, OSK_COPYING_FORCE },                                         \
        { "recursive", no_argument, NULL, 'r' }, { "jobs", required_argument, NULL, 'j' },         \
        { "icc", required_argument, NULL, OSK_COPYING_ICC },                                       \
        { "memory", required_argument, NULL, OSK_COPYING_MEMORY },                                 \
        { "dry-run", no_argument, NULL, OSK_COPYING_DRY_RUN },                                     \
        { "json", no_argument, NULL, OSK_COPYING_JSON },                                           \
    {                                                                                              \
        "help", no_argument, NULL, 'h'                                                             \
    }

/* The index of a word in a list that ends in NULL, or -1. */
int osk_word_find(const char *const *words, const char *word);

/* Takes one of these options (see optarg); returns what is wrong with it, or NULL. */
const char *osk_copying_take(OskScrubRun *run, OskCopyAsked *asked, int option);

/* Decides where the copies of `args`, which end in NULL, go; returns what does not fit together, or
 * NULL. */
const char *osk_copying_choose(OskScrubRun *run, const OskCopyAsked *asked, char **args);

/* Makes the copies and tells of each; returns the exit code. */
int osk_copying_run(OskScrubRun *run, char **args);

#endif
