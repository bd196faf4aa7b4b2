/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What came out for one file; filled by a worker, printed by the main thread. */
#ifndef OSK_CLI_RESULT_H
#define OSK_CLI_RESULT_H

#include "cli/files.h"
#include "oilskin/format.h"
#include "oilskin/report.h"

/* What a file turned out to be that was found in a folder and is neither picture nor video. */
typedef enum OskOutsider {
    OSK_INSIDER,    /* no such file */
    OSK_LEFT_ALONE, /* no failure of this run */
    OSK_UNREAD,     /* the run was to vouch for the folder, and can't for this one */
} OskOutsider;

typedef struct OskResult {
    OskStatus status;
    OskOutsider outsider;
    OskFault fault;              /* the reason of a status other than OK */
    const OskFormatInfo *format; /* NULL while unknown */
    uint64_t size;
    size_t found;     /* findings, those that stay included */
    size_t staying;   /* findings that a scrub does not remove */
    size_t asked;     /* those of them that stay because an option asked for it */
    char *content_id; /* what joins the two halves of a Live Photo, or NULL */
    char *copy;       /* path of the copy, or NULL */
    uint64_t copy_size;
    uint64_t other_names; /* hard links that still lead to a file that was replaced */
    char *lead;           /* rendered by the worker: what was changed in the picture, or NULL */
    char *body;           /* the same: findings, plan */
    size_t body_len;
    bool flattened; /* it was refused, and what is seen was saved as a fresh file */
    bool misfit;    /* the fault is in what was asked of this picture, not in the picture */
    char *why;      /* what the fault says, where numbers or names stand in it */
} OskResult;

/* Counts the findings and keeps a copy of the identifier of a Live Photo. */
OskStatus osk_result_count(OskResult *result, const OskReport *report);

void osk_result_free(OskResult *result);

/* The status that counts for the exit code: OK for what is left alone. */
OskStatus osk_result_verdict(const OskResult *result);

/* The higher of two statuses, by exit code. */
OskStatus osk_status_worse(OskStatus a, OskStatus b);

/* True when it is what is in the file that ended the work: then nobody should share the file. False
 * when the machine did (no such file, a full disk, no memory). */
bool osk_status_is_refusal(OskStatus status);

#endif
