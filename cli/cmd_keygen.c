/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin keygen: a key to seal to, and the secret that opens. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/key_files.h"
#include "host/output.h"
#include "host/printable.h"
#include "host/random.h"
#include "oilskin/scrub.h"

static const char help[] =
    "Usage: oilskin keygen [OPTIONS] -o FILE\n"
    "       oilskin keygen -y [FILE]\n"
    "\n"
    "Make a pair of keys. The public one, age1..., is for everybody: \"oilskin seal -r\" and age\n"
    "seal to it. The secret one opens what was sealed. Nobody can bring it back: keep a copy of\n"
    "FILE, on paper or on a stick, where you keep what must not burn.\n"
    "\n"
    "  -o, --output FILE           write the secret key there, for your eyes alone (mode 600)\n"
    "  -p, --passphrase            protect it with a passphrase, asked for on the terminal\n"
    "      --passphrase-file FILE  the same; the first line of FILE\n"
    "      --demo NUMBER           0 to 3: one of the keys that everybody has, for "
    "demonstrations;\n"
    "                              `oilskin serve` takes them for nothing else\n"
    "  -y, --recipient             print the public keys of FILE (or of standard input)\n"
    "  -h, --help                  print this help\n"
    "\n"
    "Without -o the secret key is printed, to a terminal only. The format is that of age: its "
    "files\n"
    "work here, and these there.\n"
    "Exit: 0 done, 2 wrong usage, 3 no file of keys, 7 could not be read or written, 8 wrong\n"
    "passphrase.\n";

enum { OPT_PASSPHRASE_FILE = 256, OPT_DEMO };

static const struct option options[] = { { "output", required_argument, NULL, 'o' },
                                         { "passphrase", no_argument, NULL, 'p' },
                                         { "passphrase-file", required_argument, NULL,
                                           OPT_PASSPHRASE_FILE },
                                         { "demo", required_argument, NULL, OPT_DEMO },
                                         { "recipient", no_argument, NULL, 'y' },
                                         { "help", no_argument, NULL, 'h' },
                                         { NULL, 0, NULL, 0 } };

typedef struct Wish {
    const char *output;
    const char *passphrase_file;
    const char *demo;
    bool passphrase;
    bool public_only;
} Wish;

static int say(const char *name, size_t line, const OskFault *fault)
{
    return osk_say_key_fault("keygen", name, line, fault);
}

/* ---- the public keys of a file ---- */

static int print_public(const char *path, const Wish *wish)
{
    OskFault fault = { .status = OSK_OK };
    size_t line = 0;
    OskIdentities *list = calloc(1, sizeof(*list));
    if (list == NULL) {
        fault = (OskFault){ .status = OSK_NO_MEMORY, .what = "not enough memory" };
        return say(NULL, 0, &fault);
    }
    OskStatus status = osk_identities_read(list, path, wish->passphrase_file, &line, &fault);
    for (size_t i = 0; i < list->count && status == OSK_OK; i++) {
        char text[OSK_RECIPIENT_TEXT_BYTES];
        osk_recipient_text(&list->items[i].recipient, text);
        puts(text);
    }
    osk_identities_wipe(list);
    free(list);
    return status == OSK_OK ? 0 : say(path, line, &fault);
}

/* ---- a new pair ---- */

/* The text of a file of keys. */
static size_t write_pair(const OskIdentity *identity, char *out, size_t size)
{
    char public_text[OSK_RECIPIENT_TEXT_BYTES];
    char secret_text[OSK_IDENTITY_TEXT_BYTES];
    osk_recipient_text(&identity->recipient, public_text);
    osk_identity_text(identity, secret_text);
    const char *mark = osk_recipient_is_demo(&identity->recipient)
                           ? "# DEMONSTRATION: everybody has this key\n"
                           : "";
    int len = snprintf(out, size, "%s# public key: %s\n%s\n", mark, public_text, secret_text);
    osk_seal_wipe(secret_text, sizeof(secret_text));
    return (size_t)len;
}

/* Writes the text to `sink`, sealed where there is a passphrase. */
static OskStatus put_pair(const OskSink *sink, const OskPassphrase *passphrase, const char *text,
                          size_t len, OskFault *fault)
{
    if (passphrase->len == 0) {
        return sink->write(sink->context, text, len) ? OSK_OK : OSK_IO;
    }
    OskMemory armored = { .bytes = NULL };
    OskStatus status = osk_passphrase_seal(passphrase, text, len, &armored, fault);
    if (status == OSK_OK && !sink->write(sink->context, armored.bytes, armored.len)) {
        status = OSK_IO;
    }
    osk_bytes_free(&armored.bytes);
    return status;
}

static bool print_bytes(void *context, const void *bytes, size_t len)
{
    (void)context;
    return osk_write_all(STDOUT_FILENO, bytes, len);
}

/* A secret may go to a person's eyes, or into a file that is theirs alone. */
static bool is_stdout_private(void)
{
    struct stat info;
    return isatty(STDOUT_FILENO) ||
           (fstat(STDOUT_FILENO, &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 077) == 0);
}

static OskStatus save_pair(const Wish *wish, const OskPassphrase *passphrase, const char *text,
                           size_t len, OskFault *fault)
{
    OskOutput output;
    OskOutputOptions keep = { .replace = false, .owner = (uid_t)-1, .group = (gid_t)-1 };
    OskStatus status = osk_output_begin(&output, wish->output, keep, fault);
    if (status == OSK_OK) {
        OskSink sink = osk_output_sink(&output, NULL, NULL);
        status = put_pair(&sink, passphrase, text, len, fault);
        if (status == OSK_IO) {
            status = osk_output_explain(&output, fault);
        }
    }
    if (status != OSK_OK) {
        osk_output_abort(&output);
        return status;
    }
    return osk_output_commit(&output, fault);
}

static int make_pair(const Wish *wish, const OskPassphrase *passphrase)
{
    static const OskRandom random = { .fill = osk_random_fill };
    OskFault fault = { .status = OSK_OK };
    OskIdentity identity;
    char text[256];
    char public_text[OSK_RECIPIENT_TEXT_BYTES];
    OskStatus status = wish->demo != NULL
                           ? osk_identity_demo(&identity, (unsigned)(wish->demo[0] - '0'))
                           : osk_identity_make(&identity, &random, &fault);
    if (status != OSK_OK) {
        return say(NULL, 0, &fault);
    }
    size_t len = write_pair(&identity, text, sizeof(text));
    osk_recipient_text(&identity.recipient, public_text);
    osk_identity_wipe(&identity);
    if (wish->output != NULL) {
        status = save_pair(wish, passphrase, text, len, &fault);
    } else {
        OskSink sink = { .write = print_bytes };
        status = put_pair(&sink, passphrase, text, len, &fault);
    }
    osk_seal_wipe(text, sizeof(text));
    if (status != OSK_OK) {
        fault.status = status;
        return say(wish->output, 0, &fault);
    }
    if (wish->output != NULL) {
        printf("Public key: %s\n", public_text);
        fputs("The secret key is in ", stdout);
        osk_printable_text(stdout, wish->output);
        puts(wish->demo != NULL ? ": everybody has this one, for demonstrations."
                                : ": keep a copy of it in a safe place, nobody can bring it back.");
    }
    return 0;
}

static int take_options(Wish *wish, int argc, char **argv)
{
    for (int option; (option = osk_option_next(&osk_cmd_keygen, argc, argv, ":o:pyh")) != -1;) {
        switch (option) {
        case 'o': wish->output = optarg; break;
        case 'p': wish->passphrase = true; break;
        case 'y': wish->public_only = true; break;
        case OPT_PASSPHRASE_FILE: wish->passphrase_file = optarg; break;
        case OPT_DEMO: wish->demo = optarg; break;
        case 'h': return 'h';
        default: return '?';
        }
    }
    return 0;
}

static int run(int argc, char **argv)
{
    Wish wish = { 0 };
    OskPassphrase passphrase = { 0 };
    OskFault fault = { .status = OSK_OK };
    OskStatus status = OSK_OK;
    int ended = take_options(&wish, argc, argv);
    if (ended != 0) {
        return ended == 'h' ? 0 : OSK_EXIT_USAGE;
    }
    if (argc - optind > (wish.public_only ? 1 : 0)) {
        return osk_usage(&osk_cmd_keygen, wish.public_only ? "it reads one file of keys"
                                                           : "name the file with -o FILE");
    }
    if (wish.demo != NULL && (wish.demo[0] < '0' || wish.demo[0] >= '0' + (int)OSK_DEMO_KEYS ||
                              wish.demo[1] != 0 || wish.public_only)) {
        return osk_usage(&osk_cmd_keygen, "the keys of demonstrations are --demo 0 to --demo 3");
    }
    osk_secrets_guard();
    (void)osk_seal_ready();
    if (wish.public_only) {
        return print_public(optind < argc ? argv[optind] : "-", &wish);
    }
    bool is_protected = wish.passphrase || wish.passphrase_file != NULL;
    if (wish.output == NULL && !is_protected && !is_stdout_private()) {
        return osk_usage(&osk_cmd_keygen,
                         "a secret key is printed to a terminal only: write it into "
                         "a file with -o FILE");
    }
    if (wish.passphrase_file != NULL) {
        status = osk_passphrase_read(&passphrase, wish.passphrase_file, &fault);
    } else if (is_protected) {
        status = osk_passphrase_ask(&passphrase, "Passphrase for the new key", true, &fault);
    }
    if (status != OSK_OK) {
        return say(wish.passphrase_file, 0, &fault);
    }
    int code = make_pair(&wish, &passphrase);
    osk_passphrase_wipe(&passphrase);
    return code;
}

const OskCommand osk_cmd_keygen = { .name = "keygen",
                                    .summary = "make a pair of keys to seal with",
                                    .help = help,
                                    .options = options,
                                    .run = run };
