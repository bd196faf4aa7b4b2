/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys of those who read what a drop receives: made, and tried. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/desk_verb.h"
#include "cli/key_files.h"
#include "cli/opening.h"
#include "host/output.h"
#include "host/printable.h"
#include "host/random.h"
#include "oilskin/scrub.h"
#include "oilskin/seal.h"

static OskStatus ask_passphrase(const OskDeskAsked *asked, OskPassphrase *out, OskFault *fault)
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
            code = osk_desk_explain(file, &fault);
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
    return osk_identity_make(identity, &random, &fault) == OSK_OK ? 0
                                                                  : osk_desk_explain("key", &fault);
}

static int init_desk(const char *path, const OskDeskAsked *asked)
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
        code = osk_desk_explain(path, &fault);
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

static int open_drop(const char *data, const char *path, const OskDeskAsked *asked)
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
        return osk_desk_explain(data, &fault);
    }
    puts("This key opens what the drop seals.");
    return osk_finish_output(0);
}

static int run_init(const OskDeskAsked *asked, char **words, int count)
{
    (void)count;
    return init_desk(words[0], asked);
}

static int run_open(const OskDeskAsked *asked, char **words, int count)
{
    if (count != (asked->recovery ? 1 : 2)) {
        return osk_usage(&osk_cmd_desk, "say `open DATA FILE`, or `open DATA --recovery`");
    }
    return open_drop(words[0], asked->recovery ? NULL : words[1], asked);
}

const OskDeskVerb osk_desk_init = { .name = "init",
                                    .usage = "say `init FILE`",
                                    .words_min = 1,
                                    .words_max = 1,
                                    .takes = OSK_DESK_TAKES_RECOVERY | OSK_DESK_TAKES_PASSPHRASE,
                                    .run = run_init };

const OskDeskVerb osk_desk_open_drop = { .name = "open",
                                         .usage = "say `open DATA FILE`, or `open DATA --recovery`",
                                         .words_min = 1,
                                         .words_max = 2,
                                         .takes =
                                             OSK_DESK_TAKES_RECOVERY | OSK_DESK_TAKES_PASSPHRASE,
                                         .run = run_open };
