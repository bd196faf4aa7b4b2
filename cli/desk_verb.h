/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of `oilskin desk`, one struct each, and the options that they share. */
#ifndef OSK_CLI_DESK_VERB_H
#define OSK_CLI_DESK_VERB_H

#include "cli/command.h"
#include "cli/desk_client.h"
#include "cli/key_files.h"

#define OSK_DESK_KEY_FILES_MAX 16u
#define OSK_DESK_REGIONS_MAX 64u

/* Groups of options: what a word takes none of is wrong usage. */
enum {
    OSK_DESK_TAKES_RECOVERY = 1 << 0,
    OSK_DESK_TAKES_PASSPHRASE = 1 << 1, /* of a file of keys */
    OSK_DESK_TAKES_WHO = 1 << 2,        /* a desk, and who comes */
    OSK_DESK_TAKES_KEYS = 1 << 3,
    OSK_DESK_TAKES_OUTPUT = 1 << 4,
    OSK_DESK_TAKES_FILTER = 1 << 5,
    OSK_DESK_TAKES_JSON = 1 << 6,
    OSK_DESK_TAKES_WHY = 1 << 7,
    OSK_DESK_TAKES_EVIDENCE = 1 << 8,
    OSK_DESK_TAKES_REGIONS = 1 << 9,  /* of files, by number */
    OSK_DESK_TAKES_PUBLISH = 1 << 10, /* words that everybody reads */
    OSK_DESK_TAKES_PAGES = 1 << 11,   /* a bundle */
    OSK_DESK_TAKES_WORDS = 1 << 12    /* words that may lead to a person */
};

typedef struct OskDeskAsked {
    bool no_recovery;
    bool recovery;
    const char *recovery_file;
    const char *passphrase_file;
    OskDeskWho who;
    const char *key_files[OSK_DESK_KEY_FILES_MAX];
    size_t key_file_count;
    const char *output;
    const char *view;
    const char *category;
    const char *first_day;
    const char *last_day;
    const char *claimed;
    const char *why;
    const char *regions[OSK_DESK_REGIONS_MAX]; /* "NUMBER=FILE" */
    size_t region_count;
    const char *recipients[OSK_SEAL_RECIPIENTS_MAX];
    size_t recipient_count;
    const char *album;
    const char *caption;
    const char *alt;
    const char *warning;
    uint64_t areas;     /* that are covered */
    const char *digest; /* of a bundle */
    const char *pages;
    bool nothing_covered;
    bool not_everywhere; /* a video may be public that not every browser plays */
    bool words_checked;  /* what in them leads to a person is meant */
    bool json;
} OskDeskAsked;

typedef struct OskDeskVerb {
    const char *name;
    const char *usage; /* what to say to who gave too few or too many words */
    int words_min;     /* behind the name */
    int words_max;
    unsigned takes;
    int (*run)(const OskDeskAsked *asked, char **words, int count); /* the exit code */
} OskDeskVerb;

extern const OskDeskVerb osk_desk_init;
extern const OskDeskVerb osk_desk_open_drop;
extern const OskDeskVerb osk_desk_login;
extern const OskDeskVerb osk_desk_page;
extern const OskDeskVerb osk_desk_logout;
extern const OskDeskVerb osk_desk_list;
extern const OskDeskVerb osk_desk_show;
extern const OskDeskVerb osk_desk_fetch;
extern const OskDeskVerb osk_desk_unseal;
extern const OskDeskVerb osk_desk_reply;
extern const OskDeskVerb osk_desk_rewrap;
extern const OskDeskVerb osk_desk_rotate;
extern const OskDeskVerb osk_desk_reviewer;
extern const OskDeskVerb osk_desk_first_link_verb;
extern const OskDeskVerb osk_desk_export;
extern const OskDeskVerb osk_desk_triage;
extern const OskDeskVerb osk_desk_verify_export;
extern const OskDeskVerb osk_desk_publish;
extern const OskDeskVerb osk_desk_withdraw;
extern const OskDeskVerb osk_desk_end_link;

/* "oilskin desk: NAME: what is wrong" and what helps, made printable: it may be the server's word.
 * Returns the exit code. */
int osk_desk_explain(const char *name, const OskFault *fault);

/* The keys of -i, asking for their passphrases. 0, or the exit code after it was said. */
int osk_desk_read_keys(const OskDeskAsked *asked, OskIdentities *out);

#endif
