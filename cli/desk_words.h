/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words that leave the desk are looked through for what leads to a person, before anybody is asked
 * for them. */
#ifndef OSK_CLI_DESK_WORDS_H
#define OSK_CLI_DESK_WORDS_H

#include "cli/desk_verb.h"

/* What somebody wrote. */
typedef struct OskDeskText {
    const char *name; /* as it is told: "--caption" */
    const char *text; /* UTF-8; NULL for none */
} OskDeskText;

/* Prints each finding of desk/words_check.h.
 * @return the exit code; 0 where nothing leads to a person, or --words-checked says that it is
 * meant. */
int osk_desk_look_at_words(const OskDeskAsked *asked, const OskDeskText *texts, size_t count);

#endif
