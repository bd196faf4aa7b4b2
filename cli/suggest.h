/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was probably meant. */
#ifndef OSK_CLI_SUGGEST_H
#define OSK_CLI_SUGGEST_H

#include <stddef.h>

/* How many letters must change, come, go or swap places to make one word of the other; at most
 * SUGGEST_FAR for words that have little in common. */
unsigned osk_suggest_distance(const char *typed, const char *word);

#define OSK_SUGGEST_FAR 99u

/* True when the distance is small enough for a typing error in a word of that length. */
int osk_suggest_is_near(unsigned distance, const char *typed);

#endif
