/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration of `oilskin serve`: a table of keys, read from an INI file. */
#ifndef OSK_CLI_SERVE_CONFIG_H
#define OSK_CLI_SERVE_CONFIG_H

#include <limits.h>

#include "intake/intake.h"
#include "publish/publish.h"

/* With those of the figures and of the desk, as many as a process hands over to its successor. */
#define OSK_CONFIG_LISTEN_MAX 6u
#define OSK_CONFIG_RECIPIENTS_MAX 16u
#define OSK_CONFIG_ADDRESS_BYTES 128u
/* Of a whole file: a configuration is some hundred lines at most. */
#define OSK_CONFIG_BYTES ((size_t)256 * 1024)
/* Of one line, as far as the library that reads them goes. */
#define OSK_CONFIG_LINE_BYTES 198u

typedef struct OskServeConfig {
    char listen[OSK_CONFIG_LISTEN_MAX][OSK_CONFIG_ADDRESS_BYTES];
    size_t listen_count;
    char metrics[OSK_CONFIG_ADDRESS_BYTES];     /* "" for none */
    char desk_listen[OSK_CONFIG_ADDRESS_BYTES]; /* "" for no desk */
    char desk_origin[OSK_CONFIG_ADDRESS_BYTES]; /* "" for whatever address of this machine */
    bool triage_at_desk;                        /* reviewers' machines fold, not this one */
    char triage_key[PATH_MAX];                  /* "" for the one in `data` */
    bool has_triage_recipient;
    OskRecipient triage_recipient; /* of packs; with `triage_at_desk` */
    char data[PATH_MAX];
    char pages[PATH_MAX];   /* "" for those of the program */
    char backups[PATH_MAX]; /* "" for none: where doctor looks for the newest one */
    bool behind_proxy;      /* requests may name any host */
    char language[8];
    OskRecipient recipients[OSK_CONFIG_RECIPIENTS_MAX];
    size_t recipient_count;
    unsigned sealed_total_mib;
    unsigned file_max_mib;
    unsigned submission_max_mib;
    OskIntakeOptions intake; /* these two complete after osk_config_finish() */
    OskPublishOptions publish;
    bool second_person;    /* nothing is public before two have said so */
    unsigned copy_max_mib; /* of one that is to be public */
} OskServeConfig;

typedef struct OskConfigFault {
    unsigned line;    /* from 1; 0 where it is not about one */
    char key[64];     /* as in the file, "" for none */
    const char *what; /* static, one clause */
} OskConfigFault;

void osk_config_init(OskServeConfig *config);
/* Adds what the text says. False with the first fault, which names its line and key; what was read
 * before it stays in `config`.
 * @param text need not end in a NUL. */
bool osk_config_parse(OskServeConfig *config, const char *text, size_t len, OskConfigFault *fault);
/* The same with all of a file. */
bool osk_config_read(OskServeConfig *config, const char *path, OskConfigFault *fault);
/* Says what is wrong: the file (NULL for the command line), the line, the key. */
void osk_config_say(const char *command, const char *path, const OskConfigFault *fault);
/* Adds one value as if the file said it: what stands on the command line. */
bool osk_config_set(OskServeConfig *config, const char *section, const char *key, const char *value,
                    OskConfigFault *fault);
/* What a drop can't open without: who runs it, who reads, a contact, for how long, a recipient, an
 * address, a folder. Lets config->intake point to the members: don't copy the struct after it. */
bool osk_config_finish(OskServeConfig *config, OskConfigFault *fault);

#endif
