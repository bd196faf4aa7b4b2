/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request to /uploads/ from its headers to its answer:
 *
 *   begin: ask ─▶ door ─▶ prepare (errand) ─▶ body: take, write, save ─▶ finish (errand) ─▶ answer
 *                 wait     create, open                     64 MiB          commit, submit
 *
 * A thread of HTTP looks at it in begin(), body() and end() (upload_tus.c); between them an errand,
 * the receipts' pool or the submitter has it (upload_steps.c), and the request is paused. */
#ifndef OSK_INTAKE_UPLOAD_SENDING_H
#define OSK_INTAKE_UPLOAD_SENDING_H

#include "http/digest.h"
#include "intake/finished.h"
#include "intake/upload_answer.h"
#include "intake/upload_tus.h"
#include "intake/visit.h"

#define OSK_BUSY_RETRY_S 30u

typedef enum OskSendingStage {
    OSK_STAGE_DOOR,    /* waits to be let in */
    OSK_STAGE_AWAY,    /* an errand, or what followed it, has it */
    OSK_STAGE_BODY,    /* takes bytes */
    OSK_STAGE_READY,   /* `result` is the answer */
    OSK_STAGE_ANSWERED /* what still comes is read past */
} OskSendingStage;

typedef struct OskSending {
    OskVisit visit;
    const OskIntakeParts *parts;
    OskFinished *finished;
    OskUploadAsk ask;
    OskUploadResult result;
    OskSendingStage stage;
    OskUpload *upload; /* open for the body */
    OskDigester *digester;
    bool holds_back;  /* a checksum stands over the body: all of it is kept, or nothing */
    uint64_t unsaved; /* bytes since the last commit */
    bool stood_still; /* a commit did not make room */
    bool took_bytes;
    bool has_news;   /* for an interim answer */
    OskLookup draft; /* with a receipt in the metadata */
    uint8_t draft_key[32];
} OskSending;

/* The end of its way on other threads. */
void osk_sending_come_back(OskSending *sending, OskSendingStage stage);
/* Frees it; what came of the body is kept. An errand, since it writes to the disk. */
void osk_sending_close(OskErrand *errand);

void osk_sending_refuse(OskSending *sending, unsigned status, const char *what, const char *next);
void osk_sending_refuse_fault(OskSending *sending, const OskFault *fault);
/* Closes the upload; what came is kept, where nothing holds it back. Blocks. */
void osk_sending_end_upload(OskSending *sending);

void osk_sending_refuse_length(OskSending *sending);

/* ---- steps: each an errand that ends in osk_sending_come_back() ---- */
void osk_step_create(OskErrand *errand); /* POST, up to its body */
void osk_step_append(OskErrand *errand); /* PATCH, up to its body */
void osk_step_look(OskErrand *errand);   /* HEAD */
void osk_step_drop(OskErrand *errand);   /* DELETE */
void osk_step_save(OskErrand *errand);   /* makes durable what came so far */
void osk_step_stop(OskErrand *errand);   /* a refusal in the middle: what came stays */
void osk_step_finish(OskErrand *errand); /* the body is whole */

#endif
