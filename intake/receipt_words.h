/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words that receipts are made of: our own list, sorted, no two alike in their first four
 * letters. */
#ifndef OSK_INTAKE_RECEIPT_WORDS_H
#define OSK_INTAKE_RECEIPT_WORDS_H

#define OSK_RECEIPT_WORD_COUNT 2048u /* 11 bits a word */
#define OSK_RECEIPT_WORD_LETTERS 8u  /* at most; at least four */

extern const char *const osk_receipt_words[OSK_RECEIPT_WORD_COUNT];

#endif
