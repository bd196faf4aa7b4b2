/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run that makes copies says of each file, and at its end. */
#ifndef OSK_CLI_SCRUB_TELL_H
#define OSK_CLI_SCRUB_TELL_H

#include "cli/scrub_run.h"

/* Tells of file `index`, in the order of the files, from the main thread. `context` is an
 * OskScrubRun. */
void osk_scrub_tell_one(void *context, size_t index);
/* Moves the bar on. */
void osk_scrub_tick(void *context);
/* What is to be said of all files together. */
void osk_scrub_tell_summary(OskScrubRun *run);

#endif
