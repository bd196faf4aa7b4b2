/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sender who comes back with a receipt finds and may do. Words between desk and sender are
 * JSON inside their seal, {"schema": "oilskin/message/1", "text": "…"}, with zeros behind it that
 * hide its length. */
#ifndef OSK_INTAKE_LETTERS_H
#define OSK_INTAKE_LETTERS_H

#include "intake/submission.h"
#include "store/store.h"

/* Of the text of one reply: a desk writes longer ones in pieces. */
#define OSK_LETTER_BYTES (8u * 1024)

typedef enum OskReturnState {
    OSK_RETURN_NONE, /* nothing is known of it: wrong words, or nothing ever came */
    OSK_RETURN_BEGUN,
    OSK_RETURN_RECEIVED,
    OSK_RETURN_WITHDRAWN
} OskReturnState;

typedef struct OskReturn {
    OskReturnState state;
    uint32_t file_count;
    uint32_t upload_count; /* of the draft: begun, not part of a submission yet */
} OskReturn;

typedef struct OskLetter {
    uint32_t number; /* from 0, in the order of writing */
    bool from_desk;
    OskDay day;
    const char *text; /* lent for the call; NULL for the sender's own, which only the desk opens,
                       * and for what does not open */
} OskLetter;

/* Blocks for the store. @param each is called for each letter, in order; false ends it; NULL for
 * none. Errors: IO, NO_MEMORY. */
OskStatus osk_letters_read(OskStore *store, const OskReceipt *receipt, OskReturn *out,
                           bool (*each)(void *context, const OskLetter *letter), void *context,
                           OskFault *fault);

/* Deletes the submission of the receipt, and what was begun with it; a row that holds nothing else
 * says that it was withdrawn. Blocks for the store. What is not there is withdrawn already.
 * @param submitter where a submission may be on its way that is in no row yet: then such a row is
 *        left, and its commit finds it. NULL for none.
 * Errors: IO, LIMIT; UNSUPPORTED, and nothing is deleted, while the desk has it on hold. */
OskStatus osk_letters_withdraw(OskStore *store, OskSubmitter *submitter, const OskReceipt *receipt,
                               const OskRandom *random, OskFault *fault);

#endif
