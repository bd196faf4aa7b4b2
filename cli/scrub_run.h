/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run that makes copies was asked to do, and the work on one file. */
#ifndef OSK_CLI_SCRUB_RUN_H
#define OSK_CLI_SCRUB_RUN_H

#include "cli/command.h"
#include "cli/edit.h"
#include "cli/output_text.h"
#include "cli/progress.h"
#include "cli/result.h"
#include "oilskin/scrub.h"

typedef enum OskNaming { OSK_NAME_RANDOM, OSK_NAME_NUMBER, OSK_NAME_KEEP } OskNaming;

typedef enum OskTarget {
    OSK_TARGET_BESIDE, /* a neutrally named copy in the folder of the original */
    OSK_TARGET_FILE,   /* -o OUT */
    OSK_TARGET_FOLDER, /* -d DIR */
    OSK_TARGET_STREAM, /* standard output */
    OSK_TARGET_IN_PLACE,
    OSK_TARGET_NONE /* --dry-run */
} OskTarget;

typedef struct OskScrubRun {
    const OskCommand *command; /* scrub or redact */
    const OskEdit *edit;       /* what is changed in the pictures themselves, or NULL */
    OskFiles files;
    OskResult *results;
    OskProgress progress;
    OskStyle style;
    OskScrubOptions options;
    OskTarget target;
    OskNaming naming;
    const char *out_path; /* OUT or DIR */
    const char *map_path; /* NULL for none */
    FILE *map;
    FILE *say; /* standard output, or standard error when that carries the copy */
    OskStatus worst;
    unsigned threads;
    size_t scrubbed;
    size_t refused; /* for what is in them */
    size_t failed;
    bool recursive;
    bool flatten; /* --flatten: what can't be scrubbed is decoded */
    bool json;
    bool replace; /* --force */
    bool yes;     /* --yes */
} OskScrubRun;

/* Scrubs file `index` and fills its result; called from several threads at once. `context` is an
 * OskScrubRun. */
void osk_scrub_run_one(void *context, size_t index);

/* The format that the ending of a name stands for; NULL where it stands for none of ours. */
const OskFormatInfo *osk_copy_path_format(const char *path);

/* The path of the copy of file `index`, with an extension where the name is ours: free with free().
 * NULL when memory or randomness ends. */
char *osk_copy_path(const OskScrubRun *run, size_t index, const char *extension);

#endif
