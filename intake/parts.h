/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the ways into the drop share: uploads (upload_tus.h), programs (api.h) and pages (drop.h).
 */
#ifndef OSK_INTAKE_PARTS_H
#define OSK_INTAKE_PARTS_H

#include "http/errands.h"
#include "http/templates.h"
#include "intake/receipt.h"
#include "intake/submission.h"

/* The drop's pages: what a template is of. */
typedef enum OskPage {
    OSK_PAGE_DROP,
    OSK_PAGE_WAITING,
    OSK_PAGE_RECEIVED,
    OSK_PAGE_RECEIPT,
    OSK_PAGE_PROBLEM,
    OSK_PAGE_COUNT
} OskPage;

/* Everything is lent and must outlive who is given it. */
typedef struct OskIntakeParts {
    OskStore *store;
    OskSpool *spool;
    OskSubmitter *submitter;
    OskReceiptPool *receipts;
    OskAdmission *admission;
    OskErrands *errands;
    const OskTemplates *templates;
    const OskRandom *random;
} OskIntakeParts;

#endif
