/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers to requests to /uploads/, in the words of the protocol that asked. */
#ifndef OSK_INTAKE_UPLOAD_ANSWER_H
#define OSK_INTAKE_UPLOAD_ANSWER_H

#include "intake/receipt.h"
#include "intake/submission.h"
#include "intake/upload_ask.h"

typedef struct OskUploadResult {
    OskRefusal refusal;                 /* status 0: none */
    unsigned retry_s;                   /* with a refusal: Retry-After; 0 for none */
    OskUploadState state;               /* where the upload is known */
    bool has_state;                     /* `state` is; with a refusal: its offset helps */
    char token[OSK_TOKEN_TEXT_BYTES];   /* of a new upload; else "" */
    char words[OSK_RECEIPT_TEXT_BYTES]; /* the receipt that was drawn for it; else "" */
    bool is_submitted;                  /* all of it is part of a submission, with `outcome` */
    OskFileOutcome outcome;
    uint64_t max; /* bytes of an upload */
} OskUploadResult;

void osk_upload_answer(OskRequest *request, const OskUploadAsk *ask, const OskUploadResult *result);
/* The refusal of a fault: IO 500; NO_MEMORY 503; LIMIT 503, of OSK_FAULT_DISK 507, of
 * OSK_FAULT_PIECES 413, of OSK_FAULT_FULL 403; MISUSE of OSK_FAULT_WITHDRAWN 410; an unknown token
 * 404. */
OskRefusal osk_refusal_of(const OskFault *fault);

/* Tells a client of the draft, before the final answer, where its new upload is and how much of it
 * is durable (104), when it can read that. From body(). */
void osk_upload_announce(OskRequest *request, const OskUploadAsk *ask,
                         const OskUploadResult *result);

#endif
