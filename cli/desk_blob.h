/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sealed file at a desk, read where it lies: no more of it than is asked for comes over. */
#ifndef OSK_CLI_DESK_BLOB_H
#define OSK_CLI_DESK_BLOB_H

#include "cli/desk_client.h"
#include "cli/desk_submission.h"

typedef struct OskDeskBlob {
    OskDeskClient *client; /* lent, as what follows */
    const char *file;
    const char *why;
    OskJson *opening;
    uint64_t count;    /* of parts */
    uint64_t part;     /* that is read */
    uint64_t piece_at; /* where in it the piece is */
    OskDeskAnswer piece;
    OskFault fault; /* why reading failed */
} OskDeskBlob;

/* The desk notes that the file was opened, and why.
 * Ownership: osk_desk_blob_close(), whatever the status is. */
OskStatus osk_desk_blob_open(OskDeskBlob *blob, OskDeskClient *client, const OskDeskFile *file,
                             const char *why, OskFault *fault);
/* Of `blob`; what a failed read failed of is in `blob->fault`. */
OskDeskParts osk_desk_blob_parts(OskDeskBlob *blob);
void osk_desk_blob_close(OskDeskBlob *blob);

#endif
