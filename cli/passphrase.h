/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passphrases: typed into a terminal, never a word of the command line, which every user of the
 * machine can read while the command runs. */
#ifndef OSK_CLI_PASSPHRASE_H
#define OSK_CLI_PASSPHRASE_H

#include <stdbool.h>
#include <stddef.h>

#include "oilskin/io.h"

#define OSK_PASSPHRASE_MAX 1024u

typedef struct OskPassphrase {
    size_t len;
    char text[OSK_PASSPHRASE_MAX + 1]; /* ends in a NUL */
} OskPassphrase;

/* Keeps what the process holds out of core dumps and from other programs of the same user. Called
 * before a secret is read. */
void osk_secrets_guard(void);

/* Asks on the terminal, whatever standard input is; nothing that is typed is shown. A signal that
 * ends the process first makes the terminal show letters again.
 * @param prompt printed with ": " behind it. @param twice asks again, and compares.
 * Errors: IO without a terminal; MISUSE for an empty one, a too long one, two that differ, and
 * Ctrl-C.
 */
OskStatus osk_passphrase_ask(OskPassphrase *out, const char *prompt, bool twice, OskFault *fault);

/* The first line of a file. Errors: IO, MISUSE for an empty or a too long one. */
OskStatus osk_passphrase_read(OskPassphrase *out, const char *path, OskFault *fault);

/* Seals a text to it, in armor. Ownership: osk_bytes_free(&out->bytes), whatever the status is. */
OskStatus osk_passphrase_seal(const OskPassphrase *passphrase, const char *text, size_t len,
                              OskMemory *out, OskFault *fault);

void osk_passphrase_wipe(OskPassphrase *passphrase);

#endif
