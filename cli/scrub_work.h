/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The work on one file of a run that makes copies: what its steps share. */
#ifndef OSK_CLI_SCRUB_WORK_H
#define OSK_CLI_SCRUB_WORK_H

#include "cli/scrub_run.h"
#include "host/output.h"

/* What the work carries from step to step. */
typedef struct OskScrubWork {
    OskScrubRun *run;
    const OskFile *file;
    OskResult *result;
    size_t index;
    OskInput input;
    OskScrub *job;
    OskEdited edited;
    OskScrub *second; /* over what was edited; NULL without an edit */
    bool edit_begun;  /* a scrub was possible */
    OskFault refusal; /* why it was flattened */
    uint64_t counted; /* bytes that the progress bar has had already */
} OskScrubWork;

/* Hands the fault of a job on; returns `status`. */
OskStatus osk_scrub_work_take_fault(OskScrubWork *work, const OskScrub *job, OskStatus status);

/* Makes what was asked of `clean`, which a scrub has made. */
OskStatus osk_scrub_work_edit(OskScrubWork *work, const OskSource *clean);

/* Opens the second scrub, over what the edit has made. */
OskStatus osk_scrub_work_open_second(OskScrubWork *work);

/* It is our own work that was refused, not what the person has: the status that tells so. */
OskStatus osk_scrub_work_refuse_own(OskScrubWork *work, OskStatus status);

/* ---- scrub_files.c: copies that are never whole in memory ---- */

/* Begins the copy; `is_proven`: of bytes that are proven already. Ownership: as
 * osk_output_begin(). */
OskStatus osk_scrub_work_begin(OskScrubWork *work, bool is_proven, OskOutput *output);
/* The last look before a name is given. */
OskStatus osk_scrub_work_commit(OskScrubWork *work, OskOutput *output);

/* Writes the copy that the last scrub makes, reads that again, and hands it out. */
OskStatus osk_scrub_work_write_movie(OskScrubWork *work);
/* Writes the copy of a picture that is looked at where it lies, scrubbed or edited where
 * osk_edit_streams() says so, walks and proves what was written, and hands it out. */
OskStatus osk_scrub_work_write_picture(OskScrubWork *work);
/* Edits what a scrub makes of such a picture. Not even a file without a name gets to hold what is
 * about to be covered. */
OskStatus osk_scrub_work_edit_view(OskScrubWork *work);

#endif
