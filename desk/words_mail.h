/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses of mail and of pages, also as people spell them. Each says where it ends when it begins
 * at `at`, or OSK_WORDS_NONE. */
#ifndef OSK_DESK_WORDS_MAIL_H
#define OSK_DESK_WORDS_MAIL_H

#include "desk/words_line.h"

/* The machine of an address of mail: "example.org", "localhost". */
size_t osk_words_match_host(const OskWordsLine *line, size_t at);
/* "anna@example.org" */
size_t osk_words_match_email(const OskWordsLine *line, size_t at);
/* "https://example.org/a", "www.example.org", "t.me/anna" */
size_t osk_words_match_link(const OskWordsLine *line, size_t at);
/* "anna [at] example [dot] org", "anna at gmail dot com", "example (dot) org" */
size_t osk_words_match_spelled(const OskWordsLine *line, size_t at, OskWordsKind *out_kind);

#endif
