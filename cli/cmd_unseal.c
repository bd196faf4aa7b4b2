/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin unseal: opens what was sealed to a key or with a passphrase. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/sealing.h"
#include "host/errors.h"
#include "host/input.h"
#include "oilskin/scrub.h"

static const char help[] =
    "Usage: oilskin unseal -i KEYFILE [OPTIONS] [-o OUT] [FILE]\n"
    "\n"
    "Open FILE (or standard input), sealed by \"oilskin seal\", by age, or by a drop. Every byte "
    "is\n"
    "checked before it is given away: a changed or cut file is refused, and no OUT is left.\n"
    "\n"
    "  -i, --identity KEYFILE      the secret key, as oilskin keygen or age-keygen made it; "
    "several\n"
    "                              times to try several. Its own passphrase is asked for\n"
    "  -p, --passphrase            FILE was sealed with a passphrase: ask for it on the terminal\n"
    "      --passphrase-file PFILE the passphrase, of FILE or of KEYFILE; the first line of PFILE\n"
    "  -o, --output OUT            write there; without it, to standard output\n"
    "      --force                 replace OUT where it exists\n"
    "  -h, --help                  print this help\n"
    "\n"
    "Text armor is known by itself. What you open is as it was sent: scrub it before you share "
    "it.\n"
    "Exit: 0 done, 2 wrong usage, 3 no sealed file or a cut one, 5 asks for too much, 6 no "
    "memory,\n"
    "7 could not be read or written, 8 wrong key, or the file was changed.\n";

enum { OPT_PASSPHRASE_FILE = 256, OPT_FORCE };

static const struct option options[] = { { "identity", required_argument, NULL, 'i' },
                                         { "passphrase", no_argument, NULL, 'p' },
                                         { "passphrase-file", required_argument, NULL,
                                           OPT_PASSPHRASE_FILE },
                                         { "output", required_argument, NULL, 'o' },
                                         { "force", no_argument, NULL, OPT_FORCE },
                                         { "help", no_argument, NULL, 'h' },
                                         { NULL, 0, NULL, 0 } };

#define PIECE_BYTES ((size_t)256 << 10)
/* Armor is decoded in memory; nobody sends more than this as text. */
#define ARMOR_BYTES_MAX ((uint64_t)256 << 20)
#define HEAD_BYTES ((size_t)2048)
#define KEY_FILES_MAX 16u

typedef struct Wish {
    const char *key_files[KEY_FILES_MAX];
    size_t key_file_count;
    OskIdentities identities;
    OskPassphrase passphrase;
    const char *passphrase_file;
    const char *output;
    const char *input;
    bool asks_passphrase;
    bool force;
} Wish;

/* ---- keys ---- */

static int read_keys(Wish *wish)
{
    OskFault fault = { .status = OSK_OK };
    OskStatus status = OSK_OK;
    for (size_t i = 0; i < wish->key_file_count && status == OSK_OK; i++) {
        size_t line = 0;
        status = osk_identities_read(&wish->identities, wish->key_files[i], wish->passphrase_file,
                                     &line, &fault);
        if (status != OSK_OK) {
            return osk_say_key_fault("unseal", wish->key_files[i], line, &fault);
        }
    }
    if (wish->key_file_count == 0 && wish->passphrase_file != NULL) {
        status = osk_passphrase_read(&wish->passphrase, wish->passphrase_file, &fault);
    } else if (wish->key_file_count == 0) {
        status = osk_passphrase_ask(&wish->passphrase, "Passphrase of the file", false, &fault);
    }
    return status == OSK_OK ? 0 : osk_say_key_fault("unseal", wish->passphrase_file, 0, &fault);
}

/* ---- the bytes ---- */

static bool is_text(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool is_space = bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t';
        if ((bytes[i] < 32 && !is_space) || bytes[i] == 127) {
            return false;
        }
    }
    return true;
}

/* Copies the plaintext. A terminal gets none of a picture, and no byte that would steer it. */
static OskStatus copy_plain(OskUnsealed *file, const OskSink *sink, bool to_terminal,
                            OskFault *fault)
{
    uint8_t *piece = malloc(PIECE_BYTES);
    OskStatus status = piece == NULL ? osk_host_fail(fault, "copy", ENOMEM) : OSK_OK;
    uint64_t size = osk_unsealed_len(file);
    for (uint64_t at = 0; status == OSK_OK && at < size;) {
        size_t len = size - at < PIECE_BYTES ? (size_t)(size - at) : PIECE_BYTES;
        status = osk_unsealed_read(file, at, piece, len, fault);
        if (status == OSK_OK && to_terminal && !is_text(piece, len)) {
            *fault = (OskFault){ .status = OSK_MISUSE,
                                 .what = "what is in it is no text that a terminal can show",
                                 .next = "write it into a file with -o FILE",
                                 .offset = OSK_NO_OFFSET };
            status = OSK_MISUSE;
        }
        if (status == OSK_OK && !sink->write(sink->context, piece, len)) {
            status = OSK_IO;
        }
        at += len;
    }
    if (piece != NULL) {
        osk_seal_wipe(piece, PIECE_BYTES);
        free(piece);
    }
    return status;
}

/* The sealed bytes, out of their armor where they are in one: *out_bytes then, to be freed. */
static OskStatus take_source(OskInput *input, OskSource *out, uint8_t **out_bytes, OskFault *fault)
{
    uint8_t head[HEAD_BYTES];
    size_t head_len = osk_input_head(input, head, sizeof(head));
    *out = osk_input_source(input);
    if (!osk_armor_probe(head, head_len)) {
        return OSK_OK;
    }
    if (out->size > ARMOR_BYTES_MAX) {
        *fault = (OskFault){ .status = OSK_LIMIT,
                             .part = "armor",
                             .what = "is longer than 256 MiB",
                             .next = "ask for it without armor",
                             .offset = OSK_NO_OFFSET };
        return OSK_LIMIT;
    }
    size_t len = (size_t)out->size;
    size_t binary_len = 0;
    uint8_t *text = malloc(len + 1);
    OskStatus status = text == NULL ? osk_host_fail(fault, "file", ENOMEM) : OSK_OK;
    if (status == OSK_OK && out->bytes == NULL && !out->read(out->context, 0, text, len)) {
        status = osk_host_fail(fault, "file", input->error);
    }
    if (status == OSK_OK) {
        status = osk_armor_decode(out->bytes != NULL ? out->bytes : text, len, out_bytes,
                                  &binary_len, fault);
    }
    free(text);
    *out = osk_source_from_memory(*out_bytes, binary_len);
    return status;
}

static OskStatus unseal_into(const Wish *wish, OskInput *input, OskSealed *sealed, OskFault *fault)
{
    OskUnsealWith with = { .identities = wish->identities.items, .count = wish->identities.count };
    if (wish->passphrase.len > 0) {
        with.passphrase = wish->passphrase.text;
        with.passphrase_len = wish->passphrase.len;
    }
    OskSource source;
    OskUnsealed *file = NULL;
    uint8_t *binary = NULL;
    OskStatus status = take_source(input, &source, &binary, fault);
    if (status == OSK_OK) {
        status = osk_unseal_open(&file, &source, &with, fault);
    }
    if (status == OSK_OK) {
        bool to_terminal = sealed->path == NULL && isatty(STDOUT_FILENO);
        status = copy_plain(file, &sealed->sink, to_terminal, fault);
    }
    osk_unsealed_free(&file);
    osk_bytes_free(&binary);
    return status;
}

static int unseal_one(const Wish *wish)
{
    OskFault fault = { .status = OSK_OK };
    OskSealed sealed = { .path = NULL };
    OskInput input = { .fd = -1 };
    bool is_stdin = wish->input == NULL || strcmp(wish->input, "-") == 0;
    OskStatus status = is_stdin ? osk_input_open_stdin(&input, &fault)
                                : osk_input_open(&input, wish->input, OSK_INPUT_FOLLOW, &fault);
    if (status == OSK_OK) {
        status = osk_sealed_begin(&sealed, wish->output, wish->force, &fault);
        if (status == OSK_OK) {
            status = unseal_into(wish, &input, &sealed, &fault);
        }
        status = osk_sealed_end(&sealed, status, &fault);
    }
    osk_input_close(&input);
    return status == OSK_OK
               ? 0
               : osk_say_sealing_fault("unseal", is_stdin ? "-" : wish->input, &sealed, &fault);
}

/* ---- the command line ---- */

static int take_options(Wish *wish, int argc, char **argv)
{
    for (int option; (option = osk_option_next(&osk_cmd_unseal, argc, argv, ":i:po:h")) != -1;) {
        switch (option) {
        case 'i':
            if (wish->key_file_count == KEY_FILES_MAX) {
                osk_usage(&osk_cmd_unseal, "it tries at most 16 files of keys");
                return '?';
            }
            wish->key_files[wish->key_file_count++] = optarg;
            break;
        case 'p': wish->asks_passphrase = true; break;
        case OPT_PASSPHRASE_FILE: wish->passphrase_file = optarg; break;
        case 'o': wish->output = optarg; break;
        case OPT_FORCE: wish->force = true; break;
        case 'h': return 'h';
        default: return '?';
        }
    }
    return 0;
}

static const char *complaint(const Wish *wish, int operands)
{
    if (operands > 1) {
        return "it opens one file at a time";
    }
    if (wish->asks_passphrase && wish->key_file_count > 0) {
        return "give either a file of keys or -p";
    }
    if (!wish->asks_passphrase && wish->key_file_count == 0 && wish->passphrase_file == NULL) {
        return "with which key? Give it with -i KEYFILE, or -p for a passphrase";
    }
    return NULL;
}

static int run_wish(Wish *wish, int argc, char **argv)
{
    int ended = take_options(wish, argc, argv);
    if (ended != 0) {
        return ended == 'h' ? 0 : OSK_EXIT_USAGE;
    }
    const char *wrong = complaint(wish, argc - optind);
    if (wrong != NULL) {
        return osk_usage(&osk_cmd_unseal, wrong);
    }
    wish->input = optind < argc ? argv[optind] : NULL;
    int code = read_keys(wish);
    return code != 0 ? code : unseal_one(wish);
}

static int run(int argc, char **argv)
{
    Wish wish = { .input = NULL };
    osk_secrets_guard();
    (void)osk_seal_ready();
    int code = run_wish(&wish, argc, argv);
    osk_identities_wipe(&wish.identities);
    osk_passphrase_wipe(&wish.passphrase);
    return code;
}

const OskCommand osk_cmd_unseal = {
    .name = "unseal", .summary = "open a sealed file", .help = help, .options = options, .run = run
};
