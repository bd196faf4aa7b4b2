/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin seal: a file that only the holder of a key can open. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/sealing.h"
#include "host/errors.h"
#include "host/input.h"
#include "host/random.h"

static const char help[] =
    "Usage: oilskin seal -r age1... [OPTIONS] [-o OUT] [FILE]\n"
    "       oilskin seal -p [OPTIONS] [-o OUT] [FILE]\n"
    "\n"
    "Seal FILE (or standard input) so that only who has a key, or the passphrase, can open it. "
    "What\n"
    "is sealed is as it was: scrub it before, if others shall see it.\n"
    "\n"
    "  -r, --recipient KEY         seal to this public key; several times for several people\n"
    "  -R, --recipients-file FILE  seal to all keys in FILE, one a line\n"
    "  -i, --identity FILE         seal to the public keys that belong to the secret ones in FILE\n"
    "  -p, --passphrase            seal with a passphrase, asked for on the terminal\n"
    "      --passphrase-file FILE  the same; the first line of FILE\n"
    "  -a, --armor                 write text, for mails and chats; a third longer\n"
    "  -o, --output OUT            write there; without it, to standard output\n"
    "      --force                 replace OUT where it exists\n"
    "  -h, --help                  print this help\n"
    "\n"
    "The format is age, version 1: age -d opens what this seals.\n"
    "Exit: 0 done, 2 wrong usage, 3 no key, 6 no memory, 7 could not be read or written.\n";

enum { OPT_PASSPHRASE_FILE = 256, OPT_FORCE };

static const struct option options[] = { { "recipient", required_argument, NULL, 'r' },
                                         { "recipients-file", required_argument, NULL, 'R' },
                                         { "identity", required_argument, NULL, 'i' },
                                         { "passphrase", no_argument, NULL, 'p' },
                                         { "passphrase-file", required_argument, NULL,
                                           OPT_PASSPHRASE_FILE },
                                         { "armor", no_argument, NULL, 'a' },
                                         { "output", required_argument, NULL, 'o' },
                                         { "force", no_argument, NULL, OPT_FORCE },
                                         { "help", no_argument, NULL, 'h' },
                                         { NULL, 0, NULL, 0 } };

#define PIECE_BYTES ((size_t)256 << 10)

typedef struct Wish {
    OskRecipients recipients;
    OskPassphrase passphrase;
    const char *passphrase_file;
    const char *output;
    const char *input;
    bool asks_passphrase;
    bool armor;
    bool force;
} Wish;

/* ---- to whom ---- */

/* Adds keys as the options come. Returns 0, or the exit code of what it said. */
static int add_keys(Wish *wish, int option, const char *value)
{
    OskFault fault = { .status = OSK_OK };
    size_t line = 0;
    OskStatus status = OSK_OK;
    if (option == 'r') {
        status = osk_recipients_add(&wish->recipients, value, &fault);
    } else if (option == 'R') {
        status = osk_recipients_read(&wish->recipients, value, &line, &fault);
    } else {
        OskIdentities list = { .count = 0 };
        status = osk_identities_read(&list, value, NULL, &line, &fault);
        for (size_t i = 0; i < list.count && status == OSK_OK; i++) {
            char text[OSK_RECIPIENT_TEXT_BYTES];
            osk_recipient_text(&list.items[i].recipient, text);
            status = osk_recipients_add(&wish->recipients, text, &fault);
        }
        osk_identities_wipe(&list);
    }
    return status == OSK_OK ? 0 : osk_say_key_fault("seal", value, line, &fault);
}

static int take_passphrase(Wish *wish)
{
    OskFault fault = { .status = OSK_OK };
    OskStatus status = OSK_OK;
    if (wish->passphrase_file != NULL) {
        status = osk_passphrase_read(&wish->passphrase, wish->passphrase_file, &fault);
    } else if (wish->asks_passphrase) {
        status = osk_passphrase_ask(&wish->passphrase, "Passphrase for the file", true, &fault);
    }
    return status == OSK_OK ? 0 : osk_say_key_fault("seal", wish->passphrase_file, 0, &fault);
}

/* ---- the bytes ---- */

/* Standard input goes through as it comes: it is never held, in memory or on a disk. */
static OskStatus seal_stdin(OskSealer *sealer, uint8_t *piece, OskFault *fault)
{
    OskStatus status = OSK_OK;
    ssize_t got = 1;
    while (status == OSK_OK && got != 0) {
        got = read(STDIN_FILENO, piece, PIECE_BYTES);
        if (got < 0 && errno != EINTR) {
            return osk_host_fail(fault, "file", errno);
        }
        if (got > 0) {
            status = osk_sealer_write(sealer, piece, (size_t)got, fault);
        }
    }
    return status;
}

static OskStatus seal_file(OskSealer *sealer, OskInput *input, uint8_t *piece, OskFault *fault)
{
    OskSource source = osk_input_source(input);
    for (uint64_t at = 0; at < source.size;) {
        size_t len = source.size - at < PIECE_BYTES ? (size_t)(source.size - at) : PIECE_BYTES;
        const uint8_t *bytes = source.bytes != NULL ? source.bytes + at : piece;
        if (source.bytes == NULL && !source.read(source.context, at, piece, len)) {
            return osk_host_fail(fault, "file", input->error);
        }
        OskStatus status = osk_sealer_write(sealer, bytes, len, fault);
        if (status != OSK_OK) {
            return status;
        }
        at += len;
    }
    /* Nobody can look into the sealed copy to see that it is half of one file and half of another.
     */
    return osk_input_confirm(input, fault);
}

/* What the sealing of one file holds. */
typedef struct Work {
    OskSealer sealer;
    OskArmorer armorer;
    uint8_t piece[PIECE_BYTES];
} Work;

static OskStatus seal_into(const Wish *wish, Work *work, OskInput *input, const OskSink *to,
                           OskFault *fault)
{
    static const OskRandom random = { .fill = osk_random_fill };
    OskSealTo whom = { .recipients = wish->recipients.items,
                       .count = wish->recipients.count,
                       .random = &random };
    if (wish->passphrase.len > 0) {
        whom.passphrase = wish->passphrase.text;
        whom.passphrase_len = wish->passphrase.len;
    }
    OskSink sink = wish->armor ? osk_armorer_sink(&work->armorer, to) : *to;
    OskStatus status = osk_sealer_open(&work->sealer, &whom, &sink, NULL, fault);
    if (status == OSK_OK) {
        status = input != NULL ? seal_file(&work->sealer, input, work->piece, fault)
                               : seal_stdin(&work->sealer, work->piece, fault);
    }
    if (status == OSK_OK) {
        status = osk_sealer_finish(&work->sealer, fault);
    }
    if (status == OSK_OK && wish->armor && !osk_armorer_finish(&work->armorer)) {
        status = OSK_IO;
    }
    return status;
}

static int seal_one(const Wish *wish)
{
    OskFault fault = { .status = OSK_OK };
    OskSealed sealed = { .path = NULL };
    OskInput input = { .fd = -1 };
    bool is_stdin = wish->input == NULL || strcmp(wish->input, "-") == 0;
    Work *work = calloc(1, sizeof(*work));
    OskStatus status = work == NULL ? osk_host_fail(&fault, "copy", ENOMEM) : OSK_OK;
    if (status == OSK_OK && !is_stdin) {
        status = osk_input_open(&input, wish->input, OSK_INPUT_FOLLOW, &fault);
    }
    if (status == OSK_OK) {
        status = osk_sealed_begin(&sealed, wish->output, wish->force, &fault);
        if (status == OSK_OK) {
            status = seal_into(wish, work, is_stdin ? NULL : &input, &sealed.sink, &fault);
        }
        status = osk_sealed_end(&sealed, status, &fault);
    }
    if (!is_stdin) {
        osk_input_close(&input);
    }
    if (work != NULL) {
        osk_seal_wipe(work, sizeof(*work));
        free(work);
    }
    return status == OSK_OK
               ? 0
               : osk_say_sealing_fault("seal", is_stdin ? "-" : wish->input, &sealed, &fault);
}

/* ---- the command line ---- */

/* Returns 0, 'h', or an exit code below 0. */
static int take_options(Wish *wish, int argc, char **argv)
{
    for (int option; (option = osk_option_next(&osk_cmd_seal, argc, argv, ":r:R:i:pao:h")) != -1;) {
        int code = 0;
        switch (option) {
        case 'r':
        case 'R':
        case 'i': code = add_keys(wish, option, optarg); break;
        case 'p': wish->asks_passphrase = true; break;
        case OPT_PASSPHRASE_FILE: wish->passphrase_file = optarg; break;
        case 'a': wish->armor = true; break;
        case 'o': wish->output = optarg; break;
        case OPT_FORCE: wish->force = true; break;
        case 'h': return 'h';
        default: return -OSK_EXIT_USAGE;
        }
        if (code != 0) {
            return -code;
        }
    }
    return 0;
}

/* What the options say together; NULL when that can be done. */
static const char *complaint(const Wish *wish, int operands)
{
    bool has_passphrase = wish->asks_passphrase || wish->passphrase_file != NULL;
    bool to_terminal = wish->output == NULL && isatty(STDOUT_FILENO);
    if (operands > 1) {
        return "it seals one file at a time";
    }
    if (has_passphrase && wish->recipients.count > 0) {
        return "a passphrase stands alone: give either it or keys";
    }
    if (!has_passphrase && wish->recipients.count == 0) {
        return "to whom? Give a public key with -r age1..., or -p for a passphrase";
    }
    if (to_terminal && !wish->armor) {
        return "a sealed file is no text: write it with -o FILE, or as text with -a";
    }
    return NULL;
}

static int run_wish(Wish *wish, int argc, char **argv)
{
    int ended = take_options(wish, argc, argv);
    if (ended != 0) {
        return ended == 'h' ? 0 : -ended;
    }
    const char *wrong = complaint(wish, argc - optind);
    if (wrong != NULL) {
        return osk_usage(&osk_cmd_seal, wrong);
    }
    wish->input = optind < argc ? argv[optind] : NULL;
    int code = take_passphrase(wish);
    return code != 0 ? code : seal_one(wish);
}

static int run(int argc, char **argv)
{
    Wish wish = { .input = NULL };
    osk_secrets_guard();
    (void)osk_seal_ready();
    int code = run_wish(&wish, argc, argv);
    osk_passphrase_wipe(&wish.passphrase);
    return code;
}

const OskCommand osk_cmd_seal = { .name = "seal",
                                  .summary = "seal a file so that only a key opens it",
                                  .help = help,
                                  .options = options,
                                  .run = run };
