/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands that read files and change nothing, inspect and verify: what they share. */
#ifndef OSK_CLI_READING_H
#define OSK_CLI_READING_H

#include "cli/command.h"
#include "cli/output_text.h"
#include "cli/progress.h"
#include "cli/result.h"
#include "host/input.h"

typedef struct OskReading OskReading;

/* What one of these commands does of its own. */
typedef struct OskReader {
    const OskCommand *command;
    const char *fine; /* what JSON says of a file that is OK; NULL for nothing */
    bool spaced;      /* an empty line between files */
    bool pairs;       /* the halves of a Live Photo are told together */
    /* Looks at an opened file and fills `result`, its body included; the status is returned. Called
     * from several threads at once. */
    OskStatus (*look)(const OskReading *reading, OskInput *input, OskResult *result);
    /* Says how it ended. */
    void (*tell)(const OskReading *reading, const OskFile *file, const OskResult *result);
} OskReader;

/* One run. */
struct OskReading {
    const OskReader *reader;
    OskFiles files;
    OskResult *results;
    OskProgress progress;
    OskStyle style;
    OskStatus worst;
    size_t told; /* files that were told one by one */
    bool gate;   /* exits with 1 for a finding: never says yes about a file that nobody read */
    bool json;
    bool recursive;
    unsigned threads;
};

/* The options that such a command may list in its table, beside -r, -j and -h. */
enum { OSK_READING_CHECK = 256, OSK_READING_JSON };

/* Runs the command from its arguments to its exit code. */
int osk_reading_run(const OskReader *reader, bool gate, int argc, char **argv);

/* "share a scrubbed copy: oilskin scrub FILE", the end of a sentence and its line. */
void osk_reading_say_scrub(const char *words, const OskFile *file);

#endif
