/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sentences that a worker may cause to be shown. They are collected from its sources at build
 * time (worker/words.py), so that a number stands for each, and nothing that a hostile worker makes
 * up reaches a person's eyes. */
#ifndef OSK_HOST_WORKER_WORDS_H
#define OSK_HOST_WORKER_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* Sorted; the first is "". */
extern const char *const osk_worker_words[];
extern const uint32_t osk_worker_word_count;

/* The number of a sentence; 0 for one that is not in the list, and for NULL. */
uint32_t osk_worker_word_find(const char *word);
/* Of the whole list: two programs that were not built together differ in it. */
uint32_t osk_worker_words_sum(void);
/* NULL past the end. */
const char *osk_worker_word(uint32_t number);

#endif
