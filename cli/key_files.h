/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of keys: one key a line, lines that begin with # are remarks. The same that stock age
 * reads. */
#ifndef OSK_CLI_KEY_FILES_H
#define OSK_CLI_KEY_FILES_H

#include "cli/passphrase.h"
#include "oilskin/seal.h"

#define OSK_IDENTITIES_MAX 64u

/* A growing list with a fixed end. Wipe a list of identities with osk_identities_wipe(). */
typedef struct OskRecipients {
    OskRecipient items[OSK_SEAL_RECIPIENTS_MAX];
    size_t count;
} OskRecipients;

typedef struct OskIdentities {
    OskIdentity items[OSK_IDENTITIES_MAX];
    size_t count;
} OskIdentities;

/* One recipient as people write it, "age1...". */
OskStatus osk_recipients_add(OskRecipients *list, const char *text, OskFault *fault);

/* All recipients of a file ("-" for standard input).
 * @param out_line the line with the fault, from 1; 0 where it is of the file. */
OskStatus osk_recipients_read(OskRecipients *list, const char *path, size_t *out_line,
                              OskFault *fault);

/* All identities of a file ("-" for standard input), which may be sealed with a passphrase, binary
 * or armored.
 * @param passphrase_path a file with it; NULL asks on the terminal. */
OskStatus osk_identities_read(OskIdentities *list, const char *path, const char *passphrase_path,
                              size_t *out_line, OskFault *fault);

void osk_identities_wipe(OskIdentities *list);

/* Says what went wrong with `name` (NULL for none) and what helps; returns the exit code. */
int osk_say_key_fault(const char *command, const char *name, size_t line, const OskFault *fault);

#endif
