/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a folder holds beside pictures and videos. */
#ifndef OSK_CLI_OUTSIDERS_H
#define OSK_CLI_OUTSIDERS_H

#include <stdio.h>

#include "cli/result.h"
#include "host/input.h"

/* True when neither the first bytes nor the name claim that this is a picture or a video, known to
 * us or not. `head` is what the file begins with, `len` bytes of it; 0 for an empty file. */
bool osk_outsider_is(const char *path, const uint8_t *head, size_t len);

/* Marks the result of a file that nobody named and that was refused for being none of ours.
 *
 * @param gate  the run is to vouch for a whole folder: then the refusal stands. */
void osk_outsider_judge(const OskFile *file, OskInput *input, OskResult *result, bool gate);

/* Counts what was left alone, in a line; nothing when there is none. */
void osk_outsiders_tell(FILE *out, const OskFiles *files, const OskResult *results);

#endif
