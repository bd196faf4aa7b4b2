/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `oilskin setup` writes: one function for each file, all of them text. */
#ifndef OSK_CLI_SETUP_FILES_H
#define OSK_CLI_SETUP_FILES_H

#include <stdio.h>

#include "oilskin/seal.h"

#define OSK_SETUP_KEYS_MAX 16u

typedef struct OskSetup {
    char operator_name[256];
    char readers[512];
    char contact[256];
    unsigned keep_days;
    char site[256]; /* "drop.example.org", or "" for an onion address alone */
    char keys[OSK_SETUP_KEYS_MAX][OSK_RECIPIENT_TEXT_BYTES];
    size_t key_count;
    const char *program; /* the path of this one */
    const char *data;    /* where submissions will be kept */
} OskSetup;

typedef struct OskSetupFile {
    const char *name;
    void (*write)(FILE *file, const OskSetup *setup);
    bool needs_site; /* is written only where there is one */
} OskSetupFile;

/* Ends with a name of NULL. */
extern const OskSetupFile osk_setup_files[];

#endif
