/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oilskin desk: the keys of those who read what a drop receives, and their work without a page. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/desk_verb.h"
#include "cli/passphrase.h"
#include "host/printable.h"
#include "oilskin/seal.h"

/* More than anybody covers in one file. */
#define AREAS_MAX 1000000ul

static const char help[] =
    "Usage: oilskin desk init FILE [OPTIONS]\n"
    "       oilskin desk open DATA FILE | DATA --recovery\n"
    "       oilskin desk login|logout --session FILE [--desk URL --name NAME]\n"
    "       oilskin desk list [OPTIONS]\n"
    "       oilskin desk show SUBMISSION [-i KEYFILE] [OPTIONS]\n"
    "       oilskin desk fetch SUBMISSION -o FOLDER [OPTIONS]\n"
    "       oilskin desk unseal FOLDER -i KEYFILE -o OUT\n"
    "       oilskin desk reply SUBMISSION [FILE] [OPTIONS]\n"
    "       oilskin desk page --desk URL [--digest HEX [--pages DIR]]\n"
    "       oilskin desk triage -i KEYFILE [OPTIONS]\n"
    "       oilskin desk rewrap -i KEYFILE [OPTIONS]\n"
    "       oilskin desk rotate -i KEYFILE [OPTIONS]\n"
    "       oilskin desk first-link DATA\n"
    "       oilskin desk reviewer list DATA\n"
    "       oilskin desk reviewer add DATA reviewer|publisher|admin\n"
    "       oilskin desk reviewer remove|reset-passphrase|reset-totp DATA NAME\n"
    "       oilskin desk reviewer role DATA NAME reviewer|publisher|admin\n"
    "       oilskin desk export SUBMISSION -i KEYFILE -o OUT.age [OPTIONS]\n"
    "       oilskin desk verify-export FILE.age -i KEYFILE\n"
    "       oilskin desk publish SUBMISSION NUMBER=FILE... -i KEYFILE [OPTIONS]\n"
    "       oilskin desk withdraw PUBLICATION\n"
    "       oilskin desk end-link ADDRESS\n"
    "\n"
    "init makes the key that opens submissions, in FILE, protected by a passphrase, and a second "
    "one for\n"
    "recovery, which it shows once on the terminal: for paper, in a safe place. It prints the "
    "lines for\n"
    "the configuration of the drop.\n"
    "open proves that a key opens what the drop seals. A drop stays closed until that was done "
    "once\n"
    "with each of its keys.\n"
    "\n"
    "The others work at the desk of a drop that runs, as its page does:\n"
    "list     what there is to be looked at, a row each\n"
    "show     one submission; with a key its words, too\n"
    "fetch    all of a submission, sealed as it lies, into a new folder: for a machine offline\n"
    "unseal   opens what fetch brought, in a new folder; needs no desk\n"
    "reply    seals the words in FILE, or of standard input, to the sender, who reads them by "
    "receipt\n"
    "page     the desk's page from this machine, for a browser here: the server is asked for what "
    "it keeps,\n"
    "         and no page of its own is ever loaded\n"
    "triage   folds copies on this machine, where the server leaves that to reviewers (triage = "
    "desk)\n"
    "export   all of a submission as evidence, with what proves that it is as it was received, "
    "sealed in\n"
    "         one file; verify-export looks at such a file, and needs no desk\n"
    "publish  gives clean copies of a submission's files to the desk, which looks at each byte "
    "again, and\n"
    "         makes them public: large videos, too\n"
    "withdraw takes what is public away; end-link ends a link by its address\n"
    "login    keeps a session in a file, so that the others need not ask each time; logout ends "
    "it\n"
    "rewrap   gives what lies there to who is there now, and takes it from who left; for admins\n"
    "rotate   makes the key in KEYFILE yours, in place of the one before\n"
    "\n"
    "On the server, on the folder that \"oilskin serve --data DATA\" writes, also while it runs:\n"
    "first-link  the link of the first admin, where no terminal shows it\n"
    "reviewer    who works at the desk; add and reset-passphrase print a link that works once\n"
    "\n"
    "      --no-recovery           no second key: then a lost passphrase loses everything\n"
    "      --recovery              open with the recovery key, typed at the terminal\n"
    "      --recovery-file OUT     write the recovery key into a file instead of showing it\n"
    "      --desk URL              where the desk is: https://desk.example.org\n"
    "      --name NAME             who you are there. Your passphrase is asked for\n"
    "      --login-file FILE       the passphrase of the login is the first line of FILE\n"
    "      --totp                  ask for a code, too\n"
    "      --totp-file FILE        the code is the first line of FILE\n"
    "      --session FILE          keep the session there; else it ends with the command\n"
    "      --proxy socks5h://HOST:PORT\n"
    "                              go through a proxy, as to an onion service through Tor\n"
    "      --view VIEW             list: new, kept, flagged, dismissed or all\n"
    "      --category ID           list: of this category\n"
    "      --first DAY             list: from this day on, 2026-05-31\n"
    "      --last DAY              list: up to this day\n"
    "      --claimed me|nobody     list: what is yours, or free\n"
    "      --why WHY               fetch, export: review, evidence, publish (publishers) or "
    "request; "
    "the desk notes it\n"
    "  -i, --identity KEYFILE      the secret key; several times to try several\n"
    "      --passphrase-file FILE  the passphrase of a file of keys is the first line of FILE\n"
    "  -o, --output OUT            the folder to make\n"
    "  -r, --recipient AGE1...     export: seal to this key, several times to several; else to "
    "yours\n"
    "      --regions NUMBER=FILE   export, publish: what was covered of a file\n"
    "      --areas NUMBER          publish: how many areas are covered, where no regions say it\n"
    "      --nothing-covered       publish: nobody is to be covered\n"
    "      --not-everywhere        publish: a video may be public that not every browser plays\n"
    "      --album ID              publish: in this album; else only links lead to it\n"
    "      --caption, --alt, --warning TEXT\n"
    "                              publish: what everybody reads: below it, instead of it, before "
    "it\n"
    "      --words-checked         publish, reply: what leads to a person in the words is meant\n"
    "      --digest HEX            page: take this bundle and no other\n"
    "      --pages DIR             page: the bundle, where it is not the one that came with this "
    "program\n"
    "      --json                  print JSON\n"
    "  -h, --help                  print this help\n"
    "\n"
    "Exit: 0 done, 2 wrong usage, 3 broken, 7 not reached, not there, or could not be written, 8 "
    "not let\n"
    "in, wrong key, or changed.\n";

enum {
    OPT_NO_RECOVERY = 256,
    OPT_RECOVERY,
    OPT_RECOVERY_FILE,
    OPT_PASSPHRASE_FILE,
    OPT_DESK,
    OPT_NAME,
    OPT_LOGIN_FILE,
    OPT_TOTP,
    OPT_TOTP_FILE,
    OPT_SESSION,
    OPT_PROXY,
    OPT_VIEW,
    OPT_CATEGORY,
    OPT_FIRST,
    OPT_LAST,
    OPT_CLAIMED,
    OPT_WHY,
    OPT_JSON,
    OPT_REGIONS,
    OPT_ALBUM,
    OPT_CAPTION,
    OPT_ALT,
    OPT_WARNING,
    OPT_AREAS,
    OPT_NOTHING_COVERED,
    OPT_NOT_EVERYWHERE,
    OPT_WORDS_CHECKED,
    OPT_DIGEST,
    OPT_PAGES
};

static const struct option options[] = {
    { "no-recovery", no_argument, NULL, OPT_NO_RECOVERY },
    { "recovery", no_argument, NULL, OPT_RECOVERY },
    { "recovery-file", required_argument, NULL, OPT_RECOVERY_FILE },
    { "passphrase-file", required_argument, NULL, OPT_PASSPHRASE_FILE },
    { "desk", required_argument, NULL, OPT_DESK },
    { "name", required_argument, NULL, OPT_NAME },
    { "login-file", required_argument, NULL, OPT_LOGIN_FILE },
    { "totp", no_argument, NULL, OPT_TOTP },
    { "totp-file", required_argument, NULL, OPT_TOTP_FILE },
    { "session", required_argument, NULL, OPT_SESSION },
    { "proxy", required_argument, NULL, OPT_PROXY },
    { "view", required_argument, NULL, OPT_VIEW },
    { "category", required_argument, NULL, OPT_CATEGORY },
    { "first", required_argument, NULL, OPT_FIRST },
    { "last", required_argument, NULL, OPT_LAST },
    { "claimed", required_argument, NULL, OPT_CLAIMED },
    { "why", required_argument, NULL, OPT_WHY },
    { "json", no_argument, NULL, OPT_JSON },
    { "identity", required_argument, NULL, 'i' },
    { "recipient", required_argument, NULL, 'r' },
    { "regions", required_argument, NULL, OPT_REGIONS },
    { "album", required_argument, NULL, OPT_ALBUM },
    { "caption", required_argument, NULL, OPT_CAPTION },
    { "alt", required_argument, NULL, OPT_ALT },
    { "warning", required_argument, NULL, OPT_WARNING },
    { "areas", required_argument, NULL, OPT_AREAS },
    { "nothing-covered", no_argument, NULL, OPT_NOTHING_COVERED },
    { "not-everywhere", no_argument, NULL, OPT_NOT_EVERYWHERE },
    { "words-checked", no_argument, NULL, OPT_WORDS_CHECKED },
    { "digest", required_argument, NULL, OPT_DIGEST },
    { "pages", required_argument, NULL, OPT_PAGES },
    { "output", required_argument, NULL, 'o' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 }
};

static const OskDeskVerb *const verbs[] = {
    &osk_desk_init,    &osk_desk_open_drop, &osk_desk_login,    &osk_desk_logout,
    &osk_desk_list,    &osk_desk_show,      &osk_desk_fetch,    &osk_desk_unseal,
    &osk_desk_reply,   &osk_desk_triage,    &osk_desk_export,   &osk_desk_verify_export,
    &osk_desk_rewrap,  &osk_desk_rotate,    &osk_desk_reviewer, &osk_desk_first_link_verb,
    &osk_desk_publish, &osk_desk_withdraw,  &osk_desk_end_link, &osk_desk_page,
};

/* ---- for the words ---- */

int osk_desk_explain(const char *name, const OskFault *fault)
{
    fflush(stdout);
    fputs("oilskin desk: ", stderr);
    if (name != NULL) {
        osk_printable_text(stderr, name);
        fputs(": ", stderr);
    }
    osk_printable_text(stderr, fault->what != NULL ? fault->what : "it failed");
    fputc('\n', stderr);
    if (fault->next != NULL) {
        fputs("  What you can do: ", stderr);
        osk_printable_text(stderr, fault->next);
        fputs(".\n", stderr);
    }
    return fault->status == OSK_MISUSE ? OSK_EXIT_USAGE : osk_exit_code(fault->status);
}

int osk_desk_read_keys(const OskDeskAsked *asked, OskIdentities *out)
{
    OskFault fault = { .status = OSK_OK };
    for (size_t i = 0; i < asked->key_file_count; i++) {
        size_t line = 0;
        if (osk_identities_read(out, asked->key_files[i], asked->passphrase_file, &line, &fault) !=
            OSK_OK) {
            return osk_say_key_fault("desk", asked->key_files[i], line, &fault);
        }
    }
    return 0;
}

/* ---- options ---- */

typedef struct Setting {
    int option;
    unsigned group;
    size_t place; /* of a text in OskDeskAsked */
} Setting;

#define PLACE(member) offsetof(OskDeskAsked, member)

static const Setting settings[] = {
    { OPT_RECOVERY_FILE, OSK_DESK_TAKES_RECOVERY, PLACE(recovery_file) },
    { OPT_PASSPHRASE_FILE, OSK_DESK_TAKES_PASSPHRASE, PLACE(passphrase_file) },
    { OPT_DESK, OSK_DESK_TAKES_WHO, PLACE(who.desk) },
    { OPT_NAME, OSK_DESK_TAKES_WHO, PLACE(who.name) },
    { OPT_LOGIN_FILE, OSK_DESK_TAKES_WHO, PLACE(who.login_file) },
    { OPT_TOTP_FILE, OSK_DESK_TAKES_WHO, PLACE(who.totp_file) },
    { OPT_SESSION, OSK_DESK_TAKES_WHO, PLACE(who.session) },
    { OPT_PROXY, OSK_DESK_TAKES_WHO, PLACE(who.proxy) },
    { OPT_VIEW, OSK_DESK_TAKES_FILTER, PLACE(view) },
    { OPT_CATEGORY, OSK_DESK_TAKES_FILTER, PLACE(category) },
    { OPT_FIRST, OSK_DESK_TAKES_FILTER, PLACE(first_day) },
    { OPT_LAST, OSK_DESK_TAKES_FILTER, PLACE(last_day) },
    { OPT_CLAIMED, OSK_DESK_TAKES_FILTER, PLACE(claimed) },
    { OPT_WHY, OSK_DESK_TAKES_WHY, PLACE(why) },
    { 'o', OSK_DESK_TAKES_OUTPUT, PLACE(output) },
    { OPT_ALBUM, OSK_DESK_TAKES_PUBLISH, PLACE(album) },
    { OPT_CAPTION, OSK_DESK_TAKES_PUBLISH, PLACE(caption) },
    { OPT_ALT, OSK_DESK_TAKES_PUBLISH, PLACE(alt) },
    { OPT_WARNING, OSK_DESK_TAKES_PUBLISH, PLACE(warning) },
    { OPT_DIGEST, OSK_DESK_TAKES_PAGES, PLACE(digest) },
    { OPT_PAGES, OSK_DESK_TAKES_PAGES, PLACE(pages) },
};

/* An option that holds a text; false for another one. */
static bool take_text(OskDeskAsked *asked, int option, unsigned *groups)
{
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (settings[i].option == option) {
            memcpy((char *)asked + settings[i].place, &optarg, sizeof(optarg));
            *groups |= settings[i].group;
            return true;
        }
    }
    return false;
}

/* One more of an option that may be given several times. */
static bool take_one(const char **list, size_t *count, size_t max)
{
    if (*count == max) {
        osk_usage(&osk_cmd_desk, "an option is given too many times");
        return false;
    }
    list[(*count)++] = optarg;
    return true;
}

static bool take_areas(OskDeskAsked *asked)
{
    char *end = NULL;
    unsigned long value = strtoul(optarg, &end, 10);
    if (optarg[0] < '0' || optarg[0] > '9' || *end != 0 || value > AREAS_MAX) {
        osk_usage(&osk_cmd_desk, "--areas is a number");
        return false;
    }
    asked->areas = value;
    return true;
}

static bool take_flag(OskDeskAsked *asked, int option, unsigned *groups)
{
    switch (option) {
    case OPT_NO_RECOVERY:
        asked->no_recovery = true;
        *groups |= OSK_DESK_TAKES_RECOVERY;
        return true;
    case OPT_RECOVERY:
        asked->recovery = true;
        *groups |= OSK_DESK_TAKES_RECOVERY;
        return true;
    case OPT_TOTP:
        asked->who.totp = true;
        *groups |= OSK_DESK_TAKES_WHO;
        return true;
    case OPT_AREAS: *groups |= OSK_DESK_TAKES_PUBLISH; return take_areas(asked);
    case OPT_NOTHING_COVERED:
        *groups |= OSK_DESK_TAKES_PUBLISH;
        asked->nothing_covered = true;
        return true;
    case OPT_NOT_EVERYWHERE:
        *groups |= OSK_DESK_TAKES_PUBLISH;
        asked->not_everywhere = true;
        return true;
    case OPT_WORDS_CHECKED:
        *groups |= OSK_DESK_TAKES_WORDS;
        asked->words_checked = true;
        return true;
    case OPT_JSON:
        asked->json = true;
        *groups |= OSK_DESK_TAKES_JSON;
        return true;
    case 'i':
        *groups |= OSK_DESK_TAKES_KEYS;
        return take_one(asked->key_files, &asked->key_file_count, OSK_DESK_KEY_FILES_MAX);
    case 'r':
        *groups |= OSK_DESK_TAKES_EVIDENCE;
        return take_one(asked->recipients, &asked->recipient_count, OSK_SEAL_RECIPIENTS_MAX);
    case OPT_REGIONS:
        *groups |= OSK_DESK_TAKES_REGIONS;
        return take_one(asked->regions, &asked->region_count, OSK_DESK_REGIONS_MAX);
    default: return false;
    }
}

static const OskDeskVerb *find_verb(const char *name)
{
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(verbs[i]->name, name) == 0) {
            return verbs[i];
        }
    }
    return NULL;
}

static int run(int argc, char **argv)
{
    OskDeskAsked asked = { .no_recovery = false };
    unsigned groups = 0;
    for (int option; (option = osk_option_next(&osk_cmd_desk, argc, argv, ":i:o:r:h")) != -1;) {
        if (option == 'h') {
            return 0;
        }
        if (option == '?' ||
            (!take_text(&asked, option, &groups) && !take_flag(&asked, option, &groups))) {
            return OSK_EXIT_USAGE;
        }
    }
    const OskDeskVerb *verb = find_verb(optind < argc ? argv[optind] : "");
    int count = argc - optind - 1;
    if (verb == NULL) {
        return osk_usage(
            &osk_cmd_desk,
            "say what to do: init, open, login, logout, list, show, fetch, unseal, reply, page, "
            "triage, export, verify-export, publish, withdraw, end-link, rewrap, rotate, reviewer "
            "or "
            "first-link");
    }
    if (count < verb->words_min || count > verb->words_max) {
        return osk_usage(&osk_cmd_desk, verb->usage);
    }
    if ((groups & ~verb->takes) != 0) {
        return osk_usage(&osk_cmd_desk, "one of these options belongs to another word");
    }
    /* Keys are in memory from here on. */
    osk_secrets_guard();
    (void)osk_seal_ready();
    umask(077);
    return osk_finish_output(verb->run(&asked, argv + optind + 1, count));
}

const OskCommand osk_cmd_desk = { .name = "desk",
                                  .summary = "work at the desk of a drop; make its keys",
                                  .help = help,
                                  .options = options,
                                  .run = run };
