/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Receipts: eight words, with which a sender, and nobody else, comes back. */
#ifndef OSK_INTAKE_RECEIPT_H
#define OSK_INTAKE_RECEIPT_H

#include "oilskin/random.h"
#include "oilskin/seal.h"
#include "store/store.h"

#define OSK_RECEIPT_WORDS 8u
#define OSK_RECEIPT_TEXT_BYTES 96u /* eight words of at most ten letters, spaces, NUL */

/* Draws one: 88 bits. The text is small letters and single spaces. */
OskStatus osk_receipt_draw(char out[OSK_RECEIPT_TEXT_BYTES], const OskRandom *random);
/* Reads what a person typed: any case, any white space, commas, numbers before the words; four
 * letters of a word are enough. False when it is no receipt, with the number of the first wrong
 * word (from 1, 0 for a wrong count); `out` is then zeros. */
bool osk_receipt_read(char out[OSK_RECEIPT_TEXT_BYTES], const char *text, unsigned *out_wrong);

/* What is derived of it: wipe. */
typedef struct OskReceipt {
    OskLookup lookup;      /* of the submission, and of the draft before it */
    OskIdentity identity;  /* replies are sealed to it */
    uint8_t draft_key[32]; /* opens the tokens of its uploads */
} OskReceipt;

/* Argon2id of the words takes 64 MiB and some tenths of a second: a fixed number of threads does
 * it, fair between those who wait. */
typedef struct OskReceiptPool OskReceiptPool;
OskStatus osk_receipt_pool_open(OskReceiptPool **out, const uint8_t salt[16], unsigned threads);
/* `done` is called from a thread of the pool, once; `receipt` is wiped after it; NULL when memory
 * ended. `words` are copied into locked memory. */
OskStatus osk_receipt_derive(OskReceiptPool *pool, const char *words,
                             void (*done)(void *context, const OskReceipt *receipt), void *context);
void osk_receipt_pool_close(OskReceiptPool **pool);

#endif
