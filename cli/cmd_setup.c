/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin setup: six questions, and the files of a drop. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/setup_files.h"
#include "host/output.h"
#include "host/printable.h"

static const char help[] =
    "Usage: oilskin setup DIR\n"
    "\n"
    "Ask six questions, and write into DIR what a drop needs: its configuration, a systemd unit, "
    "files for\n"
    "nginx, Caddy and tor, and a README.txt that says where they go. Nothing else is changed.\n"
    "\n"
    "      --data DIR    where submissions will be kept; /var/lib/oilskin unless told otherwise\n"
    "  -h, --help        print this help\n";

enum { OPT_DATA = 256 };

static const struct option options[] = { { "data", required_argument, NULL, OPT_DATA },
                                         { "help", no_argument, NULL, 'h' },
                                         { NULL, 0, NULL, 0 } };

/* Of one answer; the configuration takes no longer lines. */
#define ANSWER_BYTES 180u

/* ---- questions ---- */

/* One line of standard input without control characters. False at its end. */
static bool read_answer(char out[ANSWER_BYTES])
{
    for (;;) {
        char line[1024];
        if (fgets(line, sizeof(line), stdin) == NULL) {
            return false;
        }
        size_t len = strcspn(line, "\r\n");
        line[len] = 0;
        const char *start = line + strspn(line, " \t");
        len = strlen(start);
        while (len > 0 && (start[len - 1] == ' ' || start[len - 1] == '\t')) {
            len--;
        }
        bool is_plain = len < ANSWER_BYTES;
        for (size_t i = 0; i < len; i++) {
            is_plain = is_plain && (unsigned char)start[i] >= 0x20 && start[i] != 0x7F;
        }
        if (is_plain) {
            memcpy(out, start, len);
            out[len] = 0;
            return true;
        }
        fputs("Please answer in one line of at most 179 letters: ", stdout);
        fflush(stdout);
    }
}

static bool ask(const char *question, char out[ANSWER_BYTES])
{
    printf("%s ", question);
    fflush(stdout);
    return read_answer(out);
}

static bool ask_text(const char *question, char *out, size_t room)
{
    char answer[ANSWER_BYTES];
    do {
        if (!ask(question, answer)) {
            return false;
        }
    } while (answer[0] == 0);
    size_t len = strnlen(answer, room - 1);
    memcpy(out, answer, len);
    out[len] = 0;
    return true;
}

static bool ask_days(OskSetup *setup)
{
    char answer[ANSWER_BYTES];
    do {
        if (!ask("4. For how many days do you keep what is sent? [90]", answer)) {
            return false;
        }
        setup->keep_days = 90;
    } while (answer[0] != 0 && !osk_parse_number(answer, 1, 3650, &setup->keep_days));
    return true;
}

/* Letters, digits, dots and dashes: it goes into files of other programs. */
static bool is_site(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-");
    return text[len] == 0 &&
           (len == 0 || (text[0] != '.' && text[0] != '-' && strchr(text, '.') != NULL));
}

static bool ask_site(OskSetup *setup)
{
    do {
        char answer[ANSWER_BYTES];
        if (!ask("5. Its name on the web, as in drop.example.org? Empty: an onion address alone.",
                 answer)) {
            return false;
        }
        memcpy(setup->site, answer, strlen(answer) + 1);
    } while (!is_site(setup->site));
    return true;
}

/* "age1...", or the whole line "recipient = age1..." that `desk init` prints. */
static bool add_key(OskSetup *setup, const char *answer)
{
    const char *key = strstr(answer, "age1");
    OskRecipient recipient;
    OskFault fault = { 0 };
    if (key == NULL || osk_recipient_parse(&recipient, key, strlen(key), &fault) != OSK_OK) {
        puts("   That is no key: they begin with age1, and `oilskin desk init` makes them.");
        return false;
    }
    osk_recipient_text(&recipient, setup->keys[setup->key_count++]);
    return true;
}

static bool ask_keys(OskSetup *setup)
{
    puts("6. The keys that `oilskin desk init` printed, one a line; an empty line ends them.");
    while (setup->key_count < OSK_SETUP_KEYS_MAX) {
        char answer[ANSWER_BYTES];
        if (!ask("   key:", answer)) {
            return setup->key_count > 0;
        }
        if (answer[0] != 0) {
            add_key(setup, answer);
        } else if (setup->key_count > 0) {
            break;
        }
    }
    if (setup->key_count == 1) {
        puts("   One key alone: who loses it loses everything. A second one is better.");
    }
    return true;
}

/* ---- files ---- */

static int write_file(const char *folder, const OskSetupFile *what, const OskSetup *setup)
{
    char path[PATH_MAX];
    char *text = NULL;
    size_t len = 0;
    OskFault fault = { 0 };
    int wrote = snprintf(path, sizeof(path), "%s/%s", folder, what->name);
    FILE *memory = open_memstream(&text, &len);
    if (memory == NULL || wrote < 0 || wrote >= PATH_MAX) {
        if (memory != NULL) {
            fclose(memory);
        }
        free(text);
        return osk_exit_code(OSK_NO_MEMORY);
    }
    what->write(memory, setup);
    fclose(memory);
    OskOutputOptions how = { .owner = (uid_t)-1, .group = (gid_t)-1 };
    OskStatus status = osk_output_write(path, how, text, len, &fault);
    free(text);
    if (status != OSK_OK) {
        fputs("oilskin setup: ", stderr);
        osk_printable_text(stderr, path);
        fprintf(stderr, ": %s\n", fault.what);
        return osk_exit_code(status);
    }
    fputs("  ", stdout);
    osk_printable_text(stdout, path);
    putchar('\n');
    return 0;
}

static int write_files(const char *folder, const OskSetup *setup)
{
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        fputs("oilskin setup: ", stderr);
        osk_printable_text(stderr, folder);
        fprintf(stderr, ": %s\n", strerror(errno));
        return osk_exit_code(OSK_IO);
    }
    puts("\nWritten:");
    int code = 0;
    for (const OskSetupFile *file = osk_setup_files; code == 0 && file->name != NULL; file++) {
        if (!file->needs_site || setup->site[0] != 0) {
            code = write_file(folder, file, setup);
        }
    }
    if (code == 0) {
        puts("Go on with README.txt there.");
    }
    return osk_finish_output(code);
}

static int run(int argc, char **argv)
{
    static OskSetup setup = { .data = "/var/lib/oilskin" };
    for (int option; (option = osk_option_next(&osk_cmd_setup, argc, argv, ":h")) != -1;) {
        switch (option) {
        case OPT_DATA: setup.data = optarg; break;
        case 'h': return 0;
        default: return OSK_EXIT_USAGE;
        }
    }
    if (argc - optind != 1) {
        return osk_usage(&osk_cmd_setup, "say into which folder: oilskin setup DIR");
    }
    char program[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
    program[len > 0 ? len : 0] = 0;
    setup.program = len > 0 ? program : "/usr/local/bin/oilskin";
    puts("Six questions. The first four answers stand above the form: who sends something must "
         "know to whom.");
    if (!ask_text("1. Who runs this drop?", setup.operator_name, sizeof(setup.operator_name)) ||
        !ask_text("2. Who can read what is sent?", setup.readers, sizeof(setup.readers)) ||
        !ask_text("3. How can people reach you?", setup.contact, sizeof(setup.contact)) ||
        !ask_days(&setup) || !ask_site(&setup) || !ask_keys(&setup)) {
        fputs("oilskin setup: the answers ended early; nothing was written\n", stderr);
        return OSK_EXIT_USAGE;
    }
    return write_files(argv[optind], &setup);
}

const OskCommand osk_cmd_setup = { .name = "setup",
                                   .summary = "ask six questions, and write the files of a drop",
                                   .help = help,
                                   .options = options,
                                   .run = run };
