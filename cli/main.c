/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line: a table of commands and what they share. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/output_text.h"
#include "cli/suggest.h"
#include "host/folder.h"
#include "host/output.h"
#include "host/printable.h"

static const OskCommand *const commands[] = {
    &osk_cmd_inspect, &osk_cmd_scrub,   &osk_cmd_redact, &osk_cmd_verify,
    &osk_cmd_keygen,  &osk_cmd_seal,    &osk_cmd_unseal, &osk_cmd_studio,
    &osk_cmd_serve,   &osk_cmd_setup,   &osk_cmd_doctor, &osk_cmd_desk,
    &osk_cmd_store,   &osk_cmd_formats, &osk_cmd_help,   &osk_cmd_version,
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

const OskCommand *osk_command_at(size_t index)
{
    return index < COMMAND_COUNT ? commands[index] : NULL;
}

const OskCommand *osk_command_find(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

/* What people who know other tools type first. */
static const struct {
    const char *word;
    const OskCommand *command;
} synonyms[] = {
    { "clean", &osk_cmd_scrub },   { "strip", &osk_cmd_scrub },    { "remove", &osk_cmd_scrub },
    { "show", &osk_cmd_inspect },  { "list", &osk_cmd_inspect },   { "info", &osk_cmd_inspect },
    { "check", &osk_cmd_verify },  { "cover", &osk_cmd_redact },   { "blur", &osk_cmd_redact },
    { "crop", &osk_cmd_redact },   { "mosaic", &osk_cmd_redact },  { "pixelate", &osk_cmd_redact },
    { "resize", &osk_cmd_redact }, { "rotate", &osk_cmd_redact },  { "drop", &osk_cmd_serve },
    { "encrypt", &osk_cmd_seal },  { "decrypt", &osk_cmd_unseal }, { "open", &osk_cmd_unseal },
    { "key", &osk_cmd_keygen },
};

const OskCommand *osk_command_suggest(const char *name)
{
    const OskCommand *best = NULL;
    unsigned best_distance = OSK_SUGGEST_FAR;
    for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++) {
        if (strcmp(synonyms[i].word, name) == 0) {
            return synonyms[i].command;
        }
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        unsigned distance = osk_suggest_distance(name, commands[i]->name);
        if (distance < best_distance) {
            best = commands[i];
            best_distance = distance;
        }
    }
    return osk_suggest_is_near(best_distance, name) ? best : NULL;
}

int osk_exit_code(OskStatus status)
{
    switch (status) {
    case OSK_OK: return 0;
    case OSK_FOUND: return OSK_EXIT_FOUND;
    case OSK_TRUNCATED:
    case OSK_MALFORMED: return 3;
    case OSK_UNSUPPORTED: return 4;
    case OSK_LIMIT: return 5;
    case OSK_NO_MEMORY: return 6;
    case OSK_IO: return 7;
    case OSK_AUTH: return 8;
    case OSK_MORE:
    case OSK_MISUSE:
    case OSK_BUG: return 70;
    }
    return 70;
}

/* The long option that was probably meant, or NULL. */
static const char *suggest_option(const struct option *options, const char *typed)
{
    const char *best = NULL;
    unsigned best_distance = OSK_SUGGEST_FAR;
    for (; options->name != NULL; options++) {
        unsigned distance = osk_suggest_distance(typed, options->name);
        if (distance < best_distance) {
            best = options->name;
            best_distance = distance;
        }
    }
    return osk_suggest_is_near(best_distance, typed) ? best : NULL;
}

static void say_bad_option(const OskCommand *command, const char *typed, bool lacks_value)
{
    fprintf(stderr, "oilskin %s: ", command->name);
    if (lacks_value) {
        fputs("a value is missing after ", stderr);
        osk_printable_text(stderr, typed);
    } else {
        fputs("there is no option ", stderr);
        osk_printable_text(stderr, typed);
        char name[32] = "";
        size_t len = strncmp(typed, "--", 2) == 0 ? strcspn(typed + 2, "=") : 0;
        if (len > 0 && len < sizeof(name)) {
            memcpy(name, typed + 2, len);
            const char *meant = suggest_option(command->options, name);
            if (meant != NULL) {
                fprintf(stderr, "; did you mean --%s?", meant);
            }
        }
    }
    fprintf(stderr, "\nTry: oilskin %s --help\n", command->name);
}

int osk_option_next(const OskCommand *command, int argc, char **argv, const char *shorts)
{
    int at = optind > 0 ? optind : 1;
    int option = getopt_long(argc, argv, shorts, command->options, NULL);
    if (option == 'h') {
        fputs(command->help, stdout);
    } else if (option == '?' || option == ':') {
        char one[3] = { '-', (char)optopt, 0 };
        /* getopt names a short option in optopt; a long one stands whole in argv. */
        bool is_long = optopt == 0 || optind > at + 1 || strncmp(argv[optind - 1], "--", 2) == 0;
        say_bad_option(command, is_long ? argv[optind - 1] : one, option == ':');
        option = '?';
    }
    return option;
}

int osk_usage(const OskCommand *command, const char *what)
{
    fprintf(stderr, "oilskin %s: %s\nTry: oilskin %s --help\n", command->name, what, command->name);
    return OSK_EXIT_USAGE;
}

int osk_finish_output(int code)
{
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        fputs("oilskin: what was to be printed did not arrive: standard output is full or closed\n",
              stderr);
        int io = osk_exit_code(OSK_IO);
        return code > io ? code : io;
    }
    return code;
}

bool osk_parse_number(const char *text, unsigned least, unsigned most, unsigned *out)
{
    char *end = NULL;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno != 0 || end == text || *end != 0 || text[0] < '0' || text[0] > '9' || value < least ||
        value > most) {
        return false;
    }
    *out = (unsigned)value;
    return true;
}

/* Who types a file first wants it scrubbed: the command with that file is the answer. */
static bool suggest_for_file(const char *name)
{
    if (osk_command_suggest(name) != NULL || !osk_path_exists(name)) {
        return false;
    }
    fputs("oilskin: say what to do with ", stderr);
    osk_printable_text(stderr, name);
    fputs(":\n  ", stderr);
    if (osk_say_command(stderr, "scrub", name)) {
        fputs("     makes a copy without what is hidden in it\n  ", stderr);
        osk_say_command(stderr, "inspect", name);
        fputs("   shows what it reveals\n", stderr);
    } else {
        fputs("oilskin scrub FILE     makes a copy without what is hidden in it\n", stderr);
    }
    return true;
}

static int refuse_command(const char *name)
{
    if (suggest_for_file(name)) {
        return OSK_EXIT_USAGE;
    }
    fputs("oilskin: there is no command \"", stderr);
    osk_printable_text(stderr, name);
    const OskCommand *meant = osk_command_suggest(name);
    if (meant != NULL) {
        fprintf(stderr, "\"; did you mean \"%s\"?\nTry: oilskin %s --help\n", meant->name,
                meant->name);
    } else {
        fputs("\"\nTry: oilskin --help\n", stderr);
    }
    return OSK_EXIT_USAGE;
}

/* A program that was started without one of its three streams would get that number for the next
 * file it opens, and print into a copy. What is put there instead fails when it is used. */
static bool hold_streams(void)
{
    for (int fd = 0; fd < 3; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd) {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    if (!hold_streams()) {
        return osk_exit_code(OSK_IO);
    }
    osk_output_catch_signals();
    opterr = 0;
    if (argc < 2) {
        fputs(osk_cmd_help.help, stderr);
        return OSK_EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        name = "help";
    } else if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        name = "version";
    }
    const OskCommand *command = osk_command_find(name);
    if (command == NULL) {
        return refuse_command(name);
    }
    return osk_finish_output(command->run(argc - 1, argv + 1));
}
