/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One command = one file = one struct. */
#ifndef OSK_CLI_COMMAND_H
#define OSK_CLI_COMMAND_H

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include "oilskin/status.h"

typedef struct OskCommand {
    const char *name;
    const char *summary; /* one line for the list of commands */
    const char *help;    /* what `--help` prints */
    const struct option *options;
    /* Gets argv from the command's own name on; returns the exit code. */
    int (*run)(int argc, char **argv);
} OskCommand;

extern const OskCommand osk_cmd_inspect;
extern const OskCommand osk_cmd_scrub;
extern const OskCommand osk_cmd_redact;
extern const OskCommand osk_cmd_verify;
extern const OskCommand osk_cmd_keygen;
extern const OskCommand osk_cmd_seal;
extern const OskCommand osk_cmd_unseal;
extern const OskCommand osk_cmd_formats;
extern const OskCommand osk_cmd_store;
extern const OskCommand osk_cmd_studio;
extern const OskCommand osk_cmd_serve;
extern const OskCommand osk_cmd_desk;
extern const OskCommand osk_cmd_doctor;
extern const OskCommand osk_cmd_setup;
extern const OskCommand osk_cmd_help;
extern const OskCommand osk_cmd_version;

/* Every command in the order of the list. NULL past the end. */
const OskCommand *osk_command_at(size_t index);
const OskCommand *osk_command_find(const char *name);
/* The command that was probably meant, or NULL. */
const OskCommand *osk_command_suggest(const char *name);

#define OSK_EXIT_FOUND 1
#define OSK_EXIT_USAGE 2

/* The exit code of a status; the table stands in oilskin(1). */
int osk_exit_code(OskStatus status);

/* The next option (see getopt_long), or -1 at the end. Prints the help and returns 'h' for --help;
 * says what is wrong with a bad option, suggests the right one, and returns '?'. */
int osk_option_next(const OskCommand *command, int argc, char **argv, const char *shorts);

/* Says what is wrong with how the command was called; returns OSK_EXIT_USAGE. */
int osk_usage(const OskCommand *command, const char *what);

/* Flushes standard output; `code`, or the code of IO when what was printed did not arrive. */
int osk_finish_output(int code);

/* A whole number in [least, most]; false when `text` is none. */
bool osk_parse_number(const char *text, unsigned least, unsigned most, unsigned *out);

#endif
