/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What in a text leads to a person: phone numbers, addresses of mail, handles, links. It finds what
 * somebody did not mean to write, not what somebody hides. tests/web/words_check.json has the rules
 * and the cases that this finds, and the page's check (web/app/words_check.ts) too. */
#ifndef OSK_DESK_WORDS_CHECK_H
#define OSK_DESK_WORDS_CHECK_H

#include <stddef.h>

/* Letters of a text that are looked at; the longest that becomes public, or goes to a sender, has no more. */
#define OSK_WORDS_LETTERS_MAX 8192u

typedef enum OskWordsKind {
    OSK_WORDS_PHONE,
    OSK_WORDS_EMAIL,
    OSK_WORDS_HANDLE,
    OSK_WORDS_LINK
} OskWordsKind;

typedef struct OskWordsFinding {
    OskWordsKind kind;
    size_t at;        /* in letters (code points) of the text */
    const char *text; /* within it */
    size_t len;       /* in bytes */
} OskWordsFinding;

/* In the order in which they stand, none over another. @param text UTF-8.
 * @return how many there are; the first `max` of them are in `out`. */
size_t osk_words_check(const char *text, OskWordsFinding *out, size_t max);
/* "phone", "email", "handle", "link"; static. */
const char *osk_words_kind_name(OskWordsKind kind);

#endif
