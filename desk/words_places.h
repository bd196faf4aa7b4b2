/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that people have in networks. */
#ifndef OSK_DESK_WORDS_PLACES_H
#define OSK_DESK_WORDS_PLACES_H

#include "desk/words_line.h"

/* "@anna", "@anna@mastodon.example": the end of what begins at its @, or OSK_WORDS_NONE. */
size_t osk_words_match_handle(const OskWordsLine *line, size_t at);
/* "IG: anna", "insta anna_b", "微信号 anna99", "u/anna"; "line: people waited" is none. */
size_t osk_words_match_named(const OskWordsLine *line, size_t at);

#endif
