/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text as words_check compares it: letter by letter, each in its plain form, without what is not
 * seen. What matches says where it ends when it begins at a place; NONE when it does not begin
 * there. */
#ifndef OSK_DESK_WORDS_LINE_H
#define OSK_DESK_WORDS_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "desk/words_check.h"

#define OSK_WORDS_NONE SIZE_MAX
#define OSK_WORDS_BULLET 0xB7u

/* The letters that are seen. */
typedef struct OskWordsLine {
    uint32_t plain[OSK_WORDS_LETTERS_MAX + 1]; /* as it is compared; 0 behind the last */
    uint16_t at[OSK_WORDS_LETTERS_MAX + 1];    /* its number in the text */
    uint16_t from[OSK_WORDS_LETTERS_MAX + 1];  /* bytes of the text before it */
    uint16_t to[OSK_WORDS_LETTERS_MAX + 1];    /* and up to its end */
    size_t count;
} OskWordsLine;

typedef struct OskWordsSpan {
    uint32_t first;
    uint32_t last; /* 0: it ends a list */
} OskWordsSpan;

/* @param text UTF-8; what is none is passed over. */
void osk_words_read(const char *text, OskWordsLine *out);

bool osk_words_is_within(uint32_t letter, const OskWordsSpan *spans);
/* Of ASCII. */
bool osk_words_is_one_of(uint32_t letter, const char *these);
bool osk_words_is_digit(uint32_t letter);
bool osk_words_is_latin(uint32_t letter);
bool osk_words_is_capital(uint32_t letter);
/* Of any script; no sign, no emoji. */
bool osk_words_is_letter(uint32_t letter);
bool osk_words_is_blank(uint32_t letter);
/* Of an address of mail, before its @. */
bool osk_words_is_wordy(uint32_t letter);
bool osk_words_is_of_host(uint32_t letter);
/* A picture or an arrow. */
bool osk_words_is_drawn(uint32_t letter);

size_t osk_words_pass(const OskWordsLine *line, size_t at, bool (*is)(uint32_t letter));
/* Without the signs of `trailing` at the end of [from, end). */
size_t osk_words_trim(const OskWordsLine *line, size_t from, size_t end, const char *trailing);

/* The end of the longest of `words` that begins here; no letter goes on behind one that ends in a
 * Latin letter. @param words UTF-8, small, the last is NULL. */
size_t osk_words_match(const OskWordsLine *line, size_t at, const char *const *words);
/* The start of the longest that ends here. */
size_t osk_words_match_before(const OskWordsLine *line, size_t end, const char *const *words);
/* Whether [at, end) is one of them. */
bool osk_words_is_any(const OskWordsLine *line, size_t at, size_t end, const char *const *words);

#endif
