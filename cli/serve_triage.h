/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key with which a server folds copies: a file of its own, which no reviewer has, and which
 * opens nothing but what files are compared by. */
#ifndef OSK_CLI_SERVE_TRIAGE_H
#define OSK_CLI_SERVE_TRIAGE_H

#include "cli/serve_config.h"

/* Reads the file of the key, which is made where there is none; it must be nobody else's to read.
 * Wipe with osk_identity_wipe(). @param path where it lies, also after an error.
 * Errors: IO, MALFORMED; AUTH for a file that others may read. */
OskStatus osk_serve_triage_key(const OskServeConfig *config, OskIdentity *out, char path[PATH_MAX],
                               OskFault *fault);

#endif
