/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people read. */
#ifndef OSK_CLI_OUTPUT_TEXT_H
#define OSK_CLI_OUTPUT_TEXT_H

#include <stdio.h>

#include "cli/result.h"
#include "oilskin/scrub.h"

/* The result of every job that went well. It never says more than we know. */
#define OSK_WORDS_NOTHING_LEFT                                                                     \
    "nothing hidden left that we know how to name; everything you can see or hear is still "       \
    "there: "                                                                                      \
    "faces, clothes, signs, voices"

/* The same of a copy that parts were covered in or cut off. */
#define OSK_WORDS_REDACTED                                                                         \
    "nothing hidden left that we know how to name; what is not covered can still be seen: faces, " \
    "clothes, signs"

typedef struct OskStyle {
    bool colour;
    size_t most; /* findings shown of each kind; 0 for all */
    int indent;  /* columns before the name of a kind */
} OskStyle;

/* Colours for a terminal that wants them (NO_COLOR and TERM=dumb are honoured). */
OskStyle osk_style_for(FILE *out);

/* "2.4 MB"; powers of ten, as file managers count. */
void osk_format_size(char *out, size_t size, uint64_t bytes);

/* "photo.jpg: JPEG, 2.4 MB" */
void osk_say_file(FILE *out, OskStyle style, const OskFile *file, const OskResult *result);

/* What becomes of a finding. */
typedef enum OskFate {
    OSK_GOES,      /* a scrub removes it */
    OSK_STAYS,     /* nobody can remove it without loss */
    OSK_ASKED_FOR, /* an option asked for it to stay */
} OskFate;

/* The findings of one fate, worst kind first. */
void osk_say_findings(FILE *out, OskStyle style, const OskReport *report, OskFate fate);

/* One line per part of the plan: what becomes of it, and how many bytes that is. */
void osk_say_plan(FILE *out, OskStyle style, const OskScrub *job);

/* Why a file has no copy, and one next step that works. A refusal is about what is in the file, and
 * warns of sharing it; a failure (no such file, a full disk) says nothing about that. */
void osk_say_refusal(FILE *out, const char *path, const OskFormatInfo *format,
                     const OskFault *fault);

/* The same where what was asked does not fit the file: that says nothing of sharing it. */
void osk_say_misfit(FILE *out, const char *path, const OskFormatInfo *format,
                    const OskFault *fault);

/* A next step for this fault that works for a person; never NULL. */
const char *osk_next_step(const OskFormatInfo *format, const OskFault *fault);

/* A command line that a person can copy, the name quoted where a shell would want that. False, and
 * nothing is printed, when the name cannot be typed. */
bool osk_say_command(FILE *out, const char *command, const char *path);

/* The name as printed: "standard input" for "-". */
void osk_say_name(FILE *out, const char *path);

#endif
