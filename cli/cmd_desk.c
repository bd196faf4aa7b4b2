/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin desk: the keys of those who read what a drop receives. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/key_files.h"
#include "cli/opening.h"
#include "host/output.h"
#include "host/printable.h"
#include "host/random.h"
#include "oilskin/scrub.h"
#include "oilskin/seal.h"

static const char help[] =
    "Usage: oilskin desk init FILE [OPTIONS]\n"
    "       oilskin desk open DATA FILE [OPTIONS]\n"
    "       oilskin desk open DATA --recovery\n"
    "\n"
    "init makes the key that opens submissions, in FILE, protected by a passphrase, and a second "
    "one for\n"
    "recovery, which it shows once on the terminal: for paper, in a safe place. It prints the "
    "lines for\n"
    "the configuration of the drop.\n"
    "\n"
    "open proves that a key opens what the drop seals. A drop stays closed until that was done "
    "once\n"
    "with each of its keys.\n"
    "\n"
    "      --no-recovery           no second key: then a lost passphrase loses everything\n"
    "      --recovery              open with the recovery key, typed at the terminal\n"
    "      --recovery-file OUT     write the recovery key into a file instead of showing it\n"
    "      --passphrase-file FILE  the passphrase is the first line of FILE\n"
    "  -h, --help                  print this help\n";

enum { OPT_NO_RECOVERY = 256, OPT_RECOVERY, OPT_RECOVERY_FILE, OPT_PASSPHRASE_FILE };

static const struct option options[] = {
    { "no-recovery", no_argument, NULL, OPT_NO_RECOVERY },
    { "recovery", no_argument, NULL, OPT_RECOVERY },
    { "recovery-file", required_argument, NULL, OPT_RECOVERY_FILE },
    { "passphrase-file", required_argument, NULL, OPT_PASSPHRASE_FILE },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 }
};

typedef struct Asked {
    const char *passphrase_file;
    const char *recovery_file;
    bool no_recovery;
    bool recovery;
} Asked;

static int explain(const char *name, const OskFault *fault)
{
    fputs("oilskin desk: ", stderr);
    osk_printable_text(stderr, name);
    fprintf(stderr, ": %s\n", fault->what);
    return osk_exit_code(fault->status);
}

static OskStatus ask_passphrase(const Asked *asked, OskPassphrase *out, OskFault *fault)
{
    return asked->passphrase_file != NULL
               ? osk_passphrase_read(out, asked->passphrase_file, fault)
               : osk_passphrase_ask(out, "A new passphrase for the desk", true, fault);
}

static OskStatus write_new_file(const char *path, const void *bytes, size_t len, OskFault *fault)
{
    OskOutputOptions how = { .owner = (uid_t)-1, .group = (gid_t)-1 };
    return osk_output_write(path, how, bytes, len, fault);
}

/* ---- init ---- */

/* The identity's text, sealed to the passphrase, in armor. */
static OskStatus write_identity(const char *path, const OskIdentity *identity,
                                const OskPassphrase *passphrase, OskFault *fault)
{
    char text[OSK_IDENTITY_TEXT_BYTES + 1];
    OskMemory armored = { .bytes = NULL };
    osk_identity_text(identity, text);
    size_t len = strlen(text);
    text[len++] = '\n';
    OskStatus status = osk_passphrase_seal(passphrase, text, len, &armored, fault);
    osk_seal_wipe(text, sizeof(text));
    if (status == OSK_OK) {
        status = write_new_file(path, armored.bytes, armored.len, fault);
    }
    osk_bytes_free(&armored.bytes);
    return status;
}

static int hand_out_recovery(const OskIdentity *identity, const char *file)
{
    char text[OSK_IDENTITY_TEXT_BYTES + 1];
    OskFault fault = { 0 };
    osk_identity_text(identity, text);
    int code = 0;
    if (file != NULL) {
        size_t len = strlen(text);
        text[len] = '\n';
        if (write_new_file(file, text, len + 1, &fault) != OSK_OK) {
            code = explain(file, &fault);
        }
    } else {
        printf("The recovery key. Write it on paper and keep that where the computer isn't; it is "
               "shown once:\n\n  %s\n\n",
               text);
    }
    osk_seal_wipe(text, sizeof(text));
    return code;
}

static void say_recipient(const OskIdentity *identity)
{
    char text[OSK_RECIPIENT_TEXT_BYTES];
    osk_recipient_text(&identity->recipient, text);
    printf("recipient = %s\n", text);
}

static int make_identity(OskIdentity *identity)
{
    OskFault fault = { 0 };
    const OskRandom random = { .fill = osk_random_fill };
    return osk_identity_make(identity, &random, &fault) == OSK_OK ? 0 : explain("key", &fault);
}

static int init_desk(const char *path, const Asked *asked)
{
    bool shows = !asked->no_recovery && asked->recovery_file == NULL;
    if (shows && isatty(STDOUT_FILENO) == 0) {
        return osk_usage(&osk_cmd_desk, "the recovery key is shown on a terminal only; "
                                        "--recovery-file writes it into a file");
    }
    OskPassphrase passphrase = { .len = 0 };
    OskIdentity desk = { 0 };
    OskIdentity recovery = { 0 };
    OskFault fault = { 0 };
    int code = make_identity(&desk);
    if (code == 0 && !asked->no_recovery) {
        code = make_identity(&recovery);
    }
    if (code == 0 && ask_passphrase(asked, &passphrase, &fault) != OSK_OK) {
        code = osk_say_key_fault("desk", "the passphrase", 0, &fault);
    }
    if (code == 0 && write_identity(path, &desk, &passphrase, &fault) != OSK_OK) {
        code = explain(path, &fault);
    }
    if (code == 0 && !asked->no_recovery) {
        code = hand_out_recovery(&recovery, asked->recovery_file);
    }
    if (code == 0) {
        puts("For the section [drop] of oilskin.conf:\n");
        say_recipient(&desk);
        if (!asked->no_recovery) {
            say_recipient(&recovery);
        }
        puts("\nThe drop opens after `oilskin desk open DATA` was run once with each key.");
    }
    osk_passphrase_wipe(&passphrase);
    osk_identity_wipe(&desk);
    osk_identity_wipe(&recovery);
    return osk_finish_output(code);
}

/* ---- open ---- */

/* Typed from paper: spaces between groups are fine, and any case. */
static OskStatus type_identity(OskIdentities *list, OskFault *fault)
{
    OskPassphrase typed = { .len = 0 };
    OskStatus status = osk_passphrase_ask(&typed, "The recovery key from the paper", false, fault);
    if (status != OSK_OK) {
        return status;
    }
    size_t len = 0;
    for (size_t i = 0; i < typed.len; i++) {
        char letter = typed.text[i];
        if (letter != ' ' && letter != '\r') {
            typed.text[len++] =
                letter >= 'a' && letter <= 'z' ? (char)(letter - 'a' + 'A') : letter;
        }
    }
    status = osk_identity_parse(&list->items[0], typed.text, len, fault);
    list->count = status == OSK_OK ? 1 : 0;
    osk_passphrase_wipe(&typed);
    return status;
}

static int open_drop(const char *data, const char *path, const Asked *asked)
{
    static OskIdentities list;
    OskFault fault = { 0 };
    size_t line = 0;
    OskStatus status = path != NULL
                           ? osk_identities_read(&list, path, asked->passphrase_file, &line, &fault)
                           : type_identity(&list, &fault);
    if (status != OSK_OK) {
        osk_identities_wipe(&list);
        return osk_say_key_fault("desk", path != NULL ? path : "the recovery key", line, &fault);
    }
    for (size_t i = 0; status == OSK_OK && i < list.count; i++) {
        status = osk_opening_prepare(data, &list.items[i].recipient, &fault);
        if (status == OSK_OK) {
            status = osk_opening_open(data, &list.items[i], &fault);
        }
    }
    osk_identities_wipe(&list);
    if (status != OSK_OK) {
        return explain(data, &fault);
    }
    puts("This key opens what the drop seals.");
    return osk_finish_output(0);
}

static int run(int argc, char **argv)
{
    Asked asked = { 0 };
    for (int option; (option = osk_option_next(&osk_cmd_desk, argc, argv, ":h")) != -1;) {
        switch (option) {
        case OPT_NO_RECOVERY: asked.no_recovery = true; break;
        case OPT_RECOVERY: asked.recovery = true; break;
        case OPT_RECOVERY_FILE: asked.recovery_file = optarg; break;
        case OPT_PASSPHRASE_FILE: asked.passphrase_file = optarg; break;
        case 'h': return 0;
        default: return OSK_EXIT_USAGE;
        }
    }
    /* Keys are in memory from here on. */
    osk_secrets_guard();
    umask(077);
    int words = argc - optind;
    const char *verb = words > 0 ? argv[optind] : "";
    if (strcmp(verb, "init") == 0 && words == 2) {
        return init_desk(argv[optind + 1], &asked);
    }
    if (strcmp(verb, "open") == 0 && words == (asked.recovery ? 2 : 3)) {
        return open_drop(argv[optind + 1], asked.recovery ? NULL : argv[optind + 2], &asked);
    }
    return osk_usage(&osk_cmd_desk, "say `init FILE`, or `open DATA FILE`");
}

const OskCommand osk_cmd_desk = { .name = "desk",
                                  .summary = "make the keys of a drop, and try them",
                                  .help = help,
                                  .options = options,
                                  .run = run };
