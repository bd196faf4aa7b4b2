/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What programs read. Every document has a "schema"; changes only add. */
#ifndef OSK_CLI_OUTPUT_JSON_H
#define OSK_CLI_OUTPUT_JSON_H

#include <stdio.h>

#include "cli/result.h"
#include "oilskin/scrub.h"

/* {"schema": "oilskin/<thing>/1", "version": ..., "files": [ */
void osk_json_begin(FILE *out, const char *thing);
/* The members of one file up to its findings; `index` counts from 0. */
void osk_json_file(FILE *out, const OskFile *file, const OskResult *result, size_t index);
/* , "findings": [...], "cut": ... */
void osk_json_findings(FILE *out, const OskReport *report);
/* , "plan": [...], "output_size": ...: every step */
void osk_json_plan(FILE *out, const OskScrub *job);
/* , "NAME": "text" */
void osk_json_member(FILE *out, const char *name, const char *text);
void osk_json_number(FILE *out, const char *name, uint64_t value);
/* The end of one file's object. */
void osk_json_file_end(FILE *out);
/* ] and the end of the document, with the exit code. */
void osk_json_end(FILE *out, int exit_code);

#endif
