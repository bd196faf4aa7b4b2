/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers: which of them are phones. */
#ifndef OSK_DESK_WORDS_NUMBERS_H
#define OSK_DESK_WORDS_NUMBERS_H

#include "desk/words_line.h"

/* What is surely none begins at `at`: a date, a time, a place on a map. @return its end, or
 * OSK_WORDS_NONE. */
size_t osk_words_match_moment(const OskWordsLine *line, size_t at);
/* Of what stands between two digits of one number. */
bool osk_words_is_gap(uint32_t letter);
/* A run of digits and what stands between them, as far as its last digit. */
size_t osk_words_match_digits(const OskWordsLine *line, size_t at);
/* Whether the run [at, end) may be a phone's. */
bool osk_words_is_phone(const OskWordsLine *line, size_t at, size_t end);

#endif
