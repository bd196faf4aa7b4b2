/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `seal` and `unseal` share: where the bytes come from and where they go. */
#ifndef OSK_CLI_SEALING_H
#define OSK_CLI_SEALING_H

#include "cli/key_files.h"
#include "host/output.h"

/* A sink into a file that appears whole or not at all, or to standard output. */
typedef struct OskSealed {
    OskOutput output;
    OskSink sink;
    const char *path; /* NULL for standard output */
    int error;        /* errno of a failed write to standard output */
} OskSealed;

/* @param path NULL or "-" for standard output.
 * Ownership: end with osk_sealed_end() whatever the status is. */
OskStatus osk_sealed_begin(OskSealed *sealed, const char *path, bool replace, OskFault *fault);

/* Gives the file its name when `status` is OK, else throws it away; returns the worse status, with
 * a fault that says why writing failed. */
OskStatus osk_sealed_end(OskSealed *sealed, OskStatus status, OskFault *fault);

/* Says what went wrong, with what was read or with what was written; returns the exit code. */
int osk_say_sealing_fault(const char *command, const char *input, const OskSealed *sealed,
                          const OskFault *fault);

#endif
